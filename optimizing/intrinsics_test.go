package optimizing

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func intrinsicValues(n int) (values []uint64) {
	for i := range uint64(n) {
		values = append(values, i*0x9e3779b97f4a7c15)
	}
	return values
}

// Calls of some functions of the standard library are replaced by one or a
// few instructions: counting bits with math/bits is more than 3 times as fast
// as the best known loop in Go. They are called intrinsics. It does not help
// to write your own copy of bits.OnesCount64: the compiler knows the function
// by its package and name. On a GOARCH without the instruction the Go code of
// the function runs.
//
//claim:ask Is math/bits faster than bit tricks written by hand?
//claim:needs goarch=amd64
//claim:expect ns/op of=hand > 3x of=bits
//claim:source https://pkg.go.dev/math/bits
//claim:source cmd/compile/internal/ssagen/intrinsics.go
func BenchmarkCountBits(b *testing.B) {
	values := intrinsicValues(1000)
	b.Run("of=bits", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			countBits(values)
		}
	})
	b.Run("of=hand", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			countBitsByHand(values)
		}
	})
}

func TestCountBits(t *testing.T) {
	values := intrinsicValues(100)
	assert.Equal(t, countBits(values), countBitsByHand(values))
	assert.Equal(t, 64+1, countBits([]uint64{math.MaxUint64, 0, 8}))
	code := codegenInstructions(t, "amd64 v2", "codegen/asm")
	assert.True(t, codegenHas(code["onesCount"], "POPCNTQ"))
	assert.False(t, codegenHas(code["onesCountByHand"], "POPCNTQ"))
}

// Counting, finding, rotating and reversing bits and the long multiplication
// of math/bits; the atomic operations; math.Sqrt, Abs, Floor, Trunc and FMA.
// You may read that only math/bits and sync/atomic have intrinsics. The list
// differs by GOARCH: amd64 and arm64 have all of these, and math.Sin is a
// call on both.
//
//claim:ask Which functions of the standard library are compiled to single instructions?
//claim:source cmd/compile/internal/ssagen/intrinsics.go
func TestIntrinsics(t *testing.T) {
	for target, instructions := range map[string]map[string]string{
		"amd64": {
			"trailingZeros": "BSFQ", "length": "BSRQ", "rotate": "ROLQ", "swapBytes": "BSWAPQ", "multiply": "MULQ",
			"squareRoot": "SQRTSD", "absolute": "BTRQ", "addAtomic": "XADDQ", "loadAtomic": `MOVQ \(AX\), AX`,
		},
		"arm64": {
			"onesCount": "VCNT", "trailingZeros": "CLZ", "length": "CLZ", "rotate": "ROR", "swapBytes": "REV", "multiply": "UMULH",
			"squareRoot": "FSQRTD", "absolute": "FABSD", "addAtomic": "LDADDALD", "loadAtomic": "LDAR",
			"roundDown": "FRINTMD", "fusedMultiplyAdd": "FMADDD",
		},
	} {
		code := codegenInstructions(t, target, "codegen/asm")
		for function, instruction := range instructions {
			assert.True(t, codegenHas(code[function], instruction), "%s %s: %q", target, function, code[function])
			assert.False(t, codegenHas(code[function], `CALL (?:math|sync)`), "%s %s", target, function)
		}
		assert.True(t, codegenHas(code["sine"], `CALL math\.sin`))
	}
}

// Some patterns are recognised: x<<7 | x>>57 is the same rotate instruction
// as bits.RotateLeft64, and four bytes that are shifted and combined, as in
// encoding/binary, are one load. A loop that counts bits is not. Use the
// functions anyway: they say what is meant, and they are right for all shift
// counts.
//
//claim:ask Does the compiler recognise a rotation or a little-endian load written by hand?
//claim:source cmd/compile/internal/ssa/_gen/generic.rules
func TestIntrinsicPatterns(t *testing.T) {
	for _, target := range []string{"amd64", "arm64"} {
		code := codegenInstructions(t, target, "codegen/asm")
		require.NotEmpty(t, code["rotate"])
		assert.Equal(t, code["rotate"], code["rotateByHand"])
	}
	code := codegenInstructions(t, "amd64", "codegen/asm")
	assert.True(t, codegenHas(code["loadBytesByHand"], `MOVL \(AX\), AX`))
	assert.False(t, codegenHas(code["onesCountByHand"], "POPCNTQ"))
}

// It can: a compiler may fuse x*y + z into one instruction that rounds once
// instead of twice. The Go compiler does so on arm64, and on amd64 with
// GOAMD64=v3, but not with the default v1. So the last digit of a result may
// depend on the target. An explicit conversion or an assignment forces the
// rounding: float64(x*y) + z gives the same result everywhere. With math.FMA
// you ask for the fused one, which is correct but slow where the processor
// has no such instruction.
//
//claim:ask Can the same floating point expression give different results on amd64 and arm64?
//claim:source https://go.dev/ref/spec#Floating_point_operators
//claim:source https://go.dev/issue/71204
func TestFusedMultiplyAdd(t *testing.T) {
	for target, fused := range map[string]bool{"amd64": false, "amd64 v3": true, "arm64": true} {
		code := codegenInstructions(t, target, "codegen/asm")
		const instruction = "VFMADD|FMADD"
		assert.Equal(t, fused, codegenHas(code["multiplyAdd"], instruction), target)
		assert.False(t, codegenHas(code["multiplyThenAdd"], instruction), target)
		assert.True(t, codegenHas(code["fusedMultiplyAdd"], instruction), target)
	}
	x, z := 1+0x1p-30, -1.0
	twice, once := float64(x*x)+z, math.FMA(x, x, z)
	assert.NotEqual(t, twice, once)
	exact := new(big.Float).SetPrec(200).SetFloat64(x)
	exact.Mul(exact, exact).Add(exact, big.NewFloat(z))
	want, _ := exact.Float64()
	assert.Equal(t, want, once, "FMA rounds the exact result")
}
