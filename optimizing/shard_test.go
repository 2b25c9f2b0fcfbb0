package optimizing

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Several times as many as there are cores. If each of 8 workers is in one of 8
// shards, an operation meets another one in its shard in more than half of the
// cases; with 64 shards it is about a tenth, with 256 less than 3 in 100. More
// shards gain little after that, and each costs memory, a cache line for its lock,
// and time for whoever has to visit all. The number of cores counts, not the
// number of goroutines, because no more than that run at the same moment; but one
// that is preempted or blocked while it holds the lock makes the others wait all
// the same.
//
//claim:ask How many shards does a sharded map need?
//claim:source https://pkg.go.dev/hash/maphash
func TestShardConflict(t *testing.T) {
	assert.Zero(t, ShardConflict(1, 1))
	assert.EqualValues(t, 1, ShardConflict(2, 1))
	assert.Greater(t, ShardConflict(8, 8), 0.5)
	assert.InDelta(t, 0.1, ShardConflict(8, 64), 0.01)
	assert.Less(t, ShardConflict(8, 256), 0.03)

	// The formula against dice.
	random := rand.New(rand.NewPCG(1, 6))
	for _, shards := range []int{8, 64} {
		met := 0
		const trials = 5000
		for range trials {
			mine := random.IntN(shards)
			for range 7 {
				if random.IntN(shards) == mine {
					met++
					break
				}
			}
		}
		assert.InDelta(t, ShardConflict(8, shards), float64(met)/trials, 0.03)
	}
}

// Not against a hot key. All operations on one key go to one shard, so if a key
// has half of the traffic, its shard has at least half, with 8 shards as with 512.
// What helps is to treat that key in another way: count it locally and add the
// sums now and then, let several shards have a part of it, or cache its value in
// front of the map. So look at the distribution of the keys before you add shards.
//
//claim:ask I have sharded the map and one shard is still contended. Why?
//claim:source https://pkg.go.dev/math/rand/v2#Zipf
func TestShardHotKey(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	zipf := rand.NewZipf(random, 2, 1, 10_000) // the first key has more than half
	keys := make([]uint64, 20_000)
	for i := range keys {
		keys[i] = zipf.Uint64()
	}
	for _, shards := range []uint64{8, 64, 512} {
		load := make([]int, shards)
		for _, key := range keys {
			load[key*0x9e3779b97f4a7c15>>32%shards]++
		}
		largest := 0
		for _, n := range load {
			largest = max(largest, n)
		}
		assert.Greater(t, largest, len(keys)/2, "%d shards", shards)
	}
}

// Take the lock less often: collect the changes in a local variable and apply them
// in one critical section for a whole batch. Without any contention that is more
// than 5 times as fast here, because most of the time went into Lock and Unlock,
// and with contention each goroutine competes only once for a batch. It needs no
// shards. The price: others see the sum late, and what is in the local variable
// when the process ends is lost. So it fits statistics, and not a balance.
//
//claim:ask How do I reduce the cost of a lock without sharding?
//claim:expect ns/op of=each > 5x of=batch
//claim:source https://pkg.go.dev/sync#Mutex
func BenchmarkShardBatch(b *testing.B) {
	numbers := rangeNumbers(1000)
	var each, batch shardNumber
	layoutRun(b, "of=each", func() { each.addEach(numbers) })
	layoutRun(b, "of=batch", func() { batch.addOnce(numbers) })
}

func TestShardBatch(t *testing.T) {
	numbers := rangeNumbers(100)
	var each, batch shardNumber
	each.addEach(numbers)
	batch.addOnce(numbers)
	assert.EqualValues(t, 4950, each.n)
	assert.EqualValues(t, 4950, batch.n)
}

// Let each goroutine count in a map of its own and add the maps at the end: there
// is no lock in the loop and the result is the same. It is the first thing to try
// where all workers start and end together, as in a batch job, because nothing is
// shared while they run. Adding costs time in proportion to the number of
// different keys times the number of workers, so it fits where each key occurs
// often. If the result is needed while the workers run, use a sharded map.
//
//claim:ask How do several goroutines fill one map without contention?
//claim:source https://go.dev/doc/effective_go#sharing
func TestShardPerWorker(t *testing.T) {
	words := make([]string, 0, 4000)
	for i := range 4000 {
		words = append(words, fmt.Sprint("w", i*i%37))
	}
	shared := newShardCounts()
	shared.addEach(words)

	const workers = 4
	merged := newShardCounts()
	var all sync.WaitGroup
	for worker := range workers {
		all.Go(func() {
			part := words[worker*len(words)/workers : (worker+1)*len(words)/workers]
			merged.addBatch(make(map[string]int), part)
		})
	}
	all.Wait()
	assert.Equal(t, shared.counts, merged.counts)
}

// Nothing: goroutines that take turns on one core meet in a lock only if one of
// them is preempted or blocks inside the critical section, and the shard costs a
// second hash of the key. With one worker the chance of a conflict is zero for any
// number of shards. So shard after a mutex profile has shown that goroutines wait,
// and measure with as many cores as the production machine has. A benchmark with
// -cpu=1 cannot show what sharding brings.
//
//claim:ask What does sharding bring to a program that runs on one core?
//claim:source https://pkg.go.dev/runtime#GOMAXPROCS
func TestShardOneCore(t *testing.T) {
	for _, shards := range []int{1, 8, 1024} {
		assert.Zero(t, ShardConflict(1, shards))
	}

	// Both forms count the same.
	keys := fewpointersStrings(100)
	one, sharded := newShardCounts(), newShardCountsMany()
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for _, key := range keys {
				one.add(key, 2)
				sharded.add(key, 2)
			}
		})
	}
	all.Wait()
	assert.Equal(t, 800, sharded.total())
	assert.Len(t, one.counts, 100)
	assert.Equal(t, 8, one.counts["user-99"])
}
