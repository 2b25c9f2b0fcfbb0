package concurrency

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// At least a cache line from each counter to the next, 64 bytes on amd64 and 128
// on arm64: so a shard is padded to 128 bytes, where eight plain atomic.Int64 in
// a slice take 64 bytes together, so that all workers share one line or two.
// Padding inside the element is enough, since it keeps the distance wherever the
// slice starts. A struct of two hot counters needs the padding between them. The
// price is memory, 16 times here, so it is for a few hot variables and not for
// every struct.
//
//claim:ask How must per-worker counters be laid out so that they do not slow each other down?
//claim:source https://pkg.go.dev/golang.org/x/sys/cpu#CacheLinePad
//claim:source internal/cpu/cpu_arm64.go
func TestShardLayout(t *testing.T) {
	line := func(a *atomic.Int64, size uintptr) uintptr { return uintptr(unsafe.Pointer(a)) / size }

	c := newShardedCounter(8)
	for i := 1; i < 8; i++ {
		require.NotEqual(t, line(&c.shards[i-1].n, cacheLine), line(&c.shards[i].n, cacheLine))
	}
	require.EqualValues(t, cacheLine, unsafe.Sizeof(counterShard{}))

	dense := make([]atomic.Int64, 8)
	require.EqualValues(t, 64, unsafe.Sizeof(dense[0])*8)
	lines := make(map[uintptr]bool)
	for i := range dense {
		lines[line(&dense[i], cacheLine)] = true
	}
	require.LessOrEqual(t, len(lines), 2)

	var hot struct {
		in  atomic.Int64
		_   [cacheLine]byte
		out atomic.Int64
	}
	require.GreaterOrEqual(t, unsafe.Offsetof(hot.out)-unsafe.Offsetof(hot.in), uintptr(cacheLine))
	runtime.KeepAlive(&hot)
}

// It may be a number that the total never was. The sum reads one shard after the
// other. What is added to a shard behind it is missed, while a later addition to
// a shard ahead of it is counted: in the proof the total goes from 0 to 10 and
// 11, and the sum is 1. For a metric this does not matter; for a limit or a
// reference count use one variable. After the workers have ended the sum is
// exact.
//
//claim:ask Is the sum of a sharded counter correct while workers add to it?
//claim:source https://go.dev/ref/mem#atomic
func TestShardSum(t *testing.T) {
	c := newShardedCounter(2)
	total := c.shards[0].n.Load() // a sum has read the first shard,
	c.add(0, 10)                  // the total is 10
	c.add(1, 1)                   // the total is 11
	total += c.shards[1].n.Load()
	require.EqualValues(t, 1, total, "never the total")

	c = newShardedCounter(4)
	var all sync.WaitGroup
	for w := range 4 {
		all.Go(func() {
			for range 100 {
				c.add(w, 1)
			}
		})
	}
	all.Wait()
	require.EqualValues(t, 400, c.sum())
	require.EqualValues(t, 8192, 64*unsafe.Sizeof(c.shards[0]))
}

// addInParallel lets each of workers goroutines add 1 each times.
func addInParallel(workers, each int, add func(worker int)) {
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			for range each {
				add(w)
			}
		})
	}
	all.Wait()
}

// With four cores that all count, padded shards are more than twice as fast as
// one atomic variable and as shards that lie side by side in one cache line: a
// line can be written by one core at a time. So sharding alone is no gain, it
// takes the distance too. On one core, or if the workers seldom count, there is
// nothing to gain.
//
//claim:ask How do you make a counter that many cores increment scale?
//claim:needs cpus>=4
//claim:expect ns/op of=one > 2x of=padded
//claim:expect ns/op of=dense > 2x of=padded
//claim:source https://pkg.go.dev/golang.org/x/sys/cpu#CacheLinePad
func BenchmarkShardedCounter(b *testing.B) {
	const workers, each = 4, 10_000
	var one atomic.Int64
	dense := make([]atomic.Int64, 8)
	padded := newShardedCounter(workers)
	for _, kind := range []struct {
		name string
		add  func(worker int)
	}{
		{"one", func(int) { one.Add(1) }},
		{"dense", func(w int) { dense[w].Add(1) }},
		{"padded", func(w int) { padded.add(w, 1) }},
	} {
		b.Run("of="+kind.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				addInParallel(workers, each, kind.add)
			}
		})
	}
}

func TestShardedCounter(t *testing.T) {
	var one atomic.Int64
	padded := newShardedCounter(4)
	addInParallel(4, 10, func(int) { one.Add(1) })
	addInParallel(4, 10, func(w int) { padded.add(w, 1) })
	require.Equal(t, one.Load(), padded.sum())
}

// The read pays. To add up 64 shards takes more than 10 times as long as one,
// and they take 8192 bytes instead of 8. So shard what is written all the time
// and read now and then, such as a metric; never a value that is checked with
// each write.
//
//claim:ask What is the price of a sharded counter?
//claim:expect ns/op of=sharded > 10x of=one
//claim:source https://pkg.go.dev/sync/atomic#Int64
func BenchmarkShardCost(b *testing.B) {
	b.Run("of=one", func(b *testing.B) {
		c := newShardedCounter(1)
		b.ReportAllocs()
		for b.Loop() {
			for range 100 {
				c.sum()
			}
		}
	})
	b.Run("of=sharded", func(b *testing.B) {
		c := newShardedCounter(64)
		b.ReportAllocs()
		for b.Loop() {
			for range 100 {
				c.sum()
			}
		}
	})
}
