package optimizing

import (
	"encoding/binary"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

func boundsNumbers(n int) (s []uint64) {
	for i := range n {
		s = append(s, uint64(i))
	}
	return s
}

// An index that the compiler cannot prove to be in range costs a comparison
// and a jump that is never taken, which the processor predicts: a dot product
// with one check in each turn takes less than 2 times as long as one without.
// The check is expensive only where it prevents something better. Storing
// eight bytes one by one takes more than 1.5 times as long with checks,
// because without them the compiler makes one store of all eight. So look at
// checks in the hottest loops, after a profile has shown them.
//
//claim:ask What does a bounds check cost?
//claim:expect ns/op of=dotchecked < 2x of=dot
//claim:expect ns/op of=bytechecked > 1.5x of=byte
//claim:source https://go.dev/ref/spec#Index_expressions
func BenchmarkBoundsCheck(b *testing.B) {
	x, y := boundsNumbers(1000), boundsNumbers(1000)
	buf := make([]byte, 8)
	b.Run("of=dotchecked", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			boundsDot(x, y)
		}
	})
	b.Run("of=dot", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			boundsDotCut(x, y)
		}
	})
	b.Run("of=bytechecked", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for i := range uint64(32) {
				putBytes(buf, i)
			}
		}
	})
	b.Run("of=byte", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for i := range uint64(32) {
				putBytesHint(buf, i)
			}
		}
	})
}

func TestBoundsCheck(t *testing.T) {
	x, y := boundsNumbers(10), boundsNumbers(12)
	assert.Equal(t, uint64(285), boundsDot(x, y))
	assert.Equal(t, uint64(285), boundsDotCut(x, y))
	const value = 0x0102030405060708
	a, b, c := make([]byte, 8), make([]byte, 8), make([]byte, 8)
	putBytes(a, value)
	putBytesHint(b, value)
	binary.LittleEndian.PutUint64(c, value)
	assert.Equal(t, c, a)
	assert.Equal(t, c, b)
}

// Go checks every index and every slice expression at run time, except where
// the compiler proves that it is in range: that is bounds check elimination.
// Build with
// -gcflags=-d=ssa/check_bce and it prints the position of each check that is
// left. It proves a loop over i with i < len(s) or range s, forwards and
// backwards, and an index that is smaller than one already used. A loop up to
// some n proves nothing about s.
//
//claim:ask What is bounds check elimination, and how do I see which checks are left?
//claim:source https://go.dev/ref/spec#Index_expressions
//claim:source cmd/compile/internal/ssa/prove.go
func TestBoundsRange(t *testing.T) {
	s := []uint64{1, 2, 3, 4}
	assert.Equal(t, uint64(10+10+10+6), boundsRange(s))
	assert.Equal(t, uint64(20), boundsUnknown(s, 4))
	assert.Panics(t, func() { boundsUnknown(s, 5) })
	report := codegenReport(t, "codegen/asm", "-d=ssa/check_bce")
	assert.Contains(t, report, ": Found IsInBounds")
}

// Say before the loop how long the slice is: s = s[:n] is one check, and then
// all of s[i] with i < n are known to be in range. For two slices of the same
// length write b = b[:len(a)] and range over a. Mind that s[:n] compares n
// with the capacity: a slice that is too short in length but not in capacity
// is then read behind its end, where the loop would have panicked. Otherwise
// the panic comes before the loop and not in the middle of it.
//
//claim:ask How do I get rid of the bounds checks in a loop over two slices or up to n?
//claim:source cmd/compile/internal/ssa/prove.go
func TestBoundsKnown(t *testing.T) {
	s := []uint64{1, 2, 3, 4}
	assert.Equal(t, boundsUnknown(s, 3), 2*boundsKnown(s, 3))
	assert.Panics(t, func() { boundsKnown(s, 5) })
	assert.Panics(t, func() { boundsDot(s, s[:3]) })
	assert.NotPanics(t, func() { boundsDotCut(s, s[:3]) }, "the capacity is 4")
	assert.Panics(t, func() { boundsDotCut(s, slices.Clip(s[:3])) })
}

// The first line checks the highest index once, and the lines after it need
// no check: _ = s[3] makes all of s[0] to s[3] safe. Indexes in ascending
// order without it are four checks, in descending order one. You find it in
// encoding/binary. It also changes what happens on a short slice: the panic
// comes before anything was written, instead of after a part of it. A
// conversion to a pointer to an array, (*[4]uint64)(s), says the same in the
// type; it needs Go 1.17.
//
//claim:ask What is _ = s[3] at the beginning of a function for?
//claim:source encoding/binary/binary.go
//claim:source https://go.dev/ref/spec#Conversions_from_slice_to_array_or_array_pointer
func TestBoundsHint(t *testing.T) {
	s := []uint64{1, 2, 3, 4}
	for _, f := range []func([]uint64) uint64{boundsAscending, boundsDescending, boundsHint, boundsArray} {
		assert.Equal(t, uint64(10), f(s))
		assert.Panics(t, func() { f(s[:3]) })
	}
	short := make([]byte, 7)
	assert.Panics(t, func() { putBytesHint(short, 1<<56-1) })
	assert.Equal(t, make([]byte, 7), short, "nothing was written")
	assert.Panics(t, func() { putBytes(short, 1<<56-1) })
	assert.NotEqual(t, make([]byte, 7), short)
}

// In a loop that takes several elements in a turn, an index such as i+1 stays
// checked, even if the condition is i+1 < len(s): the compiler does not
// exclude that i+1 overflows, and after i += 2 it knows less about i. Cut the
// slice instead: while len(s) >= 2, use s[0] and s[1] and go on with s[2:].
// All checks are gone then.
//
//claim:ask How do I process a slice two or four elements at a time without bounds checks?
//claim:source cmd/compile/internal/ssa/prove.go
func TestBoundsPairs(t *testing.T) {
	s := []uint64{1, 2, 3, 4, 5}
	assert.Equal(t, uint64(14), boundsPairs(s))
	assert.Equal(t, uint64(14), boundsPairsCut(s))
}

// An index that cannot be too large by its type or by arithmetic needs no
// check: a byte into an array of 256, x&63 or an unsigned x%64 into an array
// of 64. So let tables be arrays whose length is a power of two. The length
// of a slice is not part of its type, so s[x&63] is checked. For a slice an
// unsigned x%len(s) is proven, but costs a division.
//
//claim:ask Why is a lookup table better an array than a slice?
//claim:source cmd/compile/internal/ssa/prove.go
func TestBoundsMask(t *testing.T) {
	var table [64]byte
	table[5] = 7
	assert.Equal(t, byte(7+7+0+7+7), boundsMask(&table, table[:], 5))
	assert.Panics(t, func() { boundsMask(&table, table[:5], 5) })
	var bytes [256]byte
	bytes[255] = 9
	assert.Equal(t, byte(9), boundsByte(&bytes, 255))
}

// Yes, once: the compiler does not know that half of a number is smaller than
// the number, so s[len(s)/2] is checked even where len(s) > 0 is known, and
// so is the middle between two indexes. Cutting the slice at the index that
// was just checked needs no second check. The check is a branch that the
// processor predicts, while it cannot predict the comparison of a binary
// search, so there is little to gain.
//
//claim:ask Does a binary search check its bounds in every step?
//claim:source cmd/compile/internal/ssa/prove.go
func TestBoundsSearch(t *testing.T) {
	s := []uint64{1, 3, 5, 7}
	for x, want := range map[uint64]int{0: 0, 1: 0, 2: 1, 7: 3, 8: 4} {
		assert.Equal(t, want, boundsSearch(s, x))
		assert.Equal(t, want, boundsHalve(s, x))
	}
}

// What the compiler knows about a slice in a field ends with the next call or
// store, because that could change the field. So a loop over f.s that calls
// something reads the slice again in each turn and checks each index,
// although the condition is i < len(f.s). Take it into a local variable
// before the loop. With range that happens by itself: the operand is
// evaluated once.
//
//claim:ask Why is s.items[i] checked although the loop says i < len(s.items)?
//claim:source cmd/compile/internal/ssa/prove.go
func TestBoundsField(t *testing.T) {
	f := &boundsField{s: []uint64{1, 2, 3}}
	assert.Equal(t, uint64(6), f.sum())
	assert.Equal(t, uint64(6), f.sumLocal())
}

// The flag -gcflags=-B removes all bounds checks, and nobody should ship
// that: an index out of range then reads or writes memory that belongs to
// somebody else, without an error. Here index 3 of a slice of two elements
// gives 40, which is in the array behind it. Without the flag it panics. Use
// the flag in an experiment, to learn what the checks of a program cost at
// most.
//
//claim:ask Can bounds checks be turned off?
//claim:source https://pkg.go.dev/cmd/compile#hdr-Command_Line
func TestBoundsOff(t *testing.T) {
	out, err := proof.Go(t, "run", "./testdata/bce/unchecked")
	require.NoError(t, err, "%s", out)
	assert.Equal(t, "recovered: runtime error: index out of range [3] with length 2\n", out)
	out, err = proof.Go(t, "run", "-gcflags=-B", "./testdata/bce/unchecked")
	require.NoError(t, err, "%s", out)
	assert.Equal(t, "read: 40\n", out)
}
