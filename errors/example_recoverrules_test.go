package errors_test

import "fmt"

func recoverRulesHelper() {
	if r := recover(); r != nil {
		fmt.Println("helper recovered:", r)
	}
}

// A helper that calls recover must be deferred itself. Called by the deferred
// function, it gets nil, and the panic goes on to the next deferred function.
func Example_recoverRulesHelper() {
	defer func() { fmt.Println("outer recovered:", recover()) }()
	func() {
		defer recoverRulesHelper()
		panic("first")
	}()
	func() {
		defer func() { recoverRulesHelper() }()
		panic("second")
	}()
	// Output:
	// helper recovered: first
	// outer recovered: second
}
