package optimizing

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// profShape makes a CPU profile of a given shape. A stack is written from the
// root to the leaf, such as "main handle parse"; a value is milliseconds.
func profShape(duration time.Duration, stacks ...profStack) *profile.Profile {
	p := &profile.Profile{
		SampleType:    []*profile.ValueType{{Type: "samples", Unit: "count"}, {Type: "cpu", Unit: "nanoseconds"}},
		PeriodType:    &profile.ValueType{Type: "cpu", Unit: "nanoseconds"},
		Period:        int64(10 * time.Millisecond),
		DurationNanos: int64(duration),
	}
	locations := make(map[string]*profile.Location)
	for _, stack := range stacks {
		s := &profile.Sample{Value: []int64{stack.ms / 10, stack.ms * 1e6}, Label: stack.label}
		for name := range strings.FieldsSeq(stack.frames) {
			if locations[name] == nil {
				id := uint64(len(p.Function) + 1)
				f := &profile.Function{ID: id, Name: name, SystemName: name, Filename: name + ".go"}
				p.Function = append(p.Function, f)
				locations[name] = &profile.Location{ID: id, Line: []profile.Line{{Function: f, Line: 1}}}
				p.Location = append(p.Location, locations[name])
			}
			s.Location = slices.Insert(s.Location, 0, locations[name])
		}
		p.Sample = append(p.Sample, s)
	}
	return p
}

type profStack struct {
	frames string
	ms     int64
	label  map[string][]string
}

// profServer is a program in which handle parses and renders, and both escape.
func profServer() *profile.Profile {
	a, b := map[string][]string{"route": {"/a"}}, map[string][]string{"route": {"/b"}}
	return profShape(500*time.Millisecond,
		profStack{"main handle parse", 300, a},
		profStack{"main handle parse escape", 100, a},
		profStack{"main handle render", 100, b},
		profStack{"main handle render escape", 400, b},
		profStack{"main walk walk walk", 96, nil},
		profStack{"main log", 4, nil},
	)
}

// profPprof runs go tool pprof with the options on the profiles and returns what
// it prints.
func profPprof(t *testing.T, options string, profiles ...*profile.Profile) string {
	t.Helper()
	tool, err := proof.Go(t, "tool", "-n", "pprof")
	require.NoError(t, err, tool)
	dir := t.TempDir()
	args := strings.Fields(options)
	for i, p := range profiles {
		file := filepath.Join(dir, string(rune('a'+i))+".pb.gz")
		var data bytes.Buffer
		require.NoError(t, p.Write(&data))
		require.NoError(t, os.WriteFile(file, data.Bytes(), 0o600))
		if name := "PROFILE" + string(rune('A'+i)); strings.Contains(options, name) {
			for j := range args {
				args[j] = strings.ReplaceAll(args[j], name, file)
			}
		} else {
			args = append(args, file)
		}
	}
	cmd := exec.CommandContext(t.Context(), strings.TrimSpace(tool), args...)
	cmd.Env = append(os.Environ(), "PPROF_TMPDIR="+dir)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	return string(out)
}

// profTopRow returns the columns of a function in the output of pprof -top: flat,
// flat%, sum%, cum, cum%; it is empty if the function is not there.
func profTopRow(report, function string) string {
	row := regexp.MustCompile(`(?m)^\s*(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)\s+` + function + `$`).FindStringSubmatch(report)
	if row == nil {
		return ""
	}
	return strings.Join(row[1:], " ")
}

// Flat is what a function uses in its own code, cum (cumulative) what it uses
// together with all it calls. The flat values add up to the total, the cum values
// do not: each sample counts for every function on its stack. A high flat is code
// to make faster; a high cum with little flat, as of handle here, is a caller:
// call it less, or look below it. Sort by flat with -top and by cum with -top
// -cum; sum% adds up the flat shares from the top.
//
//claim:ask What do flat, flat%, sum%, cum and cum% mean in pprof -top?
//claim:source https://github.com/google/pprof/blob/main/doc/README.md
func TestProfReadFlatCum(t *testing.T) {
	top := profPprof(t, "-top -nodefraction=0", profServer())
	require.Equal(t, "500ms 50.00% 50.00% 500ms 50.00%", profTopRow(top, "escape"))
	require.Equal(t, "300ms 30.00% 80.00% 400ms 40.00%", profTopRow(top, "parse"))
	require.Equal(t, "100ms 10.00% 90.00% 500ms 50.00%", profTopRow(top, "render"))
	require.Regexp(t, "^0 0% .* 900ms 90.00%", profTopRow(top, "handle"))
	require.Regexp(t, "^0 0% .* 1000ms 100%", profTopRow(top, "main"))
	require.Less(t, strings.Index(top, "escape"), strings.Index(top, "handle"), "by flat")

	cum := profPprof(t, "-top -cum -nodefraction=0", profServer())
	require.Less(t, strings.Index(cum, " handle"), strings.Index(cum, " escape"), "by cum")
}

// Once. A recursive function is on the stack several times, and the sample is
// added to its cum a single time, so cum never exceeds the total. In a flame
// graph, which draws the stack, it is a tower of the same name.
//
//claim:ask How often does a recursive function count in cum?
//claim:source https://github.com/google/pprof/blob/main/doc/README.md
func TestProfReadRecursion(t *testing.T) {
	require.Regexp(t, "^96ms 9.60% .* 96ms 9.60%$", profTopRow(profPprof(t, "-top", profServer()), "walk"))
}

// The header compares the time of all samples with the duration. CPU time is
// added up over all cores, so two busy cores give 200 percent: here one second of
// CPU time in half a second. A total of a few percent says that the program
// mostly waits, and that the CPU profile is not the tool for its latency. Read
// this line first.
//
//claim:ask Why does pprof say that the total samples are 200% of the duration?
//claim:source https://pkg.go.dev/runtime/pprof#StartCPUProfile
func TestProfReadTotal(t *testing.T) {
	require.Contains(t, profPprof(t, "-top", profServer()), "Duration: 500ms, Total samples = 1000ms (200.00%)")
	idle := profShape(10*time.Second, profStack{"main poll", 100, nil})
	require.Contains(t, profPprof(t, "-top", idle), "Duration: 10s, Total samples = 100ms ( 1.00%)")
}

// -peek NAME shows the callers of a function above it and what it calls below,
// each with the time that goes through that edge. It answers who calls the
// expensive function: four fifths of escape are for render here, so a cheaper
// escape or fewer calls from render are the places to look. -top cannot tell
// that.
//
//claim:ask A helper that everybody calls is at the top of my profile. How do I find who is responsible?
//claim:source https://github.com/google/pprof/blob/main/doc/README.md
func TestProfReadPeek(t *testing.T) {
	peek := profPprof(t, "-peek=^escape$", profServer())
	require.Regexp(t, `(?m)^\s+400ms 80.00% \|\s+render$`, peek)
	require.Regexp(t, `(?m)^\s+100ms 20.00% \|\s+parse$`, peek)
	require.Regexp(t, `(?m)^\s+500ms 50.00% .*500ms 50.00%\s+\| escape$`, peek)
}

// -list NAME prints the source of a function with flat and cum for each line. It
// needs the source files: at the paths in the profile, or below those given with
// -source_path. -disasm goes down to instructions and needs the binary too.
//
//claim:ask How do I see which line of a function is expensive?
//claim:source https://github.com/google/pprof/blob/main/doc/README.md
func TestProfReadList(t *testing.T) {
	source, err := os.ReadFile("profcpu.go")
	require.NoError(t, err)
	line := func(text string) int64 {
		before, _, found := strings.Cut(string(source), text)
		require.True(t, found)
		return int64(strings.Count(before, "\n") + 1)
	}
	dir, err := os.Getwd()
	require.NoError(t, err)
	p := profShape(time.Second, profStack{"profHash", 900, nil})
	p.Function[0].Filename = filepath.Join(dir, "profcpu.go")
	p.Function[0].StartLine = line("func profHash")
	p.Location[0].Line[0].Line = line("sum = profMix(sum, c)")
	require.Regexp(t, `(?m)^\s+900ms\s+900ms\s+\d+:\s+sum = profMix\(sum, c\)$`, profPprof(t, "-list=profHash", p))
}

// -focus keeps the stacks that pass through a function, -ignore drops them: both
// change what is counted. -hide and -show only leave frames out: the time of a
// hidden function becomes flat time of its caller. Percentages stay those of the
// whole profile, unless you add -relative_percentages. So -focus=render answers
// what the time under render is made of, and -hide=^runtime gives the time of the
// runtime to your code.
//
//claim:ask What is the difference between -focus, -ignore, -hide and -show in pprof?
//claim:source https://github.com/google/pprof/blob/main/doc/README.md
func TestProfReadFocus(t *testing.T) {
	focus := profPprof(t, "-top -focus=render", profServer())
	require.Regexp(t, "^400ms 40.00% .* 400ms 40.00%$", profTopRow(focus, "escape"))
	require.Empty(t, profTopRow(focus, "parse"))
	relative := profPprof(t, "-top -focus=render -relative_percentages", profServer())
	require.Regexp(t, "^400ms 80.00%", profTopRow(relative, "escape"))
	ignore := profPprof(t, "-top -ignore=render", profServer())
	require.Regexp(t, "^100ms 10.00%", profTopRow(ignore, "escape"))
	hide := profPprof(t, "-top -hide=escape", profServer())
	require.Regexp(t, "^400ms 40.00% .* 400ms 40.00%$", profTopRow(hide, "parse"), "with the time of escape")
	require.Regexp(t, "^500ms 50.00%", profTopRow(hide, "render"))
}

// They are dropped. Functions with a cum below half a percent of the total are
// not shown, and the header says how many. -nodefraction=0 shows all. A function
// that is not in the output is thus not proven to be free; and many small
// functions can together be expensive, which a package view (-focus on the
// package) shows.
//
//claim:ask My function is missing in pprof -top. Does it cost nothing?
//claim:source https://github.com/google/pprof/blob/main/doc/README.md
func TestProfReadDropped(t *testing.T) {
	top := profPprof(t, "-top", profServer())
	require.Contains(t, top, "Dropped 1 node (cum <= 5ms)")
	require.Empty(t, profTopRow(top, "log"))
	require.Regexp(t, "^4ms 0.4% ", profTopRow(profPprof(t, "-top -nodefraction=0", profServer()), "log"))
}

// The width of a box is the share of the samples with this stack prefix, thus its
// cum. What no box above (below, in the icicle form that pprof draws) covers is
// flat. Left to right is no time: equal stacks are put together and the order has
// no meaning, so the same samples in another order give the same graph. Look for
// wide plateaus, not for deep towers. The same function under two callers is two
// boxes: use -peek or the reverse graph to add it up.
//
//claim:ask How do I read a flame graph, and is its x axis time?
//claim:source https://github.com/google/pprof/blob/main/doc/README.md
func TestProfReadFlame(t *testing.T) {
	widths := func(p *profile.Profile) map[string]int64 {
		boxes := make(map[string]int64)
		for _, s := range p.Sample {
			stack := profFrames(s)
			slices.Reverse(stack)
			for depth := range stack {
				boxes[strings.Join(stack[:depth+1], ";")] += s.Value[1] / 1e6
			}
		}
		return boxes
	}
	p, reversed := profServer(), profServer()
	slices.Reverse(reversed.Sample)
	boxes := widths(p)
	require.Equal(t, boxes, widths(reversed))
	require.EqualValues(t, 1000, boxes["main"])
	require.EqualValues(t, 900, boxes["main;handle"])
	require.EqualValues(t, 100, boxes["main;handle;parse;escape"])
	require.EqualValues(t, 400, boxes["main;handle;render;escape"], "a box of its own")
	require.EqualValues(t, 300, boxes["main;handle;parse"]-boxes["main;handle;parse;escape"], "flat: the part that nothing covers")
	require.Equal(t, profPprof(t, "-top", p), profPprof(t, "-top", reversed))
}

// -tags lists each label with its values and their shares, -tagfocus=KEY=VALUE
// keeps the samples with that value, and -tagroot=KEY puts the value above the
// stack as a frame, which gives a flame graph by route. Samples without the label
// stay out of -tagfocus; so the sum over all values can be below the total.
//
//claim:ask How do I filter or group a profile by label?
//claim:source https://github.com/google/pprof/blob/main/doc/README.md
func TestProfReadTags(t *testing.T) {
	require.Regexp(t, `(?s)route: Total 900ms of 1s \(90.00%\).*500ms \(50.00%\): /b.*400ms \(40.00%\): /a`, profPprof(t, "-tags", profServer()))
	require.Regexp(t, "^100ms ", profTopRow(profPprof(t, "-top -tagfocus=route=/a", profServer()), "escape"))
	require.Regexp(t, "^0 0% .* 500ms 50.00%$", profTopRow(profPprof(t, "-top -tagroot=route", profServer()), "/b"))
}

// No: the runtime writes the names of functions, files and lines into the
// profile, so go tool pprof FILE works on any machine and years later. You need
// the source for -list and the binary for -disasm only. Guides that pass the
// binary first describe Go before 1.9. The file is a gzipped protocol buffer,
// which other tools read as well.
//
//claim:ask Do I need the binary to read a profile?
//claim:source https://go.dev/doc/go1.9
//claim:source https://github.com/google/pprof/blob/main/proto/profile.proto
func TestProfReadNoBinary(t *testing.T) {
	p := profHeapOf(t, profFourViews)
	for _, m := range p.Mapping {
		m.File, m.BuildID = "", ""
	}
	require.Regexp(t, `optimizing\.profDropSmall`, profPprof(t, "-top -sample_index=alloc_objects -focus=profFourViews", p))
	var data bytes.Buffer
	require.NoError(t, p.Write(&data))
	require.Equal(t, []byte{0x1f, 0x8b}, data.Bytes()[:2], "gzip")
}
