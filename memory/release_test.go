package memory

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// io.ReadAll takes less than two and a half times the memory of the data, and its
// result has no spare capacity: since Go 1.26 it collects the parts and copies
// them once into a slice of the right size. Before, it grew one slice with append,
// took about five times the data and kept what was left over. You may read
// that ReadAll must be avoided for that reason. Still better is to know the size,
// or not to read all at once.
//
//claim:ask How much memory does io.ReadAll take?
//claim:expect B/op of=readall < 2.5x of=known
//claim:expect allocs/op of=known == 2
//claim:expect allocs/op of=readall > 10
//claim:source https://go.dev/doc/go1.26#io
func BenchmarkReadAll(b *testing.B) {
	data := bytes.Repeat([]byte("x"), 1<<20)
	for _, v := range []struct {
		of   string
		read func([]byte) ([]byte, error)
	}{{"readall", readWhole}, {"known", readKnown}} {
		b.Run("of="+v.of, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := v.read(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestReadAll(t *testing.T) {
	data := bytes.Repeat([]byte("x"), 1<<20)
	whole, err := readWhole(data)
	require.NoError(t, err)
	known, err := readKnown(data)
	require.NoError(t, err)
	require.True(t, bytes.Equal(whole, known))
	require.Equal(t, len(whole), cap(whole))
}

// The stack buffer for a make of variable size is a decision of the compiler
// that can be switched off for a build: with
// -gcflags=-d=variablemakethreshold=0 the same function allocates. That is how to
// find out whether such a buffer is behind a difference between two releases.
//
//claim:ask How can I tell whether a slice is on the stack because of its variable size?
//claim:vary gcflags none -d=variablemakethreshold=0
//claim:expect allocs/op gcflags=none == 0
//claim:expect allocs/op gcflags=-d=variablemakethreshold=0 == 1
//claim:source https://go.dev/doc/go1.25#faster-slices
func BenchmarkVariableMakeSwitch(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		makeBytes(16)
	}
}

// Keys and elements of a map lie in turns, so an element of size zero still
// takes a place of its own, filled up to the alignment of the key. The experiment
// mapsplitgroup of Go 1.27 stores the keys of a group together and the elements
// behind them: a set of int64 then takes less than 0.7 times the memory, and a map
// of int64 to int64 the same as before. It is off by default.
//
//claim:ask Will map[K]struct{} become smaller than map[K]bool again?
//claim:needs go>=1.27
//claim:vary GOEXPERIMENT none mapsplitgroup
//claim:expect B/op of=set,GOEXPERIMENT=mapsplitgroup < 0.7x of=set,GOEXPERIMENT=none
//claim:expect B/op of=table,GOEXPERIMENT=mapsplitgroup > 0.9x of=table,GOEXPERIMENT=none
//claim:expect B/op of=set,GOEXPERIMENT=none > 0.9x of=table,GOEXPERIMENT=none
//claim:source internal/goexperiment/flags.go
func BenchmarkMapSplitGroup(b *testing.B) {
	b.Run("of=set", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			fillSet(10_000)
		}
	})
	b.Run("of=table", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			fillTable(10_000)
		}
	})
}

func TestMapSplitGroup(t *testing.T) {
	set, table := fillSet(100), fillTable(100)
	require.Len(t, set, 100)
	for k := range set {
		require.Equal(t, k, table[k])
	}
}

// Objects of up to 80 bytes are allocated faster since Go 1.27: the compiler calls
// a version of the allocator that is made for their size class. With the
// experiment nosizespecializedmalloc, which the release still has, the same call
// takes more than 1.05 times as long. It does not hold for larger objects, nor with
// the race detector, and a program gains only the part of its time that it spends
// in the allocator.
//
//claim:ask Are small allocations faster in Go 1.27?
//claim:needs go>=1.27
//claim:vary GOEXPERIMENT none nosizespecializedmalloc
//claim:expect ns/op GOEXPERIMENT=nosizespecializedmalloc > 1.05x GOEXPERIMENT=none
//claim:expect allocs/op GOEXPERIMENT=none == 1
//claim:source https://go.dev/doc/go1.27#runtime
func BenchmarkSizeSpecializedMalloc(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		newWord()
	}
}

func TestSizeSpecializedMalloc(t *testing.T) {
	require.NotSame(t, newWord(), newWord())
}

// Two local variables whose uses do not overlap, such as arrays in the two
// branches of an if, share one place in the frame since Go 1.23. Built with
// -gcflags=-d=mergelocals=0, as before, the frame of a function with two such
// arrays is more than 1.5 times as large. Variables that live side by side are
// not merged, and small ones are often in registers and have no place at all.
//
//claim:ask Do two local variables in different branches take twice the stack?
//claim:vary gcflags none -d=mergelocals=0
//claim:expect frame-bytes gcflags=-d=mergelocals=0 > 1.5x gcflags=none
//claim:source https://go.dev/doc/go1.23#compiler
func BenchmarkMergedLocals(b *testing.B) {
	var size uintptr
	for b.Loop() {
		size = eitherArray(true, 0)
	}
	b.ReportMetric(float64(size), "frame-bytes")
}

func TestMergedLocals(t *testing.T) {
	eitherArray(true, 0) // the stack may grow, and move, in the first call
	require.Greater(t, eitherArray(true, 0), uintptr(512))
	require.Equal(t, eitherArray(true, 0), eitherArray(false, 0))
}

// Using a result before checking the error panics if the result is a nil
// pointer, at the line that uses it. From Go 1.21 to 1.24 the compiler could move
// the nil check behind the error check, so that such code seemed to work; since Go
// 1.25 it does not. Check the error first, always.
//
//claim:ask Why does code that used f before checking err crash since Go 1.25?
//claim:source https://go.dev/doc/go1.25#compiler
func TestUseBeforeCheck(t *testing.T) {
	require.PanicsWithError(t, "runtime error: invalid memory address or nil pointer dereference", func() {
		_, _ = nameOf(filepath.Join(t.TempDir(), "missing"))
	})
}
