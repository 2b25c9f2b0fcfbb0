package interfaces

import (
	"reflect"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// When the method value is evaluated, not when it is called. For a value receiver the
// value is copied there, so later changes of the variable are not seen. For a pointer
// receiver the pointer is copied, so changes of what it points to are seen, and a new
// value of the pointer variable is not. For x of interface type the dynamic value of that
// moment is bound. With a value method of a pointer, f := p.Value copies *p at once.
//
//claim:ask When is the receiver of a method value bound?
//claim:source https://go.dev/ref/spec#Method_values
func TestMethodValueBound(t *testing.T) {
	d := dial{at: 1}
	p := &d
	var i dialer = d
	value, throughPointer, dynamic, sum := d.Value, p.Value, i.Value, p.Sum
	d.at = 100
	i = dial{at: 200}
	p = &dial{at: 300}

	assert.Equal(t, 1, value(), "a copy")
	assert.Equal(t, 1, throughPointer(), "a copy of *p")
	assert.Equal(t, 1, dynamic(), "what the interface held")
	assert.Equal(t, 100, sum(0), "the pointer to d, and not the new p")
	assert.Equal(t, []int{200, 300}, []int{i.Value(), p.at})
}

// T.M is an ordinary function with the receiver as its first parameter. T.M exists for
// value methods only, (*T).M for all of them, and then also value methods take a pointer.
// I.M of an interface calls the method of whatever is passed. Nothing is bound, so one
// function serves all receivers: good for tables of operations. A promoted method has an
// expression of the outer type.
//
//claim:ask What is a method expression, and how does it differ from a method value?
//claim:source https://go.dev/ref/spec#Method_expressions
func TestMethodExpression(t *testing.T) {
	var (
		_ func(dial) int         = dial.Value
		_ func(*dial) int        = (*dial).Value
		_ func(*dial, int)       = (*dial).Turn
		_ func(dialer) int       = dialer.Value
		_ func(meterByValue) int = meterByValue.Cost // promoted
	)
	a, b := &dial{at: 1}, &dial{at: 2}
	for _, operation := range []func(*dial, int){(*dial).Turn, func(d *dial, n int) { d.at *= n }} {
		operation(a, 10)
		operation(b, 10)
	}
	assert.Equal(t, []int{110, 120}, []int{a.at, b.at})
	assert.Equal(t, 110, dialer.Value(a))
	assert.Equal(t, 120, dialer.Value(*b))

	methodsetTable(t, "type T struct{}\nfunc (*T) M() {}\nfunc (T) V() {}\nvar v T", map[string]string{
		"var f func() = v.M":                      "",
		"var f func(*T) = (*T).M":                 "",
		"var f = T.M":                             "needs pointer receiver (*T).M",
		"var f func(*T) = (*T).V":                 "",
		"var f func(T) = (*T).V":                  "cannot use (*T).V",
		"var f = T{}.M":                           "cannot call pointer method M on T",
		"type S struct{ T }\nvar f func(S) = S.V": "",
	})
}

// It depends on where the receiver is needed. For a nil interface and for a value method
// of a nil pointer the value itself must be read to bind it, so x.M panics, before any
// call. For a pointer method of a nil pointer the nil is bound, and the call fails only
// if the method follows the pointer. A method expression binds nothing and fails at the
// call. So defer x.Close() with a nil interface x panics at the defer statement, far from
// the end of the function.
//
//claim:ask Does f := x.Method panic if x is nil?
//claim:source https://go.dev/ref/spec#Method_values
func TestMethodValueNil(t *testing.T) {
	const deref = "runtime error: invalid memory address or nil pointer dereference"
	var p *dial
	var i dialer
	assert.Equal(t, deref, methodsetPanic(func() { _ = i.Value }))
	assert.Equal(t, deref, methodsetPanic(func() { _ = p.Value }))

	fixed, sum := p.Fixed, p.Sum
	assert.Equal(t, "dial", fixed())
	assert.Equal(t, deref, methodsetPanic(func() { sum(1) }))

	value := dialer.Value
	assert.Equal(t, deref, methodsetPanic(func() { value(i) }))

	reached := false
	assert.Equal(t, deref, methodsetPanic(func() {
		defer i.Value()
		reached = true
	}))
	assert.False(t, reached, "the defer statement itself panics")
}

// A closure: a pointer to an object that holds the address of a small wrapper function
// and the bound receiver. The wrapper has the name of the method with the suffix -fm,
// which you see in stack traces and profiles, and calls the method with the receiver from
// the object. So two method values of one method share the wrapper and differ in the
// receiver. The size is one word plus the size of the receiver: a value method of a large
// struct copies it whole into the object.
//
//claim:ask What is a method value made of?
//claim:source cmd/compile/internal/walk/closure.go
func TestMethodValueLayout(t *testing.T) {
	if proof.RaceEnabled {
		t.Skip("the race detector adds allocations of its own")
	}
	a, b := &dial{at: 1}, &dial{at: 2}
	fa, fb := a.Sum, b.Sum
	keptDialFunc = fa // so that both are on the heap
	wordsA, wordsB := **(**[2]uintptr)(unsafe.Pointer(&fa)), **(**[2]uintptr)(unsafe.Pointer(&fb))
	keptDialFunc = fb
	assert.Equal(t, wordsA[0], wordsB[0], "one wrapper")
	assert.Equal(t, uintptr(unsafe.Pointer(a)), wordsA[1], "the receiver")
	assert.Equal(t, uintptr(unsafe.Pointer(b)), wordsB[1])
	name := runtime.FuncForPC(wordsA[0]).Name()
	assert.True(t, strings.HasSuffix(name, "(*dial).Sum-fm"), name)
	runtime.KeepAlive(a)
	runtime.KeepAlive(b)

	const calls = 100
	size := func(bind func()) uint64 {
		return proof.AllocatedBytes(func() {
			for range calls {
				bind()
			}
		}) / calls
	}
	const word = uint64(unsafe.Sizeof(uintptr(0)))
	big := dialBig{}
	assert.InDelta(t, 2*word, size(func() { keptDialFunc = a.Sum }), float64(word)/2, "the code and a pointer")
	assert.GreaterOrEqual(t, size(func() { keptDialFunc = big.sum }), uint64(unsafe.Sizeof(big)))
	keptDialFunc = nil
}

type dialBig struct {
	at [64]int
}

func (d dialBig) sum(n int) int { return d.at[0] + n }

// Not by comparing: functions can only be compared with nil, and two evaluations of
// obj.Handle may be two objects. Their code pointer, which reflect can show, is the same
// for all receivers, so comparing that would find the wrong listener. Let the
// registration return a function or a token that removes it, or register an interface
// value that holds a pointer: that can be compared.
//
//claim:ask How do I unregister a listener that was registered as obj.Method?
//claim:source https://go.dev/ref/spec#Comparison_operators
func TestMethodValueUnregister(t *testing.T) {
	methodsetTable(t, "func f() {}\ntype T struct{}\nfunc (T) M() {}", map[string]string{
		"var _ = T{}.M == nil": "",
		"var _ = T{}.M == f":   "func can only be compared to nil",
	})
	var a, b dial
	code := func(f func(int)) uintptr { return reflect.ValueOf(f).Pointer() }
	assert.Equal(t, code(a.Turn), code(b.Turn), "not an identity")

	var listeners dialListeners
	removeA := listeners.add(a.Turn)
	listeners.add(b.Turn)
	listeners.call(1)
	removeA()
	listeners.call(10)
	assert.Equal(t, []int{1, 11}, []int{a.at, b.at})

	type turner interface{ Turn(int) }
	registered := map[turner]bool{&a: true, &b: true}
	delete(registered, &a)
	assert.Equal(t, map[turner]bool{&b: true}, registered)
}

// Each function has a variable of its own since Go 1.22, so the values differ. But it is
// the loop variable that is bound, not the element of the slice: a pointer method changes
// a copy that nobody else can see. In modules with a go line before 1.22 all functions
// were bound to the one variable and worked on its last value.
//
//claim:ask for _, v := range list { funcs = append(funcs, v.Method) }: what is bound?
//claim:source https://go.dev/ref/spec#For_statements
//claim:source https://go.dev/blog/loopvar-preview
func TestMethodValueLoop(t *testing.T) {
	list := []dial{{at: 1}, {at: 2}}
	var turns []func(int)
	var sums []func(int) int
	for _, d := range list {
		turns = append(turns, d.Turn)
		sums = append(sums, d.Sum)
	}
	for _, turn := range turns {
		turn(100)
	}
	assert.Equal(t, []dial{{at: 1}, {at: 2}}, list, "copies were turned")
	assert.Equal(t, []int{101, 102}, []int{sums[0](0), sums[1](0)}, "a variable for each iteration")

	var one dial // as before Go 1.22
	sums = nil
	for _, one = range list {
		sums = append(sums, one.Sum)
	}
	assert.Equal(t, []int{2, 2}, []int{sums[0](0), sums[1](0)})

	for i := range list {
		list[i].onTurn()()
	}
	assert.Equal(t, []dial{{at: 2}, {at: 3}}, list)
}

// A method value that is passed to a function which keeps it costs an allocation for each
// evaluation, in a loop for each iteration. Evaluate it once and reuse it: the function
// value is immutable and safe to share. A function literal that calls the method costs
// the same as the method value. A method expression binds nothing, but needs a signature
// that takes the receiver.
//
//claim:ask Should I evaluate obj.Method once, or each time that I pass it?
//claim:expect allocs/op of=each == 100
//claim:expect allocs/op of=literal == 100
//claim:expect allocs/op of=once == 0
//claim:expect ns/op of=each > 3x of=once
//claim:source https://go.dev/ref/spec#Method_values
func BenchmarkMethodValueReuse(b *testing.B) {
	dials := make([]dial, 100)
	sum := 0
	run := func(name string, round func(i int)) {
		b.Run("of="+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for i := range dials {
					round(i)
				}
			}
		})
	}
	d := &dials[0]
	run("each", func(i int) { sum += forEachNumber(1, d.Sum) })
	run("literal", func(i int) { sum += forEachNumber(1, func(n int) int { return d.Sum(n) }) })
	once := d.Sum
	run("once", func(i int) { sum += forEachNumber(1, once) })
}

func TestMethodValueReuse(t *testing.T) {
	d := &dial{at: 1}
	assert.Equal(t, 9, forEachNumber(3, d.Sum))
	assert.Equal(t, 9, forEachNumber(3, func(n int) int { return d.Sum(n) }))
	keptDialFunc = nil
}
