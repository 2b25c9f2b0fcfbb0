package optimizing_test

import (
	"fmt"

	"github.com/go-deep-dive/godeep/optimizing"
)

func ExampleMemoCost() {
	square := optimizing.MemoCost(func(n int) int {
		fmt.Println("computing", n)
		return n * n
	})
	fmt.Println(square(7))
	fmt.Println(square(7))
	// Output:
	// computing 7
	// 49
	// 49
}
