// Copy copies locks in the ways that go vet reports.
package main

import (
	"fmt"
	"sync"
)

type tally struct {
	mu sync.Mutex
	n  int
}

// The receiver is a copy: this locks and counts in a tally that is thrown away.
func (t tally) inc() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.n++
}

func show(t tally) int { return t.n }

func give(t *tally) tally { return *t }

func main() {
	var t tally
	for range 3 {
		t.inc()
	}
	fmt.Println("after 3 inc:", show(t))

	t.mu.Lock()
	u := t
	t.mu.Unlock()
	fmt.Println("original can be locked:", t.mu.TryLock())
	fmt.Println("copy can be locked:", u.mu.TryLock())

	all := []tally{{n: 1}}
	for _, each := range all {
		_ = each.n
	}
	_ = give(&all[0])
}
