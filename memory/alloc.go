package memory

import (
	"runtime/metrics"
	"slices"
)

// The allocator serves small objects from spans: runs of pages cut into slots
// of one size. There are only as many sizes as there are size classes, so the
// bytes that an object takes are not the bytes of its type.

const (
	// maxSmall is the largest size class; larger objects get pages of their own.
	maxSmall = 32 << 10
	// heapPage is the unit in which the heap hands out memory.
	heapPage = 8 << 10
)

// SizeClasses returns the slot sizes of the allocator in bytes, ascending. They
// are read from package runtime/metrics, so they are those of the running Go
// release.
func SizeClasses() []int {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs-by-size:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindFloat64Histogram {
		return nil
	}
	// A bucket of the histogram reaches from one class plus 1 to the next class
	// plus 1; the last one is for all large objects.
	bounds := sample[0].Value.Float64Histogram().Buckets
	classes := make([]int, 0, len(bounds))
	for _, bound := range bounds[1 : len(bounds)-1] {
		classes = append(classes, int(bound)-1)
	}
	return classes
}

// AllocSize returns the bytes of heap that one object of size bytes without
// pointers takes: the next size class, or whole pages above 32 KiB. Objects of
// less than 16 bytes can take less, because several share a slot. An object with
// pointers of more than 512 bytes, on 64-bit systems, needs 8 bytes more.
// AllocSize reads the size classes every time, so it is not for a hot path.
func AllocSize(size int) int {
	if size <= 0 {
		return 0
	}
	if size > maxSmall {
		return (size + heapPage - 1) / heapPage * heapPage
	}
	classes := SizeClasses()
	i, _ := slices.BinarySearch(classes, size)
	return classes[i]
}

// spot is an element for allocation on its own or in a slab; it has no pointers.
type spot [2]int64

// spots returns n pointers to new elements, allocated one by one.
func spots(n int) []*spot {
	all := make([]*spot, n) //claim:heap
	for i := range all {
		all[i] = new(spot) //claim:heap
	}
	return all
}

// slabSpots returns n pointers into one array of new elements. They cost one
// allocation together, and live as long as any of them does.
func slabSpots(n int) []*spot {
	all := make([]*spot, n) //claim:heap
	slab := make([]spot, n) //claim:heap
	for i := range all {
		all[i] = &slab[i]
	}
	return all
}
