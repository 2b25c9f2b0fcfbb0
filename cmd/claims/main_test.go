package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/go-deep-dive/godeep/internal/claim"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) {
	if os.Getenv(spinVariable) != "" {
		spin()
	}
	testscript.Main(m, map[string]func(){"claims": main})
}

// TestScripts runs the scripts in testdata/script. Their command "status N
// claims …" fails unless the exit status is N.
func TestScripts(t *testing.T) {
	if testing.Short() {
		t.Skip("builds many small modules")
	}
	env, err := exec.CommandContext(t.Context(), "go", "env", "GOCACHE", "GOMODCACHE", "GOPROXY", "GOVERSION").Output()
	require.NoError(t, err)
	dirs := strings.Split(string(env), "\n")
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			for _, kv := range [][2]string{
				{"GOCACHE", strings.TrimSpace(dirs[0])}, {"GOMODCACHE", strings.TrimSpace(dirs[1])}, {"GOPROXY", strings.TrimSpace(dirs[2])},
				{"GOFLAGS", "-mod=mod"}, {"GOWORK", "off"}, {"HOME", e.WorkDir}, {"LocalAppData", e.WorkDir}, {"XDG_CACHE_HOME", e.WorkDir + "/.cache"}, {"CI", ""},
				{"GOTOOLCHAIN", os.Getenv("GOTOOLCHAIN")}, {"GOVERSION", strings.TrimSpace(dirs[3])},
			} {
				e.Setenv(kv[0], kv[1])
			}
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"status": func(ts *testscript.TestScript, _ bool, args []string) {
				want, err := strconv.Atoi(args[0])
				ts.Check(err)
				err = ts.Exec(args[1], args[2:]...)
				got := 0
				if exit := new(exec.ExitError); errors.As(err, &exit) {
					got = exit.ExitCode()
				} else {
					ts.Check(err)
				}
				if got != want {
					ts.Fatalf("exit status %d, want %d", got, want)
				}
			},
		},
	})
}

// TestManual executes every "$ claims …" block of the package comment. The
// output must start with what the manual shows.
func TestManual(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "main.go", nil, parser.ParseComments|parser.PackageClauseOnly)
	require.NoError(t, err)
	t.Chdir("testdata/manual")
	blocks := 0
	lines := strings.Split(file.Doc.Text(), "\n")
	for i := 0; i < len(lines); i++ {
		command, ok := strings.CutPrefix(lines[i], "\t$ claims ")
		if !ok {
			continue
		}
		blocks++
		var want []string
		for i++; strings.HasPrefix(lines[i], "\t"); i++ {
			want = append(want, strings.TrimPrefix(lines[i], "\t"))
		}
		var stdout, stderr bytes.Buffer
		status := run(context.Background(), &stdout, &stderr, strings.Fields(command))
		require.Zero(t, status, "claims %s: %s", command, stderr.String())
		got := strings.Split(stdout.String(), "\n")
		assert.Equal(t, want, got[:min(len(want), len(got))], "claims %s", command)
	}
	assert.GreaterOrEqual(t, blocks, 2)
}

// TestManualNamesFlags makes sure that the manual lists the flags of verify.
func TestManualNamesFlags(t *testing.T) {
	var usage bytes.Buffer
	run(context.Background(), &bytes.Buffer{}, &usage, []string{"verify", "-h"})
	src, err := os.ReadFile("main.go")
	require.NoError(t, err)
	count := 0
	for line := range strings.Lines(usage.String()) {
		if name, ok := strings.CutPrefix(line, "  -"); ok {
			count++
			name = strings.Fields(name)[0]
			assert.Contains(t, string(src), "//	-"+name+" ", "the manual does not list -%s", name)
		}
	}
	assert.GreaterOrEqual(t, count, 9)
}

// TestReadmeShowsRealClaim makes sure that the claim in the README is one of
// the repository's, apart from what it leaves out.
func TestReadmeShowsRealClaim(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	source, err := os.ReadFile("../../memory/escape_test.go")
	require.NoError(t, err)
	_, block, ok := strings.Cut(string(readme), "```go\n")
	require.True(t, ok)
	block, _, _ = strings.Cut(block, "```")
	for part := range strings.SplitSeq(block, "…") {
		part = strings.TrimSuffix(strings.TrimPrefix(part, "\n"), "// ")
		assert.Contains(t, string(source), strings.TrimSpace(part))
	}
}

// TestReadmeCopyableFiles builds every file that the README offers for copying
// alone.
func TestReadmeCopyableFiles(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	_, section, ok := strings.Cut(string(readme), "## Copy a pattern")
	require.True(t, ok)
	// In the table, what stands alone is separated by commas, what needs each other by plus signs.
	rows := regexp.MustCompile("(?m)^\\| (`[^|]*`) \\|").FindAllStringSubmatch(section, -1)
	require.GreaterOrEqual(t, len(rows), 3)
	for _, row := range rows {
		for group := range strings.SplitSeq(row[1], ", ") {
			args := []string{"build", "-o", os.DevNull}
			for file := range strings.SplitSeq(group, " + ") {
				args = append(args, "../../"+strings.Trim(file, "`"))
			}
			out, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput()
			assert.NoError(t, err, "%s: %s", group, out)
		}
	}
}

// TestReadmeListsTopics makes sure that every topic is in the README's index.
func TestReadmeListsTopics(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	var stdout, stderr bytes.Buffer
	t.Chdir("../..")
	require.Zero(t, run(context.Background(), &stdout, &stderr, []string{"list", "-json"}), stderr.String())
	topics := map[string]bool{}
	for line := range strings.Lines(stdout.String()) {
		var claim struct{ ID string }
		require.NoError(t, json.Unmarshal([]byte(line), &claim))
		topic, _, _ := strings.Cut(claim.ID, ".")
		topics[topic] = true
	}
	assert.NotEmpty(t, topics)
	for topic := range topics {
		assert.Contains(t, string(readme), "| ["+topic+"]("+topic+") |")
	}
}

// TestSourcesExist makes sure that the files and the sections of the language
// specification and the memory model that claims give as sources exist in the toolchain.
// One file is new in Go 1.27.
func TestSourcesExist(t *testing.T) {
	t.Chdir("../..")
	claims, err := claim.Toolchain{}.Load(t.Context(), "./...")
	require.NoError(t, err)
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	require.NoError(t, err)
	root := strings.TrimSpace(string(out))
	documents := map[string]string{}
	for address, name := range map[string]string{"https://go.dev/ref/spec#": "go_spec.html", "https://go.dev/ref/mem#": "go_mem.html"} {
		text, err := os.ReadFile(filepath.Join(root, "doc", name))
		if errors.Is(err, fs.ErrNotExist) {
			continue // a toolchain that the go command has downloaded has no documents
		}
		require.NoError(t, err)
		documents[address] = string(text)
	}
	for _, c := range claims {
		for _, source := range c.Sources {
			address, section, _ := strings.Cut(source, "#")
			switch document, ok := documents[address+"#"]; {
			case ok && section != "":
				assert.True(t, strings.Contains(document, `id="`+section+`"`), "%s: %s", c.ID, source)
			case source == "cmd/compile/internal/ssa/licm.go":
			case !strings.Contains(source, "://"):
				assert.FileExists(t, filepath.Join(root, "src", filepath.FromSlash(source)), c.ID)
			}
		}
	}
}

// TestLessonsNameClaims makes sure that what a topic's lesson refers to in
// parentheses, as in (ReturnPointer, StoreAddress), are claims of the topic.
func TestLessonsNameClaims(t *testing.T) {
	t.Chdir("../..")
	claims, err := claim.Toolchain{}.Load(t.Context(), "./...")
	require.NoError(t, err)
	names := map[*claim.Package]map[string]bool{}
	for _, c := range claims {
		if names[c.Package] == nil {
			names[c.Package] = map[string]bool{}
		}
		names[c.Package][c.Name] = true
	}
	require.NotEmpty(t, names)
	for pkg, known := range names {
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(pkg.Dir, "doc.go"), nil, parser.ParseComments|parser.PackageClauseOnly)
		require.NoError(t, err)
		text := strings.Join(strings.Fields(file.Doc.Text()), " ")
		references := 0
		for _, list := range reference.FindAllStringSubmatch(text, -1) {
			for name := range strings.SplitSeq(list[1], ", ") {
				references++
				assert.True(t, known[name] || strings.HasPrefix(name, "["), "%s/doc.go refers to (%s), which is no claim", pkg.Rel, name)
			}
		}
		assert.Greater(t, references, 20, "the lesson of %s rests on claims", pkg.Rel)
	}
}

// reference matches a list of claims in parentheses.
var reference = regexp.MustCompile(`\((\[?[A-Z][A-Za-z0-9]+\]?(?:, \[?[A-Z][A-Za-z0-9]+\]?)*)\)`)

// TestExportedNamesHaveExamples makes sure that every exported function, type
// and method of a topic has a doc comment and an example.
func TestExportedNamesHaveExamples(t *testing.T) {
	claims, err := claim.Toolchain{}.Load(t.Context(), "../../...")
	require.NoError(t, err)
	seen := map[*claim.Package]bool{}
	for _, c := range claims {
		if seen[c.Package] {
			continue
		}
		seen[c.Package] = true
		fset := token.NewFileSet()
		var files []*ast.File
		for _, name := range c.Package.Files {
			f, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
			require.NoError(t, err)
			files = append(files, f)
		}
		pkg, err := doc.NewFromFiles(fset, files, c.Package.Path)
		require.NoError(t, err)
		check := func(name, text string, examples []*doc.Example) {
			assert.NotEmpty(t, text, "%s.%s has no doc comment", c.Package.Rel, name)
			assert.NotEmpty(t, examples, "%s.%s has no example", c.Package.Rel, name)
		}
		functions := func(prefix string, list []*doc.Func) {
			for _, f := range list {
				check(prefix+f.Name, f.Doc, f.Examples)
			}
		}
		functions("", pkg.Funcs)
		for _, typ := range pkg.Types {
			check(typ.Name, typ.Doc, typ.Examples)
			functions("", typ.Funcs)
			functions(typ.Name+".", typ.Methods)
		}
	}
	assert.NotEmpty(t, seen)
}
