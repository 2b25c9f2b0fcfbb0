//go:build !race

package memory_test

import (
	"fmt"
	"testing"
)

//go:noinline
func countTo(n int64) (sum int64) {
	var s []int64
	for i := range n {
		s = append(s, i+1)
	}
	for i := 0; i < len(s); i++ { // by index: a range loop allocates since Go 1.27
		sum += s[i]
	}
	return sum
}

func Example_appendBuffer() {
	for _, n := range []int64{4, 5} {
		fmt.Println(n, "elements:", testing.AllocsPerRun(100, func() { countTo(n) }))
	}
	// Output:
	// 4 elements: 0
	// 5 elements: 1
}
