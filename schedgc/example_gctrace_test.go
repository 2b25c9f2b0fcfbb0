package schedgc_test

import (
	"fmt"
	"strings"

	"github.com/go-deep-dive/godeep/schedgc"
)

// The two pauses of a cycle are a small part of it.
func ExampleParseGCTrace() {
	cycle, err := schedgc.ParseGCTrace("gc 3 @0.048s 24%: 0.13+40+0.006 ms clock, " +
		"0.26+38/1.9/0.086+0.012 ms cpu, 12->15->10 MB, 14 MB goal, 0 MB stacks, 0 MB globals, 2 P")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("marking:", cycle.Mark)
	fmt.Println("stopped:", cycle.Pause())
	fmt.Println("done by allocating goroutines:", cycle.AssistCPU)
	// Output:
	// marking: 40ms
	// stopped: 136µs
	// done by allocating goroutines: 38ms
}

func ExampleGCTrace() {
	cycle := schedgc.GCTrace{HeapStart: 26 << 20, HeapEnd: 32 << 20, HeapLive: 22 << 20}
	fmt.Println("allocated during the cycle, MiB:", (cycle.HeapEnd-cycle.HeapStart)>>20)
	fmt.Println("left to the sweep, MiB:", (cycle.HeapEnd-cycle.HeapLive)>>20)
	// Output:
	// allocated during the cycle, MiB: 6
	// left to the sweep, MiB: 10
}

func ExampleGCTrace_Pause() {
	cycle := schedgc.GCTrace{SweepTermination: 130_000, Mark: 40_000_000, MarkTermination: 6_000}
	fmt.Println(cycle.Pause())
	// Output:
	// 136µs
}

// The standard error of a program holds other lines too.
func ExampleReadGCTraces() {
	const stderr = `listening on :8080
gc 1 @0.005s 11%: 0.073+2.4+0.011 ms clock, 0.14+1.6/0.088/0.054+0.022 ms cpu, 3->4->4 MB, 4 MB goal, 0 MB stacks, 0 MB globals, 2 P
shutting down
gc 2 @0.125s 21%: 0.11+8.1+0.002 ms clock, 0.23+0/0.41/7.7+0.005 ms cpu, 22->22->16 MB, 44 MB goal, 0 MB stacks, 0 MB globals, 2 P (forced)
`
	cycles, err := schedgc.ReadGCTraces(strings.NewReader(stderr))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, cycle := range cycles {
		fmt.Println(cycle.Cycle, "live MiB:", cycle.HeapLive>>20, "forced:", cycle.Forced)
	}
	// Output:
	// 1 live MiB: 4 forced: false
	// 2 live MiB: 16 forced: true
}
