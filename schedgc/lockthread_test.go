package schedgc

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// lockthreadIsLocked reports whether the calling goroutine is locked to its thread:
// the first line of its stack says so.
func lockthreadIsLocked() bool {
	b := make([]byte, 200)
	header, _, _ := strings.Cut(string(b[:runtime.Stack(b, false)]), "\n")
	return strings.HasSuffix(header, ", locked to thread]:")
}

// The calls nest: a goroutine is free again after as many UnlockOSThread as LockOSThread
// calls, so a function may lock and unlock although its caller has locked too. One
// Unlock too many does nothing. Before Go 1.10 the calls did not nest. The first
// line of a goroutine's stack dump says "locked to thread".
//
//claim:ask Do LockOSThread calls nest, and what does one UnlockOSThread too many do?
//claim:source https://pkg.go.dev/runtime#LockOSThread
//claim:source https://go.dev/doc/go1.10#runtime
func TestLockThreadNesting(t *testing.T) {
	assert.False(t, lockthreadIsLocked())
	runtime.LockOSThread()
	runtime.LockOSThread()
	runtime.UnlockOSThread()
	assert.True(t, lockthreadIsLocked())
	runtime.UnlockOSThread()
	assert.False(t, lockthreadIsLocked())
	runtime.UnlockOSThread()
	runtime.LockOSThread()
	assert.True(t, lockthreadIsLocked(), "there is no debt")
	runtime.UnlockOSThread()
}

// No. The new goroutine is free and runs on any thread but that one, and so do
// goroutines that a library starts on your behalf. So state of the thread is
// not passed on either; hand the work to the goroutine that is locked.
//
//claim:ask Does a goroutine that a locked goroutine starts inherit the lock?
//claim:source https://pkg.go.dev/runtime#LockOSThread
func TestLockThreadNotInherited(t *testing.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	inherited := make(chan bool)
	go func() { inherited <- lockthreadIsLocked() }()
	assert.False(t, <-inherited)
	assert.True(t, lockthreadIsLocked())
}

// The thread waits with its goroutine, and nobody else may use it. So each
// locked goroutine costs a thread even while it is blocked, where 30 others
// would need none. It does not hold a P while it waits: with GOMAXPROCS=1 other
// goroutines go on, on other threads.
//
//claim:ask What does the thread of a locked goroutine do while the goroutine waits on a channel?
//claim:source runtime/proc.go
func TestLockThreadHeld(t *testing.T) {
	if proof.InChild(t) {
		const n = 30
		var waiting sync.WaitGroup
		stop := make(chan struct{})
		for range n {
			waiting.Go(func() { <-stop })
		}
		threadsWaitUntil(t, func() bool { return threadsInState("chan receive") >= n })
		fmt.Printf("free=%d\n", ThreadCount())
		close(stop)
		waiting.Wait()
		release := threadsLocked(n)
		fmt.Printf("locked=%d\n", ThreadCount()) // on the only P
		release()
		os.Exit(0)
	}
	facts := runChildFacts(t, "GOMAXPROCS=1")
	assert.Positive(t, facts["free"])
	assert.Less(t, facts["free"], 20)
	assert.Greater(t, facts["locked"], 30)
}

// Each switch costs a change of threads: the scheduler may not simply jump to
// the other goroutine, but has to wake the thread it is locked to, hand the P
// over, and park its own. That goes through the kernel in each direction, where
// a switch between free goroutines does not: a channel ping-pong with a locked
// goroutine takes more than 3 times as long. So hand larger pieces of work to
// such a goroutine.
//
//claim:ask What does it cost to communicate with a goroutine that is locked to its thread?
//claim:vary GOMAXPROCS 1
//claim:expect ns/op of=locked > 3x of=free
//claim:source runtime/proc.go
func BenchmarkLockThreadSwitch(b *testing.B) {
	for _, locked := range []bool{false, true} {
		name := "of=free"
		if locked {
			name = "of=locked"
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				lockthreadPingPong(50, locked)
			}
		})
	}
}

func TestLockThreadSwitch(t *testing.T) {
	assert.Equal(t, 50, lockthreadPingPong(50, false))
	assert.Equal(t, 50, lockthreadPingPong(50, true))
}
