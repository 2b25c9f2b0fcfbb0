package reflection

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// Each kind has its constructor: New makes a pointer to a zero variable, Zero a
// zero value, MakeSlice, MakeMap, MakeMapWithSize and MakeChan are the built-in
// make, and MakeFunc makes a func. Structs and arrays have none: New and Elem
// make a variable of them, which is filled field by field. All take a Type, and
// the result asserts to the plain Go type.
//
//claim:ask How do you create values, slices, maps, channels, structs and functions at run time?
//claim:source https://pkg.go.dev/reflect#New
func TestCreateConstructors(t *testing.T) {
	n := reflect.New(reflect.TypeFor[int]())
	n.Elem().SetInt(5)
	require.Equal(t, 5, *n.Interface().(*int))

	list := reflect.MakeSlice(reflect.TypeFor[[]string](), 1, 4)
	list.Index(0).SetString("a")
	require.Equal(t, []string{"a"}, list.Interface())
	require.Equal(t, 4, list.Cap())

	ages := reflect.MakeMapWithSize(reflect.TypeFor[map[string]int](), 10)
	ages.SetMapIndex(reflect.ValueOf("a"), reflect.ValueOf(1))
	require.Equal(t, map[string]int{"a": 1}, ages.Interface())

	c := reflect.MakeChan(reflect.TypeFor[chan int](), 1).Interface().(chan int)
	c <- 1
	require.Equal(t, 1, <-c)

	point := reflect.New(reflect.TypeFor[struct{ X, Y int }]()).Elem()
	point.Field(1).SetInt(2)
	require.Equal(t, struct{ X, Y int }{0, 2}, point.Interface())
	array := reflect.New(reflect.ArrayOf(2, reflect.TypeFor[bool]())).Elem()
	array.Index(1).SetBool(true)
	require.Equal(t, [2]bool{false, true}, array.Interface())

	upper := reflect.MakeFunc(reflect.TypeFor[func(string) string](), func(args []reflect.Value) []reflect.Value {
		return []reflect.Value{reflect.ValueOf(strings.ToUpper(args[0].String()))}
	}).Interface().(func(string) string)
	require.Equal(t, "GO", upper("go"))

	require.Equal(t, "reflect.MakeSlice of non-slice type", lawsPanic(func() { reflect.MakeSlice(reflect.TypeFor[int](), 0, 0) }))
	require.Equal(t, "reflect.MakeMapWithSize of non-map type", lawsPanic(func() { reflect.MakeMap(reflect.TypeFor[int]()) }))
	require.Equal(t, "reflect: New(nil)", lawsPanic(func() { reflect.New(nil) }))
}

// New allocates a variable and returns a pointer to it, so its Elem is
// settable; Zero returns a value that is not, and for small types it makes no
// allocation, because all share one block of zeros. The zero of a pointer type
// is nil: New(t) for t = *T makes a **T that points to nil, and a *T with a T
// in it is New(t.Elem()). This is the usual mistake of decoders and factories.
//
//claim:ask What is the difference between reflect.New and reflect.Zero, and why is my new *T nil?
//claim:source https://pkg.go.dev/reflect#Zero
func TestCreateNewVersusZero(t *testing.T) {
	typ := reflect.TypeFor[*int]()
	require.True(t, reflect.Zero(typ).IsNil())
	require.Equal(t, "**int", reflect.New(typ).Type().String())
	require.True(t, reflect.New(typ).Elem().IsNil())
	require.Equal(t, 0, *reflect.New(typ.Elem()).Interface().(*int))

	require.True(t, reflect.New(typ).Elem().CanSet())
	require.False(t, reflect.Zero(typ).CanSet())
	block := reflect.TypeFor[[100]int]()
	proof.WantAllocs(t, 0, func() { reflect.Zero(block) })
	proof.WantAllocs(t, 1, func() { reflect.New(block) })
	proof.WantAllocs(t, 2, func() { reflect.MakeSlice(reflect.TypeFor[[]int](), 10, 10) })
}

// SliceOf, MapOf, ArrayOf, ChanOf, FuncOf, PointerTo and StructOf return the
// very Type that the compiler uses for the same type, if the program contains
// it, and otherwise make it once and remember it. So their results assert to
// plain Go types. What does not exist is a constructor for defined types: no
// names, no methods, no interfaces at run time, and no instances of generic
// types.
//
//claim:ask Can you build types at run time, and are they identical to compiled ones?
//claim:source https://pkg.go.dev/reflect#StructOf
func TestCreateTypes(t *testing.T) {
	integer, text := reflect.TypeFor[int](), reflect.TypeFor[string]()
	for built, compiled := range map[reflect.Type]reflect.Type{
		reflect.SliceOf(integer):                                             reflect.TypeFor[[]int](),
		reflect.ArrayOf(3, integer):                                          reflect.TypeFor[[3]int](),
		reflect.MapOf(text, integer):                                         reflect.TypeFor[map[string]int](),
		reflect.PointerTo(integer):                                           reflect.TypeFor[*int](),
		reflect.ChanOf(reflect.SendDir, integer):                             reflect.TypeFor[chan<- int](),
		reflect.FuncOf([]reflect.Type{integer}, []reflect.Type{text}, false): reflect.TypeFor[func(int) string](),
		reflect.FuncOf([]reflect.Type{reflect.SliceOf(integer)}, nil, true):  reflect.TypeFor[func(...int)](),
		reflect.StructOf([]reflect.StructField{{Name: "A", Type: integer, Tag: `k:"v"`}}): reflect.TypeFor[struct {
			A int `k:"v"`
		}](),
	} {
		require.True(t, built == compiled, compiled)
	}
	deep := reflect.MapOf(reflect.ArrayOf(77, text), reflect.SliceOf(reflect.ChanOf(reflect.BothDir, text)))
	again := reflect.MapOf(reflect.ArrayOf(77, text), reflect.SliceOf(reflect.ChanOf(reflect.BothDir, text)))
	require.True(t, deep == again, "made once")

	for want, build := range map[string]func(){
		"reflect.MapOf: invalid key type []int":                   func() { reflect.MapOf(reflect.SliceOf(integer), integer) },
		"reflect: negative length passed to ArrayOf":              func() { reflect.ArrayOf(-1, integer) },
		"reflect.FuncOf: last arg of variadic func must be slice": func() { reflect.FuncOf([]reflect.Type{integer}, nil, true) },
		"reflect.ChanOf: element size too large":                  func() { reflect.ChanOf(reflect.BothDir, reflect.ArrayOf(1<<16, integer)) },
	} {
		require.Equal(t, want, lawsPanic(build))
	}
}

// StructOf makes a struct type from a list of fields with names, types and
// tags, and encoders treat it like any other. It has no name and no methods of
// its own. A field needs an exported name, or a PkgPath as well; a duplicate or
// invalid name panics. It suits rows whose columns are known at run time only;
// where no code insists on a struct, a map is simpler.
//
//claim:ask What can you do with reflect.StructOf?
//claim:source https://pkg.go.dev/reflect#StructOf
func TestCreateStructOf(t *testing.T) {
	row := reflect.StructOf([]reflect.StructField{
		{Name: "ID", Type: reflect.TypeFor[int](), Tag: `json:"id"`},
		{Name: "Name", Type: reflect.TypeFor[string](), Tag: `json:"name,omitempty"`},
	})
	v := reflect.New(row)
	require.NoError(t, json.Unmarshal([]byte(`{"id": 7, "name": "Ada"}`), v.Interface()))
	require.EqualValues(t, 7, v.Elem().Field(0).Int())
	v.Elem().Field(1).SetZero()
	text, err := json.Marshal(v.Elem().Interface())
	require.NoError(t, err)
	require.Equal(t, `{"id":7}`, string(text))
	_, ok := v.Elem().Interface().(struct {
		ID   int    `json:"id"`
		Name string `json:"name,omitempty"`
	})
	require.True(t, ok, "identical to the literal")
	require.Empty(t, row.Name())
	require.Zero(t, row.NumMethod())

	integer := reflect.TypeFor[int]()
	for want, fields := range map[string][]reflect.StructField{
		`reflect.StructOf: field "id" is unexported but missing PkgPath`: {{Name: "id", Type: integer}},
		"reflect.StructOf: field 0 has no name":                          {{Type: integer}},
		"reflect.StructOf: field 0 has no type":                          {{Name: "A"}},
		"reflect.StructOf: field 0 has invalid name":                     {{Name: "1A", Type: integer}},
		"reflect.StructOf: duplicate field A":                            {{Name: "A", Type: integer}, {Name: "A", Type: integer}},
	} {
		require.Equal(t, want, lawsPanic(func() { reflect.StructOf(fields) }))
	}
}

// Embedding in StructOf is half done: the methods of an embedded type are not
// generally promoted. A type with methods that is embedded behind the first
// field panics, and an embedded interface yields a type that says it implements
// the interface and panics when the method is called. Give the fields names. A
// plain struct without methods can be embedded, and its fields are promoted.
//
//claim:ask Does reflect.StructOf promote the methods of embedded fields?
//claim:source https://pkg.go.dev/reflect#StructOf
func TestCreateStructOfEmbedded(t *testing.T) {
	stringer := reflect.TypeFor[fmt.Stringer]()
	embedded := func(fields ...reflect.StructField) reflect.Type { return reflect.StructOf(fields) }
	first := reflect.StructField{Name: "A", Type: reflect.TypeFor[int]()}
	require.Equal(t, "reflect: embedded type with methods not implemented if type is not first field",
		lawsPanic(func() {
			embedded(first, reflect.StructField{Name: "Meter", Type: reflect.TypeFor[createMeter](), Anonymous: true})
		}))

	typ := embedded(reflect.StructField{Name: "Stringer", Type: stringer, Anonymous: true})
	require.True(t, typ.Implements(stringer))
	v := reflect.New(typ).Elem()
	v.Field(0).Set(reflect.ValueOf(createMeter(1)))
	require.Equal(t, "reflect: StructOf does not support methods of embedded interfaces",
		lawsPanic(func() { _ = v.Interface().(fmt.Stringer).String() }))

	plain := embedded(first, reflect.StructField{Name: "Pair", Type: reflect.TypeFor[struct{ X, Y int }](), Anonymous: true})
	require.True(t, reflect.New(plain).Elem().FieldByName("Y").CanSet())
}

type createMeter int

func (createMeter) String() string { return "m" }

// createTypes makes each pass of the test below build types that are new.
var createTypes int

// A type that was made at run time stays until the program ends: the tables of
// reflect hold it, and the collector frees its values but not the type. Making
// the same type again costs nothing more. So a server that builds a struct or
// array type per request, from input that varies, leaks memory; bound the
// number of different types.
//
//claim:ask Is a type made by reflect.StructOf or ArrayOf ever freed?
//claim:source reflect/type.go
func TestCreateNeverFreed(t *testing.T) {
	proof.OnceUnderRace(t)
	const types, atLeast = 200, 100 // a descriptor has more bytes
	start := 1_000_000 + createTypes
	createTypes += types
	build := func() int64 {
		before := proof.LiveHeap()
		for i := range types {
			reflect.ArrayOf(start+i, reflect.TypeFor[byte]())
		}
		return int64(proof.LiveHeap() - before)
	}
	require.Greater(t, build(), int64(types*atLeast), "nobody refers to the types")
	require.Less(t, build(), int64(types*atLeast), "the same ones")
}

// createShape is what the types of a registry have in common.
type createShape interface{ Sides() int }

type createSquare struct{ Size int }

func (*createSquare) Sides() int { return 4 }

type createPoint struct{}

func (createPoint) Sides() int { return 0 }

// There is no Class.forName in Go: package reflect has no list of types that a
// name could be looked up in. So keep a map from names to types or to functions
// that make a value, and fill it at start-up, as encoding/gob and database/sql
// do. [Registry] is such a map. A map of functions needs no reflection and is
// often the better choice.
//
//claim:ask How do you create a value from the name of its type?
//claim:source https://pkg.go.dev/encoding/gob#Register
func TestCreateByName(t *testing.T) {
	var shapes Registry[createShape]
	_, err := shapes.New("square")
	require.EqualError(t, err, `unknown type "square", want one of []`)
	shapes.Register("square", &createSquare{Size: 9})
	shapes.Register("point", createPoint{})
	require.Equal(t, []string{"point", "square"}, shapes.Names())

	square, err := shapes.New("square")
	require.NoError(t, err)
	require.Equal(t, &createSquare{}, square, "new, and zero")
	other, err := shapes.New("square")
	require.NoError(t, err)
	require.NotSame(t, square, other)
	point, err := shapes.New("point")
	require.NoError(t, err)
	require.Zero(t, point.Sides())

	require.Equal(t, `reflection.Registry: "point" is reflection.createPoint already`, lawsPanic(func() { shapes.Register("point", createPoint{}) }))
	require.Equal(t, `reflection.Registry: nil for "none"`, lawsPanic(func() { shapes.Register("none", nil) }))

	functions := map[string]func() createShape{"square": func() createShape { return new(createSquare) }}
	require.Equal(t, square, functions["square"]())
}

// NewAt and SliceAt (Go 1.23) make a Value over memory that exists already:
// NewAt a pointer, SliceAt a slice of n elements, with an unsafe.Pointer and a
// Type. Nothing is copied or checked: the memory must have the right size,
// alignment and pointers. They are the run-time forms of (*T)(p) and
// unsafe.Slice, for code that knows the type only as a reflect.Type.
//
//claim:ask What are reflect.NewAt and SliceAt for?
//claim:source https://pkg.go.dev/reflect#SliceAt
func TestCreateAt(t *testing.T) {
	memory := [4]int32{1, 2, 3, 4}
	number := reflect.NewAt(reflect.TypeFor[int32](), unsafe.Pointer(&memory[1]))
	number.Elem().SetInt(20)
	list := reflect.SliceAt(reflect.TypeFor[int32](), unsafe.Pointer(&memory[2]), 2)
	list.Index(1).SetInt(40)
	require.Equal(t, [4]int32{1, 20, 3, 40}, memory)
	require.Same(t, &memory[1], number.Interface().(*int32))
	require.Equal(t, [2]int{2, 2}, [2]int{list.Len(), list.Cap()})
	require.Equal(t, memory[2:], list.Interface())
}

// New(t).Interface() gives a pointer to a type that the generic part of a
// program does not know, and errors.As is the model: it is given a *T as any,
// asks the target's Elem for the type that is looked for, and sets it with Set.
// The same shape serves a function that fills whatever it is given a pointer
// to. With a type parameter the same function needs no reflection for the
// result, as errors.AsType (Go 1.26) shows.
//
//claim:ask How does errors.As find out which type it has to look for?
//claim:source errors/wrap.go
func TestCreateOutParameter(t *testing.T) {
	find := func(values []any, target any) bool { // as errors.As does
		variable := reflect.ValueOf(target).Elem()
		for _, value := range values {
			if v := reflect.ValueOf(value); v.IsValid() && v.Type().AssignableTo(variable.Type()) {
				variable.Set(v)
				return true
			}
		}
		return false
	}
	values := []any{nil, 1, "text", io.EOF}
	var text string
	var err error
	var flag bool
	require.True(t, find(values, &text))
	require.Equal(t, "text", text)
	require.True(t, find(values, &err))
	require.True(t, errors.Is(err, io.EOF))
	require.False(t, find(values, &flag))
}
