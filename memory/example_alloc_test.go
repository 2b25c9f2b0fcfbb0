package memory_test

import (
	"fmt"

	"github.com/go-deep-dive/godeep/memory"
)

func ExampleSizeClasses() {
	classes := memory.SizeClasses()
	fmt.Println("smallest:", classes[:6])
	fmt.Println("largest:", classes[len(classes)-1])
	// Output:
	// smallest: [8 16 24 32 48 64]
	// largest: 32768
}

func ExampleAllocSize() {
	for _, size := range []int{24, 33, 1000, 1025, 33_000} {
		fmt.Println(size, "bytes take", memory.AllocSize(size))
	}
	// Output:
	// 24 bytes take 24
	// 33 bytes take 48
	// 1000 bytes take 1024
	// 1025 bytes take 1152
	// 33000 bytes take 40960
}
