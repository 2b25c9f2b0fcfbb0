package schedgc

import "runtime/metrics"

// A goroutine that allocates while marking runs has to help: the mark assist. GCCost
// shows what the collector, and that part of it, takes.

// GCCost is the processor time of the process since its start, in CPU-seconds, as of
// the end of the last collection. The runtime estimates it; it compares only with
// itself, not with the times of the operating system.
type GCCost struct {
	Cycles uint64  // finished collections
	Total  float64 // GOMAXPROCS times the wall time
	Idle   float64 // the part of Total that nothing used
	GC     float64 // all work of the collector, with Assist and Pause
	Assist float64 // work done by goroutines while they allocate
	Pause  float64 // stopped worlds, counted for each P
}

// ReadGCCost reads the current values. It stops nothing and is safe for concurrent use.
func ReadGCCost() GCCost {
	samples := []metrics.Sample{
		{Name: "/gc/cycles/total:gc-cycles"},
		{Name: "/cpu/classes/total:cpu-seconds"},
		{Name: "/cpu/classes/idle:cpu-seconds"},
		{Name: "/cpu/classes/gc/total:cpu-seconds"},
		{Name: "/cpu/classes/gc/mark/assist:cpu-seconds"},
		{Name: "/cpu/classes/gc/pause:cpu-seconds"},
	}
	metrics.Read(samples)
	seconds := func(i int) float64 { return samples[i].Value.Float64() }
	return GCCost{samples[0].Value.Uint64(), seconds(1), seconds(2), seconds(3), seconds(4), seconds(5)}
}

// Since returns what was spent after the earlier reading.
func (c GCCost) Since(earlier GCCost) GCCost {
	return GCCost{
		c.Cycles - earlier.Cycles,
		c.Total - earlier.Total,
		c.Idle - earlier.Idle,
		c.GC - earlier.GC,
		c.Assist - earlier.Assist,
		c.Pause - earlier.Pause,
	}
}

// Share returns the collector's part of the processor time that was used, from 0 to 1,
// and 0 if none was.
func (c GCCost) Share() float64 {
	if c.Total <= c.Idle {
		return 0
	}
	return c.GC / (c.Total - c.Idle)
}
