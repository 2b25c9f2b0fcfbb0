package concurrency_test

import (
	"fmt"
	"sync"
)

// A channel with room takes a value without a receiver. One without a buffer
// does not.
func Example_channelBuffer() {
	try := func(name string, c chan string) {
		select {
		case c <- "hello":
			fmt.Printf("%s: sent, len %d, cap %d\n", name, len(c), cap(c))
		default:
			fmt.Printf("%s: would block, len %d, cap %d\n", name, len(c), cap(c))
		}
	}
	buffered := make(chan string, 1)
	try("unbuffered", make(chan string))
	try("buffered", buffered)
	try("full", buffered)
	try("nil", nil)
	// Output:
	// unbuffered: would block, len 0, cap 0
	// buffered: sent, len 1, cap 1
	// full: would block, len 1, cap 1
	// nil: would block, len 0, cap 0
}

// A closed channel gives its values first, and then zero values without end.
func Example_channelClosed() {
	c := make(chan int, 2)
	c <- 0
	c <- 8
	close(c)
	for range 4 {
		v, ok := <-c
		fmt.Println(v, ok)
	}
	// Output:
	// 0 true
	// 8 true
	// 0 false
	// 0 false
}

// The run-time panics of channels can be recovered.
func Example_channelPanics() {
	try := func(f func()) {
		defer func() { fmt.Println(recover()) }()
		f()
	}
	c := make(chan int, 1)
	close(c)
	try(func() { c <- 1 })
	try(func() { close(c) })
	try(func() { close(chan int(nil)) })
	// Output:
	// send on closed channel
	// close of closed channel
	// close of nil channel
}

// A goroutine owns the total. Each request carries the channel for its reply.
func Example_channelReply() {
	type request struct {
		add   int
		reply chan int
	}
	requests := make(chan request)
	go func() {
		total := 0
		for r := range requests {
			total += r.add
			r.reply <- total
		}
	}()
	defer close(requests)
	for _, n := range []int{1, 20, 300} {
		reply := make(chan int, 1)
		requests <- request{n, reply}
		fmt.Println("total:", <-reply)
	}
	// Output:
	// total: 1
	// total: 21
	// total: 321
}

// One close starts all goroutines that wait, as a starting gun does.
func Example_channelBroadcast() {
	start := make(chan struct{})
	results := make([]int, 5)
	var runners sync.WaitGroup
	for i := range results {
		runners.Go(func() {
			<-start
			results[i] = i * i
		})
	}
	close(start)
	runners.Wait()
	fmt.Println(results)
	// Output:
	// [0 1 4 9 16]
}

// Values are copied when they are sent. What a slice refers to is shared.
func Example_channelCopy() {
	arrays, slices := make(chan [2]int, 1), make(chan []int, 1)
	array, slice := [2]int{1, 2}, []int{1, 2}
	arrays <- array
	slices <- slice
	array[0], slice[0] = 9, 9
	fmt.Println("array:", <-arrays)
	fmt.Println("slice:", <-slices)
	// Output:
	// array: [1 2]
	// slice: [9 2]
}
