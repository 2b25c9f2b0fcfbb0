package concurrency_test

import (
	"fmt"
	"sync"
)

// Three senders, and a goroutine more that closes when all have returned.
func Example_closeAfterSenders() {
	squares := make(chan int)
	var senders sync.WaitGroup
	for i := range 3 {
		senders.Go(func() { squares <- i * i })
	}
	go func() {
		senders.Wait()
		close(squares)
	}()
	sum := 0
	for v := range squares {
		sum += v
	}
	fmt.Println("sum:", sum)
	// Output:
	// sum: 5
}

// The receiver stops the sender by closing a channel of its own.
func Example_closeDone() {
	values, done, ended := make(chan int), make(chan struct{}), make(chan string)
	go func() {
		for i := 0; ; i++ {
			select {
			case values <- i:
			case <-done:
				ended <- "sender stopped"
				return
			}
		}
	}()
	for v := range values {
		fmt.Println("received", v)
		if v == 2 {
			break
		}
	}
	close(done)
	fmt.Println(<-ended)
	// Output:
	// received 0
	// received 1
	// received 2
	// sender stopped
}

// Many may stop, one of them closes.
func Example_closeOnce() {
	var once sync.Once
	done := make(chan struct{})
	stop := func(name string) {
		once.Do(func() {
			fmt.Println("closed by", name)
			close(done)
		})
	}
	stop("timeout")
	stop("user")
	<-done
	// Output:
	// closed by timeout
}
