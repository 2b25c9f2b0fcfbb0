package reflection

import (
	"fmt"
	"reflect"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// Not any more: since Go 1.21 ValueOf does not force its argument to the heap,
// and the compiler follows the Value. A local struct that is read with Field
// and Int, or set through its address, stays on the stack, without an
// allocation. What sends it to the heap is a method of Value whose result may
// keep it or hand it to unknown code: Interface, TypeAssert and Call. You may
// read that everything given to reflect escapes. That was true up to Go 1.20,
// and is still true if the Value itself is stored or given to a function that
// the compiler does not know.
//
//claim:ask Does reflect.ValueOf(x) make x escape to the heap?
//claim:source https://go.dev/doc/go1.21#reflect
func TestReflectEscape(t *testing.T) {
	assert.Equal(t, reflect.Struct, rescapeKind(1))
	assert.Equal(t, int64(1), rescapeField(1))
	assert.Equal(t, int64(1), rescapeByName(1))
	assert.Equal(t, 7, rescapeSet(1))
	assert.Equal(t, 1, rescapeInterface(1))
	assert.Equal(t, 1, rescapeTypeAssert(1))
	assert.Equal(t, "point", rescapeCall(1))
	if proof.RaceEnabled {
		return
	}
	allocs := func(f func(int)) float64 {
		return testing.AllocsPerRun(100, func() { f(1000) })
	}
	assert.Zero(t, allocs(func(x int) { rescapeKind(x) }))
	assert.Zero(t, allocs(func(x int) { rescapeField(x) }))
	assert.Zero(t, allocs(func(x int) { rescapeByName(x) }))
	assert.Zero(t, allocs(func(x int) { rescapeSet(x) }))
	assert.Equal(t, 1.0, allocs(func(x int) { rescapeInterface(x) }))
	assert.Equal(t, 1.0, allocs(func(x int) { rescapeTypeAssert(x) }))
	assert.Greater(t, allocs(func(x int) { rescapeCall(x) }), 1.0)
}

// Because the function behind the call is known only at run time. The compiler
// has to assume that it keeps its receiver and every pointer among the
// arguments, so a local variable whose address is passed is moved to the heap;
// reflect forces that even in its source, since the frame of the call is made
// through plain memory. A direct call of the same method lets the variable stay
// on the stack. A call through an interface has the same limit, unless the
// compiler can tell the type behind it.
//
//claim:ask Why do the receiver and the arguments of a reflective call escape?
//claim:source reflect/value.go
func TestReflectCallEscape(t *testing.T) {
	direct := func() int {
		c := callcostCounter{n: 1}
		return c.Add(2)
	}
	reflective := func(args []reflect.Value) int {
		c := callcostCounter{n: 1}
		return int(reflect.ValueOf(&c).Method(0).Call(args)[0].Int())
	}
	onHeap := func(args []reflect.Value, c *callcostCounter) int {
		c.n = 1
		return int(reflect.ValueOf(c).Method(0).Call(args)[0].Int())
	}
	args, c := []reflect.Value{reflect.ValueOf(2)}, new(callcostCounter)
	assert.Equal(t, direct(), reflective(args))
	assert.Equal(t, direct(), onHeap(args, c))
	if proof.RaceEnabled {
		return
	}
	assert.Zero(t, testing.AllocsPerRun(100, func() { direct() }))
	with := testing.AllocsPerRun(100, func() { reflective(args) })
	without := testing.AllocsPerRun(100, func() { onHeap(args, c) })
	assert.Equal(t, 1.0, with-without, "the variable itself")
}

// They take any, which costs before they do anything: a number above 255, a
// string or a struct is boxed, and the compiler has to assume that the function
// keeps the box. An API with typed functions beside the one for any avoids
// this: slog.Int beside slog.Any, strconv.AppendInt beside fmt.Append.
//
//claim:ask What does an API that takes any and reflects on it cost its callers?
//claim:source https://pkg.go.dev/log/slog#hdr-Performance_considerations
//claim:source fmt/print.go
func TestReflectAPICost(t *testing.T) {
	buffer := make([]byte, 0, 64)
	number := 1000
	assert.Equal(t, "1000", string(fmt.Append(buffer, number)))
	type numbered struct{ N int }
	assert.Equal(t, "{1000}", string(fmt.Append(buffer, numbered{number})))
	if proof.RaceEnabled {
		return
	}
	assert.Equal(t, 1.0, testing.AllocsPerRun(100, func() { number++; buffer = fmt.Append(buffer[:0], number) }))
	assert.Equal(t, 1.0, testing.AllocsPerRun(100, func() { number++; buffer = fmt.Append(buffer[:0], numbered{number}) }))
	assert.Zero(t, testing.AllocsPerRun(100, func() { number++; buffer = strconv.AppendInt(buffer[:0], int64(number), 10) }))
}
