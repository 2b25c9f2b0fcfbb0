package schedgc_test

import (
	"bytes"
	"fmt"
	"io"
	"runtime/trace"
	"time"

	"github.com/go-deep-dive/godeep/schedgc"
)

// The recorder runs all the time. The first operation above the limit writes what
// happened before and during it.
func ExampleSlowSnapshot() {
	recorder := trace.NewFlightRecorder(trace.FlightRecorderConfig{MinAge: 5 * time.Second, MaxBytes: 4 << 20})
	if err := recorder.Start(); err != nil {
		fmt.Println(err)
		return
	}
	defer recorder.Stop()

	var file bytes.Buffer // in a program an *os.File
	slow := schedgc.SlowSnapshot{Recorder: recorder, Limit: time.Millisecond, Into: &file}
	err := slow.Watch(func() { time.Sleep(2 * time.Millisecond) })
	fmt.Println("snapshot:", file.Len() > 0, err)

	size := file.Len()
	err = slow.Watch(func() { time.Sleep(2 * time.Millisecond) })
	fmt.Println("another:", file.Len() > size, err)
	// Output:
	// snapshot: true <nil>
	// another: false <nil>
}

// Watch reports if there was no recorder to take the snapshot from.
func ExampleSlowSnapshot_Watch() {
	slow := schedgc.SlowSnapshot{
		Recorder: trace.NewFlightRecorder(trace.FlightRecorderConfig{}), // never started
		Into:     io.Discard,
	}
	fmt.Println(slow.Watch(func() { fmt.Println("the operation runs in any case") }) != nil)
	// Output:
	// the operation runs in any case
	// true
}

// The window survives a snapshot and ends with Stop.
func Example_flightRecorder() {
	recorder := trace.NewFlightRecorder(trace.FlightRecorderConfig{})
	fmt.Println("start:", recorder.Start())
	first, err := recorder.WriteTo(io.Discard)
	fmt.Println("snapshot:", first > 0, err)
	again, err := recorder.WriteTo(io.Discard)
	fmt.Println("larger one:", again > first, err)
	recorder.Stop()
	_, err = recorder.WriteTo(io.Discard)
	fmt.Println("after stop:", err)
	// Output:
	// start: <nil>
	// snapshot: true <nil>
	// larger one: true <nil>
	// after stop: cannot snapshot a disabled flight recorder
}
