package patterns

import (
	"context"
	"sync"
)

// A Latch opens once, after a number of events, and stays open. Waiting for it
// can be given up, which a sync.WaitGroup does not offer. With a count of one
// it is a start signal: goroutines that wait for it all start together. Create
// it with [NewLatch]. All methods may be called by several goroutines at once.
//
// # Guarantees
//
//   - What happens before the call of Done that opens the latch, and before the
//     other calls, happens before Wait returns nil.
//   - Wait returns nil for an open latch, even if its context has ended.
//   - Calls of Done beyond the count have no effect.
//   - No goroutine is started.
//
// # Cost
//
// One channel. Done takes a lock, Wait of an open latch is one receive from a
// closed channel.
//
// # When not to use it
//
// To wait for goroutines that always end, use sync.WaitGroup, which also counts
// up. For one event, a channel that is closed by one owner does the same.
// A latch cannot be used again: see [Barrier].
type Latch struct {
	mu    sync.Mutex
	count int
	open  chan struct{}
}

// NewLatch returns a latch that opens after count calls of [Latch.Done]. With a
// count of zero or less it is open.
func NewLatch(count int) *Latch {
	l := &Latch{count: count, open: make(chan struct{})}
	if count <= 0 {
		close(l.open)
	}
	return l
}

// Done counts one event.
func (l *Latch) Done() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.count > 0 {
		if l.count--; l.count == 0 {
			close(l.open)
		}
	}
}

// Opened returns a channel that is closed when the latch opens, for use in a
// select.
func (l *Latch) Opened() <-chan struct{} { return l.open }

// Wait waits until the latch is open, or returns the cause of ctx.
func (l *Latch) Wait(ctx context.Context) error {
	select {
	case <-l.open:
		return nil
	default:
	}
	select {
	case <-l.open:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
