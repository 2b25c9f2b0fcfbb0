package patterns

import (
	"hash/maphash"
	"iter"
	"sync"
	"sync/atomic"
)

// A ShardedMap is a map for many goroutines: readers never lock, and writers
// lock one of 64 shards that the hash of the key selects. It is the answer to a
// map whose mutex everybody waits for. The zero value is an empty map; it must
// not be copied.
//
// All methods may be called by several goroutines at once.
//
// # Guarantees
//
//   - Load, and a loop over All, take no lock and wait for nobody.
//   - Each operation on one key is atomic: Compute and LoadOrStore cannot lose
//     an update. A Store happens before a Load that returns its value.
//   - All yields no key twice, and yields every key that was there all the
//     time. Len and All are not a snapshot: changes during the call may be seen
//     or not.
//   - A removed entry is not kept alive. The table does not shrink: a word for
//     each bucket stays.
//
// # Cost
//
// All operations take constant time, and Store, on average, too: from time to
// time it copies a 64th of the map to make room. An entry, stored or replaced,
// costs one allocation, because readers may still look at the old one. Reading
// costs none. An empty map takes about 4 KiB.
//
// # When not to use it
//
// If the map is not contended, a map with a sync.Mutex is smaller, allocates
// less, and can change several keys in one step. If it is replaced as a whole,
// use [Snapshot]. Without the wish for types and Compute, sync.Map has the same
// reads without a lock. For the last nanoseconds there is
// github.com/puzpuzpuz/xsync, whose table also shrinks.
type ShardedMap[K comparable, V any] struct {
	shards [64]shardedShard[K, V]
}

// A shardedShard is a hash table with chains. Writers hold mu. Readers see a
// chain as it was or as it is, because nodes are only replaced, by a single
// store.
type shardedShard[K comparable, V any] struct {
	table atomic.Pointer[shardedTable[K, V]] // nil while there is no entry
	mu    sync.Mutex
	count int
	_     [64 - 8 - 8 - 8]byte // a cache line, so that shards do not slow each other
}

type shardedTable[K comparable, V any] struct {
	buckets []atomic.Pointer[shardedNode[K, V]] // as many as a power of two
}

// A shardedNode does not change, but for the link.
type shardedNode[K comparable, V any] struct {
	next  atomic.Pointer[shardedNode[K, V]]
	key   K
	value V
}

// shardedSeed makes hashes that nobody outside can predict.
var shardedSeed = maphash.MakeSeed()

func (t *shardedTable[K, V]) bucket(hash uint64) *atomic.Pointer[shardedNode[K, V]] {
	return &t.buckets[hash&uint64(len(t.buckets)-1)]
}

// Load returns the value of key.
func (m *ShardedMap[K, V]) Load(key K) (value V, ok bool) {
	hash := maphash.Comparable(shardedSeed, key)
	t := m.shards[hash>>58].table.Load()
	if t == nil {
		return value, false
	}
	for n := t.bucket(hash).Load(); n != nil; n = n.next.Load() {
		if n.key == key {
			return n.value, true
		}
	}
	return value, false
}

// Store sets the value of key.
func (m *ShardedMap[K, V]) Store(key K, value V) {
	hash := maphash.Comparable(shardedSeed, key)
	s := &m.shards[hash>>58]
	s.mu.Lock()
	defer s.mu.Unlock()
	link, n := s.find(hash, key)
	s.put(hash, link, n, key, value)
}

// LoadOrStore returns the value of key and true if there is one. Otherwise it
// stores value, and returns it and false.
func (m *ShardedMap[K, V]) LoadOrStore(key K, value V) (actual V, loaded bool) {
	if actual, loaded := m.Load(key); loaded {
		return actual, true
	}
	hash := maphash.Comparable(shardedSeed, key)
	s := &m.shards[hash>>58]
	s.mu.Lock()
	defer s.mu.Unlock()
	link, n := s.find(hash, key)
	if n != nil {
		return n.value, true
	}
	s.put(hash, link, nil, key, value)
	return value, false
}

// Compute calls f with the value of key, or the zero value and false, and
// stores what f returns. If f returns false, the key is removed. Compute
// returns the same. No other change of key happens meanwhile, and others of its
// shard wait, so f should be quick, and must not change the map. If f panics,
// nothing is changed.
func (m *ShardedMap[K, V]) Compute(key K, f func(old V, ok bool) (value V, keep bool)) (value V, ok bool) {
	hash := maphash.Comparable(shardedSeed, key)
	s := &m.shards[hash>>58]
	s.mu.Lock()
	defer s.mu.Unlock()
	link, n := s.find(hash, key)
	if n != nil {
		value = n.value
	}
	value, ok = f(value, n != nil)
	if ok {
		s.put(hash, link, n, key, value)
	} else {
		s.cut(link, n)
	}
	return value, ok
}

// Delete removes key. It returns the value that it had, and whether it had one.
func (m *ShardedMap[K, V]) Delete(key K) (value V, ok bool) {
	hash := maphash.Comparable(shardedSeed, key)
	s := &m.shards[hash>>58]
	s.mu.Lock()
	defer s.mu.Unlock()
	link, n := s.find(hash, key)
	if n == nil {
		return value, false
	}
	s.cut(link, n)
	return n.value, true
}

// Len returns the number of entries. It locks the shards one after the other.
func (m *ShardedMap[K, V]) Len() (n int) {
	for i := range m.shards {
		s := &m.shards[i]
		s.mu.Lock()
		n += s.count
		s.mu.Unlock()
	}
	return n
}

// All iterates over the entries in no order. The loop may change the map, and
// others may, too.
func (m *ShardedMap[K, V]) All() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		for i := range m.shards {
			t := m.shards[i].table.Load()
			if t == nil {
				continue
			}
			for j := range t.buckets {
				for n := t.buckets[j].Load(); n != nil; n = n.next.Load() {
					if !yield(n.key, n.value) {
						return
					}
				}
			}
		}
	}
}

// find returns the node of key and the link to it, or nil and the link to the
// first node of the chain.
func (s *shardedShard[K, V]) find(hash uint64, key K) (link *atomic.Pointer[shardedNode[K, V]], n *shardedNode[K, V]) {
	t := s.table.Load()
	if t == nil {
		t = &shardedTable[K, V]{make([]atomic.Pointer[shardedNode[K, V]], 4)}
		s.table.Store(t)
	}
	first := t.bucket(hash)
	link = first
	for n = link.Load(); n != nil; n = link.Load() {
		if n.key == key {
			return link, n
		}
		link = &n.next
	}
	return first, nil
}

// put replaces n, or adds a node if n is nil. It adds it at the front of the
// chain, where a loop over All that has seen the key before does not see it
// again.
func (s *shardedShard[K, V]) put(hash uint64, link *atomic.Pointer[shardedNode[K, V]], n *shardedNode[K, V], key K, value V) {
	added := &shardedNode[K, V]{key: key, value: value}
	next := link.Load()
	if n != nil {
		next = n.next.Load()
	}
	if next != nil {
		added.next.Store(next)
	}
	link.Store(added)
	if n == nil {
		s.count++
		if old := s.table.Load(); 2*s.count > len(old.buckets) {
			s.grow(old)
		}
	}
}

// cut removes n, if it is not nil. Readers that are there still find their way.
func (s *shardedShard[K, V]) cut(link *atomic.Pointer[shardedNode[K, V]], n *shardedNode[K, V]) {
	if n != nil {
		link.Store(n.next.Load())
		s.count--
	}
}

// grow makes a table of twice the size. It copies the nodes, because readers
// may be walking along the old links.
func (s *shardedShard[K, V]) grow(old *shardedTable[K, V]) {
	t := &shardedTable[K, V]{make([]atomic.Pointer[shardedNode[K, V]], 2*len(old.buckets))}
	for i := range old.buckets {
		for n := old.buckets[i].Load(); n != nil; n = n.next.Load() {
			link := t.bucket(maphash.Comparable(shardedSeed, n.key))
			added := &shardedNode[K, V]{key: n.key, value: n.value}
			if next := link.Load(); next != nil {
				added.next.Store(next)
			}
			link.Store(added)
		}
	}
	s.table.Store(t)
}
