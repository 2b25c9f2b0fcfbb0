package memory_test

import (
	"fmt"
	"unsafe"
)

// useStack needs at least kib KiB of stack.
//
//go:noinline
func useStack(kib int) byte {
	var frame [1 << 10]byte
	frame[kib%len(frame)] = 1
	if kib == 0 {
		return 1
	}
	return useStack(kib-1) * frame[kib%len(frame)]
}

func Example_stackMoves() {
	done := make(chan struct{})
	go func() {
		defer close(done)
		n := 42
		p := &n
		before := uintptr(unsafe.Pointer(p)) // a number, and no pointer
		useStack(1 << 10)
		fmt.Println("same number: ", uintptr(unsafe.Pointer(p)) == before)
		fmt.Println("same pointer:", p == &n, *p)
	}()
	<-done
	// Output:
	// same number:  false
	// same pointer: true 42
}
