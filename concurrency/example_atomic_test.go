package concurrency_test

import (
	"fmt"
	"sync"
	"sync/atomic"
)

// The zero value of an atomic type is ready to use. Add is one step, so no
// increment is lost.
func Example_atomicCounter() {
	var n atomic.Int64
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			for range 100 {
				n.Add(1)
			}
		})
	}
	all.Wait()
	fmt.Println("total:", n.Load())
	// Output:
	// total: 1000
}

// A reader works with the snapshot it has loaded; the next one gets the new
// configuration.
func Example_atomicPointer() {
	type config struct {
		host  string
		limit int
	}
	var current atomic.Pointer[config]
	current.Store(&config{host: "a", limit: 1})

	snapshot := current.Load()
	old := current.Swap(&config{host: "b", limit: 2})

	fmt.Println("snapshot:", *snapshot)
	fmt.Println("swapped out:", *old)
	fmt.Println("current:", *current.Load())
	// Output:
	// snapshot: {a 1}
	// swapped out: {a 1}
	// current: {b 2}
}

// Add returns the new value, Swap and Or the old one.
func Example_atomicResults() {
	var n atomic.Int32
	fmt.Println("add:", n.Add(4))
	fmt.Println("or:", n.Or(1))
	fmt.Println("swap:", n.Swap(9))
	fmt.Println("compare and swap:", n.CompareAndSwap(8, 0), n.CompareAndSwap(9, 0))
	// Output:
	// add: 4
	// or: 4
	// swap: 5
	// compare and swap: false true
}

// An unsigned counter goes down by adding the complement.
func Example_atomicUnsigned() {
	var n atomic.Uint32
	n.Store(3)
	fmt.Println(n.Add(^uint32(0)))
	// Output:
	// 2
}
