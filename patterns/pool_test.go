package patterns

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A worker pool is a fixed number of goroutines that take tasks from one
// queue. Here six tasks of a second on two workers take three seconds, never
// more than two at a time, and each runs once. Waiting is part of the pool:
// when Wait returns, all tasks have ended and no goroutine is left.
//
//claim:ask How do you implement a worker pool in Go?
//claim:source https://go.dev/blog/pipelines
func TestPoolRunsAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls, running, most atomic.Int64
		pool := NewPool(t.Context(), 2)
		start := time.Now()
		for range 6 {
			err := pool.Submit(func(context.Context) error {
				calls.Add(1)
				now := running.Add(1)
				for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
				}
				time.Sleep(time.Second)
				running.Add(-1)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		err := pool.Wait()
		if err != nil || calls.Load() != 6 || most.Load() != 2 || time.Since(start) != 3*time.Second {
			t.Errorf("error %v, %d calls, %d at a time, %v", err, calls.Load(), most.Load(), time.Since(start))
		}
	})
}

// Tasks start in the order of their submission. They end in any order, so one
// worker is what keeps the whole order.
func TestPoolOrder(t *testing.T) {
	pool := NewPool(t.Context(), 1)
	var order []int // only the one worker writes it
	for i := range 500 {
		if err := pool.Submit(func(context.Context) error { order = append(order, i); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	if err := pool.Wait(); err != nil {
		t.Fatal(err)
	}
	for i, got := range order {
		if i != got {
			t.Fatalf("task %d ran as number %d", got, i)
		}
	}
	if len(order) != 500 {
		t.Errorf("%d tasks ran", len(order))
	}
}

// For work that waits, such as requests, the size of the pool is the number of
// requests that the other side and your memory can bear: with tasks of one
// second, ten workers do in ten seconds what one does in a hundred. For work
// that computes, more workers than processors add nothing but switching, so
// GOMAXPROCS is the size, which is the default here.
//
//claim:ask How do you choose the number of workers in a pool?
//claim:source https://pkg.go.dev/runtime#GOMAXPROCS
func TestPoolSize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		took := func(workers int) time.Duration {
			start := time.Now()
			pool := NewPool(t.Context(), workers)
			for range 100 {
				_ = pool.Submit(func(context.Context) error { time.Sleep(time.Second); return nil })
			}
			if err := pool.Wait(); err != nil {
				t.Fatal(err)
			}
			return time.Since(start)
		}
		if one, ten := took(1), took(10); one != 100*time.Second || ten != 10*time.Second {
			t.Errorf("1 worker: %v, 10 workers: %v", one, ten)
		}
		byDefault := time.Duration(float64(100*time.Second) / float64(runtime.GOMAXPROCS(0)))
		if got := took(0); got < byDefault || got > byDefault+time.Second {
			t.Errorf("default: %v, want about %v", got, byDefault)
		}
	})
}

// A bounded queue turns a fast producer into a waiting one. Submit blocks once
// the workers are busy and the queue is full, so the memory in use has a limit.
// An unbounded queue only hides the overload until memory runs out. If waiting
// is wrong, because a user waits too, reject the task instead.
//
//claim:ask What should a pool do when tasks arrive faster than they are done?
//claim:source https://sre.google/sre-book/addressing-cascading-failures/
func TestPoolBackPressure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		pool := NewPool(t.Context(), 1)
		var submitted atomic.Int64
		go func() {
			for range 500 {
				if err := pool.Submit(func(context.Context) error { <-release; return nil }); err != nil {
					t.Error(err)
				}
				submitted.Add(1)
			}
		}()
		synctest.Wait()
		// One task runs, and 256 are queued. Submit may still wait with one
		// place free, since it is woken when half of the queue is.
		if got := submitted.Load(); got != 256 && got != 257 {
			t.Errorf("%d tasks were accepted while nothing moved, want 256 or 257", got)
		}
		close(release)
		synctest.Wait()
		if err := pool.Wait(); err != nil || submitted.Load() != 500 {
			t.Errorf("error %v, %d submitted", err, submitted.Load())
		}
	})
}

// The first error stops the pool. Running tasks see their context cancelled,
// queued ones are not started, callers that wait in Submit return, and Wait
// gives the error.
//
//claim:ask One task of a pool fails: what happens to the running, the queued and the coming ones?
//claim:source https://pkg.go.dev/golang.org/x/sync/errgroup#WithContext
func TestPoolFaultError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		pool := NewPool(t.Context(), 2)
		var started atomic.Int64
		var refused error
		fail := func(context.Context) error { started.Add(1); time.Sleep(time.Second); return broken }
		wait := func(ctx context.Context) error { started.Add(1); <-ctx.Done(); return ctx.Err() }
		if err := pool.Submit(fail); err != nil {
			t.Fatal(err)
		}
		for refused == nil { // until the full queue blocks and the error frees it
			refused = pool.Submit(wait)
		}
		if err := pool.Wait(); err != broken || refused != broken || started.Load() != 2 {
			t.Errorf("Wait: %v, Submit: %v, %d started", err, refused, started.Load())
		}
		if err := pool.Submit(wait); err != ErrPoolClosed {
			t.Errorf("Submit after Wait: %v", err)
		}
	})
}

func TestPoolFaultCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cause := errors.New("shutting down")
		ctx, cancel := context.WithCancelCause(t.Context())
		pool := NewPool(ctx, 2)
		var started atomic.Int64
		for range 10 {
			err := pool.Submit(func(ctx context.Context) error {
				started.Add(1)
				<-ctx.Done()
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		cancel(cause)
		synctest.Wait()
		if err := pool.Submit(func(context.Context) error { return nil }); err != cause {
			t.Errorf("Submit: %v", err)
		}
		if err := pool.Wait(); err != cause || started.Load() != 2 {
			t.Errorf("Wait: %v, %d started", err, started.Load())
		}

		pool = NewPool(ctx, 2)
		if err := pool.Submit(func(context.Context) error { return nil }); err != cause {
			t.Errorf("cancelled before the start: Submit: %v", err)
		}
		if err := pool.Wait(); err != cause {
			t.Errorf("cancelled before the start: Wait: %v", err)
		}
	})
}

// A panic in a worker would end the whole program, whatever the caller
// recovers. So a pool recovers in the worker and panics again in Wait, with an
// error that carries the stack of the task. A panic is reported even if an
// error came first.
//
//claim:ask What happens to a pool when a task panics?
//claim:source https://go.dev/ref/spec#Handling_panics
func TestPoolFaultPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("broken")
		pool := NewPool(t.Context(), 2)
		_ = pool.Submit(func(context.Context) error { time.Sleep(time.Second); return errors.New("early") })
		_ = pool.Submit(func(ctx context.Context) error { <-ctx.Done(); poolPanics(broken); return nil })
		defer func() {
			err, ok := recover().(error)
			if !ok || !errors.Is(err, broken) || !strings.Contains(err.Error(), "poolPanics") {
				t.Errorf("recovered %v, want the panic with its stack", err)
			}
		}()
		t.Errorf("Wait returned %v", pool.Wait())
	})
}

func poolPanics(value any) { panic(value) }

func TestPoolFaultGoexit(t *testing.T) {
	pool := NewPool(t.Context(), 2)
	_ = pool.Submit(func(context.Context) error { runtime.Goexit(); return nil })
	if err := pool.Wait(); err == nil || !strings.Contains(err.Error(), "Goexit") {
		t.Errorf("error %v", err)
	}
}

func TestPoolFaultNilTask(t *testing.T) {
	pool := NewPool(t.Context(), 2)
	defer pool.Wait()
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	_ = pool.Submit(nil)
}

// A slow task keeps its own worker busy and nothing else.
func TestPoolFaultSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool := NewPool(t.Context(), 2)
		start := time.Now()
		_ = pool.Submit(func(context.Context) error { time.Sleep(time.Hour); return nil })
		for range 3600 {
			_ = pool.Submit(func(context.Context) error { time.Sleep(time.Second); return nil })
		}
		if err := pool.Wait(); err != nil || time.Since(start) != time.Hour {
			t.Errorf("error %v after %v", err, time.Since(start))
		}
	})
}

// Tasks may depend on each other as long as those that they wait for were
// submitted first or find a free worker: nothing queues behind a busy worker
// while another one is free.
func TestPoolTaskWaitsForLater(t *testing.T) {
	pool := NewPool(t.Context(), 2)
	ready := make(chan struct{})
	_ = pool.Submit(func(context.Context) error { <-ready; return nil })
	_ = pool.Submit(func(context.Context) error { close(ready); return nil })
	if err := pool.Wait(); err != nil {
		t.Fatal(err)
	}
}

// Many goroutines submit while others wait, and every accepted task runs.
func TestPoolConcurrentUse(t *testing.T) {
	pool := NewPool(t.Context(), 3)
	var ran, accepted atomic.Int64
	var producers sync.WaitGroup
	for range 8 {
		producers.Go(func() {
			for range 200 {
				if pool.Submit(func(context.Context) error { ran.Add(1); return nil }) == nil {
					accepted.Add(1)
				}
				if rand.IntN(50) == 0 {
					runtime.Gosched()
				}
			}
		})
	}
	producers.Wait()
	var waiters sync.WaitGroup
	for range 3 {
		waiters.Go(func() {
			if err := pool.Wait(); err != nil {
				t.Error(err)
			}
		})
	}
	waiters.Wait()
	if ran.Load() != 1600 || accepted.Load() != 1600 {
		t.Errorf("%d ran, %d accepted", ran.Load(), accepted.Load())
	}
}

// A pool that hands each task over through an unbuffered channel switches
// goroutines for every task. This is how most guides write it.
func poolByChannel(workers, n int, task func()) {
	tasks := make(chan func())
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for task := range tasks {
				task()
			}
		})
	}
	for range n {
		tasks <- task
	}
	close(tasks)
	wg.Wait()
}

func poolByPattern(ctx context.Context, workers, n int, task func()) {
	pool := NewPool(ctx, workers)
	call := func(context.Context) error { task(); return nil }
	for range n {
		_ = pool.Submit(call)
	}
	_ = pool.Wait()
}

// Handing each short task over through an unbuffered channel costs more than
// 1.5 times as much as a queue between the producer and the workers, even
// though this pool also carries errors, panics and cancellation. With an
// unbuffered channel, each task parks one goroutine and wakes another. With a
// queue, both sides go on as long as it is neither empty nor full. The
// difference is a part of a microsecond for each task: do not count it if a
// task takes a millisecond.
//
//claim:ask Why do a pool's workers take tasks from a queue and not from an unbuffered channel?
//claim:expect ns/op of=channel > 1.5x of=pool
//claim:expect allocs/op of=pool <= 40
//claim:source runtime/chan.go
func BenchmarkPoolQueue(b *testing.B) {
	b.Run("of=pool", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			poolByPattern(b.Context(), 4, 1000, func() {})
		}
	})
	b.Run("of=channel", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			poolByChannel(4, 1000, func() {})
		}
	})
}

func TestPoolRivalsAgree(t *testing.T) {
	var byChannel, byPattern atomic.Int64
	poolByChannel(4, 1000, func() { byChannel.Add(1) })
	poolByPattern(t.Context(), 4, 1000, func() { byPattern.Add(1) })
	if byChannel.Load() != 1000 || byPattern.Load() != 1000 {
		t.Errorf("%d by channel, %d by pattern", byChannel.Load(), byPattern.Load())
	}
}
