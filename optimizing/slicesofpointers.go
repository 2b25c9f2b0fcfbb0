package optimizing

import (
	"cmp"
	"slices"
)

// A []T has its elements side by side; a []*T has addresses, and an object for
// each of them somewhere on the heap.

// pointerItem is small, four of them take a cache line on most processors.
type pointerItem struct {
	key int64
	_   int64
}

// pointerBig is more than a sort likes to move.
type pointerBig struct {
	key int64
	_   [63]int64
}

//go:noinline
func pointerSumValues(items []pointerItem) (sum int64) {
	for i := range items {
		sum += items[i].key
	}
	return sum
}

//go:noinline
func pointerSumPointers(items []*pointerItem) (sum int64) {
	for _, item := range items {
		sum += item.key
	}
	return sum
}

//go:noinline
func pointerBuildValues(n int) []pointerItem {
	items := make([]pointerItem, 0, n)
	for i := range n {
		items = append(items, pointerItem{key: int64(i)})
	}
	return items
}

//go:noinline
func pointerBuildPointers(n int) []*pointerItem {
	items := make([]*pointerItem, 0, n)
	for i := range n {
		items = append(items, &pointerItem{key: int64(i)})
	}
	return items
}

// pointerBuildBlock gives pointers to the elements of one array.
//
//go:noinline
func pointerBuildBlock(n int) []*pointerItem {
	block := make([]pointerItem, n)
	items := make([]*pointerItem, n)
	for i := range block {
		block[i].key = int64(i)
		items[i] = &block[i]
	}
	return items
}

func pointerSortValues(items []pointerBig) {
	slices.SortFunc(items, func(a, b pointerBig) int { return cmp.Compare(a.key, b.key) })
}

func pointerSortPointers(items []*pointerBig) {
	slices.SortFunc(items, func(a, b *pointerBig) int { return cmp.Compare(a.key, b.key) })
}
