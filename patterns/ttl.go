package patterns

import (
	"iter"
	"math"
	"sync"
	"time"
)

// A TTL is a cache whose entries expire: each is returned for a time that its
// Put sets, and never after it. It bounds how old an answer can be, and forgets
// keys that nobody asks for any more. The zero value is ready to use.
//
// All methods may be called by several goroutines at once.
//
// # Guarantees
//
//   - An expired entry is never returned, removed or not.
//   - A use does not lengthen a life, only Put does.
//   - Every Put looks at two old entries, in turn, and removes them if they
//     have expired. So while new keys come at an even rate, at most about as
//     many expired entries as live ones are kept.
//   - Setting the computer's clock changes nothing: ages are measured with the
//     monotonic clock.
//
// # Cost
//
// Get, Remove, Len and, on average, Put take constant time under one mutex.
// Nothing is allocated but room for more entries than there ever were. There is
// no goroutine and no timer. An idle cache keeps what it has until
// [TTL.RemoveExpired].
//
// # When not to use it
//
// The number of entries has no limit: if keys come from outside, such as
// addresses of clients, a flood of them fills the memory before they expire.
// Then use github.com/maypok86/otter with a size and an expiry. To load what is
// missing use [LoadCache], which also stops a stampede. If something must
// happen at the time of expiry, use time.AfterFunc.
type TTL[K comparable, V any] struct {
	mu      sync.Mutex
	start   time.Time // of the first Put
	index   map[K]int // of each key in entries
	entries []ttlEntry[K, V]
	hand    int // the entry that cleaning looks at next
}

type ttlEntry[K comparable, V any] struct {
	key     K
	value   V
	expires time.Duration // after start
}

// Put sets the value of key for the time ttl. If ttl is not positive, the key
// is removed. A key that is not equal to itself, which is NaN, is not stored.
func (c *TTL[K, V]) Put(key K, value V, ttl time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock() // looking up a key of an interface type can panic
	if c.index == nil {
		c.index, c.start = make(map[K]int), time.Now()
	}
	now := time.Since(c.start)
	c.clean(now, 2)
	i, ok := c.index[key]
	if nan := key != key; ttl <= 0 || nan {
		if ok {
			c.remove(i)
		}
		return
	}
	if !ok {
		i = len(c.entries)
		c.entries = append(c.entries, ttlEntry[K, V]{key: key})
		c.index[key] = i
	}
	e := &c.entries[i]
	e.value = value
	e.expires = now + min(ttl, math.MaxInt64-now)
}

// Get returns the value of key, unless it has expired.
func (c *TTL[K, V]) Get(key K) (value V, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	i, ok := c.index[key]
	if !ok {
		return value, false
	}
	if c.entries[i].expires <= time.Since(c.start) {
		c.remove(i)
		return value, false
	}
	return c.entries[i].value, true
}

// Remove removes key. It returns the value that it had, unless it has expired.
func (c *TTL[K, V]) Remove(key K) (value V, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	i, ok := c.index[key]
	if !ok {
		return value, false
	}
	if c.entries[i].expires > time.Since(c.start) {
		value = c.entries[i].value
	} else {
		ok = false
	}
	c.remove(i)
	return value, ok
}

// Len returns the number of entries in memory. Some of them may have expired.
func (c *TTL[K, V]) Len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.entries)
}

// All iterates, in no order, over the entries that had not expired when the
// loop began. It takes linear time and memory. The loop may change the cache.
func (c *TTL[K, V]) All() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		for _, e := range c.live() {
			if !yield(e.key, e.value) {
				return
			}
		}
	}
}

func (c *TTL[K, V]) live() []ttlEntry[K, V] {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Since(c.start)
	live := make([]ttlEntry[K, V], 0, len(c.entries))
	for _, e := range c.entries {
		if e.expires > now {
			live = append(live, e)
		}
	}
	return live
}

// RemoveExpired removes all expired entries and returns their number, in linear
// time. Call it now and then if the cache can be idle and its memory matters.
func (c *TTL[K, V]) RemoveExpired() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := len(c.entries)
	c.hand = 0
	c.clean(time.Since(c.start), before)
	return before - len(c.entries)
}

// clean looks at n entries and removes those that have expired.
func (c *TTL[K, V]) clean(now time.Duration, n int) {
	for range min(n, len(c.entries)) {
		if c.hand >= len(c.entries) {
			c.hand = 0
		}
		if c.entries[c.hand].expires <= now {
			c.remove(c.hand) // and look next at the entry that takes its place
		} else {
			c.hand++
		}
	}
}

// remove fills the gap with the last entry.
func (c *TTL[K, V]) remove(i int) {
	delete(c.index, c.entries[i].key)
	last := len(c.entries) - 1
	if i != last {
		c.entries[i] = c.entries[last]
		c.index[c.entries[i].key] = i
	}
	c.entries[last] = ttlEntry[K, V]{}
	c.entries = c.entries[:last]
}
