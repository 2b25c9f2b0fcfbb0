package interfaces

import (
	"strconv"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// It points to one of five places. For a number below 256 it is an entry of a
// table in the runtime, for an empty string or a nil slice a zero value there,
// and for a constant it is read-only data, the same address each time. Any
// other value that is kept gets a new block of the heap for each conversion,
// and one that is not kept lies on the stack. A pointer needs no place, because
// it is the word itself.
//
//claim:ask Where does the data pointer of an interface value point to?
//claim:source runtime/iface.go
//claim:source cmd/compile/internal/walk/convert.go
func TestBoxingPlace(t *testing.T) {
	at := func(v any) uintptr { return uintptr(layoutOf(v).data) }
	require.Equal(t, at(boxingInt(7)), at(boxingInt(7)), "the table")
	require.EqualValues(t, 255*8, at(boxingInt(255))-at(boxingInt(0)), "8 bytes an entry")

	require.Equal(t, at(boxingString("")), at(boxingBytes(nil)), "one zero value for both")
	text := strconv.Itoa(1234567)
	first, second := boxingString(text), boxingString(text)
	require.NotEqual(t, at(first), at(second), "a string header in the heap each time")
	require.Equal(t, unsafe.StringData(first.(string)), unsafe.StringData(second.(string)), "its bytes are shared")

	big, bigger := boxingInt(256), boxingInt(256)
	require.NotEqual(t, at(big), at(bigger))
	require.True(t, big == bigger)

	constants := make([]any, 2)
	for i := range constants {
		constants[i] = boxingSmall{1, 2, 3}
	}
	require.Equal(t, at(constants[0]), at(constants[1]), "read-only data")
}

// The argument is converted before the call, so a parameter of type any costs
// the box even if the function returns at once, as a log call with its level
// off does. Test the condition in the caller, or take a type parameter: then
// the conversion stands in the branch that needs it. The allocation is there
// because the parameter escapes in the other branch; a function that never
// keeps its parameter gets a box on the stack.
//
//claim:ask A function does nothing with its any parameter when a flag is off. Why does the call still allocate?
//claim:expect allocs/op of=always == 100
//claim:expect allocs/op of=guarded == 0
//claim:expect allocs/op of=generic == 0
//claim:expect ns/op of=always > 2x of=guarded
//claim:source https://go.dev/ref/spec#Calls
func BenchmarkBoxingUnused(b *testing.B) {
	for _, c := range []struct {
		name string
		call func(bool, boxingSmall)
	}{
		{"of=always", boxingAlways},
		{"of=guarded", boxingGuarded},
		{"of=generic", boxingGeneric[boxingSmall]},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for i := range 100 {
					c.call(false, boxingSmall{i, i, i})
				}
			}
		})
	}
}

func TestBoxingUnused(t *testing.T) {
	v := boxingSmall{1, 2, 3}
	for _, call := range []func(bool, boxingSmall){boxingAlways, boxingGuarded, boxingGeneric[boxingSmall]} {
		boxingKept = nil
		call(false, v)
		require.Nil(t, boxingKept)
		call(true, v)
		require.Equal(t, v, boxingKept)
	}
	boxingKept = nil
}

// A function that is inlined needs no interface value at all: the compiler
// knows the type of the argument then, decides the type assertion and drops the
// box. So small helpers with an any parameter are free for callers with a known
// type. It does not hold when the call goes through a variable, or when the
// function is too large to be inlined; then the box is on the stack if the
// compiler knows the function, and else in the heap.
//
//claim:ask Does an any parameter cost something if the function is inlined?
//claim:source cmd/compile/internal/inline/inl.go
func TestBoxingInlined(t *testing.T) {
	require.False(t, boxingInlined(1000))
	require.True(t, boxingInlined(1001))
	unknown := map[string]func(any) bool{"large": boxingIsLarge}["large"]
	t.Run("inlined", func(t *testing.T) {
		proof.WantAllocs(t, 0, func() { boxingInlined(5000) })
	})
	require.True(t, boxingCalled(999))
	t.Run("known", func(t *testing.T) {
		proof.WantAllocs(t, 0, func() { boxingCalled(5000) })
	})
	t.Run("unknown", func(t *testing.T) {
		n := 5000
		proof.WantAllocs(t, 1, func() {
			n++
			unknown(n)
		})
	})
}

// It costs allocations, memory and time. A list of n numbers as []any is n+1 allocations
// instead of one, and takes three words an element instead of one (more than 2.5 times
// the bytes, with what the allocator rounds up): two for the interface value and one for
// the box. Making it takes more than twice as long, and each use checks a type and
// follows a pointer. For numbers below 256 no box is allocated, and for pointers there
// is none. Use []T or a type parameter if all elements have one type.
//
//claim:ask What does an API with []any cost compared with []int?
//claim:expect allocs/op of=ints == 1
//claim:expect allocs/op of=any == 501
//claim:expect B/op of=any > 2.5x of=ints
//claim:expect ns/op of=any > 2x of=ints
//claim:needs goarch=amd64
//claim:source https://go.dev/wiki/InterfaceSlice
func BenchmarkBoxingSlice(b *testing.B) {
	const n = 500
	b.Run("of=ints", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			boxingFillInts(n)
		}
	})
	b.Run("of=any", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			boxingFillAny(n)
		}
	})
}

func TestBoxingSlice(t *testing.T) {
	require.Equal(t, 500*1000+500*499/2, boxingSumInts(boxingFillInts(500)))
	require.Equal(t, boxingSumInts(boxingFillInts(500)), boxingSumAny(boxingFillAny(500)))
}

// Convert before the loop. Each conversion of a variable to an interface type
// makes a new box, even if the variable has not changed: the compiler does not
// keep the old one. An interface value can be passed on any number of times for
// free, since nobody can change what is in it.
//
//claim:ask The same struct is passed to an any parameter in each iteration. How often is it boxed?
//claim:source https://go.dev/ref/spec#Conversions
func TestBoxingOnce(t *testing.T) {
	v := boxingSmall{1, 2, 3}
	t.Run("in the loop", func(t *testing.T) {
		proof.WantAllocs(t, 10, func() {
			for range 10 {
				boxingKeep(v)
			}
			v.x++
		})
	})
	t.Run("before the loop", func(t *testing.T) {
		proof.WantAllocs(t, 1, func() {
			boxed := any(v)
			for range 10 {
				boxingKeep(boxed)
			}
			v.x++
		})
	})
	boxingKept = nil
}
