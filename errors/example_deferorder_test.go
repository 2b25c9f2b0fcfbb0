package errors_test

import "fmt"

func deferOrderNote(s string) string {
	fmt.Println("evaluated:", s)
	return s
}

// Deferred calls run when the function returns, the last one first. Their
// arguments are evaluated at once, at the defer statement, and a nested call in
// an argument is such an evaluation: it runs now. A closure has no argument
// here and reads the variable at the end. So three things are to be told apart
// in each such puzzle: what runs at the statement, what is stored then, and
// what is read later.
//
//claim:ask What is printed by a function with several defers, with arguments, closures and a nested call as an argument?
//claim:source https://go.dev/ref/spec#Defer_statements
func Example_deferOrderPuzzle() {
	func() {
		x := 1
		defer fmt.Println("4th: argument", x)
		defer func() { fmt.Println("3rd: closure", x) }()
		defer fmt.Println("2nd:", deferOrderNote("nested call"))
		defer func(n int) { fmt.Println("1st: parameter", n, "closure", x) }(x)
		x = 2
		fmt.Println("body ends, x =", x)
	}()
	// Output:
	// evaluated: nested call
	// body ends, x = 2
	// 1st: parameter 1 closure 2
	// 2nd: nested call
	// 3rd: closure 2
	// 4th: argument 1
}
