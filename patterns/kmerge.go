package patterns

import "iter"

// MergeSorted yields the values of several sorted sequences as one sorted
// sequence. It is for inputs that are each in order and too long, or too slow, to be
// collected and sorted: log files by time, pages of several shards, runs of an
// external sort. Compare is as for slices.SortFunc, for example cmp.Compare.
//
// A channel becomes such a sequence by a function that ranges over it. The merged
// sequence may be ranged over again, and by several goroutines at once, if the
// inputs allow it.
//
// # Guarantees
//
//   - The result is sorted if all inputs are. Equal values come in the order of the
//     inputs, and within an input in its order: the merge is stable.
//   - At most one value of each input is held at a time, and one is taken from an
//     input only if its last value has been yielded and the loop goes on.
//   - When the loop ends or is left, all inputs are ended, and their deferred
//     functions have run. No goroutine remains. A panic of an input or of compare
//     appears in the loop.
//
// # Cost
//
// For k inputs, each value takes at most 2*log2(k) calls of compare and a switch
// between coroutines of iter.Pull. Memory is for k coroutines and k values; nothing is
// allocated for a value. An input that is not sorted is not noticed.
//
// # When not to use it
//
// If all values fit into memory, appending them to one slice and calling
// slices.SortFunc needs no coroutines. To merge two slices, write the loop.
// If the order does not matter, use [PipelineMerge].
func MergeSorted[T any](compare func(a, b T) int, inputs ...iter.Seq[T]) iter.Seq[T] {
	if len(inputs) == 1 {
		return inputs[0]
	}
	return func(yield func(T) bool) {
		heap := kmergeHeap[T]{compare: compare, heads: make([]kmergeHead[T], 0, len(inputs))}
		for i, input := range inputs {
			next, stop := iter.Pull(input)
			defer stop()
			if value, ok := next(); ok {
				heap.heads = append(heap.heads, kmergeHead[T]{value, i, next})
			}
		}
		for i := len(heap.heads)/2 - 1; i >= 0; i-- {
			heap.down(i)
		}
		for len(heap.heads) > 0 {
			first := &heap.heads[0]
			if !yield(first.value) {
				return
			}
			value, ok := first.next()
			if ok {
				first.value = value
			} else {
				last := len(heap.heads) - 1
				heap.heads[0] = heap.heads[last]
				heap.heads[last] = kmergeHead[T]{} // keeps nothing alive
				heap.heads = heap.heads[:last]
			}
			heap.down(0)
		}
	}
}

// A kmergeHead is the next value of an input.
type kmergeHead[T any] struct {
	value T
	input int
	next  func() (T, bool)
}

// A kmergeHeap is a binary heap whose first head is the smallest. Unlike with
// container/heap the comparison is of typed values, and replacing the smallest is
// one operation and not two.
type kmergeHeap[T any] struct {
	compare func(a, b T) int
	heads   []kmergeHead[T]
}

func (h *kmergeHeap[T]) less(i, j int) bool {
	a, b := &h.heads[i], &h.heads[j]
	order := h.compare(a.value, b.value)
	return order < 0 || order == 0 && a.input < b.input
}

func (h *kmergeHeap[T]) down(i int) {
	for {
		child := 2*i + 1
		if child >= len(h.heads) {
			return
		}
		if right := child + 1; right < len(h.heads) && h.less(right, child) {
			child = right
		}
		if !h.less(child, i) {
			return
		}
		h.heads[i], h.heads[child] = h.heads[child], h.heads[i]
		i = child
	}
}
