package errors

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// runtimeerrOf runs f, which must panic with a runtime.Error, and returns it.
func runtimeerrOf(t *testing.T, f func()) runtime.Error {
	t.Helper()
	value := panicvalueOf(f)
	err, ok := value.(runtime.Error)
	require.True(t, ok, "%T: %v", value, value)
	return err
}

type runtimeerrPair struct{ a, b int }

// Each of them panics with a value that implements runtime.Error, so a deferred
// recover can catch it, and the program crashes with exit code 2 otherwise. The
// text names the kind, and for an index also the number and the length. Only
// the nil dereference comes from the hardware: the page at address zero cannot
// be read, and the runtime turns the signal into a panic. The others are
// comparisons that the compiler puts in front of the operation.
//
//claim:ask What happens at run time on a nil dereference, an index out of range or a division by zero?
//claim:source https://go.dev/ref/spec#Run_time_panics
//claim:source runtime/error.go
func TestRuntimeErrTexts(t *testing.T) {
	var (
		null     *runtimeerrPair
		zero     int
		five     = 5
		minus    = -1
		numbers  = []int{1, 2, 3}
		text     = "abc"
		nilMap   map[string]int
		anyMap   = map[any]int{}
		closed   = make(chan int)
		nilChan  chan int
		nilError error
		boxed    any = []int{1}
	)
	close(closed)
	for _, c := range []struct {
		text string
		f    func()
	}{
		{"runtime error: invalid memory address or nil pointer dereference", func() { null.b++ }},
		{"runtime error: invalid memory address or nil pointer dereference", func() { _ = nilError.Error() }},
		{"runtime error: index out of range [5] with length 3", func() { _ = numbers[five] }},
		{"runtime error: index out of range [-1]", func() { _ = numbers[minus] }},
		{"runtime error: index out of range [5] with length 3", func() { _ = text[five] }},
		{"runtime error: slice bounds out of range [:5] with capacity 3", func() { _ = numbers[:five] }},
		{"runtime error: slice bounds out of range [5:3]", func() { _ = numbers[five:] }},
		{"runtime error: slice bounds out of range [:5] with length 3", func() { _ = text[:five] }},
		{"runtime error: slice bounds out of range [::5] with capacity 3", func() { _ = numbers[0:1:five] }},
		{"runtime error: integer divide by zero", func() { _ = five / zero }},
		{"runtime error: integer divide by zero", func() { _ = five % zero }},
		{"runtime error: negative shift amount", func() { _ = five << minus }},
		{"runtime error: makeslice: len out of range", func() { _ = make([]int, minus) }},
		{"runtime error: makeslice: cap out of range", func() { _ = make([]int, 0, minus) }},
		{"runtime error: cannot convert slice with length 3 to array or pointer to array with length 4", func() { _ = [4]int(numbers) }},
		{"runtime error: comparing uncomparable type []int", func() { _ = boxed == any(numbers) }},
		{"assignment to entry in nil map", func() { nilMap["a"] = 1 }},
		{"makechan: size out of range", func() { _ = make(chan int, minus) }},
		{"close of closed channel", func() { close(closed) }},
		{"close of nil channel", func() { close(nilChan) }},
		{"send on closed channel", func() { closed <- 1 }},
		{"interface conversion: interface {} is []int, not string", func() { _ = boxed.(string) }},
	} {
		require.EqualError(t, runtimeerrOf(t, c.f), c.text)
	}
	// The text differs between the ways into a map, so only a part of it.
	require.ErrorContains(t, runtimeerrOf(t, func() { anyMap[boxed]++ }), "hash of unhashable type")
}

// A floating-point division by zero gives an infinity, or NaN for 0/0, as IEEE
// 754 says, and no panic. The same for complex numbers. Integers have no value
// for it, so the division panics. The smallest integer divided by -1 does not
// panic either: it overflows and gives itself, with remainder 0. A division by
// the constant zero does not compile for integers, and not for constants of any
// kind.
//
//claim:ask What do 1/0 and 1.0/0 give in Go, and what does math.MinInt64 / -1?
//claim:source https://go.dev/ref/spec#Arithmetic_operators
//claim:source https://go.dev/ref/spec#Integer_overflow
func TestRuntimeErrDivision(t *testing.T) {
	one, zero := 1.0, 0.0
	require.True(t, math.IsInf(one/zero, 1))
	require.True(t, math.IsInf(-one/zero, -1))
	require.True(t, math.IsNaN(zero/zero))
	i, none := 1, 0
	require.EqualError(t, runtimeerrOf(t, func() { _ = i / none }), "runtime error: integer divide by zero")

	least, minus := int64(math.MinInt64), int64(-1)
	require.Equal(t, least, least/minus)
	require.Zero(t, least%minus)

	require.Equal(t, []string{
		"invalid operation: division by zero", "invalid operation: division by zero",
	}, runtimeerrCheck(t, "func f(i int, x float64) (int, float64) { return i / 0, x / 0 }\nconst c = 1.0 / 0"))
}

// runtimeerrCheck type-checks declarations and returns the errors.
func runtimeerrCheck(t *testing.T, source string) (found []string) {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", "package p\n"+source, parser.SkipObjectResolution)
	require.NoError(t, err)
	config := types.Config{Error: func(err error) { found = append(found, err.(types.Error).Msg) }}
	_, _ = config.Check("p", fset, []*ast.File{file}, nil)
	return found
}

// What can be seen from constants is a compile error: a constant index outside
// an array or a constant string, a negative constant index or shift, a slice
// with the bounds swapped, a division by zero, a constant that overflows its
// type. For a slice the length is not a part of the type, so numbers[5]
// compiles and panics. An interface assertion that can never hold, because the
// type lacks a method, is refused too.
//
//claim:ask Which run-time panics does the compiler prevent?
//claim:source https://go.dev/ref/spec#Index_expressions
//claim:source https://go.dev/ref/spec#Type_assertions
func TestRuntimeErrCompile(t *testing.T) {
	const header = "type stringer interface{ String() string }\ntype plain struct{}\n" +
		"func f(a [3]int, s []int, i int, v stringer) { _ = "
	for expression, text := range map[string]string{
		"a[3]":           "invalid argument: index 3 out of bounds [0:3]",
		"s[-1]":          "invalid argument: index -1 (constant of type int) must not be negative",
		`"abc"[3]`:       "invalid argument: index 3 out of bounds [0:3]",
		"s[2:1]":         "invalid slice indices: 1 < 2",
		"i << -1":        "invalid operation: negative shift count -1 (untyped int constant)",
		"int8(200)":      "cannot convert 200 (untyped int constant) to type int8 (overflows)",
		"make([]int,-1)": "invalid argument: index -1 (constant of type int) must not be negative",
		"v.(plain)":      "impossible type assertion: v.(plain)\n\tplain does not implement stringer (missing method String)",
	} {
		found := runtimeerrCheck(t, header+expression+" }")
		require.Len(t, found, 1, expression)
		if expression != "int8(200)" { // its text differs between releases
			require.Equal(t, text, found[0], expression)
		}
	}
	require.Empty(t, runtimeerrCheck(t, header+"s[5] }"))
}

// It is a *runtime.TypeAssertionError, which is a runtime.Error. The text names
// the type in the interface and the one that was asked for, says if the
// interface was nil, and names the missing method if an interface was asked
// for. Two types of one name from different packages get a note about that. The
// form with two results never panics; it gives the zero value and false.
//
//claim:ask What does a failed type assertion panic with?
//claim:source https://pkg.go.dev/runtime#TypeAssertionError
func TestRuntimeErrAssertion(t *testing.T) {
	var empty, number any
	number = 3
	for _, c := range []struct {
		f    func()
		text string
	}{
		{func() { _ = number.(string) }, "interface conversion: interface {} is int, not string"},
		{func() { _ = empty.(string) }, "interface conversion: interface {} is nil, not string"},
		{func() { _ = number.(io.Reader) }, "interface conversion: int is not io.Reader: missing method Read"},
		{func() { _ = empty.(io.Reader) }, "interface conversion: interface is nil, not io.Reader"},
	} {
		err := runtimeerrOf(t, c.f)
		require.IsType(t, (*runtime.TypeAssertionError)(nil), err)
		require.EqualError(t, err, c.text)
	}
	s, ok := number.(string)
	require.False(t, ok)
	require.Empty(t, s)
}

// Assert it to runtime.Error, the interface that all of them implement, or use
// errors.As with a variable of that type once the value has been wrapped in an
// error. The concrete types are mostly unexported, and the texts are not
// promised: that of PanicNilError changed in Go 1.27. Some texts lack the
// prefix "runtime error: ", for example those about channels and nil maps, so
// do not look for it.
//
//claim:ask How do I tell a panic of the runtime from one that code has raised?
//claim:source https://pkg.go.dev/runtime#Error
func TestRuntimeErrDetect(t *testing.T) {
	isRuntime := func(value any) bool {
		err, ok := value.(error)
		var target runtime.Error
		return ok && errors.As(err, &target)
	}
	var null *runtimeerrPair
	fault := panicvalueOf(func() { null.a++ })
	require.True(t, isRuntime(fault))
	require.True(t, isRuntime(fmt.Errorf("handler: %w", fault.(error))))
	require.False(t, isRuntime(panicvalueOf(func() { panic("text") })))
	require.False(t, isRuntime(panicvalueOf(func() { panic(errors.New("runtime error: a fake")) })))

	var nilMap map[int]int
	withoutPrefix := runtimeerrOf(t, func() { nilMap[1] = 1 })
	require.NotContains(t, withoutPrefix.Error(), "runtime error: ")
	require.True(t, isRuntime(withoutPrefix))
}

// The operands are evaluated first: in m[key()] = value() with a nil map both
// calls have run before the panic. In a multiple assignment all operands come
// first too, then the assignments from left to right, so those before the one
// that panics are done. An index that is out of range stops the statement
// before the new value is stored. Do not rely on more: the order of a variable
// read against a call is not specified.
//
//claim:ask A statement panics. Which parts of it have been executed?
//claim:source https://go.dev/ref/spec#Order_of_evaluation
//claim:source https://go.dev/ref/spec#Assignment_statements
func TestRuntimeErrOrder(t *testing.T) {
	var order []string
	note := func(name string, n int) int {
		order = append(order, name)
		return n
	}
	var nilMap map[int]int
	runtimeerrOf(t, func() { nilMap[note("key", 1)] = note("value", 2) })
	require.Equal(t, []string{"key", "value"}, order)

	var a, c int
	runtimeerrOf(t, func() { a, nilMap[1], c = 1, 2, 3 })
	require.Equal(t, 1, a, "assigned before the panic")
	require.Zero(t, c)

	numbers := []int{1}
	order = nil
	runtimeerrOf(t, func() { numbers[note("index", 1)] = note("value", 2) })
	require.Equal(t, []string{"index", "value"}, order)
	require.Equal(t, []int{1}, numbers)
}

// A panic in the comparison function of a sort passes through slices.SortFunc
// to the caller, who can recover it: callbacks without a goroutine of their own
// are ordinary calls. The slice is then partly sorted, but it still has every
// element, since the sort only swaps. In general, ask what a function has
// promised about its data if its callback panics; most say nothing. A type that
// a callback leaves half changed should not be used again.
//
//claim:ask What if the comparison function of a sort panics?
//claim:source https://pkg.go.dev/slices#SortFunc
func TestRuntimeErrSortCallback(t *testing.T) {
	numbers := make([]int, 200)
	for i := range numbers {
		numbers[i] = i * 7919 % 200
	}
	want := slices.Sorted(slices.Values(numbers))
	calls := 0
	value := panicvalueOf(func() {
		slices.SortFunc(numbers, func(a, b int) int {
			if calls++; calls == 500 {
				panic("comparison")
			}
			return a - b
		})
	})
	require.Equal(t, "comparison", value)
	require.False(t, slices.IsSorted(numbers))
	require.Equal(t, want, slices.Sorted(slices.Values(numbers)), "a permutation")
}

// The standard library panics for what only a mistake in the program can cause,
// and returns an error for what comes from outside. A negative repeat count, a
// nil context or a negative WaitGroup counter is the first kind; a malformed
// number or a missing file the second. A panic value of the library is a string
// or an error and not always a runtime.Error. bytes.Buffer is a third case: it
// panics with ErrTooLarge, because its Write is not expected to fail.
//
//claim:ask When does the standard library panic, and when does it return an error?
//claim:source https://go.dev/wiki/CodeReviewComments#dont-panic
//claim:source https://pkg.go.dev/bytes#Buffer
func TestRuntimeErrLibrary(t *testing.T) {
	require.Equal(t, "strings: negative Repeat count", fmt.Sprint(panicvalueOf(func() { _ = strings.Repeat("x", -1) })))
	require.Equal(t, "bytes.Buffer.Grow: negative count", panicvalueOf(func() { new(bytes.Buffer).Grow(-1) }))
	require.Equal(t, "bytes.Buffer: truncation out of range", panicvalueOf(func() { new(bytes.Buffer).Truncate(1) }))
	require.Equal(t, "strings.Builder.Grow: negative count", panicvalueOf(func() { new(strings.Builder).Grow(-1) }))
	var nobody context.Context
	require.Equal(t, "cannot create context from nil parent", panicvalueOf(func() {
		_, cancel := context.WithCancel(nobody)
		cancel()
	}))
	require.Equal(t, "sync: negative WaitGroup counter", panicvalueOf(func() { new(sync.WaitGroup).Done() }))
	tooLarge := panicvalueOf(func() { bytes.NewBuffer([]byte("x")).Grow(math.MaxInt) })
	require.Equal(t, bytes.ErrTooLarge, tooLarge)
	_, err := fmt.Sscan("many", new(int))
	require.Error(t, err, "input from outside: no panic")
}
