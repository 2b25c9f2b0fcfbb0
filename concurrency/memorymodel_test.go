package concurrency

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// builtProgram is a program under testdata that is built once for all tests of a
// process. What it prints for the same arguments is kept too: starting it again
// in each repetition of a test would make the repetitions slow.
type builtProgram struct {
	build   func() ([]byte, error)
	results map[string]programResult
}

type programResult struct {
	output string
	status int
}

var (
	racedScenarios = newBuiltProgram("-race", "./testdata/race/scenarios")
	plainScenarios = newBuiltProgram("./testdata/race/scenarios")
	plainMemory    = newBuiltProgram("./testdata/memorymodel/plain")
)

func newBuiltProgram(args ...string) *builtProgram {
	return &builtProgram{
		build: sync.OnceValues(func() ([]byte, error) {
			dir, err := os.MkdirTemp("", "godeep")
			if err != nil {
				return nil, err
			}
			defer os.RemoveAll(dir)
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute) // the standard library may have to be built
			defer cancel()
			file := filepath.Join(dir, "program")
			out, err := exec.CommandContext(ctx, "go", append([]string{"build", "-o", file}, args...)...).CombinedOutput()
			if err != nil {
				return nil, fmt.Errorf("%w\n%s", err, out)
			}
			return os.ReadFile(file)
		}),
		results: make(map[string]programResult),
	}
}

// run returns what the program printed and its exit status.
func (p *builtProgram) run(t *testing.T, env []string, args ...string) (output string, status int) {
	t.Helper()
	if testing.Short() {
		t.Skip("builds a program, which -short leaves out")
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("needs the go command: ", err)
	}
	program, err := p.build()
	if err != nil && (strings.Contains(err.Error(), "-race") || strings.Contains(err.Error(), "C compiler")) {
		t.Skip("cannot build with -race here: ", err)
	}
	require.NoError(t, err)
	key := fmt.Sprint(env, args)
	if r, ok := p.results[key]; ok {
		return r.output, r.status
	}
	file := filepath.Join(t.TempDir(), "program.exe")
	require.NoError(t, os.WriteFile(file, program, 0o700))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, file, args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	require.NoError(t, ctx.Err(), "%v did not end:\n%s", args, out)
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	p.results[key] = programResult{string(out), cmd.ProcessState.ExitCode()}
	return string(out), cmd.ProcessState.ExitCode()
}

// raceReports runs scenarios under the race detector, all in one process, and
// returns the number of races that it reported for each.
func raceReports(t *testing.T, names ...string) map[string]int {
	t.Helper()
	// By default a racy program waits a second before it exits.
	out, status := racedScenarios.run(t, []string{"GORACE=atexit_sleep_ms=0"}, names...)
	reports, total := make(map[string]int), 0
	for part := range strings.SplitSeq(out, "scenario ") {
		name, text, _ := strings.Cut(part, "\n")
		if n := strings.Count(text, "WARNING: DATA RACE"); name != "" {
			reports[name] = n
			total += n
		}
	}
	require.Len(t, reports, len(names), out)
	if total == 0 {
		require.Zero(t, status, out)
	} else {
		require.Equal(t, 66, status, out)
	}
	return reports
}

func requireNoRace(t *testing.T, names ...string) {
	t.Helper()
	for name, n := range raceReports(t, names...) {
		require.Zero(t, n, name)
	}
}

func requireRace(t *testing.T, names ...string) {
	t.Helper()
	for name, n := range raceReports(t, names...) {
		require.NotZero(t, n, name)
	}
}

// Happens-before is the order that a program has asked for by synchronising:
// within a goroutine the order of the code, between goroutines the pairs below,
// and whatever follows by chaining them. A read sees a write for sure only if
// the write happens before it; two accesses without such an order, one of them a
// write, are a data race. The pairs:
//
//   - the go statement, and the start of the goroutine
//   - a send, and the end of its receive; close, and a receive that it ends
//   - Unlock, and the next Lock or RLock; the function of a Once, and every Do
//   - Done or the end of a function under WaitGroup.Go, and Wait; Signal, and
//     Wait of a Cond
//   - an atomic store, and a load that sees its value; a Store of a sync.Map,
//     and its Load
//   - the init functions, and main
//   - cancel, and Done; AfterFunc, and its function
//
// The race detector knows the same pairs and finds nothing in a program for
// each.
//
//claim:ask What does happens-before mean, and which operations create it?
//claim:source https://go.dev/ref/mem#model
//claim:source https://go.dev/ref/mem#synchronization
func TestHappensBefore(t *testing.T) {
	requireNoRace(t, "go", "init", "send", "close", "receiveunbuffered", "semaphore", "mutex", "rwmutex",
		"once", "waitgroup", "cond", "atomic", "context", "contextafterfunc", "timeafterfunc", "syncmap")
}

// No. The go statement happens before the goroutine starts, but its end happens
// before nothing. A program that reads a result because the goroutine must be
// over by now, or because runtime.NumGoroutine says so, has a data race. The end
// becomes visible through something that the goroutine does last: Done of a
// WaitGroup, a send, a close.
//
//claim:ask Does the end of a goroutine happen before anything?
//claim:source https://go.dev/ref/mem#goexit
func TestGoroutineExitNoEdge(t *testing.T) {
	requireRace(t, "exit")
	requireNoRace(t, "waitgroup")
}

// No. Happens-before is about synchronisation and not about time: a write that
// was finished long ago by the clock is still unordered, and the race detector
// reports the read after a time.Sleep, a runtime.Gosched or a loop that waits
// for len(c) to become 1. Receiving the value instead of looking at the length
// is what orders. In a synctest bubble synctest.Wait orders as well.
//
//claim:ask Is a write visible if I sleep long enough before the read?
//claim:source https://go.dev/ref/mem#model
//claim:source https://pkg.go.dev/testing/synctest#Wait
func TestSleepNoEdge(t *testing.T) {
	requireRace(t, "sleep", "gosched", "len")
	requireNoRace(t, "send")

	synctest.Test(t, func(t *testing.T) {
		shared := 0
		go func() { shared = 1 }()
		synctest.Wait()
		require.Equal(t, 1, shared) // a race would be reported here as well
	})
}

// With an unbuffered channel also the receive happens before the end of the
// send, so a goroutine that writes and then receives has published to the one
// that sends. With room in the buffer the send does not wait for the receiver,
// and the same code is a race. From sender to receiver both kinds order alike.
// In general the receive number k happens before the end of the send number k
// plus capacity.
//
//claim:ask What does an unbuffered channel guarantee that a buffered one does not?
//claim:source https://go.dev/ref/mem#chan
func TestUnbufferedReceiveEdge(t *testing.T) {
	requireNoRace(t, "receiveunbuffered", "send")
	requireRace(t, "receivebuffered")
}

// Yes, with capacity 1: send to lock and receive to unlock. The receive happens
// before the end of the next send, as Unlock before the next Lock. With capacity
// 2 it limits how many goroutines are inside, but orders nothing between those
// two: a variable that both change is a race.
//
//claim:ask Does a buffered channel used as a semaphore protect memory as a mutex does?
//claim:source https://go.dev/ref/mem#chan
func TestSemaphoreEdge(t *testing.T) {
	requireNoRace(t, "semaphore")
	requireRace(t, "semaphore2")
}

// When the locks are not the same, or when both are only read locks. An Unlock
// happens before the next Lock of the same mutex, nothing else. So two mutexes
// for one variable, a mutex that is copied with a value receiver, or a write
// under RLock protect nothing, and the race detector reports it.
//
//claim:ask Both goroutines hold a lock while they write. How can that be a race?
//claim:source https://go.dev/ref/mem#locks
func TestWrongLockEdge(t *testing.T) {
	requireRace(t, "twomutexes", "rlockwrite")
	requireNoRace(t, "mutex", "rwmutex")
}

// No. A TryLock that succeeds is a Lock; one that fails synchronises with
// nothing, so it does not allow a read of what the holder has written, although
// it proves that the holder is there. It may even fail while the mutex is free,
// as far as the memory model is concerned.
//
//claim:ask Does a failed TryLock tell me anything about memory?
//claim:source https://go.dev/ref/mem#locks
func TestTryLockEdge(t *testing.T) {
	requireRace(t, "trylock")
}

// Yes, if the load has seen the store. What a goroutine wrote to ordinary
// variables before an atomic Store is visible to a goroutine whose Load returns
// that value: first the data, then the flag. The other way round, flag first and
// then the data, is a race. Storing atomically does not make the data atomic; it
// orders it.
//
//claim:ask Does an atomic store publish the ordinary writes before it?
//claim:source https://go.dev/ref/mem#atomic
func TestAtomicPublishes(t *testing.T) {
	const rounds = 2000
	var data, seen [rounds]int
	var ready [rounds]atomic.Bool
	litmusRun(rounds, func(i int) {
		data[i] = i + 1
		ready[i].Store(true)
	}, func(i int) {
		if ready[i].Load() {
			seen[i] = data[i]
		}
	})
	for i, v := range seen {
		if v != 0 {
			require.Equal(t, i+1, v)
		}
	}
	requireNoRace(t, "atomic")
	requireRace(t, "atomiclate")
}

// Not with atomics. One goroutine stores x and loads y, the other stores y and
// loads x. If both load 0, each load has overtaken the store before it, which
// happens with ordinary accesses, see LoadOvertakesStore. Atomic operations of
// Go behave as if executed in one order that keeps the order of each goroutine:
// of the 6 orders none gives 0, 0, and thousands of runs never show it. That is
// the strongest promise there is, called sequentially consistent; Go has no
// weaker, relaxed or acquire, variants.
//
//claim:ask Both goroutines store 1 to their own variable and load the other's. Can both loads give 0?
//claim:source https://go.dev/ref/mem#atomic
func TestStoreBuffering(t *testing.T) {
	const x, y = 0, 1
	possible := make(map[[2]int]bool)
	orders := 0
	litmusModel([][]litmusStep{
		{litmusStore(x, 1), litmusLoad(y, 0)},
		{litmusStore(y, 1), litmusLoad(x, 1)},
	}, func(r [4]int) {
		orders++
		possible[[2]int{r[0], r[1]}] = true
	})
	require.Equal(t, 6, orders)
	require.Equal(t, map[[2]int]bool{{0, 1}: true, {1, 0}: true, {1, 1}: true}, possible)

	const rounds = 3000
	var xs, ys [rounds]atomic.Int32
	var results [2][rounds]int
	litmusRun(rounds, func(i int) {
		xs[i].Store(1)
		results[0][i] = int(ys[i].Load())
	}, func(i int) {
		ys[i].Store(1)
		results[1][i] = int(xs[i].Load())
	})
	for i := range rounds {
		require.True(t, possible[[2]int{results[0][i], results[1][i]}], "round %d", i)
	}
}

// Yes. One goroutine stores x and loads y, the other stores y and loads x, all
// of it with ordinary variables: on amd64 both can load 0. A store first waits
// in a buffer of its core, and the next load does not wait for it. Inside one
// goroutine nothing of this is to be seen, only another one notices, and only
// when both run at the same time on two cores. With atomics it does not happen,
// see StoreBuffering. So thinking in the order of the lines, or testing for it,
// tells nothing about a program with a data race.
//
//claim:ask Can the processor execute the memory accesses of a goroutine in another order than written?
//claim:needs goarch=amd64
//claim:source https://go.dev/ref/mem#badsync
//claim:source https://research.swtch.com/hwmm
func TestLoadOvertakesStore(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("checked on amd64 only")
	}
	if runtime.NumCPU() < 2 {
		t.Skip("needs two cores that run at the same time")
	}
	out, status := plainMemory.run(t, []string{"GOMAXPROCS=2"}, "reorder")
	require.Zero(t, status, out)
	require.Equal(t, "overtaken\n", out)
}

// Yes. If two goroutines store to two atomic variables, and one reader sees the
// first store but not yet the second, then no reader sees the second but not yet
// the first. All atomic operations of the program form one order that all
// goroutines agree on. For ordinary variables there is no such order: each
// reader may see its own.
//
//claim:ask Do all goroutines see atomic writes to different variables in the same order?
//claim:source https://go.dev/ref/mem#atomic
func TestAtomicTotalOrder(t *testing.T) {
	const x, y = 0, 1
	disagree := func(r [4]int) bool { return r == [4]int{1, 0, 1, 0} }
	litmusModel([][]litmusStep{
		{litmusStore(x, 1)}, {litmusStore(y, 1)},
		{litmusLoad(x, 0), litmusLoad(y, 1)},
		{litmusLoad(y, 2), litmusLoad(x, 3)},
	}, func(r [4]int) { require.False(t, disagree(r)) })

	const rounds = 1000
	var xs, ys [rounds]atomic.Int32
	var results [rounds][4]int
	litmusRun(rounds,
		func(i int) { xs[i].Store(1) },
		func(i int) { ys[i].Store(1) },
		func(i int) { results[i][0], results[i][1] = int(xs[i].Load()), int(ys[i].Load()) },
		func(i int) { results[i][2], results[i][3] = int(ys[i].Load()), int(xs[i].Load()) },
	)
	for i, r := range results {
		require.False(t, disagree(r), "round %d", i)
	}
}

// No. All goroutines see the values of one atomic variable in the same order, so
// a reader of a counter that only grows never sees it fall. It may skip values,
// and two readers may be at different points. A load is also never a promise for
// the future: the value can be old when the next statement runs.
//
//claim:ask Can a loop that loads an atomic counter see it go backwards?
//claim:source https://go.dev/ref/mem#atomic
func TestAtomicCoherence(t *testing.T) {
	const last = 2000
	var n atomic.Int64
	var writer, readers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for before := int64(0); before < last; {
				now := n.Load()
				if now < before {
					t.Errorf("%d after %d", now, before)
					return
				}
				before = now
				runtime.Gosched()
			}
		})
	}
	writer.Go(func() {
		for range last {
			n.Add(1)
		}
	})
	writer.Wait()
	readers.Wait()
}

// Because nothing orders the write before the read, so the compiler may use a
// value that it already knows. After "if done { return }" or "done = false" the
// loop is compiled to a jump to itself and never ends, whatever the other
// goroutine writes. With an atomic.Bool, or better a channel, it ends. You may
// read that the bare loop always hangs: with Go 1.26 and 1.27 on amd64 and arm64
// the bare loop, and one that calls a function, read the variable again and end.
// That is luck, not a promise, and a data race in each case.
//
//claim:ask Why can "for !done {}" run for ever although another goroutine sets done?
//claim:source https://go.dev/ref/mem#badsync
func TestSpinOnFlag(t *testing.T) {
	if runtime.GOARCH != "amd64" && runtime.GOARCH != "arm64" {
		t.Skip("what is compiled was checked on amd64 and arm64 only")
	}
	for _, c := range []struct{ loop, patience, want string }{
		{"check", "50ms", "still waiting\n"},
		{"reset", "50ms", "still waiting\n"},
		{"bare", "10s", "ended\n"},
		{"call", "10s", "ended\n"},
		{"atomic", "10s", "ended\n"},
	} {
		out, status := plainMemory.run(t, nil, c.loop, c.patience)
		require.Zero(t, status, out)
		require.Equal(t, c.want, out, c.loop)
	}
}

// Possibly nothing: of "for { n++ }" nothing is left. Since no other goroutine
// is entitled to see the ordinary stores, the compiler drops them, and the loop
// does not even count; a reader finds 0 as long as it looks. An atomic Add
// cannot be dropped. That is also why "it is only a statistics counter" is no
// excuse.
//
//claim:ask What does another goroutine see of "for { n++ }"?
//claim:source https://go.dev/ref/mem#badsync
func TestLostStores(t *testing.T) {
	if runtime.GOARCH != "amd64" && runtime.GOARCH != "arm64" {
		t.Skip("what is compiled was checked on amd64 and arm64 only")
	}
	out, status := plainMemory.run(t, nil, "count")
	require.Zero(t, status, out)
	require.Equal(t, "steps seen: 0\n", out)
}

// Yes. A string, slice or interface takes two or three words, and an ordinary
// assignment writes them one by one. A reader in a race can get the address of
// one string with the length of the other and read beyond its memory, or the
// type of one value with the data of another: a method then runs on the wrong
// type. So a data race in Go can corrupt memory, not only give old values. A
// value of one word is never torn: a racing read gets some value that was
// written.
//
//claim:ask Can a data race produce a value that nobody has written?
//claim:needs goarch=amd64
//claim:source https://go.dev/ref/mem#restrictions
func TestTornValue(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("other processors may write two words at once")
	}
	if runtime.NumCPU() < 2 {
		t.Skip("needs two cores that run at the same time")
	}
	for _, kind := range []string{"string", "interface"} {
		out, status := plainMemory.run(t, []string{"GOMAXPROCS=2"}, kind)
		require.Zero(t, status, out)
		require.Equal(t, "torn\n", out, kind)
	}
}

// No. The memory model knows only races and no races, and what is compiled may
// do more than lose an update; see SpinOnFlag and LostStores. All the usual
// excuses are reported by the race detector: all goroutines write the same
// value, a lazy initialisation that may run twice, a pointer to a finished
// object that is published without an atomic. Such code has an atomic that costs
// little, or a sync.Once.
//
//claim:ask Are there benign data races, for example when all goroutines write the same value?
//claim:source https://go.dev/ref/mem#badsync
func TestBenignRace(t *testing.T) {
	requireRace(t, "samevalue", "lazyinit", "publish")
	requireNoRace(t, "atomic", "once")
}

// No. An atomic write and an ordinary read of the same variable are a data race,
// and so is an ordinary write. All accesses must be atomic while several
// goroutines use the variable; before they start and after they are waited for,
// ordinary ones are fine. The functions of sync/atomic allow the mistake, the
// types such as atomic.Int64 do not.
//
//claim:ask Is it enough to write atomically and read normally?
//claim:source https://go.dev/ref/mem#model
func TestAtomicMixedAccess(t *testing.T) {
	requireRace(t, "mixed")

	n := int64(1)
	var all sync.WaitGroup
	all.Go(func() { atomic.AddInt64(&n, 1) })
	all.Go(func() { atomic.AddInt64(&n, 1) })
	all.Wait()
	require.EqualValues(t, 3, n, "before and after: no race")
}

// Yes. What was written before cancel was called is visible after a receive from
// ctx.Done, after ctx.Err has returned an error, and in the function of
// context.AfterFunc. The function of time.AfterFunc sees what was written before
// the call of AfterFunc. The reverse does not hold: after cancel has returned,
// nothing says that the goroutines have noticed or have finished; wait for them.
//
//claim:ask Does code behind <-ctx.Done() see what was written before cancel()?
//claim:source context/context.go
//claim:source https://go.dev/ref/mem#chan
func TestContextEdges(t *testing.T) {
	requireNoRace(t, "context", "contexterr", "contextafterfunc", "timeafterfunc")
}

// initGoroutine is what an init function got from a goroutine it had started.
var initGoroutine string

func init() {
	c := make(chan string)
	go func() { c <- "ran before main" }()
	initGoroutine = <-c
}

// Reading is safe, starting needs care. All variables and init functions of a
// package and its imports are finished before main starts, in one goroutine, so
// main and all goroutines see them without a lock. But a goroutine that an init
// function starts runs at once, beside the rest of the initialisation: init can
// even wait for it. What it uses must be initialised before the go statement or
// be synchronised.
//
//claim:ask Is it safe to read package variables from goroutines, and to start goroutines in init?
//claim:source https://go.dev/ref/mem#init
//claim:source https://go.dev/ref/spec#Program_initialization
func TestInitEdge(t *testing.T) {
	require.Equal(t, "ran before main", initGoroutine)
	requireNoRace(t, "init")
}

func TestLitmusModel(t *testing.T) {
	interleavings := 0
	litmusModel([][]litmusStep{
		{litmusStore(0, 1), litmusStore(0, 2), litmusStore(0, 3)},
		{litmusLoad(0, 0), litmusLoad(0, 1), litmusLoad(0, 2)},
	}, func(r [4]int) {
		interleavings++
		require.LessOrEqual(t, r[0], r[1])
		require.LessOrEqual(t, r[1], r[2])
	})
	require.Equal(t, 20, interleavings)

	rounds := [2]int{}
	litmusRun(10, func(int) { rounds[0]++ }, func(int) { rounds[1]++ })
	require.Equal(t, [2]int{10, 10}, rounds)
}
