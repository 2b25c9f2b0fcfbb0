// Doublechecked looks at the pointer without the lock first.
package main

import "sync"

type config struct{ name string }

var (
	mu       sync.Mutex
	instance *config
)

func get() *config {
	if instance == nil { // a read beside the write below
		mu.Lock()
		defer mu.Unlock()
		if instance == nil {
			instance = &config{name: "default"}
		}
	}
	return instance
}

func main() {
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() { _ = get().name })
	}
	wg.Wait()
}
