package memory_test

import (
	"fmt"
	"math"

	"github.com/go-deep-dive/godeep/memory"
)

// An integer that is too large wraps around, and nothing tells.
func Example_integerWraps() {
	var i int8 = 127
	var u uint8
	i++
	u--
	fmt.Println("int8 127 + 1:", i)
	fmt.Println("uint8 0 - 1:", u)
	// Output:
	// int8 127 + 1: -128
	// uint8 0 - 1: 255
}

// AddInt tells.
func ExampleAddInt() {
	fmt.Println(memory.AddInt(1, 2))
	fmt.Println(memory.AddInt(math.MaxInt, 1))
	// Output:
	// 3 <nil>
	// 0 integer overflow
}

// MulInt finds the one product that a check by division misses.
func ExampleMulInt() {
	fmt.Println(memory.MulInt(6, 7))
	fmt.Println(memory.MulInt(math.MinInt, -1))
	// Output:
	// 42 <nil>
	// 0 integer overflow
}

// The error is for errors.Is.
func ExampleErrOverflow() {
	_, err := memory.MulInt(math.MaxInt, 2)
	fmt.Println(err == memory.ErrOverflow)
	// Output:
	// true
}
