package concurrency

import "sync/atomic"

// Processors hand memory to each other in cache lines of 64 or 128 bytes. A
// counter that all cores write moves its line from core to core. Counters for
// each worker avoid that, but only if no two of them lie in one line.

// cacheLine is enough for the processors that Go supports, except s390x with 256
// bytes.
const cacheLine = 128

// shardedCounter is a counter with a place for each worker. It is safe for
// concurrent use.
type shardedCounter struct{ shards []counterShard }

type counterShard struct {
	n atomic.Int64
	_ [cacheLine - 8]byte
}

func newShardedCounter(workers int) *shardedCounter {
	return &shardedCounter{make([]counterShard, workers)}
}

func (c *shardedCounter) add(worker int, delta int64) { c.shards[worker].n.Add(delta) }

// sum adds the shards one by one. While workers add, it is no value that the
// total had at one moment.
func (c *shardedCounter) sum() (total int64) {
	for i := range c.shards {
		total += c.shards[i].n.Load()
	}
	return total
}
