package patterns

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// watchSteps sleeps once for each step, and beats after it.
func watchSteps(steps ...time.Duration) func(context.Context, func()) error {
	return func(ctx context.Context, beat func()) error {
		for _, step := range steps {
			select {
			case <-time.After(step):
				beat()
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	}
}

// Let the work report progress, and cancel it when the reports stop: a total
// timeout is either too short for a large input or too long for a dead peer.
// Here 100 steps of 9 seconds pass a limit of 10 seconds, and the first
// step of a minute is cancelled after 10 seconds.
//
//claim:ask How do you put a timeout on work when nobody knows how long it takes?
//claim:source https://pkg.go.dev/context#WithCancelCause
func TestWatchProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		steps := make([]time.Duration, 100)
		for i := range steps {
			steps[i] = 9 * time.Second
		}
		if err := Watch(t.Context(), 10*time.Second, watchSteps(steps...)); err != nil || time.Since(start) != 15*time.Minute {
			t.Errorf("error %v after %v", err, time.Since(start))
		}
		start = time.Now()
		err := Watch(t.Context(), 10*time.Second, watchSteps(time.Second, time.Minute))
		if !errors.Is(err, ErrStalled) || !errors.Is(err, context.Canceled) || time.Since(start) != 11*time.Second {
			t.Errorf("error %v after %v", err, time.Since(start))
		}
	})
}

// Cancelling a context closes a channel and does nothing else. Work that never
// looks at the context runs to its end, and whoever called it waits.
//
//claim:ask Can you stop a goroutine that ignores its context?
//claim:source https://pkg.go.dev/context
func TestWatchFaultIgnoresContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		err := Watch(t.Context(), time.Second, func(context.Context, func()) error {
			time.Sleep(time.Hour)
			return nil
		})
		if err != nil || time.Since(start) != time.Hour {
			t.Errorf("error %v after %v; it has finished, although late", err, time.Since(start))
		}
	})
}

func TestWatchFaultOwnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		err := Watch(t.Context(), time.Second, func(context.Context, func()) error { return broken })
		if err != broken {
			t.Errorf("error %v, want it unchanged", err)
		}
		err = Watch(t.Context(), time.Second, func(ctx context.Context, _ func()) error {
			<-ctx.Done()
			return context.Cause(ctx)
		})
		if err != ErrStalled {
			t.Errorf("error %v, want ErrStalled once", err)
		}
	})
}

func TestWatchFaultCallerCancels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := Watch(ctx, time.Hour, watchSteps(time.Minute))
		if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrStalled) {
			t.Errorf("error %v", err)
		}
	})
}

func TestWatchFaultPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		defer func() {
			if value := recover(); value != "broken" {
				t.Errorf("recovered %v", value)
			}
		}()
		_ = Watch(t.Context(), time.Second, func(context.Context, func()) error { panic("broken") })
	})
}

func TestWatchConcurrentBeats(t *testing.T) {
	err := Watch(t.Context(), time.Hour, func(_ context.Context, beat func()) error {
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range 100 {
					beat()
				}
			})
		}
		wg.Wait()
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// A beat moves a timer that exists and allocates nothing. Starting a new timer
// for each step, as time.After in a loop does, costs at least two
// allocations.
//
//claim:ask How do you extend a timeout on each sign of life without creating timers?
//claim:expect allocs/op of=beat == 0
//claim:expect allocs/op of=after >= 2
//claim:source https://pkg.go.dev/time#Timer.Reset
func BenchmarkWatchBeat(b *testing.B) {
	b.Run("of=beat", func(b *testing.B) {
		b.ReportAllocs()
		_ = Watch(b.Context(), time.Hour, func(_ context.Context, beat func()) error {
			for b.Loop() {
				beat()
			}
			return nil
		})
	})
	b.Run("of=after", func(b *testing.B) {
		b.ReportAllocs()
		progress := make(chan int, 1)
		for b.Loop() {
			progress <- 1
			select {
			case <-progress:
			case <-time.After(time.Hour):
			}
		}
	})
}
