package schedgc

import (
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"runtime/pprof"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// pausesByHand leaves it to the test when a cycle runs.
func pausesByHand(t *testing.T) {
	t.Helper()
	percent := debug.SetGCPercent(-1)
	t.Cleanup(func() { debug.SetGCPercent(percent) })
	runtime.GC() // no cycle is under way
}

// A GC cycle stops the world twice: for sweep termination at the start and for mark
// termination at the end. The histogram /sched/pauses/total/gc:seconds counts them
// one by one. Everything else, marking and sweeping, is done while the program runs.
// A cycle that finds late that marking was not complete tries again and may so add a
// pause; here each cycle has two.
//
//claim:ask How often does a GC cycle stop the world?
//claim:source https://pkg.go.dev/runtime/metrics#hdr-Supported_metrics
//claim:source runtime/mgc.go
func TestTwoPauses(t *testing.T) {
	pausesByHand(t)
	var stats runtime.MemStats
	require.Equal(t, WorldStops{GC: 10, Other: 1}, StopsDuring(func() {
		for range 5 {
			runtime.GC()
		}
		// runtime.GC can return a moment before the last pause is counted; this waits.
		runtime.ReadMemStats(&stats)
	}))
}

// A call of runtime.ReadMemStats stops the world once, runtime.Stack for all
// goroutines once, a goroutine profile twice, a change of GOMAXPROCS once. These
// stops are counted in /sched/pauses/total/other:seconds. No stop comes from
// runtime/metrics, debug.ReadGCStats, a heap profile, runtime.NumGoroutine, a look
// at GOMAXPROCS or debug.SetGCPercent. So a monitoring agent that calls ReadMemStats
// every second adds pauses that have nothing to do with the collector.
//
//claim:ask What stops the world besides the garbage collector?
//claim:source https://pkg.go.dev/runtime/metrics#hdr-Supported_metrics
func TestWhatStopsTheWorld(t *testing.T) {
	procs := runtime.GOMAXPROCS(2)
	t.Cleanup(func() { runtime.GOMAXPROCS(procs) })
	buf := make([]byte, 64<<10)
	var stats runtime.MemStats
	var collections debug.GCStats
	samples := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}, {Name: "/gc/cycles/total:gc-cycles"}}
	for _, call := range []struct {
		name  string
		stops uint64
		f     func()
	}{
		{"runtime.ReadMemStats", 1, func() { runtime.ReadMemStats(&stats) }},
		{"runtime.Stack, all", 1, func() { runtime.Stack(buf, true) }},
		{"runtime.GOMAXPROCS(3)", 1, func() { runtime.GOMAXPROCS(3) }},
		{"goroutine profile", 2, func() { require.NoError(t, pprof.Lookup("goroutine").WriteTo(io.Discard, 0)) }},
		{"runtime.Stack, one", 0, func() { runtime.Stack(buf, false) }},
		{"metrics.Read", 0, func() { metrics.Read(samples) }},
		{"debug.ReadGCStats", 0, func() { debug.ReadGCStats(&collections) }},
		{"heap profile", 0, func() { require.NoError(t, pprof.Lookup("heap").WriteTo(io.Discard, 0)) }},
		{"runtime.GOMAXPROCS(0)", 0, func() { runtime.GOMAXPROCS(0) }},
		{"runtime.NumGoroutine", 0, func() { runtime.NumGoroutine() }},
		{"debug.SetGCPercent", 0, func() { debug.SetGCPercent(debug.SetGCPercent(200)) }},
	} {
		require.Equal(t, call.stops, StopsDuring(call.f).Other, call.name)
	}
}

// In the metric total the clock runs from the decision to stop the world until it
// runs again; in stopping it runs until the last P has stopped. Both count every
// pause. If stopping is most of total, some goroutine was slow to stop, or its
// thread had no CPU; the collector itself did little. /gc/pauses:seconds is the old
// name of the total, and deprecated since Go 1.22.
//
//claim:ask What is the difference between /sched/pauses/total/gc and /sched/pauses/stopping/gc?
//claim:source https://pkg.go.dev/runtime/metrics#hdr-Supported_metrics
//claim:source https://go.dev/doc/go1.22#runtime/metrics
func TestPauseMetrics(t *testing.T) {
	pausesByHand(t)
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats) // waits until the last pause is counted
	least := func(h *metrics.Float64Histogram) (sum float64) {
		for i, count := range h.Counts {
			if lower := h.Buckets[i]; !math.IsInf(lower, -1) {
				sum += float64(count) * lower
			}
		}
		return sum
	}
	total := pauseHistogram("/sched/pauses/total/gc:seconds")
	stopping := pauseHistogram("/sched/pauses/stopping/gc:seconds")
	require.Equal(t, pauseCount(total), pauseCount(stopping))
	require.LessOrEqual(t, least(stopping), least(total))
	require.Equal(t, total, pauseHistogram("/gc/pauses:seconds"))
	for _, d := range metrics.All() {
		require.Equal(t, d.Name == "/gc/pauses:seconds", strings.Contains(d.Description, "/sched/pauses/total/gc") &&
			strings.HasPrefix(d.Description, "Deprecated"), d.Name)
	}
}

// longestStop returns the seconds that a run of the workload "spin" printed.
func longestStop(t *testing.T, run gcWorkloadRun) (seconds float64) {
	t.Helper()
	require.NoError(t, run.err, run.stderr)
	_, err := fmt.Sscanf(run.stdout, "longest stop %g", &seconds)
	require.NoError(t, err)
	return seconds
}

// The slowest goroutine to reach a point where it can stop decides, because all
// others stand and wait for it. Since Go 1.14 a signal interrupts loops without
// calls too, so that this is short. With GODEBUG=asyncpreemptoff=1 a loop that
// computes for tens of milliseconds delays the stop until its end, as it did before.
//
//claim:ask What makes a stop-the-world pause long although the collector has little to do in it?
//claim:source https://go.dev/doc/go1.14#runtime
//claim:source runtime/preempt.go
func TestSlowToStop(t *testing.T) {
	if runtime.GOARCH == "wasm" {
		t.Skip("has no asynchronous preemption")
	}
	program := gcWorkloadProgram(t)
	const procs = "GOMAXPROCS=2"
	for range 10 {
		off := longestStop(t, runGCWorkload(t, program, "spin", procs, "GODEBUG=asyncpreemptoff=1"))
		on := longestStop(t, runGCWorkload(t, program, "spin", procs))
		if off > 0.005 && on < off/2 {
			return
		}
	}
	require.Fail(t, "the loop did not delay the stop")
}

// A goroutine in a system call does not delay a collection: it runs no Go code, so
// nobody waits for it, and when the call returns during a stop the goroutine must
// wait. So a slow disk or a blocking read does not make a pause longer. Goroutines
// that wait for a channel, a lock or the network are not on a P at all.
//
//claim:ask Does a goroutine that is blocked in a system call delay a garbage collection?
//claim:source runtime/proc.go
func TestSyscallDoesNotDelay(t *testing.T) {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	r.Fd() // makes it blocking, so that Read blocks in the system call
	reading, read := make(chan bool), make(chan error)
	go func() {
		reading <- true
		_, err := r.Read(make([]byte, 1))
		read <- err
	}()
	<-reading
	inSyscall := func() bool {
		buf := make([]byte, 1<<20)
		return strings.Contains(string(buf[:runtime.Stack(buf, true)]), "[syscall")
	}
	for deadline := time.Now().Add(10 * time.Second); !inSyscall(); runtime.Gosched() {
		require.True(t, time.Now().Before(deadline))
	}
	for range 5 {
		runtime.GC()
	}
	select {
	case err := <-read:
		require.Fail(t, "read", err)
	default: // five cycles have begun and ended
	}
	_, err = w.Write([]byte{1})
	require.NoError(t, err)
	require.NoError(t, <-read)
	require.NoError(t, r.Close())
	require.NoError(t, w.Close())
}

// GC pauses do not grow with the heap: what is done with the world stopped does not
// include marking, nor, as a rule, sweeping. With 16 times the live heap a cycle
// takes more than 3 times as long, while the median pause stays within a factor of
// 3, caches that marking left cold included. A pause can get long for other reasons,
// such as a goroutine or a thread that is slow to stop.
//
//claim:ask Do GC pauses get longer with a larger heap?
//claim:vary GOMAXPROCS 1
//claim:expect ns/op live=4096KiB > 3x live=256KiB
//claim:expect pause-ns live=4096KiB < 3x live=256KiB
//claim:source https://go.dev/blog/ismmkeynote
func BenchmarkPauseHeap(b *testing.B) {
	for _, size := range []int{256, 4096} {
		b.Run(fmt.Sprintf("live=%dKiB", size), func(b *testing.B) {
			b.ReportAllocs()
			defer debug.SetGCPercent(debug.SetGCPercent(-1))
			heap := gcCycleLists(size)
			runtime.GC()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for b.Loop() {
				runtime.GC()
			}
			runtime.ReadMemStats(&after)
			runtime.KeepAlive(heap)
			cycles := min(after.NumGC-before.NumGC, uint32(len(after.PauseNs)))
			pauses := make([]uint64, 0, len(after.PauseNs))
			for i := range cycles {
				pauses = append(pauses, after.PauseNs[(after.NumGC-1-i)%uint32(len(after.PauseNs))])
			}
			slices.Sort(pauses)
			b.ReportMetric(float64(pauses[len(pauses)/2]), "pause-ns")
		})
	}
}
