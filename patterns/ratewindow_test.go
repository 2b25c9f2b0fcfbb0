package patterns

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A windowFixed counts the events of each window of the clock.
type windowFixed struct {
	limit, count int
	window       time.Duration
	current      time.Time
}

func (w *windowFixed) Allow() bool {
	if current := time.Now().Truncate(w.window); !current.Equal(w.current) {
		w.current, w.count = current, 0
	}
	w.count++
	return w.count <= w.limit
}

// A windowCounter estimates a sliding window from the counts of two fixed ones.
type windowCounter struct {
	limit, count, previous int
	window                 time.Duration
	current                time.Time
}

func (w *windowCounter) Allow() bool {
	now := time.Now()
	if current := now.Truncate(w.window); !current.Equal(w.current) {
		w.previous = 0
		if current.Sub(w.current) == w.window {
			w.previous = w.count
		}
		w.current, w.count = current, 0
	}
	// The part of the previous window that still counts. In integers, since
	// floating point would round differently with and without fused operations.
	rest := w.window - now.Sub(w.current)
	if time.Duration(w.previous)*rest >= time.Duration(w.limit-w.count)*w.window {
		return false
	}
	w.count++
	return true
}

// A windowTokens is the textbook token bucket.
type windowTokens struct {
	burst, tokens, every time.Duration // in units of time
	last                 time.Time
}

func (w *windowTokens) Allow() bool {
	w.tokens = min(w.tokens+time.Since(w.last), w.burst)
	w.last = time.Now()
	if w.tokens < w.every {
		return false
	}
	w.tokens -= w.every
	return true
}

// windowAlgorithms allow ten events a second.
var windowAlgorithms = []struct {
	name string
	new  func() func() bool
}{
	{"token bucket", func() func() bool {
		return (&windowTokens{time.Second, time.Second, time.Second / 10, time.Now()}).Allow
	}},
	{"leaky bucket", func() func() bool {
		b := NewLeakyBucket(time.Second/10, 0)
		return func() bool { return b.Wait(context.Background()) == nil }
	}},
	{"fixed window", func() func() bool { return (&windowFixed{limit: 10, window: time.Second}).Allow }},
	{"sliding log", func() func() bool { return NewSlidingWindow(10, time.Second).Allow }},
	{"sliding counter", func() func() bool { return (&windowCounter{limit: 10, window: time.Second}).Allow }},
}

// windowMost returns the largest number of events within less than a second.
func windowMost(times []time.Duration) (most int) {
	for i := range times {
		n, _ := slices.BinarySearch(times[i:], times[i]+time.Second)
		most = max(most, n)
	}
	return most
}

// All of them allow ten events a second in the long run, and differ in bursts.
// Somebody who tries each millisecond gets, in the first three seconds:
//
//	token bucket     19 10 10   a burst of 10, and one each tenth of a second
//	leaky bucket     10 10 10   one each tenth of a second, never two
//	fixed window     10 10 10   all at the start of each second
//	sliding log      10 10 10   all at the start, then one window later
//	sliding counter  10 10 10   all at the start, then spread as the estimate falls
//
// Take a token bucket unless you need another one: it is small, and forgives
// short bursts. A leaky bucket protects what breaks under bursts, and a sliding
// log keeps a contract to the letter, at the price of memory for each event.
//
//claim:ask Token bucket, leaky bucket, fixed or sliding window: how do rate limiters differ?
//claim:source https://pkg.go.dev/golang.org/x/time/rate
func TestRateWindowPerSecond(t *testing.T) {
	want := map[string]string{
		"token bucket":    "[19 10 10] most 19 apart 1ms",
		"leaky bucket":    "[10 10 10] most 10 apart 100ms",
		"fixed window":    "[10 10 10] most 10 apart 1ms",
		"sliding log":     "[10 10 10] most 10 apart 1ms",
		"sliding counter": "[10 10 10] most 10 apart 1ms",
	}
	for _, algorithm := range windowAlgorithms {
		synctest.Test(t, func(t *testing.T) {
			allow := algorithm.new()
			start := time.Now()
			var times []time.Duration
			perSecond := make([]int, 3)
			for range 3000 {
				if allow() {
					at := time.Since(start)
					times = append(times, at)
					perSecond[at/time.Second]++
				}
				time.Sleep(time.Millisecond)
			}
			apart := time.Hour
			for i := 1; i < len(times); i++ {
				apart = min(apart, times[i]-times[i-1])
			}
			got := fmt.Sprintf("%v most %d apart %v", perSecond, windowMost(times), apart)
			if got != want[algorithm.name] {
				t.Errorf("%s: %s, want %s", algorithm.name, got, want[algorithm.name])
			}
		})
	}
}

// A fixed window allows twice its limit at its border: ten events at the end of
// one second, and ten at the start of the next one, are twenty within a tenth of a
// second. A sliding log allows ten of them. A full token bucket allows eleven,
// its burst and one new token, and so does the estimate of a sliding counter. A
// leaky bucket without a queue allows two. For a coarse quota, such as calls in
// a month, the border may not matter.
//
//claim:ask What is wrong with counting the requests of each second (fixed window)?
//claim:source https://en.wikipedia.org/wiki/Rate_limiting
func TestFixedWindowBorder(t *testing.T) {
	want := map[string]int{"token bucket": 11, "leaky bucket": 2, "fixed window": 20, "sliding log": 10, "sliding counter": 11}
	for _, algorithm := range windowAlgorithms {
		synctest.Test(t, func(t *testing.T) {
			allow := algorithm.new()
			allowed := 0
			for _, pause := range []time.Duration{950 * time.Millisecond, 100 * time.Millisecond} {
				time.Sleep(pause)
				for range 15 {
					if allow() {
						allowed++
					}
				}
			}
			if allowed != want[algorithm.name] {
				t.Errorf("%s: %d allowed around the border, want %d", algorithm.name, allowed, want[algorithm.name])
			}
		})
	}
}

// It estimates, from the counts of this and the previous fixed window, as if the
// events of the previous one had been spread evenly. If they have come late,
// it allows too many: after ten events at the end of a second, it allows five
// more in the middle of the next one, fifteen within about half a second. If they
// have come early, it refuses events that have every right. Its state is two
// numbers instead of a time for each event, which is why proxies use it.
//
//claim:ask Sliding window log or sliding window counter: what is the difference?
//claim:source https://en.wikipedia.org/wiki/Rate_limiting
func TestSlidingCounterEstimates(t *testing.T) {
	burstAt := func(allow func() bool, pauses ...time.Duration) (allowed []int) {
		for _, pause := range pauses {
			time.Sleep(pause)
			n := 0
			for range 20 {
				if allow() {
					n++
				}
			}
			allowed = append(allowed, n)
		}
		return allowed
	}
	for _, test := range []struct {
		late          time.Duration
		exact, approx []int
	}{
		{990 * time.Millisecond, []int{10, 0}, []int{10, 5}},
		{0, []int{10, 10}, []int{10, 5}},
	} {
		synctest.Test(t, func(t *testing.T) {
			second := 1500*time.Millisecond - test.late
			if got := burstAt(NewSlidingWindow(10, time.Second).Allow, test.late, second); !slices.Equal(got, test.exact) {
				t.Errorf("log: %v, want %v", got, test.exact)
			}
			time.Sleep(500*time.Millisecond + 10*time.Second) // to the start of a window
			counter := &windowCounter{limit: 10, window: time.Second}
			if got := burstAt(counter.Allow, test.late, second); !slices.Equal(got, test.approx) {
				t.Errorf("counter: %v, want %v", got, test.approx)
			}
		})
	}
}

// It paces a single loop, and no more. A ticker keeps one tick for a slow
// receiver, and drops the others: after a pause the first event passes at
// once, and the next one at the next tick, which may come right behind it. The
// pause does not count for more than that one: there is no larger burst, and
// the time that a late loop has lost is not made up for. Receive once before
// the loop to get rid of a tick that is too old.
//
//claim:ask Can I use time.Ticker as a rate limiter?
//claim:source https://pkg.go.dev/time#NewTicker
func TestTickerAsLimiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		start := time.Now()
		time.Sleep(5900 * time.Millisecond)
		var times []time.Duration
		for range 3 {
			<-ticker.C
			times = append(times, time.Since(start))
		}
		want := []time.Duration{5900 * time.Millisecond, 6 * time.Second, 7 * time.Second}
		if !slices.Equal(times, want) {
			t.Errorf("events at %v, want %v", times, want)
		}

		time.Sleep(2900 * time.Millisecond)
		<-ticker.C // may be an old one
		for i := range 2 {
			<-ticker.C
			if at := time.Since(start); at != time.Duration(10+i)*time.Second {
				t.Errorf("event at %v", at)
			}
		}
	})
}

// A leaky bucket hands out turns that are one interval apart, and lets callers
// wait for them in order. What comes in as a burst goes out evenly: five calls at
// once pass at 0, 1, 2, 3 and 4 seconds. The queue has to be limited, since a
// waiting caller holds its memory and its client; the sixth call gets an error at
// once.
//
//claim:ask How do you spread a burst of calls evenly over time?
//claim:source https://en.wikipedia.org/wiki/Leaky_bucket
func TestLeakyBucketSpacing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewLeakyBucket(time.Second, 4)
		start := time.Now()
		var mu sync.Mutex
		var turns []string
		var full int
		for i := range 7 {
			go func() {
				err := b.Wait(t.Context())
				mu.Lock()
				defer mu.Unlock()
				if err == ErrLeakyBucketFull {
					full++
				} else {
					turns = append(turns, fmt.Sprint(i, " at ", time.Since(start), " ", err))
				}
			}()
			synctest.Wait()
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		want := []string{"0 at 0s <nil>", "1 at 1s <nil>", "2 at 2s <nil>", "3 at 3s <nil>", "4 at 4s <nil>"}
		if !slices.Equal(turns, want) || full != 2 {
			t.Errorf("turns %q, %d refused", turns, full)
		}
		if err := b.Wait(t.Context()); err != nil || time.Since(start) != 10*time.Second {
			t.Errorf("after a pause: %v after %v", err, time.Since(start))
		}
	})
}

func TestLeakyBucketFaultCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := errors.New("client gone")
		b := NewLeakyBucket(time.Second, 2)
		ctx, cancel := context.WithCancelCause(t.Context())
		results := make(chan error, 2)
		_ = b.Wait(ctx)
		for range 2 {
			go func() { results <- b.Wait(ctx) }()
			synctest.Wait()
		}
		if err := b.Wait(ctx); err != ErrLeakyBucketFull {
			t.Errorf("third in a queue of two: %v", err)
		}
		cancel(gone)
		if a, b := <-results, <-results; a != gone || b != gone {
			t.Errorf("cancelled: %v, %v", a, b)
		}
		if err := b.Wait(ctx); err != gone {
			t.Errorf("cancelled before the call: %v", err)
		}
		// At least the turn of the last one is free again.
		start := time.Now()
		if err := b.Wait(t.Context()); err != nil || time.Since(start) > 2*time.Second {
			t.Errorf("after the cancellations: %v after %v", err, time.Since(start))
		}
	})
}

func TestSlidingWindowLikeModel(t *testing.T) {
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 7))
			limit := 1 + random.IntN(10)
			window := time.Duration(1 + random.IntN(1000))
			w := NewSlidingWindow(limit, window)
			var log []time.Time
			for range 1000 {
				time.Sleep(time.Duration(random.Int64N(2*int64(window)/int64(limit) + 1)))
				log = slices.DeleteFunc(log, func(at time.Time) bool { return time.Since(at) >= window })
				want := len(log) < limit
				if want {
					log = append(log, time.Now())
				}
				if got := w.Allow(); got != want {
					t.Fatalf("seed %d: %v, model %v", seed, got, want)
				}
			}
		})
	}
}

func TestRateWindowConcurrent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, b := NewSlidingWindow(100, time.Second), NewLeakyBucket(time.Second, 9)
		var events, turns atomic.Int64
		var wg sync.WaitGroup
		start := time.Now()
		for range 8 {
			wg.Go(func() {
				for range 100 {
					if w.Allow() {
						events.Add(1)
					}
				}
				for range 100 {
					if b.Wait(t.Context()) == nil {
						turns.Add(1)
					}
				}
			})
		}
		wg.Wait()
		elapsed := time.Since(start)
		if events.Load() != 100 || turns.Load() > 1+int64(elapsed/time.Second) || turns.Load() < 8 {
			t.Errorf("%d events at once, %d turns in %v", events.Load(), turns.Load(), elapsed)
		}
	})
}

func TestRateWindowEdges(t *testing.T) {
	for _, bad := range []func(){
		func() { NewSlidingWindow(0, time.Second) },
		func() { NewSlidingWindow(1, 0) },
		func() { NewLeakyBucket(0, 1) },
		func() { NewLeakyBucket(time.Second, -1) },
		func() { NewLeakyBucket(math.MaxInt64, 0) },
		func() { NewLeakyBucket(1000*time.Hour, math.MaxInt32) },
	} {
		func() {
			defer func() {
				if _, ok := recover().(string); !ok {
					t.Error("no panic")
				}
			}()
			bad()
		}()
	}
}

// A windowLog removes what is too old at each call.
type windowLog struct {
	mu     sync.Mutex
	limit  int
	window time.Duration
	times  []time.Time
}

func (w *windowLog) Allow() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	w.times = slices.DeleteFunc(w.times, func(at time.Time) bool { return now.Sub(at) >= w.window })
	if len(w.times) >= w.limit {
		return false
	}
	w.times = append(w.times, now)
	return true
}

// A ring of the last limit times is enough: the oldest of them decides. A call
// takes the same time for any limit, where removing old times from a list at
// each call takes more than ten times as long for a limit of 1000, since it looks
// at all of them. Both need memory in proportion to the limit, which a token
// bucket does not.
//
//claim:ask How do you implement a sliding window limiter in constant time?
//claim:expect ns/op of=list > 10x of=ring
//claim:expect allocs/op of=ring == 0
//claim:source https://pkg.go.dev/container/ring
func BenchmarkSlidingWindow(b *testing.B) {
	b.Run("of=ring", func(b *testing.B) {
		w := NewSlidingWindow(1000, time.Hour)
		for w.Allow() {
		}
		b.ReportAllocs()
		for b.Loop() {
			w.Allow()
		}
	})
	b.Run("of=list", func(b *testing.B) {
		w := &windowLog{limit: 1000, window: time.Hour}
		for w.Allow() {
		}
		b.ReportAllocs()
		for b.Loop() {
			w.Allow()
		}
	})
}

func TestSlidingWindowRivalsAgree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ring, list := NewSlidingWindow(10, time.Second), &windowLog{limit: 10, window: time.Second}
		for range 1000 {
			if a, b := ring.Allow(), list.Allow(); a != b {
				t.Fatalf("ring %v, list %v", a, b)
			}
			time.Sleep(17 * time.Millisecond)
		}
	})
}
