package optimizing

import (
	"encoding/binary"
	"unsafe"
)

// What package unsafe can make faster, beside what the compiler does without it.
// Each pair computes the same.

// unsafeTrickString returns a string that shares the bytes: no copy, and no
// protection either.
func unsafeTrickString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

//go:noinline
func unsafeTrickLookup(counts map[string]int, key []byte) int { return counts[unsafeTrickString(key)] }

//go:noinline
func unsafeTrickLookupSafe(counts map[string]int, key []byte) int { return counts[string(key)] }

// unsafeTrickRecord is read from a file: two little-endian numbers. Its layout
// has no padding.
type unsafeTrickRecord struct{ ID, Amount uint32 }

// unsafeTrickCast views the bytes as records, where the byte order of the
// machine is that of the file and the bytes are aligned.
func unsafeTrickCast(b []byte) []unsafeTrickRecord {
	return unsafe.Slice((*unsafeTrickRecord)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/8)
}

//go:noinline
func unsafeTrickSumCast(b []byte) (total uint64) {
	for _, record := range unsafeTrickCast(b) {
		total += uint64(record.ID) ^ uint64(record.Amount)
	}
	return total
}

//go:noinline
func unsafeTrickSumBinary(b []byte) (total uint64) {
	for ; len(b) >= 8; b = b[8:] {
		total += uint64(binary.LittleEndian.Uint32(b)) ^ uint64(binary.LittleEndian.Uint32(b[4:]))
	}
	return total
}

//go:noinline
func unsafeTrickSumIndex(values []uint64) (total uint64) {
	for i := range values {
		total += values[i]
	}
	return total
}

// unsafeTrickSumPointer has no bounds checks, and no protection if n is too large.
//
//go:noinline
func unsafeTrickSumPointer(first *uint64, n int) (total uint64) {
	for i := range n {
		total += *(*uint64)(unsafe.Add(unsafe.Pointer(first), i*8))
	}
	return total
}
