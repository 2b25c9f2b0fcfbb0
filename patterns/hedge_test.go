package patterns

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// hedgeReplica answers after its delay, or with the reason why it may not.
func hedgeReplica(ctx context.Context, delay time.Duration, answer string) (string, error) {
	select {
	case <-time.After(delay):
		return answer, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// Start the second request when the first has taken longer than usual, take
// the first answer, and cancel the other request. Here one request in twenty
// takes a second instead of 10 milliseconds. Hedged after 20 milliseconds, none
// takes longer than 30, for 5 requests in a hundred that are sent twice.
//
//claim:ask What is a hedged request, and what does it cost?
//claim:source https://research.google/pubs/the-tail-at-scale/
func TestHedgeTail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sent := 0
		slowest := func(delay time.Duration, limit int) time.Duration {
			sent = 0
			var durations []time.Duration
			for request := range 100 {
				start := time.Now()
				var calls atomic.Int64
				_, err := Hedge(t.Context(), delay, limit, func(ctx context.Context, call int) (string, error) {
					calls.Add(1)
					if request%20 == 0 && call == 0 {
						return hedgeReplica(ctx, time.Second, "slow")
					}
					return hedgeReplica(ctx, 10*time.Millisecond, "quick")
				})
				if err != nil {
					t.Fatal(err)
				}
				sent += int(calls.Load())
				durations = append(durations, time.Since(start))
			}
			return slices.Max(durations)
		}
		if got := slowest(20*time.Millisecond, 1); got != time.Second || sent != 100 {
			t.Errorf("without: slowest %v, %d requests", got, sent)
		}
		if got := slowest(20*time.Millisecond, 2); got != 30*time.Millisecond || sent != 105 {
			t.Errorf("hedged: slowest %v, %d requests", got, sent)
		}
	})
}

// Give each request a context that is cancelled once there is a winner, and
// wait until all have ended. Collecting the answers in a channel that has room
// for all of them is the other way, but then the losers go on unseen after the
// function has returned, and a channel without room leaks them for ever.
//
//claim:ask You ask several servers and take the first answer. What about the others?
//claim:source https://go.dev/talks/2012/concurrency.slide#50
func TestHedgeCancelsLosers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var cancelled atomic.Int64
		start := time.Now()
		answer, err := Hedge(t.Context(), 0, 3, func(ctx context.Context, call int) (string, error) {
			answer, err := hedgeReplica(ctx, time.Duration(3-call)*time.Second, string(rune('a'+call)))
			if err != nil {
				cancelled.Add(1)
			}
			return answer, err
		})
		if answer != "c" || err != nil || cancelled.Load() != 2 || time.Since(start) != time.Second {
			t.Errorf("%q, %v, %d cancelled, %v", answer, err, cancelled.Load(), time.Since(start))
		}
	})
}

// A failed call is followed by the next one at once, not after the delay.
func TestHedgeFailover(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		answer, err := Hedge(t.Context(), time.Hour, 3, func(_ context.Context, call int) (string, error) {
			if call < 2 {
				return "", errors.New("down")
			}
			return "up", nil
		})
		if answer != "up" || err != nil || time.Since(start) != 0 {
			t.Errorf("%q, %v, %v", answer, err, time.Since(start))
		}
	})
}

func TestHedgeFaultAllFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		first, second := errors.New("first"), errors.New("second")
		answer, err := Hedge(t.Context(), time.Second, 2, func(_ context.Context, call int) (int, error) {
			calls.Add(1)
			return 7, []error{first, second}[call]
		})
		if answer != 0 || !errors.Is(err, first) || !errors.Is(err, second) || calls.Load() != 2 {
			t.Errorf("%d, %v, %d calls", answer, err, calls.Load())
		}
	})
}

func TestHedgeFaultCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		var calls atomic.Int64
		start := time.Now()
		_, err := Hedge(ctx, 2*time.Second, 10, func(ctx context.Context, _ int) (string, error) {
			calls.Add(1)
			return hedgeReplica(ctx, time.Hour, "")
		})
		if !errors.Is(err, context.DeadlineExceeded) || calls.Load() != 3 || time.Since(start) != 5*time.Second {
			t.Errorf("%v after %d calls and %v", err, calls.Load(), time.Since(start))
		}
	})
}

func TestHedgeFaultPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		var ended atomic.Int64
		defer func() {
			err, ok := recover().(error)
			if !ok || !errors.Is(err, broken) || !strings.Contains(err.Error(), "hedgePanics") || ended.Load() != 2 {
				t.Errorf("recovered %v after %d calls ended", err, ended.Load())
			}
		}()
		_, err := Hedge(t.Context(), 0, 2, func(ctx context.Context, call int) (string, error) {
			defer ended.Add(1)
			if call == 1 {
				hedgePanics(broken)
			}
			return hedgeReplica(ctx, time.Hour, "")
		})
		t.Errorf("no panic, error %v", err)
	})
}

func hedgePanics(value any) { panic(value) }

func TestHedgeFaultGoexit(t *testing.T) {
	_, err := Hedge(t.Context(), time.Hour, 1, func(context.Context, int) (string, error) {
		runtime.Goexit()
		return "", nil
	})
	if err == nil || !strings.Contains(err.Error(), "Goexit") {
		t.Error(err)
	}
}

// A call through Hedge takes a goroutine, a context, a channel and a timer: at
// most 20 allocations. That is nothing beside a request over a network, and
// far too much around a lookup in memory.
//
//claim:ask What does wrapping a call in a hedge cost when the first answer is quick?
//claim:expect ns/op of=hedge > 10x of=direct
//claim:expect allocs/op of=hedge <= 20
//claim:source https://pkg.go.dev/context#WithCancel
func BenchmarkHedge(b *testing.B) {
	b.Run("of=direct", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = hedgeQuick(b.Context(), 0)
		}
	})
	b.Run("of=hedge", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = Hedge(b.Context(), time.Second, 2, hedgeQuick)
		}
	})
}

//go:noinline
func hedgeQuick(_ context.Context, call int) (int, error) { return call, nil }
