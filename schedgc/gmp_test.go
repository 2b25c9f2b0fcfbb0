package schedgc

import (
	"fmt"
	"iter"
	"net"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-deep-dive/godeep/internal/proof"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// gmpTraceback is the traceback of all goroutines.
func gmpTraceback() string {
	for buf := make([]byte, 1<<16); ; buf = make([]byte, 2*len(buf)) {
		if n := runtime.Stack(buf, true); n < len(buf) {
			return string(buf[:n])
		}
	}
}

// gmpID is the number of the calling goroutine.
func gmpID() int {
	var buf [64]byte
	return ParseGoroutines(string(buf[:runtime.Stack(buf[:], false)]))[0].ID
}

// gmpState is the state of a goroutine, and empty after it has ended.
func gmpState(id int) string {
	for _, h := range ParseGoroutines(gmpTraceback()) {
		if h.ID == id {
			return h.State
		}
	}
	return ""
}

// gmpReaches asserts that a goroutine comes to a state.
func gmpReaches(t *testing.T, state string, id int) {
	t.Helper()
	got := ""
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); runtime.Gosched() {
		if got = gmpState(id); got == state {
			return
		}
	}
	require.Equal(t, state, got)
}

// A G is a goroutine: its stack, its registers and its state. An M is a thread
// of the operating system. A P is the right to run Go code: a token that holds
// a run queue and the caches that go with it. An M needs a P to run Gs, so
// there run at most GOMAXPROCS of them at once, which is the number of Ps. The
// trace of a program shows 2 Ps, more Ms, since some are parked or need no P,
// and many more Gs. A P is not a core: the operating system chooses the core on
// which an M runs.
//
//claim:ask What are G, M and P?
//claim:source runtime/proc.go
//claim:source runtime/HACKING.md
func TestGmpWhatAre(t *testing.T) {
	schedTraceUntil(t, "waiting", "2", "schedtrace=5,scheddetail=1", func(records []SchedTrace) (found bool) {
		for _, r := range records {
			all := func(SchedDetail) string { return "all" }
			ps, ms, gs := schedTraceCount(r, 'P', all)["all"], schedTraceCount(r, 'M', all)["all"], schedTraceCount(r, 'G', all)["all"]
			require.Equal(t, 2, ps)
			require.GreaterOrEqual(t, r.Threads, ms, "a thread counts before it is listed")
			if gs > 50 {
				found = true
				assert.Greater(t, ms, ps)
				assert.Greater(t, gs, 5*ms)
				withoutP := schedTraceCount(r, 'M', func(d SchedDetail) string { return fmt.Sprint(d.Fields["p"] == "nil") })
				assert.GreaterOrEqual(t, withoutP["true"], ms-ps)
			}
		}
		return found
	})
}

// Because of what belongs to it: a run queue, timers, descriptors of ended
// goroutines, the cache of the allocator and the shards of every sync.Pool.
// There are GOMAXPROCS of each, however many threads sleep in system calls, and
// only the thread that holds the P touches them, mostly without a lock. If a
// thread blocks, its P goes on with another thread and takes all that along.
// The trace shows the first three in the lines of the Ps and not in those of
// the Ms. And what one goroutine puts into a sync.Pool, another one on the same
// P gets.
//
//claim:ask Why is there a P between goroutines and threads?
//claim:source runtime/runtime2.go
//claim:source sync/pool.go
func TestGmpWhyP(t *testing.T) {
	schedTraceUntil(t, "waiting", "2", "schedtrace=5,scheddetail=1", func(records []SchedTrace) bool {
		for _, r := range records {
			for _, d := range r.Details {
				for _, own := range []string{"runqsize", "timerslen", "gfreecnt"} {
					_, has := d.Fields[own]
					assert.Equal(t, d.Kind == 'P', has, "%c%d %s", d.Kind, d.ID, own)
				}
			}
		}
		return len(records) > 0
	})
	if proof.RaceEnabled {
		t.Skip("under the race detector a pool forgets at random")
	}
	runQueueOneP(t)
	runQueueSometime(t, "the pool's shard is the P's", func() bool {
		var pool sync.Pool
		put := new(int)
		var wg sync.WaitGroup
		wg.Go(func() { pool.Put(put) })
		wg.Wait()
		same := false
		wg.Go(func() { same = pool.Get() == any(put) })
		wg.Wait()
		return same
	})
}

// As many as fit into memory: there is no setting that limits them. A blocked
// goroutine is a descriptor and a stack and nothing else. Starting thousands of
// them adds hardly any thread, since threads follow GOMAXPROCS and blocking
// system calls. Threads do have a limit, of 10000. What a server runs out of
// first is what the goroutines hold, such as connections and buffers, and time
// for those that are ready.
//
//claim:ask How many goroutines can a program have, and do they need threads?
//claim:source https://go.dev/doc/faq#goroutines
//claim:source https://pkg.go.dev/runtime/debug#SetMaxThreads
func TestGmpHowMany(t *testing.T) {
	n := 10_000
	if proof.RaceEnabled {
		n = 2000 // the race detector has a limit, of about 8000
	}
	threads := pprof.Lookup("threadcreate").Count()
	release := make(chan bool)
	var wg, started sync.WaitGroup
	started.Add(n)
	for range n {
		wg.Go(func() {
			started.Done()
			<-release
		})
	}
	started.Wait()
	assert.GreaterOrEqual(t, runtime.NumGoroutine(), n)
	assert.Less(t, pprof.Lookup("threadcreate").Count(), threads+20)
	close(release)
	wg.Wait()
}

// While Go code runs, the three belong together: the M holds a P, and the P
// says which M it is, and the M has a current goroutine. In a trace of a
// program that computes, each running P names its M and that M names the P. At
// most GOMAXPROCS Ms have a P. When the goroutine waits, the M keeps its P and
// takes the next G. When there is none, the M gives the P back and parks.
//
//claim:ask How do M and P belong together while a goroutine runs?
//claim:source runtime/proc.go
func TestGmpBinding(t *testing.T) {
	schedTraceUntil(t, "spinners", "2", "schedtrace=3,scheddetail=1", func(records []SchedTrace) bool {
		bound := 0
		for _, r := range records {
			withP := 0
			for _, p := range r.Details {
				for _, m := range r.Details {
					if p.Kind == 'P' && m.Kind == 'M' && m.Fields["p"] == fmt.Sprint(p.ID) {
						withP++
						if p.Fields["status"] == "1" && p.Fields["m"] == fmt.Sprint(m.ID) && m.Fields["curg"] != "nil" {
							bound++
						}
					}
				}
			}
			assert.LessOrEqual(t, withP, r.GoMaxProcs)
		}
		return bound > 0
	})
	schedTraceUntil(t, "idle", "2", "schedtrace=5", func(records []SchedTrace) bool {
		return slices.ContainsFunc(records, func(r SchedTrace) bool { return r.IdleProcs == 2 })
	})
}

// A P is idle, running, stopped for the collector, or dead after GOMAXPROCS was
// lowered. You may read of one more, in a system call: it is gone since Go
// 1.26, and only the goroutine tells that it is in one. In the trace of a
// program that makes system calls all the time, no P has the number of the old
// state.
//
//claim:ask Which states does a P have, and what became of the one for system calls?
//claim:source runtime/runtime2.go
//claim:source https://go.dev/doc/go1.26#runtime
func TestGmpPStates(t *testing.T) {
	const idle, running, inSyscallBefore126, stopped = "0", "1", "2", "3"
	seen := make(map[string]int)
	schedTraceUntil(t, "syscalls", "2", "schedtrace=1,scheddetail=1", func(records []SchedTrace) bool {
		for _, r := range records {
			for status, n := range schedTraceCount(r, 'P', func(d SchedDetail) string { return d.Fields["status"] }) {
				seen[status] += n
			}
		}
		return seen[running] > 0 && seen[idle] > 0
	})
	require.Zero(t, seen[inSyscallBefore126])
	delete(seen, idle)
	delete(seen, running)
	delete(seen, stopped)
	require.Empty(t, seen)
}

// A goroutine is runnable, running, in a system call, or waiting, and a
// traceback shows the last with its reason: what it waits for. Channel
// operations, a select, a sleep, a mutex, a WaitGroup, a Cond, network input
// (IO wait) and a suspended iter.Pull each have their own. A waiting goroutine
// is in no run queue and costs no time: it hangs on the thing it waits for,
// which makes it runnable again. The plain word semacquire is left for inner
// locks, for example a second Read on one connection. Since Go 1.20 the locks
// of package sync have words of their own, and WaitGroup.Wait since 1.24.
//
//claim:ask Which states can a goroutine have, and which events park it?
//claim:source runtime/runtime2.go
//claim:source runtime/traceback.go
func TestGmpStates(t *testing.T) {
	for state, prepare := range map[string]func() (wait, release func()){
		"chan receive": func() (func(), func()) {
			ch := make(chan int)
			return func() { <-ch }, func() { close(ch) }
		},
		"chan send": func() (func(), func()) {
			ch := make(chan int)
			return func() { ch <- 1 }, func() { <-ch }
		},
		"select": func() (func(), func()) {
			a, b := make(chan int), make(chan int)
			return func() {
				select {
				case <-a:
				case <-b:
				}
			}, func() { close(a) }
		},
		"sync.Mutex.Lock": func() (func(), func()) {
			var mu sync.Mutex
			mu.Lock()
			return func() { mu.Lock() }, mu.Unlock
		},
		"sync.RWMutex.Lock": func() (func(), func()) {
			var mu sync.RWMutex
			mu.RLock()
			return func() { mu.Lock() }, mu.RUnlock
		},
		"sync.RWMutex.RLock": func() (func(), func()) {
			var mu sync.RWMutex
			mu.Lock()
			return func() { mu.RLock() }, mu.Unlock
		},
		"sync.WaitGroup.Wait": func() (func(), func()) {
			var wg sync.WaitGroup
			wg.Add(1)
			return wg.Wait, wg.Done
		},
		"sync.Cond.Wait": func() (func(), func()) {
			cond := sync.NewCond(new(sync.Mutex))
			released := false
			return func() {
					cond.L.Lock()
					for !released {
						cond.Wait()
					}
					cond.L.Unlock()
				}, func() {
					cond.L.Lock()
					released = true
					cond.L.Unlock()
					cond.Broadcast()
				}
		},
		"IO wait": func() (func(), func()) {
			listener := gmpListener(t)
			return func() { listener.Accept() }, func() { listener.Close() }
		},
		"sleep": func() (func(), func()) {
			var released atomic.Bool
			return func() {
				for !released.Load() {
					time.Sleep(20 * time.Millisecond)
				}
			}, func() { released.Store(true) }
		},
	} {
		wait, release := prepare()
		id, ended := make(chan int), make(chan bool)
		go func() {
			id <- gmpID()
			wait()
			close(ended)
		}()
		number := <-id
		gmpReaches(t, state, number)
		release()
		<-ended
	}

	next, stop := iter.Pull(func(yield func(int) bool) { yield(gmpID()) })
	number, _ := next()
	require.Equal(t, "coroutine", gmpState(number))
	stop()

	listener := gmpListener(t) // two goroutines in Accept: the second waits for the first
	var wg sync.WaitGroup
	ids := make(chan int)
	for range 2 {
		wg.Go(func() {
			ids <- gmpID()
			listener.Accept()
		})
	}
	a, b := <-ids, <-ids
	states := func() string {
		both := []string{gmpState(a), gmpState(b)}
		slices.Sort(both)
		return strings.Join(both, ", ")
	}
	for deadline := time.Now().Add(10 * time.Second); states() != "IO wait, semacquire"; runtime.Gosched() {
		require.True(t, time.Now().Before(deadline), states())
	}
	listener.Close()
	wg.Wait()
}

func gmpListener(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Skip("needs the loopback network: ", err)
	}
	return listener
}

// A traceback of all goroutines stops the world first. To stop, each goroutine
// that was running becomes runnable, and only the one that asks for the
// traceback is still running. So runnable in such a text means: it ran, or it
// was ready. Here four goroutines that compute all the time are shown as
// runnable. A CPU profile or an execution trace tells which really run.
//
//claim:ask All cores are busy, but in the traceback only one goroutine is "running". Why?
//claim:source https://pkg.go.dev/runtime#Stack
//claim:source runtime/mprof.go
func TestGmpRunnable(t *testing.T) {
	var stop atomic.Bool
	var wg sync.WaitGroup
	ids := make(chan int)
	for range 4 {
		wg.Go(func() {
			ids <- gmpID()
			for !stop.Load() {
			}
		})
	}
	spinning := []int{<-ids, <-ids, <-ids, <-ids}
	var computing, running []int
	for range 10 {
		computing, running = nil, nil
		for _, h := range ParseGoroutines(gmpTraceback()) {
			if h.State == "runnable" && slices.Contains(spinning, h.ID) {
				computing = append(computing, h.ID)
			}
			if h.State == "running" {
				running = append(running, h.ID)
			}
		}
		if len(computing) == 4 {
			break
		}
	}
	stop.Store(true)
	wg.Wait()
	require.Len(t, computing, 4)
	require.Equal(t, []int{gmpID()}, running)
}

// In a synctest bubble a wait that only the bubble can end has (durable) behind
// its name, and the bubble has a number. The clock of the bubble moves on when
// all its goroutines wait that way. A goroutine that waits for a mutex shows
// the plain name, and the clock stands still.
//
//claim:ask What does "(durable)" mean in the state of a goroutine?
//claim:source https://pkg.go.dev/testing/synctest#hdr-Blocking
//claim:source runtime/traceback.go
func TestGmpDurable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		mu.Lock()
		release := make(chan bool)
		ids := make(chan int, 2)
		go func() { ids <- gmpID(); <-release }()
		go func() { ids <- gmpID(); mu.Lock() }()
		receiver, locker := <-ids, <-ids
		for try := 0; ; try++ {
			states := []string{gmpState(receiver), gmpState(locker)}
			slices.Sort(states)
			if slices.Equal(states, []string{"chan receive (durable)", "sync.Mutex.Lock"}) {
				break
			}
			require.Less(t, try, 100_000, states)
			runtime.Gosched()
		}
		require.Contains(t, gmpTraceback(), "[chan receive (durable), synctest bubble ")
		mu.Unlock()
		close(release)
	})
}

// Numbers never return, and main is number 1, but they do not tell which of two
// goroutines started first. Each P takes 16 numbers at a time and gives them to
// the goroutines that are started on it. So with several Ps, a goroutine that
// was started later can have the lower number. With one P, the numbers rise
// with each start.
//
//claim:ask In a dump I see goroutines 52 and 95. Was 52 started first?
//claim:source runtime/proc.go
func TestGmpNumbers(t *testing.T) {
	procs := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(procs)
	require.True(t, slices.IsSorted(gmpNumbers(1)))

	if proof.InChild(t) {
		runtime.GOMAXPROCS(2)
		for range 50 {
			order := gmpNumbers(2)
			if !slices.IsSorted(order) {
				fmt.Println("mixed", order)
				return
			}
		}
		t.Fatal("never mixed")
	}
	// Goroutines that cannot be preempted and wait for each other are on two Ps.
	out, err := proof.Child(t, "GODEBUG=asyncpreemptoff=1")
	require.NoError(t, err, out)
	require.Contains(t, out, "mixed [")
}

// gmpNumbers starts four goroutines, from so many goroutines in turn, and returns
// their numbers in the order of their start.
func gmpNumbers(starters int) []int {
	const starts = 4
	numbers := make([]int, starts)
	var turn atomic.Int32
	var wg sync.WaitGroup
	for s := range starters {
		wg.Go(func() {
			for i := s; i < starts; i += starters {
				for int(turn.Load()) != i {
				}
				wg.Add(1)
				go func() {
					numbers[i] = gmpID()
					wg.Done()
				}()
				turn.Add(1)
			}
		})
	}
	wg.Wait()
	return numbers
}

// The scheduler can interrupt a goroutine anywhere, but only to go on with it
// later. Ending it there would leave what it was about to finish: a locked
// mutex, a half-written record, a waiter that is never told. Go has the same
// hole where a goroutine ends itself: after runtime.Goexit between Lock and
// Unlock the mutex stays locked for ever. There it can be closed by defer,
// since the goroutine knows what it holds. So another goroutine can only ask it
// to end, by a channel or a context.
//
//claim:ask The scheduler can preempt any goroutine. Why can I not stop one from outside?
//claim:source https://go.dev/doc/faq#no_goroutine_id
//claim:source https://pkg.go.dev/runtime#Goexit
func TestGmpNoKill(t *testing.T) {
	endedInside := func(work func(*sync.Mutex)) (stillLocked bool) {
		var mu sync.Mutex
		var wg sync.WaitGroup
		wg.Go(func() { work(&mu) })
		wg.Wait()
		return !mu.TryLock()
	}
	require.True(t, endedInside(func(mu *sync.Mutex) {
		mu.Lock()
		runtime.Goexit() // stands for a kill
		mu.Unlock()
	}))
	require.False(t, endedInside(func(mu *sync.Mutex) {
		mu.Lock()
		defer mu.Unlock()
		runtime.Goexit()
	}))
}

// It is the goroutine of the thread itself: each M has one, with number 0 and a
// stack that the operating system or the runtime gave to the thread. The
// scheduler and the growth of stacks run on it, because they cannot run on a
// stack that they are about to leave or move. A stack overflow shows it: the
// crash report has a part "runtime stack" with newstack and morestack, apart
// from the goroutine that called itself too often. g0 is never in a run queue
// or in the list of goroutines. m0 is the first thread, the one the process
// began with.
//
//claim:ask What is g0?
//claim:source runtime/HACKING.md
//claim:source runtime/stack.go
func TestGmpG0(t *testing.T) {
	if proof.InChild(t) {
		debug.SetMaxStack(64 << 10)
		fmt.Println(gmpEndless(0))
	}
	out, err := proof.Child(t)
	require.Error(t, err)
	require.Contains(t, out, "fatal error: stack overflow")
	_, after, ok := strings.Cut(out, "\nruntime stack:\n")
	require.True(t, ok, out)
	onG0, goroutine, ok := strings.Cut(after, "\ngoroutine ")
	require.True(t, ok)
	require.Contains(t, onG0, "runtime.newstack(")
	require.Contains(t, onG0, "runtime.morestack(")
	require.NotContains(t, onG0, "gmpEndless")
	require.Contains(t, goroutine, "gmpEndless(")

	for _, r := range schedTraceRun(t, "waiting", "2", "schedtrace=5,scheddetail=1") {
		for _, d := range r.Details {
			// A descriptor without a number that is dead is about to become a goroutine.
			require.False(t, d.Kind == 'G' && d.ID == 0 && d.Fields["status"] != "6", "%+v", d)
		}
		require.Equal(t, 1, schedTraceCount(r, 'M', func(d SchedDetail) string { return fmt.Sprint(d.ID) })["0"], "m0")
	}
}

//go:noinline
func gmpEndless(n int) int {
	if n < 0 {
		return 0
	}
	return gmpEndless(n+1) + 1
}

// Some wait in the background from the start: one forces a collection after two
// minutes without any, one sweeps, one returns memory to the operating system.
// With the first collection a mark worker per P joins. They are left out of
// tracebacks and of runtime.NumGoroutine, and GOTRACEBACK=system shows them.
// The monitor, sysmon, is no goroutine: it is a thread without a P.
//
//claim:ask Which goroutines does the runtime itself start?
//claim:source runtime/proc.go
//claim:source https://pkg.go.dev/runtime#hdr-Environment_Variables
func TestGmpSystemGoroutines(t *testing.T) {
	if proof.InChild(t) {
		runtime.GC()
		fmt.Println("before:", len(ParseGoroutines(gmpTraceback())), runtime.NumGoroutine())
		panic("a crash prints all")
	}
	out, err := proof.Child(t, "GOMAXPROCS=2", "GOTRACEBACK=system")
	require.Error(t, err)
	before, system, ok := strings.Cut(out, "\ngoroutine ")
	require.True(t, ok, out)
	require.Regexp(t, `before: 2 2\b`, before, "main and the test")
	for _, name := range []string{"runtime.forcegchelper", "runtime.bgsweep", "runtime.bgscavenge", "runtime.gcBgMarkWorker"} {
		assert.Contains(t, system, name+"(", name)
	}
	assert.NotContains(t, system, "runtime.sysmon(")
}

// It looks only when the last running thread is about to park: if no P has a
// timer and no goroutine runs or is in a system call, nobody can ever wake
// anybody, and the program ends with "all goroutines are asleep". A pending
// time.AfterFunc or a sleeping goroutine delays that: the report comes after it
// has run and everything sleeps again. A timer with a channel that nobody
// receives from delays nothing since Go 1.23, because it is not even put on a
// P.
//
//claim:ask All goroutines are blocked, but a timer is pending. When is the deadlock reported?
//claim:source runtime/proc.go
//claim:source https://go.dev/doc/go1.23#timer-changes
func TestGmpDeadlockTimer(t *testing.T) {
	t.Setenv("CGO_ENABLED", "0") // with cgo there is no report
	for what, before := range map[string]string{
		"plain":   "",
		"func":    "timer ran\n",
		"sleeper": "sleeper woke\n",
		"channel": "",
	} {
		out, err := proof.Go(t, "run", "./testdata/gmp/deadlock", what)
		require.Error(t, err)
		assert.True(t, strings.HasPrefix(out, before+"fatal error: all goroutines are asleep - deadlock!\n"), "%s: %s", what, out)
	}
}

// More than 10 times as much as a call, and a switch between threads more than
// 3 times as much again. Here two goroutines hand over to each other, by
// runtime.Gosched or in a ping-pong over channels. A goroutine switch saves few
// registers and does not enter the kernel. If both goroutines are locked to
// threads by LockOSThread, each switch goes through the kernel. These are the
// costs with one P; with several, the other goroutine may have to be run by a
// thread that is parked, which has to be woken.
//
//claim:ask What does a goroutine switch cost, compared with a function call and with a thread switch?
//claim:vary GOMAXPROCS 1
//claim:expect ns/op of=gosched > 10x of=call
//claim:expect ns/op of=channel > 10x of=call
//claim:expect ns/op of=thread > 3x of=channel
//claim:source https://go.dev/doc/faq#goroutines
//claim:source runtime/asm_amd64.s
func BenchmarkGmpSwitch(b *testing.B) {
	const switches = 20 // in each operation
	b.Run("of=call", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for range switches {
				gmpCall()
			}
		}
	})
	b.Run("of=gosched", func(b *testing.B) {
		b.ReportAllocs()
		var stop atomic.Bool
		var wg sync.WaitGroup
		wg.Go(func() {
			for !stop.Load() {
				runtime.Gosched()
			}
		})
		for b.Loop() {
			for range switches / 2 {
				runtime.Gosched() // there and back
			}
		}
		stop.Store(true)
		wg.Wait()
	})
	pingPong := func(p *gmpPingPong) func(*testing.B) {
		return func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for range switches / 2 {
					p.round()
				}
			}
			p.stop()
		}
	}
	b.Run("of=channel", func(b *testing.B) {
		pingPong(newGMPPingPong(func(work func()) { work() }))(b)
	})
	b.Run("of=thread", func(b *testing.B) {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		pingPong(newGMPPingPong(gmpOnThread))(b)
	})
}

// gmpOnThread does work with a thread of its own.
func gmpOnThread(work func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	work()
}

func TestGmpPingPong(t *testing.T) {
	for _, answer := range []func(func()){func(work func()) { work() }, gmpOnThread} {
		p := newGMPPingPong(answer)
		for range 3 {
			p.round()
		}
		p.stop()
		_, open := <-p.back
		require.False(t, open)
	}
}

// No. A waiting goroutine is in no run queue, so the scheduler never looks at it: with 2000
// goroutines blocked, a switch takes less than twice as long as with none. What the waiting
// ones cost is memory, and time of the collector, which scans their stacks. The number of
// goroutines that are ready is what makes each of them wait longer.
//
//claim:ask Do thousands of blocked goroutines slow down the scheduler?
//claim:vary GOMAXPROCS 1
//claim:expect ns/op blocked=2000 < 2x blocked=0
//claim:source runtime/proc.go
func BenchmarkGmpBlocked(b *testing.B) {
	for _, blocked := range []int{0, 2000} {
		b.Run(fmt.Sprint("blocked=", blocked), func(b *testing.B) {
			release := make(chan bool)
			var wg sync.WaitGroup
			for range blocked {
				wg.Go(func() { <-release })
			}
			runtime.Gosched()
			p := newGMPPingPong(func(work func()) { work() })
			for b.Loop() {
				for range 10 {
					p.round()
				}
			}
			p.stop()
			close(release)
			wg.Wait()
		})
	}
}

func TestParseGoroutines(t *testing.T) {
	require.Equal(t, []GoroutineHeader{
		{ID: 1, State: "chan receive (nil chan)", Minutes: 12, Locked: true},
		{ID: 7, State: "running"},
		{ID: 0, State: "idle"},
		{ID: 8, State: "select (no cases)"},
		{ID: 9, State: "IO wait", Minutes: 3},
	}, ParseGoroutines(`SIGQUIT: quit

goroutine 1 [chan receive (nil chan), 12 minutes, locked to thread]:
main.main()
	/main.go:7 +0x1b
goroutine running on other thread; stack unavailable

goroutine 7 [running labels:{"path": "/a, b"}]:
goroutine 0 gp=0x5 m=0 mp=0x7 [idle]:
goroutine 8 gp=0x5 m=nil [select (no cases)]:
goroutine 9 [IO wait, 3 minutes] {path: "/a b"}:
created by main.main in goroutine 1
goroutine 99999999999999999999999 [running]:
`))
	require.Empty(t, ParseGoroutines("goroutine x [running]:"))
}
