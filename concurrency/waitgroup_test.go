package concurrency

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// A WaitGroup is a counter with a place to wait: Add changes it, Done subtracts
// one, and Wait returns when it is zero. At zero, as in the zero value, Wait returns
// at once. It knows nothing about goroutines, only the number: it starts none, stops
// none, limits none and carries no results. Whatever a task did before Done is
// visible after Wait.
//
//claim:ask How does a WaitGroup work, and how do I wait for several goroutines?
//claim:source https://pkg.go.dev/sync#WaitGroup
func TestWaitGroupCounter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var wg sync.WaitGroup
		wg.Wait() // nothing to wait for

		wg.Add(2)
		returned := false
		go func() {
			wg.Wait()
			returned = true
		}()
		wg.Done()
		synctest.Wait()
		require.False(t, returned, "one is left")
		wg.Add(3)
		wg.Add(-4) // no goroutine has ended, only the number counts
		synctest.Wait()
		require.True(t, returned)
	})
	require.Equal(t, []int{1, 4, 9}, squareAll([]int{1, 2, 3}))
}

// Go, since Go 1.25, is Add(1), a go statement and a deferred Done in one, so none of
// the three can be forgotten or misplaced. The function takes no arguments and
// returns nothing: what it needs is captured, and since Go 1.22 a loop variable can
// be captured as it is. The task is also done if it ends with runtime.Goexit, as
// t.FailNow does.
//
//claim:ask What does WaitGroup.Go do, and what does it replace?
//claim:source https://go.dev/doc/go1.25#syncpkgsync
//claim:source https://pkg.go.dev/sync#WaitGroup.Go
func TestWaitGroupGo(t *testing.T) {
	var old, new sync.WaitGroup
	results := make([]int, 4)
	for i := range 2 {
		old.Add(1)
		go func() {
			defer old.Done()
			results[i] = i + 1
		}()
		new.Go(func() { results[i+2] = i + 3 })
	}
	old.Wait()
	new.Wait()
	require.Equal(t, []int{1, 2, 3, 4}, results)

	new.Go(runtime.Goexit)
	new.Wait()
}

// The program ends, as after any panic that a goroutine does not recover. The
// function given to Go must not panic: Go does not turn the panic into an error, and
// it does not call Done either, so that Wait cannot return and the program cannot
// exit with status 0 before the panic is printed. Recover inside the function if the
// panic is to be survived; then Done is called as usual.
//
//claim:ask What happens if the function given to WaitGroup.Go panics?
//claim:source https://pkg.go.dev/sync#WaitGroup.Go
//claim:source sync/waitgroup.go
func TestWaitGroupPanic(t *testing.T) {
	if proof.InChild(t) {
		defer func() { println("recovered by the waiter:", recover() != nil) }()
		var wg sync.WaitGroup
		wg.Go(func() { panic("boom") })
		wg.Wait()
		println("waited")
	}
	output, err := proof.Child(t)
	require.Error(t, err)
	require.Contains(t, output, "panic: boom")
	require.NotContains(t, output, "recovered by the waiter")
	require.NotContains(t, output, "waited")

	var wg sync.WaitGroup
	var caught any
	wg.Go(func() {
		defer func() { caught = recover() }()
		panic("boom")
	})
	wg.Wait()
	require.Equal(t, "boom", caught)
}

// Wait may come first: the goroutine may not have run yet, the counter is still zero,
// and Wait returns before the work has begun. Add has to run before the go
// statement, in the goroutine that calls Wait or one that the group counts already.
// go vet reports the plain form since Go 1.25 (waitgroup). WaitGroup.Go cannot get it
// wrong.
//
//claim:ask What is wrong with calling wg.Add(1) inside the new goroutine?
//claim:source https://pkg.go.dev/sync#WaitGroup.Add
//claim:source https://go.dev/doc/go1.25#vet
func TestWaitGroupAddInside(t *testing.T) {
	var wg sync.WaitGroup
	start, worked := make(chan struct{}), make(chan bool, 1)
	go func() {
		<-start // the scheduler may take as long
		wg.Add(1)
		defer wg.Done()
		worked <- true
	}()
	wg.Wait()
	require.Empty(t, worked, "Wait has returned, the work has not begun")
	close(start)
	<-worked

	out, err := proof.Go(t, "vet", "./testdata/waitgroup/addinside")
	require.Error(t, err)
	require.Contains(t, out, "WaitGroup.Add called from inside new goroutine")
}

// The goroutine calls Done on its own copy, the counter of the original stays
// where it is, and Wait waits for ever. If all other goroutines have ended, the
// runtime reports a deadlock; in a server nothing is reported. go vet finds it
// (copylocks). Pass a *sync.WaitGroup, or do not pass it at all: a closure uses the
// original.
//
//claim:ask What happens if a WaitGroup is passed to a function by value?
//claim:source https://pkg.go.dev/sync#WaitGroup
func TestWaitGroupByValue(t *testing.T) {
	out, err := proof.Go(t, "run", "./testdata/waitgroup/byvalue")
	require.Error(t, err)
	require.Contains(t, out, "fatal error: all goroutines are asleep - deadlock!")
	require.Contains(t, out, "[sync.WaitGroup.Wait]")

	out, err = proof.Go(t, "vet", "./testdata/waitgroup/byvalue")
	require.Error(t, err)
	require.Contains(t, out, "work passes lock by value: sync.WaitGroup contains sync.noCopy")
}

// It panics with "sync: negative WaitGroup counter". This is an ordinary panic that
// can be recovered, unlike the fatal error of Mutex.Unlock. It means that Done was
// called more often than Add announced, for example by a worker that calls it on an
// error path and once more in a defer.
//
//claim:ask What happens if Done is called too often?
//claim:source https://pkg.go.dev/sync#WaitGroup.Add
func TestWaitGroupNegative(t *testing.T) {
	require.PanicsWithValue(t, "sync: negative WaitGroup counter", func() {
		var wg sync.WaitGroup
		wg.Add(1)
		wg.Done()
		wg.Done()
	})
}

// Wait waits for ever: a worker that returns early without Done, or panics and is
// recovered further up, leaves the counter above zero. Nothing reports it while other
// goroutines run. Write defer wg.Done() as the first line of the goroutine, or use
// WaitGroup.Go, which does that.
//
//claim:ask A goroutine returns on an error before it calls Done. What does Wait do?
//claim:source https://pkg.go.dev/sync#WaitGroup.Done
func TestWaitGroupDoneMissing(t *testing.T) {
	worker := func(wg *sync.WaitGroup, err error) {
		if err != nil {
			return // the path without Done
		}
		wg.Done()
	}
	synctest.Test(t, func(t *testing.T) {
		var wg sync.WaitGroup
		wg.Add(2)
		returned := false
		go worker(&wg, nil)
		go worker(&wg, errors.New("no connection"))
		go func() {
			wg.Wait()
			returned = true
		}()
		time.Sleep(24 * time.Hour) // of the clock in the bubble
		synctest.Wait()
		require.False(t, returned)
		wg.Done()
		synctest.Wait()
		require.True(t, returned)
	})
}

// Yes to both. Any number of goroutines may wait, and all of them go on when the
// counter gets to zero. A WaitGroup can be used again when every Wait of the round
// before has returned; otherwise Wait may panic. A running task may add further
// tasks, because the counter is above zero then: that is how a tree is walked.
//
//claim:ask Can several goroutines wait for one WaitGroup, and can it be used again?
//claim:source https://pkg.go.dev/sync#WaitGroup.Add
func TestWaitGroupReuse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var wg sync.WaitGroup
		for range 2 { // rounds
			wg.Add(1)
			returned := make(chan int, 3)
			for i := range 3 {
				go func() {
					wg.Wait()
					returned <- i
				}()
			}
			synctest.Wait()
			require.Empty(t, returned)
			wg.Done()
			synctest.Wait()
			require.Len(t, returned, 3)
		}
	})

	var wg sync.WaitGroup
	var mu sync.Mutex
	visited := 0
	var visit func(depth int)
	visit = func(depth int) {
		mu.Lock()
		visited++
		mu.Unlock()
		if depth > 0 {
			wg.Go(func() { visit(depth - 1) })
			wg.Go(func() { visit(depth - 1) })
		}
	}
	wg.Go(func() { visit(3) })
	wg.Wait()
	require.Equal(t, 15, visited, "1+2+4+8")
}

// A third party has to close it: a goroutine that calls Wait and then close, while
// the caller ranges. The three wrong orders are all common. Wait before the range on an
// unbuffered channel is a deadlock, since the senders wait for a receiver. Close
// before Wait makes the senders panic. And without close the range never ends. With
// room in the channel for all results, Wait, close, range is fine too.
//
//claim:ask Goroutines send results to a channel. Where do Wait and close belong?
//claim:source https://go.dev/ref/spec#Close
func TestWaitGroupResults(t *testing.T) {
	tasks := []func() int{func() int { return 1 }, func() int { return 2 }, func() int { return 3 }}
	var got []int
	for r := range sendAll(tasks...) {
		got = append(got, r)
	}
	slices.Sort(got)
	require.Equal(t, []int{1, 2, 3}, got)

	buffered := make(chan int, 3)
	var wg sync.WaitGroup
	for _, task := range tasks {
		wg.Go(func() { buffered <- task() })
	}
	wg.Wait()
	close(buffered)
	require.Len(t, buffered, 3)

	for order, report := range map[string]string{
		"wait-first":  "all goroutines are asleep - deadlock!",
		"close-first": "panic: send on closed channel",
		"never-close": "all goroutines are asleep - deadlock!",
	} {
		out, err := proof.Go(t, "run", "./testdata/waitgroup/results", order)
		require.Error(t, err)
		require.Contains(t, out, report, order)
	}
}

// A WaitGroup has no errors: collect them yourself, for example in a slice with an
// element per task, and join them. An errgroup.Group from golang.org/x/sync returns
// the first error from Wait, drops the others, cancels its context at the first one,
// and can limit the number of goroutines. Like WaitGroup it waits for all tasks, also
// after an error: a task has to look at the context to end early.
//
//claim:ask WaitGroup or errgroup: what is the difference?
//claim:source https://pkg.go.dev/golang.org/x/sync/errgroup
func TestWaitGroupErrgroup(t *testing.T) {
	errFirst, errSecond := errors.New("first"), errors.New("second")
	errs := runErrors(
		func() error { return errFirst },
		func() error { return nil },
		func() error { return errSecond },
	)
	require.Equal(t, []error{errFirst, nil, errSecond}, errs)
	require.EqualError(t, errors.Join(errs...), "first\nsecond")

	g, ctx := errgroup.WithContext(t.Context())
	ended := make(chan struct{})
	g.Go(func() error { return errFirst })
	g.Go(func() error {
		<-ctx.Done()
		close(ended)
		return errSecond
	})
	require.Equal(t, errFirst, g.Wait())
	<-ended // Wait has waited for both
	require.ErrorIs(t, context.Cause(ctx), errFirst)
}

// Not directly: Wait takes no context. Let a goroutine wait and close a channel, and
// select on that channel and the context. After a timeout that goroutine stays until
// the tasks end, and the tasks still run: a timeout on waiting stops nothing. Give the
// tasks the same context, so that they end soon.
//
//claim:ask How do I wait for a WaitGroup with a timeout?
//claim:source https://pkg.go.dev/sync#WaitGroup.Wait
func TestWaitGroupTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var wg sync.WaitGroup
		release, finished := make(chan struct{}), false
		wg.Go(func() {
			<-release
			finished = true
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		require.ErrorIs(t, waitContext(ctx, &wg), context.DeadlineExceeded)
		require.Equal(t, time.Minute, time.Since(start))
		require.False(t, finished, "it goes on")
		close(release)
		require.NoError(t, waitContext(t.Context(), &wg))
		require.True(t, finished)
	})
}

// No. A hundred tasks are a hundred goroutines at the same time. To limit them, take
// a slot from a buffered channel before each start and return it at the end, use
// errgroup's SetLimit, or start a fixed number of workers that read from a
// channel. Taking the slot before the go statement limits the goroutines; taking it
// inside limits only the work.
//
//claim:ask Does a WaitGroup limit how many goroutines run at once?
//claim:source https://pkg.go.dev/sync#WaitGroup.Go
func TestWaitGroupLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		running, most := make(chan int, 1), 0
		running <- 0
		task := func() {
			now := <-running + 1
			most = max(most, now)
			running <- now
			time.Sleep(time.Second)
			running <- <-running - 1
		}
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(task)
		}
		wg.Wait()
		require.Equal(t, 100, most)

		most = 0
		start := time.Now()
		limited(4, slices.Repeat([]func(){task}, 100)...)
		require.Equal(t, 4, most)
		require.Equal(t, 25*time.Second, time.Since(start))

		most = 0
		var g errgroup.Group
		g.SetLimit(4)
		for range 100 {
			g.Go(func() error { task(); return nil })
		}
		require.NoError(t, g.Wait())
		require.Equal(t, 4, most)
	})
}
