package memory_test

import (
	"fmt"

	"github.com/go-deep-dive/godeep/memory"
)

// Every variable starts with the zero value of its type.
func Example_zeroValues() {
	var (
		number int
		text   string
		list   []int
		table  map[string]int
		value  any
		point  struct {
			X, Y float64
			Next *int
		}
	)
	fmt.Printf("%v %q %t %t %t\n", number, text, list == nil, table == nil, value == nil)
	fmt.Printf("%+v\n", point)
	// Output:
	// 0 "" true true true
	// {X:0 Y:0 Next:<nil>}
}

// A Tracker needs no constructor.
func ExampleTracker() {
	var t memory.Tracker
	t.Count("start")
	t.Count("stop")
	fmt.Print(t.Log())
	// Output:
	// start
	// stop
}

// Count makes the map when it is first needed.
func ExampleTracker_Count() {
	var t memory.Tracker
	fmt.Println(t.Count("request"), t.Count("request"))
	// Output:
	// 1 2
}

// Log has a line for each event.
func ExampleTracker_Log() {
	var t memory.Tracker
	fmt.Printf("%q\n", t.Log())
	t.Count("request")
	fmt.Printf("%q\n", t.Log())
	// Output:
	// ""
	// "request\n"
}

// Zero gives generic code a value of any type.
func ExampleZero() {
	fmt.Printf("%v %q %v\n", memory.Zero[int](), memory.Zero[string](), memory.Zero[*int]() == nil)
	// Output:
	// 0 "" true
}
