package errors

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

func TestDeferCostEqual(t *testing.T) {
	for name, f := range map[string]func(*defercostLog){
		"direct": defercostDirect,
		"eight":  defercostEight,
		"loop":   func(l *defercostLog) { defercostLoop(l, 8) },
	} {
		var l defercostLog
		f(&l)
		require.Equal(t, 8, l.n, name)
	}
	var l defercostLog
	defercostNine(&l)
	require.Equal(t, 9, l.n)
}

// Eight defers are the limit for open-coded ones: the compiler writes the calls
// at the end of the function and keeps a byte with one bit per defer for the
// case of a panic. With a ninth statement all of them fall back to records in a
// list of the goroutine, and the nine take more than 2 times as long as the
// eight. A defer in a loop takes a record from the heap for each turn, which is
// slower still: more than 3 times. Eight open-coded ones take less than 4 times
// as long as eight direct calls. Only functions of a few nanoseconds can
// notice.
//
//claim:ask How many defers may a function have before they get slow?
//claim:expect ns/op of=nine > 2x of=eight
//claim:expect ns/op of=loop > 3x of=eight
//claim:expect ns/op of=eight < 4x of=direct
//claim:expect allocs/op of=nine == 0
//claim:expect allocs/op of=loop == 400
//claim:source cmd/compile/internal/ssagen/ssa.go
//claim:source https://go.dev/design/34481-opencoded-defers
func BenchmarkDeferCostNinth(b *testing.B) {
	run := func(name string, f func(*defercostLog)) {
		b.Run("of="+name, func(b *testing.B) {
			b.ReportAllocs()
			var l defercostLog
			for b.Loop() {
				for range 50 {
					f(&l)
				}
			}
		})
	}
	run("direct", defercostDirect)
	run("eight", defercostEight)
	run("nine", defercostNine)
	run("loop", func(l *defercostLog) { defercostLoop(l, 8) })
}

// Only in a loop. There each turn needs a record from the heap, which the
// runtime takes from a pool and reuses, and a closure that keeps the receiver
// and the arguments: one allocation per turn. The same is true in the body of a
// range-over-func loop, where the outer function gets the records. A function
// value without arguments needs no closure, so once the pool is filled it costs
// no allocation even in a loop. Outside of loops both are on the stack,
// open-coded or not.
//
//claim:ask Does a defer statement allocate memory?
//claim:source runtime/panic.go
//claim:source https://go.dev/doc/go1.14#runtime
func TestDeferCostAllocs(t *testing.T) {
	if proof.RaceEnabled {
		t.Skip("the race detector adds allocations of its own")
	}
	var l defercostLog
	allocs := func(f func()) float64 { return testing.AllocsPerRun(100, f) }
	require.Zero(t, allocs(func() { defercostEight(&l) }))
	require.Zero(t, allocs(func() { defercostNine(&l) }))
	require.Equal(t, 20.0, allocs(func() { defercostLoop(&l, 20) }), "closures")
	plain := func() { l.n++ }
	require.Zero(t, allocs(func() { defercostLoopPlain(plain, 20) }), "records from the pool")

	twenty := func(yield func() bool) {
		for range 20 {
			if !yield() {
				return
			}
		}
	}
	before := l.n
	defercostRangeFunc(&l, twenty)
	require.Equal(t, before+20, l.n)
	inBody := allocs(func() { defercostRangeFunc(&l, twenty) })
	require.GreaterOrEqual(t, inBody, 20.0)
	require.LessOrEqual(t, inBody, 24.0, "and the state of the loop")

	require.Zero(t, allocs(func() {
		n := l.n
		defer func(m int) { l.n = n + m }(1)
	}))
}
