package concurrency

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/go-deep-dive/godeep/internal/proof"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ctxDone reports whether ctx is done, by its channel.
func ctxDone(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return true
	default:
		return false
	}
}

// ctxWatchers counts the goroutines that package context has started to watch a
// parent whose type it does not know.
func ctxWatchers() int {
	all := make([]byte, 1<<20)
	all = all[:runtime.Stack(all, true)]
	return strings.Count(string(all), "created by context.(*cancelCtx).propagateCancel")
}

// Four: Done returns a channel that is closed when the work should stop, Err
// says why (nil until then), Deadline returns the time limit, if there is one,
// and Value looks up a value of the request. There is no method to cancel: only
// who derives a context gets its cancel function. Err is not nil exactly when
// Done is closed.
//
//claim:ask Which methods does context.Context have, and why is Cancel not among them?
//claim:source https://pkg.go.dev/context#Context
func TestContextInterface(t *testing.T) {
	var methods []string
	for method := range reflect.TypeFor[context.Context]().Methods() {
		methods = append(methods, method.Name)
	}
	assert.Equal(t, []string{"Deadline", "Done", "Err", "Value"}, methods)
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		deadline, ok := ctx.Deadline()
		assert.True(t, ok)
		assert.Equal(t, time.Second, time.Until(deadline))
		assert.NoError(t, ctx.Err())
		assert.False(t, ctxDone(ctx))
		time.Sleep(time.Second)
		synctest.Wait()
		assert.Error(t, ctx.Err())
		assert.True(t, ctxDone(ctx))
	})
}

// Cancelling is synchronous for the contexts of the standard library: when
// cancel returns, every descendant is done and has its error. Each context that
// can be cancelled keeps a map of its children; cancel closes its own channel
// and calls cancel on each child, recursively, under the lock. What reacts to
// it is not synchronous: a goroutine that waits on Done, or a function of
// AfterFunc, runs later. A context derived from one that is done is born done.
// Below a Context of an own type the promise does not hold, see
// ContextCustomGoroutine.
//
//claim:ask How is context cancellation implemented: how does cancelling a parent reach its children, and is it synchronous?
//claim:source context/context.go
//claim:source https://pkg.go.dev/context#WithCancel
func TestContextPropagation(t *testing.T) {
	root, cancel := context.WithCancel(t.Context())
	family := []context.Context{root}
	for range 5 { // a tree: two children for each of those that are there
		for _, parent := range family {
			one, cancelOne := context.WithCancel(parent)
			defer cancelOne()
			other, cancelOther := context.WithTimeout(context.WithValue(parent, new(int), "between"), time.Hour)
			defer cancelOther()
			family = append(family, one, other)
		}
	}
	require.Len(t, family, 243)
	for _, ctx := range family {
		require.False(t, ctxDone(ctx))
	}
	cancel()
	for _, ctx := range family {
		require.True(t, ctxDone(ctx), "without any wait")
		require.ErrorIs(t, ctx.Err(), context.Canceled)
	}
	late, cancelLate := context.WithTimeout(root, time.Hour)
	defer cancelLate()
	require.True(t, ctxDone(late), "born done")
}

// Only if the Context has a Done channel of its own. Package context cannot put
// a child into the map of a type it does not know, so it starts one goroutine
// per child that waits for either of the two to be done. Two things avoid it: a
// wrapper that passes Done and Value on is seen through, and a type with a
// method AfterFunc(func()) func() bool is asked to call back (since Go 1.21).
// With the goroutine, a child is done some time after its parent, not before
// the cancelling call returns.
//
//claim:ask What does deriving from a custom Context implementation cost?
//claim:source context/context.go
//claim:source https://go.dev/issue/28728
func TestContextCustomGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		derive := func(parent context.Context) (started int, end func()) {
			var cancels []context.CancelFunc
			for range 10 {
				_, cancel := context.WithCancel(parent)
				cancels = append(cancels, cancel)
			}
			synctest.Wait()
			return ctxWatchers(), func() {
				for _, cancel := range cancels {
					cancel()
				}
				synctest.Wait()
			}
		}
		std, cancel := context.WithCancel(t.Context())
		defer cancel()
		for _, c := range []struct {
			name   string
			parent context.Context
			want   int
		}{
			{"standard", std, 0},
			{"value", context.WithValue(std, new(int), 1), 0},
			{"wrapper", ctxWrapper{std}, 0},
			{"own Done", &ctxOtherDone{std, make(chan struct{})}, 10},
			{"own Done and AfterFunc", &ctxWithAfterFunc{ctxOtherDone: ctxOtherDone{std, make(chan struct{})}}, 0},
		} {
			started, end := derive(c.parent)
			assert.Equal(t, c.want, started, c.name)
			end()
			assert.Zero(t, ctxWatchers(), "%s: the child's cancel ends the goroutine", c.name)
		}

		own := &ctxOtherDone{std, make(chan struct{})}
		child, cancelChild := context.WithCancel(own)
		defer cancelChild()
		close(own.done)
		synctest.Wait()
		assert.ErrorIs(t, child.Err(), context.Canceled, "after the goroutine has run")
	})
}

// Err says that the context has ended, Cause says why. Err is always Canceled
// or DeadlineExceeded; the error given to the cancel function of
// WithCancelCause, or to WithTimeoutCause, comes out of context.Cause only. The
// first end that reaches a context sets both: a parent's cause is inherited
// unless the child ended before. Without a cause, with a nil cause or before
// any end, Cause returns what Err does.
//
//claim:ask What is the difference between ctx.Err and context.Cause, and which cause wins?
//claim:source https://pkg.go.dev/context#Cause
//claim:source https://pkg.go.dev/context#CancelCauseFunc
func TestContextCause(t *testing.T) {
	diskFull, quotaHit := errors.New("disk full"), errors.New("quota hit")
	family := func() (parent, child context.Context, cancelParent, cancelChild context.CancelCauseFunc) {
		parent, cancelParent = context.WithCancelCause(t.Context())
		child, cancelChild = context.WithCancelCause(parent)
		require.NoError(t, context.Cause(child), "nil before the end")
		return parent, child, cancelParent, cancelChild
	}

	parent, child, cancelParent, cancelChild := family()
	cancelParent(diskFull)
	cancelChild(quotaHit)
	assert.Equal(t, context.Canceled, child.Err())
	assert.Equal(t, diskFull, context.Cause(parent))
	assert.Equal(t, diskFull, context.Cause(child), "the parent was first")

	parent, child, cancelParent, cancelChild = family()
	cancelChild(quotaHit)
	cancelParent(diskFull)
	assert.Equal(t, diskFull, context.Cause(parent))
	assert.Equal(t, quotaHit, context.Cause(child), "the child was first")

	_, child, cancelParent, _ = family()
	cancelParent(nil)
	assert.Equal(t, context.Canceled, context.Cause(child))
}

// The cause of WithTimeoutCause and WithDeadlineCause is set only if that
// deadline is what ends the context. Their cancel function takes no error and
// leaves context.Canceled as the cause. If the parent has an earlier deadline,
// no timer of its own is made, and the cause passed here is never seen. To
// report an early end with a reason of its own, put WithCancelCause around it.
//
//claim:ask When is the cause given to context.WithTimeoutCause used?
//claim:source https://pkg.go.dev/context#WithDeadlineCause
func TestContextTimeoutCause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := errors.New("backend is slow")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, slow)
		defer cancel()
		<-ctx.Done()
		assert.Equal(t, context.DeadlineExceeded, ctx.Err())
		assert.Equal(t, slow, context.Cause(ctx))

		ctx, cancel = context.WithTimeoutCause(t.Context(), time.Second, slow)
		cancel()
		assert.Equal(t, context.Canceled, context.Cause(ctx), "cancel does not set the cause")

		short, cancelShort := context.WithTimeout(t.Context(), time.Second)
		defer cancelShort()
		ctx, cancel = context.WithTimeoutCause(short, time.Minute, slow)
		defer cancel()
		<-ctx.Done()
		assert.Equal(t, context.DeadlineExceeded, context.Cause(ctx), "the parent's deadline came first")
	})
}

// Err returns context.Canceled after a cancel call and context.DeadlineExceeded
// after the deadline. DeadlineExceeded has a method Timeout that returns true,
// so code that asks errors of package net for Timeout understands it too;
// Canceled has no such method. DeadlineExceeded is not os.ErrDeadlineExceeded,
// which I/O deadlines give: errors.Is tells them apart. Compare with errors.Is,
// because libraries wrap both.
//
//claim:ask How do context.Canceled and context.DeadlineExceeded differ, and how do you test for them?
//claim:source https://pkg.go.dev/context#pkg-variables
func TestContextErrors(t *testing.T) {
	var timeout interface{ Timeout() bool }
	require.ErrorAs(t, fmt.Errorf("query: %w", context.DeadlineExceeded), &timeout)
	assert.True(t, timeout.Timeout())
	assert.True(t, os.IsTimeout(context.DeadlineExceeded))
	var netError net.Error
	assert.ErrorAs(t, context.DeadlineExceeded, &netError)

	assert.False(t, errors.As(context.Canceled, &timeout))
	assert.NotErrorIs(t, context.DeadlineExceeded, context.Canceled)
	assert.NotErrorIs(t, context.DeadlineExceeded, os.ErrDeadlineExceeded)

	expired, cancel := context.WithTimeout(t.Context(), -1)
	defer cancel()
	assert.Equal(t, context.DeadlineExceeded, expired.Err(), "a timeout that is not positive has passed already")
	assert.True(t, ctxDone(expired))
}

// Nothing happens: the first end decides, and every later one is ignored. A
// context that is cancelled before its deadline keeps context.Canceled when the
// deadline passes, and one that timed out keeps DeadlineExceeded when cancel is
// called. So defer cancel() is right even where cancel is also called earlier,
// and a cancel function may be called by several goroutines.
//
//claim:ask What happens if cancel is called twice, or after the deadline has passed?
//claim:source https://pkg.go.dev/context#CancelFunc
func TestContextFirstEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		cancel()
		cancel()
		time.Sleep(2 * time.Second)
		assert.Equal(t, context.Canceled, ctx.Err())

		ctx, cancel = context.WithTimeout(t.Context(), time.Second)
		time.Sleep(2 * time.Second)
		cancel()
		assert.Equal(t, context.DeadlineExceeded, ctx.Err())
	})
}

// No. A child can only shorten the time that is left. If the parent's deadline
// is earlier, WithTimeout returns a plain child without a timer, which reports
// the parent's deadline and ends with the parent. To outlive the parent, leave
// the tree with context.WithoutCancel and set a new deadline there.
//
//claim:ask Can a child context extend the deadline of its parent?
//claim:source https://pkg.go.dev/context#WithDeadline
func TestContextEarlierDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		parent, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		child, cancelChild := context.WithTimeout(parent, time.Hour)
		defer cancelChild()
		deadline, ok := child.Deadline()
		assert.True(t, ok)
		assert.Equal(t, time.Second, deadline.Sub(start))

		free, cancelFree := context.WithTimeout(context.WithoutCancel(parent), time.Minute)
		defer cancelFree()
		<-child.Done()
		assert.Equal(t, time.Second, time.Since(start))
		assert.Equal(t, context.DeadlineExceeded, child.Err())
		<-free.Done()
		assert.Equal(t, time.Minute, time.Since(start))
	})
}

// No. Cancellation only goes down the tree: cancelling a child ends that child
// and its descendants, and leaves its parent and its siblings alone. That is
// why a function may cancel the context it derived, and why it cannot cancel
// the one that it was given.
//
//claim:ask Does cancelling a child context cancel its parent or its siblings?
//claim:source https://pkg.go.dev/context#pkg-overview
func TestContextChildCancel(t *testing.T) {
	parent, cancelParent := context.WithCancel(t.Context())
	defer cancelParent()
	child, cancelChild := context.WithCancel(parent)
	sibling, cancelSibling := context.WithCancel(parent)
	defer cancelSibling()
	grandchild, cancelGrandchild := context.WithCancel(child)
	defer cancelGrandchild()
	cancelChild()
	assert.True(t, ctxDone(child))
	assert.True(t, ctxDone(grandchild))
	assert.False(t, ctxDone(sibling))
	assert.False(t, ctxDone(parent))
}

// The parent keeps every child that has not ended. A child is in the parent's
// map until its own cancel, its deadline or the parent's end takes it out, so a
// long-lived parent and a forgotten cancel per request make a leak; a child of
// WithTimeout is released late, at the deadline. A parent that can never be
// cancelled, such as context.Background, keeps nothing. Go vet (lostcancel)
// reports a cancel function that is discarded or not called on some path.
//
//claim:ask Why must the cancel function be called, and who notices if it is not?
//claim:source https://pkg.go.dev/context#WithCancel
//claim:source context/context.go
func TestContextForgottenCancel(t *testing.T) {
	const children = 100
	call := func(cancel context.CancelFunc) { cancel() }
	forget := func(context.CancelFunc) {}
	alive := func(parent context.Context, finish func(context.CancelFunc)) (n int) {
		var watch []weak.Pointer[ctxWrapper]
		for range children {
			between := &ctxWrapper{parent} // kept by what keeps the child
			watch = append(watch, weak.Make(between))
			_, cancel := context.WithCancel(between)
			finish(cancel)
		}
		runtime.GC()
		for _, w := range watch {
			if w.Value() != nil {
				n++
			}
		}
		runtime.KeepAlive(parent)
		return n
	}
	server, shutdown := context.WithCancel(context.Background())
	defer shutdown()
	assert.Equal(t, children, alive(server, forget))
	assert.LessOrEqual(t, alive(server, call), 1, "the last may be in a register")
	assert.LessOrEqual(t, alive(context.Background(), forget), 1)
	synctest.Test(t, func(t *testing.T) {
		var watch weak.Pointer[ctxWrapper]
		func() {
			between := &ctxWrapper{server}
			watch = weak.Make(between)
			_, cancel := context.WithTimeout(between, time.Hour)
			forget(cancel)
		}()
		runtime.GC()
		assert.NotNil(t, watch.Value())
		time.Sleep(time.Hour)
		synctest.Wait()
		runtime.GC()
		assert.Nil(t, watch.Value(), "released by the deadline")
	})

	out, err := proof.Go(t, "vet", "./testdata/context/lostcancel")
	require.Error(t, err)
	assert.Contains(t, out, "the cancel function returned by context.WithTimeout should be called, not discarded")
	assert.Contains(t, out, "the cancel function is not used on all paths")
}

// It keeps the values of its parent and drops its cancellation, its deadline
// and its cause. Done is nil and Err stays nil whatever happens to the parent.
// It is meant for work that goes on after the request, such as an audit record,
// which still needs the request's trace ID. Such work has no end of its own, so
// give it a timeout. WithoutCancel is there since Go 1.21.
//
//claim:ask What does context.WithoutCancel keep and what does it drop?
//claim:source https://pkg.go.dev/context#WithoutCancel
func TestContextWithoutCancel(t *testing.T) {
	type traceKey struct{}
	request, cancel := context.WithTimeoutCause(context.WithValue(t.Context(), traceKey{}, "t-1"), time.Hour, errors.New("late"))
	detached := context.WithoutCancel(request)
	cancel()
	require.Error(t, request.Err())
	assert.Equal(t, "t-1", detached.Value(traceKey{}))
	assert.Nil(t, detached.Done())
	assert.NoError(t, detached.Err())
	assert.NoError(t, context.Cause(detached))
	_, ok := detached.Deadline()
	assert.False(t, ok)

	derived, cancelDerived := context.WithTimeout(detached, time.Minute)
	defer cancelDerived()
	assert.NoError(t, derived.Err(), "it can end again")
	assert.NotNil(t, derived.Done())
}

// AfterFunc(ctx, f) runs f in a goroutine of its own once ctx is done, at once
// if it is done already. Until then it costs no goroutine, unlike a goroutine
// that waits for Done; only below a Context of an own type one is needed, see
// ContextCustomGoroutine. The stop function it returns reports true if it has
// prevented the call, and false if f was started or stopped before; it does not
// wait for f. Several functions on one context are independent of each other.
// AfterFunc is there since Go 1.21.
//
//claim:ask What are the semantics of context.AfterFunc and of its stop function?
//claim:source https://pkg.go.dev/context#AfterFunc
func TestContextAfterFunc(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := runtime.NumGoroutine()
		ctx, cancel := context.WithCancel(t.Context())
		ran := make(chan string, 2)
		stopFirst := context.AfterFunc(ctx, func() { ran <- "first" })
		stopSecond := context.AfterFunc(ctx, func() {
			time.Sleep(time.Second)
			ran <- "second"
		})
		assert.LessOrEqual(t, runtime.NumGoroutine(), before, "nobody waits")
		assert.True(t, stopFirst(), "in time")
		assert.False(t, stopFirst(), "stopped before")
		cancel()
		assert.False(t, stopSecond(), "it is started, and stop did not wait")
		assert.Empty(t, ran)
		assert.Equal(t, "second", <-ran)

		context.AfterFunc(ctx, func() { ran <- "late" })
		assert.Equal(t, "late", <-ran, "ctx was done already")

		own := &ctxOtherDone{t.Context(), make(chan struct{})}
		stop := context.AfterFunc(own, func() {})
		assert.Equal(t, 1, ctxWatchers())
		stop()
	})
}

// It blocks for ever. The Done method of Background, TODO and everything
// derived from them by WithValue or WithoutCancel returns nil, and a receive
// from a nil channel is never ready. In a select the case is simply never
// taken, which is what one wants: no special case for contexts that cannot end.
// A select that has no other case waits for ever.
//
//claim:ask What does <-ctx.Done() do for context.Background()?
//claim:source https://pkg.go.dev/context#Context
//claim:source https://go.dev/ref/spec#Receive_operator
func TestContextDoneNil(t *testing.T) {
	background := context.Background()
	for _, ctx := range []context.Context{background, context.TODO(), context.WithValue(background, new(int), 1)} {
		assert.Nil(t, ctx.Done())
		assert.NoError(t, ctx.Err())
	}
	synctest.Test(t, func(t *testing.T) {
		select {
		case <-background.Done():
			assert.Fail(t, "Background is done")
		case <-time.After(100 * 365 * 24 * time.Hour):
		}
	})
}

// Every function that derives a context panics if the parent is nil, with the
// text: cannot create context from nil parent. A nil context that is only
// passed on fails later, with a nil dereference at the first method call, far
// from the mistake. Pass context.TODO() if there is no context yet: it behaves
// like Background and can be searched for. Staticcheck reports a literal nil
// (SA1012); go vet does not.
//
//claim:ask Can you pass nil as a context?
//claim:source https://pkg.go.dev/context#TODO
func TestContextNil(t *testing.T) {
	const want = "cannot create context from nil parent"
	var none context.Context
	assert.PanicsWithValue(t, want, func() { _, cancel := context.WithCancel(none); cancel() })
	assert.PanicsWithValue(t, want, func() { _, cancel := context.WithTimeout(none, time.Hour); cancel() })
	assert.PanicsWithValue(t, want, func() { _ = context.WithValue(none, new(int), 1) })
	assert.PanicsWithValue(t, want, func() { _ = context.WithoutCancel(none) })
	assert.PanicsWithError(t, "runtime error: invalid memory address or nil pointer dereference", func() { _ = none.Err() })

	//lint:ignore SA1012 shows the check: it would report a directive that ignores nothing
	sum, err := ctxSum(nil, 0, 0)
	assert.NoError(t, err, "a function that does not use it cannot notice")
	assert.Zero(t, sum)
}

// No. They behave the same: never done, no deadline, no values. Only the text
// differs, context.Background and context.TODO, and so the message to the
// reader: Background is the root on purpose, in main, in an initialisation or
// in a test, and TODO marks a place where a context should be handed in.
//
//claim:ask Is there a difference between context.Background and context.TODO?
//claim:source https://pkg.go.dev/context#Background
func TestContextTODO(t *testing.T) {
	assert.Equal(t, "context.Background", fmt.Sprint(context.Background()))
	assert.Equal(t, "context.TODO", fmt.Sprint(context.TODO()))
	for _, ctx := range []context.Context{context.Background(), context.TODO()} {
		_, hasDeadline := ctx.Deadline()
		assert.False(t, hasDeadline)
		assert.Nil(t, ctx.Done())
		assert.NoError(t, ctx.Err())
		assert.Nil(t, ctx.Value(new(int)))
	}
	assert.Equal(t, context.Background(), context.Background())
	assert.NotEqual(t, context.Background(), context.TODO(), "two types")
}

// A context belongs to one call; in a struct it becomes that of every call. An
// object made during a request and used after it fails for ever with context
// canceled, and no caller can give one call a shorter time. Pass ctx to each
// method. A struct that is itself one call, such as http.Request, may carry
// one.
//
//claim:ask Why should a context not be stored in a struct?
//claim:source https://go.dev/blog/context-and-structs
//claim:source https://pkg.go.dev/context#pkg-overview
func TestContextInStruct(t *testing.T) {
	firstRequest, endOfRequest := context.WithCancel(t.Context())
	shared := &ctxFetcher{ctx: firstRequest}
	require.NoError(t, shared.fetch())
	endOfRequest()
	secondRequest, cancel := context.WithCancel(t.Context())
	defer cancel()
	assert.NoError(t, secondRequest.Err())
	assert.ErrorIs(t, shared.fetch(), context.Canceled, "although this request is alive")
}

// First, and named ctx. The standard library keeps to it: each method of the
// types looked at here that takes a context takes it as its first parameter. It
// is a convention of readers and linters; the compiler does not care.
//
//claim:ask Where does the context go in a parameter list?
//claim:source https://pkg.go.dev/context#pkg-overview
func TestContextFirstParameter(t *testing.T) {
	contextType := reflect.TypeFor[context.Context]()
	found := 0
	for _, typ := range []reflect.Type{
		reflect.TypeFor[*sql.DB](), reflect.TypeFor[*sql.Tx](), reflect.TypeFor[*sql.Conn](), reflect.TypeFor[*net.Dialer](),
		reflect.TypeFor[*net.Resolver](), reflect.TypeFor[*net.ListenConfig](), reflect.TypeFor[*slog.Logger](), reflect.TypeFor[*http.Server](),
	} {
		for i := range typ.NumMethod() {
			method := typ.Method(i)
			for in := range method.Type.NumIn() {
				if method.Type.In(in) == contextType {
					found++
					assert.Equal(t, 1, in, "%v.%s, after the receiver", typ, method.Name)
				}
			}
		}
	}
	assert.Greater(t, found, 40)
}

// Nothing, until the goroutine looks. Cancelling closes a channel and sets an
// error; Go has no way to stop a goroutine from outside. A goroutine that never
// receives from Done and never asks Err goes on, and so does a blocked call
// that takes no context. Cancel does not wait either: to know that the work has
// ended, wait for it, for example with a WaitGroup.
//
//claim:ask What does cancelling a context do to the goroutines that use it?
//claim:source https://pkg.go.dev/context#CancelFunc
func TestContextDoesNotStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		ends := map[string]time.Duration{}
		start := time.Now()
		var mu sync.Mutex
		work := func(name string, step func() bool) func() {
			return func() {
				for range 60 {
					if !step() {
						break
					}
				}
				mu.Lock()
				defer mu.Unlock()
				ends[name] = time.Since(start)
			}
		}
		var group sync.WaitGroup
		group.Go(work("deaf", func() bool {
			time.Sleep(time.Second)
			return true
		}))
		group.Go(work("looks between steps", func() bool {
			time.Sleep(time.Second)
			return ctx.Err() == nil
		}))
		group.Go(work("waits for Done too", func() bool {
			select {
			case <-time.After(time.Second):
				return true
			case <-ctx.Done():
				return false
			}
		}))
		time.Sleep(2500 * time.Millisecond)
		cancel()
		group.Wait()
		assert.Equal(t, map[string]time.Duration{
			"deaf":                time.Minute,
			"looks between steps": 3 * time.Second,
			"waits for Done too":  2500 * time.Millisecond,
		}, ends)
	})
}

// Ask ctx.Err, not the channel, and not in every iteration of a short loop.
// Since Go 1.25 Err is one atomic load as long as the context is alive; before
// it took a mutex, and you may still read so. A loop that asks the channel, by
// a select with a default, takes more than 1.5 times as long. Where the body is
// one addition, even Err more than doubles the time; asked every 1024
// iterations it costs far less than that. Below many layers of WithValue Err is
// slower, see ContextValueDepth.
//
//claim:ask How often should a CPU-bound loop check its context, and how?
//claim:expect ns/op of=everyErr > 2x of=never
//claim:expect ns/op of=everySelect > 1.5x of=everyErr
//claim:expect ns/op of=every1024 < 2x of=never
//claim:expect allocs/op of=everyErr == 0
//claim:expect allocs/op of=everySelect == 0
//claim:source https://go.dev/issue/72040
//claim:source context/context.go
func BenchmarkContextCheck(b *testing.B) {
	const n = 10_000
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	ctx.Done() // made by the first call
	for _, stride := range []struct {
		name string
		n    int
	}{{"never", 0}, {"everyErr", 1}, {"every1024", 1024}} {
		b.Run("of="+stride.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = ctxSum(ctx, n, stride.n)
			}
		})
	}
	b.Run("of=everySelect", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = ctxSumSelect(ctx, n)
		}
	})
}

func TestContextCheck(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	for _, stride := range []int{0, 1, 1024} {
		sum, err := ctxSum(ctx, 10_000, stride)
		require.NoError(t, err)
		require.Equal(t, 49_995_000, sum)
	}
	sum, err := ctxSumSelect(ctx, 10_000)
	require.NoError(t, err)
	require.Equal(t, 49_995_000, sum)

	cancel()
	_, err = ctxSum(ctx, 10_000, 1)
	require.ErrorIs(t, err, context.Canceled)
	_, err = ctxSumSelect(ctx, 10_000)
	require.ErrorIs(t, err, context.Canceled)
	_, err = ctxSum(ctx, 10_000, 0)
	require.NoError(t, err, "never looks")
}

// WithValue costs one allocation, WithCancel two, WithTimeout four: the
// context, the function that cancels it, and for a timeout the timer and its
// function. The Done channel is one more, made by the first call of Done. Below
// a parent that can be cancelled the child also takes an entry in the parent's
// map. So a timeout per request is cheap, and one per element of a loop may not
// be.
//
//claim:ask What does deriving a context cost?
//claim:expect allocs/op of=value == 1
//claim:expect allocs/op of=cancel == 2
//claim:expect allocs/op of=cancelDone == 3
//claim:expect allocs/op of=timeout == 4
//claim:source context/context.go
func BenchmarkContextDerive(b *testing.B) {
	root := context.Background()
	type deriveKey struct{}
	b.Run("of=value", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = context.WithValue(root, deriveKey{}, true)
		}
	})
	b.Run("of=cancel", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, cancel := context.WithCancel(root)
			cancel()
		}
	})
	b.Run("of=cancelDone", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			ctx, cancel := context.WithCancel(root)
			ctx.Done()
			cancel()
		}
	})
	b.Run("of=timeout", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, cancel := context.WithTimeout(root, time.Hour)
			cancel()
		}
	})
}

// Work that has to outlive a request needs a context that does too. The context
// of a request is cancelled when its handler returns, so a goroutine started
// with it fails with context canceled, or not, depending on who is faster.
// Derive the goroutine's context with WithoutCancel, which keeps the trace
// values, and give it a timeout of its own. context.Background works as well,
// without the values.
//
//claim:ask I start a goroutine in an HTTP handler and its database call fails with context canceled. Why?
//claim:source https://pkg.go.dev/net/http#Request.Context
//claim:source https://pkg.go.dev/context#WithoutCancel
func TestContextDetachedWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		insert := func(ctx context.Context) error {
			select {
			case <-time.After(time.Second):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		handle := func(work func(request context.Context) error) error {
			request, cancel := context.WithCancel(t.Context())
			result := make(chan error, 1)
			go func() { result <- work(request) }()
			synctest.Wait()
			cancel() // as the server does when the handler has returned
			return <-result
		}
		assert.ErrorIs(t, handle(insert), context.Canceled)
		assert.NoError(t, handle(func(request context.Context) error {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(request), time.Minute)
			defer cancel()
			return insert(ctx)
		}))
	})
}

// Derive from one and cancel the result when the other ends, with AfterFunc.
// The merged context has the values and the deadline of the first and ends with
// whichever ends first, with its cause. No goroutine waits in the meantime.
// Stop the AfterFunc in the cancel function, or the second context keeps the
// merged one for as long as it lives. The deadline of the second is not seen by
// Deadline, though it ends the merged context all the same.
//
//claim:ask How do you merge two contexts, so that the work ends when either is done?
//claim:source https://pkg.go.dev/context#AfterFunc
func TestContextMerge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shutdown := errors.New("server shuts down")
		request, endRequest := context.WithCancelCause(t.Context())
		server, stopServer := context.WithCancelCause(t.Context())

		short, endShort := ctxMerge(request, server)
		endShort()
		assert.True(t, ctxDone(short))
		assert.False(t, ctxDone(server))

		merged, cancel := ctxMerge(request, server)
		defer cancel()
		stopServer(shutdown)
		synctest.Wait() // AfterFunc has a goroutine of its own
		assert.Equal(t, shutdown, context.Cause(merged))
		assert.False(t, ctxDone(request))

		otherServer, stopOther := context.WithTimeout(t.Context(), time.Second)
		defer stopOther()
		merged, cancelOther := ctxMerge(request, otherServer)
		defer cancelOther()
		_, hasDeadline := merged.Deadline()
		assert.False(t, hasDeadline)
		endRequest(io.EOF)
		assert.Equal(t, io.EOF, context.Cause(merged))
	})
}

// It may do the work. If a select finds both the value and Done ready, it picks
// one at random, so a cancelled loop can go on for some rounds. Where that
// matters, look at ctx.Err before the work. Even then the context may end right
// after the look: cancellation is a request to stop, not a guarantee that
// nothing happens afterwards.
//
//claim:ask The context is cancelled, and the select loop still handles a job. Is that a bug in Go?
//claim:source https://go.dev/ref/spec#Select_statements
func TestContextSelectBothReady(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	jobs := make(chan int, 1)
	handled, stopped := 0, 0
	for range 200 {
		if len(jobs) == 0 {
			jobs <- 1
		}
		select {
		case <-jobs:
			handled++
		case <-ctx.Done():
			stopped++
		}
	}
	assert.Positive(t, handled, "all 200 the other way: less likely than 1 in 2 to the 200")
	assert.Positive(t, stopped)

	handled = 0
	for ctx.Err() == nil {
		<-jobs
		handled++
	}
	assert.Zero(t, handled)
}

// The deferred cancel runs when the function returns, and so ends the context
// of the goroutines it started. They see context canceled, sometimes, which
// looks like a flaky backend. Either wait for the goroutines before returning,
// or let the goroutine own its context: derive it and defer cancel inside.
//
//claim:ask What is wrong with: ctx, cancel := context.WithTimeout(...); defer cancel(); go fetch(ctx); return?
//claim:source https://pkg.go.dev/context#WithTimeout
func TestContextDeferCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fetch := func(ctx context.Context) error {
			select {
			case <-time.After(time.Second):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		wrong := func(result chan<- error) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			go func() { result <- fetch(ctx) }()
		}
		right := func(result chan<- error) {
			go func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				result <- fetch(ctx)
			}()
		}
		result := make(chan error)
		wrong(result)
		assert.ErrorIs(t, <-result, context.Canceled)
		right(result)
		assert.NoError(t, <-result)
	})
}

// Look at the parent. If the parent has ended too, the caller gave up or ran
// out of time; if only the derived context has, it was your own timeout. A
// cause given to WithTimeoutCause says it more directly. It matters: a timeout
// of your own may be worth a retry, an end of the caller never is.
//
//claim:ask Both give context deadline exceeded: how do you tell your own timeout from the caller's?
//claim:source https://pkg.go.dev/context#WithTimeoutCause
func TestContextWhoseTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		call := func(ctx context.Context) error {
			<-ctx.Done()
			return fmt.Errorf("query: %w", ctx.Err())
		}
		caller, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		assert.Equal(t, errCtxAttempt, ctxAttempt(caller, 2*time.Second, call))
		err := ctxAttempt(caller, 2*time.Second, call)
		assert.EqualError(t, err, "caller gave up: context deadline exceeded")
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, io.EOF, ctxAttempt(t.Context(), time.Second, func(context.Context) error { return io.EOF }))
		assert.NoError(t, ctxAttempt(t.Context(), time.Second, func(context.Context) error { return nil }))
	})
}

// Not with the context itself: Read knows nothing about it. It obeys the
// deadline of its connection, also one that is set while it blocks. So let
// context.AfterFunc set a deadline in the past, and take it back once Read has
// returned: the connection stays usable. If the stop function reports that it
// came too late, wait for the AfterFunc before taking the deadline back.
//
//claim:ask How do you cancel a blocked conn.Read with a context?
//claim:source https://pkg.go.dev/context#AfterFunc
//claim:source https://pkg.go.dev/net#Conn
func TestContextConnRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := net.Pipe()
		defer client.Close()
		defer server.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		b := make([]byte, 8)
		_, err := ctxRead(ctx, client, b)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, time.Second, time.Since(start))

		go func() { _, _ = server.Write([]byte("again")) }()
		n, err := ctxRead(t.Context(), client, b)
		require.NoError(t, err, "the connection is as good as before")
		assert.Equal(t, "again", string(b[:n]))
	})
}

// A sync.Mutex cannot: Lock takes no context and waits for ever. A channel with
// room for one value is a mutex that can: send to lock, receive to unlock, and
// select between the send and Done. TryLock does not help: it never waits.
//
//claim:ask How do you wait for a lock with a timeout or a context?
//claim:source https://go.dev/ref/spec#Select_statements
func TestContextLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newCtxMutex()
		require.NoError(t, m.lock(t.Context()))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		assert.ErrorIs(t, m.lock(ctx), context.DeadlineExceeded)
		m.unlock()

		counter := 0
		var group sync.WaitGroup
		for range 10 {
			group.Go(func() {
				if m.lock(t.Context()) == nil {
					counter++
					m.unlock()
				}
			})
		}
		group.Wait()
		assert.Equal(t, 10, counter, "and it excludes")
	})
}

// A value context shares the Done channel of its parent, and each context of
// WithCancel or WithTimeout has its own. The channel is made by the first call
// of Done, and every later call returns the same one. So it is fine to call
// Done in each round of a loop.
//
//claim:ask Does every context have its own Done channel, and is it the same on each call?
//claim:source context/context.go
func TestContextDoneChannel(t *testing.T) {
	parent, cancel := context.WithCancel(t.Context())
	defer cancel()
	first := parent.Done()
	assert.True(t, parent.Done() == first)
	assert.True(t, context.WithValue(parent, new(int), 1).Done() == first)
	child, cancelChild := context.WithCancel(parent)
	defer cancelChild()
	assert.False(t, child.Done() == first)
	proof.WantAllocs(t, 0, func() { parent.Done() })
}

// Yes. All methods of a context and its cancel function may be called by any
// number of goroutines at once, and one context is meant to be given to many.
// Closing the Done channel reaches all of them: each receive returns, however
// many wait. A value stored in a context is not protected by it: that value
// must be safe itself, best because it never changes.
//
//claim:ask Is a context safe for concurrent use, and do all waiting goroutines see the end?
//claim:source https://pkg.go.dev/context#Context
func TestContextConcurrentUse(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	var group sync.WaitGroup
	causes := make([]error, 50)
	for i := range causes {
		group.Go(func() {
			if i%10 == 0 {
				cancel(fmt.Errorf("number %d", i))
			}
			<-ctx.Done()
			causes[i] = context.Cause(ctx)
		})
	}
	group.Wait()
	for _, cause := range causes {
		require.Equal(t, causes[0], cause, "all see the first")
	}
}

// The outer variable is not changed. With := in an inner block a new ctx is
// declared, the timeout applies inside the block only, and the call after it
// runs with the old context, without a limit. The compiler is content, because
// the inner ctx is used. Declare cancel first and assign with =, or write the
// derivation outside the block.
//
//claim:ask Why does call(ctx) have no deadline: if limit > 0 { ctx, cancel := context.WithTimeout(ctx, limit); defer cancel(); log(ctx) }; return call(ctx)?
//claim:source https://go.dev/ref/spec#Short_variable_declarations
func TestContextShadowed(t *testing.T) {
	limit := time.Minute
	hasDeadline := func(ctx context.Context) bool {
		_, ok := ctx.Deadline()
		return ok
	}
	shadowed := func(ctx context.Context) bool {
		if limit > 0 {
			ctx, cancel := context.WithTimeout(ctx, limit)
			defer cancel()
			_ = ctx.Err()
		}
		return hasDeadline(ctx)
	}
	assigned := func(ctx context.Context) bool {
		if limit > 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, limit)
			defer cancel()
		}
		return hasDeadline(ctx)
	}
	assert.False(t, shadowed(context.Background()))
	assert.True(t, assigned(context.Background()))
}
