package memory

import (
	"runtime"
	"testing"
	"unsafe"
	"weak"

	"github.com/stretchr/testify/assert"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// Arrays are comparable with == if their elements are, so they can be map keys,
// alone or inside a struct; slices cannot. An array of slices, maps or functions
// is not comparable, and that is a compile error; an array of interfaces compiles,
// and the comparison panics if it meets a value that cannot be compared. A
// fixed-size array such as [16]byte is a good key for IDs and hashes: the key
// holds the bytes themselves, and a copy made from a slice needs no allocation.
//
//claim:ask Can an array be a map key, and why can a slice not?
//claim:source https://go.dev/ref/spec#Comparison_operators
func TestArrayKey(t *testing.T) {
	a, b, c := [2]int{1, 2}, [2]int{1, 2}, [2]int{2, 1}
	assert.True(t, a == b)
	assert.False(t, a == c)

	type cell struct{ at [2]int }
	visited := map[cell]bool{{[2]int{1, 2}}: true}
	assert.True(t, visited[cell{[2]int{1, 2}}])
	assert.False(t, visited[cell{[2]int{2, 1}}])

	assert.Contains(t, compileError(t, "var a, b [2][]int; _ = a == b"), "[2][]int cannot be compared")
	assert.Contains(t, compileError(t, "var m map[[2]func()]int; _ = m"), "invalid map key type")
	x, y := [1]any{[]int{1}}, [1]any{[]int{1}}
	assert.Equal(t, "runtime error: comparing uncomparable type []int", panicText(func() { _ = x == y }))

	ids := map[[16]byte]int{}
	id := []byte("0123456789abcdef....")
	ids[[16]byte(id)] = 7
	found := 0
	proof.WantAllocs(t, 0, func() { found = ids[[16]byte(id)] })
	assert.Equal(t, 7, found)
}

// The length is part of the type: [3]int and [4]int are different types that
// cannot be assigned to each other, and the length has to be a constant. So a
// function for arrays works for one length only; take a slice instead, and let the
// caller write a[:]. [...]int counts the elements of a literal and still gives a
// fixed type. len(a) is itself a constant, if the expression has no call in it.
//
//claim:ask Why can I not pass a [3]int to a function that takes [4]int, or make an array of n elements?
//claim:source https://go.dev/ref/spec#Array_types
//claim:source https://go.dev/ref/spec#Length_and_capacity
func TestArrayLength(t *testing.T) {
	assert.Contains(t, compileError(t, "var a [3]int; var b [4]int = a; _ = b"), "cannot use a (variable of type [3]int) as [4]int value")
	assert.Contains(t, compileError(t, "n := 3; var a [n]int; _ = a"), "invalid array length")
	assert.Empty(t, compileError(t, "a := [...]int{1, 2, 3}; const n = len(a); var b [n]int = a; _ = b"))
	assert.NotEmpty(t, compileError(t, "f := func() [3]int { return [3]int{} }; const n = len(f()); _ = n"))

	sum := func(s []int) (total int) {
		for _, v := range s {
			total += v
		}
		return total
	}
	three, four := [3]int{1, 2, 3}, [4]int{1, 2, 3, 4}
	assert.Equal(t, 6, sum(three[:]))
	assert.Equal(t, 10, sum(four[:]))
}

// A pointer to an array can be indexed, sliced, ranged over and measured with
// len without writing the star, and changes reach the array. len(p) and a range
// with the index only are legal even if p is nil, because the type alone gives
// the length; reading an element through a nil pointer panics. A pointer to a
// slice has none of this: p[0], p[:], len(p) and range over p do not compile.
//
//claim:ask What can you do with a pointer to an array that you cannot do with a pointer to a slice?
//claim:source https://go.dev/ref/spec#Index_expressions
//claim:source https://go.dev/ref/spec#For_range
func TestArrayPointer(t *testing.T) {
	array := [3]int{1, 2, 3}
	p := &array
	p[0] = 9
	s := p[1:]
	s[0] = 8
	assert.Equal(t, [3]int{9, 8, 3}, array)
	total := 0
	for _, v := range p {
		total += v
	}
	assert.Equal(t, 20, total)

	var none *[3]int
	assert.Equal(t, 3, len(none))
	rounds := 0
	for range none {
		rounds++
	}
	for i := range none {
		rounds += i
	}
	assert.Equal(t, 3+0+1+2, rounds)
	const nilPointer = "runtime error: invalid memory address or nil pointer dereference"
	assert.Equal(t, nilPointer, panicText(func() { _ = none[0] }))
	assert.Equal(t, nilPointer, panicText(func() {
		for _, v := range none {
			rounds += v
		}
	}))

	assert.Contains(t, compileError(t, "var p *[]int; _ = p[0]"), "cannot index p")
	assert.Contains(t, compileError(t, "var p *[]int; _ = p[:]"), "cannot slice p")
	assert.Contains(t, compileError(t, "var p *[]int; _ = len(p)"), "invalid argument: p")
	assert.Contains(t, compileError(t, "var p *[]int; for range p {}"), "cannot range over p")
	assert.Empty(t, compileError(t, "var p *[]int; _ = (*p)[0]"))
}

// The elements of an array lie one behind the other without gaps, so [n]T takes
// exactly n times the size of T and an array of arrays is one block, row after
// row. A slice of slices has a block of headers, and each row lies wherever it
// was allocated. Padding belongs to the element type: an array adds none.
//
//claim:ask How are an array, an array of arrays and a slice of slices laid out in memory?
//claim:source https://go.dev/ref/spec#Size_and_alignment_guarantees
//claim:source https://go.dev/ref/spec#Array_types
func TestArrayLayout(t *testing.T) {
	type padded struct {
		_ int32
		_ int8
	}
	assert.Equal(t, uintptr(8), unsafe.Sizeof(padded{}))
	assert.Equal(t, uintptr(8*5), unsafe.Sizeof([5]padded{}))
	assert.Equal(t, uintptr(4*3*8), unsafe.Sizeof([4][3]int64{}))

	var block [4][3]int64
	distance := func(p, q *int64) uintptr { return uintptr(unsafe.Pointer(q)) - uintptr(unsafe.Pointer(p)) }
	assert.Equal(t, uintptr(8), distance(&block[0][0], &block[0][1]))
	assert.Equal(t, uintptr(3*8), distance(&block[0][0], &block[1][0]), "the next row follows at once")

	rows := NewRows[int64](4, 3)
	assert.Equal(t, uintptr(3*8), distance(&rows[0][0], &rows[1][0]))
	assert.Equal(t, 3, cap(rows[0]))
	assert.Equal(t, 4*3*unsafe.Sizeof(uintptr(0)), uintptr(len(rows))*unsafe.Sizeof(rows[0]), "and a header for each row")
}

// A gridCell is the element type of the grids below.
type gridCell int64

var (
	gridSink  [][]gridCell
	blockSink *[100][3]gridCell
)

func separateRows(rows, columns int) [][]gridCell {
	grid := make([][]gridCell, rows)
	for i := range grid {
		grid[i] = make([]gridCell, columns)
	}
	return grid
}

// keptRow makes a grid and returns its last row, and a weak pointer to its first.
//
//go:noinline
func keptRow(newGrid func(rows, columns int) [][]gridCell) ([]gridCell, weak.Pointer[gridCell]) {
	grid := newGrid(4, 64)
	return grid[3], weak.Make(&grid[0][0])
}

// An array of arrays is one allocation, a slice with a separately made slice for
// each row is one more than there are rows, and a slice of rows cut from one
// shared array is two. The shared array also lies in order in memory. Its price:
// one row that is kept keeps all of them. Rows that have to grow, or to be freed
// one by one, need the separate slices.
//
//claim:ask How many allocations does a two-dimensional grid take?
//claim:source https://go.dev/doc/effective_go#two_dimensional_slices
func TestGridAllocs(t *testing.T) {
	const rows, columns = 100, 3
	assert.Equal(t, separateRows(rows, columns), NewRows[gridCell](rows, columns))

	row, array := keptRow(NewRows[gridCell])
	runtime.GC()
	assert.NotNil(t, array.Value())
	runtime.KeepAlive(row)
	row, array = keptRow(separateRows)
	runtime.GC()
	assert.Nil(t, array.Value())
	runtime.KeepAlive(row)

	proof.WantAllocs(t, 1, func() { blockSink = new([rows][columns]gridCell) })
	proof.WantAllocs(t, 2, func() { gridSink = NewRows[gridCell](rows, columns) })
	proof.WantAllocs(t, 1+rows, func() { gridSink = separateRows(rows, columns) })
}

// An array field lies inside the struct: one allocation for both, and copying
// the struct copies the elements. A slice field is a header inside the struct
// and an array elsewhere: a second allocation, and copies of the struct share
// the elements. So an array is right for a small, fixed number of elements, and
// a slice where the number varies or the struct is copied often.
//
//claim:ask Should a fixed number of elements in a struct be an array or a slice?
//claim:source https://go.dev/doc/effective_go#arrays
func TestArrayField(t *testing.T) {
	type inline struct{ coords [4]float64 }
	type apart struct{ coords []float64 }
	assert.Equal(t, uintptr(4*8), unsafe.Sizeof(inline{}))
	assert.Equal(t, 3*unsafe.Sizeof(uintptr(0)), unsafe.Sizeof(apart{}))

	a := inline{}
	b := a
	b.coords[0] = 1
	assert.Zero(t, a.coords[0])
	c := apart{make([]float64, 4)}
	d := c
	d.coords[0] = 1
	assert.Equal(t, 1.0, c.coords[0])

	proof.WantAllocs(t, 1, func() { arrayFieldSink = new(inline) })
	proof.WantAllocs(t, 2, func() { arrayFieldSink = &apart{make([]float64, 4)} })
}

var arrayFieldSink any

// Only an array that has an address can be sliced or have its elements assigned.
// The result of a call and an element of a map have none, so f()[:] and
// m[k][0] = 1 are compile errors; f()[0] may be read. Assign to a variable first,
// or keep slices or pointers in the map: their elements lie elsewhere and have an
// address.
//
//claim:ask Why do f()[:] and m[k][0] = 1 not compile for arrays?
//claim:source https://go.dev/ref/spec#Slice_expressions
//claim:source https://go.dev/ref/spec#Address_operators
func TestArrayAddress(t *testing.T) {
	const f = "f := func() [2]int { return [2]int{} }; "
	assert.Contains(t, compileError(t, f+"_ = f()[:]"), "cannot slice unaddressable value")
	assert.Empty(t, compileError(t, f+"_ = f()[0]; a := f(); _ = a[:]"))
	assert.Contains(t, compileError(t, "m := map[string][2]int{}; m[`k`][0] = 1"), "cannot assign to")
	assert.Empty(t, compileError(t, "m := map[string][]int{}; m[`k`][0] = 1"))
	assert.Empty(t, compileError(t, "m := map[string]*[2]int{}; m[`k`][0] = 1"))
}

// An array of length zero takes no memory, but its type still counts: a field
// of type [0]func() makes a struct impossible to compare with ==, which libraries
// use to keep that freedom. Put it first: as the last field it makes the struct
// larger, because a pointer to it must not point behind the object.
//
//claim:ask What is a field of type [0]func() good for?
//claim:source https://go.dev/ref/spec#Size_and_alignment_guarantees
//claim:source https://go.dev/ref/spec#Comparison_operators
func TestArrayZeroLength(t *testing.T) {
	assert.Zero(t, unsafe.Sizeof([0]func(){}))
	assert.Contains(t, compileError(t, "type T struct { _ [0]func(); n int }; var a, b T; _ = a == b"), "struct containing [0]func() cannot be compared")
	assert.Empty(t, compileError(t, "type T struct { _ [0]int; n int }; var a, b T; _ = a == b"))

	type first struct {
		_ [0]func()
		n int
	}
	type last struct {
		n int
		_ [0]func()
	}
	assert.Equal(t, unsafe.Sizeof(0), unsafe.Sizeof(first{}))
	assert.Equal(t, 2*unsafe.Sizeof(0), unsafe.Sizeof(last{}))
	_, _ = first{}.n, last{}.n
}

//go:noinline
func readArray(a [512]int64, i int) int64 { return a[i] }

//go:noinline
func readPointer(a *[512]int64, i int) int64 { return a[i] }

func readInlined(a [512]int64, i int) int64 { return a[i] }

//go:noinline
func callReadInlined(a *[512]int64, i int) int64 { return readInlined(*a, i) }

func TestReadArray(t *testing.T) {
	a := [512]int64{511: 7}
	assert.Equal(t, int64(7), readArray(a, 511))
	assert.Equal(t, int64(7), readPointer(&a, 511))
	assert.Equal(t, int64(7), callReadInlined(&a, 511))
}

// Passing an array by value copies all of it: for 4 KiB the call takes more than
// 10 times as long as passing the address, although the function reads one
// element. The copy is made even if the call is inlined, here with an index that
// is not a constant. It goes to the stack, so it allocates nothing and does not
// show in a memory profile. Pass a pointer, or a slice of the array, where the
// array is more than a few words.
//
//claim:ask What does it cost to pass a large array by value?
//claim:expect ns/op of=value > 10x of=pointer
//claim:expect ns/op of=inlined > 10x of=pointer
//claim:expect allocs/op of=value == 0
//claim:expect allocs/op of=inlined == 0
//claim:source https://go.dev/doc/effective_go#arrays
func BenchmarkArrayByValue(b *testing.B) {
	var a [512]int64
	i := 511
	b.Run("of=value", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			readArray(a, i)
		}
	})
	b.Run("of=pointer", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			readPointer(&a, i)
		}
	})
	b.Run("of=inlined", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			callReadInlined(&a, i)
		}
	})
}
