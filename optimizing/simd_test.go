package optimizing

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

func simdNumbers(n int) (s []int32) {
	for i := range n {
		s = append(s, int32(i*i))
	}
	return s
}

// Yes, as an experiment since Go 1.26: a build with GOEXPERIMENT=simd has the
// package simd/archsimd, whose types are the vectors of the processor and
// whose methods are single instructions. Adding eight int32 at a time is more
// than 2 times as fast as adding them one by one. It is for amd64 in Go 1.26,
// Go 1.27 adds other processors and a portable package simd, and some
// functions got other names in between, so the code needs build tags and a
// plain version beside it. Ask the variable X86 which instructions the
// processor has before you use them.
//
//claim:ask Can I write SIMD code in Go without assembly?
//claim:needs goarch=amd64
//claim:vary GOEXPERIMENT none simd
//claim:expect ns/op GOEXPERIMENT=none > 2x GOEXPERIMENT=simd
//claim:source https://go.dev/issue/73787
//claim:source simd/archsimd/doc.go
func BenchmarkSIMD(b *testing.B) {
	s := simdNumbers(4096)
	b.ReportAllocs()
	for b.Loop() {
		sumInt32(s)
	}
}

func TestSIMD(t *testing.T) {
	for _, n := range []int{0, 1, 7, 8, 9, 100} {
		s := simdNumbers(n)
		assert.Equal(t, sumInt32Scalar(s), sumInt32(s), "%d numbers", n)
	}
}

// A package of an experiment is not there in a normal build, whatever the
// source says: the compiler finds no file whose build constraint holds. Put
// the code that uses it under the tag goexperiment.simd, which is set only
// with GOEXPERIMENT=simd. The experiment is a setting of the whole build,
// also for those who import your package, and the promise of compatibility
// does not cover it.
//
//claim:ask Why does my import of simd/archsimd not compile?
//claim:source https://pkg.go.dev/internal/goexperiment
func TestSIMDNeedsExperiment(t *testing.T) {
	if os.Getenv("GOEXPERIMENT") != "" {
		t.Skip("the environment sets GOEXPERIMENT")
	}
	out, err := proof.Go(t, "build", "./testdata/simd")
	require.Error(t, err)
	assert.Contains(t, out, "build constraints exclude all Go files in ")
}
