package memory

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// An address that is stored in a variable, in a field of a struct variable, in
// an element of an array variable or in a literal does not make its target
// escape. An address that is stored through a pointer, in an element of a
// slice, in a map, by append or by a channel send does, even if that pointer,
// slice, map or channel never leaves the function. The compiler follows
// variables, not memory: behind a pointer it knows no better target than the
// heap. So l := &pointLink{at: &p} keeps p on the stack and l.at = &p one line
// later does not.
//
//claim:ask Where can I store the address of a local variable without moving it to the heap?
//claim:source cmd/compile/internal/escape/assign.go
//claim:source cmd/compile/internal/escape/call.go
func TestStoreAddress(t *testing.T) {
	four := make([]*gridPoint, 3, 4)
	one := make(chan *gridPoint, 1)
	for _, c := range []struct {
		in   string
		want float64
		call func()
	}{
		{"variable field", 0, func() { storeInVariableField() }},
		{"array element", 0, func() { storeInArray(2) }},
		{"slice literal", 0, func() { storeInSliceLiteral() }},
		{"pointed literal", 0, func() { storeInPointedLiteral() }},
		{"through pointer", 1, func() { storeThroughPointer() }},
		{"pointed field", 1, func() { storeInPointedField() }},
		{"slice element", 1, func() { storeInSliceElement() }},
		{"append", 1, func() { storeByAppend(four) }},
		{"map", 1, func() { storeInMap() }},
		{"channel", 1, func() { storeInChannel(one) }},
		{"package variable", 1, moveVar},
	} {
		t.Run(c.in, func(t *testing.T) { proof.WantAllocs(t, c.want, c.call) })
	}
}

// A variable whose address is kept on a rare path is on the heap in every
// call, because its place is chosen where it is declared and not where the
// address is taken. Escape analysis does not ask how often, or in which order,
// statements are run. The cure is a copy inside the branch: then only the copy
// moves, and only calls that get there allocate.
//
//claim:ask Why does a function allocate in every call if it keeps the pointer only in the error case?
//claim:source cmd/compile/internal/escape/escape.go
func TestEscapeOnRarePath(t *testing.T) {
	assert.Equal(t, int64(1), keepOnRarePath(1, true))
	assert.Equal(t, gridPoint{x: 1}, *keptPoint)
	assert.Equal(t, int64(2), copyOnRarePath(2, true))
	assert.Equal(t, gridPoint{x: 2}, *keptPoint)
	proof.WantAllocs(t, 1, func() { keepOnRarePath(1, false) })
	proof.WantAllocs(t, 0, func() { copyOnRarePath(1, false) })
	proof.WantAllocs(t, 1, func() { copyOnRarePath(1, true) })
}

// A variable moves as a whole: returning the address of one small field puts
// the complete struct on the heap. Copy the field into a variable of its own
// and return the address of that: then only the copy moves.
//
//claim:ask If I return the address of one field of a local struct, what moves to the heap?
//claim:source https://go.dev/ref/spec#Address_operators
func TestFieldAddress(t *testing.T) {
	assert.Equal(t, *headerCopyOf(3), *headerOf(3))
	if proof.RaceEnabled {
		t.Skip("the race detector adds allocations of its own")
	}
	const calls = 1000
	perCall := func(f func(int64) *gridPoint) uint64 {
		return proof.AllocatedBytes(func() {
			for range calls {
				keptPoint = f(3)
			}
		}) / calls
	}
	assert.Equal(t, uint64(unsafe.Sizeof(pointGrid{})), perCall(headerOf))
	assert.Equal(t, uint64(unsafe.Sizeof(gridPoint{})), perCall(headerCopyOf))
}

// A value made inside a loop escapes if its address goes to a variable that is
// declared outside the loop. One place in the frame would serve all turns, and
// the value of the last turn must not be overwritten by the next, so the
// compiler gives up: one allocation per turn. A pointer that lives within one
// turn costs nothing. For the same reason a loop variable whose address is
// kept costs one allocation per turn: since Go 1.22 it is a new variable in
// each. A three-clause loop pays for one more, because the last i++ works on a
// new variable too.
//
//claim:ask Why does &T{…} inside a loop allocate although the pointer never leaves the function?
//claim:source cmd/compile/internal/escape/solve.go
//claim:source https://go.dev/blog/loopvar-preview
func TestEscapeFromLoop(t *testing.T) {
	assert.Equal(t, int64(9), lastPoint(10))
	assert.Equal(t, int64(45), sumOfPoints(10))
	kept := make([]*int, 3)
	for _, loop := range []func([]*int){loopVariables, loopVariablesThreeClause} {
		loop(kept)
		assert.Equal(t, []int{0, 1, 2}, []int{*kept[0], *kept[1], *kept[2]})
	}

	proof.WantAllocs(t, 10, func() { lastPoint(10) })
	proof.WantAllocs(t, 0, func() { sumOfPoints(10) })
	proof.WantAllocs(t, 3, func() { loopVariables(kept) })
	proof.WantAllocs(t, 4, func() { loopVariablesThreeClause(kept) })
}
