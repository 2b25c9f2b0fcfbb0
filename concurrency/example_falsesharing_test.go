package concurrency_test

import (
	"fmt"
	"sync/atomic"
	"unsafe"
)

// The padding moves the second counter to another cache line.
func Example_falseSharing() {
	var dense struct{ in, out atomic.Int64 }
	var padded struct {
		in  atomic.Int64
		_   [120]byte
		out atomic.Int64
	}
	fmt.Println("dense:", unsafe.Offsetof(dense.out))
	fmt.Println("padded:", unsafe.Offsetof(padded.out))
	// Output:
	// dense: 8
	// padded: 128
}
