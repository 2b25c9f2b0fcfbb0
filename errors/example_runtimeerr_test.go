package errors_test

import (
	"fmt"
	"runtime"
)

// The runtime panics with values that implement runtime.Error; panics of the
// program's own code do not, unless it passes such a value on.
func Example_runtimeErrKind() {
	try := func(f func()) {
		defer func() {
			r := recover()
			_, ok := r.(runtime.Error)
			fmt.Printf("runtime: %-5t %v\n", ok, r)
		}()
		f()
	}
	numbers, i, zero := []int{1, 2, 3}, 5, 0.0
	try(func() { fmt.Println(numbers[i]) })
	try(func() { panic("of my own") })
	try(func() { fmt.Println("float:", 1/zero) })
	// Output:
	// runtime: true  runtime error: index out of range [5] with length 3
	// runtime: false of my own
	// float: +Inf
	// runtime: false <nil>
}
