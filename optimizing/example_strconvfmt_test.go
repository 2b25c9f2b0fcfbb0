package optimizing_test

import (
	"fmt"
	"strconv"
)

// One buffer for all lines: append writes behind what is there, and [:0] starts the
// next line in the same memory.
func Example_strconvfmtLine() {
	line := make([]byte, 0, 64)
	for id, name := range []string{"Ann", "Bob"} {
		line = append(line[:0], "id="...)
		line = strconv.AppendInt(line, int64(id), 10)
		line = append(line, " name="...)
		line = strconv.AppendQuote(line, name)
		fmt.Println(string(line), cap(line))
	}
	// Output:
	// id=0 name="Ann" 64
	// id=1 name="Bob" 64
}
