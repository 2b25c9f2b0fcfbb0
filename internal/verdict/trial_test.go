package verdict

import (
	"math"
	"testing"

	"github.com/go-deep-dive/godeep/internal/claim"
	"github.com/go-deep-dive/godeep/internal/measure"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/perf/benchfmt"
)

// sample makes a sample of a variant with the given keys, alternately key and
// value, that reports one metric.
func sample(unit string, value float64, keys ...string) measure.Sample {
	v := &measure.Variant{Name: "BenchmarkX", Keys: map[string]string{}}
	for i := 0; i < len(keys); i += 2 {
		v.Keys[keys[i]] = keys[i+1]
		v.Name += "/" + keys[i] + "=" + keys[i+1]
	}
	return with(measure.Sample{Variant: v}, unit, value)
}

func with(s measure.Sample, unit string, value float64) measure.Sample {
	return measure.Sample{Variant: s.Variant, Result: &benchfmt.Result{Values: []benchfmt.Value{{Value: value, Unit: unit}}}}
}

func bound(unit string, sel claim.Selector, op claim.Op, value float64) claim.Expectation {
	return claim.Expectation{Form: claim.Bound, Metric: unit, Left: sel, Op: op, Value: value}
}

func versus(unit string, l claim.Selector, op claim.Op, f float64, r claim.Selector) claim.Expectation {
	return claim.Expectation{Form: claim.Comparison, Metric: unit, Left: l, Op: op, Factor: f, Right: r}
}

func sel(pairs ...string) (s claim.Selector) {
	for i := 0; i < len(pairs); i += 2 {
		s = append(s, claim.Pair{Key: pairs[i], Value: pairs[i+1]})
	}
	return s
}

// play adds rounds to a trial until it is decided; value gives the metric of
// a sample in a round.
func play(t *testing.T, trial *Trial, have []measure.Sample, value func(round int, s measure.Sample) float64) {
	t.Helper()
	for round := 0; round < 60 && trial.Verdict() == Undecided; round++ {
		samples := map[*measure.Variant]measure.Sample{}
		for _, s := range have {
			samples[s.Variant] = with(s, trial.Expect.Metric, value(round, s))
		}
		require.NoError(t, trial.Add(samples))
	}
}

func newTrial(t *testing.T, e claim.Expectation, have ...measure.Sample) *Trial {
	t.Helper()
	trial, err := New(e, 0.001, have)
	require.NoError(t, err)
	return trial
}

func TestExactCounts(t *testing.T) {
	s := sample("allocs/op", 1)
	for op, want := range map[claim.Op]Verdict{"==": Proven, "!=": Refuted, "<": Refuted, ">=": Proven} {
		trial := newTrial(t, bound("allocs/op", nil, op, 1), s)
		play(t, trial, []measure.Sample{s}, func(int, measure.Sample) float64 { return 1 })
		assert.Equal(t, want, trial.Verdict(), "1 %s 1", op)
		assert.Equal(t, 3, trial.Rounds())
		assert.True(t, trial.Exact())
	}
}

func TestCountsThatDifferAreJudgedLikeTimes(t *testing.T) {
	s := sample("B/op", 100)
	trial := newTrial(t, bound("B/op", nil, "<", 200), s)
	play(t, trial, []measure.Sample{s}, func(round int, _ measure.Sample) float64 { return 100 + float64(round%2) })
	assert.Equal(t, Proven, trial.Verdict())
	assert.Equal(t, 12, trial.Rounds())
	assert.False(t, trial.Exact())
}

func TestTimesAreNeverExact(t *testing.T) {
	a, b := sample("ns/op", 2, "of", "a"), sample("ns/op", 1, "of", "b")
	trial := newTrial(t, versus("ns/op", sel("of", "a"), ">", 1.5, sel("of", "b")), a, b)
	play(t, trial, []measure.Sample{a, b}, func(_ int, s measure.Sample) float64 {
		return map[string]float64{"a": 2, "b": 1}[s.Variant.Keys["of"]]
	})
	assert.Equal(t, Proven, trial.Verdict())
	assert.Equal(t, 12, trial.Rounds())
	effect, ok := trial.Effect()
	require.True(t, ok)
	assert.Equal(t, 2.0, effect.Ratio)
}

// Keys that no selector names are held equal, and one pair that fails is
// enough to refute.
func TestPairs(t *testing.T) {
	have := []measure.Sample{
		sample("ns/op", 0, "of", "a", "n", "1"), sample("ns/op", 0, "of", "a", "n", "2"), sample("ns/op", 0, "of", "a", "n", "3"),
		sample("ns/op", 0, "of", "b", "n", "1"), sample("ns/op", 0, "of", "b", "n", "2"), // no n=3
		sample("ns/op", 0, "of", "c", "n", "1"),
	}
	trial := newTrial(t, versus("ns/op", sel("of", "a"), ">", 1, sel("of", "b")), have...)
	require.Len(t, trial.comparisons, 2)
	require.Len(t, trial.Variants(), 4)
	play(t, trial, have, func(_ int, s measure.Sample) float64 {
		if s.Variant.Keys["of"] == "a" && s.Variant.Keys["n"] == "2" {
			return 1
		}
		return map[string]float64{"a": 20, "b": 10}[s.Variant.Keys["of"]]
	})
	assert.Equal(t, Refuted, trial.Verdict())
	effect, _ := trial.Effect()
	assert.Equal(t, "2", effect.Variants[0].Keys["n"], "the effect shown is that of the failing pair")
	assert.Equal(t, 0.1, effect.Ratio)
}

func TestGrowth(t *testing.T) {
	var have []measure.Sample
	for _, n := range []string{"10", "100", "1000"} {
		have = append(have, sample("ns/op", 0, "n", n))
	}
	size := map[string]float64{"10": 10, "100": 100, "1000": 1000}
	for _, test := range []struct {
		real, stated float64
		want         Verdict
	}{{2, 2, Proven}, {1, 1, Proven}, {0, 0, Proven}, {2, 1, Refuted}, {1.2, 1, Proven}, {1.3, 1, Refuted}, {-1, -1, Proven}} {
		e := claim.Expectation{Form: claim.Growth, Metric: "ns/op", Key: "n", Exponent: test.stated}
		trial := newTrial(t, e, have...)
		play(t, trial, have, func(_ int, s measure.Sample) float64 { return 3 * math.Pow(size[s.Variant.Keys["n"]], test.real) })
		assert.Equal(t, test.want, trial.Verdict(), "n^%g against n^%g", test.real, test.stated)
		effect, _ := trial.Effect()
		assert.InDelta(t, test.real, effect.Value, 1e-9)
	}
}

func TestNothingAgainstNothing(t *testing.T) {
	a, b := sample("allocs/op", 0, "of", "a"), sample("allocs/op", 0, "of", "b")
	trial := newTrial(t, versus("allocs/op", sel("of", "a"), "<=", 1, sel("of", "b")), a, b)
	play(t, trial, []measure.Sample{a, b}, func(int, measure.Sample) float64 { return 0 })
	assert.Equal(t, Proven, trial.Verdict())
	effect, _ := trial.Effect()
	assert.Equal(t, 1.0, effect.Ratio)
}

func TestMisfits(t *testing.T) {
	have := []measure.Sample{sample("ns/op", 1, "of", "a", "n", "1"), sample("ns/op", 1, "of", "b", "n", "2")}
	for _, test := range []struct {
		e    claim.Expectation
		want string
	}{
		{bound("ns/op", nil, "<", 1), "no selector although there are 2 sub-benchmarks, expected one of of=a,n=1  of=b,n=2"},
		{bound("ns/op", sel("of", "x"), "<", 1), "selector of=x matches no sub-benchmark, expected one of of=a,n=1  of=b,n=2"},
		{bound("widgets/op", sel("of", "a"), "<", 1), `BenchmarkX/of=a/n=1 never reports "widgets/op", expected one of ns/op`},
		{versus("ns/op", sel("of", "a"), ">", 1, sel("of", "y")), "selector of=y matches no sub-benchmark"},
		{versus("ns/op", sel("of", "a"), ">", 1, sel("of", "b")), "no sub-benchmark of of=a pairs with one of of=b"},
		{claim.Expectation{Form: claim.Growth, Metric: "ns/op", Key: "n", Exponent: 1}, `1 values of "n", expected at least 3`},
		{claim.Expectation{Form: claim.Growth, Metric: "ns/op", Key: "of", Exponent: 1}, `has no number above 0 under the key "of"`},
	} {
		_, err := New(test.e, 0.001, have)
		assert.ErrorContains(t, err, test.want)
	}
}
