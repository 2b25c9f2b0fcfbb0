package memory

import (
	"bytes"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

const mebibyte = 1 << 20

func memStats() (m runtime.MemStats) {
	runtime.ReadMemStats(&m)
	return m
}

// touched returns a slice whose pages are all in use, so that they are in memory.
func touched(size int) []byte { return bytes.Repeat([]byte{1}, size) }

// A collection returns memory to the allocator, not to the operating system.
// HeapAlloc falls, and the freed pages move from HeapInuse to HeapIdle, where the
// next allocations find them: the process does not grow for those. HeapSys and
// Sys are address space and do not fall. The runtime gives idle pages back over
// time, in the background; debug.FreeOSMemory does it at once (HeapReleased
// grows). So the RSS of a process lags behind its heap, and a high RSS alone is
// no leak.
//
//claim:ask Why does the memory of a Go process not shrink after objects are freed?
//claim:source https://pkg.go.dev/runtime#MemStats
//claim:source https://pkg.go.dev/runtime/debug#FreeOSMemory
//claim:source runtime/mgcscavenge.go
func TestHeapStates(t *testing.T) {
	const size, slack = 8 * mebibyte, mebibyte
	runtime.GC()
	data := touched(size)
	used := memStats()
	resident := residentBytes(t)
	runtime.KeepAlive(data)
	runtime.GC()
	freed := memStats()
	require.InDelta(t, size, int64(used.HeapAlloc-freed.HeapAlloc), slack)
	require.InDelta(t, size, int64(used.HeapInuse-freed.HeapInuse), slack)
	require.InDelta(t, size, int64(freed.HeapIdle-used.HeapIdle), slack)
	require.InDelta(t, used.HeapSys, freed.HeapSys, slack)
	require.GreaterOrEqual(t, freed.Sys, used.Sys)
	require.Equal(t, freed.HeapSys, freed.HeapIdle+freed.HeapInuse)
	require.Less(t, freed.HeapReleased, freed.HeapIdle, "idle memory is still ours")

	data = touched(size)
	again := memStats()
	runtime.KeepAlive(data)
	require.InDelta(t, used.HeapSys, again.HeapSys, slack, "the same pages serve again")

	debug.FreeOSMemory()
	released := memStats()
	require.GreaterOrEqual(t, int64(released.HeapReleased), int64(size))
	require.InDelta(t, used.HeapSys, released.HeapSys, slack, "address space stays")
	if resident > 0 {
		require.Less(t, residentBytes(t), resident-size/2)
	}
}

// residentBytes returns the RSS of this process, or 0 where it is not known how
// to read it or where the race detector's own memory would hide the heap's.
func residentBytes(t *testing.T) int64 {
	if runtime.GOOS != "linux" || proof.RaceEnabled {
		return 0
	}
	statm, err := os.ReadFile("/proc/self/statm")
	require.NoError(t, err)
	pages, err := strconv.ParseInt(string(bytes.Fields(statm)[1]), 10, 64)
	require.NoError(t, err)
	return pages * int64(os.Getpagesize())
}

// readMetric returns one metric with a whole number as its value.
func readMetric(t *testing.T, name string) uint64 {
	t.Helper()
	sample := []metrics.Sample{{Name: name}}
	metrics.Read(sample)
	require.Equal(t, metrics.KindUint64, sample[0].Value.Kind(), name)
	return sample[0].Value.Uint64()
}

// Package runtime/metrics has all that runtime.MemStats has, and more. Live
// objects plus garbage not yet swept is HeapAlloc, and
// /memory/classes/heap/objects:bytes. What the process has mapped is Sys, and
// /memory/classes/total:bytes; subtract /memory/classes/heap/released:bytes for
// what GOMEMLIMIT counts. Only the metrics tell the live heap of the last
// collection, /gc/heap/live:bytes. Mallocs and TotalAlloc only grow; HeapAlloc and
// HeapObjects are the current state.
//
//claim:ask Which numbers describe the heap: MemStats fields or runtime/metrics?
//claim:source https://pkg.go.dev/runtime/metrics#hdr-Supported_metrics
//claim:source https://pkg.go.dev/runtime#MemStats
func TestMetricNames(t *testing.T) {
	collectByHand(t)
	var m runtime.MemStats
	all := make(map[string]uint64)
	for again := true; again; again = m.HeapReleased != memStats().HeapReleased { // moved in the background
		m = memStats()
		samples := make([]metrics.Sample, 0, 128)
		for _, d := range metrics.All() {
			samples = append(samples, metrics.Sample{Name: d.Name})
		}
		metrics.Read(samples)
		for _, s := range samples {
			if s.Value.Kind() == metrics.KindUint64 {
				all[s.Name] = s.Value.Uint64()
			}
		}
	}
	for name, value := range map[string]uint64{
		"/memory/classes/heap/objects:bytes":      m.HeapAlloc,
		"/memory/classes/heap/unused:bytes":       m.HeapInuse - m.HeapAlloc,
		"/memory/classes/heap/free:bytes":         m.HeapIdle - m.HeapReleased,
		"/memory/classes/heap/released:bytes":     m.HeapReleased,
		"/memory/classes/heap/stacks:bytes":       m.StackInuse,
		"/memory/classes/metadata/other:bytes":    m.GCSys,
		"/memory/classes/profiling/buckets:bytes": m.BuckHashSys,
		"/memory/classes/total:bytes":             m.Sys,
		"/gc/heap/allocs:bytes":                   m.TotalAlloc,
		"/gc/heap/frees:bytes":                    m.TotalAlloc - m.HeapAlloc,
		"/gc/heap/objects:objects":                m.HeapObjects,
		"/gc/cycles/total:gc-cycles":              uint64(m.NumGC),
		"/gc/cycles/forced:gc-cycles":             uint64(m.NumForcedGC),
	} {
		require.Contains(t, all, name)
		require.InDelta(t, value, all[name], mebibyte/4, name)
	}
	require.Equal(t, m.HeapObjects, m.Mallocs-m.Frees)
	require.Equal(t, m.HeapAlloc, m.Alloc)

	base := readMetric(t, "/gc/heap/live:bytes")
	data := touched(2 * mebibyte)
	require.Equal(t, base, readMetric(t, "/gc/heap/live:bytes"), "as of the last collection")
	runtime.GC()
	require.InDelta(t, 2*mebibyte, int64(readMetric(t, "/gc/heap/live:bytes")-base), mebibyte/4)
	runtime.KeepAlive(data)
}

// GOGC says how much the heap may grow over the live heap before the next
// collection ends: with the default 100 to about twice the live heap, with 50
// to one and a half, with 200 to three times. Less memory for more collections, or
// the other way round. Since Go 1.18 stacks and global variables count as well,
// so a program with large stacks gets a higher goal. The goal is never below 4
// MiB, times GOGC/100, so a small program hardly collects.
//
//claim:ask What does GOGC=100 mean?
//claim:source https://go.dev/doc/gc-guide#GOGC
//claim:source https://go.dev/doc/go1.18#runtime
func TestGCTarget(t *testing.T) {
	if proof.InChild(t) {
		runtime.GC()
		t.Logf("goal %d MiB", readMetric(t, "/gc/heap/goal:bytes")>>20)
		return
	}
	percent := debug.SetGCPercent(100)
	t.Cleanup(func() { debug.SetGCPercent(percent) })
	data := touched(16 * mebibyte)
	for _, percent := range []int{50, 100, 200} {
		debug.SetGCPercent(percent)
		runtime.GC()
		live := readMetric(t, "/gc/heap/live:bytes")
		goal := readMetric(t, "/gc/heap/goal:bytes")
		require.InDelta(t, goal, memStats().NextGC, mebibyte)
		roots := readMetric(t, "/gc/scan/stack:bytes") + readMetric(t, "/gc/scan/globals:bytes")
		want := float64(live) + float64(live+roots)*float64(percent)/100
		require.InEpsilon(t, want, goal, 0.1, "GOGC=%d", percent)
	}
	runtime.KeepAlive(data)

	if testing.Short() {
		t.Skip("starts processes")
	}
	for gogc, goal := range map[string]string{"100": "goal 4 MiB", "400": "goal 16 MiB"} {
		output, err := proof.Child(t, "GOGC="+gogc)
		require.NoError(t, err, output)
		require.Contains(t, output, goal)
	}
}

// GOMEMLIMIT (debug.SetMemoryLimit, Go 1.19) makes the collector run as soon as
// the memory of the process comes near the limit, whatever GOGC says. With
// GOGC=off alone there are no collections at all; with a limit there are as many
// as it takes. The limit is soft: live data may go beyond it, and then the
// collector has no room and cannot help. So leave space over the live heap.
//
//claim:ask What does GOMEMLIMIT do, and does it work with GOGC=off?
//claim:source https://go.dev/doc/gc-guide#Memory_limit
//claim:source https://pkg.go.dev/runtime/debug#SetMemoryLimit
func TestMemoryLimit(t *testing.T) {
	collectByHand(t) // GOGC=off
	limit := debug.SetMemoryLimit(-1)
	t.Cleanup(func() { debug.SetMemoryLimit(limit) })
	collections := func() int { return int(memStats().NumGC) }
	makeGarbage := func() {
		for range 16 * mebibyte / len(block{}) {
			allocBytes = new(block)[:]
		}
	}
	before := collections()
	makeGarbage()
	require.Equal(t, before, collections())

	runtime.GC()
	before = collections()
	m := memStats()
	debug.SetMemoryLimit(int64(m.Sys - m.HeapIdle + 4*mebibyte))
	for deadline := time.Now().Add(10 * time.Second); collections() == before; makeGarbage() {
		require.True(t, time.Now().Before(deadline), "a collection must start and end")
	}
	data := touched(8 * mebibyte)
	require.Greater(t, int64(memStats().HeapInuse-m.HeapInuse), int64(4*mebibyte), "beyond the limit")
	runtime.KeepAlive(data)
}

// ReadMemStats stops the world for its snapshot and fills every field; reading
// one metric does neither, and is more than 3 times as fast. The stop also hits
// all other goroutines. A monitor that reads every few seconds may use either;
// code that reads often, or wants few values, should use runtime/metrics. Values of
// one metrics.Read are not a snapshot of one moment.
//
//claim:ask What is the cost of runtime.ReadMemStats, and what is the alternative?
//claim:expect ns/op of=memstats > 3x of=metrics
//claim:expect allocs/op of=memstats == 0
//claim:expect allocs/op of=metrics == 0
//claim:source https://pkg.go.dev/runtime/metrics#Read
//claim:source runtime/mstats.go
func BenchmarkReadMemStats(b *testing.B) {
	b.Run("of=memstats", func(b *testing.B) {
		var m runtime.MemStats
		b.ReportAllocs()
		for b.Loop() {
			runtime.ReadMemStats(&m)
		}
	})
	b.Run("of=metrics", func(b *testing.B) {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		metrics.Read(sample)
		b.ReportAllocs()
		for b.Loop() {
			metrics.Read(sample)
		}
	})
}
