package patterns_test

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/go-deep-dive/godeep/patterns"
)

func ExampleMergeSorted() {
	merged := patterns.MergeSorted(cmp.Compare[int],
		slices.Values([]int{1, 4, 9}),
		slices.Values([]int{2, 3}),
		slices.Values([]int{5, 8}))
	fmt.Println(slices.Collect(merged))
	// Output:
	// [1 2 3 4 5 8 9]
}

// Lines of two servers by time; the logs have no end.
func ExampleMergeSorted_logs() {
	type line struct {
		at     time.Time
		server string
	}
	log := func(server string, every time.Duration) iter.Seq[line] {
		return func(yield func(line) bool) {
			at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
			for yield(line{at, server}) {
				at = at.Add(every)
			}
		}
	}
	byTime := func(a, b line) int { return a.at.Compare(b.at) }
	n := 0
	for line := range patterns.MergeSorted(byTime, log("a", time.Minute), log("b", 40*time.Second)) {
		fmt.Println(line.at.Format(time.TimeOnly), line.server)
		if n++; n == 4 {
			break
		}
	}
	// Output:
	// 00:00:00 a
	// 00:00:00 b
	// 00:00:40 b
	// 00:01:00 a
}
