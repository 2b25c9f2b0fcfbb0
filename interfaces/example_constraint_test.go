package interfaces_test

import (
	"fmt"
	"time"
)

// With a tilde the constraint takes defined types as well, and the result keeps the
// type of the arguments.
func Example_constraintTilde() {
	fmt.Println("numbers:  ", constraintTotal(1, 2, 3))
	fmt.Println("durations:", constraintTotal(time.Minute, 30*time.Second))
	// Output:
	// numbers:   6
	// durations: 1m30s
}

func constraintTotal[T ~int | ~int64 | ~float64](values ...T) (total T) {
	for _, v := range values {
		total += v
	}
	return total
}
