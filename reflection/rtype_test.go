package reflection

import (
	"bytes"
	htmltemplate "html/template"
	"reflect"
	"strings"
	"sync"
	"testing"
	texttemplate "text/template"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// rtypeWords are the two words of an any, and of a reflect.Type, which is an interface too.
type rtypeWords struct{ typ, data unsafe.Pointer }

// A reflect.Type is an interface value whose data word points to the type
// descriptor that the compiler wrote for the type, the same one that is the
// first word of every any that holds a value of it. So TypeOf copies one word
// and makes no allocation. Behind the pointer lie size, kind, hash, methods and
// names, which no method of Type changes.
//
//claim:ask What is a reflect.Type at run time, and what does TypeOf cost?
//claim:source internal/abi/type.go
//claim:source reflect/type.go
func TestRTypeLayout(t *testing.T) {
	values := []any{1, "s", []int{}, time.Second, struct{ A int }{}, new(int)}
	for _, value := range values {
		typ := reflect.TypeOf(value)
		boxed := (*rtypeWords)(unsafe.Pointer(&value))
		object := (*rtypeWords)(unsafe.Pointer(&typ))
		require.Equal(t, boxed.typ, object.data, "the type word of the any is the data word of the Type")
		size := *(*uintptr)(object.data)
		require.Equal(t, typ.Size(), size, "the descriptor starts with the size")
	}
	var typ reflect.Type
	require.Equal(t, 2*unsafe.Sizeof(uintptr(0)), unsafe.Sizeof(typ))
	var any100 any = [100]int{}
	proof.WantAllocs(t, 0, func() { typ = reflect.TypeOf(any100) })
}

// Types are compared with ==, and identical types give equal Types, however
// they were reached: by TypeOf, by TypeFor, as an element of something, or
// built at run time with SliceOf. Hence a Type is a good map key for a cache of
// plans. Both sides must be of type reflect.Type. Do not compare String()
// instead, which is not unique. A defined type differs from its underlying
// type; an alias does not.
//
//claim:ask How do you compare two types, and can a reflect.Type be a map key?
//claim:source https://pkg.go.dev/reflect#Type
func TestRTypeIdentity(t *testing.T) {
	type rtypeCelsius float64
	type rtypeAlias = float64
	ints := reflect.TypeOf([]int(nil))
	for _, same := range []reflect.Type{
		reflect.TypeFor[[]int](), reflect.SliceOf(reflect.TypeFor[int]()), reflect.TypeOf(map[string][]int{}).Elem(),
		reflect.TypeOf(struct{ F []int }{}).Field(0).Type, reflect.TypeOf(func([]int) {}).In(0), reflect.ValueOf([]int{1}).Type(),
	} {
		require.True(t, ints == same)
	}
	require.True(t, reflect.TypeFor[rtypeAlias]() == reflect.TypeFor[float64]())
	require.False(t, reflect.TypeFor[rtypeCelsius]() == reflect.TypeFor[float64]())
	require.True(t, reflect.TypeFor[byte]() == reflect.TypeFor[uint8]() && reflect.TypeFor[any]() == reflect.TypeFor[interface{}]())

	plans := map[reflect.Type]string{ints: "plan"}
	require.Equal(t, "plan", plans[reflect.SliceOf(reflect.TypeOf(0))])
	require.NotEqual(t, ints, reflect.TypeFor[[3]int](), "the length is part of an array type")
}

// Type.String uses the package name and not its path, so text/template.Template
// and html/template.Template print alike, and so do two types of the same name
// that are declared in two functions. A registry or a cache keyed by String
// mixes them up; key it by the Type. For logs, [TypeName] writes the whole
// path, which separates packages, but not functions.
//
//claim:ask Is the string of a reflect.Type unique?
//claim:source https://pkg.go.dev/reflect#Type
func TestRTypeStringNotUnique(t *testing.T) {
	text, html := reflect.TypeFor[texttemplate.Template](), reflect.TypeFor[htmltemplate.Template]()
	require.Equal(t, text.String(), html.String())
	require.NotEqual(t, text, html)
	require.Equal(t, "text/template.Template", TypeName(text))
	require.Equal(t, "html/template.Template", TypeName(html))

	one, other := rtypeLocalOne(), rtypeLocalOther()
	require.False(t, one == other)
	require.Equal(t, one.String(), other.String())
	require.Equal(t, TypeName(one), TypeName(other))
	byString := map[string]reflect.Type{one.String(): one, other.String(): other}
	byType := map[reflect.Type]bool{one: true, other: true}
	require.Len(t, byString, 1)
	require.Len(t, byType, 2)
}

func rtypeLocalOne() reflect.Type {
	type rtypeLocal struct{ A int }
	return reflect.TypeFor[rtypeLocal]()
}

func rtypeLocalOther() reflect.Type {
	type rtypeLocal struct{ B string }
	return reflect.TypeFor[rtypeLocal]()
}

func TestRTypeTypeName(t *testing.T) {
	type rtypePair[K comparable, V any] struct{ Key, Value any }
	const path = "github.com/go-deep-dive/godeep/reflection."
	for typ, want := range map[reflect.Type]string{
		nil:                               "nil",
		reflect.TypeFor[error]():          "error",
		reflect.TypeFor[unsafe.Pointer](): "unsafe.Pointer",
		reflect.TypeFor[map[string][]*time.Time]():                  "map[string][]*time.Time",
		reflect.TypeFor[[2]htmltemplate.HTML]():                     "[2]html/template.HTML",
		reflect.TypeFor[chan (<-chan htmltemplate.HTML)]():          "chan (<-chan html/template.HTML)",
		reflect.TypeFor[<-chan int]():                               "<-chan int",
		reflect.TypeFor[chan<- int]():                               "chan<- int",
		reflect.TypeFor[func(htmltemplate.HTML) int]():              "func(template.HTML) int",
		reflect.TypeFor[rtypePair[string, *bytes.Buffer]]():         path + "rtypePair[string,*bytes.Buffer]",
		reflect.TypeFor[rtypePair[htmltemplate.HTML, rtypeWords]](): path + "rtypePair[html/template.HTML," + path + "rtypeWords]",
	} {
		require.Equal(t, want, TypeName(typ))
	}
}

// Only predeclared and defined types have a Name; pointers, slices, maps, funcs
// and literals have none, and their Name is empty. PkgPath is the import path
// of a defined type, and empty for int, error and everything without a name, so
// Elem of the pointer must be taken first. The Name of a generic type contains
// the type arguments with their full path, and there is no method that returns
// them separately.
//
//claim:ask What do Name, String and PkgPath of a type return, and what for generic types?
//claim:source https://pkg.go.dev/reflect#Type
func TestRTypeNames(t *testing.T) {
	type rtypeBox[T any] struct{ V T }
	for _, c := range []struct {
		typ                   reflect.Type
		name, pkgPath, string string
	}{
		{reflect.TypeFor[int](), "int", "", "int"},
		{reflect.TypeFor[error](), "error", "", "error"},
		{reflect.TypeFor[any](), "", "", "interface {}"},
		{reflect.TypeFor[rune](), "int32", "", "int32"},
		{reflect.TypeFor[htmltemplate.HTML](), "HTML", "html/template", "template.HTML"},
		{reflect.TypeFor[*htmltemplate.HTML](), "", "", "*template.HTML"},
		{reflect.TypeFor[[]htmltemplate.HTML](), "", "", "[]template.HTML"},
		{reflect.TypeFor[struct{ X int }](), "", "", "struct { X int }"},
		{reflect.TypeFor[func(int) error](), "", "", "func(int) error"},
		{reflect.TypeFor[rtypeBox[htmltemplate.HTML]](), "rtypeBox[html/template.HTML]",
			"github.com/go-deep-dive/godeep/reflection", "reflection.rtypeBox[html/template.HTML]"},
	} {
		require.Equal(t, c.name, c.typ.Name(), c.string)
		require.Equal(t, c.pkgPath, c.typ.PkgPath(), c.string)
		require.Equal(t, c.string, c.typ.String())
	}
}

// Two struct literals are one type if they have the same fields in the same
// order with the same names, types, tags and embedding, and an unexported name
// counts as another one in another package. So a changed tag alone makes a new
// type, to which a value is convertible and not assignable. The string of a
// Type contains the tags, but not the packages.
//
//claim:ask When are two struct types identical, and do tags count?
//claim:source https://go.dev/ref/spec#Type_identity
func TestRTypeStructIdentity(t *testing.T) {
	plain, tagged := reflect.TypeFor[struct{ A int }](), reflect.TypeFor[struct {
		A int `json:"a"`
	}]()
	require.Equal(t, plain, reflect.TypeOf(struct{ A int }{}))
	require.NotEqual(t, plain, tagged)
	require.False(t, plain.AssignableTo(tagged))
	require.True(t, plain.ConvertibleTo(tagged), "since Go 1.8 conversion ignores tags")
	require.Equal(t, `struct { A int "json:\"a\"" }`, tagged.String())

	private := func(pkgPath string) reflect.Type {
		return reflect.StructOf([]reflect.StructField{{Name: "a", PkgPath: pkgPath, Type: reflect.TypeFor[int]()}})
	}
	ours, theirs := private("github.com/go-deep-dive/godeep/reflection"), private("example.com/other")
	require.Equal(t, reflect.TypeFor[struct{ a int }](), ours)
	require.NotEqual(t, ours, theirs)
	require.Equal(t, ours.String(), theirs.String())
}

// A method of reflect.Type that asks for a part panics if the kind has no such
// part: Elem is for pointer, slice, array, map and chan, Key for map, Len for
// array, Field and NumField for struct, In and Out for func, ChanDir for chan,
// Bits for numbers. A Type that came from a nil interface is nil, and any
// method call on it is a nil dereference. Kind, Size, Name, String and
// NumMethod answer for all types. So switch on Kind before calling the others.
//
//claim:ask Which methods of reflect.Type panic, and for which kinds?
//claim:source https://pkg.go.dev/reflect#Type
func TestRTypePanics(t *testing.T) {
	types := []reflect.Type{
		reflect.TypeFor[int](), reflect.TypeFor[string](), reflect.TypeFor[*int](), reflect.TypeFor[[]int](), reflect.TypeFor[[2]int](),
		reflect.TypeFor[map[int]int](), reflect.TypeFor[chan int](), reflect.TypeFor[func(int) int](), reflect.TypeFor[struct{ X int }](),
		reflect.TypeFor[error](),
	}
	for name, c := range map[string]struct {
		call func(reflect.Type)
		want string
	}{
		"Elem":      {func(t reflect.Type) { t.Elem() }, "ptr slice array map chan"},
		"Key":       {func(t reflect.Type) { t.Key() }, "map"},
		"Len":       {func(t reflect.Type) { t.Len() }, "array"},
		"NumField":  {func(t reflect.Type) { t.NumField() }, "struct"},
		"In":        {func(t reflect.Type) { t.In(0) }, "func"},
		"ChanDir":   {func(t reflect.Type) { t.ChanDir() }, "chan"},
		"Bits":      {func(t reflect.Type) { t.Bits() }, "int"},
		"NumMethod": {func(t reflect.Type) { t.NumMethod() }, "int string ptr slice array map chan func struct interface"},
		"Size":      {func(t reflect.Type) { t.Size() }, "int string ptr slice array map chan func struct interface"},
	} {
		var fine []string
		for _, typ := range types {
			if lawsPanic(func() { c.call(typ) }) == nil {
				fine = append(fine, typ.Kind().String())
			}
		}
		require.Equal(t, c.want, strings.Join(fine, " "), name)
	}
	var nothing error
	require.ErrorContains(t, lawsPanic(func() { reflect.TypeOf(nothing).Kind() }).(error), "nil pointer dereference")
}

// A Type describes the function exactly: parameters, results and whether the
// last parameter is variadic, which then has a slice type. The names of
// parameters and results are not part of the type, so they cannot be read.
// Since Go 1.26 the iterators Ins, Outs, Fields and Methods replace the loops
// over an index.
//
//claim:ask What does reflection know about a function: can you read the names of its parameters?
//claim:source https://go.dev/doc/go1.26#reflectpkgreflect
func TestRTypeFunc(t *testing.T) {
	format := func(w *bytes.Buffer, format string, args ...any) (n int, err error) { return 0, nil }
	typ := reflect.TypeOf(format)
	require.Equal(t, "func(*bytes.Buffer, string, ...interface {}) (int, error)", typ.String(), "no names")
	require.True(t, typ.IsVariadic())
	var ins, outs []string
	for in := range typ.Ins() {
		ins = append(ins, in.String())
	}
	for out := range typ.Outs() {
		outs = append(outs, out.String())
	}
	require.Equal(t, []string{"*bytes.Buffer", "string", "[]interface {}"}, ins)
	require.Equal(t, []string{"int", "error"}, outs)

	var fields []string
	for field := range reflect.TypeFor[struct{ A, b int }]().Fields() {
		fields = append(fields, field.Name)
	}
	require.Equal(t, []string{"A", "b"}, fields, "unexported ones too")
}

// A struct's layout is in its Type: Size, Align and for each field the Offset
// and the Index. They agree with unsafe.Sizeof and unsafe.Offsetof, padding
// included. The numbers are those of the running program, so they differ
// between 32- and 64-bit machines, and the order is that of the declaration:
// the compiler does not move fields.
//
//claim:ask Can you see padding and field offsets by reflection?
//claim:source https://pkg.go.dev/reflect#StructField
func TestRTypeOffsets(t *testing.T) {
	type rtypePadded struct {
		Flag bool
		Big  int64
		Last bool
	}
	var p rtypePadded
	typ := reflect.TypeOf(p)
	require.Equal(t, unsafe.Sizeof(p), typ.Size())
	require.Equal(t, unsafe.Alignof(p), uintptr(typ.Align()))
	require.Equal(t, []uintptr{0, unsafe.Offsetof(p.Big), unsafe.Offsetof(p.Last)},
		[]uintptr{typ.Field(0).Offset, typ.Field(1).Offset, typ.Field(2).Offset})
	var used uintptr
	for field := range typ.Fields() {
		used += field.Type.Size()
	}
	require.EqualValues(t, 10, used)
	require.Greater(t, typ.Size(), used, "the rest is padding")
}

// A Type is immutable and safe for concurrent use. A Value is as safe as the Go
// value behind it: many goroutines may read through one Value, and may write to
// different elements, fields or variables; writing and reading the same one
// without synchronisation is a data race, which the race detector sees as well
// as in plain code. The Value itself, three words, is a variable that must not
// be assigned concurrently. The constructors of types use locks or concurrent
// maps.
//
//claim:ask Are reflect.Type and reflect.Value safe for concurrent use?
//claim:source https://pkg.go.dev/reflect#Value
func TestRTypeConcurrent(t *testing.T) {
	squares := make([]int, 8)
	v := reflect.ValueOf(squares)
	types := make([]reflect.Type, len(squares))
	var all sync.WaitGroup
	for i := range squares {
		all.Go(func() { // run under the race detector by this repository
			v.Index(i).SetInt(int64(i * i))
			types[i] = reflect.MapOf(v.Type().Elem(), reflect.SliceOf(v.Type()))
		})
	}
	all.Wait()
	require.Equal(t, []int{0, 1, 4, 9, 16, 25, 36, 49}, squares)
	for _, typ := range types {
		require.True(t, typ == reflect.TypeFor[map[int][][]int]())
	}
}

// TestRTypeConcurrentRace shows, where the race detector is built in, that it sees a race
// through reflection.
func TestRTypeConcurrentRace(t *testing.T) {
	proof.OnceUnderRace(t)
	if !proof.RaceEnabled {
		t.Skip("needs the race detector")
	}
	if proof.InChild(t) {
		n := 0
		v := reflect.ValueOf(&n).Elem()
		var both sync.WaitGroup
		for i := range int64(2) {
			both.Go(func() { v.SetInt(i) })
		}
		both.Wait()
		return
	}
	out, err := proof.Child(t)
	require.Error(t, err)
	require.Contains(t, out, "WARNING: DATA RACE")
	require.Contains(t, out, "reflect.Value.SetInt")
}
