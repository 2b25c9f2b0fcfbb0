package errors_test

import (
	"fmt"
	"strconv"
)

// The := in the if declares a second err. The first stays nil.
func Example_shadowedErr() {
	var n int
	var err error
	if true {
		n, err := strconv.Atoi("x")
		fmt.Println("inside: ", n, err)
	}
	fmt.Println("outside:", n, err)
	// Output:
	// inside:  0 strconv.Atoi: parsing "x": invalid syntax
	// outside: 0 <nil>
}
