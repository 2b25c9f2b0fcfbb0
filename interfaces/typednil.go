package interfaces

import (
	"bytes"
	"fmt"
	"io"
	"reflect"
)

// A typed nil is an interface value that holds a nil pointer, map, slice, func
// or channel. It has a type, so it is not equal to nil.

// typedNilFault is an error type with pointer receivers.
type typedNilFault struct{ field string }

func (f *typedNilFault) Error() string { return "invalid " + f.field }

// Temporary works on a nil receiver as well.
func (f *typedNilFault) Temporary() bool { return f != nil && f.field == "" }

// typedNilReturned is the bug: the variable has the pointer type, and its
// conversion to error at the return makes a typed nil.
func typedNilReturned(ok bool) error {
	var fault *typedNilFault
	if !ok {
		fault = &typedNilFault{"name"}
	}
	return fault
}

// typedNilEqual is what the caller asks.
func typedNilEqual(err error) bool { return err == nil }

// The cures.

func typedNilLiteral(ok bool) error {
	if !ok {
		return &typedNilFault{"name"}
	}
	return nil
}

func typedNilInterfaceVariable(ok bool) error {
	var err error
	if !ok {
		err = &typedNilFault{"name"}
	}
	return err
}

// typedNilChecked calls a function that returns the concrete pointer type.
func typedNilChecked(ok bool) error {
	if fault := typedNilConcrete(ok); fault != nil {
		return fault
	}
	return nil
}

// typedNilConcrete is not wrong in itself. Its callers are, when they assign
// the result to a variable of type error.
func typedNilConcrete(ok bool) *typedNilFault {
	if ok {
		return nil
	}
	return &typedNilFault{"name"}
}

// typedNilLog writes if there is somewhere to write to; so it says.
func typedNilLog(w io.Writer, text string) {
	if w != nil {
		fmt.Fprint(w, text)
	}
}

// typedNilOptional turns an optional *bytes.Buffer into an optional io.Writer.
func typedNilOptional(buffer *bytes.Buffer) io.Writer {
	if buffer == nil {
		return nil
	}
	return buffer
}

// typedNilByReflect is the check that is often seen as the cure.
func typedNilByReflect(v any) bool {
	return v == nil || reflect.ValueOf(v).IsNil()
}

// typedNilList has nil as its valid empty value.
type typedNilList struct{ next *typedNilList }

func (l *typedNilList) Len() int {
	if l == nil {
		return 0
	}
	return 1 + l.next.Len()
}

type typedNilSized interface{ Len() int }

// typedNilReading has a value receiver.
type typedNilReading struct{ text string }

func (r typedNilReading) Error() string { return r.text }

//go:noinline
func typedNilText(err error) string { return err.Error() }
