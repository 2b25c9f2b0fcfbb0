package patterns

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// Put a bounded queue between them, and decide what happens when it is full. A
// producer of ten values a second and a network that sends five can go on only
// if somebody waits or something is dropped: here a value is refused, with an
// error, after a wait budget of 50ms. Of a hundred values, half are sent, half
// refused, and none is lost silently; the producer, which can count the errors
// or lower its quality, is never held up for longer than the budget.
//
//claim:ask A fast producer and a slow network: how do you keep them apart?
//claim:source https://pkg.go.dev/builtin#cap
func TestShedQueueWaitBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const budget = 50 * time.Millisecond
		q := NewShedQueue[int](4, 0, nil)
		var sent atomic.Int64
		var network sync.WaitGroup
		network.Go(func() {
			for range q.All(t.Context()) {
				time.Sleep(200 * time.Millisecond)
				sent.Add(1)
			}
		})
		refused := 0
		for i := range 100 {
			start := time.Now()
			err := q.Put(t.Context(), i, budget)
			if waited := time.Since(start); waited > budget || err != nil && (err != ErrShedQueueFull || waited != budget) {
				t.Errorf("%v after %v", err, waited)
			}
			if err != nil {
				refused++
			}
			time.Sleep(100*time.Millisecond - time.Since(start))
		}
		q.Close()
		network.Wait()
		if int(sent.Load())+refused != 100 || refused < 45 || refused > 50 {
			t.Errorf("%d sent, %d refused", sent.Load(), refused)
		}
	})
}

// shedServe lets a request come each 50ms for a minute, takes 100ms for each, and
// counts the answers that come within a second of their request.
func shedServe(t *testing.T, q *ShedQueue[time.Time]) (served, inTime int) {
	var server sync.WaitGroup
	server.Go(func() {
		for asked := range q.All(t.Context()) {
			time.Sleep(100 * time.Millisecond)
			served++
			if time.Since(asked) <= time.Second {
				inTime++
			}
		}
	})
	for range 1200 {
		_ = q.Put(t.Context(), time.Now(), 0)
		time.Sleep(50 * time.Millisecond)
	}
	q.Close()
	server.Wait()
	return served, inTime
}

// A queue without a limit turns overload into latency: it grows as long as more
// comes in than goes out, and each request waits behind all of it. Here twice as
// many requests come as can be served, and a client waits for one second. With a
// queue of up to 10,000, all of 1200 requests are served in the end, but only 19
// answers come in time; the server works for clients that have gone. With a
// queue of 8, about half of the requests are refused at once, and all others are
// answered in time. A longer queue helps against bursts, never against lasting
// overload.
//
//claim:ask Why should a queue be bounded, if there is memory enough?
//claim:source https://en.wikipedia.org/wiki/Little%27s_law
func TestShedQueueBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		served, inTime := shedServe(t, NewShedQueue[time.Time](10_000, 0, nil))
		if served != 1200 || inTime != 19 {
			t.Errorf("long queue: %d served, %d in time", served, inTime)
		}
		served, inTime = shedServe(t, NewShedQueue[time.Time](8, 0, nil))
		if served < 590 || served > 620 || inTime != served {
			t.Errorf("short queue: %d served, %d in time", served, inTime)
		}
	})
}

// Throw away what is too old when it comes to the front of the queue, before any
// work is done for it. The limit is the client's timeout less the time that the
// work takes. Then even a long queue serves only requests that somebody waits
// for: here about 600 of 1200, all in time, where the same queue without the
// check manages 19. A deadline in the context of the request does the same, if it
// is looked at before the work begins.
//
//claim:ask How do you keep a server from working on requests whose clients have given up?
//claim:source https://pkg.go.dev/context#Context
func TestShedQueueMaxAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shed := 0
		q := NewShedQueue(10_000, 900*time.Millisecond, func(time.Time) { shed++ })
		served, inTime := shedServe(t, q)
		if served < 590 || served > 620 || inTime != served || served+shed != 1200 {
			t.Errorf("%d served, %d in time, %d shed", served, inTime, shed)
		}
	})
}

// Where only the present counts: positions, measurements, frames of a video. The
// newest value is always accepted, the oldest one makes room, and the producer
// never waits. For orders or messages that is wrong: refuse the new one there,
// since its sender can still be told.
//
//claim:ask Queue full: when do you drop the oldest value, and when the newest?
//claim:source https://go.dev/ref/spec#Select_statements
func TestShedQueueDropOldest(t *testing.T) {
	var shed []int
	q := NewShedQueue(3, 0, func(i int) { shed = append(shed, i) })
	for i := range 7 {
		if err := q.PutLatest(i); err != nil {
			t.Fatal(err)
		}
	}
	if err := q.Put(t.Context(), 7, 0); err != ErrShedQueueFull {
		t.Errorf("put into a full queue: %v", err)
	}
	q.Close()
	kept := slices.Collect(q.All(t.Context()))
	if !slices.Equal(kept, []int{4, 5, 6}) || !slices.Equal(shed, []int{0, 1, 2, 3}) {
		t.Errorf("kept %v, shed %v", kept, shed)
	}
	if err := q.PutLatest(8); err != ErrShedQueueClosed {
		t.Errorf("put into a closed queue: %v", err)
	}
}

// Backpressure slows the producer down, load shedding throws work away. A
// producer that can wait, such as a reader of a file, should: a blocking Put, or
// a plain channel, loses nothing, and the whole runs at the speed of the slowest
// part. A producer that cannot wait, such as the users of a web page, goes on
// however full the queue is, and then shedding is the only choice.
//
//claim:ask What is the difference between backpressure and load shedding?
//claim:source https://go.dev/blog/pipelines
func TestShedQueueBackpressure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		run := func(wait time.Duration) (sent int, took time.Duration) {
			q := NewShedQueue[int](2, 0, nil)
			start := time.Now()
			var network sync.WaitGroup
			network.Go(func() {
				for range q.All(t.Context()) {
					time.Sleep(time.Second)
					sent++
				}
			})
			for i := range 10 {
				_ = q.Put(t.Context(), i, wait)
				synctest.Wait()
			}
			took = time.Since(start)
			q.Close()
			network.Wait()
			return sent, took
		}
		if sent, took := run(time.Hour); sent != 10 || took != 7*time.Second {
			t.Errorf("waiting: %d sent, producer done after %v", sent, took)
		}
		if sent, took := run(0); sent != 3 || took != 0 {
			t.Errorf("shedding: %d sent, producer done after %v", sent, took)
		}
	})
}

// The sender must not close a channel that others still send to: their send
// would panic. Here Close first tells those who put to leave, waits until they
// have left, and then closes the channel of values, so that the consumers see its
// end after the last value. What was accepted before is still handed out.
//
//claim:ask How do you close a queue with several producers so that nothing is lost and nothing panics?
//claim:source https://go.dev/ref/spec#Close
func TestShedQueueFaultClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := NewShedQueue[int](2, 0, nil)
		results := make(chan error, 4)
		for i := range cap(results) {
			go func() { results <- q.Put(t.Context(), i, time.Hour) }()
			synctest.Wait()
		}
		start := time.Now()
		q.Close()
		q.Close()
		var refused int
		for range cap(results) {
			if err := <-results; err == ErrShedQueueClosed {
				refused++
			} else if err != nil {
				t.Error(err)
			}
		}
		kept := slices.Collect(q.All(t.Context()))
		if refused != 2 || !slices.Equal(kept, []int{0, 1}) || time.Since(start) != 0 {
			t.Errorf("%d refused, kept %v, after %v", refused, kept, time.Since(start))
		}
		if _, err := q.Take(t.Context()); err != ErrShedQueueClosed {
			t.Errorf("take from an empty closed queue: %v", err)
		}
		if err := q.Put(t.Context(), 1, time.Hour); err != ErrShedQueueClosed {
			t.Errorf("put into a closed queue: %v", err)
		}
	})
}

func TestShedQueueFaultCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := errors.New("user has gone")
		q := NewShedQueue[int](1, 0, nil)
		ctx, cancel := context.WithCancelCause(t.Context())
		taken, put := make(chan error), make(chan error)
		go func() { _, err := q.Take(ctx); taken <- err }()
		synctest.Wait()
		cancel(gone)
		if err := <-taken; err != gone {
			t.Errorf("take: %v", err)
		}
		if err := q.Put(ctx, 1, 0); err != gone || q.Len() != 0 {
			t.Errorf("put with a context that is done: %v", err)
		}
		if err := q.Put(t.Context(), 1, 0); err != nil || q.Len() != 1 {
			t.Errorf("put: %v", err)
		}
		ctx, cancel = context.WithCancelCause(t.Context())
		go func() { put <- q.Put(ctx, 2, time.Hour) }()
		synctest.Wait()
		cancel(gone)
		if err := <-put; err != gone {
			t.Errorf("put: %v", err)
		}
		for range q.All(ctx) {
			t.Error("a value for a context that is done")
		}
		for value := range q.All(t.Context()) {
			if value != 1 {
				t.Errorf("value %d", value)
			}
			break
		}
	})
}

// A panic of shed reaches the caller, and leaves no lock behind.
func TestShedQueueFaultPanic(t *testing.T) {
	q := NewShedQueue(1, 0, func(int) { panic("boom") })
	for range 3 {
		func() {
			defer func() { _ = recover() }()
			_ = q.PutLatest(1)
		}()
	}
	q.Close()
	if _, err := q.Take(t.Context()); err != nil && err != ErrShedQueueClosed {
		t.Error(err)
	}
}

// Every accepted value is taken or shed, once.
func TestShedQueueConcurrent(t *testing.T) {
	var taken, shed, accepted atomic.Int64
	q := NewShedQueue(4, 0, func(int) { shed.Add(1) })
	var producers, consumers sync.WaitGroup
	for i := range 6 {
		producers.Go(func() {
			random := rand.New(rand.NewPCG(uint64(i), 3))
			for j := range 500 {
				var err error
				switch random.IntN(3) {
				case 0:
					err = q.PutLatest(j)
				case 1:
					err = q.Put(t.Context(), j, 0)
				default:
					err = q.Put(t.Context(), j, 10*time.Microsecond)
				}
				if err == nil {
					accepted.Add(1)
				} else if err == ErrShedQueueClosed {
					return
				}
				if i == 0 && j == 300 {
					go q.Close()
				}
			}
		})
	}
	for range 2 {
		consumers.Go(func() {
			for range q.All(t.Context()) {
				taken.Add(1)
			}
		})
	}
	producers.Wait()
	q.Close()
	consumers.Wait()
	if taken.Load()+shed.Load() != accepted.Load() || q.Len() != 0 {
		t.Errorf("%d accepted, %d taken, %d shed", accepted.Load(), taken.Load(), shed.Load())
	}
}

func TestShedQueueEdges(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic for a capacity of 0")
		}
	}()
	q := NewShedQueue[int](1, -1, nil)
	_ = q.PutLatest(1)
	_ = q.PutLatest(2) // nobody is told
	if value, err := q.Take(t.Context()); value != 2 || err != nil {
		t.Errorf("%d, %v", value, err)
	}
	NewShedQueue[int](0, 0, nil)
}

// A value costs less than four times as much as in a plain channel, for the lock
// that makes closing safe, and with a largest age for reading the clock twice.
// None of them allocates, and refusing a value costs less than passing one on.
//
//claim:ask What does a queue with load shedding cost, compared to a channel?
//claim:expect allocs/op of=shed == 0
//claim:expect allocs/op of=shed-age == 0
//claim:expect allocs/op of=refused == 0
//claim:expect ns/op of=shed < 4x of=channel
//claim:expect ns/op of=refused < 1x of=shed
//claim:source https://pkg.go.dev/sync#RWMutex
func BenchmarkShedQueue(b *testing.B) {
	ctx := context.Background()
	run := func(b *testing.B, q *ShedQueue[int]) {
		b.ReportAllocs()
		for b.Loop() {
			if err := q.Put(ctx, 1, 0); err != nil {
				b.Fatal(err)
			}
			if _, err := q.Take(ctx); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("of=shed", func(b *testing.B) { run(b, NewShedQueue[int](64, 0, nil)) })
	b.Run("of=shed-age", func(b *testing.B) { run(b, NewShedQueue[int](64, time.Hour, nil)) })
	b.Run("of=refused", func(b *testing.B) {
		q := NewShedQueue[int](1, 0, nil)
		_ = q.Put(ctx, 1, 0)
		b.ReportAllocs()
		for b.Loop() {
			if err := q.Put(ctx, 1, 0); err != ErrShedQueueFull {
				b.Fatal(err)
			}
		}
	})
	b.Run("of=channel", func(b *testing.B) {
		c := make(chan int, 64)
		b.ReportAllocs()
		for b.Loop() {
			select {
			case c <- 1:
			default:
				b.Fatal("full")
			}
			<-c
		}
	})
}
