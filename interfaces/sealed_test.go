package interfaces

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// An interface with an unexported method is sealed. The name of an unexported method
// belongs to its package, so a method spelled alike in another package is a different one
// and does not satisfy it. All implementations are then in one package, and a type switch
// there can be complete. Callers can hold and pass values and call the exported methods.
// The spec has no sum type, and the compiler does not check that a switch names every
// variant.
//
//claim:ask How do I model a closed set of variants, a sum type, in Go?
//claim:source https://go.dev/ref/spec#Uniqueness_of_identifiers
func TestSealedInterface(t *testing.T) {
	const lib = `type Shape interface{ Area() float64; shape() }
		type Circle struct{}
		func (Circle) Area() float64 { return 0 }
		func (Circle) shape() {}`
	check := func(use string) []string {
		return consumerErrors(consumerSources{"lib": lib, "main": "import \"lib\"\n" + use})
	}
	require.Empty(t, check(`var s lib.Shape = lib.Circle{}
		var area = s.Area()`))
	errs := check(`type mine struct{}
		func (mine) Area() float64 { return 0 }
		func (mine) shape() {}
		var _ lib.Shape = mine{}`)
	require.Len(t, errs, 1)
	require.Contains(t, errs[0], "unexported method shape")

	require.InDelta(t, 6, sealedArea(sealedRect{2, 3}), 0)
	require.InDelta(t, math.Pi, sealedArea(sealedCircle{1}), 1e-9)
	require.Zero(t, sealedArea(sealedEmpty{}))
}

// sealedForged satisfies testing.TB, which has an unexported method to prevent it.
type sealedForged struct{ testing.TB }

func (sealedForged) Name() string { return "forged" }

// Yes: a struct that embeds the interface, or a type that implements it, gets the
// unexported method by promotion, and that is the method of the right package. The forged
// value passes the compiler and lands in the default of a type switch; with a nil interface
// inside, the methods that are not overridden panic. So sealing protects from accidents,
// not from intent, and the default case stays necessary.
//
//claim:ask Can a sealed interface be implemented outside its package after all?
//claim:source https://go.dev/ref/spec#Struct_types
//claim:source https://pkg.go.dev/testing#TB
func TestSealedForged(t *testing.T) {
	var tb testing.TB = sealedForged{}
	require.Equal(t, "forged", tb.Name())
	require.Panics(t, func() { tb.Log("to nobody") }, "a nil interface inside")
	tb = sealedForged{t}
	require.False(t, tb.Failed(), "promoted")

	require.PanicsWithValue(t, "area of struct { interfaces.sealedShape }", func() {
		sealedArea(struct{ sealedShape }{sealedRect{1, 1}})
	}, "not recognised as the sealedRect inside")
	require.Empty(t, consumerErrors(consumerSources{
		"lib": `type Shape interface{ shape() }
			type Circle struct{}
			func (Circle) shape() {}`,
		"main": `import "lib"
			type a struct{ lib.Shape }
			type b struct{ lib.Circle }
			var _, _ lib.Shape = a{}, b{}`,
	}))
}

// nil is always one more variant. The zero value of every interface type is nil, sealed or
// not, and no type case matches it except case nil, so it reaches the default. A pointer to
// a variant is another one: if the methods have value receivers, *sealedRect implements the
// interface as well, and case sealedRect does not match it. Put the sealing method on the
// pointer, then only pointers are variants and a value does not compile; a nil pointer is
// then the new trap.
//
//claim:ask Which values of a sealed interface does a complete-looking type switch miss?
//claim:source https://go.dev/ref/spec#Method_sets
//claim:source https://go.dev/ref/spec#Type_switches
func TestSealedMissed(t *testing.T) {
	require.PanicsWithValue(t, "area of <nil>", func() { sealedArea(nil) })
	var shape sealedShape = &sealedRect{2, 3}
	require.PanicsWithValue(t, "area of *interfaces.sealedRect", func() { sealedArea(shape) })

	_, ok := any(sealedLeaf{}).(sealedNode)
	require.False(t, ok)
	_, ok = any(&sealedLeaf{}).(sealedNode)
	require.True(t, ok)
	var none *sealedLeaf
	leaf, ok := sealedNode(none).(*sealedLeaf)
	require.True(t, ok, "the variant is there, its pointer is nil")
	require.Nil(t, leaf)
}

// sealedMissing returns for each type switch over the named interface in the source, which
// must not import anything, the variants that have no case.
func sealedMissing(source any, sealed string) (missing []string, err error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "sealed.go", source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	info := types.Info{Types: make(map[ast.Expr]types.TypeAndValue)}
	// Imports stay unresolved: the errors do not concern the variants.
	config := types.Config{Error: func(error) {}}
	pkg, _ := config.Check("sealed", files, []*ast.File{file}, &info)
	object := pkg.Scope().Lookup(sealed)
	if object == nil {
		return nil, fmt.Errorf("no type %s", sealed)
	}
	want := object.Type().Underlying().(*types.Interface)
	var variants []types.Type
	for _, name := range pkg.Scope().Names() {
		named, ok := pkg.Scope().Lookup(name).(*types.TypeName)
		if !ok || types.IsInterface(named.Type()) {
			continue
		}
		for _, variant := range []types.Type{named.Type(), types.NewPointer(named.Type())} {
			if types.Implements(variant, want) {
				variants = append(variants, variant)
				break // a pointer to a variant is not one of its own
			}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		statement, ok := n.(*ast.TypeSwitchStmt)
		if !ok {
			return true
		}
		var over ast.Expr
		switch s := statement.Assign.(type) {
		case *ast.AssignStmt:
			over = s.Rhs[0].(*ast.TypeAssertExpr).X
		case *ast.ExprStmt:
			over = s.X.(*ast.TypeAssertExpr).X
		}
		if !types.Identical(info.TypeOf(over), object.Type()) {
			return true
		}
		left := slices.Clone(variants)
		for _, clause := range statement.Body.List {
			for _, expr := range clause.(*ast.CaseClause).List {
				left = slices.DeleteFunc(left, func(v types.Type) bool {
					return types.Identical(v, info.TypeOf(expr))
				})
			}
		}
		for _, variant := range left {
			missing = append(missing, types.TypeString(variant, types.RelativeTo(pkg)))
		}
		return true
	})
	return missing, nil
}

// A missing case is found by a default that panics, by a test, or by the compiler if you
// write a visitor. The default finds it when it is reached, and should name the type. A
// test can find it always: go/types lists the types of the package that implement the
// interface, and the cases of every switch over it are compared with them. The visitor
// pattern lets the compiler do it: a new variant is a new method of the visitor interface.
//
//claim:ask How do I check that a type switch handles every variant?
//claim:source https://pkg.go.dev/go/types#Implements
func TestSealedExhaustive(t *testing.T) {
	source, err := os.ReadFile("sealed.go")
	require.NoError(t, err)
	missing, err := sealedMissing(source, "sealedShape")
	require.NoError(t, err)
	require.Empty(t, missing)

	forgotten := strings.Replace(string(source), "	case sealedEmpty:\n		return 0\n", "", 1)
	require.NotEqual(t, string(source), forgotten)
	missing, err = sealedMissing(forgotten, "sealedShape")
	require.NoError(t, err)
	require.Equal(t, []string{"sealedEmpty"}, missing)
}

// A visitor is an interface with one method for each variant, and a variant calls its
// method. A new variant needs a new method of the interface, and every visitor without it
// no longer compiles: that is the check a type switch lacks. The price is code: two calls
// through interfaces for each visit, a type for each operation, results in its fields. For
// variants that seldom change, the type switch with a checking test is shorter.
//
//claim:ask Visitor or type switch?
//claim:source https://go.dev/ref/spec#Implementing_an_interface
func TestSealedVisitor(t *testing.T) {
	var total sealedAreaVisitor
	for _, shape := range []sealedVisited{sealedVisitRect{2, 3}, sealedVisitCircle{1}} {
		shape.accept(&total)
	}
	require.InDelta(t, 6+math.Pi, total.sum, 1e-9)

	check := func(extra string) []string {
		return consumerErrors(consumerSources{"main": `type shape interface{ accept(visitor) }
			type visitor interface{ circle(circle); rect(rect); ` + extra + ` }
			type circle struct{}
			type rect struct{}
			func (c circle) accept(v visitor) { v.circle(c) }
			func (r rect) accept(v visitor) { v.rect(r) }
			type area struct{}
			func (area) circle(circle) {}
			func (area) rect(rect) {}
			var _ visitor = area{}
			func name(s shape) string {
				switch s.(type) { case circle: return "circle"; case rect: return "rect" }
				return ""
			}`})
	}
	require.Empty(t, check(""))
	errs := check("triangle(struct{})")
	require.Len(t, errs, 1, "the visitor only, not the switch")
	require.Contains(t, errs[0], "missing method triangle")
}

// No: an interface with a union such as int | string is a constraint. It can be used for
// type parameters, not as the type of a variable, field or parameter. The same holds for
// comparable. A generic function with this constraint takes either type, but each call has
// one of them, fixed at compile time, so a []T does not mix them. For a variable that holds
// one or the other use a sealed interface or a struct with a kind.
//
//claim:ask Can a variable have the type int | string?
//claim:source https://go.dev/ref/spec#General_interfaces
func TestSealedUnionVariable(t *testing.T) {
	check := func(use string) []string {
		return consumerErrors(consumerSources{"main": "type number interface{ int | string }\n" + use})
	}
	for _, use := range []string{"var x number", "type s struct{ x number }", "func f(x number) {}", "var list []number"} {
		errs := check(use)
		require.Len(t, errs, 1, use)
		require.Contains(t, errs[0], "outside a type constraint")
	}
	require.Contains(t, check("var x comparable")[0], "outside a type constraint")
	require.Empty(t, check(`func f[T number](list ...T) {}
		func g() { f(1, 2); f("a") }`))
	require.NotEmpty(t, check(`func f[T number](list ...T) {}
		func g() { f(1, "a") }`))
}

// In a slice of interfaces every variant that is not a pointer is an object of its own on
// the heap: an allocation for each element that is not zero, and a jump for each access. A
// struct with a kind and the fields of all variants lies in the slice itself: one
// allocation for all. It wastes the fields that a variant does not use, and nothing
// prevents reading the wrong one.
//
//claim:ask Does a slice of interface variants cost more than a slice of structs with a kind?
//claim:expect allocs/op of=interface == 256
//claim:expect allocs/op of=struct == 1
//claim:expect ns/op of=interface > 1.5x of=struct
//claim:source https://go.dev/doc/faq#stack_or_heap
func BenchmarkSealedStorage(b *testing.B) {
	const n = 256
	b.Run("of=interface", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var sum float64
			for _, shape := range sealedBoxes(n) {
				sum += sealedArea(shape)
			}
			sealedSum = sum
		}
	})
	b.Run("of=struct", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var sum float64
			for _, shape := range sealedStructs(n) {
				sum += shape.area()
			}
			sealedSum = sum
		}
	})
}

var sealedSum float64

func TestSealedStorageAgrees(t *testing.T) {
	boxes, structs := sealedBoxes(100), sealedStructs(100)
	for i := range boxes {
		require.InDelta(t, sealedArea(boxes[i]), structs[i].area(), 0)
	}
	require.Panics(t, func() { sealedTagged{kind: 9}.area() })
}

// sealedDecode reads {"kind": …} first, and then the rest into the type of that kind.
func sealedDecode(text []byte) (sealedShape, error) {
	var head struct{ Kind string }
	if err := json.Unmarshal(text, &head); err != nil {
		return nil, err
	}
	var shape sealedShape
	var err error
	switch head.Kind {
	case "circle":
		shape, err = sealedDecodeAs[sealedCircle](text)
	case "rect":
		shape, err = sealedDecodeAs[sealedRect](text)
	default:
		return nil, fmt.Errorf("unknown kind %q", head.Kind)
	}
	return shape, err
}

func sealedDecodeAs[T sealedShape](text []byte) (sealedShape, error) {
	var v T
	err := json.Unmarshal(text, &v)
	return v, err
}

// For a field of interface type json.Unmarshal cannot know which type to make, so it
// returns an UnmarshalTypeError for an interface with methods; into an any it stores maps,
// slices, strings, float64, bool or nil. Write the kind beside the data, read it first, and
// decode into the type of that kind. If the field holds a pointer to a value already, the
// decoder fills that value.
//
//claim:ask How do I decode JSON into a field of interface type?
//claim:source https://pkg.go.dev/encoding/json#Unmarshal
func TestSealedJSON(t *testing.T) {
	const text = `{"kind": "rect", "Width": 2, "Height": 3}`
	var direct sealedShape
	var wrongType *json.UnmarshalTypeError
	require.ErrorAs(t, json.Unmarshal([]byte(text), &direct), &wrongType)
	var anything any
	require.NoError(t, json.Unmarshal([]byte(text), &anything))
	require.IsType(t, map[string]any{}, anything)

	shape, err := sealedDecode([]byte(text))
	require.NoError(t, err)
	require.Equal(t, sealedRect{2, 3}, shape)
	_, err = sealedDecode([]byte(`{"kind": "star"}`))
	require.EqualError(t, err, `unknown kind "star"`)
	_, err = sealedDecode([]byte(`[]`))
	require.Error(t, err)

	filled := struct{ Shape sealedShape }{&sealedRect{}}
	require.NoError(t, json.Unmarshal([]byte(`{"Shape": `+text+`}`), &filled))
	require.Equal(t, &sealedRect{2, 3}, filled.Shape)
}
