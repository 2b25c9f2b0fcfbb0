package reflection

import (
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// TypeFor[error]() (Go 1.22) is the Type of the type argument itself, interface
// types included. TypeOf cannot do this, because a value of an interface type
// arrives as its dynamic type, or as nil. The idiom before was
// TypeOf((*error)(nil)).Elem(), which is the same Type. TypeFor needs no value
// and makes no allocation.
//
//claim:ask How do you get the reflect.Type of an interface type?
//claim:source https://pkg.go.dev/reflect#TypeFor
func TestTypeForInterface(t *testing.T) {
	require.Equal(t, "error", reflect.TypeFor[error]().String())
	require.True(t, reflect.TypeFor[error]() == reflect.TypeOf((*error)(nil)).Elem())
	var err error
	require.Nil(t, reflect.TypeOf(err))
	err = io.EOF
	require.Equal(t, "*errors.errorString", reflect.TypeOf(err).String())
	require.True(t, reflect.TypeFor[int]() == reflect.TypeOf(0))
	var typ reflect.Type
	proof.WantAllocs(t, 0, func() { typ = reflect.TypeFor[map[string]io.Reader]() })
	require.Equal(t, reflect.Map, typ.Kind())
}

// typeForZero names the type argument by way of a zero value.
func typeForZero[T any]() string {
	var zero T
	switch any(zero).(type) {
	case int:
		return "int"
	case error:
		return "error"
	case nil:
		return "nil"
	}
	return "other"
}

func typeForType[T any]() string {
	switch reflect.TypeFor[T]() {
	case reflect.TypeFor[int]():
		return "int"
	case reflect.TypeFor[error]():
		return "error"
	}
	return "other"
}

// A type switch needs a value, and the zero value of an interface type is nil,
// so any(zero).(type) cannot tell error from io.Reader. It also matches case
// error for a concrete type that implements it. Comparing TypeFor[T]() is exact
// for both. Neither sees ~int types as int; use the Kind for that. If a generic
// function needs this often, it may want to be several functions.
//
//claim:ask In a generic function, how do you find out which type T is?
//claim:source https://pkg.go.dev/reflect#TypeFor
func TestTypeForGeneric(t *testing.T) {
	require.Equal(t, "int", typeForZero[int]())
	require.Equal(t, "nil", typeForZero[error]())
	require.Equal(t, "nil", typeForZero[io.Reader](), "not to be told apart")
	require.Equal(t, "error", typeForZero[*os.PathError](), "implements it")

	require.Equal(t, "int", typeForType[int]())
	require.Equal(t, "error", typeForType[error]())
	require.Equal(t, "other", typeForType[io.Reader]())
	require.Equal(t, "other", typeForType[*os.PathError]())
	require.Equal(t, "other", typeForType[kindMyInt]())
}

// TypeAssert[T](v) (Go 1.25) is v.Interface().(T) with two results, without the
// any between them. It saves the copy that Interface makes of an addressable
// value; for a Value that is a copy already both make no allocation. It panics
// like Interface for the zero Value and for unexported fields, and a wrong type
// is ok == false.
//
//claim:ask What is reflect.TypeAssert for, and what does it save?
//claim:source https://pkg.go.dev/reflect#TypeAssert
func TestTypeForAssert(t *testing.T) {
	type large [8]int
	list := []large{{1}}
	variable, copied := reflect.ValueOf(list).Index(0), reflect.ValueOf(list[0])
	got, ok := reflect.TypeAssert[large](variable)
	require.True(t, ok)
	require.Equal(t, large{1}, got)
	_, ok = reflect.TypeAssert[[8]int](variable)
	require.False(t, ok, "another type")
	_, ok = reflect.TypeAssert[int](reflect.ValueOf(kindMyInt(1)))
	require.False(t, ok, "the Kind does not count")

	require.EqualError(t, lawsPanic(func() { reflect.TypeAssert[int](reflect.Value{}) }).(error), "reflect: call of reflect.TypeAssert on zero Value")
	require.Equal(t, "reflect.TypeAssert: cannot return value obtained from unexported field or method",
		lawsPanic(func() { reflect.TypeAssert[int](reflect.ValueOf(struct{ n int }{}).Field(0)) }))

	proof.WantAllocs(t, 1, func() { got = variable.Interface().(large) })
	proof.WantAllocs(t, 0, func() { got, _ = reflect.TypeAssert[large](variable) })
	proof.WantAllocs(t, 0, func() { got = copied.Interface().(large) })
}

// TypeAssert follows the type assertion, not the Type of the Value. An
// interface variable that is nil gives ok == false even for its own interface
// type, because there is no dynamic type to assert. If it is not nil, T may be
// another interface that the content implements. So v.Type() == TypeFor[T]()
// neither implies ok nor follows from it.
//
//claim:ask Can TypeAssert[T] fail although v.Type() is T?
//claim:source https://pkg.go.dev/reflect#TypeAssert
func TestTypeForAssertNil(t *testing.T) {
	var err error
	v := reflect.ValueOf(&err).Elem()
	require.Equal(t, reflect.TypeFor[error](), v.Type())
	got, ok := reflect.TypeAssert[error](v)
	require.False(t, ok)
	require.NoError(t, got)

	err = &os.PathError{Op: "open", Path: "a", Err: io.EOF}
	got, ok = reflect.TypeAssert[error](v)
	require.True(t, ok)
	require.ErrorIs(t, got, io.EOF)
	timeout, ok := reflect.TypeAssert[interface{ Timeout() bool }](v)
	require.True(t, ok, "another interface")
	require.False(t, timeout.Timeout())
	pathError, ok := reflect.TypeAssert[*os.PathError](v)
	require.True(t, ok, "the dynamic type")
	require.Equal(t, "open", pathError.Op)
	_, ok = reflect.TypeAssert[fmt.Stringer](v)
	require.False(t, ok)
	err = errors.New("x")
	_, ok = reflect.TypeAssert[*os.PathError](v)
	require.False(t, ok)
}
