package interfaces

import (
	"net/url"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// nilReceiverFault returns the name of the function that a nil dereference was in, or
// the text of another panic.
func nilReceiverFault(f func()) (where string) {
	defer func() {
		err, ok := recover().(error)
		if !ok {
			where = "no panic"
			return
		}
		if err.Error() != "runtime error: invalid memory address or nil pointer dereference" {
			where = err.Error()
			return
		}
		pc := make([]uintptr, 16)
		frames := runtime.CallersFrames(pc[:runtime.Callers(1, pc)])
		for frame, more := frames.Next(); more; frame, more = frames.Next() {
			// The frames of this function and of the run time come first.
			if strings.HasPrefix(frame.Function, "runtime.") || strings.Contains(frame.Function, "nilReceiverFault.") {
				continue
			}
			where = frame.Function[strings.LastIndexByte(frame.Function, '/')+1:]
			return
		}
	}()
	f()
	return ""
}

// The call itself is fine: the nil pointer is the first argument. If the method has a
// pointer receiver, it runs, and it panics at the line that follows the pointer, if there
// is one. If it has a value receiver, the caller must copy *p, so the panic is in the
// caller, and the method never runs. Through an interface the generated wrapper copies;
// it has a message of its own: "value method … called using nil *T pointer". Look at the
// top frame of the trace to see which case you have.
//
//claim:ask What happens if you call a method on a nil pointer, and where does it panic?
//claim:source https://go.dev/ref/spec#Method_values
//claim:source runtime/error.go
func TestNilReceiverWhere(t *testing.T) {
	var list *nilList
	assert.Equal(t, 0, list.Sum(), "copes with nil")
	assert.Equal(t, "interfaces.(*nilList).First", nilReceiverFault(func() { list.First() }), "in the method")
	caller := nilReceiverFault(func() { list.Copied() })
	assert.True(t, strings.HasPrefix(caller, "interfaces.TestNilReceiverWhere."), caller)

	for _, boxed := range []interface {
		First() int
		Copied() int
	}{list} { // out of a slice, so that the compiler does not know the type
		assert.Equal(t, "interfaces.(*nilList).First", nilReceiverFault(func() { boxed.First() }))
		assert.Equal(t, "value method github.com/go-deep-dive/godeep/interfaces.nilList.Copied called using nil *nilList pointer",
			nilReceiverFault(func() { boxed.Copied() }))
	}
}

// It panics, even if the method itself would accept a nil receiver. p.Sum() means
// (&p.List).Sum(), and the address of a field of a nil struct may not be taken: the spec
// says that it panics, and the compiler checks it, instead of passing a small number as
// an address. If the struct embeds *List and is not nil, but the pointer is, the method
// gets the nil and can cope with it. So a nil object that is useful must not be an
// embedded value in a struct that is used through a nil pointer.
//
//claim:ask A method accepts a nil receiver. Does it also work if it is promoted through a nil struct?
//claim:source https://go.dev/ref/spec#Address_operators
func TestNilReceiverPromoted(t *testing.T) {
	const deref = "runtime error: invalid memory address or nil pointer dereference"
	ready := &nilHolder{"a", nilList{value: 1}}
	assert.Equal(t, 1, ready.Sum(), ready.name)
	var holder *nilHolder
	assert.Equal(t, deref, methodsetPanic(func() { holder.Sum() }))
	assert.Equal(t, deref, methodsetPanic(func() { _ = &holder.nilList }))
	for _, boxed := range []interface{ Sum() int }{holder} {
		assert.Equal(t, deref, methodsetPanic(func() { boxed.Sum() }), "the wrapper checks too")
	}

	pointerHolder := &nilPointerHolder{name: "a"}
	assert.Equal(t, 0, pointerHolder.Sum())
	assert.Equal(t, "a", pointerHolder.name)
	assert.Equal(t, deref, methodsetPanic(func() { (*nilPointerHolder)(nil).Sum() }))
}

// Reading works, writing panics. A method may have a map as its receiver, and a lookup in
// a nil map gives the zero value, so a nil url.Values or http.Header can be read. An
// assignment to an entry of a nil map panics, and the method cannot make a map for its
// caller, because the receiver is a copy. A nil slice receiver can be ranged over, and a
// nil function receiver panics when the method calls it.
//
//claim:ask Can methods of map, slice and function types be called on nil?
//claim:source https://go.dev/ref/spec#Map_types
//claim:source https://pkg.go.dev/net/url#Values
func TestNilReceiverKinds(t *testing.T) {
	var settings nilSettings
	assert.Empty(t, settings.Get("a"))
	assert.Equal(t, "assignment to entry in nil map", methodsetPanic(func() { settings.Set("a", "1") }))

	var values url.Values
	assert.Empty(t, values.Get("a"))
	assert.Empty(t, values.Encode())
	assert.Equal(t, "assignment to entry in nil map", methodsetPanic(func() { values.Set("a", "1") }))

	var queue receiverQueue
	queue.double()
	queue.push(1)
	assert.Equal(t, receiverQueue{1}, queue)

	var steps receiverSteps
	assert.Equal(t, "runtime error: invalid memory address or nil pointer dereference", methodsetPanic(func() { steps.twice(1) }))
}

// Where the empty object has a natural meaning: an empty list or tree, a logger or tracer
// that is switched off, an option that is not set. Then callers need no check, and the
// recursion ends in one place. It is a promise that every method must keep, so say it in
// the documentation. Elsewhere a check only hides the mistake: the nil goes on and fails
// far from its origin. Exported methods of most types may simply panic on nil.
//
//claim:ask When should methods accept a nil receiver?
//claim:source https://go.dev/ref/spec#Method_declarations
func TestNilReceiverUseful(t *testing.T) {
	list := &nilList{1, &nilList{2, nil}}
	assert.Equal(t, 3, list.Sum())
	assert.Equal(t, 0, list.next.next.Sum())

	var off *nilTracer
	off.Trace("not recorded")
	on := &nilTracer{}
	on.Trace("a")
	assert.Equal(t, []string{"a"}, on.lines)
	assert.False(t, off.Enabled())
	assert.True(t, on.Enabled())
}

// nilTracer records lines. A nil *nilTracer is one that is switched off.
type nilTracer struct{ lines []string }

func (t *nilTracer) Enabled() bool { return t != nil }

func (t *nilTracer) Trace(line string) {
	if t != nil {
		t.lines = append(t.lines, line)
	}
}
