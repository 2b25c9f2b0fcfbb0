package optimizing

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

var memoCostSink uint32

// Only if a lookup is cheaper than the function. A lookup in a map hashes the key and
// compares it, which takes longer if the map is larger than the caches.
// So remembering the divisors of numbers around 2000 is more than 10 times faster, and
// remembering two multiplications is more than 2 times slower than doing them. A cache
// in front of a cheap function also takes memory, and must be kept correct.
//
//claim:ask Does caching the results of a function always make it faster?
//claim:expect ns/op of=expensive,memo=no > 10x of=expensive,memo=yes
//claim:expect ns/op of=cheap,memo=yes > 2x of=cheap,memo=no
//claim:source https://go.dev/doc/effective_go#maps
func BenchmarkMemoCost(b *testing.B) {
	run := func(name string, f func(uint32) uint32) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var n uint32
			for b.Loop() {
				memoCostSink = f(2000 + n%64)
				n++
			}
		})
	}
	known := func(f func(uint32) uint32) func(uint32) uint32 {
		memo := MemoCost(f)
		for n := range uint32(64) {
			memo(2000 + n)
		}
		return memo
	}
	run("of=expensive/memo=no", memoCostExpensive)
	run("of=expensive/memo=yes", known(memoCostExpensive))
	run("of=cheap/memo=no", memoCostCheap)
	run("of=cheap/memo=yes", known(memoCostCheap))
}

func TestMemoCost(t *testing.T) {
	calls := 0
	memo := MemoCost(func(n int) int { calls++; return n * n })
	assert.Equal(t, []int{9, 16, 9}, []int{memo(3), memo(4), memo(3)})
	assert.Equal(t, 2, calls)

	failing := MemoCost(func(n int) int { calls++; panic("no") })
	assert.Panics(t, func() { failing(1) })
	assert.Panics(t, func() { failing(1) }, "computed again")
	assert.Equal(t, 4, calls)
	assert.EqualValues(t, 20, memoCostExpensive(2000))
	assert.Equal(t, memoCostCheap(2000), MemoCost(memoCostCheap)(2000))
}

// It changes the order of growth: fib(25) from the definition makes 242,785 calls, and
// with a map of known results 49. No change of the code inside the calls could have
// brought that. Then look once more: only the last two results are needed, so a loop of
// 25 additions without a map does the same. Memoization is a step on the way to the
// right order of evaluation.
//
//claim:ask What does memoization bring for a recursive function, and what is better?
//claim:source https://pkg.go.dev/maps
func TestMemoCostRecursion(t *testing.T) {
	plain, known := 0, 0
	assert.Equal(t, 75_025, memoCostFib(25, &plain))
	assert.Equal(t, 75_025, memoCostFibKnown(25, map[int]int{}, &known))
	assert.Equal(t, 75_025, memoCostFibLoop(25))
	assert.Equal(t, 242_785, plain)
	assert.Equal(t, 49, known)
}
