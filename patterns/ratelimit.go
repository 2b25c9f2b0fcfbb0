package patterns

import (
	"context"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// A RateLimiter is a token bucket. It holds up to burst tokens, is full at
// first, and gets new ones at a steady rate; an event takes one. It keeps calls
// to a service, or of a client, below a rate on average, and lets short bursts
// pass. A [KeyRateLimiter] has a bucket for each client.
//
// Create it with [NewRateLimiter]; the zero RateLimiter allows nothing. All
// methods may be called concurrently.
//
// # Guarantees
//
//   - In any span of time d, at most burst + rate*d events have their turn. The
//     goroutine of an event may get to run later than its turn comes.
//   - [RateLimiter.Wait] serves callers in the order in which they have called.
//     No other call, and no call of Allow, takes tokens that somebody waits for.
//   - Wait returns at once, and takes nothing, if its turn would not come before
//     the deadline of the context.
//   - A caller of Wait that gives up returns its tokens, if nobody has queued up
//     behind it. Otherwise its turn stays unused: the rate is never exceeded.
//   - Only the monotonic clock counts. Setting the wall clock has no effect.
//
// # Cost
//
// The state is one atomic integer: the time at which the bucket is full again
// (the generic cell rate algorithm). There is no goroutine, no lock and no
// allocation, and a refused call of Allow writes nothing. Wait allocates a timer
// if it has to wait.
//
// The time between two tokens is rounded up to a nanosecond. For ten million
// events a second, the rate is so up to one percent too low.
//
// # When not to use it
//
// Use golang.org/x/time/rate to change the rate while it is in use, or to cancel
// a reservation later. A limit that several processes share needs a store that
// they share, such as Redis. To limit how many calls run at the same time, use
// a semaphore: a rate says nothing about slow calls.
type RateLimiter struct {
	rate rateOf
	full atomic.Int64 // when the bucket is full, in nanoseconds since rate.start
}

// NewRateLimiter returns a limiter that allows so many events per duration, and
// up to burst events at once. It panics if an argument is not positive, or if
// filling the bucket would take more than 70 years.
func NewRateLimiter(events int, per time.Duration, burst int) *RateLimiter {
	return &RateLimiter{rate: newRateOf(events, per, burst)}
}

// Allow takes a token if there is one now.
func (l *RateLimiter) Allow() bool { return l.AllowN(1) }

// AllowN takes n tokens if they are there now, and none otherwise. It returns
// false if n exceeds the burst, and true if n is not positive.
func (l *RateLimiter) AllowN(n int) bool {
	if n <= 0 || int64(n) > l.rate.burst {
		return n <= 0
	}
	_, _, ok := l.reserve(l.rate.now(), int64(n)*l.rate.interval, 0)
	return ok
}

// Wait takes a token, as soon as there is one. See [RateLimiter.WaitN].
func (l *RateLimiter) Wait(ctx context.Context) error { return l.WaitN(ctx, 1) }

// WaitN takes n tokens, as soon as they are there. It returns an error if n
// exceeds the burst, the cause of a cancellation of ctx, or an error that wraps
// context.DeadlineExceeded, at once, if the tokens come too late.
func (l *RateLimiter) WaitN(ctx context.Context, n int) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if n <= 0 {
		return nil
	}
	if int64(n) > l.rate.burst {
		return fmt.Errorf("rate limiter: waiting for %d events, the burst is %d", n, l.rate.burst)
	}
	longest := int64(1 << 61)
	if deadline, ok := ctx.Deadline(); ok {
		longest = min(longest, int64(max(time.Until(deadline), 0))-1)
	}
	cost := int64(n) * l.rate.interval
	wait, full, ok := l.reserve(l.rate.now(), cost, longest)
	if !ok {
		return fmt.Errorf("rate limiter: the wait of %v is too long: %w", time.Duration(wait), context.DeadlineExceeded)
	}
	if wait == 0 {
		return nil
	}
	timer := time.NewTimer(time.Duration(wait))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		l.full.CompareAndSwap(full, full-cost) // fails if somebody is next
		return context.Cause(ctx)
	}
}

// RetryAfter returns how long it takes until AllowN(n) returns true, if nobody
// else takes tokens: what the header Retry-After of a response may say. It is
// the longest duration there is if n exceeds the burst.
func (l *RateLimiter) RetryAfter(n int) time.Duration {
	if n > 0 && int64(n) > l.rate.burst {
		return math.MaxInt64
	}
	now := l.rate.now()
	wait := max(l.full.Load(), now) + int64(max(n, 0))*l.rate.interval - now - l.rate.window
	return time.Duration(max(wait, 0))
}

// reserve takes tokens that are there after a wait. It returns the wait and the
// state that it has left, or false if the wait would be too long.
func (l *RateLimiter) reserve(now, cost, longest int64) (wait, full int64, ok bool) {
	for {
		old := l.full.Load()
		full = max(old, now) + cost
		wait = max(full-now-l.rate.window, 0)
		if wait > longest {
			return wait, old, false
		}
		if l.full.CompareAndSwap(old, full) {
			return wait, full, true
		}
	}
}

// A KeyRateLimiter has a token bucket for each key, such as the address or
// the account of a client, all with the same rate and burst. It forgets the
// buckets that are full again, since they are like new ones: when the number of
// buckets has doubled, it drops these. So it holds fewer than twice as many
// buckets as were not full when it last looked, or 64. All methods may be called
// concurrently; they share a mutex.
type KeyRateLimiter[K comparable] struct {
	rate  rateOf
	mu    sync.Mutex
	full  map[K]int64 // when the bucket of a key is full
	sweep int         // length at which full buckets are dropped
}

const keyRateLimiterMin = 64

// NewKeyRateLimiter returns a limiter that allows each key so many events per
// duration, and up to burst at once. It panics as [NewRateLimiter] does.
func NewKeyRateLimiter[K comparable](events int, per time.Duration, burst int) *KeyRateLimiter[K] {
	return &KeyRateLimiter[K]{rate: newRateOf(events, per, burst), full: make(map[K]int64), sweep: keyRateLimiterMin}
}

// Allow takes a token of the key if there is one now.
func (l *KeyRateLimiter[K]) Allow(key K) bool {
	now := l.rate.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	old, known := l.full[key]
	full := max(old, now) + l.rate.interval
	if full-now > l.rate.window {
		return false
	}
	if !known && len(l.full) >= l.sweep {
		// A new map, because a map that is emptied keeps its memory.
		kept := make(map[K]int64)
		for key, full := range l.full {
			if full > now {
				kept[key] = full
			}
		}
		l.full, l.sweep = kept, max(2*len(kept), keyRateLimiterMin)
	}
	l.full[key] = full
	return true
}

// Len returns the number of buckets that are held.
func (l *KeyRateLimiter[K]) Len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.full)
}

// A rateOf is a rate, in whole nanoseconds.
type rateOf struct {
	interval int64 // between two tokens
	burst    int64
	window   int64 // what filling an empty bucket takes
	start    time.Time
}

func newRateOf(events int, per time.Duration, burst int) rateOf {
	if events <= 0 || per <= 0 || burst <= 0 {
		panic(fmt.Sprintf("rate limiter: %d events per %v with a burst of %d: not positive", events, per, burst))
	}
	r := rateOf{interval: (int64(per)-1)/int64(events) + 1, burst: int64(burst), start: time.Now()}
	if r.burst > (1<<61)/r.interval {
		panic(fmt.Sprintf("rate limiter: %d events per %v with a burst of %d: too slow", events, per, burst))
	}
	r.window = r.burst * r.interval
	return r
}

// now reads the monotonic clock only, which is cheaper than time.Now.
func (r *rateOf) now() int64 { return int64(time.Since(r.start)) }
