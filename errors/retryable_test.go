package errors

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// retryBusy is an error that says about itself what a caller should do.
type retryBusy struct{ after time.Duration }

func (e *retryBusy) Error() string             { return "server busy" }
func (e *retryBusy) Temporary() bool           { return true }
func (e *retryBusy) RetryAfter() time.Duration { return e.after }

// isTemporary asks the errors in the tree for their behaviour. The interface is declared
// here, by the one who asks, and no package has to be imported for it.
func isTemporary(err error) bool {
	t, ok := errors.AsType[interface {
		error
		Temporary() bool
	}](err)
	return ok && t.Temporary()
}

// Ask for a method instead of a type: whatever has Temporary() bool, or
// RetryAfter, answers. errors.As and errors.AsType accept an interface type and
// find the first error in the tree that implements it, so the answer survives
// wrapping. The asking package depends on no type of the answering one, and new
// error types need no change in the caller.
//
//claim:ask How do you classify errors by behaviour instead of by type?
//claim:source https://pkg.go.dev/errors#As
//claim:source https://pkg.go.dev/errors#AsType
func TestRetryableBehaviour(t *testing.T) {
	err := fmt.Errorf("save: %w", errors.Join(io.EOF, &retryBusy{time.Second}))
	assert.True(t, isTemporary(err))
	assert.False(t, isTemporary(io.EOF))
	assert.False(t, isTemporary(nil))
	wait, ok := errors.AsType[interface {
		error
		RetryAfter() time.Duration
	}](err)
	require.True(t, ok)
	assert.Equal(t, time.Second, wait.RetryAfter())
	_, direct := err.(interface{ Temporary() bool })
	assert.False(t, direct, "an assertion looks at the outermost error only")
}

// net.Error has two methods, and only Timeout means something that callers can
// rely on. Temporary is deprecated since Go 1.18: most of what it called
// temporary were timeouts, and nobody agreed on the rest. Timeouts of package
// context, os and net all answer to the method Timeout, under several layers,
// and errors.AsType finds it.
//
//claim:ask What does net.Error offer, and why is Temporary deprecated?
//claim:source https://pkg.go.dev/net#Error
func TestRetryableTimeout(t *testing.T) {
	isTimeout := func(err error) bool {
		n, ok := errors.AsType[net.Error](err)
		return ok && n.Timeout()
	}
	dial := &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "i/o timeout", IsTimeout: true}}
	assert.True(t, isTimeout(fmt.Errorf("connect: %w", dial)))
	assert.True(t, isTimeout(&url.Error{Op: "Get", URL: "http://a", Err: context.DeadlineExceeded}))
	assert.True(t, isTimeout(context.DeadlineExceeded))
	assert.True(t, isTimeout(os.ErrDeadlineExceeded))
	assert.False(t, isTimeout(context.Canceled), "canceled is no timeout")
	assert.False(t, isTimeout(&net.OpError{Op: "read", Err: io.ErrUnexpectedEOF}))
}

// os.IsTimeout looks at the error itself and at the cause inside of the error
// types of package os; it does not unwrap what fmt.Errorf has wrapped. It is
// older than wrapping, as os.IsNotExist is. Use errors.Is(err,
// os.ErrDeadlineExceeded) or the method Timeout through errors.AsType.
//
//claim:ask Why is os.IsTimeout(err) false for a wrapped timeout?
//claim:source https://pkg.go.dev/os#IsTimeout
func TestRetryableIsTimeout(t *testing.T) {
	direct := &os.PathError{Op: "read", Path: "pipe", Err: os.ErrDeadlineExceeded}
	wrapped := fmt.Errorf("copy: %w", direct)
	assert.True(t, os.IsTimeout(direct))
	assert.False(t, os.IsTimeout(wrapped))
	assert.ErrorIs(t, wrapped, os.ErrDeadlineExceeded)
}

// Two clocks: the deadline of one attempt and that of the caller look the same,
// context.DeadlineExceeded, and only the first is worth a retry. So look at the
// context of the caller, not at the error: if ctx.Err() is not nil, stop,
// whatever the error says.
//
//claim:ask Is context.DeadlineExceeded retryable?
//claim:source https://pkg.go.dev/context#WithTimeout
func TestRetryableDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		caller, cancel := context.WithTimeout(t.Context(), 25*time.Second)
		defer cancel()
		attempts := 0
		var err error
		for caller.Err() == nil {
			attempts++
			attempt, cancelAttempt := context.WithTimeout(caller, 10*time.Second)
			<-attempt.Done() // the call that takes too long
			err = attempt.Err()
			cancelAttempt()
		}
		assert.ErrorIs(t, err, context.DeadlineExceeded, "the same error three times")
		assert.Equal(t, 3, attempts, "the last attempt was ended by the caller's deadline")
	})
}

// A retry loop must keep what happened: after the last attempt the caller wants
// to know the cause and not that there were too many attempts. Wrap the last
// error, say how often it was tried, and for errors that change, join them all.
// A permanent error is returned at once and unchanged.
//
//claim:ask What should the error of a retry loop contain?
//claim:source https://pkg.go.dev/errors#Join
func TestRetryableResult(t *testing.T) {
	retry := func(n int, f func() error) (err error) {
		for range n {
			if err = f(); err == nil || !isTemporary(err) {
				return err
			}
		}
		return fmt.Errorf("after %d attempts: %w", n, err)
	}
	busy := &retryBusy{}
	assert.EqualError(t, retry(3, func() error { return busy }), "after 3 attempts: server busy")
	assert.ErrorIs(t, retry(3, func() error { return busy }), busy)
	assert.True(t, isTemporary(retry(3, func() error { return busy })), "and an outer loop would retry again: loops multiply")
	assert.True(t, retry(3, func() error { return io.EOF }) == io.EOF)
}

// Retries in three layers multiply: three attempts each make 27 calls of a
// service that is already in trouble. One layer retries, usually the outermost
// one that knows a deadline, and what it returns is marked as not to be
// retried. An error that says permanent must be found before one that says
// temporary, so the outermost answer counts.
//
//claim:ask How do you keep several layers from retrying the same error?
//claim:source https://pkg.go.dev/errors#AsType
func TestRetryableOnce(t *testing.T) {
	calls := 0
	call := func() error { calls++; return &retryBusy{} }
	layered := func(n int, stop bool, f func() error) func() error {
		return func() (err error) {
			for range n {
				if err = f(); !isTemporary(err) {
					return err
				}
			}
			if stop {
				return retryGivenUp{err}
			}
			return err
		}
	}
	err := layered(3, false, layered(3, false, layered(3, false, call)))()
	assert.Error(t, err)
	assert.Equal(t, 27, calls)
	calls = 0
	err = layered(3, true, layered(3, true, layered(3, true, call)))()
	assert.Error(t, err)
	assert.Equal(t, 3, calls)
	_, busy := errors.AsType[*retryBusy](err)
	assert.True(t, busy, "the cause is still there")
}

// retryGivenUp answers before the error it holds is asked.
type retryGivenUp struct{ error }

func (e retryGivenUp) Unwrap() error   { return e.error }
func (e retryGivenUp) Temporary() bool { return false }
