package optimizing

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

var sortCostInts []int

func sortCostRows(n int) []sortCostRow {
	r := rand.New(rand.NewPCG(1, 2))
	rows := make([]sortCostRow, n)
	for i := range rows {
		rows[i] = sortCostRow{key: r.Int64(), name: "row"}
	}
	return rows
}

func TestSortCostEqual(t *testing.T) {
	want := sortCostRows(500)
	sortCostByFunc(want)
	require.True(t, slices.IsSortedFunc(want, func(a, b sortCostRow) int { return cmp.Compare(a.key, b.key) }))
	for _, sorted := range []func([]sortCostRow){sortCostBySlice, sortCostByInterface} {
		rows := sortCostRows(500)
		sorted(rows)
		assert.Equal(t, want, rows)
	}
}

// slices.Sort for numbers and strings, slices.SortFunc for the rest, both since Go
// 1.21. They know the type of the elements: slices.Sort compares them with <, without a
// call, and SortFunc gives two values to the comparison. sort.Slice gets indexes, and
// swaps through a function of package reflect that is made for the size of the
// elements; sort.Sort calls three methods through an interface. For a []int, sort.Slice
// takes more than 1.5 times as long as slices.Sort, and allocates. All are the same
// algorithm, pattern-defeating quicksort since Go 1.19, and none is stable. The larger
// the elements and the more expensive the comparison, the smaller the difference.
//
//claim:ask slices.Sort, slices.SortFunc or sort.Slice?
//claim:expect ns/op of=slice > 1.5x of=sort
//claim:expect allocs/op of=sort == 0
//claim:expect allocs/op of=func == 0
//claim:expect allocs/op of=slice >= 2
//claim:source https://pkg.go.dev/slices#SortFunc
//claim:source https://go.dev/doc/go1.19
func BenchmarkSortCost(b *testing.B) {
	source := rand.New(rand.NewPCG(1, 2)).Perm(2000)
	s := make([]int, len(source))
	run := func(name string, sorted func([]int)) {
		b.Run("of="+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				copy(s, source) // small beside the sorting
				sorted(s)
			}
		})
	}
	run("sort", slices.Sort[[]int])
	run("func", func(s []int) { slices.SortFunc(s, func(a, b int) int { return cmp.Compare(a, b) }) })
	run("slice", func(s []int) { sort.Slice(s, func(i, j int) bool { return s[i] < s[j] }) })
}

// Keep the k best in a heap whose top is the smallest of them: in random order almost
// every other element is dismissed by one comparison, so that the cost is near that of
// one pass. For the 10 largest of 4000 numbers this is more than 5 times faster than
// sorting them all, and needs memory for 10. For k = 1 it is slices.Max. If k is a
// large part of n, sort. For elements that arrive in ascending order every one of them
// enters the heap.
//
//claim:ask How do you find the ten largest of many values?
//claim:expect ns/op of=sort > 5x of=heap
//claim:expect B/op of=sort > 10x of=heap
//claim:source https://pkg.go.dev/container/heap
func BenchmarkSortCostTop(b *testing.B) {
	source := rand.New(rand.NewPCG(3, 4)).Perm(4000)
	b.Run("of=sort", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			all := slices.Clone(source)
			slices.SortFunc(all, func(a, b int) int { return cmp.Compare(b, a) })
			sortCostInts = all[:10]
		}
	})
	b.Run("of=heap", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sortCostInts = SortCostTop(source, 10)
		}
	})
}

func TestSortCostTop(t *testing.T) {
	source := rand.New(rand.NewPCG(3, 4)).Perm(200)
	all := slices.Sorted(slices.Values(source))
	slices.Reverse(all)
	before := slices.Clone(source)
	for k := -1; k <= 201; k++ {
		got := SortCostTop(source, k)
		require.True(t, slices.Equal(all[:min(max(k, 0), 200)], got), "k = %d: %v", k, got)
	}
	assert.Equal(t, before, source)
	assert.Empty(t, SortCostTop([]int(nil), 3))
	assert.Equal(t, []string{"b", "a", "a"}, SortCostTop([]string{"a", "b", "a"}, 3))
}

// Compute each key once before sorting. A comparison function that computes the keys of
// both sides runs about n log n times: for 1000 names more than 10,000 keys, where 1000
// are enough. So pair each element with its key, sort the pairs and drop the keys. It
// costs memory for the keys, and it does not pay if the key is a field or a number that
// is as quick to compute as to load.
//
//claim:ask The comparison function of my sort is expensive. What can I do?
//claim:source https://pkg.go.dev/slices#SortFunc
func TestSortCostDecorate(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	names := make([]string, 1000)
	for i := range names {
		letters := make([]byte, 12)
		for j := range letters {
			letters[j] = "abcdefghijABCDEFGHIJ"[r.IntN(20)]
		}
		names[i] = string(letters)
	}
	calls := 0
	fold := func(s string) string { calls++; return strings.ToLower(s) }

	plain, decorated := slices.Clone(names), slices.Clone(names)
	sortCostFolded(plain, fold)
	assert.Greater(t, calls, 10_000)
	calls = 0
	sortCostDecorated(decorated, fold)
	assert.Equal(t, 1000, calls)
	lower := func(names []string) []string {
		folded := slices.Clone(names)
		for i := range folded {
			folded[i] = strings.ToLower(folded[i])
		}
		return folded
	}
	assert.Equal(t, lower(plain), lower(decorated))
}

// No: the algorithm recognizes it. For 1000 sorted elements slices.SortFunc makes fewer
// than 1100 comparisons, for the same in reverse fewer than 2200, and for random order
// more than 8000. So a check with slices.IsSorted before is not worth its line. One new
// element in a sorted slice is another matter: slices.BinarySearch and slices.Insert
// make about 10 comparisons and one memmove, where appending and sorting again makes
// more than 1000.
//
//claim:ask Is sorting data that is already sorted a waste of time?
//claim:source slices/zsortanyfunc.go
//claim:source https://pkg.go.dev/slices#BinarySearch
func TestSortCostSorted(t *testing.T) {
	comparisons := 0
	count := func(a, b int) int { comparisons++; return cmp.Compare(a, b) }
	sorted := func(s []int) int {
		comparisons = 0
		slices.SortFunc(s, count)
		require.True(t, slices.IsSorted(s))
		return comparisons
	}
	ascending := make([]int, 1000)
	for i := range ascending {
		ascending[i] = i
	}
	descending := slices.Clone(ascending)
	slices.Reverse(descending)

	assert.Less(t, sorted(slices.Clone(ascending)), 1100)
	assert.Less(t, sorted(descending), 2200)
	assert.Greater(t, sorted(rand.New(rand.NewPCG(7, 8)).Perm(1000)), 8000)

	comparisons = 0
	at, _ := slices.BinarySearchFunc(ascending, 500, count)
	assert.LessOrEqual(t, comparisons, 11)
	inserted := slices.Insert(slices.Clone(ascending), at, 500)
	again := append(slices.Clone(ascending), 500)
	assert.Greater(t, sorted(again), 1000)
	assert.Equal(t, inserted, again)
}

// A stable sort keeps the order of elements that compare equal, and pays for it: for
// 1000 elements in random order slices.SortStableFunc makes more than 1.2 times as many
// comparisons as slices.SortFunc. It merges in place and allocates nothing, unlike a
// merge sort with a second array. Often the cheaper way to a fixed order is to make the
// comparison total, by a second key: cmp.Or(cmp.Compare(a.x, b.x), cmp.Compare(a.id,
// b.id)), at the price that cmp.Or evaluates both.
//
//claim:ask What does a stable sort cost?
//claim:source https://pkg.go.dev/slices#SortStableFunc
//claim:source https://pkg.go.dev/cmp#Or
func TestSortCostStable(t *testing.T) {
	source := rand.New(rand.NewPCG(9, 10)).Perm(1000)
	comparisons := 0
	count := func(a, b int) int { comparisons++; return cmp.Compare(a, b) }
	run := func(sorted func([]int, func(int, int) int)) int {
		comparisons = 0
		s := slices.Clone(source)
		sorted(s, count)
		require.True(t, slices.IsSorted(s))
		return comparisons
	}
	unstable, stable := run(slices.SortFunc[[]int]), run(slices.SortStableFunc[[]int])
	assert.Greater(t, float64(stable), 1.2*float64(unstable))

	type item struct{ x, id int }
	items := []item{{1, 2}, {0, 3}, {1, 1}, {0, 4}}
	stableItems := slices.Clone(items)
	slices.SortStableFunc(stableItems, func(a, b item) int { return cmp.Compare(a.x, b.x) })
	assert.Equal(t, []item{{0, 3}, {0, 4}, {1, 2}, {1, 1}}, stableItems)
	slices.SortFunc(items, func(a, b item) int { return cmp.Or(cmp.Compare(a.x, b.x), cmp.Compare(a.id, b.id)) })
	assert.Equal(t, []item{{0, 3}, {0, 4}, {1, 1}, {1, 2}}, items)

	buffer := make([]int, len(source))
	proof.WantAllocs(t, 0, func() { copy(buffer, source); slices.SortStableFunc(buffer, cmp.Compare[int]) })
}

// sortCostIntSlice is sort.IntSlice, which linters replace by sort.Ints.
type sortCostIntSlice = sort.IntSlice

// No, not since Go 1.22: sort.Ints, sort.Strings and sort.Float64s call slices.Sort.
// Both allocate nothing, while sort.Sort(sort.IntSlice(s)) still goes through the
// interface and stores the slice header in it, one allocation. Changing sort.Ints to
// slices.Sort in old code is a matter of style.
//
//claim:ask Is slices.Sort faster than sort.Ints?
//claim:source https://go.dev/doc/go1.22#minor_library_changes
//claim:source sort/sort.go
func TestSortCostInts(t *testing.T) {
	source := rand.New(rand.NewPCG(11, 12)).Perm(100)
	s := make([]int, len(source))
	for _, c := range []struct {
		name   string
		allocs float64
		sorted func()
	}{
		{"slices.Sort", 0, func() { slices.Sort(s) }},
		{"sort.Ints", 0, func() { sort.Ints(s) }},
		{"sort.Sort", 1, func() { sort.Sort(sortCostIntSlice(s)) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			copy(s, source)
			c.sorted()
			require.True(t, slices.IsSorted(s))
			proof.WantAllocs(t, c.allocs, func() { copy(s, source); c.sorted() })
		})
	}
}

// It is wrong for large numbers: the difference of two ints can overflow, and then the
// larger one sorts first. It works until a key is far below zero or near the maximum,
// as with a math.MinInt that stands for "unknown". cmp.Compare is correct for all
// values and also gives NaN a place, before the other floats. For unsigned keys,
// subtraction is never negative before it is converted. The time that a subtraction
// saves is not worth this.
//
//claim:ask Is return a.key - b.key a good comparison function?
//claim:source https://pkg.go.dev/cmp#Compare
func TestSortCostSubtract(t *testing.T) {
	const minInt = -1 << 63
	keys := []int64{5, minInt, -7}
	wrong, right := slices.Clone(keys), slices.Clone(keys)
	subtract := func(a, b int64) int {
		d := a - b
		return int(cmp.Compare(d, 0)) // as int(d), also where an int has 32 bits
	}
	slices.SortFunc(wrong, subtract)
	slices.SortFunc(right, cmp.Compare)
	assert.Equal(t, []int64{minInt, -7, 5}, right)
	assert.NotEqual(t, right, wrong)
	assert.Positive(t, subtract(minInt, 5), "the smallest number seems to be larger than 5")
}
