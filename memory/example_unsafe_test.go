package memory_test

import (
	"fmt"
	"unsafe"

	"github.com/go-deep-dive/godeep/memory"
)

// The bytes are the numbers themselves, not a copy.
func ExampleAsBytes() {
	numbers := []int16{1, 2, 3}
	raw := memory.AsBytes(numbers)
	fmt.Println("bytes:", len(raw))
	clear(raw)
	fmt.Println("numbers:", numbers)
	// Output:
	// bytes: 6
	// numbers: [0 0 0]
}

// The size of a value does not include what it points to.
func Example_unsafeSizeof() {
	short, long := []int{1}, make([]int, 1000)
	fmt.Println(unsafe.Sizeof(short) == unsafe.Sizeof(long))
	// Output:
	// true
}
