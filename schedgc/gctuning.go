package schedgc

import "runtime/debug"

// Tuning the collector means two settings, GOGC and the memory limit, and less garbage.
// Here is what the proofs run with one and with the other.

// PauseGC turns automatic collections off until resume is called, which puts the old
// GOGC back. It first waits for the marking that is under way. A memory limit still
// causes collections; without one, the heap grows by all that is allocated meanwhile.
// The setting is that of the process: do not nest pauses, and not in several
// goroutines.
func PauseGC() (resume func()) {
	percent := debug.SetGCPercent(-1)
	return func() { debug.SetGCPercent(percent) }
}

// gcTuningRequest makes n bytes of garbage, as a handler does, and returns their sum.
//
//go:noinline
func gcTuningRequest(n int) int {
	buffer := make([]byte, n)
	return gcTuningFill(buffer)
}

//go:noinline
func gcTuningFill(buffer []byte) (sum int) {
	for i := 0; i < len(buffer); i += 512 {
		buffer[i] = byte(i >> 9)
		sum += int(buffer[i])
	}
	return sum
}
