package errors

import (
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
)

type (
	errtypeCode   int
	errtypeList   []error
	errtypeFunc   func() string
	errtypeStruct struct{ Line int }
)

func (e errtypeCode) Error() string    { return fmt.Sprint("code ", int(e)) }
func (e errtypeList) Error() string    { return fmt.Sprint(len(e), " errors") }
func (e errtypeFunc) Error() string    { return e() }
func (e *errtypeStruct) Error() string { return fmt.Sprint("line ", e.Line) }

// The type error is a predeclared interface with one method, Error() string.
// Every type with that method is an error: a number, a slice, a function, a
// struct; nothing is declared and nothing inherited. It is an ordinary
// interface, so its zero value is nil, and nil means that there was no error.
// Nothing else is built in: Unwrap, Is and As are methods that the package
// errors looks for at run time.
//
//claim:ask What is the type error, and which types can be errors?
//claim:source https://go.dev/ref/spec#Errors
func TestErrtypeInterface(t *testing.T) {
	typ := reflect.TypeFor[error]()
	assert.Equal(t, reflect.Interface, typ.Kind())
	assert.Equal(t, 1, typ.NumMethod())
	assert.Equal(t, "Error", typ.Method(0).Name)
	assert.Empty(t, typ.PkgPath(), "predeclared")
	var none error
	assert.True(t, none == nil)

	for want, err := range map[string]error{
		"code 7":   errtypeCode(7),
		"2 errors": errtypeList{nil, nil},
		"called":   errtypeFunc(func() string { return "called" }),
		"line 3":   &errtypeStruct{3},
	} {
		assert.EqualError(t, err, want)
	}
	assert.Empty(t, shadowTypeErrors(t, `package p
		type same interface{ Error() string }
		var a error; var b same = a; var c error = b`), "interchangeable with an interface of your own")
}

type errtypeByValue struct{ Line int }

func (e errtypeByValue) Error() string { return fmt.Sprint("line ", e.Line) }

// With a value as the error, two errors with equal fields are ==, and errors.Is
// finds one by the fields; with a pointer, each error is different. With a
// value receiver both forms are errors, which invites mixing them, and then
// errors.As misses one. A value also must have only fields that == can compare.
// The convention of the standard library is the pointer: *fs.PathError,
// *net.OpError. Small codes such as syscall.Errno are values, and there
// equality is what you want.
//
//claim:ask Should an error type be used as a value or as a pointer?
//claim:source https://go.dev/ref/spec#Comparison_operators
func TestErrtypeValueOrPointer(t *testing.T) {
	assert.True(t, errors.Is(fmt.Errorf("a: %w", errtypeByValue{3}), errtypeByValue{3}))
	assert.False(t, errors.Is(&errtypeStruct{3}, &errtypeStruct{3}))
	var value, pointer error = errtypeByValue{3}, &errtypeByValue{3}
	assert.Equal(t, value.Error(), pointer.Error(), "both compile, both print the same")
	assert.False(t, value == pointer)
	_, ok := errors.AsType[errtypeByValue](pointer)
	assert.False(t, ok)
	assert.True(t, errors.Is(fmt.Errorf("a: %w", errtypeCode(7)), errtypeCode(7)))
	assert.Equal(t, []string{"cannot use T{} (value of struct type T) as error value in variable declaration: " +
		"T does not implement error (method Error has pointer receiver)"}, shadowTypeErrors(t, `package p
		type T struct{}
		func (*T) Error() string { return "" }
		var err error = T{}`))
}

// errtypeParse returns its own pointer type, as no exported function should.
func errtypeParse(text string) *errtypeStruct {
	if text == "" {
		return &errtypeStruct{1}
	}
	return nil
}

// Return the interface error, also if it is always the same type. A result of
// type *ParseError looks more precise, but its nil is a nil pointer, and as
// soon as a caller assigns it to a variable of type error, that variable is not
// nil. Nor can such a function be used where a func() error is wanted, because
// result types must be identical. What type the errors have belongs in the
// documentation; callers get at the fields by errors.AsType.
//
//claim:ask Why should a function return error and not *MyError?
//claim:source https://go.dev/doc/faq#nil_error
func TestErrtypeReturned(t *testing.T) {
	assert.True(t, errtypeParse("x") == nil)
	var err error = errtypeParse("x")
	assert.True(t, err != nil, "no error, and it is not nil") //lint:ignore SA4023 this is what the test shows
	assert.Equal(t, []string{"cannot use f (value of type func() *T) as func() error value in variable declaration"},
		shadowTypeErrors(t, `package p
		type T struct{}
		func (*T) Error() string { return "" }
		func f() *T { return nil }
		var g func() error = f`))
}
