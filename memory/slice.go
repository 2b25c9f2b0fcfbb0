package memory

import "unsafe"

// Overlap reports whether a and b can reach a common element of one array.
// It looks at whole capacities, because append and re-slicing reach what lies
// beyond the length: two slices that do not overlap never see each other's
// writes. Slices of zero-size elements never overlap. It takes constant time
// and reads no element.
func Overlap[T any](a, b []T) bool {
	size := unsafe.Sizeof(*new(T))
	if size == 0 || cap(a) == 0 || cap(b) == 0 {
		return false
	}
	startA := uintptr(unsafe.Pointer(unsafe.SliceData(a)))
	startB := uintptr(unsafe.Pointer(unsafe.SliceData(b)))
	return startA < startB+uintptr(cap(b))*size && startB < startA+uintptr(cap(a))*size
}

// Appended returns the elements of s followed by v and never writes to the
// array of s, whatever spare capacity s has. It costs one allocation and a
// copy of s, except when v is empty: then the result is s, clipped.
func Appended[S ~[]E, E any](s S, v ...E) S {
	return append(s[:len(s):len(s)], v...)
}
