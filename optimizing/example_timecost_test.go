package optimizing_test

import (
	"fmt"
	"time"

	"github.com/go-deep-dive/godeep/optimizing"
)

func ExampleCoarseClock() {
	var clock optimizing.CoarseClock
	clock.Tick(time.Unix(100, 0))
	fmt.Println("seconds:", clock.UnixNano()/int64(time.Second))
	// Output: seconds: 100
}

func ExampleCoarseClock_Tick() {
	var clock optimizing.CoarseClock
	for second := range int64(3) {
		clock.Tick(time.Unix(second, 0))
	}
	fmt.Println("the last tick counts:", clock.UnixNano())
	// Output: the last tick counts: 2000000000
}

func ExampleCoarseClock_UnixNano() {
	var clock optimizing.CoarseClock
	fmt.Println("before the first tick:", clock.UnixNano())
	// Output: before the first tick: 0
}
