package concurrency

import (
	"context"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// blockedIn returns how many goroutines wait for the given reason, such as
// sync.Mutex.Lock, as a crash would print them.
func blockedIn(reason string) int {
	stacks := make([]byte, 1<<18)
	stacks = stacks[:runtime.Stack(stacks, true)]
	n := strings.Count(string(stacks), " ["+reason+"]:\n")
	return n + strings.Count(string(stacks), " ["+reason+",")
}

// waitBlockedIn waits until n goroutines wait for the given reason.
func waitBlockedIn(t *testing.T, reason string, n int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); blockedIn(reason) != n; runtime.Gosched() {
		require.True(t, time.Now().Before(deadline), "%d goroutines in %s, want %d", blockedIn(reason), reason, n)
	}
}

// oneProcessor sets GOMAXPROCS to 1 until the test ends.
func oneProcessor(t *testing.T) {
	t.Helper()
	procs := runtime.GOMAXPROCS(1)
	t.Cleanup(func() { runtime.GOMAXPROCS(procs) })
}

// raceReport runs the program in dir under the race detector and returns what
// it printed.
func raceReport(t *testing.T, dir string, args ...string) string {
	t.Helper()
	t.Setenv("GORACE", "atexit_sleep_ms=0") // or it waits for a second
	out, _ := proof.Go(t, append([]string{"run", "-race", dir}, args...)...)
	for _, missing := range []string{"-race requires cgo", "-race is not supported on", "C compiler"} {
		if strings.Contains(out, missing) {
			t.Skip("no race detector here: ", out)
		}
	}
	return out
}

// No constructor is needed: the zero value of a sync.Mutex is an unlocked mutex.
// The same holds for RWMutex, WaitGroup, Once, Pool and Map; only a Cond needs
// its field L. A Mutex is two 32-bit words, 8 bytes, so every object can have its
// own. A Once has 12, a WaitGroup 16 and an RWMutex 24 bytes. Sizes are no promise.
//
//claim:ask Must a sync.Mutex be initialised, and how large is it?
//claim:source https://pkg.go.dev/sync#Mutex
//claim:source internal/sync/mutex.go
func TestMutexZeroValue(t *testing.T) {
	var c guardedCounts
	c.add("a", 2)
	n, ok := c.get("a")
	assert.True(t, ok)
	assert.Equal(t, 2, n)

	assert.EqualValues(t, 8, unsafe.Sizeof(sync.Mutex{}))
	assert.EqualValues(t, 12, unsafe.Sizeof(sync.Once{}))
	assert.EqualValues(t, 16, unsafe.Sizeof(sync.WaitGroup{}))
	assert.EqualValues(t, 24, unsafe.Sizeof(sync.RWMutex{}))

	var m sync.Map
	m.Store(1, 1)
	assert.Nil(t, new(sync.Pool).Get())
	assert.Panics(t, func() {
		var c sync.Cond
		c.L.Lock()
	})
}

// A goroutine that locks a sync.Mutex twice waits for itself for ever: the mutex
// has no owner, so the second Lock is like that of any other goroutine. It is by
// design. Whoever locks may assume that the guarded data is consistent, and in
// the middle of a change it is not. Split such code instead: exported methods
// lock, and an unexported one, often called somethingLocked, expects the lock. If
// every goroutine waits, the runtime ends the program; if one still runs, such as
// that of a server, nothing is reported.
//
//claim:ask Why is Go's mutex not recursive, and what happens if a goroutine locks it twice?
//claim:source https://pkg.go.dev/sync#Mutex.Lock
func TestMutexNotRecursive(t *testing.T) {
	output, err := proof.Go(t, "run", "./testdata/mutex/deadlock", "twice")
	require.Error(t, err)
	require.Contains(t, output, "fatal error: all goroutines are asleep - deadlock!")
	require.Contains(t, output, "[sync.Mutex.Lock]")

	var mu sync.Mutex
	mu.Lock()
	require.False(t, mu.TryLock(), "whoever asks")

	var c guardedCounts
	c.addPair("a", "b", 3) // locks once, uses addLocked twice
	require.Equal(t, map[string]int{"a": 3, "b": 3}, c.all())
}

// Unlock of a mutex that is not locked is a fatal error: the program ends with
// "sync: unlock of unlocked mutex", and recover does not stop it, because it is no
// panic. Deferred functions do not run either. The usual causes are an Unlock on a
// path that has unlocked already, and a copy of the struct that holds the mutex.
//
//claim:ask Can recover stop the error of unlocking an unlocked mutex?
//claim:source https://pkg.go.dev/sync#Mutex.Unlock
//claim:source internal/sync/mutex.go
func TestMutexUnlockUnlocked(t *testing.T) {
	if proof.InChild(t) {
		defer func() { println("deferred, recovered:", recover() != nil) }()
		var mu sync.Mutex
		mu.Unlock()
	}
	output, err := proof.Child(t)
	require.Error(t, err)
	require.Contains(t, output, "fatal error: sync: unlock of unlocked mutex")
	require.NotContains(t, output, "deferred")
}

// Any goroutine may unlock a mutex, not only the one that locked it. A locked
// Mutex knows nothing about goroutines. So the lock can be handed over to another
// goroutine with the work, and an Unlock by the wrong goroutine is not detected. An
// RWMutex is the same.
//
//claim:ask May another goroutine unlock the mutex that I have locked?
//claim:source https://pkg.go.dev/sync#Mutex.Unlock
func TestMutexOwner(t *testing.T) {
	var mu sync.Mutex
	n := 0
	mu.Lock()
	go func() {
		n++ // guarded by the lock that was taken over
		mu.Unlock()
	}()
	mu.Lock()
	require.Equal(t, 1, n)
	mu.Unlock()
}

// TryLock takes the lock if that is possible at once, and says whether it did. It
// fits where the work can be left out when somebody else is doing it, such as a
// periodic job that is still running. It is wrong as a test whether the lock is
// held, because the answer may be old at once, and in a loop it burns a processor
// where Lock would sleep. A failed TryLock orders no memory: the caller must not
// read what the mutex guards.
//
//claim:ask When is Mutex.TryLock the right tool?
//claim:source https://pkg.go.dev/sync#Mutex.TryLock
//claim:source https://go.dev/ref/mem#locks
func TestMutexTryLock(t *testing.T) {
	var o oneAtATime
	runs := 0
	ran := o.run(func() {
		runs++
		require.False(t, o.run(func() { runs++ }), "still running")
	})
	require.True(t, ran)
	require.True(t, o.run(func() { runs++ }))
	require.Equal(t, 2, runs)
}

// A mutex is not fair in its normal mode: Unlock wakes the first waiter but does
// not give it the lock. A goroutine that is running and calls Lock now gets it
// first, which is fast, because no switch is needed. The woken waiter goes back to
// the front of the queue. If it has waited for more than 1 ms, it turns on the
// starvation mode: from then on Unlock hands the lock over to the first waiter, and
// whoever comes new queues at the end. The mode ends with a waiter that is the last
// one or has waited for less than 1 ms.
//
//claim:ask Is a mutex fair? What are its normal mode and its starvation mode?
//claim:source internal/sync/mutex.go
//claim:source https://go.dev/doc/go1.9#sync
func TestMutexModes(t *testing.T) {
	oneProcessor(t)
	barge := func() (normal, starving bool) {
		var mu sync.Mutex
		var waiter sync.WaitGroup
		leave := make(chan struct{})
		mu.Lock()
		waiter.Go(func() {
			mu.Lock()
			<-leave
			mu.Unlock()
		})
		defer waiter.Wait()
		defer close(leave)
		waitBlockedIn(t, "sync.Mutex.Lock", 1)
		for start := time.Now(); time.Since(start) <= 2*time.Millisecond; { // more than the threshold
			runtime.Gosched()
		}

		mu.Unlock() // the waiter can run now, but there is one processor and we are on it
		if !mu.TryLock() {
			return false, false // we lost the processor at this very moment
		}
		// It wakes, finds the mutex locked, sees how long it has waited.
		waitBlockedIn(t, "sync.Mutex.Lock", 1)
		mu.Unlock()
		if starving = mu.TryLock(); starving {
			mu.Unlock()
		}
		return true, starving
	}
	for range 100 {
		normal, starving := barge()
		if !normal {
			continue
		}
		require.False(t, starving, "handed over to the waiter")
		return
	}
	require.Fail(t, "the running goroutine never got the lock before the waiter")
}

// Waiters queue: those that sleep in Lock are woken in the order in which they
// came. It is an order among the sleeping ones only, because a running goroutine
// may come in between (see MutexModes), and goroutines that call Lock at the same
// time come in any order. So the mutex is no way to order work.
//
//claim:ask In which order do goroutines that wait for a mutex get it?
//claim:source runtime/sema.go
func TestMutexQueue(t *testing.T) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	var order []int
	mu.Lock()
	for i := range 5 {
		wg.Go(func() {
			mu.Lock()
			defer mu.Unlock()
			order = append(order, i)
		})
		waitBlockedIn(t, "sync.Mutex.Lock", i+1)
	}
	mu.Unlock()
	wg.Wait()
	require.Equal(t, []int{0, 1, 2, 3, 4}, order)
}

// A copy of a mutex is another mutex, and it starts in the state that the
// original had: the copy of a locked mutex can never be locked, and two copies
// exclude nobody. Passing the struct, returning it, assigning it, ranging over a
// slice of it and a value receiver all copy. go vet reports each of them
// (copylocks), go build and go test do not. Pass pointers. A struct may be copied
// before its mutex is used, for example when a constructor fills it.
//
//claim:ask What goes wrong if a mutex is copied, and who notices?
//claim:source https://pkg.go.dev/sync#Mutex
//claim:source https://pkg.go.dev/cmd/vet
func TestMutexCopy(t *testing.T) {
	out, err := proof.Go(t, "vet", "./testdata/mutex/copy")
	require.Error(t, err)
	for _, report := range []string{
		"inc passes lock by value",
		"show passes lock by value",
		"return copies lock value",
		"call of show copies lock value",
		"assignment copies lock value to u",
		"range var each copies lock",
	} {
		require.Contains(t, out, report)
	}
	out, err = proof.Go(t, "run", "./testdata/mutex/copy")
	require.NoError(t, err, out)
	require.Contains(t, out, "original can be locked: true\n")
	require.Contains(t, out, "copy can be locked: false\n")
}

// Each call with a value receiver copies the struct and locks the copy, so no
// call excludes another one. Changes of plain fields are lost with the copy: three
// calls of inc leave the count at 0. Fields that are pointers, maps or slices are
// shared by all copies, and there the calls race, which the race detector
// reports. A type with a mutex needs pointer receivers on all methods.
//
//claim:ask What is wrong with a value receiver on a type that has a mutex?
//claim:source https://go.dev/wiki/CodeReviewComments#receiver-type
func TestMutexValueReceiver(t *testing.T) {
	out, err := proof.Go(t, "run", "./testdata/mutex/copy")
	require.NoError(t, err, out)
	require.Contains(t, out, "after 3 inc: 0\n")
	require.Contains(t, raceReport(t, "./testdata/mutex/receiver"), "WARNING: DATA RACE")
}

// embedsMutex and hidesMutex differ in what they show to other packages.
type (
	embedsMutex struct {
		sync.Mutex
		n int
	}
	hidesMutex struct {
		mu sync.Mutex
		n  int
	}
)

func (e *embedsMutex) inc() {
	e.Lock()
	defer e.Unlock()
	e.n++
}

func (h *hidesMutex) inc() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.n++
}

// An embedded sync.Mutex makes Lock, TryLock and Unlock methods of your type, and
// of its API if the type is exported. Any package can then hold the lock, so that
// your methods wait, or unlock it in between. Removing the methods later breaks
// callers. Use an unexported field, usually named mu. Embedding is fine in a
// struct that only one file sees, such as the shards of a map.
//
//claim:ask What is wrong with embedding sync.Mutex in an exported struct?
//claim:source https://go.dev/ref/spec#Struct_types
func TestMutexEmbedded(t *testing.T) {
	var embeds embedsMutex
	outsider, isLocker := any(&embeds).(sync.Locker)
	require.True(t, isLocker)
	outsider.Lock()
	require.False(t, embeds.TryLock(), "inc would wait for a stranger")
	outsider.Unlock()
	embeds.inc()
	require.Equal(t, 1, embeds.n)

	var hides hidesMutex
	_, isLocker = any(&hides).(sync.Locker)
	require.False(t, isLocker)
	hides.inc()
	require.Equal(t, 1, hides.n)
}

// pointsToMutex has its mutex elsewhere.
type pointsToMutex struct {
	mu *sync.Mutex
	n  int
}

// Use a value field. With a *sync.Mutex the zero value of the struct is broken,
// because Lock on a nil pointer panics, every object costs one allocation more, and
// a copy of the struct compiles without a word from go vet: it has data of its
// own and shares the lock, which is seldom meant. A pointer is right if several
// objects are to share one lock.
//
//claim:ask Should a struct hold a sync.Mutex or a *sync.Mutex?
//claim:source https://pkg.go.dev/sync#Mutex
func TestMutexPointerField(t *testing.T) {
	var zero pointsToMutex
	require.Panics(t, func() { zero.mu.Lock() })

	one := pointsToMutex{mu: new(sync.Mutex), n: 1}
	other := one // go vet says nothing
	other.n = 2
	one.mu.Lock()
	require.False(t, other.mu.TryLock(), "one lock")
	require.Equal(t, 1, one.n, "two numbers")
}

// The lock belongs to the code between Lock and Unlock, not to a method. Two
// methods that lock, called one after the other, leave a gap in which another
// goroutine can change what was read: both see that the name is missing and both
// add it. The race detector reports nothing, because every single access is
// locked. Offer the whole step as one method, such as addIfMissing.
//
//claim:ask All methods lock the mutex. Why is my check-then-act still wrong?
//claim:source https://go.dev/ref/mem#locks
func TestMutexCheckThenAct(t *testing.T) {
	var c guardedCounts
	_, firstSees := c.get("a")
	_, secondSees := c.get("a") // another goroutine, in the gap
	if !firstSees {
		c.add("a", 1)
	}
	if !secondSees {
		c.add("a", 1)
	}
	n, _ := c.get("a")
	require.Equal(t, 2, n, "added twice")

	var wg sync.WaitGroup
	var added [8]bool
	for i := range added {
		wg.Go(func() { added[i] = c.addIfMissing("b", 1) })
	}
	wg.Wait()
	n, _ = c.get("b")
	require.Equal(t, 1, n)
	count := 0
	for _, a := range added {
		if a {
			count++
		}
	}
	require.Equal(t, 1, count, "one goroutine was told that it added")
}

// A method that returns a guarded map, slice or pointer returns a way around the
// lock: the caller works on the same memory after the lock is released. Return a
// copy, or take a function and call it under the lock. A copy is shallow: what the
// elements point to is still shared.
//
//claim:ask May a locked getter return the map that the mutex guards?
//claim:source https://go.dev/ref/mem#introduction
func TestMutexLeakyGetter(t *testing.T) {
	var c guardedCounts
	c.add("a", 1)
	leaked, copied := c.allLeaky(), c.all()
	c.add("a", 1)
	require.Equal(t, map[string]int{"a": 2}, leaked, "changed without a lock on our side")
	require.Equal(t, map[string]int{"a": 1}, copied)
	leaked["b"] = 7
	n, _ := c.get("b")
	require.Equal(t, 7, n, "and written without a lock")
}

// A callback that runs under the lock may call back into your type, and then it
// waits for the lock that its caller holds: a deadlock. It may also be slow, or
// take another lock in the opposite order. Copy what is needed under the lock,
// unlock, then call. The price: a callback can see a state that is newer than its
// argument.
//
//claim:ask Why should I not call a callback or an interface method while I hold a lock?
//claim:source https://pkg.go.dev/sync#Mutex.Lock
func TestMutexCallback(t *testing.T) {
	var s subject
	var couldLock []bool
	s.observers = append(s.observers, func(int) {
		ok := s.mu.TryLock()
		couldLock = append(couldLock, ok)
		if ok {
			s.mu.Unlock()
		}
	})
	s.setLeaky(1)
	s.set(2)
	require.Equal(t, []bool{false, true}, couldLock, "get would wait for ever in the first one")

	var seen int
	s.observers = []func(int){func(int) { seen = s.get() }}
	s.set(3)
	require.Equal(t, 3, seen)
}

// Two goroutines that take the same two locks in opposite order can each hold
// one and wait for the other for ever: a transfer from a to b and one from b to a at
// the same time. Take the locks in one order everywhere, for example by an id.
// Other cures are one lock for both, or never to hold two. The race detector does
// not look for this, and the runtime reports it only if no other goroutine can
// run.
//
//claim:ask Two accounts each have a mutex. Why can a transfer between them deadlock, and what is the cure?
//claim:source https://pkg.go.dev/sync#Mutex.Lock
func TestMutexLockOrder(t *testing.T) {
	output, err := proof.Go(t, "run", "./testdata/mutex/deadlock", "order")
	require.Error(t, err)
	require.Contains(t, output, "fatal error: all goroutines are asleep - deadlock!")
	require.Equal(t, 2, strings.Count(output, "[sync.Mutex.Lock]"))

	a, b := &account{id: 1, balance: 1000}, &account{id: 2, balance: 1000}
	var wg sync.WaitGroup
	wg.Go(func() {
		for range 500 {
			transfer(a, b, 1)
		}
	})
	wg.Go(func() {
		for range 500 {
			transfer(b, a, 1)
		}
	})
	wg.Wait()
	require.Equal(t, []int{1000, 1000}, []int{a.balance, b.balance})
}

// A sync.Mutex cannot be waited for with a timeout or a context. If that is
// needed, use a channel of capacity 1 as the lock: a send takes it, a receive
// returns it, and select waits for the send and for the context. Do not build it
// from a goroutine that calls Lock: after the timeout that goroutine still takes
// the lock, and nobody unlocks. A channel costs more than a mutex.
//
//claim:ask How do you lock with a timeout or a context?
//claim:source https://go.dev/ref/spec#Select_statements
func TestMutexTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newTimedMutex()
		require.NoError(t, m.lock(t.Context()))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		require.ErrorIs(t, m.lock(ctx), context.DeadlineExceeded)
		require.Equal(t, time.Second, time.Since(start))
		m.unlock()
		require.NoError(t, m.lock(t.Context()))
	})
}

// It does not end well: a single read without the lock is a data race, and with
// a map the program may end with "fatal error: concurrent map read and map write".
// That is no panic, so recover does not help, and it can come from a reader that
// only ever looks up one key while others write. The runtime notices it only when
// both are in the map at the same moment, so tests often pass; the race detector
// reports it also when one access comes long after the other. Readers take the lock
// as well, or the read lock of an RWMutex.
//
//claim:ask A map is guarded by a mutex when it is written and not when it is read. What can go wrong?
//claim:source https://go.dev/doc/faq#atomic_maps
//claim:source https://go.dev/ref/mem#restrictions
func TestMutexMapRead(t *testing.T) {
	out, err := proof.Go(t, "run", "./testdata/mutex/mapread")
	require.Error(t, err)
	require.Contains(t, out, "fatal error: concurrent map read and map write")
	require.NotContains(t, out, "recovered")

	report := raceReport(t, "./testdata/mutex/mapread", "once") // never at the same moment
	require.Contains(t, report, "WARNING: DATA RACE")
	require.Contains(t, report, "main.(*registry).name()")
}

func TestMutexDefer(t *testing.T) {
	boom := func(int) int { panic("boom") }
	var direct, deferred guardedCounts
	require.PanicsWithValue(t, "boom", func() { direct.updateDirect("a", boom) })
	require.PanicsWithValue(t, "boom", func() { deferred.updateDeferred("a", boom) })
	require.False(t, direct.mu.TryLock(), "locked for ever")
	require.True(t, deferred.mu.TryLock())

	// Returning early and runtime.Goexit, which t.FailNow uses, are the same.
	var wg sync.WaitGroup
	var goexit guardedCounts
	wg.Go(func() { goexit.updateDirect("a", func(int) int { runtime.Goexit(); return 0 }) })
	wg.Wait()
	require.False(t, goexit.mu.TryLock())

	var mu sync.Mutex
	var n, m int
	mutexDeferred(&mu, &n)
	mutexDirect(&mu, &m)
	require.Equal(t, n, m)
}

// Write defer mu.Unlock() right behind Lock. It unlocks on every return and also
// when the code panics; without it a panic that somebody recovers, as net/http
// does, leaves the mutex locked for ever. You may read that defer is slow: since Go
// 1.14 it costs so little that lock, increment and unlock take less than twice as
// long with it. Unlock by hand if slow work follows that needs no lock, and in a
// loop, where defer would wait for the end of the function: put the body in a
// function of its own.
//
//claim:ask Should Unlock be deferred, and what does that cost?
//claim:expect ns/op of=deferred < 2x of=direct
//claim:expect allocs/op of=deferred == 0
//claim:source https://go.dev/doc/go1.14#runtime
//claim:source https://go.dev/ref/spec#Defer_statements
func BenchmarkMutexDefer(b *testing.B) {
	run := func(name string, f func(*sync.Mutex, *int)) {
		b.Run(name, func(b *testing.B) {
			var mu sync.Mutex
			n := 0
			b.ReportAllocs()
			for b.Loop() {
				f(&mu, &n)
				f(&mu, &n)
			}
		})
	}
	run("of=deferred", mutexDeferred)
	run("of=direct", mutexDirect)
}

func TestMutexSlowWork(t *testing.T) {
	for _, refresh := range []func(*slowCache, int){
		(*slowCache).refreshInside, (*slowCache).refreshOutside, (*slowCache).refreshStriped,
	} {
		c := newSlowCache(0)
		refreshAll(8, func(key int) { refresh(c, key) })
		found := make(map[int]int)
		for i := range c.stripes {
			for k, v := range c.stripes[i].values {
				found[k] = v
			}
		}
		require.Equal(t, map[int]int{0: 0, 1: 2, 2: 4, 3: 6, 4: 8, 5: 10, 6: 12, 7: 14}, found)
	}
}

// Everybody waits. While one goroutine loads a value under the lock, the others
// cannot even look up what is there: eight loads take the time of eight, and more
// than 3 times as long as when the load comes before Lock. The mutex profile shows
// the culprit: it charges the time that others waited to the Unlock of the holder.
// The block profile shows the victims, in their Lock. Loading outside the lock has
// its price: two goroutines can load the same key.
//
//claim:ask What happens if slow work, such as I/O, is done while holding a lock, and which profile shows it?
//claim:expect ns/op of=inside > 3x of=outside
//claim:profile mutex of=inside concurrency\.\(\*slowCache\)\.refreshInside >= 90%
//claim:profile block of=inside sync\.\(\*Mutex\)\.Lock >= 40%
//claim:source https://pkg.go.dev/runtime/pprof#Profile
func BenchmarkMutexSlowWork(b *testing.B) {
	run := func(name string, refresh func(*slowCache, int)) {
		b.Run(name, func(b *testing.B) {
			c := newSlowCache(50 * time.Microsecond)
			b.ReportAllocs()
			for b.Loop() {
				refreshAll(8, func(key int) { refresh(c, key) })
			}
		})
	}
	run("of=inside", (*slowCache).refreshInside)
	run("of=outside", (*slowCache).refreshOutside)
}

func TestMutexStriped(t *testing.T) {
	c := newSlowCache(0)
	c.stripes[1].mu.Lock()
	c.refreshStriped(2) // does not wait for the lock of key 1
	require.Equal(t, 4, c.stripes[2].values[2])
	require.False(t, c.stripes[9%len(c.stripes)].mu.TryLock(), "key 9 shares the lock of key 1")
}

// Several locks, each for a part of the data, let goroutines pass that want
// different parts: split a map into shards by the hash of the key. With the slow
// part inside the lock, eight keys on eight locks take less than a third of the time
// that they take on one. Keys in one shard still wait for each other. What needs all
// the data, such as a length or a consistent copy, has to take all locks, in a fixed
// order. Begin with one lock; more are for what a profile shows.
//
//claim:ask What does lock striping, or sharding, gain, and what does it cost?
//claim:expect ns/op of=one > 3x of=striped
//claim:source https://pkg.go.dev/sync#Mutex
func BenchmarkMutexStriped(b *testing.B) {
	run := func(name string, refresh func(*slowCache, int)) {
		b.Run(name, func(b *testing.B) {
			c := newSlowCache(50 * time.Microsecond)
			b.ReportAllocs()
			for b.Loop() {
				refreshAll(8, func(key int) { refresh(c, key) })
			}
		})
	}
	run("of=one", (*slowCache).refreshInside)
	run("of=striped", (*slowCache).refreshStriped)
}
