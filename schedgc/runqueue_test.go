package schedgc

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-deep-dive/godeep/internal/proof"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// runQueueOneP lets the test run with a single P.
func runQueueOneP(t *testing.T) {
	t.Helper()
	procs := runtime.GOMAXPROCS(1)
	t.Cleanup(func() { runtime.GOMAXPROCS(procs) })
}

// runQueueSometime asserts that attempt succeeds in one of 50 attempts: a time slice
// that ends, or the runtime's own goroutines, change every order.
func runQueueSometime(t *testing.T, why string, attempt func() bool) {
	t.Helper()
	for try := range 50 {
		if attempt() {
			return
		}
		runQueueQuiet(try)
	}
	require.Fail(t, "not in 50 attempts", why)
}

// runQueueQuiet ends a sweep that is under way, now and then: the goroutine of the
// runtime that sweeps is in the queues until it is done.
func runQueueQuiet(try int) {
	if try%10 == 9 {
		runtime.GC()
	}
}

// runQueueSame is runQueueSometime for an attempt that returns something.
func runQueueSame[T any](t *testing.T, want T, attempt func() T) {
	t.Helper()
	var got T
	for try := range 50 {
		if got = attempt(); assert.ObjectsAreEqual(want, got) {
			return
		}
		runQueueQuiet(try)
	}
	require.Equal(t, want, got, "the last of 50 attempts")
}

// runQueueStarted starts n goroutines from one that holds the only P, and
// returns the order in which they ran.
func runQueueStarted(n int) []int {
	order := make([]int, n)
	var place atomic.Int32
	var wg sync.WaitGroup
	wg.Add(n)
	runtime.Gosched() // whatever else is ready runs now
	for i := range n {
		go func() {
			order[place.Add(1)-1] = i
			wg.Done()
		}()
	}
	wg.Wait()
	return order
}

// It is unspecified but not random: with one P, four rules give the order of any
// number of goroutines. A new or woken goroutine takes the slot of the newest, which
// runs first. The one that it displaces goes to the end of the local queue, which has
// 256 places. When that is full, its older half moves to the global queue. Every
// 61st tick the global queue comes first, otherwise it is read only when the local one
// is empty. With several Ps, other Ps steal and no rule predicts the order. The
// race detector shuffles on purpose.
//
//claim:ask Is the order in which goroutines run random?
//claim:source runtime/proc.go
func TestRunQueueOrder(t *testing.T) {
	if proof.RaceEnabled {
		t.Skip("the race detector shuffles the queues")
	}
	runQueueOneP(t)
	const n = 1000
	predictions := make([][]int, 0, runQueueEvery)
	for tick := range runQueueEvery { // nobody tells where the P is in its round of 61
		q := runQueueModel{tick: tick}
		for g := range n {
			q.ready(g)
		}
		require.Len(t, q.local, 225)
		require.Len(t, q.global, 774, "six times 129")
		var order []int
		for g, ok := q.take(); ok; g, ok = q.take() {
			order = append(order, g)
		}
		predictions = append(predictions, order)
	}
	runQueueSometime(t, "the model predicts all 1000 places", func() bool {
		ran := runQueueStarted(n)
		return slices.ContainsFunc(predictions, func(order []int) bool { return slices.Equal(order, ran) })
	})
}

func TestRunQueueModelTakesAll(t *testing.T) {
	for _, n := range []int{0, 1, 256, 257, 258, 5000} {
		var q runQueueModel
		for g := range n {
			q.ready(g)
			require.LessOrEqual(t, len(q.local), runQueueLocal)
		}
		q.yield(n)
		var got []int
		for g, ok := q.take(); ok; g, ok = q.take() {
			got = append(got, g)
		}
		slices.Sort(got)
		require.Len(t, slices.Compact(got), n+1)
	}
}

// They print 9 0 1 2 3 4 5 6 7 8. The goroutine that was started last sits in the slot
// of the newest (runnext), and each go statement before it has pushed the older
// one to the end of the local queue. So the last is the first, and the others come in
// order. The slot is there for goroutines that answer each other: the one that has
// just been woken need not wait for the whole queue. The order is no promise: a
// second P, a preemption or the race detector gives another.
//
//claim:ask With GOMAXPROCS(1), a loop starts ten goroutines that print their index. What is printed?
//claim:source runtime/proc.go
func TestRunQueueLastFirst(t *testing.T) {
	runQueueOneP(t)
	want := []int{9, 0, 1, 2, 3, 4, 5, 6, 7, 8}
	if proof.RaceEnabled {
		runQueueSometime(t, "shuffled", func() bool { return !slices.Equal(want, runQueueStarted(10)) })
		return
	}
	runQueueSame(t, want, func() []int { return runQueueStarted(10) })
}

// Without that, goroutines that keep the local queue busy would starve those in the
// global one for ever. So in one of 61 ticks a P takes from the global queue
// first. A goroutine that calls runtime.Gosched joins the global queue: while others
// keep restarting each other in the local queue, it comes back after exactly 60
// of them. It is not looked at each time because all Ps share it, and taking from it
// needs a lock.
//
//claim:ask Why does the scheduler look at the global run queue now and then, and how often?
//claim:source runtime/proc.go
func TestRunQueueGlobalTurn(t *testing.T) {
	if proof.RaceEnabled {
		t.Skip("the race detector shuffles the queues")
	}
	runQueueOneP(t)
	var stop atomic.Bool
	var steps atomic.Int64
	ended := make(chan bool)
	var step func()
	step = func() {
		if stop.Load() {
			close(ended)
			return
		}
		steps.Add(1)
		go step()
		go func() {}() // pushes the next step out of the slot of the newest
	}
	go step()
	runQueueSometime(t, "60 steps, mostly", func() bool {
		const rounds = 20
		exact := 0
		for range rounds {
			before := steps.Load()
			runtime.Gosched()
			if steps.Load()-before == runQueueEvery-1 {
				exact++
			}
		}
		return exact > rounds/2
	})
	stop.Store(true)
	<-ended
}

// Yes. One P means that goroutines take turns, not that a turn ends where it
// suits the program: at each blocking operation and, since Go 1.14, anywhere a
// time slice ends. Here ten goroutines read a counter, give way, and write back
// what they read plus one. Nine of ten updates are lost, with single atomic
// loads and stores. A mutex or an atomic Add keeps them together.
//
//claim:ask With GOMAXPROCS=1 only one goroutine runs at a time. Do I still need a mutex?
//claim:source https://go.dev/ref/mem#advice
//claim:source https://go.dev/doc/go1.14#runtime
func TestRunQueueStillLocks(t *testing.T) {
	runQueueOneP(t)
	count := func(add func(*atomic.Int64)) int64 {
		var counter atomic.Int64
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() { add(&counter) })
		}
		wg.Wait()
		return counter.Load()
	}
	runQueueSame(t, int64(1), func() int64 {
		return count(func(c *atomic.Int64) {
			read := c.Load()
			runtime.Gosched() // or a log line, or the end of a time slice
			c.Store(read + 1)
		})
	})
	var mu sync.Mutex
	require.EqualValues(t, 10, count(func(c *atomic.Int64) {
		mu.Lock()
		defer mu.Unlock()
		read := c.Load()
		runtime.Gosched()
		c.Store(read + 1)
	}))
	require.EqualValues(t, 10, count(func(c *atomic.Int64) { c.Add(1) }))
}

// No. Gosched puts the calling goroutine at the end of the global queue and runs
// others from the local queue, but every 61st tick the global queue comes first. With
// 200 goroutines ready, at most 61 have run when Gosched returns. And each runs only to
// its next blocking operation. So Gosched is a hint to share the processor, and
// waiting for something needs a channel or a WaitGroup.
//
//claim:ask Have all other goroutines run when runtime.Gosched returns?
//claim:source https://pkg.go.dev/runtime#Gosched
//claim:source runtime/proc.go
func TestRunQueueGosched(t *testing.T) {
	runQueueOneP(t)
	runQueueSometime(t, "some, but not more than 61", func() bool {
		var ran atomic.Int32
		var wg sync.WaitGroup
		for range 200 {
			wg.Go(func() { ran.Add(1) })
		}
		runtime.Gosched()
		n := ran.Load()
		wg.Wait()
		return 0 < n && n <= runQueueEvery
	})
	runQueueSometime(t, "all of a few", func() bool {
		var ran atomic.Int32
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() { ran.Add(1) })
		}
		runtime.Gosched()
		n := ran.Load()
		wg.Wait()
		return n == 3
	})
}

// No, there are no priorities and no weights. Goroutines that all want to run take
// turns: four that yield after each step are served strictly in a circle. If some work
// must come first, the program has to hold the other back, for example with a
// smaller pool for it. A turn is up to a time slice long, so a goroutine that computes
// gets more time than one that yields after each step.
//
//claim:ask Can I give a goroutine a higher priority, and is the scheduler fair?
//claim:source runtime/proc.go
func TestRunQueueRoundRobin(t *testing.T) {
	if proof.RaceEnabled {
		t.Skip("the race detector shuffles the queues")
	}
	runQueueOneP(t)
	const goroutines, turns = 4, 25
	runQueueSometime(t, "a circle", func() bool {
		var order []int
		var mu sync.Mutex
		var wg sync.WaitGroup
		for i := range goroutines {
			wg.Go(func() {
				for range turns {
					mu.Lock()
					order = append(order, i)
					mu.Unlock()
					runtime.Gosched()
				}
			})
		}
		wg.Wait()
		for i := goroutines; i < len(order); i++ {
			if order[i] != order[i-goroutines] {
				return false
			}
		}
		return true
	})
}

// They share one time slice, and the third waits until it is over. A woken goroutine
// takes the slot of the newest and inherits what is left of its waker's slice, so no tick
// is counted and the rule of 61 does not help. The pair hands over hundreds of
// times before another ready goroutine runs. When the slice has lasted about 10 ms, the
// monitor thread preempts the pair, so the third waits and does not starve. The same
// holds for a goroutine that restarts itself with a go statement.
//
//claim:ask Two goroutines wake each other all the time. With one P, when does a third that is ready get to run?
//claim:source runtime/proc.go
func TestRunQueueTimeSlice(t *testing.T) {
	if proof.RaceEnabled {
		t.Skip("the race detector shuffles the queues")
	}
	runQueueOneP(t)
	for name, handOver := range map[string]func(stop *atomic.Bool, count *atomic.Int64, ended chan<- bool){
		"wake each other": func(stop *atomic.Bool, count *atomic.Int64, ended chan<- bool) {
			ball := make(chan bool)
			go func() {
				for range ball {
				}
				close(ended)
			}()
			go func() {
				for !stop.Load() {
					count.Add(1)
					ball <- true
				}
				close(ball)
			}()
		},
		"restarts itself": func(stop *atomic.Bool, count *atomic.Int64, ended chan<- bool) {
			var again func()
			again = func() {
				count.Add(1)
				if stop.Load() {
					close(ended)
					return
				}
				go again()
			}
			go again()
		},
	} {
		runQueueSometime(t, name, func() bool {
			var stop atomic.Bool
			var count atomic.Int64
			ended := make(chan bool)
			handOver(&stop, &count, ended)
			runtime.Gosched() // this is the third
			atFirst := count.Load()
			stop.Store(true)
			<-ended
			return atFirst > 5*runQueueEvery
		})
	}
}

// At operations that have to wait: a receive from an empty channel, a send to a full
// one, a locked mutex, WaitGroup.Wait, a select without a ready case, and
// runtime.Gosched. If the operation can proceed, the goroutine goes on and nobody else
// runs: a send with room in the buffer, an unlocked mutex, a close. A goroutine that
// never waits is preempted, since Go 1.14 also in a loop without calls.
//
//claim:ask When does a goroutine yield the processor by itself?
//claim:source runtime/proc.go
//claim:source https://go.dev/doc/go1.14#runtime
func TestRunQueueYieldPoints(t *testing.T) {
	runQueueOneP(t)
	// Each operation is given what the other goroutine does to let it go on.
	for name, c := range map[string]struct {
		yields  bool
		prepare func() (operation, other func())
	}{
		"receive, empty": {true, func() (func(), func()) {
			ch := make(chan int)
			return func() { <-ch }, func() { close(ch) }
		}},
		"send, full": {true, func() (func(), func()) {
			ch := make(chan int)
			return func() { ch <- 1 }, func() { <-ch }
		}},
		"select, nothing ready": {true, func() (func(), func()) {
			a, b := make(chan int), make(chan int)
			return func() {
				select {
				case <-a:
				case b <- 1:
				}
			}, func() { close(a) }
		}},
		"Lock, locked": {true, func() (func(), func()) {
			var mu sync.Mutex
			mu.Lock()
			return mu.Lock, mu.Unlock
		}},
		"Wait, not done": {true, func() (func(), func()) {
			var wg sync.WaitGroup
			wg.Add(1)
			return wg.Wait, wg.Done
		}},
		"Gosched": {true, func() (func(), func()) { return runtime.Gosched, func() {} }},
		"receive, full": {false, func() (func(), func()) {
			ch := make(chan int, 1)
			ch <- 1
			return func() { <-ch }, func() {}
		}},
		"send, room": {false, func() (func(), func()) {
			ch := make(chan int, 1)
			return func() { ch <- 1 }, func() {}
		}},
		"select, default": {false, func() (func(), func()) {
			ch := make(chan int)
			return func() {
				select {
				case <-ch:
				default:
				}
			}, func() {}
		}},
		"Lock, unlocked": {false, func() (func(), func()) {
			var mu sync.Mutex
			return func() { mu.Lock(); defer mu.Unlock() }, func() {}
		}},
		"Wait, done": {false, func() (func(), func()) {
			var wg sync.WaitGroup
			return wg.Wait, func() {}
		}},
		"go statement": {false, func() (func(), func()) { return func() { go func() {}() }, func() {} }},
		"allocation":   {false, func() (func(), func()) { return func() { _ = fmt.Sprint(t.Name(), 1) }, func() {} }},
	} {
		runQueueSometime(t, fmt.Sprintf("%s yields: %t", name, c.yields), func() bool {
			operation, other := c.prepare()
			var otherRan atomic.Bool
			var wg sync.WaitGroup
			wg.Go(func() {
				otherRan.Store(true)
				other()
			})
			operation()
			ran := otherRan.Load()
			wg.Wait()
			return ran == c.yields
		})
	}
}

// No, the waker goes on. Waking means only that the other becomes ready: it
// takes the slot of the newest and runs when the waker waits, ends or is preempted. Here
// a send to a waiting receiver, an Unlock, a Done and a Broadcast each
// return before the woken goroutine has done anything. With a second P, an idle one can
// steal the woken goroutine and run it at the same time.
//
//claim:ask I wake a goroutine by a send or an Unlock. Does it run at once?
//claim:source runtime/proc.go
func TestRunQueueWakerGoesOn(t *testing.T) {
	runQueueOneP(t)
	for name, prepare := range map[string]func() (wait, wake func()){
		"send": func() (func(), func()) {
			ch := make(chan int)
			return func() { <-ch }, func() { ch <- 1 }
		},
		"Unlock": func() (func(), func()) {
			var mu sync.Mutex
			mu.Lock()
			return func() { mu.Lock(); defer mu.Unlock() }, mu.Unlock
		},
		"Done": func() (func(), func()) {
			var wg sync.WaitGroup
			wg.Add(1)
			return wg.Wait, wg.Done
		},
		"Broadcast": func() (func(), func()) {
			var mu sync.Mutex
			cond, woken := sync.NewCond(&mu), false
			return func() {
					mu.Lock()
					for !woken {
						cond.Wait()
					}
					mu.Unlock()
				}, func() {
					mu.Lock()
					woken = true
					mu.Unlock()
					cond.Broadcast()
				}
		},
	} {
		runQueueSometime(t, name, func() bool {
			wait, wake := prepare()
			var ready, ran atomic.Bool
			var wg sync.WaitGroup
			wg.Go(func() {
				ready.Store(true)
				wait()
				ran.Store(true)
			})
			runtime.Gosched()
			waited := ready.Load()
			wake()
			ranAtOnce := ran.Load()
			wg.Wait()
			return waited && !ranAtOnce
		})
	}
}

// Got 0, sent 0, sent 1, got 1, got 2, sent 2, sent 3 and so on: the prints come in
// pairs. The main goroutine waits in its first send, and the receiver takes 0 from it
// and goes on to its next receive, which waits. Now main prints "sent 0" and its next send
// finds a waiting receiver, so it goes on at once, prints "sent 1", and only
// the send of 2 waits again. So "sent" can be printed before or after the
// "got" of the same value: the two prints are not ordered, only the send and the
// receive are.
//
//claim:ask With GOMAXPROCS(1), main sends 0, 1, 2 … on an unbuffered channel and prints after each send, a goroutine prints what it got. In which order?
//claim:source runtime/chan.go
//claim:source https://go.dev/ref/mem#chan
func TestRunQueueProducerConsumer(t *testing.T) {
	if proof.RaceEnabled {
		t.Skip("the race detector shuffles the queues")
	}
	runQueueOneP(t)
	runQueueSame(t, []string{
		"got 0", "sent 0", "sent 1", "got 1", "got 2", "sent 2", "sent 3", "got 3", "got 4", "sent 4", "sent 5", "got 5",
	}, func() []string { return runQueueConversation(0, 6) })
	runQueueSame(t, []string{ // with room for three: a bufferful and one more at a time
		"sent 0", "sent 1", "sent 2", "got 0", "got 1", "got 2", "got 3", "sent 3", "sent 4", "sent 5", "got 4", "got 5",
	}, func() []string { return runQueueConversation(3, 6) })
}

func runQueueConversation(room, values int) (said []string) {
	ch := make(chan int, room)
	var mu sync.Mutex
	say := func(what string, v int) {
		mu.Lock()
		said = append(said, fmt.Sprint(what, " ", v))
		mu.Unlock()
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for v := range ch {
			say("got", v)
		}
	})
	for v := range values {
		ch <- v
		say("sent", v)
	}
	close(ch)
	wg.Wait()
	return said
}

// In an order that follows from the run queue and that you should not use: with one P
// and four waiting goroutines 0 to 3, the order is 0, 3, 2, 1. The close makes all of
// them ready before it returns, from the last to the first, so that the one that has
// waited longest ends up in the slot of the newest. In contrast, single sends
// serve the receivers first come, first served.
//
//claim:ask Several goroutines wait for a channel that is closed. In which order do they run?
//claim:source runtime/chan.go
func TestRunQueueCloseOrder(t *testing.T) {
	if proof.RaceEnabled {
		t.Skip("the race detector shuffles the queues")
	}
	runQueueOneP(t)
	waiters := func(wake func(chan int)) func() []int {
		return func() (order []int) {
			ch := make(chan int)
			var mu sync.Mutex
			var wg sync.WaitGroup
			for i := range 4 {
				wg.Go(func() {
					<-ch
					mu.Lock()
					order = append(order, i)
					mu.Unlock()
				})
				runtime.Gosched() // it waits before the next one does
			}
			wake(ch)
			wg.Wait()
			return order
		}
	}
	var q runQueueModel
	for g := 3; g >= 0; g-- {
		q.ready(g)
	}
	var predicted []int
	for g, ok := q.take(); ok; g, ok = q.take() {
		predicted = append(predicted, g)
	}
	require.Equal(t, []int{0, 3, 2, 1}, predicted)
	runQueueSame(t, predicted, waiters(func(ch chan int) { close(ch) }))
	runQueueSame(t, []int{0, 1, 2, 3}, waiters(func(ch chan int) {
		for range 4 {
			ch <- 1
			runtime.Gosched()
		}
	}))
}

// It ends, but only because the loop is preempted: until its time slice of about 10 ms
// is over, the goroutine that would set the flag does not run. With
// GODEBUG=asyncpreemptoff=1, as before Go 1.14, it hangs for ever. With
// runtime.Gosched in the loop it ends after one round in both cases. With a
// channel nothing spins at all. The flag has to be atomic, otherwise it is a data race
// and the loop may never end.
//
//claim:ask With GOMAXPROCS=1, for !flag.Load() {} waits for a flag that another goroutine sets. What happens?
//claim:source https://go.dev/doc/go1.14#runtime
//claim:source runtime/preempt.go
func TestRunQueueBusyFlag(t *testing.T) {
	never := runQueueSpin(t, "flag", "GOMAXPROCS=1", "GODEBUG=asyncpreemptoff=1")
	require.Equal(t, "seen\n", runQueueSpin(t, "flag", "GOMAXPROCS=1").output())
	require.Equal(t, "seen after rounds: 1\n", runQueueSpin(t, "gosched", "GOMAXPROCS=1").output())
	require.Equal(t, "seen after rounds: 1\n", runQueueSpin(t, "gosched", "GOMAXPROCS=1", "GODEBUG=asyncpreemptoff=1").output())
	never.hangs()
}

// Concurrency means that several tasks are under way, and parallelism that two
// of them run in the same instant. Go code runs in at most GOMAXPROCS
// goroutines at once, on as many cores as there are for it. Two goroutines that
// each spin until the other has arrived, and that cannot be preempted, need two
// Ps: with GOMAXPROCS=1 they never meet, with GOMAXPROCS=2 they do. With
// preemption, as is normal, they meet with one P as well, after a time slice:
// there they take turns. So more Ps help what computes, while what only waits
// is served by concurrency alone.
//
//claim:ask What is the difference between concurrency and parallelism, and what decides which one Go gives me?
//claim:source https://go.dev/blog/waza-talk
//claim:source https://pkg.go.dev/runtime#GOMAXPROCS
func TestRunQueueParallel(t *testing.T) {
	never := runQueueSpin(t, "meet", "GOMAXPROCS=1", "GODEBUG=asyncpreemptoff=1")
	require.Equal(t, "met\n", runQueueSpin(t, "meet", "GOMAXPROCS=2", "GODEBUG=asyncpreemptoff=1").output())
	require.Equal(t, "met\n", runQueueSpin(t, "meet", "GOMAXPROCS=1").output())
	never.hangs()
}

// runQueueProcess is a program that may hang.
type runQueueProcess struct {
	t     *testing.T
	ended chan struct{} // closed after text and err are set
	kill  context.CancelFunc
	text  []byte
	err   error
	start time.Time
}

// runQueueSpin starts testdata/runqueue/spin. It is killed at the latest when
// the test ends.
func runQueueSpin(t *testing.T, what string, env ...string) *runQueueProcess {
	t.Helper()
	program, out, err := proof.Build(t, "build", "./testdata/runqueue/spin")
	require.NoError(t, err, out)
	ctx, kill := context.WithTimeout(t.Context(), 20*time.Second)
	p := &runQueueProcess{t: t, ended: make(chan struct{}), kill: kill, start: time.Now()}
	cmd := exec.CommandContext(ctx, program, what)
	cmd.Env = append(append(os.Environ(), "GODEBUG="), env...)
	go func() {
		defer close(p.ended)
		p.text, p.err = cmd.CombinedOutput()
	}()
	t.Cleanup(func() {
		kill()
		<-p.ended
	})
	return p
}

// output is what the program has printed when it has ended by itself.
func (p *runQueueProcess) output() string {
	p.t.Helper()
	<-p.ended
	require.NoError(p.t, p.err, string(p.text))
	return string(p.text)
}

// hangs asserts that the program still runs after a time in which others end.
func (p *runQueueProcess) hangs() {
	p.t.Helper()
	select {
	case <-p.ended:
		require.Fail(p.t, "ended", "%s %v", p.text, p.err)
	case <-time.After(time.Until(p.start.Add(150 * time.Millisecond))):
	}
	p.kill()
}
