package interfaces_test

import (
	"fmt"
	"slices"
	"time"
)

type ticket struct{ number int }

func (t ticket) ByValue() int    { return t.number }
func (t *ticket) ByPointer() int { return t.number }

// A method value binds its receiver at once: a copy of the value, or the pointer.
func Example_methodValue() {
	t := ticket{1}
	value, pointer := t.ByValue, t.ByPointer
	t.number = 2
	fmt.Println("value receiver:", value())
	fmt.Println("pointer receiver:", pointer())
	// Output:
	// value receiver: 1
	// pointer receiver: 2
}

// A method expression takes the receiver as its first parameter.
func Example_methodValueExpression() {
	number := ticket.ByValue
	fmt.Printf("%T\n", number)
	fmt.Println(number(ticket{3}))
	// Output:
	// func(interfaces_test.ticket) int
	// 3
}

// A method expression fits wherever a function with the receiver as first parameter is
// wanted.
func Example_methodValueCompare() {
	durations := []time.Duration{3, 1, 2}
	times := []time.Time{time.Unix(3, 0), time.Unix(1, 0)}
	slices.SortFunc(times, time.Time.Compare)
	fmt.Println("times:", times[0].Unix(), times[1].Unix())
	fmt.Println("longest:", time.Duration.String(slices.Max(durations)))
	// Output:
	// times: 1 3
	// longest: 3ns
}
