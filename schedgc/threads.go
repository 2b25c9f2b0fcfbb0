package schedgc

import "runtime/metrics"

// ThreadCount returns the number of operating system threads that belong to the
// Go runtime now: those that run goroutines, those that are blocked in system or
// cgo calls, idle ones, and the thread of the system monitor. It does not stop
// the world, and it is safe for concurrent use.
func ThreadCount() int {
	return int(threadsMetric("/sched/threads/total:threads"))
}

// threadsMetric reads one metric of the runtime that is an integer.
func threadsMetric(name string) uint64 {
	sample := []metrics.Sample{{Name: name}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// threadsLimit lets at most cap(threadsLimit) blocking calls run at a time. Calls
// that hold a thread need such a limit, because nothing else limits them.
type threadsLimit chan struct{}

func (l threadsLimit) do(call func()) {
	l <- struct{}{}
	defer func() { <-l }()
	call()
}
