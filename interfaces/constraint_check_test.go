package interfaces

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// constraintErrors type-checks declarations that import nothing, with the type
// checker of the standard library, and returns the messages: those that the
// compiler prints, too.
func constraintErrors(source string) (messages []string) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "p.go", "package p\n"+source, parser.SkipObjectResolution)
	if err != nil {
		return []string{err.Error()}
	}
	config := types.Config{Error: func(err error) {
		messages = append(messages, err.(types.Error).Msg)
	}}
	config.Check("p", files, []*ast.File{file}, nil) // the error is the first message
	return messages
}

// constraintRejects asserts that the declarations are an error, with a message
// that contains want.
func constraintRejects(t *testing.T, want, source string) {
	t.Helper()
	assert.Contains(t, strings.Join(constraintErrors(source), "\n"), want, "%s", source)
}

// constraintAccepts asserts that the declarations compile.
func constraintAccepts(t *testing.T, source string) {
	t.Helper()
	assert.Empty(t, constraintErrors(source), "%s", source)
}
