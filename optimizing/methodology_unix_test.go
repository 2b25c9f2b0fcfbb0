//go:build unix

package optimizing

import (
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// By the CPU time beside the elapsed time, which the shell's time prints as user,
// sys and real, and getrusage gives to a program. If user and sys together are far
// below real, the program waits, for a disk, the network, a lock or a timer, and a
// CPU profile shows next to nothing of that: use a trace or a block profile. If they
// are as large as real, one processor computes all the time; if they are larger,
// several do, and more processors may help. Here a function that sleeps for 30 ms
// uses less than half of it, and one that computes uses all the CPU time there is
// for it.
//
//claim:ask A program takes ten seconds. How do you see at once whether it computes or waits?
//claim:source https://pkg.go.dev/syscall#Getrusage
func TestMethodologyCPUTime(t *testing.T) {
	const elapsed = 30 * time.Millisecond
	require.Eventually(t, func() bool { // the process may have other things to do, such as a collection
		before := methodologyCPUTime(t)
		time.Sleep(elapsed)
		return methodologyCPUTime(t)-before < elapsed/2
	}, 10*time.Second, time.Millisecond)

	x := uint64(1)
	for before := methodologyCPUTime(t); methodologyCPUTime(t)-before < elapsed; {
		x = concurrencyCostWork(x, 1000)
	}
}

// methodologyCPUTime returns the CPU time of the process so far.
func methodologyCPUTime(t *testing.T) time.Duration {
	var usage syscall.Rusage
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
