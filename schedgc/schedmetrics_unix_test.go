//go:build unix

package schedgc

import (
	"os"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// A goroutine in a system call that blocks, or in C, counts as not-in-go. Each
// holds a thread, so the number of threads is at least that. A goroutine that
// waits for a socket or a channel is in waiting instead and holds none. So a
// high not-in-go explains a high number of threads: reads of files, terminals,
// name lookups or drivers in C. The metric exists since Go 1.26.
//
//claim:ask What does the metric /sched/goroutines/not-in-go tell?
//claim:source https://pkg.go.dev/runtime/metrics#hdr-Supported_metrics
func TestSchedMetricNotInGo(t *testing.T) {
	const calls = 3
	var fds [2]int
	require.NoError(t, syscall.Pipe(fds[:])) // blocks: the poller does not know it
	defer syscall.Close(fds[0])
	defer syscall.Close(fds[1])
	var reading sync.WaitGroup
	for range calls {
		reading.Go(func() {
			var b [1]byte
			syscall.Read(fds[0], b[:])
		})
	}
	defer reading.Wait()
	defer syscall.Write(fds[1], make([]byte, calls))
	var stats SchedStats
	for deadline := time.Now().Add(10 * time.Second); stats.NotInGo < calls; runtime.Gosched() {
		require.True(t, time.Now().Before(deadline), "%+v", stats)
		stats = ReadSchedStats()
	}
	require.GreaterOrEqual(t, stats.Threads, uint64(calls+1), "and the one that counts")
}

// The threads that the runtime created, idle ones included, and not those that
// C code started. The number is larger than GOMAXPROCS: the thread of the
// monitor needs no P, and a thread in a system call has given its P away. So it
// is normal that GOMAXPROCS=1 shows several. On Linux it equals the number of
// threads that the kernel lists for a program without threads of C code.
//
//claim:ask What does /sched/threads/total count, and why is it larger than GOMAXPROCS?
//claim:source https://pkg.go.dev/runtime/metrics#hdr-Supported_metrics
func TestSchedMetricThreads(t *testing.T) {
	withProcs(t, 1)
	require.Greater(t, ReadSchedStats().Threads, uint64(1))
	require.EqualValues(t, 1, ReadSchedStats().Procs)
	if runtime.GOOS != "linux" {
		t.Skip("no list of threads in /proc")
	}
	untilTraced(t, func() bool {
		before := ReadSchedStats().Threads
		tasks, err := os.ReadDir("/proc/self/task")
		require.NoError(t, err)
		if proof.RaceEnabled {
			return uint64(len(tasks)) >= before // the race detector may have threads of its own
		}
		return uint64(len(tasks)) == before && ReadSchedStats().Threads == before
	})
}
