package patterns

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A token bucket allows its burst at once, and after that one event for each
// new token. With ten events a second and a burst of five, somebody who tries
// all the time gets five events at once and nine more within the first second,
// and ten in each later one. After a pause the bucket is full again, but not
// fuller than the burst: a long pause does not save up a flood.
//
//claim:ask What do rate and burst of a token bucket mean: how many events pass each second?
//claim:source https://pkg.go.dev/golang.org/x/time/rate#Limiter
func TestRateLimiterBurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewRateLimiter(10, time.Second, 5)
		var perSecond []int
		for range 3 {
			allowed := 0
			for range 1000 {
				if l.Allow() {
					allowed++
				}
				time.Sleep(time.Millisecond)
			}
			perSecond = append(perSecond, allowed)
		}
		if !slices.Equal(perSecond, []int{14, 10, 10}) {
			t.Errorf("allowed %v", perSecond)
		}

		time.Sleep(time.Hour)
		allowed := 0
		for l.Allow() {
			allowed++
		}
		if allowed != 5 {
			t.Errorf("after a pause, %d at once", allowed)
		}
	})
}

// rateModel is the token bucket as books describe it, with a level that is
// topped up for the time that has passed. It counts in nanoseconds of refill.
type rateModel struct {
	level, interval, window int64
	last                    time.Time
}

func (m *rateModel) allow(n int) bool {
	now := time.Now()
	m.level = min(m.level+int64(now.Sub(m.last)), m.window)
	m.last = now
	cost := int64(n) * m.interval
	if cost > m.level {
		return false
	}
	m.level -= cost
	return true
}

func TestRateLimiterLikeModel(t *testing.T) {
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			events, burst := 1+random.IntN(1000), 1+random.IntN(20)
			l := NewRateLimiter(events, time.Second, burst)
			model := rateModel{l.rate.window, l.rate.interval, l.rate.window, time.Now()}
			for range 500 {
				time.Sleep(time.Duration(random.Int64N(3*l.rate.interval)) * time.Duration(random.IntN(2)))
				n := 1 + random.IntN(burst)
				after := l.RetryAfter(n)
				got, want := l.AllowN(n), model.allow(n)
				if got != want || got != (after == 0) {
					t.Fatalf("seed %d: %d of %d per second, burst %d: allowed %v, model %v, wait %v", seed, n, events, burst, got, want, after)
				}
				if !got && random.IntN(3) == 0 {
					time.Sleep(after)
					if !l.AllowN(n) || !model.allow(n) {
						t.Fatalf("seed %d: not allowed after the wait of RetryAfter", seed)
					}
				}
			}
		})
	}
}

// Wait gives each caller the next free turn, so the order is that of the
// calls. A turn is taken by adding to one number, and no later call can come
// before it, whatever it asks for: Allow is refused as long as somebody waits,
// and a caller that waits for many tokens is not overtaken by callers that need
// one.
//
//claim:ask Is a rate limiter fair: who goes first if many goroutines wait?
//claim:source https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
func TestRateLimiterFair(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewRateLimiter(1, time.Second, 3)
		l.AllowN(3)
		start := time.Now()
		var mu sync.Mutex
		var turns []string
		for i, n := range []int{1, 3, 1} {
			go func() {
				if err := l.WaitN(t.Context(), n); err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				turns = append(turns, fmt.Sprintf("caller %d at %v", i, time.Since(start)))
			}()
			synctest.Wait()
		}
		for range 5 {
			if l.Allow() {
				t.Error("Allow has overtaken those who wait")
			}
			time.Sleep(time.Second)
		}
		synctest.Wait()
		want := []string{"caller 0 at 1s", "caller 1 at 4s", "caller 2 at 5s"}
		if !slices.Equal(turns, want) {
			t.Errorf("turns %v, want %v", turns, want)
		}
	})
}

// It returns an error at once. The turn is known at the time of the call, so
// waiting for the deadline would waste the time of the caller, and taking the
// token would waste that of others: neither happens. The error wraps
// context.DeadlineExceeded, as if the deadline had been waited for.
//
//claim:ask What should Wait of a rate limiter do if its turn comes after the context's deadline?
//claim:source https://pkg.go.dev/golang.org/x/time/rate#Limiter.Wait
func TestRateLimiterDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewRateLimiter(1, time.Second, 1)
		l.Allow()
		start := time.Now()
		for _, timeout := range []time.Duration{time.Nanosecond, 500 * time.Millisecond, time.Second} {
			ctx, cancel := context.WithTimeout(t.Context(), timeout)
			err := l.Wait(ctx)
			if !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil || time.Since(start) != 0 {
				t.Errorf("timeout %v: %v after %v", timeout, err, time.Since(start))
			}
			cancel()
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second+1)
		defer cancel()
		if err := l.Wait(ctx); err != nil || time.Since(start) != time.Second {
			t.Errorf("turn before the deadline: %v after %v", err, time.Since(start))
		}
	})
}

// It returns its token if nobody waits behind it. If others do, they have been
// promised later turns already, and its own turn stays unused: giving it to a
// new caller would put two events at the end of the queue at once. So giving up
// can only lower the rate.
//
//claim:ask A goroutine that waits for a rate limiter is cancelled: is its token lost?
//claim:source https://pkg.go.dev/golang.org/x/time/rate#Reservation.Cancel
func TestRateLimiterFaultCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := errors.New("client gone")
		l := NewRateLimiter(1, time.Second, 1)
		l.Allow()
		wait := func(ctx context.Context) (cancel func(), result chan error) {
			ctx, stop := context.WithCancelCause(ctx)
			result = make(chan error, 1)
			go func() { result <- l.Wait(ctx) }()
			synctest.Wait()
			return func() { stop(gone); synctest.Wait() }, result
		}
		cancel, result := wait(t.Context())
		if after := l.RetryAfter(1); after != 2*time.Second {
			t.Errorf("behind one waiter: %v", after)
		}
		cancel()
		if err := <-result; err != gone {
			t.Errorf("cancelled: %v", err)
		}
		if after := l.RetryAfter(1); after != time.Second {
			t.Errorf("the last waiter has not returned its token: %v", after)
		}

		cancelFirst, first := wait(t.Context())
		cancelSecond, second := wait(t.Context())
		cancelFirst()
		if err := <-first; err != gone {
			t.Errorf("cancelled: %v", err)
		}
		if after := l.RetryAfter(1); after != 3*time.Second {
			t.Errorf("a turn before that of a waiter was given away: %v", after)
		}
		time.Sleep(2 * time.Second)
		if err := <-second; err != nil {
			t.Errorf("the second waiter: %v", err)
		}
		cancelSecond()

		ctx, stop := context.WithCancelCause(t.Context())
		stop(gone)
		l = NewRateLimiter(1, time.Second, 1)
		if err := l.Wait(ctx); err != gone || !l.Allow() {
			t.Errorf("cancelled before the call: %v", err)
		}
	})
}

func TestRateLimiterConcurrent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const burst = 1000
		l := NewRateLimiter(10, time.Second, burst)
		var allowed atomic.Int64
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for range burst {
					if l.Allow() {
						allowed.Add(1)
					}
				}
			})
		}
		wg.Wait()
		if allowed.Load() != burst {
			t.Errorf("%d allowed, want the burst of %d", allowed.Load(), burst)
		}

		start := time.Now()
		for range 20 {
			wg.Go(func() {
				if err := l.Wait(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if time.Since(start) != 2*time.Second {
			t.Errorf("20 turns took %v", time.Since(start))
		}
	})
}

func TestRateLimiterEdges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var none RateLimiter
		if none.Allow() || none.Wait(t.Context()) == nil || none.RetryAfter(1) != math.MaxInt64 {
			t.Error("the zero limiter has allowed something")
		}
		l := NewRateLimiter(3, time.Second, 2)
		if !l.AllowN(0) || !l.AllowN(-5) || l.WaitN(t.Context(), 0) != nil || l.WaitN(t.Context(), -1) != nil || l.RetryAfter(-1) != 0 {
			t.Error("no events must be allowed")
		}
		if l.AllowN(3) || l.WaitN(t.Context(), 3) == nil || l.RetryAfter(3) != math.MaxInt64 {
			t.Error("more than the burst was allowed")
		}
		if !l.AllowN(2) || l.Allow() {
			t.Error("no events, or too many, have changed the bucket")
		}
		if before := l.full.Load(); l.Allow() || l.full.Load() != before {
			t.Error("a refused call has changed the state")
		}
		if 3*l.rate.interval < int64(time.Second) {
			t.Error("rounded to a higher rate")
		}
		for _, bad := range []func(){
			func() { NewRateLimiter(0, time.Second, 1) },
			func() { NewRateLimiter(1, 0, 1) },
			func() { NewRateLimiter(1, time.Second, 0) },
			func() { NewRateLimiter(1, math.MaxInt64, 1) },
			func() { NewRateLimiter(1, 24*time.Hour, math.MaxInt32) },
		} {
			func() {
				defer func() {
					if text, ok := recover().(string); !ok || !strings.HasPrefix(text, "rate limiter: ") {
						t.Errorf("recovered %v", text)
					}
				}()
				bad()
			}()
		}

		// The queue may be long, but the state does not overflow.
		slow := NewRateLimiter(1, 50*365*24*time.Hour, 1)
		slow.Allow()
		ctx, cancel := context.WithCancel(t.Context())
		result := make(chan error, 5)
		for range cap(result) {
			go func() { result <- slow.Wait(ctx) }()
			synctest.Wait()
		}
		if len(result) != 4 || slow.Allow() {
			t.Errorf("%d refused", len(result))
		}
		cancel()
		for range cap(result) {
			<-result
		}
	})
}

// Keep one number for each client, and forget the clients whose bucket is full:
// a full bucket is exactly what a new client would get. Without that, a map from
// address to limiter grows with every address that has ever called, and an
// attacker can send from many. Here ten thousand clients that come one
// after the other leave few entries, because their buckets fill up while others
// come. It does not help against that many clients within the time that a bucket
// needs to fill up; then the number of keys needs a limit of its own.
//
//claim:ask How do you rate-limit each client without a map that grows for ever?
//claim:source https://pkg.go.dev/builtin#delete
func TestKeyRateLimiterForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewKeyRateLimiter[int](10, time.Second, 2)
		most := 0
		for client := range 10_000 {
			if !l.Allow(client) || client%2 == 0 && !l.Allow(client) {
				t.Fatal("a new client was refused")
			}
			if client%2 == 0 && l.Allow(client) {
				t.Fatal("the burst was exceeded")
			}
			most = max(most, l.Len())
			time.Sleep(time.Millisecond)
		}
		// One client each millisecond, whose bucket is full after 100 or 200 of
		// them: at most 200 buckets are not full.
		if most > 400 {
			t.Errorf("%d buckets", most)
		}
		time.Sleep(time.Minute)
		for client := range keyRateLimiterMin {
			l.Allow(client)
		}
		for client := range 400 {
			l.Allow(-1 - client)
		}
		if l.Len() > 2*(400+keyRateLimiterMin) {
			t.Errorf("%d buckets at the end", l.Len())
		}
	})
}

// Each key of a KeyRateLimiter gets what a RateLimiter of its own would allow.
func TestKeyRateLimiterLikeRateLimiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const keys = 300
		random := rand.New(rand.NewPCG(1, 2))
		byKey := NewKeyRateLimiter[int](20, time.Second, 3)
		var own [keys]*RateLimiter
		for key := range own {
			own[key] = NewRateLimiter(20, time.Second, 3)
		}
		for range 10_000 {
			key := int(random.ExpFloat64()*20) % keys
			if got, want := byKey.Allow(key), own[key].Allow(); got != want {
				t.Fatalf("key %d: %v, want %v", key, got, want)
			}
			time.Sleep(time.Duration(random.IntN(4)) * time.Millisecond)
		}
	})
}

func TestKeyRateLimiterConcurrent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewKeyRateLimiter[int](1, time.Second, 5)
		var allowed atomic.Int64
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				for i := range 1000 {
					if l.Allow(i % 100) {
						allowed.Add(1)
					}
				}
			})
		}
		wg.Wait()
		if allowed.Load() != 500 {
			t.Errorf("%d allowed, want 5 for each of 100 keys", allowed.Load())
		}
	})
}

// A rateTicker is the limiter of many tutorials: a goroutine that puts a token
// in a channel at each tick.
type rateTicker struct {
	tokens chan struct{}
	stop   chan struct{}
}

func newRateTicker(every time.Duration, burst int) *rateTicker {
	l := &rateTicker{make(chan struct{}, burst), make(chan struct{})}
	for range burst {
		l.tokens <- struct{}{}
	}
	go func() {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				select {
				case l.tokens <- struct{}{}:
				default:
				}
			case <-l.stop:
				return
			}
		}
	}()
	return l
}

func (l *rateTicker) Allow() bool {
	select {
	case <-l.tokens:
		return true
	default:
		return false
	}
}

// No. The number of tokens follows from the time that has passed, so it is
// computed when somebody asks. A goroutine that adds a token at each tick allows
// as many events, but it has to be stopped, or it stays for ever, and a limiter
// for each client means a goroutine for each client.
//
//claim:ask Does a token bucket need a goroutine or a ticker that refills it?
//claim:source https://pkg.go.dev/time#Ticker
func TestRateLimiterNoGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := runtime.NumGoroutine()
		l := NewRateLimiter(10, time.Second, 5)
		if n := runtime.NumGoroutine() - before; n != 0 {
			t.Errorf("%d goroutines more", n)
		}
		ticking := newRateTicker(time.Second/10, 5)
		if n := runtime.NumGoroutine() - before; n != 1 {
			t.Errorf("%d goroutines for the ticker", n)
		}
		random := rand.New(rand.NewPCG(3, 4))
		byTime, byTicker := 0, 0
		for range 2000 {
			if l.Allow() {
				byTime++
			}
			if ticking.Allow() {
				byTicker++
			}
			time.Sleep(time.Duration(random.IntN(40)) * time.Millisecond)
		}
		close(ticking.stop)
		if byTime < 350 || byTime-byTicker > 1 || byTicker-byTime > 1 {
			t.Errorf("%d events by time, %d by ticker", byTime, byTicker)
		}
	})
}

// A rateMutex is a token bucket as one writes it first.
type rateMutex struct {
	mu     sync.Mutex
	rate   float64 // tokens per second
	burst  float64
	tokens float64
	last   time.Time
}

func (l *rateMutex) Allow() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	l.tokens = min(l.tokens+now.Sub(l.last).Seconds()*l.rate, l.burst)
	l.last = now
	if l.tokens < 1 {
		return false
	}
	l.tokens--
	return true
}

func TestRateLimiterRivalsAgree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pattern := NewRateLimiter(100, time.Second, 8)
		naive := &rateMutex{rate: 100, burst: 8, tokens: 8, last: time.Now()}
		var patterns, naives int
		for range 3000 {
			if pattern.Allow() {
				patterns++
			}
			if naive.Allow() {
				naives++
			}
			time.Sleep(time.Millisecond)
		}
		if patterns < 307 || patterns > 308 || naives < patterns-1 || naives > patterns+1 {
			t.Errorf("%d and %d events in three seconds", patterns, naives)
		}
	})
}

// It takes little more than reading the clock, and allocates nothing. A token
// bucket that keeps one number, the time at which it is full again, needs one
// atomic operation and the monotonic clock, which time.Since reads alone. The
// usual one, with a mutex, floating-point tokens and time.Now, which reads the
// wall clock too, takes more than 1.5 times as long without any contention. A
// refused call writes nothing at all. Where a limiter guards calls over a network,
// none of this matters.
//
//claim:ask What does a rate limiter cost per call, and is a mutex too slow for it?
//claim:expect ns/op of=allowed-naive > 1.5x of=allowed
//claim:expect ns/op of=refused-naive > 1.5x of=refused
//claim:expect allocs/op of=allowed == 0
//claim:expect allocs/op of=refused == 0
//claim:expect allocs/op of=key == 0
//claim:source https://pkg.go.dev/sync/atomic#Int64
func BenchmarkRateLimiter(b *testing.B) {
	allow := func(b *testing.B, allow func() bool, want bool) {
		b.ReportAllocs()
		for b.Loop() {
			if allow() != want {
				b.Fatal("allowed: ", !want)
			}
		}
	}
	b.Run("of=allowed", func(b *testing.B) {
		allow(b, NewRateLimiter(1e9, time.Second, 1e9).Allow, true)
	})
	b.Run("of=allowed-naive", func(b *testing.B) {
		allow(b, (&rateMutex{rate: 1e9, burst: 1e9, tokens: 1e9, last: time.Now()}).Allow, true)
	})
	b.Run("of=refused", func(b *testing.B) {
		l := NewRateLimiter(1, 24*time.Hour, 1)
		l.Allow()
		allow(b, l.Allow, false)
	})
	b.Run("of=refused-naive", func(b *testing.B) {
		allow(b, (&rateMutex{rate: 1e-9, burst: 1, last: time.Now()}).Allow, false)
	})
	b.Run("of=key", func(b *testing.B) {
		l := NewKeyRateLimiter[string](1e9, time.Second, 1e9)
		allow(b, func() bool { return l.Allow("192.0.2.1") }, true)
	})
}
