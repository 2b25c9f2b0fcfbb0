// Command rangebug prints the digits 1 to 4, as one number, and the Go version.
// A compiler that lets the range loop and the second append share a buffer on
// the stack prints something else. TestRangeOverAppendBug builds and runs it.
package main

import (
	"fmt"
	"runtime"
)

var kept []int64

//go:noinline
func digits(n int64) (number int64) {
	var s []int64
	for d := range n {
		s = append(s, d+1)
	}
	for i, d := range s { // has to see the elements that s has here
		if i == 0 {
			s = s[3:3]
			s = append(s, 9, 9) // does not fit, so it must not touch them
		}
		number = 10*number + d
	}
	kept = s
	return number
}

func main() { fmt.Println(digits(4), runtime.Version()) }
