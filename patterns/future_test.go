package patterns

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

var errFutureTest = errors.New("call failed")

// futureAfter returns a function that takes d and returns v.
func futureAfter(d time.Duration, v int) func(context.Context) (int, error) {
	return func(ctx context.Context) (int, error) {
		select {
		case <-time.After(d):
			return v, nil
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		}
	}
}

// Go needs no async and await: every function may block, because only its goroutine
// waits, and functions are not divided into two kinds. What remains of a future is
// the result of a call that runs meanwhile: a goroutine that stores the result and
// then closes a channel, and a method that waits for the channel. Two calls of one
// and two seconds take two seconds together. Often a plain call, or a group with
// one Wait, is all that is needed.
//
//claim:ask What do futures, or async and await, look like in Go?
//claim:source https://go.dev/ref/mem#chan
func TestFutureAwait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		one := StartFuture(t.Context(), futureAfter(time.Second, 1))
		two := StartFuture(t.Context(), futureAfter(2*time.Second, 2))
		for range 2 { // as often as wanted
			if v, err := two.Await(t.Context()); v != 2 || err != nil {
				t.Errorf("Await = %d, %v", v, err)
			}
			if v, err := one.Await(t.Context()); v != 1 || err != nil {
				t.Errorf("Await = %d, %v", v, err)
			}
		}
		if d := time.Since(start); d != 2*time.Second {
			t.Errorf("took %v", d)
		}
		if _, err := StartFuture(t.Context(), func(context.Context) (int, error) { return 0, errFutureTest }).Await(t.Context()); err != errFutureTest {
			t.Errorf("Await = %v", err)
		}
	})
}

// Calls run side by side only if all are started before the first one is awaited.
// Starting and awaiting in the same iteration is a sequence with extra cost: three
// calls of one second take three seconds that way, and one second if a first loop
// starts them and a second loop awaits them.
//
//claim:ask Why do my futures run one after the other?
//claim:source https://go.dev/ref/spec#Go_statements
func TestFutureStartFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		for i := range 3 {
			StartFuture(t.Context(), futureAfter(time.Second, i)).Await(t.Context())
		}
		if d := time.Since(start); d != 3*time.Second {
			t.Errorf("start and await: %v", d)
		}
		start = time.Now()
		var futures []*Future[int]
		for i := range 3 {
			futures = append(futures, StartFuture(t.Context(), futureAfter(time.Second, i)))
		}
		values, err := AwaitAll(t.Context(), futures...)
		if d := time.Since(start); d != time.Second || err != nil || !slices.Equal(values, []int{0, 1, 2}) {
			t.Errorf("start all, then await: %v, %v, %v", d, values, err)
		}
	})
}

// futureRecovered returns the error that f panics with.
func futureRecovered(f func()) (err error) {
	defer func() { err, _ = recover().(error) }()
	f()
	return nil
}

// Run the function under a deferred recover in the goroutine, store what happened, and
// let whoever waits return the error or panic again. A recover in the caller does
// not help, because a panic unwinds only the stack of its own goroutine and then
// ends the program. The new panic value keeps the stack of the goroutine, which
// would be lost, and unwraps to the first value. There is a third way to end:
// runtime.Goexit, as called by t.FailNow, runs the deferred functions with nothing to
// recover; a flag set after the call tells it from a return.
//
//claim:ask How do you hand a goroutine's result, error or panic back to the caller?
//claim:source https://go.dev/ref/spec#Handling_panics
func TestFutureFaultPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		panicking := StartFuture(t.Context(), func(context.Context) (int, error) { panic(errFutureTest) })
		for range 2 {
			err := futureRecovered(func() { panicking.Await(t.Context()) })
			if !errors.Is(err, errFutureTest) || !strings.Contains(err.Error(), "TestFutureFaultPanic") {
				t.Errorf("panicked with %v", err)
			}
		}
		err := futureRecovered(func() { AwaitAll(t.Context(), StartFuture(t.Context(), futureAfter(0, 1)), panicking) })
		if !errors.Is(err, errFutureTest) {
			t.Errorf("AwaitAll panicked with %v", err)
		}

		text := StartFuture(t.Context(), func(context.Context) (int, error) { panic("text") })
		if err := futureRecovered(func() { text.Await(t.Context()) }); err == nil || errors.Unwrap(err) != nil {
			t.Errorf("panicked with %v", err)
		}
		none := StartFuture[int](t.Context(), nil)
		if err := futureRecovered(func() { none.Await(t.Context()) }); err == nil {
			t.Error("no panic of a nil function")
		}

		exiting := StartFuture(t.Context(), func(context.Context) (int, error) { runtime.Goexit(); return 1, nil })
		if v, err := exiting.Await(t.Context()); v != 0 || err == nil || !strings.Contains(err.Error(), "Goexit") {
			t.Errorf("Await = %d, %v", v, err)
		}
	})
}

// No. To give up waiting and to stop the work are two things: the context of Await
// limits the wait of one caller, the context that the function got limits the work.
// Here a caller gives up after one second, and one that waits longer still gets the
// result. If nobody wants it any more, cancel the function; it must look at its
// context for that, since nothing ends a goroutine from outside.
//
//claim:ask If I stop waiting for a future, does its function stop too?
//claim:source https://pkg.go.dev/context#Context
func TestFutureGiveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		future := StartFuture(t.Context(), futureAfter(time.Hour, 7))
		impatient, cancel := context.WithTimeoutCause(t.Context(), time.Second, errFutureTest)
		defer cancel()
		if _, err := future.Await(impatient); err != errFutureTest {
			t.Errorf("Await = %v", err)
		}
		if v, err := future.Await(t.Context()); v != 7 || err != nil {
			t.Errorf("Await = %d, %v", v, err)
		}
		if v, err := future.Await(impatient); v != 7 || err != nil {
			t.Errorf("a result that is ready: Await = %d, %v", v, err)
		}
	})
}

// Cancel, and the context given at the start, end the function; both are in time if
// the context was cancelled before the start.
func TestFutureFaultCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		future := StartFuture(t.Context(), futureAfter(time.Hour, 7))
		future.Cancel()
		if _, err := future.Await(t.Context()); !errors.Is(err, context.Canceled) {
			t.Errorf("Await = %v", err)
		}
		future.Cancel()

		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(errFutureTest)
		future = StartFuture(ctx, futureAfter(time.Hour, 7))
		if _, err := AwaitAll(t.Context(), future); err != errFutureTest {
			t.Errorf("AwaitAll = %v", err)
		}
		if _, err := future.Await(ctx); err != errFutureTest {
			t.Errorf("Await = %v", err)
		}
		if values, err := AwaitAll[int](t.Context()); len(values) != 0 || err != nil {
			t.Errorf("no futures: AwaitAll = %v, %v", values, err)
		}
	})
}

// Yes, if the end is told by closing a channel: every receive from a closed channel
// returns, now and later, and what was written before the close may be read after
// it without a lock. A result that is sent through a channel instead reaches one
// receiver only; the second one waits for ever.
//
//claim:ask Can several goroutines wait for the same result, and is it safe to read it without a lock?
//claim:source https://go.dev/ref/mem#chan
func TestFutureManyWaiters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls, got atomic.Int64
		future := StartFuture(t.Context(), func(context.Context) (*int, error) {
			calls.Add(1)
			time.Sleep(time.Second)
			return new(42), nil
		})
		var waiters sync.WaitGroup
		for range 100 {
			waiters.Go(func() {
				if v, err := future.Await(t.Context()); err == nil && *v == 42 {
					got.Add(1)
				}
			})
		}
		waiters.Wait()
		<-future.Done()
		if calls.Load() != 1 || got.Load() != 100 {
			t.Errorf("%d calls, %d of 100 got the result", calls.Load(), got.Load())
		}

		sent := make(chan int, 1)
		sent <- 42
		<-sent
		select {
		case <-sent:
			t.Error("a second receiver got the value")
		default:
		}
	})
}

// The goroutine must be able to leave its result behind although nobody receives
// it, so the channel needs room for it: with make(chan T, 1) a send never waits.
// Without the buffer a caller that gave up, because of a timeout or an earlier
// error, leaves the goroutine waiting in its send for ever. A future has no such
// send: it stores the result and closes a channel.
//
//claim:ask Why should the channel for a goroutine's result have a buffer of one?
//claim:source https://go.dev/ref/spec#Send_statements
func TestFutureResultChannel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for capacity, wantEnded := range []bool{false, true} {
			var ended atomic.Bool
			result := make(chan int, capacity)
			go func() {
				time.Sleep(2 * time.Second)
				result <- 1
				ended.Store(true)
			}()
			select {
			case <-result:
			case <-time.After(time.Second): // gave up
			}
			time.Sleep(time.Hour)
			if ended.Load() != wantEnded {
				t.Errorf("capacity %d: ended is %t an hour later", capacity, ended.Load())
			}
			<-result // for the goroutine that leaks
		}
	})
}

//go:noinline
func futureWork(context.Context) (int, error) { return 42, nil }

// A future costs a goroutine, a context and a channel, and so more than 20 times a
// call of a small function; with a bare channel it is more than 5 times. The
// future allocates at most 10 objects. Waiting again for one that has ended is cheap
// and allocates nothing. So start a future for a call that waits or computes long, and
// not in order to make a short one asynchronous.
//
//claim:ask What does it cost to run a function as a future instead of calling it?
//claim:expect ns/op of=future > 20x of=call
//claim:expect ns/op of=channel > 5x of=call
//claim:expect allocs/op of=future <= 10
//claim:expect allocs/op of=again == 0
//claim:expect ns/op of=future > 5x of=again
//claim:source https://go.dev/doc/effective_go#goroutines
func BenchmarkFutureCost(b *testing.B) {
	ctx := b.Context()
	ended := StartFuture(ctx, futureWork)
	<-ended.Done()
	for _, c := range []struct {
		name string
		f    func() (int, error)
	}{
		{"call", func() (int, error) { return futureWork(ctx) }},
		{"channel", func() (int, error) {
			result := make(chan int, 1)
			go func() {
				v, _ := futureWork(ctx)
				result <- v
			}()
			return <-result, nil
		}},
		{"future", func() (int, error) { return StartFuture(ctx, futureWork).Await(ctx) }},
		{"again", func() (int, error) { return ended.Await(ctx) }},
	} {
		b.Run("of="+c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if v, err := c.f(); v != 42 || err != nil {
					b.Fatal(v, err)
				}
			}
		})
	}
}
