package patterns

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync/atomic"
)

// ErrBulkheadFull is the error of a call that a [Bulkhead] has no place for.
var ErrBulkheadFull = errors.New("bulkhead: full")

// A Bulkhead limits how many calls of one dependency run at the same time and how
// many wait for that, and refuses the rest at once. With one for each dependency,
// one that has become slow holds a limited share of the goroutines, connections
// and memory of the program, and the calls of the others go on.
//
// Create it with [NewBulkhead] and call through [BulkheadDo] or [Bulkhead.Do]. All
// methods may be called concurrently.
//
// # Guarantees
//
//   - At most limit calls run, and at most queue more wait, in the order in which
//     they have come. Others get [ErrBulkheadFull] at once.
//   - A call that waits gives up when ctx is done, and returns the cause.
//   - A place is given back however its call ends: returning, panicking or in
//     runtime.Goexit. A panic goes on in the caller.
//   - The function runs in the goroutine of the caller: no goroutine is started.
//
// # Cost
//
// A call that need not wait takes two atomic operations and a send to and a
// receive from a buffered channel. Nothing is allocated.
//
// # When not to use it
//
// To limit the goroutines of one loop, use golang.org/x/sync/errgroup with
// SetLimit. If calls differ in weight, use golang.org/x/sync/semaphore. To limit
// calls per second, use a rate limiter: a bulkhead lets fast calls pass without
// end. For a limit that adapts to the latency, use
// github.com/failsafe-go/failsafe-go.
type Bulkhead struct {
	places   chan struct{} // full when as many calls run as may
	admitted atomic.Int64  // calls that run or wait
	most     int64
}

// NewBulkhead returns a bulkhead for so many calls at a time and so many in a
// queue. It panics if limit is not positive or queue is negative.
func NewBulkhead(limit, queue int) *Bulkhead {
	if limit <= 0 || queue < 0 {
		panic(fmt.Sprintf("bulkhead: limit %d, queue of %d", limit, queue))
	}
	return &Bulkhead{places: make(chan struct{}, limit), most: int64(limit) + min(int64(queue), math.MaxInt64-int64(limit))}
}

// BulkheadDo calls f when there is a place for it, and returns its results. It
// returns [ErrBulkheadFull] if there is none even in the queue, and the cause of
// the cancellation if ctx is done before f has begun.
func BulkheadDo[T any](ctx context.Context, b *Bulkhead, f func(context.Context) (T, error)) (result T, err error) {
	if err := b.enter(ctx); err != nil {
		return result, err
	}
	defer b.leave()
	return f(ctx)
}

// Do is [BulkheadDo] for a function that returns only an error.
func (b *Bulkhead) Do(ctx context.Context, f func(context.Context) error) error {
	if err := b.enter(ctx); err != nil {
		return err
	}
	defer b.leave()
	return f(ctx)
}

// Len returns the number of calls that run or wait.
func (b *Bulkhead) Len() int { return int(b.admitted.Load()) }

func (b *Bulkhead) enter(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	// Adding first and looking afterwards would be shorter, but a call that is to
	// be refused would take the place of another one for a moment.
	for {
		n := b.admitted.Load()
		if n >= b.most {
			return ErrBulkheadFull
		}
		if b.admitted.CompareAndSwap(n, n+1) {
			break
		}
	}
	select {
	case b.places <- struct{}{}:
		return nil
	default:
	}
	select {
	case b.places <- struct{}{}:
		if ctx.Err() == nil {
			return nil
		}
		b.leave() // both have come at once
	case <-ctx.Done():
		b.admitted.Add(-1)
	}
	return context.Cause(ctx)
}

func (b *Bulkhead) leave() {
	<-b.places
	b.admitted.Add(-1)
}
