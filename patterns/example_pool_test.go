package patterns_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/go-deep-dive/godeep/patterns"
)

func ExamplePool() {
	var sum atomic.Int64
	pool := patterns.NewPool(context.Background(), 4)
	for i := range 100 {
		err := pool.Submit(func(context.Context) error {
			sum.Add(int64(i))
			return nil
		})
		if err != nil {
			break // the pool has stopped, and Wait says why
		}
	}
	if err := pool.Wait(); err != nil {
		fmt.Println("failed:", err)
		return
	}
	fmt.Println("sum:", sum.Load())
	// Output: sum: 4950
}

// Results go to places of their own, so they need no lock and keep the order.
func ExampleNewPool() {
	names := []string{"ann", "bob", "eve"}
	greetings := make([]string, len(names))
	pool := patterns.NewPool(context.Background(), 2)
	for i, name := range names {
		_ = pool.Submit(func(context.Context) error {
			greetings[i] = "hello " + name
			return nil
		})
	}
	fmt.Println(pool.Wait(), greetings)
	// Output: <nil> [hello ann hello bob hello eve]
}

// A task that fails stops the pool. Submit then returns the same error.
func ExamplePool_Submit() {
	pool := patterns.NewPool(context.Background(), 1)
	_ = pool.Submit(func(context.Context) error { return errors.New("disk full") })
	var refused error
	for refused == nil {
		refused = pool.Submit(func(context.Context) error { return nil })
	}
	fmt.Println("submit:", refused)
	fmt.Println("wait:", pool.Wait())
	// Output:
	// submit: disk full
	// wait: disk full
}

// A panic of a task arrives in the goroutine that waits.
func ExamplePool_Wait() {
	broken := errors.New("broken")
	pool := patterns.NewPool(context.Background(), 1)
	_ = pool.Submit(func(context.Context) error { panic(broken) })
	defer func() {
		err := recover().(error)
		fmt.Println("recovered:", errors.Is(err, broken))
	}()
	_ = pool.Wait()
	// Output: recovered: true
}
