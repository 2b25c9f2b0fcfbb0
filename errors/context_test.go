package errors

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Each layer adds what only it knows, and nothing that is in the text already:
// the operation in a few words and the key it worked on. Words such as "failed
// to", "error" or "could not" say again what everybody knows who reads an
// error. The result is one line from the outermost operation to the cause.
//
//claim:ask What should a layer add when it wraps an error?
//claim:source https://go.dev/wiki/CodeReviewComments#error-strings
func TestContextOnce(t *testing.T) {
	_, cause := strconv.Atoi("8o")
	noisy := fmt.Errorf("error: failed to start: %w",
		fmt.Errorf("failed to load config: %w", fmt.Errorf("failed to parse port 8o: error: %w", cause)))
	terse := fmt.Errorf("start: %w", fmt.Errorf("config app.toml: %w", fmt.Errorf("port: %w", cause)))
	assert.EqualError(t, terse, `start: config app.toml: port: strconv.Atoi: parsing "8o": invalid syntax`)
	assert.Equal(t, 3, strings.Count(noisy.Error(), "failed"))
	assert.Equal(t, 2, strings.Count(noisy.Error(), "8o"), "the cause named the value already")
}

// Look at the cause before you wrap. Errors of package os name the operation
// and the path, those of strconv the function and the input, those of net the
// address. A wrapper that adds the path again makes "open a.txt: open a.txt: no
// such file". Add what they cannot know: for whom or for what the file was
// opened.
//
//claim:ask Why do some Go errors say the same thing twice, like "open a.txt: open a.txt: no such file or directory"?
//claim:source https://pkg.go.dev/io/fs#PathError
func TestContextTwice(t *testing.T) {
	_, cause := os.Open("/missing/a.txt")
	require.Error(t, cause)
	var path *fs.PathError
	require.ErrorAs(t, cause, &path)
	assert.Equal(t, "open", path.Op)
	assert.Equal(t, "/missing/a.txt", path.Path)
	twice := fmt.Errorf("open %s: %w", "/missing/a.txt", cause)
	assert.Equal(t, 2, strings.Count(twice.Error(), "open /missing/a.txt"))
	useful := fmt.Errorf("load template: %w", cause)
	assert.Equal(t, 1, strings.Count(useful.Error(), "/missing/a.txt"))
}

// If it has nothing to add. A function with one call that can fail, whose name
// says no more than that of the call, returns the error as it is. Every layer
// that wraps makes the text longer and the tree deeper, and readers of logs
// skip it. Where two calls of a function could fail with the same text, say
// which one it was.
//
//claim:ask When should a function return err without wrapping it?
//claim:source https://go.dev/blog/go1.13-errors
func TestContextNothingToAdd(t *testing.T) {
	readAll := func(r io.Reader) ([]byte, error) { return io.ReadAll(r) }
	_, err := readAll(iotestErrReader{io.ErrUnexpectedEOF})
	assert.True(t, err == io.ErrUnexpectedEOF)

	pair := func(x, y string) (a, b int, err error) {
		if a, err = strconv.Atoi(x); err != nil {
			return 0, 0, fmt.Errorf("x: %w", err)
		}
		if b, err = strconv.Atoi(y); err != nil {
			return 0, 0, fmt.Errorf("y: %w", err)
		}
		return a, b, nil
	}
	_, _, err = pair("1", "")
	assert.EqualError(t, err, `y: strconv.Atoi: parsing "": invalid syntax`, "which of the two")
}

// iotestErrReader fails with its error.
type iotestErrReader struct{ err error }

func (r iotestErrReader) Read([]byte) (int, error) { return 0, r.err }

// With %q. An empty value, a space at the end, a line break or a terminator
// that came from outside then are visible, and cannot make a log line look like
// two. Numbers and types that print themselves do not need it.
//
//claim:ask Should a string value in an error text be printed with %s or %q?
//claim:source https://pkg.go.dev/fmt#hdr-Printing
func TestContextQuote(t *testing.T) {
	for _, name := range []string{"", "a ", "a\nlevel=INFO msg=fine"} {
		plain := fmt.Errorf("no user %s", name)
		quoted := fmt.Errorf("no user %q", name)
		assert.NotContains(t, quoted.Error(), "\n")
		assert.True(t, strings.HasSuffix(quoted.Error(), `"`))
		assert.Equal(t, strings.Contains(name, "\n"), strings.Contains(plain.Error(), "\n"), "a forged line")
	}
}

// A secret in an error goes wherever the error goes: logs, traces, responses,
// tickets. Wrapping hides nothing, since the text of the cause is part of the
// text. So the type that holds a secret should print something else: with a
// String, GoString and LogValue method, %v, %+v, %#v and log/slog all show the
// replacement, and a conversion to string is an open decision. One hole
// remains: fmt cannot call the methods of an unexported field, and prints its
// value. So keep secrets out of structs that are printed.
//
//claim:ask How do you keep passwords and tokens out of error texts and logs?
//claim:source https://pkg.go.dev/fmt#Stringer
//claim:source https://pkg.go.dev/log/slog#LogValuer
func TestContextSecret(t *testing.T) {
	token := contextSecret("hunter2")
	err := fmt.Errorf("login as %q with %v, %s, %+v, %#v: %w", "ada", token, token, token, token, io.EOF)
	assert.EqualError(t, err, `login as "ada" with ***, ***, ***, ***: EOF`)
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Error("login", "token", token, "err", err)
	assert.NotContains(t, log.String(), "hunter2")
	type request struct{ Token contextSecret }
	assert.NotContains(t, fmt.Sprintf("%+v", request{token}), "hunter2")
	assert.Equal(t, "hunter2", string(token))

	// The limit: fmt calls no methods of unexported fields.
	assert.Contains(t, fmt.Sprintf("%v", struct{ token contextSecret }{token}), "hunter2")
}

type contextSecret string

func (contextSecret) String() string       { return "***" }
func (contextSecret) GoString() string     { return "***" }
func (contextSecret) LogValue() slog.Value { return slog.StringValue("***") }

// As attributes, not as text, if machines read the logs: a text with numbers in
// it is another text for every request, and cannot be grouped or counted. An
// error type with fields, such as Failure or fs.PathError, gives the attributes
// back to whoever logs it.
//
//claim:ask How do you get key and operation of an error into structured logs?
//claim:source https://pkg.go.dev/log/slog#Attr
func TestContextStructured(t *testing.T) {
	err := fmt.Errorf("handler: %w", &Failure{Op: "load user 7", Code: NotFound, Err: &fs.PathError{Op: "open", Path: "7.json", Err: fs.ErrNotExist}})
	attrs := []any{"err", err, "code", CodeOf(err)}
	if f, ok := errors.AsType[*Failure](err); ok {
		attrs = append(attrs, "op", f.Op)
	}
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		attrs = append(attrs, "path", p.Path)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Error("request failed", attrs...)
	assert.Contains(t, log.String(), `code="not found" op="load user 7" path=7.json`)
}
