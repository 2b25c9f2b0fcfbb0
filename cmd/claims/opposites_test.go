package main

import (
	"bytes"
	"context"
	"encoding/json"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-deep-dive/godeep/internal/claim"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestOpposites turns ten expectations of the topics into their opposites, in
// a copy of the repository, and judges all claims: exactly these ten must be
// refuted.
func TestOpposites(t *testing.T) {
	if !*calibrate {
		t.Skip("needs -calibrate and a machine that does nothing else")
	}
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS("../..")))
	t.Chdir(dir)
	claims, err := claim.Toolchain{}.Load(t.Context(), "./...")
	require.NoError(t, err)

	var turned []string
	left := map[string]int{"time": 3, "count": 2, "growth": 1, "profile": 1, "heap": 1, "stack": 1, "called": 1}
	for _, c := range claims {
		for _, p := range c.Proofs {
			done := false
			turn := func(kind string, pos token.Position, from, to string) {
				if done || left[kind] == 0 || slices.Contains(turned, c.ID) {
					return
				}
				replaceInLine(t, pos, from, to)
				left[kind]--
				done = true
				turned = append(turned, c.ID)
				t.Logf("%s: %s:%d %s: %q is now %q", c.ID, pos.Filename, pos.Line, kind, from, to)
			}
			for _, e := range p.Expects {
				op := " " + string(e.Op) + " "
				switch {
				case e.If != nil:
				case e.Form == claim.Growth:
					turn("growth", e.Pos, "grows "+e.Key+"^", "grows "+e.Key+"^-")
				case claim.IsTime(e.Metric):
					turn("time", e.Pos, op, " "+opposite[e.Op]+" ")
				default:
					turn("count", e.Pos, op, " "+opposite[e.Op]+" ")
				}
			}
			for _, e := range p.Profiles {
				turn("profile", e.Pos, " "+string(e.Op)+" ", " "+opposite[e.Op]+" ")
			}
			for _, e := range p.Comments {
				if to, ok := map[string]string{"heap": "stack", "stack": "heap", "called": "inlined"}[e.What]; ok && e.If == nil {
					turn(e.What, e.Pos, "//claim:"+e.What, "//claim:"+to)
				}
			}
		}
	}
	require.Len(t, turned, 10, "left to turn: %v", left)

	var stdout, stderr bytes.Buffer
	status := run(context.Background(), &stdout, &stderr, []string{"verify", "-json", "./..."})
	assert.Equal(t, exitRefuted, status, stderr.String())
	var refuted []string
	for line := range strings.Lines(stdout.String()) {
		var r struct{ Claim, Expectation, Verdict, Reason string }
		require.NoError(t, json.Unmarshal([]byte(line), &r))
		switch r.Verdict {
		case "refuted":
			refuted = append(refuted, r.Claim)
		case "inconclusive", "broken":
			t.Errorf("%s: %s is %s: %s", r.Claim, r.Expectation, r.Verdict, r.Reason)
		}
	}
	slices.Sort(refuted)
	slices.Sort(turned)
	assert.Equal(t, turned, slices.Compact(refuted))
}

var opposite = map[claim.Op]string{"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}

func replaceInLine(t *testing.T, pos token.Position, from, to string) {
	t.Helper()
	file, err := filepath.Abs(pos.Filename)
	require.NoError(t, err)
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	lines := strings.Split(string(data), "\n")
	require.Contains(t, lines[pos.Line-1], from)
	lines[pos.Line-1] = strings.Replace(lines[pos.Line-1], from, to, 1)
	require.NoError(t, os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o666))
}
