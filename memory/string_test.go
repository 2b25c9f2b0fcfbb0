package memory

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"
	"unicode/utf8"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

var stringSink string

// bodyTypeErrors type-checks body as the statements of a function, after some
// declarations, and returns what the compiler's type checker complains about.
func bodyTypeErrors(t *testing.T, body string, declarations ...string) []string {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "body.go", "package p\n"+strings.Join(declarations, "\n")+"\nfunc f() {\n"+body+"\n}\n", 0)
	require.NoError(t, err)
	var found []string
	config := types.Config{Error: func(err error) { found = append(found, err.(types.Error).Msg) }}
	_, _ = config.Check("p", fset, []*ast.File{file}, nil) // the errors are in found
	return found
}

//go:noinline
func stringByValue(s string) *byte { return unsafe.StringData(s) }

// A string value is two words: a pointer to the bytes and the number of bytes.
// Assigning it or passing it to a function copies these two words and never the
// bytes, so a long string is as cheap to pass as a short one. There is no
// capacity word, because a string cannot grow in place. The zero value is the
// empty string; a string is never nil.
//
//claim:ask What is inside a string value, and what is copied when it is passed to a function?
//claim:source https://go.dev/ref/spec#String_types
//claim:source runtime/string.go
func TestStringHeader(t *testing.T) {
	require.Equal(t, 2*unsafe.Sizeof(uintptr(0)), unsafe.Sizeof(""))
	require.Equal(t, unsafe.Sizeof(""), unsafe.Sizeof(strings.Repeat("long ", 1000)))

	long := strings.Repeat("x", 1<<20)
	assigned := long
	require.Same(t, unsafe.StringData(long), unsafe.StringData(assigned))
	require.Same(t, unsafe.StringData(long), stringByValue(long))

	var zero string
	require.Equal(t, 0, len(zero))
	require.Contains(t, bodyTypeErrors(t, "s := \"\"; _ = s == nil")[0], "mismatched types string and untyped nil")

	proof.WantAllocs(t, 0, func() { stringByValue(long) })
}

// The bytes of a string cannot be assigned, and their address cannot be taken:
// both are compile errors. What can change is the variable, which then refers
// to other bytes, while everybody who holds the old string still sees the old
// text. That is why strings are shared without a copy, are safe to read from
// many goroutines, and can be map keys. To edit a text, work on a []byte or a
// []rune. Package unsafe can break the rule, at your risk.
//
//claim:ask Why can I not write s[0] = 'x', and what does it mean that strings are immutable?
//claim:source https://go.dev/ref/spec#String_types
func TestStringImmutable(t *testing.T) {
	for body, want := range map[string]string{
		`s := "go"; s[0] = 'x'`: "cannot assign to s[0]",
		`s := "go"; s[0]++`:     "cannot assign to s[0]",
		`s := "go"; _ = &s[0]`:  "cannot take address of s[0]",
	} {
		found := bodyTypeErrors(t, body)
		require.Len(t, found, 1, body)
		require.Contains(t, found[0], want)
	}
	require.Empty(t, bodyTypeErrors(t, `s := "go"; s = "no"; b := []byte(s); b[0] = 'x'; _ = string(b)`))

	s := "go"
	held := s
	b := []byte(s)
	b[0] = 'n'
	s = string(b)
	require.Equal(t, "no", s)
	require.Equal(t, "go", held)
}

// A string may hold any bytes: nothing checks that it is valid UTF-8. A range
// loop gives U+FFFD with a width of one for each byte that is not part of a
// valid sequence, and goes on with the next byte; a sequence that is cut short
// gives one for each of its bytes. The string itself keeps the bytes, but a
// conversion to []rune and back replaces each of them by the three bytes of
// U+FFFD. A range value of U+FFFD alone proves nothing, because the text may
// contain this rune: then its width is three.
//
//claim:ask What happens if a string is not valid UTF-8?
//claim:source https://go.dev/ref/spec#For_range
func TestStringInvalidUTF8(t *testing.T) {
	s := "a\xffb"
	var got []rune
	var at []int
	for i, r := range s {
		at, got = append(at, i), append(got, r)
	}
	require.Equal(t, []int{0, 1, 2}, at)
	require.Equal(t, []rune{'a', utf8.RuneError, 'b'}, got)

	require.Equal(t, []rune{utf8.RuneError, utf8.RuneError}, []rune("世"[:2]), "a sequence cut short")

	require.Len(t, s, 3)
	require.Equal(t, byte(0xff), s[1])
	require.False(t, utf8.ValidString(s))
	require.Equal(t, s, string([]byte(s)))
	require.Equal(t, "a\uFFFDb", string([]rune(s)))
	require.Len(t, string([]rune(s)), 5)
	require.Equal(t, "a?b", strings.ToValidUTF8(s, "?"))

	r, width := utf8.DecodeRuneInString("\xff")
	require.Equal(t, []int{utf8.RuneError, 1}, []int{int(r), width})
	r, width = utf8.DecodeRuneInString("\uFFFD")
	require.Equal(t, []int{utf8.RuneError, 3}, []int{int(r), width})
}

// Reverse the runes, not the bytes: a byte-wise reversal of any text beyond
// ASCII is not even valid UTF-8. Reversing []rune(s) is right for Cyrillic,
// Chinese and single emoji. It is still wrong where several runes make one
// character: a combining accent moves to another letter, and a flag becomes the
// flag of another country. Those need grapheme segmentation, which the standard
// library does not have.
//
//claim:ask How do you reverse a string with Cyrillic, Chinese or emoji in it?
//claim:source https://go.dev/blog/strings
func TestReverseRunes(t *testing.T) {
	byBytes := func(s string) string {
		out := make([]byte, len(s))
		for i := range len(s) {
			out[len(s)-1-i] = s[i]
		}
		return string(out)
	}
	require.Equal(t, "olleh", byBytes("hello"))
	for s, want := range map[string]string{
		"hello":  "olleh",
		"Привет": "тевирП",
		"世界":     "界世",
		"go🚀":    "🚀og",
		"":       "",
	} {
		require.Equal(t, want, ReverseRunes(s))
		require.Equal(t, s, ReverseRunes(ReverseRunes(s)))
	}
	for _, s := range []string{"Привет", "世界", "go🚀"} {
		require.False(t, utf8.ValidString(byBytes(s)), s)
	}

	require.Equal(t, "\u0301ea", ReverseRunes("ae\u0301"), "the accent has left its e")
	require.Equal(t, "🇧🇬", ReverseRunes("🇬🇧"), "United Kingdom has become Bulgaria")
	require.Equal(t, "\uFFFDa", ReverseRunes("a\xff"))
}

// A slice expression on a string makes a new header and no new bytes: it takes
// constant time, allocates nothing, and points into the same memory. The
// indexes count bytes, so a cut may fall inside a rune. This also holds for
// what strings.Cut, strings.TrimSpace and strings.Split return: parts of the
// argument, not copies.
//
//claim:ask Does a substring copy the text?
//claim:source https://go.dev/ref/spec#Slice_expressions
func TestSubstringShares(t *testing.T) {
	text := strings.Repeat("key=value;", 100)
	sub := text[10:19]
	require.Same(t, unsafe.StringData(text[10:]), unsafe.StringData(sub))
	require.Equal(t,
		uintptr(10),
		uintptr(unsafe.Pointer(unsafe.StringData(sub)))-uintptr(unsafe.Pointer(unsafe.StringData(text))))

	key, value, _ := strings.Cut(sub, "=")
	require.Same(t, unsafe.StringData(sub), unsafe.StringData(key))
	require.Same(t, unsafe.StringData(sub[4:]), unsafe.StringData(value))
	require.Same(t, unsafe.StringData(text), unsafe.StringData(strings.Split(text, ";")[0]))
	require.Same(t, unsafe.StringData(text), unsafe.StringData(strings.TrimSpace(text)))
	require.False(t, utf8.ValidString("é"[:1]))

	proof.WantAllocs(t, 0, func() { stringSink = text[10:900] })
}

// A substring keeps the whole text alive, because the collector frees objects
// and not parts of them. A nine-byte key cut out of a one-megabyte document
// costs one megabyte for as long as the key lives. strings.Clone makes a copy
// of just the key, at the price of one allocation, and lets the document go;
// the older idiom string([]byte(s)) copies as well, adding an empty string does
// not. Clone what you keep for long and is small against its source.
//
//claim:ask How can a short substring hold a large text in memory, and what is the cure?
//claim:source https://pkg.go.dev/strings#Clone
func TestSubstringRetains(t *testing.T) {
	const size = 1 << 20
	base := proof.LiveHeap()

	stringSink = strings.Repeat("key=value;", size/10)[10:19]
	kept := int64(proof.LiveHeap()) - int64(base)
	require.Greater(t, kept, int64(size*9/10), "nine bytes hold the whole text")

	stringSink = strings.Clone(stringSink)
	require.Equal(t, "key=value", stringSink)
	kept = int64(proof.LiveHeap()) - int64(base)
	require.Less(t, kept, int64(size/10), "the clone does not")

	idiom := string([]byte(stringSink))
	require.NotSame(t, unsafe.StringData(stringSink), unsafe.StringData(idiom))
	require.Same(t, unsafe.StringData(stringSink), unsafe.StringData(stringSink+idiom[:0]))
	stringSink = ""

	text := strings.Repeat("x", 100)
	proof.WantAllocs(t, 1, func() { stringSink = strings.Clone(text) })
}

// Strings are ordered byte by byte, which for valid UTF-8 is the order of the
// code points, and not the order of any dictionary: every capital ASCII letter
// comes before every small one, and accented letters come after z. Equal means
// equal bytes: a letter stored as one rune and the same letter stored with a
// combining accent look alike and are different. strings.EqualFold ignores case
// rune by rune; it does not know that a German sharp s is written SS in
// capitals. Sorting and normalising for people is the business of
// golang.org/x/text.
//
//claim:ask In which order does < put strings, and why can two strings that look equal differ?
//claim:source https://go.dev/ref/spec#Comparison_operators
func TestStringOrder(t *testing.T) {
	require.Less(t, "Zebra", "apple")
	require.Less(t, "z", "é")
	require.Less(t, "a", "ab")

	composed, combined := "\u00e9", "e\u0301"
	require.NotEqual(t, composed, combined)
	require.Equal(t, []int{2, 3}, []int{len(composed), len(combined)})
	require.False(t, strings.EqualFold(composed, combined))

	require.True(t, strings.EqualFold("ПРИВЕТ", "привет"))
	require.False(t, strings.EqualFold("STRASSE", "straße"))

	words := []string{"a", "я", "世", "🚀", "Z", "\u07ff", "\uffff"}
	for _, x := range words {
		for _, y := range words {
			rx, ry := []rune(x)[0], []rune(y)[0]
			require.Equal(t, rx < ry, x < y, "%q and %q", x, y)
		}
	}
}

// stringPairs returns n pairs of equal strings of the given size: pairs that
// share their bytes, pairs that do not, and pairs that differ in length.
func stringPairs(n, size int) (same, separate, shorter [][2]string) {
	for i := range n {
		s := strings.Repeat("x", size-1) + string(rune('a'+i))
		same = append(same, [2]string{s, s})
		separate = append(separate, [2]string{s, strings.Clone(s)})
		shorter = append(shorter, [2]string{s, strings.Clone(s[:size-1])})
	}
	return same, separate, shorter
}

//go:noinline
func countEqualStrings(pairs [][2]string) (n int) {
	for _, p := range pairs {
		if p[0] == p[1] {
			n++
		}
	}
	return n
}

func TestStringCompareCost(t *testing.T) {
	same, separate, shorter := stringPairs(4, 100)
	require.Equal(t, 4, countEqualStrings(same))
	require.Equal(t, 4, countEqualStrings(separate))
	require.Equal(t, 0, countEqualStrings(shorter))
}

// The operator == on strings looks at the lengths first, then at the pointers,
// and reads bytes only if the lengths are equal and the pointers differ. So two
// strings of different length, or two headers of the same bytes, are compared
// in constant time. The expensive case is the one that is true: equal text in
// two places is read to the end. That is what interning saves.
//
//claim:ask What does comparing two long strings cost?
//claim:expect ns/op of=separate > 10x of=same
//claim:expect ns/op of=separate > 10x of=shorter
//claim:expect allocs/op of=separate == 0
//claim:source internal/bytealg/equal_amd64.s
func BenchmarkStringCompareCost(b *testing.B) {
	same, separate, shorter := stringPairs(16, 4096)
	for _, bench := range []struct {
		name  string
		pairs [][2]string
	}{{"of=same", same}, {"of=separate", separate}, {"of=shorter", shorter}} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				countEqualStrings(bench.pairs)
			}
		})
	}
}

func concatParts(n int) []string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = fmt.Sprintf("%08d", i)
	}
	return parts
}

func TestConcatLoop(t *testing.T) {
	parts := concatParts(100)
	want := strings.Join(parts, "")
	require.Equal(t, want, concatLoop(parts))
	require.Equal(t, want, concatBuilder(parts))
	require.Equal(t, want, concatGrown(parts))
}

// Each += makes a new string and copies all that is there, so the bytes
// allocated grow with the square of the number of parts: twice the parts, four
// times the bytes. A strings.Builder appends to a buffer that grows in
// proportion to its size, so its bytes grow in proportion to the text, and
// after Grow with the final size there is exactly one allocation. The first +=
// onto an empty string is free, because the result is the operand itself. For a
// fixed, small number of operands the plain + is the right tool: the builder
// pays in loops.
//
//claim:ask Why is += on a string in a loop slow, and by how much does strings.Builder help?
//claim:expect B/op of=concat grows n^2
//claim:expect B/op of=builder grows n^1
//claim:expect allocs/op of=concat,n=1024 >= 1023
//claim:expect allocs/op of=concat,n=1024 < 1100
//claim:expect allocs/op of=builder,n=1024 < 30
//claim:expect allocs/op of=grown,n=1024 == 1
//claim:expect ns/op of=concat,n=1024 > 20x of=builder,n=1024
//claim:expect ns/op of=concat,n=1024 > 40x of=grown,n=1024
//claim:profile alloc_space of=concat,n=1024 memory\.concatLoop >= 90%
//claim:source runtime/string.go
//claim:source https://pkg.go.dev/strings#Builder
func BenchmarkConcatLoop(b *testing.B) {
	for _, bench := range []struct {
		of string
		n  int
		f  func([]string) string
	}{
		{"concat", 64, concatLoop},
		{"concat", 256, concatLoop},
		{"concat", 1024, concatLoop},
		{"builder", 1024, concatBuilder},
		{"builder", 4096, concatBuilder},
		{"builder", 16384, concatBuilder},
		{"grown", 1024, concatGrown},
	} {
		b.Run(fmt.Sprintf("of=%s/n=%d", bench.of, bench.n), func(b *testing.B) {
			parts := concatParts(bench.n)
			b.ReportAllocs()
			for b.Loop() {
				bench.f(parts)
			}
		})
	}
}

// One expression with many + is one allocation: the compiler hands all operands
// to the runtime, which adds up the lengths, allocates once and copies each
// operand once. The same text built in separate statements costs one allocation
// for each statement, because every intermediate string is a value of its own.
// strings.Join also allocates once. fmt.Sprintf makes one allocation for the
// result and one for each string variable among its operands, because the
// operands become interface values. If all operands but one are empty, nothing
// is copied and the result shares the bytes of that one.
//
//claim:ask How many allocations does a + b + c + d make?
//claim:source runtime/string.go
func TestConcatOperands(t *testing.T) {
	a := strings.Repeat("a", 40)
	var empty string
	require.Same(t, unsafe.StringData(a), unsafe.StringData(empty+a+empty))
	require.Same(t, unsafe.StringData(a), unsafe.StringData(strings.Join([]string{a}, ", ")))

	for _, test := range []struct {
		name string
		want float64
		f    func()
	}{
		{"two", 1, func() { stringSink = a + a }},
		{"eight", 1, func() { stringSink = a + a + a + a + a + a + a + a }},
		{"statements", 3, func() { s := a; s += a; s += a; s += a; stringSink = s }},
		{"join", 1, func() { stringSink = strings.Join([]string{a, a, a, a}, ", ") }},
		{"sprintf", 5, func() { stringSink = fmt.Sprintf("%s%s%s%s", a, a, a, a) }},
		{"sprintf of constants", 1, func() { stringSink = fmt.Sprintf("%s%s", "constant", "operands") }},
		{"empty", 0, func() { stringSink = empty + a + empty }},
		{"constants", 0, func() { stringSink = "one" + "two" }},
	} {
		t.Run(test.name, func(t *testing.T) { proof.WantAllocs(t, test.want, test.f) })
	}
}

//go:noinline
func lastBytes(s, u string) int { return int(s[len(s)-1] ^ u[len(u)-1]) }

// A concatenation whose result does not leave the function is built in a buffer
// of 32 bytes in the stack frame if it fits: no allocation. With 33 bytes it
// goes to the heap. A result that escapes, because it is stored or returned, is
// allocated whatever its length. The length counts at run time, so the same
// line may allocate for one input and not for another.
//
//claim:ask Does concatenating two short strings always allocate?
//claim:source runtime/string.go
func TestConcatSmall(t *testing.T) {
	text := strings.Repeat("x", 64)
	for _, test := range []struct {
		name string
		want float64
		f    func()
	}{
		{"32 bytes, local", 0, func() { convertIntSink = lastBytes(text[:16]+text[:16], text) }},
		{"33 bytes, local", 1, func() { convertIntSink = lastBytes(text[:16]+text[:17], text) }},
		{"32 bytes, stored", 1, func() { stringSink = text[:16] + text[:16] }},
	} {
		t.Run(test.name, func(t *testing.T) { proof.WantAllocs(t, test.want, test.f) })
	}
}

// A strings.Builder that has been written to must not be copied: a write to the
// copy panics. The builder remembers its own address at the first write and
// compares it at each later one, because two builders with one buffer would
// overwrite bytes that a string may already share. Copying the zero value is
// fine, and so is reading from a copy. The usual ways to copy one by accident
// are a value parameter, a value receiver, and copying a struct that holds it;
// use a pointer.
//
//claim:ask What happens if a strings.Builder is copied?
//claim:source https://pkg.go.dev/strings#Builder
func TestBuilderCopied(t *testing.T) {
	var original strings.Builder
	fresh := original
	fresh.WriteString("zero value copied: fine")

	original.WriteString("go")
	copied := original
	require.Equal(t, "go", copied.String())
	require.Equal(t, 2, copied.Len())
	require.PanicsWithValue(t, "strings: illegal use of non-zero Builder copied by value", func() {
		copied.WriteString("pher")
	})
	original.WriteString("pher")
	require.Equal(t, "gopher", original.String())
}

// Builder.String hands out the buffer itself as a string, without a copy, which
// is safe because a builder only appends. bytes.Buffer.String must copy,
// because the buffer can be read, truncated and reused under the string. The
// price is paid at Reset: a builder gives its buffer away and starts from
// nothing, a bytes.Buffer keeps its memory. So take a builder to make one
// string, and a reused buffer to make bytes that are written out.
//
//claim:ask What is the difference between strings.Builder and bytes.Buffer when building a string?
//claim:source strings/builder.go
//claim:source bytes/buffer.go
func TestBuilderString(t *testing.T) {
	var builder strings.Builder
	builder.Grow(100)
	builder.WriteString("go")
	first, second := builder.String(), builder.String()
	require.Same(t, unsafe.StringData(first), unsafe.StringData(second))
	builder.WriteString("pher")
	require.Same(t, unsafe.StringData(first), unsafe.StringData(builder.String()))
	require.Equal(t, "go", first)

	var buffer bytes.Buffer
	buffer.WriteString("go")
	first, second = buffer.String(), buffer.String()
	require.NotSame(t, unsafe.StringData(first), unsafe.StringData(second))

	builder.Reset()
	require.Equal(t, 0, builder.Cap())
	held := buffer.Cap()
	buffer.Reset()
	require.Equal(t, held, buffer.Cap())
	require.Positive(t, held)

	text := strings.Repeat("x", 100)
	t.Run("builder", func(t *testing.T) {
		proof.WantAllocs(t, 1, func() { builder.Reset(); builder.WriteString(text); stringSink = builder.String() })
	})
	t.Run("buffer", func(t *testing.T) {
		buffer.Grow(100)
		proof.WantAllocs(t, 1, func() { buffer.Reset(); buffer.WriteString(text); stringSink = buffer.String() })
	})
	t.Run("new buffer", func(t *testing.T) {
		proof.WantAllocs(t, 2, func() { var b bytes.Buffer; b.WriteString(text); stringSink = b.String() })
	})
}
