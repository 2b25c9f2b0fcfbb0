//go:build linux

// Main locks the main goroutine to the main thread, as programs with a user
// interface do.
package main

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
	"time"
)

func init() {
	runtime.LockOSThread()
	fmt.Println("init on the main thread:", onMainThread())
}

// onMainThread reports whether the caller is on the thread whose id is that of
// the process.
func onMainThread() bool { return syscall.Gettid() == os.Getpid() }

func main() {
	turns := make(chan int)
	for range 4 {
		go func() {
			for {
				turns <- 0
				runtime.Gosched()
			}
		}()
	}
	left := false
	for range 200 {
		<-turns
		time.Sleep(time.Microsecond)
		left = left || !onMainThread()
	}
	fmt.Println("main left the main thread:", left)
}
