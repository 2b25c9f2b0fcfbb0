package concurrency_test

import (
	"fmt"
	"sync"
)

// Two goroutines print in turn. Each waits for its channel and then wakes the
// other through that of the other.
func Example_pingPong() {
	ping, pong := make(chan int, 1), make(chan int, 1)
	var players sync.WaitGroup
	play := func(name string, mine <-chan int, other chan<- int) {
		for range 3 {
			n := <-mine
			fmt.Println(name, n)
			other <- n + 1
		}
	}
	players.Go(func() { play("ping", ping, pong) })
	players.Go(func() { play("pong", pong, ping) })
	ping <- 1
	players.Wait()
	// Output:
	// ping 1
	// pong 2
	// ping 3
	// pong 4
	// ping 5
	// pong 6
}

// The same with a condition variable: wait until it is your turn.
func Example_pingPongCond() {
	var mu sync.Mutex
	turn := sync.NewCond(&mu)
	next := "ping"
	play := func(mine, other string) {
		mu.Lock()
		defer mu.Unlock()
		for range 2 {
			for next != mine {
				turn.Wait()
			}
			fmt.Println(mine)
			next = other
			turn.Signal()
		}
	}
	var players sync.WaitGroup
	players.Go(func() { play("pong", "ping") })
	players.Go(func() { play("ping", "pong") })
	players.Wait()
	// Output:
	// ping
	// pong
	// ping
	// pong
}
