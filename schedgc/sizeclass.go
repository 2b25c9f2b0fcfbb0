package schedgc

import (
	"runtime"
	"runtime/metrics"
	"strings"
)

// An allocation takes one of three ways: tiny objects without pointers share a slot,
// small ones take a slot from a span that belongs to the processor (P) at the moment, and
// large ones get pages of the heap. The topic memory shows the sizes; here it is who
// allocates from where, and what the collector has to do with it.

// ClassAllocs counts allocations by the way they take.
type ClassAllocs struct {
	Tiny  uint64         // objects that found room in a slot of a tiny object before them
	Small map[int]uint64 // slots by the size of the slot in bytes, including those that hold tiny objects
	Large uint64         // objects of more than 32 KiB
}

var classMetrics = []string{"/gc/heap/tiny/allocs:objects", "/gc/heap/allocs-by-size:bytes"}

// CountAllocs calls f and returns what it has allocated. It counts the allocations of all
// goroutines, so others should be quiet. It stops the world twice, for some
// microseconds.
func CountAllocs(f func()) ClassAllocs {
	var before, after [2]metrics.Sample
	for i, name := range classMetrics {
		before[i].Name, after[i].Name = name, name
	}
	readClasses(&before) // the first time allocates the buckets, the next one uses them again
	readClasses(&after)
	readClasses(&before)
	f()
	readClasses(&after)

	old, now := before[1].Value.Float64Histogram(), after[1].Value.Float64Histogram()
	allocs := ClassAllocs{
		Tiny:  after[0].Value.Uint64() - before[0].Value.Uint64(),
		Small: make(map[int]uint64),
	}
	last := len(now.Counts) - 1
	for i, count := range now.Counts {
		switch n := count - old.Counts[i]; {
		case n == 0:
		case i == last:
			allocs.Large = n
		default:
			allocs.Small[int(now.Buckets[i+1])-1] = n
		}
	}
	return allocs
}

// readClasses reads the metrics with the counts of all processors in them. They are
// collected by ReadMemStats; without it they are as old as the last span.
func readClasses(samples *[2]metrics.Sample) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	metrics.Read(samples[:])
}

// classZeroed returns n bytes that the runtime has cleared.
//
//go:noinline
func classZeroed(n int) []byte {
	return make([]byte, n) //claim:heap
}

// classUncleared returns a builder with room for n bytes, which are not cleared: nobody
// can read them before they are written.
//
//go:noinline
func classUncleared(n int) *strings.Builder {
	b := new(strings.Builder)
	b.Grow(n)
	return b
}
