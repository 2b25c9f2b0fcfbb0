// Package calibration has benchmarks whose true ratio is known, to test the
// judge: the same work twice, and a quarter more work.
package calibration

import "testing"

// work takes time in proportion to n and touches no memory.
//
//go:noinline
func work(n int) uint64 {
	x := uint64(1)
	for range n {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	return x
}

func run(b *testing.B, name string, n int) {
	b.Run(name, func(b *testing.B) {
		for b.Loop() {
			work(n)
		}
	})
}

// Neither is slower. The claim cannot be proven nor refuted.
//
//claim:ask Which of two equal things is slower?
//claim:expect ns/op of=one > of=other
func BenchmarkSame(b *testing.B) {
	run(b, "of=one", 4000)
	run(b, "of=other", 4000)
}

// A quarter more work takes a quarter more time.
//
//claim:ask Is a quarter more work slower?
//claim:expect ns/op of=more > 1.1x of=less
func BenchmarkQuarter(b *testing.B) {
	run(b, "of=less", 4000)
	run(b, "of=more", 5000)
}
