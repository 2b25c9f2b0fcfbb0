package schedgc_test

import (
	"fmt"
	"runtime"
	"sync/atomic"
)

// The goroutine stands in the queue of a P that is busy with the loop. The other P
// takes it from there.
func Example_workStealing() {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	var ran atomic.Bool
	go ran.Store(true)
	for !ran.Load() {
		// Neither blocks nor yields.
	}
	fmt.Println("ran while its creator was busy")
	// Output:
	// ran while its creator was busy
}
