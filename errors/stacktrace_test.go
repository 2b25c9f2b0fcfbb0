package errors

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The three functions are not inlined so that their names are found by every tool; see
// TraceInlined for those that are.

//go:noinline
func traceOuter() error { return traceMiddle() }

//go:noinline
func traceMiddle() error { return fmt.Errorf("middle: %w", traceInner()) }

//go:noinline
func traceInner() error { return Trace(fs.ErrNotExist) }

func tracedFunctions(t *testing.T, err error) (names []string) {
	traced, ok := errors.AsType[*Traced](err)
	require.True(t, ok)
	for frame := range traced.Frames() {
		names = append(names, frame.Function[strings.LastIndexByte(frame.Function, '/')+1:])
	}
	return names
}

// No. An error is a value with a text, and the language records nothing about
// where it was made, because most errors are expected and a stack costs far
// more than they do. Where you want it, runtime.Callers takes the stack as a
// list of program counters, in a type that wraps the error: errors.Is and
// errors.As work as before. The names are looked up only when the stack is
// printed.
//
//claim:ask Does a Go error have a stack trace, and how do you attach one with the standard library only?
//claim:source https://pkg.go.dev/runtime#Callers
//claim:source https://pkg.go.dev/runtime#CallersFrames
func TestStackTrace(t *testing.T) {
	err := traceOuter()
	assert.Equal(t, []string{"errors.traceInner", "errors.traceMiddle", "errors.traceOuter", "errors.TestStackTrace"},
		tracedFunctions(t, err)[:4])
	assert.ErrorIs(t, err, fs.ErrNotExist)
	assert.EqualError(t, err, "middle: file does not exist", "the text is unchanged")

	text := fmt.Sprintf("%+v", errors.Unwrap(err))
	assert.True(t, strings.HasPrefix(text, "file does not exist\n"), text)
	assert.Contains(t, text, "errors.traceInner\n\t")
	assert.Contains(t, text, "stacktrace_test.go:")
	assert.Equal(t, "file does not exist", fmt.Sprint(errors.Unwrap(err)))
	assert.Equal(t, `"file does not exist"`, fmt.Sprintf("%q", errors.Unwrap(err)))
	assert.Equal(t, "   file does not exist", fmt.Sprintf("%22s", errors.Unwrap(err)))
}

// Every layer that wraps can record a stack, and then one error carries three, each a part
// of the first. The innermost is the one that tells where the error came up. So a function
// that adds a stack looks through the tree for one first, and adds nothing if there is one.
//
//claim:ask An error passes three functions that attach a stack trace. How many traces should it carry?
//claim:source https://pkg.go.dev/errors#AsType
func TestTraceOnce(t *testing.T) {
	first := Trace(io.EOF)
	assert.Same(t, first, Trace(first))
	wrapped := fmt.Errorf("read: %w", first)
	assert.Equal(t, wrapped, Trace(wrapped))
	joined := errors.Join(io.ErrUnexpectedEOF, wrapped)
	assert.Equal(t, joined, Trace(joined), "a trace inside of a joined error counts")
	assert.Nil(t, Trace(nil), "and no error is no error")
}

// The verb %+v reaches the outermost error only. If that is one of fmt.Errorf,
// it prints its own text, which was made when the error was wrapped, and the
// stack inside it stays unseen. So a boundary that wants the stack takes it out
// with errors.As or errors.AsType, and logs it on its own.
//
//claim:ask Why does %+v not print the stack of an error that was wrapped once more?
//claim:source https://pkg.go.dev/fmt#Formatter
func TestTraceWrappedHidesFormat(t *testing.T) {
	wrapped := fmt.Errorf("load config: %w", Trace(io.EOF))
	assert.Equal(t, "load config: EOF", fmt.Sprintf("%+v", wrapped))
	traced, ok := errors.AsType[*Traced](wrapped)
	require.True(t, ok)
	assert.Contains(t, fmt.Sprintf("%+v", traced), "TestTraceWrappedHidesFormat")
}

// A program counter stands for several functions when the compiler has inlined
// one into the other. runtime.CallersFrames knows them all and yields one frame
// for each. runtime.FuncForPC with a counter from runtime.Callers answers with
// one function only, and so with a gap in the stack. Use CallersFrames for
// counters that came from Callers.
//
//claim:ask Why should program counters be read with runtime.CallersFrames and not with runtime.FuncForPC?
//claim:source https://pkg.go.dev/runtime#Callers
func TestTraceInlined(t *testing.T) {
	counters := make([]uintptr, 8)
	counters = counters[:traceInlinedOuter(counters)]
	var names []string
	frames := runtime.CallersFrames(counters)
	for {
		frame, more := frames.Next()
		names = append(names, frame.Function[strings.LastIndexByte(frame.Function, '.')+1:])
		if !more {
			break
		}
	}
	assert.Equal(t, []string{"traceInlinedInner", "traceInlinedOuter", "TestTraceInlined"}, names[:3])
}

func traceInlinedOuter(counters []uintptr) int { return traceInlinedInner(counters) } //claim:inlined

func traceInlinedInner(counters []uintptr) int { return runtime.Callers(1, counters) } //claim:inlined

// The stack of a goroutine begins at its function. Who started it is not on it,
// and runtime.Callers cannot tell; debug.Stack names the go statement in its
// last lines, "created by". So an error that comes back from a worker has a
// trace that ends in the worker. Add what the worker was working on to the
// error when it is handed back.
//
//claim:ask An error with a stack trace comes from another goroutine. Does the trace show who started that goroutine?
//claim:source https://pkg.go.dev/runtime/debug#Stack
func TestTraceOtherGoroutine(t *testing.T) {
	result := make(chan error)
	var stack []byte
	go func() {
		stack = debug.Stack()
		result <- traceOuter()
	}()
	names := tracedFunctions(t, <-result)
	assert.NotContains(t, names, "errors.TestTraceOtherGoroutine")
	assert.Contains(t, string(stack), "created by github.com/go-deep-dive/godeep/errors.TestTraceOtherGoroutine")
}

var errTracedSentinel = Trace(errors.New("made while the package was initialized"))

// The trace of a package-level error is that of the initialization of the
// package, for every use of the error. It misleads whoever reads it, and Trace
// does not add another, because there is one already. Sentinel errors are made
// without a stack; the function that returns one adds it.
//
//claim:ask What is wrong with a sentinel error that captures a stack trace?
//claim:source https://go.dev/ref/spec#Package_initialization
func TestTraceSentinel(t *testing.T) {
	used := fmt.Errorf("use: %w", Trace(errTracedSentinel))
	names := strings.Join(tracedFunctions(t, used), " ")
	assert.Contains(t, names, "errors.init")
	assert.NotContains(t, names, "TestTraceSentinel")
}

// log/slog calls LogValue of an attribute only when the record is handled, so
// that a debug record that is switched off does not look up a single name. The
// stack becomes an attribute of its own instead of a part of the text, which
// stays one line and can be searched. The value itself must be the attribute:
// inside of another error nobody looks for LogValue.
//
//claim:ask How do you log an error with its stack so that the text stays short and disabled levels cost nothing?
//claim:source https://pkg.go.dev/log/slog#LogValuer
func TestTraceLogValue(t *testing.T) {
	var out strings.Builder
	log := slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	log.Debug("off", "err", Trace(io.EOF))
	assert.Empty(t, out.String())
	log.Error("failed", "err", Trace(io.EOF))
	assert.Contains(t, out.String(), `"err":{"message":"EOF","stack":["github.com/go-deep-dive/godeep/errors.TestTraceLogValue `)
	out.Reset()
	log.Error("failed", "err", fmt.Errorf("outer: %w", Trace(io.EOF)))
	assert.Contains(t, out.String(), `"err":"outer: EOF"`, "the text only")
}

// Errors that each layer has wrapped with what it was doing read like a stack:
// "start: load config app.toml: open: permission denied". This logical trace
// names the file and the key, which no stack knows, crosses goroutines and
// processes, and costs little. A stack names functions and lines for which
// nobody wrote a word. Context for expected errors, a stack for bugs.
//
//claim:ask Do I need stack traces if every layer wraps its errors?
//claim:source https://go.dev/blog/go1.13-errors
func TestTraceOrContext(t *testing.T) {
	open := func(name string) error { return &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission} }
	load := func(name string) error { return fmt.Errorf("load config: %w", open(name)) }
	start := func() error { return fmt.Errorf("start: %w", load("app.toml")) }
	assert.EqualError(t, start(), "start: load config: open app.toml: permission denied")
	assert.NotContains(t, fmt.Sprintf("%+v", Trace(start())), "load config\n", "a stack knows no keys")
}

var traceResult error

//go:noinline
func traceDeep(depth int, f func() error) error {
	if depth > 0 {
		err := traceDeep(depth-1, f)
		traceDepthSeen++ // work after the call: it is no tail call
		return err
	}
	return f()
}

var traceDepthSeen int

// Taking the program counters of a stack costs more than 5 times as much as
// errors.New, and more the deeper the stack is. Printing the stack as text, as
// debug.Stack does, costs more than 3 times that again, because every name and line
// is looked up. So take counters, look names up lazily, and trace unexpected
// errors only. One allocation holds the error and its counters.
//
//claim:ask What does a stack trace in an error cost?
//claim:source https://pkg.go.dev/runtime#Callers
//claim:source https://pkg.go.dev/runtime/debug#Stack
//claim:expect ns/op of=trace,depth=4 > 5x of=plain,depth=4
//claim:expect ns/op of=text,depth=4 > 3x of=trace,depth=4
//claim:expect ns/op of=trace,depth=24 > 1.25x of=trace,depth=4
//claim:expect allocs/op of=plain,depth=4 == 1
//claim:expect allocs/op of=trace,depth=4 == 2
func BenchmarkStackTraceCost(b *testing.B) {
	plain := func() error { return errors.New("failed") }
	traced := func() error { return Trace(errors.New("failed")) }
	text := func() error { return fmt.Errorf("failed\n%s", debug.Stack()) }
	for _, c := range []struct {
		name  string
		depth int
		f     func() error
	}{
		{"of=plain/depth=4", 4, plain},
		{"of=trace/depth=4", 4, traced},
		{"of=trace/depth=24", 24, traced},
		{"of=text/depth=4", 4, text},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				traceResult = traceDeep(c.depth, c.f)
			}
		})
	}
}
