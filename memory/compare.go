package memory

import (
	"maps"
	"slices"
)

// Two values can be compared with == if their type says what equal means for
// every part of it. Slices, maps and funcs do not; what contains one needs a
// function of its own.

// Document is a struct that == cannot compare, because of its slice and map.
type Document struct {
	ID     int
	Words  []string
	Counts map[string]int
}

// Equal reports whether d and other have the same contents. A nil slice or map
// equals an empty one. It takes time in proportion to the contents.
func (d Document) Equal(other Document) bool {
	return d.ID == other.ID &&
		slices.Equal(d.Words, other.Words) &&
		maps.Equal(d.Counts, other.Counts)
}

// release is comparable; the cost of comparing it is what is measured.
type release struct {
	Major, Minor, Patch int
	Label               string
}

//go:noinline
func sameRelease(a, b release) bool { return a == b }

// indexOf is generic code that needs ==.
func indexOf[T comparable](list []T, want T) int {
	for i, v := range list {
		if v == want {
			return i
		}
	}
	return -1
}

// sameBoxed compiles for every T. It panics for those that == does not accept.
func sameBoxed[T any](a, b T) bool { return any(a) == any(b) }

// adder is not inlined: inlining copies the code of the closure, and then even
// closures of one line have different code.
//
//go:noinline
func adder(n int) func(int) int { return func(x int) int { return x + n } }
