package memory

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// The compiler knows what a function does with its parameters only if it knows
// which function is called. These functions call it in several ways, each with
// the address of a local variable.

// pointReader is implemented by pointSource, whose method lets nothing out.
type pointReader interface{ read(*gridPoint) int64 }

type pointSource struct{ value int64 }

//go:noinline
func (s pointSource) read(p *gridPoint) int64 {
	p.x = s.value
	return p.x
}

//go:noinline
func callMethod(s pointSource) int64 {
	var p gridPoint //claim:stack
	return s.read(&p)
}

//go:noinline
func callInterface(r pointReader) int64 {
	var p gridPoint //claim:heap
	return r.read(&p)
}

// The interface value is made here, so the compiler knows what is in it.
//
//go:noinline
func callKnownInterface(s pointSource) int64 {
	var p gridPoint       //claim:stack
	var r pointReader = s //claim:stack
	return r.read(&p)
}

//go:noinline
func callFuncValue(read func(*gridPoint) int64) int64 {
	var p gridPoint //claim:heap
	return read(&p)
}

// The func value has one assignment only, so it is known as well.
//
//go:noinline
func callKnownFunc(s pointSource) int64 {
	var p gridPoint                                       //claim:stack
	read := func(p *gridPoint) int64 { return s.read(p) } //claim:stack
	return read(&p)
}

// One compiled copy of this function serves all types that look alike to the
// garbage collector, and finds the method in a dictionary.
//
//go:noinline
func callTypeParameter[R pointReader](r R) int64 {
	var p gridPoint //claim:heap
	return r.read(&p)
}

func callTypeArgument(s pointSource) int64 { return callTypeParameter(s) }

// io.Reader is the interface that meets a local buffer most often.

//go:noinline
func readIntoLocal(r io.Reader) byte {
	var buf [64]byte //claim:heap
	r.Read(buf[:])
	return buf[0]
}

//go:noinline
func readIntoCallers(r io.Reader, buf []byte) byte {
	r.Read(buf)
	return buf[0]
}

// The package fmt hands its arguments to methods it finds at run time.

//go:noinline
func printValue(n int64) {
	fmt.Fprint(io.Discard, n) //claim:heap
}

//go:noinline
func printAddress(n int64) { //claim:heap
	fmt.Fprint(io.Discard, &n)
}

// A buffer is a header and an array; only the array has to move.

//go:noinline
func bufferLocal() int {
	var buf bytes.Buffer //claim:stack
	buf.WriteString("some text")
	return buf.Len()
}

//go:noinline
func bufferAsWriter() int {
	var buf bytes.Buffer //claim:heap
	fmt.Fprint(&buf, "some text")
	return buf.Len()
}

//go:noinline
func builderLocal() int {
	var b strings.Builder //claim:stack
	b.WriteString("some text")
	return b.Len()
}

// pointHandler and logged have the shape of HTTP middleware: a function that
// wraps a function.
type pointHandler func(*gridPoint) int64

func logged(next pointHandler) pointHandler {
	return func(p *gridPoint) int64 { return next(p) } //claim:heap
}

//go:noinline
func loggedCalled(next pointHandler) pointHandler {
	return func(p *gridPoint) int64 { return next(p) } //claim:heap
}

//go:noinline
func wrapInlined() int64 {
	handle := logged(logged(setPoint)) //claim:stack
	var p gridPoint                    //claim:stack
	return handle(&p)
}

//go:noinline
func wrapCalled() int64 {
	handle := loggedCalled(setPoint) //claim:called
	var p gridPoint                  //claim:heap
	return handle(&p)
}
