package concurrency_test

import (
	"fmt"
	"runtime"
	"sync/atomic"
)

// The close happens before a receive that ends because of it, so the reader sees
// the text without a lock.
func Example_memoryModelClose() {
	var text string
	done := make(chan struct{})
	go func() {
		text = "written before close"
		close(done)
	}()
	<-done
	fmt.Println(text)
	// Output:
	// written before close
}

// First the data, then the atomic flag: who sees the flag also sees the data.
func Example_memoryModelFlag() {
	var text string
	var ready atomic.Bool
	go func() {
		text = "written before the flag"
		ready.Store(true)
	}()
	for !ready.Load() {
		runtime.Gosched()
	}
	fmt.Println(text)
	// Output:
	// written before the flag
}

// A receive from an unbuffered channel happens before the end of its send. With
// a buffer this would be a data race.
func Example_memoryModelUnbuffered() {
	var text string
	c := make(chan bool)
	go func() {
		text = "written before the receive"
		<-c
	}()
	c <- true
	fmt.Println(text)
	// Output:
	// written before the receive
}
