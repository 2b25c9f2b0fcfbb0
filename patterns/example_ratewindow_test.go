package patterns_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-deep-dive/godeep/patterns"
)

func ExampleSlidingWindow() {
	window := patterns.NewSlidingWindow(2, time.Hour)
	for i := range 4 {
		fmt.Println("call", i, window.Allow())
	}
	// Output:
	// call 0 true
	// call 1 true
	// call 2 false
	// call 3 false
}

func ExampleNewSlidingWindow() {
	// The contract allows 300 calls within any ten minutes.
	window := patterns.NewSlidingWindow(300, 10*time.Minute)
	calls := 0
	for window.Allow() {
		calls++
	}
	fmt.Println(calls)
	// Output: 300
}

func ExampleSlidingWindow_Allow() {
	window := patterns.NewSlidingWindow(1, time.Millisecond)
	fmt.Println(window.Allow())
	time.Sleep(2 * time.Millisecond)
	fmt.Println(window.Allow())
	// Output:
	// true
	// true
}

func ExampleLeakyBucket() {
	bucket := patterns.NewLeakyBucket(time.Millisecond, 10)
	start := time.Now()
	for range 5 {
		if err := bucket.Wait(context.Background()); err != nil {
			fmt.Println(err)
		}
	}
	fmt.Println("at least 4ms:", time.Since(start) >= 4*time.Millisecond)
	// Output: at least 4ms: true
}

func ExampleNewLeakyBucket() {
	bucket := patterns.NewLeakyBucket(time.Hour, 0) // nobody may wait
	fmt.Println(bucket.Wait(context.Background()))
	fmt.Println(bucket.Wait(context.Background()))
	// Output:
	// <nil>
	// leaky bucket: full
}

func ExampleLeakyBucket_Wait() {
	bucket := patterns.NewLeakyBucket(time.Hour, 1)
	_ = bucket.Wait(context.Background())
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	err := bucket.Wait(ctx)
	fmt.Println(errors.Is(err, context.DeadlineExceeded))
	// Output: true
}
