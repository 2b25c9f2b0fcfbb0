package optimizing

import (
	"io"
	"strconv"
)

// Each function whose name ends in Before allocates; the one that ends in After
// does the same without, or with less.

// escapePoint is returned in both ways.
type escapePoint struct{ x, y, z int64 }

//go:noinline
func escapeResultBefore(x int64) *escapePoint {
	return &escapePoint{x: x, y: x + 1, z: x + 2} //claim:heap
}

//go:noinline
func escapeResultAfter(x int64) escapePoint {
	return escapePoint{x: x, y: x + 1, z: x + 2} //claim:stack
}

// escapeKey builds the key of a cache.

//go:noinline
func escapeKeyBefore(user, item int64) []byte {
	key := make([]byte, 0, 32) //claim:heap
	key = strconv.AppendInt(key, user, 10)
	key = append(key, '/')
	return strconv.AppendInt(key, item, 10)
}

//go:noinline
func escapeKeyAfter(key []byte, user, item int64) []byte {
	key = strconv.AppendInt(key, user, 10)
	key = append(key, '/')
	return strconv.AppendInt(key, item, 10)
}

// escapeUseKey looks the key up, which needs no string.
//
//go:noinline
func escapeUseKey(cache map[string]int, user, item int64) int {
	var buf [41]byte                                          //claim:stack
	return cache[string(escapeKeyAfter(buf[:0], user, item))] //claim:stack
}

// escapeScratch reads numbers of four bytes.

//go:noinline
func escapeScratchBefore(r io.Reader) (sum byte, err error) {
	var buf [4]byte //claim:heap
	_, err = io.ReadFull(r, buf[:])
	return buf[0] + buf[1] + buf[2] + buf[3], err
}

// escapeScratch keeps the array between calls.
type escapeScratch struct{ buf [4]byte }

//go:noinline
func (s *escapeScratch) after(r io.Reader) (sum byte, err error) {
	_, err = io.ReadFull(r, s.buf[:])
	return s.buf[0] + s.buf[1] + s.buf[2] + s.buf[3], err
}

// escapeVisit calls a function it does not inline and that could keep f.

var escapeKept func(int64)

//go:noinline
func escapeVisitFunc(n int64, f func(int64)) {
	escapeKept = f
	for i := range n {
		escapeKept(i)
	}
}

// escapeSum is what the visits below change.
type escapeSum struct{ total int64 }

func (s *escapeSum) add(x int64) { s.total += x }

//go:noinline
func escapeCallbackBefore(s *escapeSum, n int64) {
	escapeVisitFunc(n, s.add) //claim:heap
}

//go:noinline
func escapeCallbackAfter(s *escapeSum, n int64) {
	escapeVisitAdder(n, s) //claim:stack
}

// escapeAdder has the method that the callback needs. A pointer fits into the
// interface value.
type escapeAdder interface{ add(int64) }

var escapeKeptAdder escapeAdder

//go:noinline
func escapeVisitAdder(n int64, a escapeAdder) {
	escapeKeptAdder = a
	for i := range n {
		escapeKeptAdder.add(i)
	}
}

// escapeLargest takes any kind of numbers, or one.

//go:noinline
func escapeLargestBefore(numbers ...any) (largest int64) {
	escapeLooked = numbers
	for _, n := range numbers {
		largest = max(largest, n.(int64))
	}
	return largest
}

var escapeLooked []any

//go:noinline
func escapeLargestAfter(numbers ...int64) (largest int64) {
	for _, n := range numbers {
		largest = max(largest, n)
	}
	return largest
}

//go:noinline
func escapeThreeBefore(x int64) int64 {
	return escapeLargestBefore(x, x+1, x+2) //claim:heap
}

//go:noinline
func escapeThreeAfter(x int64) int64 {
	return escapeLargestAfter(x, x+1, x+2) //claim:stack
}
