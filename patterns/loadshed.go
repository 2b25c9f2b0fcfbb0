package patterns

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"
)

// The errors of a [ShedQueue].
var (
	ErrShedQueueFull   = errors.New("shed queue: full")
	ErrShedQueueClosed = errors.New("shed queue: closed")
)

// A ShedQueue is a bounded queue between a fast producer and a slow consumer,
// such as a network. When it is full, it sheds load in one of three ways: it
// refuses a value at once, or after a wait, or it drops the oldest value for a
// new one. Values that have become too old are not handed out. So what waits is
// limited in number and in time, and the consumer works on what is still wanted.
//
// Create it with [NewShedQueue]. All methods may be called concurrently.
//
// # Guarantees
//
//   - At most capacity values are queued, and handed out in the order in which
//     they were put.
//   - Nothing is lost silently: a value that was accepted is handed out by
//     [ShedQueue.Take], or given to the function shed if it was dropped, once.
//   - After [ShedQueue.Close], no value is accepted, and what was accepted before
//     can still be taken. Put never panics, and never blocks for longer than told.
//   - shed is called in the goroutine that drops the value, outside of any lock.
//
// # Cost
//
// The memory for capacity values, allocated at once. A value takes a send, a
// receive and a reading lock; with a largest age, the clock is read twice. Only
// a Put that waits allocates, a timer. There is no goroutine.
//
// # When not to use it
//
// If the producer can wait, use a channel: that it blocks is the simplest way to
// slow the producer down. If no value may be lost, a queue in memory is wrong
// anyway, since a crash loses it: use a durable one, such as NATS or Kafka. To
// limit calls that wait for their result, use a semaphore with a limited queue.
type ShedQueue[T any] struct {
	values chan shedValue[T]
	maxAge time.Duration
	shed   func(T)
	start  time.Time

	closing sync.Once
	closed  chan struct{}
	putting sync.RWMutex // held for writing to close values
}

type shedValue[T any] struct {
	value T
	put   time.Duration // since start
}

// NewShedQueue returns a queue for so many values. If maxAge is positive, values
// that are older when they come to the front are dropped. If shed is not nil, it
// is called with each value that is dropped after it was accepted. NewShedQueue
// panics if capacity is not positive.
func NewShedQueue[T any](capacity int, maxAge time.Duration, shed func(T)) *ShedQueue[T] {
	if capacity <= 0 {
		panic(fmt.Sprintf("shed queue: capacity %d", capacity))
	}
	return &ShedQueue[T]{
		values: make(chan shedValue[T], capacity),
		maxAge: maxAge,
		shed:   shed,
		start:  time.Now(),
		closed: make(chan struct{}),
	}
}

// Put adds a value. If the queue is full, it waits for room, at most for the given
// time, which may be zero. It returns [ErrShedQueueFull], [ErrShedQueueClosed] or
// the cause of a cancellation of ctx if the value was not added.
func (q *ShedQueue[T]) Put(ctx context.Context, value T, wait time.Duration) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	// Close waits for this lock. Before that, it makes those who hold it leave.
	q.putting.RLock()
	defer q.putting.RUnlock()
	if q.isClosed() {
		return ErrShedQueueClosed
	}
	v := shedValue[T]{value, q.now()}
	select {
	case q.values <- v:
		return nil
	default:
	}
	if wait <= 0 {
		return ErrShedQueueFull
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case q.values <- v:
		return nil
	case <-timer.C:
		return ErrShedQueueFull
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-q.closed:
		return ErrShedQueueClosed
	}
}

// PutLatest adds a value at once. If the queue is full, it drops the oldest ones
// until there is room. It returns [ErrShedQueueClosed] after Close.
func (q *ShedQueue[T]) PutLatest(value T) error {
	v := shedValue[T]{value, q.now()}
	for {
		oldest, full, err := q.tryPut(v)
		if !full || err != nil {
			return err
		}
		q.drop(oldest)
	}
}

// tryPut adds the value, or takes the oldest one out to make room.
func (q *ShedQueue[T]) tryPut(v shedValue[T]) (oldest shedValue[T], full bool, err error) {
	q.putting.RLock()
	defer q.putting.RUnlock()
	for !q.isClosed() {
		select {
		case q.values <- v:
			return oldest, false, nil
		default:
		}
		select {
		case oldest = <-q.values:
			return oldest, true, nil
		default: // somebody was faster
		}
	}
	return oldest, false, ErrShedQueueClosed
}

// Take returns the next value that is not too old. It waits for one until ctx is
// done, and returns the cause then. When the queue is closed and empty, it returns
// [ErrShedQueueClosed].
func (q *ShedQueue[T]) Take(ctx context.Context) (value T, err error) {
	for {
		if ctx.Err() != nil {
			return value, context.Cause(ctx)
		}
		select {
		case v, ok := <-q.values:
			if !ok {
				return value, ErrShedQueueClosed
			}
			if q.maxAge <= 0 || q.now()-v.put <= q.maxAge {
				return v.value, nil
			}
			q.drop(v)
		case <-ctx.Done():
		}
	}
}

// All returns an iterator over the values as [ShedQueue.Take] returns them, until
// the queue is closed and empty or ctx is done. Several goroutines may range over
// it; each value goes to one of them.
func (q *ShedQueue[T]) All(ctx context.Context) iter.Seq[T] {
	return func(yield func(T) bool) {
		for {
			value, err := q.Take(ctx)
			if err != nil || !yield(value) {
				return
			}
		}
	}
}

// Len returns the number of values in the queue, with those that are too old.
func (q *ShedQueue[T]) Len() int { return len(q.values) }

// Close ends the queue for those who put. It may be called more than once.
func (q *ShedQueue[T]) Close() {
	q.closing.Do(func() {
		close(q.closed)
		q.putting.Lock()
		defer q.putting.Unlock()
		close(q.values)
	})
}

func (q *ShedQueue[T]) isClosed() bool {
	select {
	case <-q.closed:
		return true
	default:
		return false
	}
}

func (q *ShedQueue[T]) drop(v shedValue[T]) {
	if q.shed != nil {
		q.shed(v.value)
	}
}

// now reads the clock if there is a use for it.
func (q *ShedQueue[T]) now() time.Duration {
	if q.maxAge <= 0 {
		return 0
	}
	return time.Since(q.start)
}
