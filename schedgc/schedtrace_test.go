package schedgc

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/go-deep-dive/godeep/internal/proof"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// schedTraceRun is what testdata/schedtrace/load prints as its scheduler trace. Each
// run is done once.
func schedTraceRun(t *testing.T, what, procs, godebug string) []SchedTrace {
	t.Helper()
	key := what + " " + procs + " " + godebug
	if known, ok := schedTraceRuns[key]; ok {
		return known
	}
	program, out, err := proof.Build(t, "build", "./testdata/schedtrace/load")
	require.NoError(t, err, out)
	cmd := exec.CommandContext(t.Context(), program, what)
	cmd.Env = append(os.Environ(), "GOMAXPROCS="+procs, "GODEBUG="+godebug)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	require.NoError(t, cmd.Run(), stderr.String())
	records, err := ParseSchedTrace(&stderr)
	require.NoError(t, err)
	if len(records) > 0 { // the last one may be incomplete
		records = records[:len(records)-1]
	}
	schedTraceRuns[key] = records
	return records
}

var schedTraceRuns = make(map[string][]SchedTrace)

// schedTraceUntil runs a program until found accepts its trace, at most 10 times: on a
// busy machine the monitor thread may come to print too late.
func schedTraceUntil(t *testing.T, what, procs, godebug string, found func([]SchedTrace) bool) {
	t.Helper()
	for range 10 {
		if found(schedTraceRun(t, what, procs, godebug)) {
			return
		}
		schedTraceForget(what)
	}
	require.Fail(t, "not in 10 runs", what)
}

// schedTraceForget lets a program run again, for a test that has not seen yet what it
// waits for.
func schedTraceForget(what string) {
	maps.DeleteFunc(schedTraceRuns, func(key string, _ []SchedTrace) bool { return strings.HasPrefix(key, what+" ") })
}

// GODEBUG=schedtrace=N prints a line every N milliseconds. idleprocs tells how many of the
// gomaxprocs Ps have nothing to do, threads how many operating system threads the
// runtime has made, runqueue how long the global queue is, and the list in brackets the
// local queue of each P. In a program that only sleeps, all Ps are idle, all queues are
// empty, and there are more threads than Ps: one is the monitor, others are parked.
// The list leaves out the goroutine that a P runs next.
//
//claim:ask How do I read the output of GODEBUG=schedtrace=1000?
//claim:source https://pkg.go.dev/runtime#hdr-Environment_Variables
//claim:source runtime/proc.go
func TestSchedTraceFields(t *testing.T) {
	schedTraceUntil(t, "idle", "2", "schedtrace=5", func(records []SchedTrace) bool {
		idle := 0
		for i, r := range records {
			assert.Equal(t, 2, r.GoMaxProcs)
			assert.Len(t, r.LocalQueues, 2)
			if i > 0 {
				assert.Greater(t, r.Elapsed, records[i-1].Elapsed)
			}
			if r.IdleProcs == 2 && r.Waiting() == 0 && r.Threads > 2 && r.IdleThreads >= 1 {
				idle++
			}
		}
		return idle > 0
	})
}

// The queue of a P holds 256, and the newest goroutine has a place of its own. If it is
// full, half of it moves to the global queue, together with the one that found no
// place: 129 at once. After main has started 1000 goroutines on the only P, without
// giving way, the trace shows runqueue=774 [ 225 ]: six times 129, the rest in the local
// queue, and one more as the newest. The local queue needs no lock, and others can still
// steal from it. The global queue has no limit and has a lock.
//
//claim:ask What are the local and the global run queue, and how long is the local one?
//claim:source runtime/proc.go
//claim:source runtime/runtime2.go
func TestSchedTraceQueues(t *testing.T) {
	// Main cannot be preempted, so the goroutines stay where they are.
	const all = 1000 - 1 // without the newest
	schedTraceUntil(t, "ready", "1", "schedtrace=1,asyncpreemptoff=1", func(records []SchedTrace) (found bool) {
		for _, r := range records {
			assert.LessOrEqual(t, r.LocalQueues[0], runQueueLocal)
			found = found || r.GlobalQueue == 774 && r.LocalQueues[0] == 225
		}
		return found
	})
	require.Equal(t, all, 774+225)
	require.Zero(t, 774%(runQueueBatch+1))
}

// Look at three numbers. If idleprocs is 0 and the queues are not empty, goroutines
// wait for a processor: with eight of them that compute on one P, seven are in the
// queues all the time. If idleprocs equals gomaxprocs, the program waits for something
// else. The number of threads says little. A goroutine that was preempted goes to
// the end of the global queue, so runqueue is not 0 even where each local queue has room.
// The metrics of runtime/metrics under /sched tell the same in production.
//
//claim:ask How do I see whether goroutines wait for a processor or for something else?
//claim:source runtime/proc.go
func TestSchedTraceBusy(t *testing.T) {
	const spinners = 8
	schedTraceUntil(t, "spinners", "1", "schedtrace=3", func(records []SchedTrace) bool {
		busy, preempted := 0, 0
		for _, r := range records {
			if r.IdleProcs == 0 && (r.Waiting() == spinners-1 || r.Waiting() == spinners-2) { // one may be the newest
				busy++
			}
			if r.GlobalQueue > 0 && r.LocalQueues[0] < runQueueLocal/2 {
				preempted++
			}
		}
		return busy > 0 && preempted > 0
	})
	schedTraceUntil(t, "idle", "2", "schedtrace=5", func(records []SchedTrace) bool {
		return slices.ContainsFunc(records, func(r SchedTrace) bool { return r.IdleProcs == r.GoMaxProcs && r.Waiting() == 0 })
	})
}

// No, the variable is read when the program starts: os.Setenv in the program
// changes nothing, and there is no call for it. So schedtrace is for a test run. In a
// running service, read runtime/metrics or take an execution trace. A few
// other GODEBUG settings, which are read at each use, can be changed by os.Setenv.
//
//claim:ask Can I switch schedtrace on while the program runs?
//claim:source runtime/runtime1.go
func TestSchedTraceLate(t *testing.T) {
	require.Empty(t, schedTraceRun(t, "late", "1", ""))
	schedTraceUntil(t, "idle", "2", "schedtrace=5", func(records []SchedTrace) bool { return len(records) > 0 })
}

// It adds a line for each P, M and G, and so shows one moment of the whole scheduler:
// the state of each P and its M, the M's current goroutine and the P it
// holds, and the state of each goroutine with the reason why it waits. The
// program here has 30 goroutines in a channel receive and 21 asleep, and the trace counts
// the same. It also lists the goroutines of the runtime, which other dumps hide. Taking it
// holds the scheduler's lock for as long as the printing takes.
//
//claim:ask What does scheddetail=1 add to schedtrace?
//claim:source runtime/proc.go
//claim:source runtime/runtime2.go
func TestSchedTraceDetail(t *testing.T) {
	schedTraceUntil(t, "waiting", "2", "schedtrace=5,scheddetail=1", func(records []SchedTrace) (found bool) {
		for _, r := range records {
			waits := schedTraceCount(r, 'G', func(d SchedDetail) string { return d.Fields["status"] + " " + d.Fields["waitreason"] })
			if waits["4 chan receive"] == 30 && waits["4 sleep"] == 21 { // main sleeps as well
				found = true
				assert.Equal(t, 1, waits["4 force gc (idle)"])
				assert.Equal(t, 1, waits["4 GC sweep wait"])
				assert.Equal(t, 1, waits["4 GC scavenge wait"])
				locked := schedTraceCount(r, 'M', func(d SchedDetail) string { return fmt.Sprint(d.Fields["lockedg"] != "nil") })
				assert.Equal(t, 1, locked["true"], "the goroutine that called LockOSThread")
				timers := 0
				for _, d := range r.Details {
					var n int
					if d.Kind == 'P' {
						fmt.Sscan(d.Fields["timerslen"], &n)
					}
					timers += n
				}
				assert.GreaterOrEqual(t, timers, 21, "a sleeping goroutine is a timer of a P")
			}
		}
		return found
	})
}

// schedTraceCount counts the lines of one kind by what key says.
func schedTraceCount(r SchedTrace, kind byte, key func(SchedDetail) string) map[string]int {
	counts := make(map[string]int)
	for _, d := range r.Details {
		if d.Kind == kind {
			counts[key(d)]++
		}
	}
	return counts
}

func TestParseSchedTrace(t *testing.T) {
	records, err := ParseSchedTrace(strings.NewReader(`listening on :8080
SCHED 1005ms: gomaxprocs=4 idleprocs=1 threads=9 spinningthreads=1 needspinning=0 idlethreads=3 runqueue=5 [ 1 0 256 2 ] schedticks=[ 10 20 30 40 ]
  P9: not a line of this record
`))
	require.ErrorContains(t, err, "line 3: runqsize of P9")
	require.Len(t, records, 1)
	require.Equal(t, []int{1, 0, 256, 2}, records[0].LocalQueues)
	require.Equal(t, 264, records[0].Waiting())
	require.EqualValues(t, 1005, records[0].Elapsed.Milliseconds())

	records, err = ParseSchedTrace(strings.NewReader( // as it was before Go 1.25
		"SCHED 0ms: gomaxprocs=2 idleprocs=0 threads=4 spinningthreads=1 needspinning=0 idlethreads=0 runqueue=0 [1 0]\n"))
	require.NoError(t, err)
	require.Equal(t, []int{1, 0}, records[0].LocalQueues)

	for input, message := range map[string]string{
		"SCHED soon":                        `line 1: record "soon" has no time`,
		"SCHED x: gomaxprocs=2":             "invalid duration",
		"ok\nSCHED 1ms: gomaxprocs=2":       "line 2: record \"1ms: gomaxprocs=2\" has no idleprocs",
		"SCHED 1ms: gomaxprocs=two ":        "invalid syntax",
		"SCHED 99999999999999999999ms: x=1": "invalid duration",
	} {
		_, err := ParseSchedTrace(strings.NewReader(input + "\n"))
		assert.ErrorContains(t, err, message, input)
		_, err = ParseSchedTrace(strings.NewReader(input))
		assert.NoError(t, err, "cut off")
	}
	records, err = ParseSchedTrace(strings.NewReader("  G1: status=4(sleep) m=nil lockedm=nil\n"))
	require.NoError(t, err, "without a record it belongs to something else")
	require.Empty(t, records)
}

func FuzzParseSchedTrace(f *testing.F) {
	f.Add("SCHED 1ms: gomaxprocs=2 idleprocs=0 threads=4 spinningthreads=1 needspinning=0 idlethreads=0 runqueue=0 [ 1 0 ]\n  G1: status=4(a (b)) m=nil\n")
	f.Fuzz(func(t *testing.T, text string) {
		records, _ := ParseSchedTrace(strings.NewReader(text))
		if len(records) > strings.Count(text, "SCHED ") {
			t.Error("more records than lines", len(records))
		}
	})
}
