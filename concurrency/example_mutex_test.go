package concurrency_test

import (
	"fmt"
	"sync"
)

// The mutex stands next to the field that it guards. Every method takes it, and
// all have pointer receivers.
func Example_mutexCounter() {
	var (
		mu    sync.Mutex // guards total
		total int
		wg    sync.WaitGroup
	)
	for n := range 100 {
		wg.Go(func() {
			mu.Lock()
			defer mu.Unlock()
			total += n
		})
	}
	wg.Wait()
	fmt.Println("total:", total)
	// Output:
	// total: 4950
}

// A deferred Unlock in a loop waits for the end of the function, so the second
// round would wait for ever. A function around the body is the cure.
func Example_mutexLoop() {
	var mu sync.Mutex
	for i := range 3 {
		func() {
			mu.Lock()
			defer mu.Unlock()
			fmt.Println("round", i, "locked")
		}()
	}
	fmt.Println("free again:", mu.TryLock())
	// Output:
	// round 0 locked
	// round 1 locked
	// round 2 locked
	// free again: true
}
