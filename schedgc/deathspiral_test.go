package schedgc

import (
	"math"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/go-deep-dive/godeep/internal/proof"
)

const deathSpiralLimited = "/gc/limiter/last-enabled:gc-cycle"

// deathSpiralCycles returns the collections that 4 MiB of garbage cause with the given
// room under the memory limit.
func deathSpiralCycles(room int) float64 {
	debug.FreeOSMemory()
	debug.SetMemoryLimit(int64(ReadHeapPages().Mapped()) + int64(room*pacingMiB))
	defer debug.SetMemoryLimit(math.MaxInt64)
	return pacingCyclesIn(func() { pacingGarbage(4 * pacingMiB) })
}

// When the live heap comes near the memory limit, the room for garbage goes to zero and
// collections follow one another, each of them marking everything: the program works
// only for its collector. The same 4 MiB of garbage beside 131,071 live objects cost no
// collection with 24 MiB of room under the limit, and at least 3 with none. That is the
// death spiral. Collecting cannot help against live data. With GOGC alone it does not
// come about, as the room grows with the live heap.
//
//claim:ask What is a GC death spiral?
//claim:source https://go.dev/doc/gc-guide#Memory_limit
func TestDeathSpiralRoom(t *testing.T) {
	if proof.InChild(t) {
		live := newPacingTree(16)
		pacingReport("wide", deathSpiralCycles(24))
		pacingReport("none", deathSpiralCycles(0))
		runtime.KeepAlive(live)
		return
	}
	got := pacingChild(t, "GOGC=off")
	assert.Zero(t, got["wide"])
	assert.GreaterOrEqual(t, got["none"], 3.0)
}

// No, the lower of the two goals counts, and near the limit that is the limit's: with
// GOGC=100, 4 MiB of garbage beside 131,071 live objects cost at most 1 collection
// without a limit and at least 3 with no room under it. Even GOGC=1000 changes nothing
// there. What helps is room: a higher limit, less live data, or no limit for a program
// whose live heap cannot be foreseen, because being restarted can be better than being
// slow.
//
//claim:ask Does GOGC=100 beside the memory limit protect from a death spiral?
//claim:source https://go.dev/doc/gc-guide#Suggested_uses
func TestDeathSpiralGOGC(t *testing.T) {
	if proof.InChild(t) {
		live := newPacingTree(16)
		runtime.GC()
		pacingReport("free", pacingCyclesIn(func() { pacingGarbage(4 * pacingMiB) }))
		pacingReport("none", deathSpiralCycles(0))
		debug.SetGCPercent(1000)
		pacingReport("high", deathSpiralCycles(0))
		runtime.KeepAlive(live)
		return
	}
	got := pacingChild(t, "GOGC=100")
	assert.LessOrEqual(t, got["free"], 1.0)
	assert.GreaterOrEqual(t, got["none"], 3.0)
	assert.GreaterOrEqual(t, got["high"], 3.0)
}

// A leaking program is not killed at the limit, it becomes slow: under a limit of 16
// MiB with GOGC=off the first 8 MiB of leaked blocks cause no collection, and the 8 MiB
// that come after the limit is reached cause at least 2. With a limit of the container
// behind it, the end is the same, only later, and the time before it is worse for the
// users. So watch the live heap, /gc/heap/live:bytes, against the limit, and not the
// memory of the process, which stands at the limit in a healthy program with GOGC=off
// too.
//
//claim:ask How does a memory leak look under GOMEMLIMIT?
//claim:source https://go.dev/doc/gc-guide#Suggested_uses
func TestDeathSpiralLeak(t *testing.T) {
	if proof.InChild(t) {
		var leaked [][]byte
		upTo := func(heap uint64) {
			for ReadHeapPages().Objects < heap*pacingMiB {
				leaked = append(leaked, make([]byte, pacingBlock))
				runtime.Gosched()
			}
		}
		pacingReport("early", pacingCyclesIn(func() { upTo(8) }))
		upTo(16)
		pacingReport("late", pacingCyclesIn(func() { upTo(24) }))
		pacingReport("live", pacingMetric(pacingLive))
		runtime.KeepAlive(leaked)
		return
	}
	got := pacingChild(t, "GOGC=off", "GOMEMLIMIT=16MiB")
	assert.Zero(t, got["early"])
	assert.GreaterOrEqual(t, got["late"], 2.0)
	assert.Greater(t, got["live"], 16.0*pacingMiB)
}

// deathSpiralFill makes the limiter's account run full. It holds one CPU-second for
// each P, and while marking runs, a quarter of all Ps counts as used, busy or not. So
// with 64 Ps more than one second is on it very soon, and with one P that is full. In a
// program that stays at one P the same takes a second of processor time or more. It
// needs a heap that takes time to mark.
func deathSpiralFill() {
	for start := time.Now(); pacingMetric(deathSpiralLimited) == 0 && time.Since(start) < 5*time.Second; {
		runtime.GOMAXPROCS(64)
		for range 4 {
			runtime.GC()
		}
		runtime.GOMAXPROCS(1)
	}
}

// deathSpiralRun allocates for a while with no room under the limit, and returns what
// it cost.
func deathSpiralRun() GCCost {
	before := ReadGCCost()
	for i := 0; i < 192 || ReadGCCost().Since(before).Cycles < 2; i++ {
		for range 8 {
			assistSink = newPacingTree(6)
		}
	}
	return ReadGCCost().Since(before)
}

// A limiter in the runtime holds the collector to about half of the processor time. It
// is a leaky bucket that holds one CPU-second for each P, is filled with the
// collector's time and drained with the program's. While it is full, goroutines need
// not assist and the heap may exceed the goal: the limit is given up, the program goes
// on. Here a spiral costs more than half of the processor time while the bucket fills,
// and less than 60% when it is full. A spiral can take half of the processors for ever,
// so the limiter is no cure.
//
//claim:ask What stops the collector from using all of the processor time in a death spiral?
//claim:source https://go.dev/doc/gc-guide#Memory_limit
//claim:source runtime/mgclimit.go
func TestDeathSpiralLimiter(t *testing.T) {
	if proof.InChild(t) {
		live := newPacingTree(16)
		runtime.GC()
		limit := debug.SetMemoryLimit(1)
		pacingReport("filling", deathSpiralRun().Share())
		pacingReport("off", pacingMetric(deathSpiralLimited))
		debug.SetMemoryLimit(limit)
		deathSpiralFill()
		pacingReport("on", pacingMetric(deathSpiralLimited))
		debug.SetMemoryLimit(1)
		pacingReport("full", deathSpiralRun().Share())
		runtime.KeepAlive(live)
		return
	}
	var got map[string]float64
	for range 5 { // the account is in wall time: on a loaded machine it is rough
		got = pacingChild(t, "GOGC=off")
		if got["filling"] > 0.5 && got["full"] < 0.6 {
			break
		}
	}
	assert.Greater(t, got["filling"], 0.5, "%v", got)
	assert.Zero(t, got["off"])
	assert.Less(t, got["full"], 0.6, "%v", got)
	assert.Positive(t, got["on"])
}

// Watch the metric /gc/limiter/last-enabled:gc-cycle: the number of the cycle in which
// the limiter was last switched on, and 0 if it never was. Compare it with the number
// of cycles so far: if it is recent, the collector has just been at its limit. It stays
// 0 in a program that just collects often, here more than 20 times. Earlier signs are
// the share of the collector in /cpu/classes and the live heap close to the memory
// limit.
//
//claim:ask How do I notice that a program is in a death spiral?
//claim:source https://pkg.go.dev/runtime/metrics
func TestDeathSpiralNotice(t *testing.T) {
	if proof.InChild(t) {
		pacingReport("busy", pacingCyclesIn(func() {
			for range 24 {
				pacingGarbage(8 * pacingMiB)
			}
		}))
		pacingReport("healthy", pacingMetric(deathSpiralLimited))
		live := newPacingTree(16)
		deathSpiralFill()
		runtime.KeepAlive(live)
		pacingReport("behind", float64(ReadGCCost().Cycles)-pacingMetric(deathSpiralLimited))
		return
	}
	got := pacingChild(t)
	assert.Greater(t, got["busy"], 20.0)
	assert.Zero(t, got["healthy"])
	assert.LessOrEqual(t, got["behind"], 0.0, "the next cycle, or this one")
}

// More room ends a death spiral; the effect is immediate. With no room, 4 MiB of
// garbage cause at least 2 collections; after debug.SetMemoryLimit with 24 MiB more, or
// after a cache of 12 MiB was dropped, there is none. So a service can raise its limit,
// or empty a cache, when the share of the collector gets high.
//
//claim:ask How does a running program get out of a death spiral?
//claim:source https://pkg.go.dev/runtime/debug#SetMemoryLimit
func TestDeathSpiralEscape(t *testing.T) {
	if proof.InChild(t) {
		live, cache := newPacingTree(16), make([]byte, 12*pacingMiB)
		debug.FreeOSMemory()
		debug.SetMemoryLimit(int64(ReadHeapPages().Mapped()))
		garbage := func() float64 { return pacingCyclesIn(func() { pacingGarbage(4 * pacingMiB) }) }
		pacingReport("none", garbage())
		limit := debug.SetMemoryLimit(int64(ReadHeapPages().Mapped()) + 24*pacingMiB)
		runtime.GC()
		pacingReport("raised", garbage())
		debug.SetMemoryLimit(limit)
		runtime.KeepAlive(cache)
		cache = nil
		runtime.GC()
		pacingReport("dropped", garbage())
		runtime.KeepAlive(live)
		return
	}
	got := pacingChild(t, "GOGC=off")
	assert.GreaterOrEqual(t, got["none"], 2.0)
	assert.Zero(t, got["raised"])
	assert.Zero(t, got["dropped"])
}
