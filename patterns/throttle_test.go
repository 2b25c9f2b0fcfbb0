package patterns

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// throttleRecord notes when its function is called and with what.
type throttleRecord struct {
	mu    sync.Mutex
	start time.Time
	got   []string
}

func (r *throttleRecord) add(value int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, throttleEntry(time.Since(r.start), value))
}

func (r *throttleRecord) want(t *testing.T, name string, want ...string) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Equal(r.got, want) {
		t.Errorf("%s: got %q, want %q", name, r.got, want)
	}
}

func throttleEntry(at time.Duration, value int) string { return fmt.Sprintf("%d at %v", value, at) }

// throttleCalls calls throttler with 0, 1, 2 and so on after the given pauses.
func throttleCalls(throttler *Throttler[int], pauses ...time.Duration) {
	for i, pause := range pauses {
		time.Sleep(pause)
		throttler.Call(i)
	}
}

// Throttling runs the function regularly during a stream of events, debouncing waits
// until the stream pauses. Ten events, one a second, and a throttle of 3.4 seconds: the
// function runs at once and then every 3.4 seconds with the newest value. A
// debounced function with the same pause would run once, after all. Use a throttle to
// show progress, a debounce to act on a final state.
//
//claim:ask What is the difference between throttling and debouncing?
//claim:source https://pkg.go.dev/time#AfterFunc
func TestThrottleInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		record := throttleRecord{start: time.Now()}
		throttler := &Throttler[int]{Interval: 3400 * time.Millisecond, Func: record.add}
		throttleCalls(throttler, slices.Repeat([]time.Duration{time.Second}, 10)...)
		time.Sleep(time.Hour)
		record.want(t, "stream", "0 at 1s", "3 at 4.4s", "6 at 7.8s", "9 at 11.2s")
		throttler.Stop()
	})
}

// A leading edge alone drops the last values of a burst: the progress that is shown
// stays at 97 per cent for ever. So keep the newest value, and run the function once
// more at the end of the interval if something came meanwhile. Dropping is right for
// events that are all alike, such as clicks or log lines. A trailing edge alone delays
// even the first value.
//
//claim:ask Which edge should a throttle have, and what gets lost with the wrong one?
//claim:source https://pkg.go.dev/golang.org/x/time/rate#Sometimes
func TestThrottleEdges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for edge, want := range [][]string{
			ThrottleBoth:     {"0 at 1s", "2 at 4.5s", "3 at 11s"},
			ThrottleLeading:  {"0 at 1s", "3 at 11s"},
			ThrottleTrailing: {"2 at 4.5s", "3 at 14.5s"},
		} {
			record := throttleRecord{start: time.Now()}
			throttler := &Throttler[int]{Interval: 3500 * time.Millisecond, Edge: ThrottleEdge(edge), Func: record.add}
			throttleCalls(throttler, time.Second, time.Second, time.Second, 8*time.Second)
			time.Sleep(time.Hour)
			record.want(t, fmt.Sprint("edge ", edge), want...)
			throttler.Stop()
		}
	})
}

// throttleModel says what a Throttler does whose function takes no time, from the times
// of the calls, by looking at every instant a call or the end of an interval.
func throttleModel(edge ThrottleEdge, interval time.Duration, calls []time.Duration) (want []string) {
	const never = time.Duration(1 << 62)
	cooled, pending := never, -1
	for i := 0; i < len(calls) || cooled != never; {
		if i < len(calls) && calls[i] < cooled {
			switch {
			case cooled == never && edge != ThrottleTrailing:
				want = append(want, throttleEntry(calls[i], i))
				cooled = calls[i] + interval
			case cooled == never:
				cooled, pending = calls[i]+interval, i
			case edge != ThrottleLeading:
				pending = i
			}
			i++
			continue
		}
		if pending < 0 {
			cooled = never
			continue
		}
		want = append(want, throttleEntry(cooled, pending))
		cooled, pending = cooled+interval, -1
	}
	return want
}

func TestThrottleModel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(1, 2))
		for round := range 200 {
			// Calls at whole seconds, and at most 20 intervals: ends never meet a call.
			interval := time.Duration(rng.IntN(5))*time.Second + time.Second/64
			edge := ThrottleEdge(rng.IntN(3))
			var calls, pauses []time.Duration
			at := time.Duration(0)
			for range rng.IntN(20) {
				pause := time.Duration(1+rng.IntN(7)) * time.Second
				at += pause
				pauses, calls = append(pauses, pause), append(calls, at)
			}
			record := throttleRecord{start: time.Now()}
			throttler := &Throttler[int]{Interval: interval, Edge: edge, Func: record.add}
			throttleCalls(throttler, pauses...)
			time.Sleep(time.Minute)
			record.want(t, fmt.Sprint("round ", round), throttleModel(edge, interval, calls)...)
			throttler.Stop()
		}
	})
}

// A slow function does not overlap with itself, and the interval is that between the
// starts of calls, also after a slow one.
func TestThrottleFaultSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		record := throttleRecord{start: time.Now()}
		var running atomic.Int64
		throttler := &Throttler[int]{Interval: time.Second, Func: func(v int) {
			if running.Add(1) > 1 {
				t.Error("calls overlap")
			}
			if record.add(v); v == 0 {
				time.Sleep(1900 * time.Millisecond)
			}
			running.Add(-1)
		}}
		throttleCalls(throttler, 0, 1500*time.Millisecond, 500*time.Millisecond)
		time.Sleep(time.Minute)
		record.want(t, "slow", "0 at 0s", "1 at 1.9s", "2 at 2.9s")
		throttler.Stop()

		record = throttleRecord{start: time.Now()}
		throttler = &Throttler[int]{Interval: time.Second, Edge: ThrottleLeading, Func: throttler.Func}
		throttleCalls(throttler, 0, 1500*time.Millisecond, 500*time.Millisecond)
		throttler.Flush()
		record.want(t, "slow, leading edge", "0 at 0s", "2 at 2s")
		throttler.Stop()
	})
}

// The value that waits for the end of the interval is lost if the program ends, unless
// the owner calls Flush first: it runs the function with that value at once, and waits
// for it. Stop drops the value. Both wait for a call that runs, so that
// what the function uses can be closed afterwards, and calls after Stop do nothing.
//
//claim:ask What must happen to the pending value when a throttle is shut down?
//claim:source https://pkg.go.dev/time#Timer.Stop
func TestThrottleFlush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		record := throttleRecord{start: time.Now()}
		var running atomic.Bool
		throttler := &Throttler[int]{Interval: time.Minute, Func: func(v int) {
			running.Store(true)
			record.add(v)
			time.Sleep(time.Second)
			running.Store(false)
		}}
		throttler.Flush()
		throttleCalls(throttler, 0, 0, 0)
		if throttler.Flush(); running.Load() {
			t.Error("runs after Flush")
		}
		record.want(t, "Flush", "0 at 0s", "2 at 1s")
		throttler.Call(3)
		time.Sleep(2 * time.Minute)
		record.want(t, "after Flush", "0 at 0s", "2 at 1s", "3 at 1m1s")
		throttler.Call(4)
		throttler.Call(5)
		synctest.Wait()
		if throttler.Stop(); running.Load() {
			t.Error("runs after Stop")
		}
		throttler.Call(6)
		throttler.Flush()
		throttler.Stop()
		time.Sleep(time.Hour)
		record.want(t, "Stop", "0 at 0s", "2 at 1s", "3 at 1m1s", "4 at 2m2s")
		new(Throttler[int]).Stop() // never used
	})
}

var errThrottleTest = errors.New("function failed")

// throttleRecovered returns the error that f panics with.
func throttleRecovered(f func()) (err error) {
	defer func() { err, _ = recover().(error) }()
	f()
	return nil
}

func TestThrottleFaultPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		throttler := &Throttler[int]{Interval: time.Second, Func: func(v int) {
			switch v {
			case 1:
				panic(errThrottleTest)
			case 2:
				panic("text")
			case 3:
				runtime.Goexit()
			}
		}}
		throttler.Call(1)
		time.Sleep(time.Minute)
		err := throttleRecovered(func() { throttler.Call(2) })
		if !errors.Is(err, errThrottleTest) || !strings.Contains(err.Error(), "throttle_test.go") {
			t.Errorf("Call panicked with %v", err)
		}
		if err := throttleRecovered(throttler.Flush); err == nil || errors.Unwrap(err) != nil {
			t.Errorf("Flush panicked with %v", err)
		}
		throttler.Call(3)
		throttler.Flush()
		throttler.Call(1)
		time.Sleep(time.Minute)
		if err := throttleRecovered(throttler.Stop); !errors.Is(err, errThrottleTest) {
			t.Errorf("Stop panicked with %v", err)
		}
		throttler.Stop()
	})
}

// An interval that is not positive still keeps calls from overlapping, and Func may
// call Call.
func TestThrottleReentrant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		record := throttleRecord{start: time.Now()}
		for _, interval := range []time.Duration{0, -time.Second} {
			var throttler *Throttler[int]
			throttler = &Throttler[int]{Interval: interval, Func: func(v int) {
				if record.add(v); v > 0 {
					throttler.Call(v - 1)
				}
			}}
			throttler.Call(2)
			time.Sleep(time.Minute)
			throttler.Stop()
		}
		record.want(t, "reentrant", "2 at 0s", "1 at 0s", "0 at 0s", "2 at 1m0s", "1 at 1m0s", "0 at 1m0s")
	})
}

func TestThrottleConcurrent(t *testing.T) {
	for _, edge := range []ThrottleEdge{ThrottleBoth, ThrottleLeading, ThrottleTrailing} {
		var last atomic.Int64
		throttler := &Throttler[int64]{Interval: 20 * time.Microsecond, Edge: edge, Func: func(v int64) { last.Store(v) }}
		var callers sync.WaitGroup
		for i := range 4 {
			callers.Go(func() {
				for j := range 200 {
					if throttler.Call(int64(j)); j%50 == 49 && i == 0 {
						throttler.Flush()
					}
				}
			})
		}
		callers.Wait()
		throttler.Call(1000)
		throttler.Flush()
		if last.Load() != 1000 && edge != ThrottleLeading {
			t.Errorf("edge %d: the last value was %d", edge, last.Load())
		}
		throttler.Stop()
	}
}

// A call within the interval only stores its value under a lock: it allocates nothing.
// The usual form sends the value to a goroutine with a ticker, and takes more than 5
// times as long, because the receiver is woken for every value, also for those
// that it drops. It also has a goroutine that runs for ever if nobody stops it.
//
//claim:ask What does a throttled call cost that is dropped?
//claim:expect allocs/op of=lock == 0
//claim:expect ns/op of=goroutine > 5x of=lock
//claim:source https://pkg.go.dev/time#Ticker
func BenchmarkThrottleCall(b *testing.B) {
	b.Run("of=lock", func(b *testing.B) {
		b.ReportAllocs()
		throttler := &Throttler[int]{Interval: time.Hour, Func: func(int) {}}
		defer throttler.Stop()
		throttler.Call(0)
		for b.Loop() {
			throttler.Call(1)
		}
	})
	b.Run("of=goroutine", func(b *testing.B) {
		b.ReportAllocs()
		values := make(chan int)
		go func() {
			ticker := time.NewTicker(time.Hour)
			defer ticker.Stop()
			last := 0
			for {
				select {
				case value, open := <-values:
					if !open {
						return
					}
					last = value
				case <-ticker.C:
					b.Error("called", last)
				}
			}
		}()
		defer close(values)
		for b.Loop() {
			values <- 1
		}
	})
}
