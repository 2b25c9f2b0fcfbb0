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
)

// flightResult is what one caller of Do got.
type flightResult struct {
	value    int
	shared   bool
	err      error
	panicked any
	exited   bool // its goroutine was ended by runtime.Goexit
}

// flightGo calls do in n goroutines and returns what each of them got.
func flightGo(n int, do func(i int) (int, bool, error)) []flightResult {
	results := make([]flightResult, n)
	var callers sync.WaitGroup
	for i := range results {
		callers.Go(func() {
			r := &results[i]
			r.exited = true
			defer func() {
				if r.panicked = recover(); r.panicked != nil {
					r.exited = false
				}
			}()
			r.value, r.shared, r.err = do(i)
			r.exited = false
		})
	}
	callers.Wait()
	return results
}

// Merge the calls: the first caller that misses starts the load, and those that
// miss during the load wait for its result. Here 100 requests miss at once;
// without merging the loader runs 100 times, with it once. It bounds the load
// per process: ten servers still load ten times. It does not help when each
// request asks for another key.
//
//claim:ask A popular cache entry expires and a hundred requests load it at once. How do you stop this cache stampede?
//claim:source https://pkg.go.dev/golang.org/x/sync/singleflight
func TestFlightStampede(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var loads atomic.Int64
		load := func(context.Context) (int, error) {
			loads.Add(1)
			time.Sleep(time.Second)
			return 42, nil
		}
		flightGo(100, func(int) (int, bool, error) {
			v, err := load(t.Context())
			return v, false, err
		})
		if n := loads.Swap(0); n != 100 {
			t.Errorf("not merged: %d loads, want 100", n)
		}

		var f Flight[string, int]
		for _, ctx := range []context.Context{t.Context(), context.Background()} {
			for _, r := range flightGo(100, func(int) (int, bool, error) { return f.Do(ctx, "k", load) }) {
				if r != (flightResult{value: 42, shared: true}) {
					t.Errorf("got %+v", r)
				}
			}
			if n := loads.Swap(0); n != 1 {
				t.Errorf("merged: %d loads, want 1", n)
			}
		}
	})
}

// Single flight is not a cache: only calls that overlap are merged. Three calls
// one after the other run the function three times, and an error is not
// remembered either. For results that are used again, put a cache in front and
// merge its misses.
//
//claim:ask Is single flight a cache?
//claim:source https://pkg.go.dev/golang.org/x/sync/singleflight#Group.Do
func TestFlightIsNoCache(t *testing.T) {
	for _, ctx := range []context.Context{t.Context(), context.Background()} {
		var f Flight[string, int]
		failed := errors.New("no connection")
		for i := range 3 {
			v, shared, err := f.Do(ctx, "k", func(context.Context) (int, error) {
				if i == 1 {
					return 0, failed
				}
				return i, nil
			})
			switch {
			case shared:
				t.Errorf("call %d is shared", i)
			case i == 1 && err != failed:
				t.Errorf("call %d: err = %v, want %v", i, err, failed)
			case i != 1 && (v != i || err != nil):
				t.Errorf("call %d = %d, %v", i, v, err)
			}
		}
		if len(f.calls) != 0 {
			t.Errorf("%d keys are kept", len(f.calls))
		}
	}
}

// The work must not run under the context of the first caller: if that request
// is cancelled, everybody who waits for it fails with context.Canceled,
// although nobody cancelled theirs. That is what a closure over ctx does. Give
// the work a context without the cancellation of the first caller, and let
// every caller wait in a select with a context of its own. Here the first of
// ten callers leaves after a second, and nine get the result.
//
//claim:ask With single flight, what happens to the other callers if the first one's request is cancelled?
//claim:source https://pkg.go.dev/context#WithoutCancel
func TestFlightCancelFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		query := func(ctx context.Context) (int, error) {
			select {
			case <-time.After(10 * time.Second):
				return 42, nil
			case <-ctx.Done():
				return 0, ctx.Err()
			}
		}
		cancelled := func(do func(i int, ctx context.Context) (int, bool, error)) (n int) {
			first, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			results := flightGo(10, func(i int) (int, bool, error) {
				if i == 0 {
					return do(i, first)
				}
				time.Sleep(time.Millisecond) // let the first be first
				return do(i, t.Context())
			})
			for _, r := range results {
				if errors.Is(r.err, context.DeadlineExceeded) {
					n++
				} else if r.value != 42 {
					t.Errorf("got %+v", r)
				}
			}
			return n
		}

		var f Flight[string, int]
		closure := cancelled(func(i int, ctx context.Context) (int, bool, error) {
			return f.Do(context.Background(), "k", func(context.Context) (int, error) { return query(ctx) })
		})
		if closure != 10 {
			t.Errorf("with the first caller's context %d fail, want all 10", closure)
		}
		own := cancelled(func(i int, ctx context.Context) (int, bool, error) { return f.Do(ctx, "k", query) })
		if own != 1 {
			t.Errorf("with a context for the work %d fail, want 1", own)
		}
	})
}

// When the last caller has left, nobody wants the result any more, so the
// context of the work is cancelled, with the cause of that last caller. The key
// is free at once: a new caller must not join work that is being cancelled.
// Work that does not look at its context runs on for nothing, beside the new
// call. Values such as a trace ID come from the first caller's context.
//
//claim:ask When should work that several callers share be cancelled?
//claim:source https://pkg.go.dev/context#WithCancelCause
func TestFlightLastCancels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type traceID struct{}
		var f Flight[string, int]
		impatient := errors.New("too slow")
		var cause error
		var ended time.Duration
		var trace any
		start := time.Now()
		results := flightGo(4, func(i int) (int, bool, error) {
			time.Sleep(time.Duration(i) * time.Millisecond)
			ctx := context.WithValue(t.Context(), traceID{}, i)
			ctx, cancel := context.WithTimeoutCause(ctx, time.Duration(5-i)*time.Second, impatient)
			defer cancel()
			return f.Do(ctx, "k", func(ctx context.Context) (int, error) {
				trace = ctx.Value(traceID{})
				<-ctx.Done()
				cause, ended = context.Cause(ctx), time.Since(start)
				time.Sleep(time.Second) // slow to stop
				return 1, nil
			})
		})
		for i, r := range results {
			if r.err != impatient {
				t.Errorf("caller %d got %+v", i, r)
			}
		}
		// A new caller does not join the old call, which still has a second to go.
		v, shared, err := f.Do(t.Context(), "k", func(context.Context) (int, error) { return 2, nil })
		if v != 2 || shared || err != nil {
			t.Errorf("after all have left: %d, %t, %v", v, shared, err)
		}
		synctest.Wait()
		if cause != impatient || ended != 5*time.Second || trace != 0 {
			t.Errorf("the work was cancelled after %v because of %v, trace %v", ended, cause, trace)
		}
		time.Sleep(time.Minute) // the old call ends, and removes nothing of the new one
		if len(f.calls) != 0 {
			t.Errorf("%d keys are kept", len(f.calls))
		}
	})
}

// All who wait get the same error, even if a retry would have helped. The error
// is not kept, so the next caller tries again. Two consequences: one failed
// load fails every request that waited, so retry inside the work, where it is
// paid once; and an error value must not hold what belongs to one request.
//
//claim:ask What does single flight do with errors: are they shared, are they cached?
//claim:source https://pkg.go.dev/golang.org/x/sync/singleflight#Group.Do
func TestFlightSharesErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f Flight[int, int]
		var loads atomic.Int64
		down := errors.New("database is down")
		load := func(context.Context) (int, error) {
			defer time.Sleep(time.Second)
			if loads.Add(1) == 1 {
				return 0, down
			}
			return 42, nil
		}
		for _, r := range flightGo(10, func(int) (int, bool, error) { return f.Do(t.Context(), 7, load) }) {
			if r.err != down || !r.shared {
				t.Errorf("got %+v", r)
			}
		}
		if v, _, err := f.Do(t.Context(), 7, load); v != 42 || err != nil {
			t.Errorf("the next caller got %d, %v", v, err)
		}
	})
}

// A panic reaches every caller that waits, as if each had called the function
// itself: its own recover and its own deferred calls see it. It must not stay
// in a goroutine of the pattern, where no caller could recover it and the
// program would end. The error unwraps to the original one and prints the stack
// where the panic happened. A caller that has left does not get it.
//
//claim:ask What happens to the waiting callers if a single-flight function panics?
//claim:source https://go.dev/issue/33519
func TestFlightFaultPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("index is broken")
		for _, ctx := range []context.Context{t.Context(), context.Background()} {
			var f Flight[string, int]
			results := flightGo(10, func(int) (int, bool, error) {
				return f.Do(ctx, "k", func(context.Context) (int, error) {
					time.Sleep(time.Second)
					panic(broken)
				})
			})
			for _, r := range results {
				err, _ := r.panicked.(error)
				if !errors.Is(err, broken) || !strings.Contains(fmt.Sprint(err), "flight_test.go") {
					t.Errorf("got %+v", r)
				}
			}
			if v, _, err := f.Do(ctx, "k", func(context.Context) (int, error) { return 1, nil }); v != 1 || err != nil {
				t.Errorf("after a panic: %d, %v", v, err)
			}
		}
		var f Flight[string, int]
		r := flightGo(1, func(int) (int, bool, error) {
			return f.Do(t.Context(), "k", func(context.Context) (int, error) { panic("text") })
		})[0]
		if err := r.panicked.(error); errors.Unwrap(err) != nil || !strings.Contains(err.Error(), "text") {
			t.Errorf("got %v", err)
		}
	})
}

// A function that ends its goroutine, as t.FailNow does, must not leave the
// others waiting for ever.
func TestFlightFaultGoexit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		exits := func(ctx context.Context) (errs, exited int) {
			var f Flight[string, int]
			for _, r := range flightGo(10, func(int) (int, bool, error) {
				return f.Do(ctx, "k", func(context.Context) (int, error) {
					time.Sleep(time.Second)
					runtime.Goexit()
					return 0, nil
				})
			}) {
				if r.exited {
					exited++
				} else if r.err != nil && strings.Contains(r.err.Error(), "Goexit") {
					errs++
				}
			}
			return errs, exited
		}
		if errs, exited := exits(t.Context()); errs != 10 || exited != 0 {
			t.Errorf("%d errors and %d exits", errs, exited)
		}
		// Here the first caller runs the function, so it ends with it.
		if errs, exited := exits(context.Background()); errs != 9 || exited != 1 {
			t.Errorf("%d errors and %d exits", errs, exited)
		}
	})
}

// A caller whose context has ended before it calls neither starts work nor
// joins any.
func TestFlightFaultCancelledBefore(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var f Flight[string, int]
	_, shared, err := f.Do(ctx, "k", func(context.Context) (int, error) {
		t.Error("called")
		return 0, nil
	})
	if shared || !errors.Is(err, context.Canceled) {
		t.Errorf("got %t, %v", shared, err)
	}
}

// A reader that comes after a write can join a read that began before it, and
// so get the old value: single flight breaks "read your own writes". Make the
// key forgotten after the write, so that later readers start a read of their
// own. Here a read takes a second and a write happens in the middle of it.
//
//claim:ask Can single flight return stale data after a write?
//claim:source https://pkg.go.dev/golang.org/x/sync/singleflight#Group.Forget
func TestFlightForget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, forget := range []bool{false, true} {
			var f Flight[string, string]
			var stored atomic.Value
			stored.Store("old")
			read := func() string {
				v, _, err := f.Do(t.Context(), "k", func(context.Context) (string, error) {
					defer time.Sleep(time.Second)
					return stored.Load().(string), nil
				})
				if err != nil {
					t.Error(err)
				}
				return v
			}
			var early sync.WaitGroup
			early.Go(func() {
				if v := read(); v != "old" {
					t.Errorf("the early reader got %s", v)
				}
			})
			time.Sleep(time.Second / 2)
			stored.Store("new")
			want := "old"
			if forget {
				f.Forget("k")
				want = "new"
			}
			if v := read(); v != want {
				t.Errorf("forget=%t: after the write a reader got %s", forget, v)
			}
			early.Wait()
		}
	})
}

// Every caller gets the same value, not a copy: if it is a pointer, map or
// slice, they share what it points to. One caller that sorts or appends to it
// in place is a data race with all the others. Return values that nobody
// modifies, or let each caller clone.
//
//claim:ask Do the callers of single flight get copies of the result?
//claim:source https://go.dev/ref/mem
func TestFlightSharesPointers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f Flight[string, []int]
		var first [10]*int
		flightGo(len(first), func(i int) (int, bool, error) {
			s, shared, err := f.Do(t.Context(), "k", func(context.Context) ([]int, error) {
				time.Sleep(time.Second)
				return []int{1, 2, 3}, nil
			})
			first[i] = &s[0]
			return 0, shared, err
		})
		for _, p := range first {
			if p != first[0] {
				t.Error("a caller got another array")
			}
		}
	})
}

// Many callers with short contexts on few keys: a result is always that of the
// key, and nothing is left at the end.
func TestFlightConcurrent(t *testing.T) {
	var f Flight[int, int]
	var running [3]atomic.Int64
	flightGo(8, func(i int) (int, bool, error) {
		for n := range 200 {
			key := n % 3
			ctx, cancel := context.WithCancel(context.Background())
			switch {
			case n%5 == 0:
				go cancel()
			case n%7 == 0:
				f.Forget(key)
			case i%2 == 0:
				ctx = context.Background()
			}
			v, _, err := f.Do(ctx, key, func(ctx context.Context) (int, error) {
				running[key].Add(1)
				defer running[key].Add(-1)
				runtime.Gosched()
				return key, ctx.Err()
			})
			if err == nil && v != key {
				t.Errorf("key %d: %d", key, v)
			} else if err != nil && ctx.Err() == nil {
				t.Errorf("key %d: %v, but nobody cancelled", key, err)
			}
			cancel()
		}
		return 0, false, nil
	})
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.calls) != 0 {
		t.Errorf("%d keys are kept", len(f.calls))
	}
}

// The first caller can only leave early if another goroutine does the work.
// That goroutine, its context and a channel are what a cancellable context
// costs: four allocations or more, and more than 3 times the time of a call
// that cannot be cancelled. With context.Background the first caller does the
// work itself, and a call that nobody joins allocates nothing. For work that
// takes microseconds or more the difference does not matter.
//
//claim:ask What does single flight cost if nobody joins, and what does cancellation add?
//claim:expect allocs/op of=background == 0
//claim:expect allocs/op of=cancellable >= 4
//claim:expect ns/op of=cancellable > 3x of=background
//claim:source https://pkg.go.dev/context#Background
func BenchmarkFlightContext(b *testing.B) {
	cancellable, cancel := context.WithCancel(context.Background())
	defer cancel()
	load := func(context.Context) (int, error) { return 42, nil }
	run := func(name string, ctx context.Context) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var f Flight[string, int]
			for b.Loop() {
				f.Do(ctx, "key", load)
			}
		})
	}
	run("of=background", context.Background())
	run("of=cancellable", cancellable)
}
