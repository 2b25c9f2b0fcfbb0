package optimizing_test

import (
	"fmt"
	"sync"
)

func Example_lazyInit() {
	squares := sync.OnceValue(func() []int {
		fmt.Println("computing")
		squares := make([]int, 10)
		for i := range squares {
			squares[i] = i * i
		}
		return squares
	})

	fmt.Println("started")
	fmt.Println(squares()[3])
	fmt.Println(squares()[4])
	// Output:
	// started
	// computing
	// 9
	// 16
}
