package reflection

import (
	"fmt"
	"reflect"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"
)

type kindMyInt int

// The Type is the exact type; the Kind is the category of its underlying type,
// one of 26. After type MyInt int, the Type is MyInt and the Kind is Int, for
// all the integer types that anybody defines. Kind says how the value is laid
// out and which methods of Value work; Type says whether it is the same type
// and has methods. Two types may share the Kind Slice or Struct and have
// nothing else in common.
//
//claim:ask What is the difference between Kind and Type?
//claim:source https://pkg.go.dev/reflect#Kind
func TestKindVersusType(t *testing.T) {
	own, plain := reflect.TypeFor[kindMyInt](), reflect.TypeFor[int]()
	require.NotEqual(t, own, plain)
	require.Equal(t, reflect.Int, own.Kind())
	require.Equal(t, own.Kind(), plain.Kind())
	require.Equal(t, "kindMyInt", own.Name())
	require.EqualValues(t, 7, reflect.ValueOf(kindMyInt(7)).Int(), "methods go by kind")
	require.Equal(t, reflect.Int64, reflect.TypeFor[time.Duration]().Kind())
	require.Equal(t, reflect.Struct, reflect.TypeFor[time.Time]().Kind())
	require.Equal(t, reflect.TypeFor[[]int]().Kind(), reflect.TypeFor[[]error]().Kind())
	require.Empty(t, reflect.TypeFor[[]int]().Name(), "no type name without a definition")
	require.Empty(t, reflect.TypeFor[*kindMyInt]().Name())
}

// There are 26 kinds and Invalid, which is the kind of the zero Value only, so
// five bits hold them. byte and rune have no kind of their own: they are Uint8
// and Int32. Every interface type, error and any included, has Kind Interface,
// and every func type Func. Kind Ptr is the old name of Pointer (Go 1.18).
//
//claim:ask How many kinds are there, and which kind have byte, rune, error and time.Duration?
//claim:source https://pkg.go.dev/reflect#Kind
func TestKindAll(t *testing.T) {
	ofKind := map[reflect.Kind]reflect.Type{}
	for _, typ := range []reflect.Type{
		reflect.TypeFor[bool](), reflect.TypeFor[int](), reflect.TypeFor[int8](), reflect.TypeFor[int16](), reflect.TypeFor[int32](),
		reflect.TypeFor[int64](), reflect.TypeFor[uint](), reflect.TypeFor[uint8](), reflect.TypeFor[uint16](), reflect.TypeFor[uint32](),
		reflect.TypeFor[uint64](), reflect.TypeFor[uintptr](), reflect.TypeFor[float32](), reflect.TypeFor[float64](), reflect.TypeFor[complex64](),
		reflect.TypeFor[complex128](), reflect.TypeFor[[1]int](), reflect.TypeFor[chan int](), reflect.TypeFor[func()](), reflect.TypeFor[any](),
		reflect.TypeFor[map[int]int](), reflect.TypeFor[*int](), reflect.TypeFor[[]int](), reflect.TypeFor[string](), reflect.TypeFor[struct{}](),
		reflect.TypeFor[unsafe.Pointer](),
	} {
		ofKind[typ.Kind()] = typ
	}
	require.Len(t, ofKind, 26)
	for kind := range reflect.UnsafePointer + 1 {
		require.Equal(t, kind != reflect.Invalid, ofKind[kind] != nil, kind)
	}
	require.Equal(t, "kind27", (reflect.UnsafePointer + 1).String(), "no more")
	require.Equal(t, reflect.Invalid, reflect.Value{}.Kind())

	require.Equal(t, reflect.Uint8, reflect.TypeFor[byte]().Kind())
	require.Equal(t, reflect.Int32, reflect.TypeFor[rune]().Kind())
	require.Equal(t, reflect.Interface, reflect.TypeFor[error]().Kind())
	require.Equal(t, reflect.Int64, reflect.TypeFor[time.Duration]().Kind())
	require.Equal(t, reflect.Pointer, reflect.Ptr)
}

// kindByType and kindByKind both ask whether v is an integer of type int.
func kindByType(v any) bool {
	switch v.(type) {
	case int:
		return true
	}
	return false
}

func kindByKind(v any) bool {
	switch reflect.ValueOf(v).Kind() {
	case reflect.Int:
		return true
	}
	return false
}

// A type switch compares exact types, so case int misses type MyInt int; a
// switch on Kind takes both. Libraries that must handle the types of their
// users, such as encoders, therefore switch on types first, as the fast path
// for the common ones and for methods, and on the Kind after that. A type
// parameter with the constraint ~int is the answer of the compiler.
//
//claim:ask My type switch has case int. Why does it miss type MyInt int?
//claim:source https://go.dev/ref/spec#Type_switches
func TestKindSwitch(t *testing.T) {
	require.True(t, kindByType(1))
	require.True(t, kindByKind(1))
	require.False(t, kindByType(kindMyInt(1)), "another type")
	require.True(t, kindByKind(kindMyInt(1)), "the same kind")
	require.False(t, kindByKind(int32(1)))
	require.False(t, kindByKind(nil), "Invalid, no panic")
	require.Equal(t, 8, kindDouble(kindMyInt(4)))
}

func kindDouble[T ~int](v T) int { return 2 * int(v) }

// A Value has Kind Interface only if it was reached through a variable of
// interface type: the Elem of a pointer to one, a struct field, a slice or map
// element. ValueOf(x) never has it, since the interface that carries x is
// unpacked. Elem of such a Value is what it holds, and the zero Value if it is
// nil. A walker over values that forgets this case stops at every []any and
// map[string]any.
//
//claim:ask When does a reflect.Value have the Kind Interface?
//claim:source https://pkg.go.dev/reflect#Value.Elem
func TestKindInterface(t *testing.T) {
	var shape fmt.Stringer = time.Second
	require.Equal(t, reflect.Int64, reflect.ValueOf(shape).Kind())

	variable := reflect.ValueOf(&shape).Elem()
	require.Equal(t, reflect.Interface, variable.Kind())
	require.Equal(t, "fmt.Stringer", variable.Type().String())
	require.Equal(t, "time.Duration", variable.Elem().Type().String())

	require.Equal(t, reflect.Interface, reflect.ValueOf([]any{1}).Index(0).Kind())
	require.Equal(t, reflect.Interface, reflect.ValueOf(map[int]any{1: 2}).MapIndex(reflect.ValueOf(1)).Kind())
	require.Equal(t, reflect.Interface, reflect.ValueOf(struct{ F any }{1}).Field(0).Kind())
	require.Equal(t, reflect.Int, reflect.ValueOf([]any{1}).Index(0).Elem().Kind())

	shape = nil
	require.True(t, variable.IsNil())
	require.False(t, variable.Elem().IsValid())
	var nested any = any(any(1))
	require.Equal(t, reflect.Int, reflect.ValueOf(&nested).Elem().Elem().Kind(), "an interface never holds an interface")
}

// Int, Uint, Float, Complex and Bool read a group of kinds each, widened to the
// largest type: Int takes int to int64 and panics for uint8. CanInt, CanUint,
// CanFloat and CanComplex (Go 1.18) tell which works. Len takes string, slice,
// array, map, chan and a pointer to an array. String is the exception: it never
// panics, and for other kinds it returns text like <int Value>.
//
//claim:ask Which getter of reflect.Value works for which kinds, and what does String do with an int?
//claim:source https://pkg.go.dev/reflect#Value.String
func TestKindGetters(t *testing.T) {
	require.EqualValues(t, -5, reflect.ValueOf(int8(-5)).Int())
	require.EqualValues(t, 200, reflect.ValueOf(uint8(200)).Uint())
	require.IsType(t, int64(0), reflect.ValueOf(int8(0)).Int())
	require.EqualError(t, lawsPanic(func() { reflect.ValueOf(uint8(1)).Int() }).(error), "reflect: call of reflect.Value.Int on uint8 Value")
	for v, want := range map[any][3]bool{
		1: {true, false, false}, uint8(1): {false, true, false}, uintptr(1): {false, true, false},
		float32(1): {false, false, true}, "1": {}, true: {},
	} {
		r := reflect.ValueOf(v)
		require.Equal(t, want, [3]bool{r.CanInt(), r.CanUint(), r.CanFloat()}, "%T", v)
	}
	for _, v := range []any{"ab", []int{1, 2}, [2]int{}, &[2]int{}, map[int]int{1: 1, 2: 2}} {
		require.Equal(t, 2, reflect.ValueOf(v).Len(), "%T", v)
	}
	require.Equal(t, "text", reflect.ValueOf("text").String())
	require.Equal(t, "<int Value>", reflect.ValueOf(1).String())
	require.Equal(t, "<invalid Value>", reflect.Value{}.String())
	require.Equal(t, "1", fmt.Sprint(reflect.ValueOf(1)), "fmt prints what a Value holds")
}

// No method returns the underlying type, and a composite one has to be rebuilt
// from its parts. For a number or string the Kind determines it, and Convert
// goes there. For a defined slice reflect.SliceOf(t.Elem()) is it, for a struct
// StructOf of its fields; MapOf, PointerTo and the others follow. Values are
// convertible in both directions, because conversion between a type and its
// underlying type always is.
//
//claim:ask How do you get the underlying type of a defined type by reflection?
//claim:source https://go.dev/ref/spec#Underlying_types
func TestKindUnderlying(t *testing.T) {
	type kindIDs []kindMyInt
	type kindPoint struct{ X, Y int }
	typ := reflect.TypeFor[kindIDs]()
	require.Equal(t, reflect.TypeFor[[]kindMyInt](), reflect.SliceOf(typ.Elem()))
	require.True(t, typ.ConvertibleTo(reflect.SliceOf(typ.Elem())))

	var fields []reflect.StructField
	for field := range reflect.TypeFor[kindPoint]().Fields() {
		fields = append(fields, field)
	}
	plain := reflect.StructOf(fields)
	require.Equal(t, reflect.TypeFor[struct{ X, Y int }](), plain)
	moved := reflect.ValueOf(kindPoint{1, 2}).Convert(plain).Interface()
	require.Equal(t, struct{ X, Y int }{1, 2}, moved)
	require.Equal(t, 7, reflect.ValueOf(kindMyInt(7)).Convert(reflect.TypeFor[int]()).Interface())
	_, has := typ.MethodByName("Underlying")
	require.False(t, has)
	_, has = reflect.TypeFor[reflect.Type]().MethodByName("Underlying")
	require.False(t, has)
}
