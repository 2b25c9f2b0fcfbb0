package schedgc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

func tasksetCommand(t *testing.T) string {
	t.Helper()
	taskset, err := exec.LookPath("taskset")
	if err != nil {
		t.Skip("needs the program taskset: ", err)
	}
	return taskset
}

// firstCPU returns a list for taskset with one CPU that the process may use.
func firstCPU(t *testing.T) string {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip("needs /proc: ", err)
	}
	_, list, _ := strings.Cut(string(status), "Cpus_allowed_list:")
	list, _, _ = strings.Cut(strings.TrimSpace(list), "\n")
	return list[:len(list)-len(strings.TrimLeft(list, "0123456789"))]
}

// Yes, both. NumCPU is the number of CPUs in the affinity mask at the start of
// the process, and the default of GOMAXPROCS is not above it. A process that taskset
// limits to one CPU sees 1 and 1. A CPU quota, on the other hand, limits time
// and not CPUs: NumCPU does not show it.
//
//claim:ask Do runtime.NumCPU and GOMAXPROCS respect taskset, that is the CPU affinity?
//claim:needs goos=linux
//claim:source https://pkg.go.dev/runtime#NumCPU
func TestGomaxprocsAffinity(t *testing.T) {
	if proof.InChild(t) {
		fmt.Printf("cpus=%d\nprocs=%d\n", runtime.NumCPU(), runtime.GOMAXPROCS(0))
		os.Exit(0)
	}
	cmd := exec.Command(tasksetCommand(t), "-c", firstCPU(t), os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), "GOMAXPROCS=", "GORACE=atexit_sleep_ms=0", "GODEEP_CHILD="+t.Name())
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Equal(t, childFacts{"cpus": 1, "procs": 1}, parseChildFacts(string(out)))
}

// Yes, since Go 1.25: the system monitor looks at most once a second whether
// the affinity or the quota has changed, and adapts GOMAXPROCS if it was not set by
// hand, which any call with a positive number does, also with the current one.
// SetDefaultGOMAXPROCS does so at once. NumCPU keeps its value from the start.
// GODEBUG=updatemaxprocs=0 switches the updates off; that is the default for
// a go line below 1.25 in go.mod.
//
//claim:ask Does GOMAXPROCS follow if the CPU limit of a running process is changed?
//claim:needs goos=linux
//claim:source https://pkg.go.dev/runtime#GOMAXPROCS
//claim:source https://go.dev/doc/go1.25#container-aware-gomaxprocs
func TestGomaxprocsFollows(t *testing.T) {
	taskset := tasksetCommand(t)
	if proof.InChild(t) {
		cpus := runtime.NumCPU()
		runtime.SetDefaultGOMAXPROCS() // package testing has called GOMAXPROCS
		if os.Getenv("BY_HAND") == "1" {
			runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
		}
		_, err := exec.Command(taskset, "-a", "-c", "-p", firstCPU(t), strconv.Itoa(os.Getpid())).CombinedOutput()
		require.NoError(t, err)
		if os.Getenv("AT_ONCE") == "1" {
			runtime.SetDefaultGOMAXPROCS()
		} else {
			most, err := time.ParseDuration(os.Getenv("WAIT"))
			require.NoError(t, err)
			begun := time.Now()
			for runtime.GOMAXPROCS(0) != 1 && time.Since(begun) < most {
				time.Sleep(time.Millisecond)
			}
		}
		fmt.Printf("same=%d\nprocs=%d\n", factOf(cpus == runtime.NumCPU()), runtime.GOMAXPROCS(0))
		os.Exit(0)
	}
	standard := gomaxprocsAtStart(t)
	if standard < 2 {
		t.Skip("needs two CPUs")
	}
	one := childFacts{"same": 1, "procs": 1}
	assert.Equal(t, one, runChildFacts(t, "GOMAXPROCS=", "AT_ONCE=1"))
	if testing.Short() {
		t.Skip("the rest takes a second, which -short leaves out")
	}
	followed := gomaxprocsFollowed()
	require.NoError(t, followed.err)
	assert.Equal(t, one, followed.updated)
	assert.Equal(t, childFacts{"same": 1, "procs": standard}, followed.switchedOff)
	assert.Equal(t, childFacts{"same": 1, "procs": standard}, followed.setByHand)
}

// gomaxprocsAtStart returns the default of a child.
func gomaxprocsAtStart(t *testing.T) int {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestGomaxprocsEnvironment$", "-test.v")
	cmd.Env = append(os.Environ(), "GOMAXPROCS=", "GORACE=atexit_sleep_ms=0", "GODEEP_CHILD=TestGomaxprocsEnvironment")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return parseChildFacts(string(out))["procs"]
}

type gomaxprocsOutcome struct {
	updated, switchedOff, setByHand childFacts
	err                             error
}

// gomaxprocsFollowed runs three children for a second, once in a process.
var gomaxprocsFollowed = sync.OnceValue(func() (followed gomaxprocsOutcome) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	var errs [3]error
	var all sync.WaitGroup
	for i, child := range []struct {
		facts     *childFacts
		wait, env string
	}{
		{&followed.updated, "10s", "BY_HAND="},
		{&followed.switchedOff, "1200ms", "GODEBUG=updatemaxprocs=0"},
		{&followed.setByHand, "1200ms", "BY_HAND=1"},
	} {
		all.Go(func() {
			cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestGomaxprocsFollows$", "-test.v")
			cmd.Env = append(os.Environ(), "GOMAXPROCS=", "GORACE=atexit_sleep_ms=0", "GODEEP_CHILD=TestGomaxprocsFollows", "WAIT="+child.wait, child.env)
			out, err := cmd.CombinedOutput()
			*child.facts, errs[i] = parseChildFacts(string(out)), err
		})
	}
	all.Wait()
	followed.err = errors.Join(errs[:]...)
	return followed
})

// Since Go 1.25 yes, on Linux: quota divided by period, rounded up, if that is
// below the number of CPUs, but never below 2. So a limit of 2.5 CPUs on a machine
// with 64 gives 3, and a limit of half a CPU gives 2. In Kubernetes the quota is the
// CPU limit of the container; the request has no influence. Before, such a
// program had 64 Ps and was throttled by the kernel, and a library in main set the
// number. GODEBUG=containermaxprocs=0 brings that back; it is the default for a
// go line below 1.25 in go.mod.
//
//claim:ask Does Go respect the CPU limit of a container, and do I still need a library for GOMAXPROCS?
//claim:needs goos=linux
//claim:source https://go.dev/doc/go1.25#container-aware-gomaxprocs
//claim:source https://pkg.go.dev/runtime#GOMAXPROCS
func TestGomaxprocsQuota(t *testing.T) {
	for _, c := range []struct {
		cpus  int
		quota float64
		want  int
	}{{64, 0, 64}, {64, 2.5, 3}, {64, 0.5, 2}, {64, 100, 64}, {1, 0.5, 1}, {2, 1, 2}} {
		assert.Equal(t, c.want, gomaxprocsDefault(c.cpus, c.quota), "%+v", c)
	}
	// And the runtime agrees about the quota that this process has.
	assert.Equal(t, gomaxprocsDefault(runtime.NumCPU(), gomaxprocsQuota()), gomaxprocsAtStart(t))
}

// gomaxprocsQuota returns the lowest CPU quota of the cgroups that the process is
// in, as seen below /sys/fs/cgroup, or 0 if there is none.
func gomaxprocsQuota() (lowest float64) {
	limit := func(quota, period string) {
		q, err := strconv.ParseFloat(quota, 64)
		p, err2 := strconv.ParseFloat(period, 64)
		if err == nil && err2 == nil && q > 0 && (lowest == 0 || q/p < lowest) {
			lowest = q / p
		}
	}
	cgroups, _ := os.ReadFile("/proc/self/cgroup")
	for line := range strings.Lines(string(cgroups)) {
		_, controllers, _ := strings.Cut(strings.TrimSpace(line), ":")
		controllers, path, _ := strings.Cut(controllers, ":")
		root := "/sys/fs/cgroup"
		switch {
		case controllers == "":
		case strings.Contains(","+controllers+",", ",cpu,"):
			root = filepath.Join(root, "cpu")
		default:
			continue
		}
		for dir := filepath.Join(root, path); len(dir) >= len(root); dir = filepath.Dir(dir) {
			if v2, err := os.ReadFile(filepath.Join(dir, "cpu.max")); err == nil {
				if fields := strings.Fields(string(v2)); len(fields) == 2 {
					limit(fields[0], fields[1])
				}
			}
			quota, _ := os.ReadFile(filepath.Join(dir, "cpu.cfs_quota_us"))
			period, _ := os.ReadFile(filepath.Join(dir, "cpu.cfs_period_us"))
			limit(strings.TrimSpace(string(quota)), strings.TrimSpace(string(period)))
		}
	}
	return lowest
}
