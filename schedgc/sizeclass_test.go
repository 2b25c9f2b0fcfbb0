package schedgc

import (
	"os/exec"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

const classPage = 8 << 10

// Sinks that make the objects of this file escape.
var (
	classPointer unsafe.Pointer
	classBytes   []byte
	classBuilder *strings.Builder
)

// classByHand turns automatic collections off until the test ends.
func classByHand(t *testing.T) {
	percent := debug.SetGCPercent(-1)
	t.Cleanup(func() { debug.SetGCPercent(percent) })
	runtime.GC()
}

// An object without pointers of less than 16 bytes is packed with others into a
// slot of 16 bytes. Any other object of up to 32 KiB takes the next free slot
// of a span of its size, which the current processor (P) holds in its mcache;
// when the span is full, the mcache gets another one with free slots from the
// mcentral of that size, or, if that has none, a fresh one from the mheap. A
// larger object takes pages of the mheap directly. The metrics count the three
// ways apart, as here: 1000 objects of 4 bytes take about 250 slots, and the
// other 750 are tiny ones that found room in a slot. Objects of 60 bytes take
// slots of 64, and one of 100000 bytes is large.
//
//claim:ask What happens inside the runtime when I call new or make: tiny, small and large objects?
//claim:source runtime/malloc.go
//claim:source runtime/mcache.go
func TestSizeclassPaths(t *testing.T) {
	if proof.RaceEnabled {
		t.Skip("the race detector turns the tiny allocator off")
	}
	classByHand(t)
	const n = 1000
	tiny := CountAllocs(func() {
		for range n {
			classPointer = unsafe.Pointer(new([4]byte))
		}
	})
	require.InDelta(t, n*3/4, tiny.Tiny, 20)
	require.InDelta(t, n/4, tiny.Small[16], 20)

	small := CountAllocs(func() {
		for range n {
			classPointer = unsafe.Pointer(new([60]byte))
		}
	})
	require.InDelta(t, n, small.Small[64], 20)
	require.Less(t, small.Tiny, uint64(20))
	require.Zero(t, small.Large)

	large := CountAllocs(func() { classBytes = make([]byte, 100_000) })
	require.EqualValues(t, 1, large.Large)
}

// Each processor (P) has a cache of spans, the mcache, one span for each size
// and kind. To allocate is to take the next free slot of the span of the
// current P: no lock and no atomic operation, since nobody else uses it. So two
// goroutines that run at the same time get slots in different pages. The caches
// are memory of the runtime, and with four times as many Ps there is four times
// as much of it. A lock is needed only when a span is full, and for large
// objects.
//
//claim:ask Why do goroutines on different processors allocate without a lock?
//claim:source runtime/mcache.go
func TestSizeclassPerP(t *testing.T) {
	classByHand(t)
	procs := runtime.GOMAXPROCS(0)
	t.Cleanup(func() { runtime.GOMAXPROCS(procs) })
	inUse := func(procs int) uint64 {
		runtime.GOMAXPROCS(procs)
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.MCacheInuse
	}
	one := inUse(1)
	require.Positive(t, one)
	require.Equal(t, 4*one, inUse(4))

	runtime.GOMAXPROCS(2)
	// Both goroutines spin, so that each has a P, and then allocate by turns.
	attempt := func() (shared bool) {
		var turn atomic.Int32
		var other sync.WaitGroup
		var pages [2]map[uintptr]bool
		allocate := func(self int32) {
			pages[self] = make(map[uintptr]bool)
			for round := range int32(20) {
				for turn.Load() != 2*round+self {
				}
				object := new([208]byte)
				classPointer = unsafe.Pointer(object)
				pages[self][uintptr(unsafe.Pointer(object))/classPage] = true
				turn.Add(1)
			}
		}
		other.Go(func() { allocate(1) })
		allocate(0)
		other.Wait()
		for page := range pages[0] {
			shared = shared || pages[1][page]
		}
		return shared
	}
	for range 50 {
		if !attempt() {
			return
		}
		// Both were on one P by turns.
	}
	require.Fail(t, "never in pages of their own")
}

// The counters of small objects are kept in the cache of each P, and are added
// to the total when a span is exchanged, or when somebody stops the world to
// read them, as runtime.ReadMemStats does. Package runtime/metrics does not
// stop the world: ten new objects may not be in /gc/heap/allocs:objects yet,
// and appear after the span is full. So the metrics are right for a graph, and
// an exact count, as in a test, is made with ReadMemStats, which is what
// testing.AllocsPerRun does.
//
//claim:ask I have allocated a few objects and /gc/heap/allocs in runtime/metrics has not moved. Why?
//claim:source runtime/mcache.go
//claim:source https://pkg.go.dev/runtime/metrics#hdr-Supported_metrics
func TestSizeclassMetricsLag(t *testing.T) {
	classByHand(t)
	samples := []metrics.Sample{{Name: "/gc/heap/allocs:objects"}}
	read := func() uint64 {
		metrics.Read(samples)
		return samples[0].Value.Uint64()
	}
	var m runtime.MemStats
	for range 50 {
		runtime.ReadMemStats(&m)
		before := read()
		for range 10 {
			classPointer = unsafe.Pointer(new([240]byte))
		}
		at := read()
		runtime.ReadMemStats(&m)
		if flushed := read(); at == before && flushed >= before+10 {
			return
		}
		// A span was exchanged in between.
	}
	require.Fail(t, "the metrics were never behind")
}

// classUsed returns n new objects of 416 bytes that are filled with ones.
func classUsed(n int) []*[416]byte {
	objects := make([]*[416]byte, n)
	for i := range objects {
		objects[i] = new([416]byte)
		for j := range objects[i] {
			objects[i][j] = 1
		}
	}
	return objects
}

// Only after the next collection, and then it is cleared. Between two
// collections an allocation never uses the slot of an object that has died,
// since nobody knows that it is dead. Sweeping gives the slots of the dead back
// to their span, a span with free slots comes to some mcache again, and new
// objects fill the holes between the living. Go promises zeroed memory, so a
// slot that was used before is cleared when it is handed out.
//
//claim:ask When is the memory of a dead object used again, and can I see its old contents?
//claim:source runtime/mgcsweep.go
//claim:source https://go.dev/ref/spec#The_zero_value
func TestSizeclassReuse(t *testing.T) {
	classByHand(t)
	const n = 200
	addresses := func(objects []*[416]byte) map[uintptr]bool {
		set := make(map[uintptr]bool)
		for _, object := range objects {
			set[uintptr(unsafe.Pointer(object))] = true
		}
		return set
	}
	reused := func(old map[uintptr]bool, objects []*[416]byte) (n int) {
		for address := range addresses(objects) {
			if old[address] {
				n++
			}
		}
		return n
	}
	objects := classUsed(n)
	dead := make(map[uintptr]bool)
	for i, object := range objects {
		if i%2 == 1 {
			dead[uintptr(unsafe.Pointer(object))] = true
			objects[i] = nil
		}
	}
	require.Zero(t, reused(dead, classUsed(n)), "no collection, no reuse")

	runtime.GC()
	fresh := make([]*[416]byte, 10*n)
	for i := range fresh {
		fresh[i] = new([416]byte)
		require.Equal(t, [416]byte{}, *fresh[i])
	}
	require.Greater(t, reused(dead, fresh), n/8, "holes between the living")
	runtime.KeepAlive(objects)
}

// A span whose objects are all dead goes back to the heap, and its pages can
// become a span of another size, or part of a large object. One living object
// is enough to prevent this: the other slots can then serve only objects of the
// same size. So a program that changes from one size to another needs new
// memory only where spans are partly used.
//
//claim:ask Can memory that held objects of one size be used for another size?
//claim:source runtime/mheap.go
//claim:source runtime/mgcsweep.go
func TestSizeclassSpanChange(t *testing.T) {
	classByHand(t)
	const n = 2000
	pages := func() map[uintptr]bool {
		set := make(map[uintptr]bool)
		objects := make([]*[192]byte, n)
		for i := range objects {
			objects[i] = new([192]byte)
			set[uintptr(unsafe.Pointer(objects[i]))/classPage] = true
		}
		classPointer = unsafe.Pointer(unsafe.SliceData(objects))
		return set
	}
	var kept []*[384]byte
	for range 50 {
		before := pages()
		classPointer = nil
		runtime.GC()
		for range n {
			object := new([384]byte)
			kept = append(kept, object)
			if before[uintptr(unsafe.Pointer(object))/classPage] {
				return // of another size, in the same page
			}
		}
		// The heap has served it from other free pages. They are used now.
		runtime.KeepAlive(kept)
	}
	require.Fail(t, "no page was used again")
}

// Since Go 1.27 the allocator has a function of its own for each small size
// class, made by a generator, in which the size is a constant. The compiler
// calls the right one where it knows the size. Before, all went through one
// function that looked up the class. It is for objects of up to 80 bytes;
// larger ones and slices of unknown length go the general way, and with the
// race detector all do. Here it is shown that the functions are in the program.
// The gain is some nanoseconds for each allocation; this is too little to be
// claimed on a shared machine. GOEXPERIMENT=nosizespecializedmalloc at build
// time turns it off. Drafts of the notes for Go 1.26 announced it, but there it
// is off by default.
//
//claim:ask What are the size-specialized allocation functions of Go 1.27?
//claim:source runtime/malloc_generated.go
//claim:source https://go.dev/blog/size-specialized-allocations
//claim:source https://go.dev/issue/79286
func TestSizeclassSpecialized(t *testing.T) {
	t.Setenv("GOEXPERIMENT", "")
	program, output, err := proof.Build(t, "build", "./testdata/greentea/collect")
	require.NoError(t, err, output)
	symbols, err := exec.Command("go", "tool", "nm", program).CombinedOutput()
	require.NoError(t, err, "%s", symbols)
	specialized := strings.Contains(string(symbols), "runtime.mallocgcSmallScanNoHeaderSC2")
	require.Equal(t, proof.GoAtLeast("go1.27"), specialized)
	require.NotContains(t, string(symbols), "runtime.mallocgcSmallScanNoHeaderSC8", "96 bytes")
	require.Contains(t, string(symbols), "runtime.mallocgcSmallScanHeader", "the general way stays")
}

func TestSizeclassZero(t *testing.T) {
	require.Equal(t, make([]byte, 1000), classZeroed(1000))
	b := classUncleared(1000)
	require.GreaterOrEqual(t, b.Cap(), 1000)
	require.Zero(t, b.Len())
}

// For a large block, a good part. A block of 16 KiB from make takes more than
// 1.2 times as long as the same block from strings.Builder.Grow, which is not
// cleared. The runtime may leave memory as it is where nobody can read it
// before it is written and where it has no pointers: in strings.Builder, in
// string conversions and in the part that append overwrites at once. You cannot
// ask for such memory yourself, so the way to save the clearing is to use a
// buffer again. Memory fresh from the operating system is zero and is not
// cleared a second time.
//
//claim:ask How much of the cost of an allocation is clearing the memory?
//claim:vary GOMAXPROCS 1
//claim:expect ns/op of=zeroed > 1.2x of=uncleared
//claim:expect allocs/op of=zeroed == 1
//claim:source runtime/malloc.go
//claim:source strings/builder.go
func BenchmarkSizeclassZero(b *testing.B) {
	const n = 16 << 10
	b.Run("of=zeroed", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			classBytes = classZeroed(n)
		}
	})
	b.Run("of=uncleared", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			classBuilder = classUncleared(n)
		}
	})
}
