package optimizing

import (
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// Far more than it costs to start the goroutine and to wait for it. On one
// processor, where nothing can be won, a goroutine for each item takes more than 5
// times as long as a loop if the item has 10 steps, and less than 1.5 times if it
// has 20,000. So that is the size from which more processors are a gain and not a
// repair. Smaller items are handled in blocks: then the block is the work, and its
// size is yours to choose.
//
//claim:ask How much work must there be, so that a goroutine for it is worth its cost?
//claim:vary GOMAXPROCS 1
//claim:expect ns/op of=goroutines,steps=10 > 5x of=loop,steps=10
//claim:expect ns/op of=goroutines,steps=20000 < 1.5x of=loop,steps=20000
//claim:source https://go.dev/doc/effective_go#parallel
func BenchmarkConcurrencyCostBreakEven(b *testing.B) {
	for _, variant := range []struct {
		of  string
		run func([]uint64, int)
	}{{"loop", concurrencyCostInLoop}, {"goroutines", concurrencyCostPerItem}} {
		for _, steps := range []int{10, 20_000} {
			b.Run("of="+variant.of+"/steps="+strconv.Itoa(steps), func(b *testing.B) {
				items := make([]uint64, 20)
				for b.Loop() {
					variant.run(items, steps)
				}
			})
		}
	}
}

func TestConcurrencyCostBreakEven(t *testing.T) {
	items := []uint64{1, 2, 3, 4, 5}
	want := slices.Clone(items)
	concurrencyCostInLoop(want, 10)
	concurrencyCostPerItem(items, 10)
	require.Equal(t, want, items)
}

// With a limit below which it goes on in the same goroutine. To add 4,000 numbers by
// halves takes more than 20 times as long if each half has a goroutine down to
// single numbers, as with a limit of 1,000. The number of goroutines is then a few
// for each processor, and nearly all of the work is done in plain loops. The same
// limit is found in every good parallel sort. Instead of a size, a depth can be the
// limit: three levels of halving give eight parts.
//
//claim:ask How do you make a recursive algorithm parallel without making it slower?
//claim:expect ns/op cutoff=1 > 20x cutoff=1000
//claim:source https://go.dev/doc/effective_go#parallel
func BenchmarkConcurrencyCostRecursion(b *testing.B) {
	values := make([]int, 4000)
	for _, cutoff := range []int{1, 1000} {
		b.Run("cutoff="+strconv.Itoa(cutoff), func(b *testing.B) {
			for b.Loop() {
				concurrencyCostSum(values, cutoff)
			}
		})
	}
}

func TestConcurrencyCostRecursion(t *testing.T) {
	values := make([]int, 500)
	for i := range values {
		values[i] = i
	}
	for _, cutoff := range []int{1, 7, 1000} {
		require.Equal(t, 500*499/2, concurrencyCostSum(values, cutoff))
	}
}

// Not per item. Each worker counts in a local variable and adds it to the shared one
// once, at its end: more than 3 times as fast as an atomic addition for each item,
// and more than 5 times as fast as a lock, even on one processor, where nobody is in
// the way. On many processors the difference grows, because the shared counter moves
// between their caches. If others want to see the progress, add after every thousand
// items. It does not help where the shared value is read to decide what to do next.
//
//claim:ask Several workers count into one total. Mutex or atomic?
//claim:vary GOMAXPROCS 1
//claim:expect ns/op of=atomic > 3x of=local
//claim:expect ns/op of=mutex > 5x of=local
//claim:source https://pkg.go.dev/sync/atomic#Int64.Add
func BenchmarkConcurrencyCostLocal(b *testing.B) {
	items := make([]int, 10_000)
	for _, variant := range []struct {
		of  string
		run func([]int) int
	}{{"mutex", concurrencyCostCountLocked}, {"atomic", concurrencyCostCountAtomic}, {"local", concurrencyCostCountLocal}} {
		b.Run("of="+variant.of, func(b *testing.B) {
			for b.Loop() {
				variant.run(items)
			}
		})
	}
}

func TestConcurrencyCostLocal(t *testing.T) {
	items := make([]int, 1001)
	for i := range items {
		items[i] = i
	}
	require.Equal(t, 501, concurrencyCostCountLocked(items))
	require.Equal(t, 501, concurrencyCostCountAtomic(items))
	require.Equal(t, 501, concurrencyCostCountLocal(items))
	require.Zero(t, concurrencyCostCountLocal(nil))
}

// Each into its own slot of a slice that is as long as the input. The slots are
// different variables, so no lock is needed, and WaitGroup.Wait makes all of them
// visible to the caller; the order is that of the input. A lock around each store
// takes more than 2 times as long, a channel with an index and a value for each
// result more than 5 times. It needs a known number of results, one for each item. A
// slice that is appended to, or a map, does need a lock.
//
//claim:ask What is the cheapest way to collect the results of parallel workers?
//claim:vary GOMAXPROCS 1
//claim:expect ns/op of=mutex > 2x of=slots
//claim:expect ns/op of=channel > 5x of=slots
//claim:source https://go.dev/ref/mem
func BenchmarkConcurrencyCostResults(b *testing.B) {
	items := make([]int, 2000)
	for _, variant := range []struct {
		of  string
		run func([]int) []int
	}{{"channel", concurrencyCostSquaresChannel}, {"mutex", concurrencyCostSquaresLocked}, {"slots", concurrencyCostSquaresSlots}} {
		b.Run("of="+variant.of, func(b *testing.B) {
			for b.Loop() {
				variant.run(items)
			}
		})
	}
}

func TestConcurrencyCostResults(t *testing.T) {
	items, want := make([]int, 101), make([]int, 101)
	for i := range items {
		items[i], want[i] = i, i*i
	}
	require.Equal(t, want, concurrencyCostSquaresChannel(items))
	require.Equal(t, want, concurrencyCostSquaresLocked(items))
	require.Equal(t, want, concurrencyCostSquaresSlots(items))
	require.Empty(t, concurrencyCostSquaresSlots(nil))
}

// Give them a slice that nobody changes any more. A getter that copies 1,000 strings
// under a read lock allocates each time and takes more than 20 times as long as one
// that loads a pointer to a finished slice. The writer then makes a new slice and
// stores the pointer, so the copy is paid for by the writers, who are few. Readers
// must not write to what they get; that is a rule of the documentation, the compiler
// does not check it. If writes are as frequent as reads, the lock is better.
//
//claim:ask A getter returns a copy of a slice that is guarded by a lock, and it is hot. What can you do?
//claim:expect allocs/op of=copy == 1
//claim:expect allocs/op of=frozen == 0
//claim:expect ns/op of=copy > 20x of=frozen
//claim:source https://pkg.go.dev/sync/atomic#Pointer
func BenchmarkConcurrencyCostCopy(b *testing.B) {
	var copying concurrencyCostCopying
	copying.hosts = make([]string, 1000)
	var frozen concurrencyCostFrozen
	frozen.hosts.Store(&copying.hosts)
	for _, variant := range []struct {
		of   string
		list func() []string
	}{{"copy", copying.list}, {"frozen", frozen.list}} {
		b.Run("of="+variant.of, func(b *testing.B) {
			b.ReportAllocs()
			total := 0
			for b.Loop() {
				total += len(variant.list())
			}
		})
	}
}

func TestConcurrencyCostCopy(t *testing.T) {
	var copying concurrencyCostCopying
	var frozen concurrencyCostFrozen
	require.Empty(t, frozen.list())
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for j := range 25 {
				host := strconv.Itoa(i*25 + j)
				copying.add(host)
				frozen.add(host)
				before := frozen.list()
				last := before[len(before)-1]
				frozen.add(host + "b")
				if before[len(before)-1] != last || !slices.Contains(copying.list(), host) {
					t.Error("a reader's list has changed, or lacks what was added")
				}
			}
		})
	}
	all.Wait()
	require.Len(t, copying.list(), 100)
	require.Len(t, frozen.list(), 200)
}
