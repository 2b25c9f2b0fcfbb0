package schedgc

import (
	"context"
	"io"
	"runtime"
	"runtime/trace"
	"testing"
)

// With tracing off StartRegion, WithRegion and Log cost a check of a flag and no
// allocation, so they can stay in production code. NewTask allocates even then, because
// the context and the task it returns may be used after tracing is switched on.
// Logf does not format while tracing is off, but its arguments are converted to interfaces
// before the call, which may allocate: guard it with trace.IsEnabled where that matters.
//
//claim:ask What do trace annotations cost when no trace is running?
//claim:expect allocs/op of=region == 0
//claim:expect allocs/op of=withregion == 0
//claim:expect allocs/op of=log == 0
//claim:expect allocs/op of=logf > 0
//claim:expect allocs/op of=guarded == 0
//claim:expect allocs/op of=task > 0
//claim:expect ns/op of=task > 3x of=region
//claim:source runtime/trace/annotation.go
func BenchmarkExecTraceAnnotations(b *testing.B) {
	if trace.IsEnabled() {
		b.Skip("a trace is running")
	}
	ctx := context.Background()
	number := len(b.Name()) * 1000 // not a constant
	for _, v := range []struct {
		of string
		do func()
	}{
		{"region", func() { trace.StartRegion(ctx, "region").End() }},
		{"withregion", func() { trace.WithRegion(ctx, "region", func() {}) }},
		{"log", func() { trace.Log(ctx, "category", "message") }},
		{"logf", func() { trace.Logf(ctx, "category", "number %d", number) }},
		{"guarded", func() {
			if trace.IsEnabled() {
				trace.Logf(ctx, "category", "number %d", number)
			}
		}},
		{"task", func() {
			_, task := trace.NewTask(ctx, "task")
			task.End()
		}},
	} {
		b.Run("of="+v.of, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				v.do()
			}
		})
	}
}

// The cost is per event. In the worst case, a program that does nothing but
// switch goroutines, each switch takes more than 1.3 times as long under a
// trace; code that computes without events takes less than twice as long. Under
// a flight recorder a switch takes more than 1.3 times as long too: it runs the
// same tracer and keeps the result in memory. You may read that tracing makes
// every program slower by a fixed share; ask for the rate of events instead,
// and measure.
//
//claim:ask What does it cost to run the execution tracer or the flight recorder?
//claim:vary GOMAXPROCS 1
//claim:expect ns/op of=trace,work=switch > 1.3x of=off,work=switch
//claim:expect ns/op of=flight,work=switch > 1.3x of=off,work=switch
//claim:expect ns/op of=trace,work=compute < 2x of=off,work=compute
//claim:source https://go.dev/blog/execution-traces-2024
func BenchmarkExecTraceOverhead(b *testing.B) {
	for _, of := range []string{"off", "flight", "trace"} {
		for _, work := range []string{"switch", "compute"} {
			if of == "flight" && work == "compute" {
				continue
			}
			b.Run("of="+of+"/work="+work, func(b *testing.B) {
				switch of {
				case "trace":
					if err := trace.Start(io.Discard); err != nil {
						b.Skip(err)
					}
					defer trace.Stop()
				case "flight":
					recorder := trace.NewFlightRecorder(trace.FlightRecorderConfig{})
					if err := recorder.Start(); err != nil {
						b.Skip(err)
					}
					defer recorder.Stop()
				}
				if work == "compute" {
					for b.Loop() {
						traceCompute(1000)
					}
					return
				}
				for b.Loop() {
					runtime.Gosched() // leaves the P and takes it again: two events, one with a stack
				}
			})
		}
	}
}

// traceCompute works without an event for the tracer.
//
//go:noinline
func traceCompute(n int) (sum int) {
	for i := range n {
		sum = sum*31 ^ i
	}
	return sum
}
