package memory

import (
	"os"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"testing"
	"time"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// doomed is what the tests of this file let die. It has a pointer, so that the
// tiny allocator does not put it into one block with others, and it can form
// lists and cycles.
type doomed struct {
	next *doomed
	id   int
	data [48]byte
}

// received returns the next value of c without starting a collection.
func received[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(10 * time.Second):
		require.FailNow(t, "nothing arrived within ten seconds")
		panic("not reached")
	}
}

// receivedByGC returns the next value of c. It collects until there is one:
// finalizers and cleanups run some time after a collection, on goroutines of
// their own, so a test waits for what they send and never for a time.
func receivedByGC[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		runtime.GC()
		select {
		case v := <-c:
			return v
		case <-time.After(time.Millisecond):
		}
	}
	require.FailNow(t, "nothing arrived within ten seconds of collecting")
	panic("not reached")
}

// collectByHand turns automatic collections off until the test ends, so that
// it can count the ones it asks for.
func collectByHand(t *testing.T) {
	percent := debug.SetGCPercent(-1)
	t.Cleanup(func() { debug.SetGCPercent(percent) })
	runtime.GC() // completes one that may be running
}

// One object can have many cleanups, also on pointers into its middle; each
// runs once, when the whole object is unreachable. Every one is independent, so
// a wrapper can add a cleanup to an object it did not make. An object has room
// for one finalizer only, and it must be set on the start of the allocation.
// Setting a second one, or one on an inner pointer, is a fatal error that
// recover cannot stop.
//
//claim:ask Can an object have more than one finalizer or cleanup?
//claim:source https://pkg.go.dev/runtime#AddCleanup
//claim:source runtime/mfinal.go
func TestSeveralCleanups(t *testing.T) {
	if proof.InChild(t) {
		defer func() { t.Log("recovered", recover()) }()
		d := new(doomed)
		if os.Getenv("GODEEP_CASE") == "inner" {
			runtime.SetFinalizer(&d.data, func(*[48]byte) {})
		}
		runtime.SetFinalizer(d, func(*doomed) {})
		runtime.SetFinalizer(d, func(*doomed) {})
		return
	}
	cleaned := make(chan string, 3)
	func() {
		d := new(doomed)
		report := func(who string) { cleaned <- who }
		runtime.AddCleanup(d, report, "first")
		runtime.AddCleanup(d, report, "second")
		runtime.AddCleanup(&d.data[20], report, "inner")
		runtime.GC()
		require.Empty(t, cleaned, "the object is in use")
		runtime.KeepAlive(d)
	}()
	who := []string{receivedByGC(t, cleaned), receivedByGC(t, cleaned), receivedByGC(t, cleaned)}
	require.ElementsMatch(t, []string{"first", "second", "inner"}, who)

	if testing.Short() {
		t.Skip("starts processes")
	}
	for fault, message := range map[string]string{
		"twice": "fatal error: runtime.SetFinalizer: finalizer already set",
		"inner": "fatal error: runtime.SetFinalizer: pointer not at beginning of allocated block",
	} {
		output, err := proof.Child(t, "GODEEP_CASE="+fault)
		assert.Error(t, err)
		assert.Contains(t, output, message)
		assert.NotContains(t, output, "recovered", "it is not a panic")
	}
}

// A cleanup never runs if its function or its argument can reach the object:
// they are roots for the collector, so the object stays reachable for ever.
// AddCleanup panics when it sees the mistake at once: the argument is the
// object itself, and since Go 1.26 also a pointer into it or a function that
// captures it. A longer way, over one more pointer or a captured variable that
// holds the object, is not noticed, and is a leak. The cure is to pass the bare
// resource, such as the descriptor number, and to capture nothing.
//
//claim:ask Why does my cleanup never run?
//claim:source https://pkg.go.dev/runtime#AddCleanup
//claim:source runtime/mcleanup.go
func TestCleanupArgument(t *testing.T) {
	d := new(doomed)
	require.PanicsWithValue(t, "runtime.AddCleanup: ptr is equal to arg, cleanup will never run", func() {
		runtime.AddCleanup(d, func(*doomed) {}, d)
	})
	require.PanicsWithValue(t, "runtime.AddCleanup: ptr is within arg, cleanup will never run", func() {
		runtime.AddCleanup(d, func(*int) {}, &d.id)
	})
	require.PanicsWithValue(t, "runtime.AddCleanup: cleanup function closes over ptr, cleanup will never run", func() {
		runtime.AddCleanup(d, func(int) { d.id++ }, 0)
	})

	var cleanup runtime.Cleanup
	watch := func() weak.Pointer[doomed] {
		d := new(doomed)
		indirect := &doomed{next: d}
		cleanup = runtime.AddCleanup(d, func(*doomed) {}, indirect)
		return weak.Make(d)
	}()
	runtime.GC()
	runtime.GC()
	require.NotNil(t, watch.Value(), "the argument's next field holds it")
	cleanup.Stop()
	runtime.GC()
	require.Nil(t, watch.Value(), "nothing else did")
}

// No: the end of a program does not run the finalizers and cleanups that have
// not run yet. They run only after a collection has found their object dead, and
// a short program may end without one. So they are no place to flush a buffer
// or to remove a file: that needs a Close which somebody calls. They can only be
// a safety net in a program that runs long.
//
//claim:ask Are finalizers and cleanups run when the program exits?
//claim:source https://pkg.go.dev/runtime#AddCleanup
func TestCleanupAtExit(t *testing.T) {
	if proof.InChild(t) {
		cleaned := make(chan bool, 2)
		func() {
			runtime.AddCleanup(new(doomed), func(who string) { os.Stdout.WriteString(who); cleaned <- true }, "the cleanup ran\n")
			runtime.SetFinalizer(new(doomed), func(*doomed) { os.Stdout.WriteString("the finalizer ran\n"); cleaned <- true })
		}()
		if os.Getenv("GODEEP_CASE") == "collect" {
			receivedByGC(t, cleaned)
			receivedByGC(t, cleaned)
		}
		return
	}
	if testing.Short() {
		t.Skip("starts processes")
	}
	output, err := proof.Child(t, "GODEEP_CASE=collect")
	require.NoError(t, err, output)
	require.Contains(t, output, "the cleanup ran")
	require.Contains(t, output, "the finalizer ran")

	output, err = proof.Child(t, "GODEEP_CASE=exit", "GOGC=off")
	require.NoError(t, err, output)
	require.Contains(t, output, "PASS")
	require.NotContains(t, output, "ran\n")
}

// A panic in a finalizer or cleanup ends the whole program, as in every
// goroutine: there is no caller that could recover it.
//
//claim:ask What happens if a finalizer or a cleanup panics?
//claim:source https://go.dev/ref/spec#Handling_panics
func TestCleanupPanic(t *testing.T) {
	if proof.InChild(t) {
		defer func() { t.Log("recovered", recover()) }()
		runtime.AddCleanup(new(doomed), func(int) { panic("in a cleanup") }, 0)
		receivedByGC(t, make(chan bool))
		return
	}
	if testing.Short() {
		t.Skip("starts a process")
	}
	output, err := proof.Child(t)
	require.Error(t, err)
	require.Contains(t, output, "panic: in a cleanup")
	require.NotContains(t, output, "recovered")
}

// descriptor is an object around a resource; closed is set when it is closed.
type descriptor struct {
	closed *atomic.Bool
}

//go:noinline
func newDescriptor(closed *atomic.Bool) *descriptor {
	d := &descriptor{closed: closed}
	runtime.AddCleanup(d, func(closed *atomic.Bool) { closed.Store(true) }, closed)
	return d
}

// closedWhileUsed reads the resource out of its receiver and works on it while
// the collector runs. It reports whether the resource was closed meanwhile.
//
//go:noinline
func (d *descriptor) closedWhileUsed(work func()) bool {
	closed := d.closed // the last use of d
	work()
	return closed.Load()
}

//go:noinline
func (d *descriptor) closedWhileKept(work func()) bool {
	closed := d.closed
	work()
	early := closed.Load()
	runtime.KeepAlive(d)
	return early
}

// An object may die before the method that works on it returns: it is
// reachable until its last use, not until the end of the scope of a variable,
// and a receiver or argument is no exception. After fd := f.fd nothing needs f,
// so a collection may run its cleanup and close fd while the next line still
// uses it. runtime.KeepAlive(f) after the last use of fd closes the gap. It is
// needed only where a cleanup, a finalizer or a weak pointer watches the object;
// for pure memory the last use is always late enough.
//
//claim:ask What is runtime.KeepAlive for, if the garbage collector never frees what is in use?
//claim:source https://pkg.go.dev/runtime#KeepAlive
func TestKeepAlive(t *testing.T) {
	collect := func() {
		done := make(chan bool, 1)
		runtime.AddCleanup(new(doomed), func(int) { done <- true }, 0)
		receivedByGC(t, done)
		runtime.GC()
	}
	untilClosed := func(closed *atomic.Bool) func() {
		return func() {
			for deadline := time.Now().Add(10 * time.Second); !closed.Load() && time.Now().Before(deadline); {
				collect()
			}
		}
	}
	var used, kept atomic.Bool
	require.True(t, newDescriptor(&used).closedWhileUsed(untilClosed(&used)))
	require.False(t, newDescriptor(&kept).closedWhileKept(collect))
}

// A local variable does not keep its object alive until the end of the
// function. The compiler tells the collector for every call which variables are
// still needed, so the object can die right after the last use. Setting a local
// pointer to nil to help the collector changes nothing. It does matter where
// the pointer is stored in something that lives on: a field, a global, a slice
// or a variable captured by a closure that is still used.
//
//claim:ask Does it help the garbage collector to set a local variable to nil when you are done with it?
//claim:source https://pkg.go.dev/runtime#KeepAlive
func TestLocalSetToNil(t *testing.T) {
	untouched := &doomed{id: 1}
	cleared := &doomed{id: 2}
	field := &doomed{next: &doomed{id: 3}}
	require.Equal(t, 6, untouched.id+cleared.id+field.next.id)
	watch := []weak.Pointer[doomed]{weak.Make(untouched), weak.Make(cleared), weak.Make(field.next)}

	cleared = nil
	runtime.GC()
	require.Nil(t, watch[0].Value(), "not used below, although in scope")
	require.Nil(t, watch[1].Value())
	require.NotNil(t, watch[2].Value(), "a field counts as long as its struct does")
	field.next = nil
	runtime.GC()
	require.Nil(t, watch[2].Value())
	runtime.KeepAlive(cleared)
	runtime.KeepAlive(field)
}

// An object with a resource should have a Close method, and may have a cleanup
// as the safety net for callers who forget it. Close stops the cleanup, so the
// release happens once in either case. Stop has no effect once the cleanup is
// queued, so Close must keep its object reachable across Stop, with
// runtime.KeepAlive. The net is no plan: it catches only what a collection finds,
// and collections follow the use of memory, not of descriptors.
//
//claim:ask How do you combine Close with a cleanup, so that the resource is released exactly once?
//claim:source https://pkg.go.dev/runtime#Cleanup.Stop
func TestResource(t *testing.T) {
	released := make(chan int, 4)
	func() {
		r := OpenResource(1, func(id int) { released <- id })
		r.Close()
		r.Close()
	}()
	require.Equal(t, 1, received(t, released))

	func() { OpenResource(2, func(id int) { released <- id }) }()
	require.Equal(t, 2, receivedByGC(t, released))
	runtime.GC()
	require.Empty(t, released, "each was released once")
}

// Forgetting to close an os.File does not leak its descriptor for ever: the
// file has a finalizer that closes it after a collection has found the File
// unreachable. The reader of a pipe, for example, then sees the end of the
// input. When that happens nobody can say; a program that opens files faster
// than it collects runs out of descriptors first, so it must close them.
//
//claim:ask Does Go close a file that you forgot to close?
//claim:source https://pkg.go.dev/os#File.Fd
//claim:source os/file_unix.go
func TestUnclosedFile(t *testing.T) {
	var r *os.File
	func() {
		var w *os.File
		var err error
		r, w, err = os.Pipe()
		require.NoError(t, err)
		_, err = w.WriteString("x")
		require.NoError(t, err)
	}()
	defer r.Close()

	n, err := r.Read(make([]byte, 2))
	require.NoError(t, err)
	require.Equal(t, 1, n)
	end := make(chan error)
	go func() {
		_, err := r.Read(make([]byte, 2))
		end <- err
	}()
	require.EqualError(t, receivedByGC(t, end), "EOF", "the writer's descriptor is closed")
}

// BenchmarkCleanupCost's subject: a plain object, and one with a cleanup.
var costly *doomed

//go:noinline
func newPlainDoomed() *doomed { return new(doomed) }

//go:noinline
func newCleanedDoomed() *doomed {
	d := new(doomed)
	runtime.AddCleanup(d, func(int) {}, 0)
	return d
}

// A cleanup makes its object more than 2.5 times as expensive as a plain one: it
// forces the object to the heap, allocates for the argument and the function,
// takes locks to attach a record, and the collector has to find and queue it.
// The price is nothing for a file and much for a small object on a hot path.
//
//claim:ask What does a cleanup cost?
//claim:expect ns/op of=cleanup > 2.5x of=plain
//claim:expect allocs/op of=plain == 1
//claim:expect allocs/op of=cleanup > of=plain
//claim:source runtime/mcleanup.go
func BenchmarkCleanupCost(b *testing.B) {
	b.Run("of=plain", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			costly = newPlainDoomed()
		}
	})
	b.Run("of=cleanup", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			costly = newCleanedDoomed()
		}
	})
}
