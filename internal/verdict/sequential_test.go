package verdict

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// simulate runs the test many times on signs that are true with probability p
// and counts the verdicts. Streams end after 60 rounds, as in claims verify.
func simulate(runs int, alpha, p float64) map[Verdict]int {
	rng := rand.New(rand.NewPCG(1, 2))
	count := map[Verdict]int{}
	for range runs {
		s := Sequential{Alpha: alpha}
		for range 60 {
			s.Add(rng.Float64() < p)
			if s.Verdict() != Undecided {
				break
			}
		}
		count[s.Verdict()]++
	}
	return count
}

func TestErrorLevel(t *testing.T) {
	const runs = 20_000
	for _, alpha := range []float64{0.001, 0.01, 0.05} {
		// What chance may add to the expected count: three standard deviations
		// of the binomial distribution.
		limit := runs*alpha + 3*math.Sqrt(runs*alpha*(1-alpha))
		count := simulate(runs, alpha, 0.5)
		assert.LessOrEqual(t, float64(count[Proven]), limit, "false proofs at alpha %g", alpha)
		assert.LessOrEqual(t, float64(count[Refuted]), limit, "false refutations at alpha %g", alpha)
		assert.Greater(t, count[Inconclusive], runs*9/10, "chance must be called inconclusive")
	}
}

func TestPower(t *testing.T) {
	const runs = 20_000
	count := simulate(runs, 0.001, 0.9)
	assert.Zero(t, count[Refuted])
	assert.GreaterOrEqual(t, count[Proven], runs*99/100, "nine true rounds of ten are proof: %v", count)

	// And the same in the other direction.
	count = simulate(runs, 0.001, 0.1)
	assert.Zero(t, count[Proven])
	assert.GreaterOrEqual(t, count[Refuted], runs*99/100, "nine false rounds of ten are refutation: %v", count)
}

func TestRoundsWhenAllAgree(t *testing.T) {
	for sign, want := range map[bool]Verdict{true: Proven, false: Refuted} {
		for alpha, rounds := range map[float64]int{0.001: 12, 0.01: 8, 0.05: 6} {
			s := Sequential{Alpha: alpha}
			for range rounds - 1 {
				s.Add(sign)
				require.Equal(t, Undecided, s.Verdict())
			}
			s.Add(sign)
			assert.Equal(t, want, s.Verdict())
			assert.Equal(t, rounds, MinRounds(alpha))
		}
	}
	assert.Equal(t, 20_000, simulate(20_000, 0.001, 1)[Proven])
}

func TestVerdictStays(t *testing.T) {
	s := Sequential{Alpha: 0.001}
	for range 12 {
		s.Add(true)
	}
	for range 50 {
		s.Add(false)
	}
	assert.Equal(t, Proven, s.Verdict(), "a test that has ended must not change its mind")
}

func TestWorst(t *testing.T) {
	assert.Equal(t, Proven, Worst(Skipped, Proven))
	assert.Equal(t, Skipped, Worst(Skipped, Skipped))
	assert.Equal(t, Inconclusive, Worst(Proven, Inconclusive, Skipped))
	assert.Equal(t, Refuted, Worst(Broken, Refuted, Proven))
}
