package schedgc

import (
	"bytes"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"runtime/pprof"
	"strings"
	"testing"
	"time"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// finalObject is what the tests of this file let die. It is too large and has a pointer, so
// the tiny allocator leaves it alone.
type finalObject struct {
	_  *finalObject
	id int
	_  [48]byte
}

// finalReceived returns the next value of c.
func finalReceived[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(10 * time.Second):
		require.FailNow(t, "nothing arrived within ten seconds")
		panic("not reached")
	}
}

// finalByHand turns automatic collections off until the test ends.
func finalByHand(t *testing.T) {
	percent := debug.SetGCPercent(-1)
	t.Cleanup(func() { debug.SetGCPercent(percent) })
	runtime.GC()
}

// finalBusy occupies the finalizer goroutine until release is called.
func finalBusy(t *testing.T) (release func()) {
	t.Helper()
	started, unblock := make(chan bool), make(chan bool)
	func() {
		runtime.SetFinalizer(new(finalObject), func(*finalObject) {
			started <- true
			<-unblock
		})
	}()
	runtime.GC()
	finalReceived(t, started)
	return func() {
		close(unblock)
		// Another finalizer runs after the blocked one has returned.
		done := make(chan bool, 1)
		func() { runtime.SetFinalizer(new(finalObject), func(*finalObject) { done <- true }) }()
		runtime.GC()
		finalReceived(t, done)
	}
}

// finalQueued returns how many finalizers the runtime has queued since its start.
func finalQueued() uint64 {
	sample := []metrics.Sample{{Name: "/gc/finalizers/queued:finalizers"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// Compare two metrics, new in Go 1.26: queued minus executed is the length of
// the queue, for finalizers in /gc/finalizers/ and for cleanups in
// /gc/cleanups/. Here as many calls as are blocked are in the backlog, and it
// is worked off when they may go on. A backlog that stays is a blocked call,
// one that grows is a release that is slower than the program. Before Go 1.26
// there was nothing to read; the sign was a live heap that grew.
//
//claim:ask How do I notice that finalizers or cleanups do not keep up?
//claim:source https://go.dev/doc/go1.26
//claim:source https://pkg.go.dev/runtime/metrics#hdr-Supported_metrics
func TestFinalizerBacklog(t *testing.T) {
	finalByHand(t)
	const n = 20
	unblock, finished := make(chan bool), make(chan bool, 2*n)
	func() {
		for range n {
			runtime.SetFinalizer(new(finalObject), func(*finalObject) { <-unblock; finished <- true })
			runtime.AddCleanup(new(finalObject), func(int) { <-unblock; finished <- true }, 0)
		}
	}()
	runtime.GC()
	finalizers, cleanups := FinalizerBacklog()
	require.GreaterOrEqual(t, finalizers, n)
	require.GreaterOrEqual(t, cleanups, n)

	close(unblock)
	for range 2 * n {
		finalReceived(t, finished)
	}
	for deadline := time.Now().Add(10 * time.Second); finalizers+cleanups > 0; runtime.Gosched() {
		require.True(t, time.Now().Before(deadline))
		finalizers, cleanups = FinalizerBacklog()
	}
}

// Not surely. When runtime.GC returns, the heap is swept, and the sweeper has queued the
// finalizers of the dead objects. They run afterwards, on a goroutine of the runtime, which
// may be busy. In a collection that starts by itself even the queueing comes later, since
// the heap is swept bit by bit. So a test must wait for an effect of the finalizer, such
// as a value on a channel, and not for runtime.GC.
//
//claim:ask Have the finalizers run when runtime.GC returns?
//claim:source https://pkg.go.dev/runtime#GC
//claim:source runtime/mgcsweep.go
func TestFinalizerAfterGC(t *testing.T) {
	finalByHand(t)
	release := finalBusy(t)
	before := finalQueued()
	finalized := make(chan bool, 1)
	func() { runtime.SetFinalizer(new(finalObject), func(*finalObject) { finalized <- true }) }()
	require.Equal(t, before, finalQueued(), "no collection yet")
	runtime.GC()
	require.Greater(t, finalQueued(), before)
	require.Empty(t, finalized)
	release()
	finalReceived(t, finalized)
}

// A queued finalizer keeps its object, and all that it refers to, as a live
// part of the heap until it has run, because it is given the object. With a
// finalizer that blocks, the objects behind it in the queue are never freed,
// however often you collect: memory leaks. A cleanup is not given the object.
// Its memory is free in the collection that queues the cleanup, so a blocked
// cleanup leaks only the small record of the call, and the resource it should
// release.
//
//claim:ask A finalizer is stuck. What happens to memory, and is it the same with a cleanup?
//claim:source https://pkg.go.dev/runtime#SetFinalizer
//claim:source https://pkg.go.dev/runtime#AddCleanup
func TestFinalizerStuck(t *testing.T) {
	finalByHand(t)
	release := finalBusy(t)
	defer release()
	unblock := make(chan bool)
	defer close(unblock)
	type large struct {
		_ *large
		_ [64 << 10]byte
	}
	const n, size = 20, 64 << 10
	held := func(attach func(*large)) int64 {
		before := proof.LiveHeap()
		func() {
			for range n {
				attach(new(large))
			}
		}()
		return int64(proof.LiveHeap()) - int64(before) // after two collections
	}
	require.Less(t, held(func(*large) {}), int64(n*size/4))
	require.Less(t, held(func(l *large) { runtime.AddCleanup(l, func(int) { <-unblock }, 0) }), int64(n*size/4))
	require.Greater(t, held(func(l *large) { runtime.SetFinalizer(l, func(*large) {}) }), int64(n*size*3/4))
}

// First the weak pointers turn nil, then the finalizer runs, and the cleanup only after a
// later collection has freed the object. So inside the finalizer the object is there, but
// no weak pointer made before gives it any more: a cache of weak pointers cannot hand out
// an object that is being finalized. The cleanup never meets the finalizer: it waits until
// the object is unreachable again after it.
//
//claim:ask An object has a weak pointer, a finalizer and a cleanup. In which order does it happen?
//claim:source https://pkg.go.dev/weak#Pointer
//claim:source https://pkg.go.dev/runtime#AddCleanup
func TestFinalizerWeakCleanup(t *testing.T) {
	finalByHand(t)
	type seen struct {
		id      int
		weakNil bool
	}
	finalized, cleaned := make(chan seen, 1), make(chan bool, 1)
	watch := func() weak.Pointer[finalObject] {
		object := &finalObject{id: 7}
		watch := weak.Make(object)
		runtime.AddCleanup(object, func(bool) { cleaned <- watch.Value() == nil }, true)
		runtime.SetFinalizer(object, func(object *finalObject) {
			finalized <- seen{id: object.id, weakNil: watch.Value() == nil}
		})
		return watch
	}()
	require.NotNil(t, watch.Value())
	runtime.GC()
	require.Nil(t, watch.Value())
	require.Equal(t, seen{id: 7, weakNil: true}, finalReceived(t, finalized))
	require.Empty(t, cleaned, "the finalizer had the object")
	for cycle := 0; len(cleaned) == 0; cycle++ {
		require.Less(t, cycle, 1000)
		runtime.GC()
		runtime.Gosched()
	}
	require.True(t, <-cleaned)
}

// finalGlobal is an object that the linker has placed.
var finalGlobal finalObject

// Nothing: the call is accepted and never has an effect. Such an object is not
// in the heap, it is never freed, and there is no error. The same holds for
// AddCleanup. A composite literal that initialises a package-level variable, as
// in var p = &T{}, is often placed by the linker too, so do not rely on either
// way.
//
//claim:ask What happens if I set a finalizer on a package-level variable?
//claim:source https://pkg.go.dev/runtime#SetFinalizer
//claim:source runtime/mfinal.go
func TestFinalizerGlobal(t *testing.T) {
	before := finalQueued()
	called := make(chan bool, 4)
	runtime.SetFinalizer(&finalGlobal, func(*finalObject) { called <- true })
	runtime.SetFinalizer(&finalGlobal, func(*finalObject) { called <- true }) // no fatal error either
	runtime.AddCleanup(&finalGlobal, func(int) { called <- true }, 0)
	for range 3 {
		control := make(chan bool, 2)
		func() {
			runtime.SetFinalizer(new(finalObject), func(*finalObject) { control <- true })
			runtime.AddCleanup(new(finalObject), func(int) { control <- true }, 0)
		}()
		runtime.GC()
		finalReceived(t, control)
		finalReceived(t, control)
	}
	require.Empty(t, called)
	require.GreaterOrEqual(t, finalQueued(), before+3)
}

// finalGoroutines returns the stacks of all goroutines that are not of the runtime itself.
func finalGoroutines(t *testing.T) string {
	var stacks bytes.Buffer
	require.NoError(t, pprof.Lookup("goroutine").WriteTo(&stacks, 2))
	return stacks.String()
}

// On goroutines that the runtime starts with the first SetFinalizer or
// AddCleanup. While they wait they are hidden: neither in a goroutine profile
// nor in a stack dump. While one runs your function it is shown, as
// runtime.runFinalizers or runtime.runCleanups. So such a frame that is in
// every dump is a finalizer or cleanup that does not return. Your function has
// no caller: it must not panic, it needs locks for shared data, and labels or
// locals of the goroutine that made the object are not there.
//
//claim:ask There is runtime.runFinalizers in my goroutine dump. What is it?
//claim:source runtime/mfinal.go
//claim:source runtime/mcleanup.go
func TestFinalizerGoroutine(t *testing.T) {
	type call struct{ stack string }
	for frame, attach := range map[string]func(func()){
		"runtime.runFinalizers": func(f func()) { runtime.SetFinalizer(new(finalObject), func(*finalObject) { f() }) },
		"runtime.runCleanups":   func(f func()) { runtime.AddCleanup(new(finalObject), func(int) { f() }, 0) },
	} {
		started, unblock := make(chan call), make(chan bool)
		func() {
			attach(func() {
				started <- call{string(debug.Stack())}
				<-unblock
			})
		}()
		runtime.GC()
		require.Contains(t, finalReceived(t, started).stack, frame)
		require.Contains(t, finalGoroutines(t), frame, "shown while it runs")
		close(unblock)
		for deadline := time.Now().Add(10 * time.Second); strings.Contains(finalGoroutines(t), frame); runtime.Gosched() {
			require.True(t, time.Now().Before(deadline), "hidden while it waits")
		}
	}
}

// Up to a quarter of GOMAXPROCS, and at least one: with GOMAXPROCS=8 two
// cleanups run at the same time, and a third waits for one of them. Finalizers
// have one goroutine, whatever GOMAXPROCS is. So two cleanups may run at once
// and need locks for what they share. This is since Go 1.25; in Go 1.24
// cleanups shared the goroutine of the finalizers.
//
//claim:ask How many finalizers and cleanups can run at the same time?
//claim:source https://go.dev/doc/go1.25#runtime
//claim:source runtime/mcleanup.go
func TestCleanupParallel(t *testing.T) {
	if proof.InChild(t) {
		finalParallel(t)
		return
	}
	if testing.Short() {
		t.Skip("starts a process")
	}
	output, err := proof.Child(t, "GOMAXPROCS=8")
	require.NoError(t, err, output)
}

// finalParallel is the child of TestCleanupParallel.
func finalParallel(t *testing.T) {
	finalByHand(t)
	const n = 100 // cleanups are handed out in blocks, and one block would be for one goroutine
	// check blocks n calls and asserts that at most so many are in progress.
	check := func(most int, attach func(func())) {
		started, unblock := make(chan bool, n), make(chan bool)
		func() {
			for range n {
				attach(func() {
					started <- true
					<-unblock
				})
			}
		}()
		runtime.GC()
		for deadline := time.Now().Add(10 * time.Second); len(started) < most; runtime.Gosched() {
			require.True(t, time.Now().Before(deadline), "%d of %d", len(started), most)
			runtime.AddCleanup(new(finalObject), func(int) {}, 0) // starts a goroutine if one is wanted
		}
		runtime.GC()
		for range 1000 {
			runtime.Gosched()
		}
		require.Len(t, started, most)
		close(unblock)
		for range n {
			finalReceived(t, started)
		}
	}
	check(1, func(f func()) { runtime.SetFinalizer(new(finalObject), func(*finalObject) { f() }) })
	check(2, func(f func()) { runtime.AddCleanup(new(finalObject), func(int) { f() }, 0) })
}

// It comes too late if the object is already found dead: Stop removes a cleanup
// from its object, and not from the queue. Here the only goroutine for cleanups
// is busy, the object is collected, Stop is called, and the cleanup still runs.
// So Close must do two things: keep the object reachable until Stop has
// returned, with runtime.KeepAlive, and make a second release harmless.
//
//claim:ask Cleanup.Stop was called and the cleanup ran all the same. How can that be?
//claim:source https://pkg.go.dev/runtime#Cleanup.Stop
func TestCleanupStopLate(t *testing.T) {
	if !proof.InChild(t) {
		if testing.Short() {
			t.Skip("starts a process")
		}
		output, err := proof.Child(t, "GOMAXPROCS=1") // one goroutine for cleanups
		require.NoError(t, err, output)
		return
	}
	finalByHand(t)
	started, unblock, cleaned := make(chan bool), make(chan bool), make(chan string, 2)
	func() {
		runtime.AddCleanup(new(finalObject), func(int) { started <- true; <-unblock }, 0)
	}()
	runtime.GC()
	finalReceived(t, started)

	early := func() runtime.Cleanup {
		object := new(finalObject)
		cleanup := runtime.AddCleanup(object, func(string) { cleaned <- "early" }, "")
		runtime.KeepAlive(object)
		cleanup.Stop()
		return cleanup
	}()
	late := func() runtime.Cleanup {
		return runtime.AddCleanup(new(finalObject), func(string) { cleaned <- "late" }, "")
	}()
	runtime.GC()
	late.Stop()
	early.Stop() // once more does nothing
	close(unblock)
	require.Equal(t, "late", finalReceived(t, cleaned))
	runtime.GC()
	require.Empty(t, cleaned)
}

// SetFinalizer checks its arguments at run time, and a mistake ends the program
// with a fatal error that recover cannot stop: an object that is no pointer, a
// function with another parameter type. AddCleanup is generic, so the compiler
// finds these. What is allowed: a parameter of an interface type that the
// pointer implements, a method expression, and results, which are ignored.
//
//claim:ask Which functions can be a finalizer, and when is a wrong one found?
//claim:source https://pkg.go.dev/runtime#SetFinalizer
//claim:source runtime/mfinal.go
func TestFinalizerArguments(t *testing.T) {
	if proof.InChild(t) {
		defer func() { t.Log("recovered", recover()) }()
		switch os.Getenv("GODEEP_CASE") {
		case "value":
			runtime.SetFinalizer(finalObject{}, func(finalObject) {})
		case "parameter":
			runtime.SetFinalizer(new(finalObject), func(int) {})
		}
		return
	}
	called := make(chan any, 2)
	func() {
		runtime.SetFinalizer(&finalObject{id: 7}, func(object any) int { called <- object.(*finalObject).id; return 1 })
		finalMethodCalls = called
		runtime.SetFinalizer(&finalObject{id: 7}, (*finalObject).final)
	}()
	runtime.GC()
	require.Equal(t, 7, finalReceived(t, called))
	require.Equal(t, 7, finalReceived(t, called))

	if testing.Short() {
		t.Skip("starts processes")
	}
	for fault, message := range map[string]string{
		"value":     "fatal error: runtime.SetFinalizer: first argument is schedgc.finalObject, not pointer",
		"parameter": "fatal error: runtime.SetFinalizer: cannot pass *schedgc.finalObject to finalizer func(int)",
	} {
		output, err := proof.Child(t, "GODEEP_CASE="+fault)
		assert.Error(t, err)
		assert.Contains(t, output, message)
		assert.NotContains(t, output, "recovered")
	}
}

// finalMethodCalls is where the method final reports to.
var finalMethodCalls chan any

func (o *finalObject) final() { finalMethodCalls <- o.id }

// The first weak pointer to an object allocates a small indirection that all
// weak pointers to that object share; further ones, and Value, allocate
// nothing. The collector clears the indirection when the object dies. That is
// why weak pointers to one object are equal, also afterwards, and why the
// object itself is freed although weak pointers remain: what stays is the
// indirection of a few bytes.
//
//claim:ask What does a weak pointer cost?
//claim:source runtime/mheap.go
//claim:source https://pkg.go.dev/weak#Pointer
func TestWeakIndirection(t *testing.T) {
	object := new(finalObject)
	first := weak.Make(object)
	var second weak.Pointer[finalObject]
	proof.WantAllocs(t, 0, func() { second = weak.Make(object) })
	require.Equal(t, first, second)
	var value *finalObject
	proof.WantAllocs(t, 0, func() { value = first.Value() })
	require.Same(t, object, value)
	proof.WantAllocs(t, 2, func() { first = weak.Make(new(finalObject)) })
}

// Yes. A finalizer, cleanup or weak pointer is a record at the span of its
// object, and each collection visits these records one by one: those of
// finalizers and cleanups are roots for what they refer to, and all are looked
// at again when the span is swept. Objects with a finalizer or a cleanup make a
// collection more than 1.2 times as long as the same objects without. It is
// nothing for a few hundred files, and much for a finalizer on each of a
// million small objects.
//
//claim:ask Do finalizers and cleanups slow down every collection?
//claim:vary GOMAXPROCS 1
//claim:expect ns/op of=finalizer > 1.2x of=plain
//claim:expect ns/op of=cleanup > 1.2x of=plain
//claim:source runtime/mgcmark.go
//claim:source runtime/mheap.go
func BenchmarkFinalizerGC(b *testing.B) {
	for _, kind := range []struct {
		name   string
		attach func(*finalObject)
	}{
		{"of=plain", func(*finalObject) {}},
		{"of=finalizer", func(o *finalObject) { runtime.SetFinalizer(o, func(*finalObject) {}) }},
		{"of=cleanup", func(o *finalObject) { runtime.AddCleanup(o, func(int) {}, 0) }},
	} {
		b.Run(kind.name, func(b *testing.B) {
			live := make([]*finalObject, 20_000)
			for i := range live {
				live[i] = new(finalObject)
				kind.attach(live[i])
			}
			b.ReportAllocs()
			for b.Loop() {
				runtime.GC()
			}
			runtime.KeepAlive(live)
		})
	}
}
