package optimizing

import (
	"cmp"
	"slices"
	"time"
)

// What a measurement means is decided before the first number: which value, of
// what, under which load. The simulations here show on exact numbers what is
// hard to see on real ones.

// Percentile returns the smallest of the durations that at least p percent of
// all are not longer than (nearest rank): the 50th percentile is the median, the
// 100th the maximum. It panics if there are no durations or p is not in
// (0, 100]. It sorts a copy, so it takes O(n log n).
func Percentile(durations []time.Duration, p float64) time.Duration {
	if len(durations) == 0 || !(p > 0 && p <= 100) {
		panic("optimizing: Percentile of nothing, or not in (0, 100]")
	}
	sorted := slices.Sorted(slices.Values(durations))
	// Less than one part in 10¹² is an error of the division: the 99.9th of 1000 is rank 999.
	rank := int(p / 100 * float64(len(sorted)) * (1 - 1e-12))
	return sorted[min(rank, len(sorted)-1)]
}

// methodologyDistinctSlice returns how many different values there are, by
// comparing each with those already found: O(n²).
func methodologyDistinctSlice(values []int) int {
	var found []int
	for _, v := range values {
		if !slices.Contains(found, v) {
			found = append(found, v)
		}
	}
	return len(found)
}

// methodologyDistinctTuned is the same algorithm after all micro-optimizations
// that come to mind: no allocation but one, four comparisons at a time.
func methodologyDistinctTuned(values []int) int {
	found := make([]int, 0, len(values))
next:
	for _, v := range values {
		rest := found
		for len(rest) >= 4 {
			if rest[0] == v || rest[1] == v || rest[2] == v || rest[3] == v {
				continue next
			}
			rest = rest[4:]
		}
		for _, f := range rest {
			if f == v {
				continue next
			}
		}
		found = append(found, v)
	}
	return len(found)
}

// methodologyDistinctMap is the first thing that comes to mind with another
// algorithm: O(n).
func methodologyDistinctMap(values []int) int {
	found := make(map[int]bool)
	for _, v := range values {
		found[v] = true
	}
	return len(found)
}

// methodologyQueue returns how long each request waits for one server that
// needs service for each, if they arrive at the given times.
func methodologyQueue(arrivals []time.Duration, service time.Duration) (latencies []time.Duration) {
	var free time.Duration
	for _, at := range arrivals {
		free = max(free, at) + service
		latencies = append(latencies, free-at)
	}
	return latencies
}

func methodologyMean(durations []time.Duration) time.Duration {
	var total time.Duration
	for _, d := range durations {
		total += d
	}
	return total / time.Duration(len(durations))
}

// methodologyCache is an LRU cache of keys that counts its hits. It is small,
// so a slice is enough: the key used last is at the end.
type methodologyCache struct {
	size int
	keys []int
	hits int
}

func (c *methodologyCache) get(key int) {
	if at := slices.Index(c.keys, key); at >= 0 {
		c.hits++
		c.keys = append(slices.Delete(c.keys, at, at+1), key)
		return
	}
	if len(c.keys) == c.size {
		c.keys = slices.Delete(c.keys, 0, 1)
	}
	c.keys = append(c.keys, key)
}

// methodologySorted sorts and counts the comparisons.
func methodologySorted(values []int) (comparisons int) {
	slices.SortFunc(values, func(a, b int) int {
		comparisons++
		return cmp.Compare(a, b)
	})
	return comparisons
}
