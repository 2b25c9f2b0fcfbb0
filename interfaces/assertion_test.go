package interfaces

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// assertionPanic returns what f panics with.
func assertionPanic(t *testing.T, f func()) (err runtime.Error) {
	t.Helper()
	defer func() {
		failed, ok := recover().(*runtime.TypeAssertionError)
		require.True(t, ok, "a *runtime.TypeAssertionError")
		err = failed
	}()
	f()
	return nil
}

// A failed assertion panics with a *runtime.TypeAssertionError, and its text has one of
// four forms. The dynamic type is another one: "interface conversion: interface {} is
// string, not int". The value is nil: "interface {} is nil, not int". The dynamic type
// lacks a method of the wanted interface: "int is not fmt.Stringer: missing method
// String". And two types print alike but are not the same. The text names the static
// type of the operand first, as in "io.Reader is *strings.Reader, not *bytes.Buffer", so
// the value itself is never shown. If several methods are missing, the first in
// alphabetical order is named.
//
//claim:ask What does the panic of a failed type assertion say?
//claim:source runtime/error.go
//claim:source https://pkg.go.dev/runtime#TypeAssertionError
func TestAssertionPanicText(t *testing.T) {
	var empty any = "text"
	var none any
	var number any = 1
	var reader io.Reader = strings.NewReader("")
	for want, f := range map[string]func(){
		"interface {} is string, not int":                        func() { _ = empty.(int) },
		"interface {} is nil, not int":                           func() { _ = none.(int) },
		"interface is nil, not fmt.Stringer":                     func() { _ = none.(fmt.Stringer) },
		"int is not fmt.Stringer: missing method String":         func() { _ = number.(fmt.Stringer) },
		"int is not io.ReadWriter: missing method Read":          func() { _ = number.(io.ReadWriter) },
		"io.Reader is *strings.Reader, not *bytes.Buffer":        func() { _ = reader.(*bytes.Buffer) },
		"*strings.Reader is not io.Closer: missing method Close": func() { _ = reader.(io.Closer) },
	} {
		assert.EqualError(t, assertionPanic(t, f), "interface conversion: "+want)
	}
}

// Two different types can have the same printed name, because a name is unique only in
// its scope and a package name only in its directory. A type declared in a function is
// such a type: every function has its own. The panic then ends with "(types from
// different scopes)", or "(types from different packages)" for two packages of one name,
// such as two versions of a module. Print reflect.TypeOf(v).PkgPath() to see the whole
// path.
//
//claim:ask The panic says "is p.T, not p.T". How can a type not be itself?
//claim:source runtime/error.go
func TestAssertionSameName(t *testing.T) {
	first := func() any {
		type order struct{}
		return order{}
	}()
	type order struct{}
	assert.EqualError(t, assertionPanic(t, func() { _ = first.(order) }),
		"interface conversion: interface {} is interfaces.order, not interfaces.order (types from different scopes)")
	assert.Equal(t, reflect.TypeOf(first).String(), reflect.TypeFor[order]().String())
	assert.NotEqual(t, reflect.TypeOf(first), reflect.TypeFor[order]())
}

// With two results, v, ok := x.(T), a failed assertion does not panic: v is the zero
// value of T and ok is false. This holds for every reason of failure, also for a nil
// interface. The form is chosen by the assignment, not by a check: one result means
// panic. It is also allowed in var declarations and in plain assignments, and both
// results may be blank.
//
//claim:ask How do I test a type assertion without a panic, and what is the value if it fails?
//claim:source https://go.dev/ref/spec#Type_assertions
func TestAssertionCommaOk(t *testing.T) {
	var x any = "text"
	n, ok := x.(int)
	assert.Zero(t, n)
	assert.False(t, ok)
	var stringer, found = x.(fmt.Stringer)
	assert.Nil(t, stringer)
	assert.False(t, found)
	x = nil
	_, ok = x.(int)
	assert.False(t, ok)
	assert.NotPanics(t, func() { _, _ = x.(int) })
	assert.Panics(t, func() { _ = x.(int) })
}

// In the else branch of if x, ok := x.(T); ok, the name x means the new variable, which
// is the zero value of T there. The old x is shadowed in the whole if statement, the
// else branches included. So the message prints 0 or an empty string instead of the
// value that was refused. Give the result another name, or use a type switch, where the
// default case keeps the original value.
//
//claim:ask What does the else branch print after if x, ok := x.(int); ok?
//claim:source https://go.dev/ref/spec#If_statements
func TestAssertionShadow(t *testing.T) {
	shadowed := func(x any) string {
		if x, ok := x.(int); ok {
			return fmt.Sprint("int ", x)
		} else {
			//lint:ignore SA9008 the trap is the subject
			return fmt.Sprintf("not an int: %v (%T)", x, x)
		}
	}
	switched := func(x any) string {
		switch x := x.(type) {
		case int:
			return fmt.Sprint("int ", x)
		default:
			return fmt.Sprintf("not an int: %v (%T)", x, x)
		}
	}
	assert.Equal(t, "not an int: 0 (int)", shadowed("seven"))
	assert.Equal(t, "not an int: seven (string)", switched("seven"))
}

// It always fails, for every type: a nil interface value has no dynamic type, so it is
// of no type and implements nothing, not even any. Without ok it panics; with ok it
// gives false. A typed nil is different: an interface that holds a nil *T has the
// dynamic type *T, so x.(*T) succeeds and the result is a nil pointer. So ok being true
// does not mean that the pointer can be used.
//
//claim:ask What happens if I assert a nil interface value, and what if it holds a nil pointer?
//claim:source https://go.dev/ref/spec#Type_assertions
func TestAssertionNil(t *testing.T) {
	var none any
	//lint:ignore S1040 asks about nil, not about the type
	_, ok := none.(any)
	assert.False(t, ok, "nil is not even an any")
	_, ok = none.(error)
	assert.False(t, ok)
	assert.EqualError(t, assertionPanic(t, func() { _ = none.(error) }), "interface conversion: interface is nil, not error")

	var buffer *bytes.Buffer
	var typed any = buffer
	got, ok := typed.(*bytes.Buffer)
	assert.True(t, ok)
	assert.Nil(t, got)
	_, ok = typed.(io.Writer)
	assert.True(t, ok, "the type has the method; the value is not looked at")
}

// An assertion to a concrete type tests for identity, not for convertibility. An int32
// is not an int, a type defined as "type id int" is not an int, []any is not []string
// and a T is not a *T. Only aliases are the same type: byte and uint8, rune and int32,
// any and interface{}. Nothing is converted: to accept all integers, use a type switch
// over them or the kinds of reflect.
//
//claim:ask Does any(int32(1)).(int) succeed? And a defined type whose underlying type is int?
//claim:source https://go.dev/ref/spec#Type_identity
func TestAssertionIdentity(t *testing.T) {
	type id int
	isInt := func(x any) bool { _, ok := x.(int); return ok }
	assert.True(t, isInt(1))
	assert.False(t, isInt(int32(1)))
	assert.False(t, isInt(id(1)))
	assert.False(t, isInt(new(int)))
	_, ok := any(byte(1)).(uint8)
	assert.True(t, ok)
	_, ok = any('a').(int32)
	assert.True(t, ok)
	_, ok = any([]any{"a"}).([]string)
	assert.False(t, ok)
	_, ok = any([]interface{}{}).([]any)
	assert.True(t, ok)

	integer := func(x any) bool { return reflect.ValueOf(x).CanInt() }
	assert.True(t, integer(1) && integer(int32(1)) && integer(id(1)))
}

// The dynamic type decides, never the static one. A variable of type io.Reader that
// holds a *os.File can be asserted to io.Writer, although io.Reader has no method Write.
// So handing out a smaller interface hides methods from the compiler and from the
// reader, and protects nothing: whoever gets the value can ask for more. To take methods
// away, wrap the value in a type that has only the methods you allow.
//
//claim:ask I return an io.Reader. Can the caller still write to it?
//claim:source https://go.dev/ref/spec#Type_assertions
func TestAssertionDynamicType(t *testing.T) {
	var buffer bytes.Buffer
	var r io.Reader = &buffer
	w, ok := r.(io.Writer)
	require.True(t, ok)
	_, err := w.Write([]byte("changed"))
	require.NoError(t, err)
	assert.Equal(t, "changed", buffer.String())

	_, ok = io.Reader(struct{ io.Reader }{&buffer}).(io.Writer)
	assert.False(t, ok, "the wrapper has the method Read only")
}

// The compiler refuses an assertion that can never succeed: x.(T) with a concrete T that
// lacks a method of the static type of x is an "impossible type assertion", and the
// message says if only the pointer has the method. An operand of type any allows every
// T. An assertion to another interface compiles even if both have a method of one name
// with different signatures, so that no type can have both; go vet finds that one.
//
//claim:ask When does the compiler reject a type assertion?
//claim:source https://go.dev/ref/spec#Type_assertions
//claim:source https://pkg.go.dev/golang.org/x/tools/go/analysis/passes/ifaceassert
func TestAssertionImpossible(t *testing.T) {
	constraintRejects(t, "impossible type assertion: x.(T)\n\tT does not implement I (missing method M)",
		`type T struct{}; type I interface{ M() }; func f(x I) { _ = x.(T) }`)
	constraintRejects(t, "(method M has pointer receiver)",
		`type T struct{}; func (*T) M() {}; type I interface{ M() }; func f(x I) { _ = x.(T) }`)
	constraintAccepts(t, `type T struct{}; func f(x any) { _ = x.(T) }`)
	constraintAccepts(t, `type I interface{ M() }; type J interface{ M() int }; func f(x I) { _ = x.(J) }`)

	proof.OnceUnderRace(t)
	out, err := proof.Go(t, "vet", "./testdata/assertion/impossible")
	require.Error(t, err, "%s", out)
	assert.Contains(t, out, "impossible type assertion: no type can implement both")
	assert.Contains(t, out, "(conflicting types for Lock method)")
}

// Only interface values have a dynamic type to ask for, so x.(int) with an x of a
// concrete type is a compile error. The same holds for a type parameter, even one
// constrained by an interface: write any(x).(int). The result of an assertion is a value
// and not a variable, so v.(point).x = 1 and &v.(point) are errors as well: copy the
// value, change the copy and store it again, or keep a pointer in the interface.
//
//claim:ask Why may I not write x.(int) for a value of a type parameter, or v.(point).x = 1?
//claim:source https://go.dev/ref/spec#Type_assertions
//claim:source https://go.dev/ref/spec#Address_operators
func TestAssertionOperand(t *testing.T) {
	constraintRejects(t, "x (variable of type int) is not an interface", `func f(x int) { _ = x.(int) }`)
	constraintRejects(t, "cannot use type assertion on type parameter value x", `func f[T any](x T) { _ = x.(int) }`)
	constraintRejects(t, "cannot use type assertion on type parameter value x",
		`type S interface{ M() }; func f[T S](x T) { _ = x.(S) }`)
	constraintAccepts(t, `func f[T any](x T) { _, _ = any(x).(int) }`)
	const point = `type point struct{ x int }; `
	constraintRejects(t, "cannot assign to v.(point).x (neither addressable nor a map index expression)",
		point+`func f(v any) { v.(point).x = 1 }`)
	constraintRejects(t, "cannot take address of v.(point)", point+`func f(v any) { _ = &v.(point) }`)
	constraintAccepts(t, point+`func f(v any) { v.(*point).x = 1 }`)
}

// Yes: an assertion whose type is a type parameter is allowed, x.(T), and it is decided
// at run time by the type argument. With an interface as argument it asks for the
// methods, with a concrete type for identity. So one generic function can replace a
// family of getters for values kept as any. For T = any it is true for everything but
// nil.
//
//claim:ask Can I assert to a type parameter, x.(T)?
//claim:source https://go.dev/ref/spec#Type_assertions
func TestAssertionTypeParameter(t *testing.T) {
	values := map[string]any{"port": 8080, "timeout": errors.New("late"), "none": nil}
	port, ok := assertionGet[int](values, "port")
	assert.True(t, ok)
	assert.Equal(t, 8080, port)
	_, ok = assertionGet[string](values, "port")
	assert.False(t, ok)
	_, ok = assertionGet[error](values, "timeout")
	assert.True(t, ok)
	_, ok = assertionGet[any](values, "port")
	assert.True(t, ok)
	_, ok = assertionGet[any](values, "none")
	assert.False(t, ok)
}

func assertionGet[T any](values map[string]any, key string) (T, bool) {
	v, ok := values[key].(T)
	return v, ok
}

// An assertion looks only at the value itself, never inside it. An error that wraps
// *fs.PathError is not a *fs.PathError, and a writer around a *os.File is not an
// *os.File. The standard library has a function or a convention where looking inside
// matters: errors.As and errors.AsType for errors, an Unwrap method for
// http.ResponseController. Use them instead of an assertion on an error.
//
//claim:ask Why does err.(*os.PathError) fail although the error is one?
//claim:source https://pkg.go.dev/errors#AsType
func TestAssertionWrapped(t *testing.T) {
	cause := &os.PathError{Op: "open", Path: "x", Err: os.ErrNotExist}
	var wrapped error = fmt.Errorf("read config: %w", cause)
	_, ok := wrapped.(*os.PathError)
	assert.False(t, ok)
	found, ok := errors.AsType[*os.PathError](wrapped)
	assert.True(t, ok)
	assert.Same(t, cause, found)
	_, ok = io.Writer(io.MultiWriter(os.Stderr)).(*os.File)
	assert.False(t, ok)
}

func assertionShapes(n int) (shapes []assertionShape) {
	for i := range n {
		if i%2 == 0 {
			shapes = append(shapes, &assertionSquare{int64(i)})
		} else {
			shapes = append(shapes, &assertionCircle{int64(i)})
		}
	}
	return shapes
}

func TestAssertionCost(t *testing.T) {
	shapes := assertionShapes(100)
	assert.Equal(t, 50, assertionCountSquares(shapes))
	assert.Equal(t, 50, assertionCountNamed(shapes))
	assert.Equal(t, 50, assertionCountRecovered(shapes))
	proof.WantAllocs(t, 0, func() { assertionCountSquares(shapes) })
	proof.WantAllocs(t, 0, func() { assertionCountNamed(shapes) })
	proof.WantAllocs(t, 50, func() { assertionCountRecovered(shapes) })
}

// An assertion to a concrete type compares one pointer and is the cheapest question that
// an interface value can answer. An assertion to an interface type has to search: since
// Go 1.22 every such line of code keeps a small cache from dynamic type to method table
// on the architectures that have it, amd64 and arm64 among them. A hit still costs more
// than 1.5 times as much as the concrete assertion. Neither allocates, whether it
// succeeds or not. A failed assertion without ok costs an allocated error and a panic:
// if half of the values fail, recovering makes the loop more than 20 times as slow.
//
//claim:ask What does a type assertion cost, to a concrete type and to an interface type?
//claim:expect ns/op of=interface > 1.5x of=concrete
//claim:expect ns/op of=panic > 20x of=concrete
//claim:expect allocs/op of=concrete == 0
//claim:expect allocs/op of=interface == 0
//claim:expect allocs/op of=panic == 128
//claim:source internal/abi/switch.go
func BenchmarkAssertionCost(b *testing.B) {
	shapes := assertionShapes(256)
	for _, c := range []struct {
		name  string
		count func([]assertionShape) int
	}{{"concrete", assertionCountSquares}, {"interface", assertionCountNamed}, {"panic", assertionCountRecovered}} {
		b.Run("of="+c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.count(shapes)
			}
		})
	}
}
