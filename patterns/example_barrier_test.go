package patterns_test

import (
	"context"
	"fmt"
	"sync"

	"github.com/go-deep-dive/godeep/patterns"
)

// Each step reads what its neighbours wrote in the step before.
func ExampleBarrier() {
	cells := []int{1, 0, 0, 0}
	next := make([]int, len(cells))
	barrier := patterns.NewBarrier(len(cells))
	var wg sync.WaitGroup
	for i := range cells {
		wg.Go(func() {
			for range 3 {
				next[i] = cells[i] + cells[(i+len(cells)-1)%len(cells)]
				_ = barrier.Wait(context.Background()) // all have read
				cells[i] = next[i]
				_ = barrier.Wait(context.Background()) // all have written
			}
		})
	}
	wg.Wait()
	fmt.Println(cells)
	// Output: [1 3 3 1]
}

func ExampleNewBarrier() {
	alone := patterns.NewBarrier(1)
	fmt.Println(alone.Wait(context.Background()))
	// Output: <nil>
}

func ExampleBarrier_Wait() {
	barrier := patterns.NewBarrier(2)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	fmt.Println(barrier.Wait(ctx))
	fmt.Println(barrier.Wait(context.Background()))
	// Output:
	// context canceled
	// barrier is broken: a party gave up
}

func ExampleBarrier_Break() {
	barrier := patterns.NewBarrier(2)
	barrier.Break()
	fmt.Println(barrier.Wait(context.Background()))
	// Output: barrier is broken: a party gave up
}
