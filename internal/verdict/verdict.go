// Package verdict turns samples into verdicts.
//
// A [Trial] judges one expectation of a benchmark. Each round gives it one
// sample of every variant the expectation is about; within the round the
// expectation is true or false. A [Sequential] test on these signs says when
// they are enough to be certain. Counts that repeat exactly need no test.
package verdict

// A Verdict is what is known of a claim or an expectation.
type Verdict int

// The verdicts, in the order in which one outweighs another when the proofs
// of a claim differ.
const (
	Undecided    Verdict = iota // more rounds are needed
	Skipped                     // a condition is not met here
	Proven                      // it holds
	Inconclusive                // the machine was too noisy to say
	Broken                      // the proof could not be executed
	Refuted                     // it does not hold
)

func (v Verdict) String() string {
	return [...]string{"undecided", "skipped", "proven", "inconclusive", "broken", "refuted"}[v]
}

// Worst returns the verdict that outweighs the others: a claim is proven if
// some of its proofs are, and the rest are skipped.
func Worst(vs ...Verdict) Verdict {
	worst := Undecided
	for _, v := range vs {
		worst = max(worst, v)
	}
	return worst
}
