package patterns_test

import (
	"context"
	"fmt"

	"github.com/go-deep-dive/godeep/patterns"
)

func ExampleTopic() {
	ctx := context.Background()
	prices := patterns.NewTopic[float64]()
	journal := prices.Subscribe(10, patterns.SlowBlock)     // must see every price
	display := prices.Subscribe(1, patterns.SlowDropOldest) // shows the latest one

	for _, price := range []float64{9.5, 9.7, 9.6} {
		if err := prices.Publish(ctx, price); err != nil {
			fmt.Println(err)
		}
	}
	prices.Close()

	for price := range journal.All(ctx) {
		fmt.Println("journal:", price)
	}
	for price := range display.All(ctx) {
		fmt.Println("display:", price, "missed:", display.Dropped())
	}
	// Output:
	// journal: 9.5
	// journal: 9.7
	// journal: 9.6
	// display: 9.6 missed: 2
}

func ExampleTopic_Subscribe() {
	topic := patterns.NewTopic[string]()
	_ = topic.Publish(context.Background(), "before") // nobody is there to see it
	s := topic.Subscribe(1, patterns.SlowBlock)
	_ = topic.Publish(context.Background(), "after")
	topic.Close()
	for message := range s.All(context.Background()) {
		fmt.Println(message)
	}
	// Output: after
}

func ExampleTopic_Publish() {
	ctx, cancel := context.WithCancel(context.Background())
	topic := patterns.NewTopic[int]()
	topic.Subscribe(1, patterns.SlowBlock)
	fmt.Println(topic.Publish(ctx, 1))
	cancel()
	fmt.Println(topic.Publish(ctx, 2)) // the buffer is full
	// Output:
	// <nil>
	// context canceled
}

func ExampleTopic_Close() {
	topic := patterns.NewTopic[int]()
	topic.Close()
	fmt.Println(topic.Publish(context.Background(), 1))
	// Output: topic is closed
}

func ExampleSlowPolicy() {
	topic := patterns.NewTopic[int]()
	first := topic.Subscribe(1, patterns.SlowDropNewest)
	latest := topic.Subscribe(1, patterns.SlowDropOldest)
	for message := 1; message <= 3; message++ {
		_ = topic.Publish(context.Background(), message)
	}
	topic.Close()
	for message := range first.All(context.Background()) {
		fmt.Println("drop newest:", message)
	}
	for message := range latest.All(context.Background()) {
		fmt.Println("drop oldest:", message)
	}
	// Output:
	// drop newest: 1
	// drop oldest: 3
}

func ExampleSubscription() {
	topic := patterns.NewTopic[string]()
	s := topic.Subscribe(4, patterns.SlowDisconnect)
	_ = topic.Publish(context.Background(), "hello")
	s.End()
	_ = topic.Publish(context.Background(), "too late")
	for message := range s.All(context.Background()) {
		fmt.Println(message)
	}
	// Output: hello
}

func ExampleSubscription_All() {
	topic := patterns.NewTopic[int]()
	s := topic.Subscribe(4, patterns.SlowBlock)
	for message := range 3 {
		_ = topic.Publish(context.Background(), message)
	}
	topic.Close()
	for message := range s.All(context.Background()) {
		fmt.Println(message)
	}
	// Output:
	// 0
	// 1
	// 2
}

func ExampleSubscription_Dropped() {
	topic := patterns.NewTopic[int]()
	s := topic.Subscribe(1, patterns.SlowDropNewest)
	for message := range 3 {
		_ = topic.Publish(context.Background(), message)
	}
	fmt.Println("missed:", s.Dropped())
	// Output: missed: 2
}

func ExampleSubscription_Err() {
	topic := patterns.NewTopic[int]()
	s := topic.Subscribe(1, patterns.SlowDisconnect)
	fmt.Println(s.Err())
	for message := range 3 {
		_ = topic.Publish(context.Background(), message)
	}
	fmt.Println(s.Err())
	// Output:
	// <nil>
	// subscriber is too slow
}

func ExampleSubscription_End() {
	topic := patterns.NewTopic[int]()
	s := topic.Subscribe(1, patterns.SlowBlock)
	s.End()
	fmt.Println(topic.Publish(context.Background(), 1)) // waits for nobody
	// Output: <nil>
}

func ExampleNewTopic() {
	topic := patterns.NewTopic[string]()
	fmt.Println(topic.Publish(context.Background(), "nobody listens"))
	// Output: <nil>
}
