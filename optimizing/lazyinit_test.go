package optimizing

import (
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// The work at package level runs at every start, used or not: var date =
// regexp.MustCompile(…) in an imported package costs more than 50 allocations even
// if the program only prints its version. With sync.OnceValue around it, the start
// costs fewer than 5, and the first call does the rest. It matters for command-line
// tools, for functions in the cloud and for tests, all of which start often; for a
// server that runs for weeks it does not, and there an error at the start is better
// than one at the first request. GODEBUG=inittrace=1 shows both.
//
//claim:ask What does it bring to put a package-level regexp.MustCompile into a sync.OnceValue?
//claim:source https://pkg.go.dev/sync#OnceValue
func TestLazyInitPackageLevel(t *testing.T) {
	program, out, err := proof.Build(t, "build", "-buildvcs=false", "./testdata/lazyinit/tool")
	require.NoError(t, err, out)
	command := exec.CommandContext(t.Context(), program)
	command.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	trace, err := command.CombinedOutput()
	require.NoError(t, err)
	require.Contains(t, string(trace), "tool 1.0")
	allocs := make(map[string]int)
	for _, init := range regexp.MustCompile(`init \S*/lazyinit/(\w+) @.*, (\d+) allocs`).FindAllStringSubmatch(string(trace), -1) {
		allocs[init[1]], err = strconv.Atoi(init[2])
		require.NoError(t, err)
	}
	require.Contains(t, allocs, "lazy")
	require.Less(t, allocs["lazy"], 5)
	require.Greater(t, allocs["eager"], 50)

	text, err := exec.CommandContext(t.Context(), program, "2026-11-24T12:00:00").CombinedOutput()
	require.NoError(t, err)
	require.Equal(t, "true true\n", string(text))
}

// The first request does, and all that come while it works wait for it too. The
// total is not less, it is only later: here the first call of a value that needs 800
// ms takes 800 ms and the second nothing. If the start of the process is not what
// users wait for, as in a server behind a load balancer, call the function once
// before the process reports that it is ready. Then it is lazy for tests and tools,
// and warm for requests.
//
//claim:ask I made the initialisation lazy, and now the first request after each deployment is slow. What now?
//claim:source https://pkg.go.dev/sync#OnceValue
func TestLazyInitFirstCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		load := func() int {
			time.Sleep(800 * time.Millisecond)
			return 42
		}
		timed := func(f func() int) time.Duration {
			start := time.Now()
			require.Equal(t, 42, f())
			return time.Since(start)
		}
		table := sync.OnceValue(load)
		require.Equal(t, 800*time.Millisecond, timed(table))
		require.Zero(t, timed(table))

		table = sync.OnceValue(load)
		table() // before the process reports that it is ready
		require.Zero(t, timed(table))
	})
}

// Start what does not depend on each other at the same time. Connections to a
// database, a cache and a queue that need 300, 200 and 100 ms take 600 ms one after
// the other, and 300 ms together: the time of the slowest. Waiting needs no
// processor, so this holds on one core as well. Initialisation at package level and
// in init functions cannot do that, because it is sequential, which is one more
// reason to connect in main, where errors can be returned as well.
//
//claim:ask A service needs long to start because it connects to several others. What helps?
//claim:source https://go.dev/ref/spec#Package_initialization
func TestLazyInitStartTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		needs := []time.Duration{300 * time.Millisecond, 200 * time.Millisecond, 100 * time.Millisecond}
		start := time.Now()
		for _, connect := range needs {
			time.Sleep(connect)
		}
		require.Equal(t, 600*time.Millisecond, time.Since(start))

		start = time.Now()
		var all sync.WaitGroup
		for _, connect := range needs {
			all.Go(func() { time.Sleep(connect) })
		}
		all.Wait()
		require.Equal(t, 300*time.Millisecond, time.Since(start))
	})
}

// The arguments of a call are computed before it, so a message for an error that
// does not happen is built each time: two allocations for each of the 100 ids, and
// the loop takes more than 20 times as long. Pass the format and its arguments, or a
// function that makes the message, so that only a failed check pays. The same
// mistake is found in logging and tracing calls, in default values such as get(key,
// compute()), and in fmt.Errorf before the if.
//
//claim:ask What is slow about check(ok, fmt.Sprintf("order %d is negative", id))?
//claim:expect allocs/op of=lazy == 0
//claim:expect allocs/op of=eager == 200
//claim:expect ns/op of=eager > 20x of=lazy
//claim:source https://go.dev/ref/spec#Order_of_evaluation
func BenchmarkLazyInitArgument(b *testing.B) {
	ids := make([]int, 100)
	for i := range ids {
		ids[i] = 1000 + i
	}
	b.Run("of=eager", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			lazyInitSumEager(ids)
		}
	})
	b.Run("of=lazy", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			lazyInitSumLazy(ids)
		}
	})
}

func TestLazyInitArgument(t *testing.T) {
	require.Equal(t, 6, lazyInitSumEager([]int{1, 2, 3}))
	require.Equal(t, 6, lazyInitSumLazy([]int{1, 2, 3}))
	require.PanicsWithValue(t, "order -7 is negative", func() { lazyInitSumEager([]int{-7}) })
	require.PanicsWithValue(t, "order -7 is negative", func() { lazyInitSumLazy([]int{-7}) })
}
