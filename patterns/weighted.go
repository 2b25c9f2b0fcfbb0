package patterns

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"golang.org/x/sync/semaphore"
)

// ForEachWeighted calls f for every item concurrently, as long as the weights
// of the items that are being worked on add up to at most capacity. It limits
// what a count of goroutines cannot: the memory of images that are decoded, or
// the rows that queries may read together.
//
// # Guarantees
//
//   - The sum of the weights in work never exceeds capacity. An item heavier
//     than capacity counts as capacity, so it runs alone. A weight below one
//     counts as one, so capacity also limits the number of goroutines.
//   - Items start in their order: a heavy one waits for room, and lighter ones
//     behind it do not overtake it, so it is not starved.
//   - The first error, or the cause of a cancellation, is returned. It cancels
//     the context of the running calls, and no further call is started.
//   - A panic of f is raised again in the caller once all calls have ended,
//     with an error that prints panic and stack. If f calls runtime.Goexit,
//     the result is an error. No goroutine remains.
//
// # Cost
//
// A goroutine for each item, started when its weight has been granted, and two
// or three allocations with it.
//
// # When not to use it
//
// If all items weigh the same, ForEach needs fewer goroutines. A semaphore
// does not measure memory: the weight is your estimate. If light items should
// use the gaps while a heavy one waits, sort them by weight first.
func ForEachWeighted[T any](ctx context.Context, capacity int64, items []T, weight func(item T) int64, f func(ctx context.Context, item T) error) error {
	capacity = max(capacity, 1)
	room := semaphore.NewWeighted(capacity)
	run := new(weightedRun)
	run.ctx, run.cancel = context.WithCancelCause(ctx)
	defer run.end() // also if weight panics
	for _, item := range items {
		units := min(max(weight(item), 1), capacity)
		if room.Acquire(run.ctx, units) != nil {
			run.stop(context.Cause(run.ctx), false)
			break
		}
		run.calls.Go(func() {
			defer room.Release(units)
			run.call(func() error { return f(run.ctx, item) })
		})
	}
	run.end()
	if run.panicked {
		panic(run.err)
	}
	return run.err
}

// A weightedRun is what the goroutines of one ForEachWeighted share.
type weightedRun struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	calls  sync.WaitGroup

	mu       sync.Mutex
	err      error // the first one
	panicked bool  // err is a *weightedPanic
}

// call runs f and notes how it ends.
func (run *weightedRun) call(f func() error) {
	err := errors.New("weighted function called runtime.Goexit")
	panicked := false
	defer func() {
		if value := recover(); value != nil {
			err, panicked = &weightedPanic{value, debug.Stack()}, true
		}
		if err != nil {
			run.stop(err, panicked)
		}
	}()
	err = f()
}

// stop notes err unless it is a later one, and cancels the calls that run. A
// panic is never hidden by an error.
func (run *weightedRun) stop(err error, panicked bool) {
	run.mu.Lock()
	if run.err == nil || panicked && !run.panicked {
		run.err, run.panicked = err, panicked
	}
	run.mu.Unlock()
	run.cancel(err)
}

func (run *weightedRun) end() {
	run.calls.Wait()
	run.cancel(nil)
}

// A weightedPanic carries the panic of a call to the caller.
type weightedPanic struct {
	value any
	stack []byte
}

func (p *weightedPanic) Error() string {
	return fmt.Sprintf("weighted function panicked: %v\n\n%s", p.value, p.stack)
}

func (p *weightedPanic) Unwrap() error {
	err, _ := p.value.(error)
	return err
}
