package schedgc

import (
	"fmt"
	"os"
	"regexp"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// The system monitor, sysmon, is a loop on a thread of its own that needs no P, so
// it works when every P is busy or stuck. It takes Ps from system calls that last,
// asks goroutines to yield after 10 milliseconds, polls the network when nobody else does,
// starts a collection when there was none for 2 minutes, wakes the
// scavenger, and adapts GOMAXPROCS. Here the only P runs a loop that cannot be
// preempted, and the lines of schedtrace, which it prints too, still come.
//
//claim:ask What is sysmon, and which jobs does it have?
//claim:source runtime/proc.go
func TestSysmonNeedsNoP(t *testing.T) {
	if runtime.GOARCH == "wasm" {
		t.Skip("WebAssembly has no system monitor")
	}
	if proof.InChild(t) {
		fmt.Println("started")
		for range 200_000_000 {
		}
		fmt.Println("ended")
		os.Exit(0)
	}
	out, err := proof.Child(t, "GOMAXPROCS=1", "GODEBUG=asyncpreemptoff=1,schedtrace=5")
	require.NoError(t, err, out)
	during := regexp.MustCompile(`(?s)started\n(.*)ended\n`).FindStringSubmatch(out)
	require.NotNil(t, during, out)
	lines := regexp.MustCompile(`SCHED \d+ms: gomaxprocs=1 idleprocs=0`).FindAllString(during[1], -1)
	assert.GreaterOrEqual(t, len(lines), 2, out)
}
