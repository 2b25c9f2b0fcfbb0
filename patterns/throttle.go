package patterns

import (
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// A Throttler calls a function at most once in an interval, however often it is
// called itself, and drops the values between. It is for showing progress, sampling and
// other work where only the newest value counts but should be seen regularly.
//
//	progress := &Throttler[int]{Interval: time.Second, Func: show}
//	defer progress.Flush()
//
// Set the exported fields before the first call. All methods may be called by several
// goroutines at once, but Flush and Stop not by Func, which would wait for itself. A
// Throttler must not be copied.
//
// # Guarantees
//
//   - Calls of Func start at least Interval apart, except by Flush, and do not
//     overlap: if one is due while another runs, it follows.
//   - The first value is handled at once, or an Interval later if Edge is
//     ThrottleTrailing. Unless Edge is ThrottleLeading, the last value is always
//     handled, at the latest an Interval after it came, or when the call of Func
//     that runs then has ended.
//   - After Flush, the last value has been handled. After Stop, Func does not run and
//     will not be called, and no goroutine or timer remains.
//   - If Func panics, the next call of any method panics, with an error that prints
//     the panic and its stack, and unwraps to the value of the panic if that is an
//     error. The Throttler goes on afterwards.
//
// # Cost
//
// Call takes a lock, and within an interval only stores the value: no clock is read,
// nothing is allocated. Each call of Func has a goroutine. One timer runs while values
// come, and until an interval after the last.
//
// # When not to use it
//
// If every call must be made, only not too fast, use a rate limiter, which waits
// instead of dropping: golang.org/x/time/rate. Its type Sometimes is enough for a
// leading edge in the goroutine of the caller, such as a log line at most once
// a second. If the function should wait for a pause, use a [Debouncer].
type Throttler[T any] struct {
	Interval time.Duration // at least 0
	Edge     ThrottleEdge  // when Func is called
	Func     func(value T)

	mu       sync.Mutex
	ended    sync.Cond // a call of Func has ended
	timer    *time.Timer
	cooling  bool // an interval runs, and with it the timer
	running  bool // Func runs
	value    T    // the last value, if pending
	pending  bool // value waits for the end of both
	stopped  bool
	panicked *throttlePanic
}

// A ThrottleEdge says when in an interval a [Throttler] calls its function.
type ThrottleEdge int

const (
	ThrottleBoth     ThrottleEdge = iota // at once, and at the end if more values came
	ThrottleLeading                      // at once only; other values are dropped
	ThrottleTrailing                     // at the end of the interval that the first value begins
)

// Call has Func called with the value, at once or later, or drops it. It does not
// wait for Func. After Stop it does nothing.
func (t *Throttler[T]) Call(value T) {
	t.mu.Lock()
	defer t.unlockAndPanic()
	busy := t.cooling || t.running
	if t.stopped || busy && t.Edge == ThrottleLeading {
		return
	}
	t.value, t.pending = value, true
	switch {
	case busy:
	case t.Edge == ThrottleTrailing:
		t.cool()
	default:
		t.start()
	}
}

// Flush calls Func with the value that waits for it, if any, and waits until Func
// does not run. It does not wait for the end of the interval.
func (t *Throttler[T]) Flush() {
	t.mu.Lock()
	defer t.unlockAndPanic()
	t.await()
	if t.pending {
		t.start()
	}
	t.await()
}

// Stop drops the value that waits for Func, makes later calls do nothing, and waits
// until Func does not run.
func (t *Throttler[T]) Stop() {
	t.mu.Lock()
	defer t.unlockAndPanic()
	if t.timer != nil {
		t.timer.Stop()
	}
	t.stopped, t.pending = true, false
	t.value = *new(T) // keeps nothing alive
	t.await()
}

// cool begins an interval. The caller holds the lock.
func (t *Throttler[T]) cool() {
	t.cooling = true
	if t.timer == nil {
		t.timer = time.AfterFunc(t.Interval, t.cooled)
	} else {
		t.timer.Reset(t.Interval)
	}
}

// cooled is the function of the timer.
func (t *Throttler[T]) cooled() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cooling = false
	if t.pending && !t.running {
		t.start()
	}
}

// start calls Func with the last value and begins an interval. The caller holds the
// lock, and Func does not run.
func (t *Throttler[T]) start() {
	value := t.value
	t.value, t.pending = *new(T), false
	t.running = true
	t.cool()
	go func() {
		defer func() {
			panicked := recover()
			t.mu.Lock()
			defer t.mu.Unlock()
			if panicked != nil && t.panicked == nil {
				t.panicked = &throttlePanic{panicked, debug.Stack()}
			}
			t.running = false
			if t.pending && !t.cooling {
				t.start()
			}
			t.ended.Broadcast()
		}()
		t.Func(value)
	}()
}

// await waits until Func does not run. The caller holds the lock.
func (t *Throttler[T]) await() {
	t.ended.L = &t.mu
	for t.running {
		t.ended.Wait()
	}
}

func (t *Throttler[T]) unlockAndPanic() {
	panicked := t.panicked
	t.panicked = nil
	t.mu.Unlock()
	if panicked != nil {
		panic(panicked)
	}
}

// A throttlePanic carries the panic of the function to the next caller.
type throttlePanic struct {
	value any
	stack []byte
}

func (p *throttlePanic) Error() string {
	return fmt.Sprintf("throttled function panicked: %v\n\n%s", p.value, p.stack)
}

func (p *throttlePanic) Unwrap() error {
	err, _ := p.value.(error)
	return err
}
