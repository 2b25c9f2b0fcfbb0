package schedgc_test

import (
	"fmt"
	"runtime"
)

// One goroutine owns a thread and runs the calls of all others on it.
func Example_lockedWorker() {
	calls := make(chan func() int)
	results := make(chan int)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(results)
		for call := range calls {
			results <- call()
		}
	}()
	for i := range 3 {
		calls <- func() int { return i * i }
		fmt.Println("from the locked thread:", <-results)
	}
	close(calls)
	<-results
	// Output:
	// from the locked thread: 0
	// from the locked thread: 1
	// from the locked thread: 4
}
