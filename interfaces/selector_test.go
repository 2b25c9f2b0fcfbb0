package interfaces

import (
	"go/types"
	"io"
	"reflect"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// The one at the smallest depth is meant, where the depth is the number of embedded
// fields on the way. Order in the struct does not matter, and neither does it matter
// whether a name is a field or a method: the first depth that has the name decides. The
// compiler resolves the path, so x.Host is the variable x.A.B.Host at a fixed offset in
// x, as long as no embedded field is a pointer. What is hidden is not replaced; it can
// still be reached by its full path.
//
//claim:ask How does Go find x.f if several embedded structs have an f?
//claim:source https://go.dev/ref/spec#Selectors
func TestSelectorDepth(t *testing.T) {
	x := selectorOuter{
		selectorMiddle: selectorMiddle{selectorDeep{Host: "go.dev", Port: "80"}},
		selectorLeft:   selectorLeft{Port: "443"},
	}
	assert.Equal(t, "443", x.Port, "depth 1 wins over depth 2")
	assert.Equal(t, "80", x.selectorDeep.Port, "hidden, not gone")
	assert.Equal(t, "go.dev", x.Host)
	assert.Same(t, &x.selectorMiddle.selectorDeep.Host, &x.Host, "the same variable")
	assert.Equal(t, unsafe.Offsetof(x.selectorLeft), uintptr(unsafe.Pointer(&x.Port))-uintptr(unsafe.Pointer(&x)))

	field, _ := reflect.TypeOf(x).FieldByName("Host")
	assert.Equal(t, []int{0, 0, 0}, field.Index, "the path, as the compiler finds it")
	field, _ = reflect.TypeOf(x).FieldByName("Port")
	assert.Equal(t, []int{1, 0}, field.Index)

	packages, messages := methodsetCheckAt(t, "go1.26", `package p
type A struct{ Name string }
type B struct{ A }
type C struct{}
func (C) Name() string { return "" }
type S struct { B; *C }
`)
	require.Empty(t, messages)
	found, path, indirect := types.LookupFieldOrMethod(packages["p"].Scope().Lookup("S").Type(), false, nil, "Name")
	assert.IsType(t, (*types.Func)(nil), found, "a method at depth 1 hides a field at depth 2")
	assert.Equal(t, []int{1, 0}, path)
	assert.True(t, indirect, "through the pointer")
}

// Nothing, until somebody uses the name: a struct may embed two types that both have
// Close. The selector x.Close is an error, "ambiguous selector", and so is the use of the
// struct as an io.Closer. The dangerous half is silent: the struct has no Close at all,
// so an assertion at run time is false, and a cleanup that asks for io.Closer does
// nothing. Declare Close on the outer struct: it is at depth 0 and decides.
//
//claim:ask What happens if two embedded types have a method of the same name?
//claim:source https://go.dev/ref/spec#Selectors
func TestSelectorAmbiguous(t *testing.T) {
	const declared = `
type A struct{}
func (A) Close() error { return nil }
type B struct{}
func (B) Close() error { return nil }
type S struct { A; B }
type Closer interface{ Close() error }
var s S
`
	methodsetTable(t, declared, map[string]string{
		"func f() { s.A.Close(); s.B.Close() }":             "",
		"func f() { s.Close() }":                            "ambiguous selector s.Close",
		"var c Closer = s":                                  "S does not implement Closer (ambiguous selector S.Close)",
		"type D struct{ S; C }\ntype C struct{ Close int }": "",
		"type D struct{ S }\nfunc (D) Close() error { return nil }\nvar _ Closer = D{}": "",
		"type D struct{ S; C }\ntype C struct{ S }\nfunc f() { var d D; d.Close() }":    "ambiguous selector d.Close",
	})

	var closed []string
	service := selectorService{selectorLogger{&closed}, selectorStore{&closed}}
	_, closer := any(service).(io.Closer)
	assert.False(t, closer, "no error, and nothing would be closed")
	assert.Empty(t, reflectedMethods(service))

	c, closer := any(selectorClosing{service}).(io.Closer)
	require.True(t, closer)
	require.NoError(t, c.Close())
	assert.Equal(t, []string{"store", "logger"}, closed)
}

// Yes. A new method or field of the embedded type appears in the outer struct too. If
// another embedded type has the name at the same depth, both vanish: code that used it
// does not compile any more, and an optional interface that the struct had implemented is
// lost without a message. If the name was at a greater depth, the new one takes its place
// and another method runs. So embed types of other packages only if you want their future
// methods too; otherwise use a named field.
//
//claim:ask Can an update of a library break my struct that embeds one of its types?
//claim:source https://go.dev/doc/go1compat
func TestSelectorFragile(t *testing.T) {
	const application = `package app
import "lib"
type Named struct{}
func (Named) Name() string { return "" }
type S struct { Named; lib.Client }
`
	const use = "func f(s S) string { return s.Name() }"
	const before = "package lib\ntype Client struct{}"
	const after = before + "\nfunc (Client) Name() string { return `` }"
	assert.Empty(t, methodsetCheck(t, before, application+use))
	assert.Equal(t, []string{"ambiguous selector s.Name"}, methodsetCheck(t, after, application+use))
	assert.Empty(t, methodsetCheck(t, after, application), "nobody says that Name has gone")

	const deeper = `package app
import "lib"
type base struct{}
func (base) Name() int { return 0 }
type Named struct{ base }
type S struct { Named; lib.Client }
var name = S{}.Name()
`
	nameType := func(library string) string {
		packages, messages := methodsetCheckAt(t, "go1.26", library, deeper)
		require.Empty(t, messages)
		return packages["app"].Scope().Lookup("name").Type().String()
	}
	assert.Equal(t, "int", nameType(before))
	assert.Equal(t, "string", nameType(after), "another method, at a smaller depth")
}

// Not in the same type: the compiler says "field and method with the same name". At
// different depths they may meet, and the outer one hides the inner one. So a field
// called Close in the outer struct takes the method Close of an embedded type out of the
// method set, and the struct is no io.Closer any more. A getter is therefore named after
// an unexported field: field name, method Name.
//
//claim:ask Can a struct have a field and a method of the same name?
//claim:source https://go.dev/ref/spec#Uniqueness_of_identifiers
func TestSelectorFieldAndMethod(t *testing.T) {
	const declared = `
type Closer interface{ Close() error }
type A struct{}
func (A) Close() error { return nil }
type Hides struct { A; Close bool }
type Person struct{ name string }
func (p Person) Name() string { return p.name }
`
	methodsetTable(t, declared, map[string]string{
		"type T struct{ Name string }\nfunc (T) Name() string { return `` }": "field and method with the same name Name",
		"func f(p Person) string { return p.Name() + p.name }":               "",
		"var _ Closer = A{}":                              "",
		"var _ Closer = Hides{}":                          "(Hides.Close is a field, not a method)",
		"func f(h Hides) { h.Close = true; h.A.Close() }": "",
		"func f(h Hides) { h.Close() }":                   "bool is not a function",
	})
}

// One. If p is a pointer to a struct, p.f means (*p).f, and the path through embedded
// fields follows every embedded pointer. It does not go on: for a pointer to a pointer
// nothing is found, although (*pp).f works. A pointer to an interface has no methods, and
// a defined type whose underlying type is a pointer has fields but no methods. The
// messages differ and name the cause.
//
//claim:ask How many pointers does a selector follow by itself?
//claim:source https://go.dev/ref/spec#Selectors
func TestSelectorPointers(t *testing.T) {
	methodsetTable(t, `
type T struct{ n int }
func (T) Get() int { return 0 }
func (*T) Add() {}
type P *T
type I interface{ Get() int }
type S struct{ *Q }
type Q struct{ *T }
`, map[string]string{
		"func f(p *T) int { p.Add(); return p.n + p.Get() }":  "",
		"func f(pp **T) int { return (*pp).n + (*pp).Get() }": "",
		"func f(pp **T) int { return pp.n }":                  "pp.n undefined",
		"func f(pp **T) int { return pp.Get() }":              "pp.Get undefined",
		"func f(p P) int { return p.n }":                      "",
		"func f(p P) int { return p.Get() }":                  "p.Get undefined",
		"func f(p P) int { return (*p).Get() }":               "",
		"func f(i *I) int { return i.Get() }":                 "type *I is pointer to interface, not interface",
		"func f(i *I) int { return (*i).Get() }":              "",
		"func f(s S) int { s.Add(); return s.n }":             "",
		"func f(s *S) int { s.Add(); return s.n }":            "",
		"type D struct{ P }":                                  "embedded field type cannot be a pointer",
	})
}

// They are different names. An unexported name belongs to its package, so a struct can
// embed a type of another package that has a field id and declare its own id, and neither
// hides the other. For the same reason you cannot reach an unexported field through
// embedding from outside, and an unexported method cannot be overridden by a method of
// that name in another package: the type still does not implement the interface that asks
// for it.
//
//claim:ask Two packages use the same unexported name. Do they collide when one type embeds the other?
//claim:source https://go.dev/ref/spec#Uniqueness_of_identifiers
func TestSelectorUnexported(t *testing.T) {
	const library = `package lib
type Base struct{ id int }
func (Base) check() {}
func (b Base) ID() int { return b.id }
type Checker interface{ check() }
func Check(Checker) {}
`
	const application = "package app\nimport \"lib\"\n"
	assert.Empty(t, methodsetCheck(t, library, application+`
type T struct { lib.Base; id string }
func (t T) name() string { return t.id }
func (T) check() {}
func f(t T) { lib.Check(t); lib.Check(t.Base) }
`), "check of Base is promoted, and T.check is another method")
	assert.Contains(t, methodsetCheck(t, library, application+"func f(b lib.Base) int { return b.id }")[0], "b.id undefined")
	assert.Contains(t, methodsetCheck(t, library, application+"type T struct{ lib.Base }\nfunc f(t T) int { return t.id }")[0], "t.id undefined")

	own := methodsetCheck(t, library, application+"type T struct{}\nfunc (T) check() {}\nfunc f() { lib.Check(T{}) }")
	require.Len(t, own, 1)
	assert.Contains(t, own[0], "T does not implement lib.Checker (unexported method check)")
}

// Up to Go 1.26 a promoted field is no key in a composite literal: the literal has to
// name the embedded type, as in S{Base: Base{ID: 1}}. Go 1.27 accepts S{ID: 1} if the go
// line of the module is 1.27 or later. Selectors were never restricted this way: s.ID = 1
// works in every release. A key that is hidden or ambiguous as a selector is not a key
// either.
//
//claim:ask Why does S{ID: 1} not compile, although s.ID works?
//claim:source https://go.dev/ref/spec#Composite_literals
//claim:source https://go.dev/doc/go1.27
func TestSelectorLiteral(t *testing.T) {
	const declared = "package p\ntype Base struct{ ID int }\ntype S struct{ Base }\n"
	promoted := func(version string) []string {
		_, messages := methodsetCheckAt(t, version, declared+"var s = S{ID: 1}")
		return messages
	}
	assert.Empty(t, methodsetCheck(t, declared+"var s = S{Base: Base{ID: 1}}\nfunc f() { s.ID = 1 }"))
	require.Len(t, promoted("go1.26"), 1)
	if !proof.GoAtLeast("go1.27") {
		assert.Equal(t, "unknown field ID in struct literal of type S", promoted("go1.26")[0])
		return
	}
	assert.Equal(t, "use of promoted field Base.ID in struct literal of type S requires go1.27 or later", promoted("go1.26")[0])
	assert.Empty(t, promoted("go1.27"))
	_, ambiguous := methodsetCheckAt(t, "go1.27", declared+"type B struct{ ID int }\ntype D struct { Base; B }\nvar d = D{ID: 1}")
	assert.Len(t, ambiguous, 1)
}
