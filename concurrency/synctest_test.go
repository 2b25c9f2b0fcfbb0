package concurrency

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-deep-dive/godeep/internal/proof"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Code with timeouts, retries and tickers is tested in a bubble: synctest.Test
// runs its function with a clock of its own that jumps to the next timer as
// soon as every goroutine in the bubble waits. An hour passes in no time, exact
// to the nanosecond, and the tested code needs no clock interface: it calls
// package time as always. A test with real sleeps is slow if they are long, and
// fails now and then if they are short. Package testing/synctest is there since
// Go 1.25.
//
//claim:ask How do you test code with timeouts or tickers without sleeping?
//claim:source https://pkg.go.dev/testing/synctest
//claim:source https://go.dev/doc/go1.25
func TestSynctestTimeout(t *testing.T) {
	realStart := time.Now()
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		retry := func(ctx context.Context) error {
			for wait := time.Second; ; wait *= 2 {
				attempts++
				if err := timerPause(ctx, wait); err != nil {
					return err
				}
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
		defer cancel()
		start := time.Now()
		assert.Equal(t, context.DeadlineExceeded, retry(ctx))
		assert.Equal(t, 24*time.Hour, time.Since(start), "exactly")
		assert.Equal(t, 17, attempts)
		time.Sleep(100 * 365 * 24 * time.Hour)
	})
	assert.Less(t, time.Since(realStart), time.Minute)
}

// At midnight UTC of 2000-01-01, in every bubble anew. The clock stands still
// while any goroutine of the bubble can run, however long it computes, and
// jumps when all are blocked. So two readings of time.Now without a wait
// between them are equal, which real code rarely sees: a division by an elapsed
// time is a division by zero here. The clock has nothing to do with that
// outside.
//
//claim:ask Where does the fake clock of a synctest bubble start, and when does it advance?
//claim:source https://pkg.go.dev/testing/synctest#hdr-Time
func TestSynctestClock(t *testing.T) {
	for range 2 {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			assert.True(t, start.Equal(time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)))
			for range 10_000 {
				runtime.Gosched()
			}
			assert.Zero(t, time.Since(start))
			synctest.Wait()
			assert.Zero(t, time.Since(start), "Wait does not advance it")
			time.Sleep(time.Nanosecond)
			assert.Equal(t, time.Nanosecond, time.Since(start))
		})
	}
	assert.Greater(t, time.Now().Year(), 2024)
}

// Wait returns as soon as every other goroutine in the bubble has ended or is
// durably blocked. So it answers the question when background work is done, for
// which one used to sleep a little. It synchronises: what the others wrote
// before they blocked may be read afterwards without a lock, and the race
// detector agrees. It does not advance the clock.
//
//claim:ask What does synctest.Wait wait for?
//claim:source https://pkg.go.dev/testing/synctest#Wait
func TestSynctestWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var steps []string
		next := make(chan bool)
		go func() {
			for range next {
				steps = append(steps, "step")
			}
			steps = append(steps, "end")
		}()
		synctest.Wait()
		assert.Empty(t, steps)
		next <- true
		synctest.Wait()
		assert.Equal(t, []string{"step"}, steps)
		close(next)
		synctest.Wait()
		assert.Equal(t, []string{"step", "end"}, steps)
	})
}

// synctestState returns how a goroutine in synctestBlock waits, as a stack
// trace says it, once it does wait.
func synctestState(t *testing.T) (state string) {
	t.Helper()
	header := regexp.MustCompile(`goroutine \d+ \[([^\],]*)[^\]]*\]:\n(?:[^\n]+\n)*[^\n]*concurrency\.synctestBlock\(`)
	stacks := make([]byte, 1<<16)
	for range 1_000_000 {
		all := string(stacks[:runtime.Stack(stacks, true)])
		if found := header.FindStringSubmatch(all); found != nil {
			if state = found[1]; state != "running" && state != "runnable" {
				return state
			}
		}
		runtime.Gosched()
	}
	require.Fail(t, "no goroutine blocks")
	return ""
}

// synctestBlock is not inlined, to be found in a stack trace.
//
//go:noinline
func synctestBlock(block func()) { block() }

// synctestGlobal is a WaitGroup that no bubble can own.
var synctestGlobal sync.WaitGroup

// A goroutine is durably blocked if only another goroutine of its bubble can
// wake it: in time.Sleep, in Cond.Wait, in WaitGroup.Wait, and in a send,
// receive or select on channels made in the bubble. Waiting for a Mutex or
// RWMutex, for I/O or for a channel made outside does not count, because
// something outside might end it. While one goroutine is blocked in such a way,
// Wait does not return and the clock stands still. A stack trace shows which is
// which: it says durable.
//
//claim:ask Which operations are durably blocking in a synctest bubble, and which are not?
//claim:source https://pkg.go.dev/testing/synctest#hdr-Blocking
func TestSynctestDurable(t *testing.T) {
	outside := make(chan int)
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var rw sync.RWMutex
		inside, never := make(chan int), make(chan int)
		cond := sync.NewCond(&mu)
		group := new(sync.WaitGroup)
		reader, writer, err := os.Pipe()
		require.NoError(t, err)
		defer reader.Close()
		defer writer.Close()
		for _, c := range []struct {
			name         string
			durable      bool
			setup        func()
			block, awake func()
		}{
			{"receive", true, nil, func() { <-inside }, func() { inside <- 1 }},
			{"send", true, nil, func() { inside <- 1 }, func() { <-inside }},
			{"select", true, nil, func() {
				select {
				case <-inside:
				case <-never:
				}
			}, func() { inside <- 1 }},
			{"sleep", true, nil, func() { time.Sleep(time.Second) }, nil},
			{"cond", true, nil, func() { mu.Lock(); cond.Wait(); mu.Unlock() }, cond.Broadcast},
			{"group", true, func() { group.Add(1) }, group.Wait, group.Done},
			{"mutex", false, mu.Lock, func() { mu.Lock(); defer mu.Unlock() }, mu.Unlock},
			{"read lock", false, rw.Lock, func() { rw.RLock(); defer rw.RUnlock() }, rw.Unlock},
			{"outside", false, nil, func() { <-outside }, func() { outside <- 1 }},
			{"mixed select", false, nil, func() {
				select {
				case <-inside:
				case <-outside:
				}
			}, func() { inside <- 1 }},
			{"I/O", false, nil, func() { _, _ = reader.Read(make([]byte, 1)) }, func() { _, _ = writer.Write([]byte{1}) }},
			{"package variable", false, func() { synctestGlobal.Add(1) }, synctestGlobal.Wait, synctestGlobal.Done},
		} {
			if c.setup != nil {
				c.setup()
			}
			go synctestBlock(c.block)
			if c.durable {
				synctest.Wait()
			}
			state := synctestState(t)
			assert.Equal(t, c.durable, strings.HasSuffix(state, "(durable)"), "%s: %s", c.name, state)
			if c.awake != nil {
				c.awake()
			} else {
				time.Sleep(2 * time.Second)
			}
			synctest.Wait()
		}
	})
}

// A mutex wait is not durable, so it stops the clock: if one goroutine sleeps,
// or waits for a timer, while it holds a mutex, and another wants that mutex,
// the bubble never becomes idle and the test hangs until its timeout. Do not
// hold a lock while waiting, which is good advice anyway, or use a channel with
// room for one as the lock. A short mutex that nobody holds while blocked is no
// problem.
//
//claim:ask My synctest test hangs, although every goroutine only sleeps or waits for a mutex. Why?
//claim:source https://pkg.go.dev/testing/synctest#hdr-Blocking
func TestSynctestMutexHangs(t *testing.T) {
	if proof.InChild(t) {
		time.AfterFunc(50*time.Millisecond, func() {
			fmt.Println("still hanging")
			os.Exit(3)
		})
	}
	lockedSleep := func(t *testing.T, lock, unlock func()) {
		start := time.Now()
		locked := make(chan bool)
		go func() {
			lock()
			close(locked)
			time.Sleep(time.Second)
			unlock()
		}()
		<-locked
		lock()
		assert.Equal(t, time.Second, time.Since(start))
		unlock()
	}
	synctest.Test(t, func(t *testing.T) {
		if proof.InChild(t) {
			var mu sync.Mutex
			lockedSleep(t, mu.Lock, mu.Unlock)
			return
		}
		place := make(chan bool, 1)
		lockedSleep(t, func() { place <- true }, func() { <-place })
	})
	out, err := proof.Child(t, ctxRaceExit)
	require.ErrorContains(t, err, "exit status 3")
	assert.Contains(t, out, "still hanging")
}

// The test panics: when the test function has returned and a goroutine of the
// bubble is still blocked, with deadlock: main bubble goroutine has exited but
// blocked goroutines remain; when all wait and no timer is pending, with
// deadlock: all goroutines in bubble are blocked. So a bubble is a leak
// detector too, and a goroutine that serves for ever has to be ended at the end
// of the test. A goroutine that is only slow is waited for.
//
//claim:ask What does synctest do about a leaked goroutine or a deadlock?
//claim:source https://pkg.go.dev/testing/synctest#hdr-Blocking
func TestSynctestDeadlock(t *testing.T) {
	if proof.InChild(t) {
		synctest.Test(t, func(t *testing.T) {
			c := make(chan int)
			if os.Getenv("GODEEP_LEAK") != "" {
				go func() { <-c }()
				return
			}
			<-c
		})
	}
	out, err := proof.Child(t, ctxRaceExit, "GODEEP_LEAK=1")
	require.Error(t, err)
	assert.Contains(t, out, "deadlock: main bubble goroutine has exited but blocked goroutines remain")
	out, err = proof.Child(t, ctxRaceExit)
	require.Error(t, err)
	assert.Contains(t, out, "deadlock: all goroutines in bubble are blocked")

	ended := false
	synctest.Test(t, func(t *testing.T) {
		go func() {
			runtime.Gosched()
			ended = true
		}()
	})
	assert.True(t, ended, "Test waits for goroutines that can run")
}

// When the test function returns, no: time stops. A goroutine that sleeps or
// waits for a timer at that moment counts as blocked, and the test panics with
// a deadlock. Let the test wait for it, by a WaitGroup or by a sleep that is
// long enough.
//
//claim:ask Does synctest.Test wait for goroutines that are still sleeping when the test function returns?
//claim:source https://pkg.go.dev/testing/synctest#hdr-Time
func TestSynctestEndOfTime(t *testing.T) {
	if proof.InChild(t) {
		synctest.Test(t, func(t *testing.T) {
			go time.Sleep(time.Nanosecond)
			synctest.Wait()
		})
	}
	out, err := proof.Child(t, ctxRaceExit)
	require.Error(t, err)
	assert.Contains(t, out, "deadlock: main bubble goroutine has exited but blocked goroutines remain")

	synctest.Test(t, func(t *testing.T) {
		var group sync.WaitGroup
		group.Go(func() { time.Sleep(time.Hour) })
		group.Wait()
	})
}

// They belong to the bubble. t.Context inside synctest.Test is cancelled when
// the test function has returned, before the cleanups run, so goroutines that
// wait for it end in time. Functions of t.Cleanup run inside the bubble: they
// may use its channels and its clock. t.Run, t.Parallel and t.Deadline panic in
// a bubble, and so does a nested synctest.Test: start a bubble in each subtest
// instead.
//
//claim:ask What is special about the testing.T inside synctest.Test?
//claim:source https://pkg.go.dev/testing/synctest#Test
func TestSynctestT(t *testing.T) {
	var order []string
	synctest.Test(t, func(t *testing.T) {
		served := make(chan bool)
		go func() {
			<-t.Context().Done() // nothing else ends it
			close(served)
		}()
		t.Cleanup(func() {
			<-served
			order = append(order, "cleanup: "+t.Context().Err().Error(), time.Now().UTC().Format(time.DateOnly))
		})
		order = append(order, "test")

		assert.PanicsWithValue(t, "testing: t.Run called inside synctest bubble", func() { t.Run("sub", func(*testing.T) {}) })
		assert.PanicsWithValue(t, "testing: t.Parallel called inside synctest bubble", func() { t.Parallel() })
		assert.PanicsWithValue(t, "testing: t.Deadline called inside synctest bubble", func() { t.Deadline() })
		assert.Panics(t, func() { synctest.Test(t, func(*testing.T) {}) })
	})
	assert.Equal(t, []string{"test", "cleanup: context canceled", "2000-01-01"}, order)

	for _, d := range []time.Duration{time.Second, time.Hour} {
		t.Run(d.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				time.Sleep(d)
				assert.Equal(t, d, time.Since(start))
			})
		})
	}
}

// A channel, timer or ticker made in a bubble belongs to it, and using it from
// outside ends the program. The documentation says that it panics; it is a
// fatal error, which recover does not stop. The other direction is allowed: a
// goroutine in the bubble may use a channel made outside, but waiting there is
// not durable. So make everything that a test uses inside its bubble, also what
// a constructor or a package variable makes early.
//
//claim:ask Can goroutines inside and outside a synctest bubble share channels and timers?
//claim:source https://pkg.go.dev/testing/synctest#hdr-Isolation
//claim:source runtime/chan.go
func TestSynctestIsolation(t *testing.T) {
	var c chan int
	var timer *time.Timer
	outside := make(chan int, 1)
	synctest.Test(t, func(t *testing.T) {
		c = make(chan int, 1)
		c <- 1
		timer = time.NewTimer(time.Hour)
		outside <- 1
	})
	assert.Equal(t, 1, <-outside)
	if proof.InChild(t) {
		defer func() {
			if r := recover(); r != nil {
				fmt.Println("recovered:", r)
			}
		}()
		switch os.Getenv("GODEEP_USE") {
		case "receive":
			<-c
		case "close":
			close(c)
		case "stop":
			timer.Stop()
		}
		return
	}
	for use, want := range map[string]string{
		"receive": "fatal error: receive on synctest channel from outside bubble",
		"close":   "fatal error: close of synctest channel from outside bubble",
		"stop":    "fatal error: stop of synctest timer from outside bubble",
	} {
		out, err := proof.Child(t, ctxRaceExit, "GODEEP_USE="+use)
		require.Error(t, err)
		assert.Contains(t, out, want)
		assert.NotContains(t, out, "recovered:")
	}
}

// By the first Add or Go in it: the WaitGroup belongs to the bubble from then
// until Wait returns, and Wait is durable. Add from outside during that time is
// a fatal error. A WaitGroup that is a package variable itself cannot belong to
// a bubble, and Wait on it is not durable: the clock stands still and a test
// may hang.
//
//claim:ask When does a sync.WaitGroup belong to a synctest bubble?
//claim:source https://pkg.go.dev/testing/synctest#hdr-Isolation
func TestSynctestWaitGroup(t *testing.T) {
	var local sync.WaitGroup
	if proof.InChild(t) {
		added, tried := make(chan bool), make(chan bool)
		go func() {
			<-added
			local.Add(1) // from outside
			close(tried)
		}()
		synctest.Test(t, func(t *testing.T) {
			local.Add(1)
			close(added)
			<-tried
		})
		return
	}
	for range 2 { // a bubble each
		synctest.Test(t, func(t *testing.T) {
			local.Add(1)
			go synctestBlock(local.Wait)
			assert.Equal(t, "sync.WaitGroup.Wait (durable)", synctestState(t))
			local.Done()
			synctest.Wait()

			synctestGlobal.Add(1)
			go synctestBlock(synctestGlobal.Wait)
			assert.Equal(t, "sync.WaitGroup.Wait", synctestState(t))
			synctestGlobal.Done()
		})
	}
	local.Add(1) // free again
	local.Done()

	out, err := proof.Child(t, ctxRaceExit)
	require.Error(t, err)
	assert.Contains(t, out, "fatal error: sync: WaitGroup.Add called from inside and outside synctest bubble")
}

// No order is promised if two goroutines of a bubble sleep until the same
// instant: a test that sleeps exactly as long as the code under test may look
// too early. Call synctest.Wait after the sleep: it lets everything run that
// became ready at that instant. Go 1.27 has both in one call, synctest.Sleep.
//
//claim:ask In a bubble the test sleeps exactly until the tested timeout. Has the timeout been handled then?
//claim:source https://pkg.go.dev/testing/synctest
//claim:source https://pkg.go.dev/testing/synctest#Sleep
func TestSynctestSameInstant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for range 20 {
			handled := make(chan bool, 1)
			time.AfterFunc(time.Second, func() { handled <- true })
			time.Sleep(time.Second - 1)
			synctest.Wait()
			assert.Empty(t, handled, "a nanosecond before")
			time.Sleep(time.Nanosecond)
			synctest.Wait()
			assert.Len(t, handled, 1)
		}
	})
}

// It was an experiment in Go 1.24, with synctest.Run and GOEXPERIMENT=synctest;
// Go 1.25 made it part of the standard library as synctest.Test, without any
// setting. Go 1.26 removed Run: code written for the experiment no longer
// compiles. Replace Run(f) by Test(t, f) with a testing.T of the bubble.
//
//claim:ask An article uses synctest.Run. Why does it not compile?
//claim:source https://go.dev/doc/go1.25
func TestSynctestRunRemoved(t *testing.T) {
	out, err := proof.Go(t, "vet", "./testdata/synctest/run")
	require.Error(t, err)
	assert.Contains(t, out, "undefined: synctest.Run")
}
