package interfaces_test

import (
	"fmt"
	"strings"
)

// filter is a function type with a method, so that any function of this signature
// gets the method by a conversion.
type filter func(string) bool

func (f filter) And(g filter) filter {
	return func(s string) bool { return f(s) && g(s) }
}

func Example_receiverFunc() {
	short := filter(func(s string) bool { return len(s) < 4 })
	lower := filter(func(s string) bool { return s == strings.ToLower(s) })
	both := short.And(lower)
	fmt.Println("abc:", both("abc"))
	fmt.Println("ABC:", both("ABC"))
	// Output:
	// abc: true
	// ABC: false
}

type stack []int

func (s *stack) Push(v int) { *s = append(*s, v) }
func (s stack) Top() int    { return s[len(s)-1] }

// A method that changes the length of a slice needs a pointer receiver.
func Example_receiverSlice() {
	var s stack
	s.Push(1) // (&s).Push(1)
	s.Push(2)
	fmt.Println("top:", s.Top())
	fmt.Println("all:", s)
	// Output:
	// top: 2
	// all: [1 2]
}
