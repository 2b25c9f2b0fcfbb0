package patterns_test

import (
	"fmt"
	"time"

	"github.com/go-deep-dive/godeep/patterns"
)

// Three changes in a row are saved once.
func ExampleDebouncer() {
	d := &patterns.Debouncer[string]{
		Wait: time.Minute,
		Func: func(text string) { fmt.Println("save:", text) },
	}
	d.Call("h")
	d.Call("he")
	d.Call("hello")
	d.Flush() // at the end of the program, without waiting for the minute
	// Output:
	// save: hello
}

// The first click counts, and those that follow at once do not.
func ExampleDebounceEdge() {
	d := &patterns.Debouncer[int]{
		Wait: time.Minute,
		Edge: patterns.DebounceLeading,
		Func: func(click int) { fmt.Println("click", click) },
	}
	for click := range 3 {
		d.Call(click)
	}
	d.Flush()
	// Output:
	// click 0
}

func ExampleDebouncer_Call() {
	saved := make(chan string)
	d := &patterns.Debouncer[string]{Wait: time.Millisecond, Func: func(text string) { saved <- text }}
	d.Call("only")
	fmt.Println("saved after a pause:", <-saved)
	d.Stop()
	// Output:
	// saved after a pause: only
}

func ExampleDebouncer_Flush() {
	d := &patterns.Debouncer[int]{Wait: time.Hour, Func: func(n int) { fmt.Println("value", n) }}
	d.Call(1)
	d.Flush()
	d.Flush() // nothing waits
	// Output:
	// value 1
}

func ExampleDebouncer_Stop() {
	d := &patterns.Debouncer[int]{Wait: time.Hour, Func: func(n int) { fmt.Println("value", n) }}
	d.Call(1)
	d.Stop() // drops it
	d.Call(2)
	d.Flush()
	fmt.Println("nothing was called")
	// Output:
	// nothing was called
}
