package memory

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

func filledSquare(side int) square {
	m := square{side: side, cells: make([]int32, side*side)}
	for i := range m.cells {
		m.cells[i] = int32(i)
	}
	return m
}

func TestTraversalOrder(t *testing.T) {
	m := filledSquare(32)
	m.cells[777] = 12345
	require.EqualValues(t, 1024*1023/2-777+12345, m.sumByRows())
	require.Equal(t, m.sumByRows(), m.sumByColumns())

	var rows [3][4]int32
	require.EqualValues(t, 4*4, uintptr(unsafe.Pointer(&rows[1][0]))-uintptr(unsafe.Pointer(&rows[0][0])))
}

// Row by row, the order of the memory, is more than 3 times as fast as column by
// column for a matrix of 4 MiB. The rows of an array lie one after the other.
// Along a row, each cache line serves 16 elements of 4 bytes and the processor
// sees the next one coming; down a column, every step needs another line, and that
// is thrown out before the loop comes back for its neighbour. So let the
// innermost loop run over the last index. For a small matrix, of 4 KiB here,
// there is no such difference: all of it stays in the fastest cache.
//
//claim:ask Does it matter whether nested loops go over rows or columns?
//claim:expect ns/op n=1024,of=columns > 3x n=1024,of=rows
//claim:expect ns/op n=32,of=columns < 2x n=32,of=rows
//claim:source https://go.dev/ref/spec#Array_types
func BenchmarkTraversalOrder(b *testing.B) {
	for _, side := range []int{32, 1024} {
		m := filledSquare(side)
		b.Run(fmt.Sprintf("n=%d", side), func(b *testing.B) {
			b.Run("of=rows", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					m.sumByRows()
				}
			})
			b.Run("of=columns", func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					m.sumByColumns()
				}
			})
		})
	}
}

const linkedLength = 1 << 16

// linkOrders returns the order of nodes that were allocated one after the other,
// and that of a list that has been sorted or changed for a long time.
func linkOrders(n int) (inOrder, shuffled []int) {
	inOrder = make([]int, n)
	for i := range inOrder {
		inOrder[i] = i
	}
	return inOrder, rand.New(rand.NewPCG(1, 2)).Perm(n)
}

func TestListTraversal(t *testing.T) {
	const n = 1000
	inOrder, shuffled := linkOrders(n)
	values := make([]int64, n)
	for i := range values {
		values[i] = int64(i)
	}
	require.EqualValues(t, n*(n-1)/2, sumValues(values))
	require.EqualValues(t, n*(n-1)/2, linkedNodes(inOrder).sum())
	require.EqualValues(t, n*(n-1)/2, linkedNodes(shuffled).sum())
	require.NotEqual(t, inOrder, shuffled)
}

// A slice is walked more than 1.5 times as fast as a linked list whose nodes lie
// in the best order, and more than 4 times as fast as one whose nodes are
// scattered. The address of the next node is known only when the current node
// has arrived, so the processor waits for every load; scattered nodes also need
// a cache line each. In a slice all addresses are known ahead. A list pays where
// you often remove in the middle and have the pointer already, as in an LRU cache.
//
//claim:ask Why is a slice usually faster than a linked list?
//claim:expect ns/op of=list > 1.5x of=slice
//claim:expect ns/op of=scattered > 4x of=slice
//claim:source https://pkg.go.dev/container/list
func BenchmarkListTraversal(b *testing.B) {
	inOrder, shuffled := linkOrders(linkedLength)
	b.Run("of=slice", func(b *testing.B) {
		values := make([]int64, linkedLength)
		for i := range values {
			values[i] = int64(i)
		}
		b.ReportAllocs()
		for b.Loop() {
			sumValues(values)
		}
	})
	for _, list := range []struct {
		name  string
		order []int
	}{{"of=list", inOrder}, {"of=scattered", shuffled}} {
		b.Run(list.name, func(b *testing.B) {
			first := linkedNodes(list.order)
			b.ReportAllocs()
			for b.Loop() {
				first.sum()
			}
		})
	}
}

func TestHotField(t *testing.T) {
	wide, narrow, amounts := make([]wideRecord, 1000), make([]narrowRecord, 1000), make([]int64, 1000)
	for i := range wide {
		wide[i].amount, narrow[i].amount, amounts[i] = int64(i), int64(i), int64(i)
	}
	require.Equal(t, sumValues(amounts), sumWide(wide))
	require.Equal(t, sumValues(amounts), sumNarrow(narrow))
	require.EqualValues(t, 128, unsafe.Sizeof(wideRecord{}))
	require.EqualValues(t, 16, unsafe.Sizeof(narrowRecord{}))
}

// A loop that needs 8 bytes of every record of 128 bytes takes more than twice
// as long as the same loop over a slice of these fields alone: every step needs
// a cache line of its own, for what otherwise is a part of a line. A slice per
// field (a struct of slices) therefore suits scans over one or two fields of many
// large records. What counts is how much of each line the loop uses: records of
// 16 bytes are already more than twice as fast as those of 128, so do not give up
// the plain slice of small structs without a measurement.
//
//claim:ask When is a struct of slices faster than a slice of structs?
//claim:expect ns/op of=wide > 2x of=column
//claim:expect ns/op of=wide > 2x of=narrow
//claim:source https://go.dev/ref/spec#Struct_types
func BenchmarkHotField(b *testing.B) {
	const n = 1 << 15
	b.Run("of=column", func(b *testing.B) {
		amounts := make([]int64, n)
		for i := range amounts {
			amounts[i] = 1
		}
		b.ReportAllocs()
		for b.Loop() {
			sumValues(amounts)
		}
	})
	b.Run("of=narrow", func(b *testing.B) {
		records := make([]narrowRecord, n)
		for i := range records {
			records[i].amount = 1
		}
		b.ReportAllocs()
		for b.Loop() {
			sumNarrow(records)
		}
	})
	b.Run("of=wide", func(b *testing.B) {
		records := make([]wideRecord, n)
		for i := range records {
			records[i].amount = 1
		}
		b.ReportAllocs()
		for b.Loop() {
			sumWide(records)
		}
	})
}

func TestFalseSharing(t *testing.T) {
	var dense [2]atomic.Int64
	var padded [2]PaddedCounter
	require.Less(t, distance(&dense[0], &dense[1]), 64, "may share a line")
	require.GreaterOrEqual(t, distance(&padded[0].Int64, &padded[1].Int64), 128)
}

func distance(a, b *atomic.Int64) int {
	return int(uintptr(unsafe.Pointer(b)) - uintptr(unsafe.Pointer(a)))
}

// benchmarkBeside measures increments of one counter while another goroutine
// increments its neighbour all the time.
func benchmarkBeside(b *testing.B, mine, neighbour *atomic.Int64) {
	var stop atomic.Bool
	var beside sync.WaitGroup
	beside.Go(func() {
		for !stop.Load() {
			for range 100 {
				neighbour.Add(1)
			}
		}
	})
	for neighbour.Load() == 0 {
		runtime.Gosched()
	}
	b.ReportAllocs()
	for b.Loop() {
		for range 100 {
			mine.Add(1)
		}
	}
	stop.Store(true)
	beside.Wait()
}

// Cores that write to different variables in one cache line slow each other
// down: incrementing a counter takes more than twice as long while another core
// increments its neighbour in memory. A core must own a line to write to it, so
// the line moves to and fro although nothing is shared. The cure is at least a
// line of padding between values that different goroutines write often, as in
// [PaddedCounter]. It shows only when two cores really run at the same time; where
// goroutines take turns on one, padding just wastes memory. On a machine with two
// cores whatever else runs takes one of them away, so the claim needs four.
//
//claim:ask What is false sharing, and how do you prevent it?
//claim:needs cpus>=4
//claim:expect ns/op of=dense > 2x of=padded
//claim:source https://pkg.go.dev/golang.org/x/sys/cpu#CacheLinePad
//claim:source sync/pool.go
func BenchmarkFalseSharing(b *testing.B) {
	b.Run("of=dense", func(b *testing.B) {
		counters := new([8]atomic.Int64) // one line
		benchmarkBeside(b, &counters[3], &counters[4])
	})
	b.Run("of=padded", func(b *testing.B) {
		counters := new([8]PaddedCounter)
		benchmarkBeside(b, &counters[3].Int64, &counters[4].Int64)
	})
}
