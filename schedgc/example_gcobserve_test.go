package schedgc_test

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"runtime/metrics"

	"github.com/go-deep-dive/godeep/schedgc"
)

// The function runs after a collection, on another goroutine.
func ExampleAfterEachGC() {
	collected := make(chan bool, 100)
	stop := schedgc.AfterEachGC(func() { collected <- true })
	runtime.GC()
	fmt.Println("told of a collection:", <-collected)
	stop()
	// Output:
	// told of a collection: true
}

// The number of collections, from three sources.
func Example_gcobserveCount() {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	runtime.GC()

	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	var collections debug.GCStats
	debug.ReadGCStats(&collections)
	sample := []metrics.Sample{{Name: "/gc/cycles/total:gc-cycles"}}
	metrics.Read(sample)

	fmt.Println("the same as in debug.GCStats:", int64(stats.NumGC) == collections.NumGC)
	fmt.Println("the same as in runtime/metrics:", uint64(stats.NumGC) == sample[0].Value.Uint64())
	// Output:
	// the same as in debug.GCStats: true
	// the same as in runtime/metrics: true
}
