package schedgc

import "sync/atomic"

// preemptSpin is the loop that a cooperative scheduler cannot interrupt: no call,
// no allocation, nothing that enters the runtime.
func preemptSpin() {
	//lint:ignore SA5002 this is what is shown
	for {
	}
}

// preemptSpinInlined calls a function, but the compiler puts its body here.
func preemptSpinInlined(n *int) {
	for {
		*n = preemptNext(*n)
	}
}

func preemptNext(n int) int { return n + 1 }

// preemptSpinCalling really calls a function, and a function with a stack frame
// begins with a look whether it has to yield.
func preemptSpinCalling(n *int) {
	for {
		preemptGrow(n)
	}
}

//go:noinline
func preemptGrow(n *int) {
	var frame [256]byte
	preemptTouch(&frame)
	*n += int(frame[0])
}

//go:noinline
func preemptTouch(frame *[256]byte) { frame[0]++ }

// preemptUntil spins until the flag is set.
func preemptUntil(flag *atomic.Bool) {
	for !flag.Load() {
	}
}
