package concurrency

import (
	"sync"
	"sync/atomic"
)

// A Once runs one function at most once and lets everybody wait until that has
// ended. Here are values that are made at the first use, with it and without it.

// onceConfig stands for something that is slow to make.
type onceConfig struct{ made int }

// onceSingleton makes its config at the first get.
type onceSingleton struct {
	once   sync.Once
	config *onceConfig
	made   int
}

func (s *onceSingleton) get() *onceConfig {
	s.once.Do(func() {
		s.made++
		s.config = &onceConfig{made: s.made}
	})
	return s.config
}

// onceChecked is the double-checked form that is right: the first check reads an
// atomic pointer.
type onceChecked struct {
	mu     sync.Mutex
	config atomic.Pointer[onceConfig]
	made   int
}

func (s *onceChecked) get() *onceConfig {
	if c := s.config.Load(); c != nil {
		return c
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.config.Load(); c != nil {
		return c
	}
	s.made++
	c := &onceConfig{made: s.made}
	s.config.Store(c)
	return c
}

// retryOnce keeps the first value that came without an error. After an error the
// next get tries again.
type retryOnce[T any] struct {
	mu    sync.Mutex
	done  bool
	value T
}

func (r *retryOnce[T]) get(load func() (T, error)) (T, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.done {
		return r.value, nil
	}
	value, err := load()
	if err != nil {
		return value, err
	}
	r.value, r.done = value, true
	return value, nil
}

// onceDone is the usual body of a getter, small enough to be inlined.
func onceDone(o *sync.Once, f func()) {
	o.Do(f) //claim:inlined
}

// The two ways to come to a value that is there already.
//
//go:noinline
func onceReadDone(o *sync.Once, n *int) int {
	o.Do(func() { *n = 7 })
	return *n
}

//go:noinline
func onceReadLocked(mu *sync.Mutex, made *bool, n *int) int {
	mu.Lock()
	defer mu.Unlock()
	if !*made {
		*n, *made = 7, true
	}
	return *n
}
