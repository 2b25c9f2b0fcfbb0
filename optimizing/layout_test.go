package optimizing

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// layoutRun is a sub-benchmark. What f calls is not inlined, so its work remains.
func layoutRun(b *testing.B, name string, f func()) {
	b.Run(name, func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f()
		}
	})
}

// Count the cache lines that the loop touches: a loop that reads 4 bytes of each
// of 1000 records touches 1000 lines if a record has 64 bytes or more, 250 if it
// has 16, and 63 if the numbers lie side by side. That number, not the number of
// additions, decides the time as soon as the data are larger than the cache. It
// also shows when a change of layout is in vain: making a record of 256 bytes 128
// bytes long changes nothing for such a loop. A field that crosses the border of
// two lines costs both.
//
//claim:ask How can I tell before I measure whether another data layout will help?
//claim:source https://pkg.go.dev/golang.org/x/sys/cpu#CacheLinePad
func TestLayoutLines(t *testing.T) {
	assert.Equal(t, 1000, CacheLines(1000, 256, 0, 4, 64))
	assert.Equal(t, 1000, CacheLines(1000, 128, 0, 4, 64))
	assert.Equal(t, 1000, CacheLines(1000, 64, 0, 4, 64))
	assert.Equal(t, 250, CacheLines(1000, 16, 0, 4, 64))
	assert.Equal(t, 63, CacheLines(1000, 4, 0, 4, 64))
	assert.Equal(t, 2000, CacheLines(1000, 128, 60, 8, 64), "across the border")
	assert.Equal(t, 500, CacheLines(1000, 64, 0, 4, 128), "a processor with larger lines")
	assert.Equal(t, 3, CacheLines(1, 1000, 10, 150, 64))
	assert.Equal(t, 0, CacheLines(0, 8, 0, 8, 64))
}

// Split the record: keep the few fields that the loops read (hot) in the slice,
// and move the others (cold) behind a pointer or into a second slice with the same
// index. Here a scan that reads 8 of 256 bytes becomes more than twice as fast,
// because it touches a quarter of the cache lines and the processor fetches them
// ahead. The price: whoever needs the cold fields follows one pointer more, and
// each pointer is work for the garbage collector. If loops read most of the
// record, or all records fit in the cache, do not split.
//
//claim:ask A loop reads two fields of large records and is slow. What do you change?
//claim:expect ns/op of=whole > 2x of=split
//claim:source https://go.dev/ref/spec#Struct_types
func BenchmarkLayoutHotCold(b *testing.B) {
	whole, split := layoutOrders(1 << 14)
	layoutRun(b, "of=whole", func() { layoutTotal(whole) })
	layoutRun(b, "of=split", func() { layoutTotalHot(split) })
}

func layoutOrders(n int) (whole []layoutOrder, split []layoutHot) {
	whole, split = make([]layoutOrder, n), make([]layoutHot, n)
	shared := new(layoutCold) // the loop never follows the pointer
	for i := range whole {
		whole[i].id, whole[i].amount = uint32(i%7), uint32(i)
		split[i] = layoutHot{id: uint32(i % 7), amount: uint32(i), cold: shared}
	}
	return whole, split
}

func TestLayoutHotCold(t *testing.T) {
	whole, split := layoutOrders(1000)
	assert.Equal(t, layoutTotal(whole), layoutTotalHot(split))
	assert.EqualValues(t, 256, unsafe.Sizeof(layoutOrder{}))
	assert.EqualValues(t, 248, len(split[0].cold.text))
	hot := int(unsafe.Sizeof(layoutHot{}))
	assert.LessOrEqual(t, hot, 16)
	assert.Equal(t, CacheLines(1000, 256, 0, 8, 64), 4*CacheLines(1000, 16, 0, 8, 64))
}

// No: a processor adds 8, 32 and 64 bits at the same speed, so a loop over int8
// takes less than twice as long as one over int64, and not an eighth of it, while
// the data are in the cache. What narrow types save is memory: int8 takes an
// eighth of it, so more fits in a cache line and in the cache. Use them for large
// slices and for structs of which there are many. For local variables and
// parameters use int: narrow types only bring conversions and overflows.
//
//claim:ask Do smaller integer types make a program faster?
//claim:expect ns/op of=int8 < 2x of=int64
//claim:expect ns/op of=int64 < 2x of=int8
//claim:source https://go.dev/ref/spec#Numeric_types
func BenchmarkLayoutNarrowTypes(b *testing.B) {
	n8, _, n64 := layoutNumbers()
	layoutRun(b, "of=int8", func() { layoutSum8(n8) })
	layoutRun(b, "of=int64", func() { layoutSum64(n64) })
}

func layoutNumbers() (n8 []int8, n32 []int32, n64 []int64) {
	for i := range 1000 {
		n8, n32, n64 = append(n8, int8(i%100)), append(n32, int32(i%100)), append(n64, int64(i%100))
	}
	return n8, n32, n64
}

func TestLayoutNarrowTypes(t *testing.T) {
	n8, n32, n64 := layoutNumbers()
	assert.EqualValues(t, 49500, layoutSum8(n8))
	assert.EqualValues(t, 49500, layoutSum32(n32))
	assert.EqualValues(t, 49500, layoutSum64(n64))
	assert.Equal(t, 8*unsafe.Sizeof(n8[0]), unsafe.Sizeof(n64[0]))
	small, large := int8(127), int64(127)
	small, large = small+1, large+1
	assert.EqualValues(t, -128, small, "the price of narrow types")
	assert.EqualValues(t, 128, large)
}

// It depends on the size. A struct of three words is passed in registers: a value
// receiver costs two more loads than a pointer. A struct of 1 KiB is copied for
// each call, and that is more than 5 times as slow as a pointer to it, and as the
// small struct. Choose by meaning first: a pointer if the method changes the
// struct, or if it must not be copied. Choose the pointer for speed from some ten
// words on. An inlined method copies nothing in either form, so measure calls that
// are not inlined.
//
//claim:ask Is a method with a pointer receiver faster than one with a value receiver?
//claim:expect ns/op of=value,size=big > 5x of=value,size=small
//claim:expect ns/op of=value,size=big > 5x of=pointer,size=big
//claim:expect allocs/op of=value == 0
//claim:source https://go.dev/doc/faq#methods_on_values_or_pointers
func BenchmarkLayoutReceiver(b *testing.B) {
	point, page := &layoutPoint{1, 2, 3}, &layoutPage{first: 1, last: 2}
	layoutRun(b, "of=value/size=small", func() { layoutCallPoint(point, true) })
	layoutRun(b, "of=value/size=big", func() { layoutCallPage(page, true) })
	layoutRun(b, "of=pointer/size=big", func() { layoutCallPage(page, false) })
}

func TestLayoutReceiver(t *testing.T) {
	point, page := &layoutPoint{1, 2, 3}, &layoutPage{first: 1, last: 2}
	for _, byValue := range []bool{true, false} {
		assert.EqualValues(t, 600, layoutCallPoint(point, byValue))
		assert.EqualValues(t, 300, layoutCallPage(page, byValue))
	}
	assert.EqualValues(t, 24, unsafe.Sizeof(*point))
	assert.EqualValues(t, 1024, unsafe.Sizeof(*page))
}

// No: "a pointer saves the copy" is the most expensive belief about small structs.
// Returning three words by value takes three registers, returning their address
// one heap allocation, before the garbage collector has done its part. It is
// different if the function is inlined and the pointer stays local: then there is
// no allocation. For structs of many words that live long anyway, the pointer is
// right.
//
//claim:ask Should a constructor return a pointer, so that the struct is not copied?
//claim:expect allocs/op of=value == 0
//claim:expect allocs/op of=pointer == 1
//claim:source https://go.dev/doc/faq#stack_or_heap
func BenchmarkLayoutReturn(b *testing.B) {
	layoutRun(b, "of=value", func() { _ = layoutPointByValue(7) })
	layoutRun(b, "of=pointer", func() { _ = layoutPointByPointer(7) })
}

func TestLayoutReturn(t *testing.T) {
	assert.Equal(t, layoutPointByValue(3), *layoutPointByPointer(3))
}

// As a value and a bool, not as a pointer. A pointer costs an allocation for each
// number, and each read goes to memory that may be anywhere; the flag costs none,
// and no more room than one word. Several flags fit into that word if they stand
// together. Pointers stay right where the number is shared, or where a package
// asks for them, as encoding/json does for optional fields. If one value can never
// occur, such as -1, it may mean "missing" and costs nothing at all.
//
//claim:ask How do you store an optional number in a struct that exists a million times?
//claim:source https://go.dev/doc/gc-guide#Eliminating_heap_allocations
func TestLayoutOptional(t *testing.T) {
	pointer, flag := layoutLimitByPointer(9), layoutLimitByFlag(9)
	assert.Equal(t, *pointer.limit, flag.limit)
	assert.True(t, flag.hasLimit)
	assert.LessOrEqual(t, unsafe.Sizeof(flag), unsafe.Sizeof(flag.limit)+8)
	assert.Equal(t, unsafe.Sizeof(flag), unsafe.Sizeof(struct {
		limit                  int64
		hasLimit, strict, late bool
	}{}), "three flags take no more than one")
	proof.WantAllocs(t, 0, func() { _ = layoutLimitByFlag(9) })
	proof.WantAllocs(t, 1, func() { _ = layoutLimitByPointer(9) })
}

// Fields that are used together should lie in the same cache line. Put them side
// by side, and in a large struct at its beginning: a field at offset 0 and one at
// offset 128 take two lines of 64 bytes for each element, two neighbours one. The
// linters that sort fields by size know nothing of this; they only remove padding.
// The order matters for structs larger than a line, in loops over so many of them
// that they do not fit in the cache.
//
//claim:ask In which order should the fields of a large struct be?
//claim:source https://go.dev/ref/spec#Struct_types
func TestLayoutTogether(t *testing.T) {
	type apart struct {
		id uint64
		_  [120]byte
		at uint64
		_  [120]byte
	}
	type together struct {
		id, at uint64
		_      [240]byte
	}
	assert.Equal(t, unsafe.Sizeof(apart{}), unsafe.Sizeof(together{}), "no padding is saved")
	lines := func(size uintptr, offsets ...uintptr) int {
		touched := make(map[int]bool)
		for i := range 100 {
			for _, offset := range offsets {
				touched[(i*int(size)+int(offset))/64] = true
			}
		}
		return len(touched)
	}
	var a apart
	var b together
	assert.Equal(t, 200, lines(unsafe.Sizeof(a), unsafe.Offsetof(a.id), unsafe.Offsetof(a.at)))
	assert.Equal(t, 100, lines(unsafe.Sizeof(b), unsafe.Offsetof(b.id), unsafe.Offsetof(b.at)))
}
