package schedgc_test

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/go-deep-dive/godeep/schedgc"
)

// runtime.ReadMemStats stops all goroutines.
func ExampleStopsDuring() {
	var stats runtime.MemStats
	stops := schedgc.StopsDuring(func() {
		runtime.ReadMemStats(&stats)
		runtime.ReadMemStats(&stats)
	})
	fmt.Println("stops outside of the collector:", stops.Other)
	// Output:
	// stops outside of the collector: 2
}

// A collection stops the world twice, and reading the statistics once.
func ExampleWorldStops() {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	runtime.GC() // so that no other cycle falls in between
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	stops := schedgc.StopsDuring(func() {
		runtime.GC()
		runtime.ReadMemStats(&stats)
	})
	fmt.Println("collector:", stops.GC)
	fmt.Println("other:", stops.Other)
	// Output:
	// collector: 2
	// other: 1
}
