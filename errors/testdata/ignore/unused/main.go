// Unused makes errors and forgets to return them.
package main

import (
	"errors"
	"fmt"
)

func check(n int) error {
	if n < 0 {
		fmt.Errorf("%d is negative", n)
	}
	if n == 0 {
		errors.New("zero")
	}
	if n > 9 {
		newError("too large")
	}
	return nil
}

func newError(text string) error { return errors.New(text) }

func main() { fmt.Println(check(-1), check(0), check(10)) }
