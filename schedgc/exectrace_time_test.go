package schedgc

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/require"
	xtrace "golang.org/x/exp/trace"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// tracedTimes says how long a goroutine was in each state.
type tracedTimes struct {
	in       map[xtrace.GoState]time.Duration
	waiting  map[string]time.Duration // by reason
	lifetime time.Duration
}

// times adds up the states of a goroutine that began and ended in the trace.
func (events tracedEvents) times(g xtrace.GoID) tracedTimes {
	moves := events.moves(g)
	sum := tracedTimes{make(map[xtrace.GoState]time.Duration), make(map[string]time.Duration), 0}
	for i, m := range moves[:len(moves)-1] {
		spent := moves[i+1].event.Time().Sub(m.event.Time())
		sum.in[m.to] += spent
		if m.to == xtrace.GoWaiting {
			sum.waiting[m.Reason] += spent
		}
	}
	sum.lifetime = moves[len(moves)-1].event.Time().Sub(moves[0].event.Time())
	return sum
}

// spinFor keeps its P busy, without a call that blocks.
func spinFor(d time.Duration) {
	for start := time.Now(); time.Since(start) < d; {
	}
}

// Add up the time between its state changes: what a goroutine was running, runnable,
// waiting by reason, and in system calls is its whole life, with nothing left over. That is
// what the goroutine analysis of go tool trace shows. So a request that took
// long on an idle machine is explained: a CPU profile has only the running part. For one
// request instead of one goroutine, put it into a task or a region.
//
//claim:ask A request takes 100 ms and the CPU profile shows 5 ms. How do you find the rest?
//claim:source https://pkg.go.dev/cmd/trace
func TestExecTraceBreakdown(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(name, make([]byte, 4096), 0o600))
	events := recordTrace(t, func() {
		var all sync.WaitGroup
		all.Go(func() {
			traceName("request")
			spinFor(time.Millisecond)
			os.ReadFile(name)
			time.Sleep(5 * time.Millisecond)
		})
		all.Wait()
	})
	times := events.times(events.named(t, "request"))
	require.GreaterOrEqual(t, times.waiting["sleep"], 5*time.Millisecond)
	require.GreaterOrEqual(t, times.in[xtrace.GoRunning]+times.in[xtrace.GoRunnable], time.Millisecond)
	require.Positive(t, times.in[xtrace.GoSyscall])
	var sum time.Duration
	for _, d := range times.in {
		sum += d
	}
	require.Equal(t, times.lifetime, sum, "nothing is left over")
}

// The time that a ready goroutine waits for a P is in no pprof profile. The CPU
// profile has only goroutines that run, and the block and mutex profiles end
// the delay at the moment the goroutine is ready. The execution trace has it,
// as time in the state runnable. Long runnable times mean that all Ps were
// busy: too much CPU-bound work, or a GOMAXPROCS that is too small. In
// runtime/metrics the same time is the histogram /sched/latencies:seconds,
// without names.
//
//claim:ask Goroutines are ready but run late. Which tool shows this scheduling latency?
//claim:source https://pkg.go.dev/runtime/pprof#Profile
func TestExecTraceRunnable(t *testing.T) {
	withProcs(t, 1)
	runtime.SetBlockProfileRate(1)
	t.Cleanup(func() { runtime.SetBlockProfileRate(0) })
	const busy = 2 * time.Millisecond
	var events tracedEvents
	untilTraced(t, func() bool {
		events = recordTrace(t, func() {
			done := make(chan bool)
			go traceLate(done)
			spinFor(busy) // the only P
			<-done
		})
		return events.times(events.named(t, "late")).in[xtrace.GoRunnable] >= busy
	})
	require.Zero(t, events.times(events.named(t, "late")).in[xtrace.GoWaiting])

	var written bytes.Buffer
	require.NoError(t, pprof.Lookup("block").WriteTo(&written, 0))
	blocked, err := profile.Parse(&written)
	require.NoError(t, err)
	for _, f := range blocked.Function {
		require.NotContains(t, f.Name, "traceLate")
	}
}

//go:noinline
func traceLate(done chan bool) {
	traceName("late")
	close(done)
}

// tracedProfiles are the profiles that go tool trace makes of one trace. They are
// made once in a process, with -count=50 too.
var tracedProfiles map[string]*profile.Profile

// With go tool trace -pprof=TYPE trace.out, where TYPE is net, sync, syscall or
// sched. Each is the time of one kind of delay added up by stack, written as a
// pprof profile for go tool pprof: waiting for the network, waiting for locks
// and channels, in system calls, and runnable but not running. The first three
// name the stack that waits; sched names the stack that made the goroutine
// ready, such as that of the sender, because the goroutine itself does nothing
// then. There is no other profile of that delay.
//
//claim:ask How do you get a profile of delays out of an execution trace?
//claim:source https://pkg.go.dev/cmd/trace
func TestExecTracePprof(t *testing.T) {
	if tracedProfiles == nil {
		procs := runtime.GOMAXPROCS(1)
		var written bytes.Buffer
		untilTraced(t, func() bool {
			written.Reset()
			if err := trace.Start(&written); err != nil {
				t.Skip("go test -trace owns the tracer: ", err)
			}
			value := make(chan int)
			var done sync.WaitGroup
			done.Go(func() {
				traceName("receiver")
				tracedReceiver(value)
			})
			runtime.Gosched() // the receiver blocks
			traceName("sender")
			tracedSender(value)
			done.Wait()
			trace.Stop()
			events := parseTrace(t, bytes.NewReader(written.Bytes()))
			return slices.ContainsFunc(events.moves(events.named(t, "receiver")), func(m tracedMove) bool {
				return m.from == xtrace.GoWaiting && m.event.Goroutine() == events.named(t, "sender")
			})
		})
		runtime.GOMAXPROCS(procs)
		name := filepath.Join(t.TempDir(), "trace.out")
		require.NoError(t, os.WriteFile(name, written.Bytes(), 0o600))

		byType := make(map[string]*profile.Profile)
		for _, kind := range []string{"net", "sync", "sched"} {
			out, err := proof.Go(t, "tool", "trace", "-pprof="+kind, name)
			require.NoError(t, err, out)
			p, err := profile.ParseData([]byte(out))
			require.NoError(t, err)
			byType[kind] = p
		}
		tracedProfiles = byType
	}
	delay := func(kind, function string) (total time.Duration) {
		for _, sample := range tracedProfiles[kind].Sample {
			for _, location := range sample.Location {
				for _, line := range location.Line {
					if strings.HasSuffix(line.Function.Name, "schedgc."+function) {
						total += time.Duration(sample.Value[1])
					}
				}
			}
		}
		return total
	}
	require.Positive(t, delay("sync", "tracedReceiver"), "waited in the channel")
	require.Zero(t, delay("sync", "tracedSender"))
	require.Positive(t, delay("sched", "tracedSender"), "made the receiver ready and kept the P")
	require.Zero(t, delay("sched", "tracedReceiver"))
	require.Zero(t, delay("net", "tracedReceiver"))
}

//go:noinline
func tracedReceiver(c chan int) { <-c }

//go:noinline
func tracedSender(c chan int) {
	c <- 1
	spinFor(time.Millisecond)
}

// running counts, at every event, how many of the goroutines are running, and returns the
// largest number and the time for which there were at least two.
func (events tracedEvents) running(goroutines ...xtrace.GoID) (most int, together time.Duration) {
	running := make(map[xtrace.GoID]bool)
	var last xtrace.Time
	for _, e := range events {
		if len(running) >= 2 {
			together += e.Time().Sub(last)
		}
		last = e.Time()
		if e.Kind() != xtrace.EventStateTransition || e.StateTransition().Resource.Kind != xtrace.ResourceGoroutine {
			continue
		}
		st := e.StateTransition()
		if g := st.Resource.Goroutine(); slices.Contains(goroutines, g) {
			delete(running, g)
			if _, to := st.Goroutine(); to == xtrace.GoRunning {
				running[g] = true
			}
		}
		most = max(most, len(running))
	}
	return most, together
}

// Look in the trace at how many goroutines are in the state running at the same
// time. Work under one mutex runs one after the other, however many goroutines and Ps
// there are: while one runs the others wait, with the reason sync. Without the
// lock they run together. A CPU profile of both looks the same, because
// it adds up samples and knows no order.
//
//claim:ask I added goroutines and the program is not faster. How do I see whether they run in parallel?
//claim:source https://pkg.go.dev/cmd/trace
func TestExecTraceParallelism(t *testing.T) {
	withProcs(t, 2)
	const work, pieces = 200 * time.Microsecond, 5
	share := func(lock, unlock func()) float64 {
		events := recordTrace(t, func() {
			var started atomic.Int32
			var all sync.WaitGroup
			for _, name := range []string{"a", "b"} {
				all.Go(func() {
					traceName(name)
					for started.Add(1); started.Load() < 2; {
						runtime.Gosched()
					}
					for range pieces {
						lock()
						spinFor(work)
						unlock()
					}
				})
			}
			all.Wait()
		})
		_, together := events.running(events.named(t, "a"), events.named(t, "b"))
		return float64(together) / float64(work*pieces)
	}
	untilTraced(t, func() bool { return share(func() {}, func() {}) > 0.7 })
	var mu sync.Mutex
	untilTraced(t, func() bool { return share(mu.Lock, mu.Unlock) < 0.3 })
}

// No. Running means that the goroutine has a P and a thread. Whether the kernel
// runs that thread is not visible to the runtime. With GOMAXPROCS above the
// number of CPUs, or with a neighbour that takes the CPU, the trace shows more
// goroutines running at once than there are CPUs, and each makes less progress.
// Compare with the CPU time of the process if running times look too long for
// the work.
//
//claim:ask Does the state running in a trace mean that the goroutine is on a CPU?
//claim:source https://pkg.go.dev/golang.org/x/exp/trace#GoState
func TestExecTraceRunningWithoutCPU(t *testing.T) {
	n := runtime.NumCPU() + 1
	if n > 32 {
		t.Skip("needs a busy goroutine per CPU: ", n)
	}
	withProcs(t, n)
	untilTraced(t, func() bool {
		events := recordTrace(t, func() {
			var started atomic.Int32
			var all sync.WaitGroup
			for i := range n {
				all.Go(func() {
					traceName(string(rune('a' + i)))
					for started.Add(1); int(started.Load()) < n; {
					}
				})
			}
			all.Wait()
		})
		var goroutines []xtrace.GoID
		for i := range n {
			goroutines = append(goroutines, events.named(t, string(rune('a'+i))))
		}
		most, _ := events.running(goroutines...)
		return most == n
	})
}

// Yes. A trace has every goroutine with its state, also one that did nothing while
// it ran, and then with the stack of where it waits. So a goroutine that has been stuck
// for an hour is in a trace of a second. What is missing is the history: who
// created it, and since when it waits. Its first state comes from undetermined,
// not from a creation.
//
//claim:ask Does an execution trace show goroutines that were blocked before it started?
//claim:source https://pkg.go.dev/golang.org/x/exp/trace#GoState
func TestExecTraceStartedBefore(t *testing.T) {
	withProcs(t, 1)
	release := make(chan int)
	go traceStuck(release)
	defer close(release)
	untilTraced(t, func() bool {
		runtime.Gosched() // it blocks
		for _, e := range recordTrace(t, func() {}) {
			if e.Kind() != xtrace.EventStateTransition || e.StateTransition().Resource.Kind != xtrace.ResourceGoroutine {
				continue
			}
			st := e.StateTransition()
			if slices.Contains(tracedFunctions(st.Stack), "github.com/go-deep-dive/godeep/schedgc.traceStuck") {
				from, to := st.Goroutine()
				return from == xtrace.GoUndetermined && to == xtrace.GoWaiting
			}
		}
		return false
	})
}

//go:noinline
func traceStuck(release chan int) { <-release }

// The event of its creation has two stacks: that of the creator at the go
// statement, and the function the new goroutine starts in. Group the creations by the first
// to find who starts so many goroutines; the tool groups by the second. A goroutine
// dump shows the creator too, but only of goroutines that are still alive, and one
// that lives for a microsecond is hardly ever in a dump.
//
//claim:ask Something creates thousands of short goroutines. How do you find the go statement?
//claim:source https://pkg.go.dev/golang.org/x/exp/trace#StateTransition
func TestExecTraceCreation(t *testing.T) {
	const children = 50
	events := recordTrace(t, func() {
		var all sync.WaitGroup
		traceCreator(&all, children)
		all.Wait()
	})
	created := 0
	for _, e := range events {
		if e.Kind() != xtrace.EventStateTransition || e.StateTransition().Resource.Kind != xtrace.ResourceGoroutine {
			continue
		}
		st := e.StateTransition()
		if from, to := st.Goroutine(); from == xtrace.GoNotExist && to == xtrace.GoRunnable &&
			slices.ContainsFunc(tracedFunctions(e.Stack()), func(f string) bool { return strings.HasSuffix(f, "schedgc.traceCreator") }) {
			created++
			require.Contains(t, tracedFunctions(st.Stack), "github.com/go-deep-dive/godeep/schedgc.traceChild")
		}
	}
	require.Equal(t, children, created)
}

//go:noinline
func traceCreator(all *sync.WaitGroup, n int) {
	all.Add(n)
	for range n {
		go traceChild(all)
	}
}

func traceChild(all *sync.WaitGroup) { all.Done() }

// A trace carries a few values of runtime/metrics, recorded at each change: the
// bytes of heap objects, the heap goal of the collector, and GOMAXPROCS. That is how the
// trace tool draws the heap under the goroutines, so you can see which of them
// ran while it grew. Other metrics are not in the trace.
//
//claim:ask Can an execution trace show how the heap grows?
//claim:source https://pkg.go.dev/golang.org/x/exp/trace#Metric
func TestExecTraceMetrics(t *testing.T) {
	names := make(map[string]int)
	runtime.GC()
	events := recordTrace(t, func() { traceAllocateToGC(t) })
	for _, e := range events {
		if e.Kind() == xtrace.EventMetric {
			names[e.Metric().Name]++
		}
	}
	require.Len(t, names, 3)
	require.Contains(t, names, "/sched/gomaxprocs:threads")
	require.Contains(t, names, "/gc/heap/goal:bytes")
	require.Greater(t, names["/memory/classes/heap/objects:bytes"], 5)
}

// Regions of one goroutine must end in the reverse order of their start, in the
// goroutine that started them. Ended in another order, the trace cannot be read at all: the
// reader stops with an error about the misuse of a region, for the sake of one
// forgotten nesting. Ended in another goroutine, the end is ignored and the region
// seems to last for ever. defer trace.StartRegion(ctx, "name").End(), or WithRegion,
// makes both mistakes hard.
//
//claim:ask What goes wrong if trace regions are not nested, or end in another goroutine?
//claim:source https://pkg.go.dev/runtime/trace#StartRegion
func TestExecTraceRegionMisuse(t *testing.T) {
	ctx := context.Background()
	var written bytes.Buffer
	if err := trace.Start(&written); err != nil {
		t.Skip("go test -trace owns the tracer: ", err)
	}
	outer := trace.StartRegion(ctx, "outer")
	inner := trace.StartRegion(ctx, "inner")
	outer.End()
	inner.End()
	trace.Stop()
	reader, err := xtrace.NewReader(&written)
	require.NoError(t, err)
	for err == nil {
		_, err = reader.ReadEvent()
	}
	require.ErrorContains(t, err, "misuse of region")

	var ended sync.WaitGroup
	events := recordTrace(t, func() {
		region := trace.StartRegion(ctx, "elsewhere")
		ended.Go(func() { traceName("other"); region.End() })
		ended.Wait()
	})
	var begun xtrace.GoID
	for _, e := range events {
		switch e.Kind() {
		case xtrace.EventRegionBegin:
			begun = e.Goroutine()
		case xtrace.EventRegionEnd:
			require.NotEqual(t, begun, e.Goroutine(), "the region has no end where it began")
		}
	}
}

// By the number of events, not by time. A hundred times the goroutine
// switches give more than ten times the bytes, while computing without switching
// adds next to nothing. So a trace of a busy server is taken for seconds, not
// for hours, and one of an idle service may run for long. What comes on top is a table
// of stacks and strings, which is written once a second for what was used
// in it.
//
//claim:ask What decides how large an execution trace gets?
//claim:source https://go.dev/blog/execution-traces-2024
func TestExecTraceSize(t *testing.T) {
	size := func(f func()) int {
		var written bytes.Buffer
		if err := trace.Start(&written); err != nil {
			t.Skip("go test -trace owns the tracer: ", err)
		}
		f()
		trace.Stop()
		return written.Len()
	}
	many := size(func() { tracedSwitches(5000) })
	untilTraced(t, func() bool { // a collection adds events of its own
		return size(func() { tracedSwitches(50) }) < many/10 &&
			size(func() { spinFor(2 * time.Millisecond) }) < many/10
	})
}

// tracedSwitches hands n values to another goroutine.
func tracedSwitches(n int) {
	values := make(chan int)
	go func() {
		for i := range n {
			values <- i
		}
		close(values)
	}()
	for range values {
	}
}

// Only one trace can be written at a time. A second trace.Start returns an
// error, and so does a request to /debug/pprof/trace while somebody else's
// runs: handle it, or the program goes on without a trace. trace.Stop without a
// trace does nothing. A flight recorder does not count: it may run beside
// trace.Start since Go 1.25.
//
//claim:ask Can two execution traces be taken at the same time?
//claim:source https://pkg.go.dev/runtime/trace#Start
func TestExecTraceOnce(t *testing.T) {
	if trace.IsEnabled() {
		t.Skip("go test -trace owns the tracer")
	}
	trace.Stop()
	require.NoError(t, trace.Start(io.Discard))
	require.ErrorContains(t, trace.Start(io.Discard), "already enabled")
	require.True(t, trace.IsEnabled())
	trace.Stop()
	require.False(t, trace.IsEnabled())
	require.NoError(t, trace.Start(io.Discard), "after Stop")
	trace.Stop()
}
