package optimizing

import (
	"sync/atomic"
	"time"
)

// CoarseClock keeps a time that is read without asking the system. It is as old as
// the last Tick. It is safe for concurrent use.
type CoarseClock struct{ nanoseconds atomic.Int64 }

// Tick sets the time; a goroutine with a [time.Ticker] calls it.
func (c *CoarseClock) Tick(now time.Time) { c.nanoseconds.Store(now.UnixNano()) }

// UnixNano returns the time of the last Tick in nanoseconds since 1970, or 0 if there
// was none.
func (c *CoarseClock) UnixNano() int64 { return c.nanoseconds.Load() }

//go:noinline
func timecostNow() int64 {
	var sum int64
	for range 63 {
		sum ^= time.Now().UnixNano()
	}
	return sum
}

//go:noinline
func timecostCoarse(clock *CoarseClock) int64 {
	var sum int64
	for range 63 {
		sum ^= clock.UnixNano()
	}
	return sum
}

//go:noinline
func timecostFormat(t time.Time, layout string) int { return len(t.Format(layout)) }

//go:noinline
func timecostAppend(buffer []byte, t time.Time, layout string) []byte {
	return t.AppendFormat(buffer[:0], layout)
}
