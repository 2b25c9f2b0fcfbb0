package optimizing

import (
	"bytes"
	"compress/flate"
	"io"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// No: the first thing is to keep the object on the stack, where it costs nothing to
// make and nothing to free. The function with a local variable is more than 3 times
// faster than the one that gets the same object from a pool, and neither allocates.
// Look at go build -gcflags=-m for the reason why the object escapes. A pool is for
// objects that must be on the heap, are large or slow to make, and are needed for a
// short time.
//
//claim:ask A hot function allocates an object in each call. Is a sync.Pool the answer?
//claim:expect allocs/op of=stack == 0
//claim:expect allocs/op of=pool == 0
//claim:expect ns/op of=pool > 3x of=stack
//claim:source https://go.dev/doc/gc-guide#Eliminating_heap_allocations
func BenchmarkPoolRightStackFirst(b *testing.B) {
	b.Run("of=stack", func(b *testing.B) {
		b.ReportAllocs()
		n := 0
		for b.Loop() {
			poolRightNormStack(n)
			n++
		}
	})
	b.Run("of=pool", func(b *testing.B) {
		b.ReportAllocs()
		n := 0
		for b.Loop() {
			poolRightNormPool(n)
			n++
		}
	})
}

func TestPoolRightStackFirst(t *testing.T) {
	for n := range 3 {
		require.Equal(t, poolRightNormStack(n), poolRightNormPool(n))
	}
}

// Declare the buffer before the loop and truncate it in each iteration: one
// allocation for the whole loop, no lock and no interface, and the buffer is never
// shared. Here 100 lines cost that way one allocation, with a buffer in each
// iteration 100. A pool costs no allocation either, but the loop is slower with it
// than with the variable. A pool pays where the buffer crosses calls that know
// nothing of each other, such as the requests of a server. The one who is given the
// line must not keep it, in both cases.
//
//claim:ask A loop needs a scratch buffer in each iteration. Pool, or a variable before the loop?
//claim:expect allocs/op of=fresh == 100
//claim:expect allocs/op of=reused == 1
//claim:expect ns/op of=fresh > 1.5x of=reused
//claim:expect ns/op of=pooled > 1x of=reused
//claim:source https://go.dev/doc/gc-guide#Eliminating_heap_allocations
func BenchmarkPoolRightLoop(b *testing.B) {
	numbers := make([]int, 100)
	for i := range numbers {
		numbers[i] = i * 1001
	}
	for _, variant := range []struct {
		of  string
		run func([]int, func([]byte))
	}{{"fresh", poolRightFresh}, {"pooled", poolRightPooled}, {"reused", poolRightReused}} {
		b.Run("of="+variant.of, func(b *testing.B) {
			b.ReportAllocs()
			total := 0
			use := func(line []byte) { total += len(line) }
			for b.Loop() {
				variant.run(numbers, use)
			}
		})
	}
}

func TestPoolRightLoop(t *testing.T) {
	lines := func(run func([]int, func([]byte))) (all []string) {
		run([]int{1, 20, 300}, func(line []byte) { all = append(all, string(line)) })
		return all
	}
	want := []string{"order 1", "order 20", "order 300"}
	require.Equal(t, want, lines(poolRightFresh))
	require.Equal(t, want, lines(poolRightPooled))
	require.Equal(t, want, lines(poolRightReused))
}

// Those that are large and slow to make, and have a Reset method. A compressor of
// compress/flate has tables of hundreds of kilobytes. For a message of 100 bytes a
// new one takes more than 5 times as long as one that is reset, and more than 100
// times the memory. Other examples are decoders, encoders with state and big
// buffers. Hashes are mostly small, and a buffer of a few bytes is not worth it.
// Reset must bring the object back to where a new one begins.
//
//claim:ask Which objects pay most in a sync.Pool?
//claim:expect ns/op of=new > 5x of=pooled
//claim:expect B/op of=new > 100x of=pooled
//claim:source https://pkg.go.dev/compress/flate#Writer.Reset
func BenchmarkPoolRightCompressor(b *testing.B) {
	message := bytes.Repeat([]byte("0123456789"), 10)
	for _, variant := range []struct {
		of  string
		run func(io.Writer, []byte) error
	}{{"new", poolRightCompressNew}, {"pooled", poolRightCompressPooled}} {
		b.Run("of="+variant.of, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := variant.run(io.Discard, message); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestPoolRightCompressor(t *testing.T) {
	for range 3 {
		message := []byte("the same text, the same text, and the same text again")
		var fresh, pooled bytes.Buffer
		require.NoError(t, poolRightCompressNew(&fresh, message))
		require.NoError(t, poolRightCompressPooled(&pooled, message))
		require.Equal(t, fresh.Bytes(), pooled.Bytes())
		back, err := io.ReadAll(flate.NewReader(&pooled))
		require.NoError(t, err)
		require.Equal(t, message, back)
		require.ErrorIs(t, poolRightCompressPooled(failingWriter{io.ErrClosedPipe}, message), io.ErrClosedPipe)
		require.ErrorIs(t, poolRightCompressNew(failingWriter{io.ErrClosedPipe}, message), io.ErrClosedPipe)
	}
}

// A missing reset gives the data of one request to another. Whoever fills the object
// may set only some of its fields, as decoders do with what is missing in the input:
// then the rest is what the last user left. Here a request without the field admin
// becomes an administrator. Set the whole object, *u = User{}, before it is filled.
// This is no data race, so the race detector does not see it, and tests with one
// request do not either.
//
//claim:ask What is the most dangerous mistake with a sync.Pool?
//claim:source https://pkg.go.dev/encoding/json#Unmarshal
func TestPoolRightReset(t *testing.T) {
	users := poolRightAnyOrder{}
	first := users.get()
	first.fill(map[string]string{"name": "root", "admin": "true"})
	users.put(first)

	second := users.get()
	second.fill(map[string]string{"name": "guest"})
	require.Equal(t, poolRightUser{"guest", true}, *second)

	users.put(second)
	third := users.get()
	*third = poolRightUser{}
	third.fill(map[string]string{"name": "guest"})
	require.Equal(t, poolRightUser{"guest", false}, *third)
}

// poolRightAnyOrder does what a sync.Pool may do, but always: it hands out the
// object that came last. Under the race detector a sync.Pool drops some.
type poolRightAnyOrder struct{ free []*poolRightUser }

func (p *poolRightAnyOrder) get() *poolRightUser {
	if last := len(p.free) - 1; last >= 0 {
		u := p.free[last]
		p.free = p.free[:last]
		return u
	}
	return new(poolRightUser)
}

func (p *poolRightAnyOrder) put(u *poolRightUser) { p.free = append(p.free, u) }

// Before Put if the object refers to others, and that is the place for both reasons
// in one: an idle object keeps alive all it points to. Here a request in the pool
// holds a body of 1 MB that nobody needs any more, until two collections have
// emptied the pool; after a reset before Put the body is collected at once. Contents
// without pointers can be reset after Get as well, and in that case a Put that was
// forgotten to reset does no harm.
//
//claim:ask Do you reset a pooled object before Put or after Get?
//claim:source https://pkg.go.dev/sync#Pool
func TestPoolRightHolds(t *testing.T) {
	afterOneCollection := func(reset bool) (alive bool) {
		idle := new(sync.Pool)
		body := poolRightPutRequest(idle, reset)
		runtime.GC()
		alive = poolRightAlive(body)
		runtime.GC()
		require.False(t, poolRightAlive(body), "the second collection has emptied the pool")
		runtime.KeepAlive(idle)
		return alive
	}
	require.False(t, afterOneCollection(true))
	for range 50 { // a collection of its own may come in between, and the race detector makes Put drop some
		if afterOneCollection(false) {
			return
		}
	}
	require.Fail(t, "the body was never held")
}

type poolRightRequest struct{ body *[1 << 20]byte }

//go:noinline
func poolRightPutRequest(idle *sync.Pool, reset bool) weak.Pointer[[1 << 20]byte] {
	r := &poolRightRequest{body: new([1 << 20]byte)}
	watch := weak.Make(r.body)
	if reset {
		*r = poolRightRequest{}
	}
	idle.Put(r)
	return watch
}

//go:noinline
func poolRightAlive(body weak.Pointer[[1 << 20]byte]) bool { return body.Value() != nil }

// Two callers get the same object, and each overwrites what the other writes. It
// happens with a deferred Put and a second one on an error path. A pool does not
// check for it: it is a list, not a set. It has no owner to ask, and a check would
// cost more than the pool saves. Have exactly one place that puts, a defer next to
// the Get.
//
//claim:ask What happens if an object is put into a sync.Pool twice?
//claim:source https://pkg.go.dev/sync#Pool.Put
func TestPoolRightTwice(t *testing.T) {
	for range 1000 { // the goroutine may move, and the race detector makes Put drop some
		var pool sync.Pool
		object := new(poolRightPoint)
		pool.Put(object)
		pool.Put(object)
		if first, second := pool.Get(), pool.Get(); first == second && first != nil {
			require.Same(t, object, first)
			return
		}
	}
	require.Fail(t, "never the same object twice")
}

// One pool per size class. In a single pool every buffer meets a large message
// sooner or later, keeps that capacity, and is then used for small ones: in the
// simulation, with 32 messages in progress at a time and one of 50 with 1 MB instead
// of 1 KB, all 32 buffers become large. With a pool for each power of two it is one
// or a few. [SizedPool] is such a pool; fmt and others take the simpler way, and
// drop buffers beyond a limit, which is right if large ones are rare and can be paid
// for.
//
//claim:ask Most messages have 1 KB, a few have 1 MB. Why do the buffers in my pool take so much memory?
//claim:source https://go.dev/issue/27735
func TestPoolRightSizes(t *testing.T) {
	const inProgress, rounds, small, large = 32, 400, 1 << 10, 1 << 20
	// A list of capacities per class stands for the pools.
	simulate := func(class func(int) int) (held int) {
		random := rand.New(rand.NewPCG(1, 2))
		free := make(map[int][]int)
		for range rounds {
			var used []int
			for range inProgress {
				n := small
				if random.IntN(50) == 0 {
					n = large
				}
				capacity, list := n, free[class(n)]
				if len(list) > 0 {
					at := random.IntN(len(list))
					capacity = max(n, list[at])
					list[at] = list[len(list)-1]
					free[class(n)] = list[:len(list)-1]
				}
				used = append(used, capacity)
			}
			for _, capacity := range used {
				free[class(capacity)] = append(free[class(capacity)], capacity)
			}
		}
		for _, list := range free {
			for _, capacity := range list {
				held += capacity
			}
		}
		return held
	}
	single := simulate(func(int) int { return 0 })
	classes := simulate(func(n int) int { return n })
	assert.Equal(t, inProgress*large, single)
	assert.Less(t, classes, 6*large)
}

func TestPoolRightSized(t *testing.T) {
	var pool SizedPool
	for _, n := range []int{0, 1, 512, 513, 4096, 1 << 20, 1<<20 + 1, 3 << 20} {
		for range 2 {
			b := pool.Get(n)
			require.Empty(t, *b)
			require.GreaterOrEqual(t, cap(*b), n)
			require.LessOrEqual(t, cap(*b), max(sizedPoolLeast, 2*n))
			*b = append(*b, "data"...)
			pool.Put(b)
		}
	}
	grown := append(make([]byte, 0, 700), "grown"...)
	pool.Put(&grown) // class 512: every slice there has at least 512
	tiny := make([]byte, 0, 10)
	for range 4 {
		pool.Put(&tiny)
		b := pool.Get(512)
		require.Empty(t, *b)
		require.GreaterOrEqual(t, cap(*b), 512)
	}
	var none SizedPool
	require.Panics(t, func() { none.Put(nil) })

	var users sync.WaitGroup
	for range 4 {
		users.Go(func() {
			for n := range 2000 {
				b := pool.Get(n)
				*b = append(*b, byte(n), byte(n>>8))
				if len(*b) != 2 || (*b)[0] != byte(n) || (*b)[1] != byte(n>>8) {
					t.Error("not ours: ", *b)
				}
				pool.Put(b)
			}
		})
	}
	users.Wait()
}

// Yes, if one goroutine uses it: a slice of free objects is a stack with push and
// pop, with no interface, no pinning to a processor and no loss at collections, and
// it is more than 1.5 times as fast as a sync.Pool. That makes it right inside a
// parser, an interpreter or one worker. It never shrinks on its own, and several
// goroutines would need a lock around it, which is what sync.Pool avoids.
//
//claim:ask Is there something faster than sync.Pool?
//claim:expect ns/op of=pool > 1.5x of=list
//claim:expect allocs/op of=list == 0
//claim:source sync/pool.go
func BenchmarkPoolRightFreeList(b *testing.B) {
	b.Run("of=pool", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p := poolRightPoints.Get().(*poolRightPoint)
			p.x++
			poolRightPoints.Put(p)
		}
	})
	b.Run("of=list", func(b *testing.B) {
		var list poolRightFreeList
		b.ReportAllocs()
		for b.Loop() {
			p := list.get()
			p.x++
			list.put(p)
		}
	})
}

// The package arena exists only with GOEXPERIMENT=arenas, and its proposal is on
// hold: an import of it does not build with the usual settings, and you should not
// rely on it. What remains of the idea in ordinary Go is to allocate a slice of many
// objects at once and hand out pointers into it: one allocation for 100 objects
// here. They are then freed together, so one that is still in use holds all others.
//
//claim:ask Does Go have arenas, to free many objects at once?
//claim:source https://go.dev/issue/51317
func TestPoolRightArena(t *testing.T) {
	out, err := proof.Go(t, "vet", "./testdata/poolright/arena/main.go")
	require.Error(t, err, out)
	require.Contains(t, out, "build constraints exclude all Go files in")

	proof.WantAllocs(t, 1, func() {
		block := make([]poolRightPoint, len(poolRightPointers))
		for i := range block {
			poolRightPointers[i] = &block[i]
		}
	})
}

var poolRightPointers [100]*poolRightPoint
