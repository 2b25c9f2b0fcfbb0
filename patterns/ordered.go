package patterns

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// MapOrdered calls f for the values of seq, at most limit calls at a time, and
// yields each result with its error in the order of the values, as soon as it and
// all before it are ready. It is for loops over many slow calls, such as requests,
// whose results are needed one by one and in order. A limit that is not positive
// means GOMAXPROCS, and at most 65536 counts. [MapUnordered] yields results in the
// order in which they are ready.
//
//	for page, err := range MapOrdered(ctx, 8, urls, fetch) {
//		if err != nil {
//			return err // ends the other calls
//		}
//		…
//	}
//
// The sequence starts its work when it is ranged over, each time anew. Several
// goroutines may do that at once if seq allows it.
//
// # Guarantees
//
//   - Until the loop is left, every call of f yields one pair. An error belongs to
//     its value and does not stop the others: leave the loop to do that.
//   - Leaving the loop in any way cancels the context of the running calls and
//     waits for them: no goroutine remains after the loop.
//   - At most 2*limit values, or 16, have been taken from seq and their results
//     not yet yielded, however slow the loop or one of the calls is.
//   - If ctx is cancelled, no further call starts, and the last pair has the cause
//     of the cancellation. A loop without such a pair has seen all values.
//   - A panic of f or seq ends the other calls and then panics in the loop, with an
//     error that prints the panic and its stack, and unwraps to the value of the
//     panic if that is an error. If f calls runtime.Goexit, its pair has an error.
//
// # Cost
//
// One goroutine that ranges over seq, and one for each of the first limit values.
// Each of the first 2*limit values, at least 16, allocates a slot that later
// values use again, so a long sequence allocates nothing for a value. The
// goroutines work ahead of each other by as many values: not every handover is a
// switch of goroutines.
//
// # When not to use it
//
// If a call takes less than about a microsecond, a plain loop is faster. If the
// values are in a slice and all results are needed together, use [Map]. If seq
// must run in the goroutine of the caller, use [ForEachSeq]: here it runs beside the
// loop, and leaving the loop waits until it has yielded the value it is working on.
func MapOrdered[T, R any](ctx context.Context, limit int, seq iter.Seq[T], f func(ctx context.Context, v T) (R, error)) iter.Seq2[R, error] {
	return orderedSeq(ctx, limit, seq, f, true)
}

// MapUnordered is like [MapOrdered], but yields each result as soon as it is ready:
// a slow call holds back no other result.
func MapUnordered[T, R any](ctx context.Context, limit int, seq iter.Seq[T], f func(ctx context.Context, v T) (R, error)) iter.Seq2[R, error] {
	return orderedSeq(ctx, limit, seq, f, false)
}

func orderedSeq[T, R any](ctx context.Context, limit int, seq iter.Seq[T], f func(context.Context, T) (R, error), ordered bool) iter.Seq2[R, error] {
	if limit <= 0 {
		limit = runtime.GOMAXPROCS(0)
	}
	limit = min(limit, 1<<16)
	window := max(16, 2*limit)
	return func(yield func(R, error) bool) {
		run := &orderedRun[T, R]{
			f: f, ordered: ordered,
			free:  make(chan *orderedSlot[T, R], window),
			work:  make(chan *orderedSlot[T, R], window),
			queue: make(chan *orderedSlot[T, R], window),
		}
		run.ctx, run.cancel = context.WithCancelCause(ctx)
		var source sync.WaitGroup
		source.Go(func() { run.source(limit, seq) })
		left := func() bool {
			defer source.Wait()
			defer run.cancel(nil)
			return run.yieldAll(yield)
		}()
		if panicked := run.panicked.Load(); panicked != nil {
			panic(panicked)
		}
		if run.skipped.Load() && !left {
			yield(*new(R), context.Cause(run.ctx))
		}
	}
}

// An orderedSlot is a value on its way to a result. The channels have room
// for all slots there are, so that only taking a free one can block.
type orderedSlot[T, R any] struct {
	value  T
	result R
	err    error
	called bool
	done   chan struct{} // the result is ready; nil if results are not ordered
}

type orderedRun[T, R any] struct {
	ctx     context.Context
	cancel  context.CancelCauseFunc
	f       func(context.Context, T) (R, error)
	ordered bool
	workers sync.WaitGroup

	free  chan *orderedSlot[T, R]
	work  chan *orderedSlot[T, R] // values without a result
	queue chan *orderedSlot[T, R] // what is yielded next, in this order

	skipped  atomic.Bool // some values have not been called
	panicked atomic.Pointer[orderedPanic]
}

// source hands out the values of seq, and ends after all workers.
func (run *orderedRun[T, R]) source(limit int, seq iter.Seq[T]) {
	defer close(run.queue)
	defer run.workers.Wait()
	defer close(run.work)
	returned := false
	defer func() {
		if run.recovered(recover()); !returned {
			run.skipped.Store(true)
			run.cancel(errors.New("iterator called runtime.Goexit")) // unless it panicked
		}
	}()
	run.handOut(limit, seq)
	returned = true
}

func (run *orderedRun[T, R]) handOut(limit int, seq iter.Seq[T]) {
	started := 0
	next := func() *orderedSlot[T, R] {
		if run.ctx.Err() == nil {
			if started < cap(run.free) { // allocated one by one, for short sequences
				started++
				slot := new(orderedSlot[T, R])
				if run.ordered {
					slot.done = make(chan struct{}, 1)
				}
				return slot
			}
			select {
			case slot := <-run.free: // cheaper than with a second case
				return slot
			default:
			}
			select {
			case slot := <-run.free:
				return slot
			case <-run.ctx.Done():
			}
		}
		run.skipped.Store(true)
		return nil
	}
	// The slot comes first: seq is not advanced before there is room.
	slot := next()
	if slot == nil {
		return
	}
	for value := range seq {
		slot.value = value
		if run.ordered {
			run.queue <- slot
		}
		run.work <- slot
		if started <= limit {
			run.workers.Go(run.worker)
		}
		if slot = next(); slot == nil {
			return
		}
	}
}

func (run *orderedRun[T, R]) worker() {
	for slot := range run.work {
		run.call(slot)
	}
}

// call fills slot, also if f does not return.
func (run *orderedRun[T, R]) call(slot *orderedSlot[T, R]) {
	if run.ctx.Err() != nil {
		run.skipped.Store(true)
	} else {
		slot.called = true
	}
	returned := false
	defer func() {
		if !run.recovered(recover()) && !returned {
			slot.err = errors.New("function called runtime.Goexit")
			run.workers.Go(run.worker) // in place of this one
		}
		if run.ordered {
			slot.done <- struct{}{}
		} else {
			run.queue <- slot
		}
	}()
	if slot.called {
		slot.result, slot.err = run.f(run.ctx, slot.value)
	}
	returned = true
}

// yieldAll reports whether the loop was left.
func (run *orderedRun[T, R]) yieldAll(yield func(R, error) bool) bool {
	for slot := range run.queue {
		if run.ordered {
			<-slot.done
		}
		ready := *slot
		*slot = orderedSlot[T, R]{done: slot.done} // keeps nothing alive
		run.free <- slot
		if run.panicked.Load() != nil {
			return true
		}
		if ready.called && !yield(ready.result, ready.err) {
			return true
		}
	}
	return false
}

// recovered records a panic of f or seq, and reports whether there was one.
func (run *orderedRun[T, R]) recovered(value any) bool {
	if value == nil {
		return false
	}
	panicked := &orderedPanic{value, debug.Stack()}
	run.panicked.CompareAndSwap(nil, panicked)
	run.cancel(panicked)
	return true
}

// An orderedPanic carries the panic of a call to the loop.
type orderedPanic struct {
	value any
	stack []byte
}

func (p *orderedPanic) Error() string {
	return fmt.Sprintf("MapOrdered function panicked: %v\n\n%s", p.value, p.stack)
}

func (p *orderedPanic) Unwrap() error {
	err, _ := p.value.(error)
	return err
}
