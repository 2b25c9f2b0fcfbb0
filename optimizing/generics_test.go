package optimizing

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// No: slices.Contains is a loop that is compiled for the type of the elements, and
// takes less than twice as long as one written by hand. The same holds for
// slices.Index, Max, Reverse and the others that use only operators.
// slices.ContainsFunc pays a call for each element, unless it and the function
// literal are inlined into the caller. So there is no reason to write these loops
// by hand, and bytes.IndexByte and its kind are written in assembly and faster
// than a loop.
//
//claim:ask Is slices.Contains slower than a loop by hand?
//claim:expect ns/op of=contains < 2x of=loop
//claim:expect ns/op of=loop < 2x of=contains
//claim:source https://pkg.go.dev/slices#Contains
func BenchmarkGenericsContains(b *testing.B) {
	numbers := rangeNumbers(1000)
	layoutRun(b, "of=loop", func() { genericsContainsLoop(numbers, -1) })
	layoutRun(b, "of=contains", func() { genericsContains(numbers, -1) })
}

func TestGenericsContains(t *testing.T) {
	numbers := rangeNumbers(10)
	for _, contains := range []func([]int64, int64) bool{genericsContainsLoop, genericsContains, genericsIndexFunc} {
		assert.True(t, contains(numbers, 9))
		assert.False(t, contains(numbers, 10))
		assert.False(t, contains(nil, 0))
	}
}

// A chain over slices allocates a slice for each step and walks over memory once
// more for each; one loop over 1000 numbers allocates nothing. A chain of
// iterators allocates no slices, and its cost is the calls between the steps, as
// far as they are not inlined. For a report that runs once a minute this is
// nothing; in a hot loop write the loop. It also shows on the first look what it
// does.
//
//claim:ask What do chains of Map and Filter cost compared with a loop?
//claim:expect allocs/op of=loop == 0
//claim:expect allocs/op of=slices >= 5
//claim:expect allocs/op of=iterators <= 2
//claim:source https://pkg.go.dev/iter
func BenchmarkGenericsChain(b *testing.B) {
	numbers := rangeNumbers(1000)
	layoutRun(b, "of=loop", func() { genericsOneLoop(numbers) })
	layoutRun(b, "of=slices", func() { genericsChain(numbers) })
	layoutRun(b, "of=iterators", func() { genericsChainSeq(numbers) })
}

func TestGenericsChain(t *testing.T) {
	numbers := rangeNumbers(100)
	assert.EqualValues(t, 161700, genericsOneLoop(numbers))
	assert.EqualValues(t, 161700, genericsChain(numbers))
	assert.EqualValues(t, 161700, genericsChainSeq(numbers))
}

// Only while the value stays in generic code. A function with a type parameter
// that passes the value to fmt, or to any other parameter of an interface type,
// boxes it there: one allocation for a number above 255. If it calls what is
// written for the type, such as strconv.AppendInt after a conversion, there is
// none. The same goes for a switch over any(v).(type): it does not allocate,
// because the value does not leave.
//
//claim:ask Does a type parameter instead of any avoid boxing?
//claim:source https://go.dev/doc/faq#generics
func TestGenericsBoxing(t *testing.T) {
	buf := make([]byte, 0, 64)
	big := 1_000_000
	assert.Equal(t, "1000000", string(genericsFormat(buf, big)))
	assert.Equal(t, "1000000", string(genericsFormatInt(buf, big)))
	assert.Equal(t, "int", genericsKind(big))
	assert.Equal(t, "string", genericsKind("x"))
	proof.WantAllocs(t, 1, func() { genericsFormat(buf, big) })
	proof.WantAllocs(t, 0, func() { genericsFormatInt(buf, big) })
	proof.WantAllocs(t, 0, func() { genericsKind(big) })
}

//go:noinline
func genericsKind[T any](v T) string {
	switch any(v).(type) {
	case int:
		return "int"
	case string:
		return "string"
	}
	return fmt.Sprintf("%T", v)
}

// Pass a function instead of requiring a method. A method of a type parameter is
// called through a dictionary and is never inlined. A function literal is inlined
// if the generic function is small enough to be inlined itself, and then the loop
// is more than 1.5 times as fast, because nothing is called. If the generic
// function is not inlined, both forms cost a call.
//
//claim:ask Should a generic function require a method or take a function?
//claim:expect ns/op of=method > 1.5x of=function
//claim:source https://github.com/golang/proposal/blob/master/design/generics-implementation-dictionaries-go1.18.md
func BenchmarkGenericsFunction(b *testing.B) {
	items := genericsItems(1000)
	layoutRun(b, "of=method", func() { genericsSumMethod(items) })
	layoutRun(b, "of=function", func() { genericsSumItems(items) })
}

func genericsItems(n int) (items []genericsItem) {
	for i := range n {
		items = append(items, genericsItem{int64(i)})
	}
	return items
}

func TestGenericsFunction(t *testing.T) {
	items := genericsItems(100)
	assert.EqualValues(t, 4950, genericsSumMethod(items))
	assert.EqualValues(t, 4950, genericsSumItems(items))
}
