package compare

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/sony/gobreaker/v2"

	"github.com/go-deep-dive/godeep/patterns"
)

// A breaker calls f unless too many calls have failed.
type breaker func(f func() (int, error)) (int, error)

// breakers open when half of at least ten calls within ten seconds have failed.
var breakers = []struct {
	name string
	new  func() breaker
	open error
}{
	{"godeep", func() breaker {
		b := patterns.NewBreaker(patterns.BreakerConfig{OpenFor: time.Hour})
		ctx := context.Background()
		return func(f func() (int, error)) (int, error) {
			return patterns.BreakerDo(ctx, b, func(context.Context) (int, error) { return f() })
		}
	}, patterns.ErrBreakerOpen},
	{"gobreaker", func() breaker {
		return gobreaker.NewCircuitBreaker[int](gobreaker.Settings{
			Interval:     10 * time.Second,
			BucketPeriod: time.Second,
			Timeout:      time.Hour,
			ReadyToTrip: func(c gobreaker.Counts) bool {
				return c.Requests >= 10 && float64(c.TotalFailures)/float64(c.Requests) >= 0.5
			},
		}).Execute
	}, gobreaker.ErrOpenState},
	{"failsafe", func() breaker {
		b := circuitbreaker.NewBuilder[int]().
			WithFailureRateThreshold(0.5, 10, 10*time.Second).
			WithDelay(time.Hour).
			Build()
		return failsafe.With[int](b).Get
	}, circuitbreaker.ErrOpen},
}

var errBreaker = errors.New("down")

func breakerFails() (int, error) { return 0, errBreaker }
func breakerWorks() (int, error) { return 1, nil }

// All of them open with the tenth failure, and refuse the next call.
func TestBreakers(t *testing.T) {
	for _, b := range breakers {
		call := b.new()
		if n, err := call(breakerWorks); n != 1 || err != nil {
			t.Errorf("%s: %v, %v", b.name, n, err)
		}
		for i := range 9 {
			if _, err := call(breakerFails); !errors.Is(err, errBreaker) {
				t.Errorf("%s: call %d: %v", b.name, i, err)
			}
		}
		if _, err := call(breakerWorks); !errors.Is(err, b.open) {
			t.Errorf("%s: %v, want it open", b.name, err)
		}
	}
}

// A call through gobreaker takes more than 1.5 times as long as one through the
// circuit breaker of this module, with the same rule and a window of ten parts:
// it locks twice, and reads both clocks each time, where this one locks once,
// and not at all if the call is refused. failsafe-go allocates for each call,
// since its policies compose (retry, timeout, hedge around the breaker) and
// pass a description of the call along. Import gobreaker for a rule of your own
// over its counts, and failsafe-go to combine policies.
//
//claim:ask Which circuit breaker has the least overhead, and what do the libraries offer for more?
//claim:expect ns/op of=gobreaker,call=passed > 1.5x of=godeep,call=passed
//claim:expect ns/op of=gobreaker,call=refused > 1.3x of=godeep,call=refused
//claim:expect ns/op of=failsafe > 3x of=godeep
//claim:expect allocs/op of=godeep == 0
//claim:expect allocs/op of=gobreaker == 0
//claim:expect allocs/op of=failsafe,call=passed > 3
//claim:source https://pkg.go.dev/github.com/sony/gobreaker/v2
//claim:source https://pkg.go.dev/github.com/failsafe-go/failsafe-go
func BenchmarkBreaker(b *testing.B) {
	for _, candidate := range breakers {
		b.Run("of="+candidate.name+"/call=passed", func(b *testing.B) {
			call := candidate.new()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := call(breakerWorks); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("of="+candidate.name+"/call=refused", func(b *testing.B) {
			call := candidate.new()
			for range 10 {
				_, _ = call(breakerFails)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := call(breakerWorks); err == nil {
					b.Fatal("not refused")
				}
			}
		})
	}
}
