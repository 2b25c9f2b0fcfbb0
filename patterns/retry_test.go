package patterns

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

var errRetryTest = errors.New("service unavailable")

func retryFails(context.Context) (int, error) { return 0, errRetryTest }

// Wait longer after each failure, up to a cap, and take a random part of that
// time. The bounds of the delays double, 1s, 2s, 4s and so on up to the cap of
// 10s, and each delay lies between zero and its bound, half of it on average.
// Doubling takes the load off a service that stays down; the random part keeps
// clients apart that have failed together. Computing the bound as base<<n
// overflows for a large n, so the shift has to be checked.
//
//claim:ask How do you compute the delays of exponential backoff with jitter?
//claim:source https://en.wikipedia.org/wiki/Exponential_backoff
func TestRetryBackoffDelays(t *testing.T) {
	delays := RetryBackoff(time.Second, 10*time.Second)
	for n, bound := range []time.Duration{1: 1, 2: 2, 3: 4, 4: 8, 5: 10, 6: 10, 64: 10} {
		if bound == 0 {
			continue
		}
		bound *= time.Second
		var sum time.Duration
		low, high := time.Hour, time.Duration(0)
		for range 2000 {
			delay := delays(n)
			sum += delay
			low, high = min(low, delay), max(high, delay)
		}
		if low < 0 || low > bound/20 || high >= bound || high < bound*19/20 {
			t.Errorf("retry %d: from %v to %v, bound %v", n, low, high, bound)
		}
		if mean := sum / 2000; mean < bound*2/5 || mean > bound*3/5 {
			t.Errorf("retry %d: mean %v, bound %v", n, mean, bound)
		}
	}
	for _, n := range []int{math.MinInt, -1, 0, 63, 64, 65, math.MaxInt} {
		if delay := RetryBackoff(1, math.MaxInt64)(n); delay < 0 {
			t.Errorf("retry %d: %v", n, delay)
		}
	}
	if RetryBackoff(0, time.Second)(1) != 0 || RetryBackoff(time.Second, 0)(1) != 0 || RetryBackoff(-1, -1)(1) != 0 {
		t.Error("no delay must be zero")
	}
}

// It calls up to the limit of attempts and waits between them, not after the
// last one. The error says how many attempts there were and wraps the last
// error, so that errors.Is and errors.As find it. Joining all errors would print
// the same text three times; the last one says what is wrong now.
//
//claim:ask Which error should a retry loop return when all attempts have failed?
//claim:source https://pkg.go.dev/errors#Is
func TestRetryAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var calls []time.Duration
		var log []string
		policy := RetryPolicy{
			Attempts: 4,
			Delay:    func(n int) time.Duration { return time.Duration(n) * time.Second },
			OnRetry:  func(n int, err error, delay time.Duration) { log = append(log, fmt.Sprint(n, " ", err, " ", delay)) },
		}
		n, err := Retry(t.Context(), policy, func(context.Context) (int, error) {
			calls = append(calls, time.Since(start))
			return len(calls), fmt.Errorf("attempt %d: %w", len(calls), errRetryTest)
		})
		if n != 4 || !errors.Is(err, errRetryTest) || err.Error() != "retry: 4 attempts failed, the last one: attempt 4: service unavailable" {
			t.Errorf("%d, %v", n, err)
		}
		if want := []time.Duration{0, 1e9, 3e9, 6e9}; !slices.Equal(calls, want) || time.Since(start) != 6*time.Second {
			t.Errorf("calls at %v, want %v, end at %v", calls, want, time.Since(start))
		}
		if len(log) != 3 || log[2] != "3 attempt 3: service unavailable 3s" {
			t.Errorf("log %q", log)
		}

		calls = nil
		n, err = Retry(t.Context(), policy, func(context.Context) (int, error) {
			if calls = append(calls, 0); len(calls) < 3 {
				return 0, errRetryTest
			}
			return 7, nil
		})
		if n != 7 || err != nil || len(calls) != 3 {
			t.Errorf("%d, %v after %d calls", n, err, len(calls))
		}
	})
}

func TestRetryZeroPolicy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		start := time.Now()
		_, err := Retry(t.Context(), RetryPolicy{}, func(context.Context) (int, error) { calls++; return 0, errRetryTest })
		if calls != 3 || !errors.Is(err, errRetryTest) || time.Since(start) >= 300*time.Millisecond {
			t.Errorf("%d calls, %v, after %v", calls, err, time.Since(start))
		}
		for _, none := range []time.Duration{0, -1} {
			calls, start = 0, time.Now()
			policy := RetryPolicy{Attempts: 1000, Delay: func(int) time.Duration { return none }}
			_, _ = Retry(t.Context(), policy, func(context.Context) (int, error) { calls++; return 0, errRetryTest })
			if calls != 1000 || time.Since(start) != 0 {
				t.Errorf("%d calls without a delay, after %v", calls, time.Since(start))
			}
		}
	})
}

// At once, without waiting: a wait that ends after the deadline cannot help.
// The error wraps both the last error, which says what was wrong, and the reason
// to stop. A cancellation during a wait ends it. And if the context is done before
// the first attempt, there is none.
//
//claim:ask What should a retry loop do with the deadline and the cancellation of its context?
//claim:source https://pkg.go.dev/context#Cause
func TestRetryFaultContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		policy := RetryPolicy{Attempts: 10, Delay: func(int) time.Duration { return time.Second }}
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
		defer cancel()
		_, err := Retry(ctx, policy, retryFails)
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, errRetryTest) || time.Since(start) != 2*time.Second || ctx.Err() != nil {
			t.Errorf("deadline: %v after %v", err, time.Since(start))
		}

		gone := errors.New("user has gone")
		ctx, stop := context.WithCancelCause(t.Context())
		time.AfterFunc(1500*time.Millisecond, func() { stop(gone) })
		start = time.Now()
		_, err = Retry(ctx, policy, retryFails)
		if !errors.Is(err, gone) || !errors.Is(err, errRetryTest) || time.Since(start) != 1500*time.Millisecond {
			t.Errorf("cancelled in a wait: %v after %v", err, time.Since(start))
		}

		calls := 0
		if _, err = Retry(ctx, policy, func(context.Context) (int, error) { calls++; return 0, nil }); err != gone || calls != 0 {
			t.Errorf("cancelled before: %v, %d calls", err, calls)
		}

		ctx, stop = context.WithCancelCause(t.Context())
		_, err = Retry(ctx, policy, func(ctx context.Context) (int, error) {
			calls++
			stop(gone)
			return 0, ctx.Err()
		})
		if !errors.Is(err, gone) || calls != 1 {
			t.Errorf("cancelled in a call: %v, %d calls", err, calls)
		}
	})
}

// The function decides, by marking an error as permanent, or the policy does, by
// looking at it. What is worth a retry is what may be better next time: timeouts,
// refused connections, status 429 and 503. Bad input, a missing row or a
// missing permission stay as they are, and a retry of them only adds load. The
// mark survives wrapping, and does not hide the error from errors.Is.
//
//claim:ask How does a function tell the retry loop that another attempt is pointless?
//claim:source https://pkg.go.dev/errors#AsType
func TestRetryPermanentStops(t *testing.T) {
	notFound := errors.New("no such user")
	calls := 0
	_, err := Retry(t.Context(), RetryPolicy{}, func(context.Context) (int, error) {
		calls++
		return 0, fmt.Errorf("user 7: %w", RetryPermanent(notFound))
	})
	if calls != 1 || !errors.Is(err, notFound) || err.Error() != "user 7: no such user" {
		t.Errorf("%d calls, %v", calls, err)
	}
	calls = 0
	policy := RetryPolicy{Retryable: func(err error) bool { return !errors.Is(err, notFound) }}
	_, err = Retry(t.Context(), policy, func(context.Context) (int, error) { calls++; return 0, notFound })
	if calls != 1 || err != notFound {
		t.Errorf("%d calls, %v", calls, err)
	}
	if RetryPermanent(nil) != nil || RetryAfter(nil, time.Second) != nil {
		t.Error("a mark has made an error of nil")
	}
}

// Attempts multiply. Three layers with three attempts each make 27 calls of the
// lowest one for a single request that fails. So retry in one layer, usually the
// one that calls over the network, and let the others pass errors on; an error
// that is marked as permanent stops all of them.
//
//claim:ask Why should only one layer of a system retry?
//claim:source https://pkg.go.dev/github.com/cenkalti/backoff/v5#Permanent
func TestRetryLayersMultiply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, test := range []struct {
			err  error
			want int
		}{{errRetryTest, 27}, {RetryPermanent(errRetryTest), 1}} {
			calls := 0
			layer := func(f func(context.Context) (int, error)) func(context.Context) (int, error) {
				return func(ctx context.Context) (int, error) { return Retry(ctx, RetryPolicy{Attempts: 3}, f) }
			}
			_, err := layer(layer(layer(func(context.Context) (int, error) { calls++; return 0, test.err })))(t.Context())
			if calls != test.want || !errors.Is(err, errRetryTest) {
				t.Errorf("%v: %d calls, want %d", err, calls, test.want)
			}
		}
	})
}

// Wait at least that long, and add a random time. The server has told the same to
// every client that it has refused, and without the random part they would all
// be back in the same moment. Only if the deadline of the context comes first is
// waiting pointless: then the loop stops at once.
//
//claim:ask A server answers 429 with Retry-After. How long should the client wait?
//claim:source https://www.rfc-editor.org/rfc/rfc9110#name-retry-after
func TestRetryAfterHint(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		busy := fmt.Errorf("status 429: %w", RetryAfter(errRetryTest, 30*time.Second))
		policy := RetryPolicy{Attempts: 2, Delay: RetryBackoff(time.Second, time.Second)}
		start := time.Now()
		seen := make(map[time.Duration]bool)
		var mu sync.Mutex
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() {
				_, err := Retry(t.Context(), policy, func(context.Context) (int, error) { return 0, busy })
				mu.Lock()
				defer mu.Unlock()
				seen[time.Since(start)] = true
				if waited := time.Since(start); !errors.Is(err, errRetryTest) || waited < 30*time.Second || waited >= 31*time.Second {
					t.Errorf("%v after %v", err, waited)
				}
			})
		}
		wg.Wait()
		if len(seen) < 90 {
			t.Errorf("100 clients came back in %d moments", len(seen))
		}

		ctx, cancel := context.WithTimeout(t.Context(), 29*time.Second)
		defer cancel()
		start = time.Now()
		for _, after := range []time.Duration{30 * time.Second, math.MaxInt64} {
			_, err := Retry(ctx, policy, func(context.Context) (int, error) { return 0, RetryAfter(errRetryTest, after) })
			if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 0 {
				t.Errorf("%v after %v", err, time.Since(start))
			}
		}
		_, err := Retry(ctx, RetryPolicy{Attempts: 2, Delay: func(int) time.Duration { return 0 }},
			func(context.Context) (int, error) { return 0, RetryAfter(errRetryTest, -time.Second) })
		if !errors.Is(err, errRetryTest) || time.Since(start) != 0 {
			t.Errorf("negative hint: %v after %v", err, time.Since(start))
		}
	})
}

// retryAccount is a service that does what it is asked to, and whose answer gets
// lost now and then.
type retryAccount struct {
	balance int
	done    map[string]bool
	calls   int
}

func (a *retryAccount) set(balance int) error { a.balance = balance; return a.answer() }
func (a *retryAccount) add(amount int) error  { a.balance += amount; return a.answer() }
func (a *retryAccount) answer() error         { a.calls++; return a.lost() }
func (a *retryAccount) lost() error {
	if a.calls%2 == 1 {
		return errors.New("connection reset before the answer")
	}
	return nil
}

func (a *retryAccount) addOnce(key string, amount int) error {
	if !a.done[key] {
		a.done[key] = true
		a.balance += amount
	}
	return a.answer()
}

// Those whose effect is the same when they happen twice: reads, and writes of a
// whole value (idempotent ones, such as GET, PUT and DELETE). A timeout does not
// say whether the call has had its effect, only that no answer came. Adding 10 to
// a balance, whose first answer is lost, so adds 20. With a key that the client
// makes up once per operation and sends with each attempt, the server recognizes
// the second one, and anything can be retried.
//
//claim:ask Which operations may be retried, and how do you make the others safe?
//claim:source https://www.rfc-editor.org/rfc/rfc9110#name-idempotent-methods
func TestRetryIdempotent(t *testing.T) {
	for _, test := range []struct {
		name string
		call func(*retryAccount) error
		want int
	}{
		{"set", func(a *retryAccount) error { return a.set(10) }, 10},
		{"add", func(a *retryAccount) error { return a.add(10) }, 20},
		{"add with a key", func(a *retryAccount) error { return a.addOnce("order 7", 10) }, 10},
	} {
		account := &retryAccount{done: make(map[string]bool)}
		policy := RetryPolicy{Delay: func(int) time.Duration { return 0 }}
		_, err := Retry(t.Context(), policy, func(context.Context) (struct{}, error) { return struct{}{}, test.call(account) })
		if err != nil || account.calls != 2 || account.balance != test.want {
			t.Errorf("%s: balance %d after %d calls, %v, want %d", test.name, account.balance, account.calls, err, test.want)
		}
	}
}

// Share a budget between all calls: each call adds a tenth of a retry to it, and
// each retry takes a whole one. While little fails, every failure is retried. If
// everything fails, a thousand calls with three attempts each would make three
// thousand, just when the service cannot cope with one thousand; with the budget
// they make 1109. The limit of attempts cannot do that, since it knows one call
// only, and neither can backoff, which spreads the same load over time.
//
//claim:ask How do you keep retries from making an outage worse (retry storm)?
//claim:source https://pkg.go.dev/github.com/failsafe-go/failsafe-go/budget
func TestRetryBudgetStopsStorm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		storm := func(budget *RetryBudget, fails func(call int) bool) (calls, lost int64) {
			policy := RetryPolicy{Attempts: 3, Budget: budget}
			var made, failed atomic.Int64
			var wg sync.WaitGroup
			for i := range 1000 {
				wg.Go(func() {
					first := true
					_, err := Retry(t.Context(), policy, func(context.Context) (int, error) {
						made.Add(1)
						if fails(i) || first && i%20 == 0 {
							first = false
							return 0, errRetryTest
						}
						return 0, nil
					})
					if err != nil {
						failed.Add(1)
						if !errors.Is(err, errRetryTest) {
							t.Error(err)
						}
					}
				})
				time.Sleep(10 * time.Millisecond)
			}
			wg.Wait()
			return made.Load(), failed.Load()
		}
		down := func(int) bool { return true }
		up := func(int) bool { return false }
		if calls, lost := storm(nil, down); calls != 3000 || lost != 1000 {
			t.Errorf("without a budget: %d calls, %d lost", calls, lost)
		}
		if calls, lost := storm(NewRetryBudget(0.1, 10), down); calls != 1109 || lost != 1000 {
			t.Errorf("with a budget: %d calls, %d lost", calls, lost)
		}
		// 5% of the calls fail once: all of them are saved.
		if calls, lost := storm(NewRetryBudget(0.1, 10), up); calls != 1050 || lost != 0 {
			t.Errorf("single failures: %d calls, %d lost", calls, lost)
		}
	})
}

func TestRetryBudgetEdges(t *testing.T) {
	retries := func(b *RetryBudget, calls int) (n int) {
		policy := RetryPolicy{Attempts: 2, Budget: b, Delay: func(int) time.Duration { return 0 }}
		for range calls {
			attempts := 0
			_, err := Retry(context.Background(), policy, func(context.Context) (int, error) { attempts++; return 0, errRetryTest })
			if n += attempts - 1; errors.Is(err, ErrRetryBudget) != (attempts == 1) {
				t.Errorf("%d attempts, %v", attempts, err)
			}
		}
		return n
	}
	for _, test := range []struct {
		share          float64
		reserve, calls int
		want           int
	}{
		{0, 0, 100, 0}, {-1, -1, 100, 0}, {math.NaN(), 5, 100, 5}, {0.25, 0, 100, 25}, {0.25, 7, 100, 32},
		{1, 0, 100, 100}, {5, 0, 100, 100}, {0, math.MaxInt, 100, 100},
	} {
		if got := retries(NewRetryBudget(test.share, test.reserve), test.calls); got != test.want && got != test.want-1 {
			t.Errorf("share %v, reserve %d: %d retries for %d calls, want %d", test.share, test.reserve, got, test.calls, test.want)
		}
	}
	// A long time of success saves up the reserve, and no more.
	b := NewRetryBudget(0.5, 3)
	for range 1000 {
		_, _ = Retry(t.Context(), RetryPolicy{Budget: b}, func(context.Context) (int, error) { return 0, nil })
	}
	if n := retries(b, 1); n != 1 || b.tokens.Load() > 3*retryUnit {
		t.Errorf("%d retries, %d left", n, b.tokens.Load())
	}
}

func TestRetryFaultPanic(t *testing.T) {
	for _, end := range []func(){func() { panic("boom") }, runtime.Goexit} {
		calls := 0
		done := make(chan any)
		go func() {
			defer func() { done <- recover() }()
			_, _ = Retry(t.Context(), RetryPolicy{}, func(context.Context) (int, error) { calls++; end(); return 0, nil })
		}()
		if value := <-done; value != nil && value != "boom" || calls != 1 {
			t.Errorf("recovered %v after %d calls", value, calls)
		}
	}
}

// One attempt that hangs must not use up the time of all: give each its own
// timeout, below the deadline of the whole. The error of the attempt is then a
// deadline too, so the loop must look at the outer context and not at the error
// to see whether to go on.
//
//claim:ask How do you combine a timeout for each attempt with a deadline for all of them?
//claim:source https://pkg.go.dev/context#WithTimeout
func TestRetryFaultSlowAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		start := time.Now()
		calls := 0
		policy := RetryPolicy{Delay: func(int) time.Duration { return time.Second }}
		got, err := Retry(ctx, policy, func(ctx context.Context) (string, error) {
			ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
			defer cancel()
			if calls++; calls < 3 {
				<-ctx.Done() // hangs
				return "", ctx.Err()
			}
			return "answer", nil
		})
		if got != "answer" || err != nil || time.Since(start) != 6*time.Second {
			t.Errorf("%q, %v after %v", got, err, time.Since(start))
		}
	})
}

func TestRetryConcurrent(t *testing.T) {
	policy := RetryPolicy{Attempts: 5, Delay: func(int) time.Duration { return 0 }, Budget: NewRetryBudget(0.5, 20)}
	var calls, retries atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 500 {
				calls.Add(1)
				attempts := 0
				_, err := Retry(t.Context(), policy, func(context.Context) (int, error) { attempts++; return 0, errRetryTest })
				retries.Add(int64(attempts - 1))
				if !errors.Is(err, errRetryTest) {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if got, most := retries.Load(), 20+calls.Load()/2; got > most || got < most/2 {
		t.Errorf("%d retries for %d calls", got, calls.Load())
	}
	if !strings.Contains(ErrRetryBudget.Error(), "budget") {
		t.Error(ErrRetryBudget)
	}
}

// retryLoop is the loop by hand, without a context.
func retryLoop(attempts int, delay time.Duration, f func() (int, error)) (n int, err error) {
	for range attempts {
		if n, err = f(); err == nil {
			return n, nil
		}
		time.Sleep(delay)
	}
	return n, err
}

// A successful first attempt costs no allocation, with or without a budget, so
// wrapping every call in Retry is affordable. Neither does a retry without a
// delay allocate; a wait costs a timer. What costs in practice are the waits and
// the repeated calls.
//
//claim:ask What does a retry helper cost for calls that succeed at once?
//claim:expect allocs/op of=retry == 0
//claim:expect allocs/op of=retry-budget == 0
//claim:expect allocs/op of=retry-third == 0
//claim:source https://pkg.go.dev/context#Context
func BenchmarkRetry(b *testing.B) {
	run := func(b *testing.B, policy RetryPolicy, failures int) {
		ctx := context.Background()
		calls := 0
		f := func(context.Context) (int, error) {
			if calls++; calls <= failures {
				return 0, errRetryTest
			}
			return calls, nil
		}
		b.ReportAllocs()
		for b.Loop() {
			calls = 0
			if n, err := Retry(ctx, policy, f); err != nil || n != failures+1 {
				b.Fatal(n, err)
			}
		}
	}
	none := func(int) time.Duration { return 0 }
	b.Run("of=retry", func(b *testing.B) { run(b, RetryPolicy{}, 0) })
	b.Run("of=retry-budget", func(b *testing.B) { run(b, RetryPolicy{Budget: NewRetryBudget(0.1, 10)}, 0) })
	b.Run("of=retry-third", func(b *testing.B) { run(b, RetryPolicy{Delay: none}, 2) })
	b.Run("of=naive", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if n, err := retryLoop(3, 0, func() (int, error) { return 1, nil }); err != nil || n != 1 {
				b.Fatal(n, err)
			}
		}
	})
}
