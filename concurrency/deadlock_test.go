package concurrency

import (
	"bytes"
	"fmt"
	"os/exec"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

const allAsleep = "fatal error: all goroutines are asleep - deadlock!"

// buildDeadlock builds a program and returns the name of its file.
func buildDeadlock(t *testing.T, args ...string) string {
	t.Helper()
	program, out, err := proof.Build(t, args...)
	for _, missing := range []string{"-race requires cgo", "-race is not supported", "build constraints exclude", "C compiler"} {
		if strings.Contains(out, missing) {
			t.Skip("cannot be built here: ", out)
		}
	}
	require.NoError(t, err, out)
	return program
}

// waitingProgram is a process that waits, and perhaps dies of it.
type waitingProgram struct {
	cmd    *exec.Cmd
	output bytes.Buffer // not to be read before the end
	ended  chan struct{}
}

func startWaiting(t *testing.T, program string, args ...string) *waitingProgram {
	t.Helper()
	p := &waitingProgram{cmd: exec.Command(program, args...), ended: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = &p.output, &p.output
	require.NoError(t, p.cmd.Start())
	go func() {
		defer close(p.ended)
		p.cmd.Wait() // the error is that it was killed, one way or the other
	}()
	t.Cleanup(func() { p.end() })
	return p
}

// dies waits for a program that the runtime must end.
func (p *waitingProgram) dies(t *testing.T) {
	t.Helper()
	select {
	case <-p.ended:
	case <-time.After(10 * time.Second):
		require.Fail(t, "the deadlock is not detected")
	}
	require.Contains(t, p.output.String(), allAsleep)
}

// end reports whether the program has ended by itself, and kills it if not.
func (p *waitingProgram) end() (byItself bool) {
	select {
	case <-p.ended:
		return true
	default:
		p.cmd.Process.Kill()
		<-p.ended
		return false
	}
}

// whileOthersDie waits until a program that the runtime does detect has started
// and died, and the same time once more: whoever lives then is not detected. A slow
// machine can hide a death but not invent one.
func whileOthersDie(t *testing.T, program string) {
	t.Helper()
	for range 2 {
		begun := time.Now()
		startWaiting(t, program, "plain").dies(t)
		time.Sleep(time.Since(begun))
	}
}

// When no goroutine can run and nothing from outside can wake one, the runtime
// ends the program: "fatal error: all goroutines are asleep - deadlock!", the
// stacks of all goroutines, exit code 2. It looks when a thread finds nothing
// to do, so the report comes at once and needs no switch. It is about the whole
// program: a few goroutines that wait for each other are not noticed while
// another one can run.
//
//claim:ask How does Go detect a deadlock, and what does the program do then?
//claim:source runtime/proc.go
func TestDeadlockDetected(t *testing.T) {
	t.Setenv("CGO_ENABLED", "0")
	out, err := proof.Go(t, "run", "./testdata/deadlock/all", "plain")
	require.Error(t, err)
	require.Contains(t, out, "waiting\n"+allAsleep)
	require.Contains(t, out, "goroutine 1 [chan receive (nil chan)]:\nmain.main()")
	require.Contains(t, out, "exit status 2")
}

// No. It is a fatal error and no panic: recover sees nothing, deferred functions do
// not run, and buffered output may be lost. There is nobody who could run them,
// since all goroutines wait. Fatal errors are for states that the runtime cannot
// repair; concurrent map writes and unlock of an unlocked mutex are others.
//
//claim:ask Can a program recover from "all goroutines are asleep - deadlock!"?
//claim:source runtime/panic.go
func TestDeadlockNotRecoverable(t *testing.T) {
	t.Setenv("CGO_ENABLED", "0")
	out, err := proof.Go(t, "run", "./testdata/deadlock/all", "recover")
	require.Error(t, err)
	require.Contains(t, out, allAsleep)
	require.NotContains(t, out, "recovered")
}

// The runtime only looks whether everything is asleep. It says nothing if any
// goroutine runs, sleeps or waits for the network, if a time.AfterFunc is pending, or
// after signal.Notify, since each of these might wake somebody. A server always has
// one of them, so there a deadlock is a request that hangs. A channel of time.After
// that nobody waits for does not count: since Go 1.23 such a timer is not even
// started.
//
//claim:ask Which deadlocks does the runtime not detect?
//claim:source runtime/proc.go
//claim:source https://go.dev/doc/go1.23#timer-changes
func TestDeadlockMissed(t *testing.T) {
	t.Setenv("CGO_ENABLED", "0")
	program := buildDeadlock(t, "build", "./testdata/deadlock/all")
	silent := []string{"timer", "sleep", "busy"}
	if runtime.GOOS == "linux" {
		silent = append(silent, "signal", "network")
	}
	var living []*waitingProgram
	for _, why := range silent {
		living = append(living, startWaiting(t, program, why))
	}
	whileOthersDie(t, program)
	for i, p := range living {
		assert.False(t, p.end(), silent[i])
		assert.NotContains(t, p.output.String(), allAsleep, silent[i])
	}

	startWaiting(t, program, "timechannel").dies(t)
}

// It names the state of each goroutine in brackets, and each state stands for one kind
// of wait: chan send, chan receive, select, each with (nil chan) or (no cases) if it
// can never end, sync.Mutex.Lock, sync.RWMutex.RLock, sync.WaitGroup.Wait,
// sync.Cond.Wait. The first line of the stack in your own code is the place, and the
// last one tells who started the goroutine. SIGQUIT and the goroutine profile with
// debug=2 print the same kind of text.
//
//claim:ask How do I read the goroutine dump of a deadlock?
//claim:source runtime/runtime2.go
//claim:source runtime/traceback.go
func TestDeadlockReport(t *testing.T) {
	t.Setenv("CGO_ENABLED", "0")
	out, err := proof.Go(t, "run", "./testdata/deadlock/all", "states")
	require.Error(t, err)
	require.Contains(t, out, allAsleep)
	for _, state := range []string{
		"chan receive (nil chan)", "chan send (nil chan)", "chan send", "chan receive", "select", "select (no cases)",
		"sync.Mutex.Lock", "sync.RWMutex.RLock", "sync.WaitGroup.Wait", "sync.Cond.Wait",
	} {
		assert.Equal(t, 1, strings.Count(out, "["+state+"]:\n"), state)
	}
	assert.Equal(t, 9, strings.Count(out, "\ncreated by main.states in goroutine 1\n"))
}

// A program that is linked with C, or built with -race on Linux, waits silently: a
// thread that C code may have started counts as running, so the program never looks
// asleep. Package net is enough to bring in C, unless CGO_ENABLED=0. So a
// deadlock that a small program shows at once can hang in the service, and a test
// for it must not rely on the report.
//
//claim:ask Why does my deadlocked program hang silently although nothing else runs in it?
//claim:needs goos=linux
//claim:source https://go.dev/issue/12734
//claim:source https://go.dev/issue/24418
//claim:source runtime/proc.go
func TestDeadlockCgo(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("says nothing about other systems")
	}
	t.Setenv("CGO_ENABLED", "1")
	withC := startWaiting(t, buildDeadlock(t, "build", "./testdata/deadlock/all"), "plain")
	withRace := startWaiting(t, buildDeadlock(t, "build", "-race", "./testdata/deadlock/all"), "plain")
	t.Setenv("CGO_ENABLED", "0")
	whileOthersDie(t, buildDeadlock(t, "build", "./testdata/deadlock/all"))
	require.False(t, withC.end())
	require.False(t, withRace.end())
}

// The test binary has a timer for its -timeout, ten minutes under go test, and with a
// pending timer nothing counts as a deadlock. So a test that hangs is reported
// only when the time is over: "panic: test timed out", the names of the running tests
// and the stacks of all goroutines. Run it with a short -timeout, or
// with -timeout=0: then there is no timer, and the runtime reports the deadlock at
// once, if the binary has no cgo in it. A synctest bubble reports it at once too.
//
//claim:ask My test deadlocks. Why does go test not say so for ten minutes?
//claim:source https://pkg.go.dev/cmd/go#hdr-Testing_flags
//claim:source https://pkg.go.dev/testing/synctest#hdr-Blocking
func TestDeadlockInTest(t *testing.T) {
	t.Setenv("CGO_ENABLED", "0")
	program := buildDeadlock(t, "test", "-c", "./testdata/deadlock/intest")
	run := func(timeout string) string {
		out, err := exec.CommandContext(t.Context(), program, "-test.timeout="+timeout).CombinedOutput()
		require.ErrorContains(t, err, "exit status 2")
		return string(out)
	}
	out := run("100ms")
	require.Contains(t, out, "panic: test timed out after 100ms\n\trunning tests:\n\t\tTestHang")
	require.Contains(t, out, "intest.TestHang(")
	require.NotContains(t, out, allAsleep)

	out = run("0")
	require.Contains(t, out, allAsleep)
	require.Contains(t, out, "intest.TestHang(")
}

// Send it SIGQUIT (kill -QUIT, or Ctrl-backslash in a terminal): the program prints
// the stacks of all goroutines and ends with exit code 2. That works without
// pprof and without a restart, if the program does not catch the signal itself. Take it
// as the last step, since it kills the process. With net/http/pprof the
// same text comes from /debug/pprof/goroutine?debug=2, and the process lives on.
// Windows has no SIGQUIT.
//
//claim:ask A program in production hangs and has no pprof. How do I see where?
//claim:source https://pkg.go.dev/os/signal#hdr-Default_behavior_of_signals_in_Go_programs
func TestDeadlockQuit(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no SIGQUIT")
	}
	t.Setenv("CGO_ENABLED", "0")
	cmd := exec.CommandContext(t.Context(), buildDeadlock(t, "build", "./testdata/deadlock/all"), "sleep")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	var stacks bytes.Buffer
	cmd.Stderr = &stacks
	require.NoError(t, cmd.Start())
	_, err = out.Read(make([]byte, len("waiting\n")))
	require.NoError(t, err)
	require.NoError(t, cmd.Process.Signal(syscall.SIGQUIT))
	require.ErrorContains(t, cmd.Wait(), "exit status 2")
	require.Contains(t, stacks.String(), "SIGQUIT: quit")
	require.Contains(t, stacks.String(), "main.main()")
	require.Contains(t, stacks.String(), "created by main.main in goroutine 1")
}

// Look at the goroutines, since the runtime is silent while others run. Those of a
// circle are all in a waiting state, the same in two dumps with some time between. With
// mutexes each stack shows two things: the Lock it waits in, and further down
// the function that holds the other lock. Go does not record who holds a mutex, so
// you have to conclude it from the code. Here two take two locks in opposite order
// while the test runs on.
//
//claim:ask Only some goroutines of a server are deadlocked. How do I find the circle?
//claim:source https://pkg.go.dev/net/http/pprof
func TestDeadlockPartial(t *testing.T) {
	var a, b sync.Mutex
	var meet, ended sync.WaitGroup
	meet.Add(2)
	ended.Go(func() { lockBoth(&a, &b, &meet) })
	ended.Go(func() { lockBoth(&b, &a, &meet) })
	waitStates(t, "lockBoth", "sync.Mutex.Lock", "sync.Mutex.Lock")
	waitStates(t, "lockBoth", "sync.Mutex.Lock", "sync.Mutex.Lock") // later, still

	var dump strings.Builder
	require.NoError(t, pprof.Lookup("goroutine").WriteTo(&dump, 2))
	require.Equal(t, 2, strings.Count(dump.String(), "concurrency.lockBoth("))
	a.Unlock() // any goroutine may do this, and so break the circle
	b.Unlock()
	ended.Wait()
}

// No. Block and mutex profile record a wait when it ends, and the wait of a deadlock
// does not end: it is in neither of them. They are for waits that are too long, the
// goroutine profile is for waits that go on.
//
//claim:ask Do I see a deadlock in the block profile or the mutex profile?
//claim:source https://pkg.go.dev/runtime#SetBlockProfileRate
//claim:source https://pkg.go.dev/runtime/pprof#Profile
func TestDeadlockProfiles(t *testing.T) {
	runtime.SetBlockProfileRate(1)
	mutexRate := runtime.SetMutexProfileFraction(1)
	t.Cleanup(func() {
		runtime.SetBlockProfileRate(0)
		runtime.SetMutexProfileFraction(mutexRate)
	})
	// waits returns how many waits of the function in the call are in the profile. A
	// lock inside the runtime may be in it too, and is left out.
	waits := func(name, call, function string) (n int) {
		var profile strings.Builder
		require.NoError(t, pprof.Lookup(name).WriteTo(&profile, 1))
		var cycles int64
		var count int
		inCall := false
		for line := range strings.Lines(profile.String()) {
			if _, err := fmt.Sscanf(line, "%d %d @", &cycles, &count); err == nil {
				inCall = false // a record begins
				continue
			}
			if strings.Contains(line, "runtime.unlock") {
				count = 0
			}
			inCall = inCall || strings.Contains(line, call)
			if inCall && strings.Contains(line, function) {
				n += count
			}
		}
		return n
	}
	blocked := waits("block", "sync.(*Mutex).Lock+", "concurrency.lockBoth+")
	released := waits("mutex", "sync.(*Mutex).Unlock+", "concurrency.TestDeadlockProfiles+")
	var a, b sync.Mutex
	var meet, ended sync.WaitGroup
	meet.Add(1)
	b.Lock()
	ended.Go(func() { lockBoth(&a, &b, &meet) })
	waitStates(t, "lockBoth", "sync.Mutex.Lock")
	require.Equal(t, blocked, waits("block", "sync.(*Mutex).Lock+", "concurrency.lockBoth+"))
	require.Equal(t, released, waits("mutex", "sync.(*Mutex).Unlock+", "concurrency.TestDeadlockProfiles+"))
	b.Unlock()
	ended.Wait()
	require.Equal(t, blocked+1, waits("block", "sync.(*Mutex).Lock+", "concurrency.lockBoth+"))
	require.Equal(t, released+1, waits("mutex", "sync.(*Mutex).Unlock+", "concurrency.TestDeadlockProfiles+"))
}

// Four must hold at once: a resource has one holder (mutual exclusion), who keeps
// it while waiting for the next (hold and wait), nobody can take it away (no
// preemption), and the waits form a circle. Break one and there is no deadlock: share
// the resource for reading, take all or nothing under one lock, wait with a
// timeout and give back, or take locks in one order. The last one is the usual cure
// for mutexes, the timeout for channels.
//
//claim:ask Which conditions does a deadlock need, and how is each of them broken?
//claim:source https://go.dev/ref/spec#Select_statements
func TestDeadlockConditions(t *testing.T) {
	type lock chan struct{} // as a mutex, but a bubble knows that it blocks, and select can wait for it
	finished := func(holders int, task func(first, second lock, id int)) (n int) {
		synctest.Test(t, func(t *testing.T) {
			a, b := make(lock, holders), make(lock, holders)
			var done atomic.Int64
			go func() { task(a, b, 1); done.Add(1) }()
			go func() { task(b, a, 2); done.Add(1) }()
			time.Sleep(time.Hour)
			synctest.Wait()
			if n = int(done.Load()); n < 2 {
				<-a
				<-b // so that they can end
			}
		})
		return n
	}
	take := func(l lock) { l <- struct{}{} }
	give := func(l lock) { <-l }
	holdAndWait := func(first, second lock, _ int) {
		take(first)
		time.Sleep(time.Second)
		take(second)
	}
	require.Zero(t, finished(1, holdAndWait))
	require.Equal(t, 2, finished(2, holdAndWait), "no mutual exclusion")

	oneOrder := make(map[int]lock)
	var mu sync.Mutex
	require.Equal(t, 2, finished(1, func(first, second lock, id int) {
		if id == 2 {
			first, second = second, first
		}
		mu.Lock()
		oneOrder[id] = first
		mu.Unlock()
		take(first)
		time.Sleep(time.Second)
		take(second)
		give(second)
		give(first)
	}), "no circle")
	require.Equal(t, oneOrder[1], oneOrder[2])

	require.Equal(t, 2, finished(1, func(first, second lock, id int) {
		for {
			take(first)
			time.Sleep(time.Second)
			select {
			case second <- struct{}{}:
				give(second)
				give(first)
				return
			case <-time.After(time.Duration(id) * time.Minute):
				give(first)
				time.Sleep(time.Duration(id) * time.Second)
			}
		}
	}), "preemption")

	var allOrNothing sync.Mutex
	require.Equal(t, 2, finished(1, func(first, second lock, _ int) {
		for taken := false; !taken; {
			allOrNothing.Lock()
			if taken = len(first) == 0 && len(second) == 0; taken {
				take(first)
				take(second)
			}
			allOrNothing.Unlock()
			time.Sleep(time.Second)
		}
		allOrNothing.Lock()
		give(first)
		give(second)
		allOrNothing.Unlock()
	}), "no hold and wait")
}

// Sort them by something that never changes, such as an id, and lock in that order,
// everywhere. Drop duplicates first: transfer(a, a) locks one mutex twice and waits
// for itself, which an order alone does not cure. If there is no id, one lock for
// all of them is the simple way.
//
//claim:ask A function has to lock several mutexes. How does it avoid a deadlock, also if two of them are the same?
//claim:source https://pkg.go.dev/sync#Mutex
func TestDeadlockOrder(t *testing.T) {
	purses := []*purse{{id: 1}, {id: 2}, {id: 3}}
	var wg sync.WaitGroup
	for i := range 9 {
		wg.Go(func() {
			for range 50 {
				pay(purses[i/3], purses[i%3]) // each pair, each with itself
			}
		})
	}
	wg.Wait()
	for _, p := range purses {
		require.Zero(t, p.coins, "as many came as went")
	}

	unlock := lockPurses(purses[2], purses[0], purses[2])
	require.False(t, purses[2].mu.TryLock())
	require.True(t, purses[1].mu.TryLock())
	unlock()
	purses[1].mu.Unlock()
}

// Yes: lock the first, try the second, and if it is taken give the first one back and
// begin again. Nobody holds one lock while waiting for another, so there is no
// circle and no order is needed. The price is work that is done again, and in bad
// luck a livelock: pause for a random time between the tries. If you can have an
// order, take the order.
//
//claim:ask Can TryLock prevent a deadlock when there is no lock order?
//claim:source https://pkg.go.dev/sync#Mutex.TryLock
func TestDeadlockTryLock(t *testing.T) {
	a, b := &purse{coins: 200}, &purse{coins: 200}
	b.mu.Lock()
	retries := payByTry(a, b, func() {
		require.True(t, a.mu.TryLock(), "given back")
		a.mu.Unlock()
		b.mu.Unlock()
	})
	require.Equal(t, 1, retries)

	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for range 100 {
				payByTry(a, b, runtime.Gosched)
			}
		})
		wg.Go(func() {
			for range 100 {
				payByTry(b, a, runtime.Gosched)
			}
		})
	}
	wg.Wait()
	require.Equal(t, []int{199, 201}, []int{a.coins, b.coins})
}

// In a deadlock nothing moves: all wait. In a livelock all are busy, each reacts to
// the other, and no work gets done: two that both give way, again and again in the
// same rhythm. No tool reports it, the goroutines are runnable and use the
// processor. The cure is to break the symmetry, by a priority or a random pause. In
// starvation the program as a whole gets on, but one never has its turn.
//
//claim:ask How do deadlock, livelock and starvation differ?
//claim:source https://pkg.go.dev/testing/synctest
func TestDeadlockOrLivelock(t *testing.T) {
	const rounds = 1000
	// tries takes one side, tries the other, and gives way. It returns the round
	// in which it had both, or 0.
	tries := func(own, other chan bool, pause time.Duration) int {
		for round := 1; round <= rounds; round++ {
			own <- true
			time.Sleep(time.Second)
			select {
			case other <- true:
				<-other
				<-own
				return round
			default:
			}
			time.Sleep(time.Second)
			<-own
			time.Sleep(pause)
		}
		return 0
	}
	both := func(pauseA, pauseB time.Duration) (a, b int) {
		synctest.Test(t, func(t *testing.T) {
			left, right := make(chan bool, 1), make(chan bool, 1)
			var wg sync.WaitGroup
			wg.Go(func() { a = tries(left, right, pauseA) })
			wg.Go(func() { b = tries(right, left, pauseB) })
			wg.Wait()
		})
		return a, b
	}
	a, b := both(time.Second, time.Second)
	require.Equal(t, []int{0, 0}, []int{a, b}, "in step for ever, and no deadlock")
	a, b = both(time.Second, 3*time.Second)
	require.Equal(t, []int{2, 2}, []int{a, b})
}

// A loop that looks at the urgent channel first and at the other one only if the
// first is empty never comes to the other one under load. That is starvation: nothing
// hangs, and some work is never done. A select with both cases chooses at random among
// those that are ready, so both get their share. If urgent work must come first, let
// the other have a turn after every n.
//
//claim:ask I give one channel priority by nesting two selects. What can go wrong?
//claim:source https://go.dev/ref/spec#Select_statements
func TestDeadlockStarvation(t *testing.T) {
	urgent, other := make(chan int, 1), make(chan int, 1)
	served := func(next func() chan int) (urgentServed, otherServed int) {
		for range 1000 {
			for _, c := range []chan int{urgent, other} {
				select {
				case c <- 1: // there is always work
				default:
				}
			}
			if next() == urgent {
				urgentServed++
			} else {
				otherServed++
			}
		}
		return urgentServed, otherServed
	}
	_, lost := served(func() chan int {
		select {
		case <-urgent:
			return urgent
		default:
		}
		select {
		case <-urgent:
			return urgent
		case <-other:
			return other
		}
	})
	require.Zero(t, lost)

	first, second := served(func() chan int {
		select {
		case <-urgent:
			return urgent
		case <-other:
			return other
		}
	})
	require.Greater(t, first, 300)
	require.Greater(t, second, 300)
}

// A goroutine that holds a lock waits on a channel, and the one that should send
// needs that lock: a circle of a mutex and a channel. Neither knows of the other, and
// no lock order helps. Do not wait while holding a lock: no channel operation, no
// WaitGroup.Wait, no call of foreign code. Take what you need, unlock, then wait.
//
//claim:ask Is it a problem to send or receive on a channel while holding a mutex?
//claim:source https://pkg.go.dev/sync#Mutex
func TestDeadlockWaitUnderLock(t *testing.T) {
	var mu sync.Mutex
	results := make(chan int)
	var got []int
	var ended sync.WaitGroup
	ended.Go(func() {
		leakWaits(func() {
			mu.Lock()
			defer mu.Unlock()
			got = append(got, <-results)
		})
	})
	waitStates(t, "leakWaits", "chan receive")
	ended.Go(func() {
		leakWaits(func() {
			mu.Lock() // to compute the result
			result := len(got)
			mu.Unlock()
			results <- result
		})
	})
	waitStates(t, "leakWaits", "chan receive", "sync.Mutex.Lock")
	results <- 2 // from a third one, or it would stay like this
	require.Equal(t, 1, <-results)
	ended.Wait()
	require.Equal(t, []int{2}, got)
}

// Printing calls String, String locks the mutex, and the caller holds it already: the
// goroutine waits for itself. No call of the method is to be seen in the code. The
// same happens with Error, MarshalJSON, LogValue and comparison functions. Do not
// print an object while holding its lock, or copy the fields first.
//
//claim:ask log.Printf("%v", s) hangs while I hold the mutex of s. Why?
//claim:source https://pkg.go.dev/fmt#Stringer
func TestDeadlockStringMethod(t *testing.T) {
	var s settings
	printed := make(chan string, 1)
	go leakWaits(func() {
		s.mu.Lock()
		printed <- fmt.Sprintf("%v", &s)
	})
	waitStates(t, "(*settings).String", "sync.Mutex.Lock")
	s.mu.Unlock()
	require.Equal(t, "debug=false", <-printed)

	s.mu.Lock()
	debug := s.debug
	s.mu.Unlock()
	require.Equal(t, "debug=false", fmt.Sprintf("debug=%t", debug))
	waitStates(t, "leakWaits")
}

// All workers can be in the middle of a send to the queue that only they receive from:
// it is full, and nobody takes anything out. A larger buffer only moves the moment. The
// producer side must not wait for the consumer side in a circle: let the workers
// give back what they find to one coordinator that keeps it in a slice, and let it
// send and receive in one select. It also knows when all is done.
//
//claim:ask Workers put new jobs into the queue they read from. Why does it hang after a while?
//claim:source https://go.dev/ref/spec#Send_statements
//claim:source https://go.dev/ref/spec#Select_statements
func TestDeadlockQueue(t *testing.T) {
	links := func(page int) []int { // page 1 links to 2 and 3, and so on to 63
		if page > 31 {
			return nil
		}
		return []int{2 * page, 2*page + 1}
	}
	for _, room := range []int{1, 8} {
		synctest.Test(t, func(t *testing.T) {
			queue := make(chan int, room)
			for range 2 {
				go crawlQueue(queue, links)
			}
			queue <- 1
			synctest.Wait()
			require.Equal(t, []string{"chan send (durable)", "chan send (durable)"}, goroutineStates("crawlQueue"))
			for stuck := true; stuck; synctest.Wait() { // somebody else has to take jobs out
				select {
				case <-queue:
				default:
					stuck = false
				}
			}
			close(queue)
		})
	}

	visited := crawl(1, 2, links)
	slices.Sort(visited)
	require.Len(t, visited, 63)
	require.Equal(t, []int{1, 2, 3}, visited[:3])
	require.Empty(t, goroutineStates("crawl.func1"))
}

// A task that holds a slot of the limit and waits for subtasks that need slots of
// the same limit: as soon as all slots are held by waiting parents, no child can start.
// It depends on depth and load, so it passes small tests. Give the slot back
// before waiting, or limit only the leaves that do the work, or use a limit per
// level. The same goes for errgroup.SetLimit with nested Go calls, and
// for a database pool when a transaction needs a second connection.
//
//claim:ask Tasks with a concurrency limit start subtasks under the same limit. What can happen?
//claim:source https://pkg.go.dev/golang.org/x/sync/errgroup#Group.SetLimit
func TestDeadlockNestedSlots(t *testing.T) {
	visits := func(slots, depth int, holding bool) (visited int64) {
		synctest.Test(t, func(t *testing.T) {
			limit := make(chan struct{}, slots)
			var count atomic.Int64
			go visitTree(limit, depth, holding, func() { count.Add(1) })
			synctest.Wait()
			visited = count.Load()
			borrowed := 0
			for count.Load() < 1<<depth-1 { // more slots, so that it can end
				<-limit
				borrowed++
				synctest.Wait()
			}
			for range borrowed {
				limit <- struct{}{}
			}
		})
		return visited
	}
	require.EqualValues(t, 2, visits(2, 3, true), "of 7")
	require.EqualValues(t, 3, visits(2, 2, true), "of 3: less deep, and it passes")
	require.EqualValues(t, 7, visits(2, 3, false))
	require.EqualValues(t, 7, visits(1, 3, false))
}
