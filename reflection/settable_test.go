package reflection

import (
	"io"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

type settableHolder struct {
	Exported int
	private  int
	Any      any
	Array    [1]int
	Pointer  *int
}

// A Value is addressable if it stands for a variable: the Elem of a pointer, an
// element of a slice, and the fields and array elements of what is addressable
// itself. It is settable if it is addressable and was not reached through an
// unexported field. The result of ValueOf, map elements, the content of an
// interface and the bytes of a string are copies or may not change: neither. A
// slice needs no pointer, for its elements are variables behind the copied
// header.
//
//claim:ask When is a reflect.Value addressable, and when is it settable?
//claim:source https://pkg.go.dev/reflect#Value.CanAddr
//claim:source https://pkg.go.dev/reflect#Value.CanSet
func TestSettableTable(t *testing.T) {
	n := 1
	holder := settableHolder{Any: 1, Pointer: &n}
	copied, variable := reflect.ValueOf(holder), reflect.ValueOf(&holder).Elem()
	key := reflect.ValueOf("k")
	for _, c := range []struct {
		what              string
		v                 reflect.Value
		canAddr, settable bool
	}{
		{"ValueOf(n)", reflect.ValueOf(n), false, false},
		{"ValueOf(&n)", reflect.ValueOf(&n), false, false},
		{"ValueOf(&n).Elem()", reflect.ValueOf(&n).Elem(), true, true},
		{"slice element", reflect.ValueOf([]int{1}).Index(0), true, true},
		{"array element of a copy", reflect.ValueOf([1]int{1}).Index(0), false, false},
		{"array element of a variable", variable.FieldByName("Array").Index(0), true, true},
		{"string byte", reflect.ValueOf("a").Index(0), false, false},
		{"map element", reflect.ValueOf(map[string]int{"k": 1}).MapIndex(key), false, false},
		{"what a map element points to", reflect.ValueOf(map[string]*int{"k": &n}).MapIndex(key).Elem(), true, true},
		{"field of a copy", copied.FieldByName("Exported"), false, false},
		{"what a field of a copy points to", copied.FieldByName("Pointer").Elem(), true, true},
		{"field of a variable", variable.FieldByName("Exported"), true, true},
		{"unexported field of a variable", variable.FieldByName("private"), true, false},
		{"interface variable", variable.FieldByName("Any"), true, true},
		{"content of an interface", variable.FieldByName("Any").Elem(), false, false},
		{"New", reflect.New(reflect.TypeFor[int]()).Elem(), true, true},
		{"Zero", reflect.Zero(reflect.TypeFor[int]()), false, false},
		{"MakeSlice", reflect.MakeSlice(reflect.TypeFor[[]int](), 1, 1).Index(0), true, true},
		{"result of a call", reflect.ValueOf(time.Now).Call(nil)[0], false, false},
		{"nothing", reflect.Value{}, false, false},
	} {
		require.Equal(t, c.canAddr, c.v.CanAddr(), "%s", c.what)
		require.Equal(t, c.settable, c.v.CanSet(), "%s", c.what)
	}
	require.Zero(t, holder.private)
}

// reflect.ValueOf(x).SetInt panics because ValueOf got a copy of x: setting the
// copy would change nothing that the caller can see, so reflect refuses. Pass a
// pointer and take its Elem. The text says which of two reasons it is: using
// unaddressable value means a copy, and using value obtained using unexported
// field means a variable that is private. Even ValueOf(&x).SetInt does not
// work: that Value is a pointer, of the wrong kind.
//
//claim:ask Why does reflect.ValueOf(x).SetInt(1) panic?
//claim:source https://go.dev/blog/laws-of-reflection
func TestSettablePanics(t *testing.T) {
	x := 3
	require.Equal(t, "reflect: reflect.Value.SetInt using unaddressable value", lawsPanic(func() { reflect.ValueOf(x).SetInt(1) }))
	require.Equal(t, "reflect: reflect.Value.Set using unaddressable value", lawsPanic(func() { reflect.ValueOf(x).Set(reflect.ValueOf(1)) }))
	holder := settableHolder{}
	require.Equal(t, "reflect: reflect.Value.SetInt using value obtained using unexported field",
		lawsPanic(func() { reflect.ValueOf(&holder).Elem().FieldByName("private").SetInt(1) }))
	require.Equal(t, "reflect: reflect.Value.SetInt using unaddressable value", lawsPanic(func() { reflect.ValueOf(&x).SetInt(1) }), "still the pointer")
	require.Equal(t, 3, x)
	reflect.ValueOf(&x).Elem().SetInt(1)
	require.Equal(t, 1, x)
}

// A field of a struct in a map cannot be set, neither in plain Go nor by
// reflection, because map elements have no address: growing the map moves them.
// Copy the element to a new variable, change it there, and put it back with
// SetMapIndex. The same three steps serve for a struct inside an interface.
//
//claim:ask How do you change a field of a struct that is stored in a map or in an any?
//claim:source https://go.dev/ref/spec#Address_operators
func TestSettableMapElement(t *testing.T) {
	type settableUser struct{ Name string }
	users := map[int]settableUser{7: {"Ada"}}
	v, key := reflect.ValueOf(users), reflect.ValueOf(7)
	require.False(t, v.MapIndex(key).Field(0).CanSet())
	require.Contains(t, typeCheckError(`func f(m map[int]struct{ N int }) { m[7].N = 1 }`), "cannot assign to struct field m[7].N in map")

	user := reflect.New(v.Type().Elem()).Elem()
	user.Set(v.MapIndex(key))
	user.Field(0).SetString("Bob")
	require.Equal(t, "Ada", users[7].Name, "a copy so far")
	v.SetMapIndex(key, user)
	require.Equal(t, "Bob", users[7].Name)

	var boxed any = users[7]
	box := reflect.ValueOf(&boxed).Elem()
	require.False(t, box.Elem().Field(0).CanSet())
	content := reflect.New(box.Elem().Type()).Elem()
	content.Set(box.Elem())
	content.Field(0).SetString("Eve")
	box.Set(content)
	require.Equal(t, settableUser{"Eve"}, boxed)
}

// Set follows the rules of assignment: the Value given must be assignable to
// the type, so an int does not go into an int64 or a MyInt, and an interface
// variable takes what implements it. SetInt, SetString and the others look at
// the Kind only, so they set defined types as well. SetZero (Go 1.20) is for
// all kinds. Setting an interface variable to nil needs Zero of the interface
// type or SetZero, since ValueOf(nil) is not a Value that Set takes.
//
//claim:ask What is the difference between Set and SetInt, and how do you set a field to nil?
//claim:source https://pkg.go.dev/reflect#Value.Set
func TestSettableSet(t *testing.T) {
	var d time.Duration
	v := reflect.ValueOf(&d).Elem()
	require.Equal(t, "reflect.Set: value of type int64 is not assignable to type time.Duration", lawsPanic(func() { v.Set(reflect.ValueOf(int64(5))) }))
	v.SetInt(5)
	require.Equal(t, time.Duration(5), d, "by kind")
	v.Set(reflect.ValueOf(int64(6)).Convert(v.Type()))
	require.Equal(t, time.Duration(6), d)
	require.Equal(t, &reflect.ValueError{Method: "reflect.Value.SetString", Kind: reflect.Int64}, lawsPanic(func() { v.SetString("5") }))
	v.SetZero()
	require.Zero(t, d)

	var err error
	e := reflect.ValueOf(&err).Elem()
	e.Set(reflect.ValueOf(io.ErrUnexpectedEOF))
	require.Equal(t, io.ErrUnexpectedEOF, err)
	require.Equal(t, "reflect.Set: value of type int is not assignable to type error", lawsPanic(func() { e.Set(reflect.ValueOf(1)) }))
	require.EqualError(t, lawsPanic(func() { e.Set(reflect.ValueOf(nil)) }).(error), "reflect: call of reflect.Value.Set on zero Value")
	e.Set(reflect.Zero(e.Type()))
	require.NoError(t, err)
	var nilMap map[int]int
	err = io.ErrUnexpectedEOF
	e.SetZero()
	require.NoError(t, err)
	reflect.ValueOf(&nilMap).Elem().Set(reflect.ValueOf(map[int]int(nil)))
	require.Nil(t, nilMap)
}

// SetInt does not check the range: 300 in an int8 is stored as 44, without a
// panic. OverflowInt, OverflowUint and OverflowFloat tell before; since Go 1.23
// a Type has them too. A decoder that skips the check changes numbers silently.
// For floats only the range counts: a loss of digits is no overflow, and an
// infinity fits.
//
//claim:ask Does SetInt panic if the number does not fit?
//claim:source https://pkg.go.dev/reflect#Value.OverflowInt
func TestSettableOverflow(t *testing.T) {
	var small int8
	v := reflect.ValueOf(&small).Elem()
	v.SetInt(300)
	require.Equal(t, int8(44), small)
	require.True(t, v.OverflowInt(300))
	require.False(t, v.OverflowInt(-128))
	require.True(t, reflect.TypeFor[uint8]().OverflowUint(256))
	single := reflect.TypeFor[float32]()
	require.True(t, single.OverflowFloat(1e300))
	require.False(t, single.OverflowFloat(1e-300), "becomes 0")
	require.False(t, single.OverflowFloat(math.Inf(1)))
	require.False(t, single.OverflowFloat(16777217), "becomes 16777216")
	require.EqualError(t, lawsPanic(func() { v.OverflowUint(1) }).(error), "reflect: call of reflect.Value.OverflowUint on int8 Value")
}

// Through a pointer you can change what it points to, and to change the pointer
// itself you need a pointer to it. So a decoder is given **T, or *T for a
// struct with a pointer field: a nil one is filled with Set(New(elem)), and
// then Elem works. The Elem of a nil pointer is the zero Value, and setting it
// panics.
//
//claim:ask How do you fill a nil pointer field by reflection?
//claim:source https://pkg.go.dev/reflect#New
func TestSettableNilPointer(t *testing.T) {
	var holder settableHolder
	field := reflect.ValueOf(&holder).Elem().FieldByName("Pointer")
	require.False(t, field.Elem().IsValid())
	require.IsType(t, &reflect.ValueError{}, lawsPanic(func() { field.Elem().SetInt(1) }))
	if field.IsNil() {
		field.Set(reflect.New(field.Type().Elem()))
	}
	field.Elem().SetInt(9)
	require.Equal(t, 9, *holder.Pointer)

	var p *int
	require.False(t, reflect.ValueOf(p).CanSet(), "a copy of the pointer")
	reflect.ValueOf(&p).Elem().Set(reflect.New(reflect.TypeFor[int]()))
	require.NotNil(t, p)
}

// Addr of an addressable Value is the pointer to the variable, as a Value; its
// Interface gives a *T, which can be handed to code that expects a pointer,
// such as json.Unmarshal or a method with pointer receiver. On any other Value
// it panics. It makes no allocation, and the pointer is the real one.
//
//claim:ask How do you get a pointer to a struct field by reflection?
//claim:source https://pkg.go.dev/reflect#Value.Addr
func TestSettableAddr(t *testing.T) {
	var holder settableHolder
	field := reflect.ValueOf(&holder).Elem().FieldByName("Exported")
	pointer := field.Addr().Interface().(*int)
	require.Same(t, &holder.Exported, pointer)
	*pointer = 5
	require.EqualValues(t, 5, field.Int())
	require.Equal(t, "reflect.Value.Addr of unaddressable value", lawsPanic(func() { reflect.ValueOf(holder).Field(0).Addr() }))
	var kept any
	proof.WantAllocs(t, 0, func() { kept = field.Addr().Interface() })
	require.NotNil(t, kept)
}
