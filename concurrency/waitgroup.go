package concurrency

import (
	"context"
	"sync"
)

// A WaitGroup counts tasks that are not finished, and Wait waits for none. Here are
// functions that start goroutines with one and collect what they return.

// squareAll gives every goroutine an element of its own; Wait makes all of them
// visible to the caller.
func squareAll(numbers []int) []int {
	squares := make([]int, len(numbers))
	var wg sync.WaitGroup
	for i, n := range numbers {
		wg.Go(func() { squares[i] = n * n })
	}
	wg.Wait()
	return squares
}

// sendAll runs the tasks and returns a channel with their results, which is closed
// after the last one. The receiver must receive all.
func sendAll(tasks ...func() int) <-chan int {
	results := make(chan int)
	var wg sync.WaitGroup
	for _, task := range tasks {
		wg.Go(func() { results <- task() })
	}
	go func() {
		wg.Wait()
		close(results)
	}()
	return results
}

// limited runs the tasks, at most limit of them at a time.
func limited(limit int, tasks ...func()) {
	var wg sync.WaitGroup
	slots := make(chan struct{}, limit)
	for _, task := range tasks {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			task()
		})
	}
	wg.Wait()
}

// waitContext waits for wg or for the end of ctx. After an error a goroutine
// stays in wg.Wait until the tasks are done.
func waitContext(ctx context.Context, wg *sync.WaitGroup) error {
	done := make(chan struct{})
	go func() {
		wg.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// runErrors runs the tasks and returns the error of each, in their order.
func runErrors(tasks ...func() error) []error {
	errs := make([]error, len(tasks))
	var wg sync.WaitGroup
	for i, task := range tasks {
		wg.Go(func() { errs[i] = task() })
	}
	wg.Wait()
	return errs
}
