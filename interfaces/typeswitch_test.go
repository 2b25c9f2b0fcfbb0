package interfaces

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

//lint:file-ignore SA4020 cases that are never reached are a subject here

// In a case with exactly one type the variable has that type. In a case with several
// types, in the default case and in case nil it has the type of the operand: nothing is
// known for the compiler that is true for all of them. So in "case int, string" with an
// any the variable is an any, and x + x does not compile although both types have the
// operator. Each clause has a variable of its own, and assigning to it does not change
// the operand.
//
//claim:ask In a type switch, which type does the variable have in a case with two types?
//claim:source https://go.dev/ref/spec#Type_switches
func TestTypeSwitchVariable(t *testing.T) {
	static := func(v any) (reflect.Type, string) {
		switch x := v.(type) {
		case int:
			return reflect.TypeOf(&x).Elem(), "int"
		case string, bool:
			return reflect.TypeOf(&x).Elem(), "string, bool"
		case nil:
			return reflect.TypeOf(&x).Elem(), "nil"
		case error:
			return reflect.TypeOf(&x).Elem(), "error"
		default:
			return reflect.TypeOf(&x).Elem(), "default"
		}
	}
	for _, c := range []struct {
		v      any
		clause string
		want   reflect.Type
	}{
		{1, "int", reflect.TypeFor[int]()},
		{"a", "string, bool", reflect.TypeFor[any]()},
		{true, "string, bool", reflect.TypeFor[any]()},
		{nil, "nil", reflect.TypeFor[any]()},
		{io.EOF, "error", reflect.TypeFor[error]()},
		{2.5, "default", reflect.TypeFor[any]()},
	} {
		got, clause := static(c.v)
		assert.Equal(t, c.clause, clause)
		assert.Equal(t, c.want, got, "%v", c.v)
	}
	constraintRejects(t, "operator + not defined on x (variable of interface type any)",
		`func f(v any) { switch x := v.(type) { case int, string: _ = x + x } }`)

	v := any(1)
	switch x := v.(type) {
	case int:
		x++
		assert.Equal(t, 2, x)
	}
	assert.Equal(t, 1, v)
}

// A nil interface value matches case nil and no other case, also no interface type.
// Without case nil it goes to default. A nil pointer in an interface has a type: it goes
// to the case of its pointer type, where the variable is a nil pointer. So case nil is
// no check against typed nils.
//
//claim:ask Which case of a type switch takes nil, and which takes a nil pointer?
//claim:source https://go.dev/ref/spec#Type_switches
func TestTypeSwitchNil(t *testing.T) {
	clause := func(v any) string {
		switch v := v.(type) {
		case nil:
			return "nil"
		case *bytes.Buffer:
			return fmt.Sprint("buffer, nil: ", v == nil)
		case any:
			return "any"
		}
		return "none"
	}
	assert.Equal(t, "nil", clause(nil))
	assert.Equal(t, "nil", clause(error(nil)), "a nil error becomes a nil any")
	assert.Equal(t, "buffer, nil: true", clause((*bytes.Buffer)(nil)))
	assert.Equal(t, "any", clause(1))

	withoutNil := func(v any) string {
		switch v.(type) {
		case any:
			return "any"
		default:
			return "default"
		}
	}
	assert.Equal(t, "default", withoutNil(nil))
}

// The first case that matches wins, in the order of the source. A value can match
// several cases only if one of them is an interface, so put concrete types before
// interfaces and larger interfaces before smaller ones. A case behind an interface that
// it implements is never reached, and the compiler says nothing. Among concrete types
// the order has no meaning, as a value has one dynamic type.
//
//claim:ask Does the order of the cases in a type switch matter?
//claim:source https://go.dev/ref/spec#Type_switches
func TestTypeSwitchOrder(t *testing.T) {
	interfaceFirst := func(v any) string {
		switch v.(type) {
		case io.Reader:
			return "Reader"
		case io.ReadWriter:
			return "ReadWriter"
		case *bytes.Buffer:
			return "Buffer"
		}
		return ""
	}
	concreteFirst := func(v any) string {
		switch v.(type) {
		case *bytes.Buffer:
			return "Buffer"
		case io.ReadWriter:
			return "ReadWriter"
		case io.Reader:
			return "Reader"
		}
		return ""
	}
	assert.Equal(t, "Reader", interfaceFirst(new(bytes.Buffer)))
	assert.Equal(t, "Buffer", concreteFirst(new(bytes.Buffer)))
	assert.Equal(t, "ReadWriter", concreteFirst(struct{ io.ReadWriter }{}))
	assert.Equal(t, "Reader", concreteFirst(strings.NewReader("")))
	constraintAccepts(t, `type E interface{ Error() string }; type T struct{}; func (T) Error() string { return "" }
		func f(v any) { switch v.(type) { case E: case T: } }`)
}

// A type that is listed twice is a compile error, and so are two nil cases and two
// defaults. Aliases count as the same type, so byte and uint8 are duplicates. A concrete
// type that cannot be in the operand, because it lacks a method, is an "impossible type
// switch case". Not found are cases hidden by an interface above, and equal types that
// come from type parameters, because they are not known then.
//
//claim:ask Which mistakes in the cases of a type switch does the compiler find?
//claim:source https://go.dev/ref/spec#Type_switches
func TestTypeSwitchDuplicate(t *testing.T) {
	inSwitch := func(cases string) string { return `func f(v any) { switch v.(type) { ` + cases + ` } }` }
	constraintRejects(t, "duplicate case int in type switch", inSwitch("case int: case string, int:"))
	constraintRejects(t, "duplicate case uint8 in type switch", inSwitch("case byte: case uint8:"))
	constraintRejects(t, "duplicate case nil in type switch", inSwitch("case nil: case nil:"))
	constraintRejects(t, "duplicate case error in type switch", inSwitch("case error: case error:"))
	constraintRejects(t, "multiple defaults", inSwitch("default: default:"))
	constraintRejects(t, "5 is not a type", inSwitch("case 5:"))
	constraintRejects(t, "impossible type switch case: int", `func f(v error) { switch v.(type) { case int: } }`)
	constraintAccepts(t, `func f[A, B any](v any) { switch v.(type) { case A: case B: } }`)
}

// No, fallthrough is not permitted in a type switch: the variable of the next clause
// would have a type that the value is not. List several types in one case instead. A
// break ends the switch, and inside a loop it does not end the loop; that needs a label.
// The default case may stand anywhere and is taken last.
//
//claim:ask Does fallthrough work in a type switch, and what does break leave?
//claim:source https://go.dev/ref/spec#Fallthrough_statements
func TestTypeSwitchFallthrough(t *testing.T) {
	constraintRejects(t, "cannot fallthrough in type switch",
		`func f(v any) { switch v.(type) { case int: fallthrough; case string: } }`)
	seen := 0
	for _, v := range []any{1, "stop", 2} {
		switch v.(type) {
		default:
			t.Error("default is first in the source and taken last")
		case string:
			break
		case int:
			seen++
		}
	}
	assert.Equal(t, 2, seen, "break left the switch only")
	seen = 0
values:
	for _, v := range []any{1, "stop", 2} {
		switch v.(type) {
		case string:
			break values
		default:
			seen++
		}
	}
	assert.Equal(t, 1, seen)
}

// The variable must be used in at least one clause; otherwise the compiler reports it as
// declared and not used. One use is enough: the other clauses may ignore it. If no
// clause needs it, write switch v.(type) without a variable. The operand is evaluated
// once, before all cases, so a call there is made once.
//
//claim:ask Must every case of a type switch use the variable, and how often is the operand evaluated?
//claim:source https://go.dev/ref/spec#Type_switches
func TestTypeSwitchUnused(t *testing.T) {
	constraintRejects(t, "x declared and not used", `func f(v any) { switch x := v.(type) { case int: } }`)
	constraintAccepts(t, `func f(v any) { switch x := v.(type) { case int: case string: _ = x } }`)
	constraintAccepts(t, `func f(v any) { switch v.(type) { case int: } }`)
	constraintRejects(t, "use of .(type) outside type switch", `func f(v any) { _ = v.(type) }`)
	calls := 0
	next := func() any { calls++; return 2.5 }
	switch next().(type) {
	case int, string, bool:
	case error:
	}
	assert.Equal(t, 1, calls)
}

// case int takes int only. A type defined as "type level int" needs its own case,
// although its underlying type is int, and there is no case ~int: the tilde exists in
// constraints only. If all types of a kind must be handled, as in a package that formats
// values, switch on reflect.TypeOf(v).Kind() after the types that you know. So a type
// switch over built-in types misses the defined types of your users.
//
//claim:ask Does case int in a type switch match a type whose underlying type is int?
//claim:source https://go.dev/ref/spec#Type_identity
func TestTypeSwitchUnderlying(t *testing.T) {
	type level int
	clause := func(v any) string {
		switch v.(type) {
		case int:
			return "int"
		}
		if reflect.TypeOf(v).Kind() == reflect.Int {
			return "kind int"
		}
		return "other"
	}
	assert.Equal(t, "int", clause(1))
	assert.Equal(t, "kind int", clause(level(1)))
	assert.Equal(t, "other", clause(int64(1)))
	assert.Contains(t, constraintErrors(`func f(v any) { switch v.(type) { case ~int: } }`)[0], "~")
}

// switch v.(type) with a v of a type parameter does not compile; write any(v).(type).
// The cases may name concrete types, interfaces and also type parameters. A case matches
// the type argument exactly, so ~int in the constraint lets types in that case int does
// not match. In such a case x is an int and not a T, so returning it needs any(x).(T).
// Two cases that become the same type are allowed, and the first is taken. A switch like
// this is a sign that the function is not generic.
//
//claim:ask How do I switch on the type of a type parameter?
//claim:source https://go.dev/ref/spec#Type_switches
func TestTypeSwitchGeneric(t *testing.T) {
	constraintRejects(t, "cannot use type switch on type parameter value v",
		`func f[T any](v T) { switch v.(type) {} }`)
	constraintRejects(t, "cannot use x (variable of type int) as T value in return statement",
		`func f[T any](v T) T { switch x := any(v).(type) { case int: return x }; return v }`)
	type level int
	assert.Equal(t, 2, typeSwitchDouble(1))
	assert.Equal(t, "aa", typeSwitchDouble("a"))
	assert.Equal(t, level(1), typeSwitchDouble(level(1)), "~int lets it in, case int does not match")

	assert.Equal(t, "first", typeSwitchWhich[int, int](1))
	assert.Equal(t, "second", typeSwitchWhich[string, int](1))
	assert.Equal(t, "first", typeSwitchWhich[any, int](1))
	if !proof.RaceEnabled {
		big := 1 << 20
		proof.WantAllocs(t, 0, func() { typeSwitchDouble(big) })
	}
}

func typeSwitchDouble[T ~int | ~string](v T) T {
	switch x := any(v).(type) {
	case int:
		return any(2 * x).(T)
	case string:
		return any(x + x).(T)
	}
	return v
}

func typeSwitchWhich[A, B any](v any) string {
	switch v.(type) {
	case A:
		return "first"
	case B:
		return "second"
	}
	return "none"
}

// A case with a nil *T is entered, and the switch does not look at the value. So the
// usual helper that renders an error must expect a nil pointer in every case of a
// pointer type. A type switch over errors has a second trap: it sees only the outermost
// error. An error wrapped with fmt.Errorf and %w goes to default; errors.As and
// errors.AsType look through the chain.
//
//claim:ask Why does my type switch over errors go to default?
//claim:source https://pkg.go.dev/errors#As
func TestTypeSwitchErrors(t *testing.T) {
	clause := func(err error) string {
		switch err.(type) {
		case nil:
			return "no error"
		case *typeSwitchFault:
			return "fault"
		default:
			return "unknown"
		}
	}
	assert.Equal(t, "no error", clause(nil))
	assert.Equal(t, "fault", clause(&typeSwitchFault{}))
	assert.Equal(t, "fault", clause((*typeSwitchFault)(nil)))
	wrapped := fmt.Errorf("save: %w", &typeSwitchFault{})
	assert.Equal(t, "unknown", clause(wrapped))
	_, ok := errors.AsType[*typeSwitchFault](wrapped)
	assert.True(t, ok)
}

type typeSwitchFault struct{}

func (*typeSwitchFault) Error() string { return "fault" }

func typeSwitchValues(n int) (values []any) {
	for i := range n {
		switch i % 4 {
		case 0:
			values = append(values, new([29]byte))
		case 1:
			values = append(values, new([30]byte))
		case 2:
			values = append(values, new([31]byte))
		case 3:
			values = append(values, new([32]byte))
		}
	}
	return values
}

func TestTypeSwitchCost(t *testing.T) {
	for i, v := range typeSwitchValues(8) {
		want := 29 + i%4
		assert.Equal(t, want, typeSwitchFew(v))
		assert.Equal(t, want, typeSwitchMany(v))
		assert.Equal(t, want, typeSwitchChain(v))
		assert.Equal(t, want, typeSwitchLookup(v))
	}
	assert.Equal(t, 1, typeSwitchMany(new([1]byte)))
	for _, f := range []func(any) int{typeSwitchFew, typeSwitchMany, typeSwitchChain, typeSwitchLookup} {
		assert.Zero(t, f(new([33]byte)))
		assert.Zero(t, f(nil))
	}
}

// No. A switch with 32 concrete types takes less than twice as long as one with 4,
// because the compiler does not compare with one type after the other. It uses the hash
// of the type: with a binary search or, from 5 cases on and where the architecture has
// it, with a jump table. A chain of 32 assertions tries them all and is more than twice
// as slow for the last types. A map[reflect.Type] can be filled at run time, but hashes
// the type for each lookup and is more than twice as slow as the switch. So there is no
// need to put the most frequent type first.
//
//claim:ask Does a type switch become slower with the number of cases?
//claim:expect ns/op of=switch,cases=32 < 2x of=switch,cases=4
//claim:expect ns/op of=chain > 2x of=switch,cases=32
//claim:expect ns/op of=map > 2x of=switch,cases=32
//claim:source cmd/compile/internal/walk/switch.go
func BenchmarkTypeSwitchCost(b *testing.B) {
	values := typeSwitchValues(256)
	for _, c := range []struct {
		name  string
		which func(any) int
	}{
		{"switch/cases=4", typeSwitchFew}, {"switch/cases=32", typeSwitchMany},
		{"chain/cases=32", typeSwitchChain}, {"map/cases=32", typeSwitchLookup},
	} {
		b.Run("of="+c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for _, v := range values {
					c.which(v)
				}
			}
		})
	}
}

func typeSwitchMarshalers(n int) (values []any) {
	for i := range n {
		if i%2 == 0 {
			values = append(values, typeSwitchText{})
		} else {
			values = append(values, new(int))
		}
	}
	return values
}

// typeSwitchText matches the last case only.
type typeSwitchText struct{}

func (typeSwitchText) MarshalText() ([]byte, error) { return nil, nil }

func TestTypeSwitchInterfaceCost(t *testing.T) {
	for want, v := range []any{1, new(io.PipeReader), new(strings.Builder), io.EOF, io.Discard, sort.IntSlice{}, typeSwitchText{}} {
		assert.Equal(t, want, typeSwitchInterfaces(v))
		assert.Equal(t, want, typeSwitchInterfaceChain(v))
	}
	require.Zero(t, typeSwitchInterfaces(nil))
}

// All interface cases that stand together are one question to the runtime: which of
// these does the type implement first? The answer is kept in a cache of that switch, by
// dynamic type, since Go 1.22. A chain of assertions asks each question for itself, with
// a cache for each. For six interfaces, of which none or the last matches, the chain
// takes more than 1.5 times as long.
//
//claim:ask Is a type switch over interfaces faster than a chain of assertions?
//claim:expect ns/op of=chain > 1.5x of=switch
//claim:source internal/abi/switch.go
func BenchmarkTypeSwitchInterfaceCost(b *testing.B) {
	values := typeSwitchMarshalers(256)
	for _, c := range []struct {
		name  string
		which func(any) int
	}{{"switch", typeSwitchInterfaces}, {"chain", typeSwitchInterfaceChain}} {
		b.Run("of="+c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for _, v := range values {
					c.which(v)
				}
			}
		})
	}
}

// A method, if the set of types is open: a new type brings its own, and no old code
// changes. A type switch, if the types are few and fixed and the operations are many: a
// new operation is one function, and the types need not know it. The compiler does not
// check that a switch is complete, so give it a default case that reports the unknown
// type or, as here, calls the method. In a case with one type the value is concrete: a
// method called there is called directly and can be inlined, which a method called
// through the interface cannot.
//
//claim:ask A type switch or a method in the interface: how do I choose?
//claim:source https://go.dev/ref/spec#Type_switches
func TestTypeSwitchMethod(t *testing.T) {
	exprs := []typeSwitchExpr{&typeSwitchConst{1}, &typeSwitchNeg{2}, &typeSwitchConst{4}}
	assert.EqualValues(t, 3, typeSwitchSumMethods(exprs))
	assert.EqualValues(t, 3, typeSwitchSumCases(exprs))
	exprs = append(exprs, typeSwitchForeign{&typeSwitchConst{7}})
	assert.EqualValues(t, 10, typeSwitchSumMethods(exprs))
	assert.EqualValues(t, 10, typeSwitchSumCases(exprs), "by the default case")
	constraintAccepts(t, `type E interface{ m() }; type A struct{}; func (A) m() {}; type B struct{}; func (B) m() {}
		func f(e E) int { switch e.(type) { case A: return 1 }; return 0 }`)
}

// typeSwitchForeign is a variant that the switch was not written for.
type typeSwitchForeign struct{ typeSwitchExpr }
