package concurrency

import (
	"maps"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// An atomic operation on one variable happens as a whole: no goroutine sees it
// half done, and none comes between its reading and its writing. Two atomic
// operations one after the other are not one. Here are the functions that the
// proofs about package sync/atomic exercise.

// The three directives state that a method of an atomic type costs no call. The
// compiler replaces the function inside it by machine instructions.

func atomicIncrement(n *atomic.Int64) int64 {
	return n.Add(1) //claim:inlined
}

func atomicRead(n *atomic.Int64) int64 {
	return n.Load() //claim:inlined
}

func atomicReplaceOnce(n *atomic.Int64) bool {
	return n.CompareAndSwap(0, 1) //claim:inlined
}

// splitRange is a pair with a rule: low <= high. It breaks the rule for a
// moment, although each half is atomic.
type splitRange struct{ low, high atomic.Int64 }

// set calls between after one half is stored and the other not.
func (r *splitRange) set(low, high int64, between func()) {
	r.low.Store(low)
	between()
	r.high.Store(high)
}

func (r *splitRange) get() (low, high int64) { return r.low.Load(), r.high.Load() }

// wholeRange keeps the rule: both halves are replaced by one store of a pointer.
type wholeRange struct{ now atomic.Pointer[[2]int64] }

func (r *wholeRange) set(low, high int64, between func()) {
	next := &[2]int64{low, high}
	between()
	r.now.Store(next)
}

func (r *wholeRange) get() (low, high int64) {
	now := r.now.Load()
	return now[0], now[1]
}

// liveConfig is a configuration that is read without a lock and replaced as a
// whole. Nobody may write to one that has been stored.
type liveConfig struct {
	timeout time.Duration
	limits  map[string]int
}

// configHolder gives out the current configuration. It is safe for concurrent
// use.
type configHolder struct {
	now atomic.Pointer[liveConfig]
	mu  sync.Mutex // serialises update, readers do not take it
}

func (h *configHolder) get() *liveConfig { return h.now.Load() }

// update replaces the configuration by a changed copy.
func (h *configHolder) update(change func(*liveConfig)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	next := *h.now.Load()
	next.limits = maps.Clone(next.limits)
	change(&next)
	h.now.Store(&next)
}

// updateLosing is update without the lock. It calls between after it has read
// the old configuration.
func (h *configHolder) updateLosing(between func(), change func(*liveConfig)) {
	next := *h.now.Load()
	next.limits = maps.Clone(next.limits)
	between()
	change(&next)
	h.now.Store(&next)
}

// atomicFloat is a float64 for several goroutines. The zero value is 0.
type atomicFloat struct{ bits atomic.Uint64 }

func (f *atomicFloat) load() float64   { return math.Float64frombits(f.bits.Load()) }
func (f *atomicFloat) store(v float64) { f.bits.Store(math.Float64bits(v)) }

// atomicDuration is a time.Duration for several goroutines.
type atomicDuration struct{ nanos atomic.Int64 }

func (d *atomicDuration) load() time.Duration { return time.Duration(d.nanos.Load()) }
func (d *atomicDuration) add(v time.Duration) { d.nanos.Add(int64(v)) }

// countKinds are four ways to count events of several goroutines. Each function
// lets workers goroutines count n events altogether and returns the total.

func countWithMutex(workers, n int) int {
	var mu sync.Mutex
	total := 0
	inWorkers(workers, n, func() {
		mu.Lock()
		total++
		mu.Unlock()
	})
	return total
}

func countWithRWMutex(workers, n int) int {
	var mu sync.RWMutex
	total := 0
	inWorkers(workers, n, func() {
		mu.Lock()
		total++
		mu.Unlock()
	})
	return total
}

func countWithAtomic(workers, n int) int {
	var total atomic.Int64
	inWorkers(workers, n, func() { total.Add(1) })
	return int(total.Load())
}

// countWithChannel has a goroutine that owns the total.
func countWithChannel(workers, n int) int {
	events, result := make(chan int), make(chan int)
	go func() {
		total := 0
		for event := range events {
			total += event
		}
		result <- total
	}()
	inWorkers(workers, n, func() { events <- 1 })
	close(events)
	return <-result
}

// countLocally adds up what each goroutine has counted for itself.
func countLocally(workers, n int) int {
	var total atomic.Int64
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			mine := 0
			for range n / workers {
				mine++
			}
			total.Add(int64(mine))
		})
	}
	all.Wait()
	return int(total.Load())
}

func inWorkers(workers, n int, event func()) {
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			for range n / workers {
				event()
			}
		})
	}
	all.Wait()
}
