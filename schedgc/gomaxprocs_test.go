package schedgc

import (
	"fmt"
	"os"
	"runtime"
	"runtime/metrics"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// gomaxprocsStops returns how often the world was stopped for something other than
// the collector.
func gomaxprocsStops() (n uint64) {
	sample := []metrics.Sample{{Name: "/sched/pauses/total/other:seconds"}}
	metrics.Read(sample)
	for _, count := range sample[0].Value.Float64Histogram().Counts {
		n += count
	}
	return n
}

// The default is the number of CPUs that the process may use, since Go 1.25 on Linux
// lowered to the CPU quota of its cgroup. The environment variable GOMAXPROCS sets another
// number. Its value must be a positive whole number: 0, negative numbers, text
// and spaces are ignored without a message, so check what you got with
// runtime.GOMAXPROCS(0).
//
//claim:ask What is the default of GOMAXPROCS, and what does the environment variable accept?
//claim:source https://pkg.go.dev/runtime#GOMAXPROCS
func TestGomaxprocsEnvironment(t *testing.T) {
	if proof.InChild(t) {
		fmt.Printf("procs=%d\ncpus=%d\n", runtime.GOMAXPROCS(0), runtime.NumCPU())
		os.Exit(0)
	}
	unset := runChildFacts(t, "GOMAXPROCS=")
	assert.LessOrEqual(t, unset["procs"], unset["cpus"])
	for _, ignored := range []string{"0", "-1", "two", " 3", "3.0"} {
		assert.Equal(t, unset["procs"], runChildFacts(t, "GOMAXPROCS="+ignored)["procs"], "%q", ignored)
	}
	for _, n := range []int{1, 3, 17} {
		facts := runChildFacts(t, "GOMAXPROCS="+strconv.Itoa(n))
		assert.Equal(t, n, facts["procs"], "also above the number of CPUs")
		assert.Equal(t, unset["cpus"], facts["cpus"], "NumCPU is not affected")
	}
}

// The call sets the number and returns the old one. With 0 or a negative argument it
// changes nothing, so GOMAXPROCS(0) is the way to ask. Numbers above the count of
// CPUs are accepted. In a test or library restore the old value, because it is
// a setting of the whole process.
//
//claim:ask What does runtime.GOMAXPROCS(n) do for n below 1 and for n above the number of CPUs?
//claim:source https://pkg.go.dev/runtime#GOMAXPROCS
func TestGomaxprocsCall(t *testing.T) {
	old := runtime.GOMAXPROCS(0)
	t.Cleanup(func() { runtime.GOMAXPROCS(old) })
	assert.Equal(t, old, runtime.GOMAXPROCS(3))
	assert.Equal(t, 3, runtime.GOMAXPROCS(0))
	assert.Equal(t, 3, runtime.GOMAXPROCS(-7))
	assert.Equal(t, 3, runtime.GOMAXPROCS(4*runtime.NumCPU()))
	assert.Equal(t, 4*runtime.NumCPU(), runtime.GOMAXPROCS(0))
}

// runtime.SetDefaultGOMAXPROCS, since Go 1.25: it computes the default anew, also
// if the environment variable has set another number, and switches the
// automatic updates on again. A call of GOMAXPROCS with a number above 0 switches
// them off. Setting GOMAXPROCS to NumCPU, as old code does in main, is therefore
// worse than nothing: it also ignores the quota of the container, which NumCPU does
// not know.
//
//claim:ask How do you go back to the default of GOMAXPROCS, and why not GOMAXPROCS(NumCPU())?
//claim:source https://pkg.go.dev/runtime#SetDefaultGOMAXPROCS
func TestGomaxprocsSetDefault(t *testing.T) {
	if proof.InChild(t) {
		start := runtime.GOMAXPROCS(0)
		runtime.SetDefaultGOMAXPROCS()
		first := runtime.GOMAXPROCS(5)
		runtime.SetDefaultGOMAXPROCS()
		fmt.Printf("start=%d\nfirst=%d\nsecond=%d\n", start, first, runtime.GOMAXPROCS(0))
		os.Exit(0)
	}
	standard := runChildFacts(t, "GOMAXPROCS=")["start"]
	facts := runChildFacts(t, "GOMAXPROCS=17")
	assert.Equal(t, childFacts{"start": 17, "first": standard, "second": standard}, facts)
}

// Each change stops the world: it waits until no goroutine runs, and then the Ps are
// made or dissolved and their queues are shared out. A call that changes nothing
// does not stop anything, and neither does GOMAXPROCS(0). So set it once at
// the start if at all; it is no knob for load control.
//
//claim:ask Is it expensive to change GOMAXPROCS at run time?
//claim:source runtime/debug.go
func TestGomaxprocsStopsTheWorld(t *testing.T) {
	old := runtime.GOMAXPROCS(1)
	t.Cleanup(func() { runtime.GOMAXPROCS(old) })
	before := gomaxprocsStops()
	for range 10 {
		runtime.GOMAXPROCS(0)
		runtime.GOMAXPROCS(1)
	}
	assert.Equal(t, before, gomaxprocsStops())
	for range 5 {
		runtime.GOMAXPROCS(2)
		runtime.GOMAXPROCS(1)
	}
	assert.GreaterOrEqual(t, gomaxprocsStops(), before+10)
}

// GOMAXPROCS limits the threads that run Go code at a time, and no others. Not limited
// are goroutines, threads that are blocked in system calls or in C, locked threads
// that wait, and the system monitor. Here a program with GOMAXPROCS=2 has 1000
// goroutines and more than 30 threads, and never more than 2 goroutines running.
// Since the collector's workers need a P too, it limits them as well.
//
//claim:ask What exactly does GOMAXPROCS limit, and what does it not limit?
//claim:source https://pkg.go.dev/runtime#hdr-Environment_Variables
func TestGomaxprocsLimit(t *testing.T) {
	if proof.InChild(t) {
		release := threadsLocked(30)
		var stop atomic.Bool
		var all sync.WaitGroup
		wait := make(chan bool)
		for range 1000 {
			all.Go(func() { <-wait })
		}
		for range 4 {
			all.Go(func() { preemptUntil(&stop) })
		}
		peak := uint64(0)
		for range 3 {
			peak = max(peak, threadsMetric("/sched/goroutines/running:goroutines"))
		}
		fmt.Printf("goroutines=%d\nthreads=%d\nrunning=%d\n", runtime.NumGoroutine(), ThreadCount(), peak)
		stop.Store(true)
		close(wait)
		all.Wait()
		release()
		os.Exit(0)
	}
	facts := runChildFacts(t, "GOMAXPROCS=2")
	assert.Greater(t, facts["goroutines"], 1000)
	assert.Greater(t, facts["threads"], 30)
	assert.LessOrEqual(t, facts["running"], 2)
	assert.Positive(t, facts["running"])
}

// No, for computation: the CPUs do not become more, and the system now shares them
// among more threads. With eight times as many Ps as CPUs the same work takes
// about as long, within a factor of 2 in both directions. More Ps cost memory, since each
// has its own caches, and more work when goroutines are stolen. Goroutines that block
// in system calls are no reason either: their P is handed on.
//
//claim:ask Does a program become faster if GOMAXPROCS is greater than the number of CPUs?
//claim:expect ns/op of=8xcpus < 2x of=cpus
//claim:expect ns/op of=cpus < 2x of=8xcpus
//claim:source https://pkg.go.dev/runtime#GOMAXPROCS
func BenchmarkGomaxprocsAboveCPUs(b *testing.B) {
	for _, factor := range []int{1, 8} {
		name := "of=cpus"
		if factor > 1 {
			name = "of=8xcpus"
		}
		b.Run(name, func(b *testing.B) {
			old := runtime.GOMAXPROCS(factor * runtime.NumCPU())
			b.Cleanup(func() { runtime.GOMAXPROCS(old) })
			b.ReportAllocs()
			for b.Loop() {
				gomaxprocsCompute(16)
			}
		})
	}
}

func TestGomaxprocsAboveCPUs(t *testing.T) {
	want := gomaxprocsCompute(16)
	old := runtime.GOMAXPROCS(8 * runtime.NumCPU())
	t.Cleanup(func() { runtime.GOMAXPROCS(old) })
	require.Equal(t, want, gomaxprocsCompute(16))
}
