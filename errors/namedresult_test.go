package errors

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"testing"

	"github.com/stretchr/testify/require"
)

var errNamedresult = errors.New("boom")

// namedresultCheck type-checks a file without imports and returns the errors.
func namedresultCheck(t *testing.T, source string) (found []string) {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", source, parser.SkipObjectResolution)
	require.NoError(t, err)
	config := types.Config{Error: func(err error) { found = append(found, err.(types.Error).Msg) }}
	_, _ = config.Check("p", fset, []*ast.File{file}, nil)
	return found
}

// A recovered panic makes the function return its results as they are at that
// moment: results without names are zero, so an error is nil, and the caller
// sees a success that never was. A recover that only logs is such a trap. Name
// the error and set it in the deferred function. Other named results keep what
// was assigned before the panic, which may be half done: clear them too.
//
//claim:ask I recover in a deferred function and log the panic. What does my caller get?
//claim:source https://go.dev/ref/spec#Handling_panics
func TestNamedResultRecoverNil(t *testing.T) {
	var logged any
	loses := func() (int, error) {
		defer func() { logged = recover() }()
		panic("disk on fire")
	}
	n, err := loses()
	require.Zero(t, n)
	require.NoError(t, err, "looks like a success")
	require.Equal(t, "disk on fire", logged)

	half := func() (n int, err error) {
		defer func() {
			if r := recover(); r != nil {
				err = errNamedresult
			}
		}()
		n = 7 // the work has begun
		panic("disk on fire")
	}
	n, err = half()
	require.Equal(t, errNamedresult, err)
	require.Equal(t, 7, n, "kept from before the panic")

	returning := func() (n int, err error) {
		defer func() { recover() }()
		n = 7
		return func() int { panic("in the return expression") }(), errNamedresult
	}
	n, err = returning()
	require.Equal(t, 7, n, "the return did not assign")
	require.NoError(t, err)
}

// It sees the final value, because return assigns to the named result before
// the deferred calls run. So one deferred closure can wrap, count or log the
// error of every return of the function. Two things defeat it: an argument, as
// in defer log(err), is evaluated at the defer statement, when err is nil; and
// a result without a name cannot be seen, so a local variable err in the
// closure is only what was last assigned to it.
//
//claim:ask Which value of err does a deferred function see after return errors.New("x")?
//claim:source https://go.dev/ref/spec#Return_statements
//claim:source https://go.dev/ref/spec#Defer_statements
func TestNamedResultFinal(t *testing.T) {
	var closure, argument, local error
	named := func() (err error) {
		defer func(early error) { argument = early }(err)
		defer func() { closure = err }()
		return errNamedresult
	}
	unnamed := func() error {
		var err error
		defer func() { local = err }()
		return errNamedresult
	}
	require.Equal(t, errNamedresult, named())
	require.Equal(t, errNamedresult, unnamed())
	require.Equal(t, errNamedresult, closure)
	require.NoError(t, argument)
	require.NoError(t, local)
}

// An inner err := … makes a second variable, and the deferred closure reads the
// named result outside. It works as long as you write return err, since that
// copies the inner value to the result. A bare return there does not compile:
// result parameter err not in scope at return. What is lost without a word is
// an inner error that is set and not returned, as in a loop that breaks.
//
//claim:ask A named result err is shadowed by err := in an if. Which one does a deferred closure see?
//claim:source https://go.dev/ref/spec#Return_statements
func TestNamedResultShadow(t *testing.T) {
	step := func() error { return errNamedresult }
	var seen error
	explicit := func() (err error) {
		defer func() { seen = err }()
		if err := step(); err != nil {
			return err
		}
		return nil
	}
	require.Equal(t, errNamedresult, explicit())
	require.Equal(t, errNamedresult, seen)

	lost := func() (err error) {
		defer func() { seen = err }()
		for range 3 {
			err := step()
			if err != nil {
				break
			}
		}
		return
	}
	require.NoError(t, lost())
	require.NoError(t, seen)

	require.Contains(t, namedresultCheck(t, `package p
func step() error
func f() (err error) {
	if err := step(); err != nil {
		return
	}
	return
}`), "result parameter err not in scope at return")
}

// The deferred assignment wins, and the error of the body is gone. That is the
// classic way to lose the first cause with defer func() { err = f.Close() }(),
// and worse, a Close that succeeds turns a failure into nil. Assign only if err
// is nil, or join both with errors.Join, which keeps both for errors.Is. In
// which order they are joined is the order of the text.
//
//claim:ask What does return errWrite give if a deferred function then does err = f.Close()?
//claim:source https://go.dev/ref/spec#Defer_statements
//claim:source https://pkg.go.dev/errors#Join
func TestNamedResultOverwritten(t *testing.T) {
	errClose := errors.New("close")
	run := func(closeError error, merge func(err *error, closed error)) (err error) {
		defer func() { merge(&err, closeError) }()
		return errNamedresult
	}
	assign := func(err *error, closed error) { *err = closed }
	ifNil := func(err *error, closed error) {
		if *err == nil {
			*err = closed
		}
	}
	join := func(err *error, closed error) { *err = errors.Join(*err, closed) }

	require.NoError(t, run(nil, assign), "the failure is gone")
	require.Equal(t, errClose, run(errClose, assign))
	require.Equal(t, errNamedresult, run(errClose, ifNil))
	both := run(errClose, join)
	require.ErrorIs(t, both, errNamedresult)
	require.ErrorIs(t, both, errClose)
	require.EqualError(t, both, "boom\nclose")
	require.EqualError(t, run(nil, join), "boom")
}

// A value computed by a deferred function is thrown away; only an assignment to
// a variable that the caller can see has an effect. So return in a deferred
// closure returns from the closure only, a result of the deferred function is
// discarded, and a pointer result is a special case: the pointer is already
// stored, but what it points to can still be changed and the caller sees that,
// with or without a name.
//
//claim:ask Can a deferred function change a result that has no name?
//claim:source https://go.dev/ref/spec#Defer_statements
func TestNamedResultUnnamed(t *testing.T) {
	value := func() int {
		n := 1
		defer func() int {
			n++
			return n
		}()
		return n
	}
	pointer := func() *int {
		n := new(int)
		defer func() { *n = 2 }()
		return n
	}
	replaced := func() *int {
		n := new(int)
		defer func() { n = nil }()
		return n
	}
	slice := func() []int {
		s := []int{1}
		defer func() { s[0] = 2; s = append(s, 3) }()
		return s
	}
	require.Equal(t, 1, value())
	require.Equal(t, 2, *pointer())
	require.NotNil(t, replaced())
	require.Equal(t, []int{2}, slice(), "the element is shared, the length was copied")
}
