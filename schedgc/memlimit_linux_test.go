package schedgc

import (
	"runtime"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// No, the runtime counts only what it has mapped itself. Memory from a direct mmap, or
// from malloc in C, is not part of it: a mapping of 64 MiB under a limit of 32 MiB
// changes nothing in the numbers and causes no collection, though the kernel counts it
// for the process. A program that uses such memory has to lower its limit by hand, by
// what it expects to need.
//
//claim:ask Does GOMEMLIMIT count memory of C libraries and of mmap?
//claim:source https://pkg.go.dev/runtime/debug#SetMemoryLimit
func TestMemlimitForeign(t *testing.T) {
	if proof.InChild(t) {
		before := memlimitCounted()
		foreign, err := syscall.Mmap(-1, 0, 64*pacingMiB, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
		if err != nil {
			t.Skip("no mapping: ", err)
		}
		for i := 0; i < len(foreign); i += 4096 {
			foreign[i] = 1
		}
		pacingReport("grown", memlimitCounted()-before)
		pacingReport("cycles", pacingCyclesIn(func() { pacingGarbage(8 * pacingMiB) }))
		pacingReport("resident", residentSet(t))
		runtime.KeepAlive(foreign)
		return
	}
	got := pacingChild(t, "GOGC=off", "GOMEMLIMIT=32MiB")
	assert.Less(t, got["grown"], 1.0*pacingMiB)
	assert.Zero(t, got["cycles"])
	assert.Greater(t, got["resident"], 64.0*pacingMiB)
}
