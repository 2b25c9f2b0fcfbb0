package errors

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
)

func matchswitchByValue(err error) string {
	switch err {
	case nil:
		return "none"
	case io.EOF:
		return "end"
	default:
		return "other"
	}
}

func matchswitchByType(err error) string {
	switch err.(type) {
	case nil:
		return "none"
	case *fs.PathError:
		return "path"
	default:
		return "other"
	}
}

func matchswitchByIs(err error) string {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return "path " + path.Path
	}
	switch {
	case err == nil:
		return "none"
	case errors.Is(err, io.EOF):
		return "end"
	default:
		return "other"
	}
}

// switch err { case io.EOF } compares with ==, and switch err.(type) looks at
// the outermost type. Both miss an error as soon as it is wrapped and run into
// default. Write a switch without an expression, with errors.Is in the cases,
// and errors.AsType in an if before it for the types. A switch on err is right
// for results that are documented to be bare.
//
//claim:ask Can I use switch err { ... } or a type switch on an error?
//claim:source https://go.dev/ref/spec#Switch_statements
func TestMatchswitch(t *testing.T) {
	path := &fs.PathError{Op: "open", Path: "x", Err: io.EOF}
	for _, c := range []struct {
		err                 error
		value, typed, match string
	}{
		{nil, "none", "none", "none"},
		{io.EOF, "end", "other", "end"},
		{path, "other", "path", "path x"},
		{fmt.Errorf("a: %w", io.EOF), "other", "other", "end"},
		{fmt.Errorf("a: %w", path), "other", "other", "path x"},
	} {
		assert.Equal(t, c.value, matchswitchByValue(c.err))
		assert.Equal(t, c.typed, matchswitchByType(c.err))
		assert.Equal(t, c.match, matchswitchByIs(c.err))
	}
}

// The order of the cases decides, because one error may match several: a joined
// error, an error with two causes, or one whose Is method accepts more than one
// target. Put the special case before the general one. With a retry first and a
// permanent failure second, a joined error of both is retried for ever.
//
//claim:ask Does the order of errors.Is cases in a switch matter?
//claim:source https://pkg.go.dev/errors#Is
func TestMatchswitchOrder(t *testing.T) {
	permanent, temporary := errors.New("permanent"), errors.New("temporary")
	retry := func(err error, order ...error) bool {
		for _, target := range order {
			if errors.Is(err, target) {
				return target == temporary
			}
		}
		return false
	}
	both := errors.Join(temporary, permanent)
	assert.True(t, retry(both, temporary, permanent), "for ever")
	assert.False(t, retry(both, permanent, temporary))
	assert.False(t, retry(errors.Join(permanent, temporary), permanent, temporary), "the order within err has no effect")
}

// matchswitchParse reads a number of 8 bits and adds context to the error.
func matchswitchParse(text string) error {
	_, err := strconv.ParseInt(text, 10, 8)
	return fmt.Errorf("port: %w", err)
}

// Both may be true of one error, and they tell different things: errors.Is(err,
// strconv.ErrRange) tells why it failed, errors.AsType[*strconv.NumError] with
// which input. A typed error that wraps a sentinel answers both questions. So
// test for the sentinel to decide what to do, and take the type for what to
// say.
//
//claim:ask When do I need errors.Is and when errors.As on the same error?
//claim:source https://pkg.go.dev/strconv#NumError
func TestMatchswitchBoth(t *testing.T) {
	err := matchswitchParse("300")
	assert.ErrorIs(t, err, strconv.ErrRange)
	number, ok := errors.AsType[*strconv.NumError](err)
	assert.True(t, ok)
	assert.Equal(t, "300", number.Num)
	assert.ErrorIs(t, matchswitchParse("x"), strconv.ErrSyntax)
	assert.NotErrorIs(t, matchswitchParse("x"), strconv.ErrRange)
}
