package schedgc

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"weak"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// poolBuffer is what the pools of this file hold.
type poolBuffer struct {
	_ *poolBuffer
	_ [32 << 10]byte
}

// poolQuiet makes a pool predictable until the test ends: one processor, and no collection
// but those that the test asks for.
func poolQuiet(t *testing.T) {
	t.Helper()
	if proof.RaceEnabled {
		t.Skip("with the race detector a pool drops values at random")
	}
	procs := runtime.GOMAXPROCS(1) // a pool has a part for each processor
	percent := debug.SetGCPercent(-1)
	t.Cleanup(func() {
		debug.SetGCPercent(percent)
		runtime.GOMAXPROCS(procs)
	})
	runtime.GC()
}

// poolUse takes n values out of the pool at once and puts all back.
func poolUse(pool *sync.Pool, n int) {
	var values []any
	for range n {
		values = append(values, pool.Get())
	}
	for _, value := range values {
		pool.Put(value)
	}
}

// Each collection begins by emptying the pools, with the world stopped: what was put back
// since the last one moves to the victim cache, and what was in the victim cache is dropped. So
// after a burst of 100 values the pool shrinks to what is really used between two
// collections: one request at a time keeps one value. The second collection after the burst has
// already freed the other 99. A pool needs no limit for this, and it gives the memory back
// only as fast as the program collects.
//
//claim:ask How does a sync.Pool shrink after a burst?
//claim:source sync/pool.go
//claim:source https://go.dev/doc/go1.13#sync
func TestPoolgcBurst(t *testing.T) {
	poolQuiet(t)
	made := 0
	pool := sync.Pool{New: func() any { made++; return new(poolBuffer) }}
	poolUse(&pool, 100)
	require.Equal(t, 100, made)
	poolUse(&pool, 100)
	require.Equal(t, 100, made, "all are there")

	for range 2 { // one request in each cycle
		runtime.GC()
		poolUse(&pool, 1)
	}
	poolUse(&pool, 100)
	require.Equal(t, 199, made, "one was kept")
}

// Yes. A pool refers to its values like any other memory, so what lies in it is
// live: it is marked, and it is in /gc/heap/live:bytes, the number from which
// the next heap goal is computed. It is so for the first collection after the
// last use, in which the values move to the victim cache, which is still
// referred to. The second one drops the victim cache before it marks, so it
// frees the values itself. A pool of large buffers thus raises the goal of the
// collector and makes collections rarer, which costs memory and saves time.
//
//claim:ask Do unused objects in a sync.Pool count as live heap?
//claim:source sync/pool.go
func TestPoolgcLive(t *testing.T) {
	poolQuiet(t)
	const n, size = 50, 32 << 10
	var pool sync.Pool
	live := func() int64 {
		sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(sample)
		return int64(sample[0].Value.Uint64()) // as marked by the last collection
	}
	runtime.GC()
	runtime.GC() // the second one frees what other tests have left in pools
	base := live()
	for range n {
		pool.Put(new(poolBuffer))
	}
	runtime.GC()
	require.Greater(t, live()-base, int64(n*size*9/10), "in the victim cache")
	runtime.GC()
	require.Less(t, live()-base, int64(n*size/10))
	runtime.KeepAlive(&pool)
}

// Only collections empty a pool. With GOGC=off and no memory limit there are
// none, so a pool keeps the values of its largest burst for ever. Time or other
// allocations alone empty nothing.
//
//claim:ask What does a sync.Pool do when the garbage collector is off?
//claim:source sync/pool.go
func TestPoolgcOff(t *testing.T) {
	poolQuiet(t)
	made := 0
	pool := sync.Pool{New: func() any { made++; return new(poolBuffer) }}
	poolUse(&pool, 100)
	for range 20 { // other garbage: 10 MiB, more than a heap of this size would bear
		poolGarbage = make([]byte, 512<<10)
	}
	poolGarbage = nil
	poolUse(&pool, 100)
	require.Equal(t, 100, made)
}

var poolGarbage []byte

// A pool helps between two collections, so its use depends on how often they
// come. A value that is used at least once in each cycle is made once and lives
// on. If two collections pass between two uses, every Get makes a new one and
// the pool only adds work. This is so in a program with a small heap and much
// other garbage, which collects many times a second, and for objects that are
// used seldom. A higher GOGC makes the same pool work better; a variable or a
// channel keeps values whatever the collector does.
//
//claim:ask My sync.Pool has no effect: New is called again and again. Why?
//claim:source https://pkg.go.dev/sync#Pool
func TestPoolgcMisses(t *testing.T) {
	poolQuiet(t)
	missesWith := func(collections int) (made int) {
		pool := sync.Pool{New: func() any { made++; return new(poolBuffer) }}
		for range 10 {
			poolUse(&pool, 1)
			for range collections {
				runtime.GC()
			}
		}
		return made
	}
	require.Equal(t, 1, missesWith(0))
	require.Equal(t, 1, missesWith(1))
	require.Equal(t, 10, missesWith(2))
}

// The runtime has a list of all pools that were used since the last collection, and one of
// those used before it, and both keep their pools alive. So a pool that nobody else refers
// to dies with its values in the second collection, not in the first. A pool for each
// request or each object therefore keeps memory longer than no pool: pools are meant to be
// package-level variables.
//
//claim:ask Is a sync.Pool that nobody refers to collected at once?
//claim:source sync/pool.go
func TestPoolgcDropped(t *testing.T) {
	poolQuiet(t)
	drop := func() (weak.Pointer[sync.Pool], weak.Pointer[poolBuffer]) {
		pool, value := new(sync.Pool), new(poolBuffer)
		pool.Put(value)
		return weak.Make(pool), weak.Make(value)
	}
	pool, value := drop()
	runtime.GC()
	require.NotNil(t, pool.Value())
	require.NotNil(t, value.Value())
	runtime.GC()
	require.Nil(t, pool.Value())
	require.Nil(t, value.Value())
}

// A pool has no counters, but its values can have cleanups: count in New what
// is made, and in a cleanup what is dropped. The difference is what is in use
// or in the pool. Here 20 values are dropped by the second collection. A
// cleanup costs time for each value and in each collection, so this is for a
// test or a rare, large value. To end a resource that a value holds needs the
// same cleanup, since nothing calls Close.
//
//claim:ask How do I see how many objects a sync.Pool loses to the garbage collector?
//claim:source https://pkg.go.dev/runtime#AddCleanup
func TestPoolgcCount(t *testing.T) {
	poolQuiet(t)
	var made, dropped atomic.Int64
	pool := sync.Pool{New: func() any {
		made.Add(1)
		value := new(poolBuffer)
		runtime.AddCleanup(value, func(count *atomic.Int64) { count.Add(1) }, &dropped)
		return value
	}}
	poolUse(&pool, 20)
	runtime.GC()
	require.Zero(t, dropped.Load(), "in the victim cache")
	runtime.GC()
	for deadline := time.Now().Add(10 * time.Second); dropped.Load() < made.Load(); runtime.Gosched() {
		require.True(t, time.Now().Before(deadline))
	}
	require.EqualValues(t, 20, dropped.Load())
}

// A pool keeps a value for one collection after its last use, a weak pointer
// for none: it turns nil in the first one. So a weak pointer is a reference to
// what others keep alive, and a pool is a place for what nobody needs at the
// moment. Neither is a cache that holds what was expensive to compute.
//
//claim:ask sync.Pool or weak pointers: which one keeps an unused object longer?
//claim:source https://pkg.go.dev/weak#Pointer
//claim:source https://pkg.go.dev/sync#Pool
func TestPoolgcWeak(t *testing.T) {
	poolQuiet(t)
	var pool sync.Pool
	watch := func() weak.Pointer[poolBuffer] {
		pool.Put(new(poolBuffer))
		return weak.Make(new(poolBuffer))
	}()
	runtime.GC()
	require.Nil(t, watch.Value())
	require.NotNil(t, pool.Get())
}

// A buffer from the pool is no new garbage, so the heap reaches its goal later,
// or never. 600 buffers of 32 KiB from new need at least 3 collections, and
// from a pool none in this quiet program. So the gain is more than the time of
// the allocations saved: it is the marking of the whole live heap, again and
// again, that does not happen. The count is for a heap of some megabytes; the
// larger the live heap, the rarer the collections and the smaller the gain.
//
//claim:ask What does a sync.Pool change for the garbage collector?
//claim:source https://go.dev/doc/gc-guide#GOGC
func TestPoolgcCollections(t *testing.T) {
	if !proof.InChild(t) {
		if testing.Short() {
			t.Skip("starts a process")
		}
		if proof.RaceEnabled {
			t.Skip("with the race detector a pool drops values at random")
		}
		output, err := proof.Child(t, "GOGC=100", "GOMEMLIMIT=off", "GOMAXPROCS=1")
		require.NoError(t, err, output)
		return
	}
	collections := func(f func()) uint32 {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		for range 600 {
			f()
		}
		runtime.ReadMemStats(&after)
		return after.NumGC - before.NumGC
	}
	var value *poolBuffer
	fromNew := collections(func() {
		value = new(poolBuffer)
		poolKeep(value)
	})
	pool := sync.Pool{New: func() any { return new(poolBuffer) }}
	fromPool := collections(func() {
		value = pool.Get().(*poolBuffer)
		poolKeep(value)
		pool.Put(value)
	})
	require.GreaterOrEqual(t, fromNew, uint32(3))
	require.Zero(t, fromPool)
}

// poolKept makes buffers escape.
var poolKept *poolBuffer

//go:noinline
func poolKeep(value *poolBuffer) { poolKept = value }
