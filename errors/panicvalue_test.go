package errors

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// panicvalueOf returns what f panics with.
func panicvalueOf(f func()) (value any) {
	defer func() { value = recover() }()
	f()
	return nil
}

// The report of a crash prints an error by its Error method, a Stringer by its
// String method (Error wins if there are both), and the basic kinds as they
// are; a named basic type shows its name, as in main.number(3). Everything
// else, a struct, pointer or slice, is printed as its type and an address only,
// so its fields are lost. Panic with an error or a string that says what is
// wrong. Lines after the first are indented by a tab since Go 1.23, so that a
// text with line breaks cannot look like a part of the trace.
//
//claim:ask How is the value of an unrecovered panic printed?
//claim:source runtime/error.go
//claim:source https://go.dev/doc/go1.23#runtime
func TestPanicValuePrinted(t *testing.T) {
	for way, text := range map[string]string{
		"string":   "plain",
		"rune":     "120",
		"float":    "1.5",
		"number":   "main.number(3)",
		"text":     `main.text("x")`,
		"stringer": "String of x",
		"error":    "Error of failure",
		"lines":    "first\n\tsecond",
	} {
		end := exitpathsRun(t, way)
		require.True(t, strings.HasPrefix(end.stderr, "panic: "+text+"\n\ngoroutine 1 [running]:\n"), "%s: %s", way, end.stderr)
	}
	for way, pattern := range map[string]string{
		"struct":  `^panic: \(main\.structure\) 0x[0-9a-f]+\n`,
		"pointer": `^panic: \(\*main\.structure\) 0x[0-9a-f]+\n`,
		"slice":   `^panic: \(\[\]int\) 0x[0-9a-f]+\n`,
	} {
		require.Regexp(t, pattern, exitpathsRun(t, way).stderr, way)
	}
}

// Then there is a fatal error instead of the report: "panic while printing
// panic value". The methods Error and String run at the very end, on the
// goroutine that panics, after its deferred calls, so nothing can catch what
// they do. An Error method that dereferences a nil receiver is the usual case.
// fmt is more patient: it recovers such a panic and prints it as part of the
// text, or <nil> if the receiver is a nil pointer.
//
//claim:ask What if the Error or String method of the panic value panics itself?
//claim:source runtime/panic.go
//claim:source https://pkg.go.dev/fmt
func TestPanicValueMethodPanics(t *testing.T) {
	end := exitpathsRun(t, "badError")
	require.True(t, strings.HasPrefix(end.stderr, "fatal error: panic while printing panic value"), end.stderr)
	require.Equal(t, "deferred: main\n", end.stdout, "the deferred calls ran before")
	require.Equal(t, 2, end.code)

	require.Equal(t, "%!v(PANIC=Error method: field missing)", fmt.Sprint(panicvalueBad{text: "field missing"}))
	require.Equal(t, "<nil>", fmt.Sprint((*panicvalueNil)(nil)))
	require.Panics(t, func() { _ = (*panicvalueNil)(nil).Error() })
}

type panicvalueBad struct{ text string }

func (e panicvalueBad) Error() string { panic(e.text) }

type panicvalueNil struct{ text string }

func (e *panicvalueNil) Error() string { return e.text }

// Since Go 1.21 panic(nil) panics with a *runtime.PanicNilError, so recover
// returns nil only if there was no panic. Before, it returned nil here too, and
// code that tested the result did not notice the panic that it had just
// stopped. GODEBUG=panicnil=1, or a go line before 1.21 in go.mod, brings that
// back. A nil error in panic(err) is the same case. The text got the prefix
// "runtime error: " in Go 1.27, so test the type.
//
//claim:ask What does panic(nil) do?
//claim:source https://go.dev/doc/go1.21#language
//claim:source https://pkg.go.dev/runtime#PanicNilError
func TestPanicValueNil(t *testing.T) {
	var none error
	for _, value := range []any{panicvalueOf(func() { panic(nil) }), panicvalueOf(func() { panic(none) })} {
		var nilError *runtime.PanicNilError
		require.ErrorAs(t, value.(error), &nilError)
		require.Implements(t, (*runtime.Error)(nil), value)
		want := "panic called with nil argument"
		if proof.GoAtLeast("go1.27") {
			want = "runtime error: " + want
		}
		require.EqualError(t, nilError, want)
	}

	t.Setenv("GODEBUG", "panicnil=1")
	continued := false
	value := panicvalueOf(func() {
		func() { panic(none) }()
		continued = true
	})
	require.Nil(t, value, "not to be told from no panic")
	require.False(t, continued, "and yet the function was left")
}

// Panic with an error, if somebody up the stack may recover and decide:
// errors.Is and errors.As then work on the recovered value after an assertion
// to error, also through wrapping. A string is enough for a mistake of the
// programmer that nobody handles. Do not panic with a type that callers need to
// know from outside, as then the panic has become part of the API; that is what
// results are for.
//
//claim:ask Should I panic with a string or with an error?
//claim:source https://go.dev/ref/spec#Handling_panics
func TestPanicValueError(t *testing.T) {
	cause := errors.New("no such table")
	value := panicvalueOf(func() { panic(fmt.Errorf("query: %w", cause)) })
	err, ok := value.(error)
	require.True(t, ok)
	require.ErrorIs(t, err, cause)

	text := panicvalueOf(func() { panic(fmt.Sprint("query: ", cause)) })
	_, ok = text.(error)
	require.False(t, ok)
	require.Equal(t, "query: no such table", text)
}

// The panic value is passed as it is: recover gives the same pointer or a copy
// of the same value, with its dynamic type. A concrete type is boxed in an any
// like every argument, so a value type is compared by its fields, and a type
// that is not comparable panics in a comparison with the recovered value. A
// typed nil is a value: panic with a nil *T is no panic(nil), and recover
// returns a non-nil any.
//
//claim:ask Is a recovered panic value the same value, and what about a typed nil?
//claim:source https://go.dev/ref/spec#Handling_panics
func TestPanicValueIdentity(t *testing.T) {
	p := &panicvalueNil{"x"}
	require.Same(t, p, panicvalueOf(func() { panic(p) }))
	require.Equal(t, panicvalueBad{"x"}, panicvalueOf(func() { panic(panicvalueBad{"x"}) }))

	typedNil := panicvalueOf(func() { panic((*panicvalueNil)(nil)) })
	require.True(t, typedNil != nil)
	require.IsType(t, p, typedNil)

	slice := panicvalueOf(func() { panic([]int{1}) })
	compared := panicvalueOf(func() { _ = slice == any([]int{1}) })
	require.EqualError(t, compared.(runtime.Error), "runtime error: comparing uncomparable type []int")
}
