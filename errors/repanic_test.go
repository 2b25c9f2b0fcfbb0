package errors

import (
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The report shows the value once, as in "panic: A [recovered, repanicked]",
// since Go 1.25; before it showed the same line twice. That holds if the value
// is the very one that was recovered. A new value, such as an error that wraps
// the old one, is a second panic: the report has a line for each, the oldest
// first, and marks the first one with [recovered].
//
//claim:ask What does the crash report show if a panic is recovered and raised again?
//claim:source https://go.dev/doc/go1.25#runtime
//claim:source https://go.dev/issue/73923
func TestRepanicText(t *testing.T) {
	require.True(t, strings.HasPrefix(exitpathsRun(t, "same").stderr, "panic: A [recovered, repanicked]\n\n"))
	require.True(t, strings.HasPrefix(exitpathsRun(t, "wrapped").stderr,
		"panic: A [recovered]\n\tpanic: while saving: A\n\n"))
}

// No, if the deferred function itself calls panic again. It runs on top of the
// stack that panicked, so the crash report still shows the function where the
// first panic came from. The stack is lost if the value is kept and raised
// after the deferred function has returned, or in another goroutine: then the
// report shows only the second place. In that case save debug.Stack in the
// deferred function and put it into the new value.
//
//claim:ask Is the original stack trace lost when I recover and panic again?
//claim:source runtime/panic.go
//claim:source https://pkg.go.dev/runtime/debug#Stack
func TestRepanicStack(t *testing.T) {
	kept := exitpathsRun(t, "repanic").stderr
	require.Contains(t, kept, "panic: origin [recovered, repanicked]\n")
	require.Contains(t, kept, "main.origin()\n")
	late := exitpathsRun(t, "repanicLate").stderr
	require.Contains(t, late, "panic: origin\n")
	require.NotContains(t, late, "main.origin")

	var stack string
	func() {
		defer func() {
			if r := recover(); r != nil {
				stack = string(debug.Stack())
			}
		}()
		recoverrulesFail()
	}()
	require.Contains(t, stack, "errors.recoverrulesFail(")
}

// The new panic takes over: the deferred call of the first one is aborted, and
// recover returns the newest value only. The older ones are not wrapped or
// joined; nobody but the crash report knows of them, which lists all, the
// oldest first. So a cleanup that can panic hides the cause. If the deferred
// function recovers its own panic inside a function of its own, the first panic
// just goes on.
//
//claim:ask A deferred function panics while another panic is under way. Which one is recovered?
//claim:source https://go.dev/ref/spec#Handling_panics
func TestRepanicReplaces(t *testing.T) {
	require.Equal(t, "C", panicvalueOf(func() {
		defer func() { panic("C") }()
		defer func() { panic("B") }()
		panic("A")
	}))
	require.True(t, strings.HasPrefix(exitpathsRun(t, "replaced").stderr, "panic: A\n\tpanic: B\n\tpanic: C\n\n"))

	var inner any
	require.Equal(t, "A", panicvalueOf(func() {
		defer func() { inner = panicvalueOf(func() { panic("B") }) }()
		panic("A")
	}))
	require.Equal(t, "B", inner)
}

// Yes, and each layer can add what it knows: recover, wrap the value in an
// error, panic with that. With an error in the chain errors.Is still finds the
// first cause at the top. But this is an error result done by other means: each
// layer costs a recover, and the caller cannot see it in the signature. Convert
// to an error at the first boundary and return it from there on.
//
//claim:ask Can layers add context to a panic, as they wrap errors?
//claim:source https://go.dev/blog/defer-panic-and-recover
func TestRepanicWrap(t *testing.T) {
	cause := errors.New("short read")
	annotate := func(step string, f func()) {
		defer func() {
			switch r := recover().(type) {
			case nil:
			case error:
				panic(fmt.Errorf("%s: %w", step, r))
			default:
				panic(fmt.Errorf("%s: %v", step, r))
			}
		}()
		f()
	}
	value := panicvalueOf(func() {
		annotate("load", func() {
			annotate("header", func() { panic(cause) })
		})
	})
	err, ok := value.(error)
	require.True(t, ok)
	require.EqualError(t, err, "load: header: short read")
	require.ErrorIs(t, err, cause)
	require.Nil(t, panicvalueOf(func() { annotate("load", func() {}) }), "without a panic nothing happens")
}

// A deferred function that wants some panics only has to recover all of them
// first, look at the value, and panic again with those it does not want. There
// is no catch by type, and no way to look without stopping. The re-panic runs
// the deferred calls of the callers just as the first would have. Forgetting it
// is how an out of range in your own code becomes a "bad input" error.
//
//claim:ask How do I recover only a certain kind of panic?
//claim:source https://go.dev/ref/spec#Handling_panics
func TestRepanicSelective(t *testing.T) {
	type badInput struct{ field string }
	parse := func(f func()) (err error) {
		defer func() {
			switch r := recover().(type) {
			case nil:
			case badInput:
				err = errors.New("bad input: " + r.field)
			default:
				panic(r)
			}
		}()
		f()
		return nil
	}
	require.EqualError(t, parse(func() { panic(badInput{"age"}) }), "bad input: age")
	require.NoError(t, parse(func() {}))
	var empty []int
	value := panicvalueOf(func() { _ = parse(func() { _ = empty[len(empty)] }) })
	require.EqualError(t, value.(error), "runtime error: index out of range [0] with length 0")
}
