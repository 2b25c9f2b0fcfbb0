package errors

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
)

var errCauseShutdown = errors.New("server is shutting down")

// The reason stays in the context, and the error does not know it. ctx.Err has
// two answers only, context.Canceled and context.DeadlineExceeded, whatever was
// given to the cancel function. The reason is what context.Cause(ctx) returns,
// and a function that returns ctx.Err() drops it. Neither fmt nor errors.Is
// gets it back later, because the error has no link to its context. So the
// function that sees ctx.Done must fetch it.
//
//claim:ask I canceled with a cause, but the error in the log is only "context canceled". Where is the reason?
//claim:source https://pkg.go.dev/context#Cause
func TestCauseLost(t *testing.T) {
	wait := func(ctx context.Context) error {
		<-ctx.Done()
		return fmt.Errorf("wait: %w", ctx.Err())
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errCauseShutdown)
	err := wait(ctx)
	assert.EqualError(t, err, "wait: context canceled")
	assert.NotErrorIs(t, err, errCauseShutdown)
	assert.Equal(t, context.Canceled, ctx.Err())
	assert.Equal(t, errCauseShutdown, context.Cause(ctx))
}

// A function that stops because of its context should return ctx.Err and the
// cause, both. The cause alone has the better text, but callers up the stack
// ask for context.Canceled: to keep a canceled request out of the alarms, to
// answer 499, to stop a retry loop. A cause does not match it, so they take the
// cancellation for a failure. Wrap two errors, as [ContextErr] does:
// fmt.Errorf("%w: %w", ctx.Err(), context.Cause(ctx)), and leave out the second
// if it is the same. Another way is a cause that itself wraps context.Canceled.
//
//claim:ask Should a function return ctx.Err() or context.Cause(ctx)?
//claim:source https://pkg.go.dev/context#Cause
func TestCauseBoth(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	assert.NoError(t, ContextErr(ctx))
	cancel(errCauseShutdown)
	assert.Equal(t, Canceled, CodeOf(ctx.Err()))
	assert.Equal(t, Unknown, CodeOf(context.Cause(ctx)), "a 500 and an alarm")

	err := ContextErr(ctx)
	assert.Equal(t, Canceled, CodeOf(err))
	assert.ErrorIs(t, err, errCauseShutdown)
	assert.EqualError(t, err, "context canceled: server is shutting down")

	ctx, cancel = context.WithCancelCause(t.Context())
	cancel(nil)
	assert.True(t, ContextErr(ctx) == context.Canceled, "no cause, no repetition")
	ctx, cancel = context.WithCancelCause(t.Context())
	own := fmt.Errorf("user closed the tab: %w", context.Canceled)
	cancel(own)
	assert.True(t, ContextErr(ctx) == own)
}

// A cause goes down to the children and never up to the parents. A context that
// is canceled by its parent takes over the error and the cause of the parent. A
// child that is canceled with a cause of its own keeps that, and the parent
// knows nothing of it. So the outermost layer can tell every layer below why it
// stops, and a layer must return an error to tell something upwards. A child
// that was done before its parent keeps its own cause: the first one stays.
//
//claim:ask Does the cause of a canceled context reach its parents, its children or both?
//claim:source https://pkg.go.dev/context#WithCancelCause
func TestCauseDirection(t *testing.T) {
	parent, stopParent := context.WithCancelCause(t.Context())
	early, stopEarly := context.WithCancelCause(parent)
	late, stopLate := context.WithCancelCause(context.WithValue(parent, causeKey{}, "request 7"))
	stopEarly(io.ErrUnexpectedEOF)
	assert.NoError(t, parent.Err())
	assert.NoError(t, context.Cause(parent))
	assert.NoError(t, late.Err())

	stopParent(errCauseShutdown)
	stopLate(io.ErrShortWrite)
	assert.Equal(t, errCauseShutdown, context.Cause(parent))
	assert.Equal(t, errCauseShutdown, context.Cause(late), "from the parent, and the first stays")
	assert.Equal(t, io.ErrUnexpectedEOF, context.Cause(early))
}

type causeKey struct{}

// context.DeadlineExceeded does not say which timeout it was. Each layer may
// set a timeout, the earliest one ends the call, and the error is the same
// variable for all: context.DeadlineExceeded. So give each layer a cause of its
// own with context.WithTimeoutCause, since Go 1.21, and log the cause. Without
// that you can only look at the contexts: the parent is still alive if the
// limit was the child's. A timeout of a child that is later than the parent's
// never ends anything.
//
//claim:ask "context deadline exceeded": which of my timeouts was it?
//claim:source https://pkg.go.dev/context#WithTimeoutCause
func TestCauseWhichDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		call := func(requestLimit, queryLimit time.Duration) (result, cause error) {
			request, cancel := context.WithTimeoutCause(t.Context(), requestLimit, fmt.Errorf("request took %v", requestLimit))
			defer cancel()
			query, cancel := context.WithTimeoutCause(request, queryLimit, fmt.Errorf("query took %v", queryLimit))
			defer cancel()
			<-query.Done()
			assert.Equal(t, queryLimit < requestLimit, request.Err() == nil)
			return query.Err(), ContextErr(query)
		}
		plainA, causeA := call(5*time.Second, time.Second)
		plainB, causeB := call(5*time.Second, 8*time.Second)
		assert.True(t, plainA == plainB, "one variable")
		assert.EqualError(t, causeA, "context deadline exceeded: query took 1s")
		assert.EqualError(t, causeB, "context deadline exceeded: request took 5s")
		timeout, ok := errors.AsType[net.Error](causeA)
		assert.True(t, ok && timeout.Timeout(), "still a timeout")
	})
}

// Some functions of the standard library return the cause of a canceled
// context, others return ctx.Err. The transport of net/http returns the cause,
// since Go 1.23, so the error of a client matches your cause and no longer
// context.Canceled. os/exec and package net return ctx.Err, net with a text of
// its own, and the cause is lost. So if you cancel with a cause, do not rely on
// what a library returns: look at your own context. If ctx.Err() is not nil
// after the call, report [ContextErr], whatever the error of the call is.
//
//claim:ask Do the functions of the standard library return the cause of a canceled context?
//claim:source net/http/transport.go
//claim:source os/exec/exec.go
//claim:source https://go.dev/issue/72898
func TestCauseLibrary(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errCauseShutdown) // nothing is dialed or started
	request, err := http.NewRequestWithContext(ctx, "GET", "http://127.0.0.1:1/", nil)
	require.NoError(t, err)
	_, err = http.DefaultClient.Do(request)
	assert.ErrorIs(t, err, errCauseShutdown)
	assert.NotErrorIs(t, err, context.Canceled)

	_, err = new(net.Dialer).DialContext(ctx, "tcp", "127.0.0.1:1")
	assert.ErrorIs(t, err, context.Canceled)
	assert.NotErrorIs(t, err, errCauseShutdown)
	assert.Contains(t, err.Error(), "operation was canceled")

	program, err := os.Executable()
	require.NoError(t, err)
	err = exec.CommandContext(ctx, program).Run()
	assert.True(t, err == context.Canceled)

	assert.ErrorIs(t, ContextErr(ctx), errCauseShutdown)
	assert.ErrorIs(t, ContextErr(ctx), context.Canceled)
}

// The other functions of an errgroup find the error as the cause of their
// context. errgroup.WithContext cancels its context with the first error as the
// cause, so the others can log or return why they stop. ctx.Err is
// context.Canceled for them, as always. After Wait has returned without an
// error the cause is context.Canceled: the context of a group always ends with
// it.
//
//claim:ask A function of an errgroup sees its context canceled. How does it learn which error did that?
//claim:source https://pkg.go.dev/golang.org/x/sync/errgroup#WithContext
func TestCauseGroup(t *testing.T) {
	group, ctx := errgroup.WithContext(t.Context())
	seen := make(chan error, 1)
	group.Go(func() error { return io.ErrUnexpectedEOF })
	group.Go(func() error {
		<-ctx.Done()
		seen <- ContextErr(ctx)
		return nil
	})
	assert.Equal(t, io.ErrUnexpectedEOF, group.Wait())
	assert.EqualError(t, <-seen, "context canceled: unexpected EOF")

	group, ctx = errgroup.WithContext(t.Context())
	group.Go(func() error { return nil })
	assert.NoError(t, group.Wait())
	assert.Equal(t, context.Canceled, context.Cause(ctx))
}

// causeLeaves returns the errors of the tree that wrap nothing.
func causeLeaves(err error) (leaves []error) {
	for e := range All(err) {
		switch e := e.(type) {
		case interface{ Unwrap() error }:
			if e.Unwrap() == nil {
				leaves = append(leaves, e.(error))
			}
		case interface{ Unwrap() []error }:
		default:
			leaves = append(leaves, e)
		}
	}
	return leaves
}

// The standard library has no function for the root cause, on purpose: an error
// is a tree and may have many ends. The last error of a chain is often the
// least useful one, such as EOF or an error number without a path, and in a
// pair of sentinel and cause it is not clear which of them is the root.
// Programs should ask errors.Is and errors.AsType for what they know, and
// people need the whole text. To look at all ends, for grouping in a report,
// walk the tree, for example with [All].
//
//claim:ask How do I get the root cause of an error, as errors.Cause of older packages did?
//claim:source https://pkg.go.dev/errors
func TestCauseRoot(t *testing.T) {
	_, missing := os.Open("/missing/a.txt")
	require.ErrorIs(t, missing, fs.ErrNotExist)
	chain := fmt.Errorf("load config: %w", missing)
	leaves := causeLeaves(chain)
	require.Len(t, leaves, 1)
	assert.NotContains(t, leaves[0].Error(), "a.txt", "the path is further up")

	tree := fmt.Errorf("%w: %w", NotFound, errors.Join(chain, io.EOF))
	assert.Len(t, causeLeaves(tree), 3)
	assert.Equal(t, NotFound, causeLeaves(tree)[0])
	assert.Empty(t, causeLeaves(nil))

	last := tree // what a loop over errors.Unwrap finds
	for errors.Unwrap(last) != nil {
		last = errors.Unwrap(last)
	}
	assert.True(t, last == tree, "it stops at the first branching")
}

// A clean-up with the context of the canceled request fails like all other
// calls with it: the database refuses the rollback before it sends it. Clean up
// with a context that lives on: context.WithoutCancel, since Go 1.21, keeps the
// values, such as the trace identifier, and drops the cancellation, the
// deadline and the cause. Give it a short timeout of its own, or the clean-up
// may wait for ever.
//
//claim:ask The request was canceled, and then my rollback fails with context canceled too. Why?
//claim:source https://pkg.go.dev/context#WithoutCancel
func TestCauseCleanup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rollback := func(ctx context.Context, takes time.Duration) error {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(takes):
				return nil
			}
		}
		request, cancel := context.WithCancelCause(context.WithValue(t.Context(), causeKey{}, "request 7"))
		cancel(errCauseShutdown)
		assert.ErrorIs(t, rollback(request, time.Second), context.Canceled)

		detached := context.WithoutCancel(request)
		assert.NoError(t, context.Cause(detached))
		assert.Equal(t, "request 7", detached.Value(causeKey{}))
		cleanup, stop := context.WithTimeout(detached, 2*time.Second)
		defer stop()
		assert.NoError(t, rollback(cleanup, time.Second))
		assert.ErrorIs(t, rollback(cleanup, time.Hour), context.DeadlineExceeded)
	})
}

func TestContextErr(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errCauseShutdown)
	assert.Equal(t, 1, strings.Count(ContextErr(ctx).Error(), "canceled"))
	assert.NoError(t, ContextErr(context.Background()))
}
