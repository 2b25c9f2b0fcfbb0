package schedgc_test

import (
	"fmt"

	"github.com/go-deep-dive/godeep/schedgc"
)

// kept makes the values of the examples escape.
var kept []any

func ExampleCountAllocs() {
	type record struct{ _ [100]byte }
	kept = make([]any, 0, 1000)
	allocs := schedgc.CountAllocs(func() {
		for range 1000 {
			kept = append(kept, new(record))
		}
	})
	fmt.Println("slots of 112 bytes, at least 1000:", allocs.Small[112] >= 1000)
	// Output: slots of 112 bytes, at least 1000: true
}

func ExampleClassAllocs() {
	kept = make([]any, 0, 2)
	allocs := schedgc.CountAllocs(func() {
		kept = append(kept, new([100_000]byte), new([1]byte))
	})
	fmt.Println("large:", allocs.Large >= 1)
	// Output: large: true
}
