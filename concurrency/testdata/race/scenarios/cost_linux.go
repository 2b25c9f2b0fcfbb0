package main

import (
	"fmt"
	"os"
	"strings"
	"syscall"
)

func init() {
	// Prints the processor time in nanoseconds and the largest memory in KiB.
	scenarios["cost"] = func() {
		const words = 1 << 20
		s := make([]int64, words)
		before := processorTime()
		for range 3 {
			for i := range s {
				s[i] += int64(i)
			}
		}
		nanos := processorTime() - before
		status, _ := os.ReadFile("/proc/self/status")
		_, memory, _ := strings.Cut(string(status), "VmHWM:")
		memory, _, _ = strings.Cut(memory, "kB")
		fmt.Println(nanos, strings.TrimSpace(memory))
	}
}

func processorTime() int64 {
	var usage syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return usage.Utime.Nano() + usage.Stime.Nano()
}
