package schedgc

import (
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// residentSet returns the bytes of memory that the kernel holds for this process.
func residentSet(t *testing.T) float64 { return procStatm(t, 1) }

// addressSpace returns the bytes of addresses that this process has reserved.
func addressSpace(t *testing.T) float64 { return procStatm(t, 0) }

func procStatm(t *testing.T, field int) float64 {
	t.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	require.NoError(t, err)
	pages, err := strconv.ParseFloat(strings.Fields(string(text))[field], 64)
	require.NoError(t, err)
	return pages * float64(os.Getpagesize())
}

// On Linux the memory that the system counts for the process falls at once when pages
// are released, because Go gives them back by madvise with MADV_DONTNEED. The addresses
// stay reserved, so VSZ does not fall; it is no measure of memory. With
// GODEBUG=madvdontneed=0 Go uses MADV_FREE, as it did by default from Go 1.12 to 1.15:
// HeapReleased rises, and the resident set may stay until the kernel is short of
// memory.
//
//claim:ask Why does the resident memory of a Go process not fall, though HeapReleased is high?
//claim:needs goos=linux
//claim:source https://go.dev/doc/go1.16#runtime
//claim:source https://pkg.go.dev/runtime#hdr-Environment_Variables
func TestScavengeResident(t *testing.T) {
	if proof.InChild(t) {
		scavengePeak(48 * pacingMiB)
		runtime.GC()
		resident, addresses, released := residentSet(t), addressSpace(t), pacingMetric(scavengeReleased)
		debug.FreeOSMemory()
		pacingReport("released", pacingMetric(scavengeReleased)-released)
		pacingReport("resident", resident-residentSet(t))
		pacingReport("addresses", addresses-addressSpace(t))
		return
	}
	got := pacingChild(t)
	assert.Greater(t, got["released"], 40.0*pacingMiB)
	assert.Greater(t, got["resident"], 36.0*pacingMiB)
	assert.Less(t, got["addresses"], 1.0*pacingMiB)

	lazy := pacingChild(t, "GODEBUG=madvdontneed=0")
	assert.Greater(t, lazy["released"], 40.0*pacingMiB)
	assert.LessOrEqual(t, lazy["resident"], got["resident"]+4*pacingMiB, "less, if the kernel has memory to spare")
}

// Memory that was released is memory that has to be found again: the first write to
// each page interrupts the program, and the kernel looks for a page and clears it.
// Using 24 MiB again after FreeOSMemory costs at least 10 page faults more than using
// them again after a plain collection; without large pages it is one for each 4 KiB.
// This is why the scavenger keeps a reserve.
//
//claim:ask Why does Go keep freed memory instead of returning it at once?
//claim:needs goos=linux
//claim:source runtime/mgcscavenge.go
func TestScavengeFaults(t *testing.T) {
	if proof.InChild(t) {
		faults := func(reclaim func()) float64 {
			scavengePeak(24 * pacingMiB)
			reclaim()
			var before, after syscall.Rusage
			require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &before))
			scavengePeak(24 * pacingMiB)
			require.NoError(t, syscall.Getrusage(syscall.RUSAGE_SELF, &after))
			return float64(after.Minflt - before.Minflt)
		}
		pacingReport("kept", faults(runtime.GC))
		pacingReport("returned", faults(debug.FreeOSMemory))
		return
	}
	got := pacingChild(t, "GOGC=off")
	assert.GreaterOrEqual(t, got["returned"], got["kept"]+10, "%v", got)
}

// No, it takes memory when it is written. A slice of 48 MiB is 48 MiB of heap at once,
// for HeapAlloc, the heap goal and the memory limit; the resident set grows by less
// than 4 MiB, because the kernel finds a page when it is first touched, and Go does not
// clear memory that is fresh from the system. If the slice reuses freed pages, make
// clears them and they are resident already.
//
//claim:ask Does a large make([]byte, n) use memory of the machine before I write to it?
//claim:needs goos=linux
//claim:source runtime/malloc.go
func TestScavengeUntouched(t *testing.T) {
	if proof.InChild(t) {
		resident, heap := residentSet(t), ReadHeapPages().Objects
		large := make([]byte, 48*pacingMiB)
		pacingReport("heap", float64(ReadHeapPages().Objects-heap))
		pacingReport("made", residentSet(t)-resident)
		for i := 0; i < len(large); i += 4096 {
			large[i] = 1
		}
		pacingReport("written", residentSet(t)-resident)
		runtime.KeepAlive(large)
		return
	}
	got := pacingChild(t, "GOGC=off")
	assert.GreaterOrEqual(t, got["heap"], 48.0*pacingMiB)
	assert.Less(t, got["made"], 4.0*pacingMiB)
	assert.Greater(t, got["written"], 44.0*pacingMiB)
}
