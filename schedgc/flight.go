package schedgc

import (
	"io"
	"runtime/trace"
	"sync/atomic"
	"time"
)

// SlowSnapshot writes the recent past of the program, as an execution trace, when
// an operation takes too long. It does so once, at the first such operation: the
// others of the same bad minute would write the same window again. Read the
// result with go tool trace. It may be used by any number of goroutines.
type SlowSnapshot struct {
	// Recorder must be started, by the program, before the operations.
	Recorder *trace.FlightRecorder
	// Limit is the duration from which on an operation is slow.
	Limit time.Duration
	// Into is written to at most once, by one goroutine.
	Into io.Writer

	taken atomic.Bool
}

// Watch runs the operation and takes the snapshot if it was slow and none was
// taken before. The error is that of writing the snapshot, or of a recorder that
// is not running. The goroutine that was slow waits for the writing too.
func (s *SlowSnapshot) Watch(operation func()) error {
	start := time.Now()
	operation()
	if time.Since(start) < s.Limit || !s.taken.CompareAndSwap(false, true) {
		return nil
	}
	_, err := s.Recorder.WriteTo(s.Into)
	return err
}
