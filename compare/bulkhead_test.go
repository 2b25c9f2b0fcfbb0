package compare

import (
	"context"
	"errors"
	"testing"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/bulkhead"
	"golang.org/x/sync/semaphore"

	"github.com/go-deep-dive/godeep/patterns"
)

// A limiter calls f if there is a place for it.
type limiter func(ctx context.Context, f func() (int, error)) (int, error)

var errLimiterFull = errors.New("no place")

var limiters = []struct {
	name string
	new  func(limit int) limiter
	full error
}{
	{"godeep", func(limit int) limiter {
		b := patterns.NewBulkhead(limit, 0)
		return func(ctx context.Context, f func() (int, error)) (int, error) {
			return patterns.BulkheadDo(ctx, b, func(context.Context) (int, error) { return f() })
		}
	}, patterns.ErrBulkheadFull},
	{"failsafe", func(limit int) limiter {
		executor := failsafe.With[int](bulkhead.New[int](uint(limit)))
		return func(ctx context.Context, f func() (int, error)) (int, error) {
			return executor.WithContext(ctx).Get(f)
		}
	}, bulkhead.ErrFull},
	{"semaphore", func(limit int) limiter {
		s := semaphore.NewWeighted(int64(limit))
		return func(ctx context.Context, f func() (int, error)) (int, error) {
			if !s.TryAcquire(1) {
				return 0, errLimiterFull
			}
			defer s.Release(1)
			return f()
		}
	}, errLimiterFull},
}

func TestLimiters(t *testing.T) {
	for _, l := range limiters {
		limit := l.new(2)
		n, err := limit(t.Context(), func() (int, error) {
			return limit(t.Context(), func() (int, error) {
				_, err := limit(t.Context(), func() (int, error) { return 0, nil })
				if !errors.Is(err, l.full) {
					t.Errorf("%s: third call: %v", l.name, err)
				}
				return 7, nil
			})
		})
		if n != 7 || err != nil {
			t.Errorf("%s: %d, %v", l.name, n, err)
		}
	}
}

// A bulkhead of failsafe-go takes more than three times as long for a call and
// allocates, since its policies compose. TryAcquire of a semaphore of x/sync is
// cheaper: it has no queue with a limit. The bulkhead costs less than three times
// as much; neither allocates. Import failsafe-go for a limit that adapts to the
// latency, and the semaphore for calls of different weights.
//
//claim:ask Which library limits concurrent calls with the least overhead?
//claim:expect ns/op of=failsafe > 3x of=godeep
//claim:expect ns/op of=godeep < 3x of=semaphore
//claim:expect allocs/op of=godeep == 0
//claim:expect allocs/op of=semaphore == 0
//claim:expect allocs/op of=failsafe >= 1
//claim:source https://pkg.go.dev/github.com/failsafe-go/failsafe-go/bulkhead
//claim:source https://pkg.go.dev/golang.org/x/sync/semaphore
func BenchmarkBulkhead(b *testing.B) {
	for _, l := range limiters {
		b.Run("of="+l.name, func(b *testing.B) {
			limit := l.new(4)
			ctx := context.Background()
			b.ReportAllocs()
			for b.Loop() {
				if n, err := limit(ctx, func() (int, error) { return 1, nil }); n != 1 || err != nil {
					b.Fatal(n, err)
				}
			}
		})
	}
}
