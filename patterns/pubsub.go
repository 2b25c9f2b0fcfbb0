package patterns

import (
	"context"
	"errors"
	"iter"
	"slices"
	"sync"
	"sync/atomic"
)

// What [Topic.Publish] does with a message for a subscriber whose buffer is
// full. There is no right answer for all: choose for each subscriber.
const (
	// SlowBlock makes the publisher wait, and with it all subscribers: for
	// messages that must not be lost, with subscribers you trust.
	SlowBlock SlowPolicy = iota
	// SlowDropNewest drops the message that has no room.
	SlowDropNewest
	// SlowDropOldest drops the oldest message of the buffer: for states of
	// which only the latest counts.
	SlowDropOldest
	// SlowDisconnect ends the subscription, with [ErrSlowSubscriber]: for
	// messages whose reader can start again from a full copy.
	SlowDisconnect
)

// A SlowPolicy says what happens when a subscriber falls behind.
type SlowPolicy int

// ErrSlowSubscriber is the error of a subscription that was ended because its
// buffer was full.
var ErrSlowSubscriber = errors.New("subscriber is too slow")

// ErrTopicClosed is returned by [Topic.Publish] after [Topic.Close].
var ErrTopicClosed = errors.New("topic is closed")

// A Topic passes each published message to all its subscribers. Create it with
// [NewTopic]. All methods may be called by several goroutines at once.
//
// # Guarantees
//
//   - All subscribers see the messages in the same order, also with several
//     publishers. A subscriber sees the messages published after Subscribe
//     returned.
//   - A slow subscriber has no effect on others but with [SlowBlock]; each
//     subscription counts what it has missed.
//   - Ending a subscription, or cancelling its reader, frees a publisher that
//     waits for it.
//   - Close lets subscribers read what is in their buffers, then ends them. A
//     message whose Publish runs at the same time may not reach all of them.
//   - No goroutine is started.
//
// # Cost
//
// Publish takes time in proportion to the number of subscribers and allocates
// nothing. A subscription holds its buffer, and copies the list of
// subscribers once when it begins and once when it ends.
//
// # When not to use it
//
// Messages live in this process only, and a subscriber sees nothing from before
// it came. Between processes, or to keep messages, use a broker such as NATS.
// If a subscriber needs the latest state only, an atomic.Pointer and a channel
// that is closed on change are simpler.
type Topic[T any] struct {
	turn        chan struct{}      // holds a value while a message is delivered, which gives the order
	mu          sync.Mutex         // guards the fields below, never held while waiting
	subscribers []*Subscription[T] // replaced, never changed
	closed      bool
}

// A Subscription is one subscriber's buffer of a [Topic]. It must be ended with
// [Subscription.End] or by the topic.
type Subscription[T any] struct {
	topic   *Topic[T]
	policy  SlowPolicy
	buffer  chan T
	ended   chan struct{}
	end     sync.Once
	err     error // why it ended, valid once ended is closed
	dropped atomic.Int64
}

// NewTopic returns a topic without subscribers.
func NewTopic[T any]() *Topic[T] {
	return &Topic[T]{turn: make(chan struct{}, 1)}
}

// Subscribe adds a subscriber with a buffer of size messages, at least one.
func (t *Topic[T]) Subscribe(size int, policy SlowPolicy) *Subscription[T] {
	s := &Subscription[T]{topic: t, policy: policy, buffer: make(chan T, max(size, 1)), ended: make(chan struct{})}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		s.finish(nil)
		return s
	}
	t.subscribers = append(slices.Clip(t.subscribers), s)
	return s
}

// Publish passes message to all subscribers. It waits for those with
// [SlowBlock], and returns the cause of ctx if that ends first: then some
// subscribers may have got the message.
func (t *Topic[T]) Publish(ctx context.Context, message T) error {
	select {
	case t.turn <- struct{}{}: // a mutex could not be left when ctx ends
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	t.mu.Lock()
	closed, list := t.closed, t.subscribers
	t.mu.Unlock()
	if closed {
		return ErrTopicClosed
	}
	for _, s := range list {
		if err := s.deliver(ctx, message); err != nil {
			return err
		}
	}
	return nil
}

// Close ends all subscriptions once their buffers have been read. Later
// messages are refused.
func (t *Topic[T]) Close() {
	t.mu.Lock()
	t.closed = true
	list := t.subscribers
	t.subscribers = nil
	t.mu.Unlock()
	for _, s := range list {
		s.finish(nil)
	}
}

// deliver puts message into the buffer, or does what the policy says.
func (s *Subscription[T]) deliver(ctx context.Context, message T) error {
	select {
	case s.buffer <- message:
		return nil
	default:
	}
	switch s.policy {
	case SlowBlock:
		select {
		case s.buffer <- message:
		case <-s.ended:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	case SlowDropOldest:
		// Publish is the only sender, so there is room after one message
		// is gone, whether we or the reader took it.
		select {
		case <-s.buffer:
			s.dropped.Add(1)
		default:
		}
		s.buffer <- message
	case SlowDisconnect:
		s.dropped.Add(1)
		s.remove(ErrSlowSubscriber)
	default:
		s.dropped.Add(1)
	}
	return nil
}

// All returns the messages as they come, until the subscription has ended and
// its buffer is empty, or ctx is done. Leaving the loop does not end the
// subscription, so that another loop can go on.
func (s *Subscription[T]) All(ctx context.Context) iter.Seq[T] {
	return func(yield func(T) bool) {
		for ctx.Err() == nil {
			select {
			case message := <-s.buffer:
				if !yield(message) {
					return
				}
				continue
			default:
			}
			select {
			case message := <-s.buffer:
				if !yield(message) {
					return
				}
			case <-ctx.Done():
			case <-s.ended:
				if len(s.buffer) == 0 { // nobody sends any more
					return
				}
			}
		}
	}
}

// Dropped returns how many messages this subscriber has missed.
func (s *Subscription[T]) Dropped() int64 { return s.dropped.Load() }

// Err returns [ErrSlowSubscriber] if that has ended the subscription, and nil
// otherwise.
func (s *Subscription[T]) Err() error {
	select {
	case <-s.ended:
		return s.err
	default:
		return nil
	}
}

// End ends the subscription. Messages in its buffer can still be read. It may
// be called more than once.
func (s *Subscription[T]) End() { s.remove(nil) }

func (s *Subscription[T]) remove(err error) {
	s.finish(err)
	t := s.topic
	t.mu.Lock()
	defer t.mu.Unlock()
	t.subscribers = slices.DeleteFunc(slices.Clone(t.subscribers), func(other *Subscription[T]) bool { return other == s })
}

func (s *Subscription[T]) finish(err error) {
	s.end.Do(func() {
		s.err = err
		close(s.ended)
	})
}
