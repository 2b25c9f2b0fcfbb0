package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/go-deep-dive/godeep/internal/claim"
	"github.com/go-deep-dive/godeep/internal/measure"
	"github.com/go-deep-dive/godeep/internal/report"
	"github.com/go-deep-dive/godeep/internal/verdict"
)

// options are the flags of verify.
type options struct {
	filter   *regexp.Regexp
	verbose  bool
	json     bool
	dir      string
	goList   []string
	alpha    float64
	rounds   int
	sample   time.Duration
	seed     uint64
	timeout  time.Duration
	packages []string
}

func parseOptions(stderr io.Writer, args []string) (o options, err error) {
	fs := flags("verify", "[flags] [packages]", stderr)
	run := fs.String("run", "", "judge only claims whose ID matches `regexp`")
	fs.BoolVar(&o.verbose, "v", false, "print every expectation")
	fs.BoolVar(&o.json, "json", false, "print an object for each judged expectation, and nothing else")
	fs.StringVar(&o.dir, "o", "", "keep samples.txt, verdicts.json and profiles in `dir`")
	goList := fs.String("go", "", "judge under each toolchain of the comma-separated `list`, as in go1.26.8,go1.27.4")
	fs.Float64Var(&o.alpha, "alpha", 0.001, "error level of a verdict on times, in both directions")
	fs.IntVar(&o.rounds, "rounds", 60, "rounds after which an undecided claim is inconclusive")
	fs.DurationVar(&o.sample, "sample", 20*time.Millisecond, "duration of one sample")
	fs.Uint64Var(&o.seed, "seed", 0, "seed of the order of samples; 0 picks one")
	fs.DurationVar(&o.timeout, "timeout", time.Minute, "limit for each process")
	if err := parseFlags(fs, args); err != nil {
		return o, err
	}
	if o.filter, err = regexp.Compile(*run); err != nil {
		return o, fmt.Errorf("-run %q: %w", *run, err)
	}
	if o.alpha < 1e-9 || o.alpha > 0.2 {
		return o, fmt.Errorf("-alpha %g: expected an error level from 1e-9 to 0.2", o.alpha)
	}
	if least := verdict.MinRounds(o.alpha); o.rounds < least {
		return o, fmt.Errorf("-rounds %d: an error level of %g takes %d rounds that agree, expected at least as many", o.rounds, o.alpha, least)
	}
	if o.sample <= 0 || o.timeout <= 0 {
		return o, fmt.Errorf("-sample %v -timeout %v: expected durations above 0", o.sample, o.timeout)
	}
	if o.goList = strings.Split(*goList, ","); slices.Contains(o.goList, "") && *goList != "" {
		return o, fmt.Errorf("-go %q: got an empty name, expected toolchains like go1.26.8,go1.27.4", *goList)
	}
	if o.seed == 0 {
		o.seed = rand.Uint64N(1e6) + 1
	}
	o.packages = packages(fs.Args())
	return o, nil
}

// verify judges claims and returns the exit status.
func verify(ctx context.Context, stdout, stderr io.Writer, args []string) (int, error) {
	o, err := parseOptions(stderr, args)
	if err != nil {
		return 0, err
	}
	var archive *report.Archive
	if o.dir != "" {
		archive = &report.Archive{Dir: o.dir}
	}
	var verifiers []*verifier
	for _, name := range o.goList { // a toolchain that is not there is found before anything runs
		toolchain := claim.Toolchain{Name: name}
		env, err := toolchain.Env(ctx)
		if err != nil {
			return 0, err
		}
		env.CPUs = runtime.NumCPU()
		verifiers = append(verifiers, &verifier{options: o, toolchain: toolchain, env: env, archive: archive, stdout: stdout, stderr: stderr})
	}
	var all []report.Result
	var toolchains []string
	byToolchain := map[string]map[string][]report.Result{} // then by claim
	for _, v := range verifiers {
		results, runErr := v.run(ctx)
		all = append(all, results...)
		if runErr != nil {
			err = runErr
			break
		}
		toolchains = append(toolchains, v.env.Go)
		byToolchain[v.env.Go] = map[string][]report.Result{}
		for _, r := range results {
			byToolchain[v.env.Go][r.Claim.ID] = append(byToolchain[v.env.Go][r.Claim.ID], r)
		}
	}
	if archive != nil && len(all) > 0 { // an interrupted run keeps what it has
		if writeErr := archive.Write(all); writeErr != nil {
			return 0, writeErr
		}
		rememberDir(all[0].Claim.Package.Module, o.dir)
	}
	if err != nil {
		return 0, err
	}
	if len(toolchains) > 1 && !o.json {
		report.NewPrinter(stdout).SideBySide(toolchains, byToolchain)
	}
	return status(all), nil
}

// status is the exit status for these results.
func status(results []report.Result) int {
	switch report.Verdict(results) {
	case verdict.Refuted:
		return exitRefuted
	case verdict.Broken:
		return exitBroken
	case verdict.Inconclusive:
		return exitInconclusive
	}
	return exitProven
}

// rememberDir lets show find the last verdicts. Not being able to is no reason
// to fail: show then asks for -o.
func rememberDir(module, dir string) {
	if abs, err := filepath.Abs(dir); err == nil {
		file := lastDirFile(module)
		if os.MkdirAll(filepath.Dir(file), 0o777) == nil {
			_ = os.WriteFile(file, []byte(abs), 0o666)
		}
	}
}

// A verifier judges claims under one toolchain.
type verifier struct {
	options
	toolchain      claim.Toolchain
	env            claim.Env
	cpu            string
	lab            *measure.Lab
	archive        *report.Archive
	rng            *rand.Rand
	printer        *report.Printer
	progress       *report.Progress
	stdout, stderr io.Writer
}

// run finds, builds and judges the claims. After an interrupt it returns the
// results so far with the context's error.
func (v *verifier) run(ctx context.Context) ([]report.Result, error) {
	start := time.Now()
	claims, err := v.toolchain.Load(ctx, v.options.packages...)
	if err != nil {
		return nil, err
	}
	found := len(claims)
	claims = slices.DeleteFunc(claims, func(c *claim.Claim) bool { return !v.filter.MatchString(c.ID) })
	if len(claims) == 0 {
		return nil, fmt.Errorf("no claim to judge: %s has %d, of which -run %q matches none", strings.Join(v.options.packages, " "), found, v.filter)
	}
	dir, err := os.MkdirTemp("", "claims")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	v.lab = &measure.Lab{Toolchain: v.toolchain, Dir: dir, Timeout: v.timeout, Sample: v.sample}
	v.rng = rand.New(rand.NewPCG(v.seed, 0))
	v.printer = report.NewPrinter(v.stdout)
	v.printer.Verbose = v.verbose
	for _, c := range claims {
		v.printer.IDs = min(max(v.printer.IDs, len(c.ID)), 40)
	}
	v.progress = report.NewProgress(v.stderr, len(claims))
	if v.json {
		v.progress = &report.Progress{}
	}
	defer v.progress.Clear()

	plans := make([]*plan, len(claims))
	for i, c := range claims {
		plans[i] = v.plan(c)
	}
	v.progress.Now("building")
	decisions := v.build(ctx, plans)
	built := time.Now()
	tested := v.rehearse(ctx, plans)
	rehearsed := time.Now()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := v.check(plans); err != nil {
		return nil, err
	}
	if len(v.goList) > 1 && !v.json {
		v.progress.Clear()
		fmt.Fprintf(v.stdout, "\n%s\n", v.env.Go)
	}

	var results []report.Result
	byClaim := map[*claim.Claim][]report.Result{}
	for _, p := range plans {
		v.progress.Now(p.claim.ID)
		rs, err := v.judge(ctx, p, decisions, tested)
		byClaim[p.claim] = rs
		results = append(results, rs...)
		v.progress.Clear()
		if printErr := v.print(p.claim, rs); printErr != nil {
			return results, printErr
		}
		v.progress.Done()
		if err != nil {
			if !v.json {
				v.summary(claims, byClaim, start, built, rehearsed, true)
			}
			return results, err
		}
	}
	if !v.json {
		v.summary(claims, byClaim, start, built, rehearsed, false)
	}
	return results, nil
}

// print prints what was found of one claim.
func (v *verifier) print(c *claim.Claim, rs []report.Result) error {
	if !v.json {
		v.printer.Claim(c, rs)
		return nil
	}
	enc := json.NewEncoder(v.stdout)
	enc.SetEscapeHTML(false)
	for _, r := range rs {
		if err := enc.Encode(r.Record()); err != nil {
			return err
		}
	}
	return nil
}

// summary prints the table, where the time went, and what to do next.
func (v *verifier) summary(claims []*claim.Claim, results map[*claim.Claim][]report.Result, start, built, rehearsed time.Time, interrupted bool) {
	v.progress.Clear()
	fmt.Fprintln(v.stdout)
	tally := v.printer.Table(claims, results)
	fmt.Fprintf(v.stdout, "\n%s, %s, seed %d\n", v.env.Go, cmp.Or(v.cpu, v.env.GOARCH), v.seed)
	measuring := max(time.Since(rehearsed), 1)
	fmt.Fprintf(v.stdout, "%.1fs: %.1fs building, %.1fs running everything once, %.1fs measuring (%.0f%% in samples)\n",
		time.Since(start).Seconds(), built.Sub(start).Seconds(), rehearsed.Sub(built).Seconds(),
		measuring.Seconds(), 100*v.lab.Sampled.Seconds()/measuring.Seconds())

	// The first claim with a verdict, if possible one that answers a question.
	first := func(want verdict.Verdict) (found *claim.Claim) {
		for _, c := range claims {
			if results[c] != nil && report.Verdict(results[c]) == want && (found == nil || found.Question == "" && c.Question != "") {
				found = c
			}
		}
		return found
	}
	switch {
	case interrupted:
		fmt.Fprintf(v.stdout, "Interrupted in claim %d of %d.\n", len(results), len(claims))
	case tally[verdict.Refuted] > 0:
		c := first(verdict.Refuted)
		fmt.Fprintf(v.stdout, "Next: %s show %s prints the refuted claim and how to run it by hand.\n", self(), c.ID)
	case tally[verdict.Broken] > 0:
		c := first(verdict.Broken)
		fmt.Fprintf(v.stdout, "Next: mend what is broken, then %s verify -v -run '^%s$' %s\n", self(), regexp.QuoteMeta(c.ID), target(c.Package))
	case tally[verdict.Inconclusive] > 0:
		c := first(verdict.Inconclusive)
		fmt.Fprintf(v.stdout, "Next: on a quieter machine, %s verify -v -rounds %d -run '^%s$' %s\n", self(), 2*v.rounds, regexp.QuoteMeta(c.ID), target(c.Package))
	case tally[verdict.Proven] > 0:
		fmt.Fprintf(v.stdout, "Next: %s show %s explains a claim; -o DIR keeps samples and profiles.\n", self(), first(verdict.Proven).ID)
	default:
		fmt.Fprintf(v.stdout, "Next: -v says why claims were skipped.\n")
	}
}

// self is how this command was called, for the commands it proposes.
func self() string {
	if filepath.IsAbs(os.Args[0]) { // by go run or go tool
		return "claims"
	}
	return filepath.ToSlash(os.Args[0])
}

// isContext reports whether err is due to an interrupt.
func isContext(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
