package optimizing

import (
	"iter"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-deep-dive/godeep/internal/proof"
)

func rangeNumbers(n int) (numbers []int64) {
	for i := range n {
		numbers = append(numbers, int64(i))
	}
	return numbers
}

// Nothing, if the compiler inlines the iterator: the loop over RangeEvery takes
// less than twice as long as one over the slice. If it cannot be inlined, because
// it is large, calls itself or comes through an interface or a variable, the body
// of the loop is called as a function for each element, and an empty loop is more
// than 1.5 times as slow. That is the price of a call for each element, so it shows
// only in bodies that do nearly nothing. What it allocates are the closures, a few
// for the loop and none for each element.
//
//claim:ask What does range over a function cost compared with a loop over a slice?
//claim:expect ns/op of=inlined < 2x of=loop
//claim:expect ns/op of=opaque > 1.5x of=loop
//claim:expect allocs/op of=inlined == 0
//claim:expect allocs/op of=opaque <= 4
//claim:source https://go.dev/blog/range-functions
func BenchmarkRangeFunc(b *testing.B) {
	numbers := rangeNumbers(1000)
	layoutRun(b, "of=loop", func() { rangeLoop(numbers) })
	layoutRun(b, "of=inlined", func() { rangeInlined(numbers) })
	layoutRun(b, "of=opaque", func() { rangeNotInlined(numbers) })
}

// It costs a switch to a coroutine and back for each element, more than 10 times
// as much as calling the loop body as a function. iter.Pull also allocates some
// objects once. It needs no scheduler and is still much cheaper than a channel and
// a goroutine. Use it where a consumer has to ask for values when it likes, as to
// merge two sequences; where one sequence is read from beginning to end, range
// over it. Always call stop, or its goroutine stays.
//
//claim:ask Is iter.Pull as fast as a range loop?
//claim:expect ns/op of=pull > 10x of=push
//claim:source https://pkg.go.dev/iter#Pull
func BenchmarkRangePull(b *testing.B) {
	numbers := rangeNumbers(1000)
	layoutRun(b, "of=push", func() { rangeNotInlined(numbers) })
	layoutRun(b, "of=pull", func() { rangePulled(numbers) })
}

func TestRangeFunc(t *testing.T) {
	numbers := rangeNumbers(100)
	for _, sum := range []func([]int64) int64{rangeLoop, rangeInlined, rangeNotInlined, rangePulled} {
		assert.EqualValues(t, 4950, sum(numbers))
		assert.Zero(t, sum(nil))
	}
	assert.Equal(t, []int64{0, 40, 80}, slices.Collect(RangeEvery(numbers, 40)))
}

// Hand down yield, and do not loop over the iterators of the children. If the
// iterator of a node ranges over those of its two children, a value from depth d
// passes through d loop bodies on its way to the consumer, and each node makes
// closures. A recursive method that takes yield and returns whether to go on calls
// yield directly: two allocations at most, where the nested form makes more than
// 1000 for a tree of depth 12. Its result must be checked after each step, or a
// break calls yield once more, which panics.
//
//claim:ask How do you write an iterator for a tree?
//claim:expect allocs/op of=nested > 1000
//claim:expect allocs/op of=pushed <= 2
//claim:source https://pkg.go.dev/iter
func BenchmarkRangeTree(b *testing.B) {
	tree := newRangeTree(12)
	layoutRun(b, "of=nested", func() { rangeSumNested(tree) })
	layoutRun(b, "of=pushed", func() { rangeSumPushed(tree) })
}

func TestRangeTree(t *testing.T) {
	tree := newRangeTree(3)
	assert.Equal(t, []int64{1, 2, 1, 3, 1, 2, 1}, slices.Collect(tree.all()))
	assert.Equal(t, slices.Collect(tree.all()), slices.Collect(tree.allNested()))
	assert.Equal(t, rangeSumNested(tree), rangeSumPushed(tree))
	for _, all := range []iter.Seq[int64]{tree.all(), tree.allNested()} {
		var got []int64
		for v := range all {
			if v == 3 {
				break
			}
			got = append(got, v)
		}
		assert.Equal(t, []int64{1, 2, 1}, got)
	}
	assert.Panics(t, func() {
		for range func(yield func() bool) {
			yield()
			yield() // although the loop has ended
		} {
			break
		}
	})
}

// It does not know the length of a sequence, so it grows its slice as append does:
// for 1000 keys in several steps, of which all but the last are garbage. If you
// know the length, make the slice and use slices.AppendSeq: one allocation.
// slices.Sorted collects in the same way. For few elements, or code that runs
// seldom, the short form is fine.
//
//claim:ask Why does slices.Collect(maps.Keys(m)) allocate several times?
//claim:source https://pkg.go.dev/slices#AppendSeq
func TestRangeCollect(t *testing.T) {
	m := make(map[int64]bool)
	for i := range int64(1000) {
		m[i] = true
	}
	collected, appended := rangeKeysCollected(m), rangeKeysAppended(m)
	slices.Sort(collected)
	slices.Sort(appended)
	assert.Equal(t, collected, appended)
	assert.Equal(t, 1000, cap(appended))
	assert.Greater(t, cap(collected), 1000, "grown in steps")
	if !proof.RaceEnabled {
		assert.Greater(t, testing.AllocsPerRun(10, func() { rangeKeysCollected(m) }), 5.0)
	}
	proof.WantAllocs(t, 1, func() { rangeKeysAppended(m) })
}
