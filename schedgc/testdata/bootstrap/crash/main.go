// Crash does not come to main, or fails in it, in the way its argument names.
package main

import "os"

func init() {
	if len(os.Args) < 2 {
		return
	}
	switch os.Args[1] {
	case "panic":
		panic("no configuration")
	case "block":
		<-make(chan bool)
	case "exit":
		defer println("deferred")
		os.Exit(4)
	}
}

func main() {
	println("main runs")
	if len(os.Args) > 1 {
		fail()
	}
}

//go:noinline
func fail() { panic("in fail") }
