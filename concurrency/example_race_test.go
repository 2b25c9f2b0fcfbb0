package concurrency_test

import (
	"fmt"
	"sync"
)

// Each goroutine writes an element of its own, so there is no race; append would
// be one.
func Example_raceFreeIndexes() {
	squares := make([]int, 5)
	var all sync.WaitGroup
	for i := range squares {
		all.Go(func() { squares[i] = i * i })
	}
	all.Wait()
	fmt.Println(squares)
	// Output:
	// [0 1 4 9 16]
}

// What two goroutines do in the worst order, written by hand: both load, then
// both store.
func Example_raceLostUpdate() {
	x := 0
	a := x // first goroutine loads
	b := x // second goroutine loads
	x = a + 1
	x = b + 1
	fmt.Println("after two increments:", x)
	// Output:
	// after two increments: 1
}

// Two results of append share the array of their source if it has room.
func Example_raceSharedArray() {
	shared := make([]int, 1, 2)
	a := append(shared, 1)
	b := append(shared, 2)
	fmt.Println(a, b)
	// Output:
	// [0 2] [0 2]
}
