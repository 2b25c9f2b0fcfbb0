// Exit ends in the way that its argument names.
package main

import (
	"fmt"
	"os"
	"runtime"
)

func main() {
	started, never := make(chan bool), make(chan bool)
	switch os.Args[1] {
	case "return": // while a goroutine is in the middle of its work
		go func() {
			defer fmt.Println("deferred in the goroutine")
			close(started)
			<-never
		}()
		<-started
		fmt.Println("main returns")
	case "exit": // os.Exit in another goroutine
		defer fmt.Println("deferred in main")
		go func() {
			defer fmt.Println("deferred in the goroutine")
			os.Exit(3)
		}()
		<-never
	case "goexit": // main is gone, and the others work on
		defer fmt.Println("deferred in main")
		go func() {
			<-started
			fmt.Println("goroutine works on")
		}()
		defer close(started)
		runtime.Goexit()
	}
}
