package patterns

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

// Chain returns h inside all of the wrappers: a call enters the first one
// first, and leaves it last. A wrapper, also called decorator or middleware,
// takes a handler and returns one of the same type that does something before
// or after it, or instead of it. So handlers need not know about logging,
// limits, recovery or access, and each of these is written once. H is a
// function type or an interface: a [Call], http.Handler, http.RoundTripper,
// io.Reader.
//
// # Guarantees
//
//   - Chain(h, a, b) is a(b(h)). Chain(h) is h.
//   - Each wrapper is called once, by Chain, and what it returns for every call
//     of the result. What it keeps in between is shared by concurrent calls.
//   - A nil wrapper is skipped.
//   - Chain adds nothing to a call. If the handler and what the wrappers return
//     are safe for concurrent use, the result is.
//
// # Cost
//
// One call through a function value for each wrapper, and no allocation by the
// chain. Build it once at the start: building allocates a closure for each
// wrapper.
//
// # When not to use it
//
// If only one handler needs it: call a function there. If wrappers have to look
// at one another, or at the result type: write the steps in one function. If H
// is an interface with optional ones beside it, such as http.Flusher: a wrapper
// hides them, unless it has an Unwrap method that callers know about.
func Chain[H any](h H, wrap ...func(H) H) H {
	for i := len(wrap) - 1; i >= 0; i-- {
		if wrap[i] != nil {
			h = wrap[i](h)
		}
	}
	return h
}

// A Call is a handler for requests that do not come by HTTP: jobs, messages,
// calls of other services. It is an alias, so that any function of this kind is
// one, and the type arguments of [Chain] are inferred.
type Call[Req, Resp any] = func(ctx context.Context, request Req) (Resp, error)

// RecoverCall turns a panic of next into an error, which prints the panic and
// its stack and unwraps to the value if that is an error. It must be the
// innermost wrapper if others shall see that error. It cannot recover from the
// panic of a goroutine that next has started.
func RecoverCall[Req, Resp any](next Call[Req, Resp]) Call[Req, Resp] {
	return func(ctx context.Context, request Req) (response Resp, err error) {
		defer func() {
			if value := recover(); value != nil {
				response, err = *new(Resp), &callPanic{value, debug.Stack()}
			}
		}()
		return next(ctx, request)
	}
}

// ErrCallAborted is what [ObserveCall] reports of a call that has ended by a
// panic or runtime.Goexit.
var ErrCallAborted = errors.New("call has not returned")

// ObserveCall returns a wrapper that calls observe at the end of each call, with
// its duration and error, to log or count it. A panic is reported as
// [ErrCallAborted] and goes on.
func ObserveCall[Req, Resp any](observe func(ctx context.Context, took time.Duration, err error)) func(Call[Req, Resp]) Call[Req, Resp] {
	return func(next Call[Req, Resp]) Call[Req, Resp] {
		return func(ctx context.Context, request Req) (response Resp, err error) {
			start := time.Now()
			err = ErrCallAborted // until next has returned
			defer func() { observe(ctx, time.Since(start), err) }()
			return next(ctx, request)
		}
	}
}

// A callPanic is the panic of a handler as an error.
type callPanic struct {
	value any
	stack []byte
}

func (p *callPanic) Error() string {
	return fmt.Sprintf("call panicked: %v\n\n%s", p.value, p.stack)
}

func (p *callPanic) Unwrap() error {
	err, _ := p.value.(error)
	return err
}
