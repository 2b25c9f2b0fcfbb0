package reflection

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
)

// typeCheckError returns the first error of the type checker for the
// declarations, or "". They must not import anything.
func typeCheckError(declarations string) string {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", "package p\n"+declarations, 0)
	if err != nil {
		return err.Error()
	}
	if _, err := new(types.Config).Check("p", fset, []*ast.File{file}, nil); err != nil {
		return err.Error()
	}
	return ""
}
