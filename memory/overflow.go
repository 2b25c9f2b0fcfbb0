package memory

import (
	"errors"
	"math/bits"
)

// Integers have a fixed number of bits. What does not fit is cut off, without
// an error or a panic; detecting it is up to the program.

// ErrOverflow is returned by [AddInt] and [MulInt].
var ErrOverflow = errors.New("integer overflow")

// AddInt returns a+b, or [ErrOverflow] if the sum does not fit into an int.
func AddInt(a, b int) (int, error) {
	sum := a + b
	if (sum > a) != (b > 0) { // adding a positive number makes more, others do not
		return 0, ErrOverflow
	}
	return sum, nil
}

// MulInt returns a*b, or [ErrOverflow] if the product does not fit into an int.
func MulInt(a, b int) (int, error) {
	if a == 0 || b == 0 {
		return 0, nil
	}
	product := a * b
	// -1 times the smallest int is the one case that division does not find.
	if product/b != a || (product < 0) != ((a < 0) != (b < 0)) {
		return 0, ErrOverflow
	}
	return product, nil
}

// mul128 multiplies two 64-bit numbers into 128 bits.
func mul128(a, b uint64) (high, low uint64) { return bits.Mul64(a, b) }

// middle is the index between two others, as in a binary search.
func middle(low, high int) int { return int(uint(low+high) >> 1) }

func middleNaive(low, high int) int { return (low + high) / 2 }

// countDown visits n-1 … 0. With an unsigned index the usual condition, i >= 0,
// is always true; this is one of the forms that end.
func countDown(n uint) (visited []uint) {
	for i := n; i > 0; i-- {
		visited = append(visited, i-1)
	}
	return visited
}

//go:noinline
func divide(x, y int) (quotient, remainder int) { return x / y, x % y }
