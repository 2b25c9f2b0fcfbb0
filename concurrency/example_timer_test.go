package concurrency_test

import (
	"fmt"
	"time"
)

// Since Go 1.23 no value of the old setting is received after Reset.
func Example_timerReset() {
	timer := time.NewTimer(time.Microsecond)
	time.Sleep(time.Millisecond) // it has fired
	fmt.Println("capacity:", cap(timer.C))
	fmt.Println("was active:", timer.Reset(time.Hour))
	select {
	case <-timer.C:
		fmt.Println("stale value")
	default:
		fmt.Println("nothing stale")
	}
	// Output:
	// capacity: 0
	// was active: true
	// nothing stale
}

// Receiving with a limit: the select waits for whichever comes first.
func Example_timerTimeout() {
	silent := make(chan string)
	select {
	case v := <-silent:
		fmt.Println("received:", v)
	case <-time.After(time.Millisecond):
		fmt.Println("gave up")
	}
	// Output:
	// gave up
}
