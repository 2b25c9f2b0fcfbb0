package errors

// The compiler has three ways to keep a deferred call until the end of its
// function. The functions here do the same work with each of them.

// defercostLog counts what was deferred.
type defercostLog struct{ n int }

//go:noinline
func (l *defercostLog) add() { l.n++ }

// defercostEight is at the limit: its calls are written into the function.
//
//go:noinline
func defercostEight(l *defercostLog) {
	defer l.add()
	defer l.add()
	defer l.add()
	defer l.add()
	defer l.add()
	defer l.add()
	defer l.add()
	defer l.add()
}

// defercostNine is over the limit: each defer links a record on the stack.
//
//go:noinline
func defercostNine(l *defercostLog) {
	defer l.add()
	defer l.add()
	defer l.add()
	defer l.add()
	defer l.add()
	defer l.add()
	defer l.add()
	defer l.add()
	defer l.add()
}

// defercostLoop has one statement that runs n times: each turn links a record from
// the heap.
//
//go:noinline
func defercostLoop(l *defercostLog, n int) {
	for range n {
		defer l.add()
	}
}

// defercostLoopPlain defers a function value without arguments: nothing has to be
// kept with it.
//
//go:noinline
func defercostLoopPlain(f func(), n int) {
	for range n {
		defer f()
	}
}

// defercostRangeFunc is such a loop without looking like one in the machine code.
//
//go:noinline
func defercostRangeFunc(l *defercostLog, seq func(func() bool)) {
	for range seq {
		defer l.add()
	}
}

//go:noinline
func defercostDirect(l *defercostLog) {
	l.add()
	l.add()
	l.add()
	l.add()
	l.add()
	l.add()
	l.add()
	l.add()
}
