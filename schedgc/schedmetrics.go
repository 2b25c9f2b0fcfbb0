package schedgc

import (
	"math"
	"runtime/metrics"
)

// SchedStats is what runtime/metrics says about the scheduler at one moment. The
// counts are approximate: the goroutines go on while they are counted. They
// include the goroutines of the runtime itself.
type SchedStats struct {
	Goroutines uint64 // live, in all states
	Created    uint64 // since the start of the program
	Running    uint64 // have a P, at most Procs
	Runnable   uint64 // are ready and wait for a P
	Waiting    uint64 // for a channel, a lock, the network, a timer
	NotInGo    uint64 // in a system call or in C
	Threads    uint64 // owned by the runtime, idle ones too
	Procs      uint64 // GOMAXPROCS
}

// ReadSchedStats reads the counts without stopping the world, in a time that does
// not depend on the number of goroutines. It may be called concurrently. Go 1.26 or
// later is needed.
func ReadSchedStats() SchedStats {
	samples := [...]metrics.Sample{
		{Name: "/sched/goroutines:goroutines"},
		{Name: "/sched/goroutines-created:goroutines"},
		{Name: "/sched/goroutines/running:goroutines"},
		{Name: "/sched/goroutines/runnable:goroutines"},
		{Name: "/sched/goroutines/waiting:goroutines"},
		{Name: "/sched/goroutines/not-in-go:goroutines"},
		{Name: "/sched/threads/total:threads"},
		{Name: "/sched/gomaxprocs:threads"},
	}
	metrics.Read(samples[:])
	value := func(i int) uint64 { return samples[i].Value.Uint64() }
	return SchedStats{value(0), value(1), value(2), value(3), value(4), value(5), value(6), value(7)}
}

// HistogramQuantile returns an upper bound of the q-quantile of the histogram, for
// example of q = 0.99: the upper boundary of the bucket that it lies in, which is +Inf
// in the last bucket of the runtime's histograms. It returns NaN if the histogram is
// empty or q is not between 0 and 1.
func HistogramQuantile(h *metrics.Float64Histogram, q float64) float64 {
	var total uint64
	for _, count := range h.Counts {
		total += count
	}
	if total == 0 || !(q >= 0 && q <= 1) {
		return math.NaN()
	}
	rank := min(total, max(1, uint64(math.Ceil(q*float64(total)))))
	bucket := 0
	for seen := h.Counts[0]; seen < rank; seen += h.Counts[bucket] {
		bucket++
	}
	return h.Buckets[bucket+1]
}

// HistogramSince returns the part of the later reading of a histogram that was added
// after the earlier one. The two must come from different samples: a sample that
// is read again has its histogram overwritten.
func HistogramSince(earlier, later *metrics.Float64Histogram) *metrics.Float64Histogram {
	since := &metrics.Float64Histogram{Counts: make([]uint64, len(later.Counts)), Buckets: later.Buckets}
	for i := range since.Counts {
		since.Counts[i] = later.Counts[i] - earlier.Counts[i]
	}
	return since
}
