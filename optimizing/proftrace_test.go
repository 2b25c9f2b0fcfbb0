package optimizing

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"runtime/trace"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/require"
	xtrace "golang.org/x/exp/trace"
)

// profTraced runs f under an execution trace and returns the trace.
func profTraced(t *testing.T, f func()) []byte {
	t.Helper()
	var data bytes.Buffer
	if err := trace.Start(&data); err != nil {
		t.Skip("another trace is being taken: ", err)
	}
	defer trace.Stop() // if f fails
	f()
	trace.Stop()
	return data.Bytes()
}

// profReadTrace calls f for all events of a trace.
func profReadTrace(t *testing.T, data []byte, f func(xtrace.Event)) {
	t.Helper()
	r, err := xtrace.NewReader(bytes.NewReader(data))
	require.NoError(t, err)
	for {
		e, err := r.ReadEvent()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err)
		f(e)
	}
}

// profStateTimes reads a trace and adds up, over the goroutines that were made
// while it ran and have the function on their stack at some event, how long they
// were in each state.
func profStateTimes(t *testing.T, data []byte, function string) map[xtrace.GoState]time.Duration {
	t.Helper()
	type goroutine struct {
		since  xtrace.Time
		times  map[xtrace.GoState]time.Duration
		passes bool
	}
	all := make(map[xtrace.GoID]*goroutine)
	profReadTrace(t, data, func(e xtrace.Event) {
		if e.Kind() != xtrace.EventStateTransition || e.StateTransition().Resource.Kind != xtrace.ResourceGoroutine {
			return
		}
		st := e.StateTransition()
		id := st.Resource.Goroutine()
		from, _ := st.Goroutine()
		g := all[id]
		if g == nil {
			g = &goroutine{times: make(map[xtrace.GoState]time.Duration)}
			all[id] = g
		} else {
			g.times[from] += e.Time().Sub(g.since)
		}
		g.since = e.Time()
		for frame := range st.Stack.Frames() {
			g.passes = g.passes || strings.HasSuffix(frame.Func, "optimizing."+function)
		}
	})
	sum := make(map[xtrace.GoState]time.Duration)
	for _, g := range all {
		if g.passes {
			for state, d := range g.times {
				sum[state] += d
			}
		}
	}
	return sum
}

// profSlowRequest is a request that takes its time without using the CPU.
//
//go:noinline
func profSlowRequest(reply chan int) int {
	return <-reply * 2
}

// If the question is when and why, not how much. The execution trace records each
// change of the state of each goroutine with its time, so it shows what a request
// waited for, for how long, and who woke it. The CPU profile of a request that
// waits is empty: here the trace gives nearly all of the time as waiting, at the
// receive in profSlowRequest. Use the trace for latency, for pauses, for work
// that should run in parallel and does not; use pprof for where CPU time and
// memory go.
//
//claim:ask When is go tool trace better than pprof?
//claim:source https://pkg.go.dev/runtime/trace
//claim:source https://go.dev/doc/diagnostics#execution-tracer
func TestProfTraceWaiting(t *testing.T) {
	const wait = 20 * time.Millisecond
	var data []byte
	cpu, err := profRecordCPU(func() {
		data = profTraced(t, func() {
			reply := make(chan int)
			var all sync.WaitGroup
			all.Go(func() { profSlowRequest(reply) })
			profWaitIn(t, "profSlowRequest", "chan receive", 1)
			time.Sleep(wait) // the server that is slow to reply
			reply <- 1
			all.Wait()
		})
	})
	require.NoError(t, err)
	if cpu != nil {
		require.Zero(t, profSum(t, cpu, "cpu", `optimizing\.profSlowRequest$`), "the CPU profile knows nothing of it")
	}
	times := profStateTimes(t, data, "profSlowRequest")
	require.GreaterOrEqual(t, times[xtrace.GoWaiting], wait)
}

//go:noinline
func profBusyFor(d time.Duration, data []byte) {
	for start := time.Now(); time.Since(start) < d; {
		profHash(data)
	}
}

// Yes, in the execution trace, and in no profile. A goroutine that is ready to
// run and has no processor is in the state runnable: it uses no CPU, and it does
// not block, so neither the CPU profile nor the block profile shows it. With four
// goroutines on one P, the last has waited for the others, and together they are
// runnable for longer than the work of one. Much runnable time means too few
// cores, or too many goroutines. The metric /sched/latencies:seconds has the same
// as a histogram, without stacks.
//
//claim:ask Goroutines are ready and still slow. Can I see the time they wait for a CPU?
//claim:source https://pkg.go.dev/runtime/trace
//claim:source https://pkg.go.dev/golang.org/x/exp/trace#GoState
func TestProfTraceRunnable(t *testing.T) {
	old := runtime.GOMAXPROCS(1)
	t.Cleanup(func() { runtime.GOMAXPROCS(old) })
	profEvents(t)
	const work = 3 * time.Millisecond
	blocked := profEventSum(t, "block", "delay", `optimizing\.profBusyFor$`)
	data := profTraced(t, func() {
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				profBusyFor(work, make([]byte, 1024))
				profYield() // an event of the trace with a stack that we know
			})
		}
		all.Wait()
	})
	times := profStateTimes(t, data, "profYield")
	require.Greater(t, times[xtrace.GoRunnable], work, "the first three keep the last one waiting")
	require.Equal(t, blocked, profEventSum(t, "block", "delay", `optimizing\.profBusyFor$`))
}

//go:noinline
func profYield() { runtime.Gosched(); runtime.KeepAlive(nil) }

// A trace grows with every event: a round trip between two goroutines over
// channels adds six or so, each with its time. A profile adds to a counter: ten
// thousand round trips are less than a dozen samples in it. So take a trace for
// some seconds, or let trace.FlightRecorder (Go 1.25) keep the last ones and
// write them when a request was slow; a profile can be taken for minutes.
//
//claim:ask Why not trace all the time instead of profiling?
//claim:source https://pkg.go.dev/runtime/trace#FlightRecorder
//claim:source https://go.dev/blog/execution-traces-2024
func TestProfTraceSize(t *testing.T) {
	profEvents(t)
	const rounds = 1000
	events := 0
	profReadTrace(t, profTraced(t, func() { profPingPong(rounds) }), func(xtrace.Event) { events++ })
	require.Greater(t, events, 5*rounds)

	samples := func() (n int) {
		for _, s := range profLookup(t, "block").Sample {
			if profPasses(s, `optimizing\.profPingPong$`) {
				n++
			}
		}
		return n
	}
	profPingPong(10 * rounds)
	require.Positive(t, samples())
	require.Less(t, samples(), 12, "different stacks")
}

// profPingPong makes a number of round trips between two goroutines.
//
//go:noinline
func profPingPong(rounds int) {
	there, back := make(chan int), make(chan int)
	go func() {
		for n := range there {
			back <- n
		}
		close(back)
	}()
	for range rounds {
		there <- 1
		<-back
	}
	close(there)
	<-back
}

// Both can run at the same time, and then the trace also has the CPU samples,
// with time, goroutine and stack: it shows what a busy stretch of the timeline
// was made of. There is one trace at a time in a process: a second trace.Start
// returns an error.
//
//claim:ask Can an execution trace and a CPU profile be taken together?
//claim:source https://go.dev/doc/go1.19
//claim:source https://pkg.go.dev/golang.org/x/exp/trace#EventKind
func TestProfTraceWithCPU(t *testing.T) {
	samples := func(data []byte) (n int) {
		profReadTrace(t, data, func(e xtrace.Event) {
			if e.Kind() == xtrace.EventStackSample {
				n++
			}
		})
		return n
	}
	busy := func() { profBusyFor(20*time.Millisecond, make([]byte, 64<<10)) }
	require.Zero(t, samples(profTraced(t, busy)), "without a CPU profile")
	for attempt := 0; ; attempt++ {
		require.Less(t, attempt, 20, "no sample in any trace")
		var data []byte
		cpu, err := profRecordCPU(func() {
			data = profTraced(t, func() {
				require.Error(t, trace.Start(io.Discard), "one at a time")
				busy()
			})
		})
		require.NoError(t, err)
		if cpu == nil {
			t.Skip("another CPU profile is being taken")
		}
		if slices.ContainsFunc(cpu.Sample, func(s *profile.Sample) bool { return profPasses(s, `profBusyFor$`) }) && samples(data) > 0 {
			return
		}
	}
}
