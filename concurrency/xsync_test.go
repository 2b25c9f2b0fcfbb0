package concurrency

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-deep-dive/godeep/internal/proof"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"
	"golang.org/x/sync/singleflight"
)

// xsyncAfter returns a function that waits for d and returns err.
func xsyncAfter(d time.Duration, err error) func() error {
	return func() error {
		time.Sleep(d)
		return err
	}
}

// Wait returns the error that was returned first in time, not the one of the
// first Go call, and only after all functions have returned. The errors that
// come later are dropped. To have all of them, collect them in a slice, one
// place per function, and use errors.Join.
//
//claim:ask Which error does errgroup.Group.Wait return if several functions fail?
//claim:source https://pkg.go.dev/golang.org/x/sync/errgroup#Group.Wait
func TestErrgroupFirstError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		slow, fast := errors.New("slow"), errors.New("fast")
		var group errgroup.Group
		group.Go(xsyncAfter(2*time.Second, slow))
		group.Go(xsyncAfter(time.Second, fast))
		group.Go(xsyncAfter(3*time.Second, nil))
		assert.Equal(t, fast, group.Wait())
		assert.Equal(t, 3*time.Second, time.Since(start), "waits for all")

		var all sync.WaitGroup
		errs := make([]error, 3)
		for i, err := range []error{slow, nil, fast} {
			all.Go(func() { errs[i] = err })
		}
		all.Wait()
		assert.EqualError(t, errors.Join(errs...), "slow\nfast")
	})
}

// WithContext returns a context that ends with the first error, so that the
// others can stop early if they look at it; its cause is that error. Nothing
// forces them: a function that ignores the context runs to its end, and Wait
// waits for it. A zero Group is valid too; an error then stops nobody.
//
//claim:ask What does errgroup.WithContext add to a plain errgroup.Group?
//claim:source https://pkg.go.dev/golang.org/x/sync/errgroup#WithContext
func TestErrgroupWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		failed := errors.New("failed")
		waits := func(ctx context.Context) func() error {
			return func() error {
				select {
				case <-time.After(time.Hour):
					return nil
				case <-ctx.Done():
					return ctx.Err()
				}
			}
		}
		start := time.Now()
		group, ctx := errgroup.WithContext(t.Context())
		group.Go(waits(ctx))
		group.Go(xsyncAfter(time.Second, failed))
		assert.Equal(t, failed, group.Wait(), "and not the context canceled of the other")
		assert.Equal(t, time.Second, time.Since(start))
		assert.Equal(t, failed, context.Cause(ctx))

		start = time.Now()
		var zero errgroup.Group
		zero.Go(waits(t.Context()))
		zero.Go(xsyncAfter(time.Second, failed))
		assert.Equal(t, failed, zero.Wait())
		assert.Equal(t, time.Hour, time.Since(start))
	})
}

// The context of WithContext is cancelled when Wait returns, also if all went
// well. It belongs to the group. The trap is to shadow the outer one: with
// group, ctx := errgroup.WithContext(ctx), what comes after Wait and uses ctx
// fails with context canceled. Give it another name, or keep it in an inner
// block.
//
//claim:ask All functions of my errgroup succeeded, and the next call fails with context canceled. Why?
//claim:source https://pkg.go.dev/golang.org/x/sync/errgroup#WithContext
func TestErrgroupContextAfterWait(t *testing.T) {
	group, ctx := errgroup.WithContext(t.Context())
	group.Go(func() error { return nil })
	require.NoError(t, ctx.Err())
	require.NoError(t, group.Wait())
	assert.Equal(t, context.Canceled, ctx.Err())
	assert.NoError(t, t.Context().Err())
}

// SetLimit(n) lets at most n functions run at once: a further call of Go blocks
// until one returns, and TryGo returns false instead. So a Go call inside a
// function of the same group can deadlock. A limit of 0 blocks every Go for
// ever, a negative one means no limit. Changing the limit while functions run
// panics.
//
//claim:ask What happens when an errgroup has reached its SetLimit?
//claim:source https://pkg.go.dev/golang.org/x/sync/errgroup#Group.SetLimit
func TestErrgroupLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var group errgroup.Group
		group.SetLimit(2)
		for range 4 {
			group.Go(xsyncAfter(time.Second, nil))
		}
		assert.Equal(t, time.Second, time.Since(start), "the third Go had to wait")
		synctest.Wait()
		assert.False(t, group.TryGo(xsyncAfter(time.Second, nil)), "two run")
		assert.PanicsWithError(t, "errgroup: modify limit while 2 goroutines in the group are still active", func() { group.SetLimit(3) })
		require.NoError(t, group.Wait())
		assert.Equal(t, 2*time.Second, time.Since(start))
		assert.True(t, group.TryGo(xsyncAfter(0, nil)))
		require.NoError(t, group.Wait())

		nested := true
		group.SetLimit(1)
		group.Go(func() error {
			nested = group.TryGo(xsyncAfter(0, nil)) // Go would wait for its own end
			return nil
		})
		require.NoError(t, group.Wait())
		assert.False(t, nested)

		group.SetLimit(0)
		assert.False(t, group.TryGo(xsyncAfter(0, nil)))
		group.SetLimit(-1)
		assert.True(t, group.TryGo(xsyncAfter(0, nil)))
		require.NoError(t, group.Wait())
	})
}

// It crashes the program, as in every other goroutine: the group does not
// recover. A recover around Wait does not help, because the panic is in another
// goroutine. You may read that Wait passes the panic on to its caller; that was
// released in 2025 and taken back. Recover inside the function and return an
// error, if that is what you want.
//
//claim:ask What happens when a function of an errgroup panics?
//claim:source https://go.dev/issue/53757
//claim:source https://pkg.go.dev/golang.org/x/sync/errgroup
func TestErrgroupPanic(t *testing.T) {
	if proof.InChild(t) {
		defer func() {
			if r := recover(); r != nil {
				fmt.Println("recovered:", r)
			}
		}()
		var group errgroup.Group
		group.Go(func() error { panic("out of errgroup") })
		_ = group.Wait() // may return, since the dying goroutine runs its deferred calls
		select {}
	}
	out, err := proof.Child(t, ctxRaceExit)
	require.ErrorContains(t, err, "exit status 2")
	assert.Contains(t, out, "panic: out of errgroup")
	assert.NotContains(t, out, "recovered:")

	var group errgroup.Group
	group.Go(func() (err error) {
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("panic: %v", r)
			}
		}()
		panic("inside")
	})
	assert.EqualError(t, group.Wait(), "panic: inside")
}

// Take errgroup when the goroutines return errors, when the first error should
// stop the others, or when their number needs a limit; take sync.WaitGroup for
// goroutines that cannot fail. Neither collects results: write them to
// different elements of a slice, which needs no lock. Both wait for all and
// both let a panic end the program. errgroup has no way to return all errors.
//
//claim:ask When do you use errgroup and when sync.WaitGroup?
//claim:source https://pkg.go.dev/golang.org/x/sync/errgroup#Group
//claim:source https://pkg.go.dev/sync#WaitGroup
func TestErrgroupOrWaitGroup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		running, most := 0, 0
		var mu sync.Mutex
		fetch := func(ctx context.Context, name string) (int, error) {
			mu.Lock()
			running++
			most = max(most, running)
			mu.Unlock()
			defer func() {
				mu.Lock()
				running--
				mu.Unlock()
			}()
			select {
			case <-time.After(time.Second):
			case <-ctx.Done():
				return 0, ctx.Err()
			}
			if name == "" {
				return 0, io.ErrUnexpectedEOF
			}
			return len(name), nil
		}
		start := time.Now()
		got, err := xsyncFetchAll(t.Context(), []string{"a", "bb", "ccc", "dddd"}, 2, fetch)
		require.NoError(t, err)
		assert.Equal(t, []int{1, 2, 3, 4}, got, "in order")
		assert.Equal(t, 2, most)
		assert.Equal(t, 2*time.Second, time.Since(start))

		start = time.Now()
		_, err = xsyncFetchAll(t.Context(), append([]string{""}, slices.Repeat([]string{"x"}, 100)...), 2, fetch)
		assert.Equal(t, io.ErrUnexpectedEOF, err)
		assert.Equal(t, time.Second, time.Since(start), "the other 99 end at once")
	})
}

// No: after an error Go still starts every function that it is given. The group
// only cancels the context, so a loop of Go calls goes on and each new function
// has to look at the context itself. Check ctx.Err in the loop or at the start
// of the function, where starting it is already expensive.
//
//claim:ask Does an errgroup stop starting functions after the first error?
//claim:source https://pkg.go.dev/golang.org/x/sync/errgroup
func TestErrgroupGoAfterError(t *testing.T) {
	group, ctx := errgroup.WithContext(t.Context())
	group.SetLimit(1)
	group.Go(func() error { return io.EOF })
	started := 0
	for range 10 {
		group.Go(func() error {
			started++ // one at a time, in order
			return ctx.Err()
		})
	}
	assert.Equal(t, io.EOF, group.Wait())
	assert.Equal(t, 10, started)
}

// First in, first out, over all weights. A request that does not fit yet makes
// all later ones wait, also those that would fit, so a large request cannot be
// overtaken for ever by small ones. TryAcquire fails as well while somebody
// waits. The price is unused room: a semaphore of 10 with 1 taken blocks
// everyone while a request for 10 waits.
//
//claim:ask Is semaphore.Weighted fair, and can a large request block small ones?
//claim:source https://pkg.go.dev/golang.org/x/sync/semaphore#Weighted
//claim:source https://pkg.go.dev/golang.org/x/sync/semaphore
func TestSemaphoreFair(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := semaphore.NewWeighted(10)
		require.NoError(t, s.Acquire(t.Context(), 1))
		order := make(chan string, 3)
		var group sync.WaitGroup
		request := func(name string, n int64) {
			group.Go(func() {
				if s.Acquire(t.Context(), n) == nil {
					order <- name
					s.Release(n)
				}
			})
			synctest.Wait() // it is in the queue
		}
		request("large", 10)
		request("small", 1)
		assert.Empty(t, order, "there is room for the small one")
		assert.False(t, s.TryAcquire(1), "and TryAcquire does not overtake either")
		s.Release(1)
		group.Wait()
		assert.Equal(t, "large", <-order)
		assert.Equal(t, "small", <-order)
		assert.True(t, s.TryAcquire(10))
		assert.False(t, s.TryAcquire(1))
	})
}

// Acquire waits until there is room or until ctx is done, and then returns
// ctx.Err and holds nothing. A request for more than the size of the semaphore
// can never succeed, and Acquire does not say so: it blocks until the context
// ends, with context.Background for ever. It is not put into the queue, so
// others are not blocked by it. A context that is done already fails even if
// there is room.
//
//claim:ask What does Acquire of a weighted semaphore do with its context, and with a weight above its size?
//claim:source https://pkg.go.dev/golang.org/x/sync/semaphore#Weighted.Acquire
func TestSemaphoreContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := semaphore.NewWeighted(2)
		start := time.Now()
		tooLarge := make(chan error)
		go func() {
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			tooLarge <- s.Acquire(ctx, 3)
		}()
		synctest.Wait()
		assert.True(t, s.TryAcquire(2), "not blocked by the hopeless one")
		assert.Equal(t, context.DeadlineExceeded, <-tooLarge)
		assert.Equal(t, time.Hour, time.Since(start))

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		assert.Equal(t, context.DeadlineExceeded, s.Acquire(ctx, 1))
		s.Release(2)
		assert.Equal(t, context.DeadlineExceeded, s.Acquire(ctx, 1), "although there is room")
		assert.True(t, s.TryAcquire(2), "nothing is held")
	})
}

// Releasing more than is held panics with: semaphore: released more than held.
// The semaphore does not know who holds it, so a goroutine can release what
// another one acquired, and a Release too many by one goroutine may go
// unnoticed while others hold some. A negative weight panics too.
//
//claim:ask What happens if a weighted semaphore is released too often?
//claim:source https://pkg.go.dev/golang.org/x/sync/semaphore#Weighted.Release
func TestSemaphoreReleaseTooOften(t *testing.T) {
	s := semaphore.NewWeighted(2)
	require.True(t, s.TryAcquire(2))
	s.Release(1)
	s.Release(1) // a mistake of one of two holders, unnoticed
	assert.PanicsWithValue(t, "semaphore: released more than held", func() { s.Release(1) })
	assert.PanicsWithValue(t, "semaphore: n < 0", func() { s.TryAcquire(-1) })
	assert.PanicsWithValue(t, "semaphore: size < 0", func() { semaphore.NewWeighted(-1) })
}

// A channel with a buffer is a semaphore: send to acquire, receive to release,
// select for a context. It is as good where every holder takes one place, and
// neither allocates. semaphore.Weighted takes several places at once, without
// the deadlock of a loop that takes them one by one: two goroutines with half
// of the places each wait for ever. Without contention neither costs three
// times as much as the other.
//
//claim:ask Semaphore by buffered channel or semaphore.Weighted: which one, and what do they cost?
//claim:expect allocs/op of=channel == 0
//claim:expect allocs/op of=weighted == 0
//claim:expect ns/op of=weighted < 3x of=channel
//claim:expect ns/op of=channel < 3x of=weighted
//claim:source https://go.dev/ref/mem#chan
//claim:source https://pkg.go.dev/golang.org/x/sync/semaphore#Weighted
func BenchmarkSemaphoreChannel(b *testing.B) {
	b.Run("of=channel", func(b *testing.B) {
		slots := make(xsyncSlots, 4)
		b.ReportAllocs()
		for b.Loop() {
			slots.acquire()
			slots.release()
		}
	})
	b.Run("of=weighted", func(b *testing.B) {
		slots, ctx := semaphore.NewWeighted(4), context.Background()
		b.ReportAllocs()
		for b.Loop() {
			_ = slots.Acquire(ctx, 1)
			slots.Release(1)
		}
	})
}

func TestSemaphoreChannel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		weighted, slots := semaphore.NewWeighted(4), make(xsyncSlots, 4)
		for _, s := range []struct{ acquire, release func() }{
			{slots.acquire, slots.release},
			{func() { _ = weighted.Acquire(t.Context(), 1) }, func() { weighted.Release(1) }},
		} {
			start := time.Now()
			var group sync.WaitGroup
			for range 12 {
				group.Go(func() {
					s.acquire()
					defer s.release()
					time.Sleep(time.Second)
				})
			}
			group.Wait()
			assert.Equal(t, 3*time.Second, time.Since(start), "four at once")
		}

		// Two goroutines that take two places each, one by one.
		two := make(xsyncSlots, 2)
		for range 2 {
			go func() {
				two.acquire()
				time.Sleep(time.Second)
				two.acquire()
			}()
		}
		time.Sleep(time.Hour)
		assert.Len(t, two, 2, "both wait for the second place")
		for range 2 {
			two.release() // lets them end
		}
		synctest.Wait()
	})
}

// Yes: readers take 1 of n places and a writer takes all n. Because the queue
// is first in first out, a waiting writer holds up new readers and does not
// starve. Unlike sync.RWMutex it takes a context. It allows n readers at most,
// and each lock and unlock takes a mutex inside.
//
//claim:ask Can you build a read-write lock from a weighted semaphore?
//claim:source https://pkg.go.dev/golang.org/x/sync/semaphore
func TestSemaphoreReadersWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newXsyncReaders()
		require.NoError(t, l.read(t.Context()))
		require.NoError(t, l.read(t.Context()), "readers share")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		assert.Equal(t, context.DeadlineExceeded, l.write(ctx))

		wrote := make(chan bool)
		go func() {
			wrote <- l.write(t.Context()) == nil
		}()
		synctest.Wait()
		late, cancelLate := context.WithTimeout(t.Context(), time.Second)
		defer cancelLate()
		assert.Equal(t, context.DeadlineExceeded, l.read(late), "a writer waits")
		l.readDone()
		l.readDone()
		assert.True(t, <-wrote)
		l.writeDone()
	})
}

// Callers with the same key that arrive while a call is running wait for it and
// receive the same result, error and all. It is no cache: a caller who comes
// after the end starts a new call. The third result, shared, is true for all of
// them, the one that ran the function included, if there was more than one.
// They share the value itself, so nobody may modify it. Errors are shared too:
// one failure fails everyone who waited.
//
//claim:ask What does singleflight do, and what does its shared result mean?
//claim:source https://pkg.go.dev/golang.org/x/sync/singleflight#Group.Do
func TestSingleflightShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var group singleflight.Group
		calls := 0
		load := func() (any, error) {
			calls++
			time.Sleep(time.Second)
			return []int{calls}, io.EOF
		}
		const callers = 10
		var values [callers]any
		var wait sync.WaitGroup
		for i := range callers {
			wait.Go(func() {
				v, err, shared := group.Do("key", load)
				assert.Equal(t, io.EOF, err)
				assert.True(t, shared)
				values[i] = v
			})
		}
		wait.Wait()
		assert.Equal(t, 1, calls)
		values[0].([]int)[0] = 99
		assert.Equal(t, []int{99}, values[9], "one slice for all")

		_, _, shared := group.Do("key", load)
		assert.False(t, shared, "alone")
		assert.Equal(t, 2, calls, "no cache")
		wait.Go(func() { _, _, _ = group.Do("one", load) })
		synctest.Wait()
		_, _, _ = group.Do("other", func() (any, error) { return nil, nil }) // does not wait for one
		wait.Wait()
	})
}

// The function runs with the context of whoever came first. If that caller
// gives up, the call fails with context canceled for everybody, though the
// others are in no hurry. Run the function with context.WithoutCancel and a
// timeout of its own, and let each caller wait with its own context: DoChan
// returns a channel for a select. With Do a caller cannot stop waiting at all.
//
//claim:ask With singleflight some callers get context canceled although their context is fine. Why?
//claim:source https://pkg.go.dev/golang.org/x/sync/singleflight#Group.DoChan
func TestSingleflightCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		loads := 0
		load := func(ctx context.Context, key string) (int, error) {
			loads++
			return len(key), timerPause(ctx, time.Minute)
		}
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()

		var group singleflight.Group
		go func() {
			_, _, _ = group.Do("key", func() (any, error) { return load(impatient, "key") })
		}()
		synctest.Wait()
		_, err, _ := group.Do("key", func() (any, error) { return load(t.Context(), "key") })
		assert.Equal(t, context.DeadlineExceeded, err, "of the other caller")

		cache := &xsyncCache{values: map[string]int{}, load: load}
		impatient, cancel = context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		first := make(chan error, 1)
		go func() {
			_, err := cache.get(impatient, "key")
			first <- err
		}()
		synctest.Wait()
		v, err := cache.get(t.Context(), "key")
		assert.NoError(t, err)
		assert.Equal(t, 3, v)
		assert.Equal(t, context.DeadlineExceeded, <-first)
		assert.Equal(t, 2, loads)
		_, err = cache.get(t.Context(), "key")
		assert.NoError(t, err)
		assert.Equal(t, 2, loads, "from the cache")
	})
}

// Forget(key) lets the next caller start a new call at once, although an old
// one is running. Those who wait for the old one still receive its result. It
// is for calls whose result is known to be stale, such as after a write, or for
// a limit on how long callers may join one slow call. Two calls for one key
// then run at the same time.
//
//claim:ask What is singleflight's Forget for?
//claim:source https://pkg.go.dev/golang.org/x/sync/singleflight#Group.Forget
func TestSingleflightForget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var group singleflight.Group
		version := 1
		read := func() (any, error) {
			v := version
			time.Sleep(time.Second)
			return v, nil
		}
		old := group.DoChan("key", read)
		joined := group.DoChan("key", read)
		synctest.Wait()
		version = 2
		group.Forget("key")
		fresh := group.DoChan("key", read)
		assert.Equal(t, singleflight.Result{Val: 1, Shared: true}, <-old)
		assert.Equal(t, singleflight.Result{Val: 1, Shared: true}, <-joined)
		assert.Equal(t, singleflight.Result{Val: 2}, <-fresh)
	})
}

// A panic in the function panics in every caller of Do, with the stack of the
// original in the text, so each can recover. With DoChan nobody could, so the
// group panics in a goroutine of its own and the program ends. A runtime.Goexit
// ends the goroutine of each caller of Do, and a waiting DoChan never receives
// anything.
//
//claim:ask What happens to the waiting callers when a singleflight function panics?
//claim:source https://pkg.go.dev/golang.org/x/sync/singleflight
func TestSingleflightPanic(t *testing.T) {
	if proof.InChild(t) {
		defer func() { fmt.Println("recovered:", recover()) }()
		var group singleflight.Group
		<-group.DoChan("key", func() (any, error) { panic("in DoChan") })
		return
	}
	synctest.Test(t, func(t *testing.T) {
		var group singleflight.Group
		var wait sync.WaitGroup
		recovered := make(chan error, 3)
		for range 3 {
			wait.Go(func() {
				defer func() { recovered <- recover().(error) }()
				_, _, _ = group.Do("key", func() (any, error) {
					time.Sleep(time.Second)
					panic(io.EOF)
				})
			})
		}
		wait.Wait()
		for range 3 {
			err := <-recovered
			assert.ErrorIs(t, err, io.EOF)
			assert.ErrorContains(t, err, "TestSingleflightPanic", "the stack of the function")
		}

		exited := 3
		for range 3 {
			wait.Go(func() {
				_, _, _ = group.Do("key", func() (any, error) {
					time.Sleep(time.Second)
					runtime.Goexit()
					return nil, nil
				})
				exited-- // never reached
			})
		}
		wait.Wait()
		assert.Equal(t, 3, exited)

		result := group.DoChan("key", func() (any, error) {
			runtime.Goexit()
			return nil, nil
		})
		synctest.Wait()
		assert.Empty(t, result, "for ever")
	})
	out, err := proof.Child(t, ctxRaceExit)
	require.Error(t, err)
	assert.Contains(t, out, "panic: in DoChan")
	assert.NotContains(t, out, "recovered:")
}
