package errors_test

import "fmt"

// A function literal called in the loop gives each turn its own end, and with it
// a cheap defer.
func Example_deferCostLoopBody() {
	for i := range 2 {
		func() {
			defer fmt.Println("turn", i, "ends")
			fmt.Println("turn", i)
		}()
	}
	// Output:
	// turn 0
	// turn 0 ends
	// turn 1
	// turn 1 ends
}
