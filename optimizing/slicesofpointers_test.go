package optimizing

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
	"unsafe"
	"weak"

	"github.com/stretchr/testify/assert"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// Iterating over pointers in random order is more than 1.5 times as slow as over
// values of two words: each element is another cache line at an address that the
// processor cannot guess. Objects that were allocated one after the other and are
// visited in that order lie nearly as close as in a []T; then the slice is sorted
// or its elements are replaced, and the order is gone. In small slices, which stay
// in the cache, there is little to gain.
//
//claim:ask How expensive is a slice of pointers compared with a slice of values for iteration?
//claim:expect ns/op of=shuffled > 1.5x of=values
//claim:source https://go.dev/ref/spec#Slice_types
func BenchmarkPointerSliceIterate(b *testing.B) {
	const n = 1 << 17
	values, shuffled := pointerBuildValues(n), pointerShuffled(pointerBuildPointers(n))
	layoutRun(b, "of=values", func() { pointerSumValues(values) })
	layoutRun(b, "of=shuffled", func() { pointerSumPointers(shuffled) })
}

func pointerShuffled[T any](items []T) []T {
	items = slices.Clone(items)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
	return items
}

func TestPointerSliceIterate(t *testing.T) {
	values, fresh := pointerBuildValues(1000), pointerBuildPointers(1000)
	assert.EqualValues(t, 499500, pointerSumValues(values))
	assert.EqualValues(t, 499500, pointerSumPointers(fresh))
	assert.EqualValues(t, 499500, pointerSumPointers(pointerShuffled(fresh)))
	assert.EqualValues(t, 16, unsafe.Sizeof(values[0]))
}

// A []*T makes an allocation for each element where a []T makes one for all. If
// the pointers are needed, make one array and point into it: two allocations, and
// the elements lie side by side. Its price: one pointer that is kept keeps the
// whole array in memory. That is fine for data that is built and dropped together.
//
//claim:ask How do you fill a []*T with fewer allocations?
//claim:expect allocs/op of=values == 1
//claim:expect allocs/op of=pointers == 257
//claim:expect allocs/op of=block == 2
//claim:source https://go.dev/doc/gc-guide#Eliminating_heap_allocations
func BenchmarkPointerSliceBuild(b *testing.B) {
	layoutRun(b, "of=values", func() { pointerBuildValues(256) })
	layoutRun(b, "of=pointers", func() { pointerBuildPointers(256) })
	layoutRun(b, "of=block", func() { pointerBuildBlock(256) })
}

func TestPointerSliceBuild(t *testing.T) {
	assert.Equal(t, pointerSumPointers(pointerBuildPointers(100)), pointerSumPointers(pointerBuildBlock(100)))

	kept := pointerBuildBlock(1000)[999]
	watch := weak.Make(kept)
	runtime.GC()
	assert.NotNil(t, watch.Value())
	with := proof.LiveHeap()
	runtime.KeepAlive(kept)
	kept = nil
	assert.Greater(t, with-proof.LiveHeap(), uint64(1000*16/2), "one pointer kept the array")
}

// The collector has to find each element of a []*T through its pointer and mark
// it: with 100,000 elements a collection takes more than 3 times as long as with a
// []T of the same data, which is one object without pointers that is not even
// looked into. So the slice of values saves three times: when it is built, when it
// is read, and at each collection as long as it lives. If T itself has pointers,
// they have to be followed in both forms. It is measured with one processor, as
// several share the marking.
//
//claim:ask What does a large []*T cost the garbage collector, and what does changing it to []T save?
//claim:vary GOMAXPROCS 1
//claim:expect ns/op of=pointers > 3x of=values
//claim:source https://go.dev/doc/gc-guide#Implementation-specific_optimizations
func BenchmarkPointerSliceGC(b *testing.B) {
	const n = 100_000
	b.Run("of=values", func(b *testing.B) {
		items := pointerBuildValues(n)
		b.ReportAllocs()
		for b.Loop() {
			runtime.GC()
		}
		runtime.KeepAlive(items)
	})
	b.Run("of=pointers", func(b *testing.B) {
		items := pointerBuildPointers(n)
		b.ReportAllocs()
		for b.Loop() {
			runtime.GC()
		}
		runtime.KeepAlive(items)
	})
}

// Sorting moves elements about log2(n) times each, so the size of what it moves
// counts: structs of 512 bytes take more than 1.5 times as long to sort as
// pointers to them. Sort pointers or indexes, and if the order is needed in memory
// put the structs in their places once at the end. For structs of a few words sort
// the values: moving them is cheap, and comparing them follows no pointer.
//
//claim:ask Why is sorting a slice of large structs slow?
//claim:expect ns/op of=values > 1.5x of=pointers
//claim:source https://pkg.go.dev/slices#SortFunc
func BenchmarkPointerSliceSort(b *testing.B) {
	values, pointers := pointerUnsorted(256)
	again, pointersAgain := slices.Clone(values), slices.Clone(pointers)
	layoutRun(b, "of=values", func() {
		copy(again, values)
		pointerSortValues(again)
	})
	layoutRun(b, "of=pointers", func() {
		copy(pointersAgain, pointers)
		pointerSortPointers(pointersAgain)
	})
}

func pointerUnsorted(n int) (values []pointerBig, pointers []*pointerBig) {
	random := rand.New(rand.NewPCG(3, 4))
	values = make([]pointerBig, n)
	for i := range values {
		values[i].key = random.Int64()
		pointers = append(pointers, &values[i])
	}
	return values, pointers
}

func TestPointerSliceSort(t *testing.T) {
	values, pointers := pointerUnsorted(100)
	values = slices.Clone(values) // the pointers stay at the originals
	pointerSortValues(values)
	pointerSortPointers(pointers)
	for i := range values {
		assert.Equal(t, values[i].key, pointers[i].key)
	}
	assert.EqualValues(t, 512, unsafe.Sizeof(values[0]))
}

// Use a []*T for what values cannot do: an element that several structures share
// and that each of them may change, elements that must not be copied because they
// have a mutex, elements that may be missing, and pointers that must stay valid
// while the slice grows. A pointer into a []T does not: append moves the elements,
// and the pointer still shows the old array. In all other cases start with []T and
// use &s[i] to change an element.
//
//claim:ask When do you need a slice of pointers and not of values?
//claim:source https://go.dev/ref/spec#Appending_and_copying_slices
func TestPointerSliceWhen(t *testing.T) {
	values := make([]pointerItem, 1)
	old := &values[0]
	values = append(values, pointerItem{})
	old.key = 7
	assert.Zero(t, values[0].key, "the pointer shows the array before append")
	changed := &values[0]
	changed.key = 8
	assert.EqualValues(t, 8, values[0].key)

	pointers := make([]*pointerItem, 1)
	pointers[0] = new(pointerItem)
	kept := pointers[0]
	pointers = append(pointers, nil)
	kept.key = 7
	assert.EqualValues(t, 7, pointers[0].key, "the pointer is the element")
	assert.Nil(t, pointers[1], "an element may be missing")

	index := map[int64]*pointerItem{7: kept}
	index[7].key = 9
	assert.EqualValues(t, 9, pointers[0].key, "shared by two structures")
}
