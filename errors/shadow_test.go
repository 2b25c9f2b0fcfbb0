package errors

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// shadowTypeErrors type-checks one file without imports and returns the messages of the
// errors, without positions.
func shadowTypeErrors(t *testing.T, source string) (messages []string) {
	t.Helper()
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "p.go", source, parser.SkipObjectResolution)
	require.NoError(t, err)
	conf := types.Config{Error: func(err error) {
		e, ok := errors.AsType[types.Error](err)
		require.True(t, ok)
		messages = append(messages, e.Msg)
	}}
	_, _ = conf.Check("p", files, []*ast.File{file}, nil)
	return messages
}

// shadowSum adds numbers given as text. It is meant to return the first error.
func shadowSum(texts ...string) (int, error) {
	var sum int
	var err error
	for _, text := range texts {
		n, err := strconv.Atoi(text) // a second err
		if err != nil {
			break
		}
		sum += n
	}
	return sum, err
}

// The error is lost because := declares a second err: shadowSum returns 1 and
// nil. It does so if at least one name on its left side is new and the outer
// err belongs to another block. The return after the loop sees the outer one. A
// := reuses a variable only if it was declared in the same block. Declare n
// before and assign with =, or return inside the loop. The compiler is content,
// because each err is used, and go vet has no check for it by default.
//
//claim:ask err := inside an if or a loop, return err at the end: why is the error lost?
//claim:source https://go.dev/ref/spec#Short_variable_declarations
func TestShadowedErr(t *testing.T) {
	n, err := shadowSum("1", "x", "3")
	assert.Equal(t, 1, n)
	assert.NoError(t, err, "the error of x is lost")

	var outer error
	if true {
		_, outer := strconv.Atoi("x")
		assert.Error(t, outer)
	}
	assert.NoError(t, outer)
	if true {
		_, outer = strconv.Atoi("x")
	}
	assert.ErrorIs(t, outer, strconv.ErrSyntax)

	a, err := strconv.Atoi("x")
	assert.Zero(t, a)
	first := &err
	b, err := strconv.Atoi("3") // same block: err is assigned, and only b is new
	assert.Equal(t, 3, b)
	assert.Same(t, first, &err)
	assert.NoError(t, err)

	report, failed := proof.Go(t, "vet", "./testdata/vet/silent")
	assert.NoError(t, failed, report)
}

// A naked return with a shadowed named result does not compile: result
// parameter err not in scope at return. This is the one case of shadowing that
// the compiler rejects. With return err the inner variable is returned, which
// is what was meant, and it compiles. A deferred function sees the named
// result, not the inner err, but return err has assigned that by the time it
// runs.
//
//claim:ask What happens if a named result err is shadowed and the function returns?
//claim:source https://go.dev/ref/spec#Return_statements
func TestShadowedResult(t *testing.T) {
	const body = `package p
		func f() (int, error)
		func g() (err error) {
			if n, err := f(); err != nil && n == 0 {
				return %s
			}
			return
		}`
	assert.Contains(t, shadowTypeErrors(t, fmt.Sprintf(body, "")), "result parameter err not in scope at return")
	assert.Empty(t, shadowTypeErrors(t, fmt.Sprintf(body, "err")))

	var seen error
	read := func() (err error) {
		defer func() { seen = err }()
		if _, err := strconv.Atoi("x"); err != nil {
			return err
		}
		return nil
	}
	assert.ErrorIs(t, read(), strconv.ErrSyntax)
	assert.ErrorIs(t, seen, strconv.ErrSyntax)
}

// The compiler does not check that an error is handled. A call whose error
// result is dropped compiles, and so does a second assignment to an err that is
// never read after it, because the variable was read before. Only a variable
// that is never read at all is rejected: declared and not used. A result that
// is to be dropped on purpose is assigned to the blank identifier, for the
// reader and for linters such as errcheck; go vet does not look for dropped
// errors.
//
//claim:ask Does the compiler force me to check errors?
//claim:source https://go.dev/ref/spec#Variable_declarations
//claim:source https://go.dev/ref/spec#Expression_statements
func TestUncheckedErr(t *testing.T) {
	check := func(body string) []string {
		return shadowTypeErrors(t, "package p; func f() error; func g() {"+body+"}")
	}
	assert.Empty(t, check("f()"))
	assert.Empty(t, check("defer f()"))
	assert.Empty(t, check("go f()"))
	assert.Empty(t, check("_ = f()"))
	assert.Empty(t, check("err := f(); if err != nil { return }; err = f()"), "the second is never read")
	assert.Equal(t, []string{"declared and not used: err"}, check("err := f()"))
	assert.Equal(t, []string{"declared and not used: err"}, check("var err error; err = f()"))

	report, failed := proof.Go(t, "vet", "./testdata/vet/silent")
	assert.NoError(t, failed, report)
}

// shadowErrWriter keeps the first error of a sequence of writes.
type shadowErrWriter struct {
	w   io.Writer
	err error
}

func (w *shadowErrWriter) print(text string) {
	if w.err == nil {
		_, w.err = io.WriteString(w.w, text)
	}
}

// shadowLimit accepts n writes.
type shadowLimit struct{ n, calls int }

func (w *shadowLimit) Write(p []byte) (int, error) {
	if w.calls++; w.calls > w.n {
		return 0, io.ErrShortWrite
	}
	return len(p), nil
}

// An error in Go is an ordinary value that a function returns, and an if
// handles it where it arises. An exception leaves the function by a hidden
// path. The price is the repeated if err != nil. The gain is that all the means
// of the language work on errors: store one in a field and check it once at the
// end, collect them in a slice, send them over a channel, compare them, return
// them beside a partial result. Every place where a function can end is visible
// as a return. Panics, the hidden path, are left for mistakes of the program.
//
//claim:ask Why does Go return errors instead of throwing exceptions, and what can you do with an error as a value?
//claim:source https://go.dev/doc/faq#exceptions
//claim:source https://go.dev/blog/errors-are-values
func TestErrorsAreValues(t *testing.T) {
	out := &shadowLimit{n: 2}
	w := shadowErrWriter{w: out}
	for range 5 {
		w.print("line\n") // no if here
	}
	assert.Equal(t, io.ErrShortWrite, w.err)
	assert.Equal(t, 3, out.calls, "nothing is written after the error")

	results := make(chan error, 3)
	for _, text := range []string{"1", "x", "99999999999999999999"} {
		_, err := strconv.Atoi(text)
		results <- err
	}
	close(results)
	counts := make(map[error]int)
	for err := range results {
		counts[errors.Unwrap(err)]++
	}
	assert.Equal(t, map[error]int{nil: 1, strconv.ErrSyntax: 1, strconv.ErrRange: 1}, counts)
}
