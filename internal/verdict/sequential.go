package verdict

import "math"

// Wald's sequential probability ratio test distinguishes a coin from a sign
// that is true in nine rounds of ten.
const (
	p0 = 0.5
	p1 = 0.9
)

// A Sequential is Wald's test on a stream of signs, in both directions: one
// test asks whether true signs are the rule and not chance, the other asks it
// of false signs. Each ends as soon as it is certain at the error level Alpha.
// The bounds are 1/Alpha and Alpha, so that the chance of a false proof, and
// likewise of a false refutation, on signs that are pure chance is at most
// Alpha, whenever the stream ends.
//
// When all signs agree, ln(1/Alpha)/ln(p1/p0) of them are enough: 12 at 0.001.
type Sequential struct {
	Alpha   float64
	yes, no ratio
}

// A ratio is one of the two tests: the logarithm of its likelihood ratio, and
// whether it has ended.
type ratio struct {
	log      float64
	accepted bool // signs like these are the rule
	rejected bool // signs like these are chance, or rarer
}

// Add takes the next sign.
func (s *Sequential) Add(sign bool) {
	s.yes.add(sign, s.Alpha)
	s.no.add(!sign, s.Alpha)
}

func (r *ratio) add(hit bool, alpha float64) {
	if r.accepted || r.rejected {
		return
	}
	if hit {
		r.log += math.Log(p1 / p0)
	} else {
		r.log += math.Log((1 - p1) / (1 - p0))
	}
	r.accepted = r.log >= math.Log(1/alpha)
	r.rejected = r.log <= math.Log(alpha)
}

// Verdict returns Proven, Refuted, Inconclusive (both tests say chance) or
// Undecided.
func (s *Sequential) Verdict() Verdict {
	switch {
	case s.yes.accepted:
		return Proven
	case s.no.accepted:
		return Refuted
	case s.yes.rejected && s.no.rejected:
		return Inconclusive
	}
	return Undecided
}

// MinRounds is how many rounds it takes to be certain when all signs agree.
func MinRounds(alpha float64) int {
	return int(math.Ceil(math.Log(1/alpha) / math.Log(p1/p0)))
}
