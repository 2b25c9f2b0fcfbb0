package optimizing

import (
	"regexp"
	"strings"
)

// A regular expression is compiled to a program for a small machine, and matching
// runs that program on the text. Package regexp promises time linear in the text.

const regexcostPattern = `^user-[0-9]+$`

var regexcostUser = regexp.MustCompile(regexcostPattern)

// regexcostMatchString compiles the pattern in each call. The next two give the same.
//
//go:noinline
func regexcostMatchString(name string) bool {
	ok, _ := regexp.MatchString(regexcostPattern, name)
	return ok
}

//go:noinline
func regexcostCompiled(name string) bool { return regexcostUser.MatchString(name) }

//go:noinline
func regexcostByHand(name string) bool {
	digits, ok := strings.CutPrefix(name, "user-")
	if !ok || digits == "" {
		return false
	}
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return false
		}
	}
	return true
}

// regexcostNested is a pattern that needs exponential time in engines that try all
// ways to divide the text between the two loops.
var regexcostNested = regexp.MustCompile(`^(a+)+$`)

//go:noinline
func regexcostNestedMatch(text string) bool { return regexcostNested.MatchString(text) }

var (
	regexcostLiteral = regexp.MustCompile(`error: [0-9]+`)
	regexcostFolded  = regexp.MustCompile(`(?i)error: [0-9]+`)
)

//go:noinline
func regexcostFind(pattern *regexp.Regexp, text string) bool { return pattern.MatchString(text) }
