// Each way to wait for ever that an argument names is reported by the runtime,
// because no goroutine is left that could run.
package main

import (
	"os"
	"sync"
)

func main() {
	c := make(chan int)
	switch os.Args[1] {
	case "nil":
		var none chan int
		<-none
	case "self":
		c <- 1
		<-c
	case "range":
		go func() { c <- 1 }()
		for range c {
		}
	case "waitfirst":
		var senders sync.WaitGroup
		for i := range 3 {
			senders.Go(func() { c <- i })
		}
		senders.Wait()
		close(c)
		for range c {
		}
	case "select":
		select {}
	}
}
