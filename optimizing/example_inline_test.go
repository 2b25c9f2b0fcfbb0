package optimizing_test

import (
	"fmt"
	"runtime"
	"strings"
)

// calledFrom names the function that called its caller, inlined or not.
func calledFrom() string {
	pc := make([]uintptr, 8)
	frames := runtime.CallersFrames(pc[:runtime.Callers(3, pc)])
	frame, _ := frames.Next()
	return frame.Function[strings.LastIndexByte(frame.Function, '.')+1:]
}

func inlinedHelper() string { return calledFrom() }

func inlinedOuter() string { return inlinedHelper() } // all of it is inlined

func Example_inlinedFrames() {
	fmt.Println("inlinedHelper was called by", inlinedOuter())
	// Output:
	// inlinedHelper was called by inlinedOuter
}
