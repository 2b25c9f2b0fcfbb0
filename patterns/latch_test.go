package patterns

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// Let all of them wait on one channel, and close it: closing wakes every
// receiver, while a send wakes one. Here none of ten goroutines has passed
// before the signal, and all have passed after it.
//
//claim:ask How do you make many goroutines start at the same time?
//claim:source https://go.dev/ref/spec#Close
func TestLatchStartSignal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := NewLatch(1)
		var passed atomic.Int64
		for range 10 {
			go func() {
				if err := start.Wait(t.Context()); err == nil {
					passed.Add(1)
				}
			}()
		}
		synctest.Wait()
		if passed.Load() != 0 {
			t.Errorf("%d passed before the signal", passed.Load())
		}
		start.Done()
		synctest.Wait()
		if passed.Load() != 10 {
			t.Errorf("%d passed after the signal", passed.Load())
		}
	})
}

// WaitGroup.Wait takes no context, so a wait that may be given up needs a
// channel. A goroutine that calls Wait and closes a channel is the usual
// advice, but it stays behind until the group is done. A latch has the channel
// from the start.
//
//claim:ask How do you wait for a group of events, but not longer than a timeout?
//claim:source https://pkg.go.dev/sync#WaitGroup.Wait
func TestLatchWaitEndsWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		latch := NewLatch(2)
		latch.Done()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if err := latch.Wait(ctx); err != context.DeadlineExceeded || time.Since(start) != time.Second {
			t.Errorf("error %v after %v", err, time.Since(start))
		}
		latch.Done()
		if err := latch.Wait(ctx); err != nil {
			t.Errorf("an open latch: %v", err)
		}

		// The usual advice leaves a goroutine behind.
		var group sync.WaitGroup
		var left atomic.Bool
		group.Add(1)
		done := make(chan struct{})
		go func() {
			left.Store(true)
			group.Wait()
			close(done)
			left.Store(false)
		}()
		select {
		case <-done:
			t.Error("nobody called Done")
		case <-time.After(time.Hour):
		}
		if !left.Load() {
			t.Error("no goroutine is left")
		}
		group.Done()
		<-done
	})
}

func TestLatchCounts(t *testing.T) {
	for _, count := range []int{-1, 0} {
		if err := NewLatch(count).Wait(t.Context()); err != nil {
			t.Errorf("count %d: %v", count, err)
		}
	}
	latch := NewLatch(100)
	var wg sync.WaitGroup
	for range 150 { // more than needed
		wg.Go(latch.Done)
	}
	wg.Wait()
	select {
	case <-latch.Opened():
	default:
		t.Error("not open")
	}
}

func TestLatchFaultCancelled(t *testing.T) {
	cause := errors.New("shutting down")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	if err := NewLatch(1).Wait(ctx); err != cause {
		t.Errorf("error %v", err)
	}
}

// A worker that panics counts too, if Done is deferred.
func TestLatchFaultPanic(t *testing.T) {
	latch := NewLatch(1)
	go func() {
		defer func() { _ = recover() }()
		defer latch.Done()
		panic("broken")
	}()
	if err := latch.Wait(t.Context()); err != nil {
		t.Error(err)
	}
}

// Waiting for an open latch allocates nothing, and so does counting.
//
//claim:ask What does a latch cost once it is open?
//claim:expect allocs/op == 0
//claim:source runtime/chan.go
func BenchmarkLatch(b *testing.B) {
	latch := NewLatch(1)
	latch.Done()
	b.ReportAllocs()
	for b.Loop() {
		latch.Done()
		if err := latch.Wait(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
