package optimizing

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// convertLong is longer than the 32 bytes that a conversion may take from the stack.
const convertLong = "a text of more than thirty-two bytes, which has to be allocated if it is copied"

// Convert once, before the loop. A conversion copies all the bytes, so one inside a
// loop of 100 turns over a line of 1 KiB allocates 100 times and copies 100 KiB, and
// one before it allocates once. Look for the pair that hides it: a helper that takes
// a string, converts it and is not inlined, called in a loop with the same argument.
// If the conversion stands directly in a call that the compiler sees only reading the
// bytes, as in bytes.HasPrefix([]byte(line), prefix), it copies nothing since Go 1.22.
//
//claim:ask I convert a string to []byte inside a loop. What does that cost?
//claim:source https://go.dev/ref/spec#Conversions_to_and_from_a_string_type
func TestConvertOnce(t *testing.T) {
	line, prefixes := convertPrefixes(100)
	assert.Equal(t, 50, convertCountEach(line, prefixes))
	assert.Equal(t, 50, convertCountOnce(line, prefixes))
	proof.WantAllocs(t, 100, func() { convertCountEach(line, prefixes) })
	proof.WantAllocs(t, 1, func() { convertCountOnce(line, prefixes) })
	proof.WantAllocs(t, 0, func() { convertCountDirect(line, prefixes) })
	assert.Equal(t, 50, convertCountDirect(line, prefixes))
	if !proof.RaceEnabled {
		assert.GreaterOrEqual(t, proof.AllocatedBytes(func() { convertCountEach(line, prefixes) }), uint64(100<<10))
	}
}

func convertPrefixes(n int) (line string, prefixes [][]byte) {
	for i := range n {
		prefixes = append(prefixes, []byte{"xy"[i%2]})
	}
	return strings.Repeat("x", 1024), prefixes
}

// Yes, every time, also for a word that is in the map already. Reading m[string(b)]
// is free, because a lookup does not keep the key, but m[string(b)]++ is an
// assignment, and the key might have to be stored, so the string is made first. With
// pointers as values the counter is read by a free lookup and changed through the
// pointer, and only a new word costs a string: more than 1.5 times as fast for words
// of 80 bytes. For words of up to 32 bytes it allocates as well.
//
//claim:ask Does m[string(b)]++ allocate?
//claim:expect ns/op of=increment > 1.5x of=pointer
//claim:expect allocs/op of=increment == 100
//claim:expect allocs/op of=pointer == 0
//claim:source cmd/compile/internal/walk/order.go
func BenchmarkConvertIncrement(b *testing.B) {
	words := convertWords(100)
	counts, pointers := make(map[string]int), make(map[string]*int)
	convertIncrementPointer(pointers, words)
	layoutRun(b, "of=increment", func() { convertIncrement(counts, words) })
	layoutRun(b, "of=pointer", func() { convertIncrementPointer(pointers, words) })
}

func convertWords(n int) (words [][]byte) {
	for i := range n {
		words = append(words, []byte(convertLong+"abcde"[i%5:]))
	}
	return words
}

func TestConvertIncrement(t *testing.T) {
	words := convertWords(100)
	counts, pointers := make(map[string]int), make(map[string]*int)
	convertIncrement(counts, words)
	convertIncrementPointer(pointers, words)
	assert.Len(t, pointers, 5)
	for word, count := range counts {
		assert.Equal(t, 20, count)
		assert.Equal(t, count, *pointers[word])
	}
	short := [][]byte{[]byte("ab")}
	convertIncrement(counts, short)
	proof.WantAllocs(t, 1, func() { convertIncrement(counts, short) })
}

// Often yes: the compiler drops the conversion where it stands directly in the
// index, also inside a struct literal that is the key, and in a switch over
// string(b). Put into a variable first, the same conversion copies: 32 bytes or less
// go to the stack, more are allocated. So write the conversion where it is used, even
// if it then stands there twice. The elision is no promise of the language; assert it
// with testing.AllocsPerRun where it matters.
//
//claim:ask Is k := string(b); m[k] as good as m[string(b)]?
//claim:source cmd/compile/internal/walk/order.go
func TestConvertDirectly(t *testing.T) {
	key := []byte(convertLong)
	values := map[string]int{convertLong: 7}
	routes := map[convertRoute]int{{convertLong, convertLong}: 8}
	assert.Equal(t, 7, convertLookupDirect(values, key))
	assert.Equal(t, 7, convertLookupTwice(nil, values, key))
	assert.Equal(t, 8, convertLookupStruct(routes, key, key))
	assert.Equal(t, 2, convertSwitch([]byte("Content-Length-Of-The-Request-Or-Response")))
	proof.WantAllocs(t, 0, func() { convertLookupDirect(values, key) })
	proof.WantAllocs(t, 0, func() { convertLookupStruct(routes, key, key) })
	proof.WantAllocs(t, 0, func() { convertSwitch(key) })
	proof.WantAllocs(t, 1, func() { convertLookupTwice(values, values, key) })
	short := key[:32]
	proof.WantAllocs(t, 0, func() { convertLookupTwice(values, values, short) })
}

// No. string(digits) does not leave the call, so up to 32 bytes, more than an int
// has digits, are copied to the stack. You may read that unsafe.String is needed
// here; in old releases it was, when the error value kept the argument and so moved
// every argument to the heap. Now the error holds a copy of the text, and only a call
// that fails allocates. ParseFloat and the others work the same way.
//
//claim:ask Does strconv.Atoi(string(b)) allocate?
//claim:source https://go.dev/issue/2632
//claim:source strconv/number.go
func TestConvertAtoi(t *testing.T) {
	digits, wrong := []byte("-1234567890"), []byte("12x")
	n, err := convertAtoi(digits)
	assert.NoError(t, err)
	assert.Equal(t, -1234567890, n)
	_, err = convertAtoi(wrong)
	assert.ErrorContains(t, err, `parsing "12x"`)
	wrong[0] = '?'
	assert.ErrorContains(t, err, `parsing "12x"`, "the error has a copy")
	proof.WantAllocs(t, 0, func() { _, _ = convertAtoi(digits) })
	proof.WantAllocs(t, 0, func() { _, _ = strconv.ParseFloat(string(digits), 64) })
	if !proof.RaceEnabled {
		assert.Positive(t, testing.AllocsPerRun(10, func() { _, _ = convertAtoi(wrong) }))
	}
}

// The other package: bytes and strings have nearly the same functions, so no
// conversion is needed to search, split or trim. bytes.IndexByte([]byte(s), c) copies
// the whole text to find one byte, and strings.IndexByte(s, c) allocates nothing. One
// type should go through a whole path, from the read to the write; the conversion
// then stands at its end, for the few parts that are kept.
//
//claim:ask I have a string, and the function I need takes a []byte. What now?
//claim:source https://pkg.go.dev/bytes
func TestConvertTwin(t *testing.T) {
	assert.Equal(t, 36, convertFindString(convertLong, ','))
	assert.Equal(t, strings.IndexByte(convertLong, ','), convertFindBytes(convertLong, ','))
	proof.WantAllocs(t, 1, func() { convertFindBytes(convertLong, ',') })
	proof.WantAllocs(t, 0, func() { convertFindString(convertLong, ',') })

	input := []byte(strings.Repeat("key=value ", 50))
	fields := func() (n int) {
		for field := range bytes.FieldsSeq(input) {
			if key, _, ok := bytes.Cut(field, []byte("=")); ok {
				n += len(key)
			}
		}
		return n
	}
	assert.Equal(t, 150, fields())
	proof.WantAllocs(t, 0, func() { fields() })
}

// With io.WriteString. It calls the method WriteString if the writer has one, as
// bufio.Writer, bytes.Buffer, strings.Builder and os.File do, and the bytes are not
// copied to the heap first. w.Write([]byte(s)) on an interface always allocates for a
// text of more than 32 bytes, because the compiler cannot know what Write does with
// the slice. For a writer without that method io.WriteString converts and is no
// better. A wrapper around a writer should therefore have WriteString too.
//
//claim:ask How do I write a string to an io.Writer without copying it?
//claim:source https://pkg.go.dev/io#WriteString
func TestConvertWriteString(t *testing.T) {
	var buffered io.Writer = bufio.NewWriterSize(io.Discard, 4096)
	var plain io.Writer = struct{ io.Writer }{buffered}
	for _, w := range []io.Writer{buffered, new(bytes.Buffer), new(strings.Builder), new(os.File)} {
		assert.Implements(t, (*io.StringWriter)(nil), w)
	}
	text := strings.Repeat("x", 100)
	proof.WantAllocs(t, 0, func() { _, _ = io.WriteString(buffered, text) })
	proof.WantAllocs(t, 1, func() { _, _ = buffered.Write([]byte(text)) })
	proof.WantAllocs(t, 1, func() { _, _ = io.WriteString(plain, text) })
}

// No. []rune(s) takes four bytes for each rune of the whole text, even if only the
// first ten are wanted. range over the string gives the index of each rune, and
// s[:i] shares the memory: no allocation, and it ends after ten runes, so for a long
// text it takes more than 5 times less. To count, len([]rune(s)) is no mistake: the
// compiler turns it into a count without a slice. A conversion to runes changes bytes
// that are not UTF-8 to U+FFFD, and slicing keeps them.
//
//claim:ask Do I need []rune(s) to cut a string after ten characters?
//claim:expect ns/op of=runes > 5x of=range
//claim:expect allocs/op of=range == 0
//claim:expect allocs/op of=runes >= 1
//claim:source https://go.dev/ref/spec#For_range
func BenchmarkConvertRunes(b *testing.B) {
	text := strings.Repeat("größe ", 100)
	layoutRun(b, "of=runes", func() { _ = convertFirstRunes(text, 10) })
	layoutRun(b, "of=range", func() { _ = convertFirstRunesRange(text, 10) })
}

func TestConvertRunes(t *testing.T) {
	text := strings.Repeat("größe ", 100)
	for _, s := range []string{"", "ä", "größe", "0123456789", "0123456789ß", text} {
		assert.Equal(t, convertFirstRunes(s, 10), convertFirstRunesRange(s, 10))
		assert.Equal(t, utf8.RuneCountInString(s), convertRuneLen(s))
	}
	assert.Equal(t, convertRuneCount(text), convertRuneLen(text))
	proof.WantAllocs(t, 0, func() { _ = convertRuneLen(text) })
	assert.Equal(t, "\uFFFDb", convertFirstRunes("\xffbc", 2))
	assert.Equal(t, "\xffb", convertFirstRunesRange("\xffbc", 2))
}
