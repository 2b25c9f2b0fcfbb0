package optimizing

import (
	"encoding/hex"
	"fmt"
	"strconv"
)

// Package fmt reads a format at run time, finds out the type of each argument and
// needs it in an interface. Package strconv knows the type when the program is
// compiled.

//go:noinline
func strconvFmtSprintf(n int) string { return fmt.Sprintf("%d", n) }

//go:noinline
func strconvFmtSprint(n int) string { return fmt.Sprint(n) }

//go:noinline
func strconvFmtItoa(n int) string { return strconv.Itoa(n) }

//go:noinline
func strconvFmtAppend(b []byte, n int) []byte { return strconv.AppendInt(b, int64(n), 10) }

//go:noinline
func strconvFmtAppendf(b []byte, n int) []byte { return fmt.Appendf(b, "%d", n) }

//go:noinline
func strconvFmtSscanf(s string) (n int, err error) {
	_, err = fmt.Sscanf(s, "%d", &n)
	return n, err
}

//go:noinline
func strconvFmtAtoi(s string) (int, error) { return strconv.Atoi(s) }

//go:noinline
func strconvFmtHexf(id [16]byte) string { return fmt.Sprintf("%x", id) }

//go:noinline
func strconvFmtHex(id [16]byte) string { return hex.EncodeToString(id[:]) }

// strconvFmtIsNumber asks by parsing.
//
//go:noinline
func strconvFmtIsNumber(s string) bool {
	_, err := strconv.Atoi(s)
	return err == nil
}

// strconvFmtIsDigits looks at the bytes: a text of one or more digits.
//
//go:noinline
func strconvFmtIsDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
