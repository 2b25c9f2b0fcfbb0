package memory

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// valuesOf returns what the pointers point to.
func valuesOf(pointers []*int) (values []int) {
	for _, p := range pointers {
		values = append(values, *p)
	}
	return values
}

// countersNow captures the variable of a loop with three clauses, and changes
// it after that.
func countersNow() (counters []func() int) {
	for i := 0; i < 5; i++ {
		counters = append(counters, func() int { return i })
		i++
	}
	return counters
}

// Since Go 1.22 each iteration has a variable of its own, so stored pointers to
// it, and closures over it, see the different values; before, all of them saw
// the one variable with its last value. What decides is the go line in go.mod, or
// a build constraint in the file, not the toolchain. A variable that is declared
// outside and assigned with = is still one for all iterations. And pointers to v
// are never pointers to the elements: for that, take &s[i].
//
//claim:ask I store &v for each v of a range loop: what do the pointers show?
//claim:source https://go.dev/doc/go1.22#language
//claim:source https://go.dev/blog/loopvar-preview
func TestRangeVariable(t *testing.T) {
	s := []int{1, 2, 3}
	assert.Equal(t, []int{1, 2, 3}, valuesOf(pointersToCopies(s)))
	assert.Equal(t, []int{3, 3, 3}, valuesOf(pointersBefore122(s)))
	assert.Equal(t, []int{3, 3, 3}, valuesOf(pointersToOneVariable(s)))

	var closures []func() int
	for _, v := range s {
		closures = append(closures, func() int { return v })
	}
	for i, f := range closures {
		assert.Equal(t, s[i], f())
	}

	*pointersToCopies(s)[0] = 9
	assert.Equal(t, []int{1, 2, 3}, s)
	*pointersToElements(s)[0] = 9
	assert.Equal(t, []int{9, 2, 3}, s)
}

// They print 1 3 5 since Go 1.22, and printed 6 6 6 before. Every iteration has
// its own i, and the next one is made as a copy of it before i++ is executed: so
// what the body does to i after the closure was made is visible in the closure,
// and carried on to the next iteration, while the i++ of the loop is not.
//
//claim:ask for i := 0; i < 5; i++ { fs = append(fs, func() { print(i) }); i++ }: what do the functions print?
//claim:source https://go.dev/ref/spec#For_clause
func TestForVariable(t *testing.T) {
	call := func(counters []func() int) (values []int) {
		for _, f := range counters {
			values = append(values, f())
		}
		return values
	}
	assert.Equal(t, []int{1, 3, 5}, call(countersNow()))
	assert.Equal(t, []int{6, 6, 6}, call(countersBefore122()))
}

// Only if its address outlives the iteration, as in a stored pointer or
// closure: then it moves to the heap, which since Go 1.22 is one allocation per
// iteration, where it was one for the whole loop before. A loop variable whose
// address stays in the loop, or is not taken at all, lives in a register or on
// the stack as before. Pointers to the elements cost nothing extra.
//
//claim:ask Does the loop variable per iteration of Go 1.22 cost anything?
//claim:source https://go.dev/blog/loopvar-preview
func TestRangeVariableAllocs(t *testing.T) {
	s := make([]int, 100)
	const result = 1
	proof.WantAllocs(t, result+100, func() { rangePointers = pointersToCopies(s) })
	proof.WantAllocs(t, result+1, func() { rangePointers = pointersBefore122(s) })
	proof.WantAllocs(t, result+1, func() { rangePointers = pointersToOneVariable(s) })
	proof.WantAllocs(t, result, func() { rangePointers = pointersToElements(s) })
	proof.WantAllocs(t, 0, func() {
		for _, v := range s {
			incrementCopy(&v)
		}
	})
}

var rangePointers []*int

//go:noinline
func incrementCopy(v *int) { *v++ }

// The expression after range is evaluated once, before the first iteration. If
// only the length of an array is needed, because there is at most an index
// variable, and the length is a constant, it is not evaluated at all: range over
// *p with p nil gives the indices and does not panic. A call counts as not
// constant, so it is made, once. The operands on the left are different: x[f()]
// there is evaluated in each iteration.
//
//claim:ask How often is the expression in for i := range f() evaluated?
//claim:source https://go.dev/ref/spec#For_range
//claim:source https://go.dev/ref/spec#Length_and_capacity
func TestRangeOnce(t *testing.T) {
	calls := 0
	slice := func() []int { calls++; return []int{1, 2, 3} }
	array := func() [3]int { calls++; return [3]int{1, 2, 3} }

	for range slice() {
	}
	assert.Equal(t, 1, calls)
	for range array() {
	}
	assert.Equal(t, 2, calls, "a call is not constant")

	var none *[3]int
	sum := 0
	for i := range *none {
		sum += i
	}
	assert.Equal(t, 0+1+2, sum, "not evaluated")
	assert.NotEmpty(t, panicText(func() {
		for _, v := range *none {
			sum += v
		}
	}), "evaluated for the values")

	var left [1]int
	for left[func() int { calls++; return 0 }()] = range slice() {
	}
	assert.Equal(t, 2+1+3, calls)
	assert.Equal(t, 2, left[0])
}

// A rangeTable is an array of 64 KiB.
type rangeTable [8192]int64

//go:noinline
func firstNonZeroArray(table *rangeTable) int64 {
	for _, v := range *table {
		if v != 0 {
			return v
		}
	}
	return 0
}

//go:noinline
func firstNonZeroPointer(table *rangeTable) int64 {
	for _, v := range table {
		if v != 0 {
			return v
		}
	}
	return 0
}

//go:noinline
func firstNonZeroIndex(table *rangeTable) int64 {
	for i := range *table {
		if table[i] != 0 {
			return table[i]
		}
	}
	return 0
}

func TestFirstNonZero(t *testing.T) {
	for at := range 3 {
		table := new(rangeTable)
		table[at], table[at+1] = 7, 8
		assert.Equal(t, int64(7), firstNonZeroArray(table))
		assert.Equal(t, int64(7), firstNonZeroPointer(table))
		assert.Equal(t, int64(7), firstNonZeroIndex(table))
	}
}

// Ranging over an array with a value variable copies the whole array first, even
// if the loop ends at once: for 64 KiB and a hit at the first element that is
// more than 20 times as slow as ranging over a pointer to it. Ranging over the
// pointer, over a slice of the array, or with the index only, makes no copy. You
// may read that a range loop over large elements is slow as such, with numbers
// that were measured on an array: most of it was this one copy.
//
//claim:ask Why is for _, v := range array slow, and what is the cure?
//claim:expect ns/op of=array > 20x of=pointer
//claim:expect ns/op of=array > 20x of=index
//claim:expect allocs/op of=array == 0
//claim:source https://go.dev/ref/spec#For_range
func BenchmarkRangeCopyCost(b *testing.B) {
	table := new(rangeTable)
	table[0] = 1
	for _, c := range []struct {
		name string
		find func(*rangeTable) int64
	}{{"of=array", firstNonZeroArray}, {"of=pointer", firstNonZeroPointer}, {"of=index", firstNonZeroIndex}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.find(table)
			}
		})
	}
}

type (
	rangeSmall struct {
		id, a, b, c int64
	}
	rangeBig struct {
		id int64
		_  [127]int64
	}
)

//go:noinline
func sumSmallValue(s []rangeSmall) (sum int64) {
	for _, v := range s {
		sum += v.id
	}
	return sum
}

//go:noinline
func sumSmallIndex(s []rangeSmall) (sum int64) {
	for i := range s {
		sum += s[i].id
	}
	return sum
}

//go:noinline
func sumBigValue(s []rangeBig) (sum int64) {
	for _, v := range s {
		sum += v.id
	}
	return sum
}

//go:noinline
func sumBigIndex(s []rangeBig) (sum int64) {
	for i := range s {
		sum += s[i].id
	}
	return sum
}

//go:noinline
func sumBigPassed(s []rangeBig) (sum int64) {
	for _, v := range s {
		sum += idOfBig(&v)
	}
	return sum
}

//go:noinline
func idOfBig(v *rangeBig) int64 { return v.id }

func TestSumRange(t *testing.T) {
	small, big := make([]rangeSmall, 10), make([]rangeBig, 10)
	for i := range 10 {
		small[i] = rangeSmall{id: int64(i), a: 1, b: 1, c: 1}
		big[i].id = int64(i)
	}
	assert.Equal(t, []int64{45, 45, 45, 45, 45}, []int64{
		sumSmallValue(small), sumSmallIndex(small), sumBigValue(big), sumBigIndex(big), sumBigPassed(big),
	})
}

// It depends on the size, on the use and, since Go 1.27, less than before. A
// struct of at most four words is taken apart into registers: reading one field
// of v costs no more than reading s[i]. A larger one is copied in full in each
// iteration by Go 1.26, more than 5 times as slow for 1 KiB even if only one field
// is read; Go 1.27 leaves that copy out if v is only read field by field. If v
// is passed on, or its address is taken, both copy. Indexing never copies.
//
//claim:ask Does for _, v := range s copy large structs if I read only one field?
//claim:expect ns/op of=value,size=small < 2x of=index,size=small
//claim:expect ns/op of=value,size=big > 5x of=index,size=big if go<1.27
//claim:expect ns/op of=value,size=big < 3x of=index,size=big if go>=1.27
//claim:expect ns/op of=passed,size=big > 5x of=index,size=big
//claim:source cmd/compile/internal/ssa/value.go
func BenchmarkRangeBigStruct(b *testing.B) {
	small, big := make([]rangeSmall, 64), make([]rangeBig, 64)
	b.Run("of=value/size=small", func(b *testing.B) {
		for b.Loop() {
			sumSmallValue(small)
		}
	})
	b.Run("of=index/size=small", func(b *testing.B) {
		for b.Loop() {
			sumSmallIndex(small)
		}
	})
	b.Run("of=value/size=big", func(b *testing.B) {
		for b.Loop() {
			sumBigValue(big)
		}
	})
	b.Run("of=index/size=big", func(b *testing.B) {
		for b.Loop() {
			sumBigIndex(big)
		}
	})
	b.Run("of=passed/size=big", func(b *testing.B) {
		for b.Loop() {
			sumBigPassed(big)
		}
	})
}
