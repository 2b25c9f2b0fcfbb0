package memory

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"math"
	"os/exec"
	"reflect"
	"slices"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// compileError type-checks body as the body of a function and returns the
// first complaint, or "" if it compiles. go/types and the compiler's own type
// checker share their source.
func compileError(t *testing.T, body string) string {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "body.go", "package p\nfunc f() {\n"+body+"\n}", 0)
	require.NoError(t, err)
	if _, err = new(types.Config).Check("p", fset, []*ast.File{file}, nil); err != nil {
		return err.Error()
	}
	return ""
}

// panicText returns what f panics with, as text, or "" if it does not panic.
func panicText(f func()) (text string) {
	defer func() {
		if r := recover(); r != nil {
			text = fmt.Sprint(r)
		}
	}()
	f()
	return ""
}

// A slice value is three machine words: a pointer to an element of an array,
// a length and a capacity. Assigning a slice, passing it or storing it in a
// struct copies these words and no element, so both copies see one array. The
// size of the header does not depend on the element type or on the length.
//
//claim:ask What is stored inside a slice value?
//claim:source https://go.dev/ref/spec#Slice_types
//claim:source runtime/slice.go
func TestSliceHeader(t *testing.T) {
	const word = unsafe.Sizeof(uintptr(0))
	s := make([]int64, 3, 5)
	assert.Equal(t, 3*word, unsafe.Sizeof(s))
	assert.Equal(t, 3*word, unsafe.Sizeof([][4096]byte{}))

	header := *(*[3]uintptr)(unsafe.Pointer(&s))
	assert.Equal(t, uintptr(unsafe.Pointer(&s[0])), header[0], "pointer to the first element")
	assert.Equal(t, [2]uintptr{3, 5}, [2]uintptr(header[1:]), "length and capacity")

	sub := s[1:3]
	header = *(*[3]uintptr)(unsafe.Pointer(&sub))
	assert.Equal(t, uintptr(unsafe.Pointer(&s[1])), header[0])
	assert.Equal(t, [2]uintptr{2, 4}, [2]uintptr(header[1:]))

	dup := s
	dup[0] = 7
	assert.Equal(t, int64(7), s[0], "both headers point to one array")
}

// A function that gets a slice can change the caller's elements, but not the
// caller's length or which array it uses; a function that gets an array
// cannot change the caller's at all, because it works on a copy of all elements. Both are passed
// by value. The difference is what the value is: a header for a slice, the
// elements themselves for an array.
//
//claim:ask What can a function change if it is given a slice, and what if it is given an array?
//claim:source https://go.dev/ref/spec#Calls
//claim:source https://go.dev/doc/faq#references
func TestSliceArgument(t *testing.T) {
	slice, array := []int{1, 2, 3}, [3]int{1, 2, 3}

	func(s []int, a [3]int) { s[0], a[0] = 9, 9 }(slice, array)
	assert.Equal(t, []int{9, 2, 3}, slice)
	assert.Equal(t, [3]int{1, 2, 3}, array)

	func(s []int) {
		s = append(s[:1], 8) // fits: overwrites element 1 of the shared array
		s[0] = 7
		s = []int{6, 6} // another array, here only
		s[0] = 5
	}(slice)
	assert.Equal(t, []int{7, 8, 3}, slice)
}

// While the new elements fit in the capacity, append writes them into the same
// array and returns a longer header; otherwise it allocates a larger array,
// copies all elements and returns a header for that. So before an append two
// slices may share an array and after it they may not. The old array is not
// changed and lives on as long as somebody refers to it. Appending no elements
// returns the slice as it is, nil included.
//
//claim:ask What does append do when there is spare capacity, and what when there is none?
//claim:source https://go.dev/ref/spec#Appending_and_copying_slices
func TestAppendInPlace(t *testing.T) {
	s := make([]int, 2, 4)
	steps := []struct {
		add      []int
		len, cap int
		moved    bool
	}{
		{[]int{1}, 3, 4, false},
		{[]int{2}, 4, 4, false}, // exactly full
		{nil, 4, 4, false},
		{[]int{3}, 5, 8, true},
		{[]int{4, 5, 6}, 8, 8, false},
	}
	for i, step := range steps {
		before := s
		s = append(s, step.add...)
		assert.Equal(t, step.len, len(s), "step %d", i)
		assert.Equal(t, step.cap, cap(s), "step %d", i)
		assert.Equal(t, step.moved, &before[0] != &s[0], "step %d", i)
		assert.Equal(t, !step.moved, Overlap(before, s), "step %d", i)
	}

	old := make([]int, 1)
	moved := append(old, 1)
	moved[0] = 9
	assert.Equal(t, []int{0}, old, "the old array is left alone")

	var none []int
	assert.Nil(t, append(none, []int{}...))
}

// The result of append must be used because append cannot change its argument:
// it gets a copy of the header, and the new length, and the new pointer if the
// array moved, exist only in the result. Dropping the result is a compile
// error. Assigning it to another variable compiles and is how slices come to
// share an array unexpectedly. The functions of package slices are ordinary
// calls, so the compiler lets you drop their results; go vet reports that, and
// append(s) without values too.
//
//claim:ask Why must the result of append be assigned?
//claim:source https://go.dev/ref/spec#Expression_statements
//claim:source cmd/vendor/golang.org/x/tools/go/analysis/passes/unusedresult/unusedresult.go
func TestAppendResult(t *testing.T) {
	assert.Contains(t, compileError(t, "var s []int; append(s, 1)"), "append(s, 1) (value of type []int) is not used")
	assert.Empty(t, compileError(t, "var s []int; s = append(s, 1); _ = s"))
	assert.Empty(t, compileError(t, "var s []int; func(s []int) []int { return append(s, 1) }(s)"), "an ordinary call")

	s := make([]int, 0, 1)
	_ = append(s, 7)
	assert.Empty(t, s, "the length stays")
	assert.Equal(t, []int{7}, s[:1], "though the element was written")

	if testing.Short() {
		return
	}
	report, err := exec.CommandContext(t.Context(), "go", "vet", "./testdata/slice").CombinedOutput()
	assert.Error(t, err)
	assert.Contains(t, string(report), "result of slices.Delete call not used")
	assert.Contains(t, string(report), "append with no values")
}

// A nil slice and an empty slice behave alike in len, cap, range, append, copy,
// slicing and slices.Equal; they differ in == nil, in reflect.DeepEqual and in
// JSON, where nil becomes null and empty becomes []. fmt prints [] for both,
// except with %#v. So return nil for no results and test len(s) == 0, never
// s == nil. Note that append([]T(nil), s...) turns an empty s into nil, while
// slices.Clone keeps the difference.
//
//claim:ask How do a nil slice and an empty slice differ?
//claim:source https://go.dev/ref/spec#Slice_types
//claim:source https://pkg.go.dev/encoding/json#Marshal
func TestNilSlice(t *testing.T) {
	var none []int
	for name, s := range map[string][]int{
		"nil": none, "literal": {}, "make": make([]int, 0), "resliced": []int{1}[:0], "nil resliced": none[:0],
	} {
		isNil := name == "nil" || name == "nil resliced"
		assert.Equal(t, isNil, s == nil, name)

		assert.Zero(t, len(s), name)
		for range s {
			t.Error("no iterations in", name)
		}
		assert.Equal(t, []int{1}, append(s, 1), name)
		assert.Zero(t, copy(s, []int{1}), name)
		assert.True(t, slices.Equal(s, none), name)
		assert.Equal(t, "[]", fmt.Sprint(s), name)

		assert.Equal(t, isNil, reflect.DeepEqual(s, none), name)
		text, err := json.Marshal(s)
		require.NoError(t, err)
		if isNil {
			assert.Equal(t, "null", string(text), name)
			assert.Equal(t, "[]int(nil)", fmt.Sprintf("%#v", s), name)
		} else {
			assert.Equal(t, "[]", string(text), name)
			assert.Equal(t, "[]int{}", fmt.Sprintf("%#v", s), name)
		}

		assert.Equal(t, isNil, slices.Clone(s) == nil, name)
		assert.Nil(t, append([]int(nil), s...), name)
	}
	assert.Equal(t, "runtime error: index out of range [0] with length 0", panicText(func() { _ = none[len(none)] }))
}

// copy moves as many elements as the shorter of its arguments has and returns
// that number; it never grows the destination, so copying into a nil or empty
// slice copies nothing. The two may overlap: the result is as if the source had
// been read first. The source may be a string if the destination is a []byte.
//
//claim:ask What does copy do if the destination is shorter, or if source and destination overlap?
//claim:source https://go.dev/ref/spec#Appending_and_copying_slices
func TestCopyBuiltin(t *testing.T) {
	short := make([]int, 2)
	assert.Equal(t, 2, copy(short, []int{1, 2, 3}))
	assert.Equal(t, []int{1, 2}, short)

	long := []int{9, 9, 9}
	assert.Equal(t, 2, copy(long, short))
	assert.Equal(t, []int{1, 2, 9}, long)

	var none []int
	assert.Zero(t, copy(none, long), "reserve length, not capacity")
	assert.Zero(t, copy(make([]int, 0, 3), long))

	s := []int{0, 1, 2, 3}
	copy(s[1:], s) // forwards over itself
	assert.Equal(t, []int{0, 0, 1, 2}, s)
	copy(s, s[1:])
	assert.Equal(t, []int{0, 1, 2, 2}, s)

	b := make([]byte, 3)
	assert.Equal(t, 3, copy(b, "gopher"))
	assert.Equal(t, "gop", string(b))
}

// slices.Clone, append([]T(nil), s...) and make with copy all give a slice with
// an array of its own, and all of them copy the elements only: what the
// elements point to, such as the rows of a [][]int, stays shared. A deep copy
// has to clone each level. Clone and append may leave spare capacity; make and
// copy give exactly the length that was asked for.
//
//claim:ask How do you copy a slice so that later changes do not reach the original?
//claim:source https://pkg.go.dev/slices#Clone
func TestCloneShallow(t *testing.T) {
	made := func(s []int) []int {
		c := make([]int, len(s))
		copy(c, s)
		return c
	}
	for name, clone := range map[string]func([]int) []int{
		"Clone":  slices.Clone[[]int],
		"append": func(s []int) []int { return append([]int(nil), s...) },
		"make":   made,
	} {
		s := []int{1, 2, 3}
		c := clone(s)
		assert.Equal(t, s, c, name)
		assert.False(t, Overlap(s, c), name)
	}
	assert.Equal(t, 5, cap(made(make([]int, 5))))
	growthSink = slices.Clone(make([]int64, 5))
	assert.Equal(t, sizeClass(5*8)/8, cap(growthSink), "6: a size class has room for one more")

	grid := [][]int{{1}, {2}}
	shallow := slices.Clone(grid)
	shallow[0][0] = 9
	assert.Equal(t, [][]int{{9}, {2}}, grid, "the rows are shared")

	deep := slices.Clone(grid)
	for i := range deep {
		deep[i] = slices.Clone(deep[i])
	}
	deep[1][0] = 9
	assert.Equal(t, [][]int{{9}, {2}}, grid)
}

// Slicing a slice is bounded by its capacity, indexing it by its length:
// s[len(s):cap(s)] is legal and shows what lies behind the length, while
// s[len(s)] panics. A missing upper index means the length, not the capacity.
// Strings and arrays have no spare capacity: there the length is the bound.
// No slice expression reaches back in front of the slice's first element.
//
//claim:ask Can s[i:j] go beyond len(s)?
//claim:source https://go.dev/ref/spec#Slice_expressions
func TestResliceBounds(t *testing.T) {
	array := [5]int{0, 1, 2, 3, 4}
	s := array[1:3:4]
	assert.Equal(t, []int{3}, s[len(s):cap(s)])
	assert.Equal(t, []int{1, 2, 3}, s[:cap(s)])
	assert.Equal(t, []int{2}, s[1:], "a missing upper index is the length")
	assert.Empty(t, s[len(s):])

	i, text := 5, "four"
	for want, f := range map[string]func(){
		"index out of range [2] with length 2":            func() { _ = s[i-3] },
		"slice bounds out of range [:5] with capacity 3":  func() { _ = s[:i] },
		"slice bounds out of range [3:2]":                 func() { _ = s[i-2:] },
		"slice bounds out of range [::5] with capacity 3": func() { _ = s[0:1:i] },
		"slice bounds out of range [:5] with length 4":    func() { _ = text[:i] },
		"slice bounds out of range [-1:]":                 func() { _ = s[i-6:] },
	} {
		assert.Equal(t, "runtime error: "+want, panicText(f))
	}
	assert.Contains(t, compileError(t, "var a [5]int; _ = a[:6]"), "out of bounds", "constants are checked by the compiler")
}

// [4]T(s) copies the first four elements into an array, since Go 1.20;
// (*[4]T)(s) copies nothing and points into the array of s, since Go 1.17.
// Both panic if the slice is shorter than the array; a longer slice is fine.
// A nil slice gives a nil *[0]T, an empty one a non-nil *[0]T.
//
//claim:ask How do you convert a slice to an array, and does that copy?
//claim:source https://go.dev/ref/spec#Conversions_from_slice_to_array_or_array_pointer
func TestSliceToArray(t *testing.T) {
	s := []int{1, 2, 3}
	dup := [2]int(s)
	view := (*[2]int)(s)
	s[0] = 9
	assert.Equal(t, [2]int{1, 2}, dup)
	assert.Equal(t, [2]int{9, 2}, *view)
	assert.Same(t, &s[0], &view[0])

	const short = "runtime error: cannot convert slice with length 3 to array or pointer to array with length 4"
	assert.Equal(t, short, panicText(func() { _ = [4]int(s) }))
	assert.Equal(t, short, panicText(func() { _ = (*[4]int)(s) }))
	assert.Equal(t, short, panicText(func() { _ = (*[4]int)(append(make([]int, 0, 8), s...)) }), "capacity does not count")

	var none []int
	assert.Nil(t, (*[0]int)(none))
	assert.NotNil(t, (*[0]int)([]int{}))
}

// clear(s), since Go 1.21, sets the elements of s to zero and leaves length and
// capacity as they are; s = s[:0] makes the slice empty, keeps the array and
// every old element in it; s = nil gives the array up. Use s[:0] to reuse the
// memory, together with clear if the elements hold pointers. clear reaches to
// the length only, not to the capacity. On a map it deletes the entries.
//
//claim:ask How do you empty a slice: clear(s), s = s[:0] or s = nil?
//claim:source https://go.dev/ref/spec#Clear
func TestClearSlice(t *testing.T) {
	s := []int{1, 2, 3}
	clear(s[:2])
	assert.Equal(t, []int{0, 0, 3}, s)

	s = s[:0]
	assert.Equal(t, []int{0, 0, 3}, s[:3], "old elements are still there")
	clear(s)
	assert.Equal(t, []int{0, 0, 3}, s[:3], "an empty slice has nothing to clear")
	proof.WantAllocs(t, 0, func() { s = append(s[:0], 7, 8) })
	assert.Equal(t, []int{7, 8, 3}, s[:3])

	s = nil
	assert.Zero(t, cap(s))
}

// Slices can be compared with == only to nil; anything else is a compile error,
// and comparing two interface values that hold slices of one type panics. For the
// same reason a slice cannot be a map key. slices.Equal compares lengths and
// elements with ==, so a NaN makes slices unequal and nil equals empty;
// reflect.DeepEqual follows pointers and tells nil from empty. bytes.Equal is
// slices.Equal for []byte, nil included.
//
//claim:ask How do you compare two slices?
//claim:source https://go.dev/ref/spec#Comparison_operators
//claim:source https://pkg.go.dev/slices#Equal
func TestCompareSlices(t *testing.T) {
	assert.Contains(t, compileError(t, "var a, b []int; _ = a == b"), "slice can only be compared to nil")
	assert.Contains(t, compileError(t, "var m map[[]int]bool; _ = m"), "invalid map key type []int")
	assert.Empty(t, compileError(t, "var a []int; _ = a == nil"))

	var x, y any = []int{1}, []int{1}
	assert.Equal(t, "runtime error: comparing uncomparable type []int", panicText(func() { _ = x == y }))

	y = []string{"1"}
	assert.False(t, x == y, "different types are unequal")

	one, other := 1, 1
	assert.True(t, slices.Equal([]int{1, 2}, []int{1, 2}))
	assert.False(t, slices.Equal([]int{1, 2}, []int{2, 1}))
	assert.True(t, slices.Equal(nil, []int{}))
	assert.True(t, bytes.Equal(nil, []byte{}))
	assert.False(t, slices.Equal([]float64{math.NaN()}, []float64{math.NaN()}))
	assert.False(t, slices.Equal([]*int{&one}, []*int{&other}), "pointers are compared, not followed")

	assert.True(t, reflect.DeepEqual([]*int{&one}, []*int{&other}))
	assert.False(t, reflect.DeepEqual([]int(nil), []int{}))
}

// Yes: append and copy give the result that you get if the source is read
// before anything is written, even if source and destination overlap. So
// append(s, s...) doubles a slice and append(s[:i], s[i+1:]...) removes an
// element. That holds for one call. In a nested append the inner call has
// already written to the array when the outer one reads it.
//
//claim:ask Is it safe to append a slice to itself?
//claim:source https://go.dev/ref/spec#Appending_and_copying_slices
func TestSelfAppend(t *testing.T) {
	s := make([]int, 3, 16)
	copy(s, []int{1, 2, 3})
	s = append(s, s...)
	assert.Equal(t, []int{1, 2, 3, 1, 2, 3}, s)

	s = append(s[:1], s...) // every element moves up by one
	assert.Equal(t, []int{1, 1, 2, 3, 1, 2, 3}, s)

	s = append(s[:1], s[2:]...)
	assert.Equal(t, []int{1, 2, 3, 1, 2, 3}, s)

	nested := make([]int, 3, 16)
	copy(nested, []int{1, 2, 3})
	nested = append(append(nested[:1], 9), nested[1:]...)
	assert.Equal(t, []int{1, 9, 9, 3}, nested, "2 was overwritten before it was read")
}

// f(s...) passes the slice itself: the function sees the caller's array, and
// assigning to an element changes the caller's slice. f(a, b, c) makes a new
// slice for the call, and f() passes nil. So a variadic function that keeps or
// changes its arguments has to clone them first. A []int cannot be spread into
// a parameter of type ...any: the elements differ in size, so they would have to
// be converted one by one.
//
//claim:ask Does f(s...) copy the slice?
//claim:source https://go.dev/ref/spec#Passing_arguments_to_..._parameters
func TestVariadicSlice(t *testing.T) {
	var got []int
	f := func(args ...int) { got = args }

	s := []int{1, 2}
	f(s...)
	assert.Same(t, &s[0], &got[0])
	got[0] = 9
	assert.Equal(t, []int{9, 2}, s)

	a, b := 1, 2
	f(a, b)
	got[0] = 9
	assert.Equal(t, 1, a)

	f()
	assert.Nil(t, got)
	assert.Contains(t, compileError(t, "func(...any) {}([]int{}...)"), "cannot use []int{} (value of type []int) as []any value")
	assert.Equal(t, 2*unsafe.Sizeof(a), unsafe.Sizeof(any(a)))
}

// make panics with a run-time error, which can be recovered, if a size is
// negative or larger than the address space, or if the length exceeds the
// capacity. Constant sizes are checked by the compiler instead. A size that comes
// from outside, such as a message header, needs a limit of its own: these checks
// catch only what cannot exist.
//
//claim:ask What happens if make gets a negative or absurdly large length?
//claim:source https://go.dev/ref/spec#Making_slices_maps_and_channels
//claim:source runtime/slice.go
func TestMakeSliceSize(t *testing.T) {
	n := -1
	assert.Equal(t, "runtime error: makeslice: len out of range", panicText(func() { _ = make([]int, n) }))
	assert.Equal(t, "runtime error: makeslice: cap out of range", panicText(func() { _ = make([]int, 5, n+5) }))
	n = math.MaxInt
	assert.Equal(t, "runtime error: makeslice: len out of range", panicText(func() { _ = make([]int, n) }))
	assert.Contains(t, compileError(t, "_ = make([]int, -1)"), "must not be negative")
	assert.Contains(t, compileError(t, "_ = make([]int, 5, 4)"), "length and capacity swapped")
}

// Overlap looks at the reach of both slices, which may be empty, adjacent or
// within one another.
func TestOverlap(t *testing.T) {
	a := make([]int, 8)
	assert.True(t, Overlap(a, a[2:4]))
	assert.True(t, Overlap(a[2:4], a[4:]), "reachable by append")
	assert.False(t, Overlap(a[2:4:4], a[4:]))
	assert.False(t, Overlap(a[4:], a[2:4:4]))
	assert.True(t, Overlap(a[:0], a), "reachable by append")
	assert.False(t, Overlap(a, nil))
	assert.False(t, Overlap(a, make([]int, 8)))
	empty := make([]struct{}, 3)
	assert.False(t, Overlap(empty, empty))
}
