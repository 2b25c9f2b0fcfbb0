package schedgc_test

import (
	"fmt"
	"runtime"
	"sync/atomic"
)

// One P and a loop that does not yield: the other goroutine runs all the same,
// because the loop is preempted.
func Example_preemptedLoop() {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var stop atomic.Bool
	turns := 0
	go func() {
		fmt.Println("the other goroutine runs")
		stop.Store(true)
	}()
	for !stop.Load() {
		turns++
	}
	fmt.Println("the loop ended, turns > 0:", turns > 0)
	// Output:
	// the other goroutine runs
	// the loop ended, turns > 0: true
}
