package memory

import (
	"cmp"
	"errors"
	"io"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A struct can be compared with == if all its fields can. A slice, map or func
// field makes == a compile error, at any depth. Structs are equal if their fields
// are, fields named _ left out. Arrays are compared element by element in the same
// way. Slices, maps and funcs can only be compared with nil. Two named struct types
// do not compare with each other, even if their fields are the same; a named one
// and an unnamed one do. No struct has an order: < does not compile.
//
//claim:ask Which structs can be compared with ==?
//claim:source https://go.dev/ref/spec#Comparison_operators
func TestComparableStruct(t *testing.T) {
	for code, want := range map[string]string{
		"type T struct{ a int; b string; c [2]bool; d *int; e any; f chan int }\nfunc f(x, y T) bool { return x == y }": "",
		"type T struct{ s []int }\nfunc f(x, y T) bool { return x == y }":                                               "struct containing []int cannot be compared",
		"type T struct{ m map[int]int }\nfunc f(x, y T) bool { return x == y }":                                         "struct containing map[int]int cannot be compared",
		"type T struct{ in struct{ f func() } }\nfunc f(x, y T) bool { return x == y }":                                 "cannot be compared",
		"func f(x, y [2][]int) bool { return x == y }":                                                                  "cannot be compared",
		"func f(x, y func()) bool { return x == y }":                                                                    "func can only be compared to nil",
		"func f(x []int, y map[int]int, z func()) bool { return x == nil && y == nil && z == nil }":                     "",
		"type A struct{ n int }\ntype B struct{ n int }\nfunc f(x A, y B) bool { return x == y }":                       "mismatched types",
		"type A struct{ n int }\nfunc f(x A, y struct{ n int }) bool { return x == y }":                                 "",
		"type A struct{ n int }\nfunc f(x, y A) bool { return x < y }":                                                  "operator < not defined on struct",
	} {
		got := typeError(t, code)
		if want == "" {
			assert.Empty(t, got, code)
		} else {
			assert.Contains(t, got, want, code)
		}
	}
	a := release{1, 2, 3, "rc"}
	require.True(t, a == release{1, 2, 3, "rc"})
	require.False(t, a == release{1, 2, 3, ""})

	type blank struct{ n, _ int }
	one, other := blank{1, 2}, blank{1, 3}
	require.True(t, one == other)
	numbers, others := [2]int{1, 2}, [2]int{1, 3}
	require.False(t, numbers == others)
}

// Comparing two interface values that hold the same type of slice, map or func
// compiles and panics, because only then is the type known, nil or not. It happens
// inside structs and arrays too, in a switch, and in a map whose keys are
// interfaces. If the types differ, the values are just not equal. The order of the
// fields decides: one that differs before the bad one ends the comparison, one
// behind it does not prevent the panic. reflect.Value.Comparable (Go 1.20) tells
// before; reflect.Type.Comparable does not look into interfaces.
//
//claim:ask When does == panic?
//claim:source https://go.dev/ref/spec#Comparison_operators
//claim:source https://pkg.go.dev/reflect#Value.Comparable
func TestComparePanic(t *testing.T) {
	var x, y any = []int{1}, []int{1}
	require.PanicsWithError(t, "runtime error: comparing uncomparable type []int", func() { _ = x == y })
	require.False(t, x == any(map[int]int{}), "other types, no panic")
	require.False(t, x == nil)

	const slice = "runtime error: comparing uncomparable type []int"
	for text, v := range map[string]any{
		"runtime error: comparing uncomparable type map[int]int": map[int]int(nil),
		"runtime error: comparing uncomparable type func()":      func() {},
		slice: []int(nil),
	} {
		other := v
		require.PanicsWithError(t, text, func() { _ = v == other })
	}
	inArray, inOtherArray := [2]any{1, x}, [2]any{1, y}
	require.PanicsWithError(t, slice, func() { _ = inArray == inOtherArray })
	require.PanicsWithError(t, slice, func() {
		switch x {
		case y:
		}
	})
	require.Panics(t, func() { map[any]bool{1: true}[x] = true })

	type event struct {
		id   int
		data any
		n    int
	}
	bad := event{1, []int{1}, 1}
	for other, wantPanic := range map[*event]bool{
		{1, []int{1}, 1}: true,
		{2, []int{1}, 1}: false,
		{1, []int{1}, 2}: true,
		{1, "a", 1}:      false,
	} {
		compare := func() { require.False(t, bad == *other) }
		if wantPanic {
			require.PanicsWithError(t, slice, compare)
		} else {
			compare()
		}
	}
	require.True(t, reflect.TypeOf(bad).Comparable())
	require.False(t, reflect.ValueOf(bad).Comparable())
	require.True(t, reflect.ValueOf(event{1, "a", 1}).Comparable())
}

// Interface values are equal if they hold the same type and equal values, so
// any(1) and any(int64(1)) differ. The static type does not matter: an io.Reader and
// an any with one pointer in them are equal, and a value that is no interface is
// compared as if it were converted first. An interface is equal to nil only if it
// holds no type; one that holds a nil pointer is not. Pointers in interfaces are
// compared as pointers: two errors made by errors.New with one text are
// different.
//
//claim:ask When are two interface values equal?
//claim:source https://go.dev/ref/spec#Comparison_operators
func TestInterfaceEquality(t *testing.T) {
	require.False(t, any(1) == any(int64(1)))
	require.True(t, any(1) == any(1))
	number := any(1)
	require.True(t, number == 1, "the constant becomes an int")
	require.False(t, number == 1.0, "and this one a float64")
	require.False(t, errors.New("a") == errors.New("a"))

	text := strings.NewReader("a")
	var asReader io.Reader = text
	require.True(t, asReader == any(text))
	require.True(t, asReader == text)
	reader := func(p *strings.Reader) io.Reader { return p }
	require.False(t, reader(nil) == nil, "a nil pointer in an interface")
	require.True(t, reader(nil) == reader(nil))
	require.False(t, any(new(int)) == any(new(int)))
}

// Floats compare as numbers, not as bits. NaN is not equal to anything, itself
// included, so a struct with a NaN field is not equal to its own copy; and the two
// zeros are equal although 1/x tells them apart. math.IsNaN finds NaN, and
// cmp.Compare gives an order in which NaN equals itself and comes first.
//
//claim:ask Why can x == x be false?
//claim:source https://go.dev/ref/spec#Comparison_operators
//claim:source https://pkg.go.dev/cmp#Compare
func TestFloatEquality(t *testing.T) {
	nan, zero := math.NaN(), 0.0
	minusZero := math.Copysign(0, -1)
	same := func(a, b float64) bool { return a == b }
	require.False(t, same(nan, nan))
	require.True(t, same(zero, minusZero))
	require.NotEqual(t, 1/zero, 1/minusZero)

	type point struct{ x, y float64 }
	p := point{nan, 1}
	q := p
	require.False(t, p == q)
	require.True(t, math.IsNaN(p.x))
	require.False(t, slices.Contains([]float64{nan}, nan))
	require.Zero(t, cmp.Compare(nan, nan))
	require.Negative(t, cmp.Compare(nan, math.Inf(-1)))
}

// One NaN is enough: the built-in min and max and slices.Min and slices.Max return
// NaN then. Only math.Max with +Inf, and math.Min with -Inf, let the infinity win.
// slices.Sort puts the NaNs first. A comparison function made of < and > takes NaN
// for equal to everything, which is no order, and SortFunc with it leaves numbers
// unsorted. Use cmp.Compare.
//
//claim:ask What do min, max and sorting do with NaN?
//claim:source https://go.dev/ref/spec#Min_and_max
//claim:source https://pkg.go.dev/math#Max
//claim:source https://pkg.go.dev/slices#Sort
func TestNaNOrder(t *testing.T) {
	nan, inf, one := math.NaN(), math.Inf(1), 1.0
	list := []float64{3, nan, 1}
	for _, got := range []float64{min(one, nan), max(nan, one), max(inf, nan), min(-inf, nan), slices.Min(list), slices.Max(list), math.Max(one, nan)} {
		require.True(t, math.IsNaN(got))
	}
	require.Equal(t, inf, math.Max(inf, nan))
	require.Equal(t, -inf, math.Min(-inf, nan))

	bySigns := func(a, b float64) int {
		switch {
		case a < b:
			return -1
		case a > b:
			return 1
		}
		return 0
	}
	unsorted, sorted := slices.Clone(list), slices.Clone(list)
	slices.SortFunc(unsorted, bySigns)
	require.False(t, slices.IsSortedFunc(unsorted, cmp.Compare))
	slices.Sort(sorted)
	require.True(t, math.IsNaN(sorted[0]))
	require.Equal(t, []float64{1, 3}, sorted[1:])
	slices.SortFunc(unsorted, cmp.Compare)
	require.True(t, slices.IsSorted(unsorted))
}

// reflect.DeepEqual follows pointers and compares slices and maps by content,
// with rules that surprise: a nil slice differs from an empty one, two types with
// the same content differ, NaN differs from itself, non-nil funcs are never
// equal. But what is one slice, map or pointer on both sides is equal without a
// look inside, even with a NaN in it. It ignores an Equal method and looks at
// unexported fields, so two time.Time for one instant can differ. It takes any two
// values, so the compiler does not find a comparison of things that can never be
// equal. Cycles do not hold it up, and it does not panic where == would.
//
//claim:ask What are the pitfalls of reflect.DeepEqual?
//claim:source https://pkg.go.dev/reflect#DeepEqual
func TestDeepEqualPitfalls(t *testing.T) {
	equal := reflect.DeepEqual
	require.True(t, equal([]int{1}, []int{1}))
	require.True(t, equal(&release{Major: 1}, &release{Major: 1}))
	require.False(t, equal([]int(nil), []int{}))
	require.False(t, equal(map[int]int(nil), map[int]int{}))
	require.False(t, equal(1, int64(1)))
	require.False(t, equal(math.NaN(), math.NaN()))
	f := func() {}
	require.False(t, equal(f, f))
	withNaN := []float64{math.NaN()}
	require.False(t, equal(withNaN, slices.Clone(withNaN)))
	require.True(t, equal(withNaN, withNaN))
	require.False(t, slices.Equal(withNaN, withNaN), "the same slice, compared with ==")

	instant := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	elsewhere := instant.In(time.FixedZone("elsewhere", 3600))
	require.False(t, equal(instant, elsewhere))
	require.True(t, instant.Equal(elsewhere))

	type ring struct{ next *ring }
	a, b := &ring{}, &ring{}
	a.next, b.next = a, b
	require.True(t, equal(a, b))
	require.True(t, equal([]any{[]int{1}}, []any{[]int{1}}), "== on the elements panics")
}

// Use the method Equal: == on two time.Time also compares the location, which is
// a pointer, and the reading of the monotonic clock that time.Now adds. So one
// instant in two zones is unequal, and so is a time that lost its clock reading in
// Round(0) or on its way through JSON. A time.Time as a map key has the same
// problem; t.UTC().Round(0), or the number from UnixNano, makes a key.
//
//claim:ask Why should you not compare two time.Time with ==?
//claim:source https://pkg.go.dev/time#Time
//claim:source https://pkg.go.dev/time#hdr-Monotonic_Clocks
func TestTimeEquality(t *testing.T) {
	instant := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	elsewhere := instant.In(time.FixedZone("elsewhere", 3600))
	require.False(t, instant == elsewhere)
	require.True(t, instant.Equal(elsewhere))
	require.False(t, instant == instant.In(time.FixedZone("UTC", 0)), "two pointers, one name and offset")

	now := time.Now()
	text, err := now.MarshalJSON()
	require.NoError(t, err)
	var read time.Time
	require.NoError(t, read.UnmarshalJSON(text))
	for _, other := range []time.Time{now.Round(0), read} {
		require.False(t, now == other)
		require.True(t, now.Equal(other))
		require.True(t, now.UTC().Round(0) == other.UTC().Round(0))
		require.Equal(t, now.UnixNano(), other.UnixNano())
	}
	require.False(t, map[time.Time]bool{instant: true}[elsewhere])
	require.True(t, map[time.Time]bool{instant: true}[elsewhere.UTC()])
}

// Slices and maps are compared by slices.Equal and maps.Equal, element by
// element with ==, and by EqualFunc where the elements need a function. For them
// nil equals empty. So a struct with such fields gets an Equal method that
// compares field by field, like [Document.Equal].
//
//claim:ask How do you compare structs that contain slices or maps?
//claim:source https://pkg.go.dev/slices#Equal
//claim:source https://pkg.go.dev/maps#Equal
func TestEqualMethod(t *testing.T) {
	a := Document{ID: 1, Words: []string{"x"}, Counts: map[string]int{"x": 1}}
	b := Document{ID: 1, Words: []string{"x"}, Counts: map[string]int{"x": 1}}
	require.True(t, a.Equal(b))
	b.Counts["x"] = 2
	require.False(t, a.Equal(b))
	require.True(t, Document{}.Equal(Document{Words: []string{}, Counts: map[string]int{}}))

	require.True(t, slices.EqualFunc([]Document{a}, []Document{a}, Document.Equal))
	require.True(t, maps.EqualFunc(map[int][]int{1: {2}}, map[int][]int{1: {2}}, slices.Equal))
}

// The constraint comparable admits every type that == accepts. Since Go 1.20
// that includes interface types and structs with an interface in them, whose
// comparison may panic at run time. Values of a type parameter with the constraint
// any cannot be compared, because it could be a slice; any(x) == any(y) compiles
// and panics for one. comparable is a constraint only, no variable can have that
// type.
//
//claim:ask What does the constraint comparable guarantee?
//claim:source https://go.dev/ref/spec#Type_constraints
//claim:source https://go.dev/doc/go1.20#language
func TestComparableConstraint(t *testing.T) {
	require.Equal(t, 1, indexOf([]string{"a", "b"}, "b"))
	require.Equal(t, 0, indexOf([]any{1, "b"}, any(1)))
	require.Panics(t, func() { indexOf([]any{[]int{1}}, any([]int{1})) })
	const withAny = "func f[T comparable](a T) {}\nfunc g(x any) { f(x) }"
	require.Empty(t, typeErrorAt(t, "go1.20", withAny))
	require.Contains(t, typeErrorAt(t, "go1.19", withAny), "requires go1.20")
	require.Empty(t, typeError(t, "func f[T comparable](a T) {}\nfunc g(x struct{ a any }) { f(x) }"))
	require.Contains(t, typeError(t, "var x comparable"), "cannot use type comparable outside a type constraint")
	require.PanicsWithError(t, "runtime error: comparing uncomparable type []int", func() { sameBoxed([]int{1}, []int{1}) })
	require.True(t, sameBoxed(1, 1))
	require.Contains(t, typeError(t, "func f[T any](a, b T) bool { return a == b }"), "incomparable types in type set")
	require.Contains(t, typeError(t, "func f[T comparable](a T) {}\nfunc g() { f([]int{}) }"), "does not satisfy comparable")
}

// Channels are equal if they were made by the same call of make, or are both
// nil. Funcs cannot be compared with each other, not even for identity: two
// closures may share their code and differ in what they captured. Strings are
// equal if their bytes are, wherever these stand in memory; the same letter
// written with other code points is another string. For pointers see
// PointerEquality.
//
//claim:ask What does == compare for channels, funcs and strings?
//claim:source https://go.dev/ref/spec#Comparison_operators
func TestReferenceEquality(t *testing.T) {
	a, b := make(chan int), make(chan int)
	alias := a
	require.True(t, a == alias)
	require.False(t, a == b)
	var receive <-chan int = a
	require.True(t, receive == a, "the direction does not matter")
	var none, noneToo chan int
	require.True(t, none == noneToo)
	require.False(t, a == none)

	one, two := adder(1), adder(2)
	require.Equal(t, reflect.ValueOf(one).Pointer(), reflect.ValueOf(two).Pointer(), "one code")
	require.NotEqual(t, one(0), two(0))
	require.Contains(t, typeError(t, "func f(x, y func()) bool { return x == y }"), "func can only be compared to nil")

	text := "text"
	require.True(t, text == strings.Clone(text))
	require.False(t, string([]rune{'e', '\u0301'}) == "\u00e9", "é as two code points and as one")
}

// == on a struct compares words, and is more than 5 times as fast as
// reflect.DeepEqual, which looks up type and value of every field at run time and
// boxes its arguments. Both give the same answer for a struct of numbers and
// strings.
//
//claim:ask What does reflect.DeepEqual cost compared with ==?
//claim:expect ns/op of=deepequal > 5x of=operator
//claim:expect allocs/op of=operator == 0
//claim:expect allocs/op of=deepequal >= 1
//claim:source reflect/deepequal.go
func BenchmarkDeepEqual(b *testing.B) {
	x, y := release{1, 2, 3, "rc"}, release{1, 2, 3, "rc"}
	b.Run("of=operator", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sameRelease(x, y)
		}
	})
	b.Run("of=deepequal", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			reflect.DeepEqual(x, y)
		}
	})
}

// Both ways to compare give one answer.
func TestDeepEqual(t *testing.T) {
	for _, other := range []release{{1, 2, 3, "rc"}, {1, 2, 3, ""}, {}} {
		x := release{1, 2, 3, "rc"}
		require.Equal(t, sameRelease(x, other), reflect.DeepEqual(x, other))
	}
}
