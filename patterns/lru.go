package patterns

import (
	"iter"
	"math"
	"sync"
)

// An LRU is a cache for a fixed number of entries: when it is full, the entry
// that was not used for the longest time makes room for a new one. It bounds
// the memory of a cache, which a map cannot. Create it with [NewLRU].
//
// All methods may be called by several goroutines at once.
//
// # Guarantees
//
//   - It never holds more entries than its capacity. Get and Put make an entry
//     the newest, Peek and All do not; the oldest is evicted.
//   - The eviction callback runs in the caller of Put, after the change and
//     outside the lock, so it may use the cache, be slow or panic.
//   - Keys and values that were removed or evicted are not kept alive.
//
// # Cost
//
// Get, Put, Peek, Remove and Len take constant time under one mutex. Get, and
// Put into a full cache, allocate nothing. The entries are in one slice, linked
// by their indexes, that grows as the cache fills and does not shrink. All
// copies it.
//
// # When not to use it
//
// One lock serves all callers: if many cores do little else than look up, use
// github.com/maypok86/otter, which records uses later and approximately, and
// also resists scans better. For entries that must not be older than some time
// use [TTL]. A map that cannot grow without bounds needs no cache.
type LRU[K comparable, V any] struct {
	capacity int
	onEvict  func(K, V)

	mu      sync.Mutex
	index   map[K]int32 // of each key in entries
	entries []lruEntry[K, V]
	free    int32 // a removed entry, linked by older; 0 if there is none
}

// An lruEntry is part of a ring: entries[0] is before the newest and behind the
// oldest, and holds nothing.
type lruEntry[K comparable, V any] struct {
	key          K
	value        V
	newer, older int32
}

// NewLRU returns a cache for capacity entries, at most 2³¹-1. With a capacity
// that is not positive it holds nothing, which turns caching off. If onEvict is
// not nil, it is called for each entry that had to make room, but not for those
// that were removed or replaced, which Remove and Put return.
func NewLRU[K comparable, V any](capacity int, onEvict func(key K, value V)) *LRU[K, V] {
	return &LRU[K, V]{
		capacity: min(capacity, math.MaxInt32),
		onEvict:  onEvict,
		index:    make(map[K]int32),
		entries:  make([]lruEntry[K, V], 1),
	}
}

// Get returns the value of key and makes it the newest.
func (l *LRU[K, V]) Get(key K) (value V, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock() // looking up a key of an interface type can panic
	i, ok := l.index[key]
	if !ok {
		return value, false
	}
	l.use(i)
	return l.entries[i].value, true
}

// Peek returns the value of key, and leaves its age as it is.
func (l *LRU[K, V]) Peek(key K) (value V, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if i, ok := l.index[key]; ok {
		return l.entries[i].value, true
	}
	return value, false
}

// Put sets the value of key and makes it the newest. If the key had a value,
// Put returns that one and true. Otherwise the oldest entry is evicted if the
// cache is full. A key that is not equal to itself, which is NaN, is evicted at
// once.
func (l *LRU[K, V]) Put(key K, value V) (old V, replaced bool) {
	old, replaced, victim, evicted := l.put(key, value)
	if evicted && l.onEvict != nil {
		l.onEvict(victim.key, victim.value)
	}
	return old, replaced
}

func (l *LRU[K, V]) put(key K, value V) (old V, replaced bool, victim lruEntry[K, V], evicted bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if i, ok := l.index[key]; ok {
		l.use(i)
		e := &l.entries[i]
		old, e.value = e.value, value
		return old, true, victim, false
	}
	if nan := key != key; l.capacity <= 0 || nan {
		return old, false, lruEntry[K, V]{key: key, value: value}, true
	}
	var i int32
	switch {
	case len(l.index) == l.capacity:
		i = l.entries[0].newer // the oldest, as the ring goes on behind it
		victim, evicted = l.entries[i], true
		delete(l.index, victim.key)
		l.unlink(i)
	case l.free != 0:
		i = l.free
		l.free = l.entries[i].older
	default:
		i = int32(len(l.entries))
		l.entries = append(l.entries, lruEntry[K, V]{})
	}
	l.index[key] = i
	e := &l.entries[i]
	e.key, e.value = key, value
	l.link(i)
	return old, false, victim, evicted
}

// Remove removes key. It returns the value that it had, and whether it had one.
func (l *LRU[K, V]) Remove(key K) (value V, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	i, ok := l.index[key]
	if !ok {
		return value, false
	}
	value = l.entries[i].value
	delete(l.index, key)
	l.unlink(i)
	l.entries[i] = lruEntry[K, V]{older: l.free}
	l.free = i
	return value, true
}

// Len returns the number of entries.
func (l *LRU[K, V]) Len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.index)
}

// All iterates over the entries from the oldest to the newest, as they were
// when the loop began. The loop may change the cache. It uses no entry.
func (l *LRU[K, V]) All() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		for _, e := range l.copy() {
			if !yield(e.key, e.value) {
				return
			}
		}
	}
}

func (l *LRU[K, V]) copy() []lruEntry[K, V] {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := make([]lruEntry[K, V], 0, len(l.index))
	for i := l.entries[0].newer; i != 0; i = l.entries[i].newer {
		all = append(all, l.entries[i])
	}
	return all
}

// use makes the entry the newest.
func (l *LRU[K, V]) use(i int32) {
	if l.entries[0].older != i {
		l.unlink(i)
		l.link(i)
	}
}

func (l *LRU[K, V]) unlink(i int32) {
	e := &l.entries[i]
	l.entries[e.newer].older = e.older
	l.entries[e.older].newer = e.newer
}

func (l *LRU[K, V]) link(i int32) {
	root, e := &l.entries[0], &l.entries[i]
	e.newer, e.older = 0, root.older
	l.entries[root.older].newer = i
	root.older = i
}
