package schedgc_test

import (
	"fmt"
	"runtime"

	"github.com/go-deep-dive/godeep/schedgc"
)

// Most of what the collector takes here is paid by goroutines that allocate, and pauses
// are a small part.
func ExampleGCCost() {
	cost := schedgc.GCCost{Cycles: 250, Total: 60, Idle: 20, GC: 12, Assist: 7, Pause: 0.2}
	fmt.Printf("assists: %.0f%% of the collector's time\n", 100*cost.Assist/cost.GC)
	fmt.Printf("pauses: %.1f%%\n", 100*cost.Pause/cost.GC)
	// Output:
	// assists: 58% of the collector's time
	// pauses: 1.7%
}

// Forced collections without allocation: work for the collector, none for the program.
func ExampleReadGCCost() {
	before := schedgc.ReadGCCost()
	for range 3 {
		runtime.GC()
	}
	cost := schedgc.ReadGCCost().Since(before)
	fmt.Println("at least 3 cycles:", cost.Cycles >= 3)
	fmt.Println("processor time:", cost.GC > 0)
	// Output:
	// at least 3 cycles: true
	// processor time: true
}

// The difference of two readings tells the present, one reading the average since the
// start.
func ExampleGCCost_Since() {
	atNine := schedgc.GCCost{Cycles: 100, Total: 7200, Idle: 6000, GC: 60}
	atTen := schedgc.GCCost{Cycles: 900, Total: 14400, Idle: 7200, GC: 3060}
	fmt.Printf("since the start: %.0f%%\n", 100*atTen.Share())
	fmt.Printf("the last hour: %.0f%%\n", 100*atTen.Since(atNine).Share())
	// Output:
	// since the start: 42%
	// the last hour: 50%
}

// Idle time does not hide the share.
func ExampleGCCost_Share() {
	cost := schedgc.GCCost{Total: 100, Idle: 80, GC: 5}
	fmt.Printf("%.0f%% of the time used\n", 100*cost.Share())
	fmt.Println("no time:", schedgc.GCCost{}.Share())
	// Output:
	// 25% of the time used
	// no time: 0
}
