package concurrency

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"
	"golang.org/x/sync/singleflight"
)

// Goroutines share memory and order their access to it, or pass values over
// channels. Choose by what you have to say:
//   - channel: hand over a value, a job, a signal; combine waits in a select
//   - Mutex: several fields or steps that belong together; RWMutex for long reads
//   - atomic: one number, flag or pointer
//   - WaitGroup: wait until all have ended
//   - errgroup: the same, with errors and a limit
//   - Once, OnceValue: do it one time, on first use
//   - Cond: wait until a state under a mutex has changed, many times over
//   - context: tell a whole tree of calls to stop
//
// Most tasks can be done with more than one; then the simplest wins.
//
//claim:ask How do goroutines communicate and synchronise, and which primitives exist for that?
//claim:source https://pkg.go.dev/sync
//claim:source https://go.dev/ref/mem
func TestPrimitiveChoice(t *testing.T) {
	const workers, perWorker = 10, 100
	sum := map[string]func() int{
		"channel": func() (sum int) {
			parts := make(chan int)
			for range workers {
				go func() { parts <- perWorker }()
			}
			for range workers {
				sum += <-parts
			}
			return sum
		},
		"mutex": func() (sum int) {
			var mu sync.Mutex
			var group sync.WaitGroup
			for range workers {
				group.Go(func() {
					for range perWorker {
						mu.Lock()
						sum++
						mu.Unlock()
					}
				})
			}
			group.Wait()
			return sum
		},
		"atomic": func() int {
			var sum atomic.Int64
			var group sync.WaitGroup
			for range workers {
				group.Go(func() {
					for range perWorker {
						sum.Add(1)
					}
				})
			}
			group.Wait()
			return int(sum.Load())
		},
		"waitgroup, one element each": func() (sum int) {
			parts := make([]int, workers)
			var group sync.WaitGroup
			for i := range workers {
				group.Go(func() { parts[i] = perWorker })
			}
			group.Wait()
			for _, part := range parts {
				sum += part
			}
			return sum
		},
		"errgroup": func() (sum int) {
			parts := make([]int, workers)
			group, ctx := errgroup.WithContext(t.Context())
			group.SetLimit(2)
			for i := range workers {
				group.Go(func() error {
					parts[i] = perWorker
					return ctx.Err()
				})
			}
			if group.Wait() != nil {
				return -1
			}
			for _, part := range parts {
				sum += part
			}
			return sum
		},
		"cond": func() (sum int) {
			var mu sync.Mutex
			changed := sync.NewCond(&mu)
			ended := 0
			for range workers {
				go func() {
					mu.Lock()
					defer mu.Unlock()
					sum += perWorker
					ended++
					changed.Signal()
				}()
			}
			mu.Lock()
			defer mu.Unlock()
			for ended < workers {
				changed.Wait()
			}
			return sum
		},
	}
	for name, f := range sum {
		assert.Equal(t, workers*perWorker, f(), name)
	}

	calls := 0
	config := sync.OnceValue(func() int { calls++; return 42 })
	var group sync.WaitGroup
	for range workers {
		group.Go(func() { assert.Equal(t, 42, config()) })
	}
	group.Wait()
	assert.Equal(t, 1, calls)

	ctx, cancel := context.WithCancel(t.Context())
	for range workers {
		group.Go(func() { <-ctx.Done() })
	}
	cancel()
	group.Wait()
}

// Each of them orders memory: what one goroutine wrote before the signal is
// visible to the one that has received it, without further locks. That holds
// for a send and its receive, a close, an Unlock and the next Lock, an atomic
// store and the load that sees it, Done and Wait, the end of Once.Do, a cancel
// and the receive from Done. A sleep is not in the list: it orders nothing.
//
//claim:ask What do channels, mutexes, atomics, WaitGroup, Once and contexts have in common?
//claim:source https://go.dev/ref/mem#synchronization
func TestPrimitiveOrder(t *testing.T) {
	handover := func(name string, signal, wait func()) {
		t.Helper()
		plain := 0
		go func() {
			plain = 42 // the race detector watches this variable
			signal()
		}()
		wait()
		assert.Equal(t, 42, plain, name)
	}
	c := make(chan int, 1)
	handover("send", func() { c <- 1 }, func() { <-c })
	closed := make(chan int)
	handover("close", func() { close(closed) }, func() { <-closed })
	var locked sync.Mutex
	locked.Lock()
	handover("unlock", locked.Unlock, locked.Lock)
	var flag atomic.Bool
	handover("atomic", func() { flag.Store(true) }, func() {
		for !flag.Load() {
			time.Sleep(time.Microsecond)
		}
	})
	var group sync.WaitGroup
	group.Add(1)
	handover("WaitGroup", group.Done, group.Wait)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	handover("context", cancel, func() { <-ctx.Done() })
	var once sync.Once
	started := make(chan int)
	handover("Once", func() {
		once.Do(func() { close(started) })
	}, func() {
		<-started
		once.Do(func() {})
	})
}

// Let one goroutine own the data and the others ask it over channels, or hand
// the data itself over: who sends it stops using it. The language does not
// check that. A channel copies the value that is sent, and if the value is a
// pointer, slice or map, both sides see one variable; a sender that goes on
// writing to it has a data race. A mutex is no less idiomatic: the sentence is
// advice about design.
//
//claim:ask What does "share memory by communicating" mean?
//claim:source https://go.dev/doc/effective_go#sharing
func TestPrimitiveHandover(t *testing.T) {
	c := make(chan []int, 1)
	batch := []int{1, 2, 3}
	c <- batch
	received := <-c
	batch[0] = 99
	assert.Equal(t, 99, received[0], "the header was copied, not the array")
	values := make(chan [3]int, 1)
	array := [3]int{1, 2, 3}
	values <- array
	array[0] = 99
	assert.Equal(t, [3]int{1, 2, 3}, <-values)

	// An owner: only this goroutine touches the map.
	type request struct {
		key   string
		reply chan int
	}
	requests := make(chan request)
	go func() {
		counts := map[string]int{}
		for r := range requests {
			counts[r.key]++
			r.reply <- counts[r.key]
		}
	}()
	count := func(key string) int {
		reply := make(chan int)
		requests <- request{key, reply}
		return <-reply
	}
	var group sync.WaitGroup
	for range 9 {
		group.Go(func() { count("a") })
	}
	group.Wait()
	assert.Equal(t, 10, count("a"))
	close(requests)
}

// Most do: Mutex, RWMutex, WaitGroup, Once, Pool, Map and the atomic types of
// package sync, and the groups of errgroup and singleflight. Three do not. A
// nil channel blocks for ever, a Cond without its L panics in Wait, and a zero
// semaphore.Weighted has size 0.
//
//claim:ask Which synchronisation primitives are usable as zero values?
//claim:source https://pkg.go.dev/sync#pkg-overview
//claim:source https://go.dev/ref/spec#Channel_types
func TestPrimitiveZeroValue(t *testing.T) {
	var mu sync.Mutex
	var rw sync.RWMutex
	var group sync.WaitGroup
	var once sync.Once
	var pool sync.Pool
	var table sync.Map
	var number atomic.Int64
	var errs errgroup.Group
	var flight singleflight.Group
	assert.True(t, mu.TryLock())
	assert.True(t, rw.TryRLock())
	group.Wait()
	once.Do(func() { number.Add(1) })
	assert.EqualValues(t, 1, number.Load())
	assert.Nil(t, pool.Get())
	table.Store("key", 1)
	assert.NoError(t, errs.Wait())
	v, err, _ := flight.Do("key", func() (any, error) { return 1, nil })
	assert.NoError(t, err)
	assert.Equal(t, 1, v)

	var channel chan int
	select {
	case channel <- 1:
		require.Fail(t, "sent to nil")
	case <-channel:
		require.Fail(t, "received from nil")
	default:
	}
	var cond sync.Cond
	assert.Panics(t, func() { cond.Wait() })
	var places semaphore.Weighted
	assert.False(t, places.TryAcquire(1))
}

// Close a channel, cancel a context, or call Broadcast on a Cond. A closed
// channel is ready for every receiver, now and later, so it can say something
// once; a context does the same with a reason and a tree. A Cond can do it
// again and again, but reaches only those who wait already. A send wakes one
// receiver.
//
//claim:ask How do you wake all waiting goroutines at once?
//claim:source https://pkg.go.dev/sync#Cond.Broadcast
//claim:source https://go.dev/ref/spec#Close
func TestPrimitiveBroadcast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var woken atomic.Int64
		ask := func(wait func()) {
			woken.Store(0)
			for range 10 {
				go func() {
					wait()
					woken.Add(1)
				}()
			}
			synctest.Wait()
		}
		start := make(chan bool)
		ask(func() { <-start })
		start <- true
		synctest.Wait()
		assert.EqualValues(t, 1, woken.Load(), "a send")
		close(start)
		synctest.Wait()
		assert.EqualValues(t, 10, woken.Load())
		<-start // ready for those who come late

		cond := sync.NewCond(new(sync.Mutex))
		round := 0
		await := func(next int) func() {
			return func() {
				cond.L.Lock()
				defer cond.L.Unlock()
				for round < next {
					cond.Wait()
				}
			}
		}
		for next := 1; next <= 3; next++ {
			ask(await(next))
			assert.Zero(t, woken.Load())
			cond.L.Lock()
			round = next
			cond.L.Unlock()
			cond.Broadcast()
			synctest.Wait()
			assert.EqualValues(t, 10, woken.Load())
		}
	})
}

// Bridge it to a channel: a goroutine calls Wait and closes a channel, and the
// caller selects between it and a timeout. Only channels, and so contexts and
// timers, can be combined in a select; WaitGroup, Mutex and Cond take neither a
// timeout nor a context. The bridging goroutine stays until the group is done,
// so this is no cure for workers that hang: give those a context.
//
//claim:ask How do you wait for a sync.WaitGroup with a timeout?
//claim:source https://pkg.go.dev/sync#WaitGroup.Wait
func TestPrimitiveWaitTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		waitFor := func(group *sync.WaitGroup, limit time.Duration) bool {
			ended := make(chan struct{})
			go func() {
				group.Wait()
				close(ended)
			}()
			select {
			case <-ended:
				return true
			case <-time.After(limit):
				return false
			}
		}
		start := time.Now()
		var group sync.WaitGroup
		group.Go(func() { time.Sleep(time.Hour) })
		assert.False(t, waitFor(&group, time.Minute))
		assert.Equal(t, time.Minute, time.Since(start))
		assert.True(t, waitFor(&group, 2*time.Hour))
		assert.Equal(t, time.Hour, time.Since(start))
	})
}
