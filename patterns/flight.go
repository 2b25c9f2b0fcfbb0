package patterns

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
)

// A Flight merges calls that ask for the same key at the same time: the first
// caller starts the work, the others wait for it and get the same result. It
// stops a cache stampede, where every request that misses an entry loads it
// again, and it lets each caller give up alone. The zero value is ready to use.
//
// All methods may be called by several goroutines at once.
//
// # Guarantees
//
//   - Calls of Do with one key that overlap run the function once, as long as
//     somebody waits for it. Keys do not wait for each other.
//   - A caller whose context ends returns at once, and nobody else notices.
//     When the last caller has left, the context of the function is cancelled
//     and the key is free: the next caller starts anew.
//   - A panic of the function is raised again in every waiting caller. If it
//     calls runtime.Goexit, the waiting callers get an error.
//   - Nothing is kept: an error goes to those who waited for it, and the next
//     caller tries again.
//
// # Cost
//
// Do locks a mutex twice and takes constant time. A caller whose context can
// never be cancelled, such as context.Background, runs the function in its own
// goroutine, and allocates nothing unless others join. Otherwise the first
// caller must be able to leave, so the function gets a goroutine of its own. It
// ends when the function returns, which therefore has to obey its context.
//
// # When not to use it
//
// A Flight is not a cache: calls one after the other all run. For writes it is
// wrong, because callers with other arguments and the same key would share the
// first one's effect. All callers get the same value, so what it points to must
// not be modified. The function must not call Do with its own key. A key must
// be equal to itself, which NaN is not. If no caller has a context,
// golang.org/x/sync/singleflight has fewer promises to read.
type Flight[K comparable, V any] struct {
	mu    sync.Mutex
	calls map[K]*flightCall[V]
	spare *flightCall[V] // the last call that nobody shared, for reuse
}

// A flightCall is one run of a function. Its result is written before done is
// closed and only read after that; Flight.mu guards the rest.
type flightCall[V any] struct {
	done    chan struct{}           // nil while only the goroutine that runs it knows of the call
	cancel  context.CancelCauseFunc // nil if the first caller runs it and cannot leave
	callers int                     // who wait now
	shared  bool                    // there was more than one
	gone    bool                    // no longer in Flight.calls

	value    V
	err      error
	panicked bool // err is a *flightPanic
}

// Do calls fn and returns its result. If a call with the same key is running,
// Do waits for that one's result instead. If ctx ends first, Do returns the
// cause. The context of fn has the values of the first caller's ctx, and is
// cancelled when no caller is left. Shared reports whether several callers got
// the result.
//
// If fn panics, Do panics with an error that prints the value and the stack of
// that panic, and unwraps to the value if it is an error.
func (f *Flight[K, V]) Do(ctx context.Context, key K, fn func(context.Context) (V, error)) (value V, shared bool, err error) {
	if ctx.Err() != nil {
		return value, false, context.Cause(ctx)
	}
	f.mu.Lock()
	if c, ok := f.calls[key]; ok {
		c.callers++
		c.shared = true
		if c.done == nil {
			c.done = make(chan struct{})
		}
		f.mu.Unlock()
		return f.wait(ctx, key, c)
	}
	c := f.spare
	if f.spare = nil; c == nil {
		c = &flightCall[V]{callers: 1}
	}
	if f.calls == nil {
		f.calls = make(map[K]*flightCall[V])
	}
	f.calls[key] = c
	if ctx.Done() == nil { // this caller stays to the end, so it may do the work
		f.mu.Unlock()
		value, shared, err, panicked := f.run(ctx, key, c, fn)
		if panicked {
			panic(err)
		}
		return value, shared, err
	}
	work, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	c.cancel = cancel
	c.done = make(chan struct{})
	f.mu.Unlock()
	go func() {
		defer cancel(nil)
		f.run(work, key, c, fn)
	}()
	return f.wait(ctx, key, c)
}

// Forget makes the next caller of Do start a new call, even if one is running
// for the key. Those who wait for the old call still get its result. Call it
// after a write, so that later readers do not join a read that began before it.
func (f *Flight[K, V]) Forget(key K) {
	f.mu.Lock()
	if c, ok := f.calls[key]; ok {
		c.gone = true
		delete(f.calls, key)
	}
	f.mu.Unlock()
}

// run calls fn, ends the call and hands the result to those who wait.
func (f *Flight[K, V]) run(ctx context.Context, key K, c *flightCall[V], fn func(context.Context) (V, error)) (value V, shared bool, err error, panicked bool) {
	returned := false
	defer func() {
		if !returned {
			err = errors.New("function of Flight.Do called runtime.Goexit")
			if p := recover(); p != nil {
				err, panicked = &flightPanic{p, debug.Stack()}, true
			}
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		if !c.gone {
			c.gone = true
			delete(f.calls, key)
		}
		if c.done == nil {
			c.gone = false
			f.spare = c
			return
		}
		shared = c.shared
		c.value, c.err, c.panicked = value, err, panicked
		close(c.done)
	}()
	value, err = fn(ctx)
	returned = true
	return value, false, err, false
}

// wait waits for the result, or until the caller gives up.
func (f *Flight[K, V]) wait(ctx context.Context, key K, c *flightCall[V]) (value V, shared bool, err error) {
	select {
	case <-c.done:
	case <-ctx.Done():
		cause := context.Cause(ctx)
		f.mu.Lock()
		c.callers--
		if c.callers == 0 && c.cancel != nil {
			c.cancel(cause)
			if !c.gone {
				c.gone = true
				delete(f.calls, key)
			}
		}
		f.mu.Unlock()
		return value, false, cause
	}
	if c.panicked {
		panic(c.err)
	}
	return c.value, c.shared, c.err
}

// A flightPanic carries the panic of a function to the callers of Do.
type flightPanic struct {
	value any
	stack []byte
}

func (p *flightPanic) Error() string {
	return fmt.Sprintf("function of Flight.Do panicked: %v\n\n%s", p.value, p.stack)
}

func (p *flightPanic) Unwrap() error {
	err, _ := p.value.(error)
	return err
}
