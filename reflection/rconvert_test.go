package reflection

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type rconvertLevel int

func (l rconvertLevel) String() string { return fmt.Sprint("level ", int(l)) }

// Convert does what the conversion T(x) does in the language, and panics if
// that does not compile: numbers into each other, strings from and to []byte
// and []rune, types with the same underlying type, and everything into an
// interface it implements. There is nothing beyond: no parsing of "65", no int
// from a bool, no struct from a map. ConvertibleTo asks for the types,
// CanConvert for this value.
//
//claim:ask What can Value.Convert convert, and does it parse strings?
//claim:source https://go.dev/ref/spec#Conversions
func TestRConvertTable(t *testing.T) {
	for _, c := range []struct{ from, to any }{
		{300, int8(44)},            // the low bits
		{-1, uint8(255)},           // the same
		{2.9, 2},                   // towards zero
		{-2.9, -2},                 //
		{int64(1<<53 + 1), 0x1p53}, // a digit is lost
		{"hi", []byte("hi")},       //
		{[]rune{'h', 'é'}, "hé"},
		{65, "A"},
		{5, rconvertLevel(5)},
		{rconvertLevel(5), 5},
		{int64(time.Second), time.Second},
		{[]byte("{}"), json.RawMessage("{}")},
		{[]int{1, 2, 3}, [2]int{1, 2}},
	} {
		v, typ := reflect.ValueOf(c.from), reflect.TypeOf(c.to)
		require.True(t, v.CanConvert(typ), "%T to %T", c.from, c.to)
		require.Equal(t, c.to, v.Convert(typ).Interface())
	}
	for _, c := range []struct{ from, to any }{{"65", 0}, {true, 0}, {0, true}, {[]any{1}, []int{}}, {map[string]int{}, struct{}{}}} {
		v, typ := reflect.ValueOf(c.from), reflect.TypeOf(c.to)
		require.False(t, v.CanConvert(typ), "%T to %T", c.from, c.to)
		require.Equal(t, fmt.Sprintf("reflect.Value.Convert: value of type %T cannot be converted to type %T", c.from, c.to),
			lawsPanic(func() { v.Convert(typ) }))
	}
}

// Converting 65 to a string gives "A": an integer becomes the character with
// that code point, as string(rune(65)) does. For a defined string type the same
// holds. So a decoder that tries Convert whenever ConvertibleTo is true turns
// numbers into characters; check the Kinds first.
//
//claim:ask What does converting the int 65 to a string by reflection give?
//claim:source https://go.dev/ref/spec#Conversions_to_and_from_a_string_type
func TestRConvertIntString(t *testing.T) {
	text := reflect.TypeFor[string]()
	require.True(t, reflect.TypeFor[int]().ConvertibleTo(text))
	require.Equal(t, "A", reflect.ValueOf(65).Convert(text).String())
	require.Equal(t, "\uFFFD", reflect.ValueOf(-1).Convert(text).String(), "no code point")
	require.Equal(t, "<int Value>", reflect.ValueOf(65).String(), "and String is no conversion")
	require.False(t, reflect.TypeFor[float64]().ConvertibleTo(text))
}

// ConvertibleTo is about types, and one conversion can fail for a value: a
// slice to an array, or to a pointer to an array, panics if the slice is too
// short. Value.CanConvert (Go 1.17) looks at the length as well. So ask
// CanConvert when a value is at hand. An array conversion copies, a pointer
// shares.
//
//claim:ask What is the difference between Type.ConvertibleTo and Value.CanConvert?
//claim:source https://pkg.go.dev/reflect#Value.CanConvert
func TestRConvertSliceArray(t *testing.T) {
	short, long := []int{1}, []int{1, 2, 3}
	array, pointer := reflect.TypeFor[[2]int](), reflect.TypeFor[*[2]int]()
	for _, typ := range []reflect.Type{array, pointer} {
		require.True(t, reflect.TypeFor[[]int]().ConvertibleTo(typ))
		require.True(t, reflect.ValueOf(long).CanConvert(typ))
		require.False(t, reflect.ValueOf(short).CanConvert(typ))
		require.NotNil(t, lawsPanic(func() { reflect.ValueOf(short).Convert(typ) }))
	}
	copied := reflect.ValueOf(long).Convert(array).Interface().([2]int)
	shared := reflect.ValueOf(long).Convert(pointer).Interface().(*[2]int)
	long[0] = 9
	require.Equal(t, 1, copied[0])
	require.Equal(t, 9, shared[0])
}

// Converting to an interface type gives a Value whose Type is that interface
// and whose Kind is Interface, which ValueOf never does. Its Elem is the value
// before. Interface of it is the same any as before, since an any never holds
// an interface. It is seldom needed: Set and Call convert to interfaces by
// themselves.
//
//claim:ask What is the Kind of a Value after Convert to an interface type?
//claim:source https://pkg.go.dev/reflect#Value.Convert
func TestRConvertInterface(t *testing.T) {
	v := reflect.ValueOf(rconvertLevel(3)).Convert(reflect.TypeFor[fmt.Stringer]())
	require.Equal(t, reflect.Interface, v.Kind())
	require.Equal(t, reflect.TypeFor[fmt.Stringer](), v.Type())
	require.Equal(t, reflect.TypeFor[rconvertLevel](), v.Elem().Type())
	require.Equal(t, rconvertLevel(3), v.Interface())
	require.Equal(t, 1, v.NumMethod(), "the methods of the interface")
	var stringer fmt.Stringer
	reflect.ValueOf(&stringer).Elem().Set(reflect.ValueOf(rconvertLevel(4)))
	require.Equal(t, "level 4", stringer.String())
}

// rconvertFits reports whether the number v keeps its value as a t. It is for
// integer kinds.
func rconvertFits(v reflect.Value, t reflect.Type) bool {
	switch {
	case v.CanInt() && reflect.Zero(t).CanInt():
		return !t.OverflowInt(v.Int())
	case v.CanInt() && reflect.Zero(t).CanUint():
		return v.Int() >= 0 && !t.OverflowUint(uint64(v.Int()))
	case v.CanUint() && reflect.Zero(t).CanUint():
		return !t.OverflowUint(v.Uint())
	case v.CanUint() && reflect.Zero(t).CanInt():
		return v.Uint() <= math.MaxInt64 && !t.OverflowInt(int64(v.Uint()))
	}
	return false
}

// Convert wraps silently, as the language does, so ask before: OverflowInt and
// OverflowUint of the target type, plus the sign if signed and unsigned mix. A
// round trip there and back is no replacement: -1 survives int to uint64 and
// back. Here a check by four cases is compared with the mathematics for all
// integer kinds.
//
//claim:ask How do you check that a number survives a conversion between integer types?
//claim:source https://pkg.go.dev/reflect#Type
func TestRConvertFits(t *testing.T) {
	types := []reflect.Type{
		reflect.TypeFor[int8](), reflect.TypeFor[int16](), reflect.TypeFor[int32](), reflect.TypeFor[int64](), reflect.TypeFor[uint8](),
		reflect.TypeFor[uint16](), reflect.TypeFor[uint32](), reflect.TypeFor[uint64](), reflect.TypeFor[rconvertLevel](),
	}
	inputs := []any{
		0, -1, 127, 128, -128, -129, 255, 256, math.MaxInt16, math.MaxInt32, int64(math.MaxInt64), int64(math.MinInt64),
		uint64(math.MaxUint64), uint64(math.MaxInt64) + 1, uint8(200), int8(-5),
	}
	fitting := 0
	for _, input := range inputs {
		v := reflect.ValueOf(input)
		for _, typ := range types {
			want := fmt.Sprint(v) == fmt.Sprintf("%d", v.Convert(typ).Interface())
			require.Equal(t, want, rconvertFits(v, typ), "%v to %v", v, typ)
			if want {
				fitting++
			}
		}
	}
	require.Greater(t, fitting, len(inputs))
	there := reflect.ValueOf(-1).Convert(reflect.TypeFor[uint64]())
	require.EqualValues(t, -1, there.Convert(reflect.TypeFor[int]()).Int(), "back again")
	require.False(t, rconvertFits(reflect.ValueOf(-1), reflect.TypeFor[uint64]()))
	require.False(t, rconvertFits(reflect.ValueOf(1.0), reflect.TypeFor[uint64]()))
}
