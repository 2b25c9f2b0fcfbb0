package patterns

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func topicCollect[T any](ctx context.Context, s *Subscription[T]) []T {
	return slices.Collect(s.All(ctx))
}

// Give every subscriber a channel of its own with a buffer, and decide for each
// what happens when it is full: wait, drop the newest, drop the oldest, or
// disconnect. Here five messages meet a buffer of two that nobody reads.
//
//claim:ask How do you publish to several subscribers, and what do you do with a slow one?
//claim:source https://go.dev/blog/pipelines
func TestTopicSlowPolicies(t *testing.T) {
	for _, test := range []struct {
		policy  SlowPolicy
		want    []int
		dropped int64
		err     error
	}{
		{SlowDropNewest, []int{1, 2}, 3, nil},
		{SlowDropOldest, []int{4, 5}, 3, nil},
		{SlowDisconnect, []int{1, 2}, 1, ErrSlowSubscriber},
	} {
		topic := NewTopic[int]()
		slow, quick := topic.Subscribe(2, test.policy), topic.Subscribe(5, test.policy)
		for message := 1; message <= 5; message++ {
			if err := topic.Publish(t.Context(), message); err != nil {
				t.Fatal(err)
			}
		}
		topic.Close()
		if got := topicCollect(t.Context(), slow); !slices.Equal(got, test.want) || slow.Dropped() != test.dropped || slow.Err() != test.err {
			t.Errorf("policy %d: got %v, dropped %d, error %v", test.policy, got, slow.Dropped(), slow.Err())
		}
		if got := topicCollect(t.Context(), quick); len(got) != 5 || quick.Dropped() != 0 || quick.Err() != nil {
			t.Errorf("policy %d: the quick subscriber got %v", test.policy, got)
		}
	}
}

// A subscriber that must not miss anything makes the publisher wait, and so
// every other subscriber as well. Use it only for subscribers that you trust,
// and with a context that ends the waiting.
//
//claim:ask What is the price of a subscriber that must not lose a message?
//claim:source https://go.dev/ref/spec#Send_statements
func TestTopicSlowBlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		topic := NewTopic[int]()
		slow := topic.Subscribe(1, SlowBlock)
		other := topic.Subscribe(10, SlowBlock)
		start := time.Now()
		var reader sync.WaitGroup
		reader.Go(func() {
			for range slow.All(t.Context()) {
				time.Sleep(time.Second)
			}
		})
		for message := range 10 {
			if err := topic.Publish(t.Context(), message); err != nil {
				t.Fatal(err)
			}
		}
		// One message is read at once and one fits into the buffer.
		if took := time.Since(start); took != 8*time.Second {
			t.Errorf("publishing took %v", took)
		}
		topic.Close()
		reader.Wait()
		if got := topicCollect(t.Context(), other); len(got) != 10 || slow.Dropped() != 0 {
			t.Errorf("got %v, dropped %d", got, slow.Dropped())
		}
	})
}

func TestTopicFaultStuckSubscriber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cause := errors.New("shutting down")
		ctx, cancel := context.WithCancelCause(t.Context())
		topic := NewTopic[int]()
		stuck := topic.Subscribe(1, SlowBlock)
		if err := topic.Publish(ctx, 1); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Second, func() { cancel(cause) })
		var both sync.WaitGroup
		for range 2 { // one waits for the subscriber, one for its turn
			both.Go(func() {
				if err := topic.Publish(ctx, 2); err != cause {
					t.Errorf("error %v", err)
				}
			})
		}
		both.Wait()
		// Ending the subscription frees the publisher, too.
		time.AfterFunc(time.Second, stuck.End)
		if err := topic.Publish(t.Context(), 3); err != nil {
			t.Errorf("error %v", err)
		}
		if got := topicCollect(t.Context(), stuck); !slices.Equal(got, []int{1}) && !slices.Equal(got, []int{1, 3}) {
			t.Errorf("got %v", got)
		}
		// So does closing the topic, while another publisher waits in line.
		again := topic.Subscribe(1, SlowBlock)
		var wg sync.WaitGroup
		for message := range 3 {
			wg.Go(func() {
				if err := topic.Publish(t.Context(), message); err != nil && err != ErrTopicClosed {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		topic.Close()
		wg.Wait()
		if err := topic.Publish(t.Context(), 4); err != ErrTopicClosed {
			t.Errorf("after Close: %v", err)
		}
		if late := topic.Subscribe(1, SlowBlock); len(topicCollect(t.Context(), late)) != 0 {
			t.Error("a subscription to a closed topic got a message")
		}
		again.End()
	})
}

// A panic in the loop of a subscriber is the subscriber's own: nothing is
// locked, and the topic goes on.
func TestTopicFaultPanickingReader(t *testing.T) {
	topic := NewTopic[int]()
	reader := topic.Subscribe(2, SlowDropNewest)
	_ = topic.Publish(t.Context(), 1)
	func() {
		defer func() { _ = recover() }()
		for range reader.All(t.Context()) {
			panic("broken")
		}
	}()
	if err := topic.Publish(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	topic.Close()
	if got := topicCollect(t.Context(), reader); !slices.Equal(got, []int{2}) {
		t.Errorf("got %v", got)
	}
}

func TestTopicFaultCancelledReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		topic := NewTopic[int]()
		reader := topic.Subscribe(1, SlowBlock)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if got := topicCollect(ctx, reader); len(got) != 0 {
			t.Errorf("got %v", got)
		}
		reader.End()
		reader.End() // harmless
	})
}

// One lock around the whole of Publish gives all subscribers the same order.
// With a lock for each subscriber, two publishers could reach them in a
// different order.
//
//claim:ask Do all subscribers see the messages of several publishers in the same order?
//claim:source https://go.dev/ref/mem
func TestTopicSameOrder(t *testing.T) {
	topic := NewTopic[int]()
	subscriptions := make([]*Subscription[int], 3)
	for i := range subscriptions {
		subscriptions[i] = topic.Subscribe(400, SlowBlock)
	}
	var publishers sync.WaitGroup
	for publisher := range 4 {
		publishers.Go(func() {
			for i := range 100 {
				_ = topic.Publish(t.Context(), publisher*100+i)
			}
		})
	}
	publishers.Wait()
	topic.Close()
	first := topicCollect(t.Context(), subscriptions[0])
	if len(first) != 400 {
		t.Errorf("%d messages", len(first))
	}
	for _, s := range subscriptions[1:] {
		if !slices.Equal(topicCollect(t.Context(), s), first) {
			t.Error("another order")
		}
	}
}

func TestTopicConcurrentUse(t *testing.T) {
	topic := NewTopic[int]()
	var received atomic.Int64
	var readers, publishers sync.WaitGroup
	for reader := range 4 {
		readers.Go(func() {
			s := topic.Subscribe(2, SlowPolicy(reader))
			for range s.All(t.Context()) {
				received.Add(1)
				if reader == 1 && received.Load() > 50 {
					break
				}
			}
			s.End()
			_, _ = s.Err(), s.Dropped()
		})
	}
	for range 3 {
		publishers.Go(func() {
			for i := range 200 {
				if err := topic.Publish(t.Context(), i); err != nil {
					t.Error(err)
				}
			}
		})
	}
	publishers.Wait()
	topic.Close()
	readers.Wait()
}

// Publishing to a full buffer with a policy that drops allocates nothing and
// never parks a goroutine. The time grows with the number of subscribers.
//
//claim:ask What does publishing cost, and how does it grow with the subscribers?
//claim:expect allocs/op subscribers=4 == 0
//claim:expect allocs/op subscribers=256 == 0
//claim:expect ns/op subscribers=256 > 8x subscribers=4
//claim:source runtime/chan.go
func BenchmarkTopicPublish(b *testing.B) {
	for _, subscribers := range []struct {
		name string
		n    int
	}{{"subscribers=4", 4}, {"subscribers=256", 256}} {
		b.Run(subscribers.name, func(b *testing.B) {
			b.ReportAllocs()
			topic := NewTopic[int]()
			for range subscribers.n {
				topic.Subscribe(16, SlowDropOldest)
			}
			for b.Loop() {
				_ = topic.Publish(b.Context(), 1)
			}
		})
	}
}
