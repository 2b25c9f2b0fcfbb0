package errors

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-deep-dive/godeep/internal/proof"
)

//go:noinline
func allocSentinel() error { return errIsTarget }

//go:noinline
func allocNew() error { return errors.New("name is empty") }

//go:noinline
func allocErrorfPlain() error { return fmt.Errorf("name is empty") }

//go:noinline
func allocErrorf(line int) error { return fmt.Errorf("line %d: name is empty", line) }

// allocLineError holds the line as a number and makes the text when it is asked.
type allocLineError struct{ line int }

func (e *allocLineError) Error() string { return "line " + strconv.Itoa(e.line) + ": name is empty" }

//go:noinline
func allocStruct(line int) error { return &allocLineError{line} }

// A sentinel costs nothing, because it was made when the program started.
// errors.New inside the function is one allocation per call. fmt.Errorf without
// verbs costs the same one since Go 1.26, and two before. With verbs it is one
// for the text and one for the error, and one more for each argument that must
// be boxed, such as an int above 255. An error type with fields costs one, and
// its text nothing until it is read.
//
//claim:ask How many allocations do a sentinel, errors.New and fmt.Errorf make?
//claim:source https://go.dev/doc/go1.26#minor_library_changes
//claim:source fmt/errors.go
func TestAllocKinds(t *testing.T) {
	assert.EqualError(t, allocErrorf(300), "line 300: name is empty")
	assert.EqualError(t, allocStruct(300), "line 300: name is empty")
	assert.Equal(t, allocNew().Error(), allocErrorfPlain().Error())
	for _, c := range []struct {
		want float64
		make func() error
	}{
		{0, allocSentinel},
		{0, func() error { return errConstClosed }},
		{1, allocNew},
		{1, allocErrorfPlain},
		{2, func() error { return allocErrorf(7) }},
		{3, func() error { return allocErrorf(300) }},
		{1, func() error { return allocStruct(300) }},
		{2, func() error { return wrapByErrorf(io.EOF) }},
		{2, func() error { return errors.Join(io.EOF, io.ErrShortWrite) }},
	} {
		proof.WantAllocs(t, c.want, func() { wrapSinkErr = c.make() })
	}
}

// errors.New(fmt.Sprintf(…)) is the longer way to write fmt.Errorf(…): the same
// text and the same number of allocations. For a text without verbs errors.New
// says that nothing is formatted. A text that comes from outside must never be
// the format, because fmt takes a percent sign in it for a verb: use
// errors.New(text), or fmt.Errorf with %s.
//
//claim:ask errors.New(fmt.Sprintf(...)), fmt.Errorf(...) or errors.New(text): which one?
//claim:source https://pkg.go.dev/fmt#Errorf
func TestAllocSprintf(t *testing.T) {
	long := func(line int) error { return errors.New(fmt.Sprintf("line %d: name is empty", line)) } //lint:ignore S1028 this is what the test shows
	assert.Equal(t, allocErrorf(7).Error(), long(7).Error())
	input := "100%d"
	assert.Equal(t, "100%!d(MISSING)", fmt.Errorf(input, []any(nil)...).Error()) //lint:ignore SA5009 this is what the test shows
	assert.EqualError(t, errors.New(input), "100%d")
	assert.EqualError(t, fmt.Errorf("%s", input), "100%d")
	proof.WantAllocs(t, 2, func() { wrapSinkErr = long(7) })
	proof.WantAllocs(t, 2, func() { wrapSinkErr = allocErrorf(7) })
}

// allocLocal makes an error, looks at it and drops it.
//
//go:noinline
func allocLocal(name string) bool {
	err := errors.New("name is empty")
	if name != "" {
		err = nil
	}
	return err == nil
}

// errors.New allocates only if the error escapes. It is small enough to be
// inlined, and then the compiler sees where its pointer goes: an error that
// does not leave the function lives on the stack. An error that is returned
// from a function that is not inlined, stored or printed goes to the heap, and
// that is what errors are for. At package level it is made once, before main
// starts.
//
//claim:ask Does errors.New always allocate?
//claim:source cmd/compile/internal/escape/escape.go
func TestAllocLocal(t *testing.T) {
	assert.True(t, allocLocal("a"))
	assert.False(t, allocLocal(""))
	assert.Error(t, allocNew())
	proof.WantAllocs(t, 0, func() {
		if allocLocal("") {
			panic("the name is empty")
		}
	})
	proof.WantAllocs(t, 1, func() { wrapSinkErr = allocNew() })
}

//go:noinline
func allocCheck(name string) error {
	if name == "" {
		return fmt.Errorf("name %q is empty", name)
	}
	return nil
}

// Without an error it costs no allocation: nil is two zero words, and what
// would build the error is behind the branch that is not taken. So a detailed
// text costs only those who fail. The exception is work that is done before the
// if, such as a fmt.Sprintf for the message.
//
//claim:ask What does error handling cost if there is no error?
//claim:source https://go.dev/doc/faq#exceptions
func TestAllocSuccess(t *testing.T) {
	assert.NoError(t, allocCheck("a"))
	assert.Error(t, allocCheck(""))
	early := func(name string) error {
		message := fmt.Sprintf("name %q is empty", name)
		if name == "" {
			return errors.New(message)
		}
		wrapSink = message
		return nil
	}
	assert.NoError(t, early("a"))
	if !proof.RaceEnabled {
		assert.GreaterOrEqual(t, testing.AllocsPerRun(100, func() { wrapSinkErr = early("a") }), 1.0)
	}
	proof.WantAllocs(t, 0, func() { wrapSinkErr = allocCheck("a") })
}

// Sentinel errors are cheap enough for normal control flow, formatted errors
// often are not. Returning a sentinel costs two words. fmt.Errorf is more than
// 2 times slower than errors.New for the same purpose, and errors.New slower
// than a sentinel by more than 3 times. So an error that is part of the normal
// course, like the end of input or a miss in a cache that happens a million
// times, should be a sentinel, or a bool. An error that ends a request may cost
// what it likes.
//
//claim:ask Are errors too slow for normal control flow?
//claim:expect ns/op of=new > 3x of=sentinel
//claim:expect ns/op of=errorf > 2x of=new
//claim:expect allocs/op of=sentinel == 0
//claim:expect allocs/op of=new == 100
//claim:expect allocs/op of=errorf == 200
//claim:source errors/errors.go
//claim:source fmt/errors.go
func BenchmarkAllocControlFlow(b *testing.B) {
	run := func(name string, fail func() error) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for range 100 {
					wrapSinkErr = fail()
				}
			}
		})
	}
	run("of=sentinel", allocSentinel)
	run("of=new", allocNew)
	run("of=errorf", func() error { return allocErrorf(7) })
}
