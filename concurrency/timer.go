package concurrency

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Timers are entries in a heap of the scheduler, not goroutines. Here are the
// usual uses of them: a limit for a goroutine, a pause that can be interrupted,
// the last of many calls, and an idle limit made without garbage.

var errTimerLimit = errors.New("limit reached")

// timerLimited runs work in a goroutine and waits at most limit for it. The
// result channel has room, so a late worker can still end.
func timerLimited(limit time.Duration, work func() int) (int, error) {
	result := make(chan int, 1)
	go func() { result <- work() }()
	select {
	case v := <-result:
		return v, nil
	case <-time.After(limit):
		return 0, errTimerLimit
	}
}

// timerPause is a time.Sleep that ends early when ctx does.
func timerPause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// timerDebounce calls f once it has not been triggered for the time quiet.
type timerDebounce struct {
	mu    sync.Mutex
	timer *time.Timer
	quiet time.Duration
	f     func()
}

func (d *timerDebounce) trigger() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.timer == nil {
		d.timer = time.AfterFunc(d.quiet, d.f)
		return
	}
	d.timer.Reset(d.quiet)
}

// timerDrainAfter takes n events and gives each a limit of its own.
func timerDrainAfter(events <-chan int, n int, limit time.Duration) (sum int) {
	for range n {
		select {
		case v := <-events:
			sum += v
		case <-time.After(limit):
			return sum
		}
	}
	return sum
}

// timerDrainReset is timerDrainAfter with one timer.
func timerDrainReset(events <-chan int, n int, limit time.Duration) (sum int) {
	idle := time.NewTimer(limit)
	defer idle.Stop()
	for range n {
		idle.Reset(limit)
		select {
		case v := <-events:
			sum += v
		case <-idle.C:
			return sum
		}
	}
	return sum
}
