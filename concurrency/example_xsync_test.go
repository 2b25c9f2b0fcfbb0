package concurrency_test

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"
	"golang.org/x/sync/singleflight"
)

// Results go to elements of a slice, the error comes out of Wait.
func Example_errgroupResults() {
	names := []string{"a", "bb", "ccc"}
	lengths := make([]int, len(names))
	var group errgroup.Group
	for i, name := range names {
		group.Go(func() error {
			lengths[i] = len(name)
			return nil
		})
	}
	fmt.Println("error:", group.Wait())
	fmt.Println("lengths:", lengths)
	// Output:
	// error: <nil>
	// lengths: [1 2 3]
}

// The context of the group is cancelled when Wait returns, also without an
// error.
func Example_errgroupContext() {
	group, ctx := errgroup.WithContext(context.Background())
	group.Go(func() error { return nil })
	fmt.Println("wait:", group.Wait(), "context:", ctx.Err())

	group, ctx = errgroup.WithContext(context.Background())
	group.Go(func() error { return errors.New("disk full") })
	fmt.Println("wait:", group.Wait(), "cause:", context.Cause(ctx))
	// Output:
	// wait: <nil> context: context canceled
	// wait: disk full cause: disk full
}

// TryAcquire takes all places that it asks for, or none.
func Example_semaphoreWeights() {
	s := semaphore.NewWeighted(10)
	fmt.Println("8 of 10:", s.TryAcquire(8))
	fmt.Println("3 of 2:", s.TryAcquire(3))
	fmt.Println("2 of 2:", s.TryAcquire(2))
	s.Release(8)
	fmt.Println("3 of 8:", s.TryAcquire(3))
	// Output:
	// 8 of 10: true
	// 3 of 2: false
	// 2 of 2: true
	// 3 of 8: true
}

// Two callers with one key, one call.
func Example_singleflightOnce() {
	var group singleflight.Group
	calls := 0
	release := make(chan struct{})
	load := func() (any, error) {
		<-release
		calls++
		return "value", nil
	}
	first := group.DoChan("key", load)
	second := group.DoChan("key", load)
	close(release)
	one, other := <-first, <-second
	fmt.Println(one.Val, one.Shared, other.Val, other.Shared)
	fmt.Println("calls:", calls)
	// Output:
	// value true value true
	// calls: 1
}
