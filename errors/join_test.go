package errors

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// errors.Join drops nil errors and returns nil if none is left, so the result
// can be returned without an if: return errors.Join(a.Close(), b.Close()). The
// text has a line for each error. The nil test is one of the interface: a nil
// pointer in an error is not dropped. errors.Join exists since Go 1.20.
//
//claim:ask What does errors.Join do with nil errors?
//claim:source https://pkg.go.dev/errors#Join
func TestJoinNil(t *testing.T) {
	assert.NoError(t, errors.Join())
	assert.NoError(t, errors.Join(nil, nil))
	assert.True(t, errors.Join(nil, nil) == nil)
	err := errors.Join(nil, io.EOF, nil, io.ErrShortWrite)
	assert.EqualError(t, err, "EOF\nshort write")
	assert.Equal(t, []error{io.EOF, io.ErrShortWrite}, err.(interface{ Unwrap() []error }).Unwrap())
	assert.True(t, errors.Join((*fs.PathError)(nil)) != nil)
	proof.WantAllocs(t, 0, func() { wrapSinkErr = errors.Join(nil, nil) })
}

// A joined error with one part is still a new error: it is not == to the part, and
// errors.Unwrap of it is nil. So err = errors.Join(err, f.Close()) in a deferred function
// wraps the first error even if Close succeeds, and a caller that compares with == stops
// working, for example with io.EOF. Join only if the second error is not nil, or rely on
// callers to use errors.Is.
//
//claim:ask Does errors.Join(err) return err itself if there is only one error?
//claim:source errors/join.go
func TestJoinSingle(t *testing.T) {
	err := errors.Join(io.EOF, nil)
	assert.EqualError(t, err, "EOF")
	assert.False(t, err == io.EOF)
	assert.ErrorIs(t, err, io.EOF)
	assert.NoError(t, errors.Unwrap(err))
	_, copyErr := io.ReadAll(joinReader{err})
	assert.Equal(t, err, copyErr, "ReadAll compares with == and takes it for a failure")
	_, copyErr = io.ReadAll(joinReader{io.EOF})
	assert.NoError(t, copyErr)
}

type joinReader struct{ err error }

func (r joinReader) Read([]byte) (int, error) { return 0, r.err }

// errors.Join copies the list of its arguments, so a change of your slice has
// no effect on it. Its method Unwrap returns the inner slice without a copy:
// what a caller writes there changes the error for everybody. Joined errors
// inside of joined errors are kept as a tree and not flattened, but the text
// and the order of the search are those of a flat list.
//
//claim:ask Does errors.Join flatten nested joined errors, and may I change the slice that Unwrap returns?
//claim:source errors/join.go
func TestJoinNested(t *testing.T) {
	a, b, c := errors.New("a"), errors.New("b"), errors.New("c")
	children := func(err error) []error { return err.(interface{ Unwrap() []error }).Unwrap() }
	nested, flat := errors.Join(errors.Join(a, b), c), errors.Join(a, b, c)
	assert.Equal(t, flat.Error(), nested.Error())
	assert.Len(t, children(nested), 2)
	assert.Len(t, children(flat), 3)

	mine := []error{a, b}
	joined := errors.Join(mine...)
	mine[0] = c
	assert.EqualError(t, joined, "a\nb")
	children(joined)[0] = c
	assert.EqualError(t, joined, "c\nb", "changed for everybody")
	assert.NotErrorIs(t, joined, a)
}

// errors.Join keeps the errors apart and takes any number of them, in lines.
// fmt.Errorf with several %w puts them in one line with words of yours. Join is
// for independent failures, such as five files of which two are broken; %w for
// one failure and its reason. Text of several lines breaks log lines and texts
// around it: a joined error that is wrapped starts behind the prefix, and its
// second line has none.
//
//claim:ask errors.Join or fmt.Errorf with several %w?
//claim:source https://pkg.go.dev/errors#Join
func TestJoinOrWrap(t *testing.T) {
	a, b := errors.New("a.txt: empty"), errors.New("b.txt: too large")
	joined := fmt.Errorf("check: %w", errors.Join(a, b))
	assert.EqualError(t, joined, "check: a.txt: empty\nb.txt: too large")
	assert.Equal(t, 2, strings.Count(joined.Error(), "\n")+1)
	line := fmt.Errorf("check: %w; %w", a, b)
	assert.EqualError(t, line, "check: a.txt: empty; b.txt: too large")
	for _, err := range []error{joined, line} {
		assert.ErrorIs(t, err, a)
		assert.ErrorIs(t, err, b)
	}
	assert.Equal(t, `"check: a.txt: empty\nb.txt: too large"`, fmt.Sprintf("%q", joined), "one line for a log")
}

//go:noinline
func joinEach(errs []error) (err error) {
	for _, e := range errs {
		err = errors.Join(err, e)
	}
	return err
}

//go:noinline
func joinOnce(errs []error) error { return errors.Join(errs...) }

// joinErrors returns n errors with texts of equal length.
func joinErrors(n int) []error {
	errs := make([]error, n)
	for i := range errs {
		errs[i] = fmt.Errorf("line %04d is empty", i)
	}
	return errs
}

func TestJoinWays(t *testing.T) {
	errs := joinErrors(10)
	assert.Equal(t, joinOnce(errs).Error(), joinEach(errs).Error())
	for _, e := range errs {
		require.ErrorIs(t, joinEach(errs), e)
	}
	assert.NoError(t, joinOnce(nil))
	assert.NoError(t, joinEach(nil))
	proof.WantAllocs(t, 2, func() { errJoinSink = joinOnce(errs) })
	proof.WantAllocs(t, 20, func() { errJoinSink = joinEach(errs) })
}

var errJoinSink error

// err = errors.Join(err, e) in a loop builds a tree that is as deep as the loop
// is long. The text of each level is made from that of the level below, so
// Error of n errors copies a number of bytes that grows with the square of n:
// for 256 errors more than 10 times as many as when the errors are collected in
// a slice and joined once. Building costs two allocations for each error
// against two in all. For a handful of errors the loop is fine.
//
//claim:ask Is err = errors.Join(err, e) in a loop a good way to collect errors?
//claim:expect B/op of=each > 10x of=once
//claim:expect ns/op of=each > 5x of=once
//claim:source errors/join.go
func BenchmarkJoinLoop(b *testing.B) {
	errs := joinErrors(256)
	run := func(name string, join func([]error) error) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				wrapSink = join(errs).Error()
			}
		})
	}
	run("of=each", joinEach)
	run("of=once", joinOnce)
}

func TestJoinLoop(t *testing.T) {
	errs := joinErrors(64)
	assert.Equal(t, 1, joinDepth(joinOnce(errs)))
	assert.Equal(t, 64, joinDepth(joinEach(errs)))
	proof.WantAllocs(t, 2, func() { wrapSinkErr = joinOnce(errs) })
	proof.WantAllocs(t, 2*64, func() { wrapSinkErr = joinEach(errs) })
}

func joinDepth(err error) int {
	several, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return 0
	}
	return 1 + joinDepth(several.Unwrap()[0])
}
