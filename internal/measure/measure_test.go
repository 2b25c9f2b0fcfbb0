package measure

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-deep-dive/godeep/internal/claim"
	"github.com/stretchr/testify/assert"
	"golang.org/x/perf/benchfmt"
)

func TestCombinations(t *testing.T) {
	vary := []claim.Vary{{Key: "GOGC", Values: []string{"50", "none"}}, {Key: "pgo", Values: []string{"off", "default.pgo"}}}
	all := Combinations(vary, func(Settings) bool { return true })
	assert.Equal(t, "[[{GOGC 50} {pgo off}] [{GOGC 50} {pgo default.pgo}] [{GOGC none} {pgo off}] [{GOGC none} {pgo default.pgo}]]", fmt.Sprint(all))
	off := Combinations(vary, func(s Settings) bool { return slices.Contains(s, claim.Pair{Key: "pgo", Value: "off"}) })
	assert.Len(t, off, 2)
	assert.Equal(t, []Settings{nil}, Combinations(nil, func(Settings) bool { return true }), "nothing varied is one combination")
}

func TestSettings(t *testing.T) {
	t.Setenv("GOGC", "77")
	t.Setenv("GODEBUG", "")
	s := Settings{{Key: "GOGC", Value: "none"}, {Key: "GODEBUG", Value: "a=1"}, {Key: "gcflags", Value: "-l"}}
	env := s.environ()
	assert.NotContains(t, env, "GOGC=77")
	assert.Contains(t, env, "GODEBUG=a=1")
	assert.NotContains(t, env, "gcflags=-l")
	assert.Equal(t, Settings{{Key: "gcflags", Value: "-l"}}, s.build())
	assert.Contains(t, Settings(nil).environ(), "GOGC=77", "what is not varied is left alone")
}

func TestVariantNames(t *testing.T) {
	v := &Variant{Name: "BenchmarkX/of=a.b/n=10", Settings: Settings{{Key: "gcflags", Value: "-l -N"}}}
	assert.Equal(t, `^BenchmarkX$/^of=a\.b$/^n=10$`, v.pattern())
	assert.Equal(t, "BenchmarkX/of=a.b/n=10/gcflags=-l_-N", v.Label())

	read := benchfmt.NewReader(strings.NewReader("BenchmarkX/of=a.b/n=10-8 100 5 ns/op 3 widgets/op\n"), "")
	assert.True(t, read.Scan())
	res := read.Result().(*benchfmt.Result).Clone()
	assert.Equal(t, "BenchmarkX/of=a.b/n=10", fullName(res, Settings{{Key: "GOMAXPROCS", Value: "8"}}))
	assert.Equal(t, "BenchmarkX/of=a.b/n=10-8", fullName(res, Settings{{Key: "GOMAXPROCS", Value: "1"}}))

	s := Sample{v, res}
	ns, ok := s.Value("ns/op")
	assert.True(t, ok)
	assert.Equal(t, 5.0, ns)
	_, ok = s.Value("sec/op")
	assert.True(t, ok)
	_, ok = s.Value("B/op")
	assert.False(t, ok)

	record := s.Record("go1.26.8")
	assert.Equal(t, "X/of=a.b/n=10/gcflags=-l_-N-8", string(record.Name))
	var out strings.Builder
	assert.NoError(t, benchfmt.NewWriter(&out).Write(record))
	assert.Equal(t, "toolchain: go1.26.8\n\nBenchmarkX/of=a.b/n=10/gcflags=-l_-N-8 100 5 ns/op 3 widgets/op\n", out.String())
}

func TestTail(t *testing.T) {
	for _, test := range []struct{ out, want string }{
		{"goos: linux\nBenchmarkA\n", "BenchmarkA"},
		{"=== RUN   TestA\n    a_test.go:3: one\n--- FAIL: TestA (0.00s)\nFAIL\n", "    a_test.go:3: one\n--- FAIL: TestA (0.00s)"},
		{"before\npanic: x\n\ngoroutine 1 [running]:\nmain.main()\n", "panic: x\ngoroutine 1 [running]:\nmain.main()"},
		{strings.Repeat("line\n", 50) + "last\n", strings.Repeat("line\n", tailLines-1) + "last"},
		{"", ""},
	} {
		assert.Equal(t, test.want, tail(test.out))
	}
}
