// Receiver guards a shared counter with a mutex that every call copies.
package main

import "sync"

type tally struct {
	mu sync.Mutex
	n  *int
}

func (t tally) inc() {
	t.mu.Lock()
	defer t.mu.Unlock()
	*t.n++
}

func main() {
	t := tally{n: new(int)}
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(t.inc)
	}
	wg.Wait()
}
