package patterns

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// forEachKinds are the same loop over a slice and over an iterator.
var forEachKinds = []struct {
	name string
	loop func(context.Context, int, []int, func(context.Context, int) error) error
}{
	{"slice", ForEach[int]},
	{"seq", func(ctx context.Context, limit int, items []int, f func(context.Context, int) error) error {
		return ForEachSeq(ctx, limit, slices.Values(items), f)
	}},
}

// A forEachGauge counts calls and how many of them run at a time.
type forEachGauge struct{ calls, running, most atomic.Int64 }

func (g *forEachGauge) enter() {
	g.calls.Add(1)
	now := g.running.Add(1)
	for old := g.most.Load(); now > old && !g.most.CompareAndSwap(old, now); old = g.most.Load() {
	}
}

func (g *forEachGauge) leave() { g.running.Add(-1) }

func forEachNumbers(n int) []int {
	return slices.Collect(func(yield func(int) bool) {
		for i := 0; i < n && yield(i); i++ {
		}
	})
}

// Call a function that owns its goroutines: it starts a limited number of
// them, waits for all, and hands back the first error. The limit is a number
// of calls at a time. With a limit of 3, ten calls of one second each take
// four seconds. The number of goroutines is that limit too, so a million items
// need no million stacks.
//
//claim:ask How do you process a slice concurrently, but with a limit?
//claim:source https://pkg.go.dev/golang.org/x/sync/errgroup
func TestForEachLimit(t *testing.T) {
	for _, kind := range forEachKinds {
		synctest.Test(t, func(t *testing.T) {
			var gauge forEachGauge
			start := time.Now()
			err := kind.loop(t.Context(), 3, make([]int, 10), func(context.Context, int) error {
				gauge.enter()
				defer gauge.leave()
				time.Sleep(time.Second)
				return nil
			})
			if err != nil || gauge.calls.Load() != 10 || gauge.most.Load() != 3 || time.Since(start) != 4*time.Second {
				t.Errorf("%s: error %v, %d calls, %d at a time, in %v", kind.name, err, gauge.calls.Load(), gauge.most.Load(), time.Since(start))
			}
		})
	}
}

func TestForEachDefaultLimit(t *testing.T) {
	for _, kind := range forEachKinds {
		synctest.Test(t, func(t *testing.T) {
			var gauge forEachGauge
			err := kind.loop(t.Context(), 0, make([]int, 64), func(context.Context, int) error {
				gauge.enter()
				defer gauge.leave()
				time.Sleep(time.Second)
				return nil
			})
			if err != nil || gauge.most.Load() != int64(runtime.GOMAXPROCS(0)) {
				t.Errorf("%s: error %v, %d at a time, want GOMAXPROCS", kind.name, err, gauge.most.Load())
			}
		})
	}
}

func TestForEachEveryItemOnce(t *testing.T) {
	for _, kind := range forEachKinds {
		for _, n := range []int{0, 1, 2, 7, 1000} {
			for _, limit := range []int{1, 4, 2000} {
				seen := make([]atomic.Int64, n)
				err := kind.loop(t.Context(), limit, forEachNumbers(n), func(_ context.Context, i int) error {
					seen[i].Add(1)
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
				for i := range seen {
					if seen[i].Load() != 1 {
						t.Fatalf("%s: %d items, limit %d: item %d seen %d times", kind.name, n, limit, i, seen[i].Load())
					}
				}
			}
		}
	}
}

// Results belong at the index of their item. Each goroutine then writes to an
// element that no other one touches, so the slice needs no lock, and the
// order is that of the input, although the calls end in another order.
//
//claim:ask How do you keep results in order when items are processed concurrently?
//claim:source https://go.dev/ref/mem
func TestMapOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// The first items take longest.
		square := func(_ context.Context, i int) (int, error) {
			time.Sleep(time.Duration(100-i) * time.Millisecond)
			return i * i, nil
		}
		fromSlice, err := Map(t.Context(), 4, forEachNumbers(20), square)
		if err != nil {
			t.Fatal(err)
		}
		fromSeq, err := MapSeq(t.Context(), 4, slices.Values(forEachNumbers(20)), square)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 20 {
			if fromSlice[i] != i*i || fromSeq[i] != i*i {
				t.Errorf("result %d: %d from a slice, %d from an iterator", i, fromSlice[i], fromSeq[i])
			}
		}
	})
}

// The first error cancels the context that all calls share, so the others can
// end early, and no further call is started. The loop waits for those that
// run: when it returns, nobody uses the items any more.
//
//claim:ask One of many parallel calls fails: what should happen to the others?
//claim:source https://pkg.go.dev/golang.org/x/sync/errgroup#WithContext
func TestForEachFirstError(t *testing.T) {
	broken := errors.New("broken")
	for _, kind := range forEachKinds {
		synctest.Test(t, func(t *testing.T) {
			var gauge forEachGauge
			start := time.Now()
			err := kind.loop(t.Context(), 2, forEachNumbers(100), func(ctx context.Context, i int) error {
				gauge.enter()
				defer gauge.leave()
				if i == 0 {
					time.Sleep(time.Second)
					return broken
				}
				<-ctx.Done()
				return ctx.Err()
			})
			if err != broken || gauge.calls.Load() != 2 || gauge.running.Load() != 0 || time.Since(start) != time.Second {
				t.Errorf("%s: error %v, %d calls, %d still running, after %v", kind.name, err, gauge.calls.Load(), gauge.running.Load(), time.Since(start))
			}
		})
	}
	if results, err := Map(t.Context(), 2, forEachNumbers(3), func(context.Context, int) (int, error) { return 1, broken }); results != nil || err != broken {
		t.Errorf("Map: %v, %v", results, err)
	}
	if results, err := MapSeq(t.Context(), 2, slices.Values(forEachNumbers(3)), func(context.Context, int) (int, error) { return 1, broken }); results != nil || err != broken {
		t.Errorf("MapSeq: %v, %v", results, err)
	}
}

func TestForEachFaultCancel(t *testing.T) {
	cause := errors.New("shutting down")
	for _, kind := range forEachKinds {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			var gauge forEachGauge
			err := kind.loop(ctx, 2, forEachNumbers(100), func(context.Context, int) error {
				gauge.enter()
				defer gauge.leave()
				time.Sleep(time.Second) // does not look at the context
				if gauge.calls.Load() == 6 {
					cancel(cause)
				}
				return nil
			})
			// The two calls of the third second end; one more may have been
			// started by the other worker before the cancellation.
			if err != cause || gauge.calls.Load() > 7 || gauge.running.Load() != 0 {
				t.Errorf("%s: error %v, %d calls, %d running", kind.name, err, gauge.calls.Load(), gauge.running.Load())
			}

			var later forEachGauge
			err = kind.loop(ctx, 2, forEachNumbers(100), func(context.Context, int) error { later.enter(); return nil })
			if err != cause || later.calls.Load() != 0 {
				t.Errorf("%s: cancelled before the start: error %v, %d calls", kind.name, err, later.calls.Load())
			}
		})
	}
}

// A panic in a goroutine cannot be recovered by the goroutine that started it,
// so it ends the program. A helper that starts goroutines for you has to
// recover in each of them, and to panic again in the caller once all have
// ended. There a deferred function can handle it as if no goroutine had been
// involved. The value must carry the stack, which otherwise is lost.
//
//claim:ask A parallel loop's function panics: where does the panic arrive?
//claim:source https://go.dev/ref/spec#Handling_panics
func TestForEachFaultPanic(t *testing.T) {
	broken := errors.New("broken")
	for _, kind := range forEachKinds {
		var gauge forEachGauge
		func() {
			defer func() {
				err, ok := recover().(error)
				if !ok || !errors.Is(err, broken) || !strings.Contains(err.Error(), "forEachPanics") {
					t.Errorf("%s: recovered %v, want the panic with its stack", kind.name, err)
				}
			}()
			_ = kind.loop(t.Context(), 4, forEachNumbers(100), func(_ context.Context, i int) error {
				gauge.enter()
				defer gauge.leave()
				if i == 50 {
					forEachPanics(broken)
				}
				return nil
			})
			t.Errorf("%s: no panic", kind.name)
		}()
		if gauge.running.Load() != 0 {
			t.Errorf("%s: %d calls still running", kind.name, gauge.running.Load())
		}
	}
}

func forEachPanics(value any) { panic(value) }

// A panic wins against an error that came before it.
func TestForEachFaultPanicAfterError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		defer func() {
			if err, ok := recover().(error); !ok || !strings.Contains(err.Error(), "late") {
				t.Errorf("recovered %v", err)
			}
		}()
		err := ForEach(t.Context(), 2, []int{0, 1}, func(ctx context.Context, i int) error {
			if i == 0 {
				time.Sleep(time.Second)
				return errors.New("early")
			}
			<-ctx.Done()
			panic("late")
		})
		t.Errorf("no panic, error %v", err)
	})
}

func TestForEachFaultGoexit(t *testing.T) {
	for _, kind := range forEachKinds {
		err := kind.loop(t.Context(), 2, forEachNumbers(10), func(_ context.Context, i int) error {
			if i == 3 {
				runtime.Goexit()
			}
			return nil
		})
		if err == nil || !strings.Contains(err.Error(), "Goexit") {
			t.Errorf("%s: error %v", kind.name, err)
		}
	}
}

// The iterator runs in the goroutine of the caller, one value at a time, and
// is asked for the next value only when a call has been started with the last
// one. So it may be infinite, and it needs no lock.
//
//claim:ask How do you feed a parallel loop from an iterator without reading all of it first?
//claim:source https://pkg.go.dev/iter
func TestForEachSeqIsLazy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pulled := 0
		endless := func(yield func(int) bool) {
			for i := 0; ; i++ {
				pulled++
				if !yield(i) {
					return
				}
			}
		}
		enough := errors.New("enough")
		err := ForEachSeq(t.Context(), 3, endless, func(_ context.Context, i int) error {
			time.Sleep(time.Second)
			if i == 10 {
				return enough
			}
			return nil
		})
		// Call 10 runs beside two others, which may both be followed by one
		// more at the moment it fails, and one value waits for a worker.
		if err != enough || pulled < 11 || pulled > 16 {
			t.Errorf("error %v after %d values", err, pulled)
		}
	})
}

func TestForEachSeqFaultIteratorPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var gauge forEachGauge
		defer func() {
			if value := recover(); value != "iterator" || gauge.running.Load() != 0 {
				t.Errorf("recovered %v, %d calls running", value, gauge.running.Load())
			}
		}()
		broken := func(yield func(int) bool) {
			yield(1)
			panic("iterator")
		}
		_ = ForEachSeq(t.Context(), 2, broken, func(context.Context, int) error {
			gauge.enter()
			defer gauge.leave()
			time.Sleep(time.Second)
			return nil
		})
		t.Error("no panic")
	})
}

// A slow call holds up nothing but its own goroutine.
func TestForEachFaultSlow(t *testing.T) {
	for _, kind := range forEachKinds {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			err := kind.loop(t.Context(), 2, forEachNumbers(100), func(_ context.Context, i int) error {
				if i == 0 {
					time.Sleep(99 * time.Second)
				} else {
					time.Sleep(time.Second)
				}
				return nil
			})
			if err != nil || time.Since(start) != 99*time.Second {
				t.Errorf("%s: error %v after %v", kind.name, err, time.Since(start))
			}
		})
	}
}

// forEachNaive is what one writes first: a goroutine for each item, without a
// limit.
func forEachNaive[T any](items []T, f func(T)) {
	var wg sync.WaitGroup
	for _, item := range items {
		wg.Go(func() { f(item) })
	}
	wg.Wait()
}

// A goroutine for each of a thousand short calls costs more than four times as
// much as a few goroutines that take the next index from an atomic counter,
// and at least one allocation for each item. The difference is the cost of
// starting a goroutine, so it vanishes when a call takes many microseconds;
// then only the limit counts.
//
//claim:ask What does a goroutine for each item cost, compared to a few that share the items?
//claim:expect ns/op of=naive > 4x of=foreach
//claim:expect allocs/op of=foreach <= 30
//claim:expect allocs/op of=naive >= 1000
//claim:source https://go.dev/doc/faq#goroutines
func BenchmarkForEach(b *testing.B) {
	items := make([][]byte, 1000)
	for i := range items {
		items[i] = fmt.Appendf(nil, "item %d", i)
	}
	b.Run("of=foreach", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = ForEach(b.Context(), 0, items, func(_ context.Context, item []byte) error {
				crc32.ChecksumIEEE(item)
				return nil
			})
		}
	})
	b.Run("of=naive", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			forEachNaive(items, func(item []byte) { crc32.ChecksumIEEE(item) })
		}
	})
}

func TestForEachRivalsAgree(t *testing.T) {
	numbers := forEachNumbers(1000)
	var naive, pattern atomic.Int64
	forEachNaive(numbers, func(i int) { naive.Add(int64(i)) })
	_ = ForEach(t.Context(), 0, numbers, func(_ context.Context, i int) error { pattern.Add(int64(i)); return nil })
	if naive.Load() != 499500 || pattern.Load() != 499500 {
		t.Errorf("sums %d and %d", naive.Load(), pattern.Load())
	}
}
