package memory

// A func value is a pointer to a small object: the code's address, followed by
// what the function literal captured. These functions show where that object
// lives, and where the captured variables do.

type (
	capturedFits   [128 / 8]int64
	capturedTooBig [128/8 + 1]int64
)

// The variable n is never assigned, so the closure gets a copy of it.
//
//go:noinline
func captureByValue(n int64) func() int64 {
	return func() int64 { return n } //claim:heap
}

// The closure assigns n, so it has to share the variable with its maker.
//
//go:noinline
func captureByReference(n int64) func() int64 { //claim:heap
	return func() int64 { n++; return n } //claim:heap
}

// Assignments that come before the function literal do not count.
//
//go:noinline
func captureAssignedBefore(n int64) func() int64 {
	n += 2                           //claim:stack
	return func() int64 { return n } //claim:heap
}

// An assignment after it does, even if the closure never assigns.
//
//go:noinline
func captureAssignedAfter(n int64) (f func() int64) { //claim:heap
	f = func() int64 { return n } //claim:heap
	n += 2
	return f
}

// In a loop, before is also after.
//
//go:noinline
func captureInLoop(n int64) (f func() int64) {
	var last int64 //claim:heap
	for i := range n {
		last = i
		if f == nil {
			f = func() int64 { return last } //claim:heap
		}
	}
	return f
}

//go:noinline
func captureAddressed(n int64) func() int64 { //claim:heap
	setInt64(&n)
	return func() int64 { return n } //claim:heap
}

//go:noinline
func setInt64(p *int64) { *p = 7 }

//go:noinline
func captureFits(n int64) func() int64 {
	a := capturedFits{n}                //claim:stack
	return func() int64 { return a[0] } //claim:heap
}

//go:noinline
func captureTooBig(n int64) func() int64 {
	a := capturedTooBig{n}              //claim:heap
	return func() int64 { return a[0] } //claim:heap
}

// captureNothing returns a function that is the same each time.
//
//go:noinline
func captureNothing() func() int64 {
	return func() int64 { return 1 } //claim:heap
}

//go:noinline
func callTwice(f func()) {
	f()
	f()
}

// countCalls shares n by reference, and neither n nor the closure moves.
//
//go:noinline
func countCalls() int64 {
	var n int64               //claim:stack
	callTwice(func() { n++ }) //claim:stack
	return n
}

// A method value is a closure over a copy of the receiver.

//go:noinline
func (p gridPoint) sum() int64 { return p.x + p.y }

//go:noinline
func (p *gridPoint) clear() { p.x, p.y = 0, 0 }

//go:noinline
func methodValueCalled(p gridPoint) int64 {
	f := p.sum //claim:stack
	return f()
}

//go:noinline
func methodValuePassed(p gridPoint) int64 {
	callTwice(p.clear) //claim:stack
	return p.sum()
}

//go:noinline
func methodValueReturned(p gridPoint) func() int64 {
	return p.sum //claim:heap
}

// The method has a pointer receiver: p.clear means (&p).clear.
//
//go:noinline
func methodValueOfAddress(p gridPoint) func() { //claim:heap
	return p.clear //claim:heap
}

//go:noinline
func methodExpression() func(gridPoint) int64 {
	return gridPoint.sum //claim:stack
}

// A go statement is a call that outlives its caller.

//go:noinline
func goNothing(done chan struct{}) {
	go goSignal() //claim:stack
	<-done
}

// The compiler makes a closure of the function and its argument, and its
// report does not mention it.
//
//go:noinline
func goArgument(done chan struct{}) {
	go goSend(done)
	<-done
}

//go:noinline
func goVariable(done chan struct{}) (n int64) { //claim:heap
	go func() { //claim:heap
		n = 7
		done <- struct{}{}
	}()
	<-done
	return n
}

// goDone is what goSignal, which gets no argument, sends on.
var goDone = make(chan struct{})

//go:noinline
func goSignal() { goDone <- struct{}{} }

//go:noinline
func goSend(done chan struct{}) { done <- struct{}{} }

// A deferred call ends before its caller does.

//go:noinline
func deferOnce() (n int64) { //claim:stack
	defer func() { n++ }() //claim:stack
	return 1
}

//go:noinline
func deferInLoop(turns int) (n int64) { //claim:heap
	for range turns {
		defer func() { n++ }() //claim:heap
	}
	return 1
}
