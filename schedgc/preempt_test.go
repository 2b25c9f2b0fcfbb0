package schedgc

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// preemptOneP sets GOMAXPROCS to 1 for the test.
func preemptOneP(t *testing.T) {
	t.Helper()
	old := runtime.GOMAXPROCS(1)
	t.Cleanup(func() { runtime.GOMAXPROCS(old) })
}

// Yes, since Go 1.14: after a time slice of 10 milliseconds the system monitor asks the
// goroutine to yield and sends a signal to its thread, and the handler stops it
// wherever that is safe. Before, or with GODEBUG=asyncpreemptoff=1, a goroutine
// yields only in calls, and a loop without any hangs the program. The same loop
// then also stops the collector, which waits for every P.
//
//claim:ask GOMAXPROCS=1 and one goroutine runs "for {}". Does main go on?
//claim:source https://go.dev/doc/go1.14#runtime
func TestPreemptEmptyLoop(t *testing.T) {
	if proof.InChild(t) {
		go preemptSpin()
		fmt.Println("started")
		time.Sleep(time.Millisecond)
		if os.Getenv("COLLECT") == "1" {
			runtime.GC()
		}
		fmt.Println("ended")
		os.Exit(0)
	}
	if runtime.GOARCH == "wasm" {
		t.Skip("WebAssembly cannot preempt")
	}
	childEnds(t, "GOMAXPROCS=1", "COLLECT=1")
	childHangs(t, "GOMAXPROCS=1", "GODEBUG=asyncpreemptoff=1")
	childHangs(t, "GOMAXPROCS=2", "GODEBUG=asyncpreemptoff=1", "COLLECT=1")
}

// Without signals it is only in the prologue of a function that is really
// called. The check whether the stack must grow is used for it: a request to
// yield sets the limit of the stack so that the check fails, and the runtime
// sees why. Functions that were inlined, and small ones without a frame, have
// no such check. So with asyncpreemptoff=1 the loop with a call is preempted,
// and the loop whose call was inlined hangs. Besides that a goroutine yields
// where it blocks, and in runtime.Gosched.
//
//claim:ask At which points could a goroutine be preempted before Go 1.14, and which are those still without signals?
//claim:source runtime/preempt.go
func TestPreemptPrologue(t *testing.T) {
	if proof.RaceEnabled {
		t.Skip("the race detector adds calls")
	}
	if proof.InChild(t) {
		n := 0
		if os.Getenv("LOOP") == "inlined" {
			go preemptSpinInlined(&n)
		} else {
			go preemptSpinCalling(&n)
		}
		fmt.Println("started")
		time.Sleep(time.Millisecond)
		fmt.Println("ended")
		os.Exit(0)
	}
	const off = "GODEBUG=asyncpreemptoff=1"
	childEnds(t, "GOMAXPROCS=1", off, "LOOP=calling")
	childHangs(t, "GOMAXPROCS=1", off, "LOOP=inlined")
	childEnds(t, "GOMAXPROCS=1", "LOOP=inlined")
}

// A goroutine may run for 10 milliseconds at least. The system monitor looks at
// each P and asks for preemption when the same time slice has lasted that long,
// so two goroutines that compete for one P change places at most once in 10
// milliseconds. It is a limit from below: the monitor may look later. A
// goroutine that is made ready by the running one and follows it directly
// shares its slice. There are no priorities.
//
//claim:ask How long may a goroutine run before it is preempted?
//claim:source runtime/proc.go
func TestPreemptQuantum(t *testing.T) {
	if proof.InChild(t) {
		debug.SetGCPercent(-1) // a collection preempts too
		var running atomic.Int32
		const changes = 4
		var begun time.Time
		var elapsed time.Duration
		var both sync.WaitGroup
		seen := int32(0)
		for id := range int32(2) {
			both.Go(func() {
				for seen <= changes {
					if running.Load() != id+1 { // the other one has run
						running.Store(id + 1)
						if seen == 1 {
							begun = time.Now()
						}
						if seen == changes {
							elapsed = time.Since(begun)
						}
						seen++
					}
				}
			})
		}
		both.Wait()
		fmt.Printf("microseconds=%d\n", elapsed.Microseconds())
		os.Exit(0)
	}
	if proof.RaceEnabled {
		t.Skip("one P makes it correct, but it is a race")
	}
	facts := runChildFacts(t, "GOMAXPROCS=1")
	assert.GreaterOrEqual(t, facts["microseconds"], 3*9_500)
}

// Yes. The scheduler knows nothing of mutexes: a goroutine can lose its P between
// Lock and Unlock, and everybody who needs the mutex waits until it runs again.
// Here it is preempted in the middle, with one P, and another goroutine finds the
// mutex locked. That is one more reason for short critical sections.
//
//claim:ask Can a goroutine be preempted while it holds a mutex?
//claim:source runtime/preempt.go
func TestPreemptInCriticalSection(t *testing.T) {
	preemptOneP(t)
	var mu sync.Mutex
	var tried, found atomic.Bool
	mu.Lock()
	go func() {
		found.Store(!mu.TryLock())
		tried.Store(true)
	}()
	preemptUntil(&tried) // ends because this goroutine is preempted
	mu.Unlock()
	assert.True(t, found.Load())
}

// No. With one P goroutines do not run at the same time, but they change places at
// almost any instruction: between the load and the store of x = x + 1 as well. Here
// another goroutine adds in between, and its change is lost. Atomic operations and
// mutexes are needed for every value of GOMAXPROCS, and the race detector reports races
// with GOMAXPROCS=1 too.
//
//claim:ask Is a program with GOMAXPROCS=1 free of races, so that it needs no locks?
//claim:source https://go.dev/ref/mem
func TestPreemptLostUpdate(t *testing.T) {
	preemptOneP(t)
	var x atomic.Int64 // atomic loads and stores, and yet no atomic addition
	var added atomic.Bool
	go func() {
		x.Store(x.Load() + 1)
		added.Store(true)
	}()
	old := x.Load()
	preemptUntil(&added)
	x.Store(old + 1)
	require.EqualValues(t, 1, x.Load(), "two additions")
}

// Some code cannot be stopped: the runtime itself, and functions in assembly such as
// those behind copy, hashes and searches in bytes. There the signal comes at an
// unsafe point, and the request waits. One copy of many megabytes lasts longer than
// a time slice, and in all that time no other goroutine gets the P; a loop in Go is
// interrupted. The stop of the world waits for such code as well, so work on huge
// buffers in pieces if latency matters.
//
//claim:ask Is there Go code that asynchronous preemption cannot interrupt?
//claim:source runtime/preempt.go
func TestPreemptUnsafePoint(t *testing.T) {
	if proof.InChild(t) {
		buffer := make([]byte, 96<<20)
		for i := 0; i < len(buffer); i += 1024 {
			buffer[i] = 1 // not for the first time during the copy
		}
		debug.SetGCPercent(-1)
		var turns, elsewhere atomic.Int64
		go func() {
			for {
				turns.Add(1)
			}
		}()
		long, undisturbed := 0, 0
		for range 20 {
			runtime.Gosched() // a new time slice
			begun := time.Now()
			before := turns.Load()
			copy(buffer[1:], buffer)
			after := turns.Load()
			if time.Since(begun) > 13*time.Millisecond {
				long++
				if before == after {
					undisturbed++
					break
				}
			}
		}
		elsewhere.Store(turns.Load())
		for turns.Load() == elsewhere.Load() {
		}
		fmt.Printf("long=%d\nundisturbed=%d\n", long, undisturbed)
		os.Exit(0)
	}
	if proof.RaceEnabled {
		t.Skip("the race detector adds calls")
	}
	facts := runChildFacts(t, "GOMAXPROCS=1")
	if facts["long"] == 0 {
		t.Skip("the copy is over in less than a time slice")
	}
	assert.Equal(t, 1, facts["undisturbed"])
}
