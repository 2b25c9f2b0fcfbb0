package schedgc

import (
	"runtime"
	"sync/atomic"
)

// gcObserveMark is garbage as soon as it is made. It has a pointer, so that it
// does not share a block with other small objects.
type gcObserveMark struct {
	_ *gcObserveMark
}

// AfterEachGC arranges for f to be called, on a goroutine of the runtime, after a
// collection, again and again until the program calls stop. Cycles that follow
// each other before f has returned are reported once. Calls of f do not
// overlap; f must be quick, as other cleanups may wait for it. One call may still
// come while stop returns. Both are safe for concurrent use.
func AfterEachGC(f func()) (stop func()) {
	var stopped atomic.Bool
	var arm func()
	arm = func() {
		runtime.AddCleanup(new(gcObserveMark), func(struct{}) {
			if !stopped.Load() {
				f()
				arm()
			}
		}, struct{}{})
	}
	arm()
	return func() { stopped.Store(true) }
}
