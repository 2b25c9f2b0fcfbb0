package optimizing_test

import (
	"fmt"
	"math/bits"
)

func Example_bits() {
	x := uint64(0b0010_1100)
	fmt.Println("bits that are set:", bits.OnesCount64(x))
	fmt.Println("lowest:", bits.TrailingZeros64(x))
	fmt.Println("highest:", bits.Len64(x)-1)
	fmt.Printf("rotated: %#x\n", bits.RotateLeft64(x, -4))
	high, low := bits.Mul64(1<<63, 6)
	fmt.Println("product:", high, low)
	// Output:
	// bits that are set: 3
	// lowest: 2
	// highest: 5
	// rotated: 0xc000000000000002
	// product: 3 0
}
