package patterns

import (
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// A Debouncer calls a function once for a burst of calls: with the last value, when
// there has been no call for a while. It is for reactions that are too costly to
// repeat for each event, such as saving after each key or reloading after each
// changed file. A burst ends when Wait has passed since its last call.
//
//	d := &Debouncer[string]{Wait: time.Second, Func: save}
//	defer d.Flush()
//
// Set the exported fields before the first call. All methods may be called by several
// goroutines at once, but Flush and Stop not by Func, which would wait for itself. A
// Debouncer must not be copied.
//
// # Guarantees
//
//   - Func gets the last value of each burst, unless Edge is DebounceLeading.
//   - Calls of Func do not overlap: if one is due while another runs, it follows,
//     and of several only the last.
//   - After Flush, the last value has been handled. After Stop, Func does not run and
//     will not be called, and no goroutine or timer remains.
//   - If Func panics, the next call of any method panics, with an error that prints
//     the panic and its stack, and unwraps to the value of the panic if that is an
//     error. The Debouncer goes on afterwards.
//
// # Cost
//
// Call takes a lock and reads the clock. It allocates nothing, and does not touch the
// timer within a burst: the timer looks for later calls when it fires. Each call of
// Func has a goroutine. Between bursts no goroutine runs.
//
// # When not to use it
//
// If Func should run regularly during a long burst, set MaxWait or use a [Throttler].
// If every value matters, collect them, as [PipelineBatch] and [Batcher] do. If all
// events are in one channel and one goroutine, a select with a timer is enough.
type Debouncer[T any] struct {
	Wait    time.Duration // a pause that ends a burst
	MaxWait time.Duration // if positive, ends a burst that has no pause
	Edge    DebounceEdge  // when Func is called
	Func    func(value T)

	mu       sync.Mutex
	ended    sync.Cond // a call of Func has ended
	timer    *time.Timer
	burst    bool      // the timer runs
	start    time.Time // of the burst
	deadline time.Time // end of the burst, if no call comes
	value    T         // the last value, if pending
	pending  bool      // value waits for the end of the burst
	next     T         // the value that waits for the end of a running call, if due
	due      bool
	running  bool
	stopped  bool
	panicked *debouncePanic
}

// A DebounceEdge says at which end of a burst a [Debouncer] calls its function.
type DebounceEdge int

const (
	DebounceTrailing DebounceEdge = iota // at the end, with the last value
	DebounceLeading                      // at the start, with the first value; others are dropped
	DebounceBoth                         // at the start, and at the end if more calls came
)

// Call notes the value, and begins a burst or makes the running one longer. It does
// not wait for Func. After Stop it does nothing.
func (d *Debouncer[T]) Call(value T) {
	d.mu.Lock()
	defer d.unlockAndPanic()
	if d.stopped {
		return
	}
	now := time.Now()
	begins := !d.burst
	if begins {
		d.burst, d.start = true, now
	}
	d.deadline = now.Add(d.Wait)
	if last := d.start.Add(d.MaxWait); d.MaxWait > 0 && last.Before(d.deadline) {
		d.deadline = last
	}
	switch {
	case begins && d.Edge != DebounceTrailing:
		d.run(value)
	case d.Edge != DebounceLeading:
		d.value, d.pending = value, true
	}
	switch {
	case begins && d.timer == nil:
		d.timer = time.AfterFunc(d.deadline.Sub(now), d.fire)
	case begins:
		d.timer.Reset(d.deadline.Sub(now))
	}
}

// Flush ends the burst, calls Func with the value that waits for it, if any, and
// waits until Func does not run.
func (d *Debouncer[T]) Flush() {
	d.mu.Lock()
	defer d.unlockAndPanic()
	d.endBurst()
	d.runPending()
	d.await()
}

// Stop drops the value that waits for Func, makes later calls do nothing, and waits
// until Func does not run.
func (d *Debouncer[T]) Stop() {
	d.mu.Lock()
	defer d.unlockAndPanic()
	d.endBurst()
	d.stopped, d.pending, d.due = true, false, false
	d.value, d.next = *new(T), *new(T) // keeps nothing alive
	d.await()
}

func (d *Debouncer[T]) endBurst() {
	if d.burst {
		d.burst = false
		d.timer.Stop()
	}
}

// fire is the function of the timer.
func (d *Debouncer[T]) fire() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.burst {
		return // flushed or stopped meanwhile
	}
	if wait := time.Until(d.deadline); wait > 0 {
		d.timer.Reset(wait)
		return
	}
	d.burst = false
	d.runPending()
}

func (d *Debouncer[T]) runPending() {
	if d.pending {
		value := d.value
		d.value, d.pending = *new(T), false
		d.run(value)
	}
}

// run starts a call of Func, or leaves that to the one that runs.
func (d *Debouncer[T]) run(value T) {
	if d.running {
		d.next, d.due = value, true
		return
	}
	d.running = true
	go func() {
		defer func() {
			panicked := recover()
			d.mu.Lock()
			defer d.mu.Unlock()
			if panicked != nil && d.panicked == nil {
				d.panicked = &debouncePanic{panicked, debug.Stack()}
			}
			d.running = false
			if d.due {
				next := d.next
				d.next, d.due = *new(T), false
				d.run(next)
			}
			d.ended.Broadcast()
		}()
		d.Func(value)
	}()
}

// await waits until Func does not run. The caller holds the lock.
func (d *Debouncer[T]) await() {
	d.ended.L = &d.mu
	for d.running {
		d.ended.Wait()
	}
}

func (d *Debouncer[T]) unlockAndPanic() {
	panicked := d.panicked
	d.panicked = nil
	d.mu.Unlock()
	if panicked != nil {
		panic(panicked)
	}
}

// A debouncePanic carries the panic of the function to the next caller.
type debouncePanic struct {
	value any
	stack []byte
}

func (p *debouncePanic) Error() string {
	return fmt.Sprintf("debounced function panicked: %v\n\n%s", p.value, p.stack)
}

func (p *debouncePanic) Unwrap() error {
	err, _ := p.value.(error)
	return err
}
