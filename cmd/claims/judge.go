package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"go/scanner"
	"math"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/go-deep-dive/godeep/internal/claim"
	"github.com/go-deep-dive/godeep/internal/compiler"
	"github.com/go-deep-dive/godeep/internal/measure"
	"github.com/go-deep-dive/godeep/internal/profile"
	"github.com/go-deep-dive/godeep/internal/report"
	"github.com/go-deep-dive/godeep/internal/verdict"
	"golang.org/x/sync/errgroup"
)

// A plan is what there is to do for one claim.
type plan struct {
	claim   *claim.Claim
	benches []*bench
}

// A bench is the part of a plan that is about one benchmark.
type bench struct {
	proof    *claim.Proof
	settings []measure.Settings
	samples  []measure.Sample // one of each variant
	trials   []*verdict.Trial // by expectation; nil where it does not apply
	err      error            // why it cannot be judged
}

// plan decides which settings the benchmarks of c run under: those that an
// expectation which applies here could be about.
func (v *verifier) plan(c *claim.Claim) *plan {
	p := &plan{claim: c}
	for _, proof := range c.Proofs {
		if proof.Kind != claim.Benchmark || v.unmet(proof) != "" {
			continue
		}
		var sels []claim.Selector
		for _, e := range proof.Expects {
			if v.applies(e.If) {
				sels = append(sels, e.Left)
				if e.Form == claim.Comparison {
					sels = append(sels, e.Right)
				}
			}
		}
		for _, e := range proof.Profiles {
			if v.applies(e.If) {
				sels = append(sels, e.Sel)
			}
		}
		p.benches = append(p.benches, &bench{
			proof:  proof,
			trials: make([]*verdict.Trial, len(proof.Expects)),
			settings: measure.Combinations(proof.Vary, func(s measure.Settings) bool {
				return slices.ContainsFunc(sels, func(sel claim.Selector) bool { return compatible(sel, s) })
			}),
		})
	}
	return p
}

// compatible reports whether sel can select something that runs under s.
func compatible(sel claim.Selector, s measure.Settings) bool {
	for _, want := range sel {
		for _, have := range s {
			if want.Key == have.Key && want.Value != have.Value {
				return false
			}
		}
	}
	return true
}

func (v *verifier) applies(c *claim.Cond) bool { return c == nil || c.Holds(v.env) }

// unmet returns the reason to skip a proof, or "".
func (v *verifier) unmet(p *claim.Proof) string {
	for _, n := range p.Needs {
		if !n.Cond.Holds(v.env) {
			return fmt.Sprintf("needs %s, have %s", n.Cond, n.Cond.Actual(v.env))
		}
	}
	return ""
}

// A compilation is what the compiler said of a package.
type compilation struct {
	decisions *compiler.Decisions
	err       error
}

// build builds all test binaries and asks the compiler about all packages with
// compiler comments, in parallel: nothing is measured yet. A failure is found
// again, by the proof it concerns.
func (v *verifier) build(ctx context.Context, plans []*plan) map[*claim.Package]compilation {
	var g errgroup.Group
	g.SetLimit(runtime.NumCPU())
	var mu sync.Mutex
	decisions := map[*claim.Package]compilation{}
	commented := map[*claim.Package]bool{} // true: in test files
	for _, p := range plans {
		pkg := p.claim.Package
		for _, proof := range p.claim.Proofs {
			if v.unmet(proof) != "" {
				continue
			}
			switch proof.Kind {
			case claim.Compiler:
				commented[pkg] = commented[pkg] || isTestFile(proof.Pos.Filename)
			case claim.Test, claim.Example:
				g.Go(func() error { _, _ = v.lab.Build(ctx, pkg, nil); return nil })
			}
		}
		for _, b := range p.benches {
			for _, s := range b.settings {
				g.Go(func() error { _, _ = v.lab.Build(ctx, pkg, s); return nil })
			}
		}
	}
	for pkg, tests := range commented {
		g.Go(func() error {
			d, err := compiler.Ask(ctx, v.toolchain, pkg, tests)
			mu.Lock()
			defer mu.Unlock()
			decisions[pkg] = compilation{d, err}
			return nil
		})
	}
	_ = g.Wait() // its functions return no errors
	return decisions
}

func isTestFile(name string) bool {
	ok, _ := filepath.Match("*_test.go", filepath.Base(name)) // the pattern is well-formed
	return ok
}

// rehearse runs all that needs no quiet machine, as much at a time as there are
// processors: every Test and Example, whose results it returns, and every benchmark
// once, to learn its sub-benchmarks and metrics.
func (v *verifier) rehearse(ctx context.Context, plans []*plan) map[*claim.Proof]report.Result {
	var g errgroup.Group
	g.SetLimit(runtime.NumCPU())
	var mu sync.Mutex
	tested := map[*claim.Proof]report.Result{}
	for _, p := range plans {
		for _, proof := range p.claim.Proofs {
			if proof.Kind != claim.Test && proof.Kind != claim.Example || v.unmet(proof) != "" {
				continue
			}
			g.Go(func() error {
				v.progress.Now(p.claim.ID)
				r := v.judgeTest(ctx, p.claim.Package, proof)
				mu.Lock()
				defer mu.Unlock()
				tested[proof] = r
				return nil
			})
		}
		for _, b := range p.benches {
			g.Go(func() error {
				v.progress.Now(p.claim.ID)
				for _, s := range b.settings {
					samples, err := v.lab.Discover(ctx, p.claim.Package, b.proof, s)
					if err != nil {
						b.err = err
						break
					}
					b.samples = append(b.samples, samples...)
				}
				return nil
			})
		}
	}
	_ = g.Wait() // its functions return no errors
	return tested
}

// check compares the expectations with what the benchmarks reported when they
// ran once. It returns all that do not fit.
func (v *verifier) check(plans []*plan) error {
	var errs scanner.ErrorList
	for _, p := range plans {
		for _, b := range p.benches {
			if b.err != nil {
				continue
			}
			v.cpu = cmp.Or(v.cpu, b.samples[0].CPU())
			for i, e := range b.proof.Expects {
				if !v.applies(e.If) {
					continue
				}
				t, err := verdict.New(e, v.alpha, b.samples)
				if err != nil {
					errs.Add(e.Pos, fmt.Sprintf("//claim:expect: %v", err))
					continue
				}
				b.trials[i] = t
			}
			for _, e := range b.proof.Profiles {
				if v.applies(e.If) && len(b.matching(e.Sel)) == 0 {
					errs.Add(e.Pos, fmt.Sprintf("//claim:profile: %v", verdict.NoMatch(e.Sel, b.samples)))
				}
			}
		}
	}
	errs.Sort()
	return errs.Err()
}

// matching returns the variants that sel selects.
func (b *bench) matching(sel claim.Selector) (vs []*measure.Variant) {
	for _, s := range b.samples {
		if sel.Matches(s.Variant.Keys) {
			vs = append(vs, s.Variant)
		}
	}
	return vs
}

// judge collects what is known of the proofs of a claim, and measures. After an
// interrupt it returns the results so far and the context's error.
func (v *verifier) judge(ctx context.Context, p *plan, decisions map[*claim.Package]compilation, tested map[*claim.Proof]report.Result) ([]report.Result, error) {
	var results []report.Result
	add := func(r report.Result) {
		r.Claim, r.Go, r.CPU = p.claim, v.env.Go, v.cpu
		results = append(results, r)
	}
	if p.claim.Broken != "" {
		add(report.Result{Kind: "compiler", Expectation: "the file parses", Verdict: verdict.Broken, Reason: p.claim.Broken})
	}
	for _, proof := range p.claim.Proofs {
		if why := v.unmet(proof); why != "" {
			add(report.Result{Kind: proof.Kind.String(), Expectation: proof.Func, File: proof.Pos.Filename, Line: proof.Pos.Line, Verdict: verdict.Skipped, Reason: why})
			continue
		}
		switch proof.Kind {
		case claim.Test, claim.Example:
			add(tested[proof])
		case claim.Compiler:
			for _, c := range proof.Comments {
				add(v.judgeComment(p.claim.Package, c, decisions[p.claim.Package]))
			}
		case claim.Benchmark:
			i := slices.IndexFunc(p.benches, func(b *bench) bool { return b.proof == proof })
			v.judgeTimes(ctx, p.benches[i], add)
			for _, pr := range proof.Profiles {
				add(v.judgeProfile(ctx, p.claim, p.benches[i], pr))
			}
		}
		if ctx.Err() != nil {
			return results, ctx.Err()
		}
	}
	return results, nil
}

// unexecuted fills in why a proof could not be executed.
func unexecuted(r report.Result, err error) report.Result {
	r.Verdict, r.Reason = verdict.Broken, err.Error()
	if isContext(err) {
		r.Verdict, r.Reason = verdict.Inconclusive, "interrupted"
	}
	return r
}

// judgeTest runs a Test or Example. One that fails refutes its claim.
func (v *verifier) judgeTest(ctx context.Context, pkg *claim.Package, proof *claim.Proof) report.Result {
	r := report.Result{Kind: proof.Kind.String(), Expectation: proof.Func, File: proof.Pos.Filename, Line: proof.Pos.Line}
	outcome, why, err := v.lab.Test(ctx, pkg, proof.Func)
	switch {
	case err != nil:
		return unexecuted(r, err)
	case outcome == measure.Failed:
		r.Verdict, r.Reason = verdict.Refuted, why
	case outcome == measure.Skipped:
		r.Verdict, r.Reason = verdict.Skipped, why
	default:
		r.Verdict = verdict.Proven
	}
	return r
}

// judgeComment compares a compiler comment with what the compiler decided.
func (v *verifier) judgeComment(pkg *claim.Package, c claim.Comment, compiled compilation) report.Result {
	r := report.Result{Kind: "compiler", Expectation: c.What, File: c.Pos.Filename, Line: c.Pos.Line}
	if !v.applies(c.If) {
		return v.inapplicable(r, c.If)
	}
	if compiled.err != nil {
		return unexecuted(r, compiled.err)
	}
	file := c.Pos.Filename
	if !filepath.IsAbs(file) {
		file = filepath.Join(pkg.Dir, filepath.Base(file))
	}
	holds, why, err := compiled.decisions.Judge(c.What, compiler.Line{File: file, Line: c.Pos.Line})
	switch {
	case err != nil:
		return unexecuted(r, err)
	case holds:
		r.Verdict = verdict.Proven
	default:
		r.Verdict = verdict.Refuted
	}
	r.Reason = why
	return r
}

func (v *verifier) inapplicable(r report.Result, c *claim.Cond) report.Result {
	r.Verdict = verdict.Skipped
	r.Reason = fmt.Sprintf("applies if %s, have %s", c, c.Actual(v.env))
	return r
}

// judgeTimes takes samples until every expectation of the benchmark is decided.
// In a round each variant that is still needed runs once, in random order.
func (v *verifier) judgeTimes(ctx context.Context, b *bench, add func(report.Result)) {
	failed := map[*verdict.Trial]error{}
	for round := 0; b.err == nil && round < v.rounds && ctx.Err() == nil; round++ {
		var open []*verdict.Trial
		var variants []*measure.Variant
		for _, t := range b.trials {
			if t != nil && t.Verdict() == verdict.Undecided && failed[t] == nil {
				open = append(open, t)
				variants = append(variants, t.Variants()...)
			}
		}
		if len(open) == 0 {
			break
		}
		samples, errs := v.round(ctx, unique(variants))
		for _, t := range open {
			for _, variant := range t.Variants() {
				failed[t] = cmp.Or(failed[t], errs[variant])
			}
			if failed[t] == nil {
				failed[t] = t.Add(samples)
			}
		}
	}
	for i, e := range b.proof.Expects {
		r := report.Result{Kind: "benchmark", Expectation: e.Text, File: e.Pos.Filename, Line: e.Pos.Line}
		t := b.trials[i]
		switch {
		case !v.applies(e.If):
			r = v.inapplicable(r, e.If)
		case b.err != nil:
			r = unexecuted(r, b.err)
		case failed[t] != nil:
			r = unexecuted(r, failed[t])
		default:
			r.Verdict = t.Verdict()
			switch {
			case r.Verdict == verdict.Undecided && ctx.Err() != nil:
				r.Verdict, r.Reason = verdict.Inconclusive, "interrupted"
			case r.Verdict == verdict.Undecided:
				r.Verdict, r.Reason = verdict.Inconclusive, fmt.Sprintf("not certain after %d rounds", v.rounds)
			case r.Verdict == verdict.Inconclusive:
				r.Reason = "true about as often as false"
			}
		}
		if t != nil {
			if effect, ok := t.Effect(); ok {
				r.Effect, r.Rounds = &effect, t.Rounds()
			}
		}
		add(r)
	}
}

// round takes one sample of each variant. Variants whose process failed are in
// errs instead.
func (v *verifier) round(ctx context.Context, variants []*measure.Variant) (map[*measure.Variant]measure.Sample, map[*measure.Variant]error) {
	samples, errs := map[*measure.Variant]measure.Sample{}, map[*measure.Variant]error{}
	v.rng.Shuffle(len(variants), func(i, j int) { variants[i], variants[j] = variants[j], variants[i] })
	for _, variant := range variants {
		s, err := v.lab.Take(ctx, variant)
		if err != nil {
			errs[variant] = err
			continue
		}
		samples[variant] = s
		v.archive.Add(s, v.env.Go)
	}
	return samples, errs
}

func unique(vs []*measure.Variant) (out []*measure.Variant) {
	for _, v := range vs {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

const (
	profilesTaken   = 3   // all must agree
	profileEvents   = 100 // fewer say little about shares
	longestProfile  = 16 * time.Second
	firstCPUProfile = 1200 * time.Millisecond // 100 samples a second
	firstProfile    = 50 * time.Millisecond
)

// judgeProfile takes three profiles of each variant that is selected.
func (v *verifier) judgeProfile(ctx context.Context, c *claim.Claim, b *bench, e claim.Profile) report.Result {
	r := report.Result{Kind: "profile", Expectation: e.Text, File: e.Pos.Filename, Line: e.Pos.Line}
	if !v.applies(e.If) {
		return v.inapplicable(r, e.If)
	}
	if b.err != nil {
		return unexecuted(r, b.err)
	}
	var shares []float64
	var top string
	holds := 0
	variants := b.matching(e.Sel)
	for _, variant := range variants {
		for i := range profilesTaken {
			file := filepath.Join(v.lab.Dir, fmt.Sprintf("profile%d.pb.gz", i))
			share, err := v.profile(ctx, variant, e.Kind, file, e.Frame)
			if err != nil {
				return unexecuted(r, err)
			}
			shares = append(shares, share.Percent)
			top = share.Top
			if e.Op.Holds(share.Percent, e.Percent) {
				holds++
			}
			if err := v.archive.Profile(file, report.ProfilePath(c, variant, e.Kind, v.env.Go)); err != nil {
				return unexecuted(r, err)
			}
		}
	}
	slices.Sort(shares)
	r.Effect = &verdict.Effect{Variants: variants, Value: shares[len(shares)/2], Ratio: math.NaN(), Low: shares[0], High: shares[len(shares)-1]}
	r.Rounds = profilesTaken
	switch holds {
	case len(shares):
		r.Verdict = verdict.Proven
	case 0:
		r.Verdict, r.Reason = verdict.Refuted, "most of it is in "+top
	default:
		r.Verdict, r.Reason = verdict.Inconclusive, fmt.Sprintf("%d of %d profiles agree", holds, len(shares))
	}
	return r
}

// profile takes one profile, long enough for its share to mean something.
func (v *verifier) profile(ctx context.Context, variant *measure.Variant, kind, file string, frame *regexp.Regexp) (profile.Share, error) {
	d := firstProfile
	if kind == "cpu" {
		d = firstCPUProfile
	}
	for {
		if err := v.lab.Profile(ctx, variant, kind, file, d); err != nil {
			return profile.Share{}, err
		}
		share, err := profile.Read(file, kind, frame)
		if err != nil {
			return share, err
		}
		if share.Events >= profileEvents {
			return share, nil
		}
		if d *= 4; d > longestProfile {
			return share, errors.New("a profile of " + variant.Label() + fmt.Sprintf(" has %d events, expected at least %d", share.Events, profileEvents))
		}
	}
}
