package schedgc

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// gcWorkloadRun is what a run of testdata/gctrace/workload printed.
type gcWorkloadRun struct {
	stdout, stderr string
	err            error
}

var gcWorkloadRuns = map[string]gcWorkloadRun{}

func gcWorkloadProgram(t *testing.T) string {
	t.Helper()
	program, output, err := proof.Build(t, "build", "./testdata/gctrace/workload")
	require.NoError(t, err, output)
	return program
}

// gcWorkload runs the program in the given mode, such as "grow", with the given
// "KEY=value" settings. The tests share its runs.
func gcWorkload(t *testing.T, mode string, env ...string) gcWorkloadRun {
	t.Helper()
	key := mode + strings.Join(env, " ")
	run, ok := gcWorkloadRuns[key]
	if !ok {
		run = runGCWorkload(t, gcWorkloadProgram(t), mode, env...)
		gcWorkloadRuns[key] = run
	}
	return run
}

func runGCWorkload(t *testing.T, program, mode string, env ...string) gcWorkloadRun {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), program, strings.Fields(mode)...)
	for _, kv := range os.Environ() {
		switch name, _, _ := strings.Cut(kv, "="); name {
		case "GODEBUG", "GOGC", "GOMEMLIMIT", "GOMAXPROCS", "GOTRACEBACK":
		default:
			cmd.Env = append(cmd.Env, kv)
		}
	}
	cmd.Env = append(cmd.Env, env...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	return gcWorkloadRun{stdout.String(), stderr.String(), err}
}

// gcWorkloadCycles returns the collections of such a run.
func gcWorkloadCycles(t *testing.T, mode string, env ...string) []GCTrace {
	t.Helper()
	return gcCyclesOf(t, gcWorkload(t, mode, append(env, "GODEBUG=gctrace=1")...))
}

func gcCyclesOf(t *testing.T, run gcWorkloadRun) []GCTrace {
	t.Helper()
	require.NoError(t, run.err, run.stderr)
	cycles, err := ReadGCTraces(strings.NewReader(run.stderr))
	require.NoError(t, err)
	return cycles
}

// GODEBUG=gctrace=1 prints one line per collection to the standard error: number,
// time since the start, share of the CPU since the start, the times of the three
// phases by the clock, the CPU times of the same phases, three heap sizes, the heap
// goal, stacks, globals and GOMAXPROCS. The first and the third phase are the two
// pauses; the second runs beside the program. A last word (forced) means a call of
// runtime.GC. The runtime makes no promise about the format: it got stacks and
// globals in Go 1.19.
//
//claim:ask How do you read a line of GODEBUG=gctrace=1?
//claim:source https://pkg.go.dev/runtime#hdr-Environment_Variables
func TestGCTraceLine(t *testing.T) {
	const ms, mib = time.Millisecond, int64(1 << 20)
	got, err := ParseGCTrace("gc 5 @0.112s 22%: 0.13+10+0.003 ms clock, 0.27+7.8/1.8/0.10+0.006 ms cpu, " +
		"26->32->22 MB, 30 MB goal, 1 MB stacks, 2 MB globals, 2 P (forced)")
	require.NoError(t, err)
	require.Equal(t, GCTrace{
		Cycle: 5, At: 112 * ms, CPUPercent: 22,
		SweepTermination: 130 * ms / 1000, Mark: 10 * ms, MarkTermination: 3 * ms / 1000,
		SweepTerminationCPU: 270 * ms / 1000, AssistCPU: 7800 * ms / 1000, WorkerCPU: 1800 * ms / 1000,
		IdleCPU: 100 * ms / 1000, MarkTerminationCPU: 6 * ms / 1000,
		HeapStart: 26 * mib, HeapEnd: 32 * mib, HeapLive: 22 * mib, Goal: 30 * mib,
		Stacks: 1 * mib, Globals: 2 * mib, Procs: 2, Forced: true,
	}, got)
	require.Equal(t, 133*time.Microsecond, got.Pause())

	// A real program: the last cycle of each run is a call of runtime.GC.
	cycles := gcWorkloadCycles(t, "grow", "GOMAXPROCS=2")
	require.GreaterOrEqual(t, len(cycles), 3)
	for i, cycle := range cycles {
		require.Equal(t, i+1, cycle.Cycle)
		require.Equal(t, i == len(cycles)-1, cycle.Forced)
		require.Equal(t, 2, cycle.Procs)
		if i > 0 {
			require.GreaterOrEqual(t, cycle.At, cycles[i-1].At)
		}
	}
	require.Empty(t, gcWorkload(t, "grow", "GOMAXPROCS=2", "GODEBUG=gctrace=1").stdout)
}

// In 26->32->22 MB the first number is the heap at the start of the collection, with
// garbage; the second the heap at the end of marking, with what was allocated in the
// meantime; the third what was marked. The third is close to the live heap, and the
// base of the next goal. The second minus the third is what the sweep will free.
// What is allocated during the cycle counts as marked, so with much allocation the
// third number lies above the true live heap.
//
//claim:ask What do the three heap sizes in a gctrace line mean, such as 26->32->22 MB?
//claim:source https://pkg.go.dev/runtime#hdr-Environment_Variables
func TestGCTraceHeapSizes(t *testing.T) {
	const mib = int64(1 << 20)
	cycles := gcWorkloadCycles(t, "grow", "GOMAXPROCS=2")
	for _, cycle := range cycles {
		require.GreaterOrEqual(t, cycle.HeapEnd, cycle.HeapStart)
		require.LessOrEqual(t, cycle.HeapLive, cycle.HeapEnd)
	}
	forced := cycles[len(cycles)-1]
	require.InDelta(t, 16*mib, forced.HeapLive, float64(mib), "nothing was allocated during this one")
}

// Objects that are allocated while the collector marks are black from birth: this
// cycle neither scans nor frees them, even if they are dropped at once. They are
// floating garbage until the next cycle. A program that holds one block of 16 KiB
// and allocates 64 MiB of them shows cycles that marked more than a MiB. That is one
// reason why a heap can be larger than GOGC suggests.
//
//claim:ask What colour has an object that is allocated during a GC cycle, and when is it freed?
//claim:source runtime/mgc.go
func TestAllocatedBlack(t *testing.T) {
	program := gcWorkloadProgram(t)
	for range 20 {
		for _, cycle := range gcCyclesOf(t, runGCWorkload(t, program, "garbage", "GODEBUG=gctrace=1")) {
			if cycle.HeapLive >= 2<<20 {
				return
			}
		}
	}
	require.Fail(t, "no cycle marked what was allocated during it")
}

// For the two pauses the CPU time is the clock time multiplied by the number of Ps,
// as nobody can run: with 2 Ps it is twice as long. A machine with fewer CPUs than
// Ps is counted with its CPUs. For marking the CPU time is the sum of three parts:
// assists by goroutines that allocate, workers, and workers on Ps that were idle.
// The third part costs the program nothing that it wanted to use.
//
//claim:ask Why does gctrace show more CPU time than clock time?
//claim:source runtime/mgc.go
func TestGCTraceCPUTimes(t *testing.T) {
	procs := min(2, runtime.NumCPU())
	for _, cycle := range gcWorkloadCycles(t, "grow", "GOMAXPROCS=2") {
		for clock, cpu := range map[time.Duration]time.Duration{
			cycle.SweepTermination: cycle.SweepTerminationCPU,
			cycle.MarkTermination:  cycle.MarkTerminationCPU,
		} {
			// Two digits are printed, and the rest is cut off.
			least, most := time.Duration(procs)*clock, time.Duration(procs)*(clock*11/10+time.Microsecond)
			require.GreaterOrEqual(t, cpu, least*9/10-time.Microsecond)
			require.LessOrEqual(t, cpu, most)
		}
		require.Positive(t, cycle.AssistCPU+cycle.WorkerCPU+cycle.IdleCPU)
	}
}

// The percentage is an average over the whole life of the program, and of all Ps,
// not of this cycle. A program that collects much at the start or in bursts and
// rests in between shows a small number although the last cycle cost as much as the
// others. MemStats.GCCPUFraction is the same number. For a current value, take the
// difference of two readings of /cpu/classes/gc/total:cpu-seconds.
//
//claim:ask What does the percentage in a gctrace line tell?
//claim:source https://pkg.go.dev/runtime#hdr-Environment_Variables
//claim:source runtime/mgc.go
func TestGCTracePercent(t *testing.T) {
	program := gcWorkloadProgram(t)
	for range 20 {
		cycles := gcCyclesOf(t, runGCWorkload(t, program, "percent", "GODEBUG=gctrace=1"))
		require.GreaterOrEqual(t, len(cycles), 6)
		busy, rested := cycles[len(cycles)-2], cycles[len(cycles)-1]
		require.GreaterOrEqual(t, rested.At-busy.At, 150*time.Millisecond)
		if rested.CPUPercent < busy.CPUPercent {
			return
		}
	}
	require.Fail(t, "the percentage did not fall")
}

// gctrace can only be switched on at the start of a program, because the runtime
// reads it once: os.Setenv has no effect on it later, and a directive //go:debug
// gctrace=1 in the source does not build, as that form is for settings of
// compatibility only. So it takes a restart with the variable. In a program that
// runs already, read runtime/metrics, or take an execution trace, which shows the
// phases of each cycle.
//
//claim:ask Can I switch on gctrace in a running program, or in its source?
//claim:source https://go.dev/doc/godebug
func TestGCTraceAtStart(t *testing.T) {
	require.Empty(t, gcWorkload(t, "late").stderr)
	require.Len(t, gcWorkloadCycles(t, "late"), 1, "the same program, with the variable")

	output, err := proof.Go(t, "build", "./testdata/gctrace/directive")
	require.Error(t, err)
	require.Contains(t, output, `unknown //go:debug setting "gctrace"`)
}

const gcTraceSample = "gc 1 @0.005s 11%: 0.073+2.4+0.011 ms clock, 0.14+1.6/0.088/0.054+0.022 ms cpu, " +
	"3->4->4 MB, 4 MB goal, 0 MB stacks, 0 MB globals, 2 P"

func TestParseGCTrace(t *testing.T) {
	sample, err := ParseGCTrace(gcTraceSample)
	require.NoError(t, err)
	require.False(t, sample.Forced)
	require.False(t, sample.LeakCheck)
	leak, err := ParseGCTrace(strings.Replace(gcTraceSample, "11%:", "11% (checking for goroutine leaks):", 1))
	require.NoError(t, err)
	require.True(t, leak.LeakCheck)
	leak.LeakCheck = false
	require.Equal(t, sample, leak)

	off, err := ParseGCTrace(strings.Replace(gcTraceSample, "4 MB goal", "8532210231536 MB goal", 1))
	require.NoError(t, err, "with GOGC=off there is no goal")
	require.Greater(t, off.Goal, int64(1)<<62)

	for _, line := range []string{
		"", "gc 1", gcTraceSample + "\n", gcTraceSample + " forced", " " + gcTraceSample,
		strings.Replace(gcTraceSample, "2.4", "2h4", 1),
		strings.Replace(gcTraceSample, "3->", "-3->", 1),
		strings.Replace(gcTraceSample, "gc 1 ", "gc 99999999999999999999 ", 1),
		strings.Replace(gcTraceSample, "3->", "9999999999999->", 1),
		strings.Replace(gcTraceSample, "@0.005s", "@99999999999999999999s", 1),
		"gc 1 @0.001s 2%: 0.01+0.2+0.00 ms clock, 0.02+0/0.1/0.3+0.01 ms cpu, 4->4->0 MB, 5 MB goal, 4 P", // Go 1.17
	} {
		got, err := ParseGCTrace(line)
		require.Error(t, err, line)
		require.Zero(t, got)
	}
}

func TestReadGCTraces(t *testing.T) {
	cycles, err := ReadGCTraces(strings.NewReader("gc is not yet on\n" + gcTraceSample + "\nscvg: 8 MB released\n" + gcTraceSample + "\n"))
	require.NoError(t, err)
	require.Len(t, cycles, 2)

	cycles, err = ReadGCTraces(strings.NewReader(gcTraceSample + "\ngc 2 @0.1s half a line\n" + gcTraceSample + "\n"))
	require.ErrorContains(t, err, "line 2: ")
	require.Len(t, cycles, 1)

	_, err = ReadGCTraces(strings.NewReader(strings.Repeat("x", 1<<17)))
	require.Error(t, err)
}

func FuzzParseGCTrace(f *testing.F) {
	f.Add(gcTraceSample)
	f.Add(gcTraceSample + " (forced)")
	f.Add("gc 1 @")
	f.Fuzz(func(t *testing.T, line string) {
		if len(line) > 1000 {
			return
		}
		g, err := ParseGCTrace(line)
		if err == nil && (g.HeapStart < 0 || g.HeapEnd < 0 || g.HeapLive < 0 || g.Goal < 0) {
			t.Errorf("%q: %v", line, g)
		}
		all, readErr := ReadGCTraces(strings.NewReader(line))
		if err == nil && (readErr != nil || fmt.Sprint(all) != fmt.Sprint([]GCTrace{g})) {
			t.Errorf("%q: %v, %v", line, all, readErr)
		}
	})
}
