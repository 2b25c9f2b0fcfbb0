package optimizing

import (
	"hash/maphash"
	"math"
	"sync"
)

// ShardConflict returns how likely it is that an operation of one worker meets at
// least one of the others in its shard, if each of workers is in one of shards at
// a time and all shards are equally likely. Both must be at least 1.
func ShardConflict(workers, shards int) float64 {
	return 1 - math.Pow(1-1/float64(shards), float64(workers-1))
}

// shardCounts is a map of counters with one lock, the simplest form.
type shardCounts struct {
	mu     sync.Mutex
	counts map[string]int
}

func newShardCounts() *shardCounts { return &shardCounts{counts: make(map[string]int)} }

//go:noinline
func (c *shardCounts) add(key string, n int) {
	c.mu.Lock()
	c.counts[key] += n
	c.mu.Unlock()
}

// addEach takes the lock for each key.
//
//go:noinline
func (c *shardCounts) addEach(keys []string) {
	for _, key := range keys {
		c.add(key, 1)
	}
}

// addBatch counts in local, which must be empty, and takes the lock once for all.
//
//go:noinline
func (c *shardCounts) addBatch(local map[string]int, keys []string) {
	for _, key := range keys {
		local[key]++
	}
	c.mu.Lock()
	for key, n := range local {
		c.counts[key] += n
	}
	c.mu.Unlock()
}

// shardCountsMany is shardCounts in shards.
type shardCountsMany struct {
	seed   maphash.Seed
	shards [32]struct {
		shardCounts
		_ [128]byte
	}
}

func newShardCountsMany() *shardCountsMany {
	c := &shardCountsMany{seed: maphash.MakeSeed()}
	for i := range c.shards {
		c.shards[i].counts = make(map[string]int)
	}
	return c
}

//go:noinline
func (c *shardCountsMany) add(key string, n int) {
	c.shards[maphash.String(c.seed, key)%uint64(len(c.shards))].add(key, n)
}

func (c *shardCountsMany) total() (total int) {
	for i := range c.shards {
		shard := &c.shards[i]
		shard.mu.Lock()
		for _, n := range shard.counts {
			total += n
		}
		shard.mu.Unlock()
	}
	return total
}

// shardNumber is a number with a lock, the cheapest thing one can protect.
type shardNumber struct {
	mu sync.Mutex
	n  int64
}

//go:noinline
func (c *shardNumber) addEach(numbers []int64) {
	for _, n := range numbers {
		c.mu.Lock()
		c.n += n
		c.mu.Unlock()
	}
}

//go:noinline
func (c *shardNumber) addOnce(numbers []int64) {
	sum := int64(0)
	for _, n := range numbers {
		sum += n
	}
	c.mu.Lock()
	c.n += sum
	c.mu.Unlock()
}
