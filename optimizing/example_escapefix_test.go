package optimizing_test

import (
	"fmt"
	"strconv"
	"testing"
)

// appendPoint appends the text of a point to dst and returns the result.
func appendPoint(dst []byte, x, y int) []byte {
	dst = append(dst, '(')
	dst = strconv.AppendInt(dst, int64(x), 10)
	dst = append(dst, ',')
	dst = strconv.AppendInt(dst, int64(y), 10)
	return append(dst, ')')
}

func Example_appendToBuffer() {
	points, length := 0, 0
	format := func() {
		var buf [64]byte // on the stack
		text := appendPoint(buf[:0], 1000, -2000)
		points, length = points+1, length+len(text)
	}
	fmt.Println("allocations:", testing.AllocsPerRun(100, format))
	fmt.Println("bytes per point:", length/points)
	fmt.Printf("%s\n", appendPoint(nil, 1000, -2000))
	// Output:
	// allocations: 0
	// bytes per point: 12
	// (1000,-2000)
}
