package patterns

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
)

// A Future is the result of a function that runs in a goroutine of its own. It is
// the answer to async and await: start several calls, do something else, then wait
// for each result where it is needed, together with its error or panic. Create it
// with [StartFuture].
//
// All methods may be called by several goroutines at once, and as often as wanted.
//
// # Guarantees
//
//   - The function runs once, and every Await gets its result: also those that
//     start waiting after it has ended.
//   - A panic of the function does not end the program: Await panics with an error
//     that prints the panic and its stack, and unwraps to the value of the panic if
//     that is an error. If the function calls runtime.Goexit, Await returns an error.
//   - Await returns when its own context is cancelled. The function goes on, for
//     other waiters. It ends when the context given to StartFuture says so, or
//     [Future.Cancel] is called.
//   - When Done is closed, the function has returned, with its deferred calls.
//
// # Cost
//
// A goroutine, a channel and a context for each future. Await of a future that has
// ended takes no lock and allocates nothing.
//
// # When not to use it
//
// If the caller just waits, call the function. For a group of calls that belong
// together use errgroup, [ForEach] or [Map], which end all of them when one fails. A
// future that nobody awaits hides its error and panic, and its goroutine has no
// owner: await each, or cancel it with a deferred call. For a value that is made on
// first use there is sync.OnceValue.
type Future[T any] struct {
	done     chan struct{} // closed when the fields below are set
	cancel   context.CancelCauseFunc
	value    T
	err      error
	panicked *futurePanic
}

// errFutureCancelled is the cause of a cancellation by Cancel.
var errFutureCancelled = fmt.Errorf("future: %w", context.Canceled)

// StartFuture starts f in a goroutine. The context that f gets is derived from ctx,
// and cancelled when f has returned.
func StartFuture[T any](ctx context.Context, f func(ctx context.Context) (T, error)) *Future[T] {
	future := &Future[T]{done: make(chan struct{})}
	ctx, future.cancel = context.WithCancelCause(ctx)
	go func() {
		returned := false
		defer func() {
			if value := recover(); value != nil {
				future.panicked = &futurePanic{value, debug.Stack()}
			} else if !returned {
				future.err = errors.New("function called runtime.Goexit")
			}
			future.cancel(nil)
			close(future.done)
		}()
		future.value, future.err = f(ctx)
		returned = true
	}()
	return future
}

// Await waits until the function has ended and returns what it returned, or until ctx
// is cancelled and returns the cause. A result that is ready comes first. If the function
// panicked, Await panics.
func (f *Future[T]) Await(ctx context.Context) (T, error) {
	select {
	case <-f.done:
		return f.result()
	default:
	}
	select {
	case <-f.done:
		return f.result()
	case <-ctx.Done():
		return *new(T), context.Cause(ctx)
	}
}

func (f *Future[T]) result() (T, error) {
	if f.panicked != nil {
		panic(f.panicked)
	}
	return f.value, f.err
}

// Done returns a channel that is closed when the function has ended, for use in a
// select.
func (f *Future[T]) Done() <-chan struct{} { return f.done }

// Cancel cancels the context of the function and does not wait for it. It changes
// nothing if the function has ended.
func (f *Future[T]) Cancel() { f.cancel(errFutureCancelled) }

// AwaitAll returns the values of all futures in the order of the arguments. It awaits
// them in that order: the first error, panic or cancellation it meets ends it, and a
// failure is not seen while a future before it runs. The other futures go on; Cancel
// those that are not needed any more.
func AwaitAll[T any](ctx context.Context, futures ...*Future[T]) ([]T, error) {
	values := make([]T, len(futures))
	for i, future := range futures {
		value, err := future.Await(ctx)
		if err != nil {
			return nil, err
		}
		values[i] = value
	}
	return values, nil
}

// A futurePanic carries the panic of the function to the callers of Await.
type futurePanic struct {
	value any
	stack []byte
}

func (p *futurePanic) Error() string {
	return fmt.Sprintf("future function panicked: %v\n\n%s", p.value, p.stack)
}

func (p *futurePanic) Unwrap() error {
	err, _ := p.value.(error)
	return err
}
