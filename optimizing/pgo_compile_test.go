package optimizing

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// pgoSource has a call of a function that is over the budget and two calls of
// an interface method. The profiles below say how often each one ran.
var pgoSource = `package p

type source interface{ next() int }

type counter struct{ n int }

func (c *counter) next() int { c.n++; return c.n }

func big(x int) int {
` + strings.Repeat("\tx = x<<3 ^ x>>2\n", 10) + `	return x
}

func work(s source) int {
	sum := s.next()
	sum += big(sum)
	return sum
}

func rare(x int) int {
	return big(x)
}
`

// The lines of the calls, counted from the line of the func.
const pgoLineNext, pgoLineBig, pgoLineRare = 1, 2, 1

// pgoCall says how many samples had callee on the stack, called by caller at
// a line relative to that of its func.
type pgoCall struct {
	caller string
	line   int64
	callee string
	weight int64
	inline bool // the compiler had inlined the call
}

// pgoProfile returns a CPU profile with the given calls, as if a program of
// pgoSource had been measured.
func pgoProfile(calls ...pgoCall) *profile.Profile {
	p := &profile.Profile{
		SampleType: []*profile.ValueType{{Type: "samples", Unit: "count"}, {Type: "cpu", Unit: "nanoseconds"}},
		PeriodType: &profile.ValueType{Type: "cpu", Unit: "nanoseconds"},
		Period:     10_000_000,
	}
	function := func(name string) *profile.Function {
		f := &profile.Function{ID: uint64(len(p.Function) + 1), Name: name, SystemName: name, Filename: "p.go", StartLine: 100}
		p.Function = append(p.Function, f)
		return f
	}
	location := func(lines ...profile.Line) *profile.Location {
		l := &profile.Location{ID: uint64(len(p.Location) + 1), Line: lines}
		p.Location = append(p.Location, l)
		return l
	}
	for _, c := range calls {
		callee := profile.Line{Function: function("command-line-arguments." + c.callee), Line: 101}
		caller := profile.Line{Function: function("command-line-arguments." + c.caller), Line: 100 + c.line}
		stack := []*profile.Location{location(callee), location(caller)}
		if c.inline {
			stack = []*profile.Location{location(callee, caller)}
		}
		p.Sample = append(p.Sample, &profile.Sample{Location: stack, Value: []int64{c.weight, c.weight * p.Period}})
	}
	return p
}

// The calls of the usual profile.
var (
	pgoCallsBig  = pgoCall{caller: "work", line: pgoLineBig, callee: "big", weight: 600}
	pgoCallsNext = pgoCall{caller: "work", line: pgoLineNext, callee: "(*counter).next", weight: 400}
)

// pgoReport compiles source with a profile, or without if p is nil, and
// returns what the compiler reports about inlining and devirtualization.
func pgoReport(t *testing.T, source string, p *profile.Profile) (report string, err error) {
	t.Helper()
	key := source
	if p != nil {
		key += p.String()
	}
	if known, ok := pgoReports[key]; ok {
		return known.report, known.err
	}
	dir := t.TempDir()
	file, flags := filepath.Join(dir, "p.go"), "-gcflags=-m=2"
	require.NoError(t, os.WriteFile(file, []byte(source), 0o666))
	if p != nil {
		written, err := os.Create(filepath.Join(dir, "cpu.pprof"))
		require.NoError(t, err)
		require.NoError(t, p.Write(written))
		require.NoError(t, written.Close())
		flags += " -pgoprofile=" + written.Name()
	}
	report, err = proof.Go(t, "build", flags, file)
	pgoReports[key] = pgoOutcome{report, err}
	return report, err
}

type pgoOutcome struct {
	report string
	err    error
}

var pgoReports = make(map[string]pgoOutcome)

// pgoInlined reports how often a build of source with a profile inlines big.
func pgoInlined(t *testing.T, source string, p *profile.Profile) int {
	t.Helper()
	report, err := pgoReport(t, source, p)
	require.NoError(t, err, "%s", report)
	require.Contains(t, report, "can inline (*counter).next ")
	return len(inlineLines(report, ": inlining call to big"))
}

// The profile raises the budget of the calls that are hot from 80 to 2000: a
// function that is too big otherwise is inlined there, and only there. That
// makes more possible than to save the call: constants, escape analysis and
// bounds checks are then worked out for the two functions together. Functions
// that can never be inlined, because of a defer for example, are not inlined
// with a profile either. With -gcflags=-m=2 the compiler says which calls are
// hot.
//
//claim:ask How does a profile change inlining?
//claim:source https://go.dev/doc/pgo
//claim:source cmd/compile/internal/inline/inl.go
func TestPGOInlines(t *testing.T) {
	report, err := pgoReport(t, pgoSource, nil)
	require.NoError(t, err)
	assert.Contains(t, report, "cannot inline big: function too complex: cost 92 exceeds budget 80")
	assert.Zero(t, pgoInlined(t, pgoSource, nil))
	assert.Equal(t, 1, pgoInlined(t, pgoSource, pgoProfile(pgoCallsBig)), "in work, not in rare")
	deferred := strings.Replace(pgoSource, "func big(x int) int {\n", "func nothing() {}\n\nfunc big(x int) int {\n\tdefer nothing()\n", 1)
	assert.Zero(t, pgoInlined(t, deferred, pgoProfile(pgoCallsBig)))
}

// At a call of an interface method or of a func value, the profile shows
// which function is called most often. The compiler puts a comparison before
// the call: if the value is of that type, the method is called directly and
// is often inlined, otherwise the call goes through the interface as before.
// So the result is right for every type, and a wrong guess costs one
// comparison. It is what you could write by hand (see GuardedCall).
//
//claim:ask What is PGO devirtualization?
//claim:source https://go.dev/doc/pgo
//claim:source cmd/compile/internal/devirtualize/pgo.go
func TestPGODevirtualizes(t *testing.T) {
	report, err := pgoReport(t, pgoSource, nil)
	require.NoError(t, err)
	assert.NotContains(t, report, "devirtualizing")
	report, err = pgoReport(t, pgoSource, pgoProfile(pgoCallsNext))
	require.NoError(t, err)
	assert.Contains(t, report, "PGO devirtualizing interface call s.next to (*counter).next")
	assert.Contains(t, report, "inlining call to (*counter).next")
}

// A call is hot if it belongs to those that together make up 99% of the
// weight of all calls in the profile, from the heaviest down. A function that
// takes 1 sample in 1000 is compiled as without a profile. So a profile helps
// programs that have a hot spot in code that was written as many small
// functions; what is spread evenly over thousands of functions, or spent in
// the kernel and in assembly, does not change.
//
//claim:ask Which calls does the compiler treat as hot?
//claim:source cmd/compile/internal/inline/inl.go
func TestPGOHotCalls(t *testing.T) {
	rare := func(weight int64) pgoCall {
		return pgoCall{caller: "rare", line: pgoLineRare, callee: "big", weight: weight}
	}
	assert.Equal(t, 1, pgoInlined(t, pgoSource, pgoProfile(pgoCallsBig, pgoCallsNext, rare(1))))
	assert.Equal(t, 2, pgoInlined(t, pgoSource, pgoProfile(pgoCallsBig, pgoCallsNext, rare(200))))
}

// An old profile is useful as long as the hot functions keep their names: the
// compiler looks up a call by the function it is in, the line counted from
// the start of that function, and the function that is called. Moving
// functions and changing others does not matter. Renaming a function, and
// inserting a line above the call inside of the function, loses that call
// until the next profile. Nothing breaks: a profile never changes what the
// program does, and what does not match is ignored.
//
//claim:ask When is a PGO profile out of date?
//claim:source https://go.dev/doc/pgo#source-stability
func TestPGOStale(t *testing.T) {
	p := pgoProfile(pgoCallsBig)
	for _, c := range []struct {
		change   string
		old, new string
		want     int
	}{
		{"none", "", "", 1},
		{"moved down", "type source", "// A comment.\n\n\n\ntype source", 1},
		{"line below the call", "\treturn sum\n", "\tsum++\n\treturn sum\n", 1},
		{"line above the call", "\tsum := s.next()\n", "\tsum := s.next()\n\tsum++\n", 0},
		{"caller renamed", "func work(", "func labour(", 0},
	} {
		assert.Equal(t, c.want, pgoInlined(t, strings.Replace(pgoSource, c.old, c.new, 1), p), c.change)
	}
}

// Yes: a profile of a program that was built with PGO is as good as one of a
// program that was not. A call that was inlined is still in the profile,
// because its line table knows both functions. So you can take each release's
// profile from the release before it, and the hot calls do not change back
// and forth.
//
//claim:ask May the next profile come from a binary that was itself built with PGO?
//claim:source https://go.dev/doc/pgo#iterative-stability
func TestPGOIterative(t *testing.T) {
	inlined := pgoCallsBig
	inlined.inline = true
	assert.Equal(t, 1, pgoInlined(t, pgoSource, pgoProfile(inlined)))
}

// A CPU profile, as runtime/pprof, net/http/pprof or go test -cpuprofile
// write it. Take it from production under the usual load; several can be
// merged into one with go tool pprof -proto a.pprof b.pprof. A heap or mutex
// profile is an error, since it does not say how often calls happen. A
// profile without samples changes nothing. A profile of a benchmark works,
// but optimises that benchmark.
//
//claim:ask Which profile do I give to PGO, and can I merge several?
//claim:source https://go.dev/doc/pgo#merging-profiles
func TestPGOProfileKind(t *testing.T) {
	heap := pgoProfile(pgoCallsBig)
	heap.SampleType = []*profile.ValueType{{Type: "alloc_objects", Unit: "count"}, {Type: "alloc_space", Unit: "bytes"}}
	report, err := pgoReport(t, pgoSource, heap)
	assert.Error(t, err)
	assert.Contains(t, report, "samples/count")
	assert.Zero(t, pgoInlined(t, pgoSource, pgoProfile()))

	merged, err := profile.Merge([]*profile.Profile{pgoProfile(pgoCallsNext), pgoProfile(pgoCallsBig)})
	require.NoError(t, err)
	assert.Len(t, merged.Sample, 2)
	assert.Equal(t, 1, pgoInlined(t, pgoSource, merged))
	report, err = pgoReport(t, pgoSource, merged)
	require.NoError(t, err)
	assert.Contains(t, report, "PGO devirtualizing interface call s.next to (*counter).next")
}

// Put a CPU profile named default.pgo into the directory of the main package
// and build as usual: -pgo=auto is the default since Go 1.21. Every package
// of the program is then compiled with it, the standard library too, so the
// first build takes as long as one with an empty build cache. A file of that
// name in another package is not used, and go test of a package that is not
// main does not use one either; there you say -pgo=FILE. With -pgo=off it is
// ignored. The setting is shown by go version -m.
//
//claim:ask How do I turn on profile-guided optimisation, and what does it do to the build?
//claim:source https://go.dev/doc/pgo#building
//claim:source https://go.dev/doc/go1.21#pgo
func TestPGOAuto(t *testing.T) {
	// With -n the go command prints what it would run, and -a makes that everything.
	compiled := func(args ...string) (with, without int) {
		for line := range strings.SplitSeq(pgoCommands(t, args...), "\n") {
			if !strings.Contains(line, "compile") || !strings.Contains(line, " -p ") {
				continue
			}
			if strings.Contains(line, " -pgoprofile=") {
				with++
			} else {
				without++
			}
		}
		return with, without
	}
	with, without := compiled("-pgo=auto", ".")
	assert.Greater(t, with, 20, "the packages of the runtime are among them")
	assert.Zero(t, without)
	same, _ := compiled(".")
	assert.Equal(t, with, same, "auto is the default")
	_, without = compiled("-pgo=off", ".")
	assert.Equal(t, with, without)
	with, without = compiled("./lib")
	assert.Zero(t, with, "lib is not a main package")
	assert.Positive(t, without)
}

// pgoCommands returns the commands of a build in a module with a main package
// and a package lib, both with a default.pgo.
func pgoCommands(t *testing.T, args ...string) string {
	t.Helper()
	key := strings.Join(args, " ")
	if known, ok := pgoReports[key]; ok {
		return known.report
	}
	dir := t.TempDir()
	write := func(name, text string) {
		file := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o777))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o666))
	}
	var p strings.Builder
	require.NoError(t, pgoProfile(pgoCallsBig).Write(&p))
	write("go.mod", "module example.com/pgo\n\ngo 1.26.0\n")
	write("main.go", "package main\n\nimport \"example.com/pgo/lib\"\n\nfunc main() { lib.F() }\n")
	write("default.pgo", p.String())
	write("lib/lib.go", "package lib\n\nfunc F() {}\n")
	write("lib/default.pgo", p.String())
	out, err := proof.Go(t, append([]string{"-C", dir, "build", "-n", "-a"}, args...)...)
	require.NoError(t, err, "%s", out)
	pgoReports[key] = pgoOutcome{report: out}
	return out
}
