package patterns

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// weightedSelf is the weight of an item that is its own weight.
func weightedSelf(item int64) int64 { return item }

// weightedMost raises most to now.
func weightedMost(most *atomic.Int64, now int64) {
	for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
	}
}

// Use a weighted semaphore, which counts units and not callers. Images of 60,
// 30, 30 and 10 megabytes with room for 100 start as the first three would fit
// together: 60 and 30, then the others when room is free. Never are more than
// 100 megabytes in work. A channel used as a semaphore can only count callers.
//
//claim:ask How do you limit concurrency by memory and not by the number of goroutines?
//claim:source https://pkg.go.dev/golang.org/x/sync/semaphore#Weighted
func TestForEachWeightedCapacity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var inWork, most, calls atomic.Int64
		items := []int64{60, 30, 30, 10, 100, 1, 99, 50, 50, 50}
		err := ForEachWeighted(t.Context(), 100, items, weightedSelf, func(_ context.Context, item int64) error {
			calls.Add(1)
			weightedMost(&most, inWork.Add(item))
			time.Sleep(time.Second)
			inWork.Add(-item)
			return nil
		})
		if err != nil || calls.Load() != int64(len(items)) || most.Load() != 100 {
			t.Errorf("error %v, %d calls, at most %d in work", err, calls.Load(), most.Load())
		}
	})
}

// x/sync/semaphore serves its callers in order. A heavy request that does not
// fit stops all that come after it, even those that would fit, so that light
// ones cannot starve it. Here item 2 needs the whole capacity, and item 3
// waits for it although there is room.
//
//claim:ask Can small requests starve a large one at a weighted semaphore?
//claim:source https://pkg.go.dev/golang.org/x/sync/semaphore#Weighted.Acquire
func TestForEachWeightedOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var mu sync.Mutex
		starts := map[int64]time.Duration{}
		err := ForEachWeighted(t.Context(), 100, []int64{50, 100, 10}, weightedSelf, func(_ context.Context, item int64) error {
			mu.Lock()
			starts[item] = time.Since(start)
			mu.Unlock()
			time.Sleep(time.Second)
			return nil
		})
		if err != nil || starts[50] != 0 || starts[100] != time.Second || starts[10] != 2*time.Second {
			t.Errorf("error %v, starts %v", err, starts)
		}
	})
}

// An item heavier than everything runs alone, and weights below one count.
func TestForEachWeightedExtremes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, capacity := range []int64{-1, 0, 1, 2} {
			var running, most atomic.Int64
			err := ForEachWeighted(t.Context(), capacity, []int64{1 << 40, 0, -7, 0}, weightedSelf, func(context.Context, int64) error {
				weightedMost(&most, running.Add(1))
				time.Sleep(time.Second)
				running.Add(-1)
				return nil
			})
			if err != nil || most.Load() != max(capacity, 1) {
				t.Errorf("capacity %d: error %v, %d at a time", capacity, err, most.Load())
			}
		}
	})
}

func TestForEachWeightedFaultError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		var started atomic.Int64
		err := ForEachWeighted(t.Context(), 2, []int64{1, 1, 1, 1}, weightedSelf, func(ctx context.Context, _ int64) error {
			if started.Add(1) == 1 {
				time.Sleep(time.Second)
				return broken
			}
			<-ctx.Done()
			return ctx.Err()
		})
		if err != broken || started.Load() > 3 {
			t.Errorf("error %v, %d started", err, started.Load())
		}
	})
}

func TestForEachWeightedFaultCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cause := errors.New("shutting down")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(cause) })
		var started atomic.Int64
		err := ForEachWeighted(ctx, 2, []int64{1, 1, 1, 1}, weightedSelf, func(ctx context.Context, _ int64) error {
			started.Add(1)
			<-ctx.Done()
			return nil
		})
		if err != cause || started.Load() != 2 {
			t.Errorf("error %v, %d started", err, started.Load())
		}
		err = ForEachWeighted(ctx, 2, []int64{1}, weightedSelf, func(context.Context, int64) error { started.Add(1); return nil })
		if err != cause || started.Load() != 2 {
			t.Errorf("cancelled before: error %v, %d started", err, started.Load())
		}
	})
}

func TestForEachWeightedFaultPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		defer func() {
			err, ok := recover().(error)
			if !ok || !errors.Is(err, broken) || !strings.Contains(err.Error(), "weightedPanics") {
				t.Errorf("recovered %v", err)
			}
		}()
		err := ForEachWeighted(t.Context(), 2, []int64{1, 1}, weightedSelf, func(ctx context.Context, _ int64) error {
			weightedPanics(broken)
			return nil
		})
		t.Errorf("no panic, error %v", err)
	})
}

func weightedPanics(value any) { panic(value) }

// A panic of the weight function waits for the calls that run.
func TestForEachWeightedFaultWeightPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ended atomic.Bool
		defer func() {
			if value := recover(); value != "no weight" || !ended.Load() {
				t.Errorf("recovered %v, ended %v", value, ended.Load())
			}
		}()
		weight := func(item int64) int64 {
			if item == 2 {
				panic("no weight")
			}
			return item
		}
		_ = ForEachWeighted(t.Context(), 2, []int64{1, 2}, weight, func(context.Context, int64) error {
			time.Sleep(time.Second)
			ended.Store(true)
			return nil
		})
	})
}

func TestForEachWeightedFaultGoexit(t *testing.T) {
	err := ForEachWeighted(t.Context(), 2, []int64{1, 1}, weightedSelf, func(context.Context, int64) error {
		runtime.Goexit()
		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "Goexit") {
		t.Errorf("error %v", err)
	}
}

// weightedChannel limits the number of calls by the capacity of a channel.
func weightedChannel(limit int, items []int64, f func(int64)) {
	slots := make(chan struct{}, limit)
	var wg sync.WaitGroup
	for _, item := range items {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			f(item)
		})
	}
	wg.Wait()
}

// Both limit concurrency; the weighted form costs less than three times as much
// as a channel of slots, and at most eight allocations for each item. Use the
// channel if every item weighs the same, or a loop with a few goroutines.
//
//claim:ask What does a weighted semaphore cost beside a channel used as a semaphore?
//claim:expect ns/op of=weighted < 3x of=channel
//claim:expect allocs/op of=weighted <= 800
//claim:source https://go.dev/doc/effective_go#channels
func BenchmarkForEachWeighted(b *testing.B) {
	items := slices.Repeat([]int64{1}, 100)
	b.Run("of=channel", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			weightedChannel(4, items, func(int64) {})
		}
	})
	b.Run("of=weighted", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_ = ForEachWeighted(b.Context(), 4, items, weightedSelf, func(context.Context, int64) error { return nil })
		}
	})
}

func TestForEachWeightedRivalsAgree(t *testing.T) {
	items := slices.Repeat([]int64{2}, 100)
	var channel, weighted atomic.Int64
	weightedChannel(4, items, func(item int64) { channel.Add(item) })
	_ = ForEachWeighted(t.Context(), 4, items, weightedSelf, func(_ context.Context, item int64) error { weighted.Add(item); return nil })
	if channel.Load() != 200 || weighted.Load() != 200 {
		t.Errorf("sums %d and %d", channel.Load(), weighted.Load())
	}
}
