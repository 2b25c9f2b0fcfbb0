package schedgc

import (
	"bytes"
	"debug/elf"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	rtrace "runtime/trace"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"
	"weak"

	"github.com/stretchr/testify/require"
	"golang.org/x/exp/trace"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// The ranges of an execution trace that belong to a cycle.
const (
	gcRangeMark     = "GC concurrent mark phase"
	gcRangeSweep    = "GC incremental sweep"
	gcRangeSTWStart = "stop-the-world (GC sweep termination)"
	gcRangeSTWEnd   = "stop-the-world (GC mark termination)"
)

// gcTraceEvents returns the events of an execution trace in their order.
func gcTraceEvents(t *testing.T, recorded io.Reader) (events []trace.Event) {
	t.Helper()
	r, err := trace.NewReader(recorded)
	require.NoError(t, err)
	for {
		event, err := r.ReadEvent()
		if err == io.EOF {
			return events
		}
		require.NoError(t, err)
		events = append(events, event)
	}
}

// gcRecord traces f.
func gcRecord(t *testing.T, f func()) []trace.Event {
	t.Helper()
	var recorded bytes.Buffer
	require.NoError(t, rtrace.Start(&recorded))
	f()
	rtrace.Stop()
	return gcTraceEvents(t, &recorded)
}

// gcRangeName returns the name of the range that begins or ends with the event,
// or "".
func gcRangeName(event trace.Event, kind trace.EventKind) string {
	if event.Kind() != kind {
		return ""
	}
	return event.Range().Name
}

// A cycle has four phases. Sweep termination stops the world, finishes the sweep of
// the last cycle and turns the write barrier on. Concurrent mark runs beside the
// program: it scans the roots and follows pointers. Mark termination stops the world
// again and turns the barrier off. Then spans are swept beside the program. So the
// world stands twice in a cycle, for a short time, and neither marking nor sweeping
// needs it. In an execution trace the range of marking also covers part of the two
// stops.
//
//claim:ask Describe a GC cycle in Go. Which phases does it have, and where is the world stopped?
//claim:source runtime/mgc.go
//claim:source https://go.dev/doc/gc-guide
func TestGCPhases(t *testing.T) {
	pausesByHand(t)
	var keep []*gcCycleNode
	events := gcRecord(t, func() {
		for range 3 {
			runtime.GC()
			keep = append(keep, gcCycleLists(256)...) // needs spans, which are swept first
		}
	})
	runtime.KeepAlive(keep)

	var phases []string
	marking := false // between the two stops
	for _, event := range events {
		switch event.Kind() {
		case trace.EventRangeBegin, trace.EventRangeEnd:
			name, begin := event.Range().Name, event.Kind() == trace.EventRangeBegin
			switch name {
			case gcRangeMark, gcRangeSTWStart, gcRangeSTWEnd:
				phases = append(phases, fmt.Sprint(begin, " ", name))
			case gcRangeSweep:
				require.False(t, marking && begin, "swept while marking")
			}
			marking = (marking || name == gcRangeSTWStart && !begin) && name != gcRangeSTWEnd
		}
	}
	cycle := []string{
		"true " + gcRangeMark,
		"true " + gcRangeSTWStart, "false " + gcRangeSTWStart,
		// here the program and the collector run
		"true " + gcRangeSTWEnd, "false " + gcRangeMark, "false " + gcRangeSTWEnd,
	}
	require.Len(t, phases, 3*len(cycle))
	for i, phase := range phases {
		require.Equal(t, cycle[i%len(cycle)], phase, phases)
	}
}

// gcRanBetweenStops returns how often the goroutine that logged "starts" began
// to run between the two stops of a cycle.
func gcRanBetweenStops(t *testing.T, run gcWorkloadRun) (runs int) {
	t.Helper()
	require.NoError(t, run.err, run.stderr)
	worker, marking := trace.NoGoroutine, false
	for _, event := range gcTraceEvents(t, strings.NewReader(run.stdout)) {
		switch {
		case event.Kind() == trace.EventLog:
			worker = event.Goroutine()
		case gcRangeName(event, trace.EventRangeEnd) == gcRangeSTWStart:
			marking = true
		case gcRangeName(event, trace.EventRangeBegin) == gcRangeSTWEnd:
			marking = false
		case marking && event.Kind() == trace.EventStateTransition:
			change := event.StateTransition()
			if change.Resource.Kind != trace.ResourceGoroutine || change.Resource.Goroutine() != worker {
				continue
			}
			if _, to := change.Goroutine(); to == trace.GoRunning {
				runs++
			}
		}
	}
	require.NotEqual(t, trace.NoGoroutine, worker)
	return runs
}

// Goroutines run while the collector marks, even with one P: the workers take a
// quarter of the Ps, the program has the rest. Only the two short stops halt
// everything. GODEBUG=gcstoptheworld=1 makes marking stop the program, which is good
// for finding bugs of the collector and for comparisons; then no other goroutine
// runs between the stops. You may read that Go stops the program to collect; that
// was so up to Go 1.4.
//
//claim:ask Does my program run while the garbage collector marks?
//claim:source https://go.dev/doc/go1.5#gc
//claim:source https://pkg.go.dev/runtime#hdr-Environment_Variables
func TestConcurrentMark(t *testing.T) {
	program := gcWorkloadProgram(t)
	require.Zero(t, gcRanBetweenStops(t, gcWorkload(t, "traced", "GOMAXPROCS=1", "GODEBUG=gcstoptheworld=1")))
	for range 20 {
		if gcRanBetweenStops(t, runGCWorkload(t, program, "traced", "GOMAXPROCS=1")) > 0 {
			return
		}
	}
	require.Fail(t, "the goroutine never ran while the collector marked")
}

// A cycle starts for one of four reasons. The heap has grown close to the goal that
// the last cycle set; this is checked when memory is allocated, so a program that
// does not allocate does not collect. The memory limit makes that goal smaller, even
// with GOGC=off. A call of runtime.GC asks for a cycle. And sysmon starts one if the
// last is two minutes ago; see PeriodicGC. A cycle starts below its goal, so that
// marking is done when the goal is reached.
//
//claim:ask When is a GC cycle triggered?
//claim:source runtime/mgc.go
//claim:source https://go.dev/doc/gc-guide
func TestGCTriggers(t *testing.T) {
	count := func(forced bool, cycles []GCTrace) (n int) {
		for _, cycle := range cycles {
			if cycle.Forced == forced {
				n++
			}
		}
		return n
	}
	heap := gcWorkloadCycles(t, "garbage")
	require.Positive(t, count(false, heap), "by the heap")
	require.Zero(t, count(true, heap))

	require.Empty(t, gcWorkloadCycles(t, "garbage", "GOGC=off"))
	require.Positive(t, count(false, gcWorkloadCycles(t, "garbage", "GOGC=off", "GOMEMLIMIT=24MiB")), "by the limit")

	called := gcWorkloadCycles(t, "grow", "GOGC=off")
	require.Len(t, called, 1, "by the call")
	require.True(t, called[0].Forced)

	for _, cycle := range gcWorkloadCycles(t, "grow", "GOMAXPROCS=2") {
		if !cycle.Forced {
			require.LessOrEqual(t, cycle.HeapStart, cycle.Goal)
		}
	}
}

// A fresh program has a heap goal of 4 MiB with GOGC=100, however little is live. So
// a small command line tool ends without any collection, and a program that only
// makes garbage collects each time that it has allocated nearly 4 MiB. The least
// goal is scaled with GOGC: it is 16 MiB with 400.
//
//claim:ask When does the first GC cycle of a program run?
//claim:source runtime/mgcpacer.go
func TestFirstCycle(t *testing.T) {
	require.Empty(t, gcWorkloadCycles(t, "small"), "2 MiB")
	for gogc, goal := range map[string]int64{"GOGC=100": 4 << 20, "GOGC=400": 16 << 20} {
		cycles := gcWorkloadCycles(t, "garbage", gogc)
		require.NotEmpty(t, cycles)
		require.Equal(t, goal, cycles[0].Goal)
		require.GreaterOrEqual(t, cycles[0].HeapStart, goal/2)
	}
}

// gcPatchedPeriod returns a copy of the program in which the time after which a
// collection is due is another one.
func gcPatchedPeriod(t *testing.T, program string, period time.Duration) (copied string, old time.Duration) {
	t.Helper()
	code, err := os.ReadFile(program)
	require.NoError(t, err)
	file, err := elf.NewFile(bytes.NewReader(code))
	require.NoError(t, err)
	symbols, err := file.Symbols()
	require.NoError(t, err)
	for _, symbol := range symbols {
		if symbol.Name == "runtime.forcegcperiod" {
			section := file.Sections[symbol.Section]
			value := code[section.Offset+symbol.Value-section.Addr:][:8]
			old = time.Duration(file.ByteOrder.Uint64(value))
			file.ByteOrder.PutUint64(value, uint64(period))
		}
	}
	copied = filepath.Join(t.TempDir(), "patched")
	require.NoError(t, os.WriteFile(copied, code, 0o755))
	return copied, old
}

// If no cycle has run for two minutes, the sysmon thread asks for one, so that an
// idle program also lets go of memory and runs its finalizers. It does so only after
// a first cycle, and not with GOGC=off. The trace line of such a cycle does not say
// (forced). The test reads the period from the program, and shows the rest with a
// copy of the program whose period is set to 20 ms. There is no setting for it.
//
//claim:ask Does an idle Go program collect garbage?
//claim:source runtime/proc.go
//claim:needs goos=linux
func TestPeriodicGC(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("reads and writes an ELF file")
	}
	program, period := gcPatchedPeriod(t, gcWorkloadProgram(t), 20*time.Millisecond)
	require.Equal(t, 2*time.Minute, period)

	idle := func(mode string, env ...string) []GCTrace {
		return gcCyclesOf(t, runGCWorkload(t, program, mode, append(env, "GODEBUG=gctrace=1")...))
	}
	cycles := idle("idle 5s collected")
	require.GreaterOrEqual(t, len(cycles), 3)
	require.True(t, cycles[0].Forced)
	require.False(t, cycles[1].Forced)
	require.Empty(t, idle("idle 60ms fresh"), "there was no first cycle")
	require.Len(t, idle("idle 60ms collected", "GOGC=off"), 1)
}

var gcRootGlobal *gcCycleNode

// Roots are what the collector does not need to find: global variables, the stacks
// of all goroutines with what their running functions still use, deferred calls, and
// tables of the runtime, such as functions of timers that are not yet due and
// arguments of cleanups. What can be reached from there lives. A number that happens
// to be an address and a weak pointer are no roots, nor is memory that the collector
// does not manage.
//
//claim:ask What are the roots of Go's garbage collector?
//claim:source runtime/mgcmark.go
func TestGCRoots(t *testing.T) {
	watch := make(map[string]weak.Pointer[gcCycleNode])
	add := func(name string) *gcCycleNode {
		node := new(gcCycleNode)
		watch[name] = weak.Make(node)
		return node
	}
	alive := func() (names []string) {
		runtime.GC()
		for _, name := range []string{"global", "stack", "deferred", "timer", "cleanup", "number", "nothing"} {
			if watch[name].Value() != nil {
				names = append(names, name)
			}
		}
		return names
	}

	gcRootGlobal = add("global")
	var number uintptr
	func() {
		number = uintptr(unsafe.Pointer(add("number")))
		add("nothing")
	}()

	block, waiting, ended := make(chan bool), make(chan bool), make(chan bool)
	go func(onStack, deferred *gcCycleNode) {
		defer close(ended)
		defer func(n *gcCycleNode) { n.next = n }(deferred)
		waiting <- true
		<-block
		onStack.next = onStack
	}(add("stack"), add("deferred"))
	<-waiting

	timer := func(n *gcCycleNode) *time.Timer {
		return time.AfterFunc(time.Hour, func() { n.next = n })
	}(add("timer"))
	owner := new([2]*int)
	cleanup := runtime.AddCleanup(owner, func(n *gcCycleNode) { n.next = n }, add("cleanup"))

	require.Equal(t, []string{"global", "stack", "deferred", "timer", "cleanup"}, alive())
	runtime.KeepAlive(owner)
	runtime.KeepAlive(number)

	gcRootGlobal = nil
	close(block)
	<-ended
	timer.Stop()
	cleanup.Stop()
	for deadline := time.Now().Add(10 * time.Second); len(alive()) > 0; runtime.Gosched() {
		require.True(t, time.Now().Before(deadline)) // the ended goroutine and the timer need a moment
	}
}

// Go's collector is precise: the compiler tells for each word of each object and, at
// each point where a goroutine can stop by itself, of each stack frame, whether it
// is a pointer. A number with the value of an address keeps nothing alive. There is
// one exception since Go 1.14: the function in which a goroutine was interrupted at
// an arbitrary instruction. No map exists for that place, so all words of that frame
// and all registers count as pointers, until the goroutine runs on.
//
//claim:ask Is Go's garbage collector precise or conservative?
//claim:source runtime/mgcstack.go
//claim:source runtime/preempt.go
func TestPreciseStacks(t *testing.T) {
	if runtime.GOARCH == "wasm" {
		t.Skip("has no asynchronous preemption")
	}
	if proof.RaceEnabled {
		t.Skip("the race detector puts calls into the loop")
	}
	make1 := func() (*gcCycleNode, uintptr, weak.Pointer[gcCycleNode]) {
		node := new(gcCycleNode)
		return node, uintptr(unsafe.Pointer(node)), weak.Make(node)
	}
	node, number, watch := make1()
	runtime.KeepAlive(node)
	runtime.GC()
	require.Nil(t, watch.Value(), "a number in the frame of a function that called runtime.GC")
	runtime.KeepAlive(number)

	var spinning, end atomic.Bool
	result := make(chan uintptr, 1)
	defer end.Store(true)
	watch = func() weak.Pointer[gcCycleNode] {
		node, number, watch := make1()
		go func() { result <- gcCycleSpin(number, &spinning, &end) }()
		for !spinning.Load() {
			runtime.Gosched()
		}
		runtime.KeepAlive(node)
		return watch
	}()
	for range 3 {
		runtime.GC()
		require.NotNil(t, watch.Value(), "the same number in a frame that was interrupted")
	}
	end.Store(true)
	<-result
	for deadline := time.Now().Add(10 * time.Second); watch.Value() != nil; runtime.GC() {
		require.True(t, time.Now().Before(deadline))
	}
}

// Go's collector does not move objects: each stays at its address until it is freed.
// So the collector need not stop the program to correct pointers, reads need no
// barrier, and C code can be given an address. The price is that a span with one
// live object cannot be used for another size. Only stacks move, when they grow or
// shrink, and the runtime corrects the pointers into them. No promise of the
// language keeps later releases from moving objects: do not store addresses as
// numbers.
//
//claim:ask Does the garbage collector move objects?
//claim:source runtime/mgc.go
//claim:source https://pkg.go.dev/unsafe#Pointer
func TestNonMoving(t *testing.T) {
	nodes := gcCycleLists(512)
	address := func(i int) uintptr { return uintptr(unsafe.Pointer(nodes[i])) }
	var before []uintptr
	for i := range nodes {
		before = append(before, address(i))
		if i%8 != 0 {
			nodes[i] = nil // holes, which a moving collector would close
		}
	}
	for range 3 {
		runtime.GC()
	}
	for i := range nodes {
		if nodes[i] != nil {
			require.Equal(t, before[i], address(i))
		}
	}

	moved := make(chan bool)
	go func() {
		var onStack [64]byte
		p := &onStack
		before := uintptr(unsafe.Pointer(p))
		gcCycleDeep(1000)
		moved <- uintptr(unsafe.Pointer(p)) != before
	}()
	require.True(t, <-moved, "the stack of the goroutine grew")
}

//go:noinline
func gcCycleDeep(n int) byte {
	var frame [128]byte
	if n > 0 {
		frame[n%128] = gcCycleDeep(n - 1)
	}
	return frame[n*7%128] + 1
}

// Objects that point to each other are freed like all others, because the collector
// follows pointers from the roots and does not count references. An exception is a
// cycle in which an object has a finalizer: it is not freed, since no order of
// finalizers would be right. runtime.AddCleanup does not have that flaw.
//
//claim:ask Are two objects that point to each other ever freed?
//claim:source https://pkg.go.dev/runtime#SetFinalizer
func TestReferenceCycle(t *testing.T) {
	ring := func(prepare func(*gcCycleNode)) weak.Pointer[gcCycleNode] {
		a, b := new(gcCycleNode), new(gcCycleNode)
		a.next, b.next = b, a
		prepare(a)
		return weak.Make(a)
	}
	plain := ring(func(*gcCycleNode) {})
	cleanup := ring(func(a *gcCycleNode) { runtime.AddCleanup(a, func(int) {}, 0) })
	var finalized atomic.Bool
	finalizer := ring(func(a *gcCycleNode) {
		runtime.SetFinalizer(a, func(*gcCycleNode) { finalized.Store(true) })
	})
	for range 3 {
		runtime.GC()
	}
	require.Nil(t, plain.Value())
	require.Nil(t, cleanup.Value())
	require.NotNil(t, finalizer.Value())
	require.False(t, finalized.Load())
	runtime.SetFinalizer(finalizer.Value(), nil) // so that it is no leak
	runtime.GC()
	require.Nil(t, finalizer.Value())
}

// A call of runtime.GC waits until a whole cycle that began after the call has
// finished, with its sweep. So garbage that existed before the call is free when it
// returns, and the statistics show the live heap. Other goroutines run during most
// of that time; only the caller waits. Finalizers and cleanups are only queued then,
// and may not have run. In production it is hardly ever right: it does the work of a
// cycle early, and all of the live heap is marked for it.
//
//claim:ask What does a call of runtime.GC do, and when does it return?
//claim:source https://pkg.go.dev/runtime#GC
func TestRuntimeGC(t *testing.T) {
	const nodes = 5000
	var before, after runtime.MemStats
	func() {
		list := gcCycleList(nodes)
		runtime.ReadMemStats(&before)
		runtime.KeepAlive(list)
	}()
	runtime.GC()
	runtime.ReadMemStats(&after)
	require.GreaterOrEqual(t, after.Frees-before.Frees, uint64(nodes), "marked and swept")
	require.EqualValues(t, 1, after.NumForcedGC-before.NumForcedGC)
	require.GreaterOrEqual(t, after.NumGC-before.NumGC, uint32(1))
}

// Marking does not free anything; sweeping does, span by span, after the cycle. A
// background goroutine sweeps with time that nobody needs. And a goroutine that
// allocates first sweeps in proportion: it must have swept enough before it may take
// a new span, so that all is swept before the next cycle starts. In an execution
// trace that work shows inside the goroutines of the program. A sweep does not touch
// the memory of live objects: the mark bits become the allocation bits.
//
//claim:ask When and by whom is garbage swept after marking?
//claim:source runtime/mgcsweep.go
func TestLazySweep(t *testing.T) {
	procs := runtime.GOMAXPROCS(1) // the background sweeper gets no P for itself
	t.Cleanup(func() { runtime.GOMAXPROCS(procs) })
	var swept, sweptMarking uint64
	for range 20 {
		// Many spans, then so much garbage that a cycle starts by itself.
		list := gcCycleLists(4 << 10)
		id := trace.NoGoroutine
		marking := false
		events := gcRecord(t, func() {
			rtrace.Log(t.Context(), "sweep", "starts")
			for range 10 << 10 {
				gcRootGlobal = gcCycleList(16)
			}
		})
		gcRootGlobal = nil
		runtime.KeepAlive(list)
		for _, event := range events {
			if event.Kind() == trace.EventLog {
				id = event.Goroutine()
			}
			if gcRangeName(event, trace.EventRangeEnd) == gcRangeSTWStart {
				marking = true
			}
			if gcRangeName(event, trace.EventRangeEnd) == gcRangeSTWEnd {
				marking = false
			}
			if gcRangeName(event, trace.EventRangeEnd) == gcRangeSweep && event.Goroutine() == id {
				bytes := event.RangeAttributes()[0].Value.Uint64()
				swept += bytes
				if marking {
					sweptMarking += bytes
				}
			}
		}
		if swept > 0 {
			break
		}
	}
	require.Positive(t, swept, "by the goroutine that allocates")
	require.Zero(t, sweptMarking)
}

// gcWorkerLabels runs a cycle with the given number of Ps, of which some are kept
// busy, and returns the kinds of mark workers in it.
func gcWorkerLabels(t *testing.T, procs, busy int) map[string]int {
	t.Helper()
	old := runtime.GOMAXPROCS(procs)
	defer runtime.GOMAXPROCS(old)
	var spinners sync.WaitGroup
	for range busy {
		spinners.Go(func() {
			// Not until the end of runtime.GC, which yields after each span that it sweeps.
			for start := time.Now(); time.Since(start) < 5*time.Millisecond; {
			}
		})
	}
	labels := make(map[string]int)
	for _, event := range gcRecord(t, runtime.GC) {
		if event.Kind() == trace.EventLabel {
			labels[event.Label().Label]++
		}
	}
	spinners.Wait()
	return labels
}

// While it marks, the collector takes a quarter of the Ps: with 4 Ps one of them
// runs a dedicated worker. Where a quarter is not a whole number or near to one, as
// with 1 or 2 Ps, a fractional worker runs for a quarter of the time. A P that has
// nothing else to do runs an idle worker on top, so an idle machine can show all
// CPUs in marking. Beyond that, goroutines that allocate faster than the workers
// mark must assist.
//
//claim:ask How much CPU does marking take: what are dedicated, fractional and idle mark workers?
//claim:source runtime/mgcpacer.go
//claim:source https://go.dev/doc/gc-guide
func TestMarkWorkers(t *testing.T) {
	const dedicated, fractional, idle = "GC (dedicated)", "GC (fractional)", "GC (idle)"
	attempt := func(procs, busy int, want, never string) {
		for range 50 {
			// A goroutine that runs on the P after a worker can be labelled like it.
			if labels := gcWorkerLabels(t, procs, busy); labels[want] > 0 && labels[never] == 0 {
				return
			}
		}
		require.Fail(t, "not seen", "%s without %s with %d Ps", want, never, procs)
	}
	attempt(1, 1, fractional, dedicated)
	attempt(2, 2, fractional, dedicated)
	attempt(4, 4, dedicated, fractional)
	attempt(4, 0, idle, fractional)
}

// A fresh process has goroutines of the runtime: one that starts forced cycles, the
// background sweeper and the scavenger, which gives memory back to the system. The
// first cycle starts a mark worker per P; they stay and wait. The first finalizer
// starts the one goroutine that runs all finalizers. runtime.NumGoroutine does not
// count any of them, and a traceback shows them with GOTRACEBACK=system only.
//
//claim:ask Which goroutines does the garbage collector run, and where can I see them?
//claim:source runtime/mgc.go
//claim:source runtime/mfinal.go
func TestGCGoroutines(t *testing.T) {
	creators := func(mode string, env ...string) string {
		run := gcWorkload(t, mode, append(env, "GOMAXPROCS=3")...)
		require.Error(t, run.err)
		return run.stderr
	}
	fresh := creators("goroutines", "GOTRACEBACK=system")
	require.Contains(t, fresh, "runtime.forcegchelper")
	require.Contains(t, fresh, "runtime.bgsweep")
	require.Contains(t, fresh, "runtime.bgscavenge")
	const worker = "created by runtime.gcBgMarkStartWorkers"
	require.Zero(t, strings.Count(fresh, worker))
	require.Equal(t, 3, strings.Count(creators("goroutines after-gc", "GOTRACEBACK=system"), worker))
	require.NotContains(t, creators("goroutines after-gc", "GOTRACEBACK=all"), "created by runtime.")

	require.Contains(t, fresh, "runtime.createfing", "os.Stdout and its like have a finalizer")
	require.Contains(t, gcWorkload(t, "goroutines", "GOTRACEBACK=system", "GOMAXPROCS=3").stdout, "NumGoroutine 1\n")
}

// Go's collector has no generations: each cycle marks everything that is live,
// however old it is, and although nothing has changed since the last one. A heap of
// 8 MiB of small objects that nobody touches costs more than 3 times as much per
// cycle as one of 512 KiB. In other languages a young generation saves that work. Go
// gets part of the effect in another way: the compiler keeps short-lived values on
// the stack, and a larger GOGC means fewer cycles.
//
//claim:ask Why does Go have no generational garbage collector, and what follows from that?
//claim:vary GOMAXPROCS 1
//claim:expect ns/op live=8192KiB > 3x live=512KiB
//claim:source runtime/mgc.go
//claim:source https://go.dev/blog/ismmkeynote
func BenchmarkNoGenerations(b *testing.B) {
	for _, size := range []int{512, 8192} {
		b.Run(fmt.Sprintf("live=%dKiB", size), func(b *testing.B) {
			b.ReportAllocs()
			defer debug.SetGCPercent(debug.SetGCPercent(-1))
			old := gcCycleLists(size)
			runtime.GC()
			for b.Loop() {
				runtime.GC()
			}
			runtime.KeepAlive(old)
		})
	}
}

func TestGCCycleLists(t *testing.T) {
	const lists = 512
	allocated := proof.AllocatedBytes(func() { gcCycleLists(lists) })
	require.InDelta(t, lists*16*64, allocated, lists*16*8)
}
