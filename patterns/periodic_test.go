package patterns

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// everyStarts returns the seconds at which calls start that take the given
// time, within the first ten seconds.
func everyStarts(t *testing.T, interval, took time.Duration) (starts []float64) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second+time.Nanosecond)
	defer cancel()
	start := time.Now()
	err := Every(ctx, interval, func(context.Context) error {
		starts = append(starts, time.Since(start).Seconds())
		time.Sleep(took)
		return nil
	})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	return starts
}

// Run the job in the loop that receives the ticks. While a call runs, one tick
// waits and the others are dropped. So a job of 2.5 seconds on a ticker of one
// second runs every 2.5 seconds, without overlap and without a burst to catch
// up, and a job shorter than the interval starts exactly on it. Starting a
// goroutine for each tick would overlap, and sleeping after each call would
// drift.
//
//claim:ask How do you run a job every minute without overlap, drift or leak?
//claim:source https://pkg.go.dev/time#NewTicker
func TestEverySlowJobSkipsTicks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if got := everyStarts(t, 2*time.Second, 500*time.Millisecond); !slices.Equal(got, []float64{2, 4, 6, 8, 10}) {
			t.Errorf("a quick job starts at %v: the time it takes must not shift it", got)
		}
		got := everyStarts(t, time.Second, 2500*time.Millisecond)
		if !slices.Equal(got, []float64{1, 3.5, 6, 8.5}) {
			t.Errorf("a slow job starts at %v", got)
		}
	})
}

// A loop that ranges over ticker.C never ends: stopping a ticker does not
// close its channel. Select on the context as well. Since Go 1.23 an
// unreachable ticker is collected even if nobody stops it, but a goroutine that
// waits for one is not.
//
//claim:ask Does a range over ticker.C end when the ticker is stopped?
//claim:source https://pkg.go.dev/time#Ticker.Stop
func TestEveryStoppedTickerIsSilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ticker := time.NewTicker(time.Second)
		ticker.Stop()
		select {
		case _, open := <-ticker.C:
			t.Errorf("received, open %v", open)
		case <-time.After(time.Hour):
		}
	})
}

func TestEveryFaultError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		calls := 0
		err := Every(t.Context(), time.Minute, func(context.Context) error {
			if calls++; calls == 3 {
				return broken
			}
			return nil
		})
		if err != broken || calls != 3 {
			t.Errorf("error %v after %d calls", err, calls)
		}
	})
}

func TestEveryFaultCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cause := errors.New("shutting down")
		ctx, cancel := context.WithCancelCause(t.Context())
		calls := 0
		start := time.Now()
		err := Every(ctx, time.Second, func(ctx context.Context) error {
			calls++
			cancel(cause)
			time.Sleep(5 * time.Second) // ticks come while it runs
			return nil
		})
		if err != cause || calls != 1 || time.Since(start) != 6*time.Second {
			t.Errorf("error %v after %d calls and %v", err, calls, time.Since(start))
		}
	})
}

func TestEveryFaultPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		defer func() {
			if value := recover(); value != "broken" {
				t.Errorf("recovered %v", value)
			}
		}()
		_ = Every(t.Context(), time.Second, func(context.Context) error { panic("broken") })
	})
}

// A ticker allocates once, however often it ticks. A loop that calls
// time.After creates a timer and a channel for each turn: at least two
// allocations.
//
//claim:ask Ticker or time.After in a loop?
//claim:expect allocs/op of=ticker == 0
//claim:expect allocs/op of=after >= 2
//claim:source https://pkg.go.dev/time#After
func BenchmarkEvery(b *testing.B) {
	b.Run("of=ticker", func(b *testing.B) {
		b.ReportAllocs()
		enough := errors.New("enough")
		_ = Every(b.Context(), time.Microsecond, func(context.Context) error {
			if !b.Loop() {
				return enough
			}
			return nil
		})
	})
	b.Run("of=after", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			<-time.After(time.Microsecond)
		}
	})
}
