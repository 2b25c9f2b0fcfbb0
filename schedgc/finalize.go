package schedgc

import "runtime/metrics"

// The sweeper, not the marker, finds the objects that have died with a finalizer or a
// cleanup. It puts the calls into two queues, which goroutines of the runtime work off.

// FinalizerBacklog returns how many finalizers and how many cleanups are queued and have
// not returned yet, including those that run at the moment. Numbers that keep growing
// mean that they are slower than the program makes garbage, or that one is blocked. It is
// cheap, and safe for concurrent use.
func FinalizerBacklog() (finalizers, cleanups int) {
	samples := []metrics.Sample{
		{Name: "/gc/finalizers/executed:finalizers"},
		{Name: "/gc/finalizers/queued:finalizers"},
		{Name: "/gc/cleanups/executed:cleanups"},
		{Name: "/gc/cleanups/queued:cleanups"},
	}
	metrics.Read(samples)
	n := func(i int) int { return int(samples[i].Value.Uint64()) }
	return max(n(1)-n(0), 0), max(n(3)-n(2), 0)
}
