package interfaces

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// devirtReport returns, by the numbers of the lines with calls in
// testdata/devirt/report, the mark in the source and what the compiler decided.
func devirtReport(t *testing.T) (marks, decided map[int]string, text []string) {
	t.Helper()
	const file = "testdata/devirt/report/report.go"
	source, err := os.ReadFile(file)
	require.NoError(t, err)
	out, err := proof.Go(t, "build", "-gcflags=-m", "./testdata/devirt/report")
	require.NoError(t, err, "%s", out)
	out = strings.ReplaceAll(out, `\`, "/")
	text = strings.Split(string(source), "\n")
	marks, decided = make(map[int]string), make(map[int]string)
	for i, line := range text {
		_, mark, ok := strings.Cut(line, " // ")
		if !ok {
			continue
		}
		marks[i+1] = strings.TrimSpace(mark)
		decided[i+1] = "dynamic"
		for message := range strings.Lines(out) {
			message = strings.TrimSpace(message)
			if !strings.Contains(message, fmt.Sprintf("%s:%d:", file, i+1)) {
				continue
			}
			switch {
			case strings.Contains(message, "devirtualizing "):
				decided[i+1] = "direct"
			case strings.HasSuffix(message, "inlining call to (*square).area") && decided[i+1] != "direct":
				decided[i+1] = "concrete"
			}
		}
	}
	return marks, decided, text
}

// The compiler replaces the call, which -gcflags=-m prints as "devirtualizing", if the
// interface value is a local variable to which only values of one concrete type are
// assigned, also if a closure that is inlined uses it or if it was asserted to another
// interface; if it is the result of an inlined constructor; and in a function that is
// inlined with a known argument. It does not follow values through a package variable, a
// struct field, a slice element, a parameter or result of a function that is not
// inlined, and a variable whose address is taken and used.
//
//claim:ask When does the compiler turn an interface call into a direct call, and where does it lose track?
//claim:source cmd/compile/internal/devirtualize/devirtualize.go
func TestDevirtWhere(t *testing.T) {
	marks, decided, text := devirtReport(t)
	kinds := make(map[string]int)
	for line, mark := range marks {
		assert.Equal(t, mark, decided[line], "line %d: %s", line, text[line-1])
		kinds[mark]++
	}
	assert.Equal(t, map[string]int{"direct": 5, "concrete": 1, "dynamic": 8}, kinds)
}

// No. The compiler works on one package at a time and does not ask which types implement
// an interface: another package, or a plugin, could bring a second one. In the program
// that this test compiles only *square implements shape, and the calls through a
// parameter, a field or a package variable stay dynamic. A profile gives what is
// missing: with PGO the compiler adds a comparison with the most frequent type and calls
// its method directly, see PGODevirtualizes of the topic optimizing.
//
//claim:ask My interface has a single implementation in the whole program. Is the call direct then?
//claim:source https://go.dev/doc/pgo
func TestDevirtSingleImplementation(t *testing.T) {
	_, decided, text := devirtReport(t)
	implementations, dynamic := 0, 0
	for i, line := range text {
		if strings.Contains(line, ") area() int {") {
			implementations++
		}
		if decided[i+1] == "dynamic" {
			dynamic++
		}
	}
	assert.Equal(t, 1, implementations)
	assert.Equal(t, 8, dynamic)
}

// A constructor that returns an interface costs nothing if it is inlined: the compiler
// sees the type, calls the method directly and keeps the value on the stack. If the
// constructor is not inlined, the value is allocated, as for every returned pointer, and
// the method is called through the table. The same holds for a parameter: an inlined
// function gets the type of its caller, and the value stays on the stack; a function
// that is called does not, and the value escapes, because the method could keep its
// receiver.
//
//claim:ask What does it cost to return or to take an interface instead of a struct?
//claim:source cmd/compile/internal/devirtualize/devirtualize.go
func TestDevirtAllocs(t *testing.T) {
	assert.EqualValues(t, 49, devirtAreaOfNew(7))
	assert.EqualValues(t, 49, devirtAreaOfCalled(7))
	proof.WantAllocs(t, 0, func() { devirtAreaOfNew(7) })
	proof.WantAllocs(t, 1, func() { devirtAreaOfCalled(7) })
	proof.WantAllocs(t, 0, func() { devirtTwice(&devirtSquare{side: 7}) })
	proof.WantAllocs(t, 1, func() { devirtTwiceCalled(&devirtSquare{side: 7}) })
}
