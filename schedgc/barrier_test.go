package schedgc

import (
	"os"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

var (
	barrierFunction = regexp.MustCompile(`^main\.(\w+) STEXT`)
	// Growth of the stack, checks of an index, allocation.
	barrierEverywhere = regexp.MustCompile(`^runtime\.(morestack|panic|newobject|mallocgc)`)
	barrierSymbol     = regexp.MustCompile(`\b(runtime\.\w+|sync/atomic\.\w+)\(SB\)`)
)

// barrierCode returns, for each function of testdata/barrier/stores, the names of
// the runtime and of sync/atomic that its machine code uses, without those that
// every function may use.
func barrierCode(t *testing.T) map[string][]string {
	t.Helper()
	output, err := proof.Go(t, "build", "-o", os.DevNull, "-gcflags=-S", "./testdata/barrier/stores")
	require.NoError(t, err, output)
	code := make(map[string][]string)
	name := ""
	for line := range strings.SplitSeq(output, "\n") {
		switch header := barrierFunction.FindStringSubmatch(line); {
		case header != nil:
			name = header[1]
			code[name] = nil
		case !strings.HasPrefix(line, "\t"):
			name = "" // another symbol
		case name != "":
			for _, found := range barrierSymbol.FindAllStringSubmatch(line, -1) {
				if symbol := found[1]; !barrierEverywhere.MatchString(symbol) {
					code[name] = append(code[name], strings.TrimPrefix(symbol, "runtime."))
				}
			}
		}
	}
	require.NotEmpty(t, code)
	return code
}

// The compiler adds a barrier to a store of a pointer whose target may be in the
// heap or is a global: a field through a pointer, an element, an interface, a
// variable of the package, and the store of nil, which also overwrites. It leaves it
// out for numbers, for variables that stay on the stack, for results and arguments,
// and where the pointer does not change, as in s = s[:0]. An object that was just
// made has no old pointer, so that half is left out.
//
//claim:ask Which assignments get a write barrier, and which do not?
//claim:source runtime/mbarrier.go
//claim:source cmd/compile/internal/ssa/writebarrier.go
func TestWhichStoresHaveBarrier(t *testing.T) {
	code := barrierCode(t)
	for name, call := range map[string]string{
		"field":           "gcWriteBarrier2", // the old pointer and the new one
		"element":         "gcWriteBarrier2",
		"global":          "gcWriteBarrier2",
		"intoInterface":   "gcWriteBarrier2",
		"fieldNil":        "gcWriteBarrier1", // the old one
		"addressOfGlobal": "gcWriteBarrier1", // the new one is never in the heap
		"fresh":           "gcWriteBarrier1", // there is no old one
	} {
		require.Equal(t, []string{"writeBarrier", call}, code[name], name)
	}
	for _, name := range []string{"fieldInt", "local", "result", "truncate"} {
		require.Contains(t, code, name)
		require.Empty(t, code[name], name)
	}
}

// Code tests the flag runtime.writeBarrier, a plain load and a branch that is easy
// to predict. Only if the collector marks does it call gcWriteBarrier, which takes
// room for the pointers in a buffer of the P; a full buffer is worked off at once.
// So the barrier is no function call most of the time. Stores next to each other
// share one test and one call: two fields make a call for four pointers.
//
//claim:ask What does the write barrier look like in machine code?
//claim:source runtime/mwbbuf.go
func TestBarrierCode(t *testing.T) {
	require.Equal(t, []string{"writeBarrier", "gcWriteBarrier4"}, barrierCode(t)["twoFields"])
}

// Go has no read barrier: loading a pointer from the heap is one plain instruction.
// Collectors that move objects while the program runs check or correct each pointer
// that is loaded, and programs load far more often than they store. Go's collector
// does not move objects, and its marking needs to know of stores only.
//
//claim:ask Does Go have a read barrier?
//claim:source runtime/mbarrier.go
func TestNoReadBarrier(t *testing.T) {
	code := barrierCode(t)
	require.Contains(t, code, "read")
	require.Empty(t, code["read"])
}

// A copy, a clear or a struct assignment has one barrier for the whole range. For
// elements with pointers, copy and clear call a function of the runtime that tests
// the flag once and then, while the collector marks, walks over the pointers; then
// the memory is moved or cleared as usual. Elements without pointers go to the plain
// function. Assignment of a whole struct works the same way, with wbMove, and that
// of a zero value with wbZero.
//
//claim:ask How do copy, clear and struct assignments deal with the write barrier?
//claim:source runtime/mbarrier.go
func TestBulkBarrier(t *testing.T) {
	code := barrierCode(t)
	for name, want := range map[string][]string{
		"copyPointers":  {"typedslicecopy"},
		"copyInts":      {"memmove"},
		"clearPointers": {"memclrHasPointers"},
		"clearInts":     {"memclrNoHeapPointers"},
		"assign":        {"writeBarrier", "wbMove"},
		"zero":          {"writeBarrier", "wbZero"},
	} {
		require.Equal(t, want, code[name], name)
	}
}

// Atomic pointers and channels have a write barrier as well, in the functions that
// do the store: atomic.Pointer calls a function, where the same operation on an
// integer is a single instruction. A channel send is a call of the runtime in any
// case. This is one reason why an atomic pointer must not be kept as an atomic
// integer: the collector would neither see the store nor the object.
//
//claim:ask Do atomic pointers and channels need a write barrier too?
//claim:source runtime/atomic_pointer.go
func TestAtomicBarrier(t *testing.T) {
	if runtime.GOARCH != "amd64" && runtime.GOARCH != "arm64" {
		t.Skip("not every architecture has an instruction for it")
	}
	code := barrierCode(t)
	require.Equal(t, []string{"sync/atomic.StorePointer"}, code["atomicPointer"])
	require.Contains(t, code, "atomicInt")
	require.Empty(t, code["atomicInt"])
	require.Equal(t, []string{"chansend1"}, code["send"])
}

// A store through *uintptr has no barrier, because a number is no pointer for the
// compiler. If it writes an address over a pointer while the collector marks, the
// collector can lose the object, as in the model Tricolor without a barrier. The
// fault shows long after, in other code. Write pointers as unsafe.Pointer, for which
// the compiler adds the barrier.
//
//claim:ask Why must I not write a pointer field through a *uintptr?
//claim:source https://pkg.go.dev/unsafe#Pointer
func TestNumberHasNoBarrier(t *testing.T) {
	code := barrierCode(t)
	require.Contains(t, code, "asNumber")
	require.Empty(t, code["asNumber"])

	heap := tricolorChain(NoBarrier)
	heap.Start()
	heap.ScanStack()
	heap.Scan('A')
	heap.Load('x', 'A')
	heap.Load('y', 'B')
	heap.Store('A', 'y')
	heap.Store('B', 0)
	require.Equal(t, "C", heap.Finish())
}

const barrierElements = 1 << 10

// barrierWhileMarking runs f while the collector works without a break, if marking
// is set.
func barrierWhileMarking(b *testing.B, marking bool, f func()) {
	var end atomic.Bool
	var collector sync.WaitGroup
	if marking {
		heap := gcCycleLists(8 << 10) // 8 MiB
		runtime.GC()
		collector.Go(func() {
			for !end.Load() {
				runtime.GC()
			}
			runtime.KeepAlive(heap)
		})
	}
	for b.Loop() {
		f()
	}
	end.Store(true)
	collector.Wait()
}

// The write barrier costs little while no cycle runs: a store of a pointer then
// takes less than 4 times as long as that of an integer, for the test of a flag.
// While the collector marks, the loop of stores here takes more than 3 times as long
// as the same loop over integers beside the same collector. A program with few
// cycles, or few stores of pointers, does not notice either. That is part of why the
// time of a request can rise during a cycle without any pause.
//
//claim:ask What does the write barrier cost, with and without a running GC?
//claim:expect ns/op of=pointer,gc=off < 4x of=int,gc=off
//claim:expect ns/op of=pointer,gc=on > 3x of=int,gc=on
//claim:source runtime/mwbbuf.go
func BenchmarkBarrier(b *testing.B) {
	pointers, ints := make([]*int, barrierElements), make([]int, barrierElements)
	for _, gc := range []string{"off", "on"} {
		b.Run("of=pointer/gc="+gc, func(b *testing.B) {
			b.ReportAllocs()
			p := new(int)
			barrierWhileMarking(b, gc == "on", func() { barrierStorePointers(pointers, p) })
		})
		b.Run("of=int/gc="+gc, func(b *testing.B) {
			b.ReportAllocs()
			barrierWhileMarking(b, gc == "on", func() { barrierStoreInts(ints, 1) })
		})
	}
}

// copy tests the flag of the write barrier once and then moves memory in large
// steps; the loop tests it for every element. With 1024 pointers and no running
// cycle the loop takes more than twice as long. Without pointers in the elements
// there is no flag to test, and copy wins by the large steps alone.
//
//claim:ask Is copy faster than a loop for a slice of pointers?
//claim:expect ns/op of=loop > 2x of=copy
//claim:source runtime/mbarrier.go
func BenchmarkBarrierCopy(b *testing.B) {
	source, target := make([]*int, barrierElements), make([]*int, barrierElements)
	barrierStorePointers(source, new(int))
	b.Run("of=loop", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			barrierCopyPointers(target, source)
		}
	})
	b.Run("of=copy", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			copy(target, source)
		}
	})
}

func TestBarrierLoops(t *testing.T) {
	pointers, copied, p := make([]*int, 3), make([]*int, 2), new(int)
	barrierStorePointers(pointers, p)
	require.Equal(t, []*int{p, p, p}, pointers)
	barrierCopyPointers(copied, pointers)
	require.Equal(t, []*int{p, p}, copied)
	ints := make([]int, 2)
	barrierStoreInts(ints, 7)
	require.Equal(t, []int{7, 7}, ints)
}
