//go:build linux

// Cgo lets goroutines wait in C, and counts the threads.
package main

// #include <unistd.h>
// static int waitFor(int fd) { char c; return read(fd, &c, 1); }
import "C"

import (
	"fmt"
	"runtime"
	"runtime/metrics"
	"sync"
	"syscall"
)

func metric(name string) int {
	sample := []metrics.Sample{{Name: name}}
	metrics.Read(sample)
	return int(sample[0].Value.Uint64())
}

func main() {
	const calls = 20
	runtime.GOMAXPROCS(1)
	var p [2]int
	if err := syscall.Pipe(p[:]); err != nil {
		panic(err)
	}
	var waiting sync.WaitGroup
	for range calls {
		waiting.Go(func() { C.waitFor(C.int(p[0])) })
	}
	for metric("/sched/goroutines/not-in-go:goroutines") < calls {
		runtime.Gosched()
	}
	fmt.Printf("threads=%d\n", metric("/sched/threads/total:threads"))
	syscall.Write(p[1], make([]byte, calls))
	waiting.Wait()
}
