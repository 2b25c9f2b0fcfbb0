package errors

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"runtime"
	"strconv"
)

// Traced is an error together with the stack of the goroutine at the call of [Trace].
// Its text is that of the error it holds: the stack is printed by the verb %+v, and
// logged by log/slog. A Traced is never changed and so safe for concurrent use.
type Traced struct {
	err   error
	depth int
	// Program counters only: names and lines are looked up when somebody reads them.
	counters [traceDepth]uintptr
}

// traceDepth is the number of calls, from the innermost on, that a trace keeps.
const traceDepth = 32

// Trace returns err with the stack of its caller. It returns nil for nil, and
// err itself if something in its tree is a [Traced] already: the place where an
// error came up says more than those that it passed later. Trace allocates
// once, and takes longer the deeper the stack is, up to 32 calls.
//
// Call it where an unexpected error enters the program: around calls of other packages. Do
// not call it for a package-level sentinel error, whose stack is that of the
// initialization, nor for errors that are part of normal operation.
func Trace(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*Traced](err); ok {
		return err
	}
	t := &Traced{err: err}
	t.depth = runtime.Callers(2, t.counters[:]) // without Callers and Trace
	return t
}

// Error returns the text of the error without the stack.
func (t *Traced) Error() string { return t.err.Error() }

// Unwrap returns the error without the stack, for [errors.Is] and [errors.As].
func (t *Traced) Unwrap() error { return t.err }

// Frames yields the calls on the stack, the innermost first, the caller of [Trace]. Calls
// that the compiler has inlined are among them.
func (t *Traced) Frames() iter.Seq[runtime.Frame] {
	return func(yield func(runtime.Frame) bool) {
		frames := runtime.CallersFrames(t.counters[:t.depth])
		for {
			frame, more := frames.Next()
			if frame.PC != 0 && !yield(frame) || !more {
				return
			}
		}
	}
}

// Format prints the text of the error as a string for every verb. The verb %+v adds a
// line for the function and one for the file and line of each call.
func (t *Traced) Format(s fmt.State, verb rune) {
	fmt.Fprintf(s, fmt.FormatString(s, verb), t.Error())
	if verb == 'v' && s.Flag('+') {
		for frame := range t.Frames() {
			io.WriteString(s, "\n"+frame.Function+"\n\t"+position(frame))
		}
	}
}

// LogValue returns a group of the text and the stack for log/slog. It is called only if the
// record is really logged.
func (t *Traced) LogValue() slog.Value {
	var stack []string
	for frame := range t.Frames() {
		stack = append(stack, frame.Function+" "+position(frame))
	}
	return slog.GroupValue(slog.String("message", t.Error()), slog.Any("stack", stack))
}

func position(f runtime.Frame) string { return f.File + ":" + strconv.Itoa(f.Line) }
