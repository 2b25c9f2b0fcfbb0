package schedgc

import (
	"regexp"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

const scavengeReleased = "/memory/classes/heap/released:bytes"

// scavengePeak leaves n bytes of garbage that have been written and then dropped.
//
//go:noinline
func scavengePeak(n int) { runtime.KeepAlive(pacingTouched(n)) }

// A collection frees objects for the next allocations of the same program and gives
// nothing to the system: after a peak of 64 MiB the pages are in HeapIdle, minus
// HeapReleased, and the process keeps them. They go back in three ways: the background
// scavenger, which is slow on purpose, an allocation near the memory limit, and
// debug.FreeOSMemory, which returns all of them before it ends. The first two leave
// what the program will soon need again.
//
//claim:ask The collector has freed my objects. Which step gives the memory back to the system?
//claim:source runtime/mgcscavenge.go
//claim:source https://pkg.go.dev/runtime/debug#FreeOSMemory
func TestScavengeSteps(t *testing.T) {
	if proof.InChild(t) {
		scavengePeak(64 * pacingMiB)
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		pacingReport("idle", float64(m.HeapIdle-m.HeapReleased))
		pages := ReadHeapPages()
		pacingReport("free", float64(pages.Free))
		debug.FreeOSMemory()
		pacingReport("left", float64(ReadHeapPages().Free))
		pacingReport("released", float64(ReadHeapPages().Released-pages.Released))
		return
	}
	got := pacingChild(t)
	assert.Greater(t, got["idle"], 48.0*pacingMiB)
	assert.InEpsilon(t, got["idle"], got["free"], 0.1)
	assert.Less(t, got["left"], 1.0*pacingMiB)
	assert.Greater(t, got["released"], 48.0*pacingMiB)
}

// Yes, without any call: after a peak of 64 MiB and two collections, released memory
// grows by more than 4 MiB in the background, while main only sleeps. The scavenger
// keeps what the next cycle is expected to need, and is made to use about 1% of the
// time of the program, in small steps with sleeps between them.
//
//claim:ask Does Go give memory back to the system by itself, and how fast?
//claim:source runtime/mgcscavenge.go
func TestScavengeBackground(t *testing.T) {
	if proof.InChild(t) {
		scavengePeak(64 * pacingMiB)
		runtime.GC()
		runtime.GC()
		before := pacingMetric(scavengeReleased)
		for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
			if pacingMetric(scavengeReleased)-before > 4*pacingMiB {
				break
			}
		}
		pacingReport("released", pacingMetric(scavengeReleased)-before)
		return
	}
	assert.Greater(t, pacingChild(t)["released"], 4.0*pacingMiB)
}

// FreeOSMemory is a full collection and then the return of every free page, so the
// caller waits for both, and the next peak pays again: the system has to find the pages
// and fill them with zeros. It counts as a forced collection, even with GOGC=off.
// Calling it at intervals works against the pacer. It has its place after a peak that
// will not come back, or before a long idle phase.
//
//claim:ask What does debug.FreeOSMemory do, and should I call it every minute?
//claim:source https://pkg.go.dev/runtime/debug#FreeOSMemory
func TestScavengeForced(t *testing.T) {
	if proof.InChild(t) {
		for range 3 {
			scavengePeak(pacingMiB)
			debug.FreeOSMemory()
		}
		pacingReport("forced", pacingMetric("/gc/cycles/forced:gc-cycles"))
		pacingReport("heap", pacingMetric("/memory/classes/heap/objects:bytes"))
		return
	}
	got := pacingChild(t, "GOGC=off")
	assert.Equal(t, 3.0, got["forced"])
	assert.Less(t, got["heap"], 1.0*pacingMiB)
}

// scavengeSparse allocates n bytes of objects of 64 bytes and keeps one of 128, so that
// about each page of 8 KiB still has a live object.
//
//go:noinline
func scavengeSparse(n int) (kept []*[64]byte) {
	for i := range n / 64 {
		object := new([64]byte)
		if i%128 == 0 {
			kept = append(kept, object)
		}
	}
	return kept
}

// Only whole pages without a live object can be given back, and the collector does not
// move objects. Here 32 MiB of small objects are freed but for one in 128, which is
// less than 2 MiB of objects; more than 24 MiB stay in pages in use even after
// FreeOSMemory, as /memory/classes/heap/unused:bytes (HeapInuse minus HeapAlloc). The
// program can use the gaps for objects of the same size. The cure is to keep survivors
// apart: copy what has to stay, or allocate it first.
//
//claim:ask FreeOSMemory does not bring the memory down though the heap is nearly empty. Why?
//claim:source https://pkg.go.dev/runtime#MemStats
func TestScavengeSparse(t *testing.T) {
	if proof.InChild(t) {
		kept := scavengeSparse(32 * pacingMiB)
		debug.FreeOSMemory()
		pages := ReadHeapPages()
		pacingReport("objects", float64(pages.Objects))
		pacingReport("unused", float64(pages.Unused))
		pacingReport("free", float64(pages.Free))
		runtime.KeepAlive(kept)
		kept = nil
		debug.FreeOSMemory()
		pacingReport("then", float64(ReadHeapPages().Unused))
		return
	}
	got := pacingChild(t, "GOGC=off")
	assert.Less(t, got["objects"], 2.0*pacingMiB)
	assert.Greater(t, got["unused"], 24.0*pacingMiB)
	assert.Less(t, got["free"], 1.0*pacingMiB)
	assert.Less(t, got["then"], 2.0*pacingMiB)
}

var scavengeTraceLine = regexp.MustCompile(`scav \d+ KiB work \(bg\), \d+ KiB work \(eager\), \d+ KiB now, \d+% util`)

// GODEBUG=scavtrace=1 prints a line for each collection: KiB returned in the background
// and by allocations since the last line, KiB returned in total at the moment, and how
// much of the retained heap is in use. In a running program, the metric
// /memory/classes/heap/released:bytes tells the same, and /cpu/classes/scavenge the
// processor time.
//
//claim:ask How do I see whether the scavenger returns memory?
//claim:source https://pkg.go.dev/runtime#hdr-Environment_Variables
func TestScavengeTrace(t *testing.T) {
	if proof.InChild(t) {
		scavengePeak(16 * pacingMiB)
		debug.FreeOSMemory()
		runtime.GC()
		return
	}
	if testing.Short() {
		t.Skip("starts processes")
	}
	output, err := proof.Child(t, "GODEBUG=scavtrace=1")
	require.NoError(t, err, output)
	assert.Regexp(t, scavengeTraceLine, output)
}

// Compare the number of the system with what Go has mapped and not released, total
// minus heap/released in /memory/classes, and then look where that is. The five parts
// of [HeapPages] add up to the total: a large Objects is a matter of the live heap and
// GOGC, a large Free waits for the scavenger, a large Unused is fragmentation, a large
// Rest is often stacks. What the system shows beyond the sum is not of the Go heap: the
// binary, C, mmap.
//
//claim:ask The system shows far more memory than HeapAlloc. Where is the rest?
//claim:source https://pkg.go.dev/runtime/metrics
func TestScavengeWhere(t *testing.T) {
	if proof.InChild(t) {
		kept := scavengeSparse(8 * pacingMiB)
		done := pacingStacksOf(50)
		scavengePeak(32 * pacingMiB)
		runtime.GC()
		pages := ReadHeapPages()
		pacingReport("objects", float64(pages.Objects))
		pacingReport("unused", float64(pages.Unused))
		pacingReport("free", float64(pages.Free))
		pacingReport("rest", float64(pages.Rest))
		pacingReport("mapped", float64(pages.Mapped()))
		pacingReport("total", pacingMetric("/memory/classes/total:bytes"))
		pacingReport("released", float64(pages.Released))
		close(done)
		runtime.KeepAlive(kept)
		return
	}
	got := pacingChild(t, "GOGC=off")
	assert.Less(t, got["objects"], 2.0*pacingMiB)
	assert.Greater(t, got["unused"], 6.0*pacingMiB)
	assert.Greater(t, got["free"], 28.0*pacingMiB)
	assert.Greater(t, got["rest"], 2.0*pacingMiB)
	assert.InDelta(t, got["total"], got["mapped"]+got["released"], pacingMiB)
}
