package optimizing_test

import (
	"fmt"
	"strings"
)

// A constraint by operators is compiled for the type; it needs neither a method
// nor an interface value.
func Example_genericsOperators() {
	type celsius float64
	fmt.Println("ints:   ", genericsLargest([]int{3, 9, 4}))
	fmt.Println("celsius:", genericsLargest([]celsius{21.5, 19}))
	fmt.Println("strings:", strings.ToUpper(genericsLargest([]string{"pear", "apple"})))
	// Output:
	// ints:    9
	// celsius: 21.5
	// strings: PEAR
}

func genericsLargest[T ~int | ~float64 | ~string](s []T) T {
	largest := s[0]
	for _, v := range s[1:] {
		largest = max(largest, v)
	}
	return largest
}
