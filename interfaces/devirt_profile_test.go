package interfaces

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// devirtWithProfile compiles testdata/devirt/profile with a profile in which the call in
// Total went to the methods of square and circle so many times, and returns what the
// compiler reports.
func devirtWithProfile(t *testing.T, square, circle int64) string {
	t.Helper()
	const path = "github.com/go-deep-dive/godeep/interfaces/testdata/devirt/profile."
	p := &profile.Profile{
		SampleType: []*profile.ValueType{{Type: "samples", Unit: "count"}, {Type: "cpu", Unit: "nanoseconds"}},
		PeriodType: &profile.ValueType{Type: "cpu", Unit: "nanoseconds"},
		Period:     10_000_000,
	}
	at := func(name string, line int64) *profile.Location {
		const start = 100 // only the distance to it counts
		f := &profile.Function{ID: uint64(len(p.Function) + 1), Name: path + name, SystemName: path + name, StartLine: start}
		l := &profile.Location{ID: f.ID, Line: []profile.Line{{Function: f, Line: start + line}}}
		p.Function, p.Location = append(p.Function, f), append(p.Location, l)
		return l
	}
	const callLine = 3 // of Total
	for method, samples := range map[string]int64{"(*square).area": square, "(*circle).area": circle} {
		p.Sample = append(p.Sample, &profile.Sample{
			Location: []*profile.Location{at(method, 0), at("Total", callLine)},
			Value:    []int64{samples, samples * p.Period},
		})
	}
	file, err := os.Create(filepath.Join(t.TempDir(), "cpu.pprof"))
	require.NoError(t, err)
	require.NoError(t, p.Write(file))
	require.NoError(t, file.Close())
	report, err := proof.Go(t, "build", "-gcflags=-m -pgoprofile="+file.Name(), "./testdata/devirt/profile")
	require.NoError(t, err, "%s", report)
	return report
}

// The one that the profile saw most often at that call. The compiler writes: if the type
// word is that of *square, do the inlined body of its method, else call through the
// table. So only the most frequent type gains, every other type pays one comparison, and
// a profile with other numbers turns it round. Both stay correct. Where two types are
// equally frequent, little is to be won.
//
//claim:ask A call through an interface meets two types. Which of them does a profile (PGO) make direct?
//claim:source https://go.dev/doc/pgo
//claim:source cmd/compile/internal/devirtualize/pgo.go
func TestDevirtProfile(t *testing.T) {
	proof.OnceUnderRace(t)
	report := devirtWithProfile(t, 600, 300)
	assert.Contains(t, report, "PGO devirtualizing interface call s.area to (*square).area")
	assert.Contains(t, report, "inlining call to (*square).area")
	assert.NotContains(t, report, "inlining call to (*circle).area")

	report = devirtWithProfile(t, 300, 600)
	assert.Contains(t, report, "PGO devirtualizing interface call s.area to (*circle).area")
	assert.NotContains(t, report, "inlining call to (*square).area")
}
