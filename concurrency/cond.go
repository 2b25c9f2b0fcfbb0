package concurrency

import (
	"context"
	"sync"
)

// A Cond lets goroutines sleep until a condition on guarded data may have become
// true. The condition is yours: the Cond itself has no state, only the waiters.

// condGate stops those who pass while it is closed, and can be opened and closed
// again and again.
type condGate struct {
	mu   sync.Mutex
	cond sync.Cond
	open bool
}

func newCondGate() *condGate {
	g := new(condGate)
	g.cond.L = &g.mu
	return g
}

func (g *condGate) set(open bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open = open
	g.cond.Broadcast()
}

func (g *condGate) pass() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for !g.open {
		g.cond.Wait()
	}
}

// passContext is pass with a way out. The function of AfterFunc takes the lock, so
// that it cannot call Broadcast between the check of ctx and Wait.
func (g *condGate) passContext(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.cond.Broadcast()
	})
	defer stop()
	g.mu.Lock()
	defer g.mu.Unlock()
	for !g.open {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		g.cond.Wait()
	}
	return nil
}

// condQueue is a queue with a limit. Putters and takers wait for different things,
// so each have a Cond, on the one mutex.
type condQueue struct {
	mu                sync.Mutex
	notFull, notEmpty sync.Cond
	items             []int
	limit             int
}

func newCondQueue(limit int) *condQueue {
	q := &condQueue{limit: limit}
	q.notFull.L, q.notEmpty.L = &q.mu, &q.mu
	return q
}

func (q *condQueue) put(item int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.items) == q.limit {
		q.notFull.Wait()
	}
	q.items = append(q.items, item)
	q.notEmpty.Signal()
}

func (q *condQueue) take() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.items) == 0 {
		q.notEmpty.Wait()
	}
	item := q.items[0]
	q.items = q.items[1:]
	q.notFull.Signal()
	return item
}

// takeSome removes n items at once, which a channel cannot do.
func (q *condQueue) takeSome(n int) []int {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.items) < n {
		q.notEmpty.Wait()
	}
	some := q.items[:n:n]
	q.items = q.items[n:]
	q.notFull.Broadcast()
	return some
}
