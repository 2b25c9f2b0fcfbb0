package interfaces_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// firstLine asks for one method, so strings, buffers, files and connections do.
func firstLine(r io.Reader) string {
	text, _ := io.ReadAll(r)
	line, _, _ := strings.Cut(string(text), "\n")
	return line
}

func Example_smallIfaceReader() {
	fmt.Println(firstLine(strings.NewReader("from a string\nmore")))
	fmt.Println(firstLine(bytes.NewBufferString("from a buffer\nmore")))
	fmt.Println(firstLine(io.MultiReader(strings.NewReader("from "), strings.NewReader("two\n"))))
	// Output:
	// from a string
	// from a buffer
	// from two
}
