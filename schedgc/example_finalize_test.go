package schedgc_test

import (
	"fmt"
	"runtime"

	"github.com/go-deep-dive/godeep/schedgc"
)

// A program can export these two numbers as gauges.
func ExampleFinalizerBacklog() {
	type handle struct{ _ [64]byte }
	started, unblock := make(chan bool), make(chan bool)
	func() {
		runtime.SetFinalizer(new(handle), func(*handle) {
			started <- true
			<-unblock
		})
	}()
	runtime.GC()
	<-started
	finalizers, _ := schedgc.FinalizerBacklog()
	fmt.Println("one is stuck:", finalizers >= 1)
	close(unblock)
	// Output: one is stuck: true
}
