// Package proof holds what the tests of all topics need to state a fact:
// exact allocation counts, the size of the live heap, the Go release in use,
// a child process for what would bring the test down, and the go command for
// programs under testdata that must fail.
package proof

import (
	"context"
	"go/version"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// WantAllocs asserts that one call of f makes exactly want heap allocations.
// It skips under the race detector, whose instrumentation allocates as well.
func WantAllocs(t *testing.T, want float64, f func()) {
	t.Helper()
	if RaceEnabled {
		t.Skip("the race detector adds allocations of its own")
	}
	require.Equal(t, want, testing.AllocsPerRun(100, f), "allocations per call")
}

// OnceUnderRace skips the test if the race detector is built in and the test has
// run in this process before. It is for tests that take many times as long with
// the race detector and have no second goroutine, which -count=20 need not repeat.
func OnceUnderRace(t *testing.T) {
	t.Helper()
	if !RaceEnabled {
		return
	}
	if ranUnderRace[t.Name()] {
		t.Skip("has run in this process, and takes long with the race detector")
	}
	t.Cleanup(func() { ranUnderRace[t.Name()] = true })
}

var ranUnderRace = make(map[string]bool)

// LiveHeap returns the bytes of heap objects that survive a full collection.
// Two collections are needed: the first may only queue what finalizers,
// cleanups and sync.Pool victims still hold.
func LiveHeap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// AllocatedBytes returns the bytes that one call of f allocates on the heap.
// Other goroutines must be quiet, and no test that uses it may be parallel.
func AllocatedBytes(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// GoAtLeast reports whether the toolchain that built this test is at least
// the given release, such as "go1.27".
func GoAtLeast(release string) bool {
	running, _, _ := strings.Cut(runtime.Version(), "-X:") // go1.27.4-X:nogreenteagc
	return version.Compare(running, release) >= 0
}

// childKey is the environment variable that tells a child which test it runs.
const childKey = "GODEEP_CHILD"

// InChild reports whether the calling test is the child started by [Child].
func InChild(t *testing.T) bool {
	return os.Getenv(childKey) == t.Name()
}

// Child runs the calling test once more in a process of its own, with the
// given "KEY=value" settings, and returns what it printed. A crash is part of
// what such tests show, so the error is returned and not judged. The process
// is killed after 20 seconds. The fatal error "all goroutines are asleep" does
// not come in a test binary: show it by a program under testdata, with [Go].
func Child(t *testing.T, env ...string) (output string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^"+t.Name()+"$", "-test.count=1", "-test.v")
	// The race detector would wait a second before the child exits.
	cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0 "+os.Getenv("GORACE"), childKey+"="+t.Name())
	cmd.Env = append(cmd.Env, env...)
	out, err := cmd.CombinedOutput()
	require.NoError(t, ctx.Err(), "child did not end:\n%s", out)
	return string(out), err
}

// Main runs the tests of a package and fails if they leave goroutines behind.
// It is the whole of a TestMain.
func Main(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if programs.dir != "" {
			os.RemoveAll(programs.dir)
		}
		os.Exit(code)
	}))
}

// Go runs the go command in the current directory, which in a test is that of
// its package, and returns what it printed. A failing build, vet or program is
// what such tests show, so the error is returned and not judged. It skips the
// test if -short is set or no go command is installed, and ends the command
// after two minutes.
//
// The same command in the same environment runs once in a process, so that
// -count=50 does not build the same program fifty times.
func Go(t *testing.T, args ...string) (output string, err error) {
	t.Helper()
	if testing.Short() {
		t.Skip("builds a program, which -short leaves out")
	}
	goCommand, err := exec.LookPath("go")
	if err != nil {
		t.Skip("needs the go command: ", err)
	}
	key := strings.Join(args, " ") + "\n" + strings.Join(os.Environ(), "\n")
	if known, ok := ran[key]; ok {
		return known.output, known.err
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, goCommand, args...).CombinedOutput()
	require.NoError(t, ctx.Err(), "go %s did not end:\n%s", strings.Join(args, " "), out)
	ran[key] = outcome{string(out), err}
	return string(out), err
}

// Build runs go with the given arguments, such as "build", "-race", "./testdata/x"
// or "test", "-c", "./testdata/x", once in a process as [Go] does, and returns
// the program that it writes, which lives until [Main] ends, or what it printed
// and an error.
func Build(t *testing.T, args ...string) (program, output string, err error) {
	t.Helper()
	if programs.dir == "" {
		programs.dir, err = os.MkdirTemp("", "godeep")
		require.NoError(t, err)
		programs.names = make(map[string]string)
	}
	key := strings.Join(args, " ") + "\n" + strings.Join(os.Environ(), "\n")
	program, ok := programs.names[key]
	if !ok {
		program = filepath.Join(programs.dir, strconv.Itoa(len(programs.names))+".exe") // Windows needs the suffix
		programs.names[key] = program
	}
	output, err = Go(t, slices.Insert(slices.Clone(args), len(args)-1, "-o", program)...)
	return program, output, err
}

// What Go and Build have done. Tests that use them are not parallel.
var (
	ran      = make(map[string]outcome)
	programs struct {
		dir   string
		names map[string]string
	}
)

type outcome struct {
	output string
	err    error
}
