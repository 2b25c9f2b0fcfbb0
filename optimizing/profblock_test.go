package optimizing

import (
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// profEvents switches the block and the mutex profile on until the end of the
// test, with every event. The rate of the block profile cannot be read: it is off
// unless go test was told otherwise.
func profEvents(t testing.TB) {
	fraction := runtime.SetMutexProfileFraction(1)
	runtime.SetBlockProfileRate(1)
	t.Cleanup(func() {
		runtime.SetMutexProfileFraction(fraction)
		runtime.SetBlockProfileRate(0)
	})
}

// profEventSum is profSum for the block and the mutex profile. It leaves out the
// locks inside the runtime, which a mutex profile has too.
func profEventSum(t *testing.T, name, sampleType, frame string) int64 {
	t.Helper()
	p := profLookup(t, name)
	p.Sample = slices.DeleteFunc(p.Sample, func(s *profile.Sample) bool { return profPasses(s, `^runtime\.unlock`) })
	return profSum(t, p, sampleType, frame)
}

// profWaitIn waits until n goroutines that have the function on their stack are
// parked in the given state.
func profWaitIn(t *testing.T, function, state string, n int) {
	t.Helper()
	buffer := make([]byte, 256<<10)
	for deadline := time.Now().Add(5 * time.Second); ; runtime.Gosched() {
		found := 0
		for stack := range strings.SplitSeq(string(buffer[:runtime.Stack(buffer, true)]), "\n\n") {
			header, _, _ := strings.Cut(stack, "\n")
			if strings.Contains(header, state) && strings.Contains(stack, "optimizing."+function+"(") {
				found++
			}
		}
		if found == n {
			return
		}
		require.True(t, time.Now().Before(deadline), "%d goroutines wait in %s, want %d", found, function, n)
	}
}

// profCrowd lets one goroutine hold the lock of shard 0 until all others, one per
// shard, wait for theirs or are done. It returns the number that had to wait.
func profCrowd(t *testing.T, tally *profTally, goroutines int) (waited int) {
	t.Helper()
	var all, holding sync.WaitGroup
	release := make(chan bool)
	holding.Add(1)
	all.Go(func() { tally.add(0, "go", func() { holding.Done(); <-release }) })
	holding.Wait()
	for i := 1; i < goroutines; i++ {
		if i%len(tally.shards) == 0 {
			waited++
		}
		all.Go(func() { tally.add(i, "go", func() {}) })
	}
	profWaitIn(t, "(*profTally).add", "sync.Mutex.Lock", waited)
	close(release)
	all.Wait()
	require.Equal(t, goroutines, tally.count("go"))
	return waited
}

func TestProfMutex(t *testing.T) {
	profEvents(t)
	const waiters = 7
	contentions := func(name, frame string) int64 {
		return profEventSum(t, name, "contentions", frame)
	}
	const add = `optimizing\.\(\*profTally\)\.add$`
	blocked, held := contentions("block", add), contentions("mutex", add)
	profCrowd(t, newProfTally(1), waiters+1)
	require.GreaterOrEqual(t, contentions("block", add)-blocked, int64(waiters), "one or more per waiter")
	require.Positive(t, contentions("mutex", add)-held)
	for _, s := range profLookup(t, "block").Sample {
		if profPasses(s, add) && profPasses(s, `sync\.\(\*Mutex\)`) {
			require.True(t, profPasses(s, `sync\.\(\*Mutex\)\.Lock$`), "%v", profFrames(s))
		}
	}
	for _, s := range profLookup(t, "mutex").Sample {
		if profPasses(s, add) && !profPasses(s, `^runtime\.unlock`) {
			require.True(t, profPasses(s, `sync\.\(\*Mutex\)\.Unlock$`), "%v", profFrames(s))
		}
	}
}

// They look at the two sides of the same wait. The block profile has the stack of
// the goroutine that waited, in Lock: who suffers. The mutex profile has the
// stack of the one that held the lock, in Unlock, charged with the time that the
// others waited: who causes it. To shorten the wait, look at the mutex profile,
// and at what the function does between Lock and that Unlock. The times of all
// waiters are added up, so they can exceed the wall time by far.
//
//claim:ask What is the difference between the block profile and the mutex profile?
//claim:profile mutex optimizing\.\(\*profTally\)\.add >= 80%
//claim:profile block sync\.\(\*Mutex\)\.Lock >= 40%
//claim:source https://pkg.go.dev/runtime/pprof#Profile
//claim:source runtime/mprof.go
func BenchmarkProfMutex(b *testing.B) {
	tally := newProfTally(1)
	b.ReportAllocs()
	for b.Loop() {
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() { tally.add(0, "go", func() { runtime.Gosched() }) })
		}
		all.Wait()
	}
}

// Split the data and give each part its own lock. Eight goroutines that meet at
// one lock are seven waits; on eight shards nobody waits, and the profile has no
// sample of it. Before that, try what is simpler: move work out of the critical
// section, and hold the lock for a shorter time. Shards help only if the keys
// spread, and a sum over all of them has to visit every lock.
//
//claim:ask The mutex profile shows contention. How do I lower it, and how do I see that it worked?
//claim:source https://pkg.go.dev/runtime/pprof#Profile
func TestProfMutexSharded(t *testing.T) {
	profEvents(t)
	const add = `optimizing\.\(\*profTally\)\.add$`
	delay := func() int64 { return profEventSum(t, "mutex", "delay", add) }
	start := delay()
	require.Equal(t, 7, profCrowd(t, newProfTally(1), 8))
	one := delay()
	require.Greater(t, one, start)
	require.Zero(t, profCrowd(t, newProfTally(8), 8))
	require.Equal(t, one, delay(), "nothing added")
}

// Since Go 1.22 an Unlock is charged for everybody who waits at that time: with
// four waiters the delay is more than three times the time for which the lock was
// held. Before, only the waiter that was woken counted, so a lock with a long
// queue looked as cheap as one with a single waiter. So profiles of old and new
// releases cannot be compared.
//
//claim:ask What does the delay in a mutex profile count if many goroutines wait?
//claim:source https://go.dev/doc/go1.22
//claim:source runtime/sema.go
func TestProfMutexDelay(t *testing.T) {
	profEvents(t)
	const waiters, hold = 4, 5 * time.Millisecond
	tally := newProfTally(1)
	delay := func() time.Duration {
		return time.Duration(profEventSum(t, "mutex", "delay", `optimizing\.\(\*profTally\)\.add$`))
	}
	before := delay()
	var all sync.WaitGroup
	holding, release := make(chan bool), make(chan bool)
	all.Go(func() {
		tally.add(0, "go", func() { holding <- true; <-release; time.Sleep(hold) })
	})
	<-holding
	for range waiters {
		all.Go(func() { tally.add(0, "go", func() {}) })
	}
	profWaitIn(t, "(*profTally).add", "sync.Mutex.Lock", waiters)
	release <- true
	all.Wait()
	require.Greater(t, delay()-before, (waiters-1)*hold)
}

// Because both are off by default: recording an event costs time. Call
// runtime.SetMutexProfileFraction(n), which records one in n contentions, and
// runtime.SetBlockProfileRate(n), about one event per n nanoseconds of waiting,
// before the load comes. The handlers of net/http/pprof do not switch them on, so
// /debug/pprof/mutex of a program without these calls shows nothing, however long
// its queues are.
//
//claim:ask Why is my mutex or block profile empty?
//claim:source https://pkg.go.dev/runtime#SetMutexProfileFraction
//claim:source https://pkg.go.dev/runtime#SetBlockProfileRate
func TestProfMutexOff(t *testing.T) {
	fraction := runtime.SetMutexProfileFraction(-1)
	require.Equal(t, fraction, runtime.SetMutexProfileFraction(-1), "a negative value only reads")
	if fraction != 0 || strings.Contains(strings.Join(os.Args, " "), "blockprofile") {
		t.Skip("go test has switched it on")
	}
	const add = `optimizing\.\(\*profTally\)\.add$`
	sum := func(name string) int64 { return profEventSum(t, name, "contentions", add) }
	blocked, held := sum("block"), sum("mutex")
	require.Equal(t, 7, profCrowd(t, newProfTally(1), 8))
	require.Equal(t, []int64{blocked, held}, []int64{sum("block"), sum("mutex")})
}

// Channel operations, select, Mutex, RWMutex, WaitGroup and Cond are in the block
// profile. Sleeping and the wait for the network, a pipe or a file are not, and
// neither is the time for which a goroutine is ready and waits for a processor.
// The mutex profile has sync.Mutex, sync.RWMutex and, at runtime.unlock, locks
// inside the runtime itself. A channel used as a lock is not in it.
//
//claim:ask Which waits does the block profile record, and which not?
//claim:source https://pkg.go.dev/runtime#SetBlockProfileRate
func TestProfBlockKinds(t *testing.T) {
	proof.OnceUnderRace(t)
	profEvents(t)
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close()
	defer w.Close()
	var group sync.WaitGroup
	group.Add(1)
	var mu sync.RWMutex
	mu.Lock()
	var condMu sync.Mutex
	cond, ready := sync.NewCond(&condMu), false
	values := make(chan int)
	count := func(name, f string) int64 {
		return profEventSum(t, name, "contentions", `optimizing\.`+f+`$`)
	}
	waits := []struct {
		function, state string
		wait, wake      func()
		blocked, held   bool
	}{
		{"profWaitChannel", "chan receive", func() { profWaitChannel(values) }, func() { values <- 1 }, true, false},
		{"profWaitSelect", "select", func() { profWaitSelect(values) }, func() { values <- 1 }, true, false},
		{"profWaitGroup", "sync.WaitGroup.Wait", func() { profWaitGroup(&group) }, group.Done, true, false},
		{"profWaitRead", "sync.RWMutex.RLock", func() { profWaitRead(&mu, new(int)) }, mu.Unlock, true, false},
		{"profWaitCond", "sync.Cond.Wait", func() { profWaitCond(cond, &ready) }, func() {
			condMu.Lock()
			ready = true
			condMu.Unlock()
			cond.Signal()
		}, true, false},
		{"profWaitPipe", "", func() { profWaitPipe(r) }, func() { w.WriteString("x") }, false, false},
		{"profWaitSleep", "sleep", profWaitSleep, func() {}, false, false},
	}
	var all sync.WaitGroup
	for _, c := range waits {
		blocked := count("block", c.function)
		all.Go(c.wait)
		if c.function != "profWaitSleep" {
			profWaitIn(t, c.function, c.state, 1)
		}
		require.Equal(t, blocked, count("block", c.function), "recorded at the end of the wait")
		c.wake()
		all.Wait()
		if c.blocked {
			require.Greater(t, count("block", c.function), blocked, c.function)
		} else {
			require.Equal(t, blocked, count("block", c.function), c.function)
		}
		require.Zero(t, count("mutex", c.function), c.function)
	}
}

//go:noinline
func profWaitChannel(c chan int) int { n := <-c; return n }

//go:noinline
func profWaitSelect(c chan int) (n int) {
	select {
	case n = <-c:
	case <-make(chan int):
	}
	return n
}

//go:noinline
func profWaitGroup(g *sync.WaitGroup) { g.Wait(); runtime.KeepAlive(g) }

//go:noinline
func profWaitRead(mu *sync.RWMutex, n *int) int {
	mu.RLock()
	defer mu.RUnlock()
	return *n
}

//go:noinline
func profWaitCond(cond *sync.Cond, ready *bool) {
	cond.L.Lock()
	for !*ready {
		cond.Wait()
	}
	cond.L.Unlock()
}

//go:noinline
func profWaitPipe(r *os.File) { _, _ = r.Read(make([]byte, 1)); runtime.KeepAlive(r) }

//go:noinline
func profWaitSleep() { time.Sleep(time.Microsecond); runtime.KeepAlive(nil) }

// An event that lasts as long as the rate or longer is always recorded; a shorter
// one is recorded with the probability duration/rate and scaled up, so that sums
// are right on average. With a rate of one hour, hundreds of short waits leave
// nothing. So 10 microseconds of rate show every slow wait and cost little; with
// the rate 1 each channel operation that waits pays for a stack.
//
//claim:ask What does the number in SetBlockProfileRate mean?
//claim:source https://pkg.go.dev/runtime#SetBlockProfileRate
//claim:source runtime/mprof.go
func TestProfBlockRate(t *testing.T) {
	profEvents(t)
	count := func() int64 {
		return profEventSum(t, "block", "contentions", `optimizing\.profWaitChannel$`)
	}
	exchange := func(values chan int) {
		go profWaitChannel(values)
		profWaitIn(t, "profWaitChannel", "chan receive", 1)
		values <- 1
		profWaitIn(t, "profWaitChannel", "", 0)
	}
	start := count()
	for range 10 {
		exchange(make(chan int))
	}
	require.EqualValues(t, 10, count()-start, "rate 1: all")
	if hour := int64(time.Hour); hour <= math.MaxInt {
		runtime.SetBlockProfileRate(int(hour))
		for range 10 {
			exchange(make(chan int))
		}
		require.EqualValues(t, 10, count()-start, "one hour: none")
	}
	runtime.SetBlockProfileRate(0)
	exchange(make(chan int))
	require.EqualValues(t, 10, count()-start, "0: off")
}

// SetMutexProfileFraction(n) records one in n contentions at random and
// multiplies what it records by n, so the sums stay right on average. 1 records
// all, 0 switches off, a negative value only returns the current setting. A lock
// without contention costs nothing extra at any setting: the fast path of Lock
// and Unlock does not look.
//
//claim:ask What does the number in SetMutexProfileFraction mean, and what does it cost?
//claim:expect ns/op of=profiled < 2x of=off
//claim:source https://pkg.go.dev/runtime#SetMutexProfileFraction
func BenchmarkProfMutexFraction(b *testing.B) {
	for _, setting := range []struct {
		name     string
		fraction int
	}{{"off", 0}, {"profiled", 1}} {
		b.Run("of="+setting.name, func(b *testing.B) {
			old := runtime.SetMutexProfileFraction(setting.fraction)
			tally := newProfTally(1)
			slow := func() {}
			b.ReportAllocs()
			for b.Loop() {
				tally.add(0, "go", slow)
			}
			runtime.SetMutexProfileFraction(old)
		})
	}
}

func TestProfMutexFraction(t *testing.T) {
	profEvents(t)
	runtime.SetMutexProfileFraction(10)
	count := func() int64 {
		return profEventSum(t, "mutex", "contentions", `optimizing\.profContend$`)
	}
	start := count()
	for attempt := 0; count() == start; attempt++ {
		require.Less(t, attempt, 50, "nothing recorded")
		for range 10 {
			profContend(t)
		}
	}
	require.Zero(t, (count()-start)%10, "each record stands for ten")
}

//go:noinline
func profContend(t *testing.T) {
	var mu sync.Mutex
	mu.Lock()
	done := make(chan bool)
	go func() { profContender(&mu, new(int)); close(done) }()
	profWaitIn(t, "profContender", "sync.Mutex.Lock", 1)
	mu.Unlock()
	<-done
}

//go:noinline
func profContender(mu *sync.Mutex, n *int) {
	mu.Lock()
	*n++
	mu.Unlock()
}

// With the rate 1 the runtime walks the stack for each channel operation that has
// to wait: below fifty frames, a round trip between two goroutines takes more
// than 1.5 times as long. That is too much to leave on in production. A rate of
// 10000 (one event per 10 microseconds of waiting) skips nearly all of these
// short waits and still shows every long one.
//
//claim:ask What does the block profile cost, and which rate is fit for production?
//claim:expect ns/op rate=1 > 1.5x rate=0
//claim:expect ns/op rate=10000 < 2x rate=0
//claim:vary GOMAXPROCS 1
//claim:source https://pkg.go.dev/runtime#SetBlockProfileRate
func BenchmarkProfBlockCost(b *testing.B) {
	for _, rate := range []int{0, 10_000, 1} {
		b.Run(fmt.Sprintf("rate=%d", rate), func(b *testing.B) {
			runtime.SetBlockProfileRate(rate)
			there, back := make(chan int), make(chan int)
			go profDescend(50, func() {
				for n := range there {
					back <- n
				}
				close(back)
			})
			b.ReportAllocs()
			profDescend(50, func() { // a stack as deep as that of a request
				for b.Loop() {
					there <- 1
					<-back
				}
			})
			runtime.SetBlockProfileRate(0)
			close(there)
			<-back
		})
	}
}
