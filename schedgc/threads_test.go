package schedgc

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// childFacts are the integers that a child has printed as name=value lines.
type childFacts map[string]int

var childFactLine = regexp.MustCompile(`(?m)^(\w+)=(-?\d+)$`)

func parseChildFacts(out string) childFacts {
	facts := make(childFacts)
	for _, m := range childFactLine.FindAllStringSubmatch(out, -1) {
		facts[m[1]], _ = strconv.Atoi(m[2])
	}
	return facts
}

// runChildFacts runs the calling test once more in a process of its own.
func runChildFacts(t *testing.T, env ...string) childFacts {
	t.Helper()
	out, err := proof.Child(t, env...)
	require.NoError(t, err, out)
	facts := parseChildFacts(out)
	require.NotEmpty(t, facts, out)
	return facts
}

var deadlinePast = time.Unix(1, 0)

func factOf(b bool) int {
	if b {
		return 1
	}
	return 0
}

// stuckLimit is how long a child may go on after it has said "started". A child
// that is not stuck needs a few milliseconds.
const stuckLimit = 60 * time.Millisecond

// stuckOutput collects what a child prints, and reports the line "started".
type stuckOutput struct {
	text    strings.Builder
	started chan struct{}
}

func (o *stuckOutput) Write(p []byte) (int, error) {
	select {
	case <-o.started:
	default:
		if strings.Contains(string(p), "started") {
			close(o.started)
		}
	}
	return o.text.Write(p)
}

// childHangs runs the calling test once more, as proof.Child does, and asserts that
// it prints "started" and then hangs: it is killed after the time stuckLimit.
func childHangs(t *testing.T, env ...string) {
	t.Helper()
	childHangsWithin(t, 3, env...)
}

func childHangsWithin(t *testing.T, attempts int, env ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^"+t.Name()+"$", "-test.count=1", "-test.v")
	cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0", "GODEEP_CHILD="+t.Name()) // see proof.InChild
	cmd.Env = append(cmd.Env, env...)
	out := &stuckOutput{started: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = out, out
	require.NoError(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case <-ended:
	case <-out.started:
		select {
		case <-ended:
		case <-time.After(stuckLimit):
			cancel()
			<-ended
		}
	}
	require.Contains(t, out.text.String(), "started\n")
	if strings.Contains(out.text.String(), "ended\n") && attempts > 1 {
		// The machine took the thread from it at the wrong moment.
		childHangsWithin(t, attempts-1, env...)
		return
	}
	require.NotContains(t, out.text.String(), "ended\n")
	require.NotContains(t, out.text.String(), "FAIL")
}

// childEnds asserts that the same child ends by itself.
func childEnds(t *testing.T, env ...string) {
	t.Helper()
	out, err := proof.Child(t, env...)
	require.NoError(t, err, out)
	require.Contains(t, out, "started\n")
	require.Contains(t, out, "ended\n")
}

// threadsWaitUntil yields until the condition holds.
func threadsWaitUntil(t *testing.T, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !condition(); runtime.Gosched() {
		require.True(t, time.Now().Before(deadline), "does not come")
	}
}

// threadsDump is one buffer for all dumps: garbage would start collections.
var threadsDump = sync.OnceValue(func() []byte { return make([]byte, 2<<20) })

// threadsInState counts the goroutines whose state, as stack dumps show it, begins
// so.
func threadsInState(state string) int {
	dump := threadsDump()
	return strings.Count(string(dump[:runtime.Stack(dump, true)]), " ["+state)
}

// threadsLocked holds n threads by goroutines that wait on a channel, and
// returns the function that lets them go.
func threadsLocked(n int) (release func()) {
	var locked, ended sync.WaitGroup
	locked.Add(n)
	stop := make(chan struct{})
	for range n {
		ended.Go(func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			locked.Done()
			<-stop
		})
	}
	locked.Wait()
	return func() {
		close(stop)
		ended.Wait()
	}
}

// It has more than one, always. GOMAXPROCS=1 limits the threads that run Go
// code at the same time, and the system monitor needs a thread beside them.
// More come when a thread blocks in a system call or a goroutine is locked to
// its thread. So do not derive the number of threads from GOMAXPROCS, in a
// container limit on processes for example.
//
//claim:ask How many threads does a Go program with GOMAXPROCS=1 have?
//claim:source runtime/proc.go
func TestThreadsAtStart(t *testing.T) {
	if runtime.GOARCH == "wasm" {
		t.Skip("WebAssembly has one thread")
	}
	if proof.InChild(t) {
		fmt.Printf("procs=%d\nthreads=%d\n", runtime.GOMAXPROCS(0), ThreadCount())
		os.Exit(0)
	}
	facts := runChildFacts(t, "GOMAXPROCS=1")
	assert.Equal(t, 1, facts["procs"])
	assert.GreaterOrEqual(t, facts["threads"], 2)
	assert.Less(t, facts["threads"], 20, "and not many")
}

// The program dies with the fatal error "thread exhaustion", which no recover
// stops. The limit is 10000 threads unless debug.SetMaxThreads sets another
// one; it returns the old one. It is a safety net and not a throttle: a program
// that could open so many blocking calls must limit them itself, with a
// semaphore for example. The limit of the system on threads, as for a
// container, is usually lower and ends the program as well.
//
//claim:ask What happens if a Go program needs too many threads, and what is the limit?
//claim:source https://pkg.go.dev/runtime/debug#SetMaxThreads
func TestThreadsExhausted(t *testing.T) {
	if proof.InChild(t) {
		defer func() { println("recovered", recover() != nil) }()
		fmt.Printf("limit=%d\n", debug.SetMaxThreads(20))
		threadsLocked(30)()
		fmt.Println("survived")
		return
	}
	out, err := proof.Child(t)
	require.Error(t, err)
	assert.Equal(t, 10000, parseChildFacts(out)["limit"])
	assert.Contains(t, out, "runtime: program exceeds 20-thread limit")
	assert.Contains(t, out, "fatal error: thread exhaustion")
	assert.NotContains(t, out, "survived")
	assert.NotContains(t, out, "recovered")
}

// No: SetMaxThreads ends the program at once if more threads exist than the new
// limit allows. So a small limit is a way to die and not a way to have fewer
// threads.
//
//claim:ask Can debug.SetMaxThreads reduce the number of threads?
//claim:source https://pkg.go.dev/runtime/debug#SetMaxThreads
func TestThreadsLimitBelowCount(t *testing.T) {
	if proof.InChild(t) {
		debug.SetMaxThreads(1)
		fmt.Println("survived")
		return
	}
	out, err := proof.Child(t)
	require.Error(t, err)
	assert.Contains(t, out, "runtime: program exceeds 1-thread limit")
	assert.NotContains(t, out, "survived")
}

// No. A thread that has nothing to do is parked and kept for the next need, and
// the runtime never ends it. A peak of blocking calls therefore leaves its
// threads behind for the life of the process; the good side is that the next
// peak of the same size creates none. The exception is a goroutine that exits
// while it is locked to its thread: that thread ends.
//
//claim:ask Are idle threads ended after a peak?
//claim:source https://go.dev/issue/14592
func TestThreadsStay(t *testing.T) {
	if proof.InChild(t) {
		const n = 30
		before := ThreadCount()
		threadsLocked(n)()
		runtime.GC()
		debug.FreeOSMemory()
		after := ThreadCount()
		threadsLocked(n)()
		fmt.Printf("before=%d\nafter=%d\nagain=%d\n", before, after, ThreadCount())
		os.Exit(0)
	}
	facts := runChildFacts(t)
	assert.Less(t, facts["before"], 20)
	assert.GreaterOrEqual(t, facts["after"], 30)
	assert.Less(t, facts["again"]-facts["after"], 15, "the second peak uses the threads of the first")
}

// Read the metric /sched/threads/total:threads, new in Go 1.26: it is the number
// of live threads of the runtime. The threadcreate profile has about the same
// number and, in theory, where they were created; in practice nearly all stacks
// in it are empty, since the runtime and no function of yours creates threads.
// On Linux the directory /proc/self/task has one entry for each thread, with
// those of C libraries too.
//
//claim:ask How do you count the threads of a running Go program?
//claim:source https://pkg.go.dev/runtime/metrics
//claim:source https://pkg.go.dev/runtime/pprof#Profile
func TestThreadsCounted(t *testing.T) {
	if proof.InChild(t) {
		const n = 30
		profile := pprof.Lookup("threadcreate")
		release := threadsLocked(n)
		for range 20 { // new threads may appear between two looks
			before := ThreadCount()
			created := profile.Count()
			tasks, err := os.ReadDir("/proc/self/task")
			if errors.Is(err, os.ErrNotExist) {
				tasks = make([]os.DirEntry, before)
			}
			if ThreadCount() == before {
				fmt.Printf("metric=%d\nprofile=%d\ntasks=%d\n", before, created, len(tasks))
				break
			}
		}
		var text strings.Builder
		profile.WriteTo(&text, 1)
		fmt.Printf("mine=%d\n", strings.Count(text.String(), "schedgc"))
		release()
		os.Exit(0)
	}
	facts := runChildFacts(t)
	assert.Greater(t, facts["metric"], 30)
	assert.InDelta(t, facts["metric"], facts["profile"], 2)
	assert.InDelta(t, facts["metric"], facts["tasks"], 2)
	assert.Zero(t, facts["mine"], "no function of this package in it")
}

// They need as many threads as GOMAXPROCS lets run at a time, and a few beside
// them. The other goroutines wait in run queues, which costs no thread.
// More goroutines than that do not make a computation faster.
//
//claim:ask How many threads do 1000 goroutines that only compute need?
//claim:source runtime/proc.go
func TestThreadsForComputation(t *testing.T) {
	if proof.InChild(t) {
		var all sync.WaitGroup
		for range 1000 {
			all.Go(func() {
				for range 100_000 { // about 50 microseconds
				}
			})
		}
		all.Wait()
		fmt.Printf("threads=%d\n", ThreadCount())
		os.Exit(0)
	}
	facts := runChildFacts(t, "GOMAXPROCS=2")
	assert.Positive(t, facts["threads"])
	assert.Less(t, facts["threads"], 20)
}
