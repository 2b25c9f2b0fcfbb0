package memory

import (
	"fmt"
	"math"
	"os/exec"
	"regexp"
	"runtime"
	"runtime/debug"
	"sync"
	"testing"
	"unsafe"
	"weak"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// Sinks that make values escape.
var (
	allocBytes   []byte
	allocPointer unsafe.Pointer
)

// measuredSize returns the bytes of heap per call of allocate. It takes the
// least of several measurements, because the runtime allocates now and then too,
// above all for a collection.
func measuredSize(allocate func()) int {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	const calls = 8
	least := uint64(math.MaxUint64)
	for range 5 {
		least = min(least, proof.AllocatedBytes(func() {
			for range calls {
				allocate()
			}
		}))
	}
	return int(least) / calls
}

// A small object gets a slot whose size is one of the size classes: 67 fixed
// sizes from 8 bytes to 32 KiB. The request is rounded up to the next one, so
// 33 bytes cost 48. Above 128 bytes less than 16 percent of a slot is lost in the
// worst case, below it can be nearly half. B/op and HeapAlloc count slots, not
// requests. It pays to know when a type that exists by the million grows by one
// field and crosses a class, or when a slice is sized by hand.
//
//claim:ask What are size classes, and how many bytes does a small object really take?
//claim:source internal/runtime/gc/sizeclasses.go
//claim:source https://pkg.go.dev/runtime/metrics#hdr-Supported_metrics
func TestSizeClasses(t *testing.T) {
	classes := SizeClasses()
	require.Len(t, classes, 67)
	require.Equal(t, []int{8, 16, 24, 32, 48}, classes[:5])
	require.Equal(t, maxSmall, classes[66])
	for i, class := range classes[1:] {
		lost := float64(class-(classes[i]+1)) / float64(class)
		if classes[i] >= 128 {
			require.Less(t, lost, 0.16, "an object of %d bytes in %d", classes[i]+1, class)
		} else {
			require.Less(t, lost, 0.5)
		}
	}
	require.Equal(t, 48, AllocSize(33))
	require.Equal(t, 1152, AllocSize(1025))
	require.Zero(t, AllocSize(0))

	if proof.RaceEnabled {
		t.Skip("the race detector adds allocations of its own")
	}
	for size := 16; size <= maxSmall; size = size*5/4 + 1 {
		require.Equal(t, AllocSize(size), measuredSize(func() { allocBytes = make([]byte, size) }), "size %d", size)
	}
}

// An object of more than 32 KiB gets pages of its own, a multiple of 8 KiB. It
// goes around the caches that make small allocations cheap: each one takes
// memory from the heap under a lock and gives it back after a collection. So
// one byte more than 32 KiB takes 40 KiB.
//
//claim:ask How are large objects allocated?
//claim:source runtime/malloc.go
func TestLargeObject(t *testing.T) {
	require.Equal(t, 32<<10, AllocSize(32<<10))
	require.Equal(t, 40<<10, AllocSize(32<<10+1))
	require.Equal(t, 104<<10, AllocSize(100_000))
	if proof.RaceEnabled {
		t.Skip("the race detector adds allocations of its own")
	}
	for _, size := range []int{32 << 10, 32<<10 + 1, 100_000} {
		require.Equal(t, AllocSize(size), measuredSize(func() { allocBytes = make([]byte, size) }), "size %d", size)
		require.Zero(t, uintptr(unsafe.Pointer(&allocBytes[0]))%heapPage, "starts a page")
	}
}

// Objects of less than 16 bytes without pointers are packed into blocks of 16
// bytes: sixteen one-byte objects cost one block. Mallocs and allocs/op count
// every object, B/op counts the blocks, so B/op may be smaller than a size class.
// An object with a pointer is never packed. A block stays as long as one of its
// objects does, so a kept byte can hold 16. The race detector turns the packing
// off.
//
//claim:ask What is the tiny allocator?
//claim:source runtime/malloc.go
func TestTinyAllocator(t *testing.T) {
	if proof.RaceEnabled {
		t.Skip("the race detector turns the tiny allocator off")
	}
	collectByHand(t)
	const n = 16_000
	cost := func(allocate func()) (objects, bytes int) {
		before := memStats()
		for range n {
			allocate()
		}
		after := memStats()
		return int(after.Mallocs - before.Mallocs), int(after.TotalAlloc - before.TotalAlloc)
	}
	for _, tt := range []struct {
		what     string
		allocate func()
		bytes    int
	}{
		{"a byte", func() { allocPointer = unsafe.Pointer(new(byte)) }, 1},
		{"4 bytes", func() { allocPointer = unsafe.Pointer(new(int32)) }, 4},
		{"9 bytes, two do not fit", func() { allocPointer = unsafe.Pointer(new([9]byte)) }, 16},
		{"a pointer", func() { allocPointer = unsafe.Pointer(new(*byte)) }, AllocSize(int(unsafe.Sizeof(uintptr(0))))},
	} {
		objects, bytes := cost(tt.allocate)
		require.InEpsilon(t, n, objects, 0.05, tt.what)
		require.InEpsilon(t, n*tt.bytes, bytes, 0.05, tt.what)
	}
}

// A value of size zero takes no memory: new(struct{}), make([]int, 0) and a
// [0]int cost no allocation, and those that would be on the heap all get the
// same address. So pointers to two different variables of size zero may be
// equal or not, as the language says: never use them as identities, for example
// as keys for a context.
//
//claim:ask Does new(struct{}) allocate, and are two such pointers equal?
//claim:source https://go.dev/ref/spec#Size_and_alignment_guarantees
//claim:source runtime/malloc.go
func TestZeroSize(t *testing.T) {
	first, second := newEmpty(), newEmpty()
	require.True(t, first == second, "the runtime has one address for all")
	a, b := new(struct{}), new(struct{})
	require.False(t, a == b, "the compiler takes them for different: they are not on the heap")
	require.Same(t, unsafe.SliceData(makeEmpty(0)), unsafe.SliceData(makeEmpty(0)))
	proof.WantAllocs(t, 0, func() {
		allocPointer = unsafe.Pointer(newEmpty())
		allocPointer = unsafe.Pointer(unsafe.SliceData(makeEmpty(0)))
	})
}

//go:noinline
func newEmpty() *struct{} { return new(struct{}) }

//go:noinline
func makeEmpty(n int) []int64 { return make([]int64, n) }

// Since Go 1.22 an object with pointers that is larger than 512 bytes has a
// hidden header of 8 bytes that tells the collector its type. The header counts
// for the size class: a struct of exactly 1024 bytes moves from the class 1024
// to 1152 when it gets a pointer. Smaller objects have their pointer bits at the
// end of the span, and objects without pointers need none. The numbers are those
// of 64-bit systems.
//
//claim:ask Why can a struct of 1024 bytes take 1152 bytes of heap?
//claim:source https://go.dev/doc/go1.22#runtime
//claim:source internal/runtime/gc/malloc.go
func TestMallocHeader(t *testing.T) {
	if unsafe.Sizeof(uintptr(0)) != 8 {
		t.Skip("the numbers are for 64-bit systems")
	}
	if proof.RaceEnabled {
		t.Skip("the race detector adds allocations of its own")
	}
	type (
		plain1024   struct{ _ [1024]byte }
		pointer1024 struct {
			_ *byte
			_ [1016]byte
		}
		pointer1016 struct {
			_ *byte
			_ [1008]byte
		}
		pointer512 struct {
			_ *byte
			_ [504]byte
		}
	)
	require.Equal(t, 1024, measuredSize(func() { allocPointer = unsafe.Pointer(new(plain1024)) }))
	require.Equal(t, 1152, measuredSize(func() { allocPointer = unsafe.Pointer(new(pointer1024)) }))
	require.Equal(t, 1024, measuredSize(func() { allocPointer = unsafe.Pointer(new(pointer1016)) }))
	require.Equal(t, 512, measuredSize(func() { allocPointer = unsafe.Pointer(new(pointer512)) }))
}

// pagesOf returns the pages that n new objects of type T are in.
func pagesOf[T any](n int) map[uintptr]bool {
	objects, pages := make([]*T, n), make(map[uintptr]bool)
	for i := range objects {
		objects[i] = new(T)
	}
	for _, object := range objects {
		pages[uintptr(unsafe.Pointer(object))/heapPage] = true
	}
	allocPointer = unsafe.Pointer(unsafe.SliceData(objects)) // all live at once
	return pages
}

// Every small object is in a span: some pages cut into slots of one size class,
// all for objects with pointers or all for objects without. So a small object
// needs no header with its size: the address tells the span, and the span the
// size. Objects of one kind that are allocated one after the other are close
// together, and no page has objects of two kinds.
//
//claim:ask How does the Go allocator arrange small objects in memory?
//claim:source runtime/mheap.go
//claim:source runtime/malloc.go
func TestSpans(t *testing.T) {
	const n = 600
	kinds := []map[uintptr]bool{
		pagesOf[[2]int64](n), pagesOf[[4]int64](n), pagesOf[[2]*int64](n), pagesOf[[4]*int64](n),
	}
	seen := make(map[uintptr]int)
	for kind, pages := range kinds {
		require.Greater(t, len(pages), 0)
		require.LessOrEqual(t, len(pages), n/10, "close together")
		for page := range pages {
			other, shared := seen[page]
			require.False(t, shared, "kinds %d and %d share a page", kind, other)
			seen[page] = kind
		}
	}
}

// A span can be used for something else only when it is empty, and objects never
// move. So a few objects that live long, scattered over many spans, keep all of
// these in use: HeapInuse stays where it was when HeapAlloc falls. Free slots in
// them wait for new objects of the same size class. The difference HeapInuse minus
// HeapAlloc is the price; it shrinks when the long-lived objects are allocated
// together, before or apart from the short-lived ones.
//
//claim:ask Does a Go heap fragment, and does the collector compact it?
//claim:source https://pkg.go.dev/runtime#MemStats
//claim:source runtime/mheap.go
func TestHeapFragments(t *testing.T) {
	const n, perPage = 32_768, heapPage / 128
	collectByHand(t)
	objects := make([]*[128]byte, n)
	for i := range objects {
		objects[i] = new([128]byte)
	}
	full := memStats()
	address := uintptr(unsafe.Pointer(objects[0]))
	for i := range objects {
		if i%perPage != 0 {
			objects[i] = nil
		}
	}
	runtime.GC()
	sparse := memStats()
	require.InDelta(t, n*128, int64(full.HeapAlloc-sparse.HeapAlloc), n*128/10)
	require.Less(t, int64(full.HeapInuse-sparse.HeapInuse), int64(n*128/4), "one object per page keeps it")
	require.Equal(t, address, uintptr(unsafe.Pointer(objects[0])), "nothing has moved")

	clear(objects)
	runtime.GC()
	require.Greater(t, int64(full.HeapInuse-memStats().HeapInuse), int64(n*128*3/4))
}

// One array for n elements costs one allocation in place of n, and keeps them
// together in memory. The price is a common life: a pointer to one element
// keeps the whole array alive. So it fits elements that are made and dropped
// together, such as the nodes of one parsed file, and not the entries of a cache.
//
//claim:ask How do you allocate many small objects cheaply, and what is the drawback?
//claim:source https://go.dev/doc/gc-guide#Eliminating_heap_allocations
func TestSlab(t *testing.T) {
	const n = 100
	heldBy := func(all []*spot) (alive int) {
		watch := make([]weak.Pointer[spot], n)
		for i, s := range all {
			watch[i] = weak.Make(s)
		}
		one := all[n/2]
		runtime.GC()
		for _, w := range watch {
			if w.Value() != nil {
				alive++
			}
		}
		runtime.KeepAlive(one)
		return alive
	}
	require.Equal(t, 1, heldBy(spots(n)))
	require.Equal(t, n, heldBy(slabSpots(n)))

	var kept []*spot
	proof.WantAllocs(t, n+1, func() { kept = spots(n) })
	proof.WantAllocs(t, 2, func() { kept = slabSpots(n) })
	runtime.KeepAlive(kept)
}

// Since Go 1.26 the heap starts at a random address on 64-bit systems, so the
// pointers of a program differ from run to run. You may read that a Go heap
// begins at 0xc000000000 and that such a pointer is known to be on the heap: that
// was true up to Go 1.25. Nothing may depend on addresses: not an order, not a
// hash, not the text of a golden file.
//
//claim:ask Why are Go heap addresses no longer of the form 0xc000012345?
//claim:source https://go.dev/doc/go1.26#runtime
func TestHeapBase(t *testing.T) {
	if unsafe.Sizeof(uintptr(0)) != 8 {
		t.Skip("only 64-bit systems have a random heap base")
	}
	if proof.InChild(t) {
		t.Logf("heap address %p", new([64]byte))
		return
	}
	if proof.RaceEnabled {
		t.Skip("the race detector needs the heap at a fixed address")
	}
	if testing.Short() {
		t.Skip("starts processes")
	}
	address := regexp.MustCompile(`heap address (0x[0-9a-f]+)`)
	seen := make(map[string]bool)
	for range 3 {
		output, err := proof.Child(t)
		require.NoError(t, err, output)
		found := address.FindStringSubmatch(output)
		require.Len(t, found, 2, output)
		seen[found[1]] = true
	}
	require.Greater(t, len(seen), 1, "three processes, one address: %v", seen)
}

// No. The experiment arena, which freed many objects at once by hand, is on
// hold for an unlimited time because of its effect on every API: it exists only
// with GOEXPERIMENT=arenas, and may go away. What is left is to put objects of
// one life into one slice, to reuse them through a sync.Pool, or to have none.
//
//claim:ask Does Go have arenas or another way to free memory by hand?
//claim:source https://go.dev/issue/51317
func TestArenaExperiment(t *testing.T) {
	if testing.Short() {
		t.Skip("starts the go command")
	}
	list := exec.CommandContext(t.Context(), "go", "list", "arena")
	list.Env = append(list.Environ(), "GOEXPERIMENT=")
	output, err := list.CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(output), "build constraints exclude all Go files")

	list = exec.CommandContext(t.Context(), "go", "list", "arena")
	list.Env = append(list.Environ(), "GOEXPERIMENT=arenas")
	output, err = list.CombinedOutput()
	require.NoError(t, err, string(output))
	require.Equal(t, "arena\n", string(output))
}

// gcPoint has two words and no pointers.
type gcPoint [2]int64

// The collector visits pointers, not bytes: its work grows with the number of
// live objects that it has to find through pointers. A []*T of live elements
// makes a collection more than 5 times as long as a []T with the same data,
// because a slice without pointers is one object that is marked and never
// scanned. So large data that lives long belongs into types without pointers:
// values in slices, indexes for references, one byte slice with offsets for many
// strings. It does not matter for data that dies before the next collection. It is
// measured with one processor, because several share the work of marking.
//
//claim:ask Why is a []T cheaper for the garbage collector than a []*T?
//claim:vary GOMAXPROCS 1
//claim:expect ns/op of=pointers > 5x of=values
//claim:source https://go.dev/doc/gc-guide#Implementation-specific_optimizations
func BenchmarkPointerFree(b *testing.B) {
	const n = 200_000
	b.Run("of=pointers", func(b *testing.B) {
		all := make([]*gcPoint, n)
		for i := range all {
			all[i] = new(gcPoint)
		}
		b.ReportAllocs()
		for b.Loop() {
			runtime.GC()
		}
		runtime.KeepAlive(all)
	})
	b.Run("of=values", func(b *testing.B) {
		all := make([]gcPoint, n)
		b.ReportAllocs()
		for b.Loop() {
			runtime.GC()
		}
		runtime.KeepAlive(all)
	})
}

// No, an allocation is not a constant cost: Go clears the memory that it hands
// out, and a collection comes the sooner the more bytes are allocated. A 16 KiB
// object costs more than 10 times as much as one of 64 bytes. So the size in B/op
// counts as much as the number in allocs/op.
//
//claim:ask Does the cost of an allocation depend on the size?
//claim:expect ns/op n=16384 > 10x n=64
//claim:expect B/op n=16384 >= 16384
//claim:expect B/op n=16384 < 16500
//claim:expect allocs/op n=64 == 1
//claim:expect allocs/op n=16384 == 1
//claim:source runtime/malloc.go
func BenchmarkAllocSizeCost(b *testing.B) {
	for _, n := range []int{64, 16384} {
		b.Run(fmt.Sprintf("n=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				allocBytes = make([]byte, n)
			}
		})
	}
}

// block is a buffer worth reusing.
type block [64 << 10]byte

func TestPoolReuse(t *testing.T) {
	if proof.RaceEnabled {
		t.Skip("with the race detector a pool drops values at random")
	}
	procs := runtime.GOMAXPROCS(1) // a pool has a place per P
	t.Cleanup(func() { runtime.GOMAXPROCS(procs) })
	pool := sync.Pool{New: func() any { return new(block) }}
	first := pool.Get().(*block)
	first[0] = 7
	pool.Put(first)
	second := pool.Get().(*block)
	require.Same(t, first, second)
	require.EqualValues(t, 7, second[0], "not cleared")

	pool.Put(second)
	runtime.GC()
	runtime.GC()
	require.Zero(t, pool.Get().(*block)[0], "a new one")
}

// A sync.Pool pays when the objects are large or many and the use is short: a
// buffer of 64 KiB from the pool costs no allocation, no clearing and no work for
// the collector, and is more than 20 times as fast to get as a new one. It comes
// back with its old contents, so the user must reset it, and must not use it any
// more after Put. Two collections without use empty a pool: it is no cache.
//
//claim:ask When does a sync.Pool pay?
//claim:expect allocs/op of=new == 1
//claim:expect allocs/op of=pool == 0
//claim:expect ns/op of=new > 20x of=pool
//claim:source https://pkg.go.dev/sync#Pool
func BenchmarkPoolReuse(b *testing.B) {
	b.Run("of=new", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			buf := new(block)
			allocBytes = buf[:]
		}
	})
	b.Run("of=pool", func(b *testing.B) {
		pool := sync.Pool{New: func() any { return new(block) }}
		b.ReportAllocs()
		for b.Loop() {
			buf := pool.Get().(*block)
			allocBytes = buf[:]
			pool.Put(buf)
		}
	})
}
