package optimizing

import "slices"

// A lookup in a map costs a hash, a group of eight slots and a comparison,
// whatever the size. A slice costs a comparison for each element before the one
// that is found, in memory that the processor reads ahead.

// mapsliceLinear returns the sum of the places of all wanted keys that it finds by
// looking from the front. The other two give the same.
//
//go:noinline
func mapsliceLinear(keys, wanted []int64) (sum int) {
	for _, key := range wanted {
		for i, k := range keys {
			if k == key {
				sum += i
				break
			}
		}
	}
	return sum
}

//go:noinline
func mapsliceLookup(index map[int64]int, wanted []int64) (sum int) {
	for _, key := range wanted {
		sum += index[key]
	}
	return sum
}

// mapsliceBinary needs sorted keys.
//
//go:noinline
func mapsliceBinary(keys, wanted []int64) (sum int) {
	for _, key := range wanted {
		if i, ok := slices.BinarySearch(keys, key); ok {
			sum += i
		}
	}
	return sum
}

// mapsliceStatus is a number with few values, fit for an index.
type mapsliceStatus uint8

//go:noinline
func mapsliceCountArray(statuses []mapsliceStatus) (counts [256]int) {
	for _, status := range statuses {
		counts[status]++
	}
	return counts
}

//go:noinline
func mapsliceCountMap(statuses []mapsliceStatus) map[mapsliceStatus]int {
	counts := make(map[mapsliceStatus]int)
	for _, status := range statuses {
		counts[status]++
	}
	return counts
}

// mapsliceHasByMap builds a set to ask it once.
//
//go:noinline
func mapsliceHasByMap(names []string, name string) bool {
	set := make(map[string]struct{}, len(names))
	for _, n := range names {
		set[n] = struct{}{}
	}
	_, ok := set[name]
	return ok
}

//go:noinline
func mapsliceHasByLoop(names []string, name string) bool { return slices.Contains(names, name) }

// mapsliceTally is a value that does not change its place in the map.
type mapsliceTally struct{ count, bytes int64 }

//go:noinline
func mapsliceTallyThrice(tallies map[string]mapsliceTally, keys []string) {
	for _, key := range keys {
		if _, ok := tallies[key]; !ok {
			tallies[key] = mapsliceTally{}
		}
		tally := tallies[key]
		tally.count++
		tally.bytes += int64(len(key))
		tallies[key] = tally
	}
}

//go:noinline
func mapsliceTallyPointer(tallies map[string]*mapsliceTally, keys []string) {
	for _, key := range keys {
		tally := tallies[key]
		if tally == nil {
			tally = new(mapsliceTally)
			tallies[key] = tally
		}
		tally.count++
		tally.bytes += int64(len(key))
	}
}

// mapsliceDistinct counts the different keys in a map that the caller keeps for
// the next call.
//
//go:noinline
func mapsliceDistinct(seen map[int64]struct{}, keys []int64) int {
	clear(seen)
	for _, key := range keys {
		seen[key] = struct{}{}
	}
	return len(seen)
}

// mapsliceDistinctNew makes the map itself.
//
//go:noinline
func mapsliceDistinctNew(keys []int64) int {
	seen := make(map[int64]struct{})
	for _, key := range keys {
		seen[key] = struct{}{}
	}
	return len(seen)
}
