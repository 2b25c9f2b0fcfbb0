package memory_test

import (
	"context"
	"fmt"
	"runtime"
)

// The number of goroutines after the work is done is the quickest test for
// leaked ones.
func Example_leakCheck() {
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		<-ctx.Done()
		close(ended)
	}()
	fmt.Println("while it runs:", runtime.NumGoroutine()-before)
	cancel()
	<-ended
	for runtime.NumGoroutine() > before {
		runtime.Gosched() // it has closed the channel but not returned yet
	}
	fmt.Println("after cancel:", runtime.NumGoroutine()-before)
	// Output:
	// while it runs: 1
	// after cancel: 0
}
