package optimizing_test

import (
	"fmt"

	"github.com/go-deep-dive/godeep/optimizing"
)

// A million records of which a loop reads 4 bytes each.
func ExampleCacheLines() {
	const n = 1_000_000
	fmt.Println("records of 128 bytes:", optimizing.CacheLines(n, 128, 0, 4, 64))
	fmt.Println("records of 64 bytes: ", optimizing.CacheLines(n, 64, 0, 4, 64))
	fmt.Println("records of 16 bytes: ", optimizing.CacheLines(n, 16, 0, 4, 64))
	fmt.Println("a slice of numbers:  ", optimizing.CacheLines(n, 4, 0, 4, 64))
	// Output:
	// records of 128 bytes: 1000000
	// records of 64 bytes:  1000000
	// records of 16 bytes:  250000
	// a slice of numbers:   62500
}
