package compiler

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/go-deep-dive/godeep/internal/claim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// source has a comment at the end of each line whose decision is known.
const source = `package a

type point struct{ x, y int }

var global *int

func address() *point {
	p := point{1, 2} // heap
	return &p
}

func local() int {
	p := address() // inlined stack
	q := &point{3, 4} // stack
	return p.x + q.y
}

func flowsStraight() {
	n := 1 // heap
	global = &n
}

//go:noinline
func far(s []int) int {
	return s[3] // checked
}

func near(s []int) (t int) {
	t += far(s) // called unchecked
	for i := range s {
		t += s[i] // unchecked
	}
	return t + len(s[2:]) // checked
}

func generic[T any](x T) *T { // heap
	return &x
}

func instances() (*int, *string) {
	return generic(1), generic("a") // inlined heap
}

func closure() func() int {
	n := 0 // heap
	return func() int { n++; return n } // heap
}
`

func ask(t *testing.T, tests bool, files ...string) (*Decisions, string) {
	t.Helper()
	dir := t.TempDir()
	files = append(files, "go.mod", "module example.com/a\n\ngo 1.26.0\n")
	for i := 0; i < len(files); i += 2 {
		require.NoError(t, os.WriteFile(filepath.Join(dir, files[i]), []byte(files[i+1]), 0o666))
	}
	pkg := &claim.Package{Path: "example.com/a", Dir: dir}
	for i := 0; i < len(files)-2; i += 2 {
		pkg.Files = append(pkg.Files, filepath.Join(dir, files[i]))
	}
	d, err := Ask(t.Context(), claim.Toolchain{}, pkg, tests)
	require.NoError(t, err)
	return d, dir
}

// judgeAll checks every "// decision" comment of src, and that its opposite
// does not hold.
func judgeAll(t *testing.T, d *Decisions, file, src string) {
	t.Helper()
	opposite := map[string]string{
		"heap": "stack", "stack": "heap", "inlined": "called", "called": "inlined", "checked": "unchecked", "unchecked": "checked",
	}
	judged := 0
	for i, line := range strings.Split(src, "\n") {
		_, comment, _ := strings.Cut(line, " // ")
		for word := range strings.FieldsSeq(comment) {
			at := Line{file, i + 1}
			holds, why, err := d.Judge(word, at)
			require.NoError(t, err)
			assert.True(t, holds, "line %d is not %s: %s", i+1, word, why)
			assert.NotEmpty(t, why)
			holds, _, err = d.Judge(opposite[word], at)
			require.NoError(t, err)
			assert.False(t, holds, "line %d is %s and %s", i+1, word, opposite[word])
			judged++
		}
	}
	assert.Positive(t, judged)
}

func TestJudge(t *testing.T) {
	d, dir := ask(t, false, "a.go", source)
	judgeAll(t, d, filepath.Join(dir, "a.go"), source)
	_, _, err := d.Judge("fast", Line{})
	assert.ErrorContains(t, err, `unknown compiler comment "fast"`)
}

func TestJudgeTestFile(t *testing.T) {
	test := strings.ReplaceAll(source, "point", "pointInTest")
	test = regexp.MustCompile(`\b(address|local|flowsStraight|far|near|generic|instances|closure|global)\b`).ReplaceAllString(test, "${1}InTest")
	d, dir := ask(t, true, "a.go", source, "a_test.go", test)
	judgeAll(t, d, filepath.Join(dir, "a.go"), source)
	judgeAll(t, d, filepath.Join(dir, "a_test.go"), test)
}

// A file may have the name of one in the standard library whose functions are
// inlined into it: internal/abi has an escape.go with the function that
// strings.Builder calls.
func TestSameNameAsInlinedFile(t *testing.T) {
	src := strings.Replace(source, "package a\n", "package a; import \"strings\"; func build() string { var b strings.Builder; b.WriteString(\"x\"); return b.String() }\n", 1)
	d, dir := ask(t, false, "escape.go", src, "linux.go", "package a\n\nvar onEverySystem = 1\n", "b.go", "package a\n\nvar _ = onEverySystem\n")
	judgeAll(t, d, filepath.Join(dir, "escape.go"), src)
}

func TestBuildError(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module a\n\ngo 1.26.0\n"), 0o666))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.go"), []byte("package a\n\nvar x = missing\n"), 0o666))
	_, err := Ask(t.Context(), claim.Toolchain{}, &claim.Package{Path: "a", Dir: dir, Files: []string{filepath.Join(dir, "a.go")}}, false)
	require.ErrorContains(t, err, "does not build")
	assert.ErrorContains(t, err, "a.go:3:9: undefined: missing")
	assert.NotContains(t, err.Error(), prefix)
}
