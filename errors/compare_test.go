package errors

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// compareFields is a validation error, a slice as some packages have it.
type compareFields []string

func (e compareFields) Error() string { return fmt.Sprint("bad fields: ", []string(e)) }

// The comparison panics if both errors have the same dynamic type and that type
// cannot be compared, such as a slice: comparing uncomparable type. If the
// types differ, the result is false, without a panic. So err == ErrX is safe
// for a sentinel made by errors.New, whatever err is, and err1 == err2 of two
// unknown errors is not. A switch err { case … } compares in the same way.
// errors.Is tests the type of the target first.
//
//claim:ask Can err1 == err2 panic?
//claim:source https://go.dev/ref/spec#Comparison_operators
func TestCompareErrorsPanic(t *testing.T) {
	var a, b error = compareFields{"name"}, compareFields{"name"}
	assert.PanicsWithError(t, "runtime error: comparing uncomparable type errors.compareFields", func() { _ = a == b })
	assert.PanicsWithError(t, "runtime error: comparing uncomparable type errors.compareFields", func() {
		switch a {
		case b:
		}
	})
	assert.False(t, a == io.EOF)
	assert.False(t, errors.Is(a, b))
	var c, d error = &compareFields{"name"}, &compareFields{"name"}
	assert.False(t, c == d, "pointers can always be compared")
}

// An error can be the key of a map, for example to count failures by cause. The key is
// compared like ==: pointers by address, values by their fields. A wrapped sentinel is a
// different key, so reduce the error to a sentinel, a code or a type first. An error whose
// type cannot be compared panics when it is stored or looked up: hash of unhashable type.
// Errors made by errors.New in each call are new keys each time, and the map grows.
//
//claim:ask Can I use errors as map keys?
//claim:source https://go.dev/ref/spec#Map_types
func TestCompareMapKey(t *testing.T) {
	counts := make(map[error]int)
	for range 3 {
		counts[io.EOF]++
		counts[errtypeByValue{1}]++
		counts[errors.New("new")]++
	}
	assert.Equal(t, 3, counts[io.EOF])
	assert.Equal(t, 3, counts[errtypeByValue{1}])
	assert.Len(t, counts, 2+3, "three keys with the same text")
	assert.Zero(t, counts[fmt.Errorf("read: %w", io.EOF)])
	assert.PanicsWithError(t, "runtime error: hash of unhashable type errors.compareFields", func() { counts[compareFields{"a"}]++ })
	assert.PanicsWithError(t, "runtime error: hash of unhashable type errors.compareFields", func() { _ = counts[compareFields{"a"}] })
}

// Text is for people. Two different errors can have the same text, wrapping
// adds to it, and it is no part of the compatibility promise: that of
// panic(nil) changed in Go 1.27. A test for a substring also matches when a
// file is called "file does not exist". Compare text only for errors that have
// nothing else, and say so in a comment.
//
//claim:ask Why should I not compare err.Error() with a string?
//claim:source https://go.dev/doc/go1compat
func TestCompareText(t *testing.T) {
	var value any
	func() {
		defer func() { value = recover() }()
		panic(nil)
	}()
	want := "panic called with nil argument"
	if proof.GoAtLeast("go1.27") {
		want = "runtime error: " + want
	}
	assert.EqualError(t, value.(error), want)

	permission := &fs.PathError{Op: "open", Path: "file does not exist", Err: fs.ErrPermission}
	assert.ErrorContains(t, permission, "file does not exist")
	assert.NotErrorIs(t, permission, fs.ErrNotExist)
	assert.NotEqual(t, "EOF", fmt.Errorf("read: %w", io.EOF).Error())
	assert.NotErrorIs(t, errors.New("EOF"), io.EOF)
}

// reflect.DeepEqual follows the pointers, so two errors of errors.New with the
// same text are equal for it, which == and errors.Is deny. Helpers that compare
// with it, such as assert.Equal of testify, pass for an error that only looks
// like the sentinel, and fail for a wrapped one that errors.Is accepts. In
// tests use errors.Is or assert.ErrorIs.
//
//claim:ask Why does assert.Equal(t, ErrX, err) pass for an error that is not ErrX?
//claim:source https://pkg.go.dev/reflect#DeepEqual
func TestCompareDeepEqual(t *testing.T) {
	impostor := errors.New("EOF")
	assert.False(t, impostor == io.EOF)
	assert.False(t, errors.Is(impostor, io.EOF))
	assert.True(t, reflect.DeepEqual(impostor, io.EOF))
	assert.Equal(t, io.EOF, impostor, "passes")
	assert.NotErrorIs(t, impostor, io.EOF)
	wrapped := fmt.Errorf("read: %w", io.EOF)
	assert.NotEqual(t, io.EOF, wrapped)
	assert.ErrorIs(t, wrapped, io.EOF)
}

// comparePackage returns a sentinel as it is in its first version, and wrapped
// in its second.
func comparePackage(version int) error {
	if version == 1 {
		return io.ErrUnexpectedEOF
	}
	return fmt.Errorf("chunk 7: %w", io.ErrUnexpectedEOF)
}

// When a function starts to wrap what it returns, every == on its result
// breaks, silently: the program compiles and takes another branch. It need not
// be the function you call; a layer below is enough. So callers use errors.Is
// for everything that is not documented to be returned unwrapped, and a package
// that once returned a bare sentinel counts wrapping it as a change of its API.
// == is right for nil, and for io.EOF from a Read method.
//
//claim:ask When does err == ErrX stop working?
//claim:source https://go.dev/blog/go1.13-errors
func TestCompareWrapped(t *testing.T) {
	assert.True(t, comparePackage(1) == io.ErrUnexpectedEOF)
	assert.False(t, comparePackage(2) == io.ErrUnexpectedEOF)
	for version := range 2 {
		assert.True(t, errors.Is(comparePackage(version+1), io.ErrUnexpectedEOF))
	}
}

// slices.Contains compares with ==, so it misses wrapped errors, and it panics
// as soon as the list and err hold the same uncomparable type. The compiler
// accepts it, because since Go 1.20 an interface type satisfies comparable
// although the comparison may fail at run time. Use slices.ContainsFunc with
// errors.Is.
//
//claim:ask Is slices.Contains(errs, err) a good test?
//claim:source https://go.dev/ref/spec#Satisfying_a_type_constraint
func TestCompareContains(t *testing.T) {
	known := []error{io.EOF, compareFields{"a"}}
	assert.True(t, slices.Contains(known, io.EOF))
	assert.False(t, slices.Contains(known, fmt.Errorf("a: %w", io.EOF)))
	assert.PanicsWithError(t, "runtime error: comparing uncomparable type errors.compareFields", func() {
		_ = slices.Contains(known, error(compareFields{"a"}))
	})
	contains := func(err error) bool {
		return slices.ContainsFunc(known, func(target error) bool { return errors.Is(err, target) })
	}
	assert.True(t, contains(fmt.Errorf("a: %w", io.EOF)))
	assert.False(t, contains(compareFields{"a"}), "no panic")
}
