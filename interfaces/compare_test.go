package interfaces

import (
	"errors"
	"math"
	"reflect"
	"regexp"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// First the dynamic types are compared, then, only if they are identical, the
// values with the == of that type. So the address of the copy does not matter:
// two structs boxed apart are equal if their fields are, while two pointers are
// compared as pointers. There is no short cut for one and the same copy either:
// an interface value that holds NaN, or a struct with a NaN in it, is not equal
// to itself.
//
//claim:ask How does == compare two interface values: the type, the value or the pointer inside?
//claim:source runtime/alg.go
//claim:source https://go.dev/ref/spec#Comparison_operators
func TestCompareHow(t *testing.T) {
	record := compareRecord{"Ada", "London"}
	a, b := any(record), any(record)
	require.NotEqual(t, layoutOf(a).data, layoutOf(b).data, "two copies")
	require.True(t, a == b)
	require.False(t, any(&record) == any(&compareRecord{"Ada", "London"}))
	require.True(t, any(&record) == any(&record))

	for _, v := range []any{math.NaN(), [2]float64{1, math.NaN()}, struct{ x any }{math.NaN()}} {
		same := v
		require.Equal(t, layoutOf(v), layoutOf(same), "both words are the same")
		require.False(t, v == same)
	}
}

// Values of different dynamic types are never equal, even if both are the
// number 1: int, int64 and a type defined as int are three types. An alias is
// no new type, so byte and uint8 are one. An untyped constant takes its default
// type on the way into an interface, so x == 1 asks for an int, and x == 1.0
// for a float64. This is the usual reason why a test compares 1 with 1 and
// fails.
//
//claim:ask Is any(1) == any(int64(1)), and what about byte and uint8?
//claim:source https://go.dev/ref/spec#Type_identity
func TestCompareTypes(t *testing.T) {
	type count int
	one := any(1)
	for _, other := range []any{int64(1), uint(1), 1.0, count(1), "1", '\x01', byte(1)} {
		require.False(t, one == other, "%T", other)
	}
	require.True(t, one == 1)
	require.False(t, one == 1.0)
	require.True(t, any(byte(1)) == any(uint8(1)))
	require.True(t, any('a') == any(int32('a')), "rune is an alias of int32")
	require.True(t, reflect.TypeOf([]any{}) == reflect.TypeOf([]interface{}{}))
}

// A concrete value and an interface value can be compared directly if the
// concrete type implements the interface and has ==. The concrete one is
// converted first, so the types must match exactly. If the type does not
// implement the interface, or is a slice, the compiler refuses. Two interface
// types can be compared only if one value could be assigned to the other's
// type. No interface has an order.
//
//claim:ask Can I compare an interface value with a concrete value without an assertion?
//claim:source https://go.dev/ref/spec#Comparison_operators
func TestCompareMixed(t *testing.T) {
	var gauge itabGauge = itabTank{level: 3}
	require.True(t, gauge == itabTank{level: 3})
	require.False(t, gauge == itabTank{level: 4})
	var meter itabMeter = itabTank{level: 3}
	require.True(t, gauge == meter, "two interface types with the same methods")
	require.True(t, any(gauge) == gauge)

	const named = "type named interface{ Name() string }\ntype sized interface{ Size() int }\n"
	for code, want := range map[string]string{
		named + "func f(x named) bool { return x == 1 }":                                                                     "mismatched types named and untyped int",
		named + "func f(x named, y sized) bool { return x == y }":                                                            "mismatched types named and sized",
		named + "func f(x named, y any) bool { return x == y }":                                                              "",
		named + "func f(x named, y interface{ named; sized }) bool { return x == y }":                                        "",
		"func f(x any, y []int) bool { return x == y }":                                                                      "slice can only be compared to nil",
		"func f(x any, y func()) bool { return x == y }":                                                                     "func can only be compared to nil",
		"func f(x any, y struct{ s []int }) bool { return x == y }":                                                          "struct containing []int cannot be compared",
		"func f(x, y any) bool { return x < y }":                                                                             "operator < not defined on interface",
		"type t struct{}\nfunc (*t) Name() string { return \"\" }\n" + named + "func f(x named, y t) bool { return x == y }": "mismatched types",
	} {
		got := convertTypeError(t, code)
		if want == "" {
			require.Empty(t, got, code)
		} else {
			require.Contains(t, got, want, code)
		}
	}
}

// == panics if both values have one dynamic type and that type has no ==: a
// slice, map or func, or a struct or array with one inside. A type without ==
// has no comparison function in its descriptor. Even one and the same func is
// not comparable with itself, and even an array of length 0. An error or a key
// of such a type compiles and panics at the first comparison. Different dynamic
// types are just not equal.
//
//claim:ask Which dynamic types make == on interface values panic, and with what text?
//claim:source runtime/alg.go
func TestCompareUncomparable(t *testing.T) {
	same := func(a, b any) func() { return func() { _ = a == b } }
	call := func() {}
	for name, v := range map[string]any{
		"[]int":                   []int{1},
		"map[string]int":          map[string]int{},
		"func()":                  call,
		"[0]func()":               [0]func(){},
		"struct { s []int }":      struct{ s []int }{},
		"interfaces.compareToken": compareToken{value: 1},
	} {
		require.PanicsWithError(t, "runtime error: comparing uncomparable type "+name, same(v, v))
		require.False(t, reflect.TypeOf(v).Comparable())
		require.NotPanics(t, same(v, 1))
		require.NotPanics(t, same(v, nil))
	}
	for _, v := range []any{&[]int{1}, make(chan []int), [1]*[]int{}, struct{ m *map[int]int }{}} {
		require.True(t, v == v, "%T: a pointer to it can be compared", v)
		require.True(t, reflect.TypeOf(v).Comparable())
	}
	nested := any([1]any{[]int{}})
	require.True(t, reflect.TypeOf(nested).Comparable(), "the type says yes")
	require.PanicsWithError(t, "runtime error: comparing uncomparable type []int", same(nested, nested))
}

// Ask reflect.Value.Comparable first: it looks through arrays, structs and the
// interface values in them, where reflect.Type.Comparable knows only the type.
// [TryEqual] does that. errors.Is checks the type of its target in the same way
// before it compares, which does not cover an uncomparable value in an
// interface field of an error struct.
//
//claim:ask How can I compare two values of type any without the risk of a panic?
//claim:source https://pkg.go.dev/reflect#Value.Comparable
func TestCompareTry(t *testing.T) {
	for _, c := range []struct {
		a, b              any
		equal, comparable bool
	}{
		{1, 1, true, true},
		{1, int64(1), false, true},
		{nil, nil, true, true},
		{nil, 1, false, true},
		{"a", "a", true, true},
		{[]int{1}, []int{1}, false, false},
		{[]int{1}, 1, false, false},
		{1, []int{1}, false, false},
		{[1]any{"a"}, [1]any{"a"}, true, true},
		{[1]any{nil}, [1]any{nil}, true, true},
		{[1]any{[]int{}}, [1]any{[]int{}}, false, false},
		{struct{ in any }{1}, struct{ in any }{1}, true, true},
		{struct{ in any }{compareCall(nil)}, struct{ in any }{1}, false, false},
		{math.NaN(), math.NaN(), false, true},
		{(*int)(nil), (*int)(nil), true, true},
	} {
		equal, comparable := TryEqual(c.a, c.b)
		require.Equal(t, []bool{c.equal, c.comparable}, []bool{equal, comparable}, "%v %v", c.a, c.b)
		if comparable {
			require.Equal(t, equal, c.a == c.b)
		}
	}
	bad := compareFault{in: []int{}}
	require.True(t, reflect.TypeOf(bad).Comparable())
	require.Panics(t, func() { errors.Is(bad, bad) })
	require.NotPanics(t, func() { errors.Is(compareFaults{}, compareFaults{}) })

	a, b := any(1), any("text")
	proof.WantAllocs(t, 0, func() { TryEqual(a, b) })
}

type compareCall func()

// compareFault may hold anything, compareFaults cannot be compared.
type (
	compareFault  struct{ in any }
	compareFaults []compareFault
)

func (compareFault) Error() string { return "fault" }

func (compareFaults) Error() string { return "faults" }

// A field of type [0]func() makes a struct type that == refuses at compile
// time, inside an interface at run time, and as a map key. It takes no memory
// if it is not the last field. Use it for types where == would compile and be
// wrong, such as a handle with a cache in it. Decide early: a struct that loses
// its == later, for example by a new slice field, breaks its users.
//
//claim:ask How do I forbid == for a struct type of mine?
//claim:source https://go.dev/ref/spec#Comparison_operators
func TestCompareForbid(t *testing.T) {
	const token = "type token struct {\n_ [0]func()\nvalue int\n}\n"
	require.Contains(t, convertTypeError(t, token+"func f(x, y token) bool { return x == y }"), "struct containing [0]func() cannot be compared")
	require.Contains(t, convertTypeError(t, token+"var m map[token]int"), "invalid map key type token")
	require.Contains(t, convertTypeError(t, token+"func g[T comparable](T) {}\nfunc f(x token) { g(x) }"), "does not satisfy comparable")
	require.Panics(t, func() { _ = any(compareToken{}) == any(compareToken{}) })
	require.True(t, any(compareLoose{1}) == any(compareLoose{1}))

	require.Equal(t, unsafe.Sizeof(compareLoose{}), unsafe.Sizeof(compareToken{}))
	type last struct {
		_ int
		_ [0]func()
	}
	require.Greater(t, unsafe.Sizeof(last{}), unsafe.Sizeof(compareLoose{}), "the last field is padded")
}

// Keys of a map[any]V are equal as interface values are: type and value. So 1,
// int64(1) and a type defined as int are three keys, "1" is a fourth, and a
// lookup with the wrong one finds nothing and says nothing. Pointers are keys
// by identity, structs by content. NaN is a new key each time. If the keys have
// one type, use map[K]V: then the compiler finds such a mistake.
//
//claim:ask Can keys of different types be in one map[any]V, and does m[1] find m[int64(1)]?
//claim:source https://go.dev/ref/spec#Map_types
func TestCompareMapKeys(t *testing.T) {
	type id int
	m := map[any]string{1: "int", int64(1): "int64", id(1): "id", "1": "string", 1.0: "float64", true: "bool", nil: "nil"}
	require.Len(t, m, 7)
	require.Equal(t, "int64", m[int64(1)])
	require.Empty(t, m[int32(1)])
	require.Equal(t, "nil", m[nil])

	first, second := &compareRecord{"a", "b"}, &compareRecord{"a", "b"}
	byKey := map[any]int{*first: 1, first: 2}
	require.Equal(t, 1, byKey[*second], "by content")
	require.Zero(t, byKey[second], "by identity")

	for range 3 {
		byKey[math.NaN()]++
	}
	require.Len(t, byKey, 5)
}

// A key whose dynamic type has no == panics with "hash of unhashable type", and
// not only at a store: a lookup and a delete panic too, even in an empty or nil
// map. The compiler cannot help, because the key type any is comparable. An
// array or struct with an interface inside has the same risk. So check keys
// that come from outside, for example from decoded data.
//
//claim:ask What is the risk of interface values as map keys?
//claim:source runtime/alg.go
//claim:source https://go.dev/issue/23734
func TestCompareMapKeyPanic(t *testing.T) {
	key := any([]int{1})
	var none map[any]int
	empty, full := map[any]int{}, map[any]int{1: 1}
	for _, m := range []map[any]int{none, empty, full} {
		requireUnhashable(t, "[]int", func() { _ = m[key] })
		requireUnhashable(t, "[]int", func() { delete(m, key) })
	}
	requireUnhashable(t, "[]int", func() { empty[key] = 1 })
	requireUnhashable(t, "[]int", func() { _ = map[[1]any]int{{1}: 1}[[1]any{key}] })
	requireUnhashable(t, "func()", func() { _ = map[struct{ in any }]int{}[struct{ in any }{func() {}}] })
	require.Empty(t, convertTypeError(t, "var m = map[any]int{[1]int{}: 1}"))
	require.Contains(t, convertTypeError(t, "var m map[[]int]int"), "invalid map key type []int")
}

// requireUnhashable wants the panic, whose text has a colon in an empty map.
func requireUnhashable(t *testing.T, name string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		err, ok := recover().(error)
		require.True(t, ok)
		require.Regexp(t, `hash of unhashable type:? `+regexp.QuoteMeta(name)+`$`, err.Error())
	}()
	f()
}

// An expression switch on an interface value compares with == from top to
// bottom, and each case converts its constant to the default type: case 1
// matches only an int. Cases of several types may stand in one switch; the same
// constant twice is a compile error, 1 and int64(1) are not. case nil matches
// the nil interface only. If the value has a type without ==, the first case of
// that type panics.
//
//claim:ask How does switch x { case 1: case "a": case nil: } work if x is an any?
//claim:source https://go.dev/ref/spec#Expression_switches
func TestCompareSwitch(t *testing.T) {
	list := any([]int{1})
	which := func(x any) string {
		switch x {
		case 1:
			return "int"
		case int64(1):
			return "int64"
		case "a":
			return "string"
		case nil:
			return "nil"
		case list:
			return "list"
		}
		return "none"
	}
	require.Equal(t, []string{"int", "int64", "string", "nil", "none", "none"},
		[]string{which(1), which(int64(1)), which("a"), which(nil), which(1.0), which((*int)(nil))})
	require.PanicsWithError(t, "runtime error: comparing uncomparable type []int", func() { which([]int{1}) })
	require.Contains(t, convertTypeError(t, "func f(x any) { switch x { case 1: case 1: } }"), "duplicate case 1")
	require.Empty(t, convertTypeError(t, "func f(x any) { switch x { case 1: case int64(1): case \"1\": } }"))
}

// compareList is 200 numbers, as they are and boxed.
func compareList() (ints []int, boxed []any) {
	for i := range 200 {
		ints = append(ints, 1000+i%7)
		boxed = append(boxed, 1000+i%7)
	}
	return ints, boxed
}

// == on two interface values is two comparisons of words and, if the types are
// equal, a call of the comparison function of the type through its descriptor.
// For int that takes more than 2.5 times as long as ==. In a hot loop assert to
// the concrete type first, and compare then: that call is gone, and the rest takes
// more than 1.6 times less.
//
//claim:ask What does == cost for interface values compared with the concrete type?
//claim:expect ns/op of=any > 2.5x of=int
//claim:expect ns/op of=any > 1.6x of=asserted
//claim:expect allocs/op of=any == 0
//claim:source runtime/alg.go
func BenchmarkCompareCost(b *testing.B) {
	ints, boxed := compareList()
	want := any(1003)
	b.Run("of=int", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			compareInts(ints, 1003)
		}
	})
	b.Run("of=any", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			compareBoxed(boxed, want)
		}
	})
	b.Run("of=asserted", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			compareAsserted(boxed, 1003)
		}
	})
}

func TestCompareCost(t *testing.T) {
	ints, boxed := compareList()
	require.Equal(t, 29, compareInts(ints, 1003))
	require.Equal(t, 29, compareBoxed(boxed, 1003))
	require.Equal(t, 29, compareAsserted(boxed, 1003))
}

// compareKeyed returns a map with n keys of each type, and the keys.
func compareKeyed() (typed map[int]int, keys []int, boxed map[any]int, boxedKeys []any) {
	typed, boxed = make(map[int]int), make(map[any]int)
	for i := range 200 {
		key := 1000 + i
		typed[key], boxed[key] = i, i
		keys, boxedKeys = append(keys, key), append(boxedKeys, key)
	}
	return typed, keys, boxed, boxedKeys
}

// A lookup in a map[any]V hashes and compares through the type descriptor of
// the key, where a map[int]V has its own code for keys of that size. It takes
// more than 1.4 times as long. The comparison alone is not the whole price: a
// key that is stored must be boxed, unless it is a pointer or a small number.
//
//claim:ask What does a key of type any cost in a map compared with a key of type int?
//claim:expect ns/op of=any > 1.4x of=int
//claim:source internal/runtime/maps/runtime_fast64.go
func BenchmarkCompareKeyCost(b *testing.B) {
	typed, keys, boxed, boxedKeys := compareKeyed()
	b.Run("of=int", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			compareLookups(typed, keys)
		}
	})
	b.Run("of=any", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			compareLookups(boxed, boxedKeys)
		}
	})
}

func TestCompareKeyCost(t *testing.T) {
	typed, keys, boxed, boxedKeys := compareKeyed()
	require.Equal(t, 200*199/2, compareLookups(typed, keys))
	require.Equal(t, 200*199/2, compareLookups(boxed, boxedKeys))
	if !proof.RaceEnabled {
		n := 5000
		require.Equal(t, 1.0, testing.AllocsPerRun(100, func() { n++; boxed[n] = 1; delete(boxed, n) }))
	}
}
