package concurrency_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// An atomic is for one number, flag or pointer.
func Example_primitivesAtomic() {
	var hits atomic.Int64
	var group sync.WaitGroup
	for range 100 {
		group.Go(func() { hits.Add(1) })
	}
	group.Wait()
	fmt.Println("hits:", hits.Load())
	// Output:
	// hits: 100
}

// A channel hands a value over; close says that no more come.
func Example_primitivesChannel() {
	squares := make(chan int)
	go func() {
		defer close(squares)
		for i := range 3 {
			squares <- i * i
		}
	}()
	for square := range squares {
		fmt.Println("square:", square)
	}
	// Output:
	// square: 0
	// square: 1
	// square: 4
}

// A Cond waits for a change of what a mutex protects.
func Example_primitivesCond() {
	var queue []string
	changed := sync.NewCond(new(sync.Mutex))
	go func() {
		changed.L.Lock()
		defer changed.L.Unlock()
		queue = append(queue, "job")
		changed.Signal()
	}()
	changed.L.Lock()
	defer changed.L.Unlock()
	for len(queue) == 0 { // a wake-up is a hint, so look again
		changed.Wait()
	}
	fmt.Println("queue:", queue)
	// Output:
	// queue: [job]
}

// A context tells goroutines to stop; the WaitGroup tells that they have.
func Example_primitivesContext() {
	ctx, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	for range 3 {
		group.Go(func() { <-ctx.Done() })
	}
	cancel()
	group.Wait()
	fmt.Println("stopped:", ctx.Err())
	// Output:
	// stopped: context canceled
}

// An errgroup is a WaitGroup for functions that can fail.
func Example_primitivesErrgroup() {
	var group errgroup.Group
	for i := range 3 {
		group.Go(func() error {
			if i == 1 {
				return errors.New("number 1 failed")
			}
			return nil
		})
	}
	fmt.Println("error:", group.Wait())
	// Output:
	// error: number 1 failed
}

// A Mutex is for several fields, or several steps, that belong together.
func Example_primitivesMutex() {
	var mu sync.Mutex
	var sum, count int
	var group sync.WaitGroup
	for i := range 10 {
		group.Go(func() {
			mu.Lock()
			defer mu.Unlock()
			sum += i
			count++
		})
	}
	group.Wait()
	fmt.Println("sum:", sum, "count:", count)
	// Output:
	// sum: 45 count: 10
}

// OnceValue computes a value when it is first asked for, and only then.
func Example_primitivesOnce() {
	config := sync.OnceValue(func() string {
		fmt.Println("loading")
		return "config"
	})
	fmt.Println(config())
	fmt.Println(config())
	// Output:
	// loading
	// config
	// config
}

// A WaitGroup waits until all goroutines have ended.
func Example_primitivesWaitGroup() {
	lengths := make([]int, 3)
	var group sync.WaitGroup
	for i, word := range []string{"a", "bb", "ccc"} {
		group.Go(func() { lengths[i] = len(word) })
	}
	group.Wait()
	fmt.Println("lengths:", lengths)
	// Output:
	// lengths: [1 2 3]
}
