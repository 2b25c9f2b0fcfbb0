package memory

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// A value goes to the heap if it is too big for a frame, even if nothing
// outlives the call. The limit is 128 KiB for a declared variable and 64 KiB
// for what new, &T{…} or a make with a constant capacity creates. Until Go 1.23
// the limit for variables was 10 MiB, so you may read that a local array of
// 1 MiB makes the stack grow: today it is one allocation on the heap.
//
//claim:ask How big may a local variable be before the compiler moves it to the heap?
//claim:source cmd/compile/internal/ir/cfg.go
func TestLargeVariable(t *testing.T) {
	for _, c := range []struct {
		name string
		want float64
		call func() int
	}{
		{"var 128 KiB", 0, largeVariable},
		{"var 128 KiB + 1", 1, largerVariable},
		{"new 64 KiB", 0, largeNew},
		{"new 64 KiB + 1", 1, largerNew},
		{"literal 64 KiB", 0, largeLiteral},
		{"literal 64 KiB + 1", 1, largerLiteral},
		{"make 64 KiB", 0, largeMake},
		{"make 64 KiB + 1", 1, largerMake},
		{"make n of 64 KiB", 0, func() int { return largeMakeFor(1000) }},
		{"address of var 64 KiB + 1", 0, largeAddressed},
	} {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, 3, c.call())
			proof.WantAllocs(t, c.want, func() { c.call() })
		})
	}
}

// Parameters and results have no limit: a megabyte that is passed or returned
// by value is a megabyte on the stack, and the stack grows for it. The limits
// are for local variables and for what new, &T{…} and make create. A parameter
// moves to the heap only if its address gets out, whatever its size.
//
//claim:ask Is a large struct that is passed by value put on the heap?
//claim:source cmd/compile/internal/escape/utils.go
func TestLargeParameter(t *testing.T) {
	assert.Equal(t, 3, largePassed())
	proof.WantAllocs(t, 0, func() { largePassed() })
}
