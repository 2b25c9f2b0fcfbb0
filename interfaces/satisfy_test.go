package interfaces

import (
	"bytes"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// By having its methods, with identical names and signatures, and nothing else: no
// declaration, no import. So a type can implement an interface that was written after it,
// in another package, by somebody else, and neither package depends on the other; this is
// why interfaces belong to the code that uses them. It is called duck typing, but the
// compiler checks it: where a value is assigned to the interface, the method set is
// compared. Only an assertion, v.(I), checks at run time.
//
//claim:ask How does a type implement an interface in Go, and is that duck typing?
//claim:source https://go.dev/ref/spec#Implementing_an_interface
func TestSatisfyImplicit(t *testing.T) {
	type lener interface{ Len() int }
	for _, v := range []lener{new(bytes.Buffer), strings.NewReader(""), reflect.ValueOf("")} {
		assert.Zero(t, v.Len(), "%T has never heard of lener", v)
	}

	packages, messages := methodsetCheckAt(t, "go1.26",
		"package disk\ntype Disk struct{}\nfunc (*Disk) Save(name string) error { return nil }",
		"package report\ntype saver interface{ Save(name string) error }\nfunc Run(saver) {}",
		"package app\nimport (\n\"disk\"\n\"report\"\n)\nfunc f() { report.Run(new(disk.Disk)) }")
	assert.Empty(t, messages)
	assert.Empty(t, packages["disk"].Imports())
	assert.Empty(t, packages["report"].Imports())

	methodsetTable(t, "type I interface{ M() }\ntype T struct{}\nvar e any = T{}", map[string]string{
		"var _ I = T{}":                            "T does not implement I (missing method M)",
		"func f() { _ = e.(I) }":                   "",
		"func f() { _, _ = e.(I) }":                "",
		"func f(m interface{ N() }) { _ = m.(T) }": "impossible type assertion",
	})
}

// It makes the compiler check that *T implements I, at the place where T is declared, and
// not only where somebody assigns it. It documents the intention and gives the error in
// the right package. It costs nothing: the pointer is nil, the variable is blank, and if
// nothing else uses the type, the linked program has not even its method. It is needed
// where no assignment in your own code would check: types found by assertion, such as
// fmt.Stringer or json.Marshaler, and plugins.
//
//claim:ask What is var _ I = (*T)(nil) good for, and what does it cost?
//claim:source https://go.dev/doc/faq#guarantee_satisfies_interface
func TestSatisfyAssertion(t *testing.T) {
	proof.OnceUnderRace(t)
	assert.Empty(t, methodsetCheck(t, "package p\ntype T struct{}\nfunc (T) string() string { return `` }"), "a mistake that compiles")
	methodsetTable(t, "type Stringer interface{ String() string }\ntype T struct{}\nfunc (T) string() string { return `` }", map[string]string{
		"var _ Stringer = (*T)(nil)": "missing method String)\n\t\thave string() string\n\t\twant String() string",
	})

	program, out, err := proof.Build(t, "build", "./testdata/satisfy/asserted")
	require.NoError(t, err, out)
	symbols, err := proof.Go(t, "tool", "nm", program)
	require.NoError(t, err, symbols)
	assert.True(t, strings.Contains(symbols, "main.(*assigned).Write"))
	assert.False(t, strings.Contains(symbols, "onlyAsserted"), "neither method nor type nor method table")
}

// Every type that implemented the interface does no longer, so all code that assigns one
// to it stops compiling, also that of your users and their fakes. Worse are assertions:
// they compile and are false from now on, so an optional feature is switched off in
// silence. Therefore an exported interface that others implement should not grow. Declare
// a second, small interface and ask for it by an assertion; or put an unexported method
// into the first one, so that nobody else can implement it.
//
//claim:ask What breaks if I add a method to an exported interface?
//claim:source https://go.dev/blog/module-compatibility
func TestSatisfyAddMethod(t *testing.T) {
	const before = "package lib\ntype Store interface{ Get(string) string }\nfunc Use(Store) {}"
	const after = "package lib\ntype Store interface{ Get(string) string; Delete(string) }\nfunc Use(Store) {}"
	const user = "package app\nimport \"lib\"\ntype fake struct{}\nfunc (fake) Get(string) string { return `` }\n"
	assigned := user + "func f() { lib.Use(fake{}) }"
	asserted := user + "func f(v any) bool { _, ok := v.(lib.Store); return ok }\nvar _ = f(fake{})"
	assert.Empty(t, methodsetCheck(t, before, assigned, asserted))
	messages := methodsetCheck(t, after, assigned)
	require.Len(t, messages, 1)
	assert.Contains(t, messages[0], "fake does not implement lib.Store (missing method Delete)")
	assert.Empty(t, methodsetCheck(t, after, asserted), "compiles, and is false")

	type store interface{ Get(string) string }
	type storeNow interface {
		Get(string) string
		Delete(string)
	}
	var v any = satisfyOldStore{}
	_, was := v.(store)
	_, is := v.(storeNow)
	assert.Equal(t, []bool{true, false}, []bool{was, is})

	const extended = "package lib\ntype Store interface{ Get(string) string }\ntype Deleter interface{ Store; Delete(string) }\nfunc Use(s Store) { if d, ok := s.(Deleter); ok { d.Delete(``) } }"
	assert.Empty(t, methodsetCheck(t, extended, assigned))
}

type satisfyOldStore struct{}

func (satisfyOldStore) Get(key string) string { return key }

// Identical, in every parameter and result type. Go has no covariance: a method that
// returns *File does not satisfy one that returns io.Reader, although *File is an
// io.Reader, and a parameter of a wider type does not help. The reason: the caller
// expects an interface value, two words, in the result, and the method leaves one
// pointer; somebody would have to convert. Names of parameters do not count, and any is
// interface{}. The compiler prints both signatures, have and want.
//
//claim:ask How exactly must a method match the one in the interface?
//claim:source https://go.dev/ref/spec#Type_identity
func TestSatisfyExact(t *testing.T) {
	methodsetTable(t, `
type Reader interface{ Read() }
type File struct{}
func (*File) Read() {}
type Opener interface{ Open(name string) Reader }
type Equaler interface{ Equal(Equaler) bool }
type Visitor interface{ Visit(v interface{}, n ...int) }
type A struct{}; type B struct{}; type C struct{}
type Name string
`, map[string]string{
		"func (A) Open(path string) Reader { return nil }\nvar _ Opener = A{}": "",
		"func (A) Open(name string) *File { return nil }\nvar _ Opener = A{}":  "(wrong type for method Open)\n\t\thave Open(string) *File\n\t\twant Open(string) Reader",
		"func (A) Open(name Name) Reader { return nil }\nvar _ Opener = A{}":   "(wrong type for method Open)",
		"func (A) Open(name any) Reader { return nil }\nvar _ Opener = A{}":    "(wrong type for method Open)",
		"func (A) Equal(other A) bool { return true }\nvar _ Equaler = A{}":    "have Equal(A) bool\n\t\twant Equal(Equaler) bool",
		"func (A) Visit(any, ...int) {}\nvar _ Visitor = A{}":                  "",
		"func (A) Visit(any, []int) {}\nvar _ Visitor = A{}":                   "have Visit(any, []int)\n\t\twant Visit(interface{}, ...int)",
		"func (A) open(string) Reader { return nil }\nvar _ Opener = A{}":      "missing method Open)\n\t\thave open(string) Reader",
	})

	assert.Equal(t, []string{"Open: have func(string) *strings.Reader, want func(string) io.Reader"},
		Unimplemented[interface{ Open(string) io.Reader }](satisfyOpener{}))
}

type satisfyOpener struct{}

func (satisfyOpener) Open(name string) *strings.Reader { return strings.NewReader(name) }

// Each of them has the method, T as you wrote it and *T by a generated wrapper. They are
// two dynamic types: a type switch with only case T does not take a *T, an assertion to
// the other is false, and as map keys they differ. So decide which of the two goes into
// the interface and say it, by the return type of the constructor and by the assertion at
// the declaration.
//
//claim:ask If T implements an interface by value methods, does *T too, and is it the same?
//claim:source https://go.dev/ref/spec#Method_sets
func TestSatisfyBoth(t *testing.T) {
	kind := func(g satisfyGreeter) string {
		switch g.(type) {
		case satisfyPlain:
			return "value"
		case *satisfyPlain:
			return "pointer"
		}
		return "neither"
	}
	p := satisfyPlain{"hello"}
	assert.Equal(t, "hello you", satisfyGreeter(p).Greet("you"))
	assert.Equal(t, "hello you", satisfyGreeter(&p).Greet("you"))
	assert.Equal(t, []string{"value", "pointer"}, []string{kind(p), kind(&p)})
	assert.False(t, satisfyGreeter(p) == satisfyGreeter(&p))
	assert.True(t, satisfyGreeter(p) == satisfyGreeter(satisfyPlain{"hello"}), "by content")
	assert.False(t, satisfyGreeter(&p) == satisfyGreeter(&satisfyPlain{"hello"}), "by address")
	assert.Len(t, map[satisfyGreeter]int{p: 1, &p: 2, satisfyPlain{"hello"}: 3}, 2)
}

// The first one in the order of the alphabet. Both method tables, that of the interface
// and that of the type, are sorted by name, and the run time walks through them side by
// side, once, until a method of the interface is not found. The panic says "missing
// method" for a wrong signature and for a pointer receiver as well. The function
// Unimplemented lists all of them with the reason.
//
//claim:ask An assertion to an interface panics with "missing method". Which one, if several are missing?
//claim:source runtime/iface.go
//claim:source https://pkg.go.dev/runtime#TypeAssertionError
func TestSatisfyMissingMethod(t *testing.T) {
	type wide interface {
		Write([]byte) (int, error)
		Close() error
		Greet(string) string
		Flush()
	}
	var v any = satisfyPlain{}
	const prefix = "interface conversion: interfaces.satisfyPlain is not "
	assert.Equal(t, prefix+"interfaces.wide: missing method Close", methodsetPanic(func() { _ = v.(wide) }))
	assert.Equal(t, []string{"Close: missing", "Flush: missing", "Write: missing"}, Unimplemented[wide](v))
	var names []string
	for method := range reflect.TypeFor[wide]().Methods() {
		names = append(names, method.Name)
	}
	assert.IsIncreasing(t, names, "sorted, not in the order of the source")

	v = satisfyOpener{}
	assert.Equal(t, "interface conversion: interfaces.satisfyOpener is not interface { Open(string) io.Reader }: missing method Open",
		methodsetPanic(func() { _ = v.(interface{ Open(string) io.Reader }) }))
	v = meter{}
	assert.Equal(t, "interface conversion: interfaces.meter is not interfaces.meterAdder: missing method Add",
		methodsetPanic(func() { _ = v.(meterAdder) }))
	assert.Equal(t, []string{"Add: has pointer receiver"}, Unimplemented[meterAdder](v))
}

// Unimplemented works with everything that may be passed to it.
func TestUnimplemented(t *testing.T) {
	assert.Nil(t, Unimplemented[any](1))
	assert.Nil(t, Unimplemented[fmt.Stringer](reflect.ValueOf(1)))
	assert.Nil(t, Unimplemented[satisfyGreeter]((*satisfyPlain)(nil)), "a typed nil")
	assert.Equal(t, []string{"nil has no methods"}, Unimplemented[any](nil))
	assert.Equal(t, []string{"nil has no methods"}, Unimplemented[io.Reader](io.Reader(nil)))
	assert.Nil(t, Unimplemented[interface{ reset() }](&meter{}))
	assert.Equal(t, []string{"reset: unexported method of github.com/go-deep-dive/godeep/interfaces"}, Unimplemented[interface{ reset() }](1))
	assert.Equal(t, []string{"Sort: have func([]int, ...int), want func(...[]int)"},
		Unimplemented[interface{ Sort(...[]int) }](satisfyVariadic{}))
	assert.Equal(t, []string{"Read: missing"}, Unimplemented[io.Reader](new(io.Reader)), "a pointer to an interface")
	assert.Equal(t, "interfaces: int is not an interface type", methodsetPanic(func() { Unimplemented[int](1) }))
}

type satisfyVariadic struct{}

func (satisfyVariadic) Sort([]int, ...int) {}

// Yes. The name of the type is hidden, not its methods. A caller in another package gets
// the value from a function, keeps it in a variable by :=, and calls the exported
// methods, directly or through an interface; it cannot write the type, so it cannot make
// a zero value or declare a parameter or a field of it. So return an unexported type only
// through an interface, or export the type and keep its fields unexported.
//
//claim:ask Do exported methods on an unexported type make sense?
//claim:source https://go.dev/ref/spec#Exported_identifiers
func TestSatisfyUnexportedType(t *testing.T) {
	const library = `package lib
type client struct{ n int }
func (*client) Get() int { return 0 }
func (*client) reset() {}
func New() *client { return &client{} }
type Getter interface{ Get() int }
`
	for code, want := range map[string]string{
		"func f() int { c := lib.New(); return c.Get() }": "",
		"var g lib.Getter = lib.New()":                    "",
		"var c = lib.New()\nfunc f() { c = lib.New() }":   "",
		"func f() { lib.New().reset() }":                  "reset undefined",
		"var c lib.client":                                "name client not exported by package lib",
		"func f(c *lib.client) {}":                        "name client not exported by package lib",
		"type holds[T any] struct{ it T }\nfunc hold[T any](it T) holds[T] { return holds[T]{it} }\nvar h = hold(lib.New())": "",
	} {
		got := methodsetCheck(t, library, "package app\nimport \"lib\"\nvar _ lib.Getter\n"+code)
		if want == "" {
			assert.Empty(t, got, code)
		} else if assert.NotEmpty(t, got, code) {
			assert.Contains(t, got[0], want, code)
		}
	}
}

// At every place where a value becomes an interface value: an assignment, an argument, a
// return, an element of a literal, a channel send, a map key, a comparison with an
// interface value, and a conversion. Each place is checked for itself; the compiler does
// not keep a list of who implements what, and an unused mistake is no error. Values of
// type []T are not converted element by element, so they never match []I.
//
//claim:ask Where does the compiler check that a type implements an interface?
//claim:source https://go.dev/ref/spec#Assignability
func TestSatisfyWhere(t *testing.T) {
	const missing = "T does not implement I (missing method M)"
	methodsetTable(t, "type I interface{ M() }\ntype T struct{}\nvar v T\nvar i I\nvar c chan I\nvar m map[I]int\nfunc use(...I) {}", map[string]string{
		"":                                  "",
		"func f() { i = v }":                missing,
		"func f() { use(v) }":               missing,
		"func f() I { return v }":           missing,
		"func f() { c <- v }":               missing,
		"func f() { m[v]++ }":               missing,
		"func f() { _ = []I{v} }":           missing,
		"func f() { _ = I(v) }":             missing,
		"func f() { _ = i == v }":           "mismatched types I and T",
		"func f() { use([]T{v}...) }":       "cannot use []T{…}",
		"func f() { switch i { case v: } }": "mismatched types T and I",
		"func f() { var x any = v; _ = x }": "",
	})
}
