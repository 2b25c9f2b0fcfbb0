package optimizing

import (
	"fmt"
	"maps"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// preallocSink keeps results on the heap.
var preallocSink any

// It takes away the copies and the garbage: with make([]T, 0, n) there is one
// allocation, while append on a nil slice allocates a larger array again and again,
// nine times for 1000 elements of 8 bytes, which takes more than 1.5 times as long
// and more than twice the memory. Both ways cost linear time, so this is a constant
// factor and not a different complexity. It matters where slices are built often,
// and least where the work for each element is large.
//
//claim:ask What does preallocating a slice bring in time and garbage?
//claim:expect ns/op of=append > 1.5x of=make
//claim:expect B/op of=append > 2x of=make
//claim:expect allocs/op of=make == 1
//claim:expect allocs/op of=append == 9
//claim:source runtime/slice.go
func BenchmarkPreallocSlice(b *testing.B) {
	layoutRun(b, "of=append", func() { preallocAppend(1000) })
	layoutRun(b, "of=make", func() { preallocCap(1000, 1000) })
}

func TestPreallocSlice(t *testing.T) {
	for _, n := range []int{0, 1, 7, 1000} {
		want := preallocAppend(n)
		require.Len(t, want, n)
		for _, got := range [][]int64{
			preallocCap(n, n), preallocCap(n, n/2), preallocCap(n, 64*n), preallocGrowOne(n), preallocExactGrowth(n), preallocReused(nil, n),
		} {
			assert.True(t, slices.Equal(want, got))
		}
	}
	proof.WantAllocs(t, 9, func() { preallocAppend(1000) })
}

// More than for a slice: a map that grows does not only copy, it hashes every entry
// again, each time the number of slots doubles. With make(map[K]V, n) 1000 entries
// take less than two thirds of the time and of the memory. The hint is a number
// of entries and not a limit; the runtime adds the free slots itself. For up to
// eight entries it changes nothing, see PreallocSmallMap.
//
//claim:ask What does a size hint bring for a map?
//claim:expect ns/op of=nohint > 1.5x of=hint
//claim:expect B/op of=nohint > 1.5x of=hint
//claim:source internal/runtime/maps/map.go
//claim:source https://go.dev/ref/spec#Making_slices_maps_and_channels
func BenchmarkPreallocMap(b *testing.B) {
	layoutRun(b, "of=nohint", func() { _ = preallocMap(1000, 0) })
	layoutRun(b, "of=hint", func() { _ = preallocMap(1000, 1000) })
}

func TestPreallocMap(t *testing.T) {
	assert.Equal(t, preallocMap(1000, 0), preallocMap(1000, 1000))
	assert.Equal(t, preallocMap(10, 0), preallocMap(10, 100_000))
	assert.EqualValues(t, 49, preallocMap(10, 1)[7])
}

// A guess that is too small costs little, one that is far too large costs a lot.
// Half of the right capacity means two more arrays and two copies. Sixty-four times
// the right capacity has to be found, cleared and later collected, and takes more
// than twice as long as no guess at all. So take a number that is known or a close
// upper bound, and no constant that is large to be on the safe side. What is too
// large also stays: a slice that lives long keeps its whole array.
//
//claim:ask What happens if I guess the capacity wrong?
//claim:expect ns/op guess=64fold > 2x guess=none
//claim:expect ns/op guess=half < 2x guess=none
//claim:expect allocs/op guess=half == 3
//claim:expect allocs/op guess=64fold == 1
//claim:source runtime/slice.go
func BenchmarkPreallocWrongGuess(b *testing.B) {
	layoutRun(b, "guess=none", func() { preallocAppend(1000) })
	layoutRun(b, "guess=half", func() { preallocCap(1000, 500) })
	layoutRun(b, "guess=64fold", func() { preallocCap(1000, 64_000) })
}

// It costs at every step that depends on the size of the table and not on its
// entries. A map made for 100,000 entries allocates that table at once: with ten
// entries in it, more than a hundred times the bytes of a map without a hint. To
// range over it or to clear it then visits all slots, see MapSliceClear. Deleting
// or clearing never gives the slots back.
//
//claim:ask Is a size hint for a map that is far too large harmless?
//claim:source internal/runtime/maps/map.go
func TestPreallocMapTooLarge(t *testing.T) {
	large := proof.AllocatedBytes(func() { preallocSink = preallocMap(10, 100_000) })
	small := proof.AllocatedBytes(func() { preallocSink = preallocMap(10, 0) })
	assert.Less(t, small, uint64(16<<10))
	assert.Greater(t, large, 100*min(small, 16<<10))
	assert.Greater(t, large, uint64(100_000*16), "room for 100,000 keys and values")
}

// No. A map with up to eight entries is one group of eight slots, and that group is
// the smallest there is: with a hint of 8, of 3 or without one, eight entries need
// the same two allocations. The ninth entry is where growth begins, and where the
// hint begins to help. Since Go 1.24, which brought this map; before, a bucket had
// eight entries as well.
//
//claim:ask Do I have to give a size hint for a map with five entries?
//claim:source internal/runtime/maps/map.go
func TestPreallocSmallMap(t *testing.T) {
	allocs := func(n, hint int) float64 {
		return testing.AllocsPerRun(20, func() { preallocSink = preallocMap(n, hint) })
	}
	if proof.RaceEnabled {
		t.Skip("the race detector adds allocations")
	}
	assert.EqualValues(t, 2, allocs(8, 0))
	assert.EqualValues(t, 2, allocs(8, 3))
	assert.EqualValues(t, 2, allocs(8, 8))
	assert.Greater(t, allocs(9, 0), allocs(9, 9))
	assert.Greater(t, allocs(1000, 0), allocs(1000, 1000))
}

// Fewer of them, in proportion to the bytes. The collector starts a cycle when the
// heap has grown by a certain amount, and arrays that append left behind count for
// that like any others. A program that builds slices of 100,000 elements in a loop
// runs more than 1.5 times as many cycles with append alone. How much time that saves
// depends on the live heap, because each cycle marks all of it.
//
//claim:ask Does preallocation make the garbage collector run less often?
//claim:source https://go.dev/doc/gc-guide#GOGC
func TestPreallocCollections(t *testing.T) {
	proof.OnceUnderRace(t)
	if proof.InChild(t) {
		cycles := func(build func()) (n uint32) {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			for range 25 {
				build()
			}
			runtime.ReadMemStats(&after)
			return after.NumGC - before.NumGC
		}
		// A cycle that takes long, because the machine is busy, lets more garbage pass.
		for range 5 {
			withMake := cycles(func() { preallocSink = preallocCap(100_000, 100_000) })
			withAppend := cycles(func() { preallocSink = preallocAppend(100_000) })
			fmt.Println(withMake, "cycles against", withAppend)
			if withMake > 0 && 2*withAppend > 3*withMake {
				fmt.Println("more than 1.5 times as many")
				return
			}
		}
		return
	}
	output, err := proof.Child(t, "GOGC=100", "GOMEMLIMIT=off")
	require.NoError(t, err)
	assert.Contains(t, output, "more than 1.5 times as many")
}

// Not slices.Grow: it rounds up as append does, so a call for every element costs
// a check and no more arrays than append alone. What is quadratic is making room
// for exactly one more by hand: n elements then need n arrays, and n*(n-1)/2
// elements are copied. The same mistake is a read loop that makes its buffer larger
// by a fixed amount. Let append choose the capacity, or double it.
//
//claim:ask Is it a mistake to call slices.Grow(s, 1) in a loop?
//claim:source https://pkg.go.dev/slices#Grow
func TestPreallocGrowInLoop(t *testing.T) {
	if proof.RaceEnabled {
		t.Skip("the race detector adds allocations")
	}
	allocs := func(f func(int) []int64) float64 {
		return testing.AllocsPerRun(5, func() { preallocSink = f(500) })
	}
	assert.Less(t, allocs(preallocGrowOne), 15.0)
	assert.Greater(t, allocs(preallocExactGrowth), 499.0)
	copied := uint64(500 * 499 / 2 * 8)
	assert.Greater(t, proof.AllocatedBytes(func() { preallocSink = preallocExactGrowth(500) }), copied)
	assert.Less(t, proof.AllocatedBytes(func() { preallocSink = preallocGrowOne(500) }), copied/20)
}

// Take an array that is there already. Preallocation leaves one allocation for each
// call; a slice that the caller keeps and passes in, cut to s[:0], leaves none after
// the first call. Growth is then no problem either, because it happens once and the
// capacity stays. It is right only if nobody keeps the result of the last call: the
// next one overwrites it.
//
//claim:ask What is better than preallocating a slice?
//claim:source https://go.dev/ref/spec#Appending_and_copying_slices
func TestPreallocReuse(t *testing.T) {
	kept := preallocReused(nil, 1000)
	proof.WantAllocs(t, 0, func() { kept = preallocReused(kept, 1000) })
	proof.WantAllocs(t, 1, func() { preallocSink = &preallocCap(1000, 1000)[0] })

	first := preallocReused(kept, 3)
	second := append(preallocReused(kept, 0), 7, 7)
	assert.Equal(t, []int64{7, 7, 4}, first, "overwritten by the second call")
	assert.Len(t, second, 2)
}

// With one array for all rows: two allocations instead of one more than there are
// rows. The rows then lie one behind the other, so a loop over the matrix reads
// memory in order. Limit the capacity of each row with a full slice expression,
// otherwise append to a row writes into the next one. The price: one row that is
// kept keeps the whole matrix in memory.
//
//claim:ask How do I allocate a two-dimensional slice efficiently?
//claim:source https://go.dev/doc/effective_go#two_dimensional_slices
func TestPreallocMatrix(t *testing.T) {
	proof.WantAllocs(t, 101, func() { preallocSink = &preallocRows(100, 20)[0] })
	proof.WantAllocs(t, 2, func() { preallocSink = &preallocMatrix(100, 20)[0] })

	matrix := preallocMatrix(3, 2)
	assert.Equal(t, preallocRows(3, 2), matrix)
	matrix[0] = append(matrix[0], 9)
	assert.Equal(t, []float64{0, 0}, matrix[1], "the next row is not touched")
}

// There are three ways. Take an upper bound, such as the length of the input, if
// most elements pass. Count first and then fill, if a second pass over the input is
// cheap: one allocation and no byte too much. Or let append do it: if one element of
// a thousand passes, a capacity of the whole input wastes more than the growth
// costs. A result that lives long and was made too large is cut with slices.Clone.
//
//claim:ask How do I preallocate if I do not know how many elements will pass a filter?
//claim:source https://pkg.go.dev/slices#Clone
func TestPreallocFilter(t *testing.T) {
	numbers := make([]int64, 10_000)
	for i := range numbers {
		numbers[i] = int64(i)
	}
	counted := preallocEven(numbers, preallocCountEven(numbers))
	bounded := preallocEven(numbers, len(numbers))
	grown := preallocEven(numbers, 0)
	assert.True(t, slices.Equal(counted, bounded) && slices.Equal(counted, grown))
	assert.Equal(t, len(counted), cap(counted))
	assert.Equal(t, 2*len(bounded), cap(bounded))
	assert.Less(t, cap(slices.Clone(bounded)), cap(bounded))
	proof.WantAllocs(t, 1, func() { preallocSink = &preallocEven(numbers, preallocCountEven(numbers))[0] })

	rare := make([]int64, 10_000)
	for i := range rare {
		rare[i] = int64(i)*2 + 1
	}
	rare[5000] = 2
	bytes := func(capacity int) uint64 {
		return proof.AllocatedBytes(func() { preallocSink = &preallocEven(rare, capacity)[0] })
	}
	assert.GreaterOrEqual(t, bytes(len(rare)), uint64(8*len(rare)))
	assert.Less(t, bytes(0), uint64(len(rare)))
}

// It cannot: an iterator does not tell how many values it has, so slices.Collect and
// slices.Sorted grow their result as append does. Where the number is known, as with
// the keys of a map, give them the capacity: slices.AppendSeq into a slice that was
// made with len(m) allocates once.
//
//claim:ask Does slices.Collect(maps.Keys(m)) preallocate?
//claim:source https://pkg.go.dev/slices#AppendSeq
func TestPreallocCollect(t *testing.T) {
	m := preallocMap(1000, 1000)
	var collected, appended []int64
	appendKeys := func() { appended = slices.AppendSeq(make([]int64, 0, len(m)), maps.Keys(m)) }
	collectKeys := func() { collected = slices.Collect(maps.Keys(m)) }
	appendKeys()
	collectKeys()
	assert.ElementsMatch(t, collected, appended)
	assert.Equal(t, 1000, cap(appended))
	if !proof.RaceEnabled {
		assert.Greater(t, testing.AllocsPerRun(10, collectKeys), testing.AllocsPerRun(10, appendKeys)+5)
	}
}

// Only up to a limit. A sender who announces a billion elements and sends three
// makes you allocate for a billion, and a few such messages end the process. Make
// room for the smaller of the announced number and a constant, and let append do the
// rest: an honest large message then costs a few growths, and a false one costs the
// limit. Packages of the standard library that decode data from outside do the same.
//
//claim:ask A message says how many elements follow. May I preallocate that many?
//claim:source internal/saferio/io.go
func TestPreallocUntrusted(t *testing.T) {
	send := func(n int64) func() (int64, bool) {
		return func() (int64, bool) { n--; return n, n >= 0 }
	}
	lying := proof.AllocatedBytes(func() { assert.Nil(t, preallocDecode(1<<30, 1024, send(3))) })
	assert.Less(t, lying, uint64(64<<10))
	honest := preallocDecode(5000, 1024, send(5000))
	assert.Len(t, honest, 5000)
	assert.EqualValues(t, 4999, honest[0])
}
