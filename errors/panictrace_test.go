package errors

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The first line is the panic value, then comes the goroutine with its number
// and state, then the calls, the innermost first: the function with its
// arguments as raw words, and below it file, line and offset. The frame under a
// line panic(...) is where it happened; frames above it are deferred functions.
// The last lines, "created by", name the go statement. Arguments with a
// question mark may be out of date, and (...) stands for those of an inlined
// call. A deep stack shows its first and last 50 frames and how many are left
// out.
//
//claim:ask How do I read the stack trace of a crash?
//claim:source https://pkg.go.dev/runtime#hdr-Environment_Variables
//claim:source runtime/traceback.go
func TestPanicTraceRead(t *testing.T) {
	trace := exitpathsRun(t, "repanic").stderr
	var frames []string
	for _, line := range strings.Split(trace, "\n") {
		if name, _, ok := strings.Cut(line, "("); ok && !strings.HasPrefix(line, "\t") {
			frames = append(frames, name)
		}
	}
	require.Equal(t, []string{"main.repanic.func1", "panic", "main.origin", "main.repanic", "main.main"}, frames)
	require.Regexp(t, `(?m)^main\.origin\(\)\n\t.*main\.go:\d+ \+0x[0-9a-f]+$`, trace)

	deep := exitpathsRun(t, "deep").stderr
	require.Equal(t, 100, len(regexp.MustCompile(`(?m)^main\.(deep|main)\(`).FindAllString(deep, -1)))
	require.Contains(t, deep, "...102 frames elided...\n")
}

// GOTRACEBACK decides. The default, single, prints the goroutine that panicked
// and no frames of the runtime; all adds the other goroutines, system those of
// the runtime, none leaves out all of them, and crash ends with the signal
// SIGABRT, so that the system can write a core. A program can raise its own
// level with debug.SetTraceback. Fatal errors and throws of the runtime choose
// for themselves: a deadlock shows all goroutines. The exit code stays 2,
// except for crash.
//
//claim:ask How do I get the stacks of all goroutines in a crash report?
//claim:source https://pkg.go.dev/runtime#hdr-Environment_Variables
//claim:source https://pkg.go.dev/runtime/debug#SetTraceback
func TestPanicTraceLevels(t *testing.T) {
	goroutines := func(end exitpathsEnd) int {
		return len(regexp.MustCompile(`(?m)^goroutine \d+`).FindAllString(end.stderr, -1))
	}
	for level, count := range map[string]int{"none": 0, "single": 1, "all": 2} {
		end := exitpathsRun(t, "plain", "GOTRACEBACK="+level)
		require.Equal(t, count, goroutines(end), level)
		require.True(t, strings.HasPrefix(end.stderr, "panic: plain\n"), level)
		require.Equal(t, 2, end.code)
	}
	require.Greater(t, goroutines(exitpathsRun(t, "plain", "GOTRACEBACK=system")), 2)
	require.Equal(t, 2, goroutines(exitpathsRun(t, "all")), "by debug.SetTraceback")
	if runtime.GOOS == "linux" {
		crash := exitpathsRun(t, "plain", "GOTRACEBACK=crash")
		require.Equal(t, -1, crash.code, "ended by SIGABRT")
		require.Equal(t, "deferred: main\n", crash.stdout)
	}
}

// debug.SetCrashOutput(f) makes the runtime write the report of a crash to f as
// well as to the standard error, fatal errors included. Nothing in the program
// can intercept a crash, so this is the way to get the report to a file or,
// through a pipe, to a process that sends it away. f is duplicated, so you may
// close it. It exists since Go 1.23, and a recovered panic writes nothing
// there.
//
//claim:ask How do I get the crash report of a panic into a file?
//claim:source https://pkg.go.dev/runtime/debug#SetCrashOutput
func TestPanicTraceCrashOutput(t *testing.T) {
	name := filepath.Join(t.TempDir(), "crash.txt")
	end := exitpathsRun(t, "crashOutput", "CRASH_OUTPUT="+name)
	require.Equal(t, 2, end.code)
	require.Contains(t, end.stderr, "panic: to the file", "to both")
	report, err := os.ReadFile(name)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(report), "panic: to the file\n\ngoroutine 1 [running]:\nmain.main()\n"), string(report))
}

// Yes, with runtime/pprof labels: the report shows those that the goroutine has
// when it crashes, if GODEBUG=tracebacklabels=1. The setting exists since Go
// 1.26 and is on by default in a module with go 1.27 or later in go.mod. Labels
// set by pprof.Do are gone by then, as a deferred call restores the old ones
// while the panic passes through; SetGoroutineLabels keeps them. The format
// differs between the two releases.
//
//claim:ask Can the crash report say which request or job a goroutine was working on?
//claim:source https://go.dev/doc/godebug#go-126
//claim:source https://pkg.go.dev/runtime/pprof#SetGoroutineLabels
func TestPanicTraceLabels(t *testing.T) {
	require.Contains(t, exitpathsRun(t, "labels").stderr, "goroutine 1 [running]:\n")
	with := exitpathsRun(t, "labels", "GODEBUG=tracebacklabels=1").stderr
	require.Regexp(t, `goroutine 1 \[running( labels:)?.*job"?: "?42`, with)
	done := exitpathsRun(t, "labelsDo", "GODEBUG=tracebacklabels=1").stderr
	require.Contains(t, done, "panic: labelled")
	require.NotContains(t, done, "job")
}

// In a deferred call at a return, the caller of the deferred function is the
// function that deferred it, at its end or its return. During a panic it is the
// runtime (runtime.gopanic), because the runtime calls it on top of the stack,
// so runtime.Caller(1) gives another answer. A helper that wants the place of
// the panic looks for the first frame below runtime.gopanic that does not
// belong to the runtime; counting frames is wrong, as a nil dereference has two
// more.
//
//claim:ask What does runtime.Caller(1) return in a deferred function?
//claim:source https://pkg.go.dev/runtime#Caller
func TestPanicTraceCaller(t *testing.T) {
	caller := func(f func()) (function string, depth int) {
		defer func() { recover() }()
		defer func() {
			pc, _, _, ok := runtime.Caller(1)
			require.True(t, ok)
			function = runtime.FuncForPC(pc).Name()
			depth = panictraceDepth("panictraceFail", "panictraceNil")
		}()
		f()
		return
	}
	function, _ := caller(func() {})
	require.Contains(t, function, "TestPanicTraceCaller.func1")

	function, byPanic := caller(panictraceFail)
	require.Equal(t, "runtime.gopanic", function)
	function, byFault := caller(func() { panictraceNil(nil) })
	require.Equal(t, "runtime.gopanic", function)
	require.Greater(t, byFault, byPanic, "the signal has frames of its own")
}

//go:noinline
func panictraceFail() { panic("p") }

//go:noinline
func panictraceNil(p *runtimeerrPair) { p.a++ }

// panictraceDepth returns how many frames lie above the first function with one
// of the names.
func panictraceDepth(names ...string) int {
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for depth := 0; ; depth++ {
		frame, more := frames.Next()
		for _, name := range names {
			if strings.HasSuffix(frame.Function, "."+name) {
				return depth
			}
		}
		if !more {
			return -1
		}
	}
}
