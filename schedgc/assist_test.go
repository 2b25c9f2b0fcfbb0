package schedgc

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	rtrace "runtime/trace"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/exp/trace"

	"github.com/go-deep-dive/godeep/internal/proof"
)

var assistSink *pacingTree

// assistAllocate makes small garbage with pointers until done says so.
func assistAllocate(done func() bool) {
	for !done() {
		for range 16 {
			assistSink = newPacingTree(6)
		}
	}
}

// assistSeen is a done for [assistAllocate]: some time was spent in assists. It is
// false for 10 seconds at most.
func assistSeen() func() bool {
	before, deadline := ReadGCCost(), time.Now().Add(10*time.Second)
	return func() bool {
		return ReadGCCost().Since(before).Assist > 0 || time.Now().After(deadline)
	}
}

// A mark assist is marking done by the goroutine that allocates. A cycle must end
// before the heap is at its goal, so while it runs, each allocated byte has a price in
// bytes to scan; the goroutine takes credit that the background workers have earned,
// and where there is none it marks itself before it gets its memory. The time is in
// /cpu/classes/gc/mark/assist:cpu-seconds. Three forced collections without allocation
// leave it as it is; a program that allocates on one P soon has some.
//
//claim:ask What is a mark assist?
//claim:source runtime/mgcmark.go
//claim:source https://go.dev/doc/gc-guide#Latency
func TestAssistMetric(t *testing.T) {
	if proof.InChild(t) {
		live := newPacingTree(16)
		runtime.GC()
		before := ReadGCCost()
		for range 3 {
			runtime.GC()
		}
		quiet := ReadGCCost().Since(before)
		pacingReport("quiet", quiet.Assist)
		pacingReport("marked", quiet.GC)
		before = ReadGCCost()
		assistAllocate(assistSeen())
		pacingReport("busy", ReadGCCost().Since(before).Assist)
		runtime.KeepAlive(live)
		return
	}
	got := pacingChild(t)
	assert.Zero(t, got["quiet"])
	assert.Positive(t, got["marked"])
	assert.Positive(t, got["busy"])
}

// assistSpin computes until stop is set and allocates nothing.
func assistSpin(stop *atomic.Bool) (n uint64) {
	for !stop.Load() {
		n = n*31 + 1
	}
	return n
}

// Those that allocate, in proportion to what they allocate. An execution trace of two
// goroutines shows ranges named GC mark assist on the one that makes garbage and none
// on the one that only computes, though both run during the same cycles. So one
// wasteful handler does not make others assist.
//
//claim:ask Which goroutines have to do mark assists?
//claim:source runtime/mgcmark.go
//claim:source https://pkg.go.dev/golang.org/x/exp/trace#Range
func TestAssistWhoPays(t *testing.T) {
	if proof.InChild(t) {
		live := newPacingTree(16)
		var ranges map[string]int
		for attempt := 0; attempt < 20 && ranges["allocates"] == 0; attempt++ {
			ranges = assistRanges(t, assistTraced(t))
		}
		runtime.KeepAlive(live)
		for who, n := range ranges {
			pacingReport(who, float64(n))
		}
		return
	}
	got := pacingChild(t)
	assert.Positive(t, got["allocates"])
	assert.Zero(t, got["computes"])
	assert.Contains(t, got, "computes")
}

// assistTraced writes a trace of one goroutine that computes and one that allocates.
func assistTraced(t *testing.T) io.Reader {
	t.Helper()
	runtime.GC()
	var written bytes.Buffer
	require.NoError(t, rtrace.Start(&written))
	var stop atomic.Bool
	ended := make(chan uint64)
	go func() {
		rtrace.Log(context.Background(), "assist", "computes")
		ended <- assistSpin(&stop)
	}()
	go func() {
		rtrace.Log(context.Background(), "assist", "allocates")
		assistAllocate(assistSeen())
		ended <- 0
	}()
	<-ended // the one that allocates: the other cannot end yet
	stop.Store(true)
	<-ended
	rtrace.Stop()
	return &written
}

// assistRanges returns the number of assists of each goroutine that has logged its
// name.
func assistRanges(t *testing.T, written io.Reader) map[string]int {
	t.Helper()
	names, count := make(map[trace.GoID]string), make(map[trace.GoID]int)
	reader, err := trace.NewReader(written)
	require.NoError(t, err)
	for {
		event, err := reader.ReadEvent()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		switch event.Kind() {
		case trace.EventLog:
			names[event.Goroutine()] = event.Log().Message
		case trace.EventRangeBegin:
			if event.Range().Name == "GC mark assist" {
				count[event.Goroutine()]++
			}
		}
	}
	ranges := make(map[string]int)
	for id, name := range names {
		ranges[name] = count[id]
	}
	return ranges
}

// Because pauses are only a part of what a cycle costs. While a cycle runs, a quarter
// of the processors mark, and goroutines that allocate assist. In a program on one P
// that allocates as fast as it can, the assists take more processor time than all the
// pauses together. So look at assists and at the share of the collector before you look
// at pauses; and lower the allocation, or give the heap more room, so that cycles are
// rarer.
//
//claim:ask The pauses of the collector are far below a millisecond. Why are my requests slower while it runs?
//claim:source https://go.dev/doc/gc-guide#Latency
func TestAssistOverPauses(t *testing.T) {
	if proof.InChild(t) {
		live := newPacingTree(16)
		runtime.GC()
		before, deadline := ReadGCCost(), time.Now().Add(10*time.Second)
		var cost GCCost
		assistAllocate(func() bool {
			cost = ReadGCCost().Since(before)
			return cost.Cycles >= 5 && cost.Assist > cost.Pause || time.Now().After(deadline)
		})
		pacingReport("assist", cost.Assist)
		pacingReport("pause", cost.Pause)
		runtime.KeepAlive(live)
		return
	}
	got := pacingChild(t)
	assert.Greater(t, got["assist"], got["pause"])
}

// MemStats.GCCPUFraction is an average since the start of the program and of all
// processor time that it could have used, idle time included. A program that allocates
// hard, then sleeps three times as long, shows less than three quarters of the
// fraction, and nobody has improved anything. To see what the collector takes now, read
// /cpu/classes twice, subtract, and divide by the time that was not idle: while the
// program sleeps, that share stays above half of what it was.
//
//claim:ask What does GCCPUFraction tell, and why is it often close to zero?
//claim:source https://pkg.go.dev/runtime#MemStats
//claim:source https://pkg.go.dev/runtime/metrics
func TestAssistFraction(t *testing.T) {
	if proof.InChild(t) {
		fraction := func() float64 {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			return m.GCCPUFraction
		}
		live := newPacingTree(15)
		start, before := time.Now(), ReadGCCost()
		for i := 0; i < 50 || ReadGCCost().Cycles < before.Cycles+3; i++ {
			assistSink = newPacingTree(8)
		}
		runtime.GC()
		pacingReport("busy", fraction())
		pacingReport("busyShare", ReadGCCost().Share())
		time.Sleep(3 * time.Since(start))
		runtime.GC() // the numbers are those of the last collection
		pacingReport("idle", fraction())
		pacingReport("idleShare", ReadGCCost().Share())
		runtime.KeepAlive(live)
		return
	}
	got := pacingChild(t)
	assert.Less(t, got["idle"], 0.75*got["busy"], "%v", got)
	assert.Greater(t, got["idleShare"], 0.5*got["busyShare"], "%v", got)
}

// The /cpu/classes metrics are as of the end of the last collection. A program that
// computes without allocating shows the same /cpu/classes/total:cpu-seconds after its
// work as before, until a collection ends. So a monitor must expect two equal readings,
// and should not divide by a difference without looking at it.
//
//claim:ask Why do the /cpu/classes metrics not change between two readings?
//claim:source https://pkg.go.dev/runtime/metrics
func TestAssistStale(t *testing.T) {
	if proof.InChild(t) {
		runtime.GC()
		before := ReadGCCost()
		var stop atomic.Bool
		time.AfterFunc(2*time.Millisecond, func() { stop.Store(true) })
		assistSpin(&stop)
		pacingReport("spun", ReadGCCost().Since(before).Total)
		runtime.GC()
		pacingReport("collected", ReadGCCost().Since(before).Total)
		return
	}
	got := pacingChild(t, "GOGC=off")
	assert.Zero(t, got["spun"])
	assert.GreaterOrEqual(t, got["collected"], 0.002)
	assert.Zero(t, GCCost{}.Share())
}

// Give the heap more room, or allocate less while it is marked. For the same garbage,
// beside the same live heap, more room means fewer cycles and so fewer assists: with
// GOGC=20 the assists of a program on one P take more than 2 times the processor time
// that they take with GOGC=400. Without allocation while marking runs there are none.
//
//claim:ask How do I reduce mark assists?
//claim:source https://go.dev/doc/gc-guide#Latency
func TestAssistRoom(t *testing.T) {
	if proof.InChild(t) {
		live := newPacingTree(16)
		for _, gogc := range []int{20, 400} {
			debug.SetGCPercent(gogc)
			runtime.GC()
			before := ReadGCCost()
			for range 8_000 {
				assistSink = newPacingTree(6)
			}
			runtime.GC()
			cost := ReadGCCost().Since(before)
			pacingReport(fmt.Sprint("assist", gogc), cost.Assist)
			pacingReport(fmt.Sprint("cycles", gogc), float64(cost.Cycles))
		}
		runtime.KeepAlive(live)
		return
	}
	var got map[string]float64
	for range 8 { // the time of an assist is wall time: a loaded machine adds to it at random
		if got = pacingChild(t); got["assist20"] > 2*got["assist400"] {
			break
		}
	}
	assert.Greater(t, got["cycles20"], 2*got["cycles400"], "%v", got)
	assert.Greater(t, got["assist20"], 2*got["assist400"], "%v", got)
}
