package schedgc

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// It takes about a millisecond on Linux in a program that is idle: the last thread waits in
// the network poller, whose timeout is counted in whole milliseconds and rounded up.
// So a sleep of 50 microseconds takes about as long as one of 900. If a thread is busy
// in the scheduler anyway, the timer is seen earlier. Sleep is no tool for short
// pauses; on other systems the granularity is another one.
//
//claim:ask How long does time.Sleep(50 * time.Microsecond) take?
//claim:needs goos=linux
//claim:expect ns/op us=900 < 3x us=50
//claim:source runtime/netpoll_epoll.go
//claim:source https://go.dev/issue/44343
func BenchmarkSchedtimerShortSleep(b *testing.B) {
	b.Run("us=50", func(b *testing.B) { schedtimerSleeps(b, 50*time.Microsecond) })
	b.Run("us=900", func(b *testing.B) { schedtimerSleeps(b, 900*time.Microsecond) })
}

func schedtimerSleeps(b *testing.B, d time.Duration) {
	b.ReportAllocs()
	for b.Loop() {
		time.Sleep(d)
	}
}

func TestSchedtimerShortSleep(t *testing.T) {
	begun := time.Now()
	time.Sleep(50 * time.Microsecond)
	assert.GreaterOrEqual(t, time.Since(begun), 50*time.Microsecond)
}
