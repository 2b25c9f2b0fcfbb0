package patterns

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func bulkheadSleep(d time.Duration) func(context.Context) error {
	return func(context.Context) error { time.Sleep(d); return nil }
}

// Two limits: how many calls run at a time, and how many may wait. Ten calls of
// one second come at once, where two may run and three may wait: five are served,
// after one, one, two, two and three seconds, in order, and five are refused at
// once. Without a limit for the queue, all would wait, and the last ones for
// longer than their clients do.
//
//claim:ask What is a bulkhead, and what does it do with calls beyond its limit?
//claim:source https://pkg.go.dev/github.com/failsafe-go/failsafe-go/bulkhead
func TestBulkheadLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBulkhead(2, 3)
		start := time.Now()
		var mu sync.Mutex
		var served []string
		var full, running, most int
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Go(func() {
				err := b.Do(t.Context(), func(context.Context) error {
					mu.Lock()
					running++
					most = max(most, running)
					mu.Unlock()
					time.Sleep(time.Second)
					mu.Lock()
					running--
					mu.Unlock()
					return nil
				})
				mu.Lock()
				defer mu.Unlock()
				if err == ErrBulkheadFull && time.Since(start) == 0 {
					full++
				} else {
					served = append(served, fmt.Sprint(i, " at ", time.Since(start)))
				}
			})
			synctest.Wait()
		}
		if b.Len() != 5 {
			t.Errorf("%d calls run or wait", b.Len())
		}
		wg.Wait()
		slices.Sort(served)
		want := []string{"0 at 1s", "1 at 1s", "2 at 2s", "3 at 2s", "4 at 3s"}
		if !slices.Equal(served, want) || full != 5 || most != 2 || b.Len() != 0 {
			t.Errorf("served %q, %d refused, %d at a time, %d left", served, full, most, b.Len())
		}
	})
}

// Workers that wait for the slow service are missing for the other ones. Here ten
// workers serve requests of which every second one calls a service that hangs for
// ten seconds. Soon all workers hang there, and the requests that do not need it
// wait too: 9 of 499 are served in the first ten seconds. With a bulkhead that
// lets five calls at a time into the slow service, the other five workers serve
// all of them. A timeout limits how long a call hangs, not how many do.
//
//claim:ask One slow dependency makes the whole service hang. How do you isolate it?
//claim:source https://pkg.go.dev/golang.org/x/sync/semaphore
func TestBulkheadIsolates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		serve := func(slow func(context.Context) error) (good int64) {
			requests := make(chan int, 1000)
			var served atomic.Int64
			var workers sync.WaitGroup
			for range 10 {
				workers.Go(func() {
					for request := range requests {
						if request%2 == 0 {
							_ = slow(t.Context())
						} else {
							time.Sleep(time.Millisecond)
							served.Add(1)
						}
					}
				})
			}
			for request := range 1000 {
				requests <- request
				time.Sleep(10 * time.Millisecond)
				synctest.Wait()
				if request == 998 {
					good = served.Load() // of 499 good requests so far
				}
			}
			close(requests)
			workers.Wait()
			return good
		}
		b := NewBulkhead(5, 0)
		hang := bulkheadSleep(10 * time.Second)
		if good := serve(hang); good != 9 {
			t.Errorf("without a bulkhead %d good requests were served", good)
		}
		if good := serve(func(ctx context.Context) error { return b.Do(ctx, hang) }); good != 499 {
			t.Errorf("with a bulkhead %d good requests were served", good)
		}
	})
}

// The number of calls in flight is their rate times their duration (Little's
// law). Fifty calls a second that take 0.2 seconds are ten in flight: a limit of
// ten refuses none, and a limit of nine every tenth call. If the dependency becomes
// four times as slow, a limit of ten lets about a quarter of the calls pass, 130
// of 500 here. So take rate times duration at the busiest time, and leave some
// room.
//
//claim:ask How do you choose the limit of concurrent calls?
//claim:source https://en.wikipedia.org/wiki/Little%27s_law
func TestBulkheadLittlesLaw(t *testing.T) {
	refused := func(limit int, duration time.Duration) (n int64) {
		synctest.Test(t, func(t *testing.T) {
			b := NewBulkhead(limit, 0)
			var refused atomic.Int64
			var wg sync.WaitGroup
			for range 500 {
				wg.Go(func() {
					if b.Do(t.Context(), bulkheadSleep(duration)) == ErrBulkheadFull {
						refused.Add(1)
					}
				})
				time.Sleep(20 * time.Millisecond)
			}
			wg.Wait()
			n = refused.Load()
		})
		return n
	}
	// A nanosecond less, so that a call has ended when the next one begins.
	ten, nine, slow := refused(10, 200*time.Millisecond-1), refused(9, 200*time.Millisecond-1), refused(10, 800*time.Millisecond-1)
	if ten != 0 || nine != 50 || slow != 370 {
		t.Errorf("refused of 500: %d with a limit of 10, %d of 9, %d when slow", ten, nine, slow)
	}
}

func TestBulkheadFaultCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := errors.New("user has gone")
		b := NewBulkhead(1, 1)
		go func() { _ = b.Do(t.Context(), bulkheadSleep(time.Minute)) }()
		synctest.Wait()
		ctx, cancel := context.WithCancelCause(t.Context())
		result := make(chan error)
		called := false
		go func() { result <- b.Do(ctx, func(context.Context) error { called = true; return nil }) }()
		synctest.Wait()
		if err := b.Do(t.Context(), bulkheadSleep(0)); err != ErrBulkheadFull {
			t.Errorf("third call: %v", err)
		}
		cancel(gone)
		if err := <-result; err != gone || called || b.Len() != 1 {
			t.Errorf("cancelled in the queue: %v, called %v, %d left", err, called, b.Len())
		}
		if err := b.Do(ctx, bulkheadSleep(0)); err != gone {
			t.Errorf("cancelled before: %v", err)
		}
		// The place in the queue is free again.
		if n, err := BulkheadDo(t.Context(), b, func(context.Context) (int, error) { return 7, nil }); n != 7 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		if _, err := BulkheadDo(ctx, b, func(context.Context) (int, error) { return 7, nil }); err != gone {
			t.Errorf("cancelled before: %v", err)
		}
		if b.Len() != 0 {
			t.Errorf("%d left", b.Len())
		}
	})
}

// A place must be given back in a deferred call. A panic that something further
// out recovers, as net/http does for each request, or a runtime.Goexit would
// otherwise keep it for ever, and after as many panics as there are places the
// dependency is cut off, without any error in the log.
//
//claim:ask What happens to a semaphore slot if the function that holds it panics?
//claim:source https://go.dev/ref/spec#Defer_statements
func TestBulkheadFaultPanic(t *testing.T) {
	b := NewBulkhead(2, 0)
	for _, end := range []func(){func() { panic("boom") }, runtime.Goexit} {
		for range 10 {
			done := make(chan any)
			go func() {
				defer func() { done <- recover() }()
				_ = b.Do(context.Background(), func(context.Context) error { end(); return nil })
			}()
			if value := <-done; value != nil && value != "boom" {
				t.Errorf("recovered %v", value)
			}
		}
	}
	if b.Len() != 0 || len(b.places) != 0 {
		t.Errorf("%d admitted, %d places taken", b.Len(), len(b.places))
	}
	leaky := make(chan struct{}, 2)
	for range 2 {
		func() {
			defer func() { _ = recover() }()
			leaky <- struct{}{}
			func() { panic("boom") }()
			<-leaky
		}()
	}
	if len(leaky) != cap(leaky) {
		t.Error("without defer the slots are not lost")
	}
}

func TestBulkheadConcurrent(t *testing.T) {
	const limit, queue = 3, 2
	b := NewBulkhead(limit, queue)
	var running, done, full, cancelled atomic.Int64
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			for j := range 300 {
				ctx, cancel := context.WithCancel(t.Context())
				if (i+j)%5 == 0 {
					go cancel()
				}
				err := b.Do(ctx, func(context.Context) error {
					if n := running.Add(1); n > limit {
						t.Errorf("%d run", n)
					}
					runtime.Gosched()
					running.Add(-1)
					return nil
				})
				switch err {
				case nil:
					done.Add(1)
				case ErrBulkheadFull:
					full.Add(1)
				case context.Canceled:
					cancelled.Add(1)
				default:
					t.Error(err)
				}
				cancel()
			}
		})
	}
	wg.Wait()
	if sum := done.Load() + full.Load() + cancelled.Load(); sum != 16*300 || done.Load() == 0 || b.Len() != 0 {
		t.Errorf("%d done, %d refused, %d cancelled, %d left", done.Load(), full.Load(), cancelled.Load(), b.Len())
	}
}

func TestBulkheadEdges(t *testing.T) {
	for _, bad := range []func(){func() { NewBulkhead(0, 1) }, func() { NewBulkhead(1, -1) }} {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			bad()
		}()
	}
	if NewBulkhead(1, int(^uint(0)>>1)).Do(t.Context(), bulkheadSleep(0)) != nil {
		t.Error("a queue without a limit overflows")
	}
}

// Neither a call that passes nor one that is refused allocates. A refused call
// only reads a number: it costs less than a third of one that passes, which also
// sends to a channel and receives from it. So refusing stays cheap just when many
// calls are refused.
//
//claim:ask What does it cost to limit concurrent calls, and to refuse the others?
//claim:expect allocs/op of=passed == 0
//claim:expect allocs/op of=refused == 0
//claim:expect ns/op of=passed > 3x of=refused
//claim:source https://pkg.go.dev/sync/atomic#Int64
func BenchmarkBulkhead(b *testing.B) {
	ctx := context.Background()
	work := func(context.Context) error { return nil }
	b.Run("of=passed", func(b *testing.B) {
		bulkhead := NewBulkhead(4, 4)
		b.ReportAllocs()
		for b.Loop() {
			if err := bulkhead.Do(ctx, work); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("of=refused", func(b *testing.B) {
		bulkhead := NewBulkhead(1, 0)
		_ = bulkhead.enter(ctx)
		b.ReportAllocs()
		for b.Loop() {
			if err := bulkhead.Do(ctx, work); err != ErrBulkheadFull {
				b.Fatal(err)
			}
		}
	})
	b.Run("of=naive", func(b *testing.B) {
		places := make(chan struct{}, 4)
		b.ReportAllocs()
		for b.Loop() {
			places <- struct{}{}
			_ = work(ctx)
			<-places
		}
	})
}
