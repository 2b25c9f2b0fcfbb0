package optimizing

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func codegenValues(n int) (ints []uint64, floats []float64, numbers []codegenNumber, adders []codegenAdder) {
	for i := range n {
		ints = append(ints, uint64(i*i))
		floats = append(floats, float64(i))
		numbers = append(numbers, codegenNumber(i))
		adders = append(adders, codegenNumber(i))
	}
	return
}

func TestCodegenResults(t *testing.T) {
	ints, floats, numbers, adders := codegenValues(1001)
	assert.Equal(t, divideEach(ints, 10), divideEachBy10(ints))
	assert.Equal(t, addFloats(floats), addFloatsBy4(floats))
	assert.Equal(t, addConcrete(numbers), addGeneric(numbers))
	assert.Equal(t, addConcrete(numbers), addInterface(adders))
	assert.Equal(t, addConcrete(numbers), int64(addOperator(numbers)))
	src := []byte("some bytes")
	a, b := make([]byte, len(src)), make([]byte, len(src))
	copyByLoop(a, src)
	copyByCopy(b, src)
	assert.Equal(t, src, a)
	assert.Equal(t, src, b)
}

// Division by a variable is the slowest operation on integers, more than 1.5
// times as slow as division by a constant in a loop of nothing else. The
// compiler replaces a constant divisor by a multiplication and a shift, and a
// power of two by a shift alone. So a divisor or a modulus known at compile
// time should be a const. The remainder of an unsigned number by a power of
// two is one AND; a signed one needs some instructions more, because division
// rounds toward zero and a shift rounds down.
//
//claim:ask How expensive are division and the % operator?
//claim:expect ns/op of=variable > 1.5x of=constant
//claim:source cmd/compile/internal/ssa/magic.go
func BenchmarkDivision(b *testing.B) {
	ints, _, _, _ := codegenValues(1000)
	b.Run("of=variable", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			divideEach(ints, 10)
		}
	})
	b.Run("of=constant", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			divideEachBy10(ints)
		}
	})
}

func TestDivision(t *testing.T) {
	code := codegenInstructions(t, "amd64", "codegen/asm")
	assert.True(t, codegenHas(code["divideByVariable"], "DIVQ"))
	assert.True(t, codegenHas(code["divideByVariable"], `CALL runtime\.panicdivide`))
	assert.False(t, codegenHas(code["divideBy10"], "DIVQ"))
	assert.True(t, codegenHas(code["divideBy10"], "MULQ"))
	assert.Equal(t, []string{"SHRQ $3, AX", "RET"}, code["divideBy8"])
	assert.Equal(t, []string{"ANDL $7, AX", "RET"}, code["remainderBy8"])
	assert.Greater(t, len(code["divideSignedBy8"]), len(code["divideBy8"]))
	assert.False(t, codegenHas(code["isMultipleOf10"], "DIVQ"))
	assert.True(t, codegenHas(codegenInstructions(t, "arm64", "codegen/asm")["divideBy10"], "UMULH"))
}

// Adding floating point numbers to four sums instead of one is more than 1.8
// times as fast. Each addition to a single sum waits some cycles for the one
// before, while a processor could start one or two additions in every cycle.
// The compiler may not split the sum itself: (a+b)+c and a+(b+c) round
// differently, so the result can differ in its last digits. The effect
// depends on the processor. For integers, whose addition takes one cycle, it
// is small or nothing, and a loop that waits for memory gains nothing either.
//
//claim:ask Why is a sum faster with several accumulators?
//claim:expect ns/op of=1 > 1.8x of=4
//claim:source https://go.dev/ref/spec#Floating_point_operators
func BenchmarkAccumulators(b *testing.B) {
	_, floats, _, _ := codegenValues(1000)
	b.Run("of=1", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			addFloats(floats)
		}
	})
	b.Run("of=4", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			addFloatsBy4(floats)
		}
	})
}

func TestAccumulators(t *testing.T) {
	a, b, c := 1e16, -1e16, 1.0
	assert.NotEqual(t, (a+b)+c, a+(b+c), "order matters")
}

// Copying 4 KiB with copy is more than 5 times as fast as with a loop over
// the bytes. The built-in function moves 16 or more bytes with each
// instruction and checks the lengths once; the loop moves one byte and checks
// one index per turn, and the compiler does not turn it into a copy. It does
// not matter for a handful of elements. Unlike the loop, copy does not panic
// if dst is the shorter one, and is right if the two overlap.
//
//claim:ask Is copy(dst, src) faster than a loop?
//claim:expect ns/op of=loop > 5x of=copy
//claim:source https://go.dev/ref/spec#Appending_and_copying_slices
func BenchmarkCopyLoop(b *testing.B) {
	src, dst := make([]byte, 4096), make([]byte, 4096)
	b.Run("of=loop", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			copyByLoop(dst, src)
		}
	})
	b.Run("of=copy", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			copyByCopy(dst, src)
		}
	})
}

// A generic function that calls a method of its type parameter pays for a
// call, as one that takes interface values does: both are more than 1.5 times
// as slow here as the function written for the type, whose call is inlined.
// One compiled copy serves all types of the same shape, so the method is
// found in a dictionary and called through a pointer, and such a call cannot
// be inlined. Operators are different: a + b on a type parameter is compiled
// for each shape and is about as fast as in a function without one. What
// generics save over interfaces is boxing and type assertions, not the call.
//
//claim:ask Is a generic function faster than one with an interface parameter?
//claim:expect ns/op of=generic > 1.5x of=concrete
//claim:expect ns/op of=interface > 1.5x of=concrete
//claim:expect ns/op of=operator < 2x of=concrete
//claim:source https://github.com/golang/proposal/blob/master/design/generics-implementation-dictionaries-go1.18.md
func BenchmarkGenericCall(b *testing.B) {
	_, _, numbers, adders := codegenValues(1000)
	b.Run("of=concrete", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			addConcrete(numbers)
		}
	})
	b.Run("of=generic", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			addGeneric(numbers)
		}
	})
	b.Run("of=interface", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			addInterface(adders)
		}
	})
	b.Run("of=operator", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			addOperator(numbers)
		}
	})
}

// There are no levels: the compiler always optimises, and nothing like -O3
// exists. What you can do is switch it off: -gcflags="-N -l" disables
// optimisations and inlining, which debuggers do so that every variable can
// be seen. The same benchmark is then more than 1.5 times as slow, so never
// measure such a build. What a release build can add is a profile (see PGO)
// and a higher GOAMD64 (see GOAMD64Levels).
//
//claim:ask Which optimisation level should a release build have?
//claim:vary gcflags none -N
//claim:expect ns/op gcflags=-N > 1.5x gcflags=none
//claim:source https://pkg.go.dev/cmd/compile#hdr-Command_Line
func BenchmarkOptimizationOff(b *testing.B) {
	_, _, numbers, _ := codegenValues(1000)
	b.ReportAllocs()
	for b.Loop() {
		addConcrete(numbers)
	}
}
