package schedgc

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"runtime/trace"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	xtrace "golang.org/x/exp/trace"
)

// startFlight starts a flight recorder for the rest of the test.
func startFlight(t *testing.T, config trace.FlightRecorderConfig) *trace.FlightRecorder {
	t.Helper()
	recorder := trace.NewFlightRecorder(config)
	require.NoError(t, recorder.Start())
	t.Cleanup(recorder.Stop)
	return recorder
}

// flightSnapshot returns the events in the window of the recorder.
func flightSnapshot(t *testing.T, recorder *trace.FlightRecorder) tracedEvents {
	t.Helper()
	var written bytes.Buffer
	n, err := recorder.WriteTo(&written)
	require.NoError(t, err)
	require.EqualValues(t, written.Len(), n)
	return parseTrace(t, &written)
}

// flightLog leaves a mark in the trace, and messages finds those of a snapshot.
func flightLog(message string) { trace.Log(context.Background(), "flight", message) }

func (events tracedEvents) messages() (messages []string) {
	for _, e := range events {
		if e.Kind() == xtrace.EventLog && e.Log().Category == "flight" {
			messages = append(messages, e.Log().Message)
		}
	}
	return messages
}

// A flight recorder keeps the last seconds of the execution trace in memory and
// writes them when you say so, which is when you have just noticed that
// something went wrong. trace.Start and /debug/pprof/trace record what comes
// after the call, so the cause of a rare slow request is over by then. The
// recorder is in runtime/trace since Go 1.25: NewFlightRecorder, Start, and
// WriteTo in the code that notices, for example a handler that took too long.
// The snapshot is an ordinary trace for go tool trace.
//
//claim:ask What is the flight recorder, and what can it do that trace.Start cannot?
//claim:source https://go.dev/doc/go1.25#runtimetracepkgruntimetrace
//claim:source https://go.dev/blog/flight-recorder
func TestFlightRecorder(t *testing.T) {
	recorder := startFlight(t, trace.FlightRecorderConfig{})
	flightLog("cause")

	// Now the effect is noticed.
	require.Contains(t, flightSnapshot(t, recorder).messages(), "cause")
	events := recordTrace(t, func() { flightLog("too late") })
	require.Equal(t, []string{"too late"}, events.messages())
}

// Take one snapshot, by the first operation that is too slow, and no more: many requests
// are slow in the same second, the window of each snapshot would be the same, and WriteTo
// refuses to run twice at a time. A compare-and-swap or a sync.Once is enough,
// as in [SlowSnapshot]; reset it after some minutes if you want another. Writing
// delays the caller, so hand it to another goroutine if the slow request should not wait.
//
//claim:ask How do you take a trace of exactly the slow requests in production?
//claim:source https://go.dev/blog/flight-recorder
func TestFlightSlow(t *testing.T) {
	var written bytes.Buffer
	slow := SlowSnapshot{
		Recorder: startFlight(t, trace.FlightRecorderConfig{}),
		Into:     &written,
	}
	slow.Limit = time.Hour
	require.NoError(t, slow.Watch(func() {}))
	require.Zero(t, written.Len(), "fast")

	slow.Limit = time.Millisecond
	var requests sync.WaitGroup
	for range 8 {
		requests.Go(func() {
			if err := slow.Watch(func() {
				flightLog("slow")
				time.Sleep(slow.Limit)
			}); err != nil {
				t.Error(err)
			}
		})
	}
	requests.Wait()
	reader := bytes.NewReader(written.Bytes())
	require.Contains(t, parseTrace(t, reader).messages(), "slow")
	require.Zero(t, reader.Len(), "one trace and no second one behind it")

	stopped := SlowSnapshot{Recorder: trace.NewFlightRecorder(trace.FlightRecorderConfig{}), Into: io.Discard}
	require.Error(t, stopped.Watch(func() {}), "not started")
}

// One flight recorder at a time may run in a program: a second one's Start
// returns an error, and so does Start of one that runs. A trace may run beside
// it, started before or after, and both get the events. So a library should not
// start a recorder of its own; that is the business of main. Stop twice is
// harmless.
//
//claim:ask Can I run two flight recorders, or one together with trace.Start?
//claim:source https://pkg.go.dev/runtime/trace#FlightRecorder
func TestFlightOneAtATime(t *testing.T) {
	first := startFlight(t, trace.FlightRecorderConfig{})
	require.Error(t, first.Start(), "runs already")
	second := trace.NewFlightRecorder(trace.FlightRecorderConfig{})
	require.Error(t, second.Start())
	require.False(t, second.Enabled())
	require.True(t, first.Enabled())

	events := recordTrace(t, func() { flightLog("both") })
	require.Contains(t, events.messages(), "both")
	require.Contains(t, flightSnapshot(t, first).messages(), "both")
	first.Stop()
	first.Stop()
	require.False(t, first.Enabled())
	require.NoError(t, second.Start())
	second.Stop()
}

// flightWriter calls a function at its first Write.
type flightWriter struct{ first func() }

func (w *flightWriter) Write(p []byte) (int, error) {
	if w.first != nil {
		w.first()
		w.first = nil
	}
	return len(p), nil
}

// WriteTo returns an error if the recorder is not running, if another goroutine
// is in WriteTo at the moment, or if the writer fails. It does not wait for the
// other: use that one's snapshot. After an error of the writer the recorder
// goes on and can be asked again, so a full disk costs a snapshot and nothing
// else.
//
//claim:ask In which cases does FlightRecorder.WriteTo fail?
//claim:source https://pkg.go.dev/runtime/trace#FlightRecorder.WriteTo
func TestFlightWriteErrors(t *testing.T) {
	_, err := trace.NewFlightRecorder(trace.FlightRecorderConfig{}).WriteTo(io.Discard)
	require.ErrorContains(t, err, "disabled")

	recorder := startFlight(t, trace.FlightRecorderConfig{})
	_, err = recorder.WriteTo(&flightWriter{func() {
		_, err := recorder.WriteTo(io.Discard)
		require.ErrorContains(t, err, "in progress")
	}})
	require.NoError(t, err)

	full := errors.New("disk full")
	reader, writer := io.Pipe()
	reader.CloseWithError(full)
	_, err = recorder.WriteTo(writer)
	require.ErrorIs(t, err, full)
	require.NotEmpty(t, flightSnapshot(t, recorder))
}

// MinAge says how far the window should reach back, MaxBytes how large it may
// get, and MaxBytes wins. Both are hints. The window consists of whole pieces,
// which the runtime ends about every second and at each snapshot; an older
// piece is dropped when the newer ones already exceed a limit, and the newest
// is always kept. So a snapshot can be larger than MaxBytes and older than
// MinAge. Zero values mean seconds and some MiB. Set MinAge to about twice the
// time of the slow operation you hunt for.
//
//claim:ask How far back does a flight recorder's snapshot reach, and how large can it get?
//claim:source https://pkg.go.dev/runtime/trace#FlightRecorderConfig
//claim:source runtime/trace/recorder.go
func TestFlightWindow(t *testing.T) {
	small := startFlight(t, trace.FlightRecorderConfig{MaxBytes: 1, MinAge: time.Hour})
	flightLog("old")
	var written bytes.Buffer
	_, err := small.WriteTo(&written)
	require.NoError(t, err)
	require.Greater(t, written.Len(), 1, "the newest piece is kept")
	require.Contains(t, parseTrace(t, &written).messages(), "old")
	flightLog("new")
	require.Equal(t, []string{"new"}, flightSnapshot(t, small).messages(), "the limit in bytes wins")
	small.Stop()

	large := startFlight(t, trace.FlightRecorderConfig{MaxBytes: 10 << 20, MinAge: time.Hour})
	flightLog("old")
	flightSnapshot(t, large)
	flightLog("new")
	require.Equal(t, []string{"old", "new"}, flightSnapshot(t, large).messages())
}

// A snapshot copies the window and takes nothing away: recording goes on, and
// the next snapshot holds the same events again as long as they are in the
// window. Stop discards the window: WriteTo after Stop is an error, and a new
// Start begins with nothing. So take the snapshot first, and stop the recorder
// afterwards.
//
//claim:ask Does a snapshot empty the flight recorder, and what does Stop do with the window?
//claim:source https://pkg.go.dev/runtime/trace#FlightRecorder.Stop
func TestFlightStopDiscards(t *testing.T) {
	recorder := startFlight(t, trace.FlightRecorderConfig{})
	flightLog("one")
	require.Equal(t, []string{"one"}, flightSnapshot(t, recorder).messages())
	flightLog("two")
	require.Equal(t, []string{"one", "two"}, flightSnapshot(t, recorder).messages(), "the first again")
	recorder.Stop()
	_, err := recorder.WriteTo(io.Discard)
	require.Error(t, err)
	require.NoError(t, recorder.Start())
	require.Empty(t, flightSnapshot(t, recorder).messages())
}

// From any goroutine that still runs: a watchdog with a timer, a handler of a signal or of
// an HTTP request. The snapshot has every goroutine, those that wait with the
// stack they wait at, and before that who ran last. A recorder cannot help if nothing
// runs any more: nobody calls WriteTo, and it writes nothing by itself, not even
// when the program ends by a panic. A deferred function that recovers can take
// a snapshot before it panics again.
//
//claim:ask A service hangs or panics. How do I get a snapshot of the flight recorder then?
//claim:source https://pkg.go.dev/runtime/trace#FlightRecorder
func TestFlightStuck(t *testing.T) {
	withProcs(t, 1)
	recorder := startFlight(t, trace.FlightRecorderConfig{})
	var mu sync.Mutex
	mu.Lock()
	var stuck sync.WaitGroup
	stuck.Go(func() { flightWait(&mu) })
	defer stuck.Wait()
	defer mu.Unlock()
	untilTraced(t, func() bool {
		runtime.Gosched() // it blocks
		for _, e := range flightSnapshot(t, recorder) {
			if e.Kind() == xtrace.EventStateTransition && e.StateTransition().Resource.Kind == xtrace.ResourceGoroutine {
				st := e.StateTransition()
				if _, to := st.Goroutine(); to == xtrace.GoWaiting && slices.Contains(
					tracedFunctions(st.Stack), "github.com/go-deep-dive/godeep/schedgc.flightWait") {
					return true
				}
			}
		}
		return false
	})

	var last []string
	crash := func() {
		defer func() {
			recover()
			last = flightSnapshot(t, recorder).messages()
		}()
		flightLog("last words")
		panic("bug")
	}
	crash()
	require.Contains(t, last, "last words")
}

//go:noinline
func flightWait(mu *sync.Mutex) {
	mu.Lock()
	defer mu.Unlock()
}

// Annotations are recorded while a flight recorder runs, and trace.IsEnabled
// reports true, so code that is guarded by it works for both. A task or region
// that began before the window appears by its end only. Put the request id into
// a log of the task: it is how you find the slow request among all that are in
// the window.
//
//claim:ask Do trace.Log, tasks and regions work with the flight recorder?
//claim:source https://pkg.go.dev/runtime/trace#IsEnabled
func TestFlightAnnotations(t *testing.T) {
	recorder := startFlight(t, trace.FlightRecorderConfig{MaxBytes: 1})
	require.True(t, trace.IsEnabled())
	ctx, task := trace.NewTask(t.Context(), "request")
	flightSnapshot(t, recorder) // what follows is another piece
	trace.Log(ctx, "flight", "id 42")
	task.End()
	begun, ended := 0, 0
	events := flightSnapshot(t, recorder)
	for _, e := range events {
		switch e.Kind() {
		case xtrace.EventTaskBegin:
			begun++
		case xtrace.EventTaskEnd:
			ended++
		}
	}
	require.Equal(t, []string{"id 42"}, events.messages())
	require.Zero(t, begun)
	require.Equal(t, 1, ended)
	recorder.Stop()
	if !trace.IsEnabled() { // go test -trace may have been given
		var formatted atomic.Bool
		trace.Logf(ctx, "flight", "%v", flightFormat{&formatted})
		require.False(t, formatted.Load(), "nothing is formatted without a tracer")
	}
}

// flightFormat notices that it is formatted.
type flightFormat struct{ done *atomic.Bool }

func (f flightFormat) String() string {
	f.done.Store(true)
	return ""
}
