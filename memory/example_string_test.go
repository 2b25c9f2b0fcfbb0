package memory_test

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/go-deep-dive/godeep/memory"
)

// The function len counts bytes, and UTF-8 takes one to four bytes for a rune:
// ASCII one, Cyrillic two, Chinese three, most emoji four.
// utf8.RuneCountInString counts runes. Neither is what a reader calls a
// character: a family emoji is five runes joined by zero-width joiners. The
// length in bytes is stored in the string, the number of runes has to be
// counted each time.
//
//claim:ask What does len return for a string with Cyrillic, Chinese or emoji in it?
//claim:source https://go.dev/ref/spec#Length_and_capacity
//claim:source https://go.dev/blog/strings
func Example_stringLen() {
	for _, s := range []string{"Hello", "Привет", "世界", "🚀", "👨‍👩‍👧"} {
		fmt.Printf("%s: %d bytes, %d runes\n", s, len(s), utf8.RuneCountInString(s))
	}
	// Output:
	// Hello: 5 bytes, 5 runes
	// Привет: 12 bytes, 6 runes
	// 世界: 6 bytes, 2 runes
	// 🚀: 4 bytes, 1 runes
	// 👨‍👩‍👧: 18 bytes, 5 runes
}

// An index gives a byte, a range loop gives runes. s[i] is the i-th byte, of
// type byte, and may be the middle of a character. A range loop decodes one
// rune of type rune in each turn, and its index is the byte offset of that
// rune, so the index jumps. The types byte and rune are other names of uint8
// and int32. A loop over range len(s) with s[i] sees single bytes.
//
//claim:ask What is the difference between s[i] and the values of for i, r := range s?
//claim:source https://go.dev/ref/spec#For_range
func Example_stringRange() {
	s := "aя世🚀"
	for i, r := range s {
		fmt.Printf("at %d: rune %c %T, byte %#x %T\n", i, r, r, s[i], s[i])
	}
	fmt.Printf("%q is %d bytes\n", s, len(s))
	// Output:
	// at 0: rune a int32, byte 0x61 uint8
	// at 1: rune я int32, byte 0xd1 uint8
	// at 3: rune 世 int32, byte 0xe4 uint8
	// at 6: rune 🚀 int32, byte 0xf0 uint8
	// "aя世🚀" is 10 bytes
}

// To take the first n characters, count runes in a range loop and cut at the
// index of the next one: the loop stops only where a rune begins, and nothing
// is copied. A slice expression counts bytes, so s[:n] may cut a rune in two,
// and the rest is no longer valid UTF-8. Converting to []rune also works, and
// copies the whole text into four bytes a rune.
//
//claim:ask How do you take the first n characters of a string?
//claim:source https://go.dev/ref/spec#Slice_expressions
func Example_firstRunes() {
	first := func(s string, n int) string {
		for i := range s {
			if n == 0 {
				return s[:i]
			}
			n--
		}
		return s
	}
	s := "Привет"
	fmt.Printf("s[:3]:          %q\n", s[:3])
	fmt.Printf("first(s, 3):    %q\n", first(s, 3))
	fmt.Printf("first(s, 9):    %q\n", first(s, 9))
	fmt.Printf("via []rune:     %q\n", string([]rune(s)[:3]))
	// Output:
	// s[:3]:          "П\xd1"
	// first(s, 3):    "При"
	// first(s, 9):    "Привет"
	// via []rune:     "При"
}

func ExampleReverseRunes() {
	fmt.Println(memory.ReverseRunes("Привет, 世界 🚀"))
	// Output: 🚀 界世 ,тевирП
}

// strings.TrimRight("123oxo", "xo") returns 123, because its second argument is
// a set of characters and not a suffix: every trailing rune that is in the set
// goes, in any order. strings.TrimSuffix removes the one given text, once.
// TrimLeft and TrimPrefix differ in the same way.
//
//claim:ask What does strings.TrimRight("123oxo", "xo") return?
//claim:source https://pkg.go.dev/strings#TrimRight
func Example_trimSuffix() {
	fmt.Println("TrimRight: ", strings.TrimRight("123oxo", "xo"))
	fmt.Println("TrimSuffix:", strings.TrimSuffix("123oxo", "xo"))
	fmt.Println("TrimLeft:  ", strings.TrimLeft("oxo123", "xo"))
	fmt.Println("TrimPrefix:", strings.TrimPrefix("oxo123", "ox"))
	// Output:
	// TrimRight:  123
	// TrimSuffix: 123o
	// TrimLeft:   123
	// TrimPrefix: o123
}
