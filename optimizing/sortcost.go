package optimizing

import (
	"cmp"
	"container/heap"
	"slices"
	"sort"
	"strings"
)

// A sortCostRow is a small record that is sorted by its key.
type sortCostRow struct {
	key  int64
	name string
}

// The functions sort the same rows in place.

func sortCostByFunc(rows []sortCostRow) {
	slices.SortFunc(rows, func(a, b sortCostRow) int { return cmp.Compare(a.key, b.key) })
}

func sortCostBySlice(rows []sortCostRow) {
	sort.Slice(rows, func(i, j int) bool { return rows[i].key < rows[j].key })
}

type sortCostByKey []sortCostRow

func (r sortCostByKey) Len() int           { return len(r) }
func (r sortCostByKey) Less(i, j int) bool { return r[i].key < r[j].key }
func (r sortCostByKey) Swap(i, j int)      { r[i], r[j] = r[j], r[i] }

func sortCostByInterface(rows []sortCostRow) { sort.Sort(sortCostByKey(rows)) }

// sortCostFolded sorts names without regard to case and computes the key of both names
// in each comparison.
func sortCostFolded(names []string, fold func(string) string) {
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(fold(a), fold(b)) })
}

// sortCostDecorated computes each key once, sorts the pairs, and takes the keys off
// again.
func sortCostDecorated(names []string, fold func(string) string) {
	type pair struct{ key, name string }
	pairs := make([]pair, len(names))
	for i, name := range names {
		pairs[i] = pair{fold(name), name}
	}
	slices.SortFunc(pairs, func(a, b pair) int { return strings.Compare(a.key, b.key) })
	for i, p := range pairs {
		names[i] = p.name
	}
}

// SortCostTop returns the k largest elements of s in descending order, or all of them
// if there are fewer. It does not change s. It takes O(n log k) time in the worst case
// and O(k) memory; in random order almost all elements are dismissed by one comparison.
// A k of zero or less gives an empty result.
func SortCostTop[T cmp.Ordered](s []T, k int) []T {
	if k = min(k, len(s)); k <= 0 {
		return nil
	}
	least := sortCostHeap[T](slices.Clone(s[:k])) // the smallest of the best is at the top
	heap.Init(&least)
	for _, v := range s[k:] {
		if v > least[0] {
			least[0] = v
			heap.Fix(&least, 0)
		}
	}
	slices.SortFunc(least, func(a, b T) int { return cmp.Compare(b, a) })
	return least
}

type sortCostHeap[T cmp.Ordered] []T

func (h sortCostHeap[T]) Len() int           { return len(h) }
func (h sortCostHeap[T]) Less(i, j int) bool { return h[i] < h[j] }
func (h sortCostHeap[T]) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *sortCostHeap[T]) Push(v any)        { *h = append(*h, v.(T)) }
func (h *sortCostHeap[T]) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
