package interfaces

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// methodsetPackages imports what methodsetCheckAt has checked before.
type methodsetPackages map[string]*types.Package

func (p methodsetPackages) Import(path string) (*types.Package, error) {
	if pkg, ok := p[path]; ok {
		return pkg, nil
	}
	return nil, errors.New("no package " + path)
}

// methodsetCheckAt checks packages one after the other with the rules of a
// language version. A later one may import an earlier one by its name. It
// returns the packages and the messages of the type checker, the same that the
// compiler prints.
func methodsetCheckAt(t *testing.T, version string, sources ...string) (methodsetPackages, []string) {
	t.Helper()
	packages, messages := methodsetPackages{}, []string{}
	fset := token.NewFileSet()
	for i, source := range sources {
		file, err := parser.ParseFile(fset, strconv.Itoa(i)+".go", source, 0)
		require.NoError(t, err)
		conf := types.Config{Importer: packages, GoVersion: version, Error: func(err error) {
			messages = append(messages, strings.TrimSpace(err.(types.Error).Msg))
		}}
		pkg, _ := conf.Check(file.Name.Name, fset, []*ast.File{file}, nil)
		packages[pkg.Path()] = pkg
	}
	return packages, messages
}

// methodsetCheck returns the compile errors of the packages.
func methodsetCheck(t *testing.T, sources ...string) []string {
	t.Helper()
	_, messages := methodsetCheckAt(t, "go1.26", sources...)
	return messages
}

// methodsetTable checks each line of code behind the declarations: it must have
// one compile error that contains the text, or none if the text is empty.
func methodsetTable(t *testing.T, declarations string, table map[string]string) {
	t.Helper()
	for code, want := range table {
		got := methodsetCheck(t, "package p\n"+declarations+"\n"+code)
		if want == "" {
			assert.Empty(t, got, code)
		} else if assert.NotEmpty(t, got, code) {
			assert.Contains(t, got[0], want, code)
		}
	}
}

// methodsetNames returns the method set of a type declared in the source, as
// the compiler sees it.
func methodsetNames(t *testing.T, source, name string, pointer bool) (names []string) {
	t.Helper()
	packages, messages := methodsetCheckAt(t, "go1.26", source)
	require.Empty(t, messages)
	typ := packages["p"].Scope().Lookup(name).Type()
	if pointer {
		typ = types.NewPointer(typ)
	}
	for method := range types.NewMethodSet(typ).Methods() {
		names = append(names, method.Obj().Name())
	}
	slices.Sort(names)
	return names
}

// reflectedMethods returns the exported methods that reflection finds.
func reflectedMethods(v any) (names []string) {
	for method := range reflect.TypeOf(v).Methods() {
		names = append(names, method.Name)
	}
	return names
}

// methodsetPanic returns the text of the panic that f ends with.
func methodsetPanic(f func()) (text string) {
	defer func() {
		switch v := recover().(type) {
		case nil:
			text = "no panic"
		case error:
			text = v.Error()
		case string:
			text = v
		}
	}()
	f()
	return ""
}

// The method set of T has the methods with receiver T. The set of *T has those with
// receiver T and those with receiver *T. A struct S that embeds T gets the set of T, and
// *S gets the set of *T; if S embeds *T, both S and *S get the set of *T. An interface
// has the methods it lists, and a pointer to an interface has none. The set decides what
// a type implements. It says nothing about calls: v.Add() compiles for every addressable
// v of type T, although Add is not in the set of T.
//
//claim:ask Which methods are in the method set of T, of *T, and of a struct that embeds one of them?
//claim:source https://go.dev/ref/spec#Method_sets
func TestMethodSet(t *testing.T) {
	const source = `package p
type T struct{}
func (T) Cost() int { return 0 }
func (*T) Add(int)  {}
type ByValue struct{ T }
type ByPointer struct{ *T }
type I interface{ Add(int) }
type Pointer *T
`
	value, all := []string{"Cost"}, []string{"Add", "Cost"}
	for _, c := range []struct {
		name    string
		pointer bool
		want    []string
	}{
		{"T", false, value},
		{"T", true, all},
		{"ByValue", false, value},
		{"ByValue", true, all},
		{"ByPointer", false, all},
		{"ByPointer", true, all},
		{"I", false, []string{"Add"}},
		{"I", true, nil},
		{"Pointer", false, nil},
	} {
		assert.Equal(t, c.want, methodsetNames(t, source, c.name, c.pointer), "%s, pointer to it: %t", c.name, c.pointer)
	}

	assert.Equal(t, value, reflectedMethods(meter{}))
	assert.Equal(t, all, reflectedMethods(&meter{}))
	assert.Equal(t, value, reflectedMethods(meterByValue{}))
	assert.Equal(t, all, reflectedMethods(&meterByValue{}))
	assert.Equal(t, all, reflectedMethods(meterByPointer{}))
	assert.Equal(t, all, reflectedMethods(&meterByPointer{}))
	assert.Nil(t, reflectedMethods(new(meterAdder)))

	var m meter
	m.Add(1) // (&m).Add(1)
	assert.Equal(t, 1, m.units)
	_, adder := any(m).(meterAdder)
	assert.False(t, adder, "calls are more liberal than the method set")
}

// A pointer method needs the address of a variable. In t.Add(), t is a variable, and the
// compiler writes (&t).Add() for you. An assignment to an interface copies t, and the
// copy inside the interface has no address that a program may take, so the method could
// only change a hidden copy. The compiler rejects it and says "method Add has pointer
// receiver". The same holds for a method call on an element of a map, on the result of a
// call and on a literal: they are not addressable. An element of a slice is. The cure is
// to put the pointer into the interface or into the map.
//
//claim:ask Why does T with a pointer-receiver method not satisfy the interface, although t.Method() compiles?
//claim:source https://go.dev/ref/spec#Address_operators
//claim:source https://go.dev/doc/faq#different_method_sets
func TestMethodSetPointerReceiver(t *testing.T) {
	const declared = `
type T struct{ n int }
func (t *T) Add() { t.n++ }
type Adder interface{ Add() }
func makeT() T { return T{} }
func use(Adder) {}
var v T
var m map[string]T
var e any = T{}
const c = N(1)
type N int
func (n *N) Add() {}
`
	noAddress := "cannot call pointer method Add on "
	methodsetTable(t, declared, map[string]string{
		"func f() { v.Add() }":                           "",
		"func f() { (&T{}).Add(); new(T).Add() }":        "",
		"func f() { s := []T{{}}; s[0].Add() }":          "",
		"func f() { []T{{}}[0].Add() }":                  "",
		"func f() { v := makeT(); v.Add() }":             "",
		"func f() { for _, v := range m { v.Add() } }":   "",
		"func f() { e.(T).Add() }":                       noAddress + "T",
		"func f() { m[``].Add() }":                       noAddress + "T",
		"func f() { makeT().Add() }":                     noAddress + "T",
		"func f() { T{}.Add() }":                         noAddress + "T",
		"func f() { [1]T{{}}[0].Add() }":                 noAddress + "T",
		"func f() { c.Add() }":                           noAddress + "N",
		"func f() { N(1).Add() }":                        noAddress + "N",
		"func f() { _ = T.Add }":                         "invalid method expression T.Add (needs pointer receiver (*T).Add)",
		"func f() { use(&v) }":                           "",
		"func f() { use(v) }":                            "T does not implement Adder (method Add has pointer receiver)",
		"func f() { var a Adder = v; _ = a }":            "method Add has pointer receiver",
		"func f() { _ = Adder(v) }":                      "method Add has pointer receiver",
		"func f() { _ = []Adder{v} }":                    "method Add has pointer receiver",
		"func f() Adder { return v }":                    "method Add has pointer receiver",
		"func f(a Adder) { _ = a.(T) }":                  "impossible type assertion: a.(T)\n\tT does not implement Adder (method Add has pointer receiver)",
		"func f(a Adder) { switch a.(type) { case T: }}": "impossible type switch case",
	})

	var m meter
	_, adder := any(m).(meterAdder)
	assert.False(t, adder)
	var a meterAdder = &m
	a.Add(2)
	assert.Equal(t, 2, m.units)
	byName := map[string]*meter{"a": &m}
	byName["a"].Add(3)
	assert.Equal(t, 5, m.units)
}

// Because copies of an interface value share the object that holds the dynamic value.
// Assigning an interface copies two words and not the object, which is safe as long as
// nobody can change it. If a pointer method could be called on it, or its field assigned,
// the change would appear in every copy, and a value would behave like a reference. So
// the content of an interface is read-only: to change it, copy it out with a type
// assertion, change the copy and store that, which makes a new object. A pointer in the
// interface has no such problem.
//
//claim:ask Why may the value inside an interface not be changed in place?
//claim:source https://go.dev/ref/spec#Address_operators
func TestMethodSetSharedContent(t *testing.T) {
	data := func(v meterCoster) uintptr { return (*[2]uintptr)(unsafe.Pointer(&v))[1] }

	var a meterCoster = meter{units: runtime.NumCPU(), price: 2}
	b := a
	assert.Equal(t, data(a), data(b), "one object in two interface values")

	changed := a.(meter)
	changed.Add(1)
	a = changed
	assert.NotEqual(t, data(a), data(b), "a new object")
	assert.Equal(t, 2, a.Cost()-b.Cost())

	methodsetTable(t, "type T struct{ n int }\nvar a any = T{}", map[string]string{
		"func f() { a.(T).n = 1 }":         "cannot assign to a.(T).n",
		"func f() { _ = &a.(T) }":          "cannot take address of a.(T)",
		"func f() { _ = a.(T).n }":         "",
		"func f() { a = &T{} }":            "",
		"func f() { a.(*T).n = 1 }":        "",
		"func f() { _ = &a.(*T).n }":       "",
		"func f() { t := a.(T); t.n = 1 }": "",
	})
}

// For a method with a value receiver the compiler makes a second function with a pointer
// receiver. It copies *p and calls the method you wrote. An interface that holds a *T
// calls this one. It has no line in your source: its file is "<autogenerated>". There is
// none in the other direction, because from a copy no function could find the caller's
// variable: T has fewer methods than *T. A call p.Cost() in your source needs no such
// function: it copies *p in place.
//
//claim:ask How can a pointer call a method that has a value receiver?
//claim:source cmd/compile/internal/reflectdata/reflect.go
func TestMethodSetWrapper(t *testing.T) {
	code := func(v any, method string) (name, file string) {
		m, ok := reflect.TypeOf(v).MethodByName(method)
		require.True(t, ok)
		f := runtime.FuncForPC(m.Func.Pointer())
		file, _ = f.FileLine(f.Entry())
		return f.Name(), file[strings.LastIndexByte(file, '/')+1:]
	}
	name, file := code(&meter{}, "Cost")
	assert.Equal(t, "github.com/go-deep-dive/godeep/interfaces.(*meter).Cost", name)
	assert.Equal(t, "<autogenerated>", file)

	name, file = code(meter{}, "Cost")
	assert.Equal(t, "github.com/go-deep-dive/godeep/interfaces.meter.Cost", name)
	assert.Contains(t, []string{"methodset.go", "<autogenerated>"}, file)

	_, file = code(&meter{}, "Add")
	assert.Equal(t, "methodset.go", file, "written, not generated")
	_, ok := reflect.TypeOf(meter{}).MethodByName("Add")
	assert.False(t, ok)

	var byPointer, byValue meterCoster = &meter{2, 3}, meter{2, 3}
	assert.Equal(t, byPointer.Cost(), byValue.Cost())
}

// It counts exported methods only, because reflection must not call what the package
// keeps to itself. The method set in the compiler has the unexported ones too, and an
// interface of the same package can use them. For an interface type reflection is
// different: there NumMethod counts all methods, because it has to know what an
// implementation needs.
//
//claim:ask Why does reflect's NumMethod say less than the number of my methods?
//claim:source https://pkg.go.dev/reflect#Type
func TestMethodSetUnexported(t *testing.T) {
	assert.Equal(t, 2, reflect.TypeFor[*meter]().NumMethod(), "Add and Cost, not reset")
	_, found := reflect.TypeFor[*meter]().MethodByName("reset")
	assert.False(t, found)

	type resetter interface{ reset() }
	m := &meter{units: 1}
	var known any = m
	r, implements := known.(resetter)
	require.True(t, implements, "the run time knows it")
	r.reset()
	assert.Zero(t, m.units)
	assert.Equal(t, 1, reflect.TypeFor[resetter]().NumMethod())
	assert.True(t, reflect.TypeFor[*meter]().Implements(reflect.TypeFor[resetter]()))

	assert.Equal(t, []string{"Add", "reset"}, methodsetNames(t, `package p
type T struct{}
func (*T) Add(int) {}
func (*T) reset()  {}
`, "T", true))
}

// Nothing. A constraint with methods asks for the method set of the type argument, and a
// type parameter that is T has the set of T. So a function with [T Adder] can be
// instantiated with *meter and not with meter, for the same reason that meter does not
// implement the interface. Inside the function, a variable of the type parameter is
// addressable, but that does not widen the set: &v is of type *T, which has no methods at
// all. To make values and call pointer methods on them, give the function a second type
// parameter with the constraint interface{ *T; Add(int) }.
//
//claim:ask Do generics change the rule about pointer receivers?
//claim:source https://go.dev/ref/spec#Implementing_an_interface
func TestMethodSetConstraint(t *testing.T) {
	methodsetTable(t, `
type Adder interface{ Add() }
type T struct{}
func (*T) Add() {}
func all[A Adder](list []A) { for _, a := range list { a.Add() } }
func made[E any, P interface{ *E; Adder }](n int) { for range n { var e E; P(&e).Add() } }
`, map[string]string{
		"func f() { all([]*T{}) }":            "",
		"func f() { all([]T{}) }":             "(type T) does not satisfy Adder (method Add has pointer receiver)",
		"func f() { made[T](3) }":             "",
		"func f[A Adder](a A) { (&a).Add() }": "is pointer to type parameter, not type parameter",
	})
}
