package concurrency_test

import (
	"fmt"
	"sync"
)

// The value is made at the first call, once, however many goroutines ask.
func Example_onceValue() {
	config := sync.OnceValue(func() map[string]int {
		fmt.Println("loading")
		return map[string]int{"workers": 4}
	})
	fmt.Println("before the first use")
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() { config() })
	}
	wg.Wait()
	fmt.Println("workers:", config()["workers"])
	// Output:
	// before the first use
	// loading
	// workers: 4
}

// A Once that has panicked counts as done.
func Example_oncePanics() {
	var once sync.Once
	try := func() {
		defer func() { fmt.Println("recovered:", recover()) }()
		once.Do(func() { panic("boom") })
	}
	try()
	try()
	// Output:
	// recovered: boom
	// recovered: <nil>
}
