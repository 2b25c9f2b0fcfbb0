package optimizing

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A defer outside of loops costs about as much as a call: the compiler writes
// the call at each return itself and only sets a bit for it before, so there
// is nothing to register. The function takes less than 5 times as long as one
// that only calls. A defer in a loop has to be put into a list on the heap,
// and one turn is more than 3 times as slow as with a function call in the
// body that defers. You may read that defer is slow and should be avoided in
// hot code: that was so before Go 1.14. A function with a defer cannot be
// inlined, which is the rest of its price.
//
//claim:ask How much does defer cost?
//claim:expect ns/op of=defer < 5x of=direct
//claim:expect ns/op of=loop > 3x of=defer
//claim:expect allocs/op of=defer == 0
//claim:expect allocs/op of=loop >= 100
//claim:source https://go.dev/doc/go1.14#runtime
func BenchmarkDeferCost(b *testing.B) {
	for _, c := range deferVariants {
		b.Run("of="+c.name, func(b *testing.B) {
			b.ReportAllocs()
			var counter deferCounter
			for b.Loop() {
				c.run(&counter, 100)
			}
		})
	}
}

var deferVariants = []struct {
	name string
	run  func(*deferCounter, int)
}{
	{"direct", directLoop},
	{"defer", deferOpenLoop},
	{"loop", deferInLoop},
}

func TestDeferCost(t *testing.T) {
	for _, c := range deferVariants {
		var counter deferCounter
		c.run(&counter, 100)
		assert.Equal(t, 100, counter.n, c.name)
	}
}

// The compiler writes the deferred calls into the function itself, as
// open-coded defers, if none of them is in a loop, if there are at most 8,
// and if the number of defers times the number of returns is at most 15.
// Otherwise each defer is a record in a list of the goroutine: on the stack
// if the statement runs at most once, on the heap if it is in a loop. The
// flag -gcflags=-d=defer prints which kind each one is. One defer under an if
// is open-coded too.
//
//claim:ask Which defers are fast, and which are not?
//claim:source cmd/compile/internal/ssagen/ssa.go
//claim:source https://go.dev/design/34481-opencoded-defers
func TestDeferKinds(t *testing.T) {
	report := codegenReport(t, "defercost/kinds", "-d=defer")
	for line, kind := range map[int]string{
		7: "open-coded", 12: "open-coded", 24: "open-coded", 64: "open-coded",
		36: "stack-allocated", 43: "stack-allocated",
		57: "heap-allocated",
	} {
		got := inlineLines(report, fmt.Sprintf("kinds.go:%d:", line))
		if assert.Len(t, got, 1, "line %d", line) {
			assert.Contains(t, got[0], kind+" defer")
		}
	}
}

// Put the body of the loop into a function of its own, or into a func literal
// that is called at once: then each turn has an open-coded defer, which runs
// at the end of the turn. That is also what you want for files and locks,
// since a defer in the loop itself waits for the end of the function. It
// costs no allocation.
//
//claim:ask How do I make a defer in a loop cheap?
//claim:source cmd/compile/internal/ssagen/ssa.go
func TestDeferLoopBody(t *testing.T) {
	report := codegenReport(t, "defercost/kinds", "-d=defer")
	got := inlineLines(report, "kinds.go:64:")
	if assert.Len(t, got, 1) {
		assert.Contains(t, got[0], "open-coded defer")
	}
	var order []string
	func() {
		for i := range 2 {
			func() {
				defer func() { order = append(order, fmt.Sprint("end ", i)) }()
				order = append(order, fmt.Sprint("turn ", i))
			}()
		}
	}()
	assert.Equal(t, []string{"turn 0", "end 0", "turn 1", "end 1"}, order)
}

// A panic that is recovered takes more than 10 times as long as returning an
// error: the runtime walks up the stack frame by frame, looks for deferred
// calls in each of them, runs them and then jumps back. An error is one more
// result in a register and one comparison. So panic is for mistakes of the
// programmer, not for a way out of a loop. A deferred recover that has
// nothing to recover costs what a defer costs (see DeferCost).
//
//claim:ask Is panic and recover slower than returning an error?
//claim:expect ns/op of=panic > 10x of=error
//claim:source runtime/panic.go
func BenchmarkPanicCost(b *testing.B) {
	b.Run("of=error", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for range 20 {
				failWithError(-1)
			}
		}
	})
	b.Run("of=panic", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for range 20 {
				recoverFrom(-1)
			}
		}
	})
}

func TestPanicCost(t *testing.T) {
	for _, f := range []func(int) (int, error){failWithError, recoverFrom} {
		v, err := f(3)
		assert.NoError(t, err)
		assert.Equal(t, 3, v)
		_, err = f(-3)
		assert.Equal(t, errDeferNegative, err)
	}
}
