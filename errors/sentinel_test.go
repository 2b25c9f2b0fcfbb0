package errors

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// No. errors.New returns a pointer to a new struct with the text in it, and ==
// of two pointers compares addresses. That is on purpose: two packages may
// choose the same text and still have different errors. The error in memory is
// the two words of an interface, type and pointer, and the pointer leads to a
// string header. A sentinel must be declared once and compared with that
// variable; errors.New("EOF") is not io.EOF.
//
//claim:ask Are two errors made by errors.New with the same text equal, and why is it a pointer?
//claim:source https://pkg.go.dev/errors#New
//claim:source errors/errors.go
func TestSentinelIdentity(t *testing.T) {
	a, b := errors.New("EOF"), errors.New("EOF")
	assert.Equal(t, a.Error(), b.Error())
	assert.False(t, a == b)
	assert.False(t, errors.Is(a, io.EOF))
	same := a
	assert.True(t, a == same)
	assert.Equal(t, "*errors.errorString", fmt.Sprintf("%T", a))

	assert.Equal(t, 2*unsafe.Sizeof(uintptr(0)), unsafe.Sizeof(a))
	words := func(err *error) [2]unsafe.Pointer { return *(*[2]unsafe.Pointer)(unsafe.Pointer(err)) }
	assert.Equal(t, words(&a)[0], words(&b)[0], "the same type")
	assert.NotEqual(t, words(&a)[1], words(&b)[1], "two addresses")
	assert.Equal(t, "EOF", *(*string)(words(&a)[1]), "the struct begins with the text")
}

type sentinelEmpty struct{}

func (*sentinelEmpty) Error() string { return "empty" }

//go:noinline
func newSentinelEmpty() error { return &sentinelEmpty{} }

// sentinelText has something inside, so each value has a place of its own.
type sentinelText struct{ text string }

func (e *sentinelText) Error() string { return e.text }

//go:noinline
func newSentinelText(text string) error { return &sentinelText{text} }

// Pointers to two different values of size zero may be equal. So sentinels must not be
// pointers to an empty struct: ErrA = &empty{} and ErrB = &empty{} may be one error, and
// errors.Is takes one for the other. Here both are allocated at run time and get the same
// address; the spec leaves it open. Give the type at least one field, such as the text that
// errors.New stores, or make it a type per error.
//
//claim:ask Can two sentinel errors be equal although each is a new pointer?
//claim:source https://go.dev/ref/spec#Size_and_alignment_guarantees
//claim:source https://go.dev/ref/spec#Comparison_operators
func TestSentinelZeroSize(t *testing.T) {
	errA, errB := newSentinelEmpty(), newSentinelEmpty()
	assert.True(t, errA == errB, "one address for all values of size 0 on the heap")
	assert.True(t, errors.Is(fmt.Errorf("x: %w", errA), errB))
	assert.False(t, newSentinelText("") == newSentinelText(""))
}

// sentinelStore and its errors stand for a package with both kinds of errors.
var errSentinelNotFound = errors.New("store: not found")

// sentinelQuotaError says more than that something happened.
type sentinelQuotaError struct{ limit, asked int }

func (e *sentinelQuotaError) Error() string {
	return fmt.Sprintf("store: %d bytes asked, limit is %d", e.asked, e.limit)
}

func sentinelGet(key string, size int) error {
	if key == "" {
		return errSentinelNotFound
	}
	if size > 10 {
		return &sentinelQuotaError{limit: 10, asked: size}
	}
	return nil
}

// Export a sentinel if callers only need to know that it happened: ErrNotFound
// is one variable, found by errors.Is, and adding more later is easy. Export a
// type if callers need data, such as a limit or a path: found by errors.AsType,
// and its fields are part of the API. Both survive wrapping. A type can get new
// fields, but a sentinel cannot get data later, except by wrapping it in a
// type. Both couple callers to the package. If nobody needs to tell errors
// apart, export neither and document that there is an error.
//
//claim:ask Sentinel errors or error types: when do you use which, and what does each export?
//claim:source https://pkg.go.dev/errors
//claim:source https://go.dev/blog/go1.13-errors
func TestSentinelOrType(t *testing.T) {
	handle := func(err error) string {
		if quota, ok := errors.AsType[*sentinelQuotaError](err); ok {
			return fmt.Sprint("shorten by ", quota.asked-quota.limit)
		}
		switch {
		case err == nil:
			return "done"
		case errors.Is(err, errSentinelNotFound):
			return "create"
		}
		return "give up"
	}
	for _, c := range []struct {
		err  error
		want string
	}{
		{sentinelGet("k", 1), "done"},
		{sentinelGet("", 1), "create"},
		{sentinelGet("k", 25), "shorten by 15"},
		{io.ErrUnexpectedEOF, "give up"},
	} {
		assert.Equal(t, c.want, handle(c.err))
		if c.err != nil {
			assert.Equal(t, c.want, handle(fmt.Errorf("user 7: %w", errors.Join(io.EOF, c.err))), "survives wrapping")
		}
	}
}

// sentinelDetail adds data to a sentinel that callers compare with already.
type sentinelDetail struct{ key string }

func (e *sentinelDetail) Error() string { return fmt.Sprintf("store: key %q not found", e.key) }
func (e *sentinelDetail) Unwrap() error { return errSentinelNotFound }

// Return a type that unwraps to the sentinel, or whose method Is matches it.
// Old callers go on with errors.Is(err, ErrNotFound), new ones read the key
// with errors.AsType. This is what *fs.PathError does with fs.ErrNotExist.
// Callers that compare with == break, which is why the documentation should
// tell them to use errors.Is from the beginning.
//
//claim:ask How do you add details to a sentinel error without breaking callers?
//claim:source https://go.dev/blog/go1.13-errors
func TestSentinelDetail(t *testing.T) {
	var err error = &sentinelDetail{"a"}
	assert.True(t, errors.Is(err, errSentinelNotFound))
	detail, ok := errors.AsType[*sentinelDetail](err)
	assert.True(t, ok)
	assert.Equal(t, "a", detail.key)
	assert.False(t, err == errSentinelNotFound)
	proof.WantAllocs(t, 0, func() { _ = errors.Is(err, errSentinelNotFound) })
}
