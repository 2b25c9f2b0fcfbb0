package errors

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var errIsTarget = errors.New("target")

// errors.Is(err, target) searches the tree of err for a value that is equal to
// target, or whose method Is(target) says so. The operator == looks at err
// alone. For an error that nobody has wrapped and that has no method Is they
// agree; one fmt.Errorf with %w on the way makes == false and leaves Is true.
// errors.Is compares values, errors.As types: Is answers whether it is that
// error, As whether there is one of that kind and what is in it.
//
//claim:ask How does errors.Is decide, and how does it differ from ==?
//claim:source https://pkg.go.dev/errors#Is
func TestIsOrEqual(t *testing.T) {
	path := &fs.PathError{Op: "open", Path: "x", Err: errIsTarget}
	for _, c := range []struct {
		name      string
		err       error
		equal, is bool
	}{
		{"nil", nil, false, false},
		{"plain", errIsTarget, true, true},
		{"%w", fmt.Errorf("a: %w", errIsTarget), false, true},
		{"%w twice", fmt.Errorf("b: %w", fmt.Errorf("a: %w", errIsTarget)), false, true},
		{"%v", fmt.Errorf("a: %v", errIsTarget), false, false},
		{"joined", errors.Join(io.EOF, errIsTarget), false, true},
		{"in a struct", path, false, true},
		{"same text", errors.New("target"), false, false},
		{"method Is", isTimeout{5}, false, false},
	} {
		assert.Equal(t, c.equal, c.err == errIsTarget, c.name)
		assert.Equal(t, c.is, errors.Is(c.err, errIsTarget), c.name)
	}
	assert.True(t, errors.Is(fmt.Errorf("a: %w", isTimeout{5}), os.ErrDeadlineExceeded), "method Is")
}

// isTimeout matches os.ErrDeadlineExceeded and every other isTimeout whose
// limit is equal or not given.
type isTimeout struct{ seconds int }

func (e isTimeout) Error() string { return fmt.Sprintf("no answer within %d s", e.seconds) }
func (e isTimeout) Is(target error) bool {
	if t, ok := target.(isTimeout); ok {
		return t.seconds == 0 || t.seconds == e.seconds
	}
	return target == os.ErrDeadlineExceeded
}

// A method Is(target error) bool lets an error be equal to something that it is
// not identical with: to a sentinel of another package, or to a pattern with
// some fields left empty. It belongs to the error in the tree, not to the
// target, so the relation has a direction: errors.Is(a, b) may be true and
// errors.Is(b, a) false. The method is asked only after == has failed, so it
// can add matches and never take one away.
//
//claim:ask When do you write an Is method on an error type, and on which side must it be?
//claim:source https://pkg.go.dev/errors#Is
func TestIsMethod(t *testing.T) {
	err := fmt.Errorf("call: %w", isTimeout{5})
	assert.True(t, errors.Is(err, os.ErrDeadlineExceeded), "a sentinel of another package")
	assert.False(t, errors.Is(os.ErrDeadlineExceeded, isTimeout{5}), "the other way round") //lint:ignore SA1032 this is what the test shows
	assert.True(t, errors.Is(err, isTimeout{}), "a pattern without the limit")
	assert.True(t, errors.Is(err, isTimeout{5}))
	assert.False(t, errors.Is(err, isTimeout{6}))
	assert.False(t, errors.Is(isTimeout{}, isTimeout{5}), "the pattern must be the target")

	assert.True(t, errors.Is(isNever{}, isNever{}), "== comes first")
	assert.False(t, isNever{}.Is(isNever{}))
}

type isNever struct{}

func (isNever) Error() string   { return "never" }
func (isNever) Is(error) bool   { return false }
func (e *isDeep) Error() string { return "deep" }
func (e *isDeep) Unwrap() error { return e.inner }

// isDeep breaks the contract: its method Is searches the rest of the chain, which errors.Is
// does anyway.
type isDeep struct {
	inner error
}

func (e *isDeep) Is(target error) bool { return errors.Is(e.inner, target) }

// An Is method must compare itself with the target and look no further. If it
// unwraps, or calls errors.Is on the error it holds, the rest of the chain is
// searched once by the method and again by errors.Is. With a chain of such
// errors the work doubles at each level: 10 levels compare the last error 1024
// times. The result is the same, so no test of results finds the mistake.
//
//claim:ask Why must an Is method not call Unwrap or errors.Is?
//claim:source https://pkg.go.dev/errors#Is
func TestIsMethodShallow(t *testing.T) {
	compared := func(levels int) int {
		var asked []string
		var err error = &treeNode{name: "leaf", asked: &asked}
		for range levels {
			err = &isDeep{inner: err}
		}
		require.False(t, errors.Is(err, io.EOF))
		return len(asked)
	}
	assert.Equal(t, 1, compared(0))
	assert.Equal(t, 2, compared(1))
	assert.Equal(t, 1024, compared(10))
	assert.True(t, errors.Is(&isDeep{inner: io.EOF}, io.EOF))
}

// isList is an error of a type that == cannot compare.
type isList []string

func (e isList) Error() string { return "list" }

// isDetail is comparable for the compiler. Whether two of them can be compared
// depends on what is in the field.
type isDetail struct{ detail any }

func (e isDetail) Error() string { return "detail" }

// isListMethod cannot be compared by == and says itself what it matches.
type isListMethod []string

func (e isListMethod) Error() string { return "list" }
func (e isListMethod) Is(target error) bool {
	t, ok := target.(isListMethod)
	return ok && len(t) == len(e)
}

// errors.Is does not panic if the type of the target cannot be compared, such
// as a slice or a struct with a slice: it skips == and asks only the methods
// Is. So without such a method an error of this kind is not found even by
// itself, while == panics. There is a gap: the check looks at the type. A
// struct with a field of an interface type passes it, and if that field holds a
// slice in both errors, errors.Is panics like ==. Error types that are used as
// a pointer never have this problem.
//
//claim:ask Can errors.Is panic?
//claim:source errors/wrap.go
//claim:source https://go.dev/ref/spec#Comparison_operators
func TestIsUncomparable(t *testing.T) {
	var list error = isList{"a"}
	assert.False(t, errors.Is(list, list), "not even itself")
	assert.False(t, errors.Is(fmt.Errorf("a: %w", list), list))
	assert.PanicsWithError(t, "runtime error: comparing uncomparable type errors.isList", func() { _ = list == list })
	assert.True(t, errors.Is(fmt.Errorf("a: %w", isListMethod{"a"}), isListMethod{"b"}), "its method is asked")
	assert.False(t, errors.Is(list, io.EOF), "the target can be compared, and the types differ")

	assert.True(t, errors.Is(isDetail{1}, isDetail{1}))
	assert.False(t, errors.Is(isDetail{[]int{1}}, isDetail{1}))
	assert.PanicsWithError(t, "runtime error: comparing uncomparable type []int", func() {
		_ = errors.Is(isDetail{[]int{1}}, isDetail{[]int{1}})
	})
	assert.NotPanics(t, func() { _ = errors.Is(&isDetail{[]int{1}}, &isDetail{[]int{1}}) })
}

// errors.Is(nil, nil) is true, and one nil against anything else is false. The
// nil target is compared with err alone and not searched for in the tree, so
// errors.Is(err, nil) is the same as err == nil, only longer. It is false for
// an interface that holds a nil pointer, as == is. A method Is is never called
// with nil.
//
//claim:ask What does errors.Is(err, nil) return?
//claim:source errors/wrap.go
func TestIsNil(t *testing.T) {
	var asked []string
	node := &treeNode{name: "node", asked: &asked, children: []error{nil}}
	assert.True(t, errors.Is(nil, nil))
	assert.False(t, errors.Is(nil, io.EOF))
	assert.False(t, errors.Is(io.EOF, nil)) //lint:ignore SA1032 this is what the test shows
	assert.False(t, errors.Is(node, nil), "a nil in the tree is not found")
	assert.Empty(t, asked)
	var pointer *fs.PathError
	assert.False(t, errors.Is(error(pointer), nil))
	assert.False(t, errors.Is(fmt.Errorf("a: %w", nil), nil))
}

// isMissing matches fs.ErrNotExist.
type isMissing struct{}

func (isMissing) Error() string        { return "missing" }
func (isMissing) Is(target error) bool { return target == fs.ErrNotExist }

// The predicates of os are older than wrapping. os.IsNotExist looks through
// *fs.PathError, *os.LinkError and *os.SyscallError and nothing else, so one
// fmt.Errorf with %w hides the cause from it, and it ignores the methods Is of
// other types. errors.Is(err, fs.ErrNotExist) finds both. The same holds for
// os.IsExist, os.IsPermission and os.IsTimeout with os.ErrDeadlineExceeded.
// os.ErrNotExist and fs.ErrNotExist are one value with two names.
//
//claim:ask os.IsNotExist(err) or errors.Is(err, fs.ErrNotExist)?
//claim:source https://pkg.go.dev/os#IsNotExist
func TestIsNotExist(t *testing.T) {
	_, plain := os.Open("testdata/there-is-no-such-file")
	require.Error(t, plain)
	wrapped := fmt.Errorf("read settings: %w", plain)
	assert.True(t, os.IsNotExist(plain))
	assert.True(t, errors.Is(plain, fs.ErrNotExist))
	assert.False(t, os.IsNotExist(wrapped))
	assert.True(t, errors.Is(wrapped, fs.ErrNotExist))

	assert.True(t, os.ErrNotExist == fs.ErrNotExist)
	assert.False(t, plain == fs.ErrNotExist)
	assert.False(t, errors.Is(plain, fs.ErrExist))

	assert.False(t, os.IsNotExist(isMissing{}))
	assert.True(t, errors.Is(isMissing{}, fs.ErrNotExist))

	timeout := isTimeout{5}
	assert.False(t, os.IsTimeout(timeout), "it has no method Timeout")
	assert.True(t, errors.Is(timeout, os.ErrDeadlineExceeded))
	assert.True(t, os.IsTimeout(os.ErrDeadlineExceeded))
	assert.False(t, os.IsTimeout(fmt.Errorf("a: %w", os.ErrDeadlineExceeded)))
}

// An error number of the operating system, syscall.Errno, has a method Is. It
// matches fs.ErrNotExist, fs.ErrExist, fs.ErrPermission and
// errors.ErrUnsupported for all the numbers that mean this, which differ by
// system. So portable code asks for fs.ErrNotExist and not for syscall.ENOENT.
// errors.ErrUnsupported, since Go 1.21, says that an operation cannot be done
// at all; it is meant to be matched through wrappers and methods Is, and not to
// be returned as it is.
//
//claim:ask How can syscall.ENOENT match fs.ErrNotExist although they are different values?
//claim:source https://pkg.go.dev/syscall#Errno.Is
//claim:source https://pkg.go.dev/errors#ErrUnsupported
func TestIsErrno(t *testing.T) {
	open := &fs.PathError{Op: "open", Path: "x", Err: syscall.ENOENT}
	assert.False(t, error(syscall.ENOENT) == fs.ErrNotExist)
	assert.True(t, errors.Is(open, fs.ErrNotExist))
	assert.True(t, errors.Is(open, syscall.ENOENT), "the number itself is equal, too")
	assert.False(t, errors.Is(fs.ErrNotExist, syscall.ENOENT), "not the other way round") //lint:ignore SA1032 this is what the test shows
	assert.True(t, errors.Is(syscall.EACCES, fs.ErrPermission))
	assert.True(t, errors.Is(syscall.EPERM, fs.ErrPermission), "two numbers, one meaning")
	assert.True(t, errors.Is(syscall.ENOSYS, errors.ErrUnsupported))
	assert.True(t, errors.Is(syscall.EEXIST, fs.ErrExist))
	number, ok := errors.AsType[syscall.Errno](open)
	assert.True(t, ok)
	assert.Equal(t, syscall.ENOENT, number)
}

// errors.Is never unwraps the target: it searches the tree of err for the
// target as a whole. If the target is a wrapped error, only that very wrapper
// matches, not another one around the same sentinel. And if the target is a new
// pointer, errors.Is(err, &MyErr{}), nothing can be equal to it, so the result
// is false whatever err is, unless the type has a method Is. To ask for a type
// use errors.AsType[*MyErr]; to ask for a cause use the sentinel.
//
//claim:ask Why is errors.Is(err, &MyError{}) always false?
//claim:source https://pkg.go.dev/errors#Is
func TestIsTarget(t *testing.T) {
	first, second := fmt.Errorf("a: %w", errIsTarget), fmt.Errorf("a: %w", errIsTarget)
	assert.True(t, errors.Is(first, first))
	assert.False(t, errors.Is(first, second), "the same text and cause, another wrapper")
	assert.False(t, errors.Is(errIsTarget, first), "the target is not unwrapped")

	err := fmt.Errorf("a: %w", &errtypeStruct{3})
	assert.False(t, errors.Is(err, &errtypeStruct{3}))
	assert.False(t, errors.Is(err, &errtypeStruct{}))
	typed, ok := errors.AsType[*errtypeStruct](err)
	assert.True(t, ok)
	assert.True(t, errors.Is(err, typed), "this very pointer")
}

// isChain wraps the error depth times with %w.
func isChain(err error, depth int) error {
	for range depth {
		err = fmt.Errorf("level: %w", err)
	}
	return err
}

func TestIsSearch(t *testing.T) {
	for _, depth := range []int{0, 1, 8, 64, 512} {
		require.True(t, isEqualOnce([]error{errIsTarget}, errIsTarget) == 1)
		require.Equal(t, 1, isSearchOnce([]error{isChain(errIsTarget, depth)}, errIsTarget))
		require.Equal(t, 0, isSearchOnce([]error{isChain(errIsTarget, depth)}, io.EOF))
	}
}

//go:noinline
func isEqualOnce(errs []error, target error) (n int) {
	for _, err := range errs {
		if err == target {
			n++
		}
	}
	return n
}

//go:noinline
func isSearchOnce(errs []error, target error) (n int) {
	for _, err := range errs {
		if errors.Is(err, target) {
			n++
		}
	}
	return n
}

// errors.Is takes time proportional to the number of errors it looks at and
// allocates nothing. A comparison with == is more than 1.5 times cheaper than
// Is even if the first error matches, because Is asks the type of the target
// first whether it is comparable. A miss is the expensive case: the whole tree
// is searched, and for each error of it methods Is and Unwrap are looked for.
//
//claim:ask What does errors.Is cost, compared with ==, and how does it grow with the depth?
//claim:expect ns/op of=is,depth=0 > 1.5x of=equal,depth=0
//claim:expect ns/op of=miss grows depth^1
//claim:expect allocs/op of=is == 0
//claim:expect allocs/op of=miss == 0
//claim:source errors/wrap.go
func BenchmarkIsCost(b *testing.B) {
	run := func(name string, depth int, target error, f func([]error, error) int) {
		errs := slices.Repeat([]error{isChain(errIsTarget, depth)}, 8)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f(errs, target)
			}
		})
	}
	run("of=equal/depth=0", 0, errIsTarget, isEqualOnce)
	run("of=is/depth=0", 0, errIsTarget, isSearchOnce)
	run("of=miss/depth=8", 8, io.EOF, isSearchOnce)
	run("of=miss/depth=64", 64, io.EOF, isSearchOnce)
	run("of=miss/depth=512", 512, io.EOF, isSearchOnce)
}
