package concurrency

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"runtime/metrics"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/go-deep-dive/godeep/internal/proof"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// goroutineStates returns the states of the goroutines that have the function
// on their stack, sorted, as a traceback prints them.
func goroutineStates(function string) (states []string) {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	for stack := range strings.SplitSeq(string(stacks), "\n\n") {
		calls, _, _ := strings.Cut(stack, "\ncreated by ")
		if head, calls, _ := strings.Cut(calls, "\n"); strings.Contains(calls, function+"(") {
			_, state, _ := strings.Cut(head, "[")
			state, _, _ = strings.Cut(state, "]")
			state, _, _ = strings.Cut(state, ",") // chan receive, 2 minutes
			states = append(states, state)
		}
	}
	slices.Sort(states)
	return states
}

// waitStates waits until the goroutines in the function are in these states: a
// goroutine needs a moment to get where it blocks, and another one to end.
func waitStates(t *testing.T, function string, want ...string) {
	t.Helper()
	var got []string
	for deadline := time.Now().Add(10 * time.Second); ; runtime.Gosched() {
		if got = goroutineStates(function); slices.Equal(got, want) {
			return
		}
		require.True(t, time.Now().Before(deadline), "goroutines in %s: %q, want %q", function, got, want)
	}
}

//go:noinline
func leakWaits(wait func()) { wait() }

// A goroutine leaks when it waits for something that will never come: it stays
// until the program ends. The causes are few: a send that nobody receives any
// more, a receive that nobody sends, a range over a channel that nobody closes, a
// select without a way out, a lock that is not given back, a WaitGroup whose Done is
// missing, a Cond that nobody signals, and I/O without a deadline. The state in a
// traceback names the cause. A goroutine that waits is no leak as long as somebody
// can wake it.
//
//claim:ask What is a goroutine leak, and what are its common causes?
//claim:source https://pkg.go.dev/runtime/pprof#Profile
//claim:source runtime/runtime2.go
func TestLeakKinds(t *testing.T) {
	ch := func() chan int { return make(chan int) }
	send, receive, ranged, selected := ch(), ch(), ch(), ch()
	var mu sync.Mutex
	mu.Lock()
	var rw sync.RWMutex
	rw.Lock()
	var wg sync.WaitGroup
	wg.Add(1)
	cond := sync.NewCond(new(sync.Mutex))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	for _, kind := range []struct {
		state     string
		wait, end func()
	}{
		{"chan send", func() { send <- 1 }, func() { <-send }},
		{"chan receive", func() { <-receive }, func() { receive <- 1 }},
		{"chan receive", func() {
			for range ranged {
			}
		}, func() { close(ranged) }},
		{"select", func() {
			select {
			case <-selected:
			case selected <- 1:
			}
		}, func() { <-selected }},
		{"sync.Mutex.Lock", mu.Lock, mu.Unlock},
		{"sync.RWMutex.RLock", rw.RLock, rw.Unlock},
		{"sync.WaitGroup.Wait", wg.Wait, wg.Done},
		{"sync.Cond.Wait", func() {
			cond.L.Lock()
			defer cond.L.Unlock()
			cond.Wait()
		}, cond.Signal},
		{"IO wait", func() { listener.Accept() }, func() { listener.Close() }},
	} {
		if kind.state == "IO wait" && runtime.GOOS == "windows" {
			kind.end()
			continue // the state has another name where the network is not polled
		}
		go leakWaits(kind.wait)
		waitStates(t, "leakWaits", kind.state)
		kind.end()
		waitStates(t, "leakWaits")
	}
}

// The caller gives up after a timeout and returns, but the goroutine does not
// know: it comes to its send, and if the channel is unbuffered it waits there for
// ever. Each timeout leaks one more. Room for one value in the channel is the
// cure: the send succeeds, the goroutine ends, and the channel is collected with
// the value. The work itself still runs to its end; to stop it early it needs
// the context.
//
//claim:ask A function waits for a result or a timeout in a select. Why does it leak, and what is the smallest cure?
//claim:source https://go.dev/ref/spec#Send_statements
func TestLeakAfterTimeout(t *testing.T) {
	const timeout, search = time.Second, 2 * time.Second
	synctest.Test(t, func(t *testing.T) {
		slow := func() string {
			time.Sleep(search)
			return "found"
		}
		lookup := func(reply chan string) {
			ctx, cancel := context.WithTimeout(t.Context(), timeout)
			defer cancel()
			_, err := lookupUntil(ctx, reply, slow)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			time.Sleep(search)
			synctest.Wait()
		}
		first, second := make(chan string), make(chan string)
		lookup(first)
		lookup(second)
		require.Len(t, goroutineStates("lookupUntil.func1"), 2)
		<-first
		<-second
		synctest.Wait()
		lookup(make(chan string, 1))
		require.Empty(t, goroutineStates("lookupUntil.func1"))
	})
}

// Whoever returns at the first error leaves the other senders behind. The channel
// needs room for all that may send after nobody receives: with n tasks, n-1 places
// in the worst case. A smaller buffer lets only some of them end. n is the simple
// choice, or receive all n results before returning, as errgroup.Group.Wait does.
//
//claim:ask n goroutines send their error to a channel and I return at the first one. How large must the buffer be?
//claim:source https://go.dev/ref/spec#Channel_types
func TestLeakFirstError(t *testing.T) {
	const n = 5
	left := func(capacity int) (leaked int) {
		synctest.Test(t, func(t *testing.T) {
			errs := make(chan error, capacity)
			require.ErrorIs(t, firstFailure(errs, slices.Repeat([]func() error{func() error { return io.EOF }}, n)...), io.EOF)
			synctest.Wait()
			leaked = len(goroutineStates("firstFailure.func1"))
			for range n - 1 { // lets them end
				<-errs
			}
		})
		return leaked
	}
	require.Equal(t, []int{4, 3, 1, 0, 0}, []int{left(0), left(1), left(3), left(n - 1), left(n)})
}

// The goroutine of a generator waits in its send when the consumer leaves the loop
// early, and stays there. It needs a second case in its select, a stop channel or a
// context, and the consumer has to use it on each way out, best with defer. Closing
// the channel from the consumer is no cure: the producer would panic. An iterator
// (iter.Seq) has no such problem: break makes yield return false in the same
// goroutine.
//
//claim:ask A generator goroutine feeds a loop that ends with break. What happens to the generator?
//claim:source https://go.dev/blog/pipelines
//claim:source https://pkg.go.dev/iter#Seq
func TestLeakGenerator(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stop := make(chan struct{})
		for n := range countUp(stop) {
			if n == 3 {
				break
			}
		}
		synctest.Wait()
		require.Len(t, goroutineStates("countUp.func1"), 1)
		close(stop)
		synctest.Wait()
		require.Empty(t, goroutineStates("countUp.func1"))
	})

	yielded, ended := 0, false
	for n := range func(yield func(int) bool) {
		defer func() { ended = true }()
		for ; yield(yielded); yielded++ {
		}
	} {
		if n == 3 {
			break
		}
	}
	require.True(t, ended)
}

// They wait for the next job, because a range over a channel ends only when the
// channel is closed. That all jobs are done does not close it. Whoever sends the
// jobs has to call close after the last one; then each worker takes what is left and
// ends. A pool of n workers that is made per request and never closed leaks n
// goroutines per request.
//
//claim:ask All jobs are done, but the workers of my pool are still there. Why?
//claim:source https://go.dev/ref/spec#For_range
func TestLeakWorkers(t *testing.T) {
	jobs := make(chan func(), 10)
	var done atomic.Int64
	startLeakWorkers(3, jobs)
	for range 10 {
		jobs <- func() { done.Add(1) }
	}
	for done.Load() < 10 {
		runtime.Gosched()
	}
	waitStates(t, "leakWorker", "chan receive", "chan receive", "chan receive")
	close(jobs)
	waitStates(t, "leakWorker")
}

// Either the context never ends, or the goroutine does not wait for it where it is
// stuck. Background, TODO and what WithoutCancel returns have a nil Done channel,
// and a nil channel never delivers. A context from WithCancel ends only if somebody
// calls cancel. And a goroutine that checks ctx.Done in one place can be blocked
// in another, in a plain send for example: each operation that may block needs the
// context in its select.
//
//claim:ask My goroutine selects on ctx.Done() and still leaks. How can that be?
//claim:source https://pkg.go.dev/context#Context
//claim:source https://pkg.go.dev/context#WithoutCancel
func TestLeakDespiteContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		parent, cancel := context.WithCancel(context.Background())
		detached := context.WithoutCancel(parent)
		require.Nil(t, context.Background().Done())
		require.Nil(t, detached.Done())

		rescue, out := make(chan bool), make(chan int)
		go leakWaits(func() {
			select {
			case <-detached.Done():
			case <-rescue:
			}
		})
		go leakWaits(func() { // checks the context, but not here
			for parent.Err() == nil {
				out <- 1
			}
		})
		synctest.Wait()
		cancel()
		synctest.Wait()
		require.Len(t, goroutineStates("leakWaits"), 2, "both have not noticed")

		close(rescue)
		<-out
		synctest.Wait()
		require.Empty(t, goroutineStates("leakWaits"))
	})
}

// No. Stop only ends the ticks; it does not close the channel. A loop over
// ticker.C, in its own goroutine, waits for ever after it. Reset would wake it
// again. So such a loop selects on a done channel or a context too, and the
// goroutine that owns the ticker stops it with defer.
//
//claim:ask I call ticker.Stop. Does the goroutine with "for range ticker.C" end?
//claim:source https://pkg.go.dev/time#Ticker.Stop
func TestLeakTickerLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ticker := time.NewTicker(time.Second)
		last := false
		go leakWaits(func() {
			for range ticker.C {
				if last {
					return
				}
			}
		})
		time.Sleep(10 * time.Second)
		synctest.Wait()
		ticker.Stop()
		time.Sleep(time.Hour)
		require.Len(t, goroutineStates("leakWaits"), 1)

		last = true
		ticker.Reset(time.Second)
		time.Sleep(time.Second)
		synctest.Wait()
		require.Empty(t, goroutineStates("leakWaits"))
	})
}

// One return without Unlock blocks every later caller: not one goroutine leaks but
// each request from then on, all in the state sync.Mutex.Lock. The one at fault has
// long gone, so no stack shows it. Look for paths between Lock and Unlock that
// return or panic, and use defer.
//
//claim:ask Thousands of goroutines hang in sync.Mutex.Lock, and none seems to hold the lock. What happened?
//claim:source https://pkg.go.dev/sync#Mutex
func TestLeakMutexPile(t *testing.T) {
	var wg sync.WaitGroup
	visit := func(hit func(page string) error) {
		require.ErrorIs(t, hit(""), errNoPage)
		for range 4 {
			wg.Go(func() { leakWaits(func() { hit("index") }) })
		}
	}
	h := hitCounter{hits: make(map[string]int)}
	visit(h.hitLeaking)
	waitStates(t, "leakWaits", slices.Repeat([]string{"sync.Mutex.Lock"}, 4)...)
	require.Empty(t, h.hits)
	h.mu.Unlock() // instead of the path that forgot it
	wg.Wait()

	visit(h.hit)
	wg.Wait()
	require.Equal(t, 8, h.hits["index"])
}

// Count them before and after equal work. runtime.NumGoroutine must come back to
// where it was; one count more per request is a leak. Wait for it in a loop, since
// a goroutine that has delivered its result may still be on its way out. Other
// goroutines of the program are in the number too, so in a test compare names,
// as goleak does. In production watch the number as a metric. The metric
// /sched/goroutines:goroutines is larger, since Go 1.26: it includes the
// goroutines of the runtime.
//
//claim:ask How do I find out whether my code leaks goroutines?
//claim:source https://pkg.go.dev/runtime#NumGoroutine
//claim:source https://pkg.go.dev/runtime/metrics
func TestLeakCount(t *testing.T) {
	before := runtime.NumGoroutine()
	reply := make(chan string)
	gaveUp, cancel := context.WithCancel(t.Context())
	cancel()
	release := make(chan bool)
	for range 50 {
		_, err := lookupUntil(gaveUp, reply, func() string { <-release; return "" })
		require.Error(t, err)
	}
	close(release)
	waitStates(t, "lookupUntil.func1", slices.Repeat([]string{"chan send"}, 50)...)
	require.InDelta(t, 50, runtime.NumGoroutine()-before, 10, "some of an earlier test may have ended meanwhile")
	sample := []metrics.Sample{{Name: "/sched/goroutines:goroutines"}}
	metrics.Read(sample)
	require.Greater(t, sample[0].Value.Uint64(), uint64(runtime.NumGoroutine()))
	for range 50 {
		<-reply
	}
	for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; runtime.Gosched() {
		require.True(t, time.Now().Before(deadline))
	}
}

//go:noinline
func leakMany(c chan int) { <-c }

//go:noinline
func leakFew(c chan int) { <-c }

// Take the goroutine profile, with pprof.Lookup or /debug/pprof/goroutine?debug=1.
// It groups equal stacks and prints the largest group first: a leak is a group that
// grows between two profiles. Labels set with pprof.Do are inherited by new
// goroutines and split the groups, so they tell which request or tenant started
// them. With debug=2 each goroutine is listed with its state.
//
//claim:ask There are too many goroutines in production. How do I see which ones?
//claim:source https://pkg.go.dev/net/http/pprof
//claim:source https://pkg.go.dev/runtime/pprof#Do
func TestLeakProfile(t *testing.T) {
	c := make(chan int)
	for i := range 43 {
		tenant := pprof.Labels("tenant", fmt.Sprint("t", i%2)) // t0 has one more
		if i == 42 {
			go leakFew(c)
			break
		}
		pprof.Do(t.Context(), tenant, func(context.Context) {
			if i%2 == 0 {
				go leakMany(c)
				return
			}
			if i < 7 {
				go leakMany(c)
			}
		})
	}
	waitStates(t, "leakMany", slices.Repeat([]string{"chan receive"}, 24)...)
	waitStates(t, "leakFew", "chan receive")

	var profile bytes.Buffer
	require.NoError(t, pprof.Lookup("goroutine").WriteTo(&profile, 1))
	var groups []string
	for group := range strings.SplitSeq(profile.String(), "\n\n") {
		groups = append(groups, group)
	}
	require.Regexp(t, `(?s)^goroutine profile: total \d+\n21 @ .*\n# labels: {"tenant":"t0"}.*leakMany`, groups[0])
	require.Regexp(t, `(?s)^3 @ .*\n# labels: {"tenant":"t1"}.*leakMany`, groups[1])
	require.Contains(t, profile.String(), "leakFew")

	profile.Reset()
	require.NoError(t, pprof.Lookup("goroutine").WriteTo(&profile, 2))
	require.Equal(t, 24, strings.Count(profile.String(), "leakMany("))
	close(c)
	waitStates(t, "leakMany")
	waitStates(t, "leakFew")
}

// It lists the goroutines at the end of a test or, in TestMain, of all tests, and
// fails with the stack of each that it does not know. It tries again for a while,
// so one that is just ending is no leak. It does not know why a goroutine is
// there: what runs on purpose has to be ignored by name or with IgnoreCurrent. It
// cannot be used after a parallel test, since the others still run. It sees only
// what the tests do: production needs the profile.
//
//claim:ask What does goleak check, and what can it not tell?
//claim:source https://pkg.go.dev/go.uber.org/goleak
func TestLeakGoleak(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // its clock makes the retries of goleak instant
		known, release := make(chan int), make(chan int)
		go leakFew(known)
		synctest.Wait()
		ignore := goleak.IgnoreCurrent()
		require.NoError(t, goleak.Find(ignore))
		go leakMany(release)
		err := goleak.Find(ignore)
		require.ErrorContains(t, err, "found unexpected goroutines")
		require.ErrorContains(t, err, "chan receive")
		require.ErrorContains(t, err, "leakMany")
		require.NotContains(t, err.Error(), "leakFew")
		require.NoError(t, goleak.Find(ignore, goleak.IgnoreTopFunction("github.com/go-deep-dive/godeep/concurrency.leakMany")))

		go func() {
			time.Sleep(time.Millisecond)
			close(release)
		}()
		require.NoError(t, goleak.Find(ignore), "found when it tries again")
		close(known)
	})
}

// leakPart is something that a blocked goroutine refers to. It is larger than what
// the allocator puts together with other small objects.
type leakPart struct {
	mu   sync.Mutex
	c    chan int
	wg   sync.WaitGroup
	cond sync.Cond
	_    [64]byte
}

func newLeakPart() *leakPart {
	p := &leakPart{c: make(chan int)}
	p.cond.L = &p.mu
	return p
}

//go:noinline
func leakFound(wait func(*leakPart), p *leakPart) { wait(p) }

//go:noinline
func leakMissed(wait func(*leakPart), p *leakPart) { wait(p) }

// startLost starts goroutines that nobody can wake: what they wait for is
// reachable from themselves only.
//
//go:noinline
func startLost() (watch weak.Pointer[leakPart]) {
	for i, wait := range []func(*leakPart){
		func(p *leakPart) { <-p.c; runtime.KeepAlive(p) },
		func(p *leakPart) { p.c <- 1 },
		func(p *leakPart) {
			for range p.c {
			}
		},
		func(p *leakPart) {
			select {
			case <-p.c:
			case p.c <- 1:
			}
		},
		func(p *leakPart) { p.mu.Lock(); p.mu.Lock() },
		func(p *leakPart) { p.wg.Add(1); p.wg.Wait() },
		func(p *leakPart) { p.mu.Lock(); p.cond.Wait() },
		func(p *leakPart) { p.c = nil; <-p.c },
		func(*leakPart) { select {} },
	} {
		p := newLeakPart()
		if i == 0 {
			watch = weak.Make(p)
		}
		go leakFound(wait, p)
	}
	// Two that wait for each other.
	a, b := newLeakPart(), newLeakPart()
	go leakFound(func(a *leakPart) { <-a.c; b.c <- 1 }, a)
	go leakFound(func(b *leakPart) { <-b.c; a.c <- 1 }, b)
	return watch
}

// leakGlobal is reachable for ever, so somebody could still send to its channel.
var leakGlobal *leakPart

// It is a profile of the goroutines that can never go on, and only of those: the
// collector marks everything that goroutines able to run can reach, and a
// goroutine is leaked if it waits for a channel, lock, WaitGroup or Cond that was not
// reached. Two that wait for each other are found as well. Reading it runs
// a collection, and it reports nothing before. It does not end the leaked goroutines
// and keeps their memory. It always exists since Go 1.27; in Go 1.26 it
// needs GOEXPERIMENT=goroutineleakprofile and Lookup returns nil without.
//
//claim:ask What is the goroutineleak profile, and how does it know that a goroutine is leaked?
//claim:source https://go.dev/doc/go1.26#goroutineleak-profiles
//claim:source https://go.dev/doc/go1.27#goroutineleak-profiles
//claim:source https://go.dev/issue/74609
func TestLeakDetector(t *testing.T) {
	profile := pprof.Lookup("goroutineleak")
	if !proof.GoAtLeast("go1.27") {
		if !strings.Contains(runtime.Version(), "goroutineleakprofile") {
			require.Nil(t, profile)
		}
		return
	}
	require.NotNil(t, profile)
	if proof.InChild(t) {
		watch := startLost()
		for goroutinesParked("leakFound") < 11 {
			runtime.Gosched()
		}
		fmt.Println("count before:", profile.Count())
		var report bytes.Buffer
		require.NoError(t, profile.WriteTo(&report, 1))
		fmt.Println("count after:", profile.Count())
		fmt.Println(report.String())
		runtime.GC()
		fmt.Println("goroutines:", goroutinesParked("leakFound"), "memory kept:", watch.Value() != nil)
		os.Exit(0)
	}
	out, err := proof.Child(t, quickRaceExit)
	require.NoError(t, err, out)
	require.Contains(t, out, "count before: 0\n")
	require.Contains(t, out, "count after: 11\n")
	require.Contains(t, out, "goroutineleak profile: total 11\n")
	require.Contains(t, out, "goroutines: 11 memory kept: true\n")
}

// goroutinesParked counts the goroutines in the function that are blocked.
func goroutinesParked(function string) (n int) {
	for _, state := range goroutineStates(function) {
		if state != "running" && state != "runnable" {
			n++
		}
	}
	return n
}

// It misses every goroutine that could in theory be woken: one whose channel is in
// a package variable or is still known to a function that runs or sleeps, one that
// a timer will wake, one that sleeps, and one in I/O or a system call. It
// also misses whatever such a goroutine leads to. So a request that waits an hour too
// long is no leak for it, and an empty profile is no proof. A worker pool that hangs on a
// global queue is found with the goroutine profile instead.
//
//claim:ask Which leaked goroutines does the goroutineleak profile not find?
//claim:needs go>=1.27
//claim:source https://go.dev/doc/go1.26#goroutineleak-profiles
//claim:source runtime/mgc.go
func TestLeakDetectorMisses(t *testing.T) {
	if !proof.GoAtLeast("go1.27") {
		t.Skip("there is no such profile before Go 1.27")
	}
	if proof.InChild(t) {
		leakGlobal = newLeakPart()
		go leakMissed(func(p *leakPart) { <-p.c }, leakGlobal)
		local := newLeakPart()
		go leakMissed(func(p *leakPart) { <-p.c }, local)
		go leakMissed(func(*leakPart) { time.Sleep(time.Hour) }, newLeakPart())
		go leakMissed(func(p *leakPart) {
			select {
			case <-p.c:
			case <-time.After(time.Hour):
			}
		}, newLeakPart())
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		go leakMissed(func(*leakPart) { listener.Accept() }, newLeakPart())
		sleeperKnows := newLeakPart()
		go leakMissed(func(p *leakPart) { <-p.c }, sleeperKnows)
		go leakMissed(func(p *leakPart) { time.Sleep(time.Hour); close(p.c) }, sleeperKnows)
		for goroutinesParked("leakMissed") < 7 {
			runtime.Gosched()
		}
		startLost()
		for goroutinesParked("leakFound") < 11 {
			runtime.Gosched()
		}
		var report bytes.Buffer
		require.NoError(t, pprof.Lookup("goroutineleak").WriteTo(&report, 1))
		fmt.Println("found:", strings.Contains(report.String(), "leakFound"), "missed:", !strings.Contains(report.String(), "leakMissed"))
		runtime.KeepAlive(local)
		os.Exit(0)
	}
	out, err := proof.Child(t, quickRaceExit)
	require.NoError(t, err, out)
	require.Contains(t, out, "found: true missed: true\n")
}

// Everything that its stack leads to: buffers, the request, and above all what
// its deferred calls would have given back. They do not run, since the function
// never returns: files and connections stay open, locks stay locked, counters
// stay too high. So the first symptom of a leak is often another one, such as
// too many open files or an exhausted pool.
//
//claim:ask What does a leaked goroutine hold, apart from its stack?
//claim:source https://go.dev/ref/spec#Defer_statements
func TestLeakHolds(t *testing.T) {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close()
	gate, started := make(chan bool), make(chan bool)
	var places sync.Mutex
	watch := make(chan weak.Pointer[leakPart], 1)
	go leakWaits(func() {
		defer w.Close()
		places.Lock()
		defer places.Unlock()
		p := newLeakPart()
		watch <- weak.Make(p)
		close(started)
		<-gate
		runtime.KeepAlive(p)
	})
	<-started
	part := <-watch
	runtime.GC()
	require.NotNil(t, part.Value())
	require.False(t, places.TryLock())
	_, err = w.Write([]byte("open"))
	require.NoError(t, err)

	close(gate)
	waitStates(t, "leakWaits")
	runtime.GC()
	require.Nil(t, part.Value())
	require.True(t, places.TryLock())
	_, err = w.Write([]byte("open"))
	require.ErrorIs(t, err, os.ErrClosed)
}

// It must ask the goroutine to end and also wait until it has. Closing a channel or
// cancelling a context only asks: the goroutine may still be in its work, and use what
// the caller then closes. Wait for a second channel, or a WaitGroup. Make it safe
// to call Stop twice, for example with sync.OnceFunc. Stop may not be called by the
// goroutine itself: it would wait for its own end.
//
//claim:ask What must a Stop or Close method of something with a goroutine do?
//claim:source https://pkg.go.dev/sync#OnceFunc
func TestLeakStopWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var begun, ended int
		stop := startPolling(time.Minute, func() {
			begun++
			time.Sleep(20 * time.Second)
			ended++
		})
		time.Sleep(3*time.Minute + 5*time.Second) // in the third poll
		asked := time.Now()
		stop()
		require.Equal(t, 15*time.Second, time.Since(asked), "it waits for the poll in progress")
		require.Equal(t, []int{3, 3}, []int{begun, ended})
		stop()
		time.Sleep(time.Hour)
		require.Equal(t, 3, begun)
	})
}

// A Write to an io.Pipe waits until a reader has taken the data, as a send on an
// unbuffered channel does. If the reader stops early, the writing goroutine
// hangs in Write. The reader has to close its end, with Close or CloseWithError:
// then Write returns that error, io.ErrClosedPipe after a plain Close. In the same way the
// writer must close its end, or the reader waits for ever for EOF.
//
//claim:ask A goroutine writes to an io.Pipe and the reader returns early. What happens?
//claim:source https://pkg.go.dev/io#Pipe
func TestLeakPipe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, w := io.Pipe()
		var written error
		go leakWaits(func() { _, written = fmt.Fprint(w, "a long report") })
		_, err := io.ReadFull(r, make([]byte, 6))
		require.NoError(t, err)
		synctest.Wait()
		require.Len(t, goroutineStates("leakWaits"), 1)
		require.NoError(t, r.Close())
		synctest.Wait()
		require.Empty(t, goroutineStates("leakWaits"))
		require.ErrorIs(t, written, io.ErrClosedPipe)

		r, w = io.Pipe()
		go leakWaits(func() { io.Copy(io.Discard, r) })
		fmt.Fprint(w, "all of it")
		synctest.Wait()
		require.Len(t, goroutineStates("leakWaits"), 1)
		require.NoError(t, w.Close())
		synctest.Wait()
		require.Empty(t, goroutineStates("leakWaits"))
	})
}

// Not necessarily. An idle connection that the client keeps for the next request
// has two goroutines, readLoop and writeLoop; CloseIdleConnections or the idle timeout
// ends them. It is a leak if the response body is neither closed nor read to its
// end: the connection is never idle, and both stay. It is also one if
// each request makes a new Transport: its idle connections are never used again.
//
//claim:ask After some HTTP requests there are goroutines in readLoop and writeLoop. Is that a leak?
//claim:source https://pkg.go.dev/net/http#Client
//claim:source https://pkg.go.dev/net/http#Transport.CloseIdleConnections
func TestLeakHTTPConnection(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Write(make([]byte, 1<<20)) // more than fits into buffers
	}))
	defer server.Close()
	loops := func(want int) {
		t.Helper()
		for _, loop := range []string{"persistConn).readLoop", "persistConn).writeLoop"} {
			for deadline := time.Now().Add(10 * time.Second); len(goroutineStates(loop)) != want; runtime.Gosched() {
				require.True(t, time.Now().Before(deadline), "%q in %s, want %d", goroutineStates(loop), loop, want)
			}
		}
	}
	transport := new(http.Transport)
	client := http.Client{Transport: transport}
	get := func() *http.Response {
		reply, err := client.Get(server.URL)
		require.NoError(t, err)
		return reply
	}
	for range 3 {
		reply := get()
		_, err := io.Copy(io.Discard, reply.Body)
		require.NoError(t, errors.Join(err, reply.Body.Close()))
	}
	loops(1)
	transport.CloseIdleConnections()
	loops(0)

	first, second := get(), get() // neither closed nor read
	transport.CloseIdleConnections()
	loops(2)
	assert.NoError(t, errors.Join(first.Body.Close(), second.Body.Close()))
	loops(0) // a connection with unread data is not used again
}
