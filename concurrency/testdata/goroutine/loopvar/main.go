//go:build go1.21

// Loopvar prints what closures see of a loop variable. The build constraint
// gives this file the language of Go 1.21.
package main

import "fmt"

func main() {
	var prints []func()
	for i := 0; i < 3; i++ {
		prints = append(prints, func() { fmt.Print(i, " ") })
	}
	for _, word := range []string{"a", "b", "c"} {
		prints = append(prints, func() { fmt.Print(word, " ") })
	}
	for _, print := range prints {
		print()
	}
}
