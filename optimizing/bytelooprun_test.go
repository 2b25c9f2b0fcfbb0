package optimizing

import (
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"

	"github.com/go-deep-dive/godeep/internal/proof"
)

var byteLoopRunSink []byte

// Find out first whether there is anything to escape, since usually there is not: three
// calls of strings.IndexByte, which is vectorized, are more than 5 times faster for a
// clean text of a thousand bytes than building it byte by byte. If there is something,
// copy runs: remember where the present run began, and append all of it when a byte has
// to be replaced, so the loop only reads. An array of 256 entries says what becomes of
// a byte. On processors for which IndexByte is not written in assembly the gain is
// small.
//
//claim:ask How do you write a fast escaping function?
//claim:expect ns/op of=bytes > 5x of=search
//claim:expect allocs/op of=bytes == 0
//claim:expect allocs/op of=search == 0
//claim:source internal/bytealg/indexbyte_native.go
//claim:source encoding/json/encode.go
func BenchmarkByteLoopRun(b *testing.B) {
	text := strings.Repeat("a text in which there is nothing to be escaped, as it is usual; ", 16)
	b.Run("of=bytes", func(b *testing.B) {
		b.ReportAllocs()
		buffer := make([]byte, 0, 2*len(text))
		for b.Loop() {
			byteLoopRunSink = byteLoopRunMap(buffer[:0], text)
		}
	})
	b.Run("of=search", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			byteLoopRunString = ByteLoopRun(text)
		}
	})
}

// Test first whether there is anything to do, and return the argument if not. A string
// cannot be changed, so sharing it is safe: no allocation and no copy.
// strings.ReplaceAll, strings.ToLower, strings.TrimSpace and a strings.Replacer all
// return their argument itself in that case. Their twins in package bytes cannot:
// bytes.ToLower and bytes.ReplaceAll return a copy, because the caller may write to it.
//
//claim:ask A function changes few of the strings it is given. How does it avoid allocations for the others?
//claim:source strings/strings.go
//claim:source https://pkg.go.dev/bytes#ReplaceAll
func TestByteLoopRunUnchanged(t *testing.T) {
	text := strings.Repeat("nothing to do here ", 5) + "."
	replacer := strings.NewReplacer("<", "&lt;", ">", "&gt;")
	for name, f := range map[string]func(string) string{
		"ByteLoopRun": ByteLoopRun,
		"ReplaceAll":  func(s string) string { return strings.ReplaceAll(s, "<", "&lt;") },
		"ToLower":     strings.ToLower,
		"TrimSpace":   strings.TrimSpace,
		"Replacer":    replacer.Replace,
	} {
		got := f(text)
		assert.Equal(t, text, got, name)
		assert.Same(t, unsafe.StringData(text), unsafe.StringData(got), name)
	}
	for _, s := range []string{"", "a", "<", "<b>&</b>", "a&b", "&&", "trailing>", text} {
		want := replacerOfByteLoopRun.Replace(s)
		assert.Equal(t, want, ByteLoopRun(s))
		assert.Equal(t, want, string(byteLoopRunMap(nil, s)))
	}
	proof.WantAllocs(t, 0, func() { byteLoopRunString = ByteLoopRun(text) })
}

var (
	replacerOfByteLoopRun = strings.NewReplacer("<", "&lt;", ">", "&gt;", "&", "&amp;")
	byteLoopRunString     string
)

// Not always the same. A Replacer makes one pass and never looks at its own output. A
// chain of strings.ReplaceAll makes a pass and a copy for each pair, and each call sees
// what those before it have written: a to b and b to a turns ab into aa, where the
// Replacer swaps the letters, and escaping & after < spoils the entities. If several
// old strings match at one place, the Replacer takes the pair that was given first.
//
//claim:ask Is a strings.Replacer the same as a chain of strings.ReplaceAll?
//claim:source https://pkg.go.dev/strings#NewReplacer
func TestByteLoopRunChain(t *testing.T) {
	chain := strings.ReplaceAll(strings.ReplaceAll("ab", "a", "b"), "b", "a")
	assert.Equal(t, "aa", chain)
	assert.Equal(t, "ba", strings.NewReplacer("a", "b", "b", "a").Replace("ab"))

	spoiled := strings.ReplaceAll(strings.ReplaceAll("<", "<", "&lt;"), "&", "&amp;")
	assert.Equal(t, "&amp;lt;", spoiled)
	assert.Equal(t, "&lt;", replacerOfByteLoopRun.Replace("<"))
	assert.Equal(t, "1", strings.NewReplacer("aa", "1", "aaa", "2").Replace("aa"))
	assert.Equal(t, "1a", strings.NewReplacer("aa", "1", "aaa", "2").Replace("aaa"), "the first pair wins, not the longest")
}
