package patterns

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// A Lazy makes a value when it is first needed, such as a connection to a
// database, and once for all callers. Unlike sync.OnceValues it tries again
// after a failure, and a caller waits only as long as its context allows.
// Create it with [NewLazy].
//
// All methods may be called by several goroutines at once.
//
// # Guarantees
//
//   - Once the function has returned a value, it is never called again, and
//     every Get returns that value.
//   - Callers during a call wait for it and get its value or its error. An
//     error or a panic is not kept: the next caller tries again.
//   - A caller whose context ends returns at once, and the others go on
//     waiting. When the last has left, the context of the function is
//     cancelled.
//   - A panic of the function is raised again in every waiting caller.
//
// # Cost
//
// When the value is there, Get is one atomic load. Until then each call of the
// function has a goroutine of its own, which ends when the function returns,
// and a few allocations. Afterwards the function and what it captured are not
// kept.
//
// # When not to use it
//
// If the function cannot fail, use sync.OnceValue; if the value is cheap and
// always needed, a package-level variable. A program that cannot work without
// the value should make it at the start, where a failure is seen. A value that
// can break later, such as a single connection, needs a pool that replaces it.
// If failures are frequent and slow, every caller pays for a try: see
// LoadCache, which remembers an error for a while.
type Lazy[T any] struct {
	value   atomic.Pointer[T]
	mu      sync.Mutex
	init    func(context.Context) (T, error) // nil when it has succeeded
	running *lazyCall[T]
}

// A lazyCall is one call of the function. Its result is written before done is
// closed and only read after that.
type lazyCall[T any] struct {
	done    chan struct{}
	cancel  context.CancelCauseFunc
	callers int // who wait; Lazy.mu guards it

	value    T
	err      error
	panicked bool // err is a *lazyPanic
}

// NewLazy returns a Lazy that makes its value with init. The context of init
// has the values of the first caller's, and is cancelled when no caller is
// left. After that, init should give back what it has opened and return an
// error: a value would be dropped. Init must not call Get of the same Lazy.
func NewLazy[T any](init func(ctx context.Context) (T, error)) *Lazy[T] {
	return &Lazy[T]{init: init}
}

// Get returns the value, and makes it if it is not there. It returns the error
// of the function, or the cause of the end of ctx if that comes first.
//
// If the function panics, Get panics with an error that prints the value and
// the stack of that panic, and unwraps to the value if it is an error.
func (l *Lazy[T]) Get(ctx context.Context) (value T, err error) {
	if p := l.value.Load(); p != nil {
		return *p, nil
	}
	return l.wait(ctx)
}

// Done reports whether the value is there, so that Get cannot fail any more.
func (l *Lazy[T]) Done() bool { return l.value.Load() != nil }

func (l *Lazy[T]) wait(ctx context.Context) (value T, err error) {
	l.mu.Lock()
	if p := l.value.Load(); p != nil { // since the look of Get
		l.mu.Unlock()
		return *p, nil
	}
	if ctx.Err() != nil {
		l.mu.Unlock()
		return value, context.Cause(ctx)
	}
	call := l.running
	if call == nil {
		work, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
		call = &lazyCall[T]{done: make(chan struct{}), cancel: cancel}
		l.running = call
		go l.run(work, call, l.init)
	}
	call.callers++
	l.mu.Unlock()

	select {
	case <-call.done:
	case <-ctx.Done():
		l.leave(call, context.Cause(ctx))
		return value, context.Cause(ctx)
	}
	if call.panicked {
		panic(call.err)
	}
	return call.value, call.err
}

func (l *Lazy[T]) run(ctx context.Context, call *lazyCall[T], init func(context.Context) (T, error)) {
	call.err = errors.New("function of Lazy called runtime.Goexit")
	returned := false
	defer func() {
		if !returned {
			if p := recover(); p != nil {
				call.err, call.panicked = &lazyPanic{p, debug.Stack()}, true
			}
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.running == call { // or all callers have left
			l.running = nil
			if call.err == nil {
				value := call.value // the call would keep its context
				l.value.Store(&value)
				l.init = nil
			}
		}
		close(call.done)
		call.cancel(nil)
	}()
	call.value, call.err = init(ctx)
	returned = true
}

// leave is the end of the wait of a caller that gives up.
func (l *Lazy[T]) leave(call *lazyCall[T], cause error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if call.callers--; call.callers > 0 {
		return
	}
	call.cancel(cause)
	if l.running == call {
		l.running = nil // the next caller starts anew
	}
}

// A lazyPanic carries the panic of the function to the callers of Get.
type lazyPanic struct {
	value any
	stack []byte
}

func (p *lazyPanic) Error() string {
	return fmt.Sprintf("function of Lazy panicked: %v\n\n%s", p.value, p.stack)
}

func (p *lazyPanic) Unwrap() error {
	err, _ := p.value.(error)
	return err
}
