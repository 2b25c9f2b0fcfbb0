package optimizing

import (
	"math/bits"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-deep-dive/godeep/internal/proof"
)

func bitsetNumbers(n, step int) (numbers []int, set *BitSet, asMap map[int]bool) {
	set, asMap = new(BitSet), make(map[int]bool)
	for i := range n {
		number := i * step
		numbers = append(numbers, number)
		set.Add(number)
		asMap[number] = true
	}
	return numbers, set, asMap
}

// A bitset, if the numbers are small: finding the distinct ones among 2000 is more
// than 4 times as fast with it, because a lookup is a shift and a mask instead of a
// hash and a search in a group. It also allocates less, since it grows by appending
// to one slice. The price is that its size depends on the largest number and not on
// how many there are: see BitsetMemory. For numbers without a known bound, or for
// anything but integers, take the map.
//
//claim:ask Set of small integers: map[int]bool or a bitset?
//claim:expect ns/op of=map > 4x of=bitset
//claim:expect B/op of=map > 10x of=bitset
//claim:source https://pkg.go.dev/math/bits
func BenchmarkBitset(b *testing.B) {
	numbers, _, _ := bitsetNumbers(2000, 1)
	numbers = append(numbers, numbers...)
	layoutRun(b, "of=bitset", func() { bitsetDistinctBits(numbers) })
	layoutRun(b, "of=map", func() { bitsetDistinctMap(numbers) })
}

func TestBitset(t *testing.T) {
	for _, numbers := range [][]int{nil, {0}, {5, 5}, {0, 63, 64, 127, 128, 64}} {
		assert.Equal(t, bitsetDistinctMap(numbers), bitsetDistinctBits(numbers))
	}
	var empty BitSet
	assert.False(t, empty.Has(1000))
	assert.Panics(t, func() { empty.Add(-1) })
	assert.Panics(t, func() { empty.Has(-1) })
}

// By words: x & y is the intersection of 64 possible elements in one instruction,
// x | y the union, x &^ y the difference, and bits.OnesCount64 counts the elements of
// a word. For two sets of numbers below 6400 that are 100 steps, where maps need a lookup
// for each element of one of them. That is what makes bitsets useful as an index: one
// set of row numbers for each value of a column, and a query is an intersection.
//
//claim:ask How do you intersect two sets quickly?
//claim:source https://pkg.go.dev/math/bits#OnesCount64
func TestBitsetIntersect(t *testing.T) {
	for _, size := range [][2]int{{0, 0}, {100, 10}, {10, 100}, {300, 300}} {
		_, x, xMap := bitsetNumbers(size[0], 2)
		_, y, yMap := bitsetNumbers(size[1], 3)
		want := bitsetCommonMap(xMap, yMap)
		assert.Equal(t, want, bitsetCommonBits(x, y))
		x.KeepOnly(y)
		assert.Equal(t, want, x.Len())
	}
	_, set, _ := bitsetNumbers(6400, 1)
	assert.Len(t, set.words, 100)
}

// Jump from one set bit to the next: bits.TrailingZeros64 gives the place of the
// lowest one, and word &= word-1 clears it. The steps are one for each word and one for
// each element, and not one for each possible number. In a set that is nearly full there
// is little to jump over. The elements come in ascending order, which a map does not
// give.
//
//claim:ask How do you loop over the elements of a bitset?
//claim:source https://pkg.go.dev/math/bits#TrailingZeros64
func TestBitsetAll(t *testing.T) {
	for _, step := range []int{1, 7, 63, 64, 1000} {
		numbers, set, _ := bitsetNumbers(100, step)
		assert.Equal(t, numbers, slices.Collect(set.All()))
		assert.Equal(t, bitsetSumProbe(set), bitsetSumAll(set))
	}
	var places []int
	for word := uint64(1<<3 | 1<<40 | 1<<63); word != 0; word &= word - 1 {
		places = append(places, bits.TrailingZeros64(word))
	}
	assert.Equal(t, []int{3, 40, 63}, places, "three steps for 64 places")
}

// A bit for each number up to the largest: 2000 numbers without gaps fit into 250
// bytes, an eighth of a []bool, because a bool takes a whole byte. But a set that
// holds nothing except the number one million needs as much as one that holds all
// numbers up to there, and as much as a sorted []int of 15,626 numbers: below one
// number in 64 the sorted slice is smaller. A []bool is simpler, and several
// goroutines may write different elements of it without a lock, but not different
// bits of one word, since setting a bit reads and writes the whole word.
//
//claim:ask How much memory does a bitset need, and when is []bool or a map better?
//claim:source https://go.dev/ref/spec#Size_and_alignment_guarantees
func TestBitsetMemory(t *testing.T) {
	_, dense, _ := bitsetNumbers(2000, 1)
	assert.Equal(t, (2000+63)/64, len(dense.words))
	var single BitSet
	single.Add(1_000_000)
	assert.Equal(t, 15626, len(single.words), "words of 64 bits for one element")
	assert.Equal(t, 1, single.Len())
	flags := make([]bool, 2)
	var group sync.WaitGroup
	group.Go(func() { flags[0] = true })
	group.Go(func() { flags[1] = true })
	group.Wait()
	assert.Equal(t, []bool{true, true}, flags)
	if proof.RaceEnabled {
		t.Skip("the race detector adds memory of its own")
	}
	var bools []bool
	assert.GreaterOrEqual(t, proof.AllocatedBytes(func() { bools = make([]bool, 1<<20) }), uint64(1<<20))
	assert.Len(t, bools, 1<<20)
}

// x&(x-1) clears the lowest bit, so a power of two is an x > 0 for which it gives 0.
// For unsigned x and a size that is a power of two, x&(size-1) is x%size, which ring
// buffers use; for a negative x the two differ. bits.Len gives the number of bits
// that are needed, from which the next power of two follows. The compiler replaces
// x%8 by a mask itself, but not if the size is a variable. A shift by 64 or more
// gives 0 in Go, and is not undefined as in C.
//
//claim:ask Which bit tricks are worth knowing?
//claim:source https://go.dev/ref/spec#Operators
func TestBitsetTricks(t *testing.T) {
	nextPower := func(x uint) uint { return 1 << bits.Len(x-1) }
	var powers []uint
	for x := uint(1); x <= 64; x++ {
		if x&(x-1) == 0 {
			powers = append(powers, x)
		}
		assert.GreaterOrEqual(t, nextPower(x), x)
		assert.Less(t, nextPower(x), 2*x)
	}
	assert.Equal(t, []uint{1, 2, 4, 8, 16, 32, 64}, powers)
	for x := range uint(1000) {
		for _, size := range powers {
			assert.True(t, x%size == x&(size-1))
		}
	}
	for x := -5; x < 0; x++ {
		assert.NotEqual(t, x%8, x&7, "the remainder of a negative number is negative")
	}
	shift := 64
	assert.Zero(t, uint64(1)<<shift)
}
