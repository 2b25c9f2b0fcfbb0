package errors

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
)

// opaqueDriver is an error of a dependency that callers should not know.
type opaqueDriver struct{ code int }

func (e *opaqueDriver) Error() string { return fmt.Sprint("driver: ", e.code) }

// opaqueBusy is opaque to callers except for one question that it answers.
type opaqueBusy struct{ cause error }

func (e *opaqueBusy) Error() string { return "store busy: " + e.cause.Error() }
func (e *opaqueBusy) Busy() bool    { return true }

// An opaque error promises its text and nothing else: callers see that
// something failed and cannot ask what. It gives you the most freedom, because
// nobody depends on the cause, and the least to callers. The other ways promise
// more: a sentinel a name, a type its fields, and %w all that the wrapped error
// promises, including the types of your database driver. A middle way is one
// behaviour: an unexported type with a method that callers find by an interface
// of their own. Choose the least that callers need, because a promise can be
// added later and not taken back.
//
//claim:ask What is an opaque error, and what do callers depend on if I wrap with %w?
//claim:source https://go.dev/blog/go1.13-errors
func TestOpaque(t *testing.T) {
	cause := &opaqueDriver{1205}
	type busy interface {
		error
		Busy() bool
	}
	knows := func(err error) (driver, sentinel, behaviour bool) {
		_, driver = errors.AsType[*opaqueDriver](err)
		_, behaviour = errors.AsType[busy](err)
		return driver, errors.Is(err, errIsTarget), behaviour
	}
	for _, c := range []struct {
		err                         error
		driver, sentinel, behaviour bool
	}{
		{fmt.Errorf("store: %v", cause), false, false, false},
		{fmt.Errorf("store: %w", cause), true, false, false},
		{fmt.Errorf("%w: %v", errIsTarget, cause), false, true, false},
		{&opaqueBusy{cause}, false, false, true},
	} {
		driver, sentinel, behaviour := knows(fmt.Errorf("handler: %w", c.err))
		assert.Equal(t, []bool{c.driver, c.sentinel, c.behaviour}, []bool{driver, sentinel, behaviour}, c.err.Error())
		assert.Contains(t, c.err.Error(), "driver: 1205", "developers read the cause in any case")
	}
	assert.NotErrorIs(t, &opaqueBusy{io.EOF}, io.EOF, "no Unwrap, no promise")
}
