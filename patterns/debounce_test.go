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

// debounceRecord notes when its function is called and with what.
type debounceRecord struct {
	mu    sync.Mutex
	start time.Time
	got   []string
}

func (r *debounceRecord) add(value int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, debounceEntry(time.Since(r.start), value))
}

func (r *debounceRecord) want(t *testing.T, name string, want ...string) {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Equal(r.got, want) {
		t.Errorf("%s: got %q, want %q", name, r.got, want)
	}
}

func debounceEntry(at time.Duration, value int) string { return fmt.Sprintf("%d at %v", value, at) }

// debounceCalls calls d with 0, 1, 2 and so on after the given pauses.
func debounceCalls(d *Debouncer[int], pauses ...time.Duration) {
	for i, pause := range pauses {
		time.Sleep(pause)
		d.Call(i)
	}
}

// Debouncing waits for a pause: the function runs once, with the last value, when no
// call has come for some time. Each call stores its value and moves a deadline; a
// timer that fires too early is set again to the deadline. At the trailing edge it runs
// after the pause, at the leading edge with the first value of a burst and not again
// before a pause, and with both edges first and last value are handled. Here a pause of 3
// seconds ends a burst.
//
//claim:ask How do you debounce events, and what are the leading and the trailing edge?
//claim:source https://pkg.go.dev/time#Timer.Reset
func TestDebounceEdges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for edge, want := range [][]string{
			DebounceTrailing: {"2 at 6s", "3 at 11s"},
			DebounceLeading:  {"0 at 1s", "3 at 8s"},
			DebounceBoth:     {"0 at 1s", "2 at 6s", "3 at 8s"},
		} {
			record := debounceRecord{start: time.Now()}
			d := &Debouncer[int]{Wait: 3 * time.Second, Edge: DebounceEdge(edge), Func: record.add}
			debounceCalls(d, time.Second, time.Second, time.Second, 5*time.Second)
			time.Sleep(time.Hour)
			record.want(t, fmt.Sprint("edge ", edge), want...)
			d.Stop()
		}
	})
}

// With a trailing edge alone the function never runs while calls come faster than
// the pause, so a steady stream starves it: 100 calls at intervals of one second with a
// pause of 3 seconds run it once, at the end. A second limit, on the age of a burst,
// bounds the delay: with 9.5 seconds it runs 10 times, each time with the value that
// came last before.
//
//claim:ask What happens to a debounced function if the events never pause?
//claim:source https://pkg.go.dev/time#AfterFunc
func TestDebounceMaxWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pauses := slices.Repeat([]time.Duration{time.Second}, 100)
		for maxWait, want := range map[time.Duration][]string{
			0:                       {"99 at 1m43s"},
			9500 * time.Millisecond: {"9 at 10.5s", "19 at 20.5s", "29 at 30.5s"},
		} {
			record := debounceRecord{start: time.Now()}
			d := &Debouncer[int]{Wait: 3 * time.Second, MaxWait: maxWait, Func: record.add}
			debounceCalls(d, pauses...)
			time.Sleep(time.Hour)
			d.Stop()
			if len(record.got) != 1 && len(record.got) != 10 || !slices.Equal(record.got[:len(want)], want) {
				t.Errorf("limit %v: %q", maxWait, record.got)
			}
		}
	})
}

// debounceModel says what a Debouncer with a quick function does, from the times of the
// calls.
func debounceModel(edge DebounceEdge, wait, maxWait time.Duration, calls []time.Duration) (want []string) {
	for first := 0; first < len(calls); {
		if edge != DebounceTrailing {
			want = append(want, debounceEntry(calls[first], first))
		}
		last, end := first, time.Duration(0)
		for ; ; last++ {
			end = calls[last] + wait
			if maxWait > 0 {
				end = min(end, calls[first]+maxWait)
			}
			if last+1 == len(calls) || calls[last+1] > end {
				break
			}
		}
		if edge == DebounceTrailing || edge == DebounceBoth && last > first {
			want = append(want, debounceEntry(end, last))
		}
		first = last + 1
	}
	return want
}

func TestDebounceModel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(1, 2))
		for round := range 200 {
			// Calls at whole seconds, ends of bursts never.
			wait := time.Duration(rng.IntN(5))*time.Second + time.Second/2
			maxWait := time.Duration(rng.IntN(2)) * (time.Duration(rng.IntN(12))*time.Second + time.Second/4)
			edge := DebounceEdge(rng.IntN(3))
			var calls, pauses []time.Duration
			at := time.Duration(0)
			for range rng.IntN(20) {
				pause := time.Duration(1+rng.IntN(7)) * time.Second
				at += pause
				pauses, calls = append(pauses, pause), append(calls, at)
			}
			record := debounceRecord{start: time.Now()}
			d := &Debouncer[int]{Wait: wait, MaxWait: maxWait, Edge: edge, Func: record.add}
			debounceCalls(d, pauses...)
			time.Sleep(time.Minute)
			record.want(t, fmt.Sprint("round ", round), debounceModel(edge, wait, maxWait, calls)...)
			d.Stop()
		}
	})
}

// No: the Stop of a timer prevents a call that has not begun, and returns false without
// waiting if its function runs already. Code after it may meet the function at work,
// with closed files or in a test that is over. A type that owns the timer needs a flag
// under a lock, for a function that is just starting, and a wait for the one that
// runs. Stop here does both, and Flush handles the last value first.
//
//claim:ask When Timer.Stop returns, can the function of time.AfterFunc still be running?
//claim:source https://pkg.go.dev/time#Timer.Stop
func TestDebounceStopWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var running atomic.Bool
		slow := func(int) {
			running.Store(true)
			time.Sleep(10 * time.Second)
			running.Store(false)
		}
		timer := time.AfterFunc(time.Second, func() { slow(0) })
		time.Sleep(2 * time.Second)
		if timer.Stop() || !running.Load() {
			t.Error("the function of the timer does not run")
		}
		time.Sleep(time.Minute)

		d := &Debouncer[int]{Wait: time.Second, Func: slow}
		d.Call(1)
		time.Sleep(2 * time.Second)
		if !running.Load() {
			t.Error("the debounced function does not run")
		}
		d.Call(2) // dropped by Stop
		if d.Stop(); running.Load() {
			t.Error("the debounced function runs after Stop")
		}
		d.Call(3)
		time.Sleep(time.Minute)
		if running.Load() {
			t.Error("called after Stop")
		}

		record := debounceRecord{start: time.Now()}
		d = &Debouncer[int]{Wait: time.Hour, Func: record.add}
		d.Flush()
		d.Call(1)
		d.Flush()
		record.want(t, "Flush", "1 at 0s")
		d.Call(2)
		time.Sleep(30 * time.Minute)
		d.Call(3)
		time.Sleep(2 * time.Hour)
		record.want(t, "after Flush", "1 at 0s", "3 at 1h30m0s")
		d.Stop()
		d.Stop()
		new(Debouncer[int]).Stop() // never used
	})
}

// Calls of the function do not overlap, however slow it is.
func TestDebounceFaultSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		record := debounceRecord{start: time.Now()}
		var running atomic.Int64
		d := &Debouncer[int]{Wait: time.Second, Func: func(v int) {
			if running.Add(1) > 1 {
				t.Error("calls overlap")
			}
			record.add(v)
			time.Sleep(10 * time.Second)
			running.Add(-1)
		}}
		debounceCalls(d, 0, 2*time.Second, 2*time.Second, 2*time.Second)
		d.Flush()
		record.want(t, "slow", "0 at 1s", "3 at 11s")
		if d := time.Since(record.start); d != 21*time.Second {
			t.Errorf("Flush returned after %v", d)
		}
		d.Call(7)
		time.Sleep(10*time.Second + 500*time.Millisecond)
		d.Call(8) // its burst goes on when the running call ends
		time.Sleep(10 * time.Second)
		record.want(t, "later", "0 at 1s", "3 at 11s", "7 at 22s", "8 at 32.5s")
		d.Stop()
	})
}

var errDebounceTest = errors.New("function failed")

// debounceRecovered returns the error that f panics with.
func debounceRecovered(f func()) (err error) {
	defer func() { err, _ = recover().(error) }()
	f()
	return nil
}

// A function that a timer calls has a goroutine of its own, where no caller can
// recover: a panic there ends the program. So the goroutine recovers, and the next
// call of any method panics instead, once. Then the work goes on. A lock must not be
// held while the function runs, or a panic would leave it locked and a call from inside
// the function would wait for itself.
//
//claim:ask Where does the panic of a function called by time.AfterFunc go?
//claim:source https://pkg.go.dev/time#AfterFunc
func TestDebounceFaultPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &Debouncer[int]{Wait: time.Second, Func: func(v int) {
			switch v {
			case 1:
				panic(errDebounceTest)
			case 2:
				panic("text")
			case 3:
				runtime.Goexit()
			}
		}}
		d.Call(1)
		time.Sleep(time.Minute)
		err := debounceRecovered(func() { d.Call(2) })
		if !errors.Is(err, errDebounceTest) || !strings.Contains(err.Error(), "debounce_test.go") {
			t.Errorf("Call panicked with %v", err)
		}
		if err := debounceRecovered(d.Flush); err == nil || errors.Unwrap(err) != nil {
			t.Errorf("Flush panicked with %v", err)
		}
		d.Call(3)
		d.Flush()
		d.Call(1)
		time.Sleep(time.Minute)
		if err := debounceRecovered(d.Stop); !errors.Is(err, errDebounceTest) {
			t.Errorf("Stop panicked with %v", err)
		}
		d.Stop()
	})
}

// Func may call Call, as when saving finds something new to save.
func TestDebounceReentrant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		record := debounceRecord{start: time.Now()}
		var d *Debouncer[int]
		d = &Debouncer[int]{Wait: time.Second, Func: func(v int) {
			if record.add(v); v > 0 {
				d.Call(v - 1)
			}
		}}
		d.Call(2)
		time.Sleep(time.Minute)
		record.want(t, "reentrant", "2 at 1s", "1 at 2s", "0 at 3s")
		d.Stop()
	})
}

func TestDebounceConcurrent(t *testing.T) {
	for _, edge := range []DebounceEdge{DebounceTrailing, DebounceLeading, DebounceBoth} {
		var last atomic.Int64
		d := &Debouncer[int64]{Wait: 20 * time.Microsecond, MaxWait: 100 * time.Microsecond, Edge: edge, Func: func(v int64) { last.Store(v) }}
		var callers sync.WaitGroup
		for i := range 4 {
			callers.Go(func() {
				for j := range 200 {
					if d.Call(int64(j)); j%50 == 49 && i == 0 {
						d.Flush()
					}
				}
			})
		}
		callers.Wait()
		d.Call(1000)
		d.Flush()
		if last.Load() != 1000 && edge != DebounceLeading {
			t.Errorf("edge %d: the last value was %d", edge, last.Load())
		}
		d.Stop()
	}
}

// A debounced call should only move a deadline, which the one timer looks at when it
// fires. The usual form stops the timer and makes a new one for each event: that
// allocates on every call, and takes more than 1.5 times as long, since each new timer
// has to be put among the timers of the processor.
//
//claim:ask What does a debounced call cost, and how is the timer best moved?
//claim:expect allocs/op of=deadline == 0
//claim:expect allocs/op of=newtimer >= 1
//claim:expect ns/op of=newtimer > 1.5x of=deadline
//claim:source https://pkg.go.dev/time#Timer.Reset
func BenchmarkDebounceCall(b *testing.B) {
	b.Run("of=deadline", func(b *testing.B) {
		b.ReportAllocs()
		d := &Debouncer[int]{Wait: time.Hour, Func: func(int) {}}
		defer d.Stop()
		d.Call(0)
		for b.Loop() {
			d.Call(1)
		}
	})
	b.Run("of=newtimer", func(b *testing.B) {
		b.ReportAllocs()
		var mu sync.Mutex
		timer := time.NewTimer(time.Hour)
		call := func(value int) {
			mu.Lock()
			defer mu.Unlock()
			timer.Stop()
			timer = time.AfterFunc(time.Hour, func() { b.Error("called", value) })
		}
		defer func() { timer.Stop() }()
		for b.Loop() {
			call(1)
		}
	})
}
