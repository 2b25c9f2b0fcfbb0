package patterns_test

import (
	"context"
	"fmt"
	"time"

	"github.com/go-deep-dive/godeep/patterns"
)

func ExampleShedQueue() {
	queue := patterns.NewShedQueue[string](2, 0, nil)
	for _, message := range []string{"a", "b", "c"} {
		fmt.Println(message, queue.Put(context.Background(), message, 0))
	}
	queue.Close()
	for message := range queue.All(context.Background()) {
		fmt.Println("sending", message)
	}
	// Output:
	// a <nil>
	// b <nil>
	// c shed queue: full
	// sending a
	// sending b
}

// Values that have waited too long are dropped, and counted.
func ExampleNewShedQueue() {
	dropped := 0
	queue := patterns.NewShedQueue(10, time.Microsecond, func(int) { dropped++ })
	for i := range 5 {
		_ = queue.PutLatest(i)
	}
	time.Sleep(time.Millisecond) // the network is down
	queue.Close()
	for i := range queue.All(context.Background()) {
		fmt.Println("sending", i)
	}
	fmt.Println("dropped:", dropped)
	// Output: dropped: 5
}

func ExampleShedQueue_Put() {
	queue := patterns.NewShedQueue[int](1, 0, nil)
	fmt.Println(queue.Put(context.Background(), 1, 0))
	fmt.Println(queue.Put(context.Background(), 2, time.Millisecond)) // a wait budget
	// Output:
	// <nil>
	// shed queue: full
}

func ExampleShedQueue_PutLatest() {
	positions := patterns.NewShedQueue(1, 0, func(x int) { fmt.Println("outdated:", x) })
	for x := range 3 {
		_ = positions.PutLatest(x)
	}
	x, _ := positions.Take(context.Background())
	fmt.Println("now:", x)
	// Output:
	// outdated: 0
	// outdated: 1
	// now: 2
}

func ExampleShedQueue_Take() {
	queue := patterns.NewShedQueue[int](1, 0, nil)
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	_, err := queue.Take(ctx)
	fmt.Println(err)
	// Output: context deadline exceeded
}

func ExampleShedQueue_All() {
	queue := patterns.NewShedQueue[int](10, 0, nil)
	go func() {
		defer queue.Close()
		for i := range 3 {
			_ = queue.Put(context.Background(), i, time.Second)
		}
	}()
	for value := range queue.All(context.Background()) {
		fmt.Println(value)
	}
	// Output:
	// 0
	// 1
	// 2
}

func ExampleShedQueue_Len() {
	queue := patterns.NewShedQueue[int](10, 0, nil)
	_ = queue.PutLatest(1)
	fmt.Println(queue.Len())
	// Output: 1
}

func ExampleShedQueue_Close() {
	queue := patterns.NewShedQueue[int](10, 0, nil)
	queue.Close()
	fmt.Println(queue.PutLatest(1))
	_, err := queue.Take(context.Background())
	fmt.Println(err)
	// Output:
	// shed queue: closed
	// shed queue: closed
}
