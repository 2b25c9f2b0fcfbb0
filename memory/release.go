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
