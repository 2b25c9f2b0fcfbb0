package memory

import (
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// Returning the address of a local variable moves the variable to the heap:
// one allocation per call, where returning the value costs none. The pointer
// is valid as long as anybody holds it, so unlike in C this is correct code.
// The value is copied into registers or the frame of the caller; for the
// pointer the allocator is called, the memory is zeroed, and the garbage
// collector has one more object to deal with later. It does not hold if the
// function is inlined and the caller keeps the pointer to itself (see
// InlinedConstructor).
//
//claim:ask What does returning a pointer to a local variable cost?
//claim:expect allocs/op of=value == 0
//claim:expect B/op of=value == 0
//claim:expect allocs/op of=pointer == 1
//claim:expect B/op of=pointer == 16
//claim:expect ns/op of=pointer > 5x of=value
//claim:profile alloc_objects of=pointer memory\.newPoint >= 90%
//claim:source https://go.dev/doc/faq#stack_or_heap
func BenchmarkReturnPointer(b *testing.B) {
	b.Run("of=value", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			makePoint(3, 4)
		}
	})
	b.Run("of=pointer", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			newPoint(3, 4)
		}
	})
}

func TestReturnPointer(t *testing.T) {
	p, q := newPoint(3, 4), newPoint(3, 4)
	assert.Equal(t, makePoint(3, 4), *p)
	assert.NotSame(t, p, q, "each call makes a variable of its own")
	p.x = 5
	assert.Equal(t, int64(3), q.x)
	proof.WantAllocs(t, 0, func() { _ = makePoint(3, 4) })
	proof.WantAllocs(t, 1, func() { newPoint(3, 4) })
}

// A value on the stack leaves no garbage: its place is a part of the frame,
// which a function takes and gives back as a whole. Each value on the heap is
// allocated by itself and stays until a collection finds it dead. Allocate long
// enough and the collector has to run, while the same number of calls that use
// the stack allocate nothing. So the price of the heap is paid twice, in the
// allocator and in the collector (see ReturnPointer for the first part).
//
//claim:ask Why is a value on the stack cheaper than one on the heap?
//claim:source https://go.dev/doc/gc-guide#Where_Go_Values_Live
func TestStackLeavesNoGarbage(t *testing.T) {
	if proof.RaceEnabled {
		t.Skip("the race detector adds allocations of its own")
	}
	percent := debug.SetGCPercent(100)
	t.Cleanup(func() { debug.SetGCPercent(percent) })
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	calls, cycle := 0, m.NumGC
	for ; m.NumGC == cycle; calls += 10_000 {
		require.Less(t, calls, 1<<26, "1 GiB of garbage and no collection")
		for range 10_000 {
			newPoint(1, 2)
		}
		runtime.ReadMemStats(&m)
	}
	runtime.ReadMemStats(&m)
	mallocs := m.Mallocs
	for range calls {
		_ = makePoint(1, 2)
	}
	runtime.ReadMemStats(&m)
	assert.Less(t, m.Mallocs-mallocs, uint64(100), "%d calls with the value on the stack", calls)
}

// Neither var nor new nor make nor an ampersand says where a value lives. Each
// of them makes a value on the stack if the compiler can prove that nothing
// refers to it after the function has returned, and one on the heap if it
// cannot. The language does not speak about the stack or the heap at all: a
// variable exists as long as it can be reached, and its place is the compiler's
// choice. Very large values (see LargeVariable) and channels (see
// ChannelOnHeap) are on the heap in any case.
//
//claim:ask Does new or an ampersand allocate on the heap and var on the stack?
//claim:source https://go.dev/doc/faq#stack_or_heap
//claim:source https://go.dev/ref/spec#Allocation
func TestKeywordSaysNothing(t *testing.T) {
	for _, c := range []struct {
		how  string
		stay func() int64
		move func()
	}{
		{"var", stayVar, moveVar},
		{"new", stayNew, moveNew},
		{"literal", stayLiteral, moveLiteral},
		{"make", stayMake, moveMake},
	} {
		t.Run(c.how, func(t *testing.T) {
			proof.WantAllocs(t, 0, func() { c.stay() })
			proof.WantAllocs(t, 1, c.move)
		})
	}
}

// Passing a pointer to a function does not move what it points to. The
// compiler analyses every function once and notes for each parameter whether
// it leaks; the note is used wherever the function is called. So an address
// can go down any number of direct calls, inside structs that hold pointers,
// and even come back as a result, and the variable stays in the frame of the
// function that owns it. You may read that passing a pointer or a struct with
// pointers to another function causes an escape: it does only if the callee
// stores the pointer where the compiler cannot follow it, or is not known.
//
//claim:ask Does a local variable escape because I pass a pointer to it to another function?
//claim:source cmd/compile/internal/escape/escape.go
func TestPassPointerDown(t *testing.T) {
	assert.Equal(t, int64(7), pointThroughCalls())
	assert.Equal(t, int64(5), pointThereAndBack())
	proof.WantAllocs(t, 0, func() { pointThroughCalls() })
	proof.WantAllocs(t, 0, func() { pointThereAndBack() })
}

// A constructor that returns a pointer allocates nothing if it is inlined and
// the caller does not let the pointer out. After inlining, the value is made
// in the caller, and the caller's use decides. A constructor that is too big
// to be inlined allocates in every call, and so does one that is called
// through a func value. Split a big one into a small function that makes the
// value and a method that fills it in: only the small one has to be inlined.
//
//claim:ask Does a constructor that returns a pointer always allocate?
//claim:source https://go.dev/doc/gc-guide#Eliminating_heap_allocations
func TestInlinedConstructor(t *testing.T) {
	for _, sum := range []int64{pointSumCalled(), pointSumInlined(), pointSumSplit(), pointSumFromFunc(buildPoint)} {
		assert.Equal(t, int64(7), sum)
	}
	proof.WantAllocs(t, 0, func() { pointSumInlined() })
	proof.WantAllocs(t, 0, func() { pointSumSplit() })
	proof.WantAllocs(t, 1, func() { pointSumFromFunc(buildPoint) })
	proof.WantAllocs(t, 1, func() { pointSumCalled() })
}

// compilerReport builds a package below testdata and returns what the
// compiler says. A second build repeats the report from the build cache.
func compilerReport(t *testing.T, pkg string, gcflags ...string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("runs the go command")
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-gcflags="+strings.Join(gcflags, " "), "./testdata/"+pkg)
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(out)
}

// Build with -gcflags=-m: the compiler reports what escapes, line by line.
// "moved to heap: x" means the variable x, "escapes to heap" a value made by
// new, make, a literal or a conversion, "does not escape" that it stays, and
// "leaking param: p" that the function lets out what its caller passes. A
// variable that stays and is no parameter is not mentioned. With -m=2 the
// report adds the path on which the address gets out. The answer is about the
// code after inlining: add -l, as debug builds do, and values escape that
// otherwise would not.
//
//claim:ask How do I find out why a variable is on the heap?
//claim:source https://go.dev/doc/gc-guide#Eliminating_heap_allocations
func TestCompilerReport(t *testing.T) {
	report := compilerReport(t, "escape/report", "-m=2")
	for _, line := range []string{
		"report.go:13:2: moved to heap: x",
		"report.go:13:2:     from kept = &x (assign) at ",
		"report.go:17:30: new(int) escapes to heap",
		"report.go:19:36: inlining call to made",
		"report.go:19:36: new(int) does not escape",
		"report.go:21:12: p does not escape",
		"report.go:23:14: leaking param: p to result",
		"report.go:25:12: leaking param: p",
	} {
		assert.Contains(t, report, line)
	}
	assert.NotContains(t, report, "report.go:7:", "x of func stays")
	assert.NotContains(t, compilerReport(t, "escape/report", "-m", "-l"), "new(int) does not escape")
}
