package compare

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"

	"github.com/go-deep-dive/godeep/patterns"
)

// A rateLimiter is what the candidates have in common.
type rateLimiter interface {
	Allow() bool
	Wait(context.Context) error
}

var rateLimiters = []struct {
	name string
	new  func(every time.Duration, burst int) rateLimiter
}{
	{"godeep", func(every time.Duration, burst int) rateLimiter {
		return patterns.NewRateLimiter(1, every, burst)
	}},
	{"xtime", func(every time.Duration, burst int) rateLimiter {
		return rate.NewLimiter(rate.Every(every), burst)
	}},
}

// Both libraries allow the same events, and hand out the same turns.
func TestRateLimiters(t *testing.T) {
	for _, l := range rateLimiters {
		synctest.Test(t, func(t *testing.T) {
			limiter := l.new(100*time.Millisecond, 5)
			allowed := 0
			for range 500 {
				if limiter.Allow() {
					allowed++
				}
				time.Sleep(7 * time.Millisecond)
			}
			if allowed != 39 {
				t.Errorf("%s: %d allowed in 3.5s, want 5+34", l.name, allowed)
			}
			limiter = l.new(time.Second, 1)
			start := time.Now()
			for range 4 {
				if err := limiter.Wait(t.Context()); err != nil {
					t.Error(err)
				}
			}
			if time.Since(start) != 3*time.Second {
				t.Errorf("%s: four turns after %v", l.name, time.Since(start))
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			defer cancel()
			if err := limiter.Wait(ctx); err == nil || time.Since(start) != 3*time.Second {
				t.Errorf("%s: %v after %v, want an error at once", l.name, err, time.Since(start))
			}
		})
	}
}

// A call of golang.org/x/time/rate takes more than 1.5 times as long as one here,
// above all when there is no token: then it reads one number and the monotonic
// clock, where the library takes a mutex, reads both clocks and computes with
// floating point. The library can change its rate and cancel a reservation,
// which one number in an integer cannot. Neither allocates.
//
//claim:ask Is there a faster limiter than golang.org/x/time/rate, and what does it lack?
//claim:expect ns/op of=xtime,call=refused > 1.5x of=godeep,call=refused
//claim:expect ns/op of=xtime,call=allowed > 1.5x of=godeep,call=allowed
//claim:expect allocs/op of=godeep == 0
//claim:expect allocs/op of=xtime == 0
//claim:source https://pkg.go.dev/golang.org/x/time/rate#Limiter
func BenchmarkRateLimiter(b *testing.B) {
	for _, l := range rateLimiters {
		b.Run("of="+l.name+"/call=allowed", func(b *testing.B) {
			limiter := l.new(time.Nanosecond, 1e9)
			b.ReportAllocs()
			for b.Loop() {
				if !limiter.Allow() {
					b.Fatal("refused")
				}
			}
		})
		b.Run("of="+l.name+"/call=refused", func(b *testing.B) {
			limiter := l.new(24*time.Hour, 1)
			limiter.Allow()
			b.ReportAllocs()
			for b.Loop() {
				if limiter.Allow() {
					b.Fatal("allowed")
				}
			}
		})
	}
}
