package concurrency

import (
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// An RWMutex has two locks in one: any number of goroutines hold RLock at the same
// time, or a single one holds Lock and nobody else anything. The zero value is
// unlocked. RUnlock belongs to RLock and Unlock to Lock. TryRLock and TryLock ask
// without waiting.
//
//claim:ask How do Mutex and RWMutex differ?
//claim:source https://pkg.go.dev/sync#RWMutex
func TestRWMutexModes(t *testing.T) {
	var mu sync.RWMutex
	mu.RLock()
	require.True(t, mu.TryRLock(), "a second reader")
	require.False(t, mu.TryLock(), "no writer beside readers")
	mu.RUnlock()
	require.False(t, mu.TryLock(), "one reader is left")
	mu.RUnlock()
	require.True(t, mu.TryLock())
	require.False(t, mu.TryRLock(), "no reader beside a writer")
	require.False(t, mu.TryLock())
	mu.Unlock()

	// Eight readers are in at once: each waits for all.
	var inside sync.WaitGroup
	inside.Add(8)
	rwVisit(mu.RLocker(), &mu, 0, func() {
		inside.Done()
		inside.Wait()
	})
}

// No. A writer that waits shuts the door: from then on RLock waits too, although
// only readers hold the lock. The writer gets in as soon as the readers from before
// have left, and the others come after it. The price is that one slow reader, with
// one writer waiting for it, stops all readers.
//
//claim:ask Can readers starve a writer of an RWMutex?
//claim:source https://pkg.go.dev/sync#RWMutex.RLock
//claim:source sync/rwmutex.go
func TestRWMutexWriterPriority(t *testing.T) {
	var mu sync.RWMutex
	var wg sync.WaitGroup
	var order []string
	mu.RLock()
	wg.Go(func() {
		mu.Lock()
		defer mu.Unlock()
		order = append(order, "writer")
	})
	waitBlockedIn(t, "sync.RWMutex.Lock", 1)
	require.False(t, mu.TryRLock(), "the lock is held by a reader only, and yet")
	wg.Go(func() {
		mu.RLock()
		defer mu.RUnlock()
		order = append(order, "late reader")
	})
	waitBlockedIn(t, "sync.RWMutex.RLock", 1)
	mu.RUnlock()
	wg.Wait()
	require.Equal(t, []string{"writer", "late reader"}, order)
}

// No. When a writer unlocks, all readers that wait at that moment get the read
// lock, before any writer that waits, even one that came before them. So readers
// and writers take turns, and each waits for one round of the others at most.
//
//claim:ask Can writers starve the readers of an RWMutex?
//claim:source sync/rwmutex.go
func TestRWMutexReaderBatch(t *testing.T) {
	var mu sync.RWMutex
	var wg sync.WaitGroup
	var order []string
	mu.Lock()
	wg.Go(func() {
		mu.Lock()
		defer mu.Unlock()
		order = append(order, "second writer")
	})
	waitBlockedIn(t, "sync.Mutex.Lock", 1) // writers queue for a mutex inside
	wg.Go(func() {
		mu.RLock()
		defer mu.RUnlock()
		order = append(order, "reader that came later")
	})
	waitBlockedIn(t, "sync.RWMutex.RLock", 1)
	mu.Unlock()
	wg.Wait()
	require.Equal(t, []string{"reader that came later", "second writer"}, order)
}

// No: it can deadlock. It works as long as no writer comes. If one calls Lock
// between the two RLock calls, it waits for the first read lock, and the second
// RLock waits for the writer. This happens when a method with a read lock calls
// another one that takes it too, and tests seldom hit the moment. Let methods with
// the lock call only functions that expect it.
//
//claim:ask May a goroutine call RLock again while it holds the read lock?
//claim:source https://pkg.go.dev/sync#RWMutex.RLock
func TestRWMutexRecursiveRead(t *testing.T) {
	var mu sync.RWMutex
	mu.RLock()
	require.True(t, mu.TryRLock(), "no writer: nothing happens")
	mu.RUnlock()
	mu.RUnlock()

	output, err := proof.Go(t, "run", "./testdata/rwmutex/deadlock", "recursive")
	require.Error(t, err)
	require.Contains(t, output, "fatal error: all goroutines are asleep - deadlock!")
	require.Contains(t, output, "[sync.RWMutex.RLock]")
	require.Contains(t, output, "[sync.RWMutex.Lock]")
}

// No. Lock waits for all read locks to be returned, and one of them is your own:
// the goroutine waits for itself. Give the read lock back first, then Lock, then
// look again whether the change is still needed, because another writer may have
// been in the gap. If most calls end as writers, use a Mutex.
//
//claim:ask Can a read lock be upgraded to a write lock?
//claim:source https://pkg.go.dev/sync#RWMutex
func TestRWMutexUpgrade(t *testing.T) {
	output, err := proof.Go(t, "run", "./testdata/rwmutex/deadlock", "upgrade")
	require.Error(t, err)
	require.Contains(t, output, "fatal error: all goroutines are asleep - deadlock!")
	require.Contains(t, output, "[sync.RWMutex.Lock]")

	var s rwSettings
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			s.getOrLoad("a", func(key string) string { return "value of " + key })
		})
	}
	wg.Wait()
	require.Equal(t, 1, s.loads, "the second look prevents more")
	value, _ := s.get("a")
	require.Equal(t, "value of a", value)
}

// No. There is only Unlock followed by RLock, and a writer that waits gets in
// between if it comes first, so what was written may be changed before it is read
// again. Keep what you need in local variables before Unlock.
//
//claim:ask Can a write lock be turned into a read lock without a gap?
//claim:source https://pkg.go.dev/sync#RWMutex
func TestRWMutexDowngrade(t *testing.T) {
	var mu sync.RWMutex
	var wg sync.WaitGroup
	written := make(chan struct{})
	mu.Lock()
	n := 1
	wg.Go(func() {
		mu.Lock()
		n = 2
		mu.Unlock()
		close(written)
	})
	waitBlockedIn(t, "sync.Mutex.Lock", 1)
	mu.Unlock()
	<-written // the gap
	mu.RLock()
	require.Equal(t, 2, n)
	mu.RUnlock()
	wg.Wait()
}

// Each is a fatal error that recover cannot stop. RUnlock without a read lock
// says "sync: RUnlock of unlocked RWMutex", also if the lock is held for writing,
// and Unlock says "sync: Unlock of unlocked RWMutex", also if it is held for
// reading. Mixing the two pairs is the usual mistake: a deferred Unlock after an
// RLock.
//
//claim:ask What happens if RLock is paired with Unlock, or Lock with RUnlock?
//claim:source https://pkg.go.dev/sync#RWMutex.RUnlock
//claim:source sync/rwmutex.go
func TestRWMutexUnlockWrong(t *testing.T) {
	if proof.InChild(t) {
		defer func() { println("deferred, recovered:", recover() != nil) }()
		var mu sync.RWMutex
		switch os.Getenv("GODEEP_RWMUTEX") {
		case "read":
			mu.RLock()
			mu.Unlock()
		case "written":
			mu.Lock()
			mu.RUnlock()
		}
	}
	output, err := proof.Child(t, "GODEEP_RWMUTEX=read")
	require.Error(t, err)
	require.Contains(t, output, "fatal error: sync: Unlock of unlocked RWMutex")
	require.NotContains(t, output, "deferred")
	output, err = proof.Child(t, "GODEEP_RWMUTEX=written")
	require.Error(t, err)
	require.Contains(t, output, "fatal error: sync: RUnlock of unlocked RWMutex")
	require.NotContains(t, output, "deferred")
}

// A read lock allows reading, nothing else. A getter that counts its hits, moves an
// entry to the front of a list, or fills a field that was empty, writes while other
// readers are in: a data race. So the Get of an LRU cache needs Lock. A hit counter
// can be an atomic.
//
//claim:ask May I write under RLock if every goroutine holds the read lock?
//claim:source https://pkg.go.dev/sync#RWMutex
//claim:source https://go.dev/ref/mem#restrictions
func TestRWMutexWriteInRead(t *testing.T) {
	report := raceReport(t, "./testdata/rwmutex/readwrite")
	require.Contains(t, report, "WARNING: DATA RACE")
	require.Contains(t, report, "main.(*cache).get()")
}

// RLocker returns a sync.Locker whose Lock and Unlock are RLock and RUnlock of the
// same RWMutex. It is for code that takes any sync.Locker, such as sync.NewCond:
// waiters that only read can then check their condition at the same time. It costs
// no allocation.
//
//claim:ask What is RWMutex.RLocker for?
//claim:source https://pkg.go.dev/sync#RWMutex.RLocker
func TestRWMutexRLocker(t *testing.T) {
	var mu sync.RWMutex
	read := mu.RLocker()
	read.Lock()
	require.True(t, mu.TryRLock())
	require.False(t, mu.TryLock())
	mu.RUnlock()
	read.Unlock()
	require.True(t, mu.TryLock())
	mu.Unlock()

	var ready bool
	var wg sync.WaitGroup
	cond := sync.NewCond(read)
	var together sync.WaitGroup
	together.Add(2)
	for range 2 {
		wg.Go(func() {
			read.Lock()
			defer read.Unlock()
			for !ready {
				cond.Wait()
			}
			together.Done()
			together.Wait() // both hold the read lock
		})
	}
	waitBlockedIn(t, "sync.Cond.Wait", 2)
	mu.Lock()
	ready = true
	mu.Unlock()
	cond.Broadcast()
	wg.Wait()
	proof.WantAllocs(t, 0, func() { read = mu.RLocker() })
}

func TestRWMutexCost(t *testing.T) {
	var mu sync.Mutex
	var rw sync.RWMutex
	n := 7
	require.Equal(t, 7, rwReadMutex(&mu, &n))
	require.Equal(t, 7, rwReadShared(&rw, &n))
	require.Equal(t, 7, rwReadExclusive(&rw, &n))
}

// Without contention nothing: RLock and RUnlock cost about as much as Lock and
// Unlock of a Mutex, less than twice as much in either direction, and Lock and
// Unlock of an RWMutex take longer than those of a Mutex, because they lock a mutex
// inside and change a counter as well. What RWMutex buys is that
// readers overlap, which counts only when they stay inside for long (see
// RWMutexShares). RLock is not a plain read: it adds to a counter that all readers
// share, and RUnlock subtracts.
//
//claim:ask Is RLock cheaper than Lock of a plain Mutex?
//claim:expect ns/op of=rlock < 2x of=mutex
//claim:expect ns/op of=mutex < 2x of=rlock
//claim:expect ns/op of=rwlock > 1x of=mutex
//claim:source sync/rwmutex.go
//claim:source https://go.dev/issue/17973
func BenchmarkRWMutexCost(b *testing.B) {
	n := 7
	b.Run("of=mutex", func(b *testing.B) {
		var mu sync.Mutex
		b.ReportAllocs()
		for b.Loop() {
			rwReadMutex(&mu, &n)
			rwReadMutex(&mu, &n)
		}
	})
	run := func(name string, read func(*sync.RWMutex, *int) int) {
		b.Run(name, func(b *testing.B) {
			var mu sync.RWMutex
			b.ReportAllocs()
			for b.Loop() {
				read(&mu, &n)
				read(&mu, &n)
			}
		})
	}
	run("of=rlock", rwReadShared)
	run("of=rwlock", rwReadExclusive)
}

// It pays when readers stay inside for long and writers are rare. Eight goroutines
// that each stay for a while are more than 3 times as fast with an RWMutex if all
// of them read, because they are inside together. With one writer among them the
// gain is still above 1.5. If four of eight write, it is less than 2: the writers go
// one by one in any case. For short sections begin with a Mutex: the read lock is not
// cheaper and the write lock is dearer (see RWMutexCost).
//
//claim:ask When is an RWMutex faster than a Mutex, and for which share of reads?
//claim:expect ns/op of=mutex,reads=100 > 3x of=rwmutex,reads=100
//claim:expect ns/op of=mutex,reads=88 > 1.5x of=rwmutex,reads=88
//claim:expect ns/op of=mutex,reads=50 < 2x of=rwmutex,reads=50
//claim:source https://pkg.go.dev/sync#RWMutex
func BenchmarkRWMutexShares(b *testing.B) {
	stay := func() { time.Sleep(20 * time.Microsecond) }
	run := func(name string, writes int) {
		b.Run("of=mutex/"+name, func(b *testing.B) {
			var mu sync.Mutex
			b.ReportAllocs()
			for b.Loop() {
				rwVisit(&mu, &mu, writes, stay)
			}
		})
		b.Run("of=rwmutex/"+name, func(b *testing.B) {
			var mu sync.RWMutex
			b.ReportAllocs()
			for b.Loop() {
				rwVisit(mu.RLocker(), &mu, writes, stay)
			}
		})
	}
	run("reads=100", 0)
	run("reads=88", 1)
	run("reads=50", 4)
}

func TestRWMutexShares(t *testing.T) {
	for _, writes := range []int{0, 1, 4, 8} {
		var mu sync.RWMutex
		var calls, inside, most atomic.Int32
		rwVisit(mu.RLocker(), &mu, writes, func() {
			calls.Add(1)
			if now := inside.Add(1); now > most.Load() {
				most.Store(now)
			}
			runtime.Gosched()
			inside.Add(-1)
		})
		require.EqualValues(t, 8, calls.Load())
		if writes == 8 {
			require.EqualValues(t, 1, most.Load())
		}
	}
}
