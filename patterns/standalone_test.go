package patterns

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// patternFiles returns the names of the files that hold a pattern.
func patternFiles(t *testing.T) []string {
	t.Helper()
	all, err := filepath.Glob("*.go")
	require.NoError(t, err)
	var files []string
	for _, file := range all {
		if file != "doc.go" && !strings.HasSuffix(file, "_test.go") {
			files = append(files, file)
		}
	}
	require.NotEmpty(t, files)
	return files
}

// proofFiles returns the test files of a pattern: its tests and examples.
func proofFiles(t *testing.T, file string) []string {
	t.Helper()
	stem := strings.TrimSuffix(file, ".go")
	files := []string{stem + "_test.go", "example_" + stem + "_test.go"}
	more, err := filepath.Glob("example_" + stem + "_*_test.go")
	require.NoError(t, err)
	for _, name := range more {
		if name != files[1] {
			files = append(files, name)
		}
	}
	return files
}

// Every file of this package can be copied alone: with its tests and examples
// in a module that holds nothing else of this one, it builds, passes vet and
// its tests. Such a module needs the standard library and, for some files,
// golang.org/x/sync.
//
//claim:ask Can I copy a single file of this package into my project?
//claim:source https://go.dev/doc/code
func TestStandAlone(t *testing.T) {
	if testing.Short() {
		t.Skip("builds every pattern once more, which -short leaves out")
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("needs the go command: ", err)
	}
	standAlone.Do(func() { copyAndTest(t) })
}

// standAlone makes -count=50 copy and test the same files once only.
var standAlone sync.Once

func copyAndTest(t *testing.T) {
	module := t.TempDir()
	// One folder, and so one package, for each pattern. Examples import the
	// package they are about, so that path is all that changes.
	for _, file := range patternFiles(t) {
		stem := strings.TrimSuffix(file, ".go")
		dir := filepath.Join(module, stem)
		require.NoError(t, os.Mkdir(dir, 0o777))
		for _, name := range append(proofFiles(t, file), file) {
			text, err := os.ReadFile(name)
			require.NoError(t, err, "every pattern has a test and an example file")
			text = []byte(strings.ReplaceAll(string(text), `"github.com/go-deep-dive/godeep/patterns"`, `"standalone/`+stem+`"`))
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o666))
		}
	}
	gomod, err := os.ReadFile(filepath.Join("..", "go.mod"))
	require.NoError(t, err)
	var xsync string
	for line := range strings.Lines(string(gomod)) {
		if strings.Contains(line, "golang.org/x/sync ") {
			xsync = strings.TrimSpace(line)
		}
	}
	require.NotEmpty(t, xsync)
	require.NoError(t, os.WriteFile(filepath.Join(module, "go.mod"), []byte("module standalone\n\ngo 1.26.0\n\nrequire "+xsync+"\n"), 0o666))
	gosum, err := os.ReadFile(filepath.Join("..", "go.sum"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(module, "go.sum"), gosum, 0o666))

	for _, args := range [][]string{{"vet", "./..."}, {"test", "-trimpath", "./..."}} {
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir = module
		cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "go %s\n%s", strings.Join(args, " "), out)
	}
}

// Each pattern says what it guarantees, what it costs and when to use
// something else, and proves itself by an example, a benchmark and a test of
// what goes wrong.
func TestPatternsAreComplete(t *testing.T) {
	for _, file := range patternFiles(t) {
		t.Run(file, func(t *testing.T) {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			for _, heading := range []string{"// # Guarantees", "// # Cost", "// # When not to use it"} {
				assert.Equal(t, 1, strings.Count(string(text), heading+"\n"), heading)
			}

			fset := token.NewFileSet()
			var proofs []*ast.File
			for _, name := range proofFiles(t, file) {
				parsed, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
				require.NoError(t, err)
				proofs = append(proofs, parsed)
			}
			var benchmarks, faults int
			for _, decl := range proofs[0].Decls {
				if f, ok := decl.(*ast.FuncDecl); ok {
					if strings.HasPrefix(f.Name.Name, "Benchmark") {
						benchmarks++
					}
					if strings.HasPrefix(f.Name.Name, "Test") && strings.Contains(f.Name.Name, "Fault") {
						faults++
					}
				}
			}
			assert.NotZero(t, benchmarks, "benchmarks")
			assert.NotZero(t, faults, "tests named …Fault…")
			var examples int
			for _, example := range doc.Examples(proofs[1:]...) {
				if example.Output != "" {
					examples++
				}
			}
			assert.NotZero(t, examples, "examples with output")
		})
	}
}
