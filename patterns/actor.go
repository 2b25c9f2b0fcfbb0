package patterns

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
)

// ErrActorStopped is returned by [Actor.Do] once the actor has stopped.
var ErrActorStopped = errors.New("actor has stopped")

// An Actor owns a state that only its own goroutine touches. Others send it
// functions, which it runs one after the other. It is "share memory by
// communicating" in its plainest form, for state whose changes take several
// steps, wait for something, or follow a schedule. Create it with [NewActor],
// and call [Actor.Stop] when the state is no longer needed.
//
// # Guarantees
//
//   - Functions run one at a time, in the order in which they were taken. So
//     the state needs no lock, and each function sees what the last one left.
//   - If Do returns nil, the function has run. If it returns an error, it has
//     not run and never will.
//   - A panic of the function is raised again in the caller of Do, with an
//     error that prints panic and stack; if it calls runtime.Goexit, Do panics
//     as well, because the state may be half changed. The actor goes on with
//     the state as it was left.
//   - When Stop returns, no function runs, and the goroutine has ended.
//
// # Cost
//
// One goroutine. Each call of Do switches to it and back, which costs many
// times as much as a mutex, and one channel.
//
// # When not to use it
//
// For a counter, a map or a struct that is read and changed in a few lines, use
// a mutex: it is simpler and much faster. A function must not call Do of its own
// actor: it would wait for itself. Two actors that call each other deadlock in
// the same way.
type Actor[S any] struct {
	requests chan actorRequest[S]
	stop     context.CancelFunc
	stopping <-chan struct{}
	stopped  chan struct{}
}

type actorRequest[S any] struct {
	f    func(state *S)
	done chan *actorPanic // nil if f returned
}

// NewActor starts an actor that owns state. The functions passed to
// [Actor.Do] get a pointer to it, which they must not keep.
func NewActor[S any](state S) *Actor[S] {
	ctx, stop := context.WithCancel(context.Background())
	a := &Actor[S]{
		requests: make(chan actorRequest[S]),
		stop:     stop,
		stopping: ctx.Done(),
		stopped:  make(chan struct{}),
	}
	go a.serve(&state)
	return a
}

// Do lets the actor run f and waits until it has. It returns the cause of ctx if
// that ends before the actor takes f, and [ErrActorStopped] after Stop.
func (a *Actor[S]) Do(ctx context.Context, f func(state *S)) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	request := actorRequest[S]{f, make(chan *actorPanic, 1)}
	select {
	case a.requests <- request:
	case <-a.stopping:
		return ErrActorStopped
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if panicked := <-request.done; panicked != nil {
		panic(panicked)
	}
	return nil
}

// Stop ends the actor, after the function that runs, and waits for its end. It
// may be called more than once, but not from a function that the actor runs.
func (a *Actor[S]) Stop() {
	a.stop()
	<-a.stopped
}

func (a *Actor[S]) serve(state *S) {
	// A function that calls Goexit ends this goroutine. Another one takes its
	// place, so that one caller cannot stop the actor for all.
	stopped := false
	defer func() {
		if stopped {
			close(a.stopped)
		} else {
			go a.serve(state)
		}
	}()
	for {
		select {
		case <-a.stopping:
			stopped = true
			return
		case request := <-a.requests:
			actorCall(request, state)
		}
	}
}

func actorCall[S any](request actorRequest[S], state *S) {
	returned := false
	defer func() {
		switch value := recover(); {
		case value != nil:
			request.done <- &actorPanic{value, debug.Stack()}
		case !returned:
			request.done <- &actorPanic{"runtime.Goexit", debug.Stack()}
		default:
			request.done <- nil
		}
	}()
	request.f(state)
	returned = true
}

// An actorPanic carries the panic of a function to the caller of Do.
type actorPanic struct {
	value any
	stack []byte
}

func (p *actorPanic) Error() string {
	return fmt.Sprintf("actor function panicked: %v\n\n%s", p.value, p.stack)
}

func (p *actorPanic) Unwrap() error {
	err, _ := p.value.(error)
	return err
}
