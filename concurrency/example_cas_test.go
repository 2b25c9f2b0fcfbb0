package concurrency_test

import (
	"fmt"
	"sync"
	"sync/atomic"
)

// A CAS loop: load, compute, try to replace, start again if somebody was faster.
func Example_casMax() {
	var highest atomic.Int64
	raise := func(v int64) {
		for {
			old := highest.Load()
			if v <= old || highest.CompareAndSwap(old, v) {
				return
			}
		}
	}
	var all sync.WaitGroup
	for v := range int64(100) {
		all.Go(func() { raise(v) })
	}
	all.Wait()
	fmt.Println("highest:", highest.Load())
	// Output:
	// highest: 99
}

// CompareAndSwap cannot see that the value was changed and changed back.
func Example_casABA() {
	var n atomic.Int64
	n.Store(1)
	old := n.Load()
	n.Store(2) // another goroutine
	n.Store(1)
	fmt.Println("swapped:", n.CompareAndSwap(old, 3))
	// Output:
	// swapped: true
}

// A pointer is compared by its address.
func Example_casPointer() {
	type config struct{ limit int }
	var p atomic.Pointer[config]
	first := &config{limit: 1}
	p.Store(first)
	fmt.Println("equal config:", p.CompareAndSwap(&config{limit: 1}, nil))
	fmt.Println("same pointer:", p.CompareAndSwap(first, nil))
	// Output:
	// equal config: false
	// same pointer: true
}
