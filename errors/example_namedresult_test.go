package errors_test

import "fmt"

// The named result gives 2: return stores 1 in it, and the deferred function
// then increments it. The unnamed one gives 1: the closure increments the local
// variable, after its value was copied to the result. A named result that is
// copied to a local variable, which the closure increments, gives 1 too. What
// counts is whether the variable in the closure is the result itself.
//
//claim:ask Three functions return 1 and increment in a defer: a named result, a local variable, a copy of the result. What do they return?
//claim:source https://go.dev/ref/spec#Defer_statements
func Example_namedResultThree() {
	named := func() (n int) {
		defer func() { n++ }()
		return 1
	}
	unnamed := func() int {
		n := 1
		defer func() { n++ }()
		return n
	}
	local := func() (n int) {
		n = 1
		c := n
		defer func() { c++ }()
		return c
	}
	fmt.Println("named result:", named())
	fmt.Println("local variable:", unnamed())
	fmt.Println("copy of the result:", local())
	// Output:
	// named result: 2
	// local variable: 1
	// copy of the result: 1
}
