package concurrency

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"
)

// A context is a tree of small objects. Cancelling one walks down to its
// children; nothing walks up. Here are the shapes that the claims about it are
// shown on: contexts of an own type, and code that looks at a context or not.

// ctxOtherDone hides the context of the standard library below it: its own Done
// channel tells package context that it may not be bypassed.
type ctxOtherDone struct {
	context.Context
	done chan struct{}
}

func (c *ctxOtherDone) Done() <-chan struct{} { return c.done }

func (c *ctxOtherDone) Err() error {
	select {
	case <-c.done:
		return context.Canceled
	default:
		return nil
	}
}

// ctxWithAfterFunc has the method that package context looks for before it
// starts a goroutine.
type ctxWithAfterFunc struct {
	ctxOtherDone
	after []func()
}

func (c *ctxWithAfterFunc) AfterFunc(f func()) (stop func() bool) {
	c.after = append(c.after, f)
	return func() bool { return false }
}

// ctxWrapper adds nothing: Done and Value are those of the context inside.
type ctxWrapper struct{ context.Context }

// ctxMerge returns a context with the values and the deadline of ctx, which is
// done as soon as either ctx or other is.
func ctxMerge(ctx, other context.Context) (context.Context, context.CancelFunc) {
	merged, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(other, func() { cancel(context.Cause(other)) })
	return merged, func() {
		stop()
		cancel(context.Canceled)
	}
}

// ctxSum adds the numbers below n. It looks at ctx before every stride-th
// number, and never if stride is 0.
func ctxSum(ctx context.Context, n, stride int) (sum int, err error) {
	next := 0
	if stride == 0 {
		next = n
	}
	for i := range n {
		if i == next {
			if err := ctx.Err(); err != nil {
				return sum, err
			}
			next += stride
		}
		sum += i
	}
	return sum, nil
}

// ctxSumSelect is ctxSum with a stride of 1 that asks the channel.
func ctxSumSelect(ctx context.Context, n int) (sum int, err error) {
	for i := range n {
		select {
		case <-ctx.Done():
			return sum, ctx.Err()
		default:
		}
		sum += i
	}
	return sum, nil
}

// ctxRead is conn.Read that ends when ctx does. A blocked Read does not look at
// any context, but it obeys the deadline of its connection.
func ctxRead(ctx context.Context, conn net.Conn, b []byte) (int, error) {
	interrupted := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(interrupted)
		_ = conn.SetReadDeadline(time.Unix(1, 0))
	})
	n, err := conn.Read(b)
	if !stop() {
		<-interrupted // or it would hit the next Read
		_ = conn.SetReadDeadline(time.Time{})
		return n, context.Cause(ctx)
	}
	return n, err
}

// ctxMutex is a mutex whose Lock gives up when ctx is done.
type ctxMutex chan struct{}

func newCtxMutex() ctxMutex { return make(ctxMutex, 1) }

func (m ctxMutex) lock(ctx context.Context) error {
	select {
	case m <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (m ctxMutex) unlock() { <-m }

// ctxFetcher keeps the context of its constructor, as one should not.
type ctxFetcher struct{ ctx context.Context }

func (f *ctxFetcher) fetch() error { return f.ctx.Err() }

// errCtxAttempt is the cause of the timeout that ctxAttempt sets itself.
var errCtxAttempt = errors.New("attempt took too long")

// ctxAttempt runs call with a limit of its own and says whose end it was.
func ctxAttempt(ctx context.Context, limit time.Duration, call func(context.Context) error) error {
	attempt, cancel := context.WithTimeoutCause(ctx, limit, errCtxAttempt)
	defer cancel()
	err := call(attempt)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("caller gave up: %w", context.Cause(ctx))
	case errors.Is(context.Cause(attempt), errCtxAttempt):
		return errCtxAttempt
	}
	return err
}
