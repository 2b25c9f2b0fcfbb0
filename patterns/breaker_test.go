package patterns

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

var errBreakerTest = errors.New("service is down")

func breakerFails(context.Context) error { return errBreakerTest }
func breakerWorks(context.Context) error { return nil }

// breakerTrip opens a breaker with the default settings.
func breakerTrip(t *testing.T, b *Breaker) {
	t.Helper()
	for b.State() == BreakerClosed {
		if err := b.Do(context.Background(), breakerFails); err != errBreakerTest {
			t.Fatal(err)
		}
	}
}

// Closed, calls pass and their outcome is counted. When too large a share of
// them has failed, the breaker opens, and calls are refused at once. After a
// while it is half-open: a few calls pass as probes. If they succeed, it closes
// with fresh counts; if one fails, it opens for another while. The change from
// open to half-open needs no timer, since it happens with the next call.
//
//claim:ask What are the states of a circuit breaker, and what moves it from one to another?
//claim:source https://pkg.go.dev/github.com/sony/gobreaker/v2
func TestBreakerStates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var changes []string
		b := NewBreaker(BreakerConfig{MinCalls: 4, FailureRate: 0.5, OpenFor: 5 * time.Second, Probes: 2,
			OnChange: func(from, to BreakerState) { changes = append(changes, fmt.Sprint(from, " to ", to)) }})
		do := func(f func(context.Context) error, want error, state BreakerState) {
			t.Helper()
			if err := b.Do(t.Context(), f); err != want || b.State() != state {
				t.Fatalf("error %v, %v, want %v, %v", err, b.State(), want, state)
			}
		}
		do(breakerWorks, nil, BreakerClosed)
		do(breakerFails, errBreakerTest, BreakerClosed)
		do(breakerFails, errBreakerTest, BreakerClosed)
		do(breakerWorks, nil, BreakerOpen) // the fourth call: half of them have failed
		do(breakerWorks, ErrBreakerOpen, BreakerOpen)
		time.Sleep(5*time.Second - 1)
		do(breakerWorks, ErrBreakerOpen, BreakerOpen)
		time.Sleep(time.Nanosecond)
		do(breakerWorks, nil, BreakerHalfOpen)
		do(breakerFails, errBreakerTest, BreakerOpen)
		time.Sleep(5 * time.Second)
		do(breakerWorks, nil, BreakerHalfOpen)
		do(breakerWorks, nil, BreakerClosed)
		do(breakerFails, errBreakerTest, BreakerClosed) // the old failures are forgotten
		want := []string{"closed to open", "open to half-open", "half-open to open", "open to half-open", "half-open to closed"}
		if !slices.Equal(changes, want) {
			t.Errorf("changes %q", changes)
		}
	})
}

// A service that hangs costs each caller its whole timeout, and their goroutines,
// connections and memory wait with them. With a breaker only the first few pay:
// here a hundred calls, one after the other, with a timeout of one second, take
// ten seconds instead of a hundred, and ninety of them never reach the service,
// which so gets time to recover. The price is that some calls that would have
// worked are refused.
//
//claim:ask What does a circuit breaker help if every call has a timeout anyway?
//claim:source https://pkg.go.dev/context#WithTimeout
func TestBreakerFaultSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBreaker(BreakerConfig{Window: time.Minute, OpenFor: time.Minute})
		start := time.Now()
		reached := 0
		for range 100 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			err := b.Do(ctx, func(ctx context.Context) error {
				reached++
				<-ctx.Done()
				return ctx.Err()
			})
			if !errors.Is(err, context.DeadlineExceeded) && err != ErrBreakerOpen {
				t.Fatal(err)
			}
			cancel()
		}
		if reached != 10 || time.Since(start) != 10*time.Second {
			t.Errorf("%d calls reached the service in %v", reached, time.Since(start))
		}
	})
}

// The share of failures means nothing for a few calls: at night, the first call
// of a minute may fail, which is a failure rate of 100%. So a breaker has a
// minimum of calls within its window, and old outcomes leave the window. Both
// are needed: without a window, the failures of last week would count.
//
//claim:ask Why does a circuit breaker need a minimum number of calls and a time window?
//claim:source https://pkg.go.dev/github.com/failsafe-go/failsafe-go/circuitbreaker#Builder
func TestBreakerMinCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBreaker(BreakerConfig{MinCalls: 10, Window: 10 * time.Second})
		for range 9 {
			_ = b.Do(t.Context(), breakerFails)
		}
		if b.State() != BreakerClosed {
			t.Error("open before the minimum")
		}
		time.Sleep(10 * time.Second)
		for range 9 {
			_ = b.Do(t.Context(), breakerFails)
		}
		if b.State() != BreakerClosed {
			t.Error("old failures count")
		}
		time.Sleep(9 * time.Second) // they are still within the window
		if _ = b.Do(t.Context(), breakerFails); b.State() != BreakerOpen {
			t.Error("closed after ten failures")
		}

		b = NewBreaker(BreakerConfig{MinCalls: 10, FailureRate: 0.5})
		for i := range 1000 {
			f := breakerWorks
			if i%5 > 2 {
				f = breakerFails
			}
			if err := b.Do(t.Context(), f); err == ErrBreakerOpen {
				t.Fatal("open with 40% failures")
			}
		}
	})
}

// Only a few, and the others are refused as before. Without that limit, all
// callers that have piled up would hit a service that is just coming back, at the
// same moment. Here a hundred callers come when the open time is over: two probes
// run, and the breaker closes when both have succeeded.
//
//claim:ask Half-open: how many calls does a circuit breaker let through, and why not all?
//claim:source https://pkg.go.dev/github.com/sony/gobreaker/v2#Settings
func TestBreakerProbes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBreaker(BreakerConfig{Probes: 2, OpenFor: time.Minute})
		breakerTrip(t, b)
		time.Sleep(time.Minute)
		var reached, refused atomic.Int64
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				err := b.Do(t.Context(), func(context.Context) error {
					reached.Add(1)
					time.Sleep(time.Second)
					return nil
				})
				if err == ErrBreakerOpen {
					refused.Add(1)
				}
			})
		}
		wg.Wait()
		if reached.Load() != 2 || refused.Load() != 98 || b.State() != BreakerClosed {
			t.Errorf("%d probes, %d refused, %v", reached.Load(), refused.Load(), b.State())
		}
	})
}

// After another open time, the next probes follow, and the outcome of those that
// hang is ignored when it comes at last. A breaker that waits for its probe
// without a limit refuses calls for ever if the probe has no timeout.
//
//claim:ask What if the probe of a half-open circuit breaker hangs?
//claim:source https://pkg.go.dev/context#WithTimeout
func TestBreakerFaultProbeHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBreaker(BreakerConfig{OpenFor: time.Minute})
		breakerTrip(t, b)
		time.Sleep(time.Minute)
		release := make(chan struct{})
		hung := make(chan error)
		go func() {
			hung <- b.Do(t.Context(), func(context.Context) error { <-release; return errBreakerTest })
		}()
		synctest.Wait()
		time.Sleep(time.Minute - 1)
		if err := b.Do(t.Context(), breakerWorks); err != ErrBreakerOpen {
			t.Errorf("second probe: %v", err)
		}
		time.Sleep(time.Nanosecond)
		if err := b.Do(t.Context(), breakerWorks); err != nil || b.State() != BreakerClosed {
			t.Errorf("after another open time: %v, %v", err, b.State())
		}
		close(release)
		if err := <-hung; err != errBreakerTest || b.State() != BreakerClosed {
			t.Errorf("the outcome of the old probe: %v, %v", err, b.State())
		}
	})
}

// Errors that say that the service is in trouble: timeouts, refused
// connections, status 5xx. Not an error that the request is to blame for, such as
// status 404, since it shows that the service answers. And not a call that its
// caller has cancelled: users who close a page would open the breaker. That one
// is no success either, so a cancelled probe is repeated. A deadline that has
// passed does count, it is what a slow service looks like.
//
//claim:ask Which errors should a circuit breaker count as failures?
//claim:source https://pkg.go.dev/context#Canceled
func TestBreakerWhichErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		notFound := errors.New("not found")
		config := BreakerConfig{OpenFor: time.Second, IsFailure: func(err error) bool { return err != notFound }}
		b := NewBreaker(config)
		for range 100 {
			_ = b.Do(t.Context(), func(context.Context) error { return notFound })
		}
		cancelled := func() {
			ctx, cancel := context.WithCancel(t.Context())
			err := b.Do(ctx, func(ctx context.Context) error {
				cancel()
				return fmt.Errorf("reading: %w", ctx.Err())
			})
			if !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		}
		for range 100 {
			cancelled()
		}
		if b.State() != BreakerClosed {
			t.Error("opened by errors of the callers")
		}

		b = NewBreaker(config)
		breakerTrip(t, b)
		time.Sleep(time.Second)
		cancelled()
		if b.State() != BreakerHalfOpen {
			t.Errorf("%v after a cancelled probe", b.State())
		}
		if err := b.Do(t.Context(), breakerWorks); err != nil || b.State() != BreakerClosed {
			t.Errorf("second probe: %v, %v", err, b.State())
		}

		for range 10 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			_ = b.Do(ctx, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
			cancel()
		}
		if b.State() != BreakerOpen {
			t.Error("deadlines do not count")
		}

		ctx, stop := context.WithCancelCause(t.Context())
		stop(notFound)
		if err := b.Do(ctx, breakerWorks); err != notFound {
			t.Errorf("cancelled before the call: %v", err)
		}
	})
}

// The panic goes on to the caller, and counts as a failure, because the outcome
// is noted in a deferred function that assumes failure until the call has
// returned. It does not recover, so the stack of the panic is not lost. Code that
// counts after the call, without defer, would leak the place of a probe: each
// panic would take one until all calls are refused.
//
//claim:ask What happens if the function inside a circuit breaker panics?
//claim:source https://go.dev/ref/spec#Handling_panics
func TestBreakerFaultPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBreaker(BreakerConfig{OpenFor: time.Second})
		for _, end := range []func(){func() { panic("boom") }, runtime.Goexit} {
			fail := func() {
				done := make(chan any)
				go func() {
					defer func() { done <- recover() }()
					_ = b.Do(t.Context(), func(context.Context) error { end(); return nil })
				}()
				if value := <-done; value != nil && value != "boom" {
					t.Errorf("recovered %v", value)
				}
			}
			for range 10 {
				fail()
			}
			if b.State() != BreakerOpen {
				t.Error("not open after ten that did not return")
			}
			for range 3 {
				time.Sleep(time.Second)
				fail()
				if b.State() != BreakerOpen {
					t.Error("a failed probe has not opened")
				}
			}
			time.Sleep(time.Second)
			if err := b.Do(t.Context(), breakerWorks); err != nil || b.State() != BreakerClosed {
				t.Errorf("a good probe: %v, %v", err, b.State())
			}
		}
	})
}

// It is ignored. Each period of a state has a number, a call remembers the one
// that it began in, and its outcome counts only if that is still the current one.
// Otherwise calls that began before the service went down, and end when it is
// back, would open a breaker that has just closed.
//
//claim:ask A slow call began before the circuit breaker opened and fails after it has closed: does it count?
//claim:source https://pkg.go.dev/sync/atomic#Uint64
func TestBreakerLateOutcome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBreaker(BreakerConfig{OpenFor: time.Second})
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				_ = b.Do(t.Context(), func(context.Context) error {
					time.Sleep(time.Minute)
					return errBreakerTest
				})
			})
		}
		synctest.Wait()
		breakerTrip(t, b)
		time.Sleep(time.Second)
		if err := b.Do(t.Context(), breakerWorks); err != nil {
			t.Error(err)
		}
		wg.Wait()
		if b.State() != BreakerClosed {
			t.Errorf("%v after the late failures", b.State())
		}
	})
}

// Retry outside, breaker inside. Then the breaker sees every attempt, opens
// after ten of them, and the retry loop stops at the error that says so. The
// other way round, the breaker sees one failure for each series of attempts: with
// three attempts it lets three times as many calls hit the failing service.
//
//claim:ask Retry and circuit breaker together: which goes inside?
//claim:source https://pkg.go.dev/github.com/failsafe-go/failsafe-go#With
func TestBreakerInsideRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		retry := func(f func() error) (err error) {
			for range 3 {
				if err = f(); err == nil || errors.Is(err, ErrBreakerOpen) {
					break
				}
			}
			return err
		}
		hits := func(call func(b *Breaker, service func() error) error) (n int) {
			b := NewBreaker(BreakerConfig{})
			for range 100 {
				_ = call(b, func() error { n++; return errBreakerTest })
			}
			return n
		}
		inside := hits(func(b *Breaker, service func() error) error {
			return retry(func() error {
				return b.Do(t.Context(), func(context.Context) error { return service() })
			})
		})
		outside := hits(func(b *Breaker, service func() error) error {
			return b.Do(t.Context(), func(context.Context) error { return retry(service) })
		})
		if inside != 10 || outside != 30 {
			t.Errorf("%d hits with the breaker inside, %d outside", inside, outside)
		}
	})
}

// breakerModel says the same with a list of everything that has happened.
type breakerModel struct {
	config BreakerConfig
	state  BreakerState
	since  time.Duration
	parts  []time.Duration // of counted calls
	failed []bool
	passed int
}

func (m *breakerModel) move(state BreakerState, now time.Duration) {
	*m = breakerModel{config: m.config, state: state, since: now}
}

func (m *breakerModel) begin(now time.Duration) bool {
	if m.state == BreakerOpen && now-m.since >= m.config.OpenFor {
		m.move(BreakerHalfOpen, now)
	}
	return m.state != BreakerOpen
}

func (m *breakerModel) end(now time.Duration, failed bool) {
	switch {
	case m.state == BreakerHalfOpen && failed:
		m.move(BreakerOpen, now)
	case m.state == BreakerHalfOpen:
		if m.passed++; m.passed == m.config.Probes {
			m.move(BreakerClosed, now)
		}
	default:
		part := m.config.Window / 10
		m.parts, m.failed = append(m.parts, now/part), append(m.failed, failed)
		calls, failures := 0, 0
		for i := range m.parts {
			if now/part-m.parts[i] < 10 {
				calls++
				if m.failed[i] {
					failures++
				}
			}
		}
		if calls >= m.config.MinCalls && float64(failures)/float64(calls) >= m.config.FailureRate {
			m.move(BreakerOpen, now)
		}
	}
}

func TestBreakerLikeModel(t *testing.T) {
	var seen [3]int
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 5))
			config := BreakerConfig{
				MinCalls:    1 + random.IntN(8),
				Window:      time.Second,
				FailureRate: 0.2 + 0.8*random.Float64(),
				OpenFor:     time.Duration(1+random.IntN(500)) * time.Millisecond,
				Probes:      1 + random.IntN(3),
			}
			b, model := NewBreaker(config), &breakerModel{config: config}
			start := time.Now()
			for range 500 {
				time.Sleep(time.Duration(random.ExpFloat64() * float64(50*time.Millisecond)))
				want := model.begin(time.Since(start))
				failed := random.IntN(3) == 0
				f := breakerWorks
				if failed {
					f = breakerFails
				}
				err := b.Do(t.Context(), f)
				if want {
					model.end(time.Since(start), failed)
				}
				state := b.State()
				if state == BreakerHalfOpen && model.state == BreakerOpen {
					state = BreakerOpen // ready for the next call
				}
				seen[state]++
				if (err != ErrBreakerOpen) != want || state != model.state {
					t.Fatalf("seed %d: %v, %v, model %v, %v", seed, err, b.State(), want, model.state)
				}
			}
		})
	}
	if slices.Contains(seen[:], 0) {
		t.Errorf("states seen: %v", seen)
	}
}

func TestBreakerConcurrent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var changes atomic.Int64
		b := NewBreaker(BreakerConfig{OpenFor: 10 * time.Millisecond, Probes: 2, OnChange: func(from, to BreakerState) { changes.Add(1) }})
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				random := rand.New(rand.NewPCG(uint64(i), 1))
				for range 300 {
					_ = b.Do(t.Context(), func(context.Context) error {
						time.Sleep(time.Duration(random.IntN(3)) * time.Millisecond)
						if random.IntN(2) == 0 {
							return errBreakerTest
						}
						return nil
					})
					time.Sleep(time.Millisecond)
				}
			})
		}
		wg.Wait()
		if changes.Load() < 10 {
			t.Errorf("%d changes", changes.Load())
		}
		for b.State() != BreakerClosed {
			time.Sleep(10 * time.Millisecond)
			_ = b.Do(t.Context(), breakerWorks)
		}
	})
}

func TestBreakerWindowWraps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBreaker(BreakerConfig{MinCalls: 1, FailureRate: 1, Window: 1}) // less than ten nanoseconds
		_ = b.Do(t.Context(), breakerWorks)
		time.Sleep(time.Hour)
		if _ = b.Do(t.Context(), breakerFails); b.State() != BreakerOpen {
			t.Error("an old success counts")
		}
		b = NewBreaker(BreakerConfig{MinCalls: 1, OpenFor: math.MaxInt64})
		_ = b.Do(t.Context(), breakerFails)
		if time.Sleep(time.Hour); b.State() != BreakerOpen {
			t.Error("the longest time to be open overflows")
		}
		if s := fmt.Sprint(BreakerClosed, BreakerOpen, BreakerHalfOpen); s != "closed open half-open" {
			t.Error(s)
		}
	})
}

// A breakerLocked is a breaker as one writes it first, for consecutive failures.
type breakerLocked struct {
	mu       sync.Mutex
	limit    int
	failures int
	until    time.Time
}

func (b *breakerLocked) Do(f func() error) error {
	b.mu.Lock()
	if time.Now().Before(b.until) {
		b.mu.Unlock()
		return ErrBreakerOpen
	}
	b.mu.Unlock()
	err := f()
	b.mu.Lock()
	defer b.mu.Unlock()
	if err == nil {
		b.failures = 0
	} else if b.failures++; b.failures >= b.limit {
		b.failures, b.until = 0, time.Now().Add(time.Hour)
	}
	return err
}

// A refused call costs one atomic load and reading the monotonic clock. That is
// the call which must be cheap, since refused calls come in masses. A mutex and
// time.Now take longer even without contention. Neither a refused call nor one
// that passes allocates. Compared to a call over a network, all of it is
// nothing.
//
//claim:ask What does a circuit breaker cost per call?
//claim:expect ns/op of=refused-naive > 1.2x of=refused
//claim:expect allocs/op of=refused == 0
//claim:expect allocs/op of=passed == 0
//claim:source https://pkg.go.dev/sync/atomic#Uint64
func BenchmarkBreaker(b *testing.B) {
	ctx := context.Background()
	b.Run("of=passed", func(b *testing.B) {
		breaker := NewBreaker(BreakerConfig{})
		b.ReportAllocs()
		for b.Loop() {
			if err := breaker.Do(ctx, breakerWorks); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("of=refused", func(b *testing.B) {
		breaker := NewBreaker(BreakerConfig{OpenFor: time.Hour})
		for range 10 {
			_ = breaker.Do(ctx, breakerFails)
		}
		b.ReportAllocs()
		for b.Loop() {
			if err := breaker.Do(ctx, breakerWorks); err != ErrBreakerOpen {
				b.Fatal(err)
			}
		}
	})
	b.Run("of=refused-naive", func(b *testing.B) {
		breaker := &breakerLocked{limit: 10}
		for range 10 {
			_ = breaker.Do(func() error { return breakerFails(ctx) })
		}
		b.ReportAllocs()
		for b.Loop() {
			if err := breaker.Do(func() error { return breakerWorks(ctx) }); err != ErrBreakerOpen {
				b.Fatal(err)
			}
		}
	})
}

func TestBreakerRivalsAgree(t *testing.T) {
	pattern, naive := NewBreaker(BreakerConfig{MinCalls: 5}), &breakerLocked{limit: 5}
	for i := range 10 {
		a, b := pattern.Do(t.Context(), breakerFails), naive.Do(func() error { return breakerFails(t.Context()) })
		if a != b || (a == ErrBreakerOpen) != (i >= 5) {
			t.Errorf("call %d: %v, %v", i, a, b)
		}
	}
}
