package schedgc

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// No. A sleeping goroutine is parked, and its timer is an entry in the heap of a P;
// the thread goes on with other goroutines. 1000 goroutines in time.Sleep need a
// few threads, where 1000 calls of the sleep of the system would need 1000. The
// same holds for a wait on a timer channel. What a sleep costs is the
// goroutine with its stack.
//
//claim:ask Does time.Sleep block a thread?
//claim:source runtime/time.go
func TestSchedtimerSleep(t *testing.T) {
	if proof.InChild(t) {
		const n = 1000
		for range n {
			go time.Sleep(time.Hour)
		}
		threadsWaitUntil(t, func() bool { return threadsInState("sleep") == n })
		fmt.Printf("sleeping=%d\nthreads=%d\n", n, ThreadCount())
		os.Exit(0)
	}
	facts := runChildFacts(t)
	assert.Equal(t, 1000, facts["sleeping"])
	assert.Less(t, facts["threads"], 20)
}

// The scheduler itself does, on any thread that looks for the next goroutine: before it
// looks in the run queue of its P, it runs the timers of this P that are due. There
// is no timer goroutine or thread since Go 1.14. So a timer fires when its P comes to the
// scheduler, or when another P steals it: with two Ps a timer of a P that is stuck in a
// loop is run by the other one; with one P it waits until the loop is
// preempted, and without preemption for ever.
//
//claim:ask Who fires timers, and what if the P that has the timer is busy?
//claim:source runtime/time.go
//claim:source https://go.dev/doc/go1.14#runtime
func TestSchedtimerStolen(t *testing.T) {
	if proof.InChild(t) {
		var fired atomic.Bool
		fmt.Println("started")
		time.AfterFunc(5*time.Millisecond, func() { fired.Store(true) })
		preemptUntil(&fired)
		fmt.Println("ended")
		os.Exit(0)
	}
	const off = "GODEBUG=asyncpreemptoff=1"
	childEnds(t, "GOMAXPROCS=2", off)
	childEnds(t, "GOMAXPROCS=1")
	if !proof.RaceEnabled { // it makes calls of the atomic loads, which are preemption points
		childHangs(t, "GOMAXPROCS=1", off)
	}
}

// A sleep ends when the goroutine gets a P. When the timer is due the goroutine becomes
// runnable, and then it waits in a run queue like all others. Here the sleep of a
// millisecond is over long before the loop on the only P, and the
// sleeper still comes after it. With preemption it would wait for the rest of the time
// slice, up to 10 milliseconds, and longer with many runnable goroutines. So the
// jitter of timers is a sign of too little processor time.
//
//claim:ask time.Sleep(time.Millisecond) takes 10 milliseconds or more under load. Why?
//claim:source runtime/proc.go
func TestSchedtimerLate(t *testing.T) {
	if proof.InChild(t) {
		var order []string
		slept := make(chan time.Duration)
		asleep := make(chan bool)
		go func() {
			begun := time.Now()
			asleep <- true
			time.Sleep(time.Millisecond)
			order = append(order, "sleeper")
			slept <- time.Since(begun)
		}()
		<-asleep               // and it goes on until it sleeps
		for range 60_000_000 { // much more than a millisecond
		}
		order = append(order, "loop") // one P: nobody else runs now
		took := <-slept
		fmt.Printf("late=%d\nloopFirst=%d\n", factOf(took > 5*time.Millisecond), factOf(order[0] == "loop"))
		os.Exit(0)
	}
	if proof.RaceEnabled {
		t.Skip("one P makes it correct, but it is a race")
	}
	// On a busy machine the sleeper may come before the loop begins: then try again.
	for range 20 {
		facts := runChildFacts(t, "GOMAXPROCS=1", "GODEBUG=asyncpreemptoff=1")
		if facts["loopFirst"] == 1 {
			assert.Equal(t, 1, facts["late"])
			return
		}
	}
	assert.Fail(t, "the sleeper always came first")
}

// No. Sleep with 0 or a negative duration returns at once, without giving up
// the P, so a loop around it is a busy loop. A nanosecond is no better where the
// clock is fine: the goroutine parks, but the scheduler looks at the timers first,
// finds this one due, and runs the same goroutine next. To let others run
// use runtime.Gosched.
//
//claim:ask Does time.Sleep(0) or time.Sleep(1) yield to other goroutines?
//claim:source runtime/time.go
func TestSchedtimerSleepZero(t *testing.T) {
	if proof.RaceEnabled {
		t.Skip("the race detector makes the scheduler choose at random")
	}
	preemptOneP(t)
	ranDuring := func(yield func()) bool {
		var ran atomic.Bool
		var other sync.WaitGroup
		other.Go(func() { ran.Store(true) })
		yield()
		result := ran.Load()
		other.Wait()
		return result
	}
	// Preemption may let the other goroutine run now and then, so count.
	const n = 20
	count := func(yield func()) (ran int) {
		for range n {
			ran += factOf(ranDuring(yield))
		}
		return ran
	}
	assert.Less(t, count(func() { time.Sleep(0) }), n/2)
	assert.Less(t, count(func() { time.Sleep(-time.Hour) }), n/2)
	if runtime.GOOS == "linux" {
		assert.Less(t, count(func() { time.Sleep(time.Nanosecond) }), n/2)
	}
	assert.Greater(t, count(func() { time.Sleep(time.Millisecond) }), n/2)
	assert.Greater(t, count(runtime.Gosched), n/2)
}

// No order is promised. Each P has a heap of its own, the due timers of a P are run one
// after the other, and what AfterFunc runs is a new goroutine for each, which the
// scheduler orders as it likes. On one P the last of several due timers comes first,
// since the goroutine started last is the next one to run. If the order matters, use one
// timer and a queue of your own.
//
//claim:ask Five AfterFunc timers of 1 to 5 milliseconds are overdue. In which order do their functions run?
//claim:source https://pkg.go.dev/time#AfterFunc
func TestSchedtimerOrder(t *testing.T) {
	if proof.InChild(t) {
		const n = 5
		order := make(chan int, n)
		for i := 1; i <= n; i++ {
			time.AfterFunc(time.Duration(i)*time.Millisecond, func() { order <- i })
		}
		for range 60_000_000 { // much more than 5 milliseconds
		}
		for i := range n {
			fmt.Printf("place%d=%d\n", i, <-order)
		}
		os.Exit(0)
	}
	lastFirst := false
	for range 20 { // on a busy machine some may come before the loop begins
		var places []int
		facts := runChildFacts(t, "GOMAXPROCS=1", "GODEBUG=asyncpreemptoff=1")
		for i := range 5 {
			places = append(places, facts[fmt.Sprint("place", i)])
		}
		lastFirst = places[0] == 5
		slices.Sort(places)
		assert.Equal(t, []int{1, 2, 3, 4, 5}, places)
		if lastFirst {
			break
		}
	}
	assert.True(t, lastFirst)
}

// A timer costs little among thousands of others. The timers of a P form a heap
// with four children for each entry, so a new one moves up a few levels only,
// and Stop just marks its entry, to be removed later together with others. With
// 1000 times as many pending timers, 10000 instead of 10, a new one that is
// stopped again takes less than 10 times as long, and so does Reset, which also
// only marks. Since Go 1.23 the timer of a channel is not in the heap at all
// while no goroutine waits for it.
//
//claim:ask What does a timer cost if thousands of others are pending?
//claim:expect ns/op n=10000 < 10x n=10
//claim:expect allocs/op of=Reset == 0
//claim:source runtime/time.go
//claim:source https://go.dev/doc/go1.23#timer-changes
func BenchmarkSchedtimerPending(b *testing.B) {
	for _, n := range []int{10, 10000} {
		b.Run(fmt.Sprintf("of=Reset/n=%d", n), func(b *testing.B) {
			b.Cleanup(schedtimerPending(n))
			timer := time.AfterFunc(2*time.Hour, func() {})
			defer timer.Stop()
			d := time.Duration(0)
			b.ReportAllocs()
			for b.Loop() {
				d = (d + 7919*time.Second) % time.Hour
				timer.Reset(time.Hour + d)
			}
		})
		b.Run(fmt.Sprintf("of=AfterFunc/n=%d", n), func(b *testing.B) {
			b.Cleanup(schedtimerPending(n))
			d := time.Duration(0)
			b.ReportAllocs()
			for b.Loop() {
				d = (d + 7919*time.Second) % time.Hour
				time.AfterFunc(d+time.Minute, func() {}).Stop()
			}
		})
	}
}

func TestSchedtimerPending(t *testing.T) {
	stop := schedtimerPending(100)
	fired := make(chan bool)
	time.AfterFunc(time.Millisecond, func() { fired <- true })
	assert.True(t, <-fired, "not held up by those that are due later")
	stop()
}
