package optimizing

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// Because bytes.IndexByte compares 16 or 32 bytes with one vector instruction, and
// a loop in Go compares one: in 4096 bytes it is more than 4 times as fast. The
// compiler does not vectorize such a loop by itself. Index, Count, Equal, Compare
// and their forms in package strings are assembly as well on amd64 and arm64; on a
// processor without such code they are Go loops like yours. The gain is small if the
// byte is found after a few places, because the call costs something too.
//
//claim:ask Why is bytes.IndexByte so much faster than a loop that compares bytes?
//claim:expect ns/op of=loop > 4x of=std
//claim:needs goarch=amd64
//claim:source internal/bytealg/indexbyte_amd64.s
func BenchmarkByteLoopIndexByte(b *testing.B) {
	data := bytes.Repeat([]byte("a"), 4096)
	data[4095] = '\n'
	layoutRun(b, "of=loop", func() { byteloopIndex(data, '\n') })
	layoutRun(b, "of=std", func() { bytes.IndexByte(data, '\n') })
}

func TestByteLoopIndexByte(t *testing.T) {
	for _, text := range []string{"", "\n", "a\n\n", "abc", strings.Repeat("x", 100) + "\n"} {
		assert.Equal(t, bytes.IndexByte([]byte(text), '\n'), byteloopIndex([]byte(text), '\n'))
	}
}

// Never, if what you look for is ASCII: in UTF-8 every byte below 0x80 is a character
// of its own and never a part of another one. So a loop over the bytes that looks for
// quotes, commas, digits or line ends gives the same answer as for range, which decodes
// each character beyond ASCII by a call into the runtime, and so do IndexByte and Cut.
// For an ASCII text there is little to gain, since range tests for that case first. Be
// careful with what range gives for invalid bytes: U+FFFD, as for a real U+FFFD in the
// text. Decode where characters matter: letters, widths, upper and lower case.
//
//claim:ask When must I decode the runes of a string, and when is a loop over its bytes right?
//claim:source https://go.dev/ref/spec#For_range
func TestByteLoopRange(t *testing.T) {
	for _, text := range []string{"", "aBC", "ПриветAмирB", "\xffA\xc3", "日本Z"} {
		assert.Equal(t, byteloopUpperRunes(text), byteloopUpperBytes(text))
	}
	for r := rune(utf8.RuneSelf); r <= utf8.MaxRune; r += 61 {
		for _, c := range []byte(string(r)) {
			assertByteLoop(c >= utf8.RuneSelf)
		}
	}
	var decoded []rune
	for _, r := range "\xff\uFFFD" {
		decoded = append(decoded, r)
	}
	assert.Equal(t, []rune{utf8.RuneError, utf8.RuneError}, decoded)
}

// With an array of 256 bools and the byte as index: one load for each byte, no
// search, no branch that depends on the set, and no bounds check, because a byte
// cannot exceed the array. It is more than 1.5 times as fast as searching the set
// with strings.IndexByte for each byte, although the search is vectorized: the set
// is short, and what costs is the call. For a set of two or three bytes compare
// directly. The table takes 256 bytes of the cache, so it pays only in loops.
//
//claim:ask How do you test quickly whether a byte belongs to a set?
//claim:expect ns/op of=search > 1.5x of=table
//claim:source https://go.dev/ref/spec#Index_expressions
func BenchmarkByteLoopTable(b *testing.B) {
	text := strings.Repeat(`text/html; charset="utf-8", x=1 `, 16)
	layoutRun(b, "of=table", func() { byteloopSpecialTable(text) })
	layoutRun(b, "of=search", func() { byteloopSpecialSearch(text) })
}

func TestByteLoopTable(t *testing.T) {
	var all []byte
	for c := range 256 {
		all = append(all, byte(c))
	}
	assert.Equal(t, len(byteloopSpecial), byteloopSpecialTable(string(all)))
	assert.Equal(t, len(byteloopSpecial), byteloopSpecialSearch(string(all)))
}

// Not for one of the fields: Split searches the whole line and allocates a slice
// for all fields. Cut stops at the separator, allocates nothing, and is more than
// 2 times as fast for the third of 20 fields. SplitSeq (since Go 1.24) allocates
// nothing either and stops when the loop is left. Split is right if you need all
// fields by number; SplitN limits the number. None of them copies text: the fields
// are parts of the line and keep it alive.
//
//claim:ask Should I use strings.Split to get one field of a line?
//claim:expect ns/op of=split > 2x of=cut
//claim:expect allocs/op of=split == 1
//claim:expect allocs/op of=cut == 0
//claim:source https://pkg.go.dev/strings#Cut
func BenchmarkByteLoopSplit(b *testing.B) {
	line := strings.Repeat("field,", 19) + "last"
	layoutRun(b, "of=split", func() { byteloopThirdSplit(line) })
	layoutRun(b, "of=cut", func() { byteloopThirdCut(line) })
}

func TestByteLoopSplit(t *testing.T) {
	for _, line := range []string{"", "a", "a,b", "a,b,", "a,b,c", "a,b,c,d", ",,,"} {
		want := byteloopThirdSplit(line)
		assert.Equal(t, want, byteloopThirdCut(line), line)
		assert.Equal(t, want, byteloopThirdSeq(line), line)
	}
	proof.WantAllocs(t, 0, func() { byteloopThirdSeq("a,b,c,d") })
}

// Yes, make it once and keep it: a Replacer builds its tables at the first Replace, and
// one that is made in each call builds and throws them away each time, with 5 or more
// allocations where the kept one makes a single one for the result. One Replacer
// goes through the text once for all pairs, may be used by several goroutines, and
// returns the text itself without an allocation if there is nothing to replace. A chain
// of ReplaceAll goes through the text once for each pair, and its later pairs see what
// the earlier ones have inserted.
//
//claim:ask Should a strings.Replacer be a package variable?
//claim:source strings/replace.go
func TestByteLoopReplacer(t *testing.T) {
	assert.Equal(t, "a &lt; b &amp;&amp; c &gt; d", byteloopEscapeKept("a < b && c > d"))
	assert.Equal(t, "a &lt; b &amp;&amp; c &gt; d", byteloopEscapeNew("a < b && c > d"))
	chain := strings.ReplaceAll(strings.ReplaceAll("<", "<", "&lt;"), "&", "&amp;")
	assert.Equal(t, "&amp;lt;", chain, "the second pair sees the text of the first")
	assert.Equal(t, "&lt;", byteloopEscapeKept("<"))
	plain := strings.Repeat("plain ", 20)
	proof.WantAllocs(t, 0, func() { byteloopEscapeKept(plain) })
	proof.WantAllocs(t, 1, func() { byteloopEscapeKept("a < b") })
	assert.GreaterOrEqual(t, testing.AllocsPerRun(100, func() { byteloopEscapeNew("a < b") }), 5.0)
}

// With strings.EqualFold, which walks through both strings and allocates nothing.
// strings.ToLower makes a new string for each side that has an upper-case letter
// (one that is already in lower case is returned as it is), and does so even if the
// first letters differ. The two do not mean exactly the same: EqualFold uses simple
// case folding, for which the Kelvin sign equals k and the two small sigmas equal
// each other. For keys of a map convert once, when the key is stored.
//
//claim:ask What is the cheapest way to compare two strings without regard to case?
//claim:source https://pkg.go.dev/strings#EqualFold
func TestByteLoopFold(t *testing.T) {
	x, y := "Content-Type-And-A-Longer-Name-To-Be-Sure", "content-type-and-a-longer-name-to-be-sure"
	assert.True(t, strings.EqualFold("σ", "ς"))
	assert.NotEqual(t, strings.ToLower("σ"), strings.ToLower("ς"))
	assert.True(t, strings.EqualFold("K", "k"))
	proof.WantAllocs(t, 0, func() { assertByteLoop(strings.EqualFold(x, y)) })
	proof.WantAllocs(t, 1, func() {
		lowerX, lowerY := strings.ToLower(x), strings.ToLower(y)
		assertByteLoop(lowerX == lowerY)
	})
}

func assertByteLoop(ok bool) {
	if !ok {
		panic("wrong result")
	}
}

// No: the compiler sees that only the length is wanted and calls a function of the
// runtime that counts, so nothing is allocated, as with utf8.RuneCountInString. The
// conversion does allocate as soon as the runes themselves are used, for example to
// take the last one, for which utf8.DecodeLastRuneInString is enough. Both count
// code points, not what the reader sees as a character: an accent that is written
// as a mark of its own counts separately.
//
//claim:ask Does len([]rune(s)) allocate?
//claim:source cmd/compile/internal/walk/builtin.go
func TestByteLoopRuneCount(t *testing.T) {
	text := strings.Repeat("größer ", 40)
	proof.WantAllocs(t, 0, func() { assertByteLoop(len([]rune(text)) == 280) })
	proof.WantAllocs(t, 0, func() { assertByteLoop(utf8.RuneCountInString(text) == 280) })
	proof.WantAllocs(t, 1, func() {
		runes := []rune(text)
		assertByteLoop(runes[len(runes)-1] == ' ')
	})
	proof.WantAllocs(t, 0, func() {
		last, _ := utf8.DecodeLastRuneInString(text)
		assertByteLoop(last == ' ')
	})
	assert.Equal(t, 2, utf8.RuneCountInString("e\u0301"), "one visible character")
}

// Only if it changes something: strings.Map, ToLower, ToUpper, TrimSpace, Replace
// and ToValidUTF8 return the string itself if it already is what they would make.
// So a test such as "is it already in lower case?" before the call is work done
// twice. The functions with the same names in package bytes do not do that in all
// cases: bytes.ToLower and bytes.Map always return a copy, because their caller may
// write into the result.
//
//claim:ask Does strings.ToLower or strings.Map allocate if nothing changes?
//claim:source strings/strings.go
func TestByteLoopUnchanged(t *testing.T) {
	text, data := strings.Repeat("plain", 20), bytes.Repeat([]byte("plain"), 20)
	same := func(r rune) rune { return r }
	proof.WantAllocs(t, 0, func() {
		for _, result := range []string{
			strings.ToLower(text), strings.Map(same, text), strings.TrimSpace(text),
			strings.ReplaceAll(text, "z", "y"), strings.ToValidUTF8(text, "?"),
		} {
			assertByteLoop(len(result) == len(text))
		}
	})
	proof.WantAllocs(t, 1, func() { assertByteLoop(len(bytes.ToLower(data)) == len(data)) })
	proof.WantAllocs(t, 1, func() { assertByteLoop(len(bytes.Map(same, data)) == len(data)) })
	proof.WantAllocs(t, 1, func() { assertByteLoop(strings.ToUpper(text) != text) })
}
