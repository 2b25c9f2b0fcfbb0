package optimizing_test

import "fmt"

func Example_deferPerTurn() {
	for _, name := range []string{"a", "b"} {
		func() {
			fmt.Println("open", name)
			defer fmt.Println("close", name)
			fmt.Println("use", name)
		}()
	}
	// Output:
	// open a
	// use a
	// close a
	// open b
	// use b
	// close b
}
