// All waits for ever in all its goroutines, in the way that its argument names.
package main

import (
	"fmt"
	"net"
	"os"
	"os/signal"
	"sync"
	"time"
)

func main() {
	var never chan int
	switch os.Args[1] {
	case "plain":
	case "recover":
		defer func() { fmt.Println("recovered:", recover()) }()
	case "states":
		states()
	case "timechannel":
		_ = time.After(time.Hour)
	case "timer":
		time.AfterFunc(time.Hour, func() {})
	case "sleep":
		go time.Sleep(time.Hour)
	case "signal":
		signal.Notify(make(chan os.Signal, 1), os.Interrupt)
	case "network":
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			panic(err)
		}
		go listener.Accept()
	case "busy":
		go func() {
			for {
				time.Now()
			}
		}()
	}
	fmt.Println("waiting")
	<-never
}

// states starts a goroutine for each way to wait for ever.
func states() {
	full := make(chan int, 1)
	full <- 1
	go func() { full <- 1 }()
	go func() {
		for range make(chan int) {
		}
	}()
	go func() {
		select {
		case <-make(chan int):
		case <-make(chan int):
		}
	}()
	go func() { select {} }()
	go func() {
		var c chan int
		c <- 1
	}()
	go func() {
		var mu sync.Mutex
		mu.Lock()
		mu.Lock()
	}()
	go func() {
		var mu sync.RWMutex
		mu.Lock()
		mu.RLock()
	}()
	go func() {
		var wg sync.WaitGroup
		wg.Add(1)
		wg.Wait()
	}()
	go func() {
		cond := sync.NewCond(new(sync.Mutex))
		cond.L.Lock()
		cond.Wait()
	}()
}
