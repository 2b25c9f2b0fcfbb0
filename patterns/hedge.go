package patterns

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

// Hedge calls f, and calls it once more whenever delay has passed without a
// result, up to limit calls. The first call that succeeds gives the result, and
// the others are cancelled. It cuts off the slow tail of requests to replicas
// that are sometimes slow: with a delay that 95 of 100 requests stay under, one
// request in twenty is sent twice. With a delay of zero or less all calls start
// at once, which is known as replicated requests.
//
// f gets the number of its call, from 0, to choose another replica by it.
//
// # Guarantees
//
//   - A call that fails starts the next one at once: Hedge is a failover too.
//   - If all calls fail, the errors are joined, in the order in which they came.
//   - A panic of f is raised again in the caller, with an error that prints the
//     panic and its stack, and unwraps to the value if that is an error. If f
//     calls runtime.Goexit, that call has failed.
//   - When Hedge returns, every call has ended and no goroutine remains. So f has
//     to end soon after its context is cancelled, or the gain is lost.
//   - No call is started once ctx is done.
//
// # Cost
//
// One goroutine for each call, one timer, one channel. Other servers get up to
// limit times the load when all are slow, which is when they can bear it least:
// keep limit at 2 and the delay above the usual response time.
//
// # When not to use it
//
// If f changes something and is not idempotent: both calls may take effect. If
// the slowness has one cause that all replicas share, such as a full database.
// To repeat calls that fail, and not those that are slow, use a retry.
func Hedge[T any](ctx context.Context, delay time.Duration, limit int, f func(ctx context.Context, call int) (T, error)) (T, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	limit = max(limit, 1)
	results := make(chan hedgeResult[T], limit)
	started := 0
	start := func() {
		call := started
		started++
		go func() {
			result := hedgeResult[T]{err: errors.New("hedged function called runtime.Goexit")}
			defer func() {
				if value := recover(); value != nil {
					result.panicked = &hedgePanic{value, debug.Stack()}
				}
				results <- result
			}()
			result.value, result.err = f(ctx, call)
		}()
	}
	start()
	for delay <= 0 && started < limit {
		start()
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()

	var winner *hedgeResult[T]
	var panicked *hedgePanic
	var errs []error
	for ended := 0; ended < started; {
		more := false // start another call
		select {
		case <-timer.C:
			more = true
		case result := <-results:
			ended++
			switch {
			case result.panicked != nil:
				panicked = result.panicked
				cancel()
			case result.err != nil:
				errs = append(errs, result.err)
				more = true
			case winner == nil:
				winner = &result
				cancel()
			}
		}
		if more && started < limit && ctx.Err() == nil {
			start()
			timer.Reset(delay)
		}
	}
	switch {
	case panicked != nil:
		panic(panicked)
	case winner != nil:
		return winner.value, nil
	}
	return *new(T), errors.Join(errs...)
}

type hedgeResult[T any] struct {
	value    T
	err      error
	panicked *hedgePanic
}

// A hedgePanic carries the panic of a call to the caller of Hedge.
type hedgePanic struct {
	value any
	stack []byte
}

func (p *hedgePanic) Error() string {
	return fmt.Sprintf("hedged function panicked: %v\n\n%s", p.value, p.stack)
}

func (p *hedgePanic) Unwrap() error {
	err, _ := p.value.(error)
	return err
}
