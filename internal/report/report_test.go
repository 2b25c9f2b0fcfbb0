package report

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-deep-dive/godeep/internal/claim"
	"github.com/go-deep-dive/godeep/internal/measure"
	"github.com/go-deep-dive/godeep/internal/verdict"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/perf/benchfmt"
)

var topic = &claim.Package{Rel: "topic"}

func result(expectation string, v verdict.Verdict, e *verdict.Effect) Result {
	return Result{
		Claim: &claim.Claim{ID: "topic.Name", Package: topic}, Kind: "benchmark", Expectation: expectation,
		File: "topic/name_test.go", Line: 12, Verdict: v, Effect: e, Rounds: 12, Go: "go1.26.8", CPU: "cpu",
	}
}

func TestMeasured(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, test := range []struct {
		expectation string
		effect      *verdict.Effect
		want        string
	}{
		{"ns/op of=a > 3x of=b", &verdict.Effect{Value: 10, Ratio: 14.234, Low: 13.9, High: 14.61}, "14.2x [13.9, 14.6]"},
		{"allocs/op of=a > of=b", &verdict.Effect{Value: 1, Ratio: inf, Low: inf, High: inf}, "1 against 0"},
		{"allocs/op == 0", &verdict.Effect{Value: 0, Ratio: nan}, "0"},
		{"B/op < 5000", &verdict.Effect{Value: 1234.5, Ratio: nan, Low: 1200.2, High: 1300}, "1234 [1200, 1300]"},
		{"ns/op grows n^2", &verdict.Effect{Value: 1.984, Ratio: nan, Low: 1.95, High: 2.01}, "exponent 1.98 [1.95, 2.01]"},
		{"ns/op of=a > of=b", &verdict.Effect{Value: 1, Ratio: 2, Low: math.Inf(-1), High: inf}, "2x"},
		{"TestName", nil, ""},
	} {
		assert.Equal(t, test.want, result(test.expectation, verdict.Proven, test.effect).Measured())
	}
}

func TestRecordHasNoInfinities(t *testing.T) {
	data, err := json.Marshal(result("allocs/op of=a > of=b", verdict.Proven, &verdict.Effect{Value: 1, Ratio: math.Inf(1), Low: math.NaN()}).Record())
	require.NoError(t, err)
	assert.Contains(t, string(data), `"value":1,"ratio":null,"low":null,"high":0`)
}

func TestOutputFits(t *testing.T) {
	var out strings.Builder
	p := NewPrinter(&out)
	p.Verbose = true
	long := strings.Repeat("ns/op of=something-long ", 12)
	c := &claim.Claim{ID: "some/long/path/to/a/package." + strings.Repeat("Name", 8), Package: topic}
	r := result(long, verdict.Refuted, &verdict.Effect{Value: 1, Ratio: 2, Low: 1, High: 3})
	r.Reason = strings.Repeat("because ", 30) + "\nsecond line"
	p.Claim(c, []Result{r, result("TestX", verdict.Proven, nil)})
	p.Table([]*claim.Claim{c}, map[*claim.Claim][]Result{c: {r}})
	for line := range strings.Lines(out.String()) {
		assert.LessOrEqual(t, utf8.RuneCountInString(strings.TrimRight(line, "\n")), Width, line)
	}
	assert.NotContains(t, out.String(), "\x1b", "colours belong on a terminal")
	assert.Contains(t, out.String(), "topic/name_test.go:12: ns/op")
	assert.Contains(t, out.String(), "second line")
}

func TestHeadlineIsTheTellingEffect(t *testing.T) {
	effect := &verdict.Effect{Value: 20, Ratio: 14.2, Low: 14, High: 15}
	results := []Result{
		result("allocs/op of=a == 0", verdict.Proven, &verdict.Effect{Ratio: math.NaN()}),
		result("ns/op of=a > 5x of=b", verdict.Proven, effect),
		{Kind: "test", Expectation: "TestX", Verdict: verdict.Proven},
	}
	assert.Equal(t, "14.2x [14, 15] for ns/op of=a > 5x of=b (+2)", headline(verdict.Proven, results))
	results[2].Verdict = verdict.Refuted
	assert.Equal(t, "TestX (+2)", headline(verdict.Refuted, results))
}

func TestTable(t *testing.T) {
	var out strings.Builder
	a, b, c := &claim.Claim{ID: "a.A", Package: &claim.Package{Rel: "a"}}, &claim.Claim{ID: "b.B", Package: &claim.Package{Rel: "b"}}, &claim.Claim{ID: "b.C", Package: &claim.Package{Rel: "b"}}
	tally := NewPrinter(&out).Table([]*claim.Claim{a, b, c}, map[*claim.Claim][]Result{
		a: {{Verdict: verdict.Proven}, {Verdict: verdict.Skipped}},
		b: {{Verdict: verdict.Proven}, {Verdict: verdict.Refuted}},
	})
	assert.Equal(t, Tally{verdict.Proven: 1, verdict.Refuted: 1}, tally)
	var rows []string
	for line := range strings.Lines(out.String()) {
		rows = append(rows, strings.Join(strings.Fields(line), " "))
	}
	assert.Equal(t, []string{
		"package proven refuted inconclusive broken skipped",
		"a 1 0 0 0 0",
		"b 0 1 0 0 0", // C was never judged
		"total 1 1 0 0 0",
	}, rows)
}

func TestSideBySide(t *testing.T) {
	var out strings.Builder
	skipped := result("allocs/op == 1", verdict.Skipped, nil)
	skipped.Reason = "applies if go>=1.27, have go1.26.8"
	NewPrinter(&out).SideBySide([]string{"go1.26.8", "go1.27.4"}, map[string]map[string][]Result{
		"go1.26.8": {"m.Same": {result("x == 1", verdict.Proven, nil)}, "m.Changed": {result("B/op == 3", verdict.Proven, nil), result("allocs/op == 0", verdict.Proven, nil), skipped}},
		"go1.27.4": {"m.Same": {result("x == 1", verdict.Proven, nil)}, "m.Changed": {result("B/op == 3", verdict.Proven, nil), result("allocs/op == 1", verdict.Proven, nil)}, "m.New": {result("TestNew", verdict.Proven, nil)}},
	})
	assert.Equal(t, `
Answers that changed between the toolchains:
  m.Changed
    go1.26.8      proven: allocs/op == 0
    go1.27.4      proven: allocs/op == 1
  m.New
    go1.26.8      no such claim
    go1.27.4      proven: TestNew
`, out.String())
}

func TestArchive(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "out")
	a := &Archive{Dir: dir}
	r := benchfmt.NewReader(strings.NewReader("BenchmarkX/of=a-2 100 5 ns/op\n"), "")
	require.True(t, r.Scan())
	v := &measure.Variant{Name: "BenchmarkX/of=a"}
	a.Add(measure.Sample{Variant: v, Result: r.Result().(*benchfmt.Result)}, "go1.26.8")
	require.NoError(t, a.Write([]Result{result("ns/op < 7", verdict.Proven, nil)}))

	records, err := ReadVerdicts(dir)
	require.NoError(t, err)
	require.Len(t, records, 1)
	assert.Equal(t, "ns/op < 7", records[0].Expectation)
	samples, err := os.ReadFile(filepath.Join(dir, "samples.txt"))
	require.NoError(t, err)
	assert.Contains(t, string(samples), "BenchmarkX/of=a-2 100 5 ns/op")

	require.NoError(t, a.Profile(filepath.Join(dir, "samples.txt"), ProfilePath(&claim.Claim{ID: "m/x.Y"}, v, "cpu", "go1.26.8")))
	assert.FileExists(t, filepath.Join(dir, "profiles", "m-x.Y-of=a-cpu-go1.26.8.pb.gz"))

	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, entries, 3, "no temporary file is left")

	var none *Archive // without -o
	none.Add(measure.Sample{}, "")
	assert.NoError(t, errors.Join(none.Write(nil), none.Profile("", "")))
}
