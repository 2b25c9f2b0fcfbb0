package errors

import (
	"fmt"
	"runtime/debug"
)

// PanicError is a panic that [Guard] has turned into an error.
//
// Its methods may be called by several goroutines at once, if those of Value may.
type PanicError struct {
	// Value is what was given to panic. It is nil only for a panic(nil) under
	// GODEBUG=panicnil=1.
	Value any
	// Stack is the stack of the goroutine, in the format of [debug.Stack]. The
	// function that panicked stands behind the line that begins with "panic(".
	Stack []byte
}

// Error returns "panic: " and the value as fmt.Sprint prints it, without the stack.
func (e *PanicError) Error() string { return fmt.Sprint("panic: ", e.Value) }

// Unwrap returns Value if it is an error and nil otherwise, so that errors.Is
// and errors.As see a runtime.Error or what was given to panic. Where a caller
// looks for sentinels such as io.EOF, it must look for *PanicError first: a panic
// with that sentinel is no ordinary end.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// Guard calls f and returns its error, or a [*PanicError] if f panics. It is for
// boundaries that must outlive foreign code: a request, a job, a plugin.
//
// Guard recovers every panic of f in this goroutine, those of the runtime too, so
// the caller should report it and give up what f has worked on. It does not
// see panics of goroutines that f starts, nor fatal errors. If f calls
// runtime.Goexit, as t.FailNow does, the goroutine ends and Guard does not return.
// A nil f is a panic like any other. Guard may be called by several goroutines at once.
func Guard(f func() error) (err error) {
	returned := false
	defer func() {
		// Under GODEBUG=panicnil=1 a panic(nil) gives nil and is stopped all the
		// same. After a Goexit the result is never seen.
		if r := recover(); !returned {
			err = &PanicError{Value: r, Stack: debug.Stack()}
		}
	}()
	err = f()
	returned = true
	return err
}

// panicboundaryBail is how the parser below leaves its recursion. The type is not
// exported and no other code can panic with it.
type panicboundaryBail struct{ err error }

// panicboundaryParser adds up numbers in nested parentheses, such as (1(2 3)).
type panicboundaryParser struct {
	text string
	at   int
}

func panicboundarySum(text string) (int, error) {
	p := panicboundaryParser{text: text}
	return panicboundaryParse(p.group)
}

// panicboundaryParse is the boundary: it converts the parser's own panics to
// errors and lets all others pass.
func panicboundaryParse(parse func() int) (sum int, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case panicboundaryBail:
			sum, err = 0, r.err
		default:
			panic(r)
		}
	}()
	return parse(), nil
}

func (p *panicboundaryParser) fail(what string) {
	panic(panicboundaryBail{fmt.Errorf("offset %d: %s", p.at, what)})
}

func (p *panicboundaryParser) next() byte {
	if p.at == len(p.text) {
		p.fail("unexpected end")
	}
	p.at++
	return p.text[p.at-1]
}

func (p *panicboundaryParser) group() (sum int) {
	if p.next() != '(' {
		p.fail("want (")
	}
	for {
		switch c := p.next(); {
		case c == ')':
			return sum
		case c == '(':
			p.at--
			sum += p.group()
		case '0' <= c && c <= '9':
			sum += int(c - '0')
		case c != ' ':
			p.fail(fmt.Sprintf("unexpected %q", c))
		}
	}
}

// panicboundaryDeepError and panicboundaryDeepPanic fail at the given depth of
// calls, the one by results, the other by a panic.
//
//go:noinline
func panicboundaryDeepError(depth int, err error) error {
	if depth == 0 {
		return err
	}
	if err := panicboundaryDeepError(depth-1, err); err != nil {
		return err
	}
	return nil
}

//go:noinline
func panicboundaryDeepPanic(depth int, err error) {
	if depth == 0 {
		panic(err)
	}
	panicboundaryDeepPanic(depth-1, err)
}

func panicboundaryDeepRecover(depth int, cause error) (err error) {
	defer func() { err, _ = recover().(error) }()
	panicboundaryDeepPanic(depth, cause)
	return nil
}

func panicboundaryDeepGuard(depth int, cause error) error {
	return Guard(func() error {
		panicboundaryDeepPanic(depth, cause)
		return nil
	})
}
