package schedgc

import (
	"math/rand/v2"
	"reflect"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
	"testing"
	"time"
	"unsafe"
	"weak"

	"github.com/stretchr/testify/require"
)

// markScanned returns the bytes of heap that the last collection had to scan and those
// allocated since.
func markScanned() int {
	sample := []metrics.Sample{{Name: "/gc/scan/heap:bytes"}}
	metrics.Read(sample)
	return int(sample[0].Value.Uint64())
}

// markScannable returns by how much the value that build returns raises the bytes to scan.
func markScannable(build func() any) int {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	runtime.GC()
	before := markScanned()
	value := build()
	runtime.GC()
	after := markScanned()
	runtime.KeepAlive(value)
	return after - before
}

// markMegabyte returns a slice of values of type T of about a megabyte, and its size.
func markMegabyte[T any]() (build func() any, size int) {
	var zero T
	n := 1 << 20 / int(unsafe.Sizeof(zero))
	return func() any { return make([]T, n) }, n * int(unsafe.Sizeof(zero))
}

func checkHasPointers[T any](t *testing.T, want bool) {
	t.Helper()
	build, size := markMegabyte[T]()
	scanned := markScannable(build)
	typ := reflect.TypeFor[T]()
	require.Equal(t, want, HasPointers(typ), typ.String())
	if want {
		require.Greater(t, scanned, size*3/4, typ.String())
	} else {
		require.Less(t, scanned, size/4, typ.String())
	}
}

// Those with a pointer in them, and many have one that you do not see: strings, slices,
// maps, channels, functions, interfaces, and a time.Time, which refers to its time zone.
// A slice of numbers, of arrays of bytes or of structs of these is marked with one bit and
// never read. It does not matter whether the pointers are nil: a slice of a megabyte of
// empty strings is read from end to end. The metric /gc/scan/heap:bytes counts what has
// to be read.
//
//claim:ask Which Go types cost the garbage collector work, and which are free to it?
//claim:source https://go.dev/doc/gc-guide#Implementation-specific_optimizations
//claim:source https://pkg.go.dev/runtime/metrics#hdr-Supported_metrics
func TestMarkTypes(t *testing.T) {
	checkHasPointers[int](t, false)
	checkHasPointers[[64]byte](t, false)
	checkHasPointers[struct {
		id   uint64
		name [16]byte
		at   time.Duration
	}](t, false)
	checkHasPointers[uintptr](t, false)
	checkHasPointers[struct {
		_ [0]string
		n int
	}](t, false)

	checkHasPointers[string](t, true)
	checkHasPointers[*int](t, true)
	checkHasPointers[[]byte](t, true)
	checkHasPointers[any](t, true)
	checkHasPointers[func()](t, true)
	checkHasPointers[time.Time](t, true)
	checkHasPointers[[2]map[int]int](t, true)
	checkHasPointers[chan int](t, true)
	checkHasPointers[unsafe.Pointer](t, true)
}

// markInvisible makes an object and returns its address as a number.
//
//go:noinline
func markInvisible() (uintptr, weak.Pointer[markNode]) {
	node := &markNode{key: 7}
	return uintptr(unsafe.Pointer(node)), weak.Make(node)
}

// No. An uintptr is a number for the collector, also if it holds the address of an object:
// the object is collected, and the number then tells where something else may be. So
// hiding pointers in uintptr, in bytes or in memory that Go does not manage makes a
// collection cheaper only by making the program wrong. What can be hidden is an index into
// a slice that stays reachable. The collector is precise: it knows by type which words are
// pointers, and an integer that looks like one keeps nothing alive.
//
//claim:ask Does a uintptr with the address of an object keep it alive?
//claim:source https://pkg.go.dev/unsafe#Pointer
func TestMarkUintptr(t *testing.T) {
	address, object := markInvisible()
	runtime.GC()
	require.NotZero(t, address)
	require.Nil(t, object.Value())
	runtime.KeepAlive(address)
}

func TestMarkShapes(t *testing.T) {
	tree, slots := markTree(6, 0), markSlots(6)
	for key := -1; key < 1<<6; key++ {
		want := key >= 0 && key < 1<<6-1
		require.Equal(t, want, tree.has(key), key)
		require.Equal(t, want, markSlotsHave(slots, key), key)
	}
	require.False(t, HasPointers(reflect.TypeFor[markSlot]()))

	words := markWords(300)
	texts := newMarkTexts(words)
	for i, word := range words {
		require.Equal(t, word, texts.at(i))
	}
}

// markWords returns n strings, each with memory of its own.
func markWords(n int) []string {
	words := make([]string, n)
	for i := range words {
		words[i] = strconv.Itoa(1_000_000 + i)
	}
	return words
}

func newMarkTexts(words []string) *markTexts {
	texts := &markTexts{all: strings.Join(words, ""), ends: make([]uint32, len(words))}
	end := 0
	for i, word := range words {
		end += len(word)
		texts.ends[i] = uint32(end)
	}
	return texts
}

// markCollect measures a collection while what build returns is live.
func markCollect(b *testing.B, name string, build func() any) {
	b.Run(name, func(b *testing.B) {
		live := build()
		b.ReportAllocs()
		for b.Loop() {
			runtime.GC()
		}
		runtime.KeepAlive(live)
	})
}

// Refer by index instead of by pointer. A search tree of 65535 nodes makes a
// collection more than 3 times as long when its nodes are objects that point to
// each other as when they lie in one slice and name their children by index.
// The slice has no pointers, so the collector marks it and does not look
// inside. The same with 100000 strings: as one long string with a slice of
// offsets they cost the collector less than a third. The price is that nothing
// is freed one by one: a free slot has to be reused by your own code, and the
// race detector and nil checks no longer guard a stale reference. It is worth
// it for large data that lives long.
//
//claim:ask How do I make a large in-memory index or cache cheap for the garbage collector?
//claim:vary GOMAXPROCS 1
//claim:expect ns/op of=tree > 3x of=slots
//claim:expect ns/op of=strings > 3x of=offsets
//claim:source https://go.dev/doc/gc-guide#Implementation-specific_optimizations
func BenchmarkMarkIndexes(b *testing.B) {
	markCollect(b, "of=tree", func() any { return markTree(16, 0) })
	markCollect(b, "of=slots", func() any { return markSlots(16) })
	words := markWords(100_000)
	markCollect(b, "of=strings", func() any { return words })
	texts := newMarkTexts(words)
	words = nil
	markCollect(b, "of=offsets", func() any { return texts })
}

// Not if neither the key nor the value has a pointer: the whole table is then memory
// that is not scanned, and a map of 100000 entries costs next to nothing. With pointers as
// values a collection takes more than 5 times as long. Strings as keys are pointers
// too. A large value is a trap: a map stores keys and values of more than 128 bytes
// outside of its table and refers to them by pointer, so with values of 136 bytes a
// collection takes more than twice as long as with 128 bytes, although neither has a
// pointer.
//
//claim:ask Does a big map slow the garbage collector down?
//claim:vary GOMAXPROCS 1
//claim:expect ns/op of=pointers > 5x of=values
//claim:expect ns/op of=bytes136 > 2x of=bytes128
//claim:source internal/runtime/maps/map.go
//claim:source https://go.dev/issue/9477
func BenchmarkMarkMap(b *testing.B) {
	markCollect(b, "of=values", func() any {
		m := make(map[int][2]int, 100_000)
		for i := range 100_000 {
			m[i] = [2]int{i}
		}
		return m
	})
	markCollect(b, "of=pointers", func() any {
		m := make(map[int]*[2]int, 100_000)
		for i := range 100_000 {
			m[i] = &[2]int{i}
		}
		return m
	})
	markCollect(b, "of=bytes128", func() any {
		m := make(map[int][128]byte, 25_000)
		for i := range 25_000 {
			m[i] = [128]byte{}
		}
		return m
	})
	markCollect(b, "of=bytes136", func() any {
		m := make(map[int][136]byte, 25_000)
		for i := range 25_000 {
			m[i] = [136]byte{}
		}
		return m
	})
}

// Two reasons. A marker that scans a node of a list finds one object, and
// nothing else to do: it waits for the memory of each node before it knows the
// address of the next. With a slice of pointers it knows many addresses in
// advance, which the processor can fetch together, and Green Tea scans what
// lies in one page at once. The list takes more than 1.5 times as long for the
// same nodes on one processor. And several processors cannot share a chain. A
// slice of values without pointers avoids both.
//
//claim:ask Why is a long linked list the worst case for marking?
//claim:vary GOMAXPROCS 1
//claim:expect ns/op of=list > 1.5x of=slice
//claim:source runtime/mgcmark.go
func BenchmarkMarkList(b *testing.B) {
	const n = 100_000
	nodes := func() []*markNode {
		all := make([]*markNode, n)
		for i := range all {
			all[i] = new(markNode)
		}
		rand.New(rand.NewPCG(1, 2)).Shuffle(n, func(i, j int) { all[i], all[j] = all[j], all[i] })
		return all
	}
	markCollect(b, "of=slice", func() any { return nodes() })
	markCollect(b, "of=list", func() any {
		all := nodes()
		for i := range n - 1 {
			all[i].left = all[i+1]
		}
		return all[0]
	})
}

// Each pointer is read, and each object is marked and scanned once. So a slice of nil
// pointers costs something, a slice of pointers to one object costs more, since each has to
// be looked up, and pointers to objects of their own cost most: more than 1.8 times as
// much as nil. Two pointers to one object do not mark it twice: the second finds the
// bit set.
//
//claim:ask Does the collector's work depend on the number of pointers or on the number of objects?
//claim:vary GOMAXPROCS 1
//claim:expect ns/op of=nil > 1.5x of=numbers
//claim:expect ns/op of=objects > 1.8x of=nil
//claim:source runtime/mgcmark.go
func BenchmarkMarkPointers(b *testing.B) {
	const n = 200_000
	markCollect(b, "of=numbers", func() any { return make([]uintptr, n) })
	markCollect(b, "of=nil", func() any { return make([]*markNode, n) })
	markCollect(b, "of=objects", func() any {
		all := make([]*markNode, n)
		for i := range all {
			all[i] = new(markNode)
		}
		return all
	})
}

var markGarbage []*markNode

// No, marking costs what is live. The collector never looks at a dead object: it finds the
// live ones from the roots, and sweeping later takes the other slots of a page by
// the bits. Both variants here allocate the same objects and collect. With the
// objects live the time for marking is more than twice as long as with the objects
// dead. So a program with much garbage and a small live heap has short collections; what
// garbage does decide is how often there is one. The time is that of the mark workers and
// assists, from /cpu/classes/gc/mark in package runtime/metrics, without sweeping.
//
//claim:ask Does much garbage make a collection longer?
//claim:vary GOMAXPROCS 1
//claim:expect mark-ns/op of=live > 2x of=dead
//claim:source https://go.dev/doc/gc-guide#Understanding_costs
//claim:source https://pkg.go.dev/runtime/metrics#hdr-Supported_metrics
func BenchmarkMarkGarbage(b *testing.B) {
	for _, name := range []string{"live", "dead"} {
		b.Run("of="+name, func(b *testing.B) {
			percent := debug.SetGCPercent(-1)
			b.Cleanup(func() { debug.SetGCPercent(percent); markGarbage = nil })
			b.ReportAllocs()
			before := markSeconds()
			for b.Loop() {
				markGarbage = make([]*markNode, 30_000)
				for i := range markGarbage {
					markGarbage[i] = new(markNode)
				}
				if name == "dead" {
					markGarbage = nil
				}
				runtime.GC()
			}
			b.ReportMetric((markSeconds()-before)*1e9/float64(b.N), "mark-ns/op")
		})
	}
}

// markSeconds returns the processor time spent on marking since the program began.
func markSeconds() (sum float64) {
	samples := []metrics.Sample{
		{Name: "/cpu/classes/gc/mark/assist:cpu-seconds"},
		{Name: "/cpu/classes/gc/mark/dedicated:cpu-seconds"},
		{Name: "/cpu/classes/gc/mark/idle:cpu-seconds"},
	}
	metrics.Read(samples)
	for _, sample := range samples {
		sum += sample.Value.Float64()
	}
	return sum
}
