package memory

import (
	"runtime"
	"sync"
	"weak"
)

// WeakCache shares one value per key between all who hold it, and keeps no
// value alive: an entry goes away some time after the last user of its value
// does. The zero value is ready to use. A WeakCache is safe for concurrent use.
type WeakCache[K comparable, V any] struct {
	mu      sync.Mutex
	entries map[K]weak.Pointer[V]
}

// Get returns the live value for key, or the one that build makes for it. It
// calls build with the cache locked, so build must not use the cache. Neither
// key nor anything that it points to may refer to the value.
func (c *WeakCache[K, V]) Get(key K, build func(K) *V) *V {
	c.mu.Lock()
	defer c.mu.Unlock()
	if v := c.entries[key].Value(); v != nil { // strong from here on
		return v
	}
	v := build(key)
	if v == nil {
		return nil
	}
	if c.entries == nil {
		c.entries = make(map[K]weak.Pointer[V])
	}
	dead := weak.Make(v)
	c.entries[key] = dead
	runtime.AddCleanup(v, func(key K) { c.evict(key, dead) }, key)
	return v
}

// evict removes the entry of a dead value, unless Get has replaced it in the
// time between the death of the value and this call.
func (c *WeakCache[K, V]) evict(key K, dead weak.Pointer[V]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries[key] == dead {
		delete(c.entries, key)
	}
}

// Len returns the number of entries, including those whose value has died and
// whose cleanup has not run yet.
func (c *WeakCache[K, V]) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.entries)
}
