package memory

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-deep-dive/godeep/internal/proof"
)

var keptInt64Func func() int64

// A captured variable is copied into the closure if it is not assigned after
// the function literal, its address is not taken and it is at most 128 bytes
// big. Otherwise the closure holds a pointer to it. A closure that outlives the
// function that makes it is one object on the heap; a variable it captures by
// reference moves to the heap as well, which is a second allocation.
// Assignments before the literal do not count, but in a loop that the variable
// outlives, every assignment is also one after it. A function literal that
// captures nothing is never allocated, although the compiler's report says
// that it escapes.
//
//claim:ask What does a closure capture, copies or references, and what does that cost?
//claim:source cmd/compile/internal/escape/escape.go
//claim:source https://go.dev/ref/spec#Function_literals
func TestClosureCapture(t *testing.T) {
	for _, c := range []struct {
		name string
		want float64
		make func(int64) func() int64
		runs []int64
	}{
		{"copy", 1, captureByValue, []int64{5, 5}},
		{"reference", 2, captureByReference, []int64{6, 7}},
		{"assigned before", 1, captureAssignedBefore, []int64{7, 7}},
		{"assigned after", 2, captureAssignedAfter, []int64{7, 7}},
		{"assigned in loop", 2, captureInLoop, []int64{4, 4}},
		{"address taken", 2, captureAddressed, []int64{7, 7}},
		{"128 bytes", 1, captureFits, []int64{5, 5}},
		{"136 bytes", 2, captureTooBig, []int64{5, 5}},
		{"nothing", 0, func(int64) func() int64 { return captureNothing() }, []int64{1, 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := c.make(5)
			assert.Equal(t, c.runs, []int64{f(), f()})
			proof.WantAllocs(t, c.want, func() { keptInt64Func = c.make(5) })
		})
	}
}

// A closure that is called or passed down, and not kept, costs no allocation,
// even if it captures by reference: the closure and the variable both stay in
// the frame, and the closure holds the address of the variable. So a callback
// is free as long as the function that takes it only calls it.
//
//claim:ask Does passing a func literal as a callback allocate?
//claim:source cmd/compile/internal/escape/escape.go
func TestLocalClosure(t *testing.T) {
	assert.Equal(t, int64(2), countCalls())
	proof.WantAllocs(t, 0, func() { countCalls() })
}

// A method value, x.f without a call, is a closure that holds a copy of x,
// taken when the expression is evaluated. It is on the stack if it is only
// called or passed down, and one allocation if it is kept. If the method has a
// pointer receiver and x is a variable, the copy is its address, so x moves as
// well: two allocations. A method expression, T.f, binds nothing and is free.
//
//claim:ask Does a method value such as s.handle allocate?
//claim:source https://go.dev/ref/spec#Method_values
//claim:source https://go.dev/ref/spec#Method_expressions
func TestMethodValue(t *testing.T) {
	p := gridPoint{3, 4}
	f := p.sum
	p.x = 100
	assert.Equal(t, int64(7), f(), "the receiver was copied before the assignment")
	assert.Equal(t, int64(104), methodExpression()(p))
	assert.Equal(t, int64(0), methodValuePassed(p))

	var kept func()
	proof.WantAllocs(t, 0, func() { _ = methodValueCalled(p) })
	proof.WantAllocs(t, 0, func() { methodValuePassed(p) })
	proof.WantAllocs(t, 1, func() { keptInt64Func = methodValueReturned(p) })
	proof.WantAllocs(t, 2, func() { kept = methodValueOfAddress(p) })
	proof.WantAllocs(t, 0, func() { methodExpression() })
	kept()
}

// What a go statement calls outlives the statement, so what it needs goes to
// the heap: one object with the function and its arguments, and every variable
// that the function literal shares with its surroundings. Waiting for the
// goroutine in the same function does not help, because escape analysis does
// not understand channels or wait groups. A function without arguments and
// captured variables needs no object. The goroutine's descriptor and stack are
// reused from earlier goroutines where possible, and the stack is not counted
// as an allocation.
//
//claim:ask What does a go statement allocate?
//claim:source cmd/compile/internal/escape/call.go
func TestGoStatement(t *testing.T) {
	done := make(chan struct{})
	assert.Equal(t, int64(7), goVariable(done))
	proof.WantAllocs(t, 0, func() { goNothing(goDone) })
	proof.WantAllocs(t, 1, func() { goArgument(done) })
	proof.WantAllocs(t, 2, func() { goVariable(done) })
}

// A deferred function literal stays on the stack, with all it captures,
// because it is run before the frame ends. In a loop the number of deferred
// calls is not known in advance: each turn allocates a closure, and the
// variables they share move to the heap. Put the body of such a loop into a
// function of its own.
//
//claim:ask Does defer allocate?
//claim:source cmd/compile/internal/escape/call.go
//claim:source https://go.dev/ref/spec#Defer_statements
func TestDeferredClosure(t *testing.T) {
	assert.Equal(t, int64(2), deferOnce())
	assert.Equal(t, int64(6), deferInLoop(5))
	proof.WantAllocs(t, 0, func() { deferOnce() })
	proof.WantAllocs(t, 1+5, func() { deferInLoop(5) })
}
