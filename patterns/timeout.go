package patterns

import (
	"context"
	"fmt"
	"time"
)

// A TimeoutError is returned by [Timeout] if the limit of that call has passed,
// in contrast to a deadline of the caller.
type TimeoutError struct {
	Limit time.Duration // what the call was given
	Err   error         // what the function returned, nil in the cause of its context
}

// Error says after how much time the call was given up.
func (e *TimeoutError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("no result within %v", e.Limit)
	}
	return fmt.Sprintf("no result within %v: %v", e.Limit, e.Err)
}

// Unwrap returns what the function returned.
func (e *TimeoutError) Unwrap() error { return e.Err }

// Timeout reports true, as net.Error asks for.
func (e *TimeoutError) Timeout() bool { return true }

// Timeout calls f with a context that ends after limit, and tells whose time
// ran out: only if it was the limit of this call, the error is a
// [*TimeoutError]. Then another attempt makes sense. If the caller's own
// deadline has passed or the caller was cancelled, f's error is returned as it
// is, and another attempt is useless.
//
// # Guarantees
//
//   - f runs in the goroutine of the caller: panics pass through, nothing is
//     left behind, no result is thrown away.
//   - A result that comes without an error is returned, even if it is late.
//   - The deadline is the earlier one of the caller's and now plus limit.
//
// # Cost
//
// One context with its timer, released when f returns; no goroutine.
//
// # When not to use it
//
// If f does not look at its context: it cannot be stopped, and Timeout waits
// for it. You may read that a function can be bounded by running it in a
// goroutine and selecting on time.After. That bounds the caller only. The
// function goes on, with its memory, locks and connections, once more for each
// such call.
func Timeout[T any](ctx context.Context, limit time.Duration, f func(ctx context.Context) (T, error)) (T, error) {
	cause := &TimeoutError{Limit: limit}
	limited, cancel := context.WithTimeoutCause(ctx, limit, cause)
	defer cancel()
	result, err := f(limited)
	if err != nil && err != error(cause) && context.Cause(limited) == error(cause) {
		err = &TimeoutError{Limit: limit, Err: err}
	}
	return result, err
}
