package memory

import (
	"bytes"
	"io"
	"os"
)

// Some answers about memory belong to one release of Go, or to a switch of its
// toolchain. These functions are judged under both positions of the switch, or
// show what a release has changed for good.

// readWhole reads data to its end without knowing how much there is.
//
//go:noinline
func readWhole(data []byte) ([]byte, error) { return io.ReadAll(bytes.NewReader(data)) }

// readKnown reads data into a buffer of the right size.
//
//go:noinline
func readKnown(data []byte) ([]byte, error) {
	b := make([]byte, len(data))
	_, err := io.ReadFull(bytes.NewReader(data), b)
	return b, err
}

// nameOf uses the file before it looks at the error.
//
//go:noinline
func nameOf(path string) (string, error) {
	f, err := os.Open(path)
	name := f.Name()
	if err != nil {
		return "", err
	}
	return name, f.Close()
}

// fillSet makes a set of n numbers.
//
//go:noinline
func fillSet(n int64) map[int64]struct{} {
	set := make(map[int64]struct{}, n)
	for i := range n {
		set[i] = struct{}{}
	}
	return set
}

// fillTable makes a map of n numbers.
//
//go:noinline
func fillTable(n int64) map[int64]int64 {
	table := make(map[int64]int64, n)
	for i := range n {
		table[i] = i
	}
	return table
}

// eitherArray has two arrays of which it uses one. It returns the distance
// between its own variable and that of its caller, which is the size of a frame.
//
//go:noinline
func eitherArray(first bool, callers uintptr) uintptr {
	var here int64
	if callers == 0 {
		return eitherArray(first, stackAddress(&here))
	}
	if first {
		var a [512]byte
		fillBytes(a[:])
	} else {
		var b [512]byte
		fillBytes(b[:])
	}
	return callers - stackAddress(&here)
}

//go:noinline
func fillBytes(b []byte) {
	for i := range b {
		b[i] = 1
	}
}

// newWord allocates one of the small objects that Go 1.27 has special code for.
//
//go:noinline
func newWord() *[2]*int { return new([2]*int) }
