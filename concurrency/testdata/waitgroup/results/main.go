// Results collects results from goroutines in the wrong order of steps, which its
// argument names.
package main

import (
	"os"
	"sync"
)

func main() {
	results := make(chan int)
	var wg sync.WaitGroup
	switch os.Args[1] {
	case "wait-first": // nobody receives while main waits
		for i := range 3 {
			wg.Go(func() { results <- i })
		}
		wg.Wait()
		close(results)
		for range results {
		}
	case "close-first": // nobody waits before the close
		for i := range 3 {
			wg.Go(func() { results <- i })
		}
		close(results)
		wg.Wait()
	case "never-close": // the range has no end
		for i := range 3 {
			wg.Go(func() { results <- i })
		}
		for range results {
		}
		wg.Wait()
	}
}
