package optimizing

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"testing"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func pgoValues() []uint64 {
	values := make([]uint64, 1000)
	for i := range values {
		values[i] = uint64(i % 10)
	}
	return values
}

// A profile of what the program does is a hint to the compiler: it inlines
// hot calls beyond its usual budget and calls the usual implementation of an
// interface directly. This loop, which spends its time on a call of a method
// and of a function that is too big to inline, is more than 1.3 times as fast
// with its profile. Real programs gain a few percent, because most of their
// time is not spent on calls. The profile here is optimizing/default.pgo,
// made by the command
//
//	go test -trimpath -o /dev/null -run ^$ -bench ^BenchmarkPGO$ -cpuprofile default.pgo .
//
//claim:ask What is profile-guided optimisation, and what does it bring?
//claim:vary pgo off default.pgo
//claim:expect ns/op pgo=off > 1.3x pgo=default.pgo
//claim:source https://go.dev/doc/pgo
func BenchmarkPGO(b *testing.B) {
	filter, values := &pgoRange{0, 1 << 40}, pgoValues()
	b.ReportAllocs()
	for b.Loop() {
		pgoTotal(filter, values)
	}
}

func TestPGO(t *testing.T) {
	values := append(pgoValues(), 12345, 1<<63)
	assert.Equal(t, 1000+5, pgoTotal(&pgoRange{0, 1 << 40}, values))
	assert.Equal(t, 500+19, pgoTotal(pgoEven{}, values))
	assert.Equal(t, 20, pgoDigits(1<<64-1))
}

// The compiler finds a call by its line counted from the start of the
// function.
func TestPGODefaultProfile(t *testing.T) {
	file, err := os.Open("default.pgo")
	require.NoError(t, err)
	defer file.Close()
	p, err := profile.Parse(file)
	require.NoError(t, err)

	fset := token.NewFileSet()
	source, err := parser.ParseFile(fset, "pgo.go", nil, 0)
	require.NoError(t, err)
	want := make(map[string]int64) // the line of a call in pgoTotal, by the name of what is called
	for _, d := range source.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == "pgoTotal" {
			ast.Inspect(f, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok {
					line := int64(fset.Position(call.Pos()).Line - fset.Position(f.Pos()).Line)
					switch fun := call.Fun.(type) {
					case *ast.Ident:
						want["optimizing."+fun.Name] = line
					case *ast.SelectorExpr:
						want["optimizing.(*pgoRange)."+fun.Sel.Name] = line
					}
				}
				return true
			})
		}
	}
	require.Len(t, want, 2)

	const module = "github.com/go-deep-dive/godeep/"
	got := make(map[string]int64)
	for _, s := range p.Sample {
		var lines []profile.Line
		for _, l := range s.Location {
			lines = append(lines, l.Line...)
		}
		for i := 1; i < len(lines); i++ {
			callee := lines[i-1].Function.Name
			if caller := lines[i].Function; caller.Name == module+"optimizing.pgoTotal" && len(callee) > len(module) {
				got[callee[len(module):]] = lines[i].Line - caller.StartLine
			}
		}
	}
	for callee, line := range want {
		assert.Equal(t, line, got[callee], "default.pgo is out of date for %s: make it again with the command at BenchmarkPGO", callee)
	}
}
