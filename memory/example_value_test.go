package memory_test

import (
	"fmt"

	"github.com/go-deep-dive/godeep/memory"
)

// The caller's pointer stays where it was after move, and changes with a returned
// pointer or through a pointer to it.
func Example_pointerParameter() {
	move := func(p *string) {
		moved := "not " + *p
		p = &moved
		fmt.Println("inside move: ", *p)
	}
	write := func(p *string) { *p = "written" }
	returned := func(*string) *string { s := "returned"; return &s }
	through := func(p **string) { s := "through"; *p = &s }

	name := "old"
	p := &name
	move(p)
	fmt.Println("after move:  ", *p)
	write(p)
	fmt.Println("after write: ", *p, name)
	p = returned(p)
	fmt.Println("after return:", *p, name)
	through(&p)
	fmt.Println("after **T:   ", *p, name)
	// Output:
	// inside move:  not old
	// after move:   old
	// after write:  written written
	// after return: returned written
	// after **T:    through written
}

// The copy's slice still leads to the array of the original, so writing through it
// changes the original and not the copy. A struct that points into itself has to be
// passed by pointer, or needs a method that copies it and sets the field again.
//
//claim:ask A struct holds a slice of its own array field: what happens when I copy the struct?
//claim:source https://go.dev/ref/spec#Slice_types
func Example_selfPointer() {
	type text struct {
		array [2]string
		used  []string
	}
	a := text{array: [2]string{"a", "a"}}
	a.used = a.array[:1]
	b := a
	b.used[0] = "changed"
	fmt.Println("original:", a.array)
	fmt.Println("copy:    ", b.array)
	// Output:
	// original: [changed a]
	// copy:     [a a]
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
