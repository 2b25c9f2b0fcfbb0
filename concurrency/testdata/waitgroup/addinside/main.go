// Addinside calls Add in the goroutine that Wait is to wait for.
package main

import (
	"fmt"
	"sync"
)

func main() {
	var wg sync.WaitGroup
	for i := range 3 {
		go func() {
			wg.Add(1)
			defer wg.Done()
			fmt.Println("worker", i)
		}()
	}
	wg.Wait()
}
