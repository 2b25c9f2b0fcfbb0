package schedgc

import (
	"math"
	"runtime"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// schedLatencies reads the histogram into memory of its own.
func schedLatencies() *metrics.Float64Histogram {
	sample := []metrics.Sample{{Name: "/sched/latencies:seconds"}}
	metrics.Read(sample)
	return sample[0].Value.Float64Histogram()
}

func histogramTotal(h *metrics.Float64Histogram) (total uint64) {
	for _, count := range h.Counts {
		total += count
	}
	return total
}

// The metrics under /sched/ are GOMAXPROCS, the number of live goroutines,
// since Go 1.26 their number by state, the goroutines created and the threads;
// the histogram of scheduling latencies; and the histograms of stop-the-world
// pauses, by the collector and by others. Beside them
// /sync/mutex/wait/total:seconds has the time spent waiting for locks.
// metrics.All lists what the running release has. A name that it does not know
// gives KindBad, not an error and not a panic, so check the kind once at start.
//
//claim:ask Which scheduler metrics does runtime/metrics have?
//claim:source https://pkg.go.dev/runtime/metrics#hdr-Supported_metrics
//claim:source https://go.dev/issue/15490
func TestSchedMetricNames(t *testing.T) {
	var names []string
	for _, d := range metrics.All() {
		if strings.HasPrefix(d.Name, "/sched/") || strings.HasPrefix(d.Name, "/sync/") {
			names = append(names, d.Name)
		}
	}
	slices.Sort(names)
	require.Equal(t, []string{
		"/sched/gomaxprocs:threads",
		"/sched/goroutines-created:goroutines",
		"/sched/goroutines/not-in-go:goroutines",
		"/sched/goroutines/runnable:goroutines",
		"/sched/goroutines/running:goroutines",
		"/sched/goroutines/waiting:goroutines",
		"/sched/goroutines:goroutines",
		"/sched/latencies:seconds",
		"/sched/pauses/stopping/gc:seconds",
		"/sched/pauses/stopping/other:seconds",
		"/sched/pauses/total/gc:seconds",
		"/sched/pauses/total/other:seconds",
		"/sched/threads/total:threads",
		"/sync/mutex/wait/total:seconds",
	}, names)

	unknown := []metrics.Sample{{Name: "/sched/threads:threads"}}
	metrics.Read(unknown)
	require.Equal(t, metrics.KindBad, unknown[0].Value.Kind())
	require.Panics(t, func() { unknown[0].Value.Uint64() })
}

// Since Go 1.26 runtime/metrics counts the goroutines by state: running,
// runnable, waiting, and not-in-go, which is in a system call or in C. The one
// to alert on is runnable: it is the length of all run queues, goroutines that
// could work and have no P. Many waiting goroutines are normal for a server.
// Many in not-in-go mean many threads. Before Go 1.26 only the sum was there,
// and a dump of all goroutines, which is much more expensive, was the only way
// to these numbers.
//
//claim:ask Can I see how many goroutines are ready to run but have no P?
//claim:source https://go.dev/issue/15490
func TestSchedMetricStates(t *testing.T) {
	withProcs(t, 1)
	const blocked, busy = 10, 5
	untilTraced(t, func() bool {
		release := make(chan bool)
		var stop atomic.Bool
		var all sync.WaitGroup
		defer all.Wait()
		defer close(release)
		defer stop.Store(true)
		before := ReadSchedStats()
		for range blocked {
			all.Go(func() { <-release })
		}
		for range 3 {
			runtime.Gosched() // they block
		}
		waiting := ReadSchedStats()
		for range busy {
			all.Go(func() {
				for !stop.Load() {
				}
			})
		}
		queued := ReadSchedStats()
		require.LessOrEqual(t, queued.Running, queued.Procs)
		return queued.Running == 1 && // the one that reads
			queued.Runnable >= busy &&
			waiting.Waiting >= before.Waiting+blocked &&
			waiting.Goroutines >= before.Goroutines+blocked
	})
}

// No. Since Go 1.26 /sched/goroutines:goroutines counts the goroutines of the
// runtime too: those of the collector, the scavenger, finalizers and cleanups.
// runtime.NumGoroutine leaves them out, so the metric is larger, and a
// dashboard that compares the two, or an alert with a tight limit, changed with
// that release. Up to Go 1.25 the two were equal.
//
//claim:ask Is the metric /sched/goroutines the same number as runtime.NumGoroutine?
//claim:source runtime/metrics.go
func TestSchedMetricSystemGoroutines(t *testing.T) {
	untilTraced(t, func() bool {
		return int(ReadSchedStats().Goroutines) >= runtime.NumGoroutine()+3
	})
}

// The counter /sched/goroutines-created:goroutines, since Go 1.26. The number of live
// goroutines hides churn: a program that starts a goroutine for every tiny piece of
// work has a few alive at any moment and still pays for creating and scheduling
// millions. The rate of the counter shows it. A live count that grows while
// the rate is steady is the other problem, a leak.
//
//claim:ask How do I notice that a program creates too many short-lived goroutines?
//claim:source https://go.dev/issue/15490
func TestSchedMetricCreated(t *testing.T) {
	const short = 1000
	before := ReadSchedStats()
	for range short {
		var one sync.WaitGroup
		one.Go(func() {})
		one.Wait()
	}
	after := ReadSchedStats()
	require.GreaterOrEqual(t, after.Created-before.Created, uint64(short))
	require.Less(t, after.Goroutines, before.Goroutines+short/10, "few at a time")
}

// It is a histogram of how long goroutines were runnable before they ran, in
// seconds, over the life of the process. It is sampled: of each goroutine the
// runtime measures one in eight times that it stops running. So the counts are
// about an eighth of the number of switches, and a single bad delay may be
// missing. The time that a goroutine sleeps or waits for a channel or a lock is
// not in it: it is not runnable then.
//
//claim:ask What exactly does the metric /sched/latencies:seconds measure?
//claim:source runtime/proc.go
//claim:source https://pkg.go.dev/runtime/metrics#hdr-Supported_metrics
func TestSchedLatencySampled(t *testing.T) {
	withProcs(t, 1)
	const yields = 8000
	untilTraced(t, func() bool {
		before := schedLatencies()
		for range yields {
			runtime.Gosched()
		}
		measured := histogramTotal(HistogramSince(before, schedLatencies()))
		require.GreaterOrEqual(t, measured, uint64(yields/8))
		return measured < yields/8+yields/80 // with those of other goroutines
	})

	// The time asleep is not counted.
	untilTraced(t, func() bool {
		before := schedLatencies()
		for range 8 { // one of the eight is measured
			time.Sleep(200 * time.Microsecond)
		}
		since := HistogramSince(before, schedLatencies())
		return histogramTotal(since) >= 1 && HistogramQuantile(since, 0.5) < 200e-6
	})
}

// By the number of goroutines in front of it, times how long each keeps the P.
// Seven others that compute for a fifth of a millisecond each before they yield
// delay the eighth by more than a millisecond, whatever it wants to do. If they
// do not yield, each keeps the P until it is preempted. Goroutines have no
// priority, so the cure is fewer CPU-bound goroutines at once, smaller pieces
// of work, or more Ps. High values in /sched/latencies mean that the Ps are
// full.
//
//claim:ask By how much do CPU-bound goroutines delay the others?
//claim:source https://pkg.go.dev/runtime/metrics#hdr-Supported_metrics
func TestSchedLatencyUnderLoad(t *testing.T) {
	withProcs(t, 1)
	const busy, work, rounds = 8, 200 * time.Microsecond, 8
	before := schedLatencies()
	var all sync.WaitGroup
	for range busy {
		all.Go(func() {
			for range rounds { // one of the eight is measured
				spinFor(work)
				runtime.Gosched()
			}
		})
	}
	all.Wait()
	since := HistogramSince(before, schedLatencies())
	require.GreaterOrEqual(t, histogramTotal(since), uint64(busy))
	require.Greater(t, HistogramQuantile(since, 0.9), 1e-3)
}

// Take two readings and subtract them bucket by bucket: the counts add up since
// the start of the process, so a plain quantile is that of its whole life and
// hardly moves. Counts[i] belongs to the range from Buckets[i] to Buckets[i+1],
// so there is one boundary more than counts, and the first and the last may be
// infinite. A quantile is the boundary of a bucket, not an exact value, and an
// average is not there at all. [HistogramSince] and [HistogramQuantile] do
// this.
//
//claim:ask How do I get a p99 out of a runtime/metrics histogram?
//claim:source https://pkg.go.dev/runtime/metrics#Float64Histogram
func TestSchedHistogramQuantile(t *testing.T) {
	real := schedLatencies()
	require.Len(t, real.Buckets, len(real.Counts)+1)
	require.True(t, math.IsInf(real.Buckets[0], -1))
	require.True(t, math.IsInf(real.Buckets[len(real.Buckets)-1], 1))

	h := &metrics.Float64Histogram{
		Counts:  []uint64{0, 98, 1, 1},
		Buckets: []float64{math.Inf(-1), 0, 1, 10, math.Inf(1)},
	}
	for q, want := range map[float64]float64{0: 1, 0.5: 1, 0.98: 1, 0.99: 10, 1: math.Inf(1)} {
		require.Equal(t, want, HistogramQuantile(h, q), q)
	}
	for _, q := range []float64{-0.1, 1.1, math.NaN()} {
		require.True(t, math.IsNaN(HistogramQuantile(h, q)), q)
	}
	require.True(t, math.IsNaN(HistogramQuantile(HistogramSince(h, h), 0.5)), "nothing new")
	later := &metrics.Float64Histogram{Counts: []uint64{0, 98, 1, 101}, Buckets: h.Buckets}
	require.Equal(t, 1.0, HistogramQuantile(later, 0.4), "of the whole life")
	require.Equal(t, math.Inf(1), HistogramQuantile(HistogramSince(h, later), 0.4), "since then")
}

// Because metrics.Read reuses the memory of a sample. The value holds a pointer to the
// histogram, and a second Read into the same slice of samples overwrites the counts
// behind it, so before and after are one histogram. Use two slices of samples, or
// copy the counts. Numbers are copied and have no such trap. For the same reason a
// slice of samples must not be read by two goroutines at once.
//
//claim:ask I read a histogram twice and the difference is always zero. Why?
//claim:source https://pkg.go.dev/runtime/metrics#Read
func TestSchedHistogramReused(t *testing.T) {
	sample := []metrics.Sample{{Name: "/sched/latencies:seconds"}}
	metrics.Read(sample)
	before := sample[0].Value.Float64Histogram()
	copied := slices.Clone(before.Counts)
	for range 1000 {
		runtime.Gosched()
	}
	metrics.Read(sample)
	after := sample[0].Value.Float64Histogram()
	require.Same(t, before, after)
	require.Zero(t, histogramTotal(HistogramSince(before, after)))
	require.NotEqual(t, copied, after.Counts, "it did change")
}

// Yes: /sync/mutex/wait/total:seconds is the time that goroutines waited for a
// sync.Mutex, a sync.RWMutex or a lock of the runtime, all added up, since Go
// 1.20. It is an estimate from one in eight waits and needs no profile rate.
// Ten goroutines that wait a second each make ten seconds. Watch its rate to
// see that contention began; the mutex profile then says where. Waiting for
// channels and conditions is not in it.
//
//claim:ask Is there a metric for lock contention?
//claim:source https://pkg.go.dev/runtime/metrics#hdr-Supported_metrics
//claim:source https://go.dev/doc/go1.20
func TestSchedMutexWait(t *testing.T) {
	withProcs(t, 1)
	waited := func() float64 {
		sample := []metrics.Sample{{Name: "/sync/mutex/wait/total:seconds"}}
		metrics.Read(sample)
		return sample[0].Value.Float64()
	}
	const waiters, held = 64, time.Millisecond
	wait := func(lock, unlock func(), release func()) float64 {
		before := waited()
		var all sync.WaitGroup
		for range waiters {
			all.Go(func() { lock(); unlock() })
		}
		for range 3 {
			runtime.Gosched() // they wait
		}
		spinFor(held)
		release()
		all.Wait()
		return waited() - before
	}
	untilTraced(t, func() bool {
		var mu sync.Mutex
		mu.Lock()
		return wait(mu.Lock, mu.Unlock, mu.Unlock) >= 8*held.Seconds() // of one that was measured
	})
	untilTraced(t, func() bool {
		closed := make(chan bool)
		return wait(func() { <-closed }, func() {}, func() { close(closed) }) < held.Seconds()
	})
}

// Little enough for every second: reading the /sched counts does not stop the
// world and takes the same time with a thousand goroutines as with one, because
// it looks at the run queues and not at the goroutines. A goroutine profile
// stops the world and visits each of them, so with a thousand it costs more
// than 20 times as much, and it grows with their number. Reading into the same
// slice of samples again does not allocate.
//
//claim:ask What does it cost to read scheduler metrics, compared with a goroutine profile?
//claim:expect allocs/op of=reused == 0
//claim:expect ns/op of=reused,n=1000 < 2x of=reused,n=1
//claim:expect ns/op of=profile,n=1000 > 20x of=reused,n=1000
//claim:expect ns/op of=profile,n=1000 > 3x of=profile,n=1
//claim:source runtime/metrics.go
func BenchmarkSchedMetricCost(b *testing.B) {
	for _, n := range []int{1, 1000} {
		var all sync.WaitGroup
		var release chan bool
		start := func() {
			release = make(chan bool)
			for range n {
				all.Go(func() { <-release })
			}
			runtime.Gosched()
		}
		stop := func() {
			close(release)
			all.Wait()
		}
		b.Run("of=reused/n="+strconv.Itoa(n), func(b *testing.B) {
			start()
			defer stop()
			samples := []metrics.Sample{
				{Name: "/sched/goroutines/runnable:goroutines"},
				{Name: "/sched/threads/total:threads"},
				{Name: "/sched/latencies:seconds"},
			}
			metrics.Read(samples)
			b.ReportAllocs()
			for b.Loop() {
				metrics.Read(samples)
			}
		})
		b.Run("of=profile/n="+strconv.Itoa(n), func(b *testing.B) {
			start()
			defer stop()
			records := make([]runtime.StackRecord, n+100)
			for b.Loop() {
				if _, ok := runtime.GoroutineProfile(records); !ok {
					b.Fatal("too many goroutines")
				}
			}
		})
	}
}
