package optimizing

import (
	"bytes"
	"fmt"
	"strings"
)

// A string cannot change, so each + makes a new one that holds both operands. The
// other ways collect the bytes in one place first; they differ in how often that
// place is too small and whether its bytes are copied once more at the end.

//go:noinline
func stringBuildPlus(words []string) (text string) {
	for _, word := range words {
		text += word
	}
	return text
}

//go:noinline
func stringBuildSprintf(words []string) (text string) {
	for _, word := range words {
		text = fmt.Sprintf("%s%s", text, word)
	}
	return text
}

//go:noinline
func stringBuildJoin(words []string) string { return strings.Join(words, "") }

//go:noinline
func stringBuildBuilder(words []string) string {
	var text strings.Builder
	for _, word := range words {
		text.WriteString(word)
	}
	return text.String()
}

//go:noinline
func stringBuildGrown(words []string) string {
	size := 0
	for _, word := range words {
		size += len(word)
	}
	var text strings.Builder
	text.Grow(size)
	for _, word := range words {
		text.WriteString(word)
	}
	return text.String()
}

//go:noinline
func stringBuildBuffer(words []string) string {
	var text bytes.Buffer
	for _, word := range words {
		text.WriteString(word)
	}
	return text.String()
}

// stringBuildAppend returns the text in the memory of buffer if that is large
// enough.
//
//go:noinline
func stringBuildAppend(buffer []byte, words []string) []byte {
	buffer = buffer[:0]
	for _, word := range words {
		buffer = append(buffer, word...)
	}
	return buffer
}

// The next four give the same for a host and a path.

//go:noinline
func stringBuildURLPlus(host, path string) string { return "https://" + host + "/" + path }

//go:noinline
func stringBuildURLSteps(host, path string) string {
	url := "https://"
	url += host
	url += "/"
	url += path
	return url
}

//go:noinline
func stringBuildURLBuilder(host, path string) string {
	var url strings.Builder
	url.WriteString("https://")
	url.WriteString(host)
	url.WriteString("/")
	url.WriteString(path)
	return url.String()
}

//go:noinline
func stringBuildURLSprintf(host, path string) string {
	return fmt.Sprintf("https://%s/%s", host, path)
}

// stringBuildGroups returns the decimal groups of n, as in 1,234,567. It fills a
// buffer from its end, because the last digit is known first.
//
//go:noinline
func stringBuildGroups(n uint64) string {
	var digits [26]byte
	at := len(digits)
	for count := 0; ; count++ {
		if count > 0 && count%3 == 0 {
			at--
			digits[at] = ','
		}
		at--
		digits[at] = byte('0' + n%10)
		if n /= 10; n == 0 {
			return string(digits[at:])
		}
	}
}

// stringBuildGroupsPrepend returns the same.
//
//go:noinline
func stringBuildGroupsPrepend(n uint64) (text string) {
	for count := 0; ; count++ {
		if count > 0 && count%3 == 0 {
			text = "," + text
		}
		text = string(rune('0'+n%10)) + text
		if n /= 10; n == 0 {
			return text
		}
	}
}
