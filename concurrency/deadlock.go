package concurrency

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
)

// A deadlock is a circle: each goroutine in it waits for something that only
// another one in it can give. Here are functions that can form the circle, and
// their counterparts that cannot.

// purse has an id, so that there is one order in which purses are locked.
type purse struct {
	mu    sync.Mutex
	id    int
	coins int
}

// lockPurses locks each of the purses once, in the order of their ids, and
// returns the function that unlocks them. The ids must be different.
func lockPurses(purses ...*purse) (unlock func()) {
	sorted := slices.Clone(purses)
	slices.SortFunc(sorted, func(a, b *purse) int { return cmp.Compare(a.id, b.id) })
	sorted = slices.Compact(sorted) // the same one may come twice
	for _, p := range sorted {
		p.mu.Lock()
	}
	return func() {
		for _, p := range sorted {
			p.mu.Unlock()
		}
	}
}

// pay moves a coin from one purse to another, which may be the same.
func pay(from, to *purse) {
	defer lockPurses(from, to)()
	from.coins--
	to.coins++
}

// payByTry does the same without an order: if the second lock is taken, it
// gives the first one back and begins again with the other purse. It returns how
// often it had to. The purses must be different.
func payByTry(from, to *purse, yield func()) (retries int) {
	first, second := from, to
	for {
		first.mu.Lock()
		if second.mu.TryLock() {
			break
		}
		first.mu.Unlock()
		first, second = second, first
		retries++
		yield()
	}
	defer from.mu.Unlock()
	defer to.mu.Unlock()
	from.coins--
	to.coins++
	return retries
}

// lockBoth takes the locks in the order of its arguments, and meets the other
// goroutine while it holds the first.
//
//go:noinline
func lockBoth(first, second *sync.Mutex, meet *sync.WaitGroup) {
	first.Lock()
	meet.Done()
	meet.Wait()
	second.Lock()
}

// settings locks itself when it is printed, which is harmless until somebody
// prints it under the lock.
type settings struct {
	mu    sync.Mutex
	debug bool
}

func (s *settings) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fmt.Sprintf("debug=%t", s.debug)
}

// crawlQueue visits the pages of the queue and puts what they link to into the
// same queue.
func crawlQueue(queue chan int, links func(page int) []int) {
	for page := range queue {
		for _, link := range links(page) {
			queue <- link
		}
	}
}

// crawl visits start and everything that it leads to, once, with some workers.
// Pages without a free worker wait in a slice, so no worker waits for room.
func crawl(start, workers int, links func(page int) []int) (visited []int) {
	pages, found := make(chan int), make(chan []int)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for page := range pages {
				found <- links(page)
			}
		})
	}
	seen := map[int]bool{start: true}
	pending, busy := []int{start}, 0
	for len(pending) > 0 || busy > 0 {
		var out chan int // nil while there is nothing to send
		var next int
		if len(pending) > 0 {
			out, next = pages, pending[0]
		}
		select {
		case out <- next:
			pending = pending[1:]
			visited = append(visited, next)
			busy++
		case more := <-found:
			busy--
			for _, page := range more {
				if !seen[page] {
					seen[page] = true
					pending = append(pending, page)
				}
			}
		}
	}
	close(pages)
	wg.Wait()
	return visited
}

// visitTree calls visit for each node of a binary tree of the given depth, with
// a goroutine for each node. A goroutine takes a slot while it runs; with
// holding, also while it waits for its children.
func visitTree(slots chan struct{}, depth int, holding bool, visit func()) {
	slots <- struct{}{}
	visit()
	if !holding {
		<-slots
	}
	if depth > 1 {
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() { visitTree(slots, depth-1, holding, visit) })
		}
		wg.Wait()
	}
	if holding {
		<-slots
	}
}
