package patterns

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// ErrLoadCacheClosed is returned by [LoadCache.Get] after [LoadCache.Close],
// and is the cause that cancels the loads then.
var ErrLoadCacheClosed = errors.New("load cache is closed")

// A LoadCache is a cache that loads what is missing, and that survives load:
// misses of one key are merged, a value that has become old can be returned
// while it is loaded again, and a failure can be remembered for a moment. It
// keeps the requests that miss from overrunning what is behind the cache.
// Create it with [NewLoadCache].
//
// All methods may be called by several goroutines at once.
//
// # Guarantees
//
//   - At most one load of a key runs that anybody waits for. Loads of different
//     keys do not wait for each other.
//   - A value is returned for the times TTL and Stale after its load has ended,
//     and never later. In the second one, the first Get starts a new load and
//     nobody waits.
//   - A caller whose context ends returns at once and the others go on waiting.
//     When the last has left, the load is cancelled.
//   - A load that began before Remove does not store its result.
//   - A panic of the loader is raised in every waiting caller. That of a
//     reload, for which nobody waits, is raised in the next caller for that
//     key.
//   - After Close no load runs, and no goroutine remains.
//
// # Cost
//
// A hit takes constant time under one mutex and allocates nothing. A load has a
// goroutine, a context and a few allocations. The end of each load also looks
// at two entries, in turn, and drops those that are too old, so the memory
// follows the number of keys in use; there is no limit to it.
//
// # When not to use it
//
// If keys come from outside and are many, use the loading cache of
// github.com/maypok86/otter, which has a size. If values are never reloaded,
// use sync.OnceValue for each. It does not merge the loads of several
// processes; a shared cache with a lock does.
type LoadCache[K comparable, V any] struct {
	load   func(context.Context, K) (V, error)
	config LoadCacheConfig

	start   time.Time       // of all ages
	closing context.Context // ends with Close
	close   context.CancelCauseFunc
	loads   sync.WaitGroup

	mu      sync.Mutex
	entries map[K]*loadEntry[K, V]
	order   []*loadEntry[K, V] // the same entries, for cleaning in turn
	hand    int                // the one that cleaning looks at next
}

// A LoadCacheConfig says how long a [LoadCache] uses the result of a load. The
// zero value keeps nothing and merges only.
type LoadCacheConfig struct {
	TTL      time.Duration // how long a value is returned as it is
	Stale    time.Duration // how long, after that, it is returned while it is loaded again
	ErrorTTL time.Duration // how long an error is returned, or a failed reload not tried again
}

// A loadEntry is the result of the last load of a key. LoadCache.mu guards it.
type loadEntry[K comparable, V any] struct {
	key      K
	value    V
	err      error         // instead of a value
	fresh    time.Duration // from here on it is loaded again
	drop     time.Duration // from here on it is not returned
	place    int           // in order, -1 after the removal
	running  *loadCall[V]
	panicked error // a *loadPanic that no caller has got
}

// A loadCall is a running load. Its result is written before done is closed and
// only read after that.
type loadCall[V any] struct {
	done    chan struct{}
	cancel  context.CancelCauseFunc
	callers int // who wait; LoadCache.mu guards it

	value    V
	err      error
	panicked bool // err is a *loadPanic
}

// NewLoadCache returns an empty cache. The function load gets a context with
// the values of the Get that started it. It may be called by several goroutines
// at once, must obey its context, and must not get its own key from the cache.
// A key must be equal to itself, which NaN is not. The caller must call
// [LoadCache.Close] before it drops the cache, or the last loads go on.
func NewLoadCache[K comparable, V any](load func(ctx context.Context, key K) (V, error), config LoadCacheConfig) *LoadCache[K, V] {
	closing, stop := context.WithCancelCause(context.Background())
	return &LoadCache[K, V]{
		load:    load,
		config:  config,
		start:   time.Now(),
		closing: closing,
		close:   stop,
		entries: make(map[K]*loadEntry[K, V]),
	}
}

// Get returns the value of key, and loads it if it is missing or too old. It
// returns the error of the load, or the cause of the end of ctx if that comes
// first.
//
// If the load panics, Get panics with an error that prints the value and the
// stack of that panic, and unwraps to the value if it is an error.
func (c *LoadCache[K, V]) Get(ctx context.Context, key K) (value V, err error) {
	value, call, err := c.find(ctx, key)
	if call == nil {
		return value, err
	}
	select {
	case <-call.done:
	case <-ctx.Done():
		c.leave(key, call, context.Cause(ctx))
		return value, context.Cause(ctx)
	}
	if call.panicked {
		panic(call.err)
	}
	return call.value, call.err
}

// find returns what is in the cache, or a call to wait for.
func (c *LoadCache[K, V]) find(ctx context.Context, key K) (value V, call *loadCall[V], err error) {
	c.mu.Lock()
	defer c.mu.Unlock() // looking up a key of an interface type can panic
	if c.closing.Err() != nil {
		return value, nil, ErrLoadCacheClosed
	}
	now := time.Since(c.start)
	e := c.entries[key]
	switch {
	case e != nil && e.panicked != nil:
		err := e.panicked
		e.panicked = nil
		panic(err)
	case e != nil && now < e.drop:
		if now >= e.fresh && e.running == nil {
			c.begin(ctx, e)
		}
		return e.value, nil, e.err
	case ctx.Err() != nil:
		return value, nil, context.Cause(ctx)
	case e == nil:
		e = &loadEntry[K, V]{key: key, place: len(c.order)}
		c.entries[key] = e
		c.order = append(c.order, e)
	}
	if e.running == nil {
		c.begin(ctx, e)
	}
	e.running.callers++
	return value, e.running, nil
}

// begin starts a load that Close and the last caller can cancel.
func (c *LoadCache[K, V]) begin(ctx context.Context, e *loadEntry[K, V]) {
	ctx, cancel := context.WithCancelCause(loadContext{c.closing, context.WithoutCancel(ctx)})
	call := &loadCall[V]{done: make(chan struct{}), cancel: cancel}
	e.running = call
	c.loads.Go(func() {
		defer cancel(nil)
		c.run(ctx, e, call)
	})
}

func (c *LoadCache[K, V]) run(ctx context.Context, e *loadEntry[K, V], call *loadCall[V]) {
	call.err = errors.New("loader of LoadCache called runtime.Goexit")
	returned := false
	defer func() {
		if !returned {
			if p := recover(); p != nil {
				call.err, call.panicked = &loadPanic{p, debug.Stack()}, true
			}
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.store(e, call)
		close(call.done)
	}()
	call.value, call.err = c.load(ctx, e.key)
	returned = true
}

// store puts the result of a load into its entry.
func (c *LoadCache[K, V]) store(e *loadEntry[K, V], call *loadCall[V]) {
	now := time.Since(c.start)
	if e.place >= 0 { // it was not removed during the load
		e.running = nil
		switch {
		case call.panicked:
			if call.callers == 0 {
				e.panicked = call.err
			}
			e.fresh = now
		case call.err == nil:
			e.value, e.err = call.value, nil
			e.fresh = loadAfter(now, c.config.TTL)
			e.drop = loadAfter(e.fresh, c.config.Stale)
		case e.err == nil && now < e.drop: // the old value is still good
			e.fresh = loadAfter(now, c.config.ErrorTTL)
		default:
			e.value, e.err = call.value, call.err
			e.fresh = loadAfter(now, c.config.ErrorTTL)
			e.drop = e.fresh
		}
		if now >= e.drop && e.panicked == nil {
			c.remove(e)
		}
	}
	for range min(2, len(c.order)) {
		if c.hand >= len(c.order) {
			c.hand = 0
		}
		if e := c.order[c.hand]; now >= e.drop && e.running == nil && e.panicked == nil {
			c.remove(e)
		} else {
			c.hand++
		}
	}
}

// leave is the end of the wait of a caller that gives up.
func (c *LoadCache[K, V]) leave(key K, call *loadCall[V], cause error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if call.callers--; call.callers > 0 {
		return
	}
	call.cancel(cause)
	if e := c.entries[key]; e != nil && e.running == call {
		c.remove(e) // the next caller starts anew
	}
}

// Remove makes the next Get load key, even if a load is running. Call it after
// the value has changed where it is loaded from.
func (c *LoadCache[K, V]) Remove(key K) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.entries[key]; e != nil {
		c.remove(e)
	}
}

// remove fills the gap in order with the last entry.
func (c *LoadCache[K, V]) remove(e *loadEntry[K, V]) {
	delete(c.entries, e.key)
	last := len(c.order) - 1
	c.order[e.place] = c.order[last]
	c.order[e.place].place = e.place
	c.order[last] = nil
	c.order = c.order[:last]
	e.place = -1
}

// Len returns the number of entries in memory. Some may be too old or being
// loaded.
func (c *LoadCache[K, V]) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.entries)
}

// Close cancels all loads and waits for them to end. It may be called more than
// once.
func (c *LoadCache[K, V]) Close() {
	c.mu.Lock()
	c.close(ErrLoadCacheClosed)
	c.mu.Unlock()
	c.loads.Wait()
}

// loadAfter returns t+d, or the end of time if that is too much. A negative d
// counts as zero.
func loadAfter(t, d time.Duration) time.Duration {
	const never = 1<<63 - 1
	return t + min(max(d, 0), never-t)
}

// A loadContext ends with the cache and has the values of a caller.
type loadContext struct {
	context.Context
	caller context.Context
}

func (c loadContext) Value(key any) any {
	if value := c.caller.Value(key); value != nil {
		return value
	}
	return c.Context.Value(key)
}

// A loadPanic carries the panic of a loader to the callers of Get.
type loadPanic struct {
	value any
	stack []byte
}

func (p *loadPanic) Error() string {
	return fmt.Sprintf("loader of LoadCache panicked: %v\n\n%s", p.value, p.stack)
}

func (p *loadPanic) Unwrap() error {
	err, _ := p.value.(error)
	return err
}
