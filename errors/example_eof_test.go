package errors_test

import (
	"fmt"
	"io"
	"strings"
)

// No byte is the end of the input; some bytes are an end in the middle.
func Example_eofUnexpected() {
	for _, input := range []string{"", "ab", "abcd"} {
		n, err := io.ReadFull(strings.NewReader(input), make([]byte, 4))
		fmt.Printf("%q: %d, %v\n", input, n, err)
	}
	// Output:
	// "": 0, EOF
	// "ab": 2, unexpected EOF
	// "abcd": 4, <nil>
}
