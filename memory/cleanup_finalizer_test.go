package memory

import (
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// dropCycle makes two objects that point to each other, passes the first to
// attach and returns a weak pointer to it.
//
//go:noinline
func dropCycle(attach func(*doomed)) weak.Pointer[doomed] {
	a := new(doomed)
	a.next = &doomed{next: a}
	attach(a)
	return weak.Make(a)
}

// An object with a finalizer that is part of a pointer cycle is not
// collected, and neither is anything it points to. The finalizer is given the
// object, so the collector has to keep all that the object can reach, and in a
// cycle that includes the object. A cleanup (runtime.AddCleanup, Go 1.24) is
// given another value in place of the object, so a cycle dies as a plain cycle
// does. Without finalizers cycles are no problem for a tracing collector.
//
//claim:ask Why can a finalizer cause a memory leak, and does AddCleanup have the same problem?
//claim:source https://pkg.go.dev/runtime#SetFinalizer
//claim:source https://go.dev/doc/gc-guide#Finalizers_cleanups_and_weak_pointers
func TestFinalizerCycle(t *testing.T) {
	plain := dropCycle(func(*doomed) {})
	cleaned := make(chan int, 1)
	cleanup := dropCycle(func(d *doomed) { runtime.AddCleanup(d, func(id int) { cleaned <- id }, 7) })
	finalized := make(chan int, 1)
	finalizer := dropCycle(func(d *doomed) { runtime.SetFinalizer(d, func(d *doomed) { finalized <- d.id }) })

	require.Equal(t, 7, receivedByGC(t, cleaned))
	runtime.GC()
	runtime.GC()
	require.Nil(t, plain.Value())
	require.Nil(t, cleanup.Value())
	require.NotNil(t, finalizer.Value(), "the finalizer keeps its own object reachable")
	require.Empty(t, finalized)

	runtime.SetFinalizer(finalizer.Value(), nil)
	runtime.GC()
	require.Nil(t, finalizer.Value(), "without the finalizer the cycle is garbage")
}

// dropOwner makes an owner of one other object, passes the owner to attach
// and returns a weak pointer to the owned one.
//
//go:noinline
func dropOwner(attach func(owner *doomed)) (owned weak.Pointer[doomed]) {
	owner := &doomed{next: new(doomed)}
	attach(owner)
	return weak.Make(owner.next)
}

// A finalizer costs its object, and all that the object points to, at least one
// more collection. The first collection that finds the object unreachable only
// queues the finalizer: the object must be alive when the finalizer gets it.
// The memory goes in a later collection, after the finalizer has returned. A
// cleanup does not get the object, so the first collection frees it, and the
// cleanup runs when the object is already gone.
//
//claim:ask Why does a finalizer delay the release of memory, and a cleanup does not?
//claim:source https://pkg.go.dev/runtime#SetFinalizer
func TestFinalizerDelay(t *testing.T) {
	collectByHand(t)
	cleaned, finalized := make(chan bool, 1), make(chan bool, 1)
	ofCleanup := dropOwner(func(d *doomed) { runtime.AddCleanup(d, func(int) { cleaned <- true }, 0) })
	ofFinalizer := dropOwner(func(d *doomed) { runtime.SetFinalizer(d, func(*doomed) { finalized <- true }) })

	runtime.GC()
	require.Nil(t, ofCleanup.Value(), "gone in the first collection")
	require.NotNil(t, ofFinalizer.Value(), "the finalizer's object still points to it")
	received(t, cleaned)
	received(t, finalized)
	require.NotNil(t, ofFinalizer.Value(), "only a collection frees")

	for cycle := 2; ofFinalizer.Value() != nil; cycle++ {
		require.Less(t, cycle, 100)
		runtime.GC()
	}
}

// resurrected is where a finalizer brings its object back to life.
var resurrected atomic.Pointer[doomed]

// A finalizer gets the object and can make it reachable again by storing it:
// the object lives on, with all it points to, and has no finalizer any more.
// It will die silently unless somebody sets the finalizer again. Weak pointers
// made before the resurrection stay nil and are not equal to those made after
// it. A cleanup cannot resurrect: it runs without the object.
//
//claim:ask Can a finalizer bring its object back to life, and what happens then?
//claim:source https://pkg.go.dev/runtime#SetFinalizer
//claim:source https://pkg.go.dev/weak#Pointer
func TestFinalizerResurrect(t *testing.T) {
	t.Cleanup(func() { resurrected.Store(nil) })
	finalized := make(chan int, 2)
	before := func() weak.Pointer[doomed] {
		d := &doomed{id: 7, next: &doomed{id: 8}}
		runtime.SetFinalizer(d, func(d *doomed) {
			resurrected.Store(d)
			finalized <- d.id
		})
		return weak.Make(d)
	}()
	require.Equal(t, 7, receivedByGC(t, finalized))

	require.Equal(t, 8, resurrected.Load().next.id, "it and what it points to are intact")
	require.Nil(t, before.Value())
	after := weak.Make(resurrected.Load())
	require.NotEqual(t, before, after)

	resurrected.Store(nil)
	for cycle := 1; after.Value() != nil; cycle++ {
		require.Less(t, cycle, 100)
		runtime.GC()
	}
	require.Empty(t, finalized, "a finalizer runs once")
}

// dropList makes a list 0 -> 1 -> 2, passes every element to attach and
// forgets the list.
//
//go:noinline
func dropList(attach func(*doomed)) {
	list := &doomed{id: 0, next: &doomed{id: 1, next: &doomed{id: 2}}}
	for d := list; d != nil; d = d.next {
		attach(d)
	}
}

// Finalizers run in dependency order: if A points to B, A's finalizer runs
// first, and B's cannot run before a later collection, when A is freed. A list
// of n objects with finalizers therefore needs n collections to go away.
// Cleanups have no order: all those of a dead list become ready in one
// collection. So a cleanup may not rely on what other cleanups have not done yet.
//
//claim:ask In which order do finalizers and cleanups run?
//claim:source https://pkg.go.dev/runtime#SetFinalizer
//claim:source https://pkg.go.dev/runtime#AddCleanup
func TestCleanupOrder(t *testing.T) {
	collectByHand(t)
	cleaned := make(chan int, 3)
	dropList(func(d *doomed) { runtime.AddCleanup(d, func(id int) { cleaned <- id }, d.id) })
	runtime.GC()
	ids := []int{received(t, cleaned), received(t, cleaned), received(t, cleaned)}
	require.ElementsMatch(t, []int{0, 1, 2}, ids, "one collection, any order")

	finalized := make(chan int, 3)
	dropList(func(d *doomed) { runtime.SetFinalizer(d, func(d *doomed) { finalized <- d.id }) })
	for id := range 3 {
		require.Empty(t, finalized, "one per collection")
		require.Equal(t, id, receivedByGC(t, finalized))
	}
}

// One goroutine runs all finalizers of a program, one after the other. A
// finalizer that blocks stops all the others, and what they would release piles
// up. Cleanups do not wait for finalizers, and since Go 1.25 they may run in
// parallel, but on few goroutines: with a small GOMAXPROCS there is one, so a
// blocked cleanup stops the others too. Both kinds must be short, or hand long
// work to a new goroutine.
//
//claim:ask On which goroutine do finalizers and cleanups run, and may they block?
//claim:source https://pkg.go.dev/runtime#SetFinalizer
//claim:source runtime/mcleanup.go
func TestFinalizerBlocks(t *testing.T) {
	if proof.InChild(t) {
		blockCleanups(t)
		return
	}
	started, unblock := make(chan bool), make(chan bool)
	func() {
		runtime.SetFinalizer(new(doomed), func(*doomed) {
			started <- true
			<-unblock
		})
	}()
	receivedByGC(t, started)

	finalized, cleaned := make(chan bool, 1), make(chan bool, 1)
	func() {
		runtime.SetFinalizer(new(doomed), func(*doomed) { finalized <- true })
		runtime.AddCleanup(new(doomed), func(int) { cleaned <- true }, 0)
	}()
	receivedByGC(t, cleaned)
	require.Empty(t, finalized, "the only finalizer goroutine is busy")
	close(unblock)
	receivedByGC(t, finalized)

	if testing.Short() {
		t.Skip("starts a process")
	}
	output, err := proof.Child(t, "GOMAXPROCS=1")
	require.NoError(t, err, output)
}

// blockCleanups shows that a blocked cleanup holds up the others, but not the
// finalizers. It needs GOMAXPROCS=1 from the start of the process.
func blockCleanups(t *testing.T) {
	started, unblock := make(chan bool), make(chan bool)
	func() {
		runtime.AddCleanup(new(doomed), func(int) {
			started <- true
			<-unblock
		}, 0)
	}()
	receivedByGC(t, started)

	finalized, cleaned := make(chan bool, 1), make(chan bool, 1)
	func() {
		runtime.AddCleanup(new(doomed), func(int) { cleaned <- true }, 0)
		runtime.SetFinalizer(new(doomed), func(*doomed) { finalized <- true })
	}()
	receivedByGC(t, finalized)
	require.Empty(t, cleaned, "the only cleanup goroutine is busy")
	close(unblock)
	receivedByGC(t, cleaned)
}

// GODEBUG=checkfinalizers=1 (Go 1.25) finds finalizers and cleanups that may
// never run. Every collection then also looks for objects that their own
// finalizer or cleanup can reach. If it finds one, the program ends with a report
// that names the line where the finalizer or cleanup was set. It stops the world
// several times for each collection, so it is for tests and not for production.
//
//claim:ask How do you find finalizers and cleanups that leak?
//claim:source https://pkg.go.dev/runtime#hdr-Environment_Variables
func TestCheckFinalizers(t *testing.T) {
	if proof.InChild(t) {
		d := new(doomed)
		switch os.Getenv("GODEEP_CASE") {
		case "argument":
			runtime.AddCleanup(d, func(*doomed) {}, &doomed{next: d})
		case "cycle":
			d.next = &doomed{next: d}
			runtime.SetFinalizer(d, func(*doomed) {})
		default:
			runtime.AddCleanup(d, func(int) {}, 0)
		}
		runtime.GC()
		runtime.KeepAlive(d)
		return
	}
	if testing.Short() {
		t.Skip("starts processes")
	}
	output, err := proof.Child(t, "GODEBUG=checkfinalizers=1")
	require.NoError(t, err, output)

	for _, fault := range []string{"argument", "cycle"} {
		output, err := proof.Child(t, "GODEBUG=checkfinalizers=1", "GODEEP_CASE="+fault)
		report, _, found := strings.Cut(output, "fatal error: detected possible issues with cleanups and/or finalizers")
		assert.Error(t, err, fault)
		assert.True(t, found, fault)
		assert.Contains(t, report, "memory.TestCheckFinalizers()\n", "where it was set")
	}
}
