// Package measure turns claims into samples: it builds test binaries and runs
// their benchmarks, one process a sample, never two at a time.
package measure

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-deep-dive/godeep/internal/claim"
	"golang.org/x/perf/benchfmt"
)

// A Lab builds and runs the proofs of one toolchain. Builds may run
// concurrently; everything else is for one goroutine.
type Lab struct {
	Toolchain claim.Toolchain
	Dir       string        // where test binaries and profiles go
	Timeout   time.Duration // per process
	Sample    time.Duration // how long one sample of a benchmark runs

	Sampled time.Duration // wall time spent in processes that took samples

	mu     sync.Mutex
	builds map[string]*binary
}

// A binary is a test binary, built once.
type binary struct {
	once sync.Once
	path string
	err  error
}

// Settings are the values of //claim:vary keys under which a benchmark runs.
type Settings []claim.Pair

// build returns the part of s that the build reads, run the rest.
func (s Settings) build() (build Settings) {
	return slices.DeleteFunc(slices.Clone(s), func(p claim.Pair) bool { return !slices.Contains(claim.BuildKeys, p.Key) })
}

// environ returns os.Environ() with the run-time part of s.
func (s Settings) environ() []string {
	env := os.Environ()
	for _, p := range s {
		if slices.Contains(claim.RunKeys, p.Key) {
			env = slices.DeleteFunc(env, func(e string) bool { return strings.HasPrefix(e, p.Key+"=") })
			if p.Value != "none" {
				env = append(env, p.Key+"="+p.Value)
			}
		}
	}
	return env
}

// Build builds the test binary of pkg under the build settings in s. An error
// holds what the go command printed.
func (l *Lab) Build(ctx context.Context, pkg *claim.Package, s Settings) (path string, err error) {
	s = s.build()
	l.mu.Lock()
	if l.builds == nil {
		l.builds = map[string]*binary{}
	}
	key := fmt.Sprint(pkg.Path, s)
	b := l.builds[key]
	if b == nil {
		b = &binary{path: filepath.Join(l.Dir, fmt.Sprintf("%d.test", len(l.builds)))}
		if runtime.GOOS == "windows" {
			b.path += ".exe"
		}
		l.builds[key] = b
	}
	l.mu.Unlock()
	b.once.Do(func() { b.err = l.build(ctx, pkg, s, b.path) })
	return b.path, b.err
}

func (l *Lab) build(ctx context.Context, pkg *claim.Package, s Settings, path string) error {
	args := []string{"test", "-c", "-o", path}
	var env []string
	for _, p := range s {
		switch {
		case p.Key == "gcflags" && p.Value != "none":
			args = append(args, "-gcflags="+p.Value)
		case p.Key == "pgo" && p.Value != "none":
			if p.Value != "off" && p.Value != "auto" {
				p.Value = filepath.Join(pkg.Dir, p.Value)
			}
			args = append(args, "-pgo="+p.Value)
		case p.Key == "gcflags" || p.Key == "pgo":
		case p.Key == "GOTOOLCHAIN" && p.Value == "none":
		case p.Value == "none":
			env = append(env, p.Key+"=")
		default:
			env = append(env, p.Key+"="+p.Value)
		}
	}
	cmd := l.Toolchain.Command(ctx, pkg.Dir, env, append(args, ".")...)
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return &Failure{What: "does not build", Tail: tail(string(out))}
	}
	if _, err := os.Stat(path); err != nil {
		return &Failure{What: "has no test files that belong to this build"}
	}
	return nil
}

// A Variant is one sub-benchmark under one combination of settings.
type Variant struct {
	Package  *claim.Package
	Proof    *claim.Proof
	Name     string            // "BenchmarkX/of=value", without the number of CPUs
	Keys     map[string]string // key=value pairs of the name and of the settings
	Settings Settings
}

// Label is the name of v with its settings, in the form of a benchmark name.
func (v *Variant) Label() string {
	label := v.Name
	for _, s := range v.Settings {
		label += "/" + s.Key + "=" + strings.ReplaceAll(s.Value, " ", "_")
	}
	return label
}

// A Sample is what one process measured of one variant.
type Sample struct {
	Variant *Variant
	Result  *benchfmt.Result
}

// Value returns the metric of the given unit, as go test prints it.
func (s Sample) Value(unit string) (float64, bool) { return value(s.Result, unit) }

func value(r *benchfmt.Result, unit string) (float64, bool) {
	for _, v := range r.Values {
		if v.OrigUnit == unit {
			return v.OrigValue, true
		}
		if v.Unit == unit {
			return v.Value, true
		}
	}
	return 0, false
}

// Record returns the sample as a line of the Go benchmark format whose name
// includes the settings of its variant. The toolchain becomes part of the
// configuration, so that benchstat -col toolchain compares toolchains.
func (s Sample) Record(toolchain string) *benchfmt.Result {
	r := s.Result.Clone()
	cpus := strings.TrimPrefix(string(r.Name.Full()), strings.TrimPrefix(s.Variant.Name, "Benchmark")) // "-2" or ""
	r.Name = benchfmt.Name(strings.TrimPrefix(s.Variant.Label(), "Benchmark") + cpus)
	r.Config = append(r.Config, benchfmt.Config{Key: "toolchain", Value: []byte(toolchain), File: true})
	return r
}

// CPU is the processor, as go test names it; empty if it does not know.
func (s Sample) CPU() string { return s.Result.GetConfig("cpu") }

// Combinations returns every combination of the varied settings for which
// keep returns true, in the order they are written.
func Combinations(vary []claim.Vary, keep func(Settings) bool) []Settings {
	all := []Settings{nil}
	for _, v := range vary {
		var longer []Settings
		for _, s := range all {
			for _, val := range v.Values {
				longer = append(longer, append(slices.Clone(s), claim.Pair{Key: v.Key, Value: val}))
			}
		}
		all = longer
	}
	return slices.DeleteFunc(all, func(s Settings) bool { return !keep(s) })
}

// Discover runs every sub-benchmark of a proof once and returns what there is.
// A benchmark that fails, crashes, hangs or reports nothing is a [*Failure].
func (l *Lab) Discover(ctx context.Context, pkg *claim.Package, proof *claim.Proof, s Settings) ([]Sample, error) {
	results, out, err := l.bench(ctx, pkg, s, "^"+proof.Func+"$", "-test.benchtime=1x")
	if err != nil {
		return nil, err
	}
	if len(results) == 0 {
		return nil, &Failure{What: "reported nothing", Tail: tail(out)}
	}
	samples := make([]Sample, len(results))
	for i, r := range results {
		v := &Variant{Package: pkg, Proof: proof, Name: fullName(r, s), Settings: s, Keys: map[string]string{}}
		for part := range strings.SplitSeq(v.Name, "/") {
			if key, val, ok := strings.Cut(part, "="); ok {
				v.Keys[key] = val
			}
		}
		maps.Copy(v.Keys, keys(s))
		samples[i] = Sample{v, r}
	}
	if skipped := skippedLine.FindString(out); skipped != "" {
		return samples, &Failure{What: "skips", Tail: tail(out[:strings.Index(out, skipped)+len(skipped)])}
	}
	return samples, nil
}

var skippedLine = regexp.MustCompile(`(?m)^\s*--- SKIP: .*$`)

func keys(s Settings) map[string]string {
	m := map[string]string{}
	for _, p := range s {
		m[p.Key] = p.Value
	}
	return m
}

// fullName returns "Benchmark…" without the "-N" that testing appends when N,
// the number of CPUs in use, is not 1.
func fullName(r *benchfmt.Result, s Settings) string {
	cpus := strconv.Itoa(runtime.GOMAXPROCS(0))
	if n := keys(s)["GOMAXPROCS"]; n != "" && n != "none" {
		cpus = n
	}
	return "Benchmark" + strings.TrimSuffix(string(r.Name.Full()), "-"+cpus)
}

// Take takes one sample of v, of the duration l.Sample. The number of iterations
// is not fixed after the first sample: b.RunParallel hands out work in portions
// whose size it learns from shorter runs, and without these every portion is one
// iteration, so that the handing out is what gets measured.
func (l *Lab) Take(ctx context.Context, v *Variant) (Sample, error) {
	start := time.Now()
	results, out, err := l.bench(ctx, v.Package, v.Settings, v.pattern(), "-test.benchtime="+l.Sample.String())
	l.Sampled += time.Since(start)
	if err != nil {
		return Sample{}, err
	}
	for _, r := range results {
		if fullName(r, v.Settings) == v.Name {
			return Sample{v, r}, nil
		}
	}
	return Sample{}, &Failure{What: "did not report " + v.Name, Tail: tail(out)}
}

// pattern returns the -test.bench pattern that matches v and nothing else.
func (v *Variant) pattern() string {
	parts := strings.Split(v.Name, "/")
	for i, p := range parts {
		parts[i] = "^" + regexp.QuoteMeta(p) + "$"
	}
	return strings.Join(parts, "/")
}

// profileFlags are the flags of a test binary that write the profiles.
var profileFlags = map[string][]string{
	"cpu":           {"-test.cpuprofile="},
	"alloc_space":   {"-test.memprofilerate=1", "-test.memprofile="},
	"alloc_objects": {"-test.memprofilerate=1", "-test.memprofile="},
	"mutex":         {"-test.mutexprofilefraction=1", "-test.mutexprofile="},
	"block":         {"-test.blockprofilerate=1", "-test.blockprofile="},
}

// Profile runs v for the given time and writes a profile of it to file.
func (l *Lab) Profile(ctx context.Context, v *Variant, kind, file string, d time.Duration) error {
	flags := slices.Clone(profileFlags[kind])
	flags[len(flags)-1] += file
	start := time.Now()
	_, _, err := l.bench(ctx, v.Package, v.Settings, v.pattern(), append(flags, "-test.benchtime="+d.String())...)
	l.Sampled += time.Since(start)
	return err
}

// bench runs the benchmarks that match the pattern and reads their results.
func (l *Lab) bench(ctx context.Context, pkg *claim.Package, s Settings, pattern string, flags ...string) ([]*benchfmt.Result, string, error) {
	// -test.v keeps a result on one line even if the benchmark prints.
	args := append([]string{"-test.run=^$", "-test.v", "-test.benchmem", "-test.count=1", "-test.bench=" + pattern}, flags...)
	out, err := l.run(ctx, pkg, s, args...)
	if err != nil {
		return nil, out, err
	}
	var results []*benchfmt.Result
	for r := benchfmt.NewReader(strings.NewReader(out), pkg.Path); r.Scan(); {
		if res, ok := r.Result().(*benchfmt.Result); ok {
			results = append(results, res.Clone())
		}
	}
	return results, out, nil
}

// Outcome is how a test ended.
type Outcome int

// The outcomes of a test.
const (
	Passed Outcome = iota
	Failed
	Skipped
)

// Test runs one Test or Example. For a failed or skipped test, why holds its
// last lines; one that crashes, hangs or does not run at all is a [*Failure].
func (l *Lab) Test(ctx context.Context, pkg *claim.Package, name string) (o Outcome, why string, err error) {
	// test2json marks the lines of the framework with a control character, so
	// that no print of the test can be mistaken for them.
	out, err := l.run(ctx, pkg, nil, "-test.run=^"+name+"$", "-test.count=1", "-test.v=test2json")
	plain := strings.ReplaceAll(out, mark, "")
	failed := new(Failure)
	for word, outcome := range map[string]Outcome{"PASS": Passed, "FAIL": Failed, "SKIP": Skipped} {
		if strings.Contains(out, mark+"--- "+word+": "+name+" ") {
			switch {
			case outcome == Failed && !errors.As(err, &failed):
				return 0, "", err // interrupted
			case outcome == Failed && failed.status != 1:
				return 0, "", err // it did not fail, it crashed
			case outcome == Passed && err != nil: // TestMain, or a goroutine left behind
				outcome = Failed
			}
			return outcome, tail(plain), nil
		}
	}
	if err == nil {
		err = &Failure{What: "did not run", Tail: tail(plain)}
	}
	return 0, "", err
}

const mark = "\x16"

// run runs the test binary of pkg in its directory, as go test does.
func (l *Lab) run(ctx context.Context, pkg *claim.Package, s Settings, args ...string) (string, error) {
	bin, err := l.Build(ctx, pkg, s)
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	env := s.environ()
	if l.Toolchain.Name != "" { // for tests that run the go command
		env = append(env, "GOTOOLCHAIN="+l.Toolchain.Name)
	}
	err = runProcess(ctx, l.Timeout, pkg.Dir, env, &out, bin, args...)
	return out.String(), err
}
