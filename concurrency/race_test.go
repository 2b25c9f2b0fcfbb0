package concurrency

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-deep-dive/godeep/internal/proof"
	"github.com/stretchr/testify/require"
)

// It reports two accesses to one address, at least one of them a write, that
// happens-before does not order. With -race the compiler adds a call before each
// access to memory, and the runtime keeps for every address who used it last and
// which of their steps this goroutine has learned of by synchronising. So it
// need not catch the two at the same moment: here they run one after the other.
// A report names both accesses with their stacks and where the goroutines were
// started. The program goes on to its end and then exits with status 66.
//
//claim:ask How does the race detector work, and what does it report?
//claim:source https://go.dev/doc/articles/race_detector
func TestRaceReport(t *testing.T) {
	out, status := racedScenarios.run(t, []string{"GORACE=atexit_sleep_ms=0"}, "counter")
	require.Equal(t, 66, status)
	for _, part := range []string{
		"WARNING: DATA RACE\n", "Read at 0x", "Previous write at 0x", "data.go:",
		"Goroutine ", "(finished) created at:\n", "total: 2\n", "Found 2 data race(s)",
	} {
		require.Contains(t, out, part)
	}
}

// Through the variable GORACE, a list of key=value. With halt_on_error=1 the
// program ends at the first report instead of going on; exitcode=N replaces the
// status 66, and exitcode=0 makes a racy program succeed; log_path=FILE writes
// the reports to FILE.PID in place of standard error.
//
//claim:ask How do you control what a program does after a data race is found?
//claim:source https://go.dev/doc/articles/race_detector#Options
func TestRaceOptions(t *testing.T) {
	run := func(options string) (string, int) {
		return racedScenarios.run(t, []string{"GORACE=atexit_sleep_ms=0 " + options}, "tworaces")
	}
	out, status := run("")
	require.Equal(t, 66, status)
	require.Equal(t, 2, strings.Count(out, "WARNING: DATA RACE"))
	require.Contains(t, out, "at the end\n")

	out, status = run("halt_on_error=1")
	require.Equal(t, 66, status)
	require.Equal(t, 1, strings.Count(out, "WARNING: DATA RACE"))
	require.NotContains(t, out, "at the end\n")

	_, status = run("exitcode=7")
	require.Equal(t, 7, status)
	_, status = run("exitcode=0")
	require.Zero(t, status)

	log := filepath.Join(t.TempDir(), "race")
	out, status = run("log_path=" + log)
	require.Equal(t, 66, status)
	require.NotContains(t, out, "WARNING: DATA RACE")
	files, err := filepath.Glob(log + ".*")
	require.NoError(t, err)
	require.Len(t, files, 1)
	report, err := os.ReadFile(files[0])
	require.NoError(t, err)
	require.Equal(t, 2, strings.Count(string(report), "WARNING: DATA RACE"))
}

// No. It sees only accesses that are executed: a race in a branch that no test
// takes is not reported. Nor does it see an order by accident, see
// RaceHiddenByLog, or a mistake in the logic that has no data race, see
// RaceCondition. So run it where much of the code is executed by several
// goroutines, in tests and in one instance under load.
//
//claim:ask The tests pass with -race. Is the program free of data races?
//claim:source https://go.dev/doc/articles/race_detector#Introduction
func TestRaceNotExecuted(t *testing.T) {
	requireNoRace(t, "notexecuted")
	out, status := racedScenarios.run(t, []string{"GORACE=atexit_sleep_ms=0", "RARE=1"}, "notexecuted")
	require.Equal(t, 66, status)
	require.Contains(t, out, "WARNING: DATA RACE")
}

// Because a logger has a mutex. If the first goroutine logs after its access and
// the second before its own, the lock orders the two accesses in that run, and
// the detector is silent; in another order of the goroutines they would race.
// The same holds for anything that synchronises on the way, such as a channel, a
// pool or a sync.Map. Take the print away and repeat the test, also with
// -cpu=1,2,4.
//
//claim:ask Why does a data race disappear from the report when I add a log line?
//claim:source https://go.dev/ref/mem#locks
//claim:source log/log.go
func TestRaceHiddenByLog(t *testing.T) {
	requireRace(t, "withoutlog")
	requireNoRace(t, "withlog")
}

// A data race is about memory: two unordered accesses to a variable, one a
// write. A race condition is about meaning: the result depends on the order of
// the goroutines. Neither implies the other. Two goroutines that each read a
// balance under the lock, let it go, and write old minus 30 under the lock leave
// 70 of 100: no data race, and the race detector is silent. Two that store the
// same value without a lock always leave that value: a data race without a wrong
// result, and still a bug.
//
//claim:ask What is the difference between a data race and a race condition?
//claim:source https://go.dev/ref/mem#model
func TestRaceCondition(t *testing.T) {
	out, status := racedScenarios.run(t, []string{"GORACE=atexit_sleep_ms=0"}, "logical")
	require.Zero(t, status, out)
	require.Contains(t, out, "balance: 70\n", "and not 40")
	require.NotContains(t, out, "WARNING")
	requireRace(t, "samevalue")
}

// A loop over a slice takes more than twice the processor time, usually much
// more, because each access calls the runtime, and the program more than twice
// the memory: the detector keeps a shadow of everything that is used. So -race
// is for tests and for a single instance in production, not for benchmarks.
//
//claim:ask What does the race detector cost?
//claim:needs goos=linux
//claim:source https://go.dev/doc/articles/race_detector#Runtime_Overheads
func TestRaceCost(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the memory in use is read from /proc")
	}
	measure := func(program *builtProgram) (nanos, memory int64) {
		out, status := program.run(t, []string{"GORACE=atexit_sleep_ms=0"}, "cost")
		require.Zero(t, status, out)
		_, err := fmt.Sscanf(out, "scenario cost\n%d %d", &nanos, &memory)
		require.NoError(t, err, out)
		return nanos, memory
	}
	plainNanos, plainMemory := measure(plainScenarios)
	racedNanos, racedMemory := measure(racedScenarios)
	require.Greater(t, racedNanos, 2*plainNanos)
	require.Greater(t, racedMemory, 2*plainMemory)
}

// The build constraint race is true in a build with -race. Two files, one with
// //go:build race and one with //go:build !race, define a constant, and a test
// that counts allocations or takes too long with the detector skips itself.
// There is no function in the standard library that tells.
//
//claim:ask How does a test find out that it runs under the race detector?
//claim:source https://go.dev/doc/articles/race_detector#Excluding_Tests
func TestRaceBuildTag(t *testing.T) {
	out, _ := plainScenarios.run(t, nil, "enabled")
	require.Contains(t, out, "race detector: false\n")
	out, _ = racedScenarios.run(t, []string{"GORACE=atexit_sleep_ms=0"}, "enabled")
	require.Contains(t, out, "race detector: true\n")
}

// On Linux, go build -race needs cgo: with CGO_ENABLED=0 it refuses. You may
// read that the detector needs cgo everywhere; on macOS it does not since Go
// 1.20. It also exists on some systems only, such as amd64 and arm64 with Linux
// or macOS; go help build lists them.
//
//claim:ask Does go test -race need cgo?
//claim:needs goos=linux
//claim:source https://go.dev/doc/go1.20#cgo
func TestRaceNeedsCgo(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("differs between systems")
	}
	if testing.Short() {
		t.Skip("starts the go command")
	}
	goCommand, err := exec.LookPath("go")
	if err != nil {
		t.Skip("needs the go command: ", err)
	}
	cmd := exec.CommandContext(t.Context(), goCommand, "build", "-race", "./testdata/race/scenarios")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.CombinedOutput()
	require.Error(t, err)
	if strings.Contains(string(out), "not supported") {
		t.Skip(string(out))
	}
	require.Contains(t, string(out), "-race requires cgo")
}

// No more. You may read that a program under -race dies with more than 8128
// goroutines at the same time; with the toolchains of today 9000 goroutines run,
// wait and end without an error.
//
//claim:ask Does the race detector limit the number of goroutines?
//claim:source https://go.dev/doc/articles/race_detector#Runtime_Overheads
func TestRaceManyGoroutines(t *testing.T) {
	out, status := racedScenarios.run(t, []string{"GORACE=atexit_sleep_ms=0"}, "many")
	require.Zero(t, status, out)
	require.Contains(t, out, "goroutines: 9001\n")
}

// Appending is the race; writing to different elements is not. s = append(s, v)
// reads the slice and writes it back: two goroutines that both read length 0
// both write element 0, and one value is lost. Elements are variables of their
// own, even two bytes beside each other, so goroutines that fill different
// indexes of a slice of full length need no lock, only someone who waits for
// them. The same index twice is a race again.
//
//claim:ask Several goroutines append to one slice, or write to different indexes of it. Which is a race?
//claim:source https://go.dev/ref/spec#Appending_and_copying_slices
//claim:source https://go.dev/ref/spec#Variables
func TestRaceAppend(t *testing.T) {
	requireRace(t, "append", "sameindex")
	requireNoRace(t, "indexes")

	var s []int
	a, b := s, s // both goroutines read the slice,
	for i, read := range [][]int{a, b} {
		s = append(read, i+1) // and both write it
	}
	require.Equal(t, []int{2}, s, "one is lost")

	squares := make([]int, 100)
	var all sync.WaitGroup
	for i := range squares {
		all.Go(func() { squares[i] = i * i })
	}
	all.Wait()
	for i, square := range squares {
		require.Equal(t, i*i, square)
	}
}

// It can be, through the array. If there is room behind the length, both appends
// write the same element: no variable of the program is assigned, and still the
// two results share their last element, and the later one wins. Give each
// goroutine s[:len(s):len(s)], or slices.Clip(s): then append has to copy.
// Without room from the start there is no race, so it depends on the capacity,
// which nobody looks at.
//
//claim:ask Two goroutines both call append(shared, x) and keep the result to themselves. Is that a race?
//claim:source https://go.dev/ref/spec#Appending_and_copying_slices
//claim:source https://pkg.go.dev/slices#Clip
func TestRaceAppendShared(t *testing.T) {
	requireRace(t, "appendlocal")
	requireNoRace(t, "appendclipped")

	shared := make([]int, 2, 4)
	a, b := append(shared, 1), append(shared, 2)
	require.Equal(t, []int{0, 0, 2}, a, "overwritten by the other")
	require.Equal(t, []int{0, 0, 2}, b)

	a, b = append(slices.Clip(shared), 1), append(slices.Clip(shared), 2)
	require.Equal(t, []int{0, 0, 1}, a)
	require.Equal(t, []int{0, 0, 2}, b)
}

// Yes. The length of a slice, a map or a string is part of the variable, and
// append or an assignment writes it: len without the lock is a data race like
// any other read, however short it is. The length of a channel is an exception:
// len(c) is safe, but the answer can be out of date at once, and it orders
// nothing; see SleepNoEdge.
//
//claim:ask Is len(s) or len(m) a data race while another goroutine appends or inserts?
//claim:source https://go.dev/ref/mem#model
//claim:source https://go.dev/ref/spec#Length_and_capacity
func TestRaceLength(t *testing.T) {
	requireRace(t, "length", "maplength")

	c := make(chan int, 8)
	var all sync.WaitGroup
	all.Go(func() {
		for i := range cap(c) {
			c <- i
		}
	})
	all.Go(func() { _ = len(c) }) // the race detector is silent here
	all.Wait()
	require.Len(t, c, cap(c))
}

// raceKey is a key that takes long to compare. A map that writes compares it and
// is nearly always in the middle of that.
func raceKey() string { return strings.Repeat("k", 1<<16) }

// misuseMap runs the functions as goroutines that try to survive.
func misuseMap(functions ...func()) {
	runtime.GOMAXPROCS(2)
	var all sync.WaitGroup
	for _, f := range functions {
		all.Go(func() {
			defer fmt.Println("deferred")
			defer func() {
				if r := recover(); r != nil {
					fmt.Println("recovered:", r)
				}
			}()
			for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
				f()
			}
		})
	}
	all.Wait()
	fmt.Println("survived")
}

// The program ends with "fatal error: concurrent map writes". It is no panic:
// recover does not see it, deferred functions do not run, and the other
// goroutines end too. The map sets a flag while it is written, and a second
// writer that finds it set gives up, since the table could be damaged already.
// This holds for different keys as well, and for a write during a range:
// "concurrent map iteration and map write". The check is cheap and only by
// chance; it catches what overlaps at that moment. The race detector reports
// also what does not overlap.
//
//claim:ask Several goroutines write to one map. What happens, and can recover save the program?
//claim:source https://go.dev/doc/faq#atomic_maps
//claim:source internal/runtime/maps/map.go
func TestRaceMapWrites(t *testing.T) {
	if mode := os.Getenv("GODEEP_MAP"); proof.InChild(t) {
		m := map[string]int{raceKey(): 0}
		// Equal keys at other addresses. A write replaces the one that is stored, and
		// comparing a key with itself would be quick.
		write := func(end string) func() {
			a, b := raceKey()+end, raceKey()+end
			return func() {
				m[a] = 1
				m[b] = 2
			}
		}
		switch mode {
		case "writes":
			misuseMap(write(""), write("x"))
		case "range":
			misuseMap(write(""), func() {
				for range m {
				}
			})
		}
		return
	}
	for mode, want := range map[string]string{
		"writes": "fatal error: concurrent map writes",
		"range":  "fatal error: concurrent map iteration and map write",
	} {
		// With the race detector its reports go elsewhere: they would mix with the error.
		race := "GORACE=atexit_sleep_ms=0 log_path=" + filepath.Join(t.TempDir(), "race")
		out, err := proof.Child(t, "GODEEP_MAP="+mode, race)
		require.Error(t, err, mode)
		require.Contains(t, out, want)
		require.NotContains(t, out, "recovered")
		require.NotContains(t, out, "deferred")
		require.NotContains(t, out, "survived")
	}
	requireRace(t, "mapkeys")
}

// Yes, as long as nobody writes. Any number of goroutines may look up keys,
// range and ask for the length at once, if all writes happened before, for
// example before the go statements. A lookup changes nothing in a Go map. One
// writer is enough to make every reader need the lock as well.
//
//claim:ask Is it safe to read a map from many goroutines?
//claim:source https://go.dev/doc/faq#atomic_maps
func TestRaceMapReads(t *testing.T) {
	requireNoRace(t, "mapread")

	m := map[int]int{1: 1, 2: 4, 3: 9}
	var sum atomic.Int64
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for k, v := range m {
				if m[k] == v {
					sum.Add(int64(v))
				}
			}
		})
	}
	all.Wait()
	require.EqualValues(t, 4*14, sum.Load())
}

// Different fields are no race, even if they are bytes in one word. But copying
// the struct reads all of its fields, so a copy races with a write to any one of
// them: an assignment, an argument, a value receiver, a range variable. Bits of
// one number are one variable, so setting different bits is a race as well.
//
//claim:ask One goroutine writes a field while another copies the whole struct. Is that a race?
//claim:source https://go.dev/ref/mem#restrictions
//claim:source https://go.dev/ref/spec#Variables
func TestRaceStructCopy(t *testing.T) {
	requireNoRace(t, "fields")
	requireRace(t, "copystruct", "bits")
}

// The goroutines assign to the err of the outer function: "_, err = load()" with
// = is one variable for all of them, a data race, and one error overwrites the
// other. Use := inside the goroutine, and bring the errors out through a
// channel, a slice with an index for each goroutine, or errgroup. With := in a
// function literal the outer err stays nil, so returning it loses the errors:
// nobody gets them by accident.
//
//claim:ask What is wrong with "_, err = load()" in several goroutines?
//claim:source https://go.dev/doc/articles/race_detector#Accidentally_shared_variable
func TestRaceSharedError(t *testing.T) {
	requireRace(t, "outererr")
	requireNoRace(t, "innererr")

	failed := errors.New("failed")
	errs := make([]error, 3)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() {
			if i != 1 {
				errs[i] = failed
			}
		})
	}
	all.Wait()
	require.Equal(t, []error{failed, nil, failed}, errs)
	require.ErrorIs(t, errors.Join(errs...), failed)
}

// Also a data race: in code of a module with go 1.21 or less, the loop wrote the
// one variable that all goroutines of the loop read, and the race detector
// reports it. Since Go 1.22 each iteration has its own variable, written before
// the go statement, so the same loop has no race. The go line in go.mod decides,
// or a //go:build go1.21 line in the file as here.
//
//claim:ask Was the old loop variable only confusing, or also a data race?
//claim:source https://go.dev/blog/loopvar-preview
//claim:source https://go.dev/ref/spec#For_clause
func TestRaceLoopVariable(t *testing.T) {
	requireRace(t, "oldloopvar")
	requireNoRace(t, "loopvar")
}

// Assume no unless the documentation says so. A bytes.Buffer, a slice or a map
// needs a lock as soon as one goroutine changes it. Safe are for example
// sync.Map, *log.Logger, *regexp.Regexp, *strings.Replacer and the functions of
// math/rand. "Safe" covers a single call: two calls in a row are not one step.
//
//claim:ask Which types of the standard library are safe for concurrent use?
//claim:source https://pkg.go.dev/log#Logger
//claim:source https://pkg.go.dev/bytes#Buffer
func TestRaceStandardTypes(t *testing.T) {
	requireRace(t, "buffer")
	requireNoRace(t, "safetypes", "syncmap")

	var m sync.Map
	m.Store("n", 0)
	first, _ := m.Load("n")
	second, _ := m.Load("n")
	m.Store("n", first.(int)+1)
	m.Store("n", second.(int)+1)
	n, _ := m.Load("n")
	require.Equal(t, 1, n, "two increments of two calls each")
}

// Anything from 2 to 20. x++ is a load and a store. If all stores of one
// goroutine fall between a load and its store by the other, they are lost; the
// smallest total comes when the first load of one is stored just before the last
// load of the other. A run that gives 20 proves nothing: it is one of the
// possible totals. Cures: a mutex, an atomic, or a variable for each goroutine
// that is added at the end; CounterKinds compares their costs.
//
//claim:ask Two goroutines each execute x++ ten times without a lock. Which totals are possible?
//claim:source https://go.dev/ref/spec#IncDec_statements
//claim:source https://go.dev/ref/mem#restrictions
func TestRaceIncrement(t *testing.T) {
	totals := incrementTotals(2, 10)
	require.Len(t, totals, 19)
	for total := 2; total <= 20; total++ {
		require.True(t, totals[total], total)
	}
	require.Equal(t, map[int]bool{1: true, 2: true}, incrementTotals(2, 1))
	require.Equal(t, map[int]bool{10: true}, incrementTotals(1, 10))
	three := incrementTotals(3, 3)
	require.Len(t, three, 8, "from 2 to 9: more goroutines, the same smallest total")
	require.False(t, three[1])

	requireRace(t, "counter")
	for _, count := range []func(workers, n int) int{countWithMutex, countWithAtomic, countLocally} {
		require.Equal(t, 20, count(2, 20))
	}
}
