package optimizing

import (
	"bytes"
	"hash/crc32"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// A GOAMD64 of v3 lets the compiler use the instructions of processors since
// about 2013 without asking at run time: FMA, BMI and AVX2. A loop over y =
// y*x + z, in which each multiplication waits for the addition before it, is
// more than 1.25 times as fast, since both become one instruction. How much
// that is depends on the processor. Most programs gain little: the compiler
// does not vectorize, and the standard library finds out at run time what the
// processor has (see CPUFeatures). A program that is built for v3 refuses to
// start on an older processor. Its results may differ in the last digit (see
// FusedMultiplyAdd).
//
//claim:ask What does GOAMD64=v3 bring?
//claim:needs goarch=amd64
//claim:vary GOAMD64 v1 v3
//claim:expect ns/op GOAMD64=v1 > 1.25x GOAMD64=v3
//claim:source https://go.dev/wiki/MinimumRequirements#amd64
func BenchmarkGOAMD64Levels(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		recurrence(1, 0.5, 0.5, 1000)
	}
}

func TestGOAMD64Levels(t *testing.T) {
	assert.Equal(t, float64(((5*2+1)*2+1)*2+1), recurrence(5, 2, 1, 3))
	v1, v3 := codegenInstructions(t, "amd64 v1", "codegen/asm"), codegenInstructions(t, "amd64 v3", "codegen/asm")
	assert.True(t, codegenHas(v3["multiplyAdd"], "VFMADD231SD"))
	assert.False(t, codegenHas(v1["multiplyAdd"], "VFMADD231SD"))
}

// With the default, v1, the compiler may rely on what every 64-bit x86
// processor has. For bits.OnesCount64, math.FMA and math.Floor it compiles a
// test of a flag that the runtime has set at start, the fast instruction, and
// a call of the Go code. From v2 (POPCNT, SSE4.1) and v3 (FMA) on, only the
// instruction is left. The level is a setting of the build that go version -m
// shows, and as a build tag it is amd64.v3.
//
//claim:ask What does the compiler do differently at a higher GOAMD64?
//claim:source cmd/compile/internal/ssagen/intrinsics.go
func TestGOAMD64Checks(t *testing.T) {
	proof.OnceUnderRace(t)
	for function, level := range map[string]string{"onesCount": "v2", "roundDown": "v2", "fusedMultiplyAdd": "v3"} {
		for _, target := range []string{"v1", "v2", "v3"} {
			code := codegenInstructions(t, "amd64 "+target, "codegen/asm")
			checked := codegenHas(code[function], `\w+ runtime\.x86Has`)
			assert.Equal(t, target < level, checked, "%s %s", function, target)
			assert.Equal(t, target < level, codegenHas(code[function], "CALL math"), "%s %s", function, target)
		}
	}
	info, ok := debug.ReadBuildInfo()
	require.True(t, ok)
	for _, s := range info.Settings {
		if s.Key == "GOAMD64" {
			assert.Regexp(t, "^v[1-4]$", s.Value)
		}
	}
}

// The assembly of the standard library asks the processor at start, whatever
// GOAMD64 says: a default build uses vector instructions for bytes.IndexByte,
// checksums and cryptography. With GODEBUG=cpu.all=off it uses none of the
// optional ones, and the checksum of 4 KiB takes more than 3 times as long.
// The setting is for tests of the slow code, and GODEBUG=cpu.avx2=off turns
// off one feature.
//
//claim:ask Does a default build use AVX and other instructions of modern processors?
//claim:needs goarch=amd64
//claim:vary GODEBUG none cpu.all=off
//claim:expect ns/op GODEBUG=cpu.all=off > 3x GODEBUG=none
//claim:source internal/cpu/cpu.go
//claim:source hash/crc32/crc32_amd64.go
func BenchmarkCPUFeatures(b *testing.B) {
	data := make([]byte, 4096)
	b.ReportAllocs()
	for b.Loop() {
		crc32.ChecksumIEEE(data)
	}
}

func TestCPUFeatures(t *testing.T) {
	assert.Equal(t, uint32(0xcbf43926), crc32.ChecksumIEEE([]byte("123456789")))
	assert.Equal(t, 3, bytes.IndexByte([]byte("abcd"), 'd'))
}
