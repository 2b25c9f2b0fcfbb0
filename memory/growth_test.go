package memory

import (
	"fmt"
	"io"
	"slices"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// wideWords skips on machines where an int has 4 bytes: the numbers differ.
func wideWords(t *testing.T) {
	t.Helper()
	if unsafe.Sizeof(uintptr(0)) != 8 {
		t.Skip("the capacities are those of 64-bit machines")
	}
}

// sizeClass returns the bytes that the allocator hands out for a request of
// size bytes without pointers.
func sizeClass(size int) int { return cap(append([]byte(nil), make([]byte, size)...)) }

// growthSink makes the array of a slice escape to the heap.
var growthSink []int64

// Appending one int at a time gives the capacities 1, 2, 4 and so on to 512,
// then 848, 1280, 1792, 2560: doubling ends at 256 elements and the factor then
// falls slowly towards 1.25. You may read that capacities double up to 1024 and
// then grow by a quarter; that was true before Go 1.18. The numbers are those of
// 64-bit machines and of slices on the heap, and no promise: a local slice that
// does not escape starts at 4 ints, see GrowthLocal.
//
//claim:ask What capacities does a slice of ints go through when it is filled with append?
//claim:source https://go.dev/doc/go1.18#runtime
//claim:source runtime/slice.go
func TestGrowthSequence(t *testing.T) {
	wideWords(t)
	assert.Equal(t, []int{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 848, 1280, 1792, 2560, 3408, 5120}, Caps[int](5000))

	s := make([]int, 1024)
	growOne(&s, 1)
	assert.Equal(t, 1536, cap(s), "and not 1024 + 1024/4")
}

// The new capacity is 2c below 256 elements and c + (c + 768)/4 from there on,
// then the bytes are rounded up to the next size class of the allocator and the
// capacity is whatever fits. So the factor is 2 up to 256, about 1.6 at 512,
// 1.4 at 1024 and 1.25 for very long slices: there is no jump. The rule counts
// elements, not bytes.
//
//claim:ask By what factor does append grow a slice?
//claim:source runtime/slice.go
//claim:source https://go.dev/doc/go1.18#runtime
func TestGrowthFormula(t *testing.T) {
	for _, c := range []struct {
		old    int
		factor float64
	}{{1, 2}, {128, 2}, {256, 2}, {512, 1.625}, {1024, 1.4375}, {4096, 1.297}, {1 << 20, 1.25}} {
		assert.InDelta(t, c.factor, float64(NextCap(c.old+1, c.old))/float64(c.old), 0.001, "from %d", c.old)
	}

	check := func(name string, size int, caps []int) {
		old := 0
		for _, got := range caps {
			want := NextCap(old+1, old)
			assert.Equal(t, sizeClass(want*size)/size, got, "%s: from %d", name, old)
			old = got
		}
	}
	check("byte", 1, Caps[byte](10_000))
	check("int16", 2, Caps[int16](10_000))
	check("5 bytes", 5, Caps[[5]byte](10_000))
	check("24 bytes", 24, Caps[[3]int64](10_000))
	check("1 KiB", 1024, Caps[[1024]byte](300))
}

// The rule is the same for all element types, but rounding up to a size class
// leaves room for extra elements, so the sequences differ: a []byte starts at 8,
// an []int32 at 2, an []int64 at 1, and five-byte elements go 1, 3, 6, 12. Zero-size
// elements need no array at all: append never allocates for a []struct{}, whose
// capacity is always its length.
//
//claim:ask Does the growth of a slice depend on the element type?
//claim:source runtime/slice.go
//claim:source internal/runtime/gc/sizeclasses.go
func TestGrowthElementSize(t *testing.T) {
	assert.Equal(t, []int{8, 16, 32, 64, 128, 256, 512, 896, 1408}, Caps[byte](1000))
	assert.Equal(t, []int{2, 4, 8}, Caps[int32](8))
	assert.Equal(t, []int{1, 2, 4, 8}, Caps[int64](8))
	assert.Equal(t, []int{1, 3, 6, 12, 25}, Caps[[5]byte](20))
	assert.Equal(t, []int{1, 2, 3, 4}, Caps[struct{}](4))

	var s []struct{}
	proof.WantAllocs(t, 0, func() {
		for range 1000 {
			growOne(&s, struct{}{})
		}
	})
}

// A slice of pointers, strings or other values with pointers grows to odd
// capacities once its array exceeds 512 bytes: a []*int goes from 64 to 143 and a
// []string from 32 to 71, where an []int goes from 64 to 128. Since Go 1.22 such
// an array carries an 8-byte header for the garbage collector, so a doubled
// array no longer fits its size class, and append takes all of the next larger
// one.
//
//claim:ask Why does a slice of pointers grow from 64 to 143 elements?
//claim:source runtime/msize.go
func TestGrowthPointers(t *testing.T) {
	wideWords(t)
	assert.Equal(t, []int{1, 2, 4, 8, 16, 32, 64, 128}, Caps[int](128))
	assert.Equal(t, []int{1, 2, 4, 8, 16, 32, 64, 143}, Caps[*int](128))
	assert.Equal(t, []int{1, 2, 4, 8, 16, 32, 71}, Caps[string](64))

	const header = 8
	assert.Equal(t, (sizeClass(128*8+header)-header)/8, 143)
	assert.Equal(t, 128, cap(append([]*int(nil), make([]*int, 64)...))*2, "64 pointers are 512 bytes: no header")
}

// The capacity is 6. Five elements are more than double the old capacity of 2,
// so append asks for exactly five; five ints are 40 bytes, and the next size
// class has 48. Appended one by one, the same five elements end at capacity 8,
// because the capacity doubles from 2 to 4 to 8.
//
//claim:ask What are len and cap of append([]int{1, 2}, 3, 4, 5)?
//claim:source runtime/slice.go
//claim:source internal/runtime/gc/sizeclasses.go
func TestGrowthRounding(t *testing.T) {
	wideWords(t)
	s := append([]int{1, 2}, 3, 4, 5)
	assert.Equal(t, []int{1, 2, 3, 4, 5}, s)
	assert.Equal(t, 6, cap(s))
	assert.Equal(t, 48, sizeClass(5*8))

	one := []int{1, 2}
	for i := range 3 {
		one = append(one, i+3)
	}
	assert.Equal(t, s, one)
	assert.Equal(t, 8, cap(one))
}

// One call of append makes at most one allocation, however many elements it
// gets. If they need more than double the capacity, it takes exactly the length
// needed, rounded up to a size class; a loop that appends them one by one grows
// several times and ends with more room to spare.
//
//claim:ask What is the difference between one append of many elements and many appends of one?
//claim:source runtime/slice.go
func TestAppendMany(t *testing.T) {
	more := make([]int64, 1000)
	proof.WantAllocs(t, 1, func() {
		growthSink = append([]int64(nil), more...)
	})
	assert.Equal(t, sizeClass(1000*8)/8, cap(growthSink))

	proof.WantAllocs(t, float64(len(Caps[int64](1000))), func() {
		growthSink = nil
		for i := range more {
			growthSink = append(growthSink, int64(i))
		}
	})
	assert.Greater(t, cap(growthSink), sizeClass(1000*8)/8)
}

// The first append gives capacity 4 if the slice does not escape, and 1 if its
// array has to be on the heap from the start. Since Go 1.25 the compiler puts a
// first array of 32 bytes on the stack, so four ints cost no allocation; since
// Go 1.26 also if the slice is returned in the end: then the elements are copied
// to the heap once, with no room to spare. A slice that is stored or given to
// fmt in every round still goes 1, 2, 4, so printing it changes what you see. The
// race detector turns the small array off. Rely on neither number.
//
//claim:ask Why does the first append to a nil slice sometimes give capacity 4 and sometimes 1?
//claim:source https://go.dev/doc/go1.25#compiler
//claim:source https://go.dev/doc/go1.26#compiler
func TestGrowthLocal(t *testing.T) {
	wideWords(t)
	if proof.RaceEnabled {
		t.Skip("the race detector turns the small array on the stack off")
	}
	local := func(n int64) (caps [3]int) {
		var s []int64
		for i := range n {
			s = append(s, i)
			caps[min(i, 2)] = cap(s)
		}
		return caps
	}
	printed := func(n int64) (caps [3]int) {
		var s []int64
		for i := range n {
			s = append(s, i)
			fmt.Fprint(io.Discard, s)
			caps[i] = cap(s)
		}
		return caps
	}
	assert.Equal(t, [3]int{4, 4, 4}, local(3))
	assert.Equal(t, [3]int{1, 2, 4}, printed(3))
	assert.Equal(t, 3, cap(numbersTo(3)), "returned: moved to the heap, exactly")
	assert.Equal(t, 8, cap(numbersTo(5)))

	proof.WantAllocs(t, 0, func() { local(4) })
	proof.WantAllocs(t, 1, func() { local(5) })
	proof.WantAllocs(t, 1, func() { growthSink = numbersTo(4) })
	proof.WantAllocs(t, 3, func() {
		growthSink = nil
		for i := range int64(4) {
			growthSink = append(growthSink, i)
		}
	})
}

//go:noinline
func numbersTo(n int64) []int64 {
	var s []int64
	for i := range n {
		s = append(s, i)
	}
	return s
}

// slices.Grow(s, n) makes sure that n more elements can be appended without
// another allocation; it changes the capacity and never the length. The room is
// counted from the length, not from the old capacity, and may be larger than
// asked, because it is rounded as append does. Nothing happens if the room is
// there already. A negative n panics. For a new slice, make([]T, 0, n) does the
// same and gives exactly n.
//
//claim:ask What does slices.Grow do, and how does it differ from make?
//claim:source https://pkg.go.dev/slices#Grow
func TestSlicesGrow(t *testing.T) {
	s := []int64{1, 2, 3}
	grown := slices.Grow(s, 6)
	assert.Equal(t, s, grown, "same length, same elements")
	assert.GreaterOrEqual(t, cap(grown), 9)
	assert.Equal(t, sizeClass(9*8)/8, cap(grown))
	assert.False(t, Overlap(s, grown))

	assert.Same(t, &grown[0], &slices.Grow(grown, 6)[0], "the room is there")
	proof.WantAllocs(t, 0, func() { growthSink = append(grown, 4, 5, 6, 7, 8, 9) })
	proof.WantAllocs(t, 1, func() { growthSink = slices.Grow([]int64(nil), 1000) })
	assert.Equal(t, "cannot be negative", panicText(func() { _ = slices.Grow(s, -1) }))
	assert.Equal(t, 9, cap(make([]int64, 0, 9)))
}

// slices.Concat adds up the lengths first and allocates once; slices.Collect
// cannot, because an iterator has no length, and grows like a loop of append.
// If the length is known, slices.AppendSeq(make([]T, 0, n), seq) costs one
// allocation. The result of Concat never shares an array with an argument, while
// append(a, b...) writes into the spare capacity of a.
//
//claim:ask How many allocations do slices.Concat and slices.Collect make?
//claim:source https://pkg.go.dev/slices#Concat
//claim:source https://pkg.go.dev/slices#Collect
func TestCollectConcat(t *testing.T) {
	a, b := make([]int64, 3, 16), make([]int64, 500)
	assert.True(t, Overlap(a, append(a, b[:3]...)))
	assert.False(t, Overlap(a, slices.Concat(a, b[:3])))
	assert.False(t, Overlap(a, slices.Concat(a)))

	seq := slices.Values(b)
	assert.Equal(t, b, slices.Collect(seq))

	proof.WantAllocs(t, 1, func() { growthSink = slices.Concat(a, b, b) })
	// The first four or eight elements may start on the stack.
	collected := testing.AllocsPerRun(100, func() { growthSink = slices.Collect(seq) })
	assert.Greater(t, collected, 5.0)
	assert.LessOrEqual(t, collected, float64(len(Caps[int64](500))))
	proof.WantAllocs(t, 1, func() { growthSink = slices.AppendSeq(make([]int64, 0, len(b)), seq) })
}

// fillAppend appends n numbers to a slice that starts with the given capacity.
//
//go:noinline
func fillAppend(n, capacity int) []int64 {
	s := make([]int64, 0, capacity)
	for i := range int64(n) {
		s = append(s, i)
	}
	return s
}

// fillFront builds the numbers from 0 to n-1 by inserting each at the front.
//
//go:noinline
func fillFront(n int) []int64 {
	s := make([]int64, 0, n)
	for i := range int64(n) {
		s = slices.Insert(s, 0, int64(n)-1-i)
	}
	return s
}

// fillReverse builds the same numbers by appending and reversing once.
//
//go:noinline
func fillReverse(n int) []int64 {
	s := make([]int64, 0, n)
	for i := range int64(n) {
		s = append(s, int64(n)-1-i)
	}
	slices.Reverse(s)
	return s
}

func TestFills(t *testing.T) {
	want := []int64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	assert.Equal(t, want, fillAppend(10, 0))
	assert.Equal(t, want, fillAppend(10, 10))
	assert.Equal(t, want, fillFront(10))
	assert.Equal(t, want, fillReverse(10))
}

// Appending n elements takes linear time, because each new array is larger than
// the one before by a factor of at least 1.25, so the array is copied only
// O(log n) times: 250 elements of 8 bytes need 9 allocations, 16,000 need at most
// 22. One append can still be slow, when it happens to copy everything. Growth is
// not free either: the arrays on the way take more than 3 times the memory of the
// last one in total. If the length is known, make([]T, 0, n) costs one allocation
// and, for 16,000 elements, less than two thirds of the time.
//
//claim:ask What does it cost to build a slice with append, and what does preallocation save?
//claim:expect ns/op of=append grows n^1
//claim:expect allocs/op of=append,n=250 == 9
//claim:expect allocs/op of=append,n=16000 <= 22
//claim:expect allocs/op of=prealloc == 1
//claim:expect B/op of=append,n=16000 > 3x of=prealloc,n=16000
//claim:expect ns/op of=append,n=16000 > 1.5x of=prealloc,n=16000
//claim:source runtime/slice.go
func BenchmarkAppendAmortized(b *testing.B) {
	run := func(name string, n, capacity int) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				fillAppend(n, capacity)
			}
		})
	}
	run("of=append/n=250", 250, 0)
	run("of=append/n=2000", 2000, 0)
	run("of=append/n=16000", 16000, 0)
	run("of=prealloc/n=16000", 16000, 16000)
}

// Building a slice by inserting at the front takes quadratic time, because each
// insert moves all the elements behind it: four times the length costs about 16
// times as much, here more than 8 and less than 32 times. Preallocation does not
// help, because the moving costs, not the growing: the one allocation here is made
// before the loop. Appending and reversing once at the end is linear, and at 6,000
// elements more than 10 times faster. Filling make([]T, n) from the back needs no
// reversal.
//
//claim:ask What does inserting at the front of a slice cost?
//claim:expect ns/op of=front,n=6000 > 8x of=front,n=1500
//claim:expect ns/op of=front,n=6000 < 32x of=front,n=1500
//claim:expect allocs/op of=front == 1
//claim:expect ns/op of=front,n=6000 > 10x of=reverse,n=6000
//claim:source slices/slices.go
func BenchmarkInsertFront(b *testing.B) {
	run := func(name string, n int, fill func(n int) []int64) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				fill(n)
			}
		})
	}
	run("of=front/n=1500", 1500, fillFront)
	run("of=front/n=6000", 6000, fillFront)
	run("of=reverse/n=6000", 6000, fillReverse)
}
