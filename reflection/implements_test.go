package reflection

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"io"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type implementsMeter int

func (implementsMeter) String() string { return "m" }

type implementsCounter struct{ n int }

func (c *implementsCounter) String() string { return fmt.Sprint(c.n) }

type implementsList []int

// Type has a method for each question: Implements for an interface,
// AssignableTo for what plain assignment allows, ConvertibleTo for what a
// conversion allows, Comparable for ==. Each includes the one before where it
// applies: what implements an interface is assignable to it, and what is
// assignable is convertible. Implements wants an interface type and panics
// otherwise. The answers are those of the compiler, for types that are known at
// run time only. AssignableTo is the question to ask before Set, and
// ConvertibleTo before Convert.
//
//claim:ask How do you check by reflection that a type implements an interface, is assignable, convertible or comparable?
//claim:source https://pkg.go.dev/reflect#Type
func TestImplementsTable(t *testing.T) {
	stringer := reflect.TypeFor[fmt.Stringer]()
	for _, c := range []struct {
		from, to                            reflect.Type
		implements, assignable, convertible bool
	}{
		{reflect.TypeFor[implementsMeter](), stringer, true, true, true},
		{reflect.TypeFor[int](), stringer, false, false, false},
		{reflect.TypeFor[implementsCounter](), stringer, false, false, false},
		{reflect.TypeFor[*implementsCounter](), stringer, true, true, true},
		{stringer, reflect.TypeFor[any](), true, true, true},
		{reflect.TypeFor[any](), stringer, false, false, false}, // a type assertion, no conversion
		{reflect.TypeFor[io.ReadWriter](), reflect.TypeFor[io.Reader](), true, true, true},
		{reflect.TypeFor[implementsMeter](), reflect.TypeFor[int](), false, false, true},
		{reflect.TypeFor[int](), reflect.TypeFor[float64](), false, false, true},
		{reflect.TypeFor[implementsList](), reflect.TypeFor[[]int](), false, true, true}, // one side has no name
		{reflect.TypeFor[implementsList](), reflect.TypeFor[json.RawMessage](), false, false, false},
		{reflect.TypeFor[chan int](), reflect.TypeFor[<-chan int](), false, true, true},
		{reflect.TypeFor[<-chan int](), reflect.TypeFor[chan int](), false, false, false},
		{reflect.TypeFor[string](), reflect.TypeFor[[]byte](), false, false, true},
		{reflect.TypeFor[string](), reflect.TypeFor[int](), false, false, false},
	} {
		name := fmt.Sprint(c.from, " to ", c.to)
		if c.to.Kind() == reflect.Interface {
			require.Equal(t, c.implements, c.from.Implements(c.to), name)
		}
		require.Equal(t, c.assignable, c.from.AssignableTo(c.to), name)
		require.Equal(t, c.convertible, c.from.ConvertibleTo(c.to), name)
	}
	require.Equal(t, "reflect: non-interface type passed to Type.Implements",
		lawsPanic(func() { stringer.Implements(reflect.TypeFor[int]()) }))
	require.Equal(t, "reflect: nil type passed to Type.Implements",
		lawsPanic(func() { stringer.Implements(reflect.TypeOf(fmt.Stringer(nil))) }), "TypeOf of a nil interface")
	require.True(t, reflect.TypeFor[string]().Comparable())
	require.False(t, reflect.TypeFor[[]int]().Comparable())
}

// Implements looks at the method set of exactly this type. A method with a
// pointer receiver is not in the method set of T, although x.M() compiles for a
// variable x, so T does not implement the interface and *T does. A library that
// is given fields of type T asks PointerTo(t).Implements as well, and if so
// calls the method on Addr, which needs an addressable Value. That is why
// encoding/json ignores a MarshalJSON with pointer receiver when the value, not
// a pointer, is passed to it.
//
//claim:ask My type has the method. Why does Implements say false, or json ignore my MarshalJSON?
//claim:source https://go.dev/ref/spec#Method_sets
func TestImplementsPointer(t *testing.T) {
	marshaler := reflect.TypeFor[json.Marshaler]()
	typ := reflect.TypeFor[implementsSecret]()
	require.False(t, typ.Implements(marshaler))
	require.True(t, reflect.PointerTo(typ).Implements(marshaler))

	secret := implementsSecret{Key: "k"}
	byValue, err := json.Marshal(secret)
	require.NoError(t, err)
	byPointer, err := json.Marshal(&secret)
	require.NoError(t, err)
	require.Equal(t, `{"Key":"k"}`, string(byValue), "the method was not called")
	require.Equal(t, `"***"`, string(byPointer))

	v := reflect.ValueOf(&secret).Elem()
	text, err := v.Addr().Interface().(json.Marshaler).MarshalJSON()
	require.NoError(t, err)
	require.Equal(t, `"***"`, string(text))
}

type implementsSecret struct{ Key string }

func (*implementsSecret) MarshalJSON() ([]byte, error) { return []byte(`"***"`), nil }

// Type.Comparable says that == compiles for the type, which includes interface
// types and structs with interface fields; comparing such values panics if one
// holds a slice, map or func. Value.Comparable (Go 1.20) looks into the value
// and tells whether this comparison is safe. It is the check before a value of
// unknown type becomes a map key.
//
//claim:ask What is the difference between Type.Comparable and Value.Comparable?
//claim:source https://pkg.go.dev/reflect#Value.Comparable
func TestImplementsComparable(t *testing.T) {
	type key struct{ V any }
	good, bad := key{1}, key{[]int{1}}
	for _, v := range []any{good, bad} {
		require.True(t, reflect.TypeOf(v).Comparable())
	}
	require.True(t, reflect.ValueOf(good).Comparable())
	require.False(t, reflect.ValueOf(bad).Comparable())
	seen := map[any]bool{good: true}
	require.ErrorContains(t, lawsPanic(func() { seen[bad] = true }).(error), "unhashable type")
}

// An unexported method belongs to its package: a method of the same name and
// signature that another package declares does not satisfy it. This seals an
// interface, as ast.Expr and testing.TB are sealed. Embedding the interface in
// a struct promotes the method, so a seal stops accidents and no determined
// author; calling the method is a nil dereference as long as nothing is
// embedded.
//
//claim:ask Can a type outside the package implement an interface with an unexported method?
//claim:source https://go.dev/ref/spec#Uniqueness_of_identifiers
func TestImplementsUnexportedMethod(t *testing.T) {
	expr := reflect.TypeFor[ast.Expr]()
	require.False(t, reflect.TypeFor[implementsOwnExpr]().Implements(expr))
	require.True(t, reflect.TypeFor[implementsOwnExpr]().Implements(reflect.TypeFor[interface {
		ast.Node
		exprNode()
	}]()), "with our exprNode")
	require.True(t, reflect.TypeFor[struct{ ast.Expr }]().Implements(expr))

	seal, ok := expr.MethodByName("exprNode")
	require.True(t, ok, "an interface type lists it")
	require.Equal(t, "go/ast", seal.PkgPath)
	require.False(t, seal.IsExported())
	require.ErrorContains(t, lawsPanic(func() { struct{ ast.Expr }{}.Pos() }).(error), "nil pointer dereference")
}

type implementsOwnExpr struct{}

func (implementsOwnExpr) Pos() token.Pos { return 0 }
func (implementsOwnExpr) End() token.Pos { return 0 }
func (implementsOwnExpr) exprNode()      {}

// Reflection cannot check a generic constraint: one such as ~int | ~string is
// no type of a variable, so there is no Type for it, and TypeFor of it does not
// compile. At run time look at the Kind instead. The same holds for type
// parameters: generic code exists at run time as instances only, and a type
// argument that the program never mentions cannot be supplied later.
//
//claim:ask Can reflection check that a type satisfies a generic constraint?
//claim:source https://go.dev/ref/spec#General_interfaces
func TestImplementsConstraint(t *testing.T) {
	require.Contains(t, typeCheckError(`type number interface{ ~int | ~float64 }; var x number`), "cannot use type number outside a type constraint")
	require.Contains(t, typeCheckError(`type number interface{ ~int }; func typeFor[T any]() { var _ T }; var _ = typeFor[number]`),
		"cannot use type number outside a type constraint")
	require.Contains(t, typeCheckError(`type box[T any] struct{ v T }; var x box`), "cannot use generic type box[T any] without instantiation")
	isNumber := func(t reflect.Type) bool { return t.Kind() == reflect.Int || t.Kind() == reflect.Float64 }
	require.True(t, isNumber(reflect.TypeFor[implementsMeter]()))
	require.False(t, isNumber(reflect.TypeFor[time.Time]()))
}

// Implements compares the sorted method lists of both types in one pass. It
// reports a yes or no, and nothing about the missing method; the error of the
// compiler does. [WhyNot] finds out by walking the methods of the interface:
// missing, wrong signature, or pointer receiver.
//
//claim:ask How do you find out which method is missing when a type does not implement an interface?
//claim:source reflect/type.go
func TestImplementsWhyNot(t *testing.T) {
	stringer := reflect.TypeFor[fmt.Stringer]()
	for typ, c := range map[reflect.Type]struct {
		iface reflect.Type
		want  string
	}{
		reflect.TypeFor[*implementsCounter](): {stringer, ""},
		reflect.TypeFor[implementsCounter]():  {stringer, "reflection.implementsCounter lacks String, which has a pointer receiver"},
		reflect.TypeFor[int]():                {stringer, "int lacks String"},
		reflect.TypeFor[*int]():               {stringer, "*int lacks String"},
		reflect.TypeFor[error]():              {stringer, "error lacks String"},
		reflect.TypeFor[*bytes.Buffer](): {
			reflect.TypeFor[interface{ Write(string) error }](),
			"*bytes.Buffer has Write([]uint8) (int, error), want Write(string) error",
		},
		reflect.TypeFor[io.Writer](): {
			reflect.TypeFor[interface{ Write(...string) }](),
			"io.Writer has Write([]uint8) (int, error), want Write(...string)",
		},
		reflect.TypeFor[implementsOwnExpr](): {reflect.TypeFor[ast.Expr](), "reflection.implementsOwnExpr lacks an unexported method of ast.Expr"},
		reflect.TypeFor[ast.Node]():          {reflect.TypeFor[ast.Expr](), "ast.Node lacks an unexported method of ast.Expr"},
	} {
		require.Equal(t, c.want, WhyNot(typ, c.iface), typ)
	}
	require.Equal(t, "reflect: non-interface type passed to Type.Implements", lawsPanic(func() { WhyNot(stringer, reflect.TypeFor[int]()) }))
}

// A type assertion finds the methods in a cache, and Type.Implements has none:
// it compares the method lists on every call, which costs more than 10 times as
// much for types with many methods. Neither allocates. So do it once per type
// and keep the answer, or assert v.Interface() when a value is at hand, which
// also yields the methods to call. The effect needs a type whose list is long.
//
//claim:ask Is Type.Implements as cheap as a type assertion?
//claim:expect ns/op of=implements > 10x of=assertion
//claim:expect allocs/op of=implements == 0
//claim:expect allocs/op of=assertion == 0
//claim:source reflect/type.go
func BenchmarkImplementsCost(b *testing.B) {
	values := []any{time.Now(), errors.New("x"), reflect.ValueOf(1), new(bytes.Buffer)}
	types := make([]reflect.Type, len(values))
	for i, v := range values {
		types[i] = reflect.TypeOf(v)
	}
	stringer := reflect.TypeFor[fmt.Stringer]()
	run := func(of string, count func() int) {
		b.Run("of="+of, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if count() != 30 {
					b.Fatal("of the 40 values 30 are a Stringer")
				}
			}
		})
	}
	run("implements", func() (n int) {
		for i := range 40 {
			if types[i%len(types)].Implements(stringer) {
				n++
			}
		}
		return n
	})
	run("assertion", func() (n int) {
		for i := range 40 {
			if _, ok := values[i%len(values)].(fmt.Stringer); ok {
				n++
			}
		}
		return n
	})
}
