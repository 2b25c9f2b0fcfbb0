package optimizing

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
)

// In pieces of neighbouring elements, one for each worker, and not in turns. If
// four workers write a slice of 4096 int64 in turns, all 512 cache lines are
// written by several cores and move between them; in pieces that begin at a line
// none is, and at most one line at each border. Pieces are also read in sequence.
// Turns are only better if the elements differ much in cost; then hand out blocks
// of some dozens of elements from a counter.
//
//claim:ask How should several goroutines divide the elements of a slice that they write?
//claim:source https://pkg.go.dev/golang.org/x/sys/cpu#CacheLinePad
func TestFalseShareChunks(t *testing.T) {
	assert.Equal(t, 512, SharedLines(4096, 8, 64, 4, FalseShareStripes))
	assert.Equal(t, 0, SharedLines(4096, 8, 64, 4, FalseShareChunks))
	assert.LessOrEqual(t, SharedLines(4100, 8, 64, 4, FalseShareChunks), 3, "a line at each border")
	assert.Equal(t, 256, SharedLines(4096, 8, 128, 4, FalseShareStripes), "larger lines")
	assert.Equal(t, 0, SharedLines(4096, 64, 64, 4, FalseShareStripes), "an element for each line")
	assert.Equal(t, 0, SharedLines(4096, 8, 64, 1, FalseShareStripes), "one worker shares with nobody")
	blocks := func(i, n, workers int) int { return i / 64 % workers }
	assert.Equal(t, 0, SharedLines(4096, 8, 64, 4, blocks), "blocks of 64 elements in turns")

	perWorker := make([]int, 3)
	for i := range 100 {
		perWorker[FalseShareChunks(i, 100, 3)]++
	}
	assert.Equal(t, []int{34, 33, 33}, perWorker, "all elements, nearly equal parts")
}

// Fields of one struct, elements of one slice, and small objects that were
// allocated one after the other: the allocator places objects of the same size
// side by side, so a counter made with new for each worker is no protection. Most
// of 20,000 objects of 16 bytes share a line of 64 with another one. Padding
// inside the object makes the distance. Variables on the stacks of different
// goroutines never share a line, so a local variable is the simplest cure.
//
//claim:ask Which variables can end up in the same cache line?
//claim:source internal/runtime/gc/sizeclasses.go
func TestFalseShareNeighbours(t *testing.T) {
	type counter struct{ n, last int64 }
	counters := make([]*counter, 20_000)
	lines := make(map[uintptr]int)
	for i := range counters {
		counters[i] = new(counter)
		lines[uintptr(unsafe.Pointer(counters[i]))/64]++
	}
	alone := 0
	for _, n := range lines {
		if n == 1 {
			alone++
		}
	}
	assert.Less(t, alone, len(counters)/2, "objects with a line of their own")
	runtime.KeepAlive(counters)

	var fields struct{ hits, misses atomic.Int64 }
	assert.Less(t, unsafe.Offsetof(fields.misses), uintptr(64))
	elements := make([]counter, 2)
	assert.Less(t, uintptr(unsafe.Pointer(&elements[1]))-uintptr(unsafe.Pointer(&elements[0])), uintptr(64))

	here, there := new(byte), make(chan uintptr)
	go func() {
		var local [8]byte
		there <- uintptr(unsafe.Pointer(&local[0]))
	}()
	distance := int64(<-there) - int64(uintptr(unsafe.Pointer(here)))
	assert.Greater(t, max(distance, -distance), int64(64))
}

// falseShareStore adds into its slot at each step.
//
//go:noinline
func falseShareStore(slot *int64, numbers []int64) {
	for _, n := range numbers {
		*slot += n
	}
}

// falseShareLocal adds in a register and writes once.
//
//go:noinline
func falseShareLocal(slot *int64, numbers []int64) {
	sum := int64(0)
	for _, n := range numbers {
		sum += n
	}
	*slot += sum
}

// Because the elements of eight goroutines lie in one cache line of 64 bytes. Each
// write takes the line away from the other cores, although no value is shared. Add
// in a local variable and write the result once at the end: the sum stays in a
// register, and what is left is one write for each goroutine. Padding each element
// to a line also ends the sharing, for state that must be visible all the time. To
// find such a place compare the time of one goroutine with that of each of
// several; a profile only shows a simple addition that is strangely slow. How slow
// depends on the processor, and on one core it is nothing; the topic memory has
// the benchmark (FalseSharing).
//
//claim:ask Each goroutine writes its own element of a results slice, and it does not scale. Why?
//claim:source https://pkg.go.dev/golang.org/x/sys/cpu#CacheLinePad
func TestFalseShareLocal(t *testing.T) {
	var results [2]int64
	falseShareStore(&results[0], rangeNumbers(100))
	falseShareLocal(&results[1], rangeNumbers(100))
	assert.Equal(t, [2]int64{4950, 4950}, results)

	assert.Equal(t, 1, SharedLines(8, 8, 64, 8, FalseShareStripes), "the results of 8 goroutines")
	assert.Equal(t, 0, SharedLines(8, 64, 64, 8, FalseShareStripes), "with padding")

	slots := make([]int64, 4)
	var all sync.WaitGroup
	for i := range slots {
		all.Go(func() { falseShareLocal(&slots[i], rangeNumbers(100)) })
	}
	all.Wait()
	assert.Equal(t, []int64{4950, 4950, 4950, 4950}, slots, "each has its own, so it is no race")
}
