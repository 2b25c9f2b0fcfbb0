// Four ways to copy a lock that go vet finds.
package main

import "sync"

type counter struct {
	mu sync.Mutex
	n  int
}

func (c counter) inc() { // the receiver
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
}

type page struct{ counter }

func (p page) show() int { return p.n } // through embedding

func newCounter() counter {
	var c counter
	return c // a return
}

func main() {
	c := newCounter()
	c.inc()
	for _, c := range []counter{{}, {}} { // a range
		c.n++
	}
	(&page{}).show()
}
