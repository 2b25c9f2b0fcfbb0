package optimizing_test

import (
	"fmt"
	"strings"
)

// Counting first costs a pass over the text, and saves every growth.
func Example_preallocCount() {
	line := "4,8,15,16,23,42"
	fields := make([]string, 0, strings.Count(line, ",")+1)
	for field := range strings.SplitSeq(line, ",") {
		fields = append(fields, field)
	}
	fmt.Println(fields, "len", len(fields), "cap", cap(fields))
	// Output: [4 8 15 16 23 42] len 6 cap 6
}
