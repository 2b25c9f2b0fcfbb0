package interfaces

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A constraint is an interface read as a set of types. Lines are intersected, and the
// terms joined by | are united: a type must be in every line. A method in a constraint
// is one more line, the set of all types with that method. So interface{ ~int | ~string;
// String() string } means: underlying type int or string, and with a method String. A
// set may be empty, as of interface{ int; string }; the declaration compiles, and
// nothing can be used with it.
//
//claim:ask How do I read a constraint with unions, tildes and methods?
//claim:source https://go.dev/ref/spec#General_interfaces
func TestConstraintTypeSet(t *testing.T) {
	const named = `type named interface{ ~int | ~string; String() string }; func f[T named](T) {}
		type A int; func (A) String() string { return "" }; type B int; type C bool; func (C) String() string { return "" }; `
	constraintAccepts(t, named+`func g() { f(A(1)) }`)
	constraintRejects(t, "B does not satisfy named (missing method String)", named+`func g() { f[B](1) }`)
	constraintRejects(t, "C does not satisfy named (C missing in ~int | ~string)", named+`func g() { f[C](true) }`)
	constraintRejects(t, "cannot satisfy empty (empty type set)",
		`type empty interface{ int; string }; func f[T empty]() {}; func g() { f[int]() }`)
	constraintAccepts(t, `type empty interface{ int; string }; func f[T empty]() {}`)
}

// int is the type int alone; ~int is every type whose underlying type is int. Without
// the tilde a type defined as "type level int" is refused, and the message says
// "possibly missing ~". So write ~ in nearly all constraints on built-in types:
// otherwise time.Duration is no int64. The tilde needs a type that is its own underlying
// type: ~time.Duration is an error.
//
//claim:ask What does the tilde in ~int mean, and when do I need it?
//claim:source https://go.dev/ref/spec#General_interfaces
func TestConstraintTilde(t *testing.T) {
	const level = `type level int; `
	constraintRejects(t, "level does not satisfy int (possibly missing ~ for int in int)",
		level+`func f[T int](T) {}; func g(l level) { f(l) }`)
	constraintAccepts(t, level+`func f[T ~int](T) {}; func g(l level) { f(l) }`)
	constraintRejects(t, "invalid use of ~ (underlying type of level is int)", level+`func f[T ~level](T) {}`)
	assert.Equal(t, 3*time.Second, constraintSum(time.Second, 2*time.Second))
}

func constraintSum[T ~int | ~int64 | ~float64 | ~string](values ...T) (sum T) {
	for _, v := range values {
		sum += v
	}
	return sum
}

// No. An interface with a union, a tilde, a single non-interface type or comparable can
// only be a constraint: "cannot use type N outside a type constraint". So a union is not
// a sum type: no variable, field, parameter or slice element can be "an int or a
// string". For that, use an interface with an unexported method and a type switch. The
// interfaces with methods only, such as fmt.Stringer and any, can be both.
//
//claim:ask Can I declare a variable of a constraint type, to get a union type?
//claim:source https://go.dev/ref/spec#General_interfaces
func TestConstraintVariable(t *testing.T) {
	const number = `type number interface{ ~int | ~string }; `
	const outside = "outside a type constraint"
	for _, use := range []string{`var n number`, `func f(n number) {}`, `type s struct{ n number }`, `var s []number`} {
		constraintRejects(t, outside, number+use)
	}
	constraintRejects(t, outside, `type only interface{ int }; var n only`)
	constraintRejects(t, "interface is (or embeds) comparable", `var n comparable`)
	constraintAccepts(t, `type s interface{ String() string }; var n s; func f[T s](T) {}`)
}

// Yes, since Go 1.20, and then == can panic. any is not strictly comparable, because an
// any may hold a slice, but a type argument that is an interface, or a struct or array
// with one, now satisfies comparable all the same. The compiler gives up the guarantee,
// and comparing two anys that hold slices panics at run time, inside the generic
// function. Types that can never be compared, such as slices, maps, functions and
// structs that contain one, are still refused.
//
//claim:ask Does any satisfy comparable?
//claim:source https://go.dev/doc/go1.20#language
//claim:source https://go.dev/ref/spec#Satisfying_a_type_constraint
func TestConstraintComparable(t *testing.T) {
	assert.Equal(t, 1, constraintIndex([]any{1, "a"}, any("a")))
	assert.PanicsWithError(t, "runtime error: comparing uncomparable type []int", func() {
		constraintIndex([]any{[]int{1}}, any([]int{1}))
	})
	assert.Equal(t, -1, constraintIndex([]any{[]int{1}}, any(1)), "different types are not compared by value")
	const f = `func f[T comparable]() {}; `
	constraintAccepts(t, f+`func g() { f[any](); f[error](); f[struct{ a any }](); f[[2]any]() }`)
	for _, argument := range []string{"[]int", "map[int]int", "func()", "struct{ a []int }", "[1][]int"} {
		constraintRejects(t, "does not satisfy comparable", f+`func g() { f[`+argument+`]() }`)
	}
}

func constraintIndex[T comparable](s []T, want T) int {
	for i, v := range s {
		if v == want {
			return i
		}
	}
	return -1
}

// Declare a function that is never called, with a type parameter whose constraint is
// your type, and pass that parameter to a comparable one. The rule of Go 1.20 for
// interfaces does not apply to type parameters: they satisfy comparable only if every
// type in their set is strictly comparable, so == on it cannot panic. The check costs
// nothing and fails to compile as soon as somebody adds a field of an interface type.
//
//claim:ask How can I have the compiler check that == on my key type never panics?
//claim:source https://go.dev/ref/spec#Comparison_operators
//claim:source https://go.dev/blog/comparable
func TestConstraintStrict(t *testing.T) {
	const check = `func strict[T comparable]() {}; func _[K key]() { strict[K]() }; `
	constraintAccepts(t, check+`type key struct{ id int; name string }`)
	constraintRejects(t, "K does not satisfy comparable", check+`type key struct{ id int; value any }`)
	constraintAccepts(t, `func strict[T comparable]() {}; type key struct{ value any }; func f() { strict[key]() }`)
}

// cmp.Ordered includes the floating-point types, and NaN is not ordered: every <, > and
// == with it is false. A maximum that is written with > then depends on the position of
// the NaN, and a binary search or a sort by < has no defined result. cmp.Compare and
// cmp.Less put NaN before all other values and equal to itself, and the built-in max and
// slices.Max return NaN if there is one. So use cmp.Compare instead of operators in
// generic code over cmp.Ordered.
//
//claim:ask What goes wrong with cmp.Ordered and floating-point numbers?
//claim:source https://pkg.go.dev/cmp#Ordered
func TestConstraintOrderedNaN(t *testing.T) {
	nan := math.NaN()
	assert.Equal(t, 2.0, constraintMax([]float64{1, nan, 2}))
	assert.True(t, math.IsNaN(constraintMax([]float64{nan, 1, 2})), "the same values in another order")
	assert.True(t, math.IsNaN(slices.Max([]float64{1, nan, 2})))
	assert.True(t, math.IsNaN(max(1, nan, 2)))
	assert.False(t, constraintOrdered(nan, 1))
	assert.False(t, constraintOrdered(nan, nan))
	assert.Equal(t, -1, cmp.Compare(nan, math.Inf(-1)))
	assert.Equal(t, 0, cmp.Compare(nan, nan))
	sorted := []float64{2, nan, 1}
	slices.Sort(sorted)
	assert.True(t, math.IsNaN(sorted[0]))
	assert.Equal(t, []float64{1, 2}, sorted[1:])
}

func constraintOrdered[T cmp.Ordered](a, b T) bool { return a < b || a > b || a == b }

func constraintMax[T cmp.Ordered](s []T) T {
	largest := s[0]
	for _, v := range s[1:] {
		if v > largest {
			largest = v
		}
	}
	return largest
}

// A union is for types without methods. Its terms may not be interfaces with methods,
// comparable, or type parameters, and they may not overlap, as int and ~int do. So "has
// method A or method B" and "comparable or a slice" cannot be said. Interfaces without
// methods may be terms, which is how cmp.Ordered-like constraints are put together.
// There is no term for "not" either.
//
//claim:ask What may stand in a union of a constraint, and what may not?
//claim:source https://go.dev/ref/spec#General_interfaces
func TestConstraintUnion(t *testing.T) {
	constraintRejects(t, "cannot use p.s in union (p.s contains methods)",
		`type s interface{ M() }; type u interface{ int | s }`)
	constraintRejects(t, "cannot use comparable in union", `type u interface{ []int | comparable }`)
	constraintRejects(t, "overlapping terms ~int and int", `type u interface{ int | ~int }`)
	constraintRejects(t, "term cannot be a type parameter", `func f[T any, U int | T]() {}`)
	constraintAccepts(t, `type signed interface{ ~int | ~int8 }; type unsigned interface{ ~uint | ~uint8 }
		type integer interface{ signed | unsigned }; func f[T integer](T) {}`)
}

// An operator is allowed if every type in the type set has it. + works for a union of
// numbers and strings, - does not. == needs comparable, or a union of comparable types;
// < needs types like those of cmp.Ordered. There is no constraint "has a method Plus and
// is used by +": Go has no operator methods, so a type such as big.Int needs a method or
// a function parameter.
//
//claim:ask Which operators can I use on a value of a type parameter?
//claim:source https://go.dev/ref/spec#Type_parameter_declarations
func TestConstraintOperators(t *testing.T) {
	binary := func(constraint, op string) string {
		return `func f[T ` + constraint + `](a, b T) { _ = a ` + op + ` b }`
	}
	constraintAccepts(t, binary("~int|~string", "+"))
	constraintRejects(t, "operator - not defined on a", binary("~int|~string", "-"))
	constraintRejects(t, "operator + not defined on a", binary("any", "+"))
	constraintRejects(t, "incomparable types in type set", binary("any", "=="))
	constraintAccepts(t, binary("comparable", "=="))
	constraintRejects(t, "type parameter T cannot use operator <", binary("comparable", "<"))
	constraintAccepts(t, binary("~int|~float64|~string", "<"))
	constraintRejects(t, "operator % not defined on a", binary("~int|~float64", "%"))
	assert.Equal(t, "ab", constraintSum("a", "b"))
}

// A constant must fit every type of the set: T(1000) is an error if the set has an int8,
// and v + 1.5 if it has an int. A conversion is allowed if it is for each pair of types.
// So int(v) works for numbers and not for int | string. A value of type T is not
// assignable to int even if int is the only type in the set, because T is a type of its
// own; a conversion does it.
//
//claim:ask Why can I not assign 1000 or 1.5 to a value of my numeric type parameter?
//claim:source https://go.dev/ref/spec#Conversions
func TestConstraintConstants(t *testing.T) {
	constraintRejects(t, "constant 1000 overflows int8 (in T)", `func f[T ~int8 | ~int]() T { return T(1000) }`)
	constraintAccepts(t, `func f[T ~int8 | ~int]() T { return 100 }`)
	constraintRejects(t, "cannot convert 1.5 (untyped float constant) to type T",
		`func f[T ~int | ~float64](v T) T { return v + 1.5 }`)
	constraintRejects(t, "cannot convert string (in T) to type int", `func f[T int | string](v T) int { return int(v) }`)
	constraintAccepts(t, `func f[T ~int | ~float64](v T) int { return int(v) }`)
	constraintRejects(t, "cannot use v (variable of type T constrained by int) as int value", `func f[T int](v T) { var n int = v; _ = n }`)
}

// Indexing, len, range, send, receive and calls work if they mean the same for all types
// of the set: v[i] for ~[]byte | ~string, where only reading is allowed, and range only
// if all underlying types are the same. The specification once said this by a "core
// type"; Go 1.25 removed the term and describes each operation by itself, and no program
// changed its meaning. Fields are different: v.x is never allowed, not even if all types
// in the set have the field. Use a method.
//
//claim:ask What happened to core types, and may I read a field that all types of the constraint have?
//claim:source https://go.dev/blog/coretypes
//claim:source https://go.dev/issue/48522
func TestConstraintStructure(t *testing.T) {
	constraintAccepts(t, `func f[T ~[]byte | ~string](v T) byte { return v[len(v)-1] }`)
	constraintRejects(t, "cannot assign to v[0]", `func f[T ~[]byte | ~string](v T) { v[0] = 1 }`)
	constraintAccepts(t, `func f[T ~[]int | ~[4]int](v T) int { return v[0] }`)
	constraintRejects(t, "have different underlying types", `func f[T ~[]int | ~map[int]int](v T) { for range v {} }`)
	constraintAccepts(t, `type ints []int; func f[T []int | ints](v T) { for range v {} }`)
	constraintAccepts(t, `func f[T chan int | <-chan int](v T) int { return <-v }`)
	const field = `type a struct{ x int }; type b struct{ x int }; `
	constraintRejects(t, "v.x undefined", field+`func f[T a | b](v T) int { return v.x }`)
	constraintRejects(t, "v.x undefined", field+`func f[T a](v T) int { return v.x }`)
}

// Take a second type parameter for the pointer: func parse[T any, P interface{ *T;
// Set(string) error }]. P is known to be *T and to have the method, so P(&v).Set(s)
// compiles, and the caller writes parse[level](s): P is inferred. One parameter is not
// enough. With T = level the method is missing, because only *level has it; with T =
// *level, new values would be nil pointers.
//
//claim:ask A generic function must create a T and call a pointer method on it. How?
//claim:source https://go.dev/ref/spec#Type_inference
func TestConstraintPointerMethod(t *testing.T) {
	levels, err := constraintParse[constraintLevel]("1", "2")
	require.NoError(t, err)
	assert.Equal(t, []constraintLevel{1, 2}, levels)
	_, err = constraintParse[constraintLevel]("1", "x")
	assert.Error(t, err)

	const level = `type level int; func (*level) Set(string) {}; type setter interface{ Set(string) }; `
	constraintRejects(t, "level does not satisfy setter (method Set has pointer receiver)",
		level+`func f[T setter](s string) T { var v T; v.Set(s); return v }; func g() { f[level]("") }`)
	constraintRejects(t, "v.Set undefined (type *T is pointer to type parameter, not type parameter)",
		level+`func f[T setter](v *T) { v.Set("") }`)
}

type constraintLevel int

// Set parses a decimal number.
func (l *constraintLevel) Set(s string) error {
	n, err := strconv.Atoi(s)
	*l = constraintLevel(n)
	return err
}

func constraintParse[T any, P interface {
	*T
	Set(string) error
}](texts ...string) (values []T, err error) {
	for _, text := range texts {
		var v T
		if err := P(&v).Set(text); err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values, nil
}

// Yes, an interface type can be the type argument, if it implements the constraint. T is
// then the interface type itself, its zero value is nil, and a method call on it panics.
// So a generic function that was tested with structs can meet nil, and pointers as type
// argument bring nil as well. A constraint cannot demand a struct or forbid nil.
//
//claim:ask Can a type argument be an interface, such as f[fmt.Stringer]?
//claim:source https://go.dev/ref/spec#Implementing_an_interface
func TestConstraintInterfaceArgument(t *testing.T) {
	assert.Equal(t, []string{"1s", "2ms"}, constraintTexts([]time.Duration{time.Second, 2 * time.Millisecond}))
	assert.Equal(t, []string{"1s", "Monday"}, constraintTexts([]fmt.Stringer{time.Second, time.Monday}))
	assert.Panics(t, func() { constraintTexts([]fmt.Stringer{nil}) })
}

func constraintTexts[T fmt.Stringer](values []T) (texts []string) {
	for _, v := range values {
		texts = append(texts, v.String())
	}
	return texts
}

// A function with a parameter []fmt.Stringer takes only slices of that type, so a
// []time.Duration must be copied element by element. A function with [T fmt.Stringer]
// and a parameter []T takes both, and all elements are of one type. For a single value
// there is no such difference, and then the interface parameter is simpler: a type
// parameter that occurs once is usually not needed.
//
//claim:ask func(values []fmt.Stringer) or func[T fmt.Stringer](values []T)?
//claim:source https://go.dev/doc/faq#convert_slice_of_interface
func TestConstraintSlice(t *testing.T) {
	const stringer = `type stringer interface{ String() string }; type d int; func (d) String() string { return "" }; `
	constraintRejects(t, "cannot use s (variable of type []d) as []stringer value in argument to f",
		stringer+`func f(s []stringer) {}; func g(s []d) { f(s) }`)
	constraintAccepts(t, stringer+`func f[T stringer](s []T) {}; func g(s []d, i []stringer) { f(s); f(i) }`)
	constraintAccepts(t, stringer+`func f(s stringer) {}; func g(v d) { f(v) }`)
}

// A map with key type K needs K comparable: "invalid map key type K (missing comparable
// constraint)". For generic types the constraint must be repeated in every function that
// uses them, as it is not taken over from the type. The receiver of a method is
// different: it only names the parameters, with names of its own or _, and has the
// constraints of the type.
//
//claim:ask Why must I write comparable again in every function that takes my generic map type?
//claim:source https://go.dev/ref/spec#Map_types
func TestConstraintRepeated(t *testing.T) {
	constraintRejects(t, "invalid map key type K (missing comparable constraint)", `type m[K, V any] map[K]V`)
	const set = `type set[K comparable] map[K]struct{}; `
	constraintRejects(t, "K does not satisfy comparable", set+`func f[K any](s set[K]) {}`)
	constraintAccepts(t, set+`func f[K comparable](s set[K]) {}`)
	constraintAccepts(t, set+`func (s set[Key]) has(k Key) bool { _, ok := s[k]; return ok }; func (s set[_]) size() int { return len(s) }`)
	constraintRejects(t, "missing ','", set+`func (s set[K comparable]) m() {}`)
}

// type list[P *T] is read as an array type of length P*T, because a type declaration
// looks like that until the closing bracket. The compiler then says "undefined: P".
// Write list[P interface{ *T }], or list[P *T,] with a comma. Functions do not have the
// problem, and ~*T is not ambiguous either.
//
//claim:ask Why is "type list[P *T] struct{}" an error about an undefined P?
//claim:source https://go.dev/ref/spec#Type_parameter_declarations
func TestConstraintAmbiguous(t *testing.T) {
	constraintRejects(t, "undefined: P", `type c struct{}; type list[P *c] struct{}`)
	constraintAccepts(t, `type c struct{}; type list[P *c,] struct{}`)
	constraintAccepts(t, `type c struct{}; type list[P interface{ *c }] struct{}`)
	constraintAccepts(t, `type c struct{}; type list[P ~*c] struct{}`)
	constraintAccepts(t, `type c struct{}; func list[P *c]() {}`)
}
