package patterns

import (
	"context"
	"errors"
	"sync"
	"time"
)

// ErrIdempotencyMismatch is returned by [Idempotency.Do] if its key was used
// with another request.
var ErrIdempotencyMismatch = errors.New("idempotency key was used with another request")

// An Idempotency remembers the results of operations by a key that the client
// has chosen, so that a client which got no answer can simply ask again: a
// payment that is sent twice is made once. R is the type of requests, or of
// their fingerprint, such as that of sha256.Sum256(body); T that of results.
// Create it with [NewIdempotency].
//
// All methods may be called by several goroutines at once.
//
// # Guarantees
//
//   - While the result of a key is kept, no other caller executes it. Callers
//     that come during the execution wait for it, later ones get the stored
//     result.
//   - Only success is stored. If an execution fails, panics or ends its
//     goroutine, the first waiting caller that notices executes, or the next
//     one that comes.
//   - A key with another request is refused, during the execution and after it.
//   - A caller whose context ends stops waiting at once. It executes nothing.
//
// # Cost
//
// Do takes constant time and locks a mutex once for a stored result, without an
// allocation. The function runs in the goroutine of its caller. Each execution
// also looks at two old entries, in turn, and drops the expired ones. Keys,
// requests and results stay in memory for the TTL, without a limit on their
// number.
//
// # When not to use it
//
// It is the memory of one process. With several servers, or if a restart must
// not forget, store the key in the database, unique, in the same transaction as
// the effect. An operation that is idempotent by itself, such as setting a
// value, needs no key. To merge reads use [Flight], which lets all callers
// leave. An outcome that must not be tried again, such as a refused card, is a
// result, not an error.
type Idempotency[R comparable, T any] struct {
	ttl   time.Duration
	start time.Time // of all ages

	mu      sync.Mutex
	entries map[string]*idempotencyEntry[R, T]
	order   []*idempotencyEntry[R, T] // the same entries, for cleaning in turn
	hand    int                       // the one that cleaning looks at next
}

// An idempotencyEntry is an execution. Its result is written before done is
// closed; Idempotency.mu guards the rest.
type idempotencyEntry[R comparable, T any] struct {
	key     string
	request R
	place   int // in order

	done    chan struct{}
	ended   bool // done is closed
	expires time.Duration

	value T
	ok    bool
}

// NewIdempotency returns an empty store that keeps each result for ttl after
// its execution. If ttl is not positive, only calls that overlap share a
// result.
func NewIdempotency[R comparable, T any](ttl time.Duration) *Idempotency[R, T] {
	return &Idempotency[R, T]{ttl: ttl, start: time.Now(), entries: make(map[string]*idempotencyEntry[R, T])}
}

// Do returns the stored result of key, or calls fn and stores what it returns.
// Replayed reports whether the result is that of another call. The error is
// that of fn, [ErrIdempotencyMismatch], or the cause of the end of ctx while
// waiting.
//
// An error of fn must mean that nothing has happened, or that it may happen
// again. The context of fn is ctx itself: if the operation must not be
// interrupted when the client hangs up, pass context.WithoutCancel on. Fn must
// not call Do with its own key.
func (s *Idempotency[R, T]) Do(ctx context.Context, key string, request R, fn func(context.Context) (T, error)) (value T, replayed bool, err error) {
	for {
		e, mine, err := s.enter(ctx, key, request)
		switch {
		case err != nil:
			return value, false, err
		case mine:
			value, err := s.execute(ctx, e, fn)
			return value, false, err
		}
		select {
		case <-e.done:
			if e.ok {
				return e.value, true, nil
			}
		case <-ctx.Done():
			return value, false, context.Cause(ctx)
		}
	}
}

// enter returns the execution of key, and whether it is the caller's own.
func (s *Idempotency[R, T]) enter(ctx context.Context, key string, request R) (e *idempotencyEntry[R, T], mine bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock() // comparing requests of an interface type can panic
	now := time.Since(s.start)
	if e := s.entries[key]; e != nil {
		if !e.ended || now < e.expires {
			if e.request != request {
				return nil, false, ErrIdempotencyMismatch
			}
			return e, false, nil
		}
		s.remove(e)
	}
	if ctx.Err() != nil {
		return nil, false, context.Cause(ctx)
	}
	for range min(2, len(s.order)) {
		if s.hand >= len(s.order) {
			s.hand = 0
		}
		if old := s.order[s.hand]; old.ended && old.expires <= now {
			s.remove(old)
		} else {
			s.hand++
		}
	}
	e = &idempotencyEntry[R, T]{key: key, request: request, place: len(s.order), done: make(chan struct{})}
	s.entries[key] = e
	s.order = append(s.order, e)
	return e, true, nil
}

func (s *Idempotency[R, T]) execute(ctx context.Context, e *idempotencyEntry[R, T], fn func(context.Context) (T, error)) (value T, err error) {
	defer func() { // also if fn panics or calls runtime.Goexit
		s.mu.Lock()
		defer s.mu.Unlock()
		close(e.done)
		e.ended = true
		if now := time.Since(s.start); e.ok && s.ttl > 0 {
			const never = 1<<63 - 1
			e.expires = now + min(s.ttl, never-now)
		} else {
			s.remove(e)
		}
	}()
	value, err = fn(ctx)
	if err == nil {
		e.value, e.ok = value, true
	}
	return value, err
}

// remove fills the gap in order with the last entry.
func (s *Idempotency[R, T]) remove(e *idempotencyEntry[R, T]) {
	delete(s.entries, e.key)
	last := len(s.order) - 1
	s.order[e.place] = s.order[last]
	s.order[e.place].place = e.place
	s.order[last] = nil
	s.order = s.order[:last]
}

// Len returns the number of keys in memory, with those being executed and some
// that have expired.
func (s *Idempotency[R, T]) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.entries)
}
