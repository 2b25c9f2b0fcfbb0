package errors_test

import "fmt"

// Only the newest panic can be recovered; the one that it replaced is gone.
func Example_repanicReplaces() {
	defer func() { fmt.Println("recovered:", recover()) }()
	defer func() { panic("cleanup failed") }()
	panic("the cause")
	// Output:
	// recovered: cleanup failed
}
