package optimizing_test

import (
	"fmt"

	"github.com/go-deep-dive/godeep/optimizing"
)

func ExampleRangeEvery() {
	for v := range optimizing.RangeEvery([]string{"a", "b", "c", "d", "e"}, 2) {
		fmt.Print(v, " ")
	}
	fmt.Println()
	// Output: a c e
}
