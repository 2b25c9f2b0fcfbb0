package interfaces

import (
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The static type decides what may be called, the dynamic type decides what
// runs. A variable of type io.Reader with a *strings.Reader in it has only the
// method Read for the compiler, although the value has more; an assertion, or a
// type switch, gets them back. So passing a value in an interface hides the
// other methods, but does not remove them, and is no protection.
//
//claim:ask The value in my io.Reader has a method Len. Why does r.Len() not compile?
//claim:source https://go.dev/ref/spec#Variables
//claim:source https://go.dev/ref/spec#Selectors
func TestDynamicMethods(t *testing.T) {
	require.Contains(t, convertTypeError(t, `
		type reader interface { Read() }
		type file struct{}
		func (file) Read() {}
		func (file) Len() int { return 0 }
		func f(r reader) { r.Len() }
		func g() { f(file{}) }`), "r.Len undefined (type reader has no field or method Len)")

	var r io.Reader = strings.NewReader("text")
	require.Equal(t, 1, reflect.TypeFor[io.Reader]().NumMethod())
	require.Greater(t, reflect.TypeOf(r).NumMethod(), 5, "of the dynamic type")
	sized, ok := r.(interface{ Len() int })
	require.True(t, ok)
	require.Equal(t, 4, sized.Len())
}

// The dynamic type is never an interface type: converting an interface value to
// another interface type takes over the concrete value. That is why there is no
// interface in an interface, why reflect.TypeOf(err) is the type of the error
// and never error itself, and why %T does not show static types. To talk about
// the interface type itself use reflect.TypeFor[error](), or a pointer to an
// interface variable.
//
//claim:ask Can an interface value hold another interface value?
//claim:source https://go.dev/ref/spec#Variables
//claim:source https://pkg.go.dev/reflect#TypeFor
func TestDynamicNeverInterface(t *testing.T) {
	var err error = &typedNilFault{"name"}
	v := any(err)
	for range 3 {
		v = any(v)
	}
	require.Equal(t, reflect.TypeFor[*typedNilFault](), reflect.TypeOf(v))
	require.Equal(t, "*interfaces.typedNilFault", fmt.Sprintf("%T", err))
	require.Equal(t, layoutOfMethods(&err).data, layoutOf(v).data)

	require.Equal(t, reflect.Interface, reflect.TypeFor[error]().Kind())
	require.Equal(t, reflect.TypeFor[error](), reflect.TypeOf(&err).Elem())
	require.Equal(t, reflect.Interface, reflect.ValueOf(&err).Elem().Kind(), "a variable has its static type")
	require.Equal(t, reflect.TypeFor[*typedNilFault](), reflect.ValueOf(&err).Elem().Elem().Type())
}

// any is an alias of interface{}, declared in the language since Go 1.18: two
// spellings of one type. A func(any) is a func(interface{}), []any is
// []interface{}, and reflect prints both as interface {}. Being a predeclared
// name, any can be shadowed, which is legal and confusing. In a constraint any
// means "every type"; as the type of a variable it means "a value of some type,
// known at run time".
//
//claim:ask What is the difference between any and interface{}?
//claim:source https://go.dev/doc/go1.18#generics
//claim:source https://go.dev/ref/spec#Predeclared_identifiers
func TestDynamicAny(t *testing.T) {
	var f func(any) any = func(v interface{}) interface{} { return v }
	var list []interface{} = []any{1, "a"}
	require.Equal(t, list[1], f("a"))
	require.True(t, reflect.TypeFor[any]() == reflect.TypeFor[interface{}]())
	require.Equal(t, "interface {}", reflect.TypeFor[any]().String())
	require.Equal(t, "[]interface {}", fmt.Sprintf("%T", list))
	require.Empty(t, convertTypeError(t, "func f(any int) int { return any + 1 }"))
	require.Empty(t, convertTypeError(t, "type any int\nvar x any = 1\nvar y int = int(x)"))
}

// A pointer to an interface has no methods, and a *T does not convert to *I: a
// parameter *io.Reader accepts only the address of a variable of type
// io.Reader. An interface value is small and holds a pointer already, so pass
// the interface. A *interface is right only where a function must assign to the
// caller's interface variable, as errors.As and json.Unmarshal do, or for
// reflect.TypeOf((*error)(nil)).Elem().
//
//claim:ask Why is a parameter of type *io.Reader nearly always a mistake?
//claim:source https://go.dev/doc/faq#pointer_to_interface
func TestDynamicPointerToInterface(t *testing.T) {
	const declared = `
		type reader interface { Read() }
		type file struct{}
		func (*file) Read() {}
		func take(r *reader) {}
	`
	require.Contains(t, convertTypeError(t, declared+"func f(r *reader) { r.Read() }"), "type *reader is pointer to interface, not interface")
	require.Contains(t, convertTypeError(t, declared+"func f(x *file) { take(x) }"), "cannot use x (variable of type *file) as *reader value")
	require.Contains(t, convertTypeError(t, declared+"func f(x *file) { take(&x) }"), "cannot use &x")
	require.Contains(t, convertTypeError(t, declared+"func f(r *reader) reader { return r }"), "type *reader is pointer to interface, not interface")
	require.Empty(t, convertTypeError(t, declared+"func f(x *file) { var r reader = x; take(&r) }"))

	assign := func(target *error) { *target = io.EOF }
	var err error
	assign(&err)
	require.Equal(t, io.EOF, err)
	require.Equal(t, reflect.TypeFor[error](), reflect.TypeOf((*error)(nil)).Elem())
}

// An interface holds a copy, and the copy is not addressable: you cannot take
// its address, assign to a field of it, or call a method with a pointer
// receiver on it. Otherwise the copy could be changed behind the back of all
// interface values that share it. Take the value out, change it and store it
// again, or put a pointer into the interface. The same holds for reflect: the
// value inside is not settable.
//
//claim:ask Can I change a struct that is stored in an interface, or call its pointer methods?
//claim:source https://go.dev/ref/spec#Address_operators
//claim:source https://go.dev/ref/spec#Assignment_statements
func TestDynamicNotAddressable(t *testing.T) {
	const declared = "type point struct{ x int }\nfunc (p *point) move() { p.x++ }\n"
	require.Contains(t, convertTypeError(t, declared+"func f(v any) { v.(point).x = 1 }"), "cannot assign to v.(point).x")
	require.Contains(t, convertTypeError(t, declared+"func f(v any) *point { return &v.(point) }"), "cannot take address of v.(point)")
	require.Contains(t, convertTypeError(t, declared+"func f(v any) { v.(point).move() }"), "cannot call pointer method move on point")
	require.Empty(t, convertTypeError(t, declared+"func f(v any) { v.(*point).x = 1; v.(*point).move() }"))
	require.Empty(t, convertTypeError(t, declared+"func f(v any) any { p := v.(point); p.move(); return p }"))

	var v any = boxingSmall{1, 2, 3}
	require.False(t, reflect.ValueOf(v).Field(0).CanSet())
	require.False(t, reflect.ValueOf(&v).Elem().Elem().CanSet(), "not even through a pointer to the interface")
	require.True(t, reflect.ValueOf(&v).Elem().CanSet(), "but the interface variable can be replaced")
}

// A method with a value receiver that is called through an interface works on a
// copy of the copy: what it changes is lost, for the variable and for the
// interface. Through a pointer in the interface a pointer method changes the
// original, and all interface values with that pointer see it. So a type with
// state should have pointer receivers and be stored as a pointer.
//
//claim:ask A method called through an interface changes a field, and the change is lost. Why?
//claim:source https://go.dev/ref/spec#Method_declarations
func TestDynamicLostChange(t *testing.T) {
	type adder interface{ Add(int) int }
	var byValue adder = dynamicValueCounter{}
	require.Equal(t, 5, byValue.Add(5))
	require.Equal(t, 5, byValue.Add(5), "starts at zero again")

	original := &dynamicPointerCounter{}
	var byPointer, other adder = original, original
	require.Equal(t, 5, byPointer.Add(5))
	require.Equal(t, 10, other.Add(5))
	require.Equal(t, 10, original.sum)
}

type dynamicValueCounter struct{ sum int }

func (c dynamicValueCounter) Add(n int) int { c.sum += n; return c.sum }

type dynamicPointerCounter struct{ sum int }

func (c *dynamicPointerCounter) Add(n int) int { c.sum += n; return c.sum }

// An untyped constant takes its default type when it is stored in an interface:
// int, float64, rune, string, bool or complex128, whatever the interface will
// be compared with later. 1 << 3 is an int and 2.0 a float64. A constant that
// overflows int does not compile, so a large mask needs a conversion: uint64(1
// << 63). nil has no default type and gives the nil interface.
//
//claim:ask Which dynamic type has var x any = 1, and 1.0, and 'a'?
//claim:source https://go.dev/ref/spec#Constants
func TestDynamicConstant(t *testing.T) {
	const big = 1 << 63
	for want, v := range map[string]any{
		"int": 1 << 3, "float64": 2.0, "int32": 'a', "string": "a", "bool": 1 < 2, "complex128": 2i, "<nil>": nil, "uint64": uint64(big),
	} {
		require.Equal(t, want, fmt.Sprintf("%T", v))
	}
	require.Contains(t, convertTypeError(t, "var x any = 1 << 63"), "cannot use 1 << 63 (untyped int constant 9223372036854775808) as int value")
	require.Contains(t, convertTypeError(t, "func f(v ...any) {}\nfunc g() { f(1 << 64) }"), "overflows")
}

// No. The interface holds a copy of the slice header, and both headers point to
// one array: a change of an element is seen through the interface, and the
// other way round. A map in an interface is the same map. Only the length is
// fixed by the copy, so an append to the variable is not seen. An array is
// copied with its elements. If nobody else may change the contents, clone
// before the conversion.
//
//claim:ask Does an any that holds a slice protect the slice from changes by others?
//claim:source https://go.dev/ref/spec#Slice_types
func TestDynamicShared(t *testing.T) {
	list, table := []int{1, 2}, map[string]int{"a": 1}
	boxedList, boxedTable, boxedArray := any(list), any(table), any([2]int{1, 2})
	list[0], table["a"] = 100, 100
	require.Equal(t, []int{100, 2}, boxedList)
	require.Equal(t, map[string]int{"a": 100}, boxedTable)
	boxedList.([]int)[1] = 200
	require.Equal(t, 200, list[1], "an element of the shared array can be assigned to")

	array := boxedArray.([2]int)
	array[0] = 100
	require.Equal(t, [2]int{1, 2}, boxedArray, "an array is copied as a whole")

	list = append(list, 3)
	require.Len(t, list, 3)
	require.Len(t, boxedList, 2, "the header in the interface keeps its length")
}
