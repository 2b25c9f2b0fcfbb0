package memory

import (
	"fmt"
	"hash/maphash"
	"maps"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// mapHeader is how the runtime begins a map.
type mapHeader struct {
	used uint64
	seed uintptr
}

func mapHeaderOf(m map[int]int) mapHeader { return **(**mapHeader)(unsafe.Pointer(&m)) }

// Every map has a random hash seed of its own, so nobody outside can choose
// keys that all fall into the same place and make each lookup slow. A map that
// becomes empty gets a new seed. The price is that the hash of a key is good
// for one map only, and the language offers no way to read it. Package
// hash/maphash gives hashes with a seed for tables of your own.
//
//claim:ask How does Go protect its maps against hash flooding?
//claim:source https://go.dev/issue/25237
//claim:source internal/runtime/maps/map.go
func TestMapSeed(t *testing.T) {
	a, b := filledMap(0, 20), filledMap(0, 20)
	require.Equal(t, uint64(20), mapHeaderOf(a).used)
	seed := mapHeaderOf(a).seed
	require.NotEqual(t, seed, mapHeaderOf(b).seed)

	a[20] = 20
	require.Equal(t, seed, mapHeaderOf(a).seed)
	for key := range 21 {
		delete(a, key)
	}
	require.NotEqual(t, seed, mapHeaderOf(a).seed)

	one := maphash.MakeSeed()
	require.Equal(t, maphash.Comparable(one, 7), maphash.Comparable(one, 7))
	require.NotEqual(t, maphash.Comparable(one, 7), maphash.Comparable(maphash.MakeSeed(), 7))
}

// A map is made of groups of eight slots: up to eight entries are one group,
// and the ninth makes a hash table of two groups. The small map takes two
// allocations, one for the map and one for the group at the first write. A
// table is filled to seven eighths, then replaced by one of twice the size:
// after 14, 28, 56, 112, 224, 448 and 896 entries. A table has at most 1024
// slots; then it is split in two, and a directory finds the right one by the
// first bits of the hash. You may read of buckets with overflow chains and a
// load of 6.5; that was the map before Go 1.24.
//
//claim:ask How is a map built inside, and when does it grow?
//claim:source https://go.dev/blog/swisstable
//claim:source internal/runtime/maps/map.go
//claim:source internal/runtime/maps/table.go
func TestMapGrowthSteps(t *testing.T) {
	fill := func(n int) func() {
		return func() {
			m := make(map[int]int)
			for i := range n {
				m[i] = i
			}
			mapIntSink = m
		}
	}
	for _, step := range []struct {
		first, last int // numbers of entries that cost the same
		allocs      float64
	}{
		{0, 0, 1},      // the map itself
		{1, 8, 2},      // and a group
		{9, 14, 5},     // and a table, its groups, the directory
		{15, 28, 7},    // and a table and its groups, for each doubling
		{29, 56, 9},    //
		{57, 112, 11},  //
		{113, 224, 13}, //
		{225, 448, 15}, //
		{449, 896, 17}, //
		{897, 897, 22}, // and two tables, their groups, a directory of two
	} {
		proof.WantAllocs(t, step.allocs, fill(step.first))
		proof.WantAllocs(t, step.allocs, fill(step.last))
	}
}

// A map grows in small steps: each step moves the entries of one table, at most
// 1024 slots, however large the map is. So no single insert pays for the whole
// map: no 250 inserts of the 50,000 in the test made as much as a quarter of
// the memory. A slice that is full allocates and copies everything in one
// append. Each table is split at its own time, so there is no moment of
// doubling.
//
//claim:ask Does an insert that makes a large map grow stall until all entries are moved?
//claim:source internal/runtime/maps/map.go
//claim:source internal/runtime/maps/table.go
func TestMapGrowthIsIncremental(t *testing.T) {
	const n, window = 50_000, 250
	m := map[int64]int64{}
	var total, most uint64
	for i := int64(0); i < n; i += window {
		used := proof.AllocatedBytes(func() {
			for key := i; key < i+window; key++ {
				m[key] = key
			}
		})
		total += used
		most = max(most, used)
	}
	require.Len(t, m, n)
	require.Greater(t, total, uint64(n*16))
	require.Less(t, most, total/4, "a few tables, and not the whole map")

	s := make([]int64, n) // full: one append makes room for all that is there
	require.Greater(t, proof.AllocatedBytes(func() { s = append(s, 0) }), uint64(n*8))
}

// make(map[K]V, n) makes room for n entries at once, so filling it causes
// little or no growth: with more than one table, one of them may get more than
// its share of the keys and still split. Without the hint each doubling
// allocates a new table and moves all entries of the old one: more than 1.8
// times the bytes and more than 1.5 times the time for 800 entries. The hint is
// not a limit, and it costs its memory even if the map stays empty. A hint up
// to eight does nothing: the one group is made at the first write anyway.
//
//claim:ask What does make(map[K]V, n) save?
//claim:expect allocs/op of=hint == 4
//claim:expect allocs/op of=grow == 17
//claim:expect B/op of=grow > 1.8x of=hint
//claim:expect ns/op of=grow > 1.5x of=hint
//claim:source https://go.dev/ref/spec#Making_slices_maps_and_channels
//claim:source internal/runtime/maps/map.go
func BenchmarkMapHint(b *testing.B) {
	for _, bench := range []struct {
		name string
		hint int
	}{{"of=hint", 800}, {"of=grow", 0}} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				mapIntSink = filledMap(bench.hint, 800)
			}
		})
	}
}

//go:noinline
func filledMap(hint, n int) map[int]int {
	m := make(map[int]int, hint)
	for i := range n {
		m[i] = i
	}
	return m
}

func TestMapHint(t *testing.T) {
	require.True(t, maps.Equal(filledMap(800, 800), filledMap(0, 800)))
	require.Empty(t, filledMap(800, 0))

	var most uint64
	for range 5 {
		most = max(most, proof.AllocatedBytes(func() { mapIntSink = filledMap(1792, 1792) }))
	}
	room := leastAllocatedBytes(func() { mapIntSink = filledMap(1792, 0) })
	require.Greater(t, most, room*5/4, "two tables with 896 entries each on average, and one has more")

	eight, nine, large := 8, 9, 800
	proof.WantAllocs(t, 1, func() { mapIntSink = make(map[int]int, eight) })
	proof.WantAllocs(t, 4, func() { mapIntSink = make(map[int]int, nine) })
	proof.WantAllocs(t, 4, func() { mapIntSink = make(map[int]int, large) })
}

// Overwriting the value of an existing key allocates nothing since Go 1.27.
// From Go 1.24 to 1.26 there was an exception: in a map with exactly eight
// entries it made the map grow to a table, because the code looked at the
// number of entries before it looked for the key. With fewer or more entries it
// was free there too.
//
//claim:ask Does overwriting the value of an existing key allocate?
//claim:source internal/runtime/maps/map.go
//claim:expect allocs/op of=overwrite,n=7 == of=fill,n=7
//claim:expect allocs/op of=overwrite,n=9 == of=fill,n=9
//claim:expect allocs/op of=overwrite,n=8 > of=fill,n=8 if go<1.27
//claim:expect allocs/op of=overwrite,n=8 == of=fill,n=8 if go>=1.27
func BenchmarkMapOverwrite(b *testing.B) {
	for _, n := range []int{7, 8, 9} {
		for of, f := range map[string]func(n int) map[int]int{"fill": filledMapAsIs, "overwrite": filledMapOverwritten} {
			b.Run(fmt.Sprintf("of=%s/n=%d", of, n), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					f(n)
				}
			})
		}
	}
}

func filledMapAsIs(n int) map[int]int { return filledMap(0, n) }

func filledMapOverwritten(n int) map[int]int {
	m := filledMap(0, n)
	m[1] = 100
	return m
}

func TestMapOverwrite(t *testing.T) {
	m := filledMapOverwritten(8)
	require.Len(t, m, 8)
	require.Equal(t, 100, m[1])
}

// lookupKeys fills a map with n keys and returns it with keys that are in it
// and keys that are not.
func lookupKeys(n int) (m map[int]int, present, absent []int) {
	m = make(map[int]int, n)
	for i := range n {
		m[i*7] = i
		present = append(present, i*7)
		absent = append(absent, i*7+1)
	}
	return m, present, absent
}

//go:noinline
func countPresent(m map[int]int, keys []int) (n int) {
	for _, key := range keys {
		if _, ok := m[key]; ok {
			n++
		}
	}
	return n
}

func TestMapLookupMiss(t *testing.T) {
	m, present, absent := lookupKeys(1000)
	require.Equal(t, 1000, countPresent(m, present))
	require.Equal(t, 0, countPresent(m, absent))
}

// A lookup that finds nothing costs about as much as one that finds its key:
// less than twice, in a map of a thousand entries. Each slot has a control byte
// with seven bits of the hash, and the eight of a group are compared at once,
// so an absent key meets almost no wrong candidates, and the search ends at the
// first group that has a free slot.
//
//claim:ask Is a map lookup slower if the key is absent?
//claim:expect ns/op of=miss < 2x of=hit
//claim:source https://go.dev/blog/swisstable
func BenchmarkMapLookupMiss(b *testing.B) {
	m, present, absent := lookupKeys(1000)
	b.Run("of=hit", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			countPresent(m, present)
		}
	})
	b.Run("of=miss", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			countPresent(m, absent)
		}
	})
}
