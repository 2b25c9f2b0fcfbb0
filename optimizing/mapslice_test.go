package optimizing

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// mapsliceKeys returns n keys in ascending order and a map from key to index.
func mapsliceKeys(n int) (keys []int64, index map[int64]int) {
	index = make(map[int64]int, n)
	for i := range n {
		key := int64(i)*2654435761 + 12345
		keys, index[key] = append(keys, key), i
	}
	return keys, index
}

// mapsliceWanted returns 64 of the keys, in no order.
func mapsliceWanted(keys []int64) (wanted []int64) {
	for i := range 64 {
		wanted = append(wanted, keys[i*7919%len(keys)])
	}
	return wanted
}

// Only up to a few. Searching four numbers from the front is faster than a lookup
// in a map, at 1024 it is more than 5 times as slow, and the crossover between
// depends on the keys and the processor. A map of at most eight entries is small
// too: it is one group, in which integers are compared without a hash. So choose
// by meaning, and take the slice where the number of elements is known to be small
// and the place is hot, or where the order matters.
//
//claim:ask Up to how many elements is a slice faster than a map?
//claim:expect ns/op n=4,of=map > 1.2x n=4,of=linear
//claim:expect ns/op n=1024,of=linear > 5x n=1024,of=map
//claim:source internal/runtime/maps/runtime_fast64.go
func BenchmarkMapSliceCrossover(b *testing.B) {
	for _, n := range []int{4, 1024} {
		keys, index := mapsliceKeys(n)
		wanted := mapsliceWanted(keys)
		layoutRun(b, fmt.Sprintf("n=%d/of=linear", n), func() { mapsliceLinear(keys, wanted) })
		layoutRun(b, fmt.Sprintf("n=%d/of=map", n), func() { mapsliceLookup(index, wanted) })
	}
}

// A binary search in a sorted slice takes about log2(n) steps, and each depends on
// the one before: at 65,536 keys it is more than 1.5 times as slow as a map. What
// the sorted slice gives instead is order: ranges, the next larger key, iteration
// in sequence, and no memory beside the elements. Inserting moves the elements
// behind, so it suits data that is built once and read often. Both find the same
// keys.
//
//claim:ask Should I use a sorted slice with binary search or a map?
//claim:expect ns/op of=binary > 1.5x of=map
//claim:source https://pkg.go.dev/slices#BinarySearch
func BenchmarkMapSliceBinary(b *testing.B) {
	keys, index := mapsliceKeys(1 << 16)
	wanted := mapsliceWanted(keys)
	layoutRun(b, "of=binary", func() { mapsliceBinary(keys, wanted) })
	layoutRun(b, "of=map", func() { mapsliceLookup(index, wanted) })
}

func TestMapSliceBinary(t *testing.T) {
	for _, n := range []int{1, 4, 100, 1024} {
		keys, index := mapsliceKeys(n)
		wanted := append(mapsliceWanted(keys), 1, 2)
		sum := mapsliceLookup(index, wanted)
		assert.Equal(t, sum, mapsliceLinear(keys, wanted))
		assert.Equal(t, sum, mapsliceBinary(keys, wanted))
		assert.Equal(t, n > 1, sum > 0)
	}
	keys, _ := mapsliceKeys(100)
	from, _ := slices.BinarySearch(keys, keys[10]+1)
	to, _ := slices.BinarySearch(keys, keys[20])
	assert.Len(t, keys[from:to], 9, "the keys between two others, which a map cannot give")
}

// The array, because the key is the place: no hash, no comparison, and no
// allocation, while the map allocates and grows (for the time see SwitchMapTable).
// Use it whenever the keys are small integers: a byte, a status, a month, an ID
// that you assign yourself. With 256 values or a few thousand it does not matter
// that most places are empty. A map is right for keys that are sparse or have no
// upper bound.
//
//claim:ask My keys are small integers. Map or array?
//claim:expect allocs/op of=array == 0
//claim:expect allocs/op of=map >= 1
//claim:source https://go.dev/ref/spec#Array_types
func BenchmarkMapSliceArray(b *testing.B) {
	statuses := mapsliceStatuses()
	layoutRun(b, "of=array", func() { mapsliceCountArray(statuses) })
	layoutRun(b, "of=map", func() { mapsliceCountMap(statuses) })
}

func mapsliceStatuses() []mapsliceStatus {
	statuses := make([]mapsliceStatus, 1000)
	for i := range statuses {
		statuses[i] = mapsliceStatus(i * i % 40)
	}
	return statuses
}

func TestMapSliceArray(t *testing.T) {
	array, byMap := mapsliceCountArray(mapsliceStatuses()), mapsliceCountMap(mapsliceStatuses())
	for status, count := range array {
		assert.Equal(t, byMap[mapsliceStatus(status)], count)
	}
}

// Not for one question. To fill the set, each of the names is hashed and stored,
// and for 100 names that takes more than 5 times as long as looking at all of them
// once, and allocates. A set pays if it is asked often, that is, if it is built
// once and outlives the call. The sign of the mistake is a map that is made in a
// function that is called for each request and has only one lookup in it.
//
//claim:ask Is it faster to put a list into a set before I look for an element?
//claim:expect ns/op of=set > 5x of=loop
//claim:expect allocs/op of=loop == 0
//claim:expect allocs/op of=set >= 1
//claim:source https://pkg.go.dev/slices#Contains
func BenchmarkMapSliceOneLookup(b *testing.B) {
	names := mapsliceNames(100)
	layoutRun(b, "of=set", func() { mapsliceHasByMap(names, "none") })
	layoutRun(b, "of=loop", func() { mapsliceHasByLoop(names, "none") })
}

func mapsliceNames(n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprintf("user-%04d", i))
	}
	return names
}

func TestMapSliceOneLookup(t *testing.T) {
	names := mapsliceNames(100)
	for _, name := range []string{"user-0000", "user-0099", "none", ""} {
		assert.Equal(t, slices.Contains(names, name), mapsliceHasByMap(names, name))
		assert.Equal(t, slices.Contains(names, name), mapsliceHasByLoop(names, name))
	}
}

// Every m[key] is a lookup of its own: it hashes the key and searches again. A
// test whether the key exists, a read and a write are three, and the compiler does
// not combine them. A map of pointers needs one, because the value is changed
// through the pointer, and is more than 1.5 times as fast here. It costs an
// allocation for each new key and work for the collector. For a number nothing of
// this is needed: m[key]++ is one lookup, also for a new key.
//
//claim:ask How many lookups does it take to update a struct in a map?
//claim:expect ns/op of=thrice > 1.5x of=pointer
//claim:expect allocs/op of=pointer == 0
//claim:source internal/runtime/maps/runtime_faststr.go
func BenchmarkMapSliceUpdate(b *testing.B) {
	keys := mapsliceNames(1000)
	values, pointers := make(map[string]mapsliceTally), make(map[string]*mapsliceTally)
	mapsliceTallyThrice(values, keys)
	mapsliceTallyPointer(pointers, keys)
	layoutRun(b, "of=thrice", func() { mapsliceTallyThrice(values, keys) })
	layoutRun(b, "of=pointer", func() { mapsliceTallyPointer(pointers, keys) })
}

func TestMapSliceUpdate(t *testing.T) {
	keys := append(mapsliceNames(10), mapsliceNames(5)...)
	values, pointers := make(map[string]mapsliceTally), make(map[string]*mapsliceTally)
	mapsliceTallyThrice(values, keys)
	mapsliceTallyPointer(pointers, keys)
	assert.Len(t, pointers, len(values))
	for key, tally := range values {
		assert.Equal(t, tally, *pointers[key])
	}
	assert.Equal(t, mapsliceTally{2, 18}, values["user-0004"])
}

// Keep it and clear it: clear empties a map and keeps its memory, so the next
// round allocates nothing, while a new map grows again through several sizes. But
// clear and range take time in proportion to the capacity, not to the number of
// entries: a map that once held 65,536 entries needs more than 5 times as long for
// a few of them as one that did not. So drop a map that had an unusually large
// round, instead of clearing it.
//
//claim:ask Is it better to reuse a map with clear or to make a new one?
//claim:expect allocs/op of=kept == 0
//claim:expect allocs/op of=new >= 2
//claim:expect ns/op of=oncelarge > 5x of=kept
//claim:source https://go.dev/ref/spec#Clear
func BenchmarkMapSliceClear(b *testing.B) {
	keys, _ := mapsliceKeys(100)
	kept := make(map[int64]struct{})
	many, _ := mapsliceKeys(1 << 16)
	onceLarge := make(map[int64]struct{})
	mapsliceDistinct(onceLarge, many)
	mapsliceDistinct(kept, keys)
	layoutRun(b, "of=kept", func() { mapsliceDistinct(kept, keys) })
	layoutRun(b, "of=new", func() { mapsliceDistinctNew(keys) })
	layoutRun(b, "of=oncelarge", func() { mapsliceDistinct(onceLarge, keys) })
}

func TestMapSliceClear(t *testing.T) {
	keys, _ := mapsliceKeys(100)
	seen := map[int64]struct{}{5: {}}
	assert.Equal(t, 100, mapsliceDistinct(seen, append(keys, keys...)))
	assert.Equal(t, 100, mapsliceDistinctNew(append(keys, keys...)))
	assert.Equal(t, 1, mapsliceDistinct(seen, keys[:1]))
}

// A lookup with a string key reads the whole key to hash it, and all of it again
// to compare it with the one found: for keys of 1 KiB that takes more than 3 times
// as long as for keys of 8 bytes. Integers are hashed without a loop. So use short
// keys: an ID instead of a URL, a struct of numbers instead of a text, and for
// texts that repeat a number given once.
//
//claim:ask Does the length of its keys matter for a map?
//claim:expect ns/op key=1024 > 3x key=8
//claim:source runtime/alg.go
func BenchmarkMapSliceKeyLength(b *testing.B) {
	for _, length := range []int{8, 1024} {
		numbers := make(map[string]int)
		var keys []string
		for i := range 64 {
			key := strings.Repeat("x", length-3) + fmt.Sprintf("%03d", i)
			numbers[strings.Clone(key)] = i
			keys = append(keys, key)
		}
		layoutRun(b, fmt.Sprintf("key=%d", length), func() { mapsliceLookAll(numbers, keys) })
	}
}

//go:noinline
func mapsliceLookAll(numbers map[string]int, keys []string) (sum int) {
	for _, key := range keys {
		sum += numbers[key]
	}
	return sum
}

func TestMapSliceKeyLength(t *testing.T) {
	assert.Equal(t, 6, mapsliceLookAll(map[string]int{"a": 1, "b": 2}, []string{"a", "b", "b", "c", "a"}))
}

// A slice of key and value takes their bytes and nothing else. A map that was made
// with the right size takes more than 1.1 times as much: at most seven of eight
// slots are used, each group has a control byte for each slot, and the number of
// slots is a power of two. A map that has grown by itself may have twice the slots
// it needs, and has left its smaller versions as garbage. If a large table is only
// built once and searched, sorted slices save that memory.
//
//claim:ask How much memory does a map need compared with a slice of pairs?
//claim:source internal/runtime/maps/group.go
func TestMapSliceMemory(t *testing.T) {
	if proof.RaceEnabled {
		t.Skip("the race detector adds memory of its own")
	}
	const n = 1 << 14
	type pair struct{ key, value int64 }
	var pairs []pair
	var hinted, grown map[int64]int64
	inSlice := proof.AllocatedBytes(func() {
		pairs = make([]pair, n)
		for i := range pairs {
			pairs[i] = pair{int64(i), 1}
		}
	})
	inHinted := proof.AllocatedBytes(func() {
		hinted = make(map[int64]int64, n)
		for i := range n {
			hinted[int64(i)] = 1
		}
	})
	inGrown := proof.AllocatedBytes(func() {
		grown = make(map[int64]int64)
		for i := range n {
			grown[int64(i)] = 1
		}
	})
	assert.Less(t, inSlice, uint64(n*16*11/10))
	assert.Greater(t, inHinted, uint64(n*16*11/10))
	assert.Greater(t, inGrown, inHinted*3/2, "with the garbage of growing")
	assert.Equal(t, len(hinted), len(grown))
	assert.Len(t, pairs, n)
}
