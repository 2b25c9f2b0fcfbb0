package memory

// NextCap returns the capacity that the runtime aims at when a slice of
// capacity oldCap has to hold newLen elements, before it rounds the size in
// bytes up to a size class. Below 256 elements the capacity doubles; above, the
// factor falls smoothly from 2 towards 1.25. More than double is granted as
// asked. The rule is that of Go 1.18 and later and no promise of the language.
func NextCap(newLen, oldCap int) int {
	const threshold = 256
	switch {
	case newLen > 2*oldCap:
		return newLen
	case oldCap < threshold:
		return 2 * oldCap
	}
	newCap := oldCap
	for newCap < newLen || newCap == oldCap {
		newCap += (newCap + 3*threshold) / 4
	}
	return newCap
}

// Caps returns the capacities, in elements, that a heap-allocated []T passes
// through while n elements are appended one by one.
func Caps[T any](n int) []int {
	var caps []int
	s := new([]T) // see growOne
	var zero T
	for range n {
		if len(*s) == cap(*s) {
			growOne(s, zero)
			caps = append(caps, cap(*s))
			continue
		}
		*s = append(*s, zero)
	}
	return caps
}

// growOne is not inlined, so that the compiler knows nothing about the life of
// the slice and cannot place a first small array on the stack.
//
//go:noinline
func growOne[T any](s *[]T, v T) { *s = append(*s, v) }
