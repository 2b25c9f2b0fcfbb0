package memory_test

import (
	"fmt"

	"github.com/go-deep-dive/godeep/memory"
)

// A function can change what a pointer parameter points to, but not where the
// caller's pointer points.
func Example_valuePointerParameter() {
	move := func(p *int) {
		n := *p + 1
		p = &n
		fmt.Println("in move:", *p)
	}
	write := func(p *int) { *p = 3 }
	n := 1
	p := &n
	move(p)
	fmt.Println("after move:", *p)
	write(p)
	fmt.Println("after write:", *p)
	// Output:
	// in move: 2
	// after move: 1
	// after write: 3
}

// Assigning a struct shares what its slices and maps hold.
func ExampleProfile() {
	a := memory.Profile{Name: "a", Emails: []string{"a@example.com"}}
	b := a
	b.Name, b.Emails[0] = "b", "b@example.com"
	fmt.Println(a.Name, a.Emails)
	// Output:
	// a [b@example.com]
}

// Clone shares nothing.
func ExampleProfile_Clone() {
	a := &memory.Profile{Name: "a", Emails: []string{"a@example.com"}}
	b := a.Clone()
	b.Name, b.Emails[0] = "b", "b@example.com"
	fmt.Println(a.Name, a.Emails)
	// Output:
	// a [a@example.com]
}
