package optimizing

import (
	"sync"
	"sync/atomic"
)

// A call that is inlined is replaced by the body of the function. The
// directive //go:noinline below keeps calls that would be inlined otherwise.

func inlineShare(x, by uint64) uint64 { return x / by }

//go:noinline
func inlineShareCalled(x, by uint64) uint64 { return x / by }

//go:noinline
func sumInlined(values []uint64) (sum uint64) {
	for _, v := range values {
		sum += inlineShare(v, 8) //claim:inlined
	}
	return sum
}

//go:noinline
func sumCalled(values []uint64) (sum uint64) {
	for _, v := range values {
		sum += inlineShareCalled(v, 8) //claim:called
	}
	return sum
}

// inlineLazy is a number that is computed when it is needed first.
type inlineLazy struct {
	ready   atomic.Bool
	mu      sync.Mutex
	value   uint64
	compute func() uint64
}

// getWhole has everything in one function. Its deferred call keeps it from being
// inlined.
func (l *inlineLazy) getWhole() uint64 {
	if l.ready.Load() {
		return l.value
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.ready.Load() {
		l.value = l.compute()
		l.ready.Store(true)
	}
	return l.value
}

// getSplit does the usual case itself and leaves the other one to getSlow.
func (l *inlineLazy) getSplit() uint64 {
	if l.ready.Load() {
		return l.value
	}
	return l.getSlow() //claim:called
}

func (l *inlineLazy) getSlow() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.ready.Load() {
		l.value = l.compute()
		l.ready.Store(true)
	}
	return l.value
}

//go:noinline
func sumWhole(l *inlineLazy, n int) (sum uint64) {
	for range n {
		sum += l.getWhole() //claim:called
	}
	return sum
}

//go:noinline
func sumSplit(l *inlineLazy, n int) (sum uint64) {
	for range n {
		sum += l.getSplit() //claim:inlined
	}
	return sum
}

// inlineCount takes the condition as a function and is small enough to inline.
func inlineCount(values []uint64, ok func(uint64) bool) (n int) {
	for _, v := range values {
		if ok(v) {
			n++
		}
	}
	return n
}

//go:noinline
func inlineCountCalled(values []uint64, ok func(uint64) bool) (n int) {
	for _, v := range values {
		if ok(v) {
			n++
		}
	}
	return n
}

//go:noinline
func countSmallInlined(values []uint64) int {
	return inlineCount(values, func(v uint64) bool { return v < 1000 }) //claim:inlined
}

//go:noinline
func countSmallCalled(values []uint64) int {
	return inlineCountCalled(values, func(v uint64) bool { return v < 1000 }) //claim:called
}
