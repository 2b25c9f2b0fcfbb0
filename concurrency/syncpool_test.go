package concurrency

import (
	"bytes"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// onePool makes a pool predictable until the test ends: one processor, no collection
// but those that the test asks for, and no race detector.
func onePool(t *testing.T) {
	t.Helper()
	if proof.RaceEnabled {
		t.Skip("with the race detector a pool drops values at random")
	}
	oneProcessor(t)
	percent := debug.SetGCPercent(-1)
	t.Cleanup(func() { debug.SetGCPercent(percent) })
}

// It survives one collection and not two without use. The first moves all values to
// a second place, the victim cache, where Get still finds them; the next one drops what
// is left there. A value that is taken and put back between two collections starts
// anew. Before Go 1.13 every collection emptied the pool, and programs allocated
// everything again after each of them.
//
//claim:ask Does a value in a sync.Pool survive a garbage collection?
//claim:source https://go.dev/doc/go1.13#sync
//claim:source sync/pool.go
func TestPoolVictim(t *testing.T) {
	onePool(t)
	kept := func(collections int) bool {
		var pool sync.Pool
		value := new(poolPoint)
		pool.Put(value)
		for range collections {
			runtime.GC()
		}
		return pool.Get() == value
	}
	require.True(t, kept(0))
	require.True(t, kept(1), "from the victim cache")
	require.False(t, kept(2))

	var pool sync.Pool
	value := new(poolPoint)
	pool.Put(value)
	for range 5 {
		runtime.GC()
		require.True(t, pool.Get() == value)
		pool.Put(value) // starts anew
	}
}

// On one processor: first, third, second. The documentation says an arbitrary one,
// and this is what is behind it: each processor (P) has one private slot, which the first
// Put fills and the first Get empties, and a list that is used as a stack. With more
// processors it also depends on where a goroutine runs (see PoolPerP). Do not rely on
// any order.
//
//claim:ask Three values are put into a sync.Pool. In which order does Get return them?
//claim:source https://pkg.go.dev/sync#Pool.Get
//claim:source sync/pool.go
func TestPoolOrder(t *testing.T) {
	onePool(t)
	var pool sync.Pool
	for _, name := range []string{"first", "second", "third"} {
		pool.Put(&name)
	}
	var got []string
	for range 3 {
		got = append(got, *pool.Get().(*string))
	}
	require.Equal(t, []string{"first", "third", "second"}, got)
}

// A pool has a part for each processor (P), so that the usual Get and Put need no
// lock. The first value that Put leaves on a processor is in a private slot, which no
// other processor can take from: a Get there calls New, or returns nil, although the
// pool is not empty. Only further values are in a list from which the others may steal.
// So the number of values grows with GOMAXPROCS, and New can be called more often than
// you think.
//
//claim:ask Can Pool.Get call New although there is a value in the pool?
//claim:source sync/pool.go
func TestPoolPerP(t *testing.T) {
	onePool(t)
	runtime.GOMAXPROCS(2) // onePool restores it
	// Both goroutines spin, so that each occupies one of the two processors.
	attempt := func() (private, shared any, second *poolPoint) {
		var pool sync.Pool
		var step atomic.Int32
		var other sync.WaitGroup
		await := func(want int32) {
			for step.Load() != want {
			}
		}
		other.Go(func() {
			step.Store(1)
			await(2)
			private = pool.Get()
			step.Store(3)
			await(4)
			shared = pool.Get()
			step.Store(5)
		})
		await(1)
		pool.Put(new(poolPoint))
		step.Store(2)
		await(3)
		second = new(poolPoint)
		pool.Put(second)
		step.Store(4)
		await(5)
		other.Wait()
		return private, shared, second
	}
	for range 50 {
		private, shared, second := attempt()
		if private == nil && shared == second {
			return
		}
		// The scheduler has moved one of the goroutines.
	}
	require.Fail(t, "no attempt showed a private slot")
}

// Get calls New if the pool has nothing to give, and returns what New returns. Without
// New it returns nil, so a plain type assertion panics. Put(nil) does nothing. A pool
// is never full: Put takes everything, and only the collector removes. New is called on
// demand, never in advance.
//
//claim:ask What does Pool.Get return when the pool is empty?
//claim:source https://pkg.go.dev/sync#Pool
func TestPoolEmpty(t *testing.T) {
	onePool(t)
	var pool sync.Pool
	require.Nil(t, pool.Get())
	pool.Put(nil)
	require.Nil(t, pool.Get())
	require.Panics(t, func() { _ = pool.Get().(*poolPoint) })

	made := 0
	pool.New = func() any { made++; return new(poolPoint) }
	require.Zero(t, made)
	a, b := pool.Get(), pool.Get()
	require.Equal(t, 2, made)
	pool.Put(a)
	pool.Put(b)
	pool.Get()
	pool.Get()
	require.Equal(t, 2, made)
}

// The next Get gives it to somebody else, and then two goroutines use one object: data
// of one request shows up in another one. The same happens if Put is called twice, or if
// a slice of the pooled buffer is returned to a caller. Put must be the last use, on one
// path only, and results have to be copied out before.
//
//claim:ask What happens if I use an object after I have put it back into a sync.Pool?
//claim:source https://pkg.go.dev/sync#Pool
func TestPoolUseAfterPut(t *testing.T) {
	onePool(t)
	var pool sync.Pool
	mine := bytes.NewBufferString("answer for you")
	returned := mine.Bytes()
	pool.Put(mine)

	theirs := pool.Get().(*bytes.Buffer) // another request
	theirs.Reset()
	theirs.WriteString("secret of them")
	require.Equal(t, "secret of them", string(returned))

	pool.Put(theirs)
	pool.Put(theirs)
	require.Same(t, pool.Get(), pool.Get(), "two owners")
}

// With the race detector Put drops every fourth value on average, at random, so that a
// program which counts on getting its value back fails in tests. Without it nothing is
// lost on one processor between two collections. So a test must not assert what comes
// out of a pool, and an allocation count with a pool in it differs under -race.
//
//claim:ask Why does a test that uses a sync.Pool fail only with -race?
//claim:source sync/pool.go
func TestPoolRace(t *testing.T) {
	oneProcessor(t)
	percent := debug.SetGCPercent(-1)
	t.Cleanup(func() { debug.SetGCPercent(percent) })
	var pool sync.Pool
	const n = 1000
	for range n {
		pool.Put(new(poolPoint))
	}
	found := 0
	for pool.Get() != nil {
		found++
	}
	if proof.RaceEnabled {
		require.InDelta(t, n*3/4, found, n/8)
	} else {
		require.Equal(t, n, found)
	}
}

// poolConnection counts how many of its kind are closed.
type poolConnection struct{ closed *int }

func (c *poolConnection) Close() error {
	*c.closed++
	return nil
}

// No. The pool drops values without telling anybody: nothing calls Close, so the
// connection stays open until a finalizer or the other side ends it. There is also no
// limit on their number, no count, no health check, and no way to empty the pool at the
// end of the program. Use a real connection pool, such as that of database/sql or
// net/http, or a buffered channel that you drain and close.
//
//claim:ask Can a sync.Pool be used for database connections?
//claim:source https://pkg.go.dev/sync#Pool
func TestPoolConnections(t *testing.T) {
	onePool(t)
	closed := 0
	var pool sync.Pool
	for range 3 {
		pool.Put(&poolConnection{closed: &closed})
	}
	runtime.GC()
	runtime.GC()
	require.Nil(t, pool.Get(), "all gone")
	require.Zero(t, closed, "and none closed")
}

// A buffered channel as a free list keeps its values over all collections, never more
// than its capacity, and knows how many there are. So it fits when values are few and
// expensive, or must be closed in the end. A sync.Pool has no limit to choose, gives
// memory back when it is not used, and its usual Get and Put touch only what belongs
// to the current processor. For buffers take the pool.
//
//claim:ask sync.Pool or a buffered channel as a free list?
//claim:source https://go.dev/doc/effective_go#leaky_buffer
//claim:source https://pkg.go.dev/sync#Pool
func TestPoolFreeList(t *testing.T) {
	onePool(t)
	list := make(poolFreeList, 2)
	var pool sync.Pool
	buffers := []*bytes.Buffer{new(bytes.Buffer), new(bytes.Buffer), new(bytes.Buffer)}
	var kept []bool
	for _, b := range buffers {
		kept = append(kept, list.put(b))
		pool.Put(b)
	}
	require.Equal(t, []bool{true, true, false}, kept)
	for range 3 {
		runtime.GC()
	}
	require.Len(t, list, 2)
	require.Same(t, buffers[0], list.get())
	require.Same(t, buffers[1], list.get())
	require.NotNil(t, list.get(), "a new one")
	require.Nil(t, pool.Get())
}

func TestPoolSmall(t *testing.T) {
	require.EqualValues(t, 8, poolPointStack(7))
	require.EqualValues(t, 8, poolPointPooled(7))
	require.EqualValues(t, 8, poolPointPooled(7))
}

// If the object would live on the stack anyway, the pool only costs: Get and Put
// together take more than 5 times as long as a small struct on the stack, which costs no
// allocation either. Putting an object into a pool makes it a heap object for good. So
// look for objects that escape, are large or grow, and are made often; measure before
// and after. For what a pool saves see PoolBuffer.
//
//claim:ask When does a sync.Pool make a program slower?
//claim:expect allocs/op of=stack == 0
//claim:expect allocs/op of=pool == 0
//claim:expect ns/op of=pool > 5x of=stack
//claim:source https://pkg.go.dev/sync#Pool
func BenchmarkPoolSmall(b *testing.B) {
	run := func(name string, f func(int64) int64) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for i := range int64(20) {
					f(i)
				}
			}
		})
	}
	run("of=stack", poolPointStack)
	run("of=pool", poolPointPooled)
}

func TestPoolBuffer(t *testing.T) {
	require.Equal(t, 64*64, poolRenderNew(64))
	require.Equal(t, 64*64, poolRenderPooled(64))
	require.Equal(t, 64, poolRenderPooled(1), "reset")
}

// A buffer from the pool has grown already. Writing 4 KiB in pieces into a new
// bytes.Buffer allocates 7 times while it grows; the pooled one allocates nothing and is
// more than 4 times as fast. Reset after Get or before Put: the pool does not do it.
//
//claim:ask What does a pooled bytes.Buffer save against a new one?
//claim:expect allocs/op of=new == 7
//claim:expect allocs/op of=pool == 0
//claim:expect ns/op of=new > 4x of=pool
//claim:source https://pkg.go.dev/sync#Pool
func BenchmarkPoolBuffer(b *testing.B) {
	run := func(name string, render func(int) int) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				render(64)
			}
		})
	}
	run("of=new", poolRenderNew)
	run("of=pool", poolRenderPooled)
}
