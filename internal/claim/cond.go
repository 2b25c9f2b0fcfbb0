package claim

import (
	"cmp"
	"fmt"
	"go/version"
	"slices"
	"strconv"
	"strings"
)

// Env is what a [Cond] is about: the toolchain that builds the proofs and the
// machine that runs them.
type Env struct {
	Go     string // "go1.26.8"
	GOOS   string
	GOARCH string
	CPUs   int
}

// A Cond is a condition such as go>=1.27, cpus>=4, goos=linux or goarch=amd64.
type Cond struct {
	Key   string
	Op    string
	Value string
}

func (c Cond) String() string { return c.Key + c.Op + c.Value }

// condOps lists the operators of conditions, longer ones first.
var condOps = []string{"==", "!=", "<=", ">=", "<", ">", "="}

// ParseCond parses a condition.
func ParseCond(s string) (Cond, error) {
	i := strings.IndexAny(s, "=!<>")
	if i < 0 {
		return Cond{}, fmt.Errorf("condition %q has no operator, expected one like go>=1.27, cpus>=4, goos=linux or goarch=amd64", s)
	}
	c := Cond{Key: s[:i]}
	for _, op := range condOps {
		if v, ok := strings.CutPrefix(s[i:], op); ok {
			c.Op, c.Value = op, v
			break
		}
	}
	switch c.Key {
	case "cpus":
		if _, err := strconv.Atoi(c.Value); err != nil {
			return c, fmt.Errorf("condition %q: got %q, expected a number of CPUs", s, c.Value)
		}
	case "go":
		if !version.IsValid("go" + c.Value) {
			return c, fmt.Errorf("condition %q: got %q, expected a Go version like 1.27", s, c.Value)
		}
	case "goos", "goarch":
		if !slices.Contains([]string{"=", "==", "!="}, c.Op) || c.Value == "" {
			return c, fmt.Errorf("condition %q: expected %s=NAME or %s!=NAME", s, c.Key, c.Key)
		}
	default:
		return c, fmt.Errorf("condition %q is about %q, expected go, cpus, goos or goarch", s, c.Key)
	}
	return c, nil
}

// Holds reports whether c holds in env. A Go version without a patch number
// stands for the whole release: go1.27.4 is not > 1.27, and is == 1.27.
func (c Cond) Holds(env Env) bool {
	switch c.Key {
	case "cpus":
		n, _ := strconv.Atoi(c.Value) // checked by ParseCond
		return holds(c.Op, cmp.Compare(env.CPUs, n))
	case "go":
		have, want := env.Go, "go"+c.Value
		if version.Lang(want) == want {
			have = version.Lang(have)
		}
		return holds(c.Op, version.Compare(have, want))
	case "goos":
		return holds(c.Op, strings.Compare(env.GOOS, c.Value))
	case "goarch":
		return holds(c.Op, strings.Compare(env.GOARCH, c.Value))
	}
	panic("claim: unknown condition " + c.String())
}

// Actual says what env has in the place of c's value, for messages.
func (c Cond) Actual(env Env) string {
	switch c.Key {
	case "cpus":
		return "cpus=" + strconv.Itoa(env.CPUs)
	case "go":
		return env.Go
	case "goos":
		return "goos=" + env.GOOS
	}
	return "goarch=" + env.GOARCH
}

// holds applies op to the three-way comparison c.
func holds(op string, c int) bool {
	if op == "=" {
		op = "=="
	}
	return Op(op).Holds(float64(c), 0)
}
