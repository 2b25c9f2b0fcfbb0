package schedgc_test

import (
	"fmt"
	"runtime"
	"sync"

	"github.com/go-deep-dive/godeep/schedgc"
)

// Goroutines that wait on a channel need no thread.
func ExampleThreadCount() {
	before := schedgc.ThreadCount()
	var waiting sync.WaitGroup
	stop := make(chan struct{})
	for range 1000 {
		waiting.Go(func() { <-stop })
	}
	runtime.Gosched()
	more := schedgc.ThreadCount() - before
	close(stop)
	waiting.Wait()
	fmt.Println("threads for 1000 waiting goroutines, less than 20:", more < 20)
	// Output: threads for 1000 waiting goroutines, less than 20: true
}
