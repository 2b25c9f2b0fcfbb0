package optimizing_test

import (
	"fmt"
	"time"

	"github.com/go-deep-dive/godeep/optimizing"
)

func ExamplePercentile() {
	var latencies []time.Duration
	for range 95 {
		latencies = append(latencies, 10*time.Millisecond)
	}
	for range 5 {
		latencies = append(latencies, time.Second)
	}

	var total time.Duration
	for _, latency := range latencies {
		total += latency
	}
	fmt.Println("mean:  ", total/100)
	fmt.Println("median:", optimizing.Percentile(latencies, 50))
	fmt.Println("p95:   ", optimizing.Percentile(latencies, 95))
	fmt.Println("p99:   ", optimizing.Percentile(latencies, 99))
	// Output:
	// mean:   59.5ms
	// median: 10ms
	// p95:    10ms
	// p99:    1s
}
