// Package report shows verdicts: as text for people, as JSON for programs, and
// as files that benchstat and pprof read.
package report

import (
	"fmt"
	"math"
	"strings"

	"github.com/go-deep-dive/godeep/internal/claim"
	"github.com/go-deep-dive/godeep/internal/verdict"
)

// A Result is the verdict on one expectation of a claim, or on one of its
// Tests, Examples or compiler comments.
type Result struct {
	Claim       *claim.Claim
	Kind        string // test, example, benchmark, profile, compiler
	Expectation string // as written, without the condition; for a test its name
	File        string
	Line        int
	Verdict     verdict.Verdict
	Effect      *verdict.Effect // nil where nothing was measured
	Rounds      int
	Go          string
	CPU         string
	Reason      string // why it is not proven, or what was seen
}

// Record returns r in the form that -json and verdicts.json have. Numbers that
// were not measured, or are infinite, are null.
func (r Result) Record() Record {
	out := Record{
		Claim: r.Claim.ID, Expectation: r.Expectation, Kind: r.Kind, Verdict: r.Verdict.String(),
		Rounds: r.Rounds, Go: r.Go, CPU: r.CPU, Reason: r.Reason, File: r.File, Line: r.Line,
	}
	if e := r.Effect; e != nil {
		out.Value, out.Ratio, out.Low, out.High = number(e.Value), number(e.Ratio), number(e.Low), number(e.High)
	}
	return out
}

// A Record is a [Result] as JSON.
type Record struct {
	Claim       string   `json:"claim"`
	Expectation string   `json:"expectation"`
	Kind        string   `json:"kind"`
	Verdict     string   `json:"verdict"`
	Value       *float64 `json:"value"`
	Ratio       *float64 `json:"ratio"`
	Low         *float64 `json:"low"`
	High        *float64 `json:"high"`
	Rounds      int      `json:"rounds"`
	Go          string   `json:"go"`
	CPU         string   `json:"cpu"`
	Reason      string   `json:"reason"`
	File        string   `json:"file"`
	Line        int      `json:"line"`
}

func number(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}

// Measured describes what was seen, in a few words: "14.2x [13.9, 14.6]".
func (r Result) Measured() string {
	e := r.Effect
	if e == nil {
		return ""
	}
	switch {
	case r.Kind == "profile":
		return short(e.Value) + "%"
	case math.IsInf(e.Ratio, 0):
		return short(e.Value) + " against 0"
	case !math.IsNaN(e.Ratio):
		return short(e.Ratio) + "x" + interval(e.Low, e.High)
	case strings.Contains(r.Expectation, " grows "):
		return "exponent " + short(e.Value) + interval(e.Low, e.High)
	}
	return short(e.Value) + interval(e.Low, e.High)
}

// interval formats the confidence interval, unless it is a point or unknown.
func interval(low, high float64) string {
	if low == high || math.IsInf(low, 0) || math.IsInf(high, 0) || math.IsNaN(low) {
		return ""
	}
	return fmt.Sprintf(" [%s, %s]", short(low), short(high))
}

// short formats a number with three significant digits, and whole numbers in full.
func short(x float64) string {
	if x == math.Trunc(x) && math.Abs(x) < 1e9 {
		return fmt.Sprintf("%.0f", x)
	}
	if math.Abs(x) >= 100 && math.Abs(x) < 1e9 {
		return fmt.Sprintf("%.0f", x)
	}
	return fmt.Sprintf("%.3g", x)
}
