package errors

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-deep-dive/godeep/internal/proof"
)

const errConstClosed Const = "store: closed"

// constTheirs stands for a type of the same kind in another package.
type constTheirs string

func (c constTheirs) Error() string { return string(c) }

// A type with a string below it and a method Error allows const ErrClosed =
// Error("…"): nobody can assign to it, and the compiler rejects the attempt. It
// is matched by errors.Is like a variable. The price is identity. Two such
// constants are equal if the type and the text are equal, so with a shared
// error type two packages that both say "not found" have the same error. With a
// type of its own per package they differ again.
//
//claim:ask How do you make a sentinel error immutable, and what does that cost?
//claim:source https://go.dev/ref/spec#Constants
//claim:source https://go.dev/ref/spec#Comparison_operators
func TestConst(t *testing.T) {
	assert.Equal(t, []string{`cannot assign to ErrClosed (neither addressable nor a map index expression)`},
		constMessages(t, `ErrClosed = "other"`))
	assert.Empty(t, constMessages(t, `ErrOpen = nil`), "a variable is open to everybody who can name it")

	err := fmt.Errorf("put: %w", errConstClosed)
	assert.ErrorIs(t, err, errConstClosed)
	match, ok := errors.AsType[Const](err)
	assert.True(t, ok)
	assert.Equal(t, errConstClosed, match)

	const other Const = "store: " + "closed"
	assert.True(t, error(other) == error(errConstClosed), "equal text, equal type: one error")
	assert.False(t, error(constTheirs(errConstClosed)) == error(errConstClosed), "another type")
	assert.False(t, errors.New("store: closed") == errors.New("store: closed"), "unlike errors.New")
	proof.WantAllocs(t, 0, func() { wrapSinkErr = errConstClosed })
}

// constMessages type-checks one statement beside two sentinels.
func constMessages(t *testing.T, statement string) []string {
	t.Helper()
	return shadowTypeErrors(t, `package p
		type Error string
		func (e Error) Error() string { return string(e) }
		const ErrClosed Error = "closed"
		var ErrOpen error = Error("open")
		func f() { `+statement+` }`)
}

// errConstVariable is a sentinel as a variable, as most are.
var errConstVariable = errors.New("variable")

// A sentinel made by errors.New is a variable, and every package that imports
// it can assign to it. Then errors returned before do not match any more, and
// if two sentinels are set to the same value, one is taken for the other. Any
// package can set io.EOF, and from then on a reader that returns the old value
// looks broken to io.ReadAll. If another goroutine reads the variable
// meanwhile, it is a data race as well. Nobody does that on purpose; where it
// must be impossible, use a constant, or keep the variable private and export a
// function that tests for it.
//
//claim:ask What does a global sentinel error risk if someone reassigns it?
//claim:source https://go.dev/ref/spec#Assignment_statements
//claim:source https://go.dev/ref/mem#restrictions
func TestConstReassigned(t *testing.T) {
	saved := errConstVariable
	t.Cleanup(func() { errConstVariable = saved })
	before := fmt.Errorf("a: %w", errConstVariable)
	assert.ErrorIs(t, before, errConstVariable)

	errConstVariable = errors.New("variable")
	assert.NotErrorIs(t, before, errConstVariable, "what was returned before")

	errConstVariable = errIsTarget
	assert.ErrorIs(t, errIsTarget, errConstVariable, "one sentinel is taken for the other")

	eof := io.EOF
	t.Cleanup(func() { io.EOF = eof })
	_, err := io.ReadAll(joinReader{eof})
	assert.NoError(t, err)
	io.EOF = errors.New("EOF")
	_, err = io.ReadAll(joinReader{eof})
	assert.Equal(t, eof, err, "the same text, another value: a failure")
}
