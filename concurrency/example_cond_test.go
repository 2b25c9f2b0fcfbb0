package concurrency_test

import (
	"fmt"
	"sync"
)

// The condition is looked at under the lock, in a loop. It does not matter whether
// the waiter or the other side comes first.
func Example_cond() {
	var mu sync.Mutex
	cond := sync.NewCond(&mu)
	ready := false

	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			mu.Lock()
			defer mu.Unlock()
			for !ready {
				cond.Wait()
			}
			fmt.Println("goes on")
		})
	}
	mu.Lock()
	ready = true
	mu.Unlock()
	cond.Broadcast()
	wg.Wait()
	// Output:
	// goes on
	// goes on
	// goes on
}
