package schedgc

import "runtime/metrics"

// WorldStops counts how often the world was stopped, which is when no
// goroutine of the program may run.
type WorldStops struct {
	GC    uint64 // by the collector, twice in a cycle
	Other uint64 // by anything else, such as runtime.ReadMemStats
}

// StopsDuring calls f and returns how often the world was stopped in the
// meantime, by f or by any other goroutine. It does not stop the world itself. A stop
// by the collector may be counted a moment after its end. It is safe for concurrent
// use.
func StopsDuring(f func()) WorldStops {
	before := readWorldStops()
	f()
	after := readWorldStops()
	return WorldStops{GC: after.GC - before.GC, Other: after.Other - before.Other}
}

func readWorldStops() WorldStops {
	return WorldStops{
		GC:    pauseCount(pauseHistogram("/sched/pauses/total/gc:seconds")),
		Other: pauseCount(pauseHistogram("/sched/pauses/total/other:seconds")),
	}
}

// pauseHistogram reads a metric that is a histogram of seconds.
func pauseHistogram(name string) *metrics.Float64Histogram {
	sample := []metrics.Sample{{Name: name}}
	metrics.Read(sample)
	return sample[0].Value.Float64Histogram()
}

func pauseCount(h *metrics.Float64Histogram) (n uint64) {
	for _, count := range h.Counts {
		n += count
	}
	return n
}
