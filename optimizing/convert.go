package optimizing

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A conversion between string and []byte copies, and allocates if the result is
// longer than 32 bytes or leaves the function. The cheapest conversion is none: stay
// with one type, convert once, or use a form in which the compiler leaves it out.

// convertCountEach counts the prefixes of line and converts in each turn.
//
//go:noinline
func convertCountEach(line string, prefixes [][]byte) (count int) {
	for _, prefix := range prefixes {
		if bytes.HasPrefix(convertBytes(line), prefix) {
			count++
		}
	}
	return count
}

// convertCountDirect converts in each turn too, where the compiler sees what is done
// with the bytes.
//
//go:noinline
func convertCountDirect(line string, prefixes [][]byte) (count int) {
	for _, prefix := range prefixes {
		if bytes.HasPrefix([]byte(line), prefix) {
			count++
		}
	}
	return count
}

// convertBytes is a conversion that the compiler cannot see through.
//
//go:noinline
func convertBytes(s string) []byte { return []byte(s) }

// convertCountOnce converts before the loop.
//
//go:noinline
func convertCountOnce(line string, prefixes [][]byte) (count int) {
	converted := convertBytes(line)
	for _, prefix := range prefixes {
		if bytes.HasPrefix(converted, prefix) {
			count++
		}
	}
	return count
}

// convertIncrement counts words in place.
//
//go:noinline
func convertIncrement(counts map[string]int, words [][]byte) {
	for _, word := range words {
		counts[string(word)]++
	}
}

// convertIncrementPointer looks the word up first, and makes a string only for a new
// word.
//
//go:noinline
func convertIncrementPointer(counts map[string]*int, words [][]byte) {
	for _, word := range words {
		count := counts[string(word)]
		if count == nil {
			count = new(int)
			counts[string(word)] = count
		}
		*count++
	}
}

// convertRoute is a key with two parts.
type convertRoute struct{ method, path string }

//go:noinline
func convertLookupDirect(values map[string]int, key []byte) int { return values[string(key)] }

//go:noinline
func convertLookupStruct(values map[convertRoute]int, method, path []byte) int {
	return values[convertRoute{string(method), string(path)}]
}

// convertLookupTwice keeps the converted key in a variable.
//
//go:noinline
func convertLookupTwice(first, second map[string]int, key []byte) int {
	//lint:ignore SA6001 this is what is compared
	name := string(key)
	if value, ok := first[name]; ok {
		return value
	}
	return second[name]
}

//go:noinline
func convertSwitch(method []byte) int {
	switch string(method) {
	case "Content-Type-Of-The-Request-Or-Response":
		return 1
	case "Content-Length-Of-The-Request-Or-Response":
		return 2
	}
	return 0
}

//go:noinline
func convertAtoi(digits []byte) (int, error) { return strconv.Atoi(string(digits)) }

// convertFirstRunes returns the first n runes of s.
//
//go:noinline
func convertFirstRunes(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	return string(runes[:n])
}

// convertFirstRunesRange returns the same, unless s is not valid UTF-8: it keeps
// bytes that are not.
//
//go:noinline
func convertFirstRunesRange(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

//go:noinline
func convertRuneLen(s string) int { return len([]rune(s)) }

//go:noinline
func convertRuneCount(s string) int { return utf8.RuneCountInString(s) }

//go:noinline
func convertFindBytes(s string, b byte) int { return bytes.IndexByte([]byte(s), b) }

//go:noinline
func convertFindString(s string, b byte) int { return strings.IndexByte(s, b) }
