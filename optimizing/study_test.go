package optimizing

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

func studyLog(tb testing.TB, lines int) []byte {
	log := bytes.NewBuffer(make([]byte, 0, 100*lines)) // no growing, which would be in the profiles
	require.NoError(tb, WriteStudyLog(log, lines))
	return log.Bytes()
}

func studyStep(tb testing.TB, name string) StudyStep {
	for _, step := range StudySteps() {
		if step.Name == name {
			return step
		}
	}
	tb.Fatal("no step ", name)
	return StudyStep{}
}

func studyReport(tb testing.TB, step StudyStep, log []byte) string {
	var report bytes.Buffer
	require.NoError(tb, step.Run(&report, bytes.NewReader(log)), step.Name)
	return report.String()
}

// benchmarkStudy runs steps over the same log.
func benchmarkStudy(b *testing.B, lines int, names ...string) {
	log := studyLog(b, lines)
	for _, name := range names {
		step := studyStep(b, name)
		b.Run("of="+name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(log)))
			for b.Loop() {
				if err := step.Run(io.Discard, bytes.NewReader(log)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// benchmarkStudySpeedup reports by what factor the second step is faster than the
// first. The effect of a later round is small for a machine that does other work
// too, so both run in turns in one process, and the fastest run of each counts.
func benchmarkStudySpeedup(b *testing.B, lines int, before, after string) {
	log := studyLog(b, lines)
	b.Run("of=both", func(b *testing.B) {
		fastest := []time.Duration{time.Hour, time.Hour}
		for b.Loop() {
			for i, name := range []string{before, after} {
				start := time.Now()
				if err := studyStep(b, name).Run(io.Discard, bytes.NewReader(log)); err != nil {
					b.Fatal(err)
				}
				fastest[i] = min(fastest[i], time.Since(start))
			}
		}
		b.ReportMetric(float64(fastest[0])/float64(fastest[1]), "speedup")
	})
}

// In this order: measure, profile, suppose one cause, change one thing, measure
// again. Here a program that summarizes an access log becomes more than 3 times
// faster in four such rounds, on one core, with the same report. Each round
// starts from a profile of the version before, because the first one knows
// nothing of what comes to light when its largest part has gone. The lesson of
// this package walks through it with commands to paste. It does not apply if the
// program waits: then the CPU profile is empty, and a trace or a block profile
// comes first.
//
//claim:ask Your Go service is slow or uses too much CPU. In which order do you proceed?
//claim:expect ns/op of=plain > 3x of=counts
//claim:expect allocs/op of=plain > 20x of=counts
//claim:source https://go.dev/doc/diagnostics
//claim:source https://go.dev/blog/pprof
func BenchmarkStudy(b *testing.B) { benchmarkStudy(b, 500, "plain", "counts") }

// Round 1. The CPU profile has regexp on more than half of all samples. So what is
// to be changed is the way a line is taken apart, not the map, the sorting or the
// output. The format has fixed delimiters: bytes.Cut at each of them is more than 1.5
// times faster for the whole program. Regular expressions are the right tool
// where the format is not fixed or the pattern comes from a user.
//
//claim:ask The CPU profile shows that most of the time is spent in regexp. What do you do?
//claim:profile cpu of=plain ^regexp\. >= 50%
//claim:expect ns/op of=plain > 1.5x of=fields
//claim:source https://pkg.go.dev/regexp
func BenchmarkStudyFields(b *testing.B) { benchmarkStudy(b, 500, "plain", "fields") }

// Round 2. After the first round time.Parse, which was one of many before, takes a tenth
// of the time and more. It is not slow: it is called for each line, although the
// lines of a log differ in their seconds at most. Keeping the last minute beside
// its text leaves one call a minute, and the program is faster. The question
// is not how to do the work faster, but whether it has to be done. It does
// not help if neighbouring lines have little in common.
//
//claim:ask A function that is fast in itself takes much of the profile, because it is called so often. What do you do?
//claim:profile cpu of=fields ^time\.Parse$ >= 10%
//claim:vary GOMAXPROCS 1
//claim:expect speedup of=both > 1.1
//claim:source https://pkg.go.dev/time#Parse
func BenchmarkStudyMinutes(b *testing.B) {
	benchmarkStudy(b, 500, "fields")
	benchmarkStudySpeedup(b, 200, "fields", "minutes")
}

// Round 3. The profile of allocated objects names one function, studyPath, which
// builds a string for each line only to look it up in a map. A buffer that is used
// again and routes[string(name)], for which the compiler makes no string, leave
// allocations for new routes only: fewer by more than 5 times, and the program is
// faster. The number of allocations then no longer depends on the number of
// lines, except for slices that grow.
//
//claim:ask How do you find and remove the garbage of a hot loop?
//claim:profile alloc_objects of=minutes optimizing\.studyPath$ >= 40%
//claim:expect allocs/op of=minutes > 5x of=bytes
//claim:vary GOMAXPROCS 1
//claim:expect speedup of=both > 1.1
//claim:source https://go.dev/doc/gc-guide#Eliminating_heap_allocations
func BenchmarkStudyBytes(b *testing.B) {
	benchmarkStudy(b, 500, "minutes", "bytes")
	benchmarkStudySpeedup(b, 500, "minutes", "bytes")
}

// Round 4. What is still allocated is the slice of durations that is kept to be
// sorted for its percentiles. The durations are whole milliseconds, so it is
// enough to count how often each occurs: the result is the same, nothing is
// sorted, and the memory depends on the range of the values and not on the number
// of lines. Here that is less than a third, with all buffers. For values without such a
// range, buckets of growing width give percentiles within a known error.
//
//claim:ask How do you compute percentiles of a large number of values without keeping them all?
//claim:profile alloc_space of=bytes optimizing\.\(\*studyRoute\)\.add$ >= 50%
//claim:vary GOMAXPROCS 1
//claim:expect B/op of=bytes > 3x of=counts
//claim:expect speedup of=both > 1.1
//claim:source https://pkg.go.dev/runtime/metrics#Float64Histogram
func BenchmarkStudyCounts(b *testing.B) {
	benchmarkStudy(b, 20_000, "bytes", "counts")
	benchmarkStudySpeedup(b, 2000, "bytes", "counts")
}

// Round 5 comes last, when one core does its work well: blocks of whole lines go
// to one worker per processor, each has a summary of its own, and the
// summaries are added at the end, so there is nothing to lock. Had it been the first round,
// all cores would be busy with a regular expression. It needs free
// cores, and on a server that is busy with many requests there are none.
//
//claim:ask When is the time to make a program parallel, before or after it has been made fast?
//claim:expect ns/op of=counts > 1.5x of=parallel
//claim:needs cpus>=4
//claim:source https://go.dev/doc/effective_go#parallel
func BenchmarkStudyParallel(b *testing.B) { benchmarkStudy(b, 20_000, "counts", "parallel") }

// When the profile is flat, that is, when what is left is the task itself, or
// when the program is fast enough. In the version with all changes on one core,
// finding and checking the fields of a line, and reading it, have the largest
// share, and no part of it can be left out: the next gain would need another
// algorithm or another format. Each further change would be small, and its
// price in readability is not. Define "fast enough" before you begin.
//
//claim:ask When do you stop optimizing?
//claim:source https://go.dev/blog/pprof
func TestStudyStop(t *testing.T) {
	proof.OnceUnderRace(t)
	task, total := studyShare(t, "counts", "cutStudyLine\n", "bufio.")
	assert.Greater(t, float64(task), 0.35*float64(total), "%d samples of %d", task, total)
}

// By a test that compares it with the slow one, on generated and on broken
// input. Here all steps give the same report for a log, for lines that are
// almost requests, and for whatever the fuzzer FuzzStudySteps thinks of; the
// first version remains in the tests as the definition of what is right. An
// optimization whose result differs is not one, however fast it is.
//
//claim:ask How do you make sure that the optimized code does the same as before?
//claim:source https://go.dev/doc/security/fuzz
func TestStudySameReport(t *testing.T) {
	proof.OnceUnderRace(t)
	logs := map[string][]byte{
		"empty":     nil,
		"generated": studyLog(t, 2000),
		"broken":    []byte(strings.Join(studyBrokenLines, "\n")),
		"blocks":    bytes.Repeat(studyLog(t, 1000), 8), // more than the parallel step has in a block
	}
	for name, log := range logs {
		want := studyReport(t, StudySteps()[0], log)
		for _, step := range StudySteps()[1:] {
			assert.Equal(t, want, studyReport(t, step, log), "%s, log %s", step.Name, name)
		}
	}
	assert.Contains(t, studyReport(t, StudySteps()[0], logs["broken"]), strconv.Itoa(len(studyBrokenLines)-3)+" lines left out")
}

// The lesson says that the memory of step 4 does not grow with the log, and that
// of step 3 does.
func TestStudyMemory(t *testing.T) {
	allocated := func(name string, lines int) float64 {
		log := studyLog(t, lines)
		return float64(proof.AllocatedBytes(func() { studyReport(t, studyStep(t, name), log) }))
	}
	assert.Less(t, allocated("counts", 40_000), 2*allocated("counts", 4000))
	assert.Greater(t, allocated("bytes", 40_000), 4*allocated("bytes", 4000))
}

var studyBrokenLines = []string{
	`203.0.113.7 - - [01/Mar/2026:12:34:56 +0000] "GET /orders/4711 HTTP/1.1" 200 1532 0.012`, // good
	`203.0.113.7 - - [01/Mar/2026:12:34:56 -0700] "GET /1/2x/ HTTP/2" 500 0 999999.999`,       // good, and very slow
	`h - - [01/Mar/2026:12:34:59 +0000] "GET  HTTP/1.1 HTTP/1.1" 200 1532 0.012`,
	`h - - [01/Mar/2026:12:34:59 +0000] "GET / HTTP/1.1" 200 1532 0.01`,
	`h - - [01/Mar/2026:12:34:59 +0000] "GET / HTTP/1.1" 200 1532 12`,
	`h - - [01/Mar/2026:12:34:59 +0000] "GET / HTTP/1.1" 600 1532 0.012`,
	`h - - [01/Mar/2026:12:34:59 +0000] "GET / HTTP/1.1" 200 -1 0.012`,
	`h - - [01/Mar/2026:12:34:59 +0000] "GET / HTTP/" 200 1 0.012`,
	`h - - [01/Mar/2026:12:34:59 +0000] "get / HTTP/1.1" 200 1 0.012`,
	`h - - [01/Mar/2026:12:34:60 +0000] "GET / HTTP/1.1" 200 1 0.012`,
	`h - - [31/Feb/2026:12:34:59 +0000] "GET / HTTP/1.1" 200 1 0.012`,
	`h - - [01/Mar/2026:12:34:59 +9999] "GET / HTTP/1.1" 200 1 0.012`,
	`h - - [01/Mar/2026:12:34:59] "GET / HTTP/1.1" 200 1 0.012`,
	"h\t - - [01/Mar/2026:12:34:59 +0000] \"GET / HTTP/1.1\" 200 1 0.012",
	"h - - [01/Mar/2026:12:34:59 +0000] \"GET /\xff HTTP/1.1\" 200 1 0.012", // good: bytes are bytes
	"",
	"x",
}

func FuzzStudySteps(f *testing.F) {
	for _, line := range studyBrokenLines {
		f.Add([]byte(line))
	}
	f.Add(bytes.Join([][]byte{studyLog(f, 20), []byte("x\r\n\n"), studyLog(f, 20)}, nil))
	f.Fuzz(func(t *testing.T, log []byte) {
		var want bytes.Buffer
		wantErr := StudySteps()[0].Run(&want, bytes.NewReader(log))
		for _, step := range StudySteps()[1:] {
			var got bytes.Buffer
			err := step.Run(&got, bytes.NewReader(log))
			if !errors.Is(err, wantErr) || got.String() != want.String() {
				t.Errorf("%s: error %v, want %v, report\n%s\nwant\n%s", step.Name, err, wantErr, &got, &want)
			}
		}
	})
}

func TestStudyErrors(t *testing.T) {
	log := studyLog(t, 100)
	broken := errors.New("broken")
	for _, step := range StudySteps() {
		assert.ErrorIs(t, step.Run(io.Discard, io.MultiReader(bytes.NewReader(log), iotest.ErrReader(broken))), broken, step.Name)
		assert.ErrorIs(t, step.Run(failingWriter{broken}, bytes.NewReader(log)), broken, step.Name)
		for _, size := range []int{70_000, 400_000} {
			long := append(bytes.Clone(log), bytes.Repeat([]byte("x"), size)...)
			assert.ErrorContains(t, step.Run(io.Discard, bytes.NewReader(long)), "token too long", step.Name)
		}
		assert.Equal(t, studyReport(t, step, log), func() string {
			var report bytes.Buffer
			require.NoError(t, step.Run(&report, iotest.HalfReader(bytes.NewReader(log))))
			return report.String()
		}(), step.Name)
	}
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

// Because the share of a function limits what can be gained from it. If a part takes
// the share p of the time, a program without it takes 1-p, so it becomes at most
// 1/(1-p) times faster: a part of 10 % gives 1.1 times at best. In the
// first profile of the case study time.Parse, the sorting and the map together
// are less than a half: perfect work on all of them would not have doubled the
// speed. That holds for the time of the CPU. A small part that holds a lock can
// still be what everybody waits for.
//
//claim:ask Why do you need a profile? An experienced programmer sees what is slow.
//claim:source https://go.dev/blog/pprof
func TestStudyShareLimits(t *testing.T) {
	proof.OnceUnderRace(t)
	inRegexp, total := studyShare(t, "plain", "regexp.")
	inParse, totalOfParse := studyShare(t, "plain", "time.Parse\n")
	limit := func(part, total int) float64 { return 1 / (1 - float64(part)/float64(total)) }
	assert.Greater(t, limit(inRegexp, total), 2.0, "samples in regexp %d of %d", inRegexp, total)
	assert.Less(t, limit(inParse, totalOfParse), 1.5, "samples in time.Parse %d of %d", inParse, totalOfParse)
}

// studyShare takes a CPU profile of a step and returns how many samples have one of the
// given texts in their stack of functions, one to a line, and how many there are.
func studyShare(t *testing.T, name string, texts ...string) (part, total int) {
	step, log := studyStep(t, name), studyLog(t, 2000)
	for duration := 300 * time.Millisecond; total < 20; duration *= 2 { // longer if the machine is busy
		require.Less(t, duration, 10*time.Second, "no samples")
		var buf bytes.Buffer
		if err := pprof.StartCPUProfile(&buf); err != nil {
			t.Skip("go test itself writes a CPU profile: ", err)
		}
		for start := time.Now(); time.Since(start) < duration; {
			studyReport(t, step, log)
		}
		pprof.StopCPUProfile()
		p, err := profile.Parse(&buf)
		require.NoError(t, err)
		part, total = 0, 0
		for _, sample := range p.Sample {
			stack := ""
			for _, location := range sample.Location {
				for _, line := range location.Line {
					stack += line.Function.Name + "\n"
				}
			}
			if !strings.Contains(stack, ".studyReport\n") {
				continue
			}
			total += int(sample.Value[0])
			if slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(stack, text) }) {
				part += int(sample.Value[0])
			}
		}
	}
	return part, total
}

var studyLessonRan bool

// TestStudyLesson runs the commands of the lesson in doc.go.
func TestStudyLesson(t *testing.T) {
	if testing.Short() || studyLessonRan {
		t.Skip("runs fifteen commands, once in a process")
	}
	studyLessonRan = true
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("needs sh: ", err)
	}
	doc, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	dir := t.TempDir()
	ran := 0
	for _, command := range regexp.MustCompile(`(?m)^//\t(.*(?:out/|accesslog).*)$`).FindAllStringSubmatch(string(doc), -1) {
		script := strings.ReplaceAll(command[1], "out/", filepath.ToSlash(dir)+"/")
		script = strings.ReplaceAll(script, "-generate 1000000", "-generate 20000")
		cmd := exec.CommandContext(t.Context(), shell, "-c", script)
		cmd.Dir = ".."
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s\n%s", command[1], out)
		ran++
	}
	assert.GreaterOrEqual(t, ran, 8)
}

func TestStudyProgram(t *testing.T) {
	program, out, err := proof.Build(t, "build", "./accesslog")
	require.NoError(t, err, out)
	log := filepath.Join(t.TempDir(), "access.log")
	require.NoError(t, os.WriteFile(log, studyLog(t, 1000), 0o666))
	want := studyReport(t, StudySteps()[0], studyLog(t, 1000))
	for step := range StudySteps() {
		report, err := exec.Command(program, "-step", strconv.Itoa(step), log).Output()
		require.NoError(t, err)
		assert.Equal(t, want, string(report))
	}
	for _, bad := range [][]string{{"-step", "9", log}, {"-step", "-1", log}, {log, log}, {log + ".none"}} {
		out, err := exec.Command(program, bad...).CombinedOutput()
		assert.ErrorContains(t, err, "exit status 1", "%v: %s", bad, out)
		assert.Contains(t, string(out), "accesslog: ")
	}
}
