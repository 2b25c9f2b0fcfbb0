package schedgc_test

import (
	"fmt"
	"runtime"
	"sync"
)

// With one P, Gosched lets the goroutines run that were ready before.
func Example_runQueueGosched() {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var wg sync.WaitGroup
	var mu sync.Mutex
	ran := 0
	for range 3 {
		wg.Go(func() {
			mu.Lock()
			defer mu.Unlock()
			ran++
		})
	}
	for all := false; !all; { // one call is usually enough, and never a promise
		runtime.Gosched()
		mu.Lock()
		all = ran == 3
		mu.Unlock()
	}
	wg.Wait()
	fmt.Println("ran:", ran)
	// Output:
	// ran: 3
}

// Whatever order the scheduler chooses, results that are written to places of their
// own come out in order.
func Example_runQueueOrder() {
	squares := make([]int, 5)
	var wg sync.WaitGroup
	for i := range squares {
		wg.Go(func() { squares[i] = i * i })
	}
	wg.Wait()
	fmt.Println("in order:", squares)
	// Output:
	// in order: [0 1 4 9 16]
}
