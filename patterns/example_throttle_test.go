package patterns_test

import (
	"fmt"
	"time"

	"github.com/go-deep-dive/godeep/patterns"
)

// Progress is shown at once, then at most every minute, and at the end.
func ExampleThrottler() {
	progress := &patterns.Throttler[int]{
		Interval: time.Minute,
		Func:     func(percent int) { fmt.Println(percent, "%") },
	}
	for percent := range 101 {
		progress.Call(percent)
		if percent == 0 {
			progress.Flush() // so that the first line comes before the others
		}
	}
	progress.Flush()
	// Output:
	// 0 %
	// 100 %
}

// A warning at most once a minute; those between are dropped.
func ExampleThrottleEdge() {
	warn := &patterns.Throttler[string]{
		Interval: time.Minute,
		Edge:     patterns.ThrottleLeading,
		Func:     func(text string) { fmt.Println("warning:", text) },
	}
	for range 1000 {
		warn.Call("disk almost full")
	}
	warn.Flush()
	// Output:
	// warning: disk almost full
}

func ExampleThrottler_Call() {
	called := make(chan int)
	t := &patterns.Throttler[int]{Interval: time.Millisecond, Func: func(n int) { called <- n }}
	t.Call(1)
	t.Call(2)
	t.Call(3)
	fmt.Println("at once:", <-called)
	fmt.Println("an interval later:", <-called)
	t.Stop()
	// Output:
	// at once: 1
	// an interval later: 3
}

func ExampleThrottler_Flush() {
	t := &patterns.Throttler[int]{Interval: time.Hour, Func: func(n int) { fmt.Println("value", n) }}
	t.Call(1)
	t.Call(2)
	t.Flush()
	t.Flush() // nothing waits
	// Output:
	// value 1
	// value 2
}

func ExampleThrottler_Stop() {
	t := &patterns.Throttler[int]{Interval: time.Hour, Func: func(n int) { fmt.Println("value", n) }}
	t.Call(1)
	t.Call(2) // waits for the end of the interval
	t.Stop()  // drops it, and waits for the first call
	// Output:
	// value 1
}
