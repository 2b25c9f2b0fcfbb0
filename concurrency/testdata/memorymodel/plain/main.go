// Command plain shares variables without synchronisation and shows what comes
// of it. It must be built without -race.
package main

import (
	"fmt"
	"os"
	"runtime"
	"sync/atomic"
	"time"
	"unsafe"
)

var (
	done       bool
	doneAtomic atomic.Bool
	steps      int
	text       string
	boxed      any
)

//go:noinline
func waitBare() {
	for !done {
	}
}

//go:noinline
func waitAfterCheck() {
	if done {
		return
	}
	for !done {
	}
}

//go:noinline
func waitAfterReset() {
	done = false
	for !done {
	}
}

//go:noinline
func waitWithCall() {
	if done {
		return
	}
	for !done {
		runtime.Gosched()
	}
}

//go:noinline
func waitAtomic() {
	if doneAtomic.Load() {
		return
	}
	for !doneAtomic.Load() {
	}
}

//go:noinline
func count() {
	for {
		steps++
	}
}

func main() {
	switch name := os.Args[1]; name {
	case "bare":
		waitFor(waitBare)
	case "check":
		waitFor(waitAfterCheck)
	case "reset":
		waitFor(waitAfterReset)
	case "call":
		waitFor(waitWithCall)
	case "atomic":
		waitFor(waitAtomic)
	case "count":
		go count()
		time.Sleep(20 * time.Millisecond)
		fmt.Println("steps seen:", steps)
	case "string":
		tornString()
	case "reorder":
		overtaken()
	case "interface":
		tornInterface()
	default:
		panic("unknown: " + name)
	}
}

// waitFor sets done while f waits for it, and gives up after the time given as
// the second argument.
func waitFor(f func()) {
	patience, err := time.ParseDuration(os.Args[2])
	if err != nil {
		panic(err)
	}
	var waiting atomic.Bool
	go func() {
		for !waiting.Load() {
			runtime.Gosched()
		}
		time.Sleep(10 * time.Millisecond)
		done = true
		doneAtomic.Store(true)
		time.Sleep(patience)
		fmt.Println("still waiting")
		os.Exit(0)
	}()
	waiting.Store(true)
	f()
	fmt.Println("ended")
}

// tornString looks for a string that has the address of one value and the length
// of the other.
func tornString() {
	short, long := "s", "the long one"
	text = short
	go func() {
		for {
			writeText(long)
			writeText(short)
		}
	}()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		for range 1000 {
			seen := readText()
			if (unsafe.StringData(seen) == unsafe.StringData(short)) != (len(seen) == len(short)) {
				fmt.Println("torn")
				return
			}
		}
	}
	fmt.Println("whole")
}

// The accesses are functions, so that none of them is optimised away.

//go:noinline
func writeText(s string) { text = s }

//go:noinline
func readText() string { return text }

var first, second int

//go:noinline
func writeFirstReadSecond() int { first = 1; return second }

//go:noinline
func writeSecondReadFirst() int { second = 1; return first }

// overtaken looks for a round in which neither goroutine sees the store of the other,
// although each stores before it loads.
func overtaken() {
	var round, finished atomic.Int64
	var seen int
	go func() {
		for turn := int64(1); ; turn++ {
			for round.Load() < turn {
			}
			seen = writeSecondReadFirst()
			finished.Add(1)
		}
	}()
	deadline := time.Now().Add(10 * time.Second)
	for turn := int64(1); turn%1000 != 0 || time.Now().Before(deadline); turn++ {
		first, second = 0, 0
		round.Store(turn)
		mine := writeFirstReadSecond()
		for finished.Load() < turn {
		}
		if mine == 0 && seen == 0 {
			fmt.Println("overtaken")
			return
		}
	}
	fmt.Println("in order")
}

// tornInterface looks for an interface that has the type of one value and the
// data of the other.
func tornInterface() {
	type one struct{ n int64 }
	type two struct{ n int64 }
	var first, second any = &one{1}, &two{2}
	boxed = first
	go func() {
		for {
			writeBoxed(first)
			writeBoxed(second)
		}
	}()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		for range 1000 {
			switch v := readBoxed().(type) {
			case *one:
				if v.n != 1 {
					fmt.Println("torn")
					return
				}
			case *two:
				if v.n != 2 {
					fmt.Println("torn")
					return
				}
			}
		}
	}
	fmt.Println("whole")
}

//go:noinline
func writeBoxed(v any) { boxed = v }

//go:noinline
func readBoxed() any { return boxed }
