// Workload does work for the collector, as its first argument says, so that
// tests can look at a process in which nothing else happens. What each mode is
// for stands in the tests. It ends itself after 10 seconds.
package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/metrics"
	"runtime/trace"
	"time"
)

type leaf struct {
	next *leaf
	_    [56]byte
}

const (
	kib = 1 << 10
	mib = 1 << 20
)

var (
	global *leaf
	block  []byte
)

// list returns the given number of bytes in objects of 64 bytes.
func list(bytes int) (head *leaf) {
	for range bytes / 64 {
		head = &leaf{next: head}
	}
	return head
}

// garbage allocates the given number of bytes and drops them.
func garbage(bytes int) {
	for range bytes / (16 * kib) {
		block = make([]byte, 16*kib)
	}
	block = nil
}

func cycles() uint32 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m) // waits until a line of gctrace is complete
	return m.NumGC
}

func longestStop() float64 {
	sample := []metrics.Sample{{Name: "/sched/pauses/stopping/gc:seconds"}}
	metrics.Read(sample)
	h := sample[0].Value.Float64Histogram()
	for i := len(h.Counts) - 1; i >= 0; i-- {
		if h.Counts[i] > 0 {
			return h.Buckets[i] // the lower end
		}
	}
	return 0
}

var iterations uint64

func main() {
	time.AfterFunc(10*time.Second, func() { os.Exit(9) })
	switch mode := os.Args[1]; mode {
	case "small": // stays below the least heap goal
		garbage(2 * mib)
	case "grow": // live heap of 16 MiB, twice as much garbage, one forced cycle
		for range 4 {
			head := list(4 * mib)
			last := head
			for last.next != nil {
				last = last.next
			}
			last.next, global = global, head
			garbage(8 * mib)
		}
		runtime.GC()
	case "garbage":
		garbage(64 * mib)
	case "late": // sets GODEBUG itself
		os.Setenv("GODEBUG", "gctrace=1")
		runtime.GC()
	case "idle": // waits for two more cycles, at most as long as the argument says
		if os.Args[3] == "collected" {
			runtime.GC()
		}
		most, err := time.ParseDuration(os.Args[2])
		if err != nil {
			panic(err)
		}
		before := cycles()
		for deadline := time.Now().Add(most); time.Now().Before(deadline) && cycles() < before+2; {
			time.Sleep(5 * time.Millisecond)
		}
	case "percent": // five cycles in a row, and one after a rest
		global = list(4 * mib)
		for range 5 {
			runtime.GC()
		}
		time.Sleep(150 * time.Millisecond)
		runtime.GC()
	case "goroutines": // with GOTRACEBACK=system it shows those of the runtime too
		if len(os.Args) > 2 {
			runtime.GC()
		}
		fmt.Println("NumGoroutine", runtime.NumGoroutine())
		panic("show the goroutines")
	case "spin": // a loop without calls, while the collector wants to stop the world
		runtime.GC()
		started := make(chan bool)
		ended := make(chan bool)
		go func() {
			started <- true
			n := iterations
			for i := uint64(0); i < 50_000_000; i++ {
				n = n*3 + i // each step waits for the one before
			}
			iterations = n
			ended <- true
		}()
		<-started
		runtime.GC()
		<-ended
		fmt.Println("longest stop", longestStop())
	case "traced": // an execution trace of a cycle beside a goroutine that works
		global = list(8 * mib)
		if err := trace.Start(os.Stdout); err != nil {
			panic(err)
		}
		started, ended := make(chan bool), make(chan bool)
		go func() {
			trace.Log(context.Background(), "worker", "starts")
			started <- true
			// A bounded time: runtime.GC yields after each span that it sweeps.
			for start := time.Now(); time.Since(start) < 25*time.Millisecond; {
				for range 1000 {
					iterations++
				}
			}
			ended <- true
		}()
		<-started
		runtime.GC()
		<-ended
		trace.Stop()
	default:
		fmt.Println("unknown mode", mode)
		os.Exit(2)
	}
	cycles()
}
