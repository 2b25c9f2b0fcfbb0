package memory_test

import (
	"fmt"
	"testing"
)

//go:noinline
func fillBytes(n int) byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i)
	}
	return b[n-1]
}

func Example_makeVariableSize() {
	for _, n := range []int{32, 33} {
		fmt.Println(n, "bytes:", testing.AllocsPerRun(100, func() { fillBytes(n) }))
	}
	// Output:
	// 32 bytes: 0
	// 33 bytes: 1
}
