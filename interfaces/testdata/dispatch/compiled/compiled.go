// Package compiled holds small functions whose machine code a test looks at.
package compiled

import (
	"fmt"
	"io"
)

type shape interface{ area() int }

type square struct{ side int }

//go:noinline
func (s *square) area() int { return s.side * s.side }

//go:noinline
func callDirect(s *square) int { return s.area() + 1 }

//go:noinline
func callInterface(s shape) int { return s.area() + 1 }

//go:noinline
func callFunction(f func() int) int { return f() + 1 }

//go:noinline
func callGeneric[T shape](s T) int { return s.area() + 1 }

//go:noinline
func assertConcrete(v any) bool { _, ok := v.(*square); return ok }

//go:noinline
func assertInterface(v any) bool { _, ok := v.(shape); return ok }

//go:noinline
func switchInterfaces(v any) int {
	switch v.(type) {
	case shape:
		return 1
	case error:
		return 2
	case io.Reader:
		return 3
	}
	return 0
}

//go:noinline
func sharedName[T any](v T) string { return fmt.Sprintf("%T", v) }

// Use instantiates the generic functions.
func Use() {
	s := &square{2}
	fmt.Println(callDirect(s), callInterface(s), callFunction(s.area), callGeneric(s),
		assertConcrete(s), assertInterface(s), switchInterfaces(s), sharedName(s), sharedName(1))
}
