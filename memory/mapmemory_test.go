package memory

import (
	"maps"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

var pairSink [][2]int

// leastAllocatedBytes returns the smallest result of a few runs of f, because
// now and then the runtime allocates something of its own meanwhile.
func leastAllocatedBytes(f func()) uint64 {
	least := proof.AllocatedBytes(f)
	for range 4 {
		least = min(least, proof.AllocatedBytes(f))
	}
	return least
}

// heapGrowth returns how much the live heap has grown since base.
func heapGrowth(base uint64) int64 { return int64(proof.LiveHeap()) - int64(base) }

// largeMap returns a map of n entries that has grown to its size.
func largeMap(n int) map[int64]int64 {
	m := map[int64]int64{}
	for i := range int64(n) {
		m[i] = i
	}
	return m
}

// A map never gives memory back: its table stays as large as it has ever been.
// Neither deleting all keys nor clear changes that. The empty slots are there
// for later inserts: refilling a cleared map allocates next to nothing. Only
// when the map itself is unreachable does its memory go. So replace a map that
// had a peak by a new one, or by a copy of the right size.
//
//claim:ask Does a map give memory back after its keys are deleted or after clear?
//claim:source https://go.dev/issue/20135
//claim:source internal/runtime/maps/table.go
func TestMapNeverShrinks(t *testing.T) {
	const n = 50_000
	base := proof.LiveHeap()
	m := largeMap(n)
	full := heapGrowth(base)
	require.Greater(t, full, int64(n*16))

	for key := range m {
		delete(m, key)
	}
	require.Empty(t, m)
	require.Greater(t, heapGrowth(base), full*9/10, "after delete")

	for i := range int64(n) {
		m[i] = i
	}
	clear(m)
	require.Empty(t, m)
	require.Greater(t, heapGrowth(base), full*9/10, "after clear")
	require.Less(t, proof.AllocatedBytes(func() {
		for i := range int64(n) {
			m[i] = i
		}
	}), uint64(full/4), "the empty slots are used again")
	runtime.KeepAlive(m)

	m = nil
	require.Less(t, heapGrowth(base), full/20, "without the map")
	runtime.KeepAlive(m)
}

// To get the memory of a shrunken map back, copy its entries to a new map made
// with len(m) as the hint, and drop the old one; Shrink does that with
// maps.Copy. maps.Clone does not help: it copies the table as it is, with its
// empty slots, so the clone of a large map that was emptied is as large as the
// original.
//
//claim:ask How do you get the memory of a shrunken map back?
//claim:source internal/runtime/maps/map.go
func TestShrink(t *testing.T) {
	const n, rest = 50_000, 100
	base := proof.LiveHeap()
	m := largeMap(n)
	full := heapGrowth(base)
	for i := range int64(n - rest) {
		delete(m, i)
	}
	want := map[int64]int64{}
	for i := int64(n - rest); i < n; i++ {
		want[i] = i
	}

	base = proof.LiveHeap()
	cloned := maps.Clone(m)
	require.Equal(t, want, cloned)
	require.Greater(t, heapGrowth(base), full*9/10, "a clone is as large")
	runtime.KeepAlive(cloned)

	base = proof.LiveHeap()
	small := Shrink(m)
	require.Equal(t, want, small)
	require.Less(t, heapGrowth(base), full/20)
	base = proof.LiveHeap()
	runtime.KeepAlive(m)
	m = nil
	require.Less(t, heapGrowth(base), -full*9/10, "the old map is gone")
	require.Len(t, small, rest)
	require.Nil(t, Shrink(m))
	require.NotNil(t, Shrink(map[int]int{}))
}

// Much of what a freshly filled map seems to occupy is garbage of its growth:
// every larger table replaces a smaller one, so filling without a hint
// allocates more than 1.5 times what stays. The next collection frees that,
// whether you delete anything or not. You may read that the heap drops after a
// delete because the elements were collected; measured with a collection before
// the delete, the delete frees nothing.
//
//claim:ask Why does the heap shrink after I delete from a map, if maps never shrink?
//claim:source internal/runtime/maps/table.go
func TestMapGrowthGarbage(t *testing.T) {
	const n = 50_000
	percent := debug.SetGCPercent(-1) // keep the garbage until it is measured
	t.Cleanup(func() { debug.SetGCPercent(percent) })

	base := proof.LiveHeap()
	var m map[int64]int64
	allocated := int64(proof.AllocatedBytes(func() { m = largeMap(n) }))
	before := heapGrowth(base)
	require.Greater(t, allocated, before*3/2, "growing made garbage")

	for key := range m {
		delete(m, key)
	}
	after := heapGrowth(base)
	require.InDelta(t, before, after, float64(before)/20, "deleting freed nothing")
	runtime.KeepAlive(m)
}

// Deleting an entry clears its slot, so what the element points to can be
// freed. The slot itself stays. With large elements behind pointers the map
// therefore does give most of the memory back: one reason to keep pointers in a
// map whose size goes up and down.
//
//claim:ask If a map holds pointers to large values, is that memory freed after delete?
//claim:source internal/runtime/maps/table.go
func TestMapDeleteFreesValue(t *testing.T) {
	const n, size = 1000, 1024
	base := proof.LiveHeap()
	m := map[int]*[size]byte{}
	for i := range n {
		m[i] = new([size]byte)
	}
	require.Greater(t, heapGrowth(base), int64(n*size*9/10))
	for i := range n {
		delete(m, i)
	}
	left := heapGrowth(base)
	require.Less(t, left, int64(n*size/10), "the values are gone")
	require.Greater(t, left, int64(n*16), "the slots are not")
	runtime.KeepAlive(m)
}

// Keys and elements up to 128 bytes lie in the slots of the table; of a larger
// one the slot holds a pointer, and each insert is an allocation of its own. So
// at 129 bytes a map of arrays gets one allocation for each entry more. It also
// means that the empty slots of large elements are cheap, and that of small
// ones are not.
//
//claim:ask Are large map values stored inside the map?
//claim:source internal/abi/map.go
func TestMapLargeElement(t *testing.T) {
	const n = 100
	for _, test := range []struct {
		name  string
		extra float64 // allocations for each entry
		f     func()
	}{
		{"element of 128 bytes", 0, func() { mapFoundInt = fillElements[[128]byte](n) }},
		{"element of 129 bytes", 1, func() { mapFoundInt = fillElements[[129]byte](n) }},
		{"key of 128 bytes", 0, func() { mapFoundInt = fillArrayKeys[[128]byte](n) }},
		{"key of 129 bytes", 1, func() { mapFoundInt = fillArrayKeys[[129]byte](n) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			const table = 3 // directory, table, groups; the map itself is local
			proof.WantAllocs(t, table+n*test.extra, test.f)
		})
	}
}

//go:noinline
func fillElements[V any](n int) int {
	m := make(map[int64]V, n)
	var value V
	for i := range int64(n) {
		m[i] = value
	}
	return len(m)
}

//go:noinline
func fillArrayKeys[K [128]byte | [129]byte](n int) int {
	m := make(map[K]int64, n)
	for i := range n {
		var key K
		keyBytes := unsafe.Slice((*byte)(unsafe.Pointer(&key)), 2)
		keyBytes[0], keyBytes[1] = byte(i), byte(i>>8)
		m[key] = 1
	}
	return len(m)
}

// Since Go 1.24 a map[int64]struct{} takes exactly the memory of a
// map[int64]bool, and of a map[int64]int64; before, it was smaller. Key and
// element lie side by side in a slot that is aligned for the larger of them,
// and an empty struct at the end gets padding too. An element that is larger
// than the padding does cost. The experiment mapsplitgroup of Go 1.27, off by
// default, stores keys and elements apart and changes the answer again.
//
//claim:ask Does map[K]struct{} need less memory than map[K]bool?
//claim:source internal/runtime/maps/group.go
//claim:source https://go.dev/issue/71368
func TestMapSetSize(t *testing.T) {
	if strings.Contains(runtime.Version(), "mapsplitgroup") {
		t.Skip("the experiment mapsplitgroup stores keys and elements apart")
	}
	if unsafe.Alignof(int64(0)) != 8 {
		t.Skip("this system aligns an int64 to four bytes")
	}
	const n = 10_000
	empty := leastAllocatedBytes(func() { mapFoundInt = fillElements[struct{}](n) })
	require.Equal(t, empty, leastAllocatedBytes(func() { mapFoundInt = fillElements[bool](n) }))
	require.Equal(t, empty, leastAllocatedBytes(func() { mapFoundInt = fillElements[int32](n) }))
	require.Equal(t, empty, leastAllocatedBytes(func() { mapFoundInt = fillElements[int64](n) }))
	require.Greater(t, leastAllocatedBytes(func() { mapFoundInt = fillElements[[2]int64](n) }), empty)
}

// An entry takes a slot, which is the key and the element with padding, a
// control byte, and its share of the slots that are empty. A table doubles when
// it is seven eighths full, so after that it is less than half full. From 448
// entries on a map[int64]int64 takes between 19 and 43 bytes for each, where a
// slice of such pairs takes 16. Where in this range depends on how long ago the
// tables doubled. Small maps take more for each entry.
//
//claim:ask How many bytes does one entry of a map cost?
//claim:source internal/runtime/maps/group.go
//claim:source internal/runtime/maps/table.go
func TestMapEntryBytes(t *testing.T) {
	require.Equal(t, uintptr(16), unsafe.Sizeof([2]int64{}))

	least, most := 1000.0, 0.0
	for _, n := range []int{448, 449, 896, 1000, 1792, 5000, 20_000, 50_000} {
		bytes := float64(leastAllocatedBytes(func() { mapFoundInt = fillElements[int64](n) })) / float64(n)
		require.Greater(t, bytes, 19.0, "%d entries", n)
		require.Less(t, bytes, 43.0, "%d entries", n)
		least, most = min(least, bytes), max(most, bytes)
	}
	require.Less(t, least, 22.0)
	require.Greater(t, most, 35.0)
}

// An empty map is 48 bytes, and its first entry adds a group of eight slots
// whatever the hint: a map with a single int-to-int entry takes 192 bytes in
// two allocations, and one with eight such entries takes no more. A slice with
// one pair takes 16 bytes. So many objects with a map of a few entries each are
// better served by a slice, or by a nil map until the first write.
//
//claim:ask How much memory does a small map take?
//claim:source internal/runtime/maps/map.go
//claim:source internal/runtime/maps/group.go
func TestMapTinySize(t *testing.T) {
	if unsafe.Sizeof(uintptr(0)) != 8 {
		t.Skip("sizes of 64-bit systems")
	}
	require.Equal(t, uint64(48), leastAllocatedBytes(func() { mapIntSink = map[int]int{} }))
	require.Equal(t, uint64(192), leastAllocatedBytes(func() { mapIntSink = map[int]int{1: 1} }))
	require.Equal(t, uint64(192), leastAllocatedBytes(func() { mapIntSink = filledMap(0, 8) }))
	require.Equal(t, uint64(16), leastAllocatedBytes(func() { pairSink = [][2]int{{1, 1}} }))
}

// scannableHeap returns the bytes of the heap that the collector has to look
// through for pointers.
func scannableHeap() int64 {
	runtime.GC()
	sample := []metrics.Sample{{Name: "/gc/scan/heap:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}

// The collector never looks into a map whose key and element types have no
// pointers: its table is marked as one that needs no scan. A single pointer in
// key or element, and a string is one, makes the whole table, empty slots
// included, part of every collection. So a large cache with integers or arrays
// for keys and indexes for elements is nearly free for the collector, and the
// same cache with strings and pointers is not.
//
//claim:ask Does it matter for the garbage collector what types a map has?
//claim:source internal/runtime/maps/group.go
//claim:source https://go.dev/issue/9477
func TestMapScan(t *testing.T) {
	const n = 20_000
	base := scannableHeap()
	integers := largeMap(n)
	require.Less(t, scannableHeap()-base, int64(n), "no pointers, no scan")
	require.Len(t, integers, n)
	runtime.KeepAlive(integers)

	base = scannableHeap()
	pointers, shared := map[int64]*int64{}, new(int64)
	for i := range int64(n) {
		pointers[i] = shared
	}
	require.Greater(t, scannableHeap()-base, int64(n*16), "the whole table is scanned")
	clear(pointers)
	require.Greater(t, scannableHeap()-base, int64(n*16), "even if it is empty")
	runtime.KeepAlive(pointers)

	base = scannableHeap()
	texts := make(map[string]int64, n)
	for i := range n {
		texts[strconv.Itoa(i)] = 1
	}
	require.Greater(t, scannableHeap()-base, int64(n*16), "a string has a pointer")
	runtime.KeepAlive(texts)
}

// A map that always has about the same number of entries keeps its size,
// however many come and go. Deleting may leave a mark in the slot instead of an
// empty slot, so that searches go on past it, but inserts use such slots again
// and the runtime clears the marks when they become too many.
//
//claim:ask Does a map grow for ever if I keep inserting new keys and deleting old ones?
//claim:source internal/runtime/maps/table.go
func TestMapChurn(t *testing.T) {
	const live, turns = 1000, 100_000
	m := largeMap(live)
	base := proof.LiveHeap()
	allocated := proof.AllocatedBytes(func() {
		for i := int64(live); i < live+turns; i++ {
			m[i] = i
			delete(m, i-live)
		}
	})
	require.Len(t, m, live)
	require.Less(t, heapGrowth(base), int64(live*40))
	require.Less(t, allocated, uint64(turns), "less than one byte an insert")
	runtime.KeepAlive(m)
}

// emptiedMap returns a map that had n entries and has one.
func emptiedMap(n int) map[int]int {
	m := filledMap(n, n)
	clear(m)
	m[1] = 1
	return m
}

func TestMapEmptiedRange(t *testing.T) {
	require.Equal(t, sumOfMap(map[int]int{1: 1}), sumOfMap(emptiedMap(1000)))
}

// A range loop looks at every slot of the table, used or not, so its time
// follows the largest size the map ever had and not len(m): one entry in a map
// that once had 20,000 takes more than 20 times as long as in a new map. A map
// with no entry at all is not walked. Replace a map that had a peak instead of
// clearing it, if you loop over it often.
//
//claim:ask Is ranging over a map with one entry always fast?
//claim:expect ns/op of=emptied > 20x of=fresh
//claim:expect ns/op of=emptied > 20x of=none
//claim:source internal/runtime/maps/table.go
func BenchmarkMapEmptiedRange(b *testing.B) {
	const n = 20_000
	emptied, fresh, none := emptiedMap(n), map[int]int{1: 1}, emptiedMap(n)
	clear(none)
	for _, bench := range []struct {
		name string
		m    map[int]int
	}{{"of=emptied", emptied}, {"of=fresh", fresh}, {"of=none", none}} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sumOfMap(bench.m)
			}
		})
	}
}
