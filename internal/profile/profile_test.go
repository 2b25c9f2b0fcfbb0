package profile

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// write writes a heap profile with these stacks, leaf first; each has the
// given bytes and as many objects as its place in the list.
func write(t *testing.T, stacks [][]string, bytes []int64) string {
	t.Helper()
	p := &profile.Profile{SampleType: []*profile.ValueType{
		{Type: "alloc_objects", Unit: "count"}, {Type: "alloc_space", Unit: "bytes"},
	}}
	functions := map[string]*profile.Function{}
	for i, stack := range stacks {
		sample := &profile.Sample{Value: []int64{int64(i + 1), bytes[i]}}
		for _, name := range stack {
			if functions[name] == nil {
				functions[name] = &profile.Function{ID: uint64(len(functions) + 1), Name: name}
				p.Function = append(p.Function, functions[name])
			}
			loc := &profile.Location{ID: uint64(len(p.Location) + 1), Line: []profile.Line{{Function: functions[name]}}}
			p.Location = append(p.Location, loc)
			sample.Location = append(sample.Location, loc)
		}
		p.Sample = append(p.Sample, sample)
	}
	file := filepath.Join(t.TempDir(), "prof.pb.gz")
	f, err := os.Create(file)
	require.NoError(t, err)
	defer f.Close()
	require.NoError(t, p.Write(f))
	return file
}

func TestRead(t *testing.T) {
	file := write(t, [][]string{
		{"runtime.mallocgc", "a.New", "a.Benchmark"},
		{"a.New", "a.New", "a.Benchmark"}, // recursion counts once
		{"b.Other", "main.main"},
	}, []int64{60, 20, 20})
	for frame, want := range map[string]float64{`a\.New$`: 80, `^a\.`: 80, `mallocgc`: 60, `main\.main|a\.Benchmark`: 100, `nothing`: 0} {
		s, err := Read(file, "alloc_space", regexp.MustCompile(frame))
		require.NoError(t, err)
		assert.Equal(t, want, s.Percent, frame)
		assert.Equal(t, int64(6), s.Events)
		assert.Equal(t, "runtime.mallocgc", s.Top)
	}
	s, err := Read(file, "alloc_objects", regexp.MustCompile(`a\.New`))
	require.NoError(t, err)
	assert.Equal(t, 50.0, s.Percent)

	_, err = Read(file, "cpu", regexp.MustCompile("x"))
	assert.Error(t, err, "a heap profile has no cpu samples")
	_, err = Read(file+".missing", "cpu", regexp.MustCompile("x"))
	assert.ErrorIs(t, err, os.ErrNotExist)
}

func TestEmptyProfile(t *testing.T) {
	s, err := Read(write(t, nil, nil), "alloc_space", regexp.MustCompile("x"))
	require.NoError(t, err)
	assert.Zero(t, s)
}
