package interfaces

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// No. Type arguments are inferred from the arguments of the call, never from what the
// result is assigned to. A function whose type parameter occurs only in the result must
// be instantiated by hand: zero[int](). The same holds for the result type of a decoder,
// load[Config](path), and for New[T]. If that is annoying, take a pointer: load(path,
// &config) infers.
//
//claim:ask Is a type argument inferred from the variable that the result is assigned to?
//claim:source https://go.dev/ref/spec#Type_inference
func TestInferResult(t *testing.T) {
	const zero = `func zero[T any]() (v T) { return v }; `
	constraintRejects(t, "in call to zero, cannot infer T", zero+`var n int = zero()`)
	constraintAccepts(t, zero+`var n int = zero[int]()`)
	constraintRejects(t, "in call to zero, cannot infer T", zero+`func f() int { return zero() }`)
	constraintAccepts(t, `func fill[T any](v *T) { *v = *new(T) }; func f() (n int) { fill(&n); return n }`)
}

// Untyped constants count last, and if only constants are left, the "largest" default
// type wins in the order int, rune, float64, complex128. So f(1, 2.5) has T = float64,
// since Go 1.21; before it was an error. A typed argument decides alone: with an int
// variable, f(n, 2.5) tries to convert 2.5 to int and fails. Untyped constants of
// different kinds, such as 1 and "a", do not mix.
//
//claim:ask What is T in f(1, 2.5) for func f[T any](a, b T)?
//claim:source https://go.dev/doc/go1.21#language
//claim:source https://go.dev/ref/spec#Type_inference
func TestInferUntyped(t *testing.T) {
	assert.Equal(t, "float64", inferredName(1, 2.5))
	assert.Equal(t, "int", inferredName(1, 2))
	assert.Equal(t, "int32", inferredName(1, 'a'))
	assert.Equal(t, "complex128", inferredName(1, 'a', 2.5, 1i))
	assert.Equal(t, "int8", inferredName(int8(1), 2))
	const pair = `func f[T any](a, b T) {}; `
	constraintRejects(t, "cannot use 2.5 (untyped float constant) as int value in argument to f (truncated)",
		pair+`func g(n int) { f(n, 2.5) }`)
	constraintRejects(t, "mismatched types untyped int and untyped string (cannot infer T)", pair+`func g() { f(1, "a") }`)
}

func inferredName[T any](values ...T) string {
	switch any(values).(type) {
	case []int:
		return "int"
	case []int8:
		return "int8"
	case []int32:
		return "int32"
	case []float64:
		return "float64"
	case []complex128:
		return "complex128"
	}
	return "other"
}

// nil has no type, so nothing is inferred from it: f(nil) is an error, as is a call
// without arguments of a variadic parameter. Name the type argument, f[error](nil), or
// give nil a type, f(error(nil)). If another argument fixes T, nil is accepted as a
// value of it.
//
//claim:ask Why is f(nil) an error for func f[T any](v T)?
//claim:source https://go.dev/ref/spec#Type_inference
func TestInferNil(t *testing.T) {
	const f = `func f[T any](v ...T) {}; `
	constraintRejects(t, "in call to f, cannot infer T", f+`func g() { f(nil) }`)
	constraintRejects(t, "in call to f, cannot infer T", f+`func g() { f() }`)
	constraintAccepts(t, f+`func g() { f[error](nil); f(error(nil)); f[int]() }`)
	constraintAccepts(t, f+`func g(err error) { f(err, nil) }`)
}

// No. Inference looks for one type that all arguments have, and does not search for an
// interface that both implement: two different types are a mismatch, and so are int and
// int64. Name the interface as type argument, f[shape](a, b), and both are converted. It
// does not help if one of the arguments is a variable of the interface type already.
//
//claim:ask Two arguments of different types implement the same interface. Does inference find it?
//claim:source https://go.dev/ref/spec#Type_unification
func TestInferCommon(t *testing.T) {
	const shapes = `type shape interface{ m() }; type a struct{}; func (a) m() {}; type b struct{}; func (b) m() {}
		func f[T any](x, y T) {}; `
	constraintRejects(t, "type b of b{} does not match inferred type a for T", shapes+`func g() { f(a{}, b{}) }`)
	constraintAccepts(t, shapes+`func g() { f[shape](a{}, b{}) }`)
	constraintAccepts(t, shapes+`func g(s shape) { f[shape](s, a{}); f(shape(b{}), s) }`)
	constraintRejects(t, "type a of a{} does not match inferred type shape for T", shapes+`func g(s shape) { f(s, a{}) }`)
	constraintRejects(t, "type int64 of y does not match inferred type int for T", shapes+`func g(x int, y int64) { f(x, y) }`)
}

// Since Go 1.21 a generic function can be an argument without type arguments, also of
// another generic function: slices.SortFunc(s, cmp.Compare) and slices.IndexFunc(s, f)
// infer both. It works as long as the parameter's type fixes them. A function literal is
// different: its parameters need types, func(x int) string, because Go does not infer
// them from the context.
//
//claim:ask Can I pass a generic function as an argument, and must I write the types in a function literal?
//claim:source https://go.dev/doc/go1.21#language
func TestInferFunction(t *testing.T) {
	words := []string{"b", "c", "a"}
	slices.SortFunc(words, inferDescending)
	assert.Equal(t, []string{"c", "b", "a"}, words)
	assert.Equal(t, 1, slices.IndexFunc([]rune("a b"), unicode.IsSpace))
	assert.Equal(t, []string{"C", "B", "A"}, inferMap(words, strings.ToUpper))
	assert.Equal(t, [][]string{{"c"}, {"b"}, {"a"}}, inferMap(words, inferOne))
	const mapping = `func mapping[T, U any](s []T, f func(T) U) []U { return nil }; `
	constraintAccepts(t, mapping+`var _ = mapping([]int{1}, func(n int) string { return "" })`)
	constraintRejects(t, "undefined: n", mapping+`var _ = mapping([]int{1}, func(n) { return n })`)
}

func inferDescending[T ~int | ~string](a, b T) int {
	switch {
	case a > b:
		return -1
	case a < b:
		return 1
	}
	return 0
}

func inferOne[T any](v T) []T { return []T{v} }

func inferMap[T, U any](s []T, f func(T) U) (mapped []U) {
	for _, v := range s {
		mapped = append(mapped, f(v))
	}
	return mapped
}

// A generic function is not a value until it is instantiated. Where the type is known
// from the place, Go does it alone: for an assignment, an argument and a return since Go
// 1.21, and since Go 1.27 also for elements and fields of composite literals, sends and
// conversions. With Go 1.26 those need id[int]. Without any type, as in f := id, it is
// always an error.
//
//claim:ask Where can I use a generic function as a value without type arguments?
//claim:source https://go.dev/doc/go1.21#language
//claim:source https://go.dev/doc/go1.27#language
func TestInferAssignment(t *testing.T) {
	const id = `func id[T any](v T) T { return v }; `
	constraintAccepts(t, id+`var f func(int) int = id; func g() func(string) string { return id }`)
	constraintRejects(t, "cannot use generic function id without instantiation", id+`var f = id`)
	for _, place := range []string{`var s = []func(int) int{id}`, `var m = map[int]func(int) int{1: id}`,
		`type s struct{ f func(int) int }; var v = s{f: id}`, `func g(c chan func(int) int) { c <- id }`} {
		if proof.GoAtLeast("go1.27") {
			constraintAccepts(t, id+place)
		} else {
			constraintRejects(t, "cannot use generic function id without instantiation", id+place)
		}
	}
	constraintAccepts(t, id+`var s = []func(int) int{id[int]}`)
}

// Types are not inferred, only the arguments of functions are. Pair{1, "a"} is an error;
// write Pair[int, string]{1, "a"} or a function NewPair that infers. A field or variable
// of type Set needs Set[int]. Only inside its own methods the type parameters are at
// hand, and even there the type is written Set[T]. This is why packages with generic
// types offer constructor functions.
//
//claim:ask Why can I not write Pair{1, "a"} for a generic Pair?
//claim:source https://go.dev/ref/spec#Instantiations
func TestInferLiteral(t *testing.T) {
	const pair = `type pair[A, B any] struct{ a A; b B }; func newPair[A, B any](a A, b B) pair[A, B] { return pair[A, B]{a, b} }; `
	constraintRejects(t, "cannot use generic type pair[A, B any] without instantiation", pair+`var p = pair{1, "a"}`)
	constraintRejects(t, "without instantiation", pair+`var p pair`)
	constraintRejects(t, "not enough type arguments for type pair: have 1, want 2", pair+`var p pair[int]`)
	constraintAccepts(t, pair+`var p = pair[int, string]{1, "a"}; var q = newPair(1, "a")`)
}

// Yes, from the left: f[string](v) names the first type parameter and infers the others.
// So put those that must be named, such as the type of a result, first, and those that
// follow from the arguments last. Naming only the second is not possible; _ is no type
// argument. Adding or reordering type parameters breaks callers that name them.
//
//claim:ask Can I name some of the type arguments and have the rest inferred?
//claim:source https://go.dev/ref/spec#Instantiations
func TestInferPartial(t *testing.T) {
	const convert = `func convert[To, From any](v From) (to To) { return to }; `
	constraintAccepts(t, convert+`var s string = convert[string](1)`)
	constraintRejects(t, "cannot infer To", convert+`var s string = convert(1)`)
	constraintRejects(t, "cannot use _ as value or type", convert+`var s = convert[_, int](1)`)
	constraintRejects(t, "got 3 type arguments but", convert+`var s = convert[string, int, int](1)`)
}

// A type parameter can be inferred from the constraint of another. With [S ~[]E, E any]
// and an argument of type names, whose underlying type is []string, S is names and E
// follows as string. With []E as the parameter type the call compiles as well, but the
// result of type []E has lost the name and its methods. So functions that return the
// slice they were given use ~[]E, as the package slices does.
//
//claim:ask Why do the functions of package slices have [S ~[]E, E any] instead of []E?
//claim:source https://go.dev/blog/deconstructing-type-parameters
func TestInferNamed(t *testing.T) {
	list := inferNames{"a", "b"}
	assert.Equal(t, "a+b", inferKeep(list).join())
	assert.IsType(t, inferNames{}, inferKeep(list))
	assert.IsType(t, []string{}, inferLose(list))
	assert.Equal(t, "a+b", slices.Clone(list).join())
}

type inferNames []string

func (n inferNames) join() string { return strings.Join(n, "+") }

func inferKeep[S ~[]E, E any](s S) S { return append(S(nil), s...) }

func inferLose[E any](s []E) []E { return append([]E(nil), s...) }
