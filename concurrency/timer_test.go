package concurrency

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/go-deep-dive/godeep/internal/proof"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// timerReady reports whether c has a value, and takes it.
func timerReady(c <-chan time.Time) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// Since Go 1.23 no: after Stop or Reset has returned, no value of the old
// setting is received. The channel of a timer has capacity 0, and len is always
// 0, also when the timer has fired; the runtime delivers when somebody
// receives. You may read that a timer must be drained before Reset, with if
// !t.Stop() { <-t.C }; that was for the buffered channel up to Go 1.22. Code
// that polls len(t.C) never sees a tick any more: use a select with a default.
//
//claim:ask Can you receive a stale value from a timer after Stop or Reset?
//claim:source https://go.dev/doc/go1.23#timer-changes
//claim:source https://pkg.go.dev/time#Timer.Reset
func TestTimerStaleValue(t *testing.T) {
	check := func(t *testing.T) {
		timer := time.NewTimer(time.Millisecond)
		assert.Zero(t, cap(timer.C))
		time.Sleep(2 * time.Millisecond)
		assert.Zero(t, len(timer.C), "fired and not received")
		timer.Stop()
		assert.False(t, timerReady(timer.C), "stopped after it had fired")

		timer.Reset(time.Millisecond)
		time.Sleep(2 * time.Millisecond)
		timer.Reset(time.Hour)
		assert.False(t, timerReady(timer.C), "reset after it had fired")
		timer.Reset(time.Millisecond)
		time.Sleep(2 * time.Millisecond)
		assert.True(t, timerReady(timer.C))
		assert.False(t, timerReady(timer.C), "one value per setting")
	}
	check(t)
	synctest.Test(t, check)
}

// Both report whether the timer was active: true if they prevented it from
// firing, false if it had fired or been stopped before. Since Go 1.23 a channel
// timer that has fired counts as active until its value is received, because
// nothing was sent yet. So after Stop returns false there is nothing in the
// channel, and a plain receive blocks for ever. For AfterFunc, false means that
// the function was started, not that it has finished.
//
//claim:ask What do Timer.Stop and Timer.Reset return?
//claim:source https://pkg.go.dev/time#Timer.Stop
//claim:source https://go.dev/doc/go1.23#timer-changes
func TestTimerStopResult(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		timer := time.NewTimer(time.Second)
		assert.True(t, timer.Stop(), "active")
		assert.False(t, timer.Stop(), "stopped")
		assert.False(t, timer.Reset(time.Second), "stopped")
		assert.True(t, timer.Reset(time.Second), "active")
		<-timer.C
		assert.False(t, timer.Stop(), "fired and received")

		ran := make(chan bool, 1)
		later := time.AfterFunc(time.Second, func() { ran <- true })
		time.Sleep(2 * time.Second)
		assert.True(t, <-ran)
		assert.False(t, later.Stop(), "started")
		assert.False(t, later.Reset(time.Second))
		assert.True(t, <-ran, "Reset has scheduled it again")
	})
	timer := time.NewTimer(time.Millisecond)
	time.Sleep(2 * time.Millisecond)
	assert.True(t, timer.Stop(), "fired, and not received")
	assert.False(t, timerReady(timer.C))
}

// No, since Go 1.23: a timer or ticker that nothing refers to is collected
// without Stop and before it fires. So time.After in a loop and time.Tick leak
// nothing, and the advice to avoid them for that reason is history. Go 1.27
// does so whatever the go line of the module says; before, it needed go 1.23
// there. The function of time.AfterFunc is still held until it has run or the
// timer is stopped.
//
//claim:ask Do time.After, time.Tick or a timer without Stop leak?
//claim:source https://go.dev/doc/go1.23#timer-changes
//claim:source https://pkg.go.dev/time#Tick
func TestTimerCollected(t *testing.T) {
	type job struct {
		timer *time.Timer
		runs  int
	}
	make3 := func() (weak.Pointer[time.Timer], weak.Pointer[time.Ticker], weak.Pointer[job]) {
		held := new(job)
		held.timer = time.AfterFunc(time.Hour, func() { held.runs++ })
		return weak.Make(time.NewTimer(time.Hour)), weak.Make(time.NewTicker(time.Hour)), weak.Make(held)
	}
	timer, ticker, held := make3()
	runtime.GC()
	assert.Nil(t, timer.Value())
	assert.Nil(t, ticker.Value())
	require.NotNil(t, held.Value(), "the function is waiting to run")
	held.Value().timer.Stop()

	before := proof.LiveHeap()
	for range 1000 {
		select {
		case <-time.After(time.Hour):
		case <-time.Tick(time.Hour):
		default:
		}
	}
	assert.Less(t, int64(proof.LiveHeap())-int64(before), int64(1000*50), "two timers of more than 100 bytes each")
}

// It ends the program at its start in Go 1.27, with fatal error: removed
// GODEBUG "asynctimerchan". Up to Go 1.26 the setting brought back the buffered
// channel of Go 1.22, with a capacity of 1, and so did a go line below 1.23 in
// go.mod. Both ways back are gone: code that depends on a buffered timer
// channel has to be changed.
//
//claim:ask What does GODEBUG=asynctimerchan=1 do?
//claim:source https://pkg.go.dev/time#NewTimer
//claim:source https://go.dev/doc/godebug
func TestTimerAsyncSetting(t *testing.T) {
	if proof.InChild(t) {
		println("capacity", cap(time.NewTimer(time.Hour).C))
		os.Exit(0)
	}
	out, err := proof.Child(t, "GODEBUG=asynctimerchan=1", ctxRaceExit)
	if proof.GoAtLeast("go1.27") {
		require.Error(t, err)
		assert.Contains(t, out, `fatal error: removed GODEBUG "asynctimerchan"`)
		return
	}
	require.NoError(t, err, out)
	assert.Contains(t, out, "capacity 1")
}

// In a goroutine of its own, started when the time has come; until then no
// goroutine exists for it. Stop does not wait for a function that is running,
// and Reset can start it a second time while the first run goes on: the
// function must be ready for that. Its field C is nil. The function of
// AfterFunc may block, as it holds up no other timer.
//
//claim:ask Where does the function of time.AfterFunc run, and does Stop wait for it?
//claim:source https://pkg.go.dev/time#AfterFunc
//claim:source https://pkg.go.dev/time#Timer.Stop
func TestTimerAfterFunc(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const run = 10 * time.Second
		start := time.Now()
		ends := make(chan time.Duration, 2)
		timer := time.AfterFunc(time.Second, func() {
			time.Sleep(run)
			ends <- time.Since(start)
		})
		assert.Nil(t, timer.C)
		time.Sleep(2 * time.Second)
		assert.False(t, timer.Stop())
		assert.Equal(t, 2*time.Second, time.Since(start), "Stop has not waited")
		timer.Reset(time.Second)
		other := make(chan time.Time, 1)
		time.AfterFunc(time.Second, func() { other <- time.Now() })
		assert.Equal(t, 3*time.Second, (<-other).Sub(start), "not held up")
		assert.Equal(t, time.Second+run, <-ends)
		assert.Equal(t, 3*time.Second+run, <-ends, "two runs at once")
	})
}

// No: a timer is an entry in a heap that the scheduler looks at when it picks
// the next goroutine. A thousand pending timers need no goroutine and no
// thread. A goroutine in time.Sleep, or one that waits for a timer channel,
// costs what a goroutine costs; prefer AfterFunc for many things that are
// merely due later.
//
//claim:ask Does every timer need a goroutine?
//claim:source runtime/time.go
func TestTimerNoGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := runtime.NumGoroutine()
		const timers = 1000
		ran := make(chan bool, timers)
		for range timers {
			time.AfterFunc(time.Hour, func() { ran <- true })
		}
		synctest.Wait()
		assert.LessOrEqual(t, runtime.NumGoroutine(), before)
		time.Sleep(time.Hour)
		synctest.Wait()
		assert.Len(t, ran, timers)
	})
}

// It drops them. The channel offers one tick at most, so a receiver that is
// slower than the period misses ticks and never gets a burst. The ticks that
// come stay on the grid of the period: the ticker does not drift by the work
// between them. The first tick comes after one period, not at once. To do
// something at once and then periodically, do it before the loop.
//
//claim:ask What does a time.Ticker do if the receiver is slower than the ticks?
//claim:source https://pkg.go.dev/time#NewTicker
func TestTickerSlowReceiver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		assert.False(t, timerReady(ticker.C), "not at once")
		var seconds []float64
		for range 4 {
			<-ticker.C
			seconds = append(seconds, time.Since(start).Seconds())
			time.Sleep(2500 * time.Millisecond)
		}
		assert.Equal(t, []float64{1, 3.5, 6, 8.5}, seconds, "10 s, 4 ticks received")
		<-ticker.C // one was waiting
		assert.False(t, timerReady(ticker.C), "the others are lost")
		<-ticker.C
		assert.Equal(t, 12*time.Second, time.Since(start), "on the grid")
	})
}

// NewTicker and Ticker.Reset panic for a period that is zero or negative, with
// non-positive interval in the text; time.Tick returns a nil channel, on which
// a receive blocks for ever. A period that comes from a configuration must be
// checked. Timers are different: a timeout of zero or less is fine and fires at
// once.
//
//claim:ask What does time.NewTicker(0) do?
//claim:source https://pkg.go.dev/time#NewTicker
//claim:source https://pkg.go.dev/time#Tick
func TestTickerZero(t *testing.T) {
	assert.PanicsWithValue(t, "non-positive interval for NewTicker", func() { time.NewTicker(0) })
	assert.PanicsWithValue(t, "non-positive interval for NewTicker", func() { time.NewTicker(-1) })
	ticker := time.NewTicker(time.Hour)
	defer ticker.Stop()
	assert.PanicsWithValue(t, "non-positive interval for Ticker.Reset", func() { ticker.Reset(0) })
	assert.Nil(t, time.Tick(0))
	assert.Nil(t, time.Tick(-time.Second))
}

// It fires at once: a duration of zero or less means that the time has passed.
// That is what one wants for time.Until(deadline), which is negative after the
// deadline. It still goes through the scheduler, so in a select with a case
// that is ready both may win. Sleep returns at once too.
//
//claim:ask What happens with a timer whose duration is zero or negative?
//claim:source https://pkg.go.dev/time#Sleep
//claim:source https://pkg.go.dev/time#NewTimer
func TestTimerNegative(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		<-time.After(-time.Hour)
		<-time.After(0)
		<-time.NewTimer(time.Until(start.Add(-time.Minute))).C
		time.Sleep(-time.Hour)
		assert.Zero(t, time.Since(start))

		ran := make(chan bool, 1)
		time.AfterFunc(-1, func() { ran <- true })
		assert.True(t, <-ran)
		assert.Zero(t, time.Since(start))
	})
}

// Reset starts a new period from now: the next tick comes one new period after
// the call, and a tick that was waiting is dropped, since Go 1.23. It works on
// a stopped ticker too. Stop does not close the channel, so a receiver is not
// woken by it.
//
//claim:ask What does Ticker.Reset do to the next tick?
//claim:source https://pkg.go.dev/time#Ticker.Reset
func TestTickerReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		ticker := time.NewTicker(10 * time.Second)
		defer ticker.Stop()
		time.Sleep(9 * time.Second)
		ticker.Reset(2 * time.Second)
		<-ticker.C
		assert.Equal(t, 11*time.Second, time.Since(start))
		time.Sleep(3 * time.Second) // a tick waits
		ticker.Reset(5 * time.Second)
		<-ticker.C
		assert.Equal(t, 19*time.Second, time.Since(start))

		ticker.Stop()
		time.Sleep(time.Minute)
		assert.False(t, timerReady(ticker.C), "neither a tick nor closed")
		ticker.Reset(time.Second)
		<-ticker.C
		assert.Equal(t, 80*time.Second, time.Since(start))
	})
}

// Each time.After makes a new timer with its channel, three allocations in all;
// one timer that is Reset makes none, and the loop with time.After takes more
// than 1.3 times as long. That is the whole difference today: nothing leaks. So
// use Reset in loops that are hot, and time.After where it reads better. Reset
// needs no Stop and no drain before it, since Go 1.23.
//
//claim:ask What does time.After in a loop cost, compared with one timer that is reset?
//claim:expect allocs/op of=After == 300
//claim:expect allocs/op of=Reset < 10
//claim:expect ns/op of=After > 1.3x of=Reset
//claim:source https://pkg.go.dev/time#After
func BenchmarkTimerAfterLoop(b *testing.B) {
	const events = 100
	c := make(chan int)
	close(c) // an event that is always ready
	b.Run("of=After", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			timerDrainAfter(c, events, time.Hour)
		}
	})
	b.Run("of=Reset", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			timerDrainReset(c, events, time.Hour)
		}
	})
}

func TestTimerAfterLoop(t *testing.T) {
	for _, drain := range []func(<-chan int, int, time.Duration) int{timerDrainAfter, timerDrainReset} {
		synctest.Test(t, func(t *testing.T) {
			c := make(chan int, 10)
			for i := range 10 {
				c <- i
			}
			start := time.Now()
			assert.Equal(t, 45, drain(c, 10, time.Minute))
			assert.Zero(t, time.Since(start))
			c <- 7
			assert.Equal(t, 7, drain(c, 10, time.Minute))
			assert.Equal(t, time.Minute, time.Since(start), "idle")
		})
	}
}

// Never, if other events keep coming: each round makes a new timer, so the
// minute starts again and again. It is a limit on the silence, not on the loop.
// For a limit on the whole make the timer, or a context with a timeout, before
// the loop. Both are useful; the bug is to take one for the other.
//
//claim:ask for { select { case e := <-events: ...; case <-time.After(time.Minute): return } }: when does it return, with an event every second?
//claim:source https://pkg.go.dev/time#After
func TestTimerPerRound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		const enough = 1000
		handled := func(timeout func() <-chan time.Time) (n int) {
			for n < enough {
				select {
				case <-ticker.C:
					n++
				case <-timeout():
					return n
				}
			}
			return n
		}
		assert.Equal(t, enough, handled(func() <-chan time.Time { return time.After(time.Minute) }))
		total := time.After(time.Minute + time.Second/2)
		assert.Equal(t, 60, handled(func() <-chan time.Time { return total }))
	})
}

// Let it send its result to a channel, and select between that channel and a
// timer or a context. The select limits the waiting only: the goroutine goes
// on, since nothing can stop it from outside. Give the channel room for the
// result, or the late goroutine blocks for ever; and give the work a context,
// if it can use one, so that it stops too.
//
//claim:ask How do you put a timeout on a channel operation or on a whole goroutine?
//claim:source https://pkg.go.dev/time#After
//claim:source https://go.dev/ref/spec#Select_statements
func TestTimerLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		worked := make(chan time.Duration, 1)
		work := func(d time.Duration) func() int {
			return func() int {
				time.Sleep(d)
				worked <- time.Since(start)
				return 42
			}
		}
		v, err := timerLimited(time.Minute, work(time.Second))
		assert.NoError(t, err)
		assert.Equal(t, 42, v)
		assert.Equal(t, time.Second, <-worked)

		_, err = timerLimited(time.Minute, work(time.Hour))
		assert.Equal(t, errTimerLimit, err)
		assert.Equal(t, time.Second+time.Minute, time.Since(start))
		assert.Equal(t, time.Second+time.Hour, <-worked, "it went on")
	}) // which fails if the goroutine is still there
}

// Not at all: nothing ends a time.Sleep early. Wait instead in a select with
// time.After and ctx.Done. Until Go 1.22 one had to stop the timer on the way
// out of such a function; now an early return leaves only garbage.
//
//claim:ask How do you interrupt time.Sleep?
//claim:source https://pkg.go.dev/time#Sleep
func TestTimerPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shutdown := errors.New("shutdown")
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		start := time.Now()
		assert.NoError(t, timerPause(ctx, time.Minute))
		assert.Equal(t, time.Minute, time.Since(start))
		time.AfterFunc(time.Second, func() { cancel(shutdown) })
		assert.Equal(t, shutdown, timerPause(ctx, time.Hour))
		assert.Equal(t, time.Minute+time.Second, time.Since(start))
	})
}

// Keep one AfterFunc timer and Reset it at each call: the function runs once
// the calls have paused for the whole time. Reset needs no Stop before it. A
// call that comes while the function is running schedules another run, so two
// runs can overlap if the function is slow; guard against that if it matters.
//
//claim:ask How do you debounce calls: run only after they have stopped for a while?
//claim:source https://pkg.go.dev/time#Timer.Reset
func TestTimerDebounce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		runs := make(chan time.Duration, 10)
		d := timerDebounce{quiet: time.Second, f: func() { runs <- time.Since(start) }}
		for range 100 {
			d.trigger()
			time.Sleep(100 * time.Millisecond)
		}
		assert.Equal(t, 10900*time.Millisecond, <-runs, "a second after the last call")
		d.trigger()
		assert.Equal(t, 11900*time.Millisecond, <-runs)
		time.Sleep(time.Hour)
		assert.Empty(t, runs)
	})
}

// Because time.Now carries two readings, wall clock and monotonic clock, and
// Sub, Since, Until, Before and After use the monotonic one if both times have
// it. So a clock that is set back during a measurement does no harm; timers use
// the monotonic clock too. The reading is lost by Round(0), by UTC dates made
// with time.Date, and on any way through text, JSON or a database. Compare
// times with Equal: == also compares the monotonic reading and the location.
//
//claim:ask Why are two equal times not ==, and what is the monotonic clock in time.Time?
//claim:source https://pkg.go.dev/time#hdr-Monotonic_Clocks
func TestTimerMonotonic(t *testing.T) {
	now := time.Now()
	assert.Contains(t, now.String(), " m=+")
	wall := now.Round(0)
	assert.NotContains(t, wall.String(), " m=")
	assert.True(t, now.Equal(wall))
	assert.False(t, now == wall)
	assert.False(t, wall == wall.In(time.FixedZone("elsewhere", 3600)))
	assert.True(t, wall.Equal(wall.In(time.FixedZone("elsewhere", 3600))))

	text, err := json.Marshal(now)
	require.NoError(t, err)
	var back time.Time
	require.NoError(t, json.Unmarshal(text, &back))
	assert.True(t, back.Equal(now), "same instant")
	assert.NotContains(t, back.String(), " m=")
}

// Never early, and later by an amount that nobody promises. The runtime
// compares with the monotonic clock and fires when the time has passed and a
// thread is free to look; a busy program or machine makes it later. So do not
// build precise pacing on Sleep: compute the next time from the start, not from
// the last wake-up.
//
//claim:ask Can a timer or time.Sleep end early, and how late can it be?
//claim:source https://pkg.go.dev/time#Sleep
func TestTimerNotEarly(t *testing.T) {
	for range 5 {
		start := time.Now()
		time.Sleep(200 * time.Microsecond)
		assert.GreaterOrEqual(t, time.Since(start), 200*time.Microsecond)
		start = time.Now()
		<-time.After(200 * time.Microsecond)
		assert.GreaterOrEqual(t, time.Since(start), 200*time.Microsecond)
	}
}
