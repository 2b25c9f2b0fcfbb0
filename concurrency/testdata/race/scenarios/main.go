// Command scenarios runs one scenario of shared memory. Built with -race it
// reports those that have a data race.
package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
)

var scenarios = map[string]func(){}

func main() {
	if len(os.Args) < 2 {
		fmt.Println(slices.Sorted(keys()))
		return
	}
	for _, name := range os.Args[1:] {
		run, ok := scenarios[name]
		if !ok {
			fmt.Fprintln(os.Stderr, "unknown scenario", name)
			os.Exit(1)
		}
		fmt.Fprintln(os.Stderr, "scenario", name)
		run()
	}
}

func keys() func(func(string) bool) {
	return func(yield func(string) bool) {
		for name := range scenarios {
			if !yield(name) {
				return
			}
		}
	}
}

// waitSilently waits for the other goroutines to end without synchronising with
// them: the number of goroutines tells nothing to the race detector.
func waitSilently() {
	for runtime.NumGoroutine() > 1 {
		runtime.Gosched()
	}
}

// both runs two functions as goroutines, one after the other in time but
// unordered in the memory model, and waits for them silently.
func both(first, second func()) {
	go first()
	waitSilently()
	go second()
	waitSilently()
}

// use keeps the compiler from removing a read.
//
//go:noinline
func use(any) {}
