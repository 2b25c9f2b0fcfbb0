package optimizing

import (
	"iter"
	"maps"
	"slices"
)

// A range loop over a function is compiled into a call of that function, with the
// body of the loop as its argument. If both are inlined nothing of it remains.

// RangeEvery returns an iterator over every step-th element of s, from the first
// one. Step must be positive. The iterator is small enough to be inlined into a
// range loop; it may be used several times and is safe for concurrent use as long
// as nobody changes s.
func RangeEvery[T any](s []T, step int) iter.Seq[T] {
	return func(yield func(T) bool) {
		for i := 0; i < len(s); i += step {
			if !yield(s[i]) {
				return
			}
		}
	}
}

// rangeOpaque is what RangeEvery would be if it were not inlined.
//
//go:noinline
func rangeOpaque(s []int64) iter.Seq[int64] { return RangeEvery(s, 1) }

//go:noinline
func rangeLoop(s []int64) (sum int64) {
	for _, v := range s {
		sum += v
	}
	return sum
}

//go:noinline
func rangeInlined(s []int64) (sum int64) {
	for v := range RangeEvery(s, 1) {
		sum += v
	}
	return sum
}

//go:noinline
func rangeNotInlined(s []int64) (sum int64) {
	for v := range rangeOpaque(s) {
		sum += v
	}
	return sum
}

//go:noinline
func rangePulled(s []int64) (sum int64) {
	next, stop := iter.Pull(RangeEvery(s, 1))
	defer stop()
	for {
		v, ok := next()
		if !ok {
			return sum
		}
		sum += v
	}
}

// rangeTree is a binary tree that can be walked by an iterator that calls itself,
// or by a function that takes a callback.
type rangeTree struct {
	left, right *rangeTree
	value       int64
}

func newRangeTree(depth int) *rangeTree {
	if depth == 0 {
		return nil
	}
	return &rangeTree{newRangeTree(depth - 1), newRangeTree(depth - 1), int64(depth)}
}

// allNested makes an iterator for each node and loops over that of its children.
func (t *rangeTree) allNested() iter.Seq[int64] {
	return func(yield func(int64) bool) {
		if t == nil {
			return
		}
		for v := range t.left.allNested() {
			if !yield(v) {
				return
			}
		}
		if !yield(t.value) {
			return
		}
		for v := range t.right.allNested() {
			if !yield(v) {
				return
			}
		}
	}
}

// all hands the same yield down to all nodes.
func (t *rangeTree) all() iter.Seq[int64] {
	return func(yield func(int64) bool) { t.push(yield) }
}

func (t *rangeTree) push(yield func(int64) bool) bool {
	return t == nil || t.left.push(yield) && yield(t.value) && t.right.push(yield)
}

//go:noinline
func rangeSumNested(t *rangeTree) (sum int64) {
	for v := range t.allNested() {
		sum += v
	}
	return sum
}

//go:noinline
func rangeSumPushed(t *rangeTree) (sum int64) {
	for v := range t.all() {
		sum += v
	}
	return sum
}

//go:noinline
func rangeKeysCollected(m map[int64]bool) []int64 { return slices.Collect(maps.Keys(m)) }

//go:noinline
func rangeKeysAppended(m map[int64]bool) []int64 {
	return slices.AppendSeq(make([]int64, 0, len(m)), maps.Keys(m))
}
