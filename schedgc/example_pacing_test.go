package schedgc_test

import (
	"fmt"
	"math"
	"runtime/debug"
	"runtime/metrics"

	"github.com/go-deep-dive/godeep/schedgc"
)

// A live heap of 100 MiB, 10 MiB of stacks and 2 MiB of global variables.
func ExampleHeapGoal() {
	const mib = 1 << 20
	for _, gogc := range []int{50, 100, 200} {
		fmt.Printf("GOGC=%d: %d MiB\n", gogc, schedgc.HeapGoal(100*mib, 10*mib, 2*mib, gogc)/mib)
	}
	// Output:
	// GOGC=50: 156 MiB
	// GOGC=100: 212 MiB
	// GOGC=200: 324 MiB
}

// With a small live heap the minimum counts.
func ExampleHeapGoal_minimum() {
	const mib = 1 << 20
	fmt.Println("GOGC=100:", schedgc.HeapGoal(mib/2, 0, 0, 100)/mib, "MiB")
	fmt.Println("GOGC=400:", schedgc.HeapGoal(mib/2, 0, 0, 400)/mib, "MiB")
	fmt.Println("off:", schedgc.HeapGoal(mib/2, 0, 0, -1) == math.MaxUint64)
	// Output:
	// GOGC=100: 4 MiB
	// GOGC=400: 16 MiB
	// off: true
}

// SetGCPercent returns the setting that was in force, so that it can be put back.
func Example_pacingPrevious() {
	first := debug.SetGCPercent(50)
	fmt.Println("set to 50, then 200:", debug.SetGCPercent(200))
	fmt.Println("then off:", debug.SetGCPercent(-7))
	fmt.Println("off is:", debug.SetGCPercent(first))
	// Output:
	// set to 50, then 200: 50
	// then off: 200
	// off is: -1
}

// A metric shows GOGC without changing it.
func Example_pacingReadGOGC() {
	first := debug.SetGCPercent(150)
	gogc := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(gogc)
	fmt.Println("GOGC:", gogc[0].Value.Uint64())
	debug.SetGCPercent(first)
	// Output:
	// GOGC: 150
}
