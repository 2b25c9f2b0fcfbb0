// Readwrite counts its hits under a read lock, which others hold as well.
package main

import "sync"

type cache struct {
	mu   sync.RWMutex
	hits int
}

func (c *cache) get() int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	c.hits++
	return c.hits
}

func main() {
	var c cache
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { c.get() })
	}
	wg.Wait()
}
