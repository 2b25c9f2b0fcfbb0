package patterns

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// timeoutWork takes some time, and ends early if its context does.
func timeoutWork(took time.Duration) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		select {
		case <-time.After(took):
			return "done", nil
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

// Give the context of the call a cause of its own, and look at the cause
// afterwards: ctx.Err is context.DeadlineExceeded in both cases. If it was the
// limit of this call, try again or try elsewhere. If it was the deadline
// of the caller, nobody waits for the answer any more.
//
//claim:ask A call ended with "context deadline exceeded": was it its own timeout or the caller's deadline?
//claim:source https://pkg.go.dev/context#WithTimeoutCause
func TestTimeoutWhose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var own *TimeoutError
		_, err := Timeout(t.Context(), time.Second, timeoutWork(time.Hour))
		if !errors.As(err, &own) || own.Limit != time.Second || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("own limit: %v", err)
		}

		caller, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = Timeout(caller, time.Minute, timeoutWork(time.Hour))
		if errors.As(err, &own) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("deadline of the caller: %v", err)
		}
	})
}

func TestTimeoutInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		result, err := Timeout(t.Context(), time.Minute, timeoutWork(time.Second))
		if result != "done" || err != nil {
			t.Errorf("%q, %v", result, err)
		}
	})
}

func TestTimeoutFaultCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := Timeout(ctx, time.Second, timeoutWork(time.Hour))
		if err != context.Canceled {
			t.Errorf("error %v", err)
		}
	})
}

func TestTimeoutFaultOwnError(t *testing.T) {
	broken := errors.New("broken")
	_, err := Timeout(t.Context(), time.Hour, func(context.Context) (int, error) { return 0, broken })
	if err != broken {
		t.Errorf("error %v", err)
	}
}

// If f returns the cause of its context, it is not wrapped again, and callers
// that know net.Error see a timeout.
func TestTimeoutFaultReturnsCause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, err := Timeout(t.Context(), time.Second, func(ctx context.Context) (int, error) {
			<-ctx.Done()
			return 0, context.Cause(ctx)
		})
		var asNet interface{ Timeout() bool }
		if err == nil || err.Error() != "no result within 1s" || !errors.As(err, &asNet) || !asNet.Timeout() {
			t.Errorf("error %v", err)
		}
	})
}

func TestTimeoutFaultPanic(t *testing.T) {
	defer func() {
		if value := recover(); value != "broken" {
			t.Errorf("recovered %v", value)
		}
	}()
	_, _ = Timeout(t.Context(), time.Hour, func(context.Context) (int, error) { panic("broken") })
}

// timeoutAbandon is the version that many guides show.
func timeoutAbandon(limit time.Duration, f func() string) (string, bool) {
	result := make(chan string, 1)
	go func() { result <- f() }()
	select {
	case value := <-result:
		return value, true
	case <-time.After(limit):
		return "", false
	}
}

// Running a call in a goroutine and selecting on a timer bounds the caller, not
// the call. Ten calls of an hour that are given up after a second are all still
// running after the tenth, and hold what they hold. Only code that looks at a
// context, or a connection with a deadline, can be stopped.
//
//claim:ask Why is a goroutine with select and time.After no real timeout?
//claim:source https://pkg.go.dev/context
func TestTimeoutAbandonedCallsGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var running atomic.Int64
		for range 10 {
			_, ok := timeoutAbandon(time.Second, func() string {
				running.Add(1)
				defer running.Add(-1)
				time.Sleep(time.Hour)
				return "late"
			})
			if ok {
				t.Error("in time")
			}
		}
		if running.Load() != 10 {
			t.Errorf("%d calls still run", running.Load())
		}
		time.Sleep(2 * time.Hour) // the bubble must not end before them
	})
}

// A timeout in the goroutine of the caller allocates a context, its timer and
// its cause: at most 8 allocations, and no goroutine. That is more than 3 times
// a call that does next to nothing, and nothing beside a call over a network.
//
//claim:ask What does a timeout around a call cost?
//claim:expect allocs/op of=timeout <= 8
//claim:expect ns/op of=timeout > 3x of=direct
//claim:source https://pkg.go.dev/context#WithTimeout
func BenchmarkTimeout(b *testing.B) {
	b.Run("of=direct", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = timeoutQuick(b.Context())
		}
	})
	b.Run("of=timeout", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = Timeout(b.Context(), time.Hour, timeoutQuick)
		}
	})
}

//go:noinline
func timeoutQuick(ctx context.Context) (string, error) { return "done", ctx.Err() }
