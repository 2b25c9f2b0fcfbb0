package concurrency

import (
	"context"
	"maps"
	"sync"
	"time"
)

// A mutex guards data, not code: everything that reads or writes the data takes
// the same lock. Here are small types with the right and the wrong shapes; where
// a name ends in Leaky, its neighbour is the cure.

// guardedCounts is the usual shape: the mutex stands unexported above the field
// that it guards.
type guardedCounts struct {
	mu     sync.Mutex
	byName map[string]int
}

func (c *guardedCounts) add(name string, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.addLocked(name, n)
}

// addLocked expects the caller to hold c.mu, so that methods which already hold
// it can use it as well.
func (c *guardedCounts) addLocked(name string, n int) {
	if c.byName == nil {
		c.byName = make(map[string]int)
	}
	c.byName[name] += n
}

// addPair changes both counts or, for a reader, none of them yet.
func (c *guardedCounts) addPair(one, other string, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.addLocked(one, n)
	c.addLocked(other, n)
}

func (c *guardedCounts) get(name string) (n int, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n, ok = c.byName[name]
	return n, ok
}

// addIfMissing decides and acts under one lock.
func (c *guardedCounts) addIfMissing(name string, n int) (added bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.byName[name]; ok {
		return false
	}
	c.addLocked(name, n)
	return true
}

// allLeaky returns the guarded map itself: the lock ends with the return.
func (c *guardedCounts) allLeaky() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.byName
}

func (c *guardedCounts) all() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.byName)
}

// updateDirect does not release the lock when change panics.
func (c *guardedCounts) updateDirect(name string, change func(int) int) {
	c.mu.Lock()
	if c.byName == nil {
		c.byName = make(map[string]int)
	}
	c.byName[name] = change(c.byName[name])
	c.mu.Unlock()
}

func (c *guardedCounts) updateDeferred(name string, change func(int) int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byName == nil {
		c.byName = make(map[string]int)
	}
	c.byName[name] = change(c.byName[name])
}

// mutexDeferred and mutexDirect do the same work, for what defer costs.
//
//go:noinline
func mutexDeferred(mu *sync.Mutex, n *int) {
	mu.Lock()
	defer mu.Unlock()
	*n++
}

//go:noinline
func mutexDirect(mu *sync.Mutex, n *int) {
	mu.Lock()
	*n++
	mu.Unlock()
}

// subject calls its observers at each change.
type subject struct {
	mu        sync.Mutex
	value     int
	observers []func(int)
}

// setLeaky calls code that it does not know while it holds the lock.
func (s *subject) setLeaky(v int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.value = v
	for _, f := range s.observers {
		f(v)
	}
}

// set copies what it needs and calls after it has released the lock.
func (s *subject) set(v int) {
	s.mu.Lock()
	s.value = v
	observers := append([]func(int){}, s.observers...)
	s.mu.Unlock()
	for _, f := range observers {
		f(v)
	}
}

func (s *subject) get() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.value
}

// account is money with a lock of its own; id orders the locks.
type account struct {
	mu      sync.Mutex
	id      int
	balance int
}

// transfer locks both accounts, the one with the smaller id first, whatever
// the direction.
func transfer(from, to *account, amount int) {
	first, second := from, to
	if second.id < first.id {
		first, second = second, first
	}
	first.mu.Lock()
	defer first.mu.Unlock()
	second.mu.Lock()
	defer second.mu.Unlock()
	from.balance -= amount
	to.balance += amount
}

// timedMutex is a lock that can be waited for with a context. It is made with
// newTimedMutex; a send takes the lock, a receive returns it.
type timedMutex chan struct{}

func newTimedMutex() timedMutex { return make(timedMutex, 1) }

func (m timedMutex) lock(ctx context.Context) error {
	select {
	case m <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (m timedMutex) unlock() { <-m }

// oneAtATime runs a job unless it is still running.
type oneAtATime struct{ running sync.Mutex }

func (o *oneAtATime) run(job func()) (ran bool) {
	if !o.running.TryLock() {
		return false
	}
	defer o.running.Unlock()
	job()
	return true
}

// slowCache is a cache whose values take long to load. The three methods differ
// in what they lock while they load.
type slowCache struct {
	stripes [8]struct {
		mu     sync.Mutex
		values map[int]int
	}
	load func(key int) int
}

func newSlowCache(wait time.Duration) *slowCache {
	c := &slowCache{load: func(key int) int {
		time.Sleep(wait) // a disk or a network
		return 2 * key
	}}
	for i := range c.stripes {
		c.stripes[i].values = make(map[int]int)
	}
	return c
}

// refreshInside loads under the one lock of all keys.
func (c *slowCache) refreshInside(key int) {
	s := &c.stripes[0]
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values[key] = c.load(key)
}

// refreshOutside loads first and takes the lock for the assignment only.
func (c *slowCache) refreshOutside(key int) {
	v := c.load(key)
	s := &c.stripes[0]
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values[key] = v
}

// refreshStriped loads under a lock that it shares with an eighth of the keys.
func (c *slowCache) refreshStriped(key int) {
	s := &c.stripes[key%len(c.stripes)]
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values[key] = c.load(key)
}

// refreshAll calls refresh for the keys 0 to n-1 at once and waits.
func refreshAll(n int, refresh func(key int)) {
	var wg sync.WaitGroup
	for key := range n {
		wg.Go(func() { refresh(key) })
	}
	wg.Wait()
}
