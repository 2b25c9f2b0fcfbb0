package optimizing

import (
	"bytes"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// stringBuildSink keeps a string on the heap.
var stringBuildSink string

func stringBuildWords(n int) (words []string) {
	for i := range n {
		words = append(words, fmt.Sprintf("word%04d", i))
	}
	return words
}

// Use strings.Join if the parts are in a slice, a strings.Builder with Grow if the
// size is known, and append to a []byte that is kept if the result need not be a
// string. For 200 words of eight bytes + in a loop takes more than 4 times as long
// as a Builder without Grow, because each + copies all that came before, and
// Sprintf in its place also allocates more than twice as often. Join and a grown
// Builder allocate once, a kept []byte not at all. A bytes.Buffer grows too and
// copies once more at the end, in String, which takes longer than a grown Builder.
//
//claim:ask What is the fastest way to build a string from many parts?
//claim:expect ns/op of=plus > 4x of=builder
//claim:expect ns/op of=builder > 2x of=append
//claim:expect allocs/op of=plus == 199
//claim:expect allocs/op of=join == 1
//claim:expect allocs/op of=grown == 1
//claim:expect allocs/op of=append == 0
//claim:expect ns/op of=buffer > 1.2x of=grown
//claim:source https://pkg.go.dev/strings#Builder
func BenchmarkStringBuildLadder(b *testing.B) {
	words := stringBuildWords(200)
	kept := make([]byte, 0, 4096)
	layoutRun(b, "of=plus", func() { stringBuildPlus(words) })
	layoutRun(b, "of=buffer", func() { stringBuildBuffer(words) })
	layoutRun(b, "of=builder", func() { stringBuildBuilder(words) })
	layoutRun(b, "of=join", func() { stringBuildJoin(words) })
	layoutRun(b, "of=grown", func() { stringBuildGrown(words) })
	layoutRun(b, "of=append", func() { kept = stringBuildAppend(kept, words) })
}

func TestStringBuildLadder(t *testing.T) {
	for _, n := range []int{0, 1, 2, 200} {
		words := stringBuildWords(n)
		want := stringBuildPlus(words)
		assert.Len(t, want, 8*n)
		for _, build := range []func([]string) string{stringBuildSprintf, stringBuildBuffer, stringBuildBuilder, stringBuildJoin, stringBuildGrown} {
			assert.Equal(t, want, build(words))
		}
		assert.Equal(t, want, string(stringBuildAppend(nil, words)))
	}
	if !proof.RaceEnabled {
		words := stringBuildWords(200)
		byPlus := testing.AllocsPerRun(5, func() { stringBuildSink = stringBuildPlus(words) })
		assert.Greater(t, testing.AllocsPerRun(5, func() { stringBuildSink = stringBuildSprintf(words) }), 2*byPlus)
	}
}

// No, one expression is already the best: the compiler turns all its + into one
// call that adds up the lengths, allocates once and copies each part once. A Builder
// without Grow takes what the first part needs and grows, and Sprintf reads its
// format and looks at the type of each argument. Both allocate three times here,
// where + does once. It is different when + is spread over several statements or
// stands in a loop: then each statement makes a string.
//
//claim:ask Should I replace a + b + c by a strings.Builder?
//claim:source runtime/string.go
func TestStringBuildFewParts(t *testing.T) {
	host, path := strings.Repeat("h", 20), strings.Repeat("p", 40)
	want := stringBuildURLPlus(host, path)
	assert.Equal(t, "https://"+host+"/"+path, want)
	assert.Equal(t, want, stringBuildURLSteps(host, path))
	assert.Equal(t, want, stringBuildURLBuilder(host, path))
	assert.Equal(t, want, stringBuildURLSprintf(host, path))
	proof.WantAllocs(t, 1, func() { _ = stringBuildURLPlus(host, path) })
	proof.WantAllocs(t, 3, func() { _ = stringBuildURLSteps(host, path) })
	proof.WantAllocs(t, 3, func() { stringBuildURLBuilder(host, path) })
	proof.WantAllocs(t, 3, func() { stringBuildURLSprintf(host, path) })
}

// About half the square of n, times the size of a part. With parts of eight bytes it
// allocates and copies 8 * (2 + 3 + ... + n) bytes: 160 kB for a text of 1600 bytes,
// 100 times its length, and 200 times if n doubles. For ten parts that is nothing to
// worry about. It hurts where n comes from outside: then the time grows with the
// square of the input.
//
//claim:ask How much does += on a string copy in a loop of n turns?
//claim:source https://go.dev/ref/spec#String_concatenation
func TestStringBuildQuadratic(t *testing.T) {
	if proof.RaceEnabled {
		t.Skip("the race detector adds memory")
	}
	bytes := func(n int) uint64 {
		words := stringBuildWords(n)
		return proof.AllocatedBytes(func() { stringBuildSink = stringBuildPlus(words) })
	}
	assert.Greater(t, bytes(200), uint64(100*1600))
	assert.Greater(t, bytes(400), uint64(200*3200))
	assert.Less(t, bytes(400), uint64(260*3200), "size classes round up")
	words := stringBuildWords(400)
	assert.Less(t, proof.AllocatedBytes(func() { stringBuildSink = stringBuildBuilder(words) }), uint64(20*3200))
}

// Not a strings.Builder: Reset drops its memory, because the string it gave out
// still uses it, so the next text allocates again. bytes.Buffer keeps its memory in
// Reset, and String copies, so one Buffer gives one allocation for each text whatever
// its parts. A []byte cut to zero length does the same, and has no allocation at all
// if the bytes are written out and no string is made.
//
//claim:ask Can I reuse a strings.Builder with Reset to save allocations?
//claim:source https://pkg.go.dev/strings#Builder.Reset
//claim:source https://pkg.go.dev/bytes#Buffer.Reset
func TestStringBuildReset(t *testing.T) {
	words := stringBuildWords(50)
	var builder strings.Builder
	builder.Grow(400)
	first := builder.String()
	builder.Reset()
	assert.Zero(t, builder.Cap())
	assert.Empty(t, first)

	var buffer bytes.Buffer
	buffer.Grow(400)
	buffer.Reset()
	assert.GreaterOrEqual(t, buffer.Cap(), 400)
	kept := make([]byte, 0, 400)
	proof.WantAllocs(t, 1, func() {
		builder.Reset()
		builder.Grow(400)
		for _, word := range words {
			builder.WriteString(word)
		}
		stringBuildSink = builder.String()
	})
	proof.WantAllocs(t, 1, func() {
		buffer.Reset()
		for _, word := range words {
			buffer.WriteString(word)
		}
		stringBuildSink = buffer.String()
	})
	proof.WantAllocs(t, 0, func() {
		buffer.Reset()
		for _, word := range words {
			buffer.WriteString(word)
		}
		_, _ = buffer.WriteTo(io.Discard)
	})
	proof.WantAllocs(t, 0, func() { kept = stringBuildAppend(kept, words) })
}

// With the functions whose names begin with Append: they write at the end of a
// []byte and return it, so a line made of a time, an address, a number, a
// quoted text and a formatted value needs no string for any part. With a kept
// buffer such a line allocates nothing, and the same line made of Format,
// String, Itoa and Quote with + allocates at least three times. There are
// AppendInt, AppendQuote, time's AppendFormat, netip's AppendTo, and since Go
// 1.24 the interface encoding.TextAppender, whose method is AppendText.
//
//claim:ask How do I format a whole line without allocating?
//claim:source https://pkg.go.dev/strconv#AppendInt
//claim:source https://pkg.go.dev/encoding#TextAppender
func TestStringBuildAppenders(t *testing.T) {
	when := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	from := netip.MustParseAddr("192.0.2.17")
	status, path := 404, "/über uns"
	line := func(b []byte) []byte {
		b = when.AppendFormat(b, time.RFC3339)
		b = append(b, ' ')
		b = from.AppendTo(b)
		b = append(b, ' ')
		b = strconv.AppendInt(b, int64(status), 10)
		b = append(b, ' ')
		return strconv.AppendQuote(b, path)
	}
	byStrings := func() string {
		return when.Format(time.RFC3339) + " " + from.String() + " " + strconv.Itoa(status) + " " + strconv.Quote(path)
	}
	assert.Equal(t, `2026-02-03T04:05:06Z 192.0.2.17 404 "/über uns"`, string(line(nil)))
	assert.Equal(t, string(line(nil)), byStrings())
	kept := make([]byte, 0, 128)
	proof.WantAllocs(t, 0, func() { kept = line(kept[:0]) })
	if !proof.RaceEnabled {
		assert.GreaterOrEqual(t, testing.AllocsPerRun(10, func() { stringBuildSink = byStrings() }), 3.0)
	}
}

// With Fprintf into it: WriteString(Sprintf(...)) makes a string, copies it and
// throws it away, one allocation for each call, and Fprintf(&b, ...) formats into a
// buffer of package fmt that is kept and copies from there. Arguments that are no
// pointers may still be allocated to fit into an interface; small integers from 0 to
// 255 are not.
//
//claim:ask What is the right way to put formatted text into a strings.Builder?
//claim:source https://pkg.go.dev/fmt#Fprintf
func TestStringBuildFprintf(t *testing.T) {
	var a, b strings.Builder
	a.WriteString(fmt.Sprintf("%d/%s", 7, "x")) // what is compared
	fmt.Fprintf(&b, "%d/%s", 7, "x")
	assert.Equal(t, a.String(), b.String())

	var buffer bytes.Buffer
	buffer.Grow(1000)
	proof.WantAllocs(t, 1, func() {
		buffer.Reset()
		buffer.WriteString(fmt.Sprintf("%d items are left", 7)) // what is compared
	})
	proof.WantAllocs(t, 0, func() {
		buffer.Reset()
		fmt.Fprintf(&buffer, "%d items are left", 7)
	})
}

// The string keeps the whole array of the Builder, with the part that was never
// filled. A Builder that grew by itself to 33 bytes has room for 64, and one
// that was grown for the worst case may have far more. String does not cut it.
// For strings that live long, in a cache for example, give Grow the exact size,
// or copy with strings.Clone, which costs an allocation of the right size.
//
//claim:ask How much memory does a string from a strings.Builder keep?
//claim:source https://pkg.go.dev/strings#Clone
func TestStringBuildExcess(t *testing.T) {
	const n = 64
	build := func(finish func(string) string) []string {
		texts := make([]string, n)
		for i := range texts {
			var b strings.Builder
			b.Grow(32 << 10)
			b.WriteString("short")
			texts[i] = finish(b.String())
		}
		return texts
	}
	before := proof.LiveHeap()
	whole := build(func(s string) string { return s })
	withBuilder := proof.LiveHeap() - before
	before = proof.LiveHeap()
	cloned := build(strings.Clone)
	withClone := int64(proof.LiveHeap()) - int64(before)
	assert.Equal(t, whole, cloned)
	assert.Greater(t, withBuilder, uint64(n*(24<<10)))
	assert.Less(t, withClone, int64(n*(4<<10)))

	var grown strings.Builder
	for range 33 {
		grown.WriteString("x")
	}
	assert.Equal(t, 64, grown.Cap(), "for 33 bytes")
}

// Fill a buffer from its end. Text that is known from right to left, such as the
// digits of a number, tempts to write s = x + s, which copies the text at each step.
// An array that is large enough, an index that goes down and one conversion at the
// end need one allocation. Package strconv itself does it that way. If the largest
// size is unknown, append in the wrong order and call slices.Reverse at the end.
//
//claim:ask How do I build a string from back to front?
//claim:source internal/strconv/itoa.go
func TestStringBuildBackwards(t *testing.T) {
	for n, want := range map[uint64]string{0: "0", 7: "7", 999: "999", 1000: "1,000", 1234567: "1,234,567", 1<<64 - 1: "18,446,744,073,709,551,615"} {
		assert.Equal(t, want, stringBuildGroups(n))
		assert.Equal(t, want, stringBuildGroupsPrepend(n))
	}
	proof.WantAllocs(t, 1, func() { stringBuildGroups(1<<64 - 1) })
	if !proof.RaceEnabled {
		assert.GreaterOrEqual(t, testing.AllocsPerRun(10, func() { _ = stringBuildGroupsPrepend(1<<64 - 1) }), 20.0)
	}
}
