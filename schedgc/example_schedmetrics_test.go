package schedgc_test

import (
	"fmt"
	"math"
	"runtime"
	"runtime/metrics"
	"sync"

	"github.com/go-deep-dive/godeep/schedgc"
)

// The number of goroutines created shows what the number of live ones hides.
func ExampleReadSchedStats() {
	before := schedgc.ReadSchedStats()
	for range 100 {
		var one sync.WaitGroup
		one.Go(func() {})
		one.Wait()
	}
	after := schedgc.ReadSchedStats()
	fmt.Println("created at least 100:", after.Created-before.Created >= 100)
	fmt.Println("alive 100 more:", after.Goroutines >= before.Goroutines+100)
	// Output:
	// created at least 100: true
	// alive 100 more: false
}

// The runtime's own goroutines are counted too.
func ExampleSchedStats() {
	stats := schedgc.ReadSchedStats()
	fmt.Println("more than NumGoroutine:", int(stats.Goroutines) > runtime.NumGoroutine())
	fmt.Println("running, at most GOMAXPROCS:", stats.Running <= stats.Procs)
	// Output:
	// more than NumGoroutine: true
	// running, at most GOMAXPROCS: true
}

// The answer is the upper boundary of a bucket, so the truth is never worse.
func ExampleHistogramQuantile() {
	h := &metrics.Float64Histogram{
		Counts:  []uint64{90, 9, 1},
		Buckets: []float64{0, 0.001, 0.010, math.Inf(1)},
	}
	for _, q := range []float64{0.5, 0.95, 1} {
		fmt.Println("quantile", q, "is at most", schedgc.HistogramQuantile(h, q))
	}
	// Output:
	// quantile 0.5 is at most 0.001
	// quantile 0.95 is at most 0.01
	// quantile 1 is at most +Inf
}

// Histograms count since the start of the process. The last minute is the
// difference of two readings, each with samples of its own.
func ExampleHistogramSince() {
	read := func() *metrics.Float64Histogram {
		sample := []metrics.Sample{{Name: "/sched/latencies:seconds"}}
		metrics.Read(sample)
		return sample[0].Value.Float64Histogram()
	}
	before := read()
	for range 800 {
		runtime.Gosched()
	}
	var measured uint64
	for _, count := range schedgc.HistogramSince(before, read()).Counts {
		measured += count
	}
	fmt.Println("one of eight is measured:", measured >= 100)
	// Output:
	// one of eight is measured: true
}
