package schedgc

import (
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// gcTuningCycles reports the collections that 64 MiB of garbage cause.
func gcTuningCycles() float64 {
	return pacingCyclesIn(func() { pacingGarbage(64 * pacingMiB) })
}

// A ballast is a large allocation that is never used, kept alive to raise the heap
// goal: with 48 MiB of it, 64 MiB of garbage cause at most 3 collections instead of at
// least 8. It was the trick of the years before Go 1.19. GOGC=1200 has the same effect
// on a small heap, as its minimum goal is 48 MiB, and so has GOGC=off with a memory
// limit of 64 MiB. The limit is what replaced the ballast: it says in bytes what is
// meant, and it also works when the live heap grows.
//
//claim:ask What is a heap ballast, and is it still needed?
//claim:source https://go.dev/blog/go119runtime
//claim:source https://go.dev/issue/23044
func TestGCTuningBallast(t *testing.T) {
	if proof.InChild(t) {
		pacingReport("plain", gcTuningCycles())
		debug.SetGCPercent(1200)
		pacingReport("percent", gcTuningCycles())
		debug.SetGCPercent(-1)
		limit := debug.SetMemoryLimit(64 * pacingMiB)
		pacingReport("limit", gcTuningCycles())
		debug.SetMemoryLimit(limit)
		debug.SetGCPercent(100)
		ballast := make([]byte, 48*pacingMiB)
		runtime.GC()
		pacingReport("ballast", gcTuningCycles())
		runtime.KeepAlive(ballast)
		return
	}
	got := pacingChild(t)
	assert.GreaterOrEqual(t, got["plain"], 8.0)
	for _, cure := range []string{"percent", "limit", "ballast"} {
		assert.LessOrEqual(t, got[cure], 3.0, cure)
	}
}

// A ballast and a memory limit do not fit together. A ballast counts in full for the
// memory limit, though its pages were never touched and take no memory of the machine:
// the runtime compares what it has mapped, not what is resident. With a ballast of 48
// MiB and a limit of 52 MiB hardly any room is left, and 16 MiB of garbage cause at
// least 2 collections; without it, none.
//
//claim:ask May I keep my heap ballast when I set GOMEMLIMIT?
//claim:source https://pkg.go.dev/runtime/debug#SetMemoryLimit
func TestGCTuningBallastLimit(t *testing.T) {
	if proof.InChild(t) {
		pacingReport("without", pacingCyclesIn(func() { pacingGarbage(16 * pacingMiB) }))
		debug.FreeOSMemory()
		before := float64(ReadHeapPages().Mapped())
		ballast := make([]byte, 48*pacingMiB)
		pacingReport("counted", float64(ReadHeapPages().Mapped())-before)
		pacingReport("with", pacingCyclesIn(func() { pacingGarbage(16 * pacingMiB) }))
		runtime.KeepAlive(ballast)
		return
	}
	got := pacingChild(t, "GOGC=off", "GOMEMLIMIT=52MiB")
	assert.Zero(t, got["without"])
	assert.Greater(t, got["counted"], 47.0*pacingMiB)
	assert.GreaterOrEqual(t, got["with"], 2.0)
}

// Yes, if the tool is known to end before it needs much memory: GOGC=off then saves all
// collections. The program here makes 64 MiB of garbage, with at least 8 collections by
// default and none with GOGC=off. Add a memory limit for the day when the input is
// larger: with GOGC=off and GOMEMLIMIT=40MiB there are 1 to 4. The exit of the program
// frees everything; Go does not collect at the end, and runs no finalizers.
//
//claim:ask Should a short-lived command-line tool turn the garbage collector off?
//claim:source https://go.dev/doc/gc-guide#Suggested_uses
func TestGCTuningCommand(t *testing.T) {
	if proof.InChild(t) {
		runtime.SetFinalizer(&struct{ p *int }{new(int)}, func(any) { pacingReport("finalized", 1) })
		pacingReport("cycles", gcTuningCycles())
		pacingReport("mapped", float64(ReadHeapPages().Mapped()))
		return
	}
	assert.GreaterOrEqual(t, pacingChild(t)["cycles"], 8.0)
	off := pacingChild(t, "GOGC=off")
	assert.Zero(t, off["cycles"])
	assert.NotContains(t, off, "finalized")
	assert.Greater(t, off["mapped"], 64.0*pacingMiB)
	limited := pacingChild(t, "GOGC=off", "GOMEMLIMIT=40MiB")
	assert.True(t, limited["cycles"] >= 1 && limited["cycles"] <= 4, "%v", limited)
	assert.LessOrEqual(t, limited["mapped"], 42.0*pacingMiB)
}

// Collecting only between requests works, with a safety net. Turn GOGC off, handle the
// request, and call runtime.GC when nothing waits: no request then meets a collection,
// and each idle phase pays one. But runtime.GC blocks its caller for the whole cycle,
// the heap grows with the longest request, and with several requests at once there is
// no moment between. Set a memory limit too: a request of 64 MiB under a limit of 40
// MiB is collected after all, and does not fail.
//
//claim:ask Can I run the collector only between requests?
//claim:source https://pkg.go.dev/runtime#GC
func TestGCTuningBetween(t *testing.T) {
	if proof.InChild(t) {
		resume := PauseGC()
		for range 5 {
			pacingReport("request", pacingCyclesIn(func() { pacingGarbage(8 * pacingMiB) }))
			runtime.GC()
		}
		pacingReport("forced", pacingMetric("/gc/cycles/forced:gc-cycles"))
		pacingReport("large", gcTuningCycles())
		resume()
		pacingReport("gogc", pacingMetric("/gc/gogc:percent"))
		return
	}
	got := pacingChild(t, "GOMEMLIMIT=40MiB")
	assert.Zero(t, got["request"])
	assert.Equal(t, 5.0, got["forced"])
	assert.Positive(t, got["large"])
	assert.Equal(t, 100.0, got["gogc"])
}

// No, a forced collection marks the whole live heap, however little garbage there is.
// With 65,535 live objects, a request of 16 KiB takes more than 10 times as long if
// each one ends with runtime.GC than if the pacer decides. Call it for tests, for
// measurements, and before a long idle phase.
//
//claim:ask Is it a good idea to call runtime.GC after each request?
//claim:vary GOMAXPROCS 1
//claim:expect ns/op of=forced > 10x of=paced
//claim:expect gcs/op of=forced >= 1
//claim:expect gcs/op of=paced < 0.1
//claim:source https://pkg.go.dev/runtime#GC
func BenchmarkGCTuningForced(b *testing.B) {
	run := func(of string, after func()) {
		b.Run("of="+of, func(b *testing.B) {
			live := newPacingTree(15)
			runtime.GC()
			before := ReadGCCost().Cycles
			for b.Loop() {
				gcTuningRequest(16 << 10)
				after()
			}
			b.ReportMetric(float64(ReadGCCost().Cycles-before)/float64(b.N), "gcs/op")
			runtime.KeepAlive(live)
		})
	}
	run("paced", func() {})
	run("forced", runtime.GC)
}

func TestGCTuningRequest(t *testing.T) {
	want := 0
	for i := range 32 {
		want += i
	}
	assert.Equal(t, want, gcTuningRequest(16<<10))
	assert.Equal(t, want, gcTuningFill(make([]byte, 16<<10)))
}

// Less garbage helps more, where it is possible. A request that allocates a quarter of
// the bytes causes less than half as many collections, like a higher GOGC, but it takes
// no memory for it, and saves the allocation as well; a request that reuses its buffer
// causes none at all. GOGC is the second step: one line for the whole program, paid
// with memory.
//
//claim:ask Should I reduce allocations or raise GOGC?
//claim:vary GOMAXPROCS 1
//claim:expect gcs/op of=large > 2x of=small
//claim:expect gcs/op of=reused == 0
//claim:expect B/op of=reused < 16
//claim:expect ns/op of=large > 1.5x of=reused
//claim:source https://go.dev/doc/gc-guide#Eliminating_heap_allocations
func BenchmarkGCTuningLessGarbage(b *testing.B) {
	run := func(of string, request func()) {
		b.Run("of="+of, func(b *testing.B) {
			live := newPacingTree(14)
			runtime.GC()
			b.ReportAllocs()
			before := pacingMetric(pacingCycles)
			for b.Loop() {
				request()
			}
			b.ReportMetric((pacingMetric(pacingCycles)-before)/float64(b.N), "gcs/op")
			runtime.KeepAlive(live)
		})
	}
	run("large", func() { gcTuningRequest(64 << 10) })
	run("small", func() { gcTuningRequest(16 << 10) })
	buffer := make([]byte, 64<<10)
	run("reused", func() { gcTuningFill(buffer) })
}

// No, package arena is an experiment that is on hold: without GOEXPERIMENT=arenas a
// program that imports it does not build. What there is instead: a slice or a buffer of
// the request that is reused through sync.Pool, values in one large slice, and the
// collector itself, for which the memory of a request is cheap once nothing refers to
// it, because cost follows live objects.
//
//claim:ask Can a request have an arena that is freed as a whole?
//claim:source https://go.dev/issue/51317
func TestGCTuningArena(t *testing.T) {
	t.Setenv("GOEXPERIMENT", "")
	output, err := proof.Go(t, "list", "-e", "-f", "{{.DepsErrors}}", "./testdata/gctuning/arena")
	require.NoError(t, err, output)
	assert.Contains(t, output, "build constraints exclude all Go files")
	t.Setenv("GOEXPERIMENT", "arenas")
	output, err = proof.Go(t, "list", "-e", "-f", "{{.DepsErrors}}", "./testdata/gctuning/arena")
	require.NoError(t, err, output)
	assert.NotContains(t, output, "build constraints")
}

// Start from three numbers of the running program: collections a second, the share of
// the collector in the used processor time, and the live heap against the memory it may
// use. If the share is a few percent, tuning gains at most that. A program that only
// computes has none: here the share of a loop without allocation is below that of one
// that builds trees, which is above 5%. Then decide between less garbage, GOGC and the
// limit.
//
//claim:ask How do I find out whether tuning the garbage collector is worth it?
//claim:source https://go.dev/doc/gc-guide#Identifying_costs
func TestGCTuningWorth(t *testing.T) {
	if proof.InChild(t) {
		live := newPacingTree(16)
		runtime.GC()
		before := ReadGCCost()
		for i := 0; i < 2000 || ReadGCCost().Since(before).Cycles < 3; i++ {
			assistSink = newPacingTree(6)
		}
		runtime.GC()
		pacingReport("trees", ReadGCCost().Since(before).Share())
		before = ReadGCCost()
		for range 3_000 {
			gcTuningFill(gcTuningBuffer[:])
		}
		runtime.GC()
		pacingReport("loop", ReadGCCost().Since(before).Share())
		runtime.KeepAlive(live)
		return
	}
	got := pacingChild(t)
	assert.Greater(t, got["trees"], 0.05)
	assert.Less(t, got["loop"], got["trees"], "%v", got)
}

var gcTuningBuffer [1 << 20]byte
