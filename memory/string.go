package memory

import (
	"slices"
	"strings"
)

// A string is a pointer and a length, and its bytes never change. So every
// operation that makes a different text makes new bytes. The functions below
// differ only in how often they do that.

// concatLoop joins the parts with +=. Each turn makes a new string and copies
// everything that was joined so far.
func concatLoop(parts []string) string {
	text := ""
	for _, part := range parts {
		text += part
	}
	return text
}

// concatBuilder joins the parts in a buffer that grows by a part of its size
// when it is full.
func concatBuilder(parts []string) string {
	var b strings.Builder //claim:stack
	for _, part := range parts {
		b.WriteString(part)
	}
	return b.String()
}

// concatGrown joins the parts in a buffer that has the final size at once.
func concatGrown(parts []string) string {
	size := 0
	for _, part := range parts {
		size += len(part)
	}
	var b strings.Builder //claim:stack
	b.Grow(size)
	for _, part := range parts {
		b.WriteString(part)
	}
	return b.String()
}

// ReverseRunes returns s with its runes in reverse order. It is right for every
// text in which one rune is one character. A character of several runes (a
// letter with a combining mark, a flag, a family emoji) comes out broken, and
// each invalid byte becomes U+FFFD. It takes time and memory in proportion to
// len(s).
func ReverseRunes(s string) string {
	runes := []rune(s)
	slices.Reverse(runes)
	return string(runes)
}
