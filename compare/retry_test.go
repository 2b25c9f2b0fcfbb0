package compare

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/retrypolicy"

	"github.com/go-deep-dive/godeep/patterns"
)

// A retrier calls f up to three times, without a delay.
type retrier func(ctx context.Context, f func() (int, error)) (int, error)

var retriers = []struct {
	name string
	new  func() retrier
}{
	{"godeep", func() retrier {
		policy := patterns.RetryPolicy{Attempts: 3, Delay: func(int) time.Duration { return 0 }}
		return func(ctx context.Context, f func() (int, error)) (int, error) {
			return patterns.Retry(ctx, policy, func(context.Context) (int, error) { return f() })
		}
	}},
	{"backoff", func() retrier {
		return func(ctx context.Context, f func() (int, error)) (int, error) {
			return backoff.Retry(ctx, f, backoff.WithBackOff(&backoff.ZeroBackOff{}), backoff.WithMaxTries(3))
		}
	}},
	{"failsafe", func() retrier {
		executor := failsafe.With[int](retrypolicy.NewBuilder[int]().WithMaxRetries(2).Build())
		return func(ctx context.Context, f func() (int, error)) (int, error) {
			return executor.WithContext(ctx).Get(f)
		}
	}},
}

var errRetry = errors.New("unavailable")

// retryFailing fails so often, and then works.
func retryFailing(failures int) (f func() (int, error), reset func()) {
	calls := 0
	return func() (int, error) {
		if calls++; calls <= failures {
			return 0, errRetry
		}
		return calls, nil
	}, func() { calls = 0 }
}

func TestRetriers(t *testing.T) {
	for _, r := range retriers {
		retry := r.new()
		for failures := range 3 {
			f, _ := retryFailing(failures)
			if n, err := retry(t.Context(), f); n != failures+1 || err != nil {
				t.Errorf("%s: after %d failures %d, %v", r.name, failures, n, err)
			}
		}
		calls := 0
		_, err := retry(t.Context(), func() (int, error) { calls++; return 0, errRetry })
		if !errors.Is(err, errRetry) || calls != 3 {
			t.Errorf("%s: %v after %d calls", r.name, err, calls)
		}
	}
}

// A call that succeeds at once, which is nearly every call, costs nothing but a
// check of the context here, and no allocation. backoff sets up its options for
// each call, and failsafe-go an execution that its policies can share: several
// allocations, and more than five times as long. Two retries without a
// delay start two timers there, and none here. Import backoff for its tickers, and
// failsafe-go to put a retry around a breaker, a timeout or a hedge.
//
//claim:ask Which retry library has the least overhead?
//claim:expect ns/op of=backoff > 5x of=godeep
//claim:expect ns/op of=failsafe > 5x of=godeep
//claim:expect allocs/op of=godeep == 0
//claim:expect allocs/op of=backoff >= 1
//claim:expect allocs/op of=failsafe >= 1
//claim:source https://pkg.go.dev/github.com/cenkalti/backoff/v5#Retry
//claim:source https://pkg.go.dev/github.com/failsafe-go/failsafe-go/retrypolicy
func BenchmarkRetry(b *testing.B) {
	for _, r := range retriers {
		for _, work := range []struct {
			name     string
			failures int
		}{{"first", 0}, {"third", 2}} {
			b.Run("of="+r.name+"/success="+work.name, func(b *testing.B) {
				retry := r.new()
				f, reset := retryFailing(work.failures)
				ctx := context.Background()
				b.ReportAllocs()
				for b.Loop() {
					reset()
					if n, err := retry(ctx, f); err != nil || n != work.failures+1 {
						b.Fatal(n, err)
					}
				}
			})
		}
	}
}
