package optimizing

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// It reads two clocks of the system, on Linux usually without entering the kernel,
// and is more than 3 times as slow as reading an atomic variable. For a whole
// request that does not matter. In a loop over millions of items
// it does: ask once for a batch of items, or let a ticker store the time in an atomic
// (a coarse clock), which is as old as the last tick and has no monotonic part.
// Virtual machines with a clock that the process cannot read have to enter the kernel
// for each call, and there the factor is much larger.
//
//claim:ask What does time.Now cost, and when is a cached clock worth it?
//claim:expect ns/op of=now > 3x of=coarse
//claim:source runtime/time_linux_amd64.s
func BenchmarkTimeCostNow(b *testing.B) {
	clock := new(CoarseClock)
	clock.Tick(time.Now())
	layoutRun(b, "of=now", func() { timecostResult = timecostNow() })
	layoutRun(b, "of=coarse", func() { timecostResult = timecostCoarse(clock) })
}

var timecostResult int64

func TestTimeCostNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		clock := new(CoarseClock)
		go func() {
			ticker := time.NewTicker(10 * time.Millisecond)
			defer ticker.Stop()
			for {
				select {
				case now := <-ticker.C:
					clock.Tick(now)
				case <-ctx.Done():
					return
				}
			}
		}()
		time.Sleep(25 * time.Millisecond)
		age := time.Now().UnixNano() - clock.UnixNano()
		assert.Equal(t, (5 * time.Millisecond).Nanoseconds(), age)
		clock.Tick(time.Unix(1, 0))
		assert.Equal(t, int64(1e9), timecostCoarse(clock))
		assert.NotZero(t, timecostNow())
		cancel()
		synctest.Wait()
	})
}

// Choose RFC 3339 and append. For time.RFC3339 and time.RFC3339Nano there is a
// formatter of its own since Go 1.20, which is more than 1.5 times as fast as the
// interpretation of another layout with the same fields. AppendFormat writes into a
// buffer of yours and allocates nothing, while Format allocates the string. A number
// (Unix, UnixMilli) is cheaper still. A log that has many lines in the same second can
// keep the text of that second.
//
//claim:ask Formatting timestamps is high in the profile. What do you do?
//claim:expect ns/op of=layout > 1.5x of=rfc3339
//claim:expect allocs/op of=rfc3339 == 0
//claim:source time/format_rfc3339.go
func BenchmarkTimeCostFormat(b *testing.B) {
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	buffer := make([]byte, 0, 64)
	layoutRun(b, "of=rfc3339", func() { timecostAppend(buffer, now, time.RFC3339) })
	layoutRun(b, "of=layout", func() { timecostAppend(buffer, now, "2006-01-02 15:04:05Z07:00") })
}

func TestTimeCostFormat(t *testing.T) {
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	assert.Equal(t, "2026-03-04T05:06:07Z", string(timecostAppend(nil, now, time.RFC3339)))
	assert.Equal(t, "2026-03-04 05:06:07Z", string(timecostAppend(nil, now, "2006-01-02 15:04:05Z07:00")))
	assert.Equal(t, 20, timecostFormat(now, time.RFC3339))
	proof.WantAllocs(t, 1, func() { timecostFormat(now, time.RFC3339) })
}

// Because it reads the file of the zone and parses it, each time: nothing is cached,
// and two calls give two different pointers. Load the location once and keep it; a
// *time.Location does not change and may be used by several goroutines. UTC and Local
// need no file. A time.Time carries the pointer, so the same moment in two copies of
// one zone is not equal with ==: compare with Equal.
//
//claim:ask Why is time.LoadLocation slow?
//claim:source time/zoneinfo.go
func TestTimeCostLocation(t *testing.T) {
	first, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("no time zone files:", err)
	}
	second, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	assert.NotSame(t, first, second)
	now := time.Date(2026, 3, 4, 5, 6, 7, 0, first)
	assert.False(t, now == now.In(second))
	assert.True(t, now.Equal(now.In(second)))
	utc, err := time.LoadLocation("UTC")
	require.NoError(t, err)
	assert.Same(t, time.UTC, utc)
	proof.WantAllocs(t, 0, func() { _ = now.In(first) })
	assert.Greater(t, testing.AllocsPerRun(5, func() { _, _ = time.LoadLocation("Europe/Berlin") }), 5.0)
}
