package errors

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// The text is the same; only %w keeps the error. With %w the result has a
// method Unwrap, and callers can find the cause by errors.Is and errors.As.
// With %v, %s and err.Error() the cause becomes text and is gone. That makes %w
// a promise: whoever matches the cause depends on it from now on. %v is right
// where the cause is a detail that may change.
//
//claim:ask What is the difference between %w and %v in fmt.Errorf?
//claim:source https://pkg.go.dev/fmt#Errorf
func TestWrapVerb(t *testing.T) {
	cause := &fs.PathError{Op: "open", Path: "x", Err: fs.ErrNotExist}
	wrapped, printed := fmt.Errorf("load: %w", cause), fmt.Errorf("load: %v", cause)
	assert.Equal(t, wrapped.Error(), printed.Error())
	assert.True(t, errors.Is(wrapped, fs.ErrNotExist))
	assert.False(t, errors.Is(printed, fs.ErrNotExist))
	assert.Equal(t, error(cause), errors.Unwrap(wrapped))
	assert.NoError(t, errors.Unwrap(printed))
	assert.Equal(t, "*fmt.wrapError", fmt.Sprintf("%T", wrapped))
	assert.Equal(t, "*errors.errorString", fmt.Sprintf("%T", printed))
	assert.False(t, errors.Is(fmt.Errorf("load: %s", cause), fs.ErrNotExist))
}

// Since Go 1.20 fmt.Errorf takes several %w, and the result has Unwrap()
// []error with the errors in the order of the arguments. An argument that is
// used twice is in the list once. One use: fmt.Errorf("%w: %w", ErrStore, err)
// gives an error of the package a stable sentinel and keeps the cause. Compared
// with errors.Join it makes one line of text and lets you write the words
// between. The price is that errors.Unwrap returns nil.
//
//claim:ask What does fmt.Errorf do with two %w verbs?
//claim:source https://go.dev/doc/go1.20#errors
func TestWrapSeveral(t *testing.T) {
	err := fmt.Errorf("%w: reading page 7: %w", errIsTarget, io.ErrUnexpectedEOF)
	assert.EqualError(t, err, "target: reading page 7: unexpected EOF")
	assert.ErrorIs(t, err, errIsTarget)
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.NoError(t, errors.Unwrap(err))
	children := func(err error) []error { return err.(interface{ Unwrap() []error }).Unwrap() }
	assert.Equal(t, []error{errIsTarget, io.ErrUnexpectedEOF}, children(err))

	assert.Equal(t, []error{io.EOF, io.ErrNoProgress},
		children(fmt.Errorf("%[2]w %[1]w", io.EOF, io.ErrNoProgress)), "the order of the arguments")
	assert.Equal(t, []error{io.EOF}, children(fmt.Errorf("%[1]w %[1]w", io.EOF)), "once")
}

// fmt.Errorf with %w and a nil error returns an error that is not nil, with the
// text %!w(<nil>) in it. The classic mistake is to return fmt.Errorf("save:
// %w", err) without an if, which fails also when everything went well.
// errors.Join behaves in the other way: it drops nils and returns nil if
// nothing is left. The compiler and go vet say nothing, because the argument
// has the type error.
//
//claim:ask What does fmt.Errorf("save: %w", err) return if err is nil?
//claim:source https://pkg.go.dev/fmt#Errorf
func TestWrapNil(t *testing.T) {
	var none error
	err := fmt.Errorf("save: %w", none)
	assert.EqualError(t, err, "save: %!w(<nil>)")
	assert.NoError(t, errors.Unwrap(err))
	assert.False(t, errors.Is(err, nil))
	assert.EqualError(t, fmt.Errorf("save: %v", none), "save: <nil>")
	assert.NoError(t, errors.Join(none))

	report, failed := proof.Go(t, "vet", "./testdata/vet/silent")
	assert.NoError(t, failed, report)
}

// The verb %w needs an operand that is an error. With another one fmt.Errorf
// still returns an error, whose text is %!w(string=text) and which wraps
// nothing. Only Errorf knows the verb: Sprintf and its relatives print %!w and
// the value. go vet reports both, and the run of go vet within go test is
// enough to find them.
//
//claim:ask What happens with %w and a string, or with %w in Sprintf?
//claim:source https://pkg.go.dev/fmt#hdr-Format_errors
func TestWrapNonError(t *testing.T) {
	format := "name: %w" // a variable: go vet would refuse the constant
	err := fmt.Errorf(format, "text")
	assert.EqualError(t, err, "name: %!w(string=text)")
	assert.NoError(t, errors.Unwrap(err))
	assert.Contains(t, fmt.Sprintf(format, io.EOF), "name: %!w(")

	report, failed := proof.Go(t, "vet", "./testdata/vet/calls")
	require.Error(t, failed)
	assert.Contains(t, report, `fmt.Errorf format %w has arg "text" of wrong type string`)
	assert.Contains(t, report, "fmt.Sprintf does not support error-wrapping directive %w")
}

// wrapChanging is an error whose text changes.
type wrapChanging struct{ text string }

func (e *wrapChanging) Error() string { return e.text }

// fmt.Errorf makes its text once, when it is called: it stores a finished
// string beside the error. If the wrapped error changes later, the text does
// not. errors.Join stores only the errors and makes its text at each call of
// Error. So wrapping with Errorf pays for the text even if nobody prints it,
// and printing a joined error pays each time. Errors that do not change have
// the same text either way.
//
//claim:ask When is the text of a wrapped error made: at the wrapping or at the printing?
//claim:source fmt/errors.go
//claim:source errors/join.go
func TestWrapTextEarly(t *testing.T) {
	cause := &wrapChanging{"before"}
	wrapped, joined := fmt.Errorf("a: %w", cause), errors.Join(cause, io.EOF)
	cause.text = "after"
	assert.EqualError(t, wrapped, "a: before")
	assert.EqualError(t, joined, "after\nEOF")
	assert.EqualError(t, errors.Unwrap(wrapped), "after")
	assert.GreaterOrEqual(t, testing.AllocsPerRun(10, func() { wrapSink = joined.Error() }), 1.0)
	proof.WantAllocs(t, 0, func() { _ = wrapped.Error() })
}

var (
	wrapSink    string
	wrapSinkErr error
)

// wrapOp is an error with context in fields; it makes its text when asked.
type wrapOp struct {
	op  string
	err error
}

func (e *wrapOp) Error() string { return e.op + ": " + e.err.Error() }
func (e *wrapOp) Unwrap() error { return e.err }

//go:noinline
func wrapByErrorf(err error) error { return fmt.Errorf("load: %w", err) }

//go:noinline
func wrapByStruct(err error) error { return &wrapOp{"load", err} }

// Each layer of fmt.Errorf holds the whole text of all layers below it. A chain
// of n layers so stores text that grows with the square of n, while a struct
// that holds an operation and the cause stores its own part. For the three or
// four layers of a usual program it does not matter. It does for an error that
// is wrapped in a loop or a recursion: wrap it once, outside, or add the
// context in a field.
//
//claim:ask What happens if an error is wrapped at every level of a deep recursion?
//claim:source fmt/errors.go
func TestWrapDeepText(t *testing.T) {
	texts := func(wrap func(error) error, layers int) (bytes int) {
		err := io.EOF
		for range layers {
			err = wrap(err)
		}
		require.ErrorIs(t, err, io.EOF)
		require.Len(t, err.Error(), len("load: ")*layers+len("EOF"))
		for e := range All(err) {
			switch e := e.(type) {
			case *wrapOp:
				bytes += len(e.op)
			default:
				bytes += len(e.Error())
			}
		}
		return bytes
	}
	assert.Equal(t, 3+9, texts(wrapByErrorf, 1))
	for _, n := range []int{10, 100} {
		assert.Equal(t, 3*(n+1)+6*n*(n+1)/2, texts(wrapByErrorf, n), "6 bytes more in each layer")
		assert.Equal(t, 3+4*n, texts(wrapByStruct, n))
	}
}

func TestWrapWays(t *testing.T) {
	assert.EqualError(t, wrapByErrorf(io.EOF), "load: EOF")
	assert.EqualError(t, wrapByStruct(io.EOF), "load: EOF")
	assert.ErrorIs(t, wrapByErrorf(io.EOF), io.EOF)
	assert.ErrorIs(t, wrapByStruct(io.EOF), io.EOF)
}

// fmt.Errorf with %w costs two allocations, one for the text and one for the
// error, and has to read the format. A struct that holds the operation and the
// cause costs one allocation and is more than 2 times faster, because it makes
// no text until somebody prints it. It counts where errors are part of the
// normal course, such as in a parser that tries alternatives.
//
//claim:ask What does wrapping an error with fmt.Errorf cost?
//claim:expect allocs/op of=errorf == 2
//claim:expect allocs/op of=struct == 1
//claim:expect ns/op of=errorf > 2x of=struct
//claim:source fmt/errors.go
func BenchmarkWrapCost(b *testing.B) {
	run := func(name string, wrap func(error) error) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				wrapSinkErr = wrap(io.EOF)
			}
		})
	}
	run("of=errorf", wrapByErrorf)
	run("of=struct", wrapByStruct)
}

// Context is added once for each layer, in front, so that the text reads from
// the outermost operation to the cause and every part says something new. Words
// such as "failed to" or "error" repeat what it is anyway, and a key that the
// inner error names already, such as the path in *fs.PathError, appears twice.
// Start lower case and end without a full stop, because the text becomes the
// middle of another; staticcheck reports capitals as ST1005. The %w stands at
// the end by custom; errors.Is does not care where it is.
//
//claim:ask How should the text of a wrapped error read?
//claim:source https://go.dev/wiki/CodeReviewComments#error-strings
func TestWrapText(t *testing.T) {
	cause := &fs.PathError{Op: "open", Path: "app.toml", Err: fs.ErrNotExist}
	noisy := fmt.Errorf("Failed to start: %w.", fmt.Errorf("error: failed to read app.toml: %w", cause))
	assert.EqualError(t, noisy, "Failed to start: error: failed to read app.toml: open app.toml: file does not exist.")
	assert.Equal(t, 2, strings.Count(noisy.Error(), "app.toml"))
	quiet := fmt.Errorf("start: %w", fmt.Errorf("settings: %w", cause))
	assert.EqualError(t, quiet, "start: settings: open app.toml: file does not exist")
	for _, err := range []error{noisy, quiet, fmt.Errorf("%w (while starting)", cause)} {
		assert.ErrorIs(t, err, fs.ErrNotExist)
	}
}

// fmt.Errorf stores the error that %w got and does not look inside, so wrapping
// an error twice gives two layers and repeats the text, and nothing removes the
// first. errors.Is and errors.As are not disturbed: they find the same cause.
// Wrapping an error together with its own cause, by two %w, puts the cause in
// the tree twice. So decide which layer adds what, and return err unchanged
// where there is nothing to add.
//
//claim:ask Does it do harm to wrap an error that is wrapped already?
//claim:source fmt/errors.go
func TestWrapTwice(t *testing.T) {
	once := fmt.Errorf("load: %w", io.EOF)
	twice := fmt.Errorf("load: %w", once)
	assert.EqualError(t, twice, "load: load: EOF")
	assert.ErrorIs(t, twice, io.EOF)
	assert.Len(t, slices.Collect(All(twice)), 3)
	both := fmt.Errorf("%w: %w", once, io.EOF)
	n := 0
	for e := range All(both) {
		if e == io.EOF {
			n++
		}
	}
	assert.Equal(t, 2, n)
	same := func(err error) error { return err }
	assert.Same(t, once, same(once))
}
