package optimizing

import (
	"slices"
	"sync"
	"sync/atomic"
)

// Concurrency has a price for each goroutine, each lock and each hand-over, which
// one goroutine alone pays too. The functions here do the same work with few and
// with many of these.

// concurrencyCostWork is a chain of rounds steps that need each other.
//
//go:noinline
func concurrencyCostWork(x uint64, rounds int) uint64 {
	for range rounds {
		x = x*6364136223846793005 + 1442695040888963407
	}
	return x
}

func concurrencyCostInLoop(items []uint64, rounds int) {
	for i, x := range items {
		items[i] = concurrencyCostWork(x, rounds)
	}
}

func concurrencyCostPerItem(items []uint64, rounds int) {
	var all sync.WaitGroup
	for i, x := range items {
		all.Go(func() { items[i] = concurrencyCostWork(x, rounds) })
	}
	all.Wait()
}

// concurrencyCostSum adds the values of a range by halves, each half in a
// goroutine of its own as long as it is larger than cutoff.
func concurrencyCostSum(values []int, cutoff int) (total int) {
	if len(values) <= cutoff {
		for _, v := range values {
			total += v
		}
		return total
	}
	middle := len(values) / 2
	var left int
	var done sync.WaitGroup
	done.Go(func() { left = concurrencyCostSum(values[:middle], cutoff) })
	right := concurrencyCostSum(values[middle:], cutoff)
	done.Wait()
	return left + right
}

// concurrencyCostWorkers lets two goroutines handle one half of the items each.
func concurrencyCostWorkers(items []int, handle func(part []int)) {
	var all sync.WaitGroup
	for part := range slices.Chunk(items, len(items)/2+1) {
		all.Go(func() { handle(part) })
	}
	all.Wait()
}

// The three functions count the even items. They differ in when the workers
// touch what they share.
func concurrencyCostCountLocked(items []int) (even int) {
	var mu sync.Mutex
	concurrencyCostWorkers(items, func(part []int) {
		for _, item := range part {
			if item%2 == 0 {
				mu.Lock()
				even++
				mu.Unlock()
			}
		}
	})
	return even
}

func concurrencyCostCountAtomic(items []int) int {
	var even atomic.Int64
	concurrencyCostWorkers(items, func(part []int) {
		for _, item := range part {
			if item%2 == 0 {
				even.Add(1)
			}
		}
	})
	return int(even.Load())
}

func concurrencyCostCountLocal(items []int) int {
	var even atomic.Int64
	concurrencyCostWorkers(items, func(part []int) {
		own := 0
		for _, item := range part {
			if item%2 == 0 {
				own++
			}
		}
		even.Add(int64(own))
	})
	return int(even.Load())
}

// The three functions return the squares of the items. They differ in how the
// results come together.
func concurrencyCostSquaresChannel(items []int) []int {
	type square struct{ at, value int }
	results := make(chan square, len(items))
	var all sync.WaitGroup
	half := (len(items) + 1) / 2
	for begin := 0; begin < len(items); begin += half {
		all.Go(func() {
			for i := begin; i < min(begin+half, len(items)); i++ {
				results <- square{i, items[i] * items[i]}
			}
		})
	}
	all.Wait()
	close(results)
	squares := make([]int, len(items))
	for s := range results {
		squares[s.at] = s.value
	}
	return squares
}

func concurrencyCostSquaresLocked(items []int) []int {
	var mu sync.Mutex
	squares := make([]int, len(items))
	var all sync.WaitGroup
	half := (len(items) + 1) / 2
	for begin := 0; begin < len(items); begin += half {
		all.Go(func() {
			for i := begin; i < min(begin+half, len(items)); i++ {
				value := items[i] * items[i]
				mu.Lock()
				squares[i] = value
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return squares
}

func concurrencyCostSquaresSlots(items []int) []int {
	squares := make([]int, len(items))
	var all sync.WaitGroup
	half := (len(items) + 1) / 2
	for begin := 0; begin < len(items); begin += half {
		all.Go(func() {
			for i := begin; i < min(begin+half, len(items)); i++ {
				squares[i] = items[i] * items[i]
			}
		})
	}
	all.Wait()
	return squares
}

// concurrencyCostCopying gives each reader a copy, because a writer may change
// the elements at any time.
type concurrencyCostCopying struct {
	mu    sync.RWMutex
	hosts []string
}

func (l *concurrencyCostCopying) list() []string {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return slices.Clone(l.hosts)
}

func (l *concurrencyCostCopying) add(host string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hosts = append(l.hosts, host)
}

// concurrencyCostFrozen never changes a slice that readers may have, so they
// can share it. Only the writer copies.
type concurrencyCostFrozen struct {
	mu    sync.Mutex // for writers
	hosts atomic.Pointer[[]string]
}

func (l *concurrencyCostFrozen) list() []string {
	if hosts := l.hosts.Load(); hosts != nil {
		return *hosts
	}
	return nil
}

func (l *concurrencyCostFrozen) add(host string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	hosts := append(slices.Clip(l.list()), host)
	l.hosts.Store(&hosts)
}
