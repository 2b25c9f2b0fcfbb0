package schedgc_test

import (
	"fmt"
	"runtime"
	"sync"
	"time"
)

// A thousand sleeping goroutines are a thousand entries in timer heaps. They sleep at
// the same time, also with one P.
func Example_sleepTogether() {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	begun := time.Now()
	var all sync.WaitGroup
	for range 1000 {
		all.Go(func() { time.Sleep(10 * time.Millisecond) })
	}
	all.Wait()
	took := time.Since(begun)
	fmt.Println("not one after the other, less than 10 s:", took < 10*time.Second)
	// Output: not one after the other, less than 10 s: true
}
