package errors_test

import (
	"fmt"
	"strconv"
	"strings"
)

// The value beside an ignored error is not always zero.
func Example_ignoreAtoi() {
	word, _ := strconv.Atoi("seven")
	large, _ := strconv.ParseInt(strings.Repeat("9", 1000), 10, 16)
	fmt.Println("no number:   ", word)
	fmt.Println("out of range:", large)
	// Output:
	// no number:    0
	// out of range: 32767
}

// A strings.Builder promises never to fail, so its error may be ignored.
func Example_ignoreBuilder() {
	var b strings.Builder
	for i := range 3 {
		_, _ = fmt.Fprintf(&b, "%d ", i) // a Builder does not fail
	}
	fmt.Println(b.String())
	// Output: 0 1 2
}
