// Package benchlie has benchmarks whose results mislead. The tests of package
// optimizing run them with a fixed number of iterations.
package benchlie

import (
	"slices"
	"testing"
	"time"
)

var calls = make(map[string]int)

func BenchmarkCallsN(b *testing.B) {
	calls["N"]++
	for range b.N {
	}
	b.ReportMetric(float64(calls["N"]), "calls")
}

func BenchmarkCallsLoop(b *testing.B) {
	calls["Loop"]++
	for b.Loop() {
	}
	b.ReportMetric(float64(calls["Loop"]), "calls")
}

func setup() { time.Sleep(30 * time.Millisecond) }

func BenchmarkSetupN(b *testing.B) {
	setup()
	for range b.N {
	}
}

func BenchmarkSetupReset(b *testing.B) {
	setup()
	b.ResetTimer()
	for range b.N {
	}
}

func BenchmarkSetupLoop(b *testing.B) {
	setup()
	for b.Loop() {
	}
}

func steps(n int) (steps int) {
	for range n {
		steps++
	}
	return steps
}

// The work of one operation grows with the number of operations.
func BenchmarkSizeN(b *testing.B) {
	total := 0
	for range b.N {
		total += steps(b.N)
	}
	b.ReportMetric(float64(total)/float64(b.N), "steps/op")
}

func BenchmarkSizeFixed(b *testing.B) {
	total := 0
	for range b.N {
		total += steps(40)
	}
	b.ReportMetric(float64(total)/float64(b.N), "steps/op")
}

// Each operation takes 2 ms at least, and twenty are done at once.
func BenchmarkParallel(b *testing.B) {
	b.SetParallelism(20) // times GOMAXPROCS, which the test sets to 1
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			time.Sleep(2 * time.Millisecond)
		}
	})
}

var kept *[4]int

// Every second operation allocates.
func BenchmarkEverySecond(b *testing.B) {
	b.ReportAllocs()
	for i := range b.N {
		if i%2 == 0 {
			kept = new([4]int)
		}
	}
}

var unsorted = []int{5, 2, 9, 1, 7, 3, 8, 0, 6, 4, 15, 12, 19, 11, 17, 13, 18, 10, 16, 14}

func BenchmarkStopTimer(b *testing.B) {
	start := time.Now()
	for range b.N {
		b.StopTimer()
		values := slices.Clone(unsorted)
		b.StartTimer()
		slices.Sort(values)
	}
	b.ReportMetric(float64(time.Since(start))/float64(b.Elapsed()), "wall/reported")
}
