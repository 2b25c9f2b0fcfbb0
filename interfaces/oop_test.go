package interfaces

import (
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Each of the usual pillars has another carrier. Encapsulation is done by the package:
// lower-case names stay in it. Composition replaces inheritance: a struct has other
// structs as fields or embeds them. Polymorphism is done by interfaces, which types
// implement without naming them, by functions as values, and at compile time by type
// parameters. Methods can be declared on every defined type, not only on structs. What
// does not exist: classes, a type hierarchy, constructors, overloading, protected.
//
//claim:ask How does Go do object orientation without classes?
//claim:source https://go.dev/doc/faq#Is_Go_an_object-oriented_language
func TestOOPWithoutClasses(t *testing.T) {
	total := 0
	for _, shape := range []oopShape{oopSquare{2}, oopRect{2, 3}, oopFramed{oopRect{2, 3}, 4}} {
		total += shape.Area()
	}
	assert.Equal(t, 4+6+10, total, "one call, three methods")

	area := func(shapes ...func() int) (sum int) { // a function value needs no type at all
		for _, shape := range shapes {
			sum += shape()
		}
		return sum
	}
	assert.Equal(t, 10, area(oopSquare{2}.Area, oopRect{2, 3}.Area))
	assert.Equal(t, 8, oopSum([]oopSquare{{2}, {2}}), "decided at compile time")

	methodsetTable(t, "type Base struct{}\ntype D struct{ Base }\nvar d D", map[string]string{
		"var b Base = d":      "cannot use d",
		"var b Base = d.Base": "",
	})
}

func oopSum[S oopShape](shapes []S) (sum int) {
	for _, s := range shapes {
		sum += s.Area()
	}
	return sum
}

// The package, not the type and not the object. Every function of the package sees all
// fields of all its types, so a method may read the unexported fields of another object,
// and a plain function may too. There is no protected: a type that embeds yours in
// another package sees only the exported part. There is no friend either. Reflection of
// another package can read an unexported field and cannot set it.
//
//claim:ask What is the unit of encapsulation in Go?
//claim:source https://go.dev/ref/spec#Exported_identifiers
func TestOOPEncapsulation(t *testing.T) {
	const library = `package lib
type Account struct{ balance int; Owner string }
func (a *Account) Take(from *Account, n int) { from.balance -= n; a.balance += n }
func Reset(a *Account) { a.balance = 0 }
type Audit struct{}
func (Audit) Sum(list ...Account) (sum int) { for _, a := range list { sum += a.balance }; return }
`
	use := func(code string) []string {
		return methodsetCheck(t, library, "package app\nimport \"lib\"\ntype Mine struct{ lib.Account }\nfunc f(a *lib.Account, m *Mine) { "+code+" }")
	}
	assert.Empty(t, methodsetCheck(t, library), "within the package all is open")
	assert.Empty(t, use("a.Owner = ``; m.Owner = ``; m.Take(a, 1)"))
	assert.NotEmpty(t, use("a.balance = 1"))
	assert.NotEmpty(t, use("m.balance = 1"), "embedding opens nothing")
	assert.NotEmpty(t, use("m.Account.balance = 1"))
	assert.NotEmpty(t, use("_ = lib.Account{balance: 1}"))
	assert.NotEmpty(t, use("_ = lib.Account{1, ``}"), "nor does a literal without keys")
	assert.Empty(t, use("b := *a; *a = b"), "a copy is allowed")

	field := reflect.ValueOf(&oopSquare{3}).Elem().Field(0)
	assert.EqualValues(t, 3, field.Int())
	assert.False(t, field.CanSet())
	assert.Contains(t, methodsetPanic(func() { field.SetInt(4) }), "using value obtained using unexported field")
}

// A struct for the fixed part and an interface for the rest. The struct calls the
// interface, and the "subclass" is a value that implements it. Embedding cannot do this:
// a method of the embedded struct never calls back into the outer one. Defaults are a
// second struct that implementations embed and whose methods they hide; this works,
// because the caller holds the outer value in the interface and the lookup starts there.
// With one or two steps, function fields do.
//
//claim:ask How do you write an abstract class, or the template method pattern, in Go?
//claim:source https://go.dev/doc/effective_go#embedding
func TestOOPTemplateMethod(t *testing.T) {
	assert.Equal(t, "untitled: 3 sold", oopReport{oopSales{sold: 3}}.Text())
	assert.Equal(t, "untitled: empty", oopReport{oopReportDefaults{}}.Text())

	var outer embeddedOuter
	assert.Equal(t, "hello from base", outer.Hello(), "the wrong way: not called back")

	type report struct{ title, body func() string }
	text := func(r report) string { return r.title() + ": " + r.body() }
	sales := oopSales{sold: 4}
	assert.Equal(t, "untitled: 4 sold", text(report{sales.Title, sales.Body}))
}

// By its name: outer.Base.Method(). The embedded field is an ordinary field whose name is
// that of its type, so a method of the outer struct can call the method that it hides,
// before or after its own work. There is no keyword, and it works with several embedded
// types, because each has its own name. It is a plain call: what the method calls in turn
// is decided by its own receiver.
//
//claim:ask Go has no super. How does a method call the one that it overrides?
//claim:source https://go.dev/ref/spec#Selectors
func TestOOPSuper(t *testing.T) {
	framed := oopFramed{oopRect{2, 3}, 4}
	assert.Equal(t, 10, framed.Area())
	assert.Equal(t, 6, framed.oopRect.Area())
	methodsetTable(t, "type B struct{}\nfunc (B) M() {}\ntype D struct{ B }", map[string]string{
		"func (d D) M() { d.B.M() }":   "",
		"func (d D) M() { super.M() }": "undefined: super",
	})
}

// Two methods or functions of one name in one scope are an error, whatever their
// parameters. There are no default values and no optional or named arguments either. Use
// different names, a variadic parameter, a struct of options whose zero values mean the
// default, or functional options. Type parameters cover the case of one algorithm for
// several types. So a call always means one function, which can be found by its name
// alone.
//
//claim:ask Does Go have method overloading or default arguments, and what replaces them?
//claim:source https://go.dev/doc/faq#overloading
func TestOOPOverloading(t *testing.T) {
	methodsetTable(t, "type T struct{}\nfunc (T) Add(int) {}\nfunc add(int) {}\ntype Options struct{ Retries int }\nfunc dial(o Options) {}", map[string]string{
		"func (T) Add(string) {}":      "method T.Add already declared",
		"func (*T) Add(int) {}":        "method T.Add already declared",
		"func add(int, int) {}":        "add redeclared in this block",
		"func f() { add() }":           "not enough arguments in call to add",
		"func (T) AddAll(...int) {}":   "",
		"func f() { dial(Options{}) }": "",
		"func sum[N int | float64](N) {}\nfunc f() { sum(1); sum(1.5) }": "",
		"type U struct{}\nfunc (U) Add(string) {}":                       "",
	})
}

// A function, usually NewT, which nobody is forced to call: T{}, new(T) and var x T are
// possible wherever T is visible. So either make the zero value useful, as sync.Mutex and
// bytes.Buffer do, or let every method cope with it. If only the function may make
// values, export an interface or a type that holds an unexported one. A literal with keys
// of unexported fields is an error in other packages, but the empty literal is not.
//
//claim:ask Go has no constructors. How do you make sure that an object is initialised?
//claim:source https://go.dev/doc/effective_go#composite_literals
func TestOOPConstructor(t *testing.T) {
	const library = `package lib
type Open struct{ m map[string]int }
func NewOpen() *Open { return &Open{m: map[string]int{}} }
type closed struct{ m map[string]int }
func (closed) Get() int { return 0 }
type Closed interface{ Get() int; private() }
func (closed) private() {}
func NewClosed() Closed { return closed{m: map[string]int{}} }
`
	use := func(code string) []string {
		return methodsetCheck(t, library, "package app\nimport \"lib\"\nfunc f() { "+code+" }")
	}
	assert.Empty(t, use("_ = lib.NewOpen(); _ = lib.Open{}; _ = new(lib.Open); var o lib.Open; _ = o; _ = make([]lib.Open, 3)"))
	assert.NotEmpty(t, use("_ = lib.Open{m: nil}"))
	assert.NotEmpty(t, use("_ = lib.closed{}"))
	assert.Empty(t, use("var c lib.Closed = lib.NewClosed(); c.Get()"))
	assert.Empty(t, use("var c lib.Closed; _ = c"), "nil is always possible")
}

// Because the promoted method returns the embedded type. q.Where("a") is
// q.Query.Where("a"), and its result is a *Query, which has no Active: after one step of
// the chain the outer type is lost. Call the outer methods first, do without a chain, or
// make the embedded type generic over the outer one, so that it can return it. The same
// limit holds for Clone, With and every method that returns its receiver.
//
//claim:ask I embed a builder with chained methods. Why does the chain lose my methods?
//claim:source https://go.dev/ref/spec#Selectors
func TestOOPFluentChain(t *testing.T) {
	var q oopUserQuery
	var result any = q.Active().Where("a")
	assert.IsType(t, (*oopQuery)(nil), result)
	assert.Equal(t, []string{"active", "a"}, q.conditions)

	c := newOOPUserChain()
	assert.Same(t, c, c.Where("a").Active().Where("b"))
	assert.Equal(t, []string{"a", "active", "b"}, c.conditions)

	methodsetTable(t, `
type Query struct{}
func (q *Query) Where() *Query { return q }
type UserQuery struct{ Query }
func (q *UserQuery) Active() *UserQuery { return q }
`, map[string]string{
		"func f(q *UserQuery) { q.Active().Where() }": "",
		"func f(q *UserQuery) { q.Where().Active() }": "type *Query has no field or method Active",
	})
}

// No. A class fixes at its declaration what it inherits. In Go a type says nothing about
// interfaces, the interface is declared where it is used, and one value can be seen
// through many of them at once, also through those that are written later. An interface
// has no fields and no method bodies, so nothing can be inherited from it: a method
// cannot be declared on one. Default behaviour is a function that takes the interface, or
// a struct to embed.
//
//claim:ask Is an interface in Go the same as an abstract base class?
//claim:source https://go.dev/doc/faq#inheritance
func TestOOPInterfaceNotBase(t *testing.T) {
	var shape oopShape = oopFramed{oopRect{1, 2}, 3}
	type rectangular interface{ Area() int }
	later, ok := shape.(rectangular) // declared after the type, by somebody else
	require.True(t, ok)
	assert.Equal(t, 5, later.Area())
	_, ok = shape.(interface{ Perimeter() int })
	assert.False(t, ok)
	methodsetTable(t, "type I interface{ M() }\ntype T struct{}", map[string]string{
		"func (I) N() {}":                "invalid receiver type I (pointer or interface type)",
		"func (T) M() {}\nvar i I = T{}": "",
	})
}

// No. The method set is fixed when the program is compiled. Reflection can build struct
// types, but not declare methods, and it refuses to embed a type whose methods it would
// have to promote, except as the first field. What you can replace at run time is a
// value: a function in a field or a variable, or the implementation in an interface.
// Mocks in Go work this way.
//
//claim:ask Can methods be added or replaced at run time, as in Python or JavaScript?
//claim:source https://pkg.go.dev/reflect#StructOf
func TestOOPRuntimeMethods(t *testing.T) {
	made := reflect.StructOf([]reflect.StructField{{Name: "Side", Type: reflect.TypeFor[int]()}})
	assert.Zero(t, made.NumMethod())
	embed := reflect.StructField{Name: "Time", Type: reflect.TypeFor[time.Time](), Anonymous: true}
	plain := reflect.StructField{Name: "Side", Type: reflect.TypeFor[int]()}
	assert.Contains(t, methodsetPanic(func() { reflect.StructOf([]reflect.StructField{plain, embed}) }), "embedded type with methods not implemented")

	methodsetTable(t, "type T struct{ F func() }\nfunc (T) M() {}\nvar v T", map[string]string{
		"func f() { v.M = func() {} }": "cannot assign to v.M",
		"func f() { v.F = func() {} }": "",
	})
}
