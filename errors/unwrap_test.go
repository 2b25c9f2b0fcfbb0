package errors

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"os"
	"slices"
	"strconv"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
)

// errors.Unwrap goes one level down, and only by a method Unwrap() error. For
// nil, for an error without such a method, and for one whose method returns
// nil, it returns nil. It never calls Unwrap() []error, so the result for a
// joined error, or for one made by fmt.Errorf with two %w, is nil, although
// errors.Is finds what is inside. Use errors.Is, As or AsType to look for
// something; errors.Unwrap alone is rarely what you need.
//
//claim:ask What does errors.Unwrap return for a joined error?
//claim:source https://pkg.go.dev/errors#Unwrap
func TestUnwrapJoined(t *testing.T) {
	inner := fmt.Errorf("b: %w", io.EOF)
	assert.Same(t, inner, errors.Unwrap(fmt.Errorf("a: %w", inner)), "one level, not the root cause")
	assert.NoError(t, errors.Unwrap(io.EOF))
	assert.NoError(t, errors.Unwrap(nil))
	assert.NoError(t, errors.Unwrap(&fs.PathError{}), "its method returns nil")

	joined := errors.Join(io.EOF, io.ErrShortWrite)
	assert.NoError(t, errors.Unwrap(joined))
	assert.NoError(t, errors.Unwrap(errors.Join(io.EOF)), "even with a single error")
	assert.NoError(t, errors.Unwrap(fmt.Errorf("%w, %w", io.EOF, io.ErrShortWrite)))
	assert.ErrorIs(t, joined, io.EOF)
	several, ok := joined.(interface{ Unwrap() []error })
	assert.True(t, ok)
	assert.Equal(t, []error{io.EOF, io.ErrShortWrite}, several.Unwrap())
}

// unwrapEmbed embeds an error: the method Error comes with it, the method Unwrap does not,
// because the interface error has none.
type unwrapEmbed struct {
	error
	op string
}

// unwrapPromoted embeds a pointer to an error type with a method Unwrap, which is promoted.
type unwrapPromoted struct {
	*fs.PathError
	attempt int
}

// Embedding an error in a struct makes the struct an error and not a wrapper:
// the interface error has no method Unwrap that could be promoted. errors.Is
// and errors.As stop at the struct, although the text looks right. Embedding a
// concrete type such as *fs.PathError promotes its Unwrap as well, and then the
// chain goes on behind that type: errors.As for *fs.PathError fails, while
// errors.Is finds its cause. Write the method Unwrap yourself and let it return
// the embedded error.
//
//claim:ask Does a struct that embeds error work with errors.Is and errors.As?
//claim:source https://go.dev/ref/spec#Struct_types
func TestUnwrapEmbedded(t *testing.T) {
	path := &fs.PathError{Op: "open", Path: "x", Err: fs.ErrNotExist}

	embedded := unwrapEmbed{path, "load"}
	assert.Equal(t, "open x: file does not exist", embedded.Error())
	assert.False(t, errors.Is(embedded, fs.ErrNotExist), "the search ends here")
	_, ok := errors.AsType[*fs.PathError](embedded)
	assert.False(t, ok)

	promoted := unwrapPromoted{path, 2}
	assert.True(t, errors.Is(promoted, fs.ErrNotExist))
	_, ok = errors.AsType[*fs.PathError](promoted)
	assert.False(t, ok, "PathError.Unwrap returns what is behind it")
	assert.Equal(t, fs.ErrNotExist, errors.Unwrap(promoted))
	assert.Len(t, slices.Collect(All(promoted)), 2)
	assert.Len(t, slices.Collect(All(fmt.Errorf("%w", path))), 3)
}

// The errors of the standard library carry what happened in fields, and the
// cause in the field Err, which Unwrap returns. *fs.PathError has the operation
// and the path. *strconv.NumError has the function and the input, with
// ErrSyntax or ErrRange behind it. A network error may be four deep:
// *url.Error, *net.OpError, *os.SyscallError, syscall.Errno. errors.Is asks for
// the cause at the end, errors.AsType for the layer with the field you need.
//
//claim:ask What is inside *fs.PathError, *strconv.NumError and *net.OpError, and how do you get at it?
//claim:source https://pkg.go.dev/io/fs#PathError
//claim:source https://pkg.go.dev/strconv#NumError
//claim:source https://pkg.go.dev/net#OpError
func TestUnwrapStandard(t *testing.T) {
	_, err := os.Open("testdata/there-is-no-such-file")
	path, ok := errors.AsType[*fs.PathError](err)
	assert.True(t, ok)
	assert.Equal(t, "open", path.Op)
	assert.Equal(t, "testdata/there-is-no-such-file", path.Path)
	assert.ErrorIs(t, path.Err, fs.ErrNotExist)

	_, err = strconv.ParseInt("12x", 10, 64)
	number, ok := errors.AsType[*strconv.NumError](err)
	assert.True(t, ok)
	assert.Equal(t, strconv.NumError{Func: "ParseInt", Num: "12x", Err: strconv.ErrSyntax}, *number)
	_, err = strconv.ParseInt("300", 10, 8)
	assert.ErrorIs(t, err, strconv.ErrRange)
	assert.EqualError(t, err, `strconv.ParseInt: parsing "300": value out of range`)

	var dial error = &url.Error{Op: "Get", URL: "http://db.internal/", Err: &net.OpError{Op: "dial", Net: "tcp",
		Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}}
	var kinds []string
	for e := range All(dial) {
		kinds = append(kinds, fmt.Sprintf("%T", e))
	}
	assert.Equal(t, []string{"*url.Error", "*net.OpError", "*os.SyscallError", "syscall.Errno"}, kinds)
	assert.ErrorIs(t, dial, syscall.ECONNREFUSED)
	op, ok := errors.AsType[*net.OpError](dial)
	assert.True(t, ok)
	assert.Equal(t, "dial", op.Op)
	assert.NoError(t, os.NewSyscallError("connect", nil), "nil stays nil")

	syntax, ok := errors.AsType[*json.SyntaxError](fmt.Errorf("settings: %w", json.Unmarshal([]byte(`{"a":1,}`), new(any))))
	assert.True(t, ok)
	assert.EqualValues(t, 8, syntax.Offset)
}
