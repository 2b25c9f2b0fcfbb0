package optimizing_test

import "fmt"

// sumFirst cuts s to n elements, which is the only check of its loop.
func sumFirst(s []int, n int) (sum int) {
	s = s[:n]
	for i := range n {
		sum += s[i]
	}
	return sum
}

func Example_cutChecksCapacity() {
	array := [...]int{1, 2, 3, 4}
	short := array[:2] // has length 2 and capacity 4
	fmt.Println("three of two:", sumFirst(short, 3))

	defer func() { fmt.Println("recovered:", recover()) }()
	sumFirst(short, 5)
	// Output:
	// three of two: 6
	// recovered: runtime error: slice bounds out of range [:5] with capacity 4
}

func Example_checkFirst() {
	put := func(b []byte, x uint16) {
		_ = b[1] // panics before anything is written
		b[0] = byte(x)
		b[1] = byte(x >> 8)
	}
	b := make([]byte, 1)
	func() {
		defer func() { fmt.Println("recovered:", recover()) }()
		put(b, 0x1234)
	}()
	fmt.Println("bytes:", b)
	// Output:
	// recovered: runtime error: index out of range [1] with length 1
	// bytes: [0]
}
