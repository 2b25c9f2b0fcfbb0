package patterns

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// A SlidingWindow allows at most limit events within any span of a window, and
// remembers the time of each of them. It is for contracts that say "at most 100
// calls within any minute" and mean it; a token bucket allows more, its burst in
// addition to its rate.
//
// Create it with [NewSlidingWindow]. All methods may be called concurrently.
//
// # Guarantees
//
//   - Any span of time shorter than the window, wherever it begins, has at most
//     limit events. An event leaves the window exactly one window later.
//   - An event that would be one too many is refused at once, and not counted.
//   - Only the monotonic clock counts.
//
// # Cost
//
// Eight bytes for each event of the limit, allocated at once, whether they
// happen or not. A call takes constant time under a mutex: the ring of times is
// full exactly when its oldest entry matters.
//
// # When not to use it
//
// For a large limit, or one for each of many clients, the memory counts: use a
// token bucket, as golang.org/x/time/rate has it, which needs a few words.
// To spread the events evenly, instead of all at the start of the window, use a
// [LeakyBucket].
type SlidingWindow struct {
	window int64
	start  time.Time

	mu    sync.Mutex
	times []int64 // of the last events, a ring
	next  int     // index of the oldest
}

// NewSlidingWindow returns a limiter that allows so many events in any window.
// It panics if an argument is not positive.
func NewSlidingWindow(limit int, window time.Duration) *SlidingWindow {
	if limit <= 0 || window <= 0 {
		panic(fmt.Sprintf("sliding window: %d events in %v: not positive", limit, window))
	}
	w := &SlidingWindow{window: int64(window), start: time.Now(), times: make([]int64, limit)}
	for i := range w.times {
		w.times[i] = -w.window // left the window already
	}
	return w
}

// Allow reports whether an event may happen now, and notes it if so.
func (w *SlidingWindow) Allow() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	// The clock is read under the lock, so that the times are in order.
	now := int64(time.Since(w.start))
	if now-w.window < w.times[w.next] {
		return false
	}
	w.times[w.next] = now
	if w.next++; w.next == len(w.times) {
		w.next = 0
	}
	return true
}

// ErrLeakyBucketFull is the error of [LeakyBucket.Wait] if too many wait.
var ErrLeakyBucketFull = errors.New("leaky bucket: full")

// A LeakyBucket lets events pass one by one, at least an interval apart, and
// never in a burst, however they come in. Those that come too early wait for
// their turn, in the order of their calls; a limited number of them. It smooths
// traffic to a service that breaks under bursts.
//
// Its state is one atomic number, and only events that wait need a timer. It is
// a token bucket with a burst of one and a limited queue. Create it with
// [NewLeakyBucket]. All methods may be called concurrently.
type LeakyBucket struct {
	interval int64
	longest  int64 // what the last one in a full queue waits
	start    time.Time
	last     atomic.Int64 // the last turn that was given, since start
}

// NewLeakyBucket returns a bucket that lets an event pass each interval, while
// up to queue others wait. Without a queue, events that come too early are
// refused. It panics if interval is not positive, if queue is negative, or if they
// make more than 70 years.
func NewLeakyBucket(interval time.Duration, queue int) *LeakyBucket {
	if interval <= 0 || queue < 0 || int64(queue) >= (1<<61)/int64(interval) {
		panic(fmt.Sprintf("leaky bucket: interval %v, queue of %d", interval, queue))
	}
	b := &LeakyBucket{interval: int64(interval), longest: int64(queue) * int64(interval), start: time.Now()}
	b.last.Store(-b.interval)
	return b
}

// Wait returns nil when the turn of the caller has come. It returns
// [ErrLeakyBucketFull] at once if the queue is full, and the cause of a
// cancellation of ctx. A caller that gives up leaves its turn to the next call if
// it was the last in the queue; otherwise the turn stays unused.
func (b *LeakyBucket) Wait(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var turn, wait int64
	for {
		now, last := int64(time.Since(b.start)), b.last.Load()
		turn = max(last+b.interval, now)
		if wait = turn - now; wait > b.longest {
			return ErrLeakyBucketFull
		}
		if b.last.CompareAndSwap(last, turn) {
			break
		}
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
		b.last.CompareAndSwap(turn, turn-b.interval) // fails if somebody is next
		return context.Cause(ctx)
	}
}
