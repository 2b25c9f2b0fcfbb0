package schedgc

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// pacingMetric reads one metric of package runtime/metrics.
func pacingMetric(name string) float64 {
	sample := []metrics.Sample{{Name: name}}
	metrics.Read(sample)
	switch v := sample[0].Value; v.Kind() {
	case metrics.KindUint64:
		return float64(v.Uint64())
	case metrics.KindFloat64:
		return v.Float64()
	}
	panic("no such metric: " + name)
}

const (
	pacingGoal    = "/gc/heap/goal:bytes"
	pacingLive    = "/gc/heap/live:bytes"
	pacingCycles  = "/gc/cycles/automatic:gc-cycles"
	pacingStacks  = "/gc/scan/stack:bytes"
	pacingGlobals = "/gc/scan/globals:bytes"
	pacingMiB     = 1 << 20
)

// pacingReport hands a number from a child to [pacingChild].
func pacingReport(name string, value float64) { fmt.Printf("pacing %s %g\n", name, value) }

var pacingLine = regexp.MustCompile(`(?m)^pacing (\S+) (\S+)$`)

// pacingChild runs the test once more in a process of its own, with one P, the defaults
// of the collector and then the given settings, and returns the numbers it reports.
func pacingChild(t *testing.T, env ...string) map[string]float64 {
	t.Helper()
	if testing.Short() {
		t.Skip("starts processes")
	}
	proof.OnceUnderRace(t)
	output, err := proof.Child(t, append([]string{"GOGC=100", "GOMEMLIMIT=off", "GODEBUG=", "GOMAXPROCS=1"}, env...)...)
	require.NoError(t, err, output)
	return pacingNumbers(t, output)
}

func pacingNumbers(t *testing.T, output string) map[string]float64 {
	t.Helper()
	numbers := make(map[string]float64)
	for _, m := range pacingLine.FindAllStringSubmatch(output, -1) {
		value, err := strconv.ParseFloat(m[2], 64)
		require.NoError(t, err)
		numbers[m[1]] = value
	}
	require.NotEmpty(t, numbers, output)
	return numbers
}

// pacingCyclesIn returns how many automatic collections end while f runs.
func pacingCyclesIn(f func()) float64 {
	before := pacingMetric(pacingCycles)
	f()
	return pacingMetric(pacingCycles) - before
}

// The heap goal is the live heap plus GOGC percent of the live heap, of the scanned
// stacks and of the global variables. The live heap is what the last collection marked,
// so garbage and the rate of allocation do not count. Stacks and globals are in the sum
// since Go 1.18; they are the reason that a program with thousands of goroutines
// collects less often than its heap suggests. Setting GOGC at run time changes the goal
// at once. Two more rules bend the result: the memory limit can lower it, and for a
// small heap there is a minimum.
//
//claim:ask How does the collector compute the heap size at which a cycle should end?
//claim:source https://go.dev/doc/gc-guide#GOGC
//claim:source runtime/mgcpacer.go
func TestPacingGoalFormula(t *testing.T) {
	if proof.InChild(t) {
		live := make([]byte, 16*pacingMiB)
		runtime.GC()
		for _, gogc := range []int{25, 100, 400} {
			debug.SetGCPercent(gogc)
			want := HeapGoal(uint64(pacingMetric(pacingLive)), uint64(pacingMetric(pacingStacks)), uint64(pacingMetric(pacingGlobals)), gogc)
			pacingReport("difference"+strconv.Itoa(gogc), pacingMetric(pacingGoal)-float64(want))
		}
		runtime.KeepAlive(live)
		return
	}
	assert.Equal(t, map[string]float64{"difference25": 0, "difference100": 0, "difference400": 0}, pacingChild(t))
}

// A program starts with a heap goal of 4 MiB, times GOGC/100: 2 MiB with GOGC=50, 16
// MiB with GOGC=400. While the live heap is small, this minimum decides: 64 MiB of
// garbage then mean 8 to 24 collections with GOGC=100, and at most 6 with GOGC=400. So
// a small service with a high rate of allocation collects many times a second, and a
// higher GOGC costs it a few MiB only.
//
//claim:ask When does the first collection of a program run, and what is the minimum heap?
//claim:source runtime/mgcpacer.go
//claim:source https://go.dev/doc/gc-guide#GOGC
func TestPacingMinimum(t *testing.T) {
	if proof.InChild(t) {
		pacingReport("goal", pacingMetric(pacingGoal))
		pacingReport("cycles", pacingCyclesIn(func() { pacingGarbage(64 * pacingMiB) }))
		return
	}
	for gogc, goal := range map[string]float64{"50": 2, "100": 4, "400": 16} {
		got := pacingChild(t, "GOGC="+gogc)
		assert.Equal(t, goal*pacingMiB, got["goal"], "GOGC=%s", gogc)
		switch gogc {
		case "100":
			assert.True(t, got["cycles"] >= 8 && got["cycles"] <= 24, "%v", got)
		case "400":
			assert.LessOrEqual(t, got["cycles"], 6.0)
		}
	}
}

// The collector runs about as often as the allocated bytes divided by the live heap
// times GOGC/100, or somewhat less. With GOGC=100 and 64 MiB of garbage that is 8 for a
// live heap of 8 MiB (here 3 to 9) and 4 for 16 MiB (here 1 to 5). It is less because
// what is allocated while marking runs survives that cycle, used or not, and raises the
// next goal. So twice the live heap is about half the collections, each with twice the
// work.
//
//claim:ask How can I predict how often the collector will run?
//claim:source https://go.dev/doc/gc-guide#GOGC
func TestPacingCycleCount(t *testing.T) {
	if proof.InChild(t) {
		for _, size := range []int{8, 16} {
			live := make([]byte, size*pacingMiB)
			runtime.GC()
			pacingReport(fmt.Sprint("live", size), pacingCyclesIn(func() { pacingGarbage(64 * pacingMiB) }))
			runtime.KeepAlive(live)
		}
		return
	}
	got := pacingChild(t)
	assert.True(t, got["live8"] >= 3 && got["live8"] <= 9, "%v", got)
	assert.Greater(t, got["live8"], got["live16"])
	assert.True(t, got["live16"] >= 1 && got["live16"] <= 5, "%v", got)
}

// No, the heap goal depends on what is alive, not on how fast garbage is made. A
// program that makes 32 times as much garbage has the same goal after the next
// collection, within 1 MiB: it reaches the goal more often instead. Only live data
// moves the goal, and only with the next collection.
//
//claim:ask Does the heap goal grow when the program allocates more?
//claim:source runtime/mgcpacer.go
func TestPacingRateNotGoal(t *testing.T) {
	if proof.InChild(t) {
		live := make([]byte, 8*pacingMiB)
		for _, garbage := range []int{4, 128} {
			runtime.GC()
			pacingReport(fmt.Sprint("cycles", garbage), pacingCyclesIn(func() { pacingGarbage(garbage * pacingMiB) }))
			runtime.GC()
			pacingReport(fmt.Sprint("goal", garbage), pacingMetric(pacingGoal))
		}
		runtime.KeepAlive(live)
		return
	}
	got := pacingChild(t)
	assert.InDelta(t, got["goal4"], got["goal128"], pacingMiB)
	assert.Zero(t, got["cycles4"])
	assert.Greater(t, got["cycles128"], 4.0)
}

// The heap goal follows the live heap with a delay of one collection. If a program
// drops 32 MiB, the goal stays over 64 MiB until the next cycle has found out, however
// long that takes; then it falls to the minimum. So memory that was needed once, for a
// batch or while starting up, is still used by garbage for a while. A program that goes
// idle after the peak does not get there by allocating.
//
//claim:ask I dropped most of my data. When does the collector use less memory?
//claim:source runtime/mgcpacer.go
func TestPacingLag(t *testing.T) {
	if proof.InChild(t) {
		live := make([]byte, 32*pacingMiB)
		runtime.GC()
		runtime.KeepAlive(live)
		live = nil
		pacingReport("dropped", pacingMetric(pacingGoal))
		pacingGarbage(8 * pacingMiB)
		pacingReport("allocated", pacingMetric(pacingGoal))
		runtime.GC()
		pacingReport("collected", pacingMetric(pacingGoal))
		return
	}
	got := pacingChild(t)
	assert.Greater(t, got["dropped"], 64.0*pacingMiB)
	assert.Equal(t, got["dropped"], got["allocated"])
	assert.Equal(t, 4.0*pacingMiB, got["collected"])
}

// No, the heap goal is what the pacer aims at. Nothing stops an allocation that goes
// beyond it: one slice of 32 MiB is allocated with a goal of 4 MiB, and makes a
// collection start. The goal is also raised if the live heap alone is larger. Data that
// is alive always stays. The heap is limited by the machine, or by a limit on the
// process from outside.
//
//claim:ask Is the heap goal a limit that the heap cannot exceed?
//claim:source https://go.dev/doc/gc-guide#GOGC
func TestPacingGoalNotLimit(t *testing.T) {
	if proof.InChild(t) {
		pacingReport("goal", pacingMetric(pacingGoal))
		large := make([]byte, 32*pacingMiB)
		pacingReport("objects", pacingMetric("/memory/classes/heap/objects:bytes"))
		for pacingMetric(pacingCycles) == 0 {
			pacingGarbage(pacingMiB)
		}
		pacingReport("later", pacingMetric(pacingGoal))
		runtime.KeepAlive(large)
		return
	}
	got := pacingChild(t)
	assert.Equal(t, 4.0*pacingMiB, got["goal"])
	assert.Greater(t, got["objects"], 32.0*pacingMiB)
	assert.Greater(t, got["later"], 64.0*pacingMiB)
}

var pacingTrace = regexp.MustCompile(`(\d+)->(\d+)->(\d+) MB, (\d+) MB goal.*`)

// No, it starts earlier. Marking runs beside the program, which goes on allocating, so
// a cycle has to start before the goal to end at it. The pacer estimates from earlier
// cycles how much is allocated during one, and keeps the start at or beyond 70% of the
// way from the live heap to the goal. A program that allocates little while marking
// runs gets a start close to the goal. In a line of gctrace, 62->62->32 MB, 64 MB goal,
// the first number is the heap at the start.
//
//claim:ask Does a collection start when the heap reaches its goal?
//claim:source runtime/mgcpacer.go
//claim:source https://pkg.go.dev/runtime#hdr-Environment_Variables
func TestPacingTrigger(t *testing.T) {
	if proof.InChild(t) {
		live := make([]byte, 32*pacingMiB)
		runtime.GC()
		pacingGarbage(100 * pacingMiB)
		runtime.KeepAlive(live)
		return
	}
	if testing.Short() {
		t.Skip("starts processes")
	}
	output, err := proof.Child(t, "GODEBUG=gctrace=1", "GOGC=100", "GOMEMLIMIT=off", "GOMAXPROCS=1")
	require.NoError(t, err, output)
	seen, live := 0, 0.0 // what the cycle before has left
	for _, m := range pacingTrace.FindAllStringSubmatch(output, -1) {
		start, _ := strconv.ParseFloat(m[1], 64)
		goal, _ := strconv.ParseFloat(m[4], 64)
		if live >= 32 && !strings.Contains(m[0], "forced") {
			seen++
			assert.Less(t, start, goal, m[0])
			assert.Greater(t, start, live+0.65*(goal-live), m[0])
		}
		live, _ = strconv.ParseFloat(m[3], 64)
	}
	assert.GreaterOrEqual(t, seen, 2, output)
}

// Building a live heap of 64 MiB step by step takes 4 to 8 collections with GOGC=100,
// not one for each few MiB: the goal doubles each time. All of them find next to no
// garbage, so a program that loads data at its start wins by GOGC=off during the load:
// then there is none. Turn it on again afterwards.
//
//claim:ask How often does the collector run while a program loads its data?
//claim:source https://pkg.go.dev/runtime/debug#SetGCPercent
func TestPacingLoading(t *testing.T) {
	if proof.InChild(t) {
		load := func() (live [][]byte) {
			for range 64 * pacingMiB / pacingBlock {
				live = append(live, make([]byte, pacingBlock))
			}
			return live
		}
		pacingReport("on", pacingCyclesIn(func() { runtime.KeepAlive(load()) }))
		debug.SetGCPercent(-1)
		pacingReport("off", pacingCyclesIn(func() { runtime.KeepAlive(load()) }))
		return
	}
	got := pacingChild(t)
	assert.True(t, got["on"] >= 4 && got["on"] <= 8, "%v", got)
	assert.Zero(t, got["off"])
}

// GOGC=off means that the heap has no goal, so no allocation starts a collection: 64
// MiB of garbage cause none. The collector is still there. runtime.GC and
// debug.FreeOSMemory collect, and so does a memory limit. debug.SetGCPercent with any
// negative number does the same at run time.
//
//claim:ask Does GOGC=off turn the garbage collector off completely?
//claim:source https://pkg.go.dev/runtime#hdr-Environment_Variables
//claim:source https://pkg.go.dev/runtime/debug#SetGCPercent
func TestPacingOff(t *testing.T) {
	if proof.InChild(t) {
		pacingReport("garbage", pacingCyclesIn(func() { pacingGarbage(64 * pacingMiB) }))
		runtime.GC()
		debug.FreeOSMemory()
		pacingReport("forced", pacingMetric("/gc/cycles/forced:gc-cycles"))
		pacingReport("heap", pacingMetric("/memory/classes/heap/objects:bytes"))
		debug.SetMemoryLimit(16 * pacingMiB)
		pacingReport("limited", pacingCyclesIn(func() { pacingGarbage(64 * pacingMiB) }))
		return
	}
	got := pacingChild(t, "GOGC=off")
	assert.Zero(t, got["garbage"])
	assert.Equal(t, 2.0, got["forced"])
	assert.Less(t, got["heap"], 8.0*pacingMiB)
	assert.Greater(t, got["limited"], 2.0)
}

// GOGC=0 does not mean off: it means no room for garbage. A cycle starts as soon as
// sweeping has its 1 MiB, so there are more than 2 times as many collections as with
// GOGC=100 even for a small heap. It is of use only to find bugs. The off position is
// the word off or a negative number.
//
//claim:ask What is the difference between GOGC=0 and GOGC=off?
//claim:source runtime/mgcpacer.go
func TestPacingZero(t *testing.T) {
	if proof.InChild(t) {
		pacingReport("cycles", pacingCyclesIn(func() { pacingGarbage(32 * pacingMiB) }))
		return
	}
	assert.Greater(t, pacingChild(t, "GOGC=0")["cycles"], 2*pacingChild(t)["cycles"])
	assert.Zero(t, pacingChild(t, "GOGC=-5")["cycles"])
}

// A value of GOGC that cannot be read means the default, 100, without a word: GOGC=Off,
// GOGC=50% and GOGC=1e2 all mean 100. Only a whole number and the word off in small
// letters are understood. So check the setting in the running program, by the metric
// /gc/gogc:percent. GOMEMLIMIT is not so patient: a value it cannot read ends the
// program at its start.
//
//claim:ask What happens if the value of GOGC is misspelled?
//claim:source runtime/mgcpacer.go
func TestPacingTypo(t *testing.T) {
	if proof.InChild(t) {
		pacingReport("gogc", pacingMetric("/gc/gogc:percent"))
		return
	}
	for value, want := range map[string]float64{"Off": 100, "50%": 100, "1e2": 100, "off": math.MaxUint64, "80": 80} {
		assert.Equal(t, want, pacingChild(t, "GOGC="+value)["gogc"], "GOGC=%s", value)
	}
}

// No, the runtime reads GOGC and GOMEMLIMIT once, at its start. Setting them with
// os.Setenv changes what a child process gets, and not this one. Call
// debug.SetGCPercent and debug.SetMemoryLimit instead: the last call wins over the
// environment, even over GOGC=off.
//
//claim:ask Can a program set its own GOGC with os.Setenv?
//claim:source https://pkg.go.dev/runtime/debug#SetGCPercent
func TestPacingSetenv(t *testing.T) {
	before := debug.SetGCPercent(100)
	t.Cleanup(func() { debug.SetGCPercent(before) })
	t.Setenv("GOGC", "off")
	t.Setenv("GOMEMLIMIT", "1MiB")
	assert.Equal(t, "off", os.Getenv("GOGC"))
	assert.Equal(t, 100.0, pacingMetric("/gc/gogc:percent"))
	assert.Equal(t, 100, debug.SetGCPercent(300))
	assert.Equal(t, 300.0, pacingMetric("/gc/gogc:percent"))
	assert.NotEqual(t, int64(1*pacingMiB), debug.SetMemoryLimit(-1))
}

// debug.SetGCPercent has no argument that only reads: it returns the old setting and
// sets a new one, and any negative number is off. To read, use the metric
// /gc/gogc:percent, which shows the largest uint64 for off. SetMemoryLimit is
// different: a negative argument changes nothing and returns the limit. Both settings
// are those of the whole process, so code in a library should leave them alone.
//
//claim:ask How do I read the current GOGC and memory limit without changing them?
//claim:source https://pkg.go.dev/runtime/debug#SetGCPercent
//claim:source https://pkg.go.dev/runtime/debug#SetMemoryLimit
func TestPacingRead(t *testing.T) {
	percent, limit := debug.SetGCPercent(100), debug.SetMemoryLimit(1<<40)
	t.Cleanup(func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	})
	assert.Equal(t, int64(1<<40), debug.SetMemoryLimit(-1))
	assert.Equal(t, int64(1<<40), debug.SetMemoryLimit(-1), "still set")
	assert.Equal(t, float64(1<<40), pacingMetric("/gc/gomemlimit:bytes"))

	assert.Equal(t, 100, debug.SetGCPercent(-1))
	assert.Equal(t, -1, debug.SetGCPercent(-2))
	assert.Equal(t, float64(math.MaxUint64), pacingMetric("/gc/gogc:percent"))
}

// Lowering GOGC moves the goal at once and starts nothing by itself: the next
// allocation that needs memory finds the heap beyond its goal and starts the
// collection. Here 16 MiB of garbage are within the goal of GOGC=400; with GOGC=50 the
// goal is below that, and 8 MiB more make a collection run and end.
//
//claim:ask What happens at once when a program lowers GOGC at run time?
//claim:source runtime/debug/garbage.go
//claim:source runtime/mgcpacer.go
func TestPacingLower(t *testing.T) {
	if proof.InChild(t) {
		live := make([]byte, 8*pacingMiB)
		runtime.GC()
		pacingReport("before", pacingCyclesIn(func() { pacingGarbage(16 * pacingMiB) }))
		var goal, objects float64 // before any report, which allocates and may start a cycle
		set := pacingCyclesIn(func() {
			debug.SetGCPercent(50)
			goal, objects = pacingMetric(pacingGoal), pacingMetric("/memory/classes/heap/objects:bytes")
		})
		pacingReport("set", set)
		pacingReport("goal", goal)
		pacingReport("objects", objects)
		pacingReport("allocated", pacingCyclesIn(func() {
			for range 8 { // the cycle is concurrent: it must also end
				pacingGarbage(pacingMiB)
			}
		}))
		runtime.KeepAlive(live)
		return
	}
	got := pacingChild(t, "GOGC=400")
	assert.Zero(t, got["before"])
	assert.Zero(t, got["set"])
	assert.Less(t, got["goal"], got["objects"])
	assert.Positive(t, got["allocated"])
}

// pacingDeep blocks with a stack of about 64 KiB that holds pointers.
//
//go:noinline
func pacingDeep(depth int, frame *[64]*byte, ready chan<- struct{}, done <-chan struct{}) {
	var own [64]*byte
	own[depth%64] = frame[(depth+1)%64]
	if depth == 0 {
		ready <- struct{}{}
		<-done
		return
	}
	pacingDeep(depth-1, &own, ready, done)
	runtime.KeepAlive(&own)
}

// pacingStacksOf starts goroutines with deep stacks, and returns when all are blocked.
func pacingStacksOf(goroutines int) (done chan struct{}) {
	ready, done := make(chan struct{}), make(chan struct{})
	for range goroutines {
		go pacingDeep(100*64/strconv.IntSize, new([64]*byte), ready, done)
	}
	for range goroutines {
		<-ready
	}
	return done
}

// The stacks of goroutines are work for the collector too, and since Go 1.18 they raise
// the heap goal. Here 100 goroutines blocked in deep calls add more than 5 MiB of
// scanned stack and, with GOGC=100, as much to the goal, while the live heap is below 4
// MiB. What counts is the used part of each stack, not its allocated size.
//
//claim:ask Why does a program with many goroutines use more heap than GOGC times its live data?
//claim:source https://go.dev/doc/go1.18#runtime
func TestPacingStacks(t *testing.T) {
	if proof.InChild(t) {
		runtime.GC()
		pacingReport("alone", pacingMetric(pacingGoal))
		done := pacingStacksOf(100)
		runtime.GC()
		pacingReport("live", pacingMetric(pacingLive))
		pacingReport("stacks", pacingMetric(pacingStacks))
		pacingReport("allocated", pacingMetric("/memory/classes/heap/stacks:bytes"))
		pacingReport("goal", pacingMetric(pacingGoal))
		close(done)
		return
	}
	got := pacingChild(t)
	assert.Equal(t, 4.0*pacingMiB, got["alone"])
	assert.Less(t, got["live"], 4.0*pacingMiB)
	assert.Greater(t, got["stacks"], 5.0*pacingMiB)
	assert.Greater(t, got["allocated"], got["stacks"])
	assert.Greater(t, got["goal"], got["stacks"]+2*got["live"])
}

// Global variables that can hold pointers are roots: each collection scans all of them,
// used or not, and since Go 1.18 they raise the heap goal. A program with an array of a
// million pointers has 8 MiB more to scan on a 64-bit machine, and as much more room in
// the heap. An array of 32 MiB without pointers is not scanned and does not count. No
// global variable is part of the memory that the runtime manages, so a memory limit of
// 24 MiB does not see these 40 MiB.
//
//claim:ask Do global variables matter for the garbage collector?
//claim:source https://go.dev/doc/go1.18#runtime
//claim:source https://go.dev/doc/gc-guide#Memory_limit
func TestPacingGlobals(t *testing.T) {
	if strconv.IntSize != 64 {
		t.Skip("the sizes are those of 64-bit machines")
	}
	t.Setenv("GOGC", "100")
	t.Setenv("GOMEMLIMIT", "24MiB")
	output, err := proof.Go(t, "run", "./testdata/pacing/globals")
	require.NoError(t, err, output)
	got := pacingNumbers(t, output)
	assert.Greater(t, got["globals"], 8.0*pacingMiB)
	assert.Less(t, got["globals"], 10.0*pacingMiB, "the array of bytes is not scanned")
	assert.Greater(t, got["goal"], got["globals"])
	assert.Less(t, got["mapped"], 24.0*pacingMiB, "globals are not memory of the runtime")
	assert.Zero(t, got["cycles"], "nor do they count for the limit")
}

// GOGC trades memory for processor time. With a live heap of 65,535 small objects, the
// same garbage takes more than 6 times as many collections with GOGC=25 as with
// GOGC=400, and more than 1.5 times as long, because each collection marks the same
// live objects. The price is memory: the goal is the live heap and GOGC percent of it
// on top. There is little to gain if the program makes little garbage: then collections
// are rare with any setting.
//
//claim:ask What do I gain, and what do I pay, when I raise GOGC?
//claim:vary GOMAXPROCS 1
//claim:vary GOGC 25 400
//claim:expect gcs/op GOGC=25 > 6x GOGC=400
//claim:expect ns/op GOGC=25 > 1.5x GOGC=400
//claim:source https://go.dev/doc/gc-guide#GOGC
func BenchmarkPacingAxis(b *testing.B) {
	live := newPacingTree(15)
	live2 := make([]byte, 3*pacingMiB) // so that the minimum of the goal does not matter
	runtime.GC()
	before := pacingMetric(pacingCycles)
	for b.Loop() {
		pacingGarbage(pacingMiB / 4)
	}
	b.ReportMetric((pacingMetric(pacingCycles)-before)/float64(b.N), "gcs/op")
	runtime.KeepAlive(live)
	runtime.KeepAlive(live2)
}

func TestPacingWork(t *testing.T) {
	assert.Equal(t, 1<<16-1, newPacingTree(15).size())
	assert.Len(t, pacingTouched(pacingMiB), pacingMiB)
	pacingGarbage(pacingBlock)
	assert.Len(t, pacingSink, pacingBlock)
	assert.True(t, strings.HasPrefix(pacingLive, "/gc/heap/"))
	assert.Equal(t, uint64(4*pacingMiB), HeapGoal(1, 2, 3, 100))
	assert.Equal(t, uint64(0), HeapGoal(0, 0, 0, 0))
}
