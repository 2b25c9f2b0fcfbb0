package verdict

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/go-deep-dive/godeep/internal/claim"
	"github.com/go-deep-dive/godeep/internal/measure"
	"golang.org/x/perf/benchmath"
)

// GrowthTolerance is how far a fitted exponent may lie from the stated one.
const GrowthTolerance = 0.25

// ExactRounds is how many processes must report the same count for it to be
// taken as exact.
const ExactRounds = 3

// A Trial judges one expectation, round by round.
type Trial struct {
	Expect claim.Expectation

	comparisons []comparison
	seq         Sequential
	rounds      int
	repeats     bool               // no value has differed from the first round's
	first       map[string]float64 // values of the first round, by label
	verdict     Verdict
}

// A comparison is one of the statements that an expectation makes: one
// variant against a bound, a pair, or a series of sizes.
type comparison struct {
	variants []*measure.Variant // one, two (left, right), or a series
	sizes    []float64          // of a series
	effects  []float64          // a round each: the value, the ratio, the exponent
	values   []float64          // a round each: the left value
}

// New prepares a trial. The samples, one for each variant there is, serve to
// find out which variants the expectation is about. An error says what in the
// expectation does not fit the benchmark.
func New(e claim.Expectation, alpha float64, have []measure.Sample) (*Trial, error) {
	t := &Trial{Expect: e, seq: Sequential{Alpha: alpha}, repeats: !claim.IsTime(e.Metric), first: map[string]float64{}}
	left, err := match(e.Left, have)
	if err != nil {
		return nil, err
	}
	switch e.Form {
	case claim.Bound:
		for _, v := range left {
			t.comparisons = append(t.comparisons, comparison{variants: []*measure.Variant{v}})
		}
	case claim.Comparison:
		right, err := match(e.Right, have)
		if err != nil {
			return nil, err
		}
		for _, l := range left {
			for _, r := range right {
				if l != r && sameRest(l, r, e) {
					t.comparisons = append(t.comparisons, comparison{variants: []*measure.Variant{l, r}})
				}
			}
		}
		if len(t.comparisons) == 0 {
			return nil, fmt.Errorf("no sub-benchmark of %s pairs with one of %s, expected pairs that differ in these keys only", e.Left, e.Right)
		}
	case claim.Growth:
		if t.comparisons, err = series(left, e.Key); err != nil {
			return nil, err
		}
	}
	return t, t.checkMetric(have)
}

// match returns the variants that sel selects.
func match(sel claim.Selector, have []measure.Sample) ([]*measure.Variant, error) {
	var vs []*measure.Variant
	for _, s := range have {
		if sel.Matches(s.Variant.Keys) {
			vs = append(vs, s.Variant)
		}
	}
	if len(vs) == 0 {
		return nil, NoMatch(sel, have)
	}
	return vs, nil
}

// NoMatch is the error for a selector that selects none of the variants.
func NoMatch(sel claim.Selector, have []measure.Sample) error {
	return fmt.Errorf("selector %s matches no sub-benchmark, expected one of %s", sel, labels(have))
}

// labels lists variants for messages.
func labels(have []measure.Sample) string {
	var names []string
	for _, s := range have {
		_, rest, _ := strings.Cut(s.Variant.Label(), "/")
		names = append(names, cmp.Or(strings.ReplaceAll(rest, "/", ","), "no sub-benchmarks"))
	}
	if n := len(names); n > 8 {
		names = append(names[:7], fmt.Sprintf("%d more", n-7))
	}
	return strings.Join(names, "  ")
}

// sameRest reports whether l and r agree in all keys that neither selector names.
func sameRest(l, r *measure.Variant, e claim.Expectation) bool {
	rest := func(v *measure.Variant) map[string]string {
		m := maps.Clone(v.Keys)
		for _, p := range slices.Concat(e.Left, e.Right) {
			delete(m, p.Key)
		}
		return m
	}
	return maps.Equal(rest(l), rest(r))
}

// series groups variants that differ in the numeric key only.
func series(vs []*measure.Variant, key string) ([]comparison, error) {
	groups := map[string]*comparison{}
	var order []string
	for _, v := range vs {
		size, err := strconv.ParseFloat(v.Keys[key], 64)
		if err != nil || size <= 0 {
			return nil, fmt.Errorf("%s has no number above 0 under the key %q, expected names like %s=1000", v.Label(), key, key)
		}
		rest := maps.Clone(v.Keys)
		delete(rest, key)
		id := fmt.Sprint(rest) // maps print sorted
		if groups[id] == nil {
			groups[id] = &comparison{}
			order = append(order, id)
		}
		groups[id].variants = append(groups[id].variants, v)
		groups[id].sizes = append(groups[id].sizes, size)
	}
	var all []comparison
	for _, id := range order {
		if n := len(groups[id].sizes); n < 3 {
			return nil, fmt.Errorf("%d values of %q, expected at least 3 to fit a growth", n, key)
		}
		all = append(all, *groups[id])
	}
	return all, nil
}

// checkMetric makes sure that every variant of t reports its metric.
func (t *Trial) checkMetric(have []measure.Sample) error {
	if t.Expect.Left == nil && t.Expect.Form == claim.Bound && len(have) > 1 {
		return fmt.Errorf("no selector although there are %d sub-benchmarks, expected one of %s", len(have), labels(have))
	}
	needs := t.Variants()
	for _, s := range have {
		if !slices.Contains(needs, s.Variant) {
			continue
		}
		if _, ok := s.Value(t.Expect.Metric); !ok {
			var units []string
			for _, v := range s.Result.Values {
				units = append(units, cmp.Or(v.OrigUnit, v.Unit))
			}
			return fmt.Errorf("%s never reports %q, expected one of %s", s.Variant.Label(), t.Expect.Metric, strings.Join(units, ", "))
		}
	}
	return nil
}

// Variants returns the variants that t needs a sample of in each round.
func (t *Trial) Variants() []*measure.Variant {
	var vs []*measure.Variant
	for _, c := range t.comparisons {
		for _, v := range c.variants {
			if !slices.Contains(vs, v) {
				vs = append(vs, v)
			}
		}
	}
	return vs
}

// Add judges one round. The samples are those of [Trial.Variants], and may
// have others among them.
func (t *Trial) Add(round map[*measure.Variant]measure.Sample) error {
	sign := true
	for i := range t.comparisons {
		c := &t.comparisons[i]
		values := make([]float64, len(c.variants))
		for j, v := range c.variants {
			val, ok := round[v].Value(t.Expect.Metric)
			if !ok {
				return fmt.Errorf("%s did not report %s this time", v.Label(), t.Expect.Metric)
			}
			values[j] = val
			if first, ok := t.first[v.Label()]; !ok {
				t.first[v.Label()] = val
			} else if first != val {
				t.repeats = false
			}
		}
		effect, holds := t.judge(c, values)
		c.effects = append(c.effects, effect)
		c.values = append(c.values, values[0])
		sign = sign && holds
	}
	t.rounds++
	t.seq.Add(sign)
	if t.repeats {
		if t.rounds == ExactRounds {
			t.verdict = Refuted
			if sign {
				t.verdict = Proven
			}
		}
		return nil
	}
	t.verdict = t.seq.Verdict()
	return nil
}

// judge returns the effect seen in one round and whether it is as expected.
func (t *Trial) judge(c *comparison, values []float64) (effect float64, holds bool) {
	e := t.Expect
	switch e.Form {
	case claim.Bound:
		return values[0], e.Op.Holds(values[0], e.Value)
	case claim.Comparison:
		return quotient(values[0], values[1]), e.Op.Holds(values[0], e.Factor*values[1])
	}
	exp := exponent(c.sizes, values)
	return exp, math.Abs(exp-e.Exponent) <= GrowthTolerance
}

// quotient is a/b, where nothing against nothing is 1.
func quotient(a, b float64) float64 {
	if a == b {
		return 1
	}
	return a / b
}

// exponent fits y = c·x^k by least squares on logarithms and returns k. Zeros
// do not grow.
func exponent(xs, ys []float64) float64 {
	var n, sx, sy, sxx, sxy float64
	for i := range xs {
		x, y := math.Log(xs[i]), math.Log(max(ys[i], math.SmallestNonzeroFloat64))
		n, sx, sy, sxx, sxy = n+1, sx+x, sy+y, sxx+x*x, sxy+x*y
	}
	return (n*sxy - sx*sy) / (n*sxx - sx*sx)
}

// Verdict returns the verdict so far.
func (t *Trial) Verdict() Verdict { return t.verdict }

// Rounds returns how many rounds were judged.
func (t *Trial) Rounds() int { return t.rounds }

// Exact reports whether the verdict rests on counts that repeated exactly.
func (t *Trial) Exact() bool { return t.repeats && t.rounds >= ExactRounds }

// An Effect is what a trial measured: of several pairs the one that is closest
// to failing. Ratio is the median over rounds of left/right for a comparison
// and NaN for other forms. Low and High are the 95% confidence interval of
// Ratio, or of Value where there is no ratio; for exact counts they are equal.
type Effect struct {
	Variants   []*measure.Variant
	Value      float64 // median of the left variant's metric; of a growth, the exponent
	Ratio      float64
	Low, High  float64
	Confidence float64 // what the interval really has; few rounds give less than 0.95
}

// Effect returns the effect so far; ok is false before the first round.
func (t *Trial) Effect() (e Effect, ok bool) {
	if t.rounds == 0 {
		return e, false
	}
	var worst *comparison
	for i := range t.comparisons {
		c := &t.comparisons[i]
		if worst == nil || t.margin(c) < t.margin(worst) {
			worst = c
		}
	}
	e = Effect{Variants: worst.variants, Value: median(worst.values), Ratio: math.NaN()}
	switch t.Expect.Form {
	case claim.Comparison:
		e.Ratio = median(worst.effects)
	case claim.Growth:
		e.Value = median(worst.effects)
	}
	e.Low, e.High, e.Confidence = interval(worst.effects)
	return e, true
}

// margin says how far the median effect of c lies on the right side of what is
// expected.
func (t *Trial) margin(c *comparison) float64 {
	e, m := t.Expect, median(c.effects)
	target := e.Value
	switch e.Form {
	case claim.Comparison:
		target = e.Factor
	case claim.Growth:
		return GrowthTolerance - math.Abs(m-e.Exponent)
	}
	switch e.Op {
	case "<", "<=":
		return target - m
	case ">", ">=":
		return m - target
	case "!=":
		return math.Abs(m - target)
	}
	return -math.Abs(m - target)
}

func median(xs []float64) float64 {
	s := slices.Sorted(slices.Values(xs))
	n := len(s)
	return (s[(n-1)/2] + s[n/2]) / 2
}

// interval returns the confidence interval of the median.
func interval(xs []float64) (low, high, confidence float64) {
	for _, x := range xs {
		if math.IsInf(x, 0) || math.IsNaN(x) { // something against nothing
			return slices.Min(xs), slices.Max(xs), 1
		}
	}
	if slices.Min(xs) == slices.Max(xs) {
		return xs[0], xs[0], 1
	}
	sum := benchmath.AssumeNothing.Summary(benchmath.NewSample(xs, &benchmath.DefaultThresholds), 0.95)
	return sum.Lo, sum.Hi, sum.Confidence
}
