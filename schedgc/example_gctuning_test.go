package schedgc_test

import (
	"fmt"
	"runtime/metrics"

	"github.com/go-deep-dive/godeep/schedgc"
)

var gcTuningExampleSink []byte

// No collection between PauseGC and resume, whatever is allocated.
func ExamplePauseGC() {
	cycles := func() uint64 {
		sample := []metrics.Sample{{Name: "/gc/cycles/automatic:gc-cycles"}}
		metrics.Read(sample)
		return sample[0].Value.Uint64()
	}
	resume := schedgc.PauseGC()
	defer resume()
	before := cycles()
	for range 1000 {
		gcTuningExampleSink = make([]byte, 16<<10)
	}
	fmt.Println("collections:", cycles()-before)
	// Output:
	// collections: 0
}
