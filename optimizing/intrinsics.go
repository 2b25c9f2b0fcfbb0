package optimizing

import "math/bits"

//go:noinline
func countBits(values []uint64) (n int) {
	for _, v := range values {
		n += bits.OnesCount64(v)
	}
	return n
}

// countBitsByHand clears the lowest bit that is set until none is left.
//
//go:noinline
func countBitsByHand(values []uint64) (n int) {
	for _, v := range values {
		for ; v != 0; v &= v - 1 {
			n++
		}
	}
	return n
}
