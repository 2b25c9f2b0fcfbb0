package schedgc

import (
	"fmt"
	"math"
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// memlimitCounted returns what the memory limit is compared with.
func memlimitCounted() float64 {
	return pacingMetric("/memory/classes/total:bytes") - pacingMetric("/memory/classes/heap/released:bytes")
}

// The memory limit counts all memory that the runtime has mapped and not returned:
// heap, stacks of goroutines, and the runtime's own structures; as metrics,
// /memory/classes/total:bytes minus /memory/classes/heap/released:bytes. You may read
// that stacks do not count. They do: with GOGC=off and a limit of 16 MiB, 1 MiB of
// garbage causes no collection, and at least 2 after 300 goroutines have grown deep
// stacks, which then take more than the limit. Not counted are the code and the global
// variables of the program, and memory that C or a direct mmap takes.
//
//claim:ask Which memory counts for GOMEMLIMIT: do goroutine stacks?
//claim:source https://pkg.go.dev/runtime/debug#SetMemoryLimit
func TestMemlimitCounts(t *testing.T) {
	if proof.InChild(t) {
		pacingReport("alone", pacingCyclesIn(func() { pacingGarbage(pacingMiB) }))
		limit := debug.SetMemoryLimit(math.MaxInt64) // the stacks shall grow in peace
		done := pacingStacksOf(300)
		pacingReport("stacks", pacingMetric("/memory/classes/heap/stacks:bytes"))
		pacingReport("counted", memlimitCounted())
		debug.SetMemoryLimit(limit)
		pacingReport("beside", pacingCyclesIn(func() { pacingGarbage(pacingMiB) }))
		close(done)
		return
	}
	got := pacingChild(t, "GOGC=off", "GOMEMLIMIT=16MiB")
	assert.Zero(t, got["alone"])
	assert.Greater(t, got["stacks"], 16.0*pacingMiB)
	assert.Greater(t, got["counted"], got["stacks"])
	assert.GreaterOrEqual(t, got["beside"], 2.0)
}

// With GOGC=off the heap goal is the limit, minus all that is not heap, minus 3% or at
// least 1 MiB of room for what the pacer cannot foresee. So the heap alone never gets
// the whole limit: with 64 MiB the goal is between 48 and 63 MiB. The goal falls as
// stacks and other memory of the runtime grow. It is never below the live heap.
//
//claim:ask How large may the heap grow under a memory limit?
//claim:source runtime/mgcpacer.go
func TestMemlimitGoal(t *testing.T) {
	if proof.InChild(t) {
		runtime.GC()
		pacingReport("first", pacingMetric(pacingGoal))
		done := pacingStacksOf(100)
		runtime.GC()
		pacingReport("stacks", pacingMetric("/memory/classes/heap/stacks:bytes"))
		pacingReport("second", pacingMetric(pacingGoal))
		close(done)
		return
	}
	got := pacingChild(t, "GOGC=off", "GOMEMLIMIT=64MiB")
	assert.Greater(t, got["first"], 48.0*pacingMiB)
	assert.Less(t, got["first"], 63.0*pacingMiB)
	assert.Greater(t, got["first"]-got["second"], 0.8*got["stacks"])
}

// No, the limit reserves nothing. It is an upper bound, and the lower of the two goals
// counts: with GOGC=100 a program with little live data keeps its goal of 4 MiB under a
// limit of 1 GiB. The limit starts to matter when GOGC times the live heap comes near
// it. With GOGC=off it is different: then the limit is the only goal, and garbage fills
// the heap up to it.
//
//claim:ask Does a program with GOMEMLIMIT=1GiB use 1 GiB?
//claim:source https://go.dev/doc/gc-guide#Memory_limit
func TestMemlimitReserves(t *testing.T) {
	if proof.InChild(t) {
		pacingGarbage(32 * pacingMiB)
		runtime.GC()
		pacingReport("goal", pacingMetric(pacingGoal))
		pacingReport("counted", memlimitCounted())
		return
	}
	got := pacingChild(t, "GOMEMLIMIT=1GiB")
	assert.Equal(t, 4.0*pacingMiB, got["goal"])
	assert.Less(t, got["counted"], 32.0*pacingMiB)
	off := pacingChild(t, "GOMEMLIMIT=1GiB", "GOGC=off")
	assert.Greater(t, off["goal"], 900.0*pacingMiB)
	assert.Greater(t, off["counted"], 32.0*pacingMiB, "nothing was collected")
}

// No, the limit is soft: it makes the collector work, and never refuses or ends
// anything. A program that keeps 48 MiB alive under a limit of 16 MiB gets its memory,
// and collects for it more than 8 times. The kernel knows nothing of the limit and ends
// the process at the limit of the container. So GOMEMLIMIT helps against being killed
// for garbage, and not for live data: a leak still ends there, only later and more
// slowly.
//
//claim:ask Does GOMEMLIMIT protect the program from being killed for too much memory?
//claim:source https://go.dev/doc/gc-guide#Memory_limit
//claim:source https://pkg.go.dev/runtime/debug#SetMemoryLimit
func TestMemlimitSoft(t *testing.T) {
	if proof.InChild(t) {
		var live [][]byte
		cycles := pacingCyclesIn(func() {
			for range 48 {
				live = append(live, pacingTouched(pacingMiB))
				runtime.Gosched()
			}
		})
		pacingReport("cycles", cycles)
		pacingReport("objects", pacingMetric("/memory/classes/heap/objects:bytes"))
		runtime.KeepAlive(live)
		return
	}
	got := pacingChild(t, "GOGC=off", "GOMEMLIMIT=16MiB")
	assert.Greater(t, got["objects"], 48.0*pacingMiB)
	assert.Greater(t, got["cycles"], 8.0)
}

// No, unlike GOMAXPROCS since Go 1.25: without GOMEMLIMIT there is no memory limit, in
// a container or not, and the setting is the largest int64. So a program with GOGC=100
// may let garbage grow beyond what the container allows. Set the limit in the
// deployment, or read /sys/fs/cgroup/memory.max at the start and call
// debug.SetMemoryLimit with 80% to 95% of it, as [ContainerMemoryLimit] computes.
//
//claim:ask Does Go respect the memory limit of its container by itself?
//claim:source https://pkg.go.dev/runtime#hdr-Environment_Variables
//claim:source https://go.dev/doc/gc-guide#Suggested_uses
func TestMemlimitContainer(t *testing.T) {
	if proof.InChild(t) {
		pacingReport("limit", pacingMetric("/gc/gomemlimit:bytes"))
		return
	}
	assert.Equal(t, float64(math.MaxInt64), pacingChild(t, "GOMEMLIMIT=")["limit"])
	assert.Equal(t, float64(math.MaxInt64), pacingChild(t, "GOMEMLIMIT=off")["limit"])
	assert.Equal(t, 256.0*pacingMiB, pacingChild(t, "GOMEMLIMIT=256MiB")["limit"])

	for text, want := range map[string]int64{"1000": 900, "199": 179, " 1000\n": 900, "9223372036854775807": 8301034833169298226} {
		limit, ok := ContainerMemoryLimit(text, 90)
		assert.True(t, ok)
		assert.Equal(t, want, limit)
	}
	for _, text := range []string{"max", "", "-1", "0", "1G"} {
		_, ok := ContainerMemoryLimit(text, 90)
		assert.False(t, ok, text)
	}
}

// GOMEMLIMIT is a number of bytes, alone or followed by B, KiB, MiB, GiB or TiB.
// Anything else ends the program before main, with the line malformed GOMEMLIMIT: 512M,
// 1GB, 1.5GiB and 90% all do, though other tools write memory like that. The words off
// and an empty value mean no limit. GOGC is different: there, a wrong value is ignored.
//
//claim:ask How is GOMEMLIMIT written, and what happens if the value is wrong?
//claim:source https://pkg.go.dev/runtime#hdr-Environment_Variables
func TestMemlimitSyntax(t *testing.T) {
	if proof.InChild(t) {
		pacingReport("limit", pacingMetric("/gc/gomemlimit:bytes"))
		return
	}
	for text, want := range map[string]float64{"268435456": 1 << 28, "268435456B": 1 << 28, "262144KiB": 1 << 28, "1TiB": 1 << 40} {
		assert.Equal(t, want, pacingChild(t, "GOMEMLIMIT="+text)["limit"], text)
	}
	for _, text := range []string{"512M", "1GB", "1.5GiB", "90%"} {
		output, err := proof.Child(t, "GOMEMLIMIT="+text)
		require.Error(t, err, output)
		assert.Contains(t, output, "malformed GOMEMLIMIT")
		assert.NotContains(t, output, "pacing limit")
	}
}

// GOGC gives a share of the live heap as room for garbage, the limit gives what is left
// of a fixed amount. With GOGC=off and a limit of 48 MiB, the same garbage costs at
// most 3 collections beside 4 MiB of live data, and more than 4 times as many beside 36
// MiB. With GOGC=100 it is the other way round: the larger heap collects less. So a
// limit alone is fast until the live heap comes near it. Use it alone if the live heap
// is known, and together with GOGC if it can grow.
//
//claim:ask GOGC=off with a memory limit, or GOGC=100 with a memory limit?
//claim:source https://go.dev/doc/gc-guide#Suggested_uses
func TestMemlimitOrGOGC(t *testing.T) {
	if proof.InChild(t) {
		for _, size := range []int{4, 36} {
			live := make([]byte, size*pacingMiB)
			runtime.GC()
			pacingReport(fmt.Sprint("live", size), pacingCyclesIn(func() { pacingGarbage(64 * pacingMiB) }))
			runtime.KeepAlive(live)
		}
		return
	}
	limit := pacingChild(t, "GOGC=off", "GOMEMLIMIT=48MiB")
	assert.LessOrEqual(t, limit["live4"], 3.0)
	assert.Greater(t, limit["live36"], 4*limit["live4"])
	percent := pacingChild(t)
	assert.Less(t, percent["live36"], percent["live4"])
}

// Lowering the memory limit works at once. The heap goal is lower as soon as the call
// returns, and the next allocations that would go beyond the limit first return free
// memory to the system: lowering the limit to 16 MiB after 64 MiB of garbage were
// collected releases more than 40 MiB, without FreeOSMemory and without waiting for the
// background scavenger. That makes it possible to follow a limit that changes while the
// program runs.
//
//claim:ask Can the memory limit be changed while the program runs, and when does it take effect?
//claim:source https://pkg.go.dev/runtime/debug#SetMemoryLimit
//claim:source runtime/mheap.go
func TestMemlimitLower(t *testing.T) {
	if proof.InChild(t) {
		live := pacingTouched(64 * pacingMiB)
		runtime.KeepAlive(live)
		live = nil
		runtime.GC()
		released := pacingMetric("/memory/classes/heap/released:bytes")
		pacingReport("before", pacingMetric("/memory/classes/heap/free:bytes"))
		debug.SetMemoryLimit(16 * pacingMiB)
		pacingReport("goal", pacingMetric(pacingGoal))
		pacingGarbage(pacingMiB)
		pacingReport("released", pacingMetric("/memory/classes/heap/released:bytes")-released)
		pacingReport("counted", memlimitCounted())
		return
	}
	got := pacingChild(t, "GOGC=off")
	assert.Greater(t, got["before"], 56.0*pacingMiB)
	assert.Less(t, got["goal"], 16.0*pacingMiB)
	assert.Greater(t, got["released"], 40.0*pacingMiB)
	assert.Less(t, got["counted"], 18.0*pacingMiB)
}

// A program keeps closely to its limit as long as it is garbage that fills the memory:
// with GOGC=off and a limit of 32 MiB, 256 MiB of garbage keep what the runtime has
// mapped and not released below 36 MiB, looked at after each MiB. A cycle that gets the
// processor late lets it go over by a little. Live data and memory that is not counted
// can exceed it by any amount, so leave some percent of the memory of the container
// free.
//
//claim:ask How exactly does a Go program keep to its memory limit?
//claim:source https://go.dev/doc/gc-guide#Memory_limit
func TestMemlimitHolds(t *testing.T) {
	if proof.InChild(t) {
		most := 0.0
		for range 256 {
			pacingGarbage(pacingMiB)
			most = max(most, memlimitCounted())
		}
		pacingReport("most", most)
		pacingReport("cycles", pacingMetric(pacingCycles))
		return
	}
	var got map[string]float64
	for range 5 { // how late a cycle is depends on the load of the machine
		if got = pacingChild(t, "GOGC=off", "GOMEMLIMIT=32MiB"); got["most"] < 36*pacingMiB {
			break
		}
	}
	assert.Less(t, got["most"], 36.0*pacingMiB)
	assert.Greater(t, got["most"], 16.0*pacingMiB)
	assert.Greater(t, got["cycles"], 5.0)
}

// A limit that is far away costs nothing with GOGC=100. Beside 16 MiB of live data the
// heap goal under a limit of 1 GiB is the same as without a limit, within 1 MiB: the
// goal of GOGC is the lower one, and the limit is a safety net that costs nothing until
// it is needed. A limit of 28 MiB would be felt, and lowers the goal by more than 4
// MiB. So in a container, if Go is what uses the memory there, a limit beside GOGC=100
// is a good default.
//
//claim:ask Does a memory limit cost anything while the program is far below it?
//claim:source https://go.dev/doc/gc-guide#Suggested_uses
func TestMemlimitFar(t *testing.T) {
	if proof.InChild(t) {
		live := make([]byte, 16*pacingMiB)
		runtime.GC()
		pacingReport("goal", pacingMetric(pacingGoal))
		runtime.KeepAlive(live)
		return
	}
	none := pacingChild(t)["goal"]
	assert.InDelta(t, none, pacingChild(t, "GOMEMLIMIT=1GiB")["goal"], pacingMiB)
	assert.Greater(t, none-pacingChild(t, "GOMEMLIMIT=28MiB")["goal"], 4.0*pacingMiB)
}
