package reflection

import (
	"bytes"
	"errors"
	"io"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

// lawsPanic returns what f panics with, and nil if it does not.
func lawsPanic(f func()) (value any) {
	defer func() { value = recover() }()
	f()
	return nil
}

// The first law: reflection goes from an interface value to a reflection
// object, because TypeOf and ValueOf take an any. The second law: it goes back,
// with Interface, to an any that holds the same dynamic type and an equal
// value. The third law: to change a value through reflection it must be
// settable, which means that the Value refers to the original variable and not
// to the copy in an interface. So all of reflection starts at the two words of
// an interface, and every surprise is one of these three: a lost static type,
// an any to assert, a copy.
//
//claim:ask What are the three laws of reflection?
//claim:source https://go.dev/blog/laws-of-reflection
func TestLaws(t *testing.T) {
	x := 3.5
	v := reflect.ValueOf(x)
	require.Equal(t, reflect.TypeFor[any](), reflect.TypeOf(reflect.ValueOf).In(0), "law 1: any in")
	require.Equal(t, reflect.TypeFor[any](), reflect.TypeOf(reflect.TypeOf).In(0))
	require.Equal(t, reflect.Float64, v.Kind())

	back, ok := v.Interface().(float64)
	require.True(t, ok, "law 2: any out, to be asserted")
	require.Equal(t, x, back)

	require.False(t, v.CanSet(), "law 3: a copy")
	reflect.ValueOf(&x).Elem().SetFloat(4)
	require.Equal(t, 4.0, x, "the variable")
}

// TypeOf reports the dynamic type, because its parameter is an any: an
// io.Reader variable that is passed gives up its interface type and only its
// content arrives. So TypeOf(x) is never an interface type, and TypeOf of a nil
// error is nil. To speak about an interface type itself use TypeFor[error](),
// or look at it from outside: the Elem of a pointer to it, the type of a struct
// field, of a slice element or of a parameter keep their static type.
//
//claim:ask Why does reflect.TypeOf(err) never say error?
//claim:source https://pkg.go.dev/reflect#TypeOf
func TestLawsStaticTypeLost(t *testing.T) {
	var reader io.Reader = new(bytes.Buffer)
	require.Equal(t, "*bytes.Buffer", reflect.TypeOf(reader).String())
	var err error
	require.Nil(t, reflect.TypeOf(err))
	require.False(t, reflect.ValueOf(err).IsValid())

	require.Equal(t, "io.Reader", reflect.TypeOf(&reader).Elem().String())
	require.Equal(t, "error", reflect.TypeOf(struct{ Err error }{}).Field(0).Type.String())
	require.Equal(t, "error", reflect.TypeOf([]error{}).Elem().String())
	require.Equal(t, "io.Reader", reflect.TypeOf(io.ReadAll).In(0).String())
	require.Equal(t, reflect.Interface, reflect.TypeFor[error]().Kind())
}

// ValueOf copies: a later assignment to the variable is not seen through the
// Value, just as with any other argument. The copy is as shallow as an
// assignment, so a Value of a slice, map, pointer or channel shares the
// elements behind it, and there changes are seen both ways. ValueOf(&x).Elem()
// refers to x itself.
//
//claim:ask Does a reflect.Value see later changes of the variable it was made from?
//claim:source https://pkg.go.dev/reflect#ValueOf
func TestLawsCopy(t *testing.T) {
	n := 1
	copied, variable := reflect.ValueOf(n), reflect.ValueOf(&n).Elem()
	n = 2
	require.EqualValues(t, 1, copied.Int())
	require.EqualValues(t, 2, variable.Int())

	list := []int{1, 2}
	v := reflect.ValueOf(list)
	list[0] = 10
	v.Index(1).SetInt(20)
	require.EqualValues(t, 10, v.Index(0).Int())
	require.Equal(t, []int{10, 20}, list)
	list = append(list, 30)
	require.Equal(t, 2, v.Len(), "the header was copied")
	require.Len(t, list, 3)
}

// Reflection moves type errors from the compiler to run time, and there they
// are panics, not error results. The wrong kind of Value panics with a
// *reflect.ValueError, which holds the name of the method and the Kind; a Type
// of the wrong kind, a missing right to set or a wrong argument panics with a
// plain string. None of them is a runtime.Error. So check the Kind, CanSet,
// CanInterface or IsValid first, and let a library recover only at its border.
// Methods that search answer with ok or with the zero Value instead.
//
//claim:ask How does package reflect report mistakes: errors or panics?
//claim:source https://pkg.go.dev/reflect#ValueError
func TestLawsPanics(t *testing.T) {
	wrongKind := lawsPanic(func() { reflect.ValueOf("3").Int() })
	require.Equal(t, &reflect.ValueError{Method: "reflect.Value.Int", Kind: reflect.String}, wrongKind)
	require.EqualError(t, wrongKind.(error), "reflect: call of reflect.Value.Int on string Value")
	zero := lawsPanic(func() { reflect.Value{}.Int() })
	require.EqualError(t, zero.(error), "reflect: call of reflect.Value.Int on zero Value")
	var runtimeError interface{ RuntimeError() }
	require.False(t, errors.As(wrongKind.(error), &runtimeError))

	require.Equal(t, "reflect: NumField of non-struct type *int", lawsPanic(func() { reflect.TypeOf(new(int)).NumField() }))
	require.Equal(t, "reflect: reflect.Value.SetInt using unaddressable value", lawsPanic(func() { reflect.ValueOf(1).SetInt(2) }))
	require.Equal(t, "reflect.Set: value of type int is not assignable to type string",
		lawsPanic(func() { reflect.ValueOf(new(string)).Elem().Set(reflect.ValueOf(1)) }))

	point := reflect.ValueOf(struct{ X int }{})
	require.False(t, point.FieldByName("Y").IsValid(), "searches do not panic")
	_, found := point.Type().FieldByName("Y")
	require.False(t, found)
	require.False(t, point.MethodByName("Y").IsValid())
	require.False(t, reflect.ValueOf(map[string]int{}).MapIndex(reflect.ValueOf("Y")).IsValid())
}

// Reflection gives up what the compiler checks: a misspelt field name compiles,
// and a field that was renamed is missed only when the code runs. The same
// mistake is a compile error in plain Go and an invalid Value in reflection. So
// the rule of thumb is to use reflection only for types that are not known when
// the code is written, as encoders, validators and test helpers do, to prefer
// an interface or a type parameter where these suffice, and to test every type
// that goes through it.
//
//claim:ask What do you give up when you use reflection, and when is it the right tool?
//claim:source https://pkg.go.dev/reflect
func TestLawsUnchecked(t *testing.T) {
	type lawsUser struct{ Name string }
	u := lawsUser{Name: "Ada"}
	require.Contains(t, typeCheckError(`type user struct{ Name string }; func f(u user) string { return u.Nmae }`), "u.Nmae undefined")
	require.False(t, reflect.ValueOf(u).FieldByName("Nmae").IsValid(), "compiles")
	require.Equal(t, "<invalid Value>", reflect.ValueOf(u).FieldByName("Nmae").String(), "and even yields a string")
	require.Equal(t, "Ada", reflect.ValueOf(u).FieldByName("Name").String())
}
