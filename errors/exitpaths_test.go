package errors

import (
	"bytes"
	"errors"
	"log"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// exitpathsEnd is how a program ended.
type exitpathsEnd struct {
	stdout, stderr string
	code           int
}

var exitpathsKnown = make(map[string]exitpathsEnd)

// exitpathsRun runs testdata/exitpaths/crash, which ends in the given way, with
// the given "KEY=value" settings, once in a process.
func exitpathsRun(t *testing.T, way string, env ...string) exitpathsEnd {
	t.Helper()
	program, output, err := proof.Build(t, "build", "./testdata/exitpaths/crash")
	require.NoError(t, err, output)
	key := strings.Join(append(env, way), "\n")
	if known, ok := exitpathsKnown[key]; ok {
		return known
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), program, way)
	cmd.Env = append(os.Environ(), "GOTRACEBACK=single", "GODEBUG=")
	cmd.Env = append(cmd.Env, env...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	end := exitpathsEnd{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
	exitpathsKnown[key] = end
	return end
}

// It does not run if the process ends without unwinding the stack: os.Exit and
// what calls it (log.Fatal, flag with ExitOnError), a fatal error of the
// runtime, and a kill by the system. It does not run in other goroutines
// either, when main returns or when one goroutine panics. It runs at a return,
// at a panic that nobody recovers, before the crash report, and at
// runtime.Goexit. So let main call os.Exit(run()), and defer in run.
//
//claim:ask When does a deferred call not run at all?
//claim:source https://pkg.go.dev/os#Exit
//claim:source https://go.dev/ref/spec#Program_execution
func TestExitPathsNoDefer(t *testing.T) {
	for _, way := range []string{"exit", "logFatal", "flag", "unlock", "overflow", "deadlock", "kill"} {
		end := exitpathsRun(t, way)
		require.Empty(t, end.stdout, "%s: no deferred call has printed", way)
		require.NotZero(t, end.code, way)
	}
	for _, way := range []string{"return", "string", "logPanic", "goexit"} {
		require.Equal(t, "deferred: main\n", exitpathsRun(t, way).stdout, way)
	}
	require.Equal(t, "deferred: main\n", exitpathsRun(t, "mainReturns").stdout, "not that of the other goroutine")
	require.Equal(t, "deferred: worker\n", exitpathsRun(t, "goroutine").stdout, "only that of the goroutine that panics")
	require.Equal(t, "deferred: run\n", exitpathsRun(t, "run").stdout)
}

// It is 2 for a panic that nobody recovers and for every fatal error of the
// runtime, 1 for log.Fatal, n for os.Exit(n) and 0 if main returns, even while
// other goroutines are in the middle of something. The flag package also uses 2
// for a bad command line, so 2 alone does not prove a crash: look for the text.
// A program killed by a signal has no exit code of its own; Go reports -1 and a
// shell 128 plus the number.
//
//claim:ask What is the exit code of a Go program after a panic, a fatal error, log.Fatal, or a bad flag?
//claim:source https://pkg.go.dev/runtime#hdr-Environment_Variables
//claim:source https://pkg.go.dev/log#Fatal
func TestExitPathsCode(t *testing.T) {
	for way, code := range map[string]int{
		"string": 2, "goroutine": 2, "unlock": 2, "overflow": 2, "deadlock": 2, "goexit": 2, "logPanic": 2,
		"logFatal": 1, "exit": 3, "run": 3, "flag": 2, "return": 0, "mainReturns": 0,
	} {
		require.Equal(t, code, exitpathsRun(t, way).code, way)
	}
	if runtime.GOOS == "linux" {
		require.Equal(t, -1, exitpathsRun(t, "kill").code)
	}
}

// No. The default action of SIGINT and SIGTERM ends the process at once, and no
// deferred call runs, neither in main nor elsewhere: files are not flushed and
// locks on disk stay. With signal.Notify or signal.NotifyContext the signal
// becomes an event, and main can return in the ordinary way and run its defers.
// SIGKILL cannot be caught by any program.
//
//claim:ask Do the deferred calls of main run on Ctrl-C or SIGTERM?
//claim:needs goos=linux
//claim:source https://pkg.go.dev/os/signal#hdr-Default_behavior_of_signals_in_Go_programs
func TestExitPathsSignal(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs Unix signals that a process sends to itself")
	}
	for _, way := range []string{"interrupt", "kill"} {
		end := exitpathsRun(t, way)
		require.Empty(t, end.stdout, way)
		require.Empty(t, end.stderr, "and no trace of the goroutines")
		require.Equal(t, -1, end.code, "ended by a signal")
	}
	caught := exitpathsRun(t, "notify")
	require.Equal(t, "interrupt\ndeferred: main\n", caught.stdout)
	require.Zero(t, caught.code)
}

// A fatal error is not a panic, so no recover sees it and no deferred call
// runs. The runtime reports it for states that cannot be repaired: unlock of an
// unlocked mutex, concurrent map access, all goroutines asleep, stack overflow,
// out of memory. The report begins with "fatal error:" where a panic begins
// with "panic:"; both exit with code 2. You may read that recover catches every
// crash: it catches panics only.
//
//claim:ask Which crashes can recover not catch, and how do I tell them from a panic?
//claim:source runtime/panic.go
func TestExitPathsFatal(t *testing.T) {
	for way, text := range map[string]string{
		"unlock":   "fatal error: sync: unlock of unlocked mutex\n",
		"overflow": "fatal error: stack overflow\n",
		"deadlock": "fatal error: all goroutines are asleep - deadlock!\n",
		"goexit":   "fatal error: no goroutines (main called runtime.Goexit) - deadlock!\n",
	} {
		end := exitpathsRun(t, way)
		require.Contains(t, end.stderr, text, way)
		require.NotContains(t, end.stderr, "panic:", way)
		require.NotContains(t, end.stdout, "recovered", way)
		require.Equal(t, 2, end.code, way)
	}
	panicked := exitpathsRun(t, "string")
	require.True(t, strings.HasPrefix(panicked.stderr, "panic: plain\n"), panicked.stderr)
}

// log.Fatal prints and calls os.Exit(1): no defers, no chance for the caller,
// and in a test the whole run ends. log.Panic prints and panics with the text:
// defers run and a recover stops it; if nobody does, the text appears twice.
// Neither belongs in a library, which returns an error instead; log.Fatal
// belongs in main, before there is anything to clean up.
//
//claim:ask What is the difference between log.Fatal, log.Panic and panic?
//claim:source https://pkg.go.dev/log#Panic
//claim:source https://pkg.go.dev/log#Fatal
func TestExitPathsLog(t *testing.T) {
	var out bytes.Buffer
	logger := log.New(&out, "", 0)
	require.PanicsWithValue(t, "disk 3", func() { logger.Panicf("disk %d", 3) })
	require.Equal(t, "disk 3\n", out.String())

	uncaught := exitpathsRun(t, "logPanic")
	require.Contains(t, uncaught.stderr, "panic log\npanic: panic log\n")
	require.Equal(t, "deferred: main\n", uncaught.stdout)

	fatal := exitpathsRun(t, "logFatal")
	require.Equal(t, exitpathsEnd{stderr: "fatal log\n", code: 1}, fatal, "no trace")
}
