package concurrency

import (
	"context"
	"os"
	"reflect"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// Because the condition can be false again when Wait returns. Wait unlocks, sleeps,
// and locks again; between the wake-up and the lock another goroutine may have taken
// the item. Here Broadcast wakes two takers for one item: with if, one of them takes
// from an empty queue, with for it goes back to sleep. Wait never returns without a
// Signal or Broadcast, but that does not help.
//
//claim:ask Why must Cond.Wait stand in a loop?
//claim:source https://pkg.go.dev/sync#Cond.Wait
func TestCondWaitLoop(t *testing.T) {
	takers := func(t *testing.T, wait func(cond *sync.Cond, empty func() bool)) (took, tookNothing int) {
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			cond := sync.NewCond(&mu)
			items := 0
			for range 2 {
				go func() {
					mu.Lock()
					defer mu.Unlock()
					wait(cond, func() bool { return items == 0 })
					if items == 0 {
						tookNothing++
						return
					}
					items--
					took++
				}()
			}
			synctest.Wait()
			mu.Lock()
			items = 1
			mu.Unlock()
			cond.Broadcast()
			synctest.Wait()
			if took == 1 && tookNothing == 1 {
				return
			}
			mu.Lock()
			items++ // for the one that sleeps again
			mu.Unlock()
			cond.Signal()
		})
		return took, tookNothing
	}
	took, tookNothing := takers(t, func(cond *sync.Cond, empty func() bool) {
		if empty() {
			cond.Wait()
		}
	})
	require.Equal(t, []int{1, 1}, []int{took, tookNothing})
	took, tookNothing = takers(t, func(cond *sync.Cond, empty func() bool) {
		for empty() {
			cond.Wait()
		}
	})
	require.Equal(t, []int{2, 0}, []int{took, tookNothing})
}

// Signal wakes one waiter, the one that has waited longest; Broadcast wakes all that
// wait at this moment. Use Signal if one more goroutine can go on, whichever it is, as
// with one new item in a queue. Use Broadcast if all can, or if the waiters wait for
// different conditions. Broadcast is always right with a loop around Wait, and costs a
// wake-up for everybody. Neither needs the lock to be held.
//
//claim:ask What is the difference between Cond.Signal and Cond.Broadcast?
//claim:source https://pkg.go.dev/sync#Cond.Signal
//claim:source runtime/sema.go
func TestCondSignalBroadcast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		cond := sync.NewCond(&mu)
		var woken []int
		for i := range 4 {
			go func() {
				mu.Lock()
				defer mu.Unlock()
				cond.Wait()
				woken = append(woken, i)
			}()
			synctest.Wait()
		}
		after := func(wake func()) []int {
			wake()
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			return slices.Clone(woken)
		}
		require.Equal(t, []int{0}, after(cond.Signal))
		require.Equal(t, []int{0, 1}, after(cond.Signal))
		require.ElementsMatch(t, []int{0, 1, 2, 3}, after(cond.Broadcast))
	})
}

// Nothing is stored: a Signal or Broadcast that finds no waiter has no effect, and
// who comes later waits. So the waiter must look at the condition under the lock
// before it waits, and the other side must change the condition under the same lock.
// If it changes it without, the change and the Signal can fall between check and Wait,
// and the wake-up is lost.
//
//claim:ask What happens to a Cond.Signal when nobody waits?
//claim:source https://pkg.go.dev/sync#Cond
func TestCondLostWakeup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		cond := sync.NewCond(&mu)
		passed := false
		cond.Signal()
		cond.Broadcast()
		go func() {
			mu.Lock()
			defer mu.Unlock()
			cond.Wait()
			passed = true
		}()
		time.Sleep(time.Hour)
		mu.Lock()
		require.False(t, passed, "the earlier calls were for nobody")
		mu.Unlock()
		cond.Signal()
		synctest.Wait()
		require.True(t, passed)

		// The condition is changed without the lock, in the worst moment.
		ready, late := false, false
		go func() {
			mu.Lock()
			defer mu.Unlock()
			for !ready {
				ready = true // as the other goroutine would
				cond.Signal()
				cond.Wait()
			}
			late = true
		}()
		time.Sleep(time.Hour)
		mu.Lock()
		require.True(t, ready)
		require.False(t, late, "and yet it sleeps")
		mu.Unlock()
		cond.Signal()
		synctest.Wait()
		require.True(t, late)
	})

	synctest.Test(t, func(t *testing.T) {
		g := newCondGate()
		g.set(true) // Broadcast without waiters, but the state stays
		g.pass()
	})
}

// A Cond fits when the condition is about guarded data and can become true and false
// many times: a gate that pauses and resumes, a queue from which several items are
// taken at once. Closing a channel also wakes everybody, but only once, and a channel
// cannot be opened again. In all other cases prefer a channel: it can be used in a
// select, with a timeout or a context, and it carries the value.
//
//claim:ask When would you use sync.Cond instead of a channel?
//claim:source https://pkg.go.dev/sync#Cond
func TestCondOrChannel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newCondGate()
		for range 3 { // one gate, many rounds
			passed := make(chan int, 4)
			for i := range 4 {
				go func() {
					g.pass()
					passed <- i
				}()
			}
			synctest.Wait()
			require.Empty(t, passed, "closed")
			g.set(true)
			synctest.Wait()
			require.Len(t, passed, 4)
			g.set(false)
		}
	})

	open := make(chan struct{})
	close(open)
	require.Panics(t, func() { close(open) }, "one round only")

	synctest.Test(t, func(t *testing.T) {
		q := newCondQueue(10)
		var got []int
		go func() { got = q.takeSome(3) }()
		for i := range 2 {
			q.put(i)
		}
		synctest.Wait()
		require.Nil(t, got, "two are not enough")
		q.put(2)
		synctest.Wait()
		require.Equal(t, []int{0, 1, 2}, got)
	})
}

// Signal may wake the wrong one. If putters and takers of a bounded queue wait on one
// Cond, the Signal of a taker can wake another taker, which goes back to sleep, and the
// putter that could go on sleeps too: nobody moves. Use a Cond for each condition, on
// the same mutex, or Broadcast.
//
//claim:ask Producers and consumers share one sync.Cond. Why can Signal hang them?
//claim:source https://pkg.go.dev/sync#Cond.Signal
func TestCondWrongWaiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		shared := sync.NewCond(&mu)
		full, empty := true, true // what the two kinds wait for
		var went []string
		wait := func(name string, blocked *bool) {
			mu.Lock()
			defer mu.Unlock()
			for *blocked {
				shared.Wait()
			}
			went = append(went, name)
		}
		go wait("taker", &empty)
		synctest.Wait()
		go wait("putter", &full)
		synctest.Wait()

		mu.Lock()
		full = false // there is room: the putter could go on
		mu.Unlock()
		shared.Signal()
		time.Sleep(time.Hour)
		mu.Lock()
		require.Empty(t, went, "the taker was woken, and sleeps again")
		mu.Unlock()
		shared.Broadcast()
		synctest.Wait()
		mu.Lock()
		require.Equal(t, []string{"putter"}, went)
		empty = false
		mu.Unlock()
		shared.Broadcast()
	})

	q := newCondQueue(2)
	var wg sync.WaitGroup
	var mu sync.Mutex
	sum := 0
	for i := range 4 {
		wg.Go(func() {
			for j := range 10 {
				q.put(10*i + j)
			}
		})
		wg.Go(func() {
			for range 10 {
				item := q.take()
				mu.Lock()
				sum += item
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	require.Equal(t, 39*40/2, sum)
}

// All of them wake, lock one after the other, find that the condition is false for
// all but one, and sleep again. With eight waiters and one item, Broadcast causes eight
// wake-ups where Signal causes one. That is the price of Broadcast where Signal would
// do, often called a thundering herd.
//
//claim:ask What does Broadcast cost when only one waiter can go on?
//claim:source https://pkg.go.dev/sync#Cond.Broadcast
func TestCondHerd(t *testing.T) {
	wakeups := func(wake func(*sync.Cond)) (n int) {
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			cond := sync.NewCond(&mu)
			items := 0
			for range 8 {
				go func() {
					mu.Lock()
					defer mu.Unlock()
					for items == 0 {
						cond.Wait()
						n++
					}
					items--
				}()
			}
			synctest.Wait()
			mu.Lock()
			items++
			mu.Unlock()
			wake(cond)
			synctest.Wait()
			counted := n
			mu.Lock()
			items += 7 // let the others go
			mu.Unlock()
			cond.Broadcast()
			synctest.Wait()
			n = counted
		})
		return n
	}
	require.Equal(t, 8, wakeups((*sync.Cond).Broadcast))
	require.Equal(t, 1, wakeups((*sync.Cond).Signal))
}

// It panics with "sync.Cond is copied" at the first use of the copy. A Cond
// remembers its own address at its first Wait, Signal or Broadcast, and compares it at
// each later one. Mutex and WaitGroup do not check that; for them only go vet helps,
// which reports a copied Cond as well.
//
//claim:ask What happens if a sync.Cond is copied?
//claim:source sync/cond.go
func TestCondCopy(t *testing.T) {
	cond := sync.NewCond(new(sync.Mutex))
	cond.Signal()
	copied := new(sync.Cond)
	reflect.ValueOf(copied).Elem().Set(reflect.ValueOf(cond).Elem()) // hidden from go vet
	require.PanicsWithValue(t, "sync.Cond is copied", copied.Signal)
	require.NotPanics(t, cond.Signal)
}

// Wait begins with Unlock, so without the lock the program ends with "fatal error:
// sync: unlock of unlocked mutex", and recover does not help. Signal and Broadcast may be
// called with or without the lock.
//
//claim:ask What happens if Cond.Wait is called without the lock?
//claim:source https://pkg.go.dev/sync#Cond.Wait
func TestCondUnlocked(t *testing.T) {
	if proof.InChild(t) {
		defer func() { println("deferred, recovered:", recover() != nil) }()
		sync.NewCond(new(sync.Mutex)).Wait()
		os.Exit(0)
	}
	output, err := proof.Child(t)
	require.Error(t, err)
	require.Contains(t, output, "fatal error: sync: unlock of unlocked mutex")
	require.NotContains(t, output, "deferred")

	var mu sync.Mutex
	cond := sync.NewCond(&mu)
	cond.Signal()
	mu.Lock()
	cond.Broadcast()
	mu.Unlock()
}

// Wait knows no context, so let the end of the context wake the waiters: register a
// function with context.AfterFunc that takes the lock and calls Broadcast, and check the
// context in the loop around Wait. It must take the lock, or its Broadcast can come
// between the check and Wait and be lost. All other waiters wake for nothing. If you
// need this, a channel is usually the better tool.
//
//claim:ask How do I give Cond.Wait a timeout or a context?
//claim:source https://pkg.go.dev/context#AfterFunc
func TestCondContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newCondGate()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		require.ErrorIs(t, g.passContext(ctx), context.DeadlineExceeded)
		require.Equal(t, time.Minute, time.Since(start))

		var err error
		passed := false
		go func() {
			err = g.passContext(t.Context())
			passed = true
		}()
		synctest.Wait()
		require.False(t, passed)
		g.set(true)
		synctest.Wait()
		require.True(t, passed)
		require.NoError(t, err)
	})
}
