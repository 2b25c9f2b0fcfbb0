package memory

import (
	"context"
	"go/version"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// wantAllocs asserts that one call of f makes exactly want heap allocations.
// It skips under the race detector, whose instrumentation allocates as well.
func wantAllocs(t *testing.T, want float64, f func()) {
	t.Helper()
	if raceEnabled {
		t.Skip("the race detector adds allocations of its own")
	}
	require.Equal(t, want, testing.AllocsPerRun(100, f), "allocations per call")
}

// liveHeap returns the bytes of heap objects that survive a full collection.
// Two collections are needed: the first may only queue what finalizers,
// cleanups and sync.Pool victims still hold.
func liveHeap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// allocatedBytes returns the bytes that one call of f allocates on the heap.
// Other goroutines must be quiet, and no test that uses it may be parallel.
func allocatedBytes(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// goAtLeast reports whether the toolchain that built this test is at least
// the given release, such as "go1.27".
func goAtLeast(release string) bool {
	running, _, _ := strings.Cut(runtime.Version(), "-X:") // go1.27.4-X:nogreenteagc
	return version.Compare(running, release) >= 0
}

// inChild reports whether the calling test is the child started by [child].
func inChild(t *testing.T) bool { return os.Getenv("GODEEP_CHILD") == t.Name() }

// child runs the calling test once more in a process of its own, with the
// given "KEY=value" settings, and returns what it printed. A crash is part of
// what such tests show, so the error is returned and not judged. The process
// is killed after 20 seconds.
func child(t *testing.T, env ...string) (output string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^"+t.Name()+"$", "-test.count=1", "-test.v")
	cmd.Env = append(os.Environ(), append(env, "GODEEP_CHILD="+t.Name())...)
	out, err := cmd.CombinedOutput()
	require.NoError(t, ctx.Err(), "child did not end:\n%s", out)
	return string(out), err
}
