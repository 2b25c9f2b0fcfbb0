package optimizing

import "errors"

// deferCounter is what the deferred functions below change.
type deferCounter struct{ n int }

//go:noinline
func (c *deferCounter) add() { c.n++ }

//go:noinline
func deferDirect(c *deferCounter) { c.add() }

//go:noinline
func deferOpen(c *deferCounter) { defer c.add() }

//go:noinline
func deferOpenLoop(c *deferCounter, n int) {
	for range n {
		deferOpen(c)
	}
}

//go:noinline
func directLoop(c *deferCounter, n int) {
	for range n {
		deferDirect(c)
	}
}

//go:noinline
func deferInLoop(c *deferCounter, n int) {
	for range n {
		defer c.add()
	}
}

var errDeferNegative = errors.New("negative")

//go:noinline
func failWithError(n int) (int, error) {
	if n < 0 {
		return 0, errDeferNegative
	}
	return n, nil
}

//go:noinline
func failWithPanic(n int) int {
	if n < 0 {
		panic(errDeferNegative)
	}
	return n
}

//go:noinline
func recoverFrom(n int) (v int, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = r.(error)
		}
	}()
	return failWithPanic(n), nil
}
