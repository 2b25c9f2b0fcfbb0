package patterns_test

import "fmt"

// A command returns the function that undoes it.
func Example_designCommand() {
	text := ""
	write := func(word string) func() func() {
		return func() func() {
			before := text
			text += word
			return func() { text = before }
		}
	}
	var history []func()
	for _, command := range []func() func(){write("go"), write("pher"), write("!!")} {
		history = append(history, command())
		fmt.Println("do:  ", text)
	}
	for len(history) > 0 {
		last := len(history) - 1
		history[last]()
		history[last] = nil // lets the closure be collected
		history = history[:last]
		fmt.Printf("undo: %s\n", text)
	}
	// Output:
	// do:   go
	// do:   gopher
	// do:   gopher!!
	// undo: gopher
	// undo: go
	// undo:
}
