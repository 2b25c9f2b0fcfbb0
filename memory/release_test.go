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
