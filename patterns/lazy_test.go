package patterns

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"weak"
)

// lazyTogether calls get in n goroutines and returns the errors, panics
// included.
func lazyTogether(n int, get func(i int) error) []error {
	errs := make([]error, n)
	var callers sync.WaitGroup
	for i := range errs {
		callers.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					errs[i] = fmt.Errorf("panic: %w", p.(error))
				}
			}()
			errs[i] = get(i)
		})
	}
	callers.Wait()
	return errs
}

// For a value that cannot fail to be made, sync.OnceValue is all: 100
// goroutines get the same one, and its function runs once. If making it can
// fail or takes long, the callers also need a second try and a way to give up,
// which is what Lazy adds. In both, the later calls cost an atomic load. Pass
// the singleton to those who need it rather than have them reach for a global
// variable, then tests can pass another one.
//
//claim:ask How do you write a thread-safe singleton in Go, if making it can fail?
//claim:source https://pkg.go.dev/sync#OnceValue
func TestLazySingleton(t *testing.T) {
	type database struct{ opened int64 }
	var opened atomic.Int64
	open := func() *database {
		runtime.Gosched()
		return &database{opened.Add(1)}
	}
	once := sync.OnceValue(open)
	lazy := NewLazy(func(context.Context) (*database, error) { return open(), nil })
	if lazy.Done() {
		t.Error("made before it was needed")
	}
	for name, get := range map[string]func() *database{
		"once": once,
		"lazy": func() *database {
			db, err := lazy.Get(t.Context())
			if err != nil {
				t.Error(err)
			}
			return db
		},
	} {
		opened.Store(0)
		var instances sync.Map
		for range 2 {
			lazyTogether(100, func(int) error {
				instances.Store(get(), true)
				return nil
			})
		}
		n := 0
		for range instances.Range {
			n++
		}
		if n != 1 || opened.Load() != 1 {
			t.Errorf("%s: %d instances, opened %d times", name, n, opened.Load())
		}
	}
	if !lazy.Done() {
		t.Error("not done")
	}
}

// They get the same error for ever, also when the database is back:
// sync.OnceValues keeps the first results, whatever they are. A program with
// such a singleton must be restarted. Lazy keeps success only: here the third
// call gets the value. While it fails, each new caller pays for a try, so the
// function should fail fast.
//
//claim:ask db := sync.OnceValues(openDB), and the first call fails. What do later calls get?
//claim:source https://pkg.go.dev/sync#OnceValues
func TestLazyRetries(t *testing.T) {
	down := errors.New("database is down")
	tries := 0
	open := func() (int, error) {
		if tries++; tries < 3 {
			return 0, down
		}
		return 42, nil
	}
	once := sync.OnceValues(open)
	for i := range 5 {
		if _, err := once(); err != down || tries != 1 {
			t.Errorf("OnceValues, call %d: %v after %d tries", i, err, tries)
		}
	}

	tries = 0
	lazy := NewLazy(func(context.Context) (int, error) { return open() })
	for i := range 5 {
		v, err := lazy.Get(t.Context())
		if i < 2 && err != down || i >= 2 && (v != 42 || err != nil) {
			t.Errorf("Lazy, call %d: %d, %v", i, v, err)
		}
	}
	if tries != 3 {
		t.Errorf("%d tries", tries)
	}
}

// Callers that come during a try share its outcome, so a failure is not tried
// again by each of those who wait for it: that would make 100 waiting requests
// try one after the other. Those who come later try once more.
//
//claim:ask A hundred requests wait for an initialisation and it fails. How many times is it tried?
//claim:source https://pkg.go.dev/sync#Mutex
func TestLazySharesFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := errors.New("database is down")
		var tries atomic.Int64
		open := func(context.Context) (int, error) {
			tries.Add(1)
			time.Sleep(time.Second)
			return 0, down
		}
		lazy := NewLazy(open)
		start := time.Now()
		for _, err := range lazyTogether(100, func(int) error { _, err := lazy.Get(t.Context()); return err }) {
			if err != down {
				t.Error(err)
			}
		}
		if tries.Load() != 1 || time.Since(start) != time.Second {
			t.Errorf("%d tries in %v", tries.Load(), time.Since(start))
		}

		// A mutex around the try and a check is the other way to write it.
		tries.Store(0)
		start = time.Now()
		locked := make(chan bool, 1) // a mutex that the clock of the test understands
		lazyTogether(100, func(int) error {
			locked <- true
			defer func() { <-locked }()
			_, err := open(t.Context())
			return err
		})
		if tries.Load() != 100 || time.Since(start) != 100*time.Second {
			t.Errorf("under a mutex: %d tries in %v", tries.Load(), time.Since(start))
		}
	})
}

// With sync.Once they all wait until it returns, because Do knows no context: a
// request with a timeout of one second waits a minute for a connection that
// hangs. Run the function in a goroutine of its own, and let each caller wait
// in a select with its own context. When the last one has left, the function's
// context is cancelled, so that it ends too, and the next caller starts anew.
//
//claim:ask The initialisation hangs. What happens to requests with a timeout that wait for it?
//claim:source https://pkg.go.dev/sync#Once.Do
func TestLazyFaultHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type traceID struct{}
		var cause error
		var trace any
		hang := true
		lazy := NewLazy(func(ctx context.Context) (int, error) {
			if !hang {
				return 42, nil
			}
			trace = ctx.Value(traceID{})
			select {
			case <-time.After(time.Minute):
				return 1, nil
			case <-ctx.Done():
				cause = context.Cause(ctx)
				return 0, cause
			}
		})
		start := time.Now()
		for _, err := range lazyTogether(3, func(i int) error {
			time.Sleep(time.Duration(i) * time.Millisecond)
			ctx, cancel := context.WithTimeout(context.WithValue(t.Context(), traceID{}, i), time.Second)
			defer cancel()
			_, err := lazy.Get(ctx)
			return err
		}) {
			if err != context.DeadlineExceeded {
				t.Error(err)
			}
		}
		if d := time.Since(start); d != time.Second+2*time.Millisecond {
			t.Errorf("waited %v", d)
		}
		synctest.Wait()
		if cause != context.DeadlineExceeded || trace != 0 {
			t.Errorf("the function ended with %v, trace %v", cause, trace)
		}
		hang = false
		if v, err := lazy.Get(t.Context()); v != 42 || err != nil {
			t.Errorf("afterwards: %d, %v", v, err)
		}

		start = time.Now()
		once := sync.OnceFunc(func() { time.Sleep(time.Minute) })
		once()
		if d := time.Since(start); d != time.Minute {
			t.Errorf("sync.OnceFunc waited %v", d)
		}
	})
}

// One caller leaves and the others go on; a cancelled caller starts nothing,
// but gets a value that is there. A value that comes after all have left is
// dropped.
func TestLazyFaultCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		lazy := NewLazy(func(context.Context) (int, error) {
			n := calls.Add(1)
			time.Sleep(time.Second) // deaf to its context
			return int(n), nil
		})
		cancelled, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := lazy.Get(cancelled); err != context.Canceled || calls.Load() != 0 {
			t.Errorf("cancelled before: %v, %d calls", err, calls.Load())
		}
		short := func(int) error {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
			defer cancel()
			_, err := lazy.Get(ctx)
			return err
		}
		for _, err := range lazyTogether(3, short) {
			if err != context.DeadlineExceeded {
				t.Error(err)
			}
		}
		for i, err := range lazyTogether(2, func(i int) error {
			if i == 0 {
				return short(0)
			}
			v, err := lazy.Get(t.Context())
			if v != 2 {
				t.Errorf("got %d", v)
			}
			return err
		}) {
			if i == 0 && err != context.DeadlineExceeded || i == 1 && err != nil {
				t.Errorf("caller %d: %v", i, err)
			}
		}
		if v, err := lazy.Get(cancelled); v != 2 || err != nil || calls.Load() != 2 {
			t.Errorf("got %d, %v after %d calls", v, err, calls.Load())
		}
	})
}

// All who wait get the panic, and the next caller tries again. With sync.Once
// the panic goes to the first caller only, and later calls of Do return at once
// as if all was well, with the value unset. sync.OnceValue is better: it panics
// again in every call.
//
//claim:ask A lazy initialisation panics. What do the other callers see?
//claim:source https://pkg.go.dev/sync#Once
func TestLazyFaultPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("no configuration")
		tries := 0
		lazy := NewLazy(func(context.Context) (int, error) {
			tries++
			n := tries
			time.Sleep(time.Second)
			switch n {
			case 1:
				panic(broken)
			case 2:
				runtime.Goexit()
			}
			return n, nil
		})
		get := func(int) error { _, err := lazy.Get(t.Context()); return err }
		for _, err := range lazyTogether(5, get) {
			if !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "panic: ") || !strings.Contains(err.Error(), "lazy_test.go") {
				t.Errorf("got %v", err)
			}
		}
		for _, err := range lazyTogether(5, get) {
			if err == nil || !strings.Contains(err.Error(), "Goexit") {
				t.Errorf("got %v", err)
			}
		}
		if v, err := lazy.Get(t.Context()); v != 3 || err != nil {
			t.Errorf("got %d, %v", v, err)
		}

		panics := func(f func()) (p any) {
			defer func() { p = recover() }()
			f()
			return nil
		}
		var once sync.Once
		value := 0
		do := func() { once.Do(func() { panic(broken) }) }
		if p := panics(do); p != broken {
			t.Errorf("the first Do: %v", p)
		}
		if p := panics(do); p != nil || value != 0 {
			t.Errorf("the second Do: %v", p)
		}
		onceValue := sync.OnceValue(func() int { panic(broken) })
		for range 2 {
			if p := panics(func() { onceValue() }); p != broken {
				t.Errorf("OnceValue: %v", p)
			}
		}
	})
}

// The function is not needed any more when it has succeeded: what it captured
// must not live as long as the program.
func TestLazyReleases(t *testing.T) {
	var lazy *Lazy[int]
	captured := func() weak.Pointer[[4096]byte] {
		p := new([4096]byte)
		lazy = NewLazy(func(ctx context.Context) (int, error) {
			return len(p), ctx.Err()
		})
		type key struct{}
		ctx := context.WithValue(t.Context(), key{}, p)
		if v, err := lazy.Get(ctx); v != 4096 || err != nil {
			t.Errorf("got %d, %v", v, err)
		}
		return weak.Make(p)
	}()
	for deadline := time.Now().Add(10 * time.Second); captured.Value() != nil; runtime.Gosched() {
		if time.Now().After(deadline) { // the goroutine of the call may need a moment to end
			t.Fatal("still alive")
		}
		runtime.GC()
	}
	runtime.KeepAlive(lazy)
}

func TestLazyConcurrent(t *testing.T) {
	for range 20 {
		var calls atomic.Int64
		lazy := NewLazy(func(ctx context.Context) (int, error) {
			runtime.Gosched()
			if calls.Add(1)%3 != 0 {
				return 0, errors.New("not yet")
			}
			return 42, ctx.Err()
		})
		lazyTogether(4, func(i int) error {
			for n := range 50 {
				ctx, cancel := context.WithCancel(t.Context())
				if (i+n)%4 == 0 {
					go cancel()
				}
				v, err := lazy.Get(ctx)
				if err == nil && v != 42 || err != nil && v != 0 {
					t.Errorf("got %d, %v", v, err)
				}
				cancel()
			}
			return nil
		})
		if v, err := lazy.Get(t.Context()); err == nil && v != 42 {
			t.Errorf("got %d, %v", v, err)
		}
	}
}

// When the value is there, all that is left is an atomic load: the same for
// sync.OnceValue, within 3 times. A mutex around the check costs more than 3
// times as much, even if nobody else holds it, and is a queue if somebody does.
// None allocates.
//
//claim:ask What does a lazily initialised value cost after the first call?
//claim:expect ns/op of=mutex > 3x of=lazy
//claim:expect ns/op of=lazy < 3x of=once
//claim:expect allocs/op of=lazy == 0
//claim:source https://pkg.go.dev/sync#OnceValue
func BenchmarkLazyGet(b *testing.B) {
	run := func(name string, get func() int) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for range 100 {
					if get() != 42 {
						b.Fatal("wrong value")
					}
				}
			}
		})
	}
	ctx := context.Background()
	lazy := NewLazy(func(context.Context) (int, error) { return 42, nil })
	run("of=lazy", func() int { v, _ := lazy.Get(ctx); return v })
	run("of=once", sync.OnceValue(func() int { return 42 }))
	var mu sync.Mutex
	value := 0
	run("of=mutex", func() int {
		mu.Lock()
		defer mu.Unlock()
		if value == 0 {
			value = 42
		}
		return value
	})
}
