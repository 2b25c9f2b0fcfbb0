package interfaces_test

import "fmt"

// The type parameter that must be named comes first; the other one is inferred.
func Example_inferPartial() {
	sizes := inferConvert[float64]([]int{1, 2, 3})
	fmt.Printf("%T %v\n", sizes, sizes)
	// Output: []float64 [1 2 3]
}

func inferConvert[To, From ~int | ~float64](values []From) []To {
	converted := make([]To, len(values))
	for i, v := range values {
		converted[i] = To(v)
	}
	return converted
}
