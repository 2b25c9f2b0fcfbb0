package schedgc

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"runtime/pprof"
	"runtime/trace"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	xtrace "golang.org/x/exp/trace"
)

// tracedEvents are the events of an execution trace in their order.
type tracedEvents []xtrace.Event

// tracedMove is a change of the state of a goroutine.
type tracedMove struct {
	xtrace.StateTransition
	from, to xtrace.GoState
	event    xtrace.Event
}

// recordTrace runs f while the execution tracer is on.
func recordTrace(t *testing.T, f func()) tracedEvents {
	t.Helper()
	var written bytes.Buffer
	if err := trace.Start(&written); err != nil {
		t.Skip("go test -trace owns the tracer: ", err)
	}
	func() {
		defer trace.Stop()
		f()
	}()
	return parseTrace(t, &written)
}

func parseTrace(t *testing.T, r io.Reader) (events tracedEvents) {
	t.Helper()
	reader, err := xtrace.NewReader(r)
	require.NoError(t, err)
	for {
		event, err := reader.ReadEvent()
		if err == io.EOF {
			return events
		}
		require.NoError(t, err)
		events = append(events, event)
	}
}

// traceName marks the calling goroutine, so that a test finds it in the trace.
func traceName(name string) { trace.Log(context.Background(), "name", name) }

// named returns the goroutine that called traceName.
func (events tracedEvents) named(t *testing.T, name string) xtrace.GoID {
	t.Helper()
	for _, e := range events {
		if e.Kind() == xtrace.EventLog && e.Log().Category == "name" && e.Log().Message == name {
			return e.Goroutine()
		}
	}
	require.Fail(t, "no goroutine in the trace", name)
	return xtrace.NoGoroutine
}

// moves returns the state changes of one goroutine.
func (events tracedEvents) moves(g xtrace.GoID) (moves []tracedMove) {
	for _, e := range events {
		if e.Kind() != xtrace.EventStateTransition {
			continue
		}
		st := e.StateTransition()
		if st.Resource.Kind == xtrace.ResourceGoroutine && st.Resource.Goroutine() == g {
			from, to := st.Goroutine()
			moves = append(moves, tracedMove{st, from, to, e})
		}
	}
	return moves
}

// states returns the states that a goroutine went through.
func (events tracedEvents) states(g xtrace.GoID) string {
	var states []string
	for _, m := range events.moves(g) {
		states = append(states, m.to.String())
	}
	return strings.Join(states, " ")
}

// reasons returns why a goroutine left the state for the other.
func (events tracedEvents) reasons(g xtrace.GoID, from, to xtrace.GoState) (reasons []string) {
	for _, m := range events.moves(g) {
		if m.from == from && m.to == to {
			reasons = append(reasons, m.Reason)
		}
	}
	return reasons
}

// tracedFunctions returns the functions of a stack, innermost first.
func tracedFunctions(stack xtrace.Stack) (functions []string) {
	for frame := range stack.Frames() {
		functions = append(functions, frame.Func)
	}
	return functions
}

// untilTraced repeats a scenario that the scheduler may disturb, by a
// preemption or a collection, until it ran as described.
func untilTraced(t *testing.T, scenario func() bool) {
	t.Helper()
	for range 50 {
		if scenario() {
			return
		}
	}
	require.Fail(t, "never as described", "in 50 attempts")
}

// withProcs sets GOMAXPROCS for the rest of the test.
func withProcs(t *testing.T, n int) {
	t.Helper()
	old := runtime.GOMAXPROCS(n)
	t.Cleanup(func() { runtime.GOMAXPROCS(old) })
}

// An execution trace is a log of scheduling events, each with a time, the
// goroutine, the P, the thread and mostly a stack. It has every state change of
// every goroutine: creation, start, block, unblock, preemption, system call,
// end. It also has the Ps that start and stop, the phases of the collector,
// each stop of the world, the heap size and your own tasks, regions and logs.
// It is not sampled: a trace misses no event while it is on. What it does not
// have is which code used the CPU between two events: that is the CPU profile.
//
//claim:ask What is in an execution trace?
//claim:source https://pkg.go.dev/runtime/trace#hdr-Tracing_runtime_activities
func TestExecTraceContents(t *testing.T) {
	const switches = 100
	events := recordTrace(t, func() {
		traceName("main")
		ball := make(chan int)
		go func() {
			traceName("partner")
			for range switches {
				ball <- 1
			}
			close(ball)
		}()
		trace.WithRegion(t.Context(), "receive", func() {
			for range ball {
			}
		})
	})
	seen := make(map[xtrace.EventKind]bool)
	resources := make(map[xtrace.ResourceKind]bool)
	for _, e := range events {
		seen[e.Kind()] = true
		if e.Kind() == xtrace.EventStateTransition {
			resources[e.StateTransition().Resource.Kind] = true
		}
	}
	for _, kind := range []xtrace.EventKind{
		xtrace.EventStateTransition, xtrace.EventMetric, xtrace.EventRangeBegin, xtrace.EventRangeEnd,
		xtrace.EventRegionBegin, xtrace.EventRegionEnd, xtrace.EventLog, xtrace.EventSync,
	} {
		require.True(t, seen[kind], kind)
	}
	require.False(t, seen[xtrace.EventStackSample], "no CPU profile ran")
	require.Equal(t, map[xtrace.ResourceKind]bool{xtrace.ResourceGoroutine: true, xtrace.ResourceProc: true}, resources)

	// One of the two waits for each value, and no wait is missing.
	waits := 0
	for _, name := range []string{"main", "partner"} {
		for _, m := range events.moves(events.named(t, name)) {
			if m.to == xtrace.GoWaiting && strings.HasPrefix(m.Reason, "chan ") {
				waits++
				require.NotEqual(t, xtrace.NoStack, m.Stack, "where it waits")
			}
		}
	}
	require.InDelta(t, switches, waits, 1, "one wait per value, perhaps one for close")
}

// A goroutine is created runnable, becomes running when a P takes it, waiting when it
// blocks, and runnable again, not running, when what it waits for happens. Runnable is the
// queue for a P: the time in it is the scheduling latency. A goroutine in a
// system call is in a state of its own. The trace tool shows these states per goroutine,
// so a request that is slow is one of four: running (look at the CPU profile),
// waiting (at the reason), in a system call, or runnable (too few Ps).
//
//claim:ask Which states does a goroutine go through in an execution trace?
//claim:source https://pkg.go.dev/golang.org/x/exp/trace#GoState
func TestExecTraceStates(t *testing.T) {
	withProcs(t, 1)
	untilTraced(t, func() bool {
		events := recordTrace(t, func() {
			value, done := make(chan int), make(chan bool)
			go func() {
				traceName("receiver")
				<-value
				close(done)
			}()
			runtime.Gosched() // the receiver runs and blocks
			value <- 1
			<-done
		})
		return events.states(events.named(t, "receiver")) == "Runnable Running Waiting Runnable Running NotExist"
	})
}

// Each time a goroutine stops running, the trace gives the reason: chan send,
// chan receive, select, sync (a Mutex, RWMutex or WaitGroup),
// sync.(*Cond).Wait, sleep, network, preempted and others. Together with the
// stack this says what it waits for and where. The reason is coarser than the
// state that a goroutine dump prints: the dump tells a Mutex from a WaitGroup,
// the trace says sync for both, and the top of the stack tells them apart.
//
//claim:ask The trace says a goroutine waits. How do you see what for?
//claim:source runtime/traceruntime.go
func TestExecTraceReasons(t *testing.T) {
	withProcs(t, 1)
	for _, c := range []struct {
		reason, function string
		pair             func() (wait, wake func())
	}{
		{"chan receive", "runtime.chanrecv1", func() (wait, wake func()) {
			c := make(chan int)
			return func() { <-c }, func() { c <- 1 }
		}},
		{"chan send", "runtime.chansend1", func() (wait, wake func()) {
			c := make(chan int)
			return func() { c <- 1 }, func() { <-c }
		}},
		{"select", "runtime.selectgo", func() (wait, wake func()) {
			a, b := make(chan int), make(chan int)
			return func() {
				select {
				case <-a:
				case <-b:
				}
			}, func() { close(b) }
		}},
		{"sync", "sync.(*Mutex).Lock", func() (wait, wake func()) {
			mu := new(sync.Mutex)
			mu.Lock()
			return mu.Lock, mu.Unlock
		}},
		{"sync", "sync.(*WaitGroup).Wait", func() (wait, wake func()) {
			group := new(sync.WaitGroup)
			group.Add(1)
			return group.Wait, group.Done
		}},
		{"sync.(*Cond).Wait", "sync.(*Cond).Wait", func() (wait, wake func()) {
			cond, woken := sync.NewCond(new(sync.Mutex)), false
			wait = func() {
				cond.L.Lock()
				defer cond.L.Unlock()
				for !woken {
					cond.Wait()
				}
			}
			return wait, func() {
				cond.L.Lock()
				defer cond.L.Unlock()
				woken = true
				cond.Signal()
			}
		}},
		{"sleep", "time.Sleep", func() (wait, wake func()) {
			return func() { time.Sleep(time.Microsecond) }, func() {}
		}},
	} {
		untilTraced(t, func() bool {
			wait, wake := c.pair()
			events := recordTrace(t, func() {
				done := make(chan bool)
				go func() {
					traceName("waiter")
					wait()
					close(done)
				}()
				for range 3 {
					runtime.Gosched() // the waiter runs and blocks
				}
				wake()
				<-done
			})
			return slices.ContainsFunc(events.moves(events.named(t, "waiter")), func(m tracedMove) bool {
				return m.from == xtrace.GoRunning && m.to == xtrace.GoWaiting && m.Reason == c.reason &&
					slices.ContainsFunc(tracedFunctions(m.Stack), func(f string) bool { return strings.HasPrefix(f, c.function) })
			})
		})
	}
}

// Every unblocking is recorded with the goroutine that did it and its stack. So the trace
// answers who sent the value, closed the channel or unlocked the mutex, after how
// long, and where the code stood. No profile can: a mutex profile adds up delays
// by the stack of the unlocker, a block profile by that of the waiter, and neither connects
// the two goroutines.
//
//claim:ask A goroutine waited long for a lock. How do you find who held it?
//claim:source https://pkg.go.dev/golang.org/x/exp/trace#Event.Goroutine
func TestExecTraceWaker(t *testing.T) {
	withProcs(t, 1)
	untilTraced(t, func() bool {
		events := recordTrace(t, func() {
			var mu sync.Mutex
			var both sync.WaitGroup
			traceHoldLock(&mu, &both)
			runtime.Gosched() // the holder has the lock
			both.Go(func() {
				traceName("waiter")
				mu.Lock()
				defer mu.Unlock()
			})
			both.Wait()
		})
		for _, m := range events.moves(events.named(t, "waiter")) {
			if m.from == xtrace.GoWaiting && m.event.Goroutine() == events.named(t, "holder") {
				functions := tracedFunctions(m.event.Stack())
				return slices.Contains(functions, "sync.(*Mutex).Unlock") &&
					slices.Contains(functions, "github.com/go-deep-dive/godeep/schedgc.traceHoldLock.func1")
			}
		}
		return false
	})
}

//go:noinline
func traceHoldLock(mu *sync.Mutex, both *sync.WaitGroup) {
	both.Go(func() {
		traceName("holder")
		mu.Lock()
		for range 3 {
			runtime.Gosched() // the others run, and wait for the lock
		}
		mu.Unlock()
	})
}

// A goroutine that loses its P without blocking goes from running to runnable.
// The reason is preempted if the runtime took the P, and runtime.Gosched if the goroutine
// called that. Blocking is another move, from running to waiting. Many preempted
// goroutines together with long runnable times mean more CPU-bound work than GOMAXPROCS
// can run at once.
//
//claim:ask How does a trace show that a goroutine was preempted?
//claim:source runtime/traceruntime.go
//claim:source runtime/preempt.go
func TestExecTracePreempted(t *testing.T) {
	withProcs(t, 1)
	var events tracedEvents
	untilTraced(t, func() bool {
		var other atomic.Bool
		events = recordTrace(t, func() {
			traceName("main")
			runtime.Gosched()
			go other.Store(true)
			for !other.Load() { // until the other got the only P
			}
		})
		return slices.Contains(events.reasons(events.named(t, "main"), xtrace.GoRunning, xtrace.GoRunnable), "preempted")
	})
	require.Contains(t, events.reasons(events.named(t, "main"), xtrace.GoRunning, xtrace.GoRunnable), "runtime.Gosched")
}

// Reading a regular file is a system call, and the trace shows the goroutine in the state
// syscall. Reading a socket that has no data is not: the goroutine waits,
// with the reason network, and nobody's stack is in the event that wakes it, because the
// scheduler did it when the poller reported the socket. So time in syscall means
// files, terminals, cgo-free calls of the kernel; waiting for other machines is network.
//
//claim:ask How does file I/O differ from network I/O in an execution trace?
//claim:source runtime/netpoll.go
func TestExecTraceNetwork(t *testing.T) {
	withProcs(t, 1)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Skip("needs the loopback network: ", err)
	}
	defer listener.Close()
	client, err := net.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	defer client.Close()
	server, err := listener.Accept()
	require.NoError(t, err)
	defer server.Close()
	name := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(name, []byte("x"), 0o600))

	untilTraced(t, func() bool {
		events := recordTrace(t, func() {
			var all sync.WaitGroup
			all.Go(func() {
				traceName("socket")
				var b [1]byte
				server.Read(b[:])
			})
			all.Go(func() {
				traceName("file")
				os.ReadFile(name)
			})
			runtime.Gosched()
			runtime.Gosched()
			client.Write([]byte("x"))
			all.Wait()
		})
		file, socket := events.named(t, "file"), events.named(t, "socket")
		require.Contains(t, events.states(file), "Syscall Running")
		require.NotContains(t, events.reasons(file, xtrace.GoRunning, xtrace.GoWaiting), "network")
		polled := false
		for _, m := range events.moves(socket) {
			if m.from == xtrace.GoWaiting && m.to == xtrace.GoRunnable {
				polled = m.event.Goroutine() == xtrace.NoGoroutine
			}
		}
		return polled && slices.Contains(events.reasons(socket, xtrace.GoRunning, xtrace.GoWaiting), "network")
	})
}

// The trace has one range for the whole marking, GC concurrent mark phase, and
// in it the two stops of the world: for sweep termination when it begins and
// for mark termination when it ends. Between them your goroutines run. The mark
// workers are goroutines as any other in the trace, so you see which Ps they
// took from your code, and when. For a question about one collection this says
// more than GODEBUG=gctrace=1, which prints a line of totals.
//
//claim:ask How does an execution trace show a garbage collection?
//claim:source https://pkg.go.dev/golang.org/x/exp/trace#Range
func TestExecTraceGC(t *testing.T) {
	var events tracedEvents
	var phases []string
	// Not if a collection is under way when the trace starts, and that one is the reason why
	// traceAllocateToGC returns.
	untilTraced(t, func() bool {
		runtime.GC()
		events = recordTrace(t, func() { traceAllocateToGC(t) })
		phases = nil
		for _, e := range events {
			if e.Kind() == xtrace.EventRangeBegin || e.Kind() == xtrace.EventRangeEnd {
				name := e.Range().Name
				if strings.HasPrefix(name, "stop-the-world (GC ") || name == "GC concurrent mark phase" {
					phases = append(phases, strings.TrimPrefix(e.Kind().String(), "Range")+" "+name)
				}
			}
		}
		return len(phases) >= 6 && phases[0] == "Begin GC concurrent mark phase"
	})
	require.Equal(t, []string{
		"Begin GC concurrent mark phase",
		"Begin stop-the-world (GC sweep termination)",
		"End stop-the-world (GC sweep termination)",
		"Begin stop-the-world (GC mark termination)",
	}, phases[:4])
	end := slices.Index(phases, "End GC concurrent mark phase")
	require.Positive(t, end)
	require.Equal(t, "End stop-the-world (GC mark termination)", phases[end+1])

	worker := false
	for _, e := range events {
		if e.Kind() == xtrace.EventStateTransition {
			for _, f := range tracedFunctions(e.StateTransition().Stack) {
				worker = worker || f == "runtime.gcBgMarkWorker"
			}
		}
	}
	require.True(t, worker, "mark workers are goroutines")
}

// traceAllocateToGC makes garbage until a collection has run. runtime.GC would wait for the
// end of sweeping, and fill the trace with that.
func traceAllocateToGC(t *testing.T) {
	cycles := []metrics.Sample{{Name: "/gc/cycles/total:gc-cycles"}}
	metrics.Read(cycles)
	for before := cycles[0].Value.Uint64(); cycles[0].Value.Uint64() == before; metrics.Read(cycles) {
		if len(tracedHeap) > 1<<15 {
			t.Skip("the collector is off")
		}
		for range 16 {
			tracedHeap = append(tracedHeap, make([]byte, 4096))
		}
	}
	tracedHeap = nil
}

var tracedHeap [][]byte

// Each stop of the world is a range in the trace whose name tells the cause,
// with the goroutine and the stack that asked for it. The collector is one
// cause. runtime.ReadMemStats, runtime.GOMAXPROCS(n), a dump of all goroutine
// stacks, a goroutine profile and the start and stop of the trace itself are
// others. So a metrics exporter that calls ReadMemStats every second is found
// here, not in a CPU profile.
//
//claim:ask Something stops the world and it is not the GC. How do you find out what?
//claim:source runtime/proc.go
func TestExecTraceStopTheWorld(t *testing.T) {
	procs := runtime.GOMAXPROCS(0)
	t.Cleanup(func() { runtime.GOMAXPROCS(procs) })
	events := recordTrace(t, func() {
		traceName("main")
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		runtime.GOMAXPROCS(procs + 1)
		runtime.Stack(make([]byte, 1<<10), true)
		pprof.Lookup("goroutine").WriteTo(io.Discard, 0)
	})
	causes := make(map[string]bool)
	for _, e := range events {
		if e.Kind() == xtrace.EventRangeBegin && e.Goroutine() == events.named(t, "main") {
			causes[e.Range().Name] = true
			if e.Range().Name == "stop-the-world (read mem stats)" {
				require.Contains(t, tracedFunctions(e.Stack()), "runtime.ReadMemStats")
			}
		}
	}
	for _, cause := range []string{"read mem stats", "GOMAXPROCS", "all goroutines stack trace", "goroutine profile"} {
		require.Contains(t, causes, "stop-the-world ("+cause+")")
	}
}

// A task is one logical operation, such as a request: it may span many
// goroutines, and it travels in the context that NewTask returns. A region is
// an interval of one goroutine, must nest, and belongs to the task in its
// context. A log is a moment. Give the region a few fixed names and put ids
// into logs, because the tool groups by name. A goroutine that does not get the
// context still runs, but its regions count to the background task, and the
// request looks shorter than it is.
//
//claim:ask What are tasks, regions and logs in runtime/trace for?
//claim:source https://pkg.go.dev/runtime/trace#hdr-User_annotation
func TestExecTraceTasks(t *testing.T) {
	events := recordTrace(t, func() {
		ctx, task := trace.NewTask(t.Context(), "request")
		defer task.End()
		trace.Log(ctx, "id", "42")
		_, sub := trace.NewTask(ctx, "subrequest")
		sub.End()
		var parts sync.WaitGroup
		parts.Go(func() { trace.WithRegion(ctx, "load", func() {}) })
		parts.Go(func() { trace.WithRegion(context.Background(), "forgotten", func() {}) })
		parts.Wait()
	})
	tasks := make(map[string]xtrace.Task)
	regions := make(map[string]xtrace.Region)
	goroutines := make(map[xtrace.GoID]bool)
	ended := 0
	for _, e := range events {
		switch e.Kind() {
		case xtrace.EventTaskBegin:
			tasks[e.Task().Type] = e.Task()
			goroutines[e.Goroutine()] = true
		case xtrace.EventTaskEnd:
			ended++
		case xtrace.EventRegionBegin:
			regions[e.Region().Type] = e.Region()
			goroutines[e.Goroutine()] = true
		case xtrace.EventLog:
			require.Equal(t, tasks["request"].ID, e.Log().Task)
		}
	}
	require.Equal(t, 2, ended)
	require.Equal(t, tasks["request"].ID, tasks["subrequest"].Parent)
	require.Equal(t, tasks["request"].ID, regions["load"].Task)
	require.NotEqual(t, tasks["request"].ID, regions["forgotten"].Task)
	require.Len(t, goroutines, 3, "a task spans goroutines")
}
