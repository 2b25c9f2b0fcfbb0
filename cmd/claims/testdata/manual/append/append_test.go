// Package append has the claims that the manual of the command shows.
package append

import (
	"slices"
	"testing"
)

// Appending to a slice with enough capacity does not allocate.
// Without room it allocates a larger array and copies all elements.
//
//claim:ask Does append allocate when there is room?
//claim:expect allocs/op of=room == 0
//claim:expect allocs/op of=full == 1
//claim:expect ns/op of=full > 2x of=room
func BenchmarkAppend(b *testing.B) {
	full := make([]int, 1000)
	room := make([]int, 1000, 1001)
	for name, s := range map[string][]int{"full": full, "room": room} {
		b.Run("of="+name, func(b *testing.B) {
			for b.Loop() {
				_ = append(s, 1)
			}
		})
	}
}

// It allocates once, however much is appended later.
//
//claim:ask Does slices.Grow allocate?
func TestGrow(t *testing.T) {
	allocs := testing.AllocsPerRun(100, func() {
		s := slices.Grow([]int(nil), 1000)
		for i := range 1000 {
			s = append(s, i)
		}
	})
	if allocs != 1 {
		t.Errorf("%v allocations, want 1", allocs)
	}
}
