package concurrency_test

import (
	"fmt"
	"sync"
)

// Each goroutine writes to its own element, so no lock is needed, and Wait makes
// the elements visible.
func Example_waitGroup() {
	words := []string{"one", "three", "seven"}
	lengths := make([]int, len(words))
	var wg sync.WaitGroup
	for i, word := range words {
		wg.Go(func() { lengths[i] = len(word) })
	}
	wg.Wait()
	fmt.Println("lengths:", lengths)
	// Output:
	// lengths: [3 5 5]
}

// A goroutine of its own waits and closes, so that the range can end.
func Example_waitGroupResults() {
	results := make(chan int)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() { results <- i })
	}
	go func() {
		wg.Wait()
		close(results)
	}()
	sum := 0
	for r := range results {
		sum += r
	}
	fmt.Println("sum:", sum)
	// Output:
	// sum: 6
}
