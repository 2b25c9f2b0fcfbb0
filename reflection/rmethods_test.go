package reflection

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

type rmethodsGauge struct{ n int }

func (g rmethodsGauge) Value() int      { return g.n }
func (g *rmethodsGauge) Add(n int)      { g.n += n }
func (g rmethodsGauge) label() string   { return "gauge" }
func (g rmethodsGauge) Format() string  { return g.label() }
func (g *rmethodsGauge) Zero(to ...int) { g.n = len(to) }

// NumMethod counts the exported methods of the method set: T has the methods
// with value receiver, *T those with either. Unexported methods of a T or *T
// are not counted, cannot be found by name and cannot be called; only an
// interface type counts them all, because there they decide who implements it.
// Adding a method with a pointer receiver changes nothing for T. An addressable
// Value of type T still has the method set of T: ask v.Addr() for the rest.
//
//claim:ask What does NumMethod report for T, *T and an interface type, and why are unexported methods invisible?
//claim:source https://pkg.go.dev/reflect#Type
func TestRMethodsTable(t *testing.T) {
	value, pointer := reflect.TypeFor[rmethodsGauge](), reflect.TypeFor[*rmethodsGauge]()
	names := func(typ reflect.Type) (list []string) {
		for m := range typ.Methods() {
			list = append(list, m.Name)
		}
		require.Len(t, list, typ.NumMethod())
		return list
	}
	require.Equal(t, []string{"Format", "Value"}, names(value))
	require.Equal(t, []string{"Add", "Format", "Value", "Zero"}, names(pointer))
	require.Equal(t, []string{"Label", "label"}, names(reflect.TypeFor[interface {
		label() string
		Label() string
	}]()))
	_, found := value.MethodByName("label")
	require.False(t, found)
	require.Equal(t, "gauge", rmethodsGauge{}.Format())

	g := rmethodsGauge{}
	variable := reflect.ValueOf(&g).Elem()
	require.Equal(t, 2, variable.NumMethod(), "addressable, and still T")
	require.False(t, variable.MethodByName("Add").IsValid())
	variable.Addr().MethodByName("Add").Call([]reflect.Value{reflect.ValueOf(3)})
	require.Equal(t, 3, g.n)
}

// Methods are numbered in the order of their names, not of the declaration, and
// the number is that of the exported ones of this type: Method(0) of T and of
// *T may be different methods. A new method moves the numbers, so store names
// or the Method, not the index. The order of fields, in contrast, is that of
// the declaration.
//
//claim:ask In which order does reflection list methods and fields?
//claim:source https://pkg.go.dev/reflect#Type
func TestRMethodsOrder(t *testing.T) {
	require.Equal(t, "Format", reflect.TypeFor[rmethodsGauge]().Method(0).Name)
	require.Equal(t, "Add", reflect.TypeFor[*rmethodsGauge]().Method(0).Name)
	m, _ := reflect.TypeFor[*rmethodsGauge]().MethodByName("Value")
	require.Equal(t, 2, m.Index)
	typ := reflect.TypeFor[struct{ Z, A int }]()
	require.Equal(t, "Z", typ.Field(0).Name)
	require.Equal(t, "reflect: Method index out of range", lawsPanic(func() { reflect.TypeFor[rmethodsGauge]().Method(2) }))
}

// Type.Method gives the method as a function whose first parameter is the
// receiver, as the method expression T.Value does. Value.Method gives it bound,
// as the method value v.Value does, and Call takes the arguments only. For an
// interface type there is no function and no receiver in the type: Func is
// invalid.
//
//claim:ask What is the difference between Type.Method and Value.Method?
//claim:source https://pkg.go.dev/reflect#Method
func TestRMethodsReceiver(t *testing.T) {
	g := rmethodsGauge{n: 5}
	m, _ := reflect.TypeOf(g).MethodByName("Value")
	require.Equal(t, "func(reflection.rmethodsGauge) int", m.Type.String())
	require.EqualValues(t, 5, m.Func.Call([]reflect.Value{reflect.ValueOf(g)})[0].Int())
	require.Equal(t, 5, m.Func.Interface().(func(rmethodsGauge) int)(g), "T.Value")

	bound := reflect.ValueOf(g).MethodByName("Value")
	require.Equal(t, "func() int", bound.Type().String())
	require.EqualValues(t, 5, bound.Call(nil)[0].Int())
	require.Equal(t, 5, bound.Interface().(func() int)(), "g.Value")

	fromInterface, _ := reflect.TypeFor[fmt.Stringer]().MethodByName("String")
	require.Equal(t, "func() string", fromInterface.Type.String())
	require.False(t, fromInterface.Func.IsValid())
}

// Value.Method of an addressable Value keeps the address of the receiver and
// reads it at each Call, so it sees changes that come in between, also through
// the func that its Interface returns. The language differs: the method value
// x.M copies x when it is evaluated. For a Value that is a copy, as from
// ValueOf(x), there is no difference.
//
//claim:ask Does Value.Method copy the receiver at once, as a method value does?
//claim:source https://go.dev/ref/spec#Method_values
//claim:source reflect/value.go
func TestRMethodsLateReceiver(t *testing.T) {
	g := rmethodsGauge{n: 1}
	plain := g.Value
	variable := reflect.ValueOf(&g).Elem().MethodByName("Value")
	function := variable.Interface().(func() int)
	copied := reflect.ValueOf(g).MethodByName("Value")
	g.n = 2
	require.Equal(t, 1, plain(), "the language copies")
	require.EqualValues(t, 2, variable.Call(nil)[0].Int())
	require.Equal(t, 2, function())
	require.EqualValues(t, 1, copied.Call(nil)[0].Int())
}

type rmethodsOuter struct {
	*rmethodsGauge
	io.Reader
}

func (rmethodsOuter) Format() string { return "outer" }

// Promoted methods are in the method set of the outer type and are listed as
// its own. An embedded *T brings the methods of *T even to the struct value, an
// embedded interface its methods; a method of the outer type hides the inner
// one. The compiler writes a wrapper for each, with the outer type as receiver,
// so calling one through a nil embedded field panics.
//
//claim:ask Does reflection list promoted methods of embedded fields?
//claim:source https://go.dev/ref/spec#Struct_types
func TestRMethodsPromoted(t *testing.T) {
	typ := reflect.TypeFor[rmethodsOuter]()
	var names []string
	for m := range typ.Methods() {
		names = append(names, m.Name)
		require.Equal(t, typ, m.Type.In(0))
	}
	require.Equal(t, []string{"Add", "Format", "Read", "Value", "Zero"}, names)
	v := reflect.ValueOf(rmethodsOuter{&rmethodsGauge{n: 4}, strings.NewReader("")})
	require.Equal(t, "outer", v.MethodByName("Format").Call(nil)[0].String())
	require.EqualValues(t, 4, v.MethodByName("Value").Call(nil)[0].Int())
	empty := reflect.ValueOf(rmethodsOuter{})
	require.True(t, empty.MethodByName("Value").IsValid(), "the method is there")
	for name, args := range map[string][]reflect.Value{"Value": nil, "Read": {reflect.ValueOf([]byte{})}} {
		require.ErrorContains(t, lawsPanic(func() { empty.MethodByName(name).Call(args) }).(error), "nil pointer")
	}
}

// Call checks at run time what the compiler checks otherwise: the number of
// arguments, and that each is assignable to its parameter. Nothing is
// converted, so an int8 does not go to an int and an int not to a MyInt, but a
// *bytes.Buffer goes to an io.Reader. A nil argument must be Zero of the
// parameter type, because ValueOf(nil) is the zero Value. A nil func, no func
// at all and a private method field panic as well.
//
//claim:ask Which mistakes make Value.Call panic, and how do you pass nil?
//claim:source https://pkg.go.dev/reflect#Value.Call
func TestRMethodsCall(t *testing.T) {
	read := reflect.ValueOf(func(r io.Reader, n int) bool { return r == nil })
	one, nilReader := reflect.ValueOf(1), reflect.Zero(reflect.TypeFor[io.Reader]())
	require.False(t, read.Call([]reflect.Value{reflect.ValueOf(new(bytes.Buffer)), one})[0].Bool())
	require.True(t, read.Call([]reflect.Value{nilReader, one})[0].Bool())
	for want, args := range map[string][]reflect.Value{
		"reflect: Call with too few input arguments":   {nilReader},
		"reflect: Call with too many input arguments":  {nilReader, one, one},
		"reflect: Call using int8 as type int":         {nilReader, reflect.ValueOf(int8(1))},
		"reflect: Call using zero Value argument":      {reflect.ValueOf(nil), one},
		"reflect: Call using string as type io.Reader": {reflect.ValueOf("text"), one},
	} {
		require.Equal(t, want, lawsPanic(func() { read.Call(args) }))
	}
	require.Equal(t, "reflect.Value.Call: call of nil function", lawsPanic(func() { reflect.ValueOf((func())(nil)).Call(nil) }))
	require.Equal(t, &reflect.ValueError{Method: "reflect.Value.Call", Kind: reflect.Int}, lawsPanic(func() { one.Call(nil) }))
}

// Call of a variadic function takes the arguments one by one and makes the
// slice, like f(a, b, c); CallSlice takes the slice itself, like f(a, s...),
// and shares it with the function. CallSlice for a function that is not
// variadic panics. Type.IsVariadic tells which is needed.
//
//claim:ask What is the difference between Call and CallSlice?
//claim:source https://pkg.go.dev/reflect#Value.CallSlice
func TestRMethodsVariadic(t *testing.T) {
	first := func(list ...string) string {
		if len(list) == 0 {
			return "none"
		}
		list[0] += "!"
		return list[0]
	}
	f, words := reflect.ValueOf(first), []string{"a", "b"}
	require.True(t, f.Type().IsVariadic())
	require.Equal(t, "none", f.Call(nil)[0].String())
	require.Equal(t, "x!", f.Call([]reflect.Value{reflect.ValueOf("x"), reflect.ValueOf("y")})[0].String())
	require.Equal(t, "a!", f.CallSlice([]reflect.Value{reflect.ValueOf(words)})[0].String())
	require.Equal(t, []string{"a!", "b"}, words, "shared")
	require.Equal(t, "reflect: cannot use []string as type string in Call", lawsPanic(func() { f.Call([]reflect.Value{reflect.ValueOf(words)}) }))
	require.Equal(t, "reflect: CallSlice of non-variadic function", lawsPanic(func() { reflect.ValueOf(strings.ToUpper).CallSlice([]reflect.Value{reflect.ValueOf("a")}) }))
	require.Equal(t, "reflect: CallSlice with too few input arguments", lawsPanic(func() { f.CallSlice(nil) }))
}

// The error result is a Value of Kind Interface, whose Type is error, and it is
// valid even if it is nil. So ask IsNil, or use the assertion with two results:
// Interface returns a nil any for a nil error, and the assertion with one
// result panics on it. To see whether a function returns an error at all,
// compare Type.Out with TypeFor[error]().
//
//claim:ask How do you read an error result from Value.Call?
//claim:source https://pkg.go.dev/reflect#Value.Call
func TestRMethodsErrorResult(t *testing.T) {
	f := reflect.ValueOf(func(fail bool) error {
		if fail {
			return io.EOF
		}
		return nil
	})
	call := func(fail bool) reflect.Value { return f.Call([]reflect.Value{reflect.ValueOf(fail)})[0] }
	require.Equal(t, reflect.TypeFor[error](), f.Type().Out(0))
	for _, fail := range []bool{true, false} {
		result := call(fail)
		require.Equal(t, reflect.Interface, result.Kind())
		require.Equal(t, reflect.TypeFor[error](), result.Type())
		require.True(t, result.IsValid())
		require.Equal(t, !fail, result.IsNil())
	}
	err, _ := call(true).Interface().(error)
	require.Equal(t, io.EOF, err)
	err, _ = call(false).Interface().(error)
	require.NoError(t, err)
	require.ErrorContains(t, lawsPanic(func() { _ = call(false).Interface().(error) }).(error), "interface conversion: interface is nil, not error")
}

// A panic passes through Value.Call unchanged: reflect neither wraps nor
// catches it, so recover sees the very value that was given to panic. A
// framework that calls handlers of others by reflection needs its own recover
// at that border. The panics of reflect itself, for wrong arguments, are
// strings, and come before the function starts.
//
//claim:ask What happens to a panic in a function that is called by reflection?
//claim:source https://go.dev/ref/spec#Handling_panics
func TestRMethodsPanic(t *testing.T) {
	failure := errors.New("failure")
	started := false
	f := reflect.ValueOf(func(int) { started = true; panic(failure) })
	require.IsType(t, "", lawsPanic(func() { f.Call(nil) }))
	require.False(t, started)
	require.True(t, lawsPanic(func() { f.Call([]reflect.Value{reflect.ValueOf(1)}) }) == any(failure))
	require.True(t, started)
}

// On a nil interface there is no type that has the method, and Method panics. A
// nil pointer has a type: the method is found and called with the nil receiver,
// and what happens depends on the method. A value method of a nil pointer
// panics in the wrapper that dereferences it.
//
//claim:ask Can you call a method on a nil pointer or a nil interface by reflection?
//claim:source https://pkg.go.dev/reflect#Value.Method
func TestRMethodsNil(t *testing.T) {
	var stringer fmt.Stringer
	require.Equal(t, "reflect: Method on nil interface value", lawsPanic(func() { reflect.ValueOf(&stringer).Elem().Method(0) }))
	var b *bytes.Buffer
	require.Equal(t, "<nil>", reflect.ValueOf(b).MethodByName("String").Call(nil)[0].String(), "bytes.Buffer allows it")
	var g *rmethodsGauge
	require.ErrorContains(t, lawsPanic(func() { reflect.ValueOf(g).MethodByName("Value").Call(nil) }).(error), "reflection.rmethodsGauge.Value called using nil *rmethodsGauge pointer")
	stringer = b
	require.Equal(t, "<nil>", reflect.ValueOf(&stringer).Elem().Method(0).Call(nil)[0].String())
}

// rmethodsCommands finds the methods of v that are commands, func(args
// []string) error, as test runners and RPC servers do.
func rmethodsCommands(v any) map[string]func([]string) error {
	commands := make(map[string]func([]string) error)
	receiver := reflect.ValueOf(v)
	for i := range receiver.NumMethod() {
		if run, ok := receiver.Method(i).Interface().(func([]string) error); ok {
			commands[strings.ToLower(receiver.Type().Method(i).Name)] = run
		}
	}
	return commands
}

type rmethodsTool struct{ log []string }

func (r *rmethodsTool) Build(args []string) error {
	r.log = append(r.log, "build"+strings.Join(args, ""))
	return nil
}
func (r *rmethodsTool) Clean([]string) error { return io.EOF }
func (r *rmethodsTool) Log() []string        { return r.log }

// Walk over the methods of a value, keep those whose signature fits, and assert the bound
// method to a plain func type once. After that a call is an ordinary one, checked by the
// compiler, with no list of Values. net/rpc registers its methods in this manner.
//
//claim:ask How do frameworks find handler methods by their signature?
//claim:source https://pkg.go.dev/net/rpc#Register
func TestRMethodsDispatch(t *testing.T) {
	var tool rmethodsTool
	commands := rmethodsCommands(&tool)
	require.Len(t, commands, 2, "Log has another signature")
	require.NoError(t, commands["build"]([]string{"-v"}))
	require.Equal(t, io.EOF, commands["clean"](nil))
	require.Equal(t, []string{"build-v"}, tool.Log())
	require.Empty(t, rmethodsCommands(tool), "pointer receivers")
}
