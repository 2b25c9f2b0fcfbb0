package memory

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// What a call does with a pointer is unknown if the compiler cannot tell which
// function is called; then it assumes that the callee keeps the pointer, and
// the variable goes to the heap. That is so for a method of an interface
// value, for a func value and for a method of a type parameter. It is not so
// if the compiler sees in the same function what the interface or the func
// value holds: it then calls the method directly.
//
//claim:ask Why does calling a method through an interface move its arguments to the heap?
//claim:source cmd/compile/internal/escape/call.go
//claim:source cmd/compile/internal/devirtualize/devirtualize.go
func TestUnknownCallee(t *testing.T) {
	s := pointSource{7}
	var r pointReader = s
	for _, c := range []struct {
		by   string
		want float64
		call func() int64
	}{
		{"method", 0, func() int64 { return callMethod(s) }},
		{"interface", 1, func() int64 { return callInterface(r) }},
		{"known interface", 0, func() int64 { return callKnownInterface(s) }},
		{"func value", 1, func() int64 { return callFuncValue(s.read) }},
		{"known func value", 0, func() int64 { return callKnownFunc(s) }},
		{"type parameter", 1, func() int64 { return callTypeArgument(s) }},
	} {
		t.Run(c.by, func(t *testing.T) {
			assert.Equal(t, int64(7), c.call())
			proof.WantAllocs(t, c.want, func() { c.call() })
		})
	}
}

// A local array that is read into through an io.Reader is on the heap, however
// small it is, because the method Read is unknown and could keep the slice.
// Every call allocates it. Let the caller pass the buffer, or keep it in a
// struct that lives longer: then it is allocated once.
//
//claim:ask Why does var buf [64]byte; r.Read(buf[:]) allocate?
//claim:source https://pkg.go.dev/io#Reader
func TestReadBuffer(t *testing.T) {
	source := strings.NewReader(strings.Repeat("x", 1<<16))
	buf := make([]byte, 64)
	assert.Equal(t, byte('x'), readIntoLocal(source))
	assert.Equal(t, byte('x'), readIntoCallers(source, buf))
	proof.WantAllocs(t, 1, func() { readIntoLocal(source) })
	proof.WantAllocs(t, 0, func() { readIntoCallers(source, buf) })
}

// Everything you pass to fmt.Print and its relatives goes to the heap, because
// they look at their arguments through interfaces and reflection. A variable
// whose address is passed moves, and a value is boxed: a copy of it is made on
// the heap at the call. The slice that holds the arguments stays on the stack.
// Integers below 256 and constants are boxed without an allocation (see
// BoxInteger and BoxConstant).
//
//claim:ask Why do the arguments of fmt.Println escape?
//claim:source fmt/print.go
func TestFmtArguments(t *testing.T) {
	proof.WantAllocs(t, 1, func() { printValue(1000) })
	proof.WantAllocs(t, 0, func() { printValue(255) })
	proof.WantAllocs(t, 1, func() { printAddress(1000) })
}

// A local bytes.Buffer or strings.Builder stays on the stack, and only its
// array is allocated: one of 64 bytes by the first short write to a Buffer.
// You may read that the Buffer itself moves to the heap: it no longer does, as
// long as you call its methods directly. Pass it as an io.Writer and it moves,
// for a second allocation.
//
//claim:ask Does a local bytes.Buffer escape to the heap?
//claim:source bytes/buffer.go
func TestLocalBuffer(t *testing.T) {
	var buf bytes.Buffer
	buf.WriteString("some text")
	assert.Equal(t, 64, buf.Cap())
	for _, f := range []func() int{bufferLocal, bufferAsWriter, builderLocal} {
		assert.Equal(t, len("some text"), f())
	}
	proof.WantAllocs(t, 1, func() { bufferLocal() })
	proof.WantAllocs(t, 2, func() { bufferAsWriter() })
	proof.WantAllocs(t, 1, func() { builderLocal() })
}

// A chain of wrapping functions costs nothing if the wrappers are inlined
// where they are used: the closures turn into known func values, which stay on
// the stack, and so does what the chain is called with. You may read that a
// variable whose address goes through a wrapped handler always escapes: that
// is over for wrappers that can be inlined. If a wrapper is not inlined, or
// the finished chain is handed to another function as a func value, the callee
// is unknown and the argument moves to the heap.
//
//claim:ask Does wrapping a handler in middleware make its arguments escape?
//claim:source cmd/compile/internal/inline/inl.go
func TestWrapperChain(t *testing.T) {
	assert.Equal(t, wrapCalled(), wrapInlined())
	kept := logged(setPoint)
	assert.Equal(t, int64(7), callFuncValue(kept))
	proof.WantAllocs(t, 0, func() { wrapInlined() })
	proof.WantAllocs(t, 2, func() { wrapCalled() })
	proof.WantAllocs(t, 1, func() { callFuncValue(kept) })
}

// A function without a body in Go, which is how one written in assembly is
// declared, is unknown to the compiler, so a variable whose address is passed
// to it moves to the heap. The directive //go:noescape before the declaration
// is the promise that the function keeps no pointer, and the compiler takes
// its word for it.
//
//claim:ask How does the compiler treat pointers that are passed to assembly functions?
//claim:source https://pkg.go.dev/cmd/compile#hdr-Function_Directives
func TestUnknownBody(t *testing.T) {
	report := compilerReport(t, "escape/body", "-m")
	assert.Contains(t, report, "body.go:6:14: leaking param: p")
	assert.Contains(t, report, "body.go:12:6: moved to heap: x")
	assert.Contains(t, report, "body.go:9:15: p does not escape")
	assert.NotContains(t, report, "moved to heap: y")
	require.Contains(t, report, "can inline callPromised", "the function with y was compiled")
}
