package patterns

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrStalled is the cause with which [Watch] cancels work that makes no
// progress.
var ErrStalled = errors.New("no sign of progress")

// Watch runs work and cancels its context once work has not called beat for
// longer than limit. It is the timeout for work whose length nobody knows,
// such as copying a file: not "ten minutes in all", but "ten seconds without a
// byte". beat may be called from any goroutine.
//
// # Guarantees
//
//   - As long as beat is called often enough, work may take any time.
//   - If work returns an error after it was cancelled for a stall, the result
//     matches both [ErrStalled] and that error. If it returns nil, it has
//     finished after all, and the result is nil.
//   - work runs in the goroutine of the caller. A panic passes through as if
//     Watch were not there, and nothing is left when Watch returns.
//
// # Cost
//
// One context and one timer, and no goroutine until the limit is passed. A beat
// resets the timer, which takes a lock: call it for each block or message, not
// for each byte.
//
// # When not to use it
//
// Work that does not look at its context cannot be stopped, by this or by
// anything else in Go; run such work in a process of its own. If the total time
// is what counts, use context.WithTimeout. To see whether a whole machine is
// alive, use a health check from outside.
func Watch(ctx context.Context, limit time.Duration, work func(ctx context.Context, beat func()) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	timer := time.AfterFunc(limit, func() { cancel(ErrStalled) })
	defer timer.Stop()
	err := work(ctx, func() { timer.Reset(limit) })
	if err != nil && context.Cause(ctx) == ErrStalled && !errors.Is(err, ErrStalled) {
		return fmt.Errorf("%w for %v: %w", ErrStalled, limit, err)
	}
	return err
}
