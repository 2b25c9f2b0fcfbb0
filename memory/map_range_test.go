package memory

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// The order in which range visits a map is unspecified, and the runtime starts
// each loop at a random place so that nobody relies on it: two loops over the
// same map may differ. It is not a fair shuffle: with two entries, the one that
// was stored first comes first in most loops, so a map is no source of random
// picks. For a fixed order sort the keys: slices.Sorted(maps.Keys(m)). Package
// fmt prints maps sorted by key.
//
//claim:ask In which order does range visit a map, and is that order random?
//claim:source https://go.dev/ref/spec#For_range
//claim:source internal/runtime/maps/table.go
func TestMapOrder(t *testing.T) {
	m := map[int]bool{}
	for i := range 8 {
		m[i] = true
	}
	first := slices.Collect(maps.Keys(m))
	differs := false
	for range 100 {
		keys := slices.Collect(maps.Keys(m))
		require.ElementsMatch(t, first, keys)
		differs = differs || !slices.Equal(first, keys)
	}
	require.True(t, differs)
	require.Equal(t, []int{0, 1, 2, 3, 4, 5, 6, 7}, slices.Sorted(maps.Keys(m)))

	two := map[string]bool{"stored first": true}
	two["stored second"] = true
	const loops = 1000
	firstFirst := 0
	for range loops {
		for key := range two {
			if key == "stored first" {
				firstFirst++
			}
			break
		}
	}
	require.Greater(t, firstFirst, loops*3/4, "far from half")
	require.Less(t, firstFirst, loops)
}

// Deleting during a range loop is safe: an entry that is deleted before the
// loop reaches it is not visited, and nothing is skipped or visited twice. So
// is assigning to keys that exist; the loop sees the new value if it has not
// been there yet. maps.DeleteFunc does the usual filter.
//
//claim:ask May I delete keys of a map while ranging over it?
//claim:source https://go.dev/ref/spec#For_range
func TestMapRangeDelete(t *testing.T) {
	m := map[int]int{}
	for i := range 1000 {
		m[i] = i
	}
	visits := 0
	for key := range m {
		visits++
		for other := range 1000 {
			if other != key {
				delete(m, other)
			}
		}
	}
	require.Equal(t, 1, visits, "all the others were deleted before their turn")
	require.Len(t, m, 1)

	for i := range 1000 {
		m[i] = i
	}
	visits = 0
	for key := range m { // the usual filter: delete the current key
		visits++
		if key%2 == 1 {
			delete(m, key)
		}
	}
	require.Equal(t, 1000, visits)
	require.Len(t, m, 500)
	maps.DeleteFunc(m, func(key, _ int) bool { return key%4 == 0 })
	require.Len(t, m, 250)

	changed := false
	for _, value := range m {
		if !changed {
			for key := range m {
				m[key] = -1
			}
			changed = true
			continue
		}
		require.Equal(t, -1, value, "the loop sees the new value")
	}
}

// An entry that is added during the loop may be visited or not, from run to
// run; the loop ends all the same, and visits every entry that was there
// exactly once, even if the map grows meanwhile. So never add to a map in a
// loop over it if the result matters: collect first, add after.
//
//claim:ask What happens if I add keys to a map while ranging over it?
//claim:source https://go.dev/ref/spec#For_range
//claim:source internal/runtime/maps/map.go
func TestMapRangeInsert(t *testing.T) {
	const loops = 1000
	seen := 0
	for range loops {
		m := map[int]int{1: 0, 2: 0, 3: 0, 4: 0}
		for key := range m {
			m[5] = 0
			if key == 5 {
				seen++
			}
		}
	}
	require.Positive(t, seen, "sometimes the new key is visited")
	require.Less(t, seen, loops, "sometimes it is not")

	m := map[int]int{}
	for i := range 100 {
		m[i] = 0
	}
	visits, added := map[int]int{}, 100
	for key := range m {
		visits[key]++
		if added < 10000 {
			for range 100 {
				m[added] = 0
				added++
			}
		}
	}
	require.Len(t, m, 10000)
	for i := range 100 {
		require.Equal(t, 1, visits[i], "key %d", i)
	}
	for key, n := range visits {
		require.Equal(t, 1, n, "key %d", key)
	}
}

// The value variable of a range loop is a copy of the element, so changing it
// changes nothing in the map: assign to m[k] to change the entry. The range
// expression is evaluated once, so a loop goes on over the map it started with
// if the variable gets another map meanwhile.
//
//claim:ask Why does changing the value variable in a range loop not change the map?
//claim:source https://go.dev/ref/spec#For_range
func TestMapRangeCopies(t *testing.T) {
	m := map[string]endpoint{"a": {"a", 1}, "b": {"b", 2}}
	total := 0
	for _, e := range m {
		e.port *= 10
		total += e.port
	}
	require.Equal(t, 30, total)
	require.Equal(t, map[string]endpoint{"a": {"a", 1}, "b": {"b", 2}}, m)
	for key, e := range m {
		e.port *= 10
		m[key] = e
	}
	require.Equal(t, map[string]endpoint{"a": {"a", 10}, "b": {"b", 20}}, m)

	visits := 0
	for range m {
		m = nil
		visits++
	}
	require.Equal(t, 2, visits)
}

//go:noinline
func sumOfMap(m map[int]int) (sum int) {
	for _, value := range m {
		sum += value
	}
	return sum
}

//go:noinline
func sumOfSlice(s []int) (sum int) {
	for _, value := range s {
		sum += value
	}
	return sum
}

func TestMapRangeCost(t *testing.T) {
	m := filledMap(0, 1000)
	require.Equal(t, 499500, sumOfMap(m))
	require.Equal(t, 499500, sumOfSlice(slices.Collect(maps.Values(m))))
}

// Ranging over a map costs several times as much for each entry as ranging over
// a slice: the loop calls into the runtime for each entry, looks for used
// slots, and must be ready for the map to change. If you mostly loop and seldom
// look up, keep a slice, or a slice beside the map.
//
//claim:ask How does ranging over a map compare with ranging over a slice?
//claim:expect ns/op of=map > 5x of=slice
//claim:expect allocs/op of=map == 0
//claim:source internal/runtime/maps/table.go
func BenchmarkMapRangeCost(b *testing.B) {
	m := filledMap(0, 1000)
	s := slices.Collect(maps.Values(m))
	b.Run("of=map", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sumOfMap(m)
		}
	})
	b.Run("of=slice", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sumOfSlice(s)
		}
	})
}
