// Deadlock waits for ever, in the way that its argument names.
package main

import (
	"os"
	"runtime"
	"sync"
)

func main() {
	var mu sync.RWMutex
	switch os.Args[1] {
	case "recursive":
		mu.RLock()
		go func() {
			mu.Lock()
			mu.Unlock()
		}()
		for mu.TryRLock() { // until the writer waits
			mu.RUnlock()
			runtime.Gosched()
		}
		mu.RLock()
	case "upgrade":
		mu.RLock()
		mu.Lock()
	}
}
