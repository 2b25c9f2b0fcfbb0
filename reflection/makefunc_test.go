package reflection

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// makeFuncSwap sets *f to a function that returns its two arguments exchanged.
func makeFuncSwap(f any) {
	variable := reflect.ValueOf(f).Elem()
	variable.Set(reflect.MakeFunc(variable.Type(), func(args []reflect.Value) []reflect.Value {
		return []reflect.Value{args[1], args[0]}
	}))
}

// MakeFunc makes a function of a func type that is known at run time from one
// Go function over lists of Values. One implementation so serves every
// signature: here swap for ints, strings and a mixed pair. The result is a
// normal func value, whose calls the compiler checks. If the signatures are
// known when the code is written, a generic function does the same without
// reflection.
//
//claim:ask What does reflect.MakeFunc do?
//claim:source https://pkg.go.dev/reflect#MakeFunc
func TestMakeFuncSwap(t *testing.T) {
	var ints func(a, b int) (int, int)
	var mixed func(a string, b bool) (bool, string)
	makeFuncSwap(&ints)
	makeFuncSwap(&mixed)
	a, b := ints(1, 2)
	require.Equal(t, [2]int{2, 1}, [2]int{a, b})
	flag, text := mixed("x", true)
	require.Equal(t, "x", text)
	require.True(t, flag)
	flag, text = makeFuncGenericSwap("x", true)
	require.Equal(t, "x", text)
	require.True(t, flag)
}

func makeFuncGenericSwap[A, B any](a A, b B) (B, A) { return b, a }

// The results are checked when the function is called, not when it is made: a
// wrong number, a type that is not assignable and the zero Value panic in the
// caller. So a nil error must be returned as Zero of the error type, and never
// as ValueOf(nil). The number of the arguments need not be checked, because the
// caller was compiled.
//
//claim:ask What are the traps of returning from a function made by reflect.MakeFunc, such as a nil error?
//claim:source reflect/makefunc.go
func TestMakeFuncResults(t *testing.T) {
	call := func(results ...reflect.Value) (int, error) {
		typ := reflect.TypeFor[func() (int, error)]()
		return reflect.MakeFunc(typ, func([]reflect.Value) []reflect.Value { return results }).Interface().(func() (int, error))()
	}
	one, noError := reflect.ValueOf(1), reflect.Zero(reflect.TypeFor[error]())
	n, err := call(one, noError)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	_, err = call(one, reflect.ValueOf(io.EOF))
	require.Equal(t, io.EOF, err)
	for want, results := range map[string][]reflect.Value{
		"reflect: wrong return count from function created by MakeFunc":           {one},
		"reflect.MakeFunc: value of type string is not assignable to type int":    {reflect.ValueOf("1"), noError},
		"reflect: function created by MakeFunc using closure returned zero Value": {one, reflect.ValueOf(nil)},
	} {
		require.Equal(t, want, lawsPanic(func() { _, _ = call(results...) }))
	}
}

// A function of any signature is wrapped by one of the same type that MakeFunc
// makes: it receives the arguments as Values and calls the original with
// Value.Call. [Around] does so for any signature. This is as near as Go comes
// to the proxies and decorators of other languages, and it works for func
// values only. A panic of the original passes through unchanged.
//
//claim:ask How do you wrap a function of any signature, for logging or caching?
//claim:source https://pkg.go.dev/reflect#MakeFunc
func TestMakeFuncAround(t *testing.T) {
	var calls []string
	logged := func(args []reflect.Value, next func([]reflect.Value) []reflect.Value) []reflect.Value {
		results := next(args)
		line := ""
		for _, v := range slices.Concat(args, results) {
			line += fmt.Sprint(v, ";")
		}
		calls = append(calls, line)
		return results
	}
	require.Equal(t, 3, Around(strings.Index, logged)("go deep", "deep"))
	require.Equal(t, "a-b", Around(strings.Join, logged)([]string{"a", "b"}, "-"))
	require.Equal(t, "1 x", Around(fmt.Sprintf, logged)("%d %s", 1, "x"))
	require.Equal(t, "none", Around(fmt.Sprintf, logged)("none"))
	require.Equal(t, []string{"go deep;deep;3;", "[a b];-;a-b;", "%d %s;[1 x];1 x;", "none;[];none;"}, calls)

	failure := errors.New("failure")
	require.Equal(t, failure, lawsPanic(func() { Around(func() { panic(failure) }, logged)() }), "not wrapped")
	type makeFuncHandler func(int) int
	twice := Around(makeFuncHandler(func(n int) int { return n + 1 }), func(args []reflect.Value, next func([]reflect.Value) []reflect.Value) []reflect.Value {
		return next(next(args))
	})
	require.Equal(t, 7, twice(5), "a defined func type")
	require.Equal(t, "reflection.Around: int is not a function, or nil", lawsPanic(func() { Around(1, logged) }))
	require.Equal(t, "reflection.Around: func() is not a function, or nil", lawsPanic(func() { Around((func())(nil), logged) }))
	require.Equal(t, "reflection.Around: error is not a function, or nil", lawsPanic(func() { Around[error](nil, logged) }))
}

// A function made for a variadic type gets its last argument as one slice,
// exactly like the body of a variadic function, and nil if there was none. To
// pass it on, use CallSlice: Call would wrap the slice once more, and panics
// unless a slice is what one element may be.
//
//claim:ask How does MakeFunc see the arguments of a variadic function?
//claim:source https://pkg.go.dev/reflect#Value.CallSlice
func TestMakeFuncVariadic(t *testing.T) {
	var seen []reflect.Value
	count := reflect.MakeFunc(reflect.TypeFor[func(string, ...int) int](), func(args []reflect.Value) []reflect.Value {
		seen = args
		return []reflect.Value{reflect.ValueOf(args[1].Len())}
	}).Interface().(func(string, ...int) int)
	require.Equal(t, 3, count("a", 1, 2, 3))
	require.Equal(t, []int{1, 2, 3}, seen[1].Interface())
	require.Zero(t, count("a"))
	require.True(t, seen[1].IsNil())

	args := []reflect.Value{reflect.ValueOf("a"), reflect.ValueOf([]int{1, 2})}
	require.EqualValues(t, 2, reflect.ValueOf(count).CallSlice(args)[0].Int())
	require.Equal(t, "reflect: cannot use []int as type int in Call", lawsPanic(func() { reflect.ValueOf(count).Call(args) }))
}

// Reflection cannot implement an interface at run time. It makes functions and
// struct types, and no methods of a type, so no value made at run time
// implements an interface that was not implemented by compiled code. The
// workaround is a compiled type with one func field for each method, whose
// fields are filled by MakeFunc. So mocks and proxies of interfaces are source
// code, written or generated.
//
//claim:ask Can reflection implement an interface at run time, as a dynamic proxy does?
//claim:source https://go.dev/issue/16522
func TestMakeFuncNoMethods(t *testing.T) {
	made := reflect.StructOf([]reflect.StructField{{Name: "String", Type: reflect.TypeFor[func() string]()}})
	require.False(t, made.Implements(reflect.TypeFor[fmt.Stringer]()), "a field is no method")
	require.Zero(t, made.NumMethod())

	var proxy makeFuncStore
	var log []string
	methods := reflect.ValueOf(&proxy).Elem()
	for field, value := range methods.Fields() {
		value.Set(reflect.MakeFunc(value.Type(), func(args []reflect.Value) []reflect.Value {
			log = append(log, fmt.Sprint(field.Name, " of ", args[0]))
			results := make([]reflect.Value, value.Type().NumOut())
			for i := range results {
				results[i] = reflect.Zero(value.Type().Out(i))
			}
			return results
		}))
	}
	var store interface {
		Get(key string) (string, error)
		Put(key, value string) error
	} = proxy
	require.NoError(t, store.Put("a", "1"))
	_, err := store.Get("a")
	require.NoError(t, err)
	require.Equal(t, []string{"PutFunc of a", "GetFunc of a"}, log)
}

// makeFuncStore implements an interface by its fields.
type makeFuncStore struct {
	GetFunc func(key string) (string, error)
	PutFunc func(key, value string) error
}

func (s makeFuncStore) Get(key string) (string, error) { return s.GetFunc(key) }
func (s makeFuncStore) Put(key, value string) error    { return s.PutFunc(key, value) }

// A function made by MakeFunc is not in the trace: the runtime hides the frames
// between the caller and your Go function, as it takes reflect.makeFuncStub and
// callReflect for generated wrappers. So the trace looks as if the caller had
// called the function literal directly. All functions made by MakeFunc share
// that stub, which is why Value.Pointer is equal for all of them and the name
// found by it is reflect.makeFuncStub.
//
//claim:ask What does a stack trace show of a function made by MakeFunc?
//claim:source reflect/makefunc.go
func TestMakeFuncName(t *testing.T) {
	var stack string
	made := reflect.MakeFunc(reflect.TypeFor[func()](), func([]reflect.Value) []reflect.Value {
		buf := make([]byte, 1<<12)
		stack = string(buf[:runtime.Stack(buf, false)])
		return nil
	}).Interface().(func())
	made()
	require.Contains(t, stack, "reflection.TestMakeFuncName.func1(")
	require.Contains(t, stack, "reflection.TestMakeFuncName(")
	require.NotContains(t, stack, "makeFuncStub")
	require.NotContains(t, stack, "callReflect")
	none := func([]reflect.Value) []reflect.Value { return nil }
	one, other := reflect.MakeFunc(reflect.TypeFor[func()](), none), reflect.MakeFunc(reflect.TypeFor[func(int, string)](), none)
	require.Equal(t, one.Pointer(), other.Pointer())
	require.Equal(t, "reflect.makeFuncStub", runtime.FuncForPC(one.Pointer()).Name())
}
