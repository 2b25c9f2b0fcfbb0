package optimizing

import "strings"

// A loop over bytes that is written by hand looks at one byte in each round. The
// search, count and compare functions of bytes and strings look at 16 or 32 at
// once, because they are written in assembly for the common processors.

// byteloopIndex is the hand loop that bytes.IndexByte replaces.
//
//go:noinline
func byteloopIndex(data []byte, wanted byte) int {
	for i, c := range data {
		if c == wanted {
			return i
		}
	}
	return -1
}

// byteloopUpperRunes counts the ASCII upper-case letters, decoding each character.
//
//go:noinline
func byteloopUpperRunes(text string) (n int) {
	for _, r := range text {
		if 'A' <= r && r <= 'Z' {
			n++
		}
	}
	return n
}

// byteloopUpperBytes gives the same: a byte below 0x80 is never a part of a longer
// character in UTF-8.
//
//go:noinline
func byteloopUpperBytes(text string) (n int) {
	for i := range len(text) {
		if c := text[i]; 'A' <= c && c <= 'Z' {
			n++
		}
	}
	return n
}

const byteloopSpecial = "()<>@,;:\\\"/[]?={} \t"

// byteloopIsSpecial has the place of each byte of byteloopSpecial set.
var byteloopIsSpecial = func() (table [256]bool) {
	for i := range len(byteloopSpecial) {
		table[byteloopSpecial[i]] = true
	}
	return table
}()

//go:noinline
func byteloopSpecialTable(text string) (n int) {
	for i := range len(text) {
		if byteloopIsSpecial[text[i]] {
			n++
		}
	}
	return n
}

//go:noinline
func byteloopSpecialSearch(text string) (n int) {
	for i := range len(text) {
		if strings.IndexByte(byteloopSpecial, text[i]) >= 0 {
			n++
		}
	}
	return n
}

// byteloopThirdSplit returns the third field of a line that is separated by
// commas, or "". The next two give the same.
//
//go:noinline
func byteloopThirdSplit(line string) string {
	if fields := strings.Split(line, ","); len(fields) > 2 {
		return fields[2]
	}
	return ""
}

//go:noinline
func byteloopThirdCut(line string) string {
	for range 2 {
		_, rest, ok := strings.Cut(line, ",")
		if !ok {
			return ""
		}
		line = rest
	}
	field, _, _ := strings.Cut(line, ",")
	return field
}

//go:noinline
func byteloopThirdSeq(line string) string {
	i := 0
	for field := range strings.SplitSeq(line, ",") {
		if i == 2 {
			return field
		}
		i++
	}
	return ""
}

var byteloopEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

//go:noinline
func byteloopEscapeKept(text string) string { return byteloopEscaper.Replace(text) }

//go:noinline
func byteloopEscapeNew(text string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text)
}
