package concurrency

import "sync"

// An RWMutex lets readers in together and a writer alone. Here are a cache that
// is read far more often than it is written, and the functions that compare the
// cost of the two kinds of locks.

// rwSettings is read by everybody and seldom changed.
type rwSettings struct {
	mu     sync.RWMutex
	values map[string]string
	loads  int
}

func (s *rwSettings) get(key string) (value string, ok bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	value, ok = s.values[key]
	return value, ok
}

// getOrLoad cannot turn its read lock into a write lock. It gives the first
// back, takes the second, and looks again, because another goroutine may have
// loaded the value in between.
func (s *rwSettings) getOrLoad(key string, load func(string) string) string {
	if value, ok := s.get(key); ok {
		return value
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if value, ok := s.values[key]; ok {
		return value
	}
	if s.values == nil {
		s.values = make(map[string]string)
	}
	s.loads++
	s.values[key] = load(key)
	return s.values[key]
}

// The three ways to read a number under a lock.
//
//go:noinline
func rwReadMutex(mu *sync.Mutex, n *int) int {
	mu.Lock()
	v := *n
	mu.Unlock()
	return v
}

//go:noinline
func rwReadShared(mu *sync.RWMutex, n *int) int {
	mu.RLock()
	v := *n
	mu.RUnlock()
	return v
}

//go:noinline
func rwReadExclusive(mu *sync.RWMutex, n *int) int {
	mu.Lock()
	v := *n
	mu.Unlock()
	return v
}

// rwVisit lets eight goroutines use one lock at once: each calls work under
// read or, for a share of writes out of eight, under write.
func rwVisit(read, write sync.Locker, writes int, work func()) {
	var wg sync.WaitGroup
	for i := range 8 {
		lock := read
		if i < writes {
			lock = write
		}
		wg.Go(func() {
			lock.Lock()
			defer lock.Unlock()
			work()
		})
	}
	wg.Wait()
}
