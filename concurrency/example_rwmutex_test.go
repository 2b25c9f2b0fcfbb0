package concurrency_test

import (
	"fmt"
	"sync"
)

// Readers hold the lock together, a writer holds it alone.
func Example_rwmutex() {
	var mu sync.RWMutex
	mu.RLock()
	fmt.Println("second reader:", mu.TryRLock())
	fmt.Println("writer beside readers:", mu.TryLock())
	mu.RUnlock()
	mu.RUnlock()

	mu.Lock()
	fmt.Println("reader beside a writer:", mu.TryRLock())
	mu.Unlock()
	// Output:
	// second reader: true
	// writer beside readers: false
	// reader beside a writer: false
}
