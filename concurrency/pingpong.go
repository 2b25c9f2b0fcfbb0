package concurrency

import "sync"

// Two goroutines that take turns are the smallest exercise in ordering: every
// step of one must be seen by the other before it goes on. Here it is done with
// channels, for any number of goroutines, and with a condition variable.

// takeTurns calls step(i) for each i from 0 to n-1, from workers goroutines in
// turn: worker w makes the steps w, w+workers and so on. A token goes around in
// a ring of channels; who has it may step. Each has one place, so that the last
// one can pass the token on although nobody takes it.
func takeTurns(workers, n int, step func(worker, i int)) {
	ring := make([]chan struct{}, workers)
	for w := range ring {
		ring[w] = make(chan struct{}, 1)
	}
	var running sync.WaitGroup
	for w := range ring {
		running.Go(func() {
			for i := w; i < n; i += workers {
				<-ring[w]
				step(w, i)
				ring[(w+1)%workers] <- struct{}{}
			}
		})
	}
	ring[0] <- struct{}{}
	running.Wait()
}

// takeTurnsCond does the same with a condition variable. All workers wait for
// one condition each, so every step must wake them all.
func takeTurnsCond(workers, n int, step func(worker, i int)) {
	var mu sync.Mutex
	turn := sync.NewCond(&mu)
	next := 0
	var running sync.WaitGroup
	for w := range workers {
		running.Go(func() {
			mu.Lock()
			defer mu.Unlock()
			for i := w; i < n; i += workers {
				for next != i {
					turn.Wait()
				}
				step(w, i)
				next++
				turn.Broadcast()
			}
		})
	}
	running.Wait()
}

// boundedQueue is what a buffered channel does, made by hand: a mutex and two
// conditions.
type boundedQueue[T any] struct {
	mu       sync.Mutex
	notEmpty sync.Cond
	notFull  sync.Cond
	values   []T
	limit    int
}

func newBoundedQueue[T any](limit int) *boundedQueue[T] {
	q := &boundedQueue[T]{limit: limit}
	q.notEmpty.L, q.notFull.L = &q.mu, &q.mu
	return q
}

func (q *boundedQueue[T]) put(v T) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.values) == q.limit {
		q.notFull.Wait()
	}
	q.values = append(q.values, v)
	q.notEmpty.Signal()
}

func (q *boundedQueue[T]) take() T {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.values) == 0 {
		q.notEmpty.Wait()
	}
	v := q.values[0]
	q.values = q.values[1:]
	q.notFull.Signal()
	return v
}
