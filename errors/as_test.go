package errors

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// errors.As(err, &target) searches the tree of err for the first error whose
// type can be assigned to target, stores it there and returns true. A type
// assertion err.(T) looks at err alone, so one wrapper on the way makes it
// fail. errors.AsType[T](err), since Go 1.26, does the same search and returns
// the error instead of storing it. If nothing is found, As leaves target as it
// was, and AsType returns the zero value and false.
//
//claim:ask How does errors.As differ from a type assertion, and what does errors.AsType change?
//claim:source https://pkg.go.dev/errors#As
//claim:source https://go.dev/doc/go1.26#minor_library_changes
func TestAsOrAssert(t *testing.T) {
	cause := &fs.PathError{Op: "open", Path: "x", Err: fs.ErrNotExist}
	for _, c := range []struct {
		name       string
		err        error
		assert, as bool
	}{
		{"nil", nil, false, false},
		{"plain", cause, true, true},
		{"%w", fmt.Errorf("a: %w", cause), false, true},
		{"%v", fmt.Errorf("a: %v", cause), false, false},
		{"joined", errors.Join(io.EOF, cause), false, true},
		{"another type", &os.LinkError{Op: "link", Err: fs.ErrExist}, false, false},
	} {
		_, ok := c.err.(*fs.PathError)
		assert.Equal(t, c.assert, ok, c.name)
		before := &fs.PathError{Op: "before"}
		target := before
		assert.Equal(t, c.as, errors.As(c.err, &target), c.name)
		typed, ok := errors.AsType[*fs.PathError](c.err)
		assert.Equal(t, c.as, ok, c.name)
		if c.as {
			assert.Same(t, cause, target, c.name)
			assert.Same(t, cause, typed, c.name)
		} else {
			assert.Same(t, before, target, "As leaves the target as it was")
			assert.Nil(t, typed)
		}
	}
}

// errors.As panics if its second argument is nil, no pointer, a nil pointer, or
// a pointer to a type that is neither an interface nor an error. These are
// mistakes of the program and not of the data, so they show in the first test
// that gets there. But they show only then: As with a nil err returns false
// before it looks at the target. go vet (errorsas) reports most of them before
// the program runs, and go test runs that check. With AsType a type that is no
// error does not compile.
//
//claim:ask When does errors.As panic?
//claim:source https://pkg.go.dev/errors#As
//claim:source https://pkg.go.dev/golang.org/x/tools/go/analysis/passes/errorsas
//claim:source cmd/go/internal/test/test.go
func TestAsPanics(t *testing.T) {
	var value fs.PathError // its methods have pointer receivers: no error
	var text string
	var null **fs.PathError
	for _, c := range []struct {
		target any
		want   string
	}{
		{nil, "errors: target cannot be nil"},
		{&value, "errors: *target must be interface or implement error"},
		{&text, "errors: *target must be interface or implement error"},
		{null, "errors: target must be a non-nil pointer"},
		{asValue{}, "errors: target must be a non-nil pointer"},
	} {
		assert.PanicsWithValue(t, c.want, func() { errors.As(io.EOF, c.target) })
		assert.NotPanics(t, func() { errors.As(nil, c.target) }, "err is looked at first")
	}
	pointer := new(fs.PathError)
	assert.PanicsWithValue(t, "errors: *target must be interface or implement error", func() {
		var target any = pointer // pointer itself instead of its address
		errors.As(io.EOF, target)
	})

	assert.Equal(t, []string{"string does not satisfy error (missing method Error)"}, shadowTypeErrors(t, `package p
		func AsType[E error]() (e E) { return }
		var _ = AsType[string]()
	`))

	report, err := proof.Go(t, "vet", "./testdata/vet/calls")
	require.Error(t, err)
	assert.Contains(t, report, "second argument to errors.As must be a non-nil pointer to either a type that implements error, or to any interface type")
	assert.Contains(t, report, "second argument to errors.As should not be *error")
}

// asValue is an error as a value and, by the rules of method sets, as a pointer.
type asValue struct{ code int }

func (e asValue) Error() string { return "code " + strconv.Itoa(e.code) }

// The type must match exactly: T and *T are two types. If the method Error has
// a value receiver, both are errors and both compile as a target, but errors.As
// with a target of type T does not find a *T, and the other way round; it
// returns false and nothing warns. If Error has a pointer receiver, only *T is
// an error, and the mistake is a panic of As or a compile error of AsType. That
// is a reason to give Error a pointer receiver and to return pointers only.
//
//claim:ask errors.As returns false although the error is there. What should I check?
//claim:source https://go.dev/ref/spec#Method_sets
//claim:source https://pkg.go.dev/errors#As
func TestAsPointerLevel(t *testing.T) {
	value := fmt.Errorf("a: %w", asValue{1})
	pointer := fmt.Errorf("a: %w", &asValue{2})

	var v asValue
	var p *asValue
	assert.True(t, errors.As(value, &v))
	assert.Equal(t, 1, v.code)
	assert.False(t, errors.As(pointer, &v), "an asValue is there, behind a pointer")
	assert.True(t, errors.As(pointer, &p))
	assert.Equal(t, 2, p.code)
	assert.False(t, errors.As(value, &p))

	_, ok := errors.AsType[asValue](pointer)
	assert.False(t, ok)
	_, ok = errors.AsType[*asValue](pointer)
	assert.True(t, ok)

	assert.Equal(t, []string{"T does not satisfy error (method Error has pointer receiver)"}, shadowTypeErrors(t, `package p
		type T struct{}
		func (*T) Error() string { return "" }
		func AsType[E error]() (e E) { return }
		var _ = AsType[*T]()
		var _ = AsType[T]()
	`))
}

// A target of an interface type matches the first error in the tree that has
// the methods, whatever its type is: this asks what an error can do instead of
// what it is. For errors.As the interface need not contain Error; for AsType it
// must, because its type argument has to be an error: embed error in the
// interface. Never use a target of type error: As then matches err itself,
// always. go vet reports it since Go 1.19.
//
//claim:ask How do you use errors.As with an interface, and what does a target of type error do?
//claim:source https://go.dev/doc/go1.19#vet
//claim:source https://pkg.go.dev/errors#AsType
func TestAsInterface(t *testing.T) {
	err := fmt.Errorf("call: %w", context.DeadlineExceeded)
	var timeout interface{ Timeout() bool }
	require.True(t, errors.As(err, &timeout))
	assert.True(t, timeout.Timeout())
	assert.False(t, errors.As(io.EOF, &timeout))

	typed, ok := errors.AsType[interface {
		error
		Timeout() bool
	}](err)
	require.True(t, ok)
	assert.Equal(t, context.DeadlineExceeded, typed)

	var any error
	var target interface{} = &any // go test would refuse errors.As(err, &any)
	assert.True(t, errors.As(io.EOF, target))
	assert.True(t, errors.As(err, target))
	assert.Equal(t, err, any, "err itself, not its cause")
}

// asStatus is what callers see of asBackend, whose own type they do not know.
type asStatus struct{ code int }

func (e *asStatus) Error() string { return "status " + strconv.Itoa(e.code) }

type asBackend struct{ code int }

func (e asBackend) Error() string { return "backend says " + strconv.Itoa(e.code) }
func (e asBackend) As(target any) bool {
	status, ok := target.(**asStatus)
	if ok {
		*status = &asStatus{e.code}
	}
	return ok
}

// errors.As does not reset its target. If the variable is declared outside of a
// loop or used for two calls, a failed As leaves the match of the call before,
// and code that tests the target for nil instead of the result works on the
// wrong error. Declare the target beside each call, and use the bool.
// errors.AsType has no target and so not the mistake: its variables live in the
// if.
//
//claim:ask What is wrong with reusing the target variable of errors.As?
//claim:source https://pkg.go.dev/errors#As
func TestAsStale(t *testing.T) {
	errs := []error{&fs.PathError{Op: "open", Path: "a"}, io.EOF, &fs.PathError{Op: "open", Path: "b"}}
	var reused *fs.PathError
	var stale, fresh []string
	for _, err := range errs {
		errors.As(err, &reused)
		if reused != nil {
			stale = append(stale, reused.Path)
		}
		if path, ok := errors.AsType[*fs.PathError](err); ok {
			fresh = append(fresh, path.Path)
		}
	}
	assert.Equal(t, []string{"a", "a", "b"}, stale, "a once more for io.EOF")
	assert.Equal(t, []string{"a", "b"}, fresh)
}

// A method As(target any) bool lets an error present itself as another type: it
// gets the pointer that was given to errors.As, checks its type, stores a value
// and returns true. It is asked after the type itself has failed to match.
// AsType calls it as well, with a pointer to a new variable that it allocates
// only if it meets such a method. Like Is it must not unwrap.
//
//claim:ask What is a custom As method for, and how do you write one?
//claim:source https://pkg.go.dev/errors#As
//claim:source errors/wrap.go
func TestAsMethod(t *testing.T) {
	err := fmt.Errorf("call: %w", asBackend{503})
	var status *asStatus
	require.True(t, errors.As(err, &status))
	assert.Equal(t, 503, status.code)
	typed, ok := errors.AsType[*asStatus](err)
	require.True(t, ok)
	assert.Equal(t, 503, typed.code)

	_, ok = err.(*asStatus)
	assert.False(t, ok)
	var path *fs.PathError
	assert.False(t, errors.As(err, &path), "the method says no")
	_, ok = errors.AsType[*fs.PathError](err)
	assert.False(t, ok)
	assert.False(t, errors.Is(err, &asStatus{503}), "no effect on errors.Is")

	plain := isChain(&asStatus{1}, 2)
	proof.WantAllocs(t, 0, func() { _, _ = errors.AsType[*asStatus](plain) })
}

//go:noinline
func asFind(err error) int {
	var e *asStatus
	if errors.As(err, &e) {
		return e.code
	}
	return 0
}

//go:noinline
func asTypeFind(err error) int {
	if e, ok := errors.AsType[*asStatus](err); ok {
		return e.code
	}
	return 0
}

//go:noinline
func asAssert(err error) int {
	if e, ok := err.(*asStatus); ok {
		return e.code
	}
	return 0
}

func TestAsSearch(t *testing.T) {
	for _, depth := range []int{0, 2, 8} {
		err := isChain(&asStatus{7}, depth)
		assert.Equal(t, 7, asFind(err))
		assert.Equal(t, 7, asTypeFind(err))
	}
	assert.Equal(t, 7, asAssert(&asStatus{7}))
	assert.Zero(t, asAssert(isChain(&asStatus{7}, 1)))
	assert.Zero(t, asFind(io.EOF)+asTypeFind(io.EOF))
	proof.WantAllocs(t, 1, func() { asFind(io.EOF) })
	proof.WantAllocs(t, 0, func() { asTypeFind(io.EOF) })
}

// errors.AsType is more than 3 times faster than errors.As and allocates
// nothing. As gets its target as any, so the target variable escapes to the
// heap, one allocation for each call even if nothing is found, and compares
// types by reflection. AsType knows the type when it is compiled and makes a
// plain type assertion for each error of the tree. On Go 1.25 and older only As
// exists.
//
//claim:ask Should I replace errors.As by errors.AsType, and what does it save?
//claim:expect allocs/op of=as == 1
//claim:expect allocs/op of=astype == 0
//claim:expect allocs/op of=assert == 0
//claim:expect ns/op of=as,depth=2 > 3x of=astype,depth=2
//claim:source https://go.dev/doc/go1.26#minor_library_changes
func BenchmarkAsTypeCost(b *testing.B) {
	run := func(name string, depth int, find func(error) int) {
		b.Run(name, func(b *testing.B) {
			err := isChain(&asStatus{7}, depth)
			b.ReportAllocs()
			for b.Loop() {
				find(err)
			}
		})
	}
	run("of=as/depth=2", 2, asFind)
	run("of=astype/depth=2", 2, asTypeFind)
	run("of=assert/depth=0", 0, asAssert)
}
