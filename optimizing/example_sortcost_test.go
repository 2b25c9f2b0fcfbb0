package optimizing_test

import (
	"fmt"

	"github.com/go-deep-dive/godeep/optimizing"
)

func ExampleSortCostTop() {
	sizes := []int{120, 7, 990, 45, 3, 600}
	fmt.Println("largest 3:", optimizing.SortCostTop(sizes, 3))
	fmt.Println("unchanged:", sizes)
	fmt.Println("k > n:    ", optimizing.SortCostTop(sizes[:2], 10))
	// Output:
	// largest 3: [990 600 120]
	// unchanged: [120 7 990 45 3 600]
	// k > n:     [120 7]
}
