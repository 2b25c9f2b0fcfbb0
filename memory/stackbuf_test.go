package memory

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// A slice that does not escape and whose capacity is known only at run time
// needs no allocation since Go 1.25 if its array has at most 32 bytes: the
// compiler reserves 32 bytes in the frame and adds a test whether the slice
// fits. Above that, make allocates as before. You may read that every make
// with a variable size escapes: that was true until Go 1.24. Elements of more
// than 32 bytes get no reserve, and neither does a slice that escapes. The
// compiler's report says "does not escape" in all cases but the last.
//
//claim:ask Does make([]byte, n) with a variable n allocate?
//claim:expect allocs/op n=32 == 0
//claim:expect allocs/op n=33 == 1
//claim:expect ns/op n=33 > 3x n=32
//claim:source https://go.dev/doc/go1.25#compiler
//claim:source cmd/compile/internal/walk/builtin.go
func BenchmarkMakeVariableSize(b *testing.B) {
	b.Run("n=32", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			makeBytes(stackBufferSize)
		}
	})
	b.Run("n=33", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			makeBytes(stackBufferSize + 1)
		}
	})
}

func TestMakeVariableSize(t *testing.T) {
	assert.Equal(t, 3, makeBytes(32))
	assert.Equal(t, 3, makeBytes(33))
	proof.WantAllocs(t, 0, func() { makeBytes(2) })
	proof.WantAllocs(t, 0, func() { makeBytes(32) })
	proof.WantAllocs(t, 1, func() { makeBytes(33) })
	proof.WantAllocs(t, 0, func() { makeInt64s(4) })
	proof.WantAllocs(t, 1, func() { makeInt64s(5) })
	proof.WantAllocs(t, 0, func() { makeWithCapacity(4) })
	proof.WantAllocs(t, 1, func() { makeWithCapacity(5) })
	proof.WantAllocs(t, 1, func() { _ = makeBig(1) })
	proof.WantAllocs(t, 1, func() { makeAndKeep(1) })
}

// A slice that does not escape is in the frame completely if its capacity is a
// constant and the array has at most 64 KiB (see LargeVariable), even if the
// length is a variable. Since Go 1.25 the constant may also be in a variable
// that is assigned once. So a generous constant bound can save the allocation
// that an exact variable one costs.
//
//claim:ask What is the difference between make([]T, n) and make([]T, n, 1000)?
//claim:source cmd/compile/internal/escape/utils.go
//claim:source https://github.com/golang/go/issues/71359
func TestMakeConstantCapacity(t *testing.T) {
	proof.WantAllocs(t, 0, func() { makeConstantCapacity(900) })
	proof.WantAllocs(t, 0, func() { makeKnownLength() })
	proof.WantAllocs(t, 1, func() { makeInt64s(900) })
}

// Appending to an empty slice that does not escape allocates nothing since
// Go 1.25 as long as the elements fit into 32 bytes: the first append uses a
// buffer of that size in the frame. You may read that append allocates for 1,
// 2, 4 and 8 elements: here the first allocation comes with the fifth int64,
// and takes the next step of the growth. It makes no difference whether the
// slice starts as nil or as a literal without elements. A make with the right
// capacity needs one allocation for any number above.
//
//claim:ask How many allocations does it take to append four ints to a nil slice?
//claim:source https://go.dev/doc/go1.25#compiler
//claim:source cmd/compile/internal/ssagen/ssa.go
func TestAppendBuffer(t *testing.T) {
	for _, c := range []struct {
		n                  int64
		null, literal, mak float64
	}{
		{1, 0, 0, 0},
		{4, 0, 0, 0},
		{5, 1, 1, 1},
		{8, 1, 1, 1},
		{9, 2, 2, 1},
		{100, 5, 5, 1},
	} {
		assert.Equal(t, c.n*(c.n-1)/2, appendAndPass(c.n))
		proof.WantAllocs(t, c.null, func() { appendAndPass(c.n) })
		proof.WantAllocs(t, c.null, func() { appendAndIndex(c.n) })
		proof.WantAllocs(t, c.literal, func() { appendToLiteral(c.n) })
		proof.WantAllocs(t, c.mak, func() { appendToMake(c.n) })
	}
}

// A slice that is built by append and then returned needs one allocation for
// up to 32 bytes since Go 1.26, where it took one per step of the growth
// before: the elements are collected in a buffer in the frame and moved to the
// heap by the return statement. The new array is as big as it has to be, so
// three int64 have capacity 3 and not 4. The same holds if the slice is stored
// in a variable at the end. It does not hold if the slice starts with make,
// even with make([]T, 0), if it can leave the function in two places, or in a
// build with the race detector.
//
//claim:ask What does it cost to build a small slice with append and return it?
//claim:source https://go.dev/doc/go1.26#compiler
//claim:source cmd/compile/internal/slice/slice.go
func TestAppendReturned(t *testing.T) {
	appendAndKeep(3)
	assert.Equal(t, keptInt64s, appendAndReturn(3))
	assert.Equal(t, keptInt64s, appendToMakeAndReturn(3))
	assert.Equal(t, 4, cap(appendToMakeAndReturn(3)))
	moved := 3
	if proof.RaceEnabled {
		moved = 4
	}
	assert.Equal(t, moved, cap(appendAndReturn(3)))
	for _, c := range []struct {
		n            int64
		moved, grown float64
	}{
		{1, 1, 1},
		{2, 1, 2},
		{4, 1, 3},
		{5, 1, 4},
		{100, 5, 8},
	} {
		proof.WantAllocs(t, c.moved, func() { keptInt64s = appendAndReturn(c.n) })
		proof.WantAllocs(t, c.moved, func() { appendAndKeep(c.n) })
		proof.WantAllocs(t, c.grown, func() { keptInt64s = appendToMakeAndReturn(c.n) })
		proof.WantAllocs(t, c.grown, func() { keptInt64s = appendAndReturnTwice(c.n) })
	}
}

// A range loop over a slice built by append moves its buffer to the heap since
// Go 1.27, one allocation for up to 32 bytes: the loop holds a second
// reference to the array, and with that the compiler gives up. A loop that
// indexes the slice, or a call of a function that ranges over it, leaves it in
// the frame. In Go 1.25 and 1.26 the range loop was free, and in 1.26 it could
// go wrong (see AppendRangeBug).
//
//claim:ask Does a range loop over a small local slice allocate?
//claim:source https://github.com/golang/go/issues/79909
//claim:expect allocs/op of=index == 0
//claim:expect allocs/op of=pass == 0
//claim:expect allocs/op of=range == 0 if go<1.27
//claim:expect allocs/op of=range == 1 if go>=1.27
//claim:expect allocs/op of=rangefive == 1
func BenchmarkAppendRanged(b *testing.B) {
	run := func(of string, sum func(n int64) int64, n int64) {
		b.Run("of="+of, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sum(n)
			}
		})
	}
	run("index", appendAndIndex, 4)
	run("pass", appendAndPass, 4)
	run("range", appendAndRange, 4)
	run("rangefive", appendAndRange, 5)
}

func TestAppendRanged(t *testing.T) {
	for _, sum := range []func(int64) int64{appendAndIndex, appendAndPass, appendAndRange} {
		assert.Equal(t, int64(0+1+2+3), sum(4))
	}
}

// The buffer in the frame is used once per call of the function. A slice that
// is declared inside a loop and built by append has it in the first turn only;
// every further turn allocates as if there were no buffer. A slice that is
// declared before the loop and cut back with s = s[:0] keeps the buffer for all
// turns, and so does a loop that calls a function for each turn.
//
//claim:ask Why does append in the second turn of a loop allocate when the first did not?
//claim:source cmd/compile/internal/ssagen/ssa.go
func TestAppendInLoop(t *testing.T) {
	assert.Equal(t, appendInTurns(10, 4), appendInTurnsReused(10, 4))
	proof.WantAllocs(t, 0, func() { appendInTurns(1, 4) })
	proof.WantAllocs(t, 3, func() { appendInTurns(2, 4) })
	proof.WantAllocs(t, 27, func() { appendInTurns(10, 4) })
	proof.WantAllocs(t, 0, func() { appendInTurnsReused(10, 4) })
	proof.WantAllocs(t, 0, func() {
		for range 10 {
			appendAndPass(4)
		}
	})
}

// Go 1.26.8 miscompiles a function that builds a small slice by append, ranges
// over it, appends to it again after cutting it, and lets it escape: the second
// append writes into the buffer that the loop still reads. Go 1.27 moves the
// buffer to the heap before such a loop. Building with
// -gcflags=-d=variablemakethreshold=0 switches off all buffers of variable
// size, and the function is right in both releases.
//
//claim:ask Is any Go release known to miscompile slices that are built by append?
//claim:source https://github.com/golang/go/issues/79909
func TestAppendRangeBug(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	output := func(flags ...string) (digits, release string) {
		args := append(append([]string{"run"}, flags...), "./testdata/stackbuf/rangebug")
		out, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput()
		require.NoError(t, err, "%s", out)
		digits, release, _ = strings.Cut(strings.TrimSpace(string(out)), " ")
		return digits, release
	}
	digits, _ := output("-gcflags=-d=variablemakethreshold=0")
	assert.Equal(t, "1234", digits, "without buffers")
	digits, release := output()
	switch {
	case release == "go1.26.8":
		assert.Equal(t, "1934", digits, "the bug is gone: correct the comment")
	case proof.GoAtLeast("go1.27"):
		assert.Equal(t, "1234", digits)
	default:
		t.Logf("%s prints %s", release, digits)
	}
}

// A local map that does not escape needs no allocation for up to eight
// entries: its header and its first group of eight slots are in the frame. The
// ninth entry makes it grow on the heap. That holds for a map without a size
// and for one with a size up to eight, which may be a variable. A map that
// escapes needs two allocations for its first entry.
//
//claim:ask Does a small local map allocate?
//claim:source internal/runtime/maps/map.go
//claim:source cmd/compile/internal/walk/builtin.go
func TestMapOnStack(t *testing.T) {
	assert.Equal(t, 8, fillMap(8))
	proof.WantAllocs(t, 0, func() { _ = fillMap(8) })
	proof.WantAllocs(t, 0, func() { _ = fillSizedMap(8, 8) })
	assert.Positive(t, testing.AllocsPerRun(100, func() { _ = fillMap(9) }))
	assert.Positive(t, testing.AllocsPerRun(100, func() { _ = fillSizedMap(1, 9) }))
	var kept map[int]int
	proof.WantAllocs(t, 2, func() { kept = fillReturnedMap(1) })
	assert.Len(t, kept, 1)
}

// A channel is always on the heap, even if it does not leave the function that
// makes it: the compiler has no place for one in the frame. Its buffer is part
// of the same allocation, or a second one if the elements have pointers. The
// compiler's report does not mention channels.
//
//claim:ask Can a channel be on the stack?
//claim:source runtime/chan.go
func TestChannelOnHeap(t *testing.T) {
	assert.Equal(t, 7, useChannel())
	proof.WantAllocs(t, 1, func() { useChannel() })
	proof.WantAllocs(t, 2, func() {
		c := make(chan *int, 1)
		c <- nil
	})
}
