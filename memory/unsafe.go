package memory

import (
	"math"
	"unsafe"
)

// Package unsafe steps around the type system. It is for talking to the system
// and to C, and for the few places where a measured gain is worth a proof by
// hand. Here are the forms that are allowed.

// hidden stands for a struct of another package with a private field.
type hidden struct {
	public  int
	private string
}

// privateField returns the address of hidden's private field, as code outside of
// its package could. The offset is that of a struct with the same fields.
func privateField(h *hidden) *string {
	var mirror struct {
		public  int
		private string
	}
	return (*string)(unsafe.Add(unsafe.Pointer(h), unsafe.Offsetof(mirror.private)))
}

// floatBits reads the bits of a float, as math.Float64bits does.
func floatBits(f float64) uint64 { return *(*uint64)(unsafe.Pointer(&f)) }

func floatBitsSafely(f float64) uint64 {
	return math.Float64bits(f) //claim:inlined
}

// isLittleEndian reports whether the low byte of a number comes first in memory.
func isLittleEndian() bool {
	n := uint16(1)
	return *(*byte)(unsafe.Pointer(&n)) == 1
}

// AsBytes returns the memory of a slice as bytes, without a copy. The elements
// must not contain pointers. Writing to the result writes to s.
func AsBytes[T int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64 | float32 | float64](s []T) []byte {
	if len(s) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*int(unsafe.Sizeof(s[0])))
}
