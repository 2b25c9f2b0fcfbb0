package schedgc

import (
	"fmt"
	"net"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	xtrace "golang.org/x/exp/trace"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// stealRuns returns the P of each time that the goroutine began to run.
func (events tracedEvents) stealRuns(g xtrace.GoID) (procs []xtrace.ProcID) {
	for _, m := range events.moves(g) {
		if m.to == xtrace.GoRunning {
			procs = append(procs, m.event.Proc())
		}
	}
	return procs
}

// stealFrom runs a goroutine that creates n others and keeps its P until they have
// run, and reports whether it did keep it and all of them ran on another.
func stealFrom(t *testing.T, n int) (stolen bool) {
	var ran atomic.Int32
	events := recordTrace(t, func() {
		traceName("creator")
		for i := range n {
			go func() {
				traceName("child " + strconv.Itoa(i))
				ran.Add(1)
			}()
		}
		for int(ran.Load()) < n {
		}
		traceName("creator ends")
	})
	creator := events.stealRuns(events.named(t, "creator"))
	if len(creator) != 1 { // preempted, so perhaps on another P
		return false
	}
	for i := range n {
		if slices.Contains(events.stealRuns(events.named(t, "child "+strconv.Itoa(i))), creator[0]) {
			return false
		}
	}
	return true
}

// A P that has nothing left to run takes goroutines out of the queue of a busy
// P. New goroutines go into the queue of the P that created them, so a
// goroutine that starts twenty and goes on computing has them all behind it;
// another P takes and runs them meanwhile. The idle one does the work of
// balancing, a busy one does nothing. No goroutine belongs to a P: it may run
// here now and there next. With GOMAXPROCS=1 there is nobody to steal.
//
//claim:ask What is work stealing in the Go scheduler?
//claim:source runtime/proc.go
//claim:source https://go.dev/s/go11sched
func TestWorkStealing(t *testing.T) {
	withProcs(t, 2)
	untilTraced(t, func() bool { return stealFrom(t, 20) })
}

// No, if there is an idle P. The newest goroutine stands in the slot runnext of
// its P, to run when the current one blocks. A thief takes that slot too, but
// only as a last resort: in the last of four rounds over the other Ps, when
// their queues are empty, and after a pause of some microseconds in which the
// owner may run it itself. With GOMAXPROCS=1, or with all Ps busy, the new
// goroutine waits until the current one blocks, yields or is preempted.
//
//claim:ask I start one goroutine and go on computing. Does it wait for me?
//claim:source runtime/proc.go
func TestStealRunnext(t *testing.T) {
	withProcs(t, 2)
	untilTraced(t, func() bool { return stealFrom(t, 1) })

	withProcs(t, 1)
	untilTraced(t, func() bool {
		var ran atomic.Bool
		var one sync.WaitGroup
		one.Go(func() { ran.Store(true) })
		spinFor(100 * time.Microsecond)
		waited := !ran.Load()
		one.Wait()
		return waited
	})
}

// Half of them, so that thief and victim have the same number, and the thief
// does not come back at once. Of 99 queued goroutines the thief takes 50,
// starts one and has 49 in its own queue, as many as are left. The goroutine in
// runnext is not in that count. A thief visits the other Ps in random order and
// stops at the first that has something, so it is not the longest queue that is
// halved.
//
//claim:ask How many goroutines does a P steal at a time?
//claim:source runtime/proc.go
func TestStealHalf(t *testing.T) {
	if proof.InChild(t) {
		stealHalf()
		return
	}
	if proof.RaceEnabled {
		t.Skip("the race detector shuffles the run queues")
	}
	// Without preemption and collections each P keeps the goroutine that it runs.
	var trace string
	for range 5 {
		var err error
		trace, err = proof.Child(t, "GOMAXPROCS=2", "GOGC=off", "GODEBUG=asyncpreemptoff=1,schedtrace=5")
		require.NoError(t, err, trace)
		if regexp.MustCompile(`idleprocs=0 .* runqueue=0 \[ 49 49 \]`).MatchString(trace) {
			return
		}
	}
	require.Fail(t, "no even halves", trace)
}

func stealHalf() {
	const limit = 60_000_000 // some 50 ms, in which schedtrace prints
	var ready, created, stop atomic.Bool
	var all sync.WaitGroup
	busy := func() {
		for i := 0; i < limit && !stop.Load(); i++ {
		}
	}
	all.Go(func() {
		ready.Store(true)
		for !created.Load() {
		}
	})
	for !ready.Load() { // until the other P runs it
	}
	for range 100 { // 99 in the queue and one in runnext
		all.Go(busy)
	}
	created.Store(true) // the other P becomes idle
	busy()
	stop.Store(true)
	all.Wait()
}

// First its own: the slot runnext, then its local queue. Then the global queue,
// then sockets that the poller reports ready, and last the queues of the other
// Ps. One exception keeps the global queue from starving: on every 61st call it
// comes first. Before all that come due timers and, during a collection, the
// mark worker of the P. Only after a last look at everything does the thread
// give up its P, and blocks in the poller until the next timer, or sleeps.
//
//claim:ask In which order does an idle P look for work?
//claim:source runtime/proc.go
func TestStealOrder(t *testing.T) {
	if proof.InChild(t) {
		for range 20 {
			fmt.Println("order:", stealOrder(t))
		}
		return
	}
	if proof.RaceEnabled {
		t.Skip("the race detector shuffles the run queues")
	}
	if listener, err := net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Skip("needs the loopback network: ", err)
	} else {
		listener.Close()
	}
	out, err := proof.Child(t, "GOMAXPROCS=2", "GOGC=off", "GODEBUG=asyncpreemptoff=1")
	require.NoError(t, err, out)
	require.Contains(t, out, "order: local global network stolen\n")
}

// stealOrder keeps one P busy, gives the other one work in every place and returns
// in which order it was taken.
func stealOrder(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	client, err := net.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	defer client.Close()
	server, err := listener.Accept()
	require.NoError(t, err)
	defer server.Close()

	var (
		mu          sync.Mutex
		order       []string
		all         sync.WaitGroup
		taken       atomic.Int32
		ready, full atomic.Bool
	)
	take := func(from string) {
		mu.Lock()
		if len(order) == 0 || order[len(order)-1] != from {
			order = append(order, from)
		}
		mu.Unlock()
		taken.Add(1)
	}
	all.Go(func() {
		var b [1]byte
		server.Read(b[:])
		take("network")
	})
	time.Sleep(time.Millisecond) // the reader waits in the poller
	all.Go(func() {
		ready.Store(true)
		for !full.Load() {
		}
		client.Write([]byte("x"))
		all.Go(func() { take("local") })
		// It ends here, and its P is idle.
	})
	for !ready.Load() {
	}
	// When the queue of 256 is full, its older half and the one that did not fit
	// go to the global queue.
	const started = 300
	for i := range started {
		from := "stolen"
		if i < 128 || i == 256 {
			from = "global"
		}
		all.Go(func() { take(from) })
	}
	full.Store(true)
	for taken.Load() < started+2 {
	}
	all.Wait()
	return strings.Join(order, " ")
}

// On the P of the goroutine that woke it, not where it ran before. The waker
// puts it into the slot runnext of its own P, because the data that it handed
// over is in that CPU's cache. It runs there when the waker blocks, unless an
// idle P steals it first. So goroutines move with the data, and there is no
// affinity to a P or a CPU that you could set.
//
//claim:ask Where does a goroutine run that was just unblocked?
//claim:source runtime/proc.go
func TestStealWakeupPlace(t *testing.T) {
	withProcs(t, 2)
	untilTraced(t, func() bool {
		events := recordTrace(t, func() {
			var ready, wake, woken atomic.Bool
			var all sync.WaitGroup
			value := make(chan int)
			all.Go(func() { // holds the second P
				traceName("waker")
				ready.Store(true)
				for !wake.Load() {
				}
				value <- 1
			})
			for !ready.Load() {
			}
			all.Go(func() {
				traceName("waiter")
				<-value
				woken.Store(true)
			})
			runtime.Gosched() // the waiter runs on the first P, and blocks
			wake.Store(true)
			for !woken.Load() { // holds the first P
			}
			all.Wait()
		})
		waker := events.stealRuns(events.named(t, "waker"))
		waiter := events.stealRuns(events.named(t, "waiter"))
		return len(waker) == 1 && len(waiter) == 2 && waiter[0] != waker[0] && waiter[1] == waker[0]
	})
}

// Hardly. Each wakes the other and then blocks at once, so the woken one runs
// next on the same P, and an idle P does not steal it: the thief gives the
// owner some microseconds first. A hundred hand-overs stay on one P as a rule,
// with the other P free. So two goroutines with an unbuffered channel between
// them are no faster than one, unless each works for longer than that between
// two hand-overs; a buffer and larger pieces help.
//
//claim:ask Two goroutines hand values to each other over an unbuffered channel. Do they run in parallel?
//claim:source runtime/proc.go
func TestStealPingPong(t *testing.T) {
	withProcs(t, 2)
	const rounds = 100
	untilTraced(t, func() bool {
		events := recordTrace(t, func() {
			ping, pong := make(chan int), make(chan int)
			var all sync.WaitGroup
			all.Go(func() {
				traceName("ping")
				for range rounds {
					ping <- 1
					<-pong
				}
			})
			all.Go(func() {
				traceName("pong")
				for range rounds {
					<-ping
					pong <- 1
				}
			})
			all.Wait()
		})
		here := make(map[xtrace.ProcID]int)
		runs := 0
		for _, name := range []string{"ping", "pong"} {
			for _, proc := range events.stealRuns(events.named(t, name)) {
				here[proc]++
				runs++
			}
		}
		return runs >= rounds && (here[0] >= runs*9/10 || here[1] >= runs*9/10)
	})
}

// No. However many goroutines one goroutine starts, idle Ps steal from it until all are
// busy, and steal from each other when the pieces are not equal. So start a goroutine
// per piece, or a few workers on one channel, and leave the rest to the scheduler. It
// cannot split a goroutine: one long piece keeps one P busy while the others run
// out of work, so pieces should be more than the Ps, and not be huge.
//
//claim:ask Must I spread goroutines over the CPUs by hand?
//claim:source runtime/proc.go
func TestStealBalance(t *testing.T) {
	withProcs(t, 2)
	const pieces = 20
	untilTraced(t, func() bool {
		var all sync.WaitGroup
		var begun atomic.Int32
		events := recordTrace(t, func() {
			for i := range pieces {
				all.Go(func() {
					traceName("piece " + strconv.Itoa(i))
					// Every other piece works until the next runs beside it.
					for n := begun.Add(1); n%2 == 1 && begun.Load() == n; {
					}
				})
			}
			all.Wait()
		})
		share := make(map[xtrace.ProcID]int)
		for i := range pieces {
			for _, proc := range events.stealRuns(events.named(t, "piece "+strconv.Itoa(i))) {
				share[proc]++
			}
		}
		return share[0] >= pieces/3 && share[1] >= pieces/3
	})
	untilTraced(t, func() bool {
		var all sync.WaitGroup
		var started atomic.Bool
		var short atomic.Int32
		events := recordTrace(t, func() {
			all.Go(func() {
				traceName("long")
				started.Store(true)
				for short.Load() < pieces {
				}
			})
			for !started.Load() {
			}
			for i := range pieces {
				all.Go(func() {
					traceName("short " + strconv.Itoa(i))
					short.Add(1)
				})
			}
			all.Wait()
		})
		long := events.stealRuns(events.named(t, "long"))
		elsewhere := 0
		for i := range pieces {
			if !slices.Contains(events.stealRuns(events.named(t, "short "+strconv.Itoa(i))), long[0]) {
				elsewhere++
			}
		}
		return len(long) == 1 && elsewhere == pieces
	})
}

// A thread is spinning while it has a P, found nothing to run and still looks
// at the other Ps, for some microseconds. It saves the cost of sleeping and
// waking when work comes at once, which is why a program with many short idle
// moments uses a little more CPU than its own work needs. The runtime limits
// them to about half the number of busy Ps, and wakes no further thread for a
// new goroutine while one spins. In an idle program none spins: all Ps are idle
// and the threads sleep in the kernel.
//
//claim:ask What is a spinning thread, and does an idle Go program use CPU?
//claim:source runtime/proc.go
func TestStealIdle(t *testing.T) {
	const asleep = 3 * time.Millisecond
	untilTraced(t, func() bool {
		events := recordTrace(t, func() { time.Sleep(asleep) })
		running := make(map[xtrace.ProcID]bool)
		var last xtrace.Time
		var idle time.Duration // no P runs: neither a goroutine nor a thread that looks for one
		for _, e := range events {
			if len(running) == 0 && last != 0 {
				idle += e.Time().Sub(last)
			}
			last = e.Time()
			if e.Kind() == xtrace.EventStateTransition && e.StateTransition().Resource.Kind == xtrace.ResourceProc {
				st := e.StateTransition()
				delete(running, st.Resource.Proc())
				if _, to := st.Proc(); to == xtrace.ProcRunning {
					running[st.Resource.Proc()] = true
				}
			}
		}
		return idle > asleep/2
	})
}
