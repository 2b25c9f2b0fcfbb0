package patterns_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/go-deep-dive/godeep/patterns"
)

func ExampleLatch() {
	ready := patterns.NewLatch(3) // three caches to warm
	for i := range 3 {
		go func() {
			defer ready.Done()
			_ = i // warm cache i
		}()
	}
	fmt.Println("ready:", ready.Wait(context.Background()) == nil)
	// Output: ready: true
}

// All runners start together.
func ExampleNewLatch() {
	start := patterns.NewLatch(1)
	var runners sync.WaitGroup
	for range 3 {
		runners.Go(func() { _ = start.Wait(context.Background()) })
	}
	start.Done()
	runners.Wait()
	fmt.Println("all have started")
	// Output: all have started
}

func ExampleLatch_Done() {
	latch := patterns.NewLatch(1)
	latch.Done()
	latch.Done() // no effect
	fmt.Println(latch.Wait(context.Background()))
	// Output: <nil>
}

func ExampleLatch_Wait() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	fmt.Println(patterns.NewLatch(1).Wait(ctx))
	// Output: context deadline exceeded
}

func ExampleLatch_Opened() {
	latch := patterns.NewLatch(1)
	select {
	case <-latch.Opened():
		fmt.Println("open")
	default:
		fmt.Println("still closed")
	}
	// Output: still closed
}
