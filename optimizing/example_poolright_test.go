package optimizing_test

import (
	"fmt"

	"github.com/go-deep-dive/godeep/optimizing"
)

func ExampleSizedPool() {
	var buffers optimizing.SizedPool

	b := buffers.Get(600)
	fmt.Println("length:", len(*b), "capacity:", cap(*b))
	*b = append(*b, "an answer"...)
	fmt.Printf("%s\n", *b)
	buffers.Put(b) // b and *b belong to the pool now
	// Output:
	// length: 0 capacity: 1024
	// an answer
}

func ExampleSizedPool_Get() {
	var buffers optimizing.SizedPool

	for _, n := range []int{10, 512, 513, 70_000, 3 << 20} {
		b := buffers.Get(n)
		fmt.Println(n, cap(*b))
		buffers.Put(b)
	}
	// Output:
	// 10 512
	// 512 512
	// 513 1024
	// 70000 131072
	// 3145728 3145728
}

func ExampleSizedPool_Put() {
	var buffers optimizing.SizedPool

	for range 3 {
		b := buffers.Get(100)
		*b = append(*b, make([]byte, 5000)...) // grows into another class
		buffers.Put(b)
	}
	fmt.Println(cap(*buffers.Get(100)))
	// Output: 512
}
