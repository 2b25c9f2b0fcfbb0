package schedgc

import (
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// sysmonCPUTime returns the processor time that the process has used.
func sysmonCPUTime(t *testing.T) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// No. When all Ps are idle for a while, sysmon sleeps longer and longer, and
// then until the next timer is due or somebody wakes it; the other threads are
// parked in the kernel. So an idle program uses almost no processor time, although it
// has several threads. It starts again with looks every 20 microseconds when there
// is work.
//
//claim:ask Does the system monitor use the processor while a program is idle?
//claim:needs goos=linux
//claim:source runtime/proc.go
func TestSysmonSleeps(t *testing.T) {
	if proof.InChild(t) {
		time.Sleep(20 * time.Millisecond) // to settle
		before := sysmonCPUTime(t)
		begun := time.Now()
		time.Sleep(100 * time.Millisecond)
		idle := time.Since(begun)
		after := sysmonCPUTime(t)
		fmt.Printf("percent=%d\n", 100*(after-before)/idle)
		os.Exit(0)
	}
	assert.Less(t, runChildFacts(t)["percent"], 20)
}
