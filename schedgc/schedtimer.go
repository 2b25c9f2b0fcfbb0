package schedgc

import "time"

// schedtimerPending starts n timers that are due in hours, in no order, and
// returns the function that stops them.
func schedtimerPending(n int) (stop func()) {
	timers := make([]*time.Timer, n)
	for i := range timers {
		timers[i] = time.AfterFunc(time.Hour+time.Duration(i*7919%n)*time.Second, func() {})
	}
	return func() {
		for _, timer := range timers {
			timer.Stop()
		}
	}
}
