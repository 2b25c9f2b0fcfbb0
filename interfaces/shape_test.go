package interfaces

import (
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

type (
	shapeApple  struct{ n int }
	shapePear   struct{ n int }
	shapeCherry struct{ m int }
)

func (*shapeApple) shapeMark()  {}
func (*shapePear) shapeMark()   {}
func (*shapeCherry) shapeMark() {}

// The shape is the underlying type, so int64 and time.Duration run the same code, and so
// do two structs with the same fields. All pointers share one shape, whatever they point
// to. int and int32, a struct with other field names, a slice and each interface type
// with its methods have their own. This is neither one copy for each type, as with C++
// templates, nor one for all, as with erased types in Java.
//
//claim:ask Which type arguments share the machine code of a generic function?
//claim:source https://go.dev/design/generics-implementation-dictionaries-go1.18
func TestShapeShared(t *testing.T) {
	assert.Equal(t, shapeEntry(int64(1)), shapeEntry(time.Second))
	assert.Equal(t, shapeEntry(shapeApple{n: 1}), shapeEntry(shapePear{n: 1}))
	assert.Equal(t, shapeEntry(new(int)), shapeEntry(&shapeApple{}))
	assert.Equal(t, shapeEntry(new(int)), shapeEntry(new(*string)))

	different := map[uintptr]bool{
		shapeEntry(int64(1)): true, shapeEntry(int32(1)): true, shapeEntry(shapeApple{}): true, shapeEntry(shapeCherry{m: 1}): true,
		shapeEntry(new(int)): true, shapeEntry([]int{}): true, shapeEntry[any](1): true, shapeEntry[error](io.EOF): true,
	}
	assert.Len(t, different, 8)
}

// Pointers share a shape only under an ordinary interface such as any or fmt.Stringer.
// If the constraint contains a type term, as in [T any, P interface{ *T; Set(string) }],
// each pointer type gets a copy of its own, because the code may use what it points to.
// Then two structs of the same fields do not share either: the underlying type of a
// pointer names the struct type.
//
//claim:ask Do all pointer types share one copy of a generic function under every constraint?
//claim:source cmd/compile/internal/noder/reader.go
func TestShapeConstraint(t *testing.T) {
	assert.Equal(t, shapeEntry(&shapeApple{}), shapeEntry(&shapeCherry{}))
	assert.NotEqual(t, shapePointerEntry(&shapeApple{}), shapePointerEntry(&shapeCherry{}))
	assert.NotEqual(t, shapePointerEntry(&shapeApple{}), shapePointerEntry(&shapePear{}))
	require.Equal(t, shapeEntry(shapeApple{}), shapeEntry(shapePear{}), "the structs themselves share")
}

// In names at run time the type arguments are replaced by three dots: pkg.sum[...].
// Stack traces, runtime.FuncForPC and profiles show it so, because the code belongs to
// several types. So a profile adds up all types of a function, and a stack trace does
// not tell which T it was. Print %T in the message if that matters.
//
//claim:ask What does sum[...] in a stack trace mean, and which type was it?
//claim:source runtime/symtab.go
func TestShapeName(t *testing.T) {
	assert.Regexp(t, `\.shapeName\[\.\.\.\]$`, shapeName(1))
	assert.Equal(t, shapeName(1), shapeName("a"))
	assert.Contains(t, shapeTrace(1), "shapeTrace[...](")
}

//go:noinline
func shapeTrace[T any](T) string { return string(debug.Stack()) }

// It does not need to find out: shared code gets the type with the call, in a dictionary
// that the compiler has made for this instantiation and passes as a hidden first
// argument. The dictionary has the type descriptors for conversions to an interface, the
// method tables, and the dictionaries of the generic functions that are called. So %T,
// assertions and reflect give the exact type, although *int and *string run the same
// instructions.
//
//claim:ask If pointer types share the code, how does a generic function know its T at run time?
//claim:source https://go.dev/design/generics-implementation-dictionaries-go1.18
func TestShapeDictionary(t *testing.T) {
	require.Equal(t, shapeEntry(new(int)), shapeEntry(new(string)))
	assert.Equal(t, "*int", shapeType(new(int)))
	assert.Equal(t, "*string", shapeType(new(string)))
	assert.Equal(t, "time.Duration", shapeType(time.Second))
	assert.Equal(t, "int64", shapeType(int64(1)))

	called := dispatchCalled(t)
	assert.Contains(t, called, "sharedName[go.shape.*uint8]")
	assert.NotContains(t, called, "sharedName[go.shape.*string]")
}

//go:noinline
func shapeType[T any](v T) string { return fmt.Sprintf("%T", v) }

func shapeValues(n int) (ints []int64, items []shapeItem) {
	for i := range int64(n) {
		ints = append(ints, i*1000)
		items = append(items, shapeItem{i * 1000})
	}
	return ints, items
}

func TestShapeOperators(t *testing.T) {
	ints, items := shapeValues(100)
	const want = 4950 * 1000
	assert.EqualValues(t, want, shapeSum(ints))
	assert.EqualValues(t, want, shapeSumInts(ints))
	assert.EqualValues(t, want, shapeWeighGeneric(items))
	assert.EqualValues(t, want, shapeWeighItems(items))
	assert.EqualValues(t, want, shapeWeighFunc(items, shapeItem.shapeWeight))
	assert.InDelta(t, 6.5, shapeSum([]float64{1.5, 5}), 0)
}

// Nothing, as long as it uses operators, indexes and copies: the code for the shape has the
// machine instructions of the type. The generic sum of numbers takes less than twice as
// long as the one written for int64, and the reverse holds as well. What costs is a method
// call on a value of type T, see ShapeMethods, and a conversion of T to an interface.
//
//claim:ask What does a generic function cost, compared with one written for the type?
//claim:expect ns/op of=generic < 2x of=concrete
//claim:expect ns/op of=concrete < 2x of=generic
//claim:source https://go.dev/design/generics-implementation-dictionaries-go1.18
func BenchmarkShapeOperators(b *testing.B) {
	ints, _ := shapeValues(1000)
	for _, c := range []struct {
		name string
		sum  func()
	}{
		{"generic", func() { shapeSum(ints) }}, {"concrete", func() { shapeSumInts(ints) }},
	} {
		b.Run("of="+c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.sum()
			}
		})
	}
}

// Where it calls methods of the type parameter. The method comes from the dictionary, so
// the call is indirect and not inlined, even for a shape with a single type. For a
// method that only reads a field, the loop is more than twice as slow as the same loop
// over the concrete type, where the call is inlined. A type parameter instead of an
// interface therefore does not make method calls faster. Passing the function is no cure
// in a function that is not inlined.
//
//claim:ask When is generic code slower than code written for the type?
//claim:expect ns/op of=generic > 2x of=concrete
//claim:expect ns/op of=function > 2x of=concrete
//claim:source https://go.dev/design/generics-implementation-dictionaries-go1.18
func BenchmarkShapeMethods(b *testing.B) {
	_, items := shapeValues(1000)
	weight := shapeItem.shapeWeight
	for _, c := range []struct {
		name string
		sum  func()
	}{
		{"concrete", func() { shapeWeighItems(items) }},
		{"generic", func() { shapeWeighGeneric(items) }},
		{"function", func() { shapeWeighFunc(items, weight) }},
	} {
		b.Run("of="+c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.sum()
			}
		})
	}
}

// Not by itself. A value of type T is stored as a T, without a box, in variables,
// slices, maps and channels of the generic code. Converting it to an interface, as for
// fmt or any(v), follows the rules of every conversion: a large number is boxed if the
// result escapes. A method call on a value of type T boxes nothing, while the same call
// through an interface parameter needs the conversion first. So []T and Stack[T] hold
// plain values.
//
//claim:ask Are the values of type parameters boxed, as in Java?
//claim:source https://go.dev/doc/faq#generics
func TestShapeBoxing(t *testing.T) {
	_, items := shapeValues(10)
	numbers := make([]int, 0, 10)
	proof.WantAllocs(t, 0, func() {
		numbers = shapeAppend(numbers[:0], 1<<20)
		shapeWeighGeneric(items)
		if shapeIs[error](errShape) {
			numbers = numbers[:0]
		}
	})
	var keep any
	proof.WantAllocs(t, 1, func() { keep = shapeToAny(1000 + len(numbers)) })
	assert.Equal(t, 1000+len(numbers), keep)
}

var errShape = errors.New("shape")

//go:noinline
func shapeAppend[T any](s []T, v T) []T { return append(s, v) }

//go:noinline
func shapeToAny[T any](v T) any { return v }

//go:noinline
func shapeIs[T any](v any) bool { _, ok := v.(T); return ok }
