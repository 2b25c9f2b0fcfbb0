// Load gives the scheduler something to show in GODEBUG=schedtrace=1. It ends by
// itself, and writes nothing to standard error.
package main

import (
	"os"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"
)

func main() {
	end := time.Now().Add(60 * time.Millisecond)
	switch os.Args[1] {
	case "idle":
		time.Sleep(time.Until(end))
	case "ready":
		ready(1000)
	case "spinners":
		spinners(8, end)
	case "waiting":
		waiting(end)
	case "syscalls":
		for time.Now().Before(end) {
			syscall.Getppid()
		}
	case "late":
		os.Setenv("GODEBUG", "schedtrace=1")
		time.Sleep(time.Until(end))
	}
}

// ready starts n goroutines and does not let them run for a while: to be used with
// asyncpreemptoff=1, since the loop has no calls.
func ready(n int) {
	done := make(chan bool)
	runtime.Gosched() // whatever else is ready runs now
	for range n {
		go func() { done <- true }()
	}
	var turns atomic.Int64
	for turns.Load() < 4_000_000 {
		turns.Add(1)
	}
	for range n {
		<-done
	}
}

// spinners computes in n goroutines.
func spinners(n int, end time.Time) {
	done := make(chan bool)
	for range n {
		go func() {
			for time.Now().Before(end) {
			}
			done <- true
		}()
	}
	for range n {
		<-done
	}
}

// waiting has 30 goroutines in channel receives and 20 asleep. One is locked to
// its thread.
func waiting(end time.Time) {
	release, started := make(chan bool), make(chan bool)
	for i := range 50 {
		go func() {
			if i == 0 {
				runtime.LockOSThread()
			}
			started <- true
			if i < 30 {
				<-release
			} else {
				time.Sleep(time.Until(end))
			}
		}()
		<-started
	}
	time.Sleep(time.Until(end))
	close(release)
}
