package optimizing

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// It compiles the pattern in each call: parsing, simplifying and building the
// program takes more than 5 times as long as the match of a short name, and
// allocates. The same holds for a regexp.MustCompile inside of a function. Compile
// once, into a package variable, or a sync.OnceValue if it is rarely needed. If the
// patterns come from users or a configuration, keep the compiled ones in a cache
// with a limit. A compiled Regexp does not allocate in MatchString.
//
//claim:ask What is wrong with regexp.MatchString in a hot path?
//claim:expect ns/op of=matchstring > 5x of=compiled
//claim:expect allocs/op of=matchstring > 10
//claim:expect allocs/op of=compiled == 0
//claim:source https://pkg.go.dev/regexp#MatchString
func BenchmarkRegexCostCompile(b *testing.B) {
	name := "user-1234567"
	layoutRun(b, "of=matchstring", func() { regexcostMatchString(name) })
	layoutRun(b, "of=compiled", func() { regexcostCompiled(name) })
}

func TestRegexCostCompile(t *testing.T) {
	for _, name := range []string{"", "user-", "user-1", "user-12a", "xuser-1", "user-1\n", "user-٣"} {
		want := regexcostCompiled(name)
		assert.Equal(t, want, regexcostMatchString(name), "%q", name)
		assert.Equal(t, want, regexcostByHand(name), "%q", name)
	}
}

// No. The time of package regexp is linear in the length of the text for every
// pattern, because it follows all possible states at once or marks the pairs of state
// and place that it has tried. The pattern (a+)+ on a text of many a and a b at the
// end, which takes exponential time in engines that backtrack without marks, grows
// here with the first power. The price is that there are no backreferences and no
// look-around, which cannot be done in that way: such a pattern does not compile.
// Linear is not free: the time also grows with the size of the pattern.
//
//claim:ask Can a user bring down a Go service with a malicious input for a regular expression?
//claim:expect ns/op of=nested grows n^1
//claim:source https://pkg.go.dev/regexp
func BenchmarkRegexCostLinear(b *testing.B) {
	for _, n := range []int{128, 1024, 8192} {
		text := strings.Repeat("a", n) + "b"
		layoutRun(b, fmt.Sprintf("of=nested/n=%d", n), func() { regexcostNestedMatch(text) })
	}
}

func TestRegexCostLinear(t *testing.T) {
	assert.True(t, regexcostNestedMatch(strings.Repeat("a", 100)))
	assert.False(t, regexcostNestedMatch(strings.Repeat("a", 5000)+"b"))
	for _, pattern := range []string{`(a)\1`, `(?=a)b`, `(?<!a)b`} {
		_, err := regexp.Compile(pattern)
		assert.Error(t, err, pattern)
	}
}

// Let it begin with a literal text. Then the search for a place where a match can
// begin is a strings.Index, which is vectorized, and the machine runs only there: in
// a long text without a match it is more than 5 times as fast. With (?i), with a
// class such as [0-9]+, with .* or an alternative of different words at the front
// there is no such prefix, and the machine looks at each character.
// Regexp.LiteralPrefix tells whether there is one.
//
//claim:ask How do you make a regular expression faster that searches long texts?
//claim:expect ns/op of=folded > 5x of=literal
//claim:source https://pkg.go.dev/regexp#Regexp.LiteralPrefix
func BenchmarkRegexCostPrefix(b *testing.B) {
	text := strings.Repeat("all is well here today, nothing to see. ", 25)
	layoutRun(b, "of=literal", func() { regexcostFind(regexcostLiteral, text) })
	layoutRun(b, "of=folded", func() { regexcostFind(regexcostFolded, text) })
}

func TestRegexCostPrefix(t *testing.T) {
	for _, text := range []string{"", "error: ", "an error: 5", "error: x error: 7"} {
		assert.Equal(t, regexcostFind(regexcostFolded, text), regexcostFind(regexcostLiteral, text))
	}
	for pattern, want := range map[string]string{
		`error: [0-9]+`: "error: ", `(?i)error`: "", `[0-9]+ errors`: "", `.*error`: "", `error|warning`: "",
	} {
		prefix, _ := regexp.MustCompile(pattern).LiteralPrefix()
		assert.Equal(t, want, prefix, pattern)
	}
	_, complete := regexp.MustCompile(`error`).LiteralPrefix()
	assert.True(t, complete, "the whole pattern is literal: strings.Contains does it too")
}

// Those that return slices: FindStringSubmatch allocates the slice of results
// and an array of places, FindStringIndex a pair of integers. MatchString and
// FindString allocate nothing, because the found string is a part of the text.
// So ask for as little as you need: MatchString instead of FindString() != "",
// which is also wrong for an empty match.
//
//claim:ask Which methods of a Regexp allocate?
//claim:source regexp/regexp.go
func TestRegexCostAllocs(t *testing.T) {
	pattern := regexp.MustCompile(`([a-z]+)-([0-9]+)`)
	text := "the name is user-123 today"
	assert.Equal(t, []string{"user-123", "user", "123"}, pattern.FindStringSubmatch(text))
	assert.Empty(t, regexp.MustCompile(`x*`).FindString("abc"))
	assert.True(t, regexp.MustCompile(`x*`).MatchString("abc"), "an empty match")
	proof.WantAllocs(t, 0, func() { pattern.MatchString(text) })
	proof.WantAllocs(t, 0, func() { _ = pattern.FindString(text) })
	proof.WantAllocs(t, 2, func() { _ = pattern.FindStringSubmatch(text) })
}

// Because a counted repetition is written out: x{500} becomes a program of more than
// 500 instructions, and matching has to follow each of them that is possible at a
// place. So a pattern with \w{1,200} is large and slow although it is short. Often
// \w+ and a test of the length say the same. Go limits the number to 1000, and nested
// repetitions to the same product, and refuses more: without that limit a short
// pattern from a user could fill the memory.
//
//claim:ask Why is a pattern such as \w{1,200} slow, and why does x{1001} not compile?
//claim:source https://pkg.go.dev/regexp/syntax
func TestRegexCostRepeat(t *testing.T) {
	size := func(pattern string) int {
		parsed, err := syntax.Parse(pattern, syntax.Perl)
		require.NoError(t, err)
		program, err := syntax.Compile(parsed.Simplify())
		require.NoError(t, err)
		return len(program.Inst)
	}
	assert.Less(t, size(`x+`), 10)
	assert.Greater(t, size(`x{500}`), 500)
	assert.Greater(t, size(`\w{1,200}`), 200)
	for _, pattern := range []string{`x{1001}`, `(x{100}){11}`} {
		_, err := regexp.Compile(pattern)
		assert.ErrorContains(t, err, "invalid repeat count", pattern)
	}
	regexp.MustCompile(`x{1000}`)
}

// Yes, all methods except Longest may be used by several goroutines at once, and
// there is no lock that they would wait for: the state of a match comes from a
// sync.Pool. So one package variable is enough for a whole server. The method Copy,
// which older programs use to avoid a lock, is deprecated: since Go 1.12 it is not
// needed.
//
//claim:ask Can many goroutines share one compiled Regexp without contention?
//claim:source https://pkg.go.dev/regexp#Regexp
func TestRegexCostShared(t *testing.T) {
	pattern := regexp.MustCompile(`(a|b|ab)*c`)
	var group sync.WaitGroup
	found := make([]string, 8)
	for i := range found {
		group.Go(func() { found[i] = pattern.FindString(strings.Repeat("x", i) + "abac") })
	}
	group.Wait()
	for _, text := range found {
		assert.Equal(t, "abac", text)
	}
}
