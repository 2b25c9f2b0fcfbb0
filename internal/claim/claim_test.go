package claim

import (
	"fmt"
	"go/scanner"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/tools/txtar"
)

// parse parses files, alternately name and content, as one package.
func parse(t *testing.T, files ...string) ([]*Claim, error) {
	t.Helper()
	dir := t.TempDir()
	pkg := &Package{Path: "example.com/a", Rel: "a", Dir: dir, Module: dir}
	for i := 0; i < len(files); i += 2 {
		name := filepath.Join(dir, files[i])
		require.NoError(t, os.WriteFile(name, []byte(files[i+1]), 0o666))
		pkg.Files = append(pkg.Files, name)
	}
	return parsePackages([]*Package{pkg}, Env{})
}

// wantLine finds what testdata/malformed.txtar expects. "want" is about the
// last directive before it, "want-above" about the line above, and "want-line"
// about its own line.
var wantLine = regexp.MustCompile(`// want(-above|-line)? (\d+) (.*?)(?:\s+// want|$)`)

func TestMalformed(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/malformed.txtar")
	require.NoError(t, err)
	src := string(archive.Files[0].Data)

	type want struct {
		col  int
		text string
	}
	wants := map[int][]want{} // by line
	lines := strings.Split(src, "\n")
	for i, line := range lines {
		for rest := line; ; {
			m := wantLine.FindStringSubmatchIndex(rest)
			if m == nil {
				break
			}
			kind := ""
			if m[2] >= 0 {
				kind = rest[m[2]:m[3]]
			}
			at := i + 1
			if kind != "-line" {
				at = i
			}
			col, err := strconv.Atoi(rest[m[4]:m[5]])
			require.NoError(t, err)
			wants[at] = append(wants[at], want{col, rest[m[6]:m[7]]})
			rest = rest[m[7]:]
		}
	}
	require.Greater(t, len(wants), 70, "the wants are not read")

	_, err = parse(t, archive.Files[0].Name, src)
	var errs scanner.ErrorList
	require.ErrorAs(t, err, &errs)
	for _, e := range errs {
		found := false
		for i, w := range wants[e.Pos.Line] {
			if w.col == e.Pos.Column && strings.Contains(e.Msg, w.text) {
				wants[e.Pos.Line] = append(wants[e.Pos.Line][:i:i], wants[e.Pos.Line][i+1:]...)
				found = true
				break
			}
		}
		assert.True(t, found, "unexpected error %d:%d: %s\n\ton %s", e.Pos.Line, e.Pos.Column, e.Msg, lines[e.Pos.Line-1])
	}
	for line, ws := range wants {
		for _, w := range ws {
			t.Errorf("no error %d:%d: %s\n\ton %s", line, w.col, w.text, lines[line-1])
		}
	}
}

func TestParse(t *testing.T) {
	claims, err := parse(t, "a.go", `package a

// NewPoint makes a point.
func NewPoint() *int {
	p := 1 //claim:heap
	return &p
}

type T[P any] struct{}

// Sum sums.
func (*T[P]) Sum(s []int) int {
	return s[0] + s[1] //claim:checked if goarch=amd64
}
`, "a_test.go", `package a

import "testing"

// Returning an address moves the variable to the heap. And more.
//
//claim:ask What does it cost?
//claim:vary GODEBUG none asyncpreemptoff=1
//claim:vary gcflags none "-l -N"
//claim:expect allocs/op of=value == 0
//claim:expect ns/op of=pointer > 3.5x of=value if go<1.27
//claim:expect ns/op "gcflags=-l -N" > gcflags=none
//claim:expect B/op of=pointer grows n^2
//claim:profile alloc_objects of=pointer (a|b)\.newPoint >= 90%
//claim:source https://go.dev/doc/faq#stack_or_heap
func BenchmarkReturnPointer(b *testing.B) {}

// The test of the same claim.
//
//claim:needs cpus>=4
func TestReturnPointer(t *testing.T) {}

// An example.
//
//claim:ask Typed nil?
func Example_typedNil() {
	// Output: x
}

// An ordinary test.
func TestOrdinary(t *testing.T) {}
`)
	require.NoError(t, err)
	ids := map[string]*Claim{}
	for _, c := range claims {
		ids[c.ID] = c
	}
	require.Len(t, ids, 4)

	c := ids["a.ReturnPointer"]
	assert.Equal(t, "What does it cost?", c.Question)
	assert.Equal(t, "Returning an address moves the variable to the heap. And more.", c.Answer)
	assert.Equal(t, []string{"https://go.dev/doc/faq#stack_or_heap"}, c.Sources)
	assert.Equal(t, []string{"test", "benchmark", "profile"}, c.Kinds())
	require.Len(t, c.Proofs, 2)
	b := c.Proofs[0]
	assert.Equal(t, []string{"none", "-l -N"}, b.Vary[1].Values)
	require.Len(t, b.Expects, 4)
	assert.Equal(t, Bound, b.Expects[0].Form)
	assert.Equal(t, Selector{{"of", "value"}}, b.Expects[0].Left)
	assert.Equal(t, "ns/op of=pointer > 3.5x of=value", b.Expects[1].Text)
	assert.Equal(t, 3.5, b.Expects[1].Factor)
	assert.Equal(t, &Cond{"go", "<", "1.27"}, b.Expects[1].If)
	assert.Equal(t, Selector{{"gcflags", "-l -N"}}, b.Expects[2].Left)
	assert.Equal(t, 1.0, b.Expects[2].Factor)
	assert.Equal(t, 2.0, b.Expects[3].Exponent)
	require.Len(t, b.Profiles, 1)
	assert.Equal(t, 90.0, b.Profiles[0].Percent)
	assert.True(t, b.Profiles[0].Frame.MatchString("b.newPoint"))
	assert.Equal(t, Cond{"cpus", ">=", "4"}, c.Proofs[1].Needs[0].Cond)

	assert.Equal(t, "Typed nil?", ids["a.TypedNil"].Question)
	assert.Equal(t, []string{"compiler"}, ids["a.NewPoint"].Kinds())
	assert.Equal(t, 5, ids["a.NewPoint"].Proofs[0].Comments[0].Pos.Line)
	assert.NotNil(t, ids["a.T.Sum"].Proofs[0].Comments[0].If)
}

func TestSyntaxErrorBreaksOnlyItsFile(t *testing.T) {
	claims, err := parse(t, "bad_test.go", "package a\n\nfunc {", "good_test.go", `package a

import "testing"

// Yes.
//
//claim:ask Good?
func TestGood(t *testing.T) {}
`)
	require.NoError(t, err)
	require.Len(t, claims, 2)
	for _, c := range claims {
		if c.ID == "a.Good" {
			assert.Empty(t, c.Broken)
		} else {
			assert.Contains(t, c.Broken, "bad_test.go:3:6: expected")
		}
	}
}

// TestOutsideTheBuild makes sure that a claim of a later release of Go is listed,
// with the reason why it is skipped, and that nothing else of such files is.
func TestOutsideTheBuild(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"go.mod": "module example.com/a\n\ngo 1.26\n",
		"a.go":   "package a\n",
		"later_test.go": `//go:build go1.99

package a

import "testing"

// Yes, from then on.
//
//claim:ask Later?
//claim:needs go>=1.99
func TestLater(t *testing.T) {}

// Nothing says why this is not here.
//
//claim:ask Silent?
func TestSilent(t *testing.T) {}

// A helper with a mistake.
//
//claim:asks Wrong?
func TestWrong(t *testing.T) {}

`,
		"broken_test.go": "//go:build go1.99\n\npackage a\n\nfunc {",
		"helper.go":      "//go:build go1.99\n\npackage a\n\nfunc F() *int { return new(int) //claim:heap\n}\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o666))
	}
	t.Chdir(dir)
	claims, err := Toolchain{}.Load(t.Context(), ".")
	require.NoError(t, err)
	if assert.Len(t, claims, 1) {
		assert.Equal(t, "Later?", claims[0].Question)
		assert.False(t, claims[0].Proofs[0].Needs[0].Cond.Holds(Env{Go: "go1.27.4"}))
	}
}

func TestCond(t *testing.T) {
	env := Env{Go: "go1.27.4", GOOS: "linux", GOARCH: "arm64", CPUs: 2}
	for cond, want := range map[string]bool{
		"go>=1.27": true, "go<1.27": false, "go>1.27": false, "go=1.27": true, "go==1.26": false, "go>=1.27.5": false, "go<1.27.5": true,
		"cpus>=2": true, "cpus>=4": false, "cpus==2": true,
		"goos=linux": true, "goos!=linux": false, "goarch=amd64": false, "goarch!=amd64": true,
	} {
		c, err := ParseCond(cond)
		require.NoError(t, err, cond)
		assert.Equal(t, want, c.Holds(env), cond)
		assert.Equal(t, cond, c.String())
	}
}

// FuzzExpectation checks that what the parser accepts, it writes back in a
// form that it accepts again with the same meaning.
func FuzzExpectation(f *testing.F) {
	for _, s := range []string{"ns/op of=a > 3x of=b", "allocs/op == 0 if go<1.27", "B/op grows n^1.5", `ns/op "gcflags=-l -N" <= .5x gcflags=none`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if strings.ContainsAny(s, "\n\r") {
			return
		}
		read := func(s string) (*Expectation, bool) {
			claims, err := parse(t, "a_test.go", "package a\n\nimport \"testing\"\n\n// A.\n//\n//claim:expect "+s+"\nfunc BenchmarkA(b *testing.B) {}\n")
			if err != nil || len(claims) != 1 || claims[0].Broken != "" || len(claims[0].Proofs) != 1 || len(claims[0].Proofs[0].Expects) != 1 {
				return nil, false
			}
			return &claims[0].Proofs[0].Expects[0], true
		}
		first, ok := read(s)
		if !ok {
			return
		}
		text := first.Text
		if first.If != nil {
			text += " if " + first.If.String()
		}
		second, ok := read(text)
		require.True(t, ok, "%q is written back as %q, which is not accepted", s, text)
		assert.Equal(t, fmt.Sprint(first.Left, first.Op, first.Right, first.Factor, first.Value, first.Exponent),
			fmt.Sprint(second.Left, second.Op, second.Right, second.Factor, second.Value, second.Exponent))
	})
}
