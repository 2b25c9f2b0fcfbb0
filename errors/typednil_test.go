package errors

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
)

// typednilError is safe to call as a nil pointer, typednilDeref is not.
type (
	typednilError struct{ field string }
	typednilDeref struct{ field string }
	typednilValue struct{ field string }
)

func (e *typednilError) Error() string {
	if e == nil {
		return "no error, and yet one"
	}
	return e.field
}
func (e *typednilDeref) Error() string { return e.field }
func (e typednilValue) Error() string  { return e.field }

func typednilVariable(fail bool) error {
	var err *typednilError
	if fail {
		err = &typednilError{"name"}
	}
	return err
}

func typednilCure(fail bool) error {
	if fail {
		return &typednilError{"name"}
	}
	return nil
}

func typednilConcrete() *typednilError { return nil }

func typednilNamed() (err error) {
	var failure *typednilError
	defer func() { err = failure }()
	return nil
}

// The function returned a nil pointer of some error type, and that became an
// error with a type and no value. An interface is nil only if both of its words
// are; here the first says *typednilError. The usual ways to get there: return
// a variable of a pointer type, assign the result of a function that returns
// *MyErr to a variable of type error, set a named result in a deferred
// function, pass the pointer to errors.Join or fmt.Errorf. The cure: declare
// the variable as error, and return a literal nil on success.
//
//claim:ask My function found no error, and err != nil is true. How many ways are there to get a typed nil error?
//claim:source https://go.dev/doc/faq#nil_error
func TestTypednilWays(t *testing.T) {
	var pointer *typednilError
	var assigned error = typednilConcrete()
	field := struct{ err error }{pointer}
	channel := make(chan error, 1)
	channel <- pointer
	for name, err := range map[string]error{
		"return a variable":        typednilVariable(false),
		"a call that returns *T":   assigned,
		"deferred to named result": typednilNamed(),
		"a field":                  field.err,
		"a channel":                <-channel,
		"errors.Join":              errors.Join(pointer),
		"fmt.Errorf":               fmt.Errorf("%w", pointer),
	} {
		assert.True(t, err != nil, name)
	}
	assert.True(t, typednilCure(false) == nil)
	assert.True(t, typednilConcrete() == nil, "still a pointer")

	assert.Error(t, typednilVariable(true))
	err := typednilVariable(false)
	words := *(*[2]unsafe.Pointer)(unsafe.Pointer(&err))
	assert.NotNil(t, words[0], "a type")
	assert.Nil(t, words[1], "no value")
}

// Compare with the typed nil: err == (*MyErr)(nil), or errors.AsType[*MyErr]
// followed by a test for nil; AsType matches a typed nil and returns ok and a
// nil pointer. fmt prints the type with %T. A general test by reflect, v.Kind()
// == reflect.Pointer && v.IsNil(), works for any type, and code that needs it
// treats a symptom: an error whose pointer is nil may be a valid one, because
// methods can be called on nil. Correct the function that returns it.
//
//claim:ask How do I find out whether an error holds a nil pointer?
//claim:source https://pkg.go.dev/reflect#Value.IsNil
func TestTypednilDetect(t *testing.T) {
	err := typednilVariable(false)
	assert.False(t, err == nil)
	assert.False(t, errors.Is(err, nil))
	assert.True(t, err == (*typednilError)(nil))
	assert.False(t, err == (*typednilDeref)(nil), "another type")
	pointer, ok := errors.AsType[*typednilError](fmt.Errorf("a: %w", err))
	assert.True(t, ok)
	assert.Nil(t, pointer)
	assert.Equal(t, "*errors.typednilError", fmt.Sprintf("%T", err))
	v := reflect.ValueOf(err)
	assert.True(t, v.Kind() == reflect.Pointer && v.IsNil())
	assert.Equal(t, "no error, and yet one", err.Error(), "a working error")
}

// typednilCall calls the method through the interface; where the compiler knows
// the type, it calls the method itself, and the text of the panic is another.
//
//go:noinline
func typednilCall(err error) string { return err.Error() }

// The error holds a nil pointer, and fmt prints <nil> for a nil pointer whose
// method Error panics. So a log line with <nil> beside a failure is the sign of
// a typed nil. Outside of fmt it depends on the method: with a pointer receiver
// that reads no field it works, with one that reads a field it panics, and with
// a value receiver the call itself panics, because there is no value to copy. A
// nil interface has no method to call and always panics.
//
//claim:ask The log says "failed: <nil>". How can that be?
//claim:source https://pkg.go.dev/fmt
//claim:source fmt/print.go
func TestTypednilPrinted(t *testing.T) {
	var none error
	var works error = (*typednilError)(nil)
	var reads error = (*typednilDeref)(nil)
	var value error = (*typednilValue)(nil)
	const nilPointer = "runtime error: invalid memory address or nil pointer dereference"
	assert.PanicsWithError(t, nilPointer, func() { _ = none.Error() })
	assert.NotPanics(t, func() { _ = works.Error() })
	assert.PanicsWithError(t, nilPointer, func() { _ = reads.Error() })
	assert.PanicsWithError(t, "value method github.com/go-deep-dive/godeep/errors.typednilValue.Error called using nil *typednilValue pointer", func() { typednilCall(value) })

	assert.Equal(t, "failed: <nil>", fmt.Sprintf("failed: %v", none))
	assert.Equal(t, "failed: no error, and yet one", fmt.Sprintf("failed: %v", works))
	assert.Equal(t, "failed: <nil>", fmt.Sprintf("failed: %v", reads))
	assert.Equal(t, "failed: <nil>", fmt.Sprintf("failed: %v", value))
	assert.True(t, reads != nil && value != nil)
}
