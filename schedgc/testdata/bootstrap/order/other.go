package main

import (
	"fmt"
	"runtime"
	"strings"

	order "github.com/go-deep-dive/godeep/schedgc/testdata/bootstrap/order/zeta"
)

var left = zeta("left", 1)

func init() { say("init of other.go") }

func zeta(name string, value int) int {
	say("variable " + name)
	return value
}

// say prints in which goroutine it is called, and the functions of the runtime
// below main.
func say(what string) {
	order.Say(what)
	if what != "main" {
		return
	}
	var pcs [16]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(0, pcs[:])])
	for more := true; more; {
		var frame runtime.Frame
		frame, more = frames.Next()
		if frame.Function == "main.main" || strings.HasPrefix(frame.Function, "runtime.") && frame.Function != "runtime.Callers" {
			fmt.Println("on the stack:", frame.Function)
		}
	}
}
