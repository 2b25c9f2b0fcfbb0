package schedgc

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/exp/trace"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// observedMetric reads a metric that is a number.
func observedMetric(name string) uint64 {
	sample := []metrics.Sample{{Name: name}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// In a running program, read runtime/metrics, best through your monitoring: it has
// cycles, heap goal, pauses and CPU time, and does not stop the world.
// runtime.ReadMemStats has the older numbers and stops it; debug.ReadGCStats has the
// last pauses. An execution trace shows each phase of each cycle and which
// goroutines assisted. GODEBUG=gctrace=1 needs a restart and writes a line per
// cycle. All of them count the same cycles, as here five.
//
//claim:ask How do you observe the garbage collector of a running program?
//claim:source https://go.dev/doc/gc-guide
//claim:source https://pkg.go.dev/runtime/metrics
func TestObserveGC(t *testing.T) {
	pausesByHand(t)
	const cycles = 5
	var statsBefore, statsAfter runtime.MemStats
	var listBefore, listAfter debug.GCStats
	runtime.ReadMemStats(&statsBefore)
	debug.ReadGCStats(&listBefore)
	total := observedMetric("/gc/cycles/total:gc-cycles")
	events := gcRecord(t, func() {
		for range cycles {
			runtime.GC()
		}
	})
	runtime.ReadMemStats(&statsAfter)
	debug.ReadGCStats(&listAfter)
	require.EqualValues(t, cycles, observedMetric("/gc/cycles/total:gc-cycles")-total)
	require.EqualValues(t, cycles, statsAfter.NumGC-statsBefore.NumGC)
	require.EqualValues(t, cycles, listAfter.NumGC-listBefore.NumGC)
	traced := 0
	for _, event := range events {
		if gcRangeName(event, trace.EventRangeBegin) == gcRangeMark {
			traced++
		}
	}
	require.Equal(t, cycles, traced)
	require.Greater(t, statsAfter.PauseTotalNs, statsBefore.PauseTotalNs)
	require.Len(t, gcWorkloadCycles(t, "grow", "GOGC=off"), 1, "gctrace")
}

// Automatic cycles are those the runtime starts, for the heap or after two minutes;
// forced ones come from runtime.GC and debug.FreeOSMemory. The total is their sum. A
// program in production should show no forced cycles: if it does, somebody calls
// runtime.GC, perhaps in a library. MemStats has NumForcedGC for the same purpose.
//
//claim:ask How do I find out whether somebody calls runtime.GC in my program?
//claim:source https://pkg.go.dev/runtime/metrics#hdr-Supported_metrics
func TestForcedCycles(t *testing.T) {
	pausesByHand(t)
	read := func() (automatic, forced, total uint64) {
		return observedMetric("/gc/cycles/automatic:gc-cycles"), observedMetric("/gc/cycles/forced:gc-cycles"),
			observedMetric("/gc/cycles/total:gc-cycles")
	}
	automatic, forced, total := read()
	require.Equal(t, total, automatic+forced)
	runtime.GC()
	debug.FreeOSMemory()
	automaticNow, forcedNow, totalNow := read()
	require.Equal(t, automatic, automaticNow)
	require.Equal(t, forced+2, forcedNow)
	require.Equal(t, total+2, totalNow)
}

// MemStats.PauseNs is a ring of the last 256 cycles: the latest is at
// (NumGC+255)%256. Each entry is the sum of the two pauses of one cycle, so that it
// differs from the histogram, which counts them one by one. debug.ReadGCStats
// returns the same numbers with the latest first, and computes quantiles of them:
// with 5 places, the least, the quartiles and the most. Neither knows more than 256
// cycles, which can be a few seconds.
//
//claim:ask How do I read MemStats.PauseNs and debug.GCStats?
//claim:source https://pkg.go.dev/runtime#MemStats
//claim:source https://pkg.go.dev/runtime/debug#GCStats
func TestPauseRing(t *testing.T) {
	pausesByHand(t)
	var stats runtime.MemStats
	stops := StopsDuring(func() {
		for range 3 {
			runtime.GC()
		}
		runtime.ReadMemStats(&stats)
	})
	require.EqualValues(t, 6, stops.GC, "two for each entry")
	collections := debug.GCStats{PauseQuantiles: make([]time.Duration, 5)}
	debug.ReadGCStats(&collections)
	require.EqualValues(t, stats.NumGC, collections.NumGC)
	require.Len(t, stats.PauseNs, 256)
	require.Len(t, collections.Pause, min(256, int(stats.NumGC)))
	for i := range 3 {
		latest := stats.PauseNs[(int(stats.NumGC)+255-i)%256]
		require.Positive(t, latest)
		require.EqualValues(t, latest, collections.Pause[i])
	}
	require.Equal(t, slices.Min(collections.Pause), collections.PauseQuantiles[0])
	require.Equal(t, slices.Max(collections.Pause), collections.PauseQuantiles[4])
	require.EqualValues(t, stats.PauseTotalNs, collections.PauseTotal)
	require.EqualValues(t, stats.LastGC, collections.LastGC.UnixNano())
}

// Most fields have a metric that is read without stopping the world: HeapAlloc is
// /memory/classes/heap/objects, NextGC is /gc/heap/goal, NumGC is /gc/cycles/total,
// TotalAlloc is /gc/heap/allocs in bytes, HeapObjects is /gc/heap/objects. What
// metrics add is the CPU time of the collector by class, the distribution of pauses,
// and the scannable bytes. EnableGC and DebugGC say nothing: the first is true also
// with GOGC=off, the second is always false.
//
//claim:ask Which runtime/metrics replace the fields of runtime.MemStats?
//claim:source https://pkg.go.dev/runtime/metrics#hdr-Supported_metrics
func TestMemStatsFields(t *testing.T) {
	percent := debug.SetGCPercent(400) // no cycle runs before the heap is five times as large
	t.Cleanup(func() { debug.SetGCPercent(percent) })
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	require.EqualValues(t, stats.NumGC, observedMetric("/gc/cycles/total:gc-cycles"))
	require.Equal(t, stats.NextGC, observedMetric("/gc/heap/goal:bytes"))
	const slack = 1 << 20 // the test itself allocates in between
	require.InDelta(t, stats.HeapAlloc, observedMetric("/memory/classes/heap/objects:bytes"), slack)
	require.InDelta(t, stats.TotalAlloc, observedMetric("/gc/heap/allocs:bytes"), slack)
	require.InDelta(t, stats.HeapObjects, observedMetric("/gc/heap/objects:objects"), slack/100)
	debug.SetGCPercent(-1)
	runtime.ReadMemStats(&stats)
	require.True(t, stats.EnableGC, "and yet it is off")
	require.False(t, stats.DebugGC)
}

// The heap in use grows with every allocation and falls with the sweep, so a reading
// is somewhere between live heap and goal. /gc/heap/live:bytes is what the last
// cycle marked and does not change until the next: it is the stable number to draw
// over weeks. It came with Go 1.21. Its value is as old as the last cycle, so what
// was allocated since, live or not, is not in it.
//
//claim:ask Which metric shows the live heap, without the garbage?
//claim:source https://pkg.go.dev/runtime/metrics#hdr-Supported_metrics
func TestLiveMetric(t *testing.T) {
	pausesByHand(t)
	const live, objects = "/gc/heap/live:bytes", "/memory/classes/heap/objects:bytes"
	runtime.GC()
	liveBefore, objectsBefore := observedMetric(live), observedMetric(objects)
	lists := gcCycleLists(2 << 10) // 2 MiB
	const size = 2 << 20
	require.Equal(t, liveBefore, observedMetric(live))
	require.Greater(t, observedMetric(objects), objectsBefore+size*9/10)
	runtime.GC()
	require.Greater(t, observedMetric(live), liveBefore+size*9/10)
	runtime.KeepAlive(lists)
}

// Reading an unknown metric does not fail: metrics.Read sets the kind of the value
// to KindBad, and taking a number out of it panics. The set of metrics depends on
// the Go version, so that code for more than one version must look at the kind, or
// at metrics.All. Names are never used for another meaning or kind, which makes it
// safe to store them.
//
//claim:ask What happens if I read a runtime metric that this Go version does not have?
//claim:source https://pkg.go.dev/runtime/metrics#Read
func TestUnknownMetric(t *testing.T) {
	sample := []metrics.Sample{{Name: "/gc/no-such-thing:bytes"}, {Name: "/gc/heap/goal:bytes"}}
	metrics.Read(sample)
	require.Equal(t, metrics.KindBad, sample[0].Value.Kind())
	require.Panics(t, func() { sample[0].Value.Uint64() })
	require.Equal(t, metrics.KindUint64, sample[1].Value.Kind())
}

// The runtime has no callback for it. The usual way is an object that is garbage at
// once with a cleanup, or before Go 1.24 a finalizer, that makes the next such
// object: it runs once after each cycle. AfterEachGC here does that. The call comes
// some time after the cycle, on a goroutine of the runtime, and two quick cycles may
// give one call. For numbers it is enough to read metrics from time to time.
//
//claim:ask Can a program be told when a garbage collection has happened?
//claim:source https://pkg.go.dev/runtime#AddCleanup
func TestAfterEachGC(t *testing.T) {
	calls := make(chan bool, 100)
	stop := AfterEachGC(func() { calls <- true })
	for range 3 {
		// The next mark is made after the call: let it be older than the cycle.
		for deadline := time.Now().Add(10 * time.Second); len(calls) == 0; runtime.Gosched() {
			require.True(t, time.Now().Before(deadline))
			runtime.GC()
		}
		<-calls
	}
	stop()
	runtime.GC()
	runtime.GC()
	drained := len(calls)
	for range drained {
		<-calls
	}
	for range 3 {
		runtime.GC()
	}
	require.LessOrEqual(t, len(calls), 1)
}

// For a few numbers metrics.Read takes less than a third of the time of
// ReadMemStats, and leaves the rest of the program alone. ReadMemStats stops all Ps
// and adds up statistics of every one of them, which takes longer with more Ps. Keep
// the slice of samples between calls: names are looked up, values are written in
// place.
//
//claim:ask What does it cost to read the memory statistics, and should I use ReadMemStats or runtime/metrics?
//claim:expect ns/op of=memstats > 3x of=metrics
//claim:expect allocs/op of=metrics == 0
//claim:expect stops/op of=memstats >= 1
//claim:expect stops/op of=metrics < 0.1
//claim:source https://pkg.go.dev/runtime/metrics
func BenchmarkReadStats(b *testing.B) {
	measure := func(b *testing.B, read func()) {
		b.ReportAllocs()
		stops := StopsDuring(func() {
			for b.Loop() {
				read()
			}
		})
		b.ReportMetric(float64(stops.Other)/float64(b.N), "stops/op")
	}
	b.Run("of=memstats", func(b *testing.B) {
		var stats runtime.MemStats
		measure(b, func() { runtime.ReadMemStats(&stats) })
	})
	b.Run("of=metrics", func(b *testing.B) {
		samples := []metrics.Sample{{Name: "/gc/heap/goal:bytes"}, {Name: "/gc/cycles/total:gc-cycles"}}
		metrics.Read(samples) // makes the table of names
		measure(b, func() { metrics.Read(samples) })
	})
}

// ReadStats: the two ways agree, and neither allocates.
func TestReadStats(t *testing.T) {
	pausesByHand(t)
	var stats runtime.MemStats
	samples := []metrics.Sample{{Name: "/gc/cycles/total:gc-cycles"}}
	metrics.Read(samples)
	proof.WantAllocs(t, 0, func() { metrics.Read(samples) })
	proof.WantAllocs(t, 0, func() { runtime.ReadMemStats(&stats) })
	require.EqualValues(t, stats.NumGC, samples[0].Value.Uint64())
}
