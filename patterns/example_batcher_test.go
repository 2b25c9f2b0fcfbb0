package patterns_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-deep-dive/godeep/patterns"
)

// Three callers ask for one name each, and one query answers all of them.
func ExampleBatcher() {
	queries := 0
	names := patterns.NewBatcher(context.Background(), 3, time.Second,
		func(ctx context.Context, calls []*patterns.BatchCall[int, string]) {
			queries++ // SELECT … WHERE id IN (…)
			for _, call := range calls {
				call.Result = fmt.Sprint("user ", call.Arg)
			}
		})
	defer names.Close()

	results := make([]string, 3)
	var callers sync.WaitGroup
	for i := range results {
		callers.Go(func() { results[i], _ = names.Do(context.Background(), i) })
	}
	callers.Wait()
	fmt.Println("results:", results, "queries:", queries)
	// Output:
	// results: [user 0 user 1 user 2] queries: 1
}

func ExampleNewBatcher() {
	lengths := patterns.NewBatcher(context.Background(), 100, time.Millisecond,
		func(ctx context.Context, calls []*patterns.BatchCall[string, int]) {
			for _, call := range calls {
				call.Result = len(call.Arg)
			}
		})
	defer lengths.Close()
	fmt.Println(lengths.Do(context.Background(), "alone"))
	// Output:
	// 5 <nil>
}

// An error of one call is seen by its caller only.
func ExampleBatchCall() {
	roots := patterns.NewBatcher(context.Background(), 2, time.Hour,
		func(ctx context.Context, calls []*patterns.BatchCall[int, int]) {
			for _, call := range calls {
				if call.Arg < 0 {
					call.Err = errors.New("negative")
				} else {
					call.Result = call.Arg * call.Arg
				}
			}
		})
	defer roots.Close()
	var caller sync.WaitGroup
	caller.Go(func() { roots.Do(context.Background(), -1) })
	fmt.Println(roots.Do(context.Background(), 3))
	caller.Wait()
	// Output:
	// 9 <nil>
}

func ExampleBatcher_Do() {
	slow := patterns.NewBatcher(context.Background(), 10, time.Hour,
		func(ctx context.Context, calls []*patterns.BatchCall[int, int]) {})
	defer slow.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	_, err := slow.Do(ctx, 1) // leaves, and its call is taken out of the batch
	fmt.Println("error:", err)
	// Output:
	// error: context deadline exceeded
}

// Close starts the last batch at once, and refuses later calls.
func ExampleBatcher_Close() {
	b := patterns.NewBatcher(context.Background(), 10, time.Hour,
		func(ctx context.Context, calls []*patterns.BatchCall[int, int]) {})
	b.Close()
	_, err := b.Do(context.Background(), 2)
	fmt.Println(errors.Is(err, patterns.ErrBatcherClosed), err)
	// Output:
	// true batcher is closed
}
