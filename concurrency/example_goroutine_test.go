package concurrency_test

import (
	"fmt"
	"runtime"
	"sync"
)

// The argument is evaluated by the go statement, the variable of the closure
// when the goroutine gets there.
func Example_goroutineArguments() {
	gate := make(chan bool)
	var wg sync.WaitGroup
	wg.Add(2)
	x := "old"
	var argument, captured string
	go func(s string) {
		defer wg.Done()
		<-gate
		argument = s
	}(x)
	go func() {
		defer wg.Done()
		<-gate
		captured = x
	}()
	x = "new"
	close(gate)
	wg.Wait()
	fmt.Println("argument:", argument)
	fmt.Println("captured:", captured)
	// Output:
	// argument: old
	// captured: new
}

// Each iteration has its own variable since Go 1.22; one that is declared
// outside of the loop is still shared.
func Example_goroutineLoop() {
	var own, shared [3]int
	var wg sync.WaitGroup
	gate := make(chan bool)
	for i := range 3 {
		wg.Go(func() { <-gate; own[i] = i })
	}
	var j int
	for j = 0; j < 3; j++ {
		wg.Add(1)
		go func(place int) {
			defer wg.Done()
			<-gate
			shared[place] = j
		}(j)
	}
	close(gate)
	wg.Wait()
	fmt.Println("own:", own)
	fmt.Println("shared:", shared)
	// Output:
	// own: [0 1 2]
	// shared: [3 3 3]
}

// A panic stays in its goroutine only if that goroutine recovers it.
func Example_goroutineRecover() {
	failed := make(chan error, 1)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				failed <- fmt.Errorf("worker: %v", r)
			}
		}()
		panic("no such table")
	}()
	fmt.Println(<-failed)
	// Output:
	// worker: no such table
}

// Goexit ends the goroutine from any depth and runs its deferred calls.
func Example_goroutineGoexit() {
	done := make(chan bool)
	go func() {
		defer close(done)
		defer func() { fmt.Println("deferred, recover returns", recover()) }()
		func() { runtime.Goexit() }()
		fmt.Println("not reached")
	}()
	<-done
	// Output:
	// deferred, recover returns <nil>
}
