package concurrency

import "sync"

// A sync.Map is a map that many goroutines may use without a lock of yours. Its keys
// and values are of type any. Here are the two maps it competes with, and a wrapper
// that gives it types.

// typedMap is a sync.Map with types. The zero value is empty and ready.
type typedMap[K comparable, V any] struct{ m sync.Map }

func (m *typedMap[K, V]) load(key K) (value V, ok bool) {
	v, ok := m.m.Load(key)
	if !ok {
		return value, false
	}
	return v.(V), true
}

func (m *typedMap[K, V]) store(key K, value V) { m.m.Store(key, value) }

func (m *typedMap[K, V]) loadOrStore(key K, value V) (actual V, loaded bool) {
	v, loaded := m.m.LoadOrStore(key, value)
	return v.(V), loaded
}

// all has the form of iter.Seq2, so that for range works on it.
func (m *typedMap[K, V]) all(yield func(K, V) bool) {
	m.m.Range(func(key, value any) bool { return yield(key.(K), value.(V)) })
}

// onceMap makes the value of each key once, however many goroutines ask for it.
type onceMap[K comparable, V any] struct {
	m    sync.Map // of func() V
	make func(K) V
}

func (m *onceMap[K, V]) get(key K) V {
	f, ok := m.m.Load(key)
	if !ok {
		f, _ = m.m.LoadOrStore(key, sync.OnceValue(func() V { return m.make(key) }))
	}
	return f.(func() V)()
}

// intMap is what the benchmark compares.
type intMap interface {
	load(key int) (int, bool)
	store(key, value int)
}

type mutexIntMap struct {
	mu sync.Mutex
	m  map[int]int
}

func (m *mutexIntMap) load(key int) (int, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.m[key]
	return v, ok
}

func (m *mutexIntMap) store(key, value int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.m[key] = value
}

type rwmutexIntMap struct {
	mu sync.RWMutex
	m  map[int]int
}

func (m *rwmutexIntMap) load(key int) (int, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	v, ok := m.m[key]
	return v, ok
}

func (m *rwmutexIntMap) store(key, value int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.m[key] = value
}

// useIntMap makes 100 calls on the keys 1000 to 1099, of which the given number are
// stores, and returns the sum of what it has loaded.
func useIntMap(m intMap, stores int) (sum int) {
	for i := range 100 {
		key := 1000 + i
		if i < stores {
			m.store(key, key+1)
			continue
		}
		v, _ := m.load(key)
		sum += v
	}
	return sum
}
