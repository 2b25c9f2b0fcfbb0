package concurrency_test

import (
	"fmt"
	"sync"
)

// One order for all: whoever has the first lock never waits for somebody who
// waits for him.
func Example_deadlockOrder() {
	type room struct {
		sync.Mutex
		number, guests int
	}
	move := func(from, to *room) {
		first, second := from, to
		if second.number < first.number {
			first, second = second, first
		}
		first.Lock()
		defer first.Unlock()
		second.Lock()
		defer second.Unlock()
		from.guests--
		to.guests++
	}
	a, b := &room{number: 1, guests: 100}, &room{number: 2, guests: 100}
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() { move(a, b) })
		wg.Go(func() { move(b, a) })
	}
	wg.Wait()
	fmt.Println("guests:", a.guests, b.guests)
	// Output:
	// guests: 100 100
}

// TryLock tells that the lock is taken instead of waiting for it.
func Example_deadlockTryLock() {
	var mu sync.Mutex
	mu.Lock()
	if !mu.TryLock() {
		fmt.Println("taken, so do something else first")
	}
	mu.Unlock()
	fmt.Println("and now:", mu.TryLock())
	// Output:
	// taken, so do something else first
	// and now: true
}
