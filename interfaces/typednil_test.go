package interfaces

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// An interface value is nil if its first word is: it has no type and no value.
// A nil pointer in an interface has a type, so the first word is set and only
// the second one is zero. == nil looks at the first word, and that is why such
// a value is not nil. The zero value of an interface variable has both words
// zero.
//
//claim:ask What is the difference between a nil interface and an interface that holds a nil pointer?
//claim:source https://go.dev/doc/faq#nil_error
//claim:source internal/abi/iface.go
func TestTypedNilWords(t *testing.T) {
	var none, typed error
	typed = (*typedNilFault)(nil)
	require.True(t, typedNilEqual(none))
	require.False(t, typedNilEqual(typed))

	require.Zero(t, layoutOfMethods(&none))
	words := layoutOfMethods(&typed)
	require.NotNil(t, words.tab)
	require.Nil(t, words.data)
	require.Equal(t, layoutOf((*typedNilFault)(nil)).typ, words.tab.typ)
}

// Every conversion of a nil of a concrete type makes one: a pointer variable
// returned as error, a nil *bytes.Buffer passed as io.Writer, a nil map, slice,
// func or channel in an any, an element of a []error, and a field. Slices are
// nil behind the second word, the others in it. Only two things stay nil: the
// literal nil, and a nil interface value that is converted to another interface
// type.
//
//claim:ask In which ways does a nil become an interface that is not nil?
//claim:source https://go.dev/doc/faq#nil_error
func TestTypedNilWays(t *testing.T) {
	var (
		fault   *typedNilFault
		buffer  *bytes.Buffer
		table   map[string]int
		list    []int
		call    func()
		channel chan int
	)
	require.Error(t, typedNilReturned(true), "a result")
	require.True(t, func(w io.Writer) bool { return w != nil }(buffer), "an argument")
	for _, v := range []any{fault, buffer, table, list, call, channel} {
		require.True(t, v != nil, "%T", v)
		_, slice := v.([]int)
		require.Equal(t, !slice, layoutOf(v).data == nil, "%T", v)
	}
	require.True(t, []error{fault}[0] != nil, "an element")
	require.True(t, struct{ err error }{fault}.err != nil, "a field")
	results := make(chan error, 1)
	results <- fault
	require.True(t, <-results != nil, "a channel")
	var assigned error = fault
	require.False(t, typedNilEqual(assigned), "an assignment")

	var none error
	require.True(t, any(none) == nil, "no typed nil: there was no type")
	require.True(t, any(nil) == nil)
}

// Printing does not show it: a nil interface and a nil pointer in one are both printed as
// <nil> by %v, if the method of the nil pointer panics or there is none. %T does tell them
// apart, and so does %#v. In a debugger or a log look for the type.
//
//claim:ask fmt prints <nil>, but err != nil is true. How do I see what is in the variable?
//claim:source https://pkg.go.dev/fmt#hdr-Printing
func TestTypedNilPrinted(t *testing.T) {
	var none error
	typed := typedNilReturned(true)
	require.Equal(t, "<nil> <nil>", fmt.Sprintf("%v %v", none, typed))
	require.Equal(t, "<nil> *interfaces.typedNilFault", fmt.Sprintf("%T %T", none, typed))
	require.Equal(t, "<nil> (*interfaces.typedNilFault)(nil)", fmt.Sprintf("%#v %#v", none, typed))
	require.Equal(t, "<nil>", fmt.Sprint((*int)(nil)))
}

// A call on a nil interface panics, because there is no itab to find the method
// in. On a typed nil the method is found and runs with a nil receiver: it works
// if it does not touch the fields, and panics inside if it does. A method with
// a value receiver cannot run, for there is no value to copy: the wrapper
// panics with a text that names type and method.
//
//claim:ask Can I call a method on a nil interface, and on one that holds a nil pointer?
//claim:source https://go.dev/ref/spec#Calls
//claim:source runtime/error.go
func TestTypedNilCall(t *testing.T) {
	const nilDereference = "runtime error: invalid memory address or nil pointer dereference"
	require.PanicsWithError(t, nilDereference, func() { typedNilText(nil) })

	typed := typedNilReturned(true)
	require.PanicsWithError(t, nilDereference, func() { typedNilText(typed) }, "Error reads a field")
	require.False(t, typed.(interface{ Temporary() bool }).Temporary(), "Temporary checks for nil")

	require.PanicsWithError(t,
		"value method github.com/go-deep-dive/godeep/interfaces.typedNilReading.Error called using nil *typedNilReading pointer",
		func() { typedNilText((*typedNilReading)(nil)) })
}

// Ask for the type you mean: compare with a typed nil, or assert to the pointer
// type and compare the result. A type switch needs the pointer type as a case;
// case nil is only for the nil interface. But this is for tests and for
// debugging: a caller cannot know all the types, and the bug is in the function
// that made the typed nil.
//
//claim:ask How do you find out that an interface holds a nil pointer?
//claim:source https://go.dev/ref/spec#Comparison_operators
func TestTypedNilDetect(t *testing.T) {
	err := typedNilReturned(true)
	require.True(t, err == (*typedNilFault)(nil), "the operand is converted to error first")
	require.False(t, err == (*typedNilReading)(nil), "another type")

	fault, ok := err.(*typedNilFault)
	require.True(t, ok)
	require.True(t, fault == nil)
	var found *typedNilFault
	require.True(t, errors.As(err, &found), "it is an error of that type")
	require.Nil(t, found)

	which := func(err error) string {
		switch err := err.(type) {
		case nil:
			return "nil"
		case *typedNilFault:
			return fmt.Sprintf("fault, nil: %t", err == nil)
		}
		return "other"
	}
	require.Equal(t, []string{"nil", "fault, nil: true"}, []string{which(nil), which(err)})
}

// reflect.ValueOf(v).IsNil() looks like the general cure and is none. It panics
// for types that cannot be nil, such as a struct or an int. And it calls valid
// values missing: a nil *T whose methods work on nil, a nil slice type, a nil
// func. A nil pointer may be what the caller wanted to pass. The code that
// checks cannot know; the code that converts can, so check there.
//
//claim:ask Why not check v == nil || reflect.ValueOf(v).IsNil() everywhere?
//claim:source https://pkg.go.dev/reflect#Value.IsNil
func TestTypedNilByReflect(t *testing.T) {
	require.True(t, typedNilByReflect(nil))
	require.True(t, typedNilByReflect(typedNilReturned(true)))
	require.Panics(t, func() { typedNilByReflect(typedNilReading{}) }, "a struct")
	require.Panics(t, func() { typedNilByReflect(7) })

	var list *typedNilList
	var sized typedNilSized = list
	require.True(t, typedNilByReflect(sized))
	require.Zero(t, sized.Len(), "and yet a valid, empty list")
}

// Return the literal nil on the success path, or declare the variable with the
// interface type and assign to it only if there is an error. A function that
// returns a concrete *MyErr is a trap for its callers: result types should be
// error. If you have to call one, keep the result in a variable of its own and
// convert it after the check for nil.
//
//claim:ask How do you write a function so that it never returns a typed nil?
//claim:source https://go.dev/doc/faq#nil_error
func TestTypedNilCure(t *testing.T) {
	require.False(t, typedNilEqual(typedNilReturned(true)), "the bug")
	for _, f := range []func(bool) error{typedNilLiteral, typedNilInterfaceVariable, typedNilChecked} {
		require.True(t, f(true) == nil)
		require.EqualError(t, f(false), "invalid name")
	}
	require.False(t, typedNilEqual(typedNilConcrete(true)), "the trap for the callers")
	fault := typedNilConcrete(true)
	require.True(t, fault == nil, "as a pointer it is nil")
}

// A nil *bytes.Buffer that is passed as io.Writer gets past the check w != nil,
// and the write then dereferences the nil pointer. Declare the optional
// variable with the interface type, or convert through an if that returns the
// literal nil. For a writer there is a simpler cure: use io.Discard and no nil
// at all.
//
//claim:ask The function checks w != nil before it writes. Why does it panic with a nil *bytes.Buffer?
//claim:source https://go.dev/doc/faq#nil_error
func TestTypedNilWriter(t *testing.T) {
	var buffer *bytes.Buffer
	require.PanicsWithError(t, "runtime error: invalid memory address or nil pointer dereference",
		func() { typedNilLog(buffer, "text") })
	require.NotPanics(t, func() { typedNilLog(nil, "text") })
	require.NotPanics(t, func() { typedNilLog(typedNilOptional(buffer), "text") })
	require.NotPanics(t, func() { typedNilLog(io.Discard, "text") })

	full := new(bytes.Buffer)
	typedNilLog(typedNilOptional(full), "text")
	require.Equal(t, "text", full.String())
}

// No. The compiler accepts it, because the conversion is legal, and go vet has
// no check for it among those that it runs by default. A test of the success
// path with err == nil finds it at once. An assertion of a test library that
// looks into the value with reflect does not: it takes the typed nil for nil.
//
//claim:ask Does go vet warn about a function that returns a typed nil error?
//claim:source https://pkg.go.dev/cmd/vet
func TestTypedNilVet(t *testing.T) {
	proof.OnceUnderRace(t)
	out, err := proof.Go(t, "vet", "./testdata/typednil/returned")
	require.NoError(t, err, out)
	require.Empty(t, out)
	require.Nil(t, typedNilReturned(true), "require.Nil uses reflect: it takes the typed nil for nil")
	require.False(t, typedNilEqual(typedNilReturned(true)))
}
