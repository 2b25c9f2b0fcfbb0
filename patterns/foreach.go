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

// ForEach calls f for every item, at most limit calls at a time, and returns
// when all of them have ended. A limit that is not positive means GOMAXPROCS.
// [Map] collects results, [ForEachSeq] and [MapSeq] take an iterator.
//
// # Guarantees
//
//   - At most limit calls run at a time, started in the order of the items.
//   - If the result is nil, f has returned nil for every item.
//   - The first error, or the cause of a cancellation of ctx, is returned. It
//     cancels the context that the running calls have, and no further call is
//     started. To see all errors, let f store them and return nil.
//   - If f panics, ForEach panics in the caller once all calls have ended, with
//     an error that prints the panic and its stack, and unwraps to the value of
//     the panic if that is an error. If f calls runtime.Goexit, ForEach returns
//     an error.
//   - No goroutine remains when ForEach returns.
//
// # Cost
//
// It starts min(limit, len(items)) goroutines, whatever the number of items,
// and each takes the next index from one atomic counter: a handful of
// allocations in all, none for each item. A cancellation moves the counter to
// its end, so that the loop needs no further check.
//
// # When not to use it
//
// If a call takes less than about a microsecond, the counter becomes the
// bottleneck: give each call a part of the slice, as slices.Chunk cuts it. If
// items come one by one over time, use a [Pool] or a channel. If the limit is
// about bytes and not about calls, use a weighted semaphore.
func ForEach[T any](ctx context.Context, limit int, items []T, f func(ctx context.Context, item T) error) error {
	return forEachIndex(ctx, limit, len(items), func(ctx context.Context, i int) error {
		return f(ctx, items[i])
	})
}

// Map calls f for every item, as [ForEach] does, and returns the results in
// the order of the items. If ForEach would return an error, the results are
// nil. It allocates the slice of results at once.
func Map[T, R any](ctx context.Context, limit int, items []T, f func(ctx context.Context, item T) (R, error)) ([]R, error) {
	results := make([]R, len(items))
	err := forEachIndex(ctx, limit, len(items), func(ctx context.Context, i int) (err error) {
		results[i], err = f(ctx, items[i])
		return err
	})
	if err != nil {
		return nil, err
	}
	return results, nil
}

// ForEachSeq calls f for every value of seq, as [ForEach] does. The iterator
// runs in the goroutine of the caller, and is advanced only when a call of f
// can start with its last value: it may be infinite, or read from a network.
// At most limit goroutines are started, each for a value that no other one is
// free to take, and the other values are handed over through a channel.
func ForEachSeq[T any](ctx context.Context, limit int, seq iter.Seq[T], f func(ctx context.Context, item T) error) error {
	run := newForEachRun(ctx)
	items := make(chan T)
	call := func(item T) {
		if run.ctx.Err() != nil {
			run.stop(context.Cause(run.ctx), false)
		} else if err := f(run.ctx, item); err != nil {
			run.stop(err, false)
		}
	}
	started, limit := 0, forEachLimit(limit)
	hand := func(item T) {
		select {
		case items <- item:
			return
		default:
		}
		if started < limit {
			started++
			run.start(func() {
				call(item)
				for item := range items {
					call(item)
				}
			})
			return
		}
		select {
		case items <- item:
		case <-run.ctx.Done():
			run.stop(context.Cause(run.ctx), false)
		}
	}
	func() {
		// If the iterator panics, the calls that run end before the panic
		// goes on.
		defer run.workers.Wait()
		defer close(items)
		for item := range seq {
			if hand(item); run.ctx.Err() != nil {
				return
			}
		}
	}()
	return run.finish()
}

// MapSeq calls f for every value of seq, as [ForEachSeq] does, and returns the
// results in the order of the values. If ForEachSeq would return an error, the
// results are nil.
func MapSeq[T, R any](ctx context.Context, limit int, seq iter.Seq[T], f func(ctx context.Context, item T) (R, error)) ([]R, error) {
	type indexed struct {
		index int
		item  T
	}
	var mu sync.Mutex
	var results []R
	enumerate := func(yield func(indexed) bool) {
		index := 0
		for item := range seq {
			mu.Lock()
			results = append(results, *new(R))
			mu.Unlock()
			if !yield(indexed{index, item}) {
				return
			}
			index++
		}
	}
	err := ForEachSeq(ctx, limit, enumerate, func(ctx context.Context, in indexed) error {
		result, err := f(ctx, in.item)
		mu.Lock()
		results[in.index] = result
		mu.Unlock()
		return err
	})
	if err != nil {
		return nil, err
	}
	return results, nil
}

// forEachIndex calls f with 0 to n-1.
func forEachIndex(ctx context.Context, limit, n int, f func(ctx context.Context, i int) error) error {
	run := newForEachRun(ctx)
	var next atomic.Int64
	for range min(forEachLimit(limit), n) {
		run.start(func() {
			for i := int(next.Add(1) - 1); i < n; i = int(next.Add(1) - 1) {
				if run.ctx.Err() != nil {
					run.stop(context.Cause(run.ctx), false)
					return
				}
				if err := f(run.ctx, i); err != nil {
					run.stop(err, false)
					return
				}
			}
		})
	}
	return run.finish()
}

func forEachLimit(limit int) int {
	if limit <= 0 {
		return runtime.GOMAXPROCS(0)
	}
	return limit
}

// A forEachRun is what the goroutines of one call share.
type forEachRun struct {
	ctx     context.Context
	cancel  context.CancelCauseFunc
	workers sync.WaitGroup

	mu       sync.Mutex
	err      error // the first error
	panicked bool  // err is a *forEachPanic
}

func newForEachRun(ctx context.Context) *forEachRun {
	run := new(forEachRun)
	run.ctx, run.cancel = context.WithCancelCause(ctx)
	return run
}

// start runs work in a goroutine and notes how it ends, if it does not return.
func (run *forEachRun) start(work func()) {
	run.workers.Go(func() {
		returned := false
		defer func() {
			if value := recover(); value != nil {
				run.stop(&forEachPanic{value, debug.Stack()}, true)
			} else if !returned {
				run.stop(errors.New("function called runtime.Goexit"), false)
			}
		}()
		work()
		returned = true
	})
}

// stop notes err unless it is a later one, and cancels what runs. A panic is
// never hidden by an error.
func (run *forEachRun) stop(err error, panicked bool) {
	run.mu.Lock()
	if run.err == nil || panicked && !run.panicked {
		run.err, run.panicked = err, panicked
	}
	run.mu.Unlock()
	run.cancel(err)
}

// finish waits for all goroutines and passes on how they ended.
func (run *forEachRun) finish() error {
	run.workers.Wait()
	run.cancel(nil)
	if run.panicked {
		panic(run.err)
	}
	return run.err
}

// A forEachPanic carries the panic of a call to the caller of ForEach.
type forEachPanic struct {
	value any
	stack []byte
}

func (p *forEachPanic) Error() string {
	return fmt.Sprintf("ForEach function panicked: %v\n\n%s", p.value, p.stack)
}

func (p *forEachPanic) Unwrap() error {
	err, _ := p.value.(error)
	return err
}
