package concurrency_test

import (
	"fmt"
	"sync"
)

// LoadOrStore keeps what is there and says so.
func Example_syncMap() {
	var m sync.Map
	actual, loaded := m.LoadOrStore("colour", "red")
	fmt.Println(actual, loaded)
	actual, loaded = m.LoadOrStore("colour", "blue")
	fmt.Println(actual, loaded)
	fmt.Println("swapped:", m.CompareAndSwap("colour", "red", "green"))
	value, ok := m.LoadAndDelete("colour")
	fmt.Println(value, ok)
	// Output:
	// red false
	// red true
	// swapped: true
	// green true
}
