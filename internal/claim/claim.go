// Package claim finds the claims of Go packages: it reads source files and
// returns what their //claim: directives say.
//
// A claim is a question, an answer and one or more proofs. The proofs are Test,
// Example and Benchmark functions with a //claim: directive in their doc
// comment, and functions with a compiler comment such as //claim:heap at the
// end of one of their lines. Proofs of one package that share a name (TestX,
// ExampleX, BenchmarkX, the comments in func X) are proofs of one claim.
//
// The parser accepts exactly the grammar below. Whatever else looks like a
// directive is an error with a position, because a claim that is silently
// dropped looks like a claim that holds.
package claim

import (
	"go/token"
	"regexp"
	"slices"
	"strings"
)

// A Claim is a question, its answer and the proofs of the answer.
type Claim struct {
	ID       string // package path inside its module, a dot, the name: "memory.ReturnPointer"
	Package  *Package
	Name     string   // "ReturnPointer"
	Question string   // of //claim:ask; empty if nobody asks
	Answer   string   // text of the doc comment of the function that asks
	Sources  []string // of //claim:source
	Proofs   []*Proof
	Broken   string // why nothing of this claim can run: its file does not parse
}

// Pos is the position of the function that asks, or of the first proof.
func (c *Claim) Pos() token.Position {
	for _, p := range c.Proofs {
		if p.asks {
			return p.Pos
		}
	}
	if len(c.Proofs) == 0 {
		return token.Position{Filename: c.Package.Dir}
	}
	return c.Proofs[0].Pos
}

// Kinds returns the kinds of c's proofs, each once, in the order test,
// example, benchmark, profile, compiler.
func (c *Claim) Kinds() []string {
	have := map[string]bool{}
	for _, p := range c.Proofs {
		have[p.Kind.String()] = true
		if len(p.Profiles) > 0 {
			have["profile"] = true
		}
	}
	return slices.DeleteFunc([]string{"test", "example", "benchmark", "profile", "compiler"},
		func(k string) bool { return !have[k] })
}

// Kind says how a proof is executed.
type Kind int

// The kinds of proof.
const (
	Test Kind = iota
	Example
	Benchmark
	Compiler // comments at the end of source lines, judged by the compiler's diagnostics
)

func (k Kind) String() string { return [...]string{"test", "example", "benchmark", "compiler"}[k] }

// A Proof is one function that proves a claim.
type Proof struct {
	Kind     Kind
	Func     string // "BenchmarkReturnPointer"
	Pos, End token.Position
	Needs    []Needs
	Vary     []Vary        // benchmarks only
	Expects  []Expectation // benchmarks only
	Profiles []Profile     // benchmarks only
	Comments []Comment     // compiler proofs only
	asks     bool
}

// Needs is a condition without which a proof is skipped.
type Needs struct {
	Pos  token.Position
	Cond Cond
}

// Vary runs a benchmark once per value of an environment variable or build
// setting. The value "none" means unset.
type Vary struct {
	Pos    token.Position
	Key    string
	Values []string
}

// RunKeys are the settings of [Vary] that a running program reads.
var RunKeys = []string{"GODEBUG", "GOGC", "GOMEMLIMIT", "GOMAXPROCS"}

// BuildKeys are the settings of [Vary] that the build reads.
var BuildKeys = []string{"GOEXPERIMENT", "GOTOOLCHAIN", "GOAMD64", "gcflags", "pgo"}

// An Expectation is a statement about the metrics of a benchmark. It has one
// of three forms: a bound (Metric Left Op Value), a comparison (Metric Left
// Op Factor times Right) and a growth (Metric Left grows Key^Exponent).
type Expectation struct {
	Pos      token.Position
	Text     string // as written, without the condition
	Form     Form
	Metric   string // unit as go test prints it: "ns/op"
	Left     Selector
	Op       Op
	Value    float64
	Factor   float64
	Right    Selector
	Key      string
	Exponent float64
	If       *Cond
}

// Form is the form of an [Expectation].
type Form int

// The forms of an expectation.
const (
	Bound Form = iota
	Comparison
	Growth
)

// IsTime reports whether a metric of the given unit is a speed or a duration,
// which differs from run to run, and not a count, which may repeat exactly.
func IsTime(unit string) bool {
	return strings.HasPrefix(unit, "ns/") || strings.HasSuffix(unit, "/s") ||
		strings.HasSuffix(unit, "ns") || strings.HasSuffix(unit, "sec")
}

// A Profile is a statement about the share of a profile that lies under
// frames whose function name matches Frame.
type Profile struct {
	Pos     token.Position
	Text    string
	Kind    string // one of [ProfileKinds]
	Sel     Selector
	Frame   *regexp.Regexp
	Op      Op
	Percent float64
	If      *Cond
}

// ProfileKinds are the profiles a //claim:profile can judge.
var ProfileKinds = []string{"cpu", "alloc_space", "alloc_objects", "mutex", "block"}

// A Comment is a statement about what the compiler decides on a source line.
type Comment struct {
	Pos  token.Position // of the comment; its line is the line judged
	What string         // one of [CommentKinds]
	If   *Cond
}

// CommentKinds are the compiler's decisions that a comment can state.
var CommentKinds = []string{"heap", "stack", "inlined", "called", "checked", "unchecked"}

// A Selector names sub-benchmarks: those whose name has all its key=value
// pairs, or which run under these settings of [Vary].
type Selector []Pair

// A Pair is one key=value of a [Selector].
type Pair struct{ Key, Value string }

func (s Selector) String() string {
	parts := make([]string, len(s))
	for i, p := range s {
		parts[i] = p.Key + "=" + p.Value
	}
	return strings.Join(parts, ",")
}

// Matches reports whether keys holds every pair of s.
func (s Selector) Matches(keys map[string]string) bool {
	for _, p := range s {
		if v, ok := keys[p.Key]; !ok || v != p.Value {
			return false
		}
	}
	return true
}

// Op is a comparison operator: == != < <= > >=.
type Op string

var ops = []Op{"==", "!=", "<", "<=", ">", ">="}

// Holds reports whether a op b.
func (op Op) Holds(a, b float64) bool {
	switch op {
	case "==":
		return a == b
	case "!=":
		return a != b
	case "<":
		return a < b
	case "<=":
		return a <= b
	case ">":
		return a > b
	case ">=":
		return a >= b
	}
	panic("claim: unknown operator " + string(op))
}
