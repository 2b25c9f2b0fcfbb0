package memory_test

import (
	"fmt"

	"github.com/go-deep-dive/godeep/memory"
)

func ExampleNextCap() {
	for _, c := range []int{100, 256, 512, 4096} {
		next := memory.NextCap(c+1, c)
		fmt.Printf("%4d -> %4d, factor %.2f\n", c, next, float64(next)/float64(c))
	}
	fmt.Println("many at once:", memory.NextCap(5, 2))
	// Output:
	//  100 ->  200, factor 2.00
	//  256 ->  512, factor 2.00
	//  512 ->  832, factor 1.62
	// 4096 -> 5312, factor 1.30
	// many at once: 5
}

func ExampleCaps() {
	fmt.Println("byte:    ", memory.Caps[byte](300))
	fmt.Println("int64:   ", memory.Caps[int64](1000))
	fmt.Println("[5]byte: ", memory.Caps[[5]byte](20))
	fmt.Println("struct{}:", memory.Caps[struct{}](3))
	// Output:
	// byte:     [8 16 32 64 128 256 512]
	// int64:    [1 2 4 8 16 32 64 128 256 512 848 1280]
	// [5]byte:  [1 3 6 12 25]
	// struct{}: [1 2 3]
}
