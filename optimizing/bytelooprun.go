package optimizing

import "strings"

// byteLoopRunMap escapes byte by byte.
//
//go:noinline
func byteLoopRunMap(dst []byte, s string) []byte {
	for i := range len(s) {
		switch c := s[i]; c {
		case '<':
			dst = append(dst, "&lt;"...)
		case '>':
			dst = append(dst, "&gt;"...)
		case '&':
			dst = append(dst, "&amp;"...)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

// byteLoopRunEntities is an array of 256, so that an index of type byte needs no check.
var byteLoopRunEntities = [256]string{'<': "&lt;", '>': "&gt;", '&': "&amp;"}

// AppendByteLoopRun appends s to dst with the signs <, > and & written as HTML
// entities, and returns the extended slice. It copies whole runs between these signs.
// It takes time proportional to len(s) and allocates only to extend dst.
func AppendByteLoopRun(dst []byte, s string) []byte {
	start := 0
	for i := range len(s) {
		entity := byteLoopRunEntities[s[i]]
		if entity == "" {
			continue
		}
		dst = append(dst, s[start:i]...)
		dst = append(dst, entity...)
		start = i + 1
	}
	return append(dst, s[start:]...)
}

// ByteLoopRun returns s with <, > and & written as HTML entities. If there is nothing
// to do, which is the usual case, it returns s itself and allocates nothing.
func ByteLoopRun(s string) string {
	// Three searches are cheaper than one for a set: IndexByte is vectorized.
	if strings.IndexByte(s, '<') < 0 && strings.IndexByte(s, '>') < 0 && strings.IndexByte(s, '&') < 0 {
		return s
	}
	return string(AppendByteLoopRun(make([]byte, 0, len(s)+len(s)/8+8), s))
}
