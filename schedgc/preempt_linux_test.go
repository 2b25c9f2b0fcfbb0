package schedgc

import (
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// The Go runtime sends SIGURG to its own threads to preempt goroutines, since 1.14. It
// was chosen because it is ignored by default and hardly used otherwise. A
// program that asks for all signals gets them too, because the runtime cannot
// tell its own from those of others: ignore them there. They stop with
// GODEBUG=asyncpreemptoff=1.
//
//claim:ask My program receives SIGURG all the time, and strace is full of it. Who sends it?
//claim:needs goos=linux
//claim:source runtime/signal_unix.go
func TestPreemptSignal(t *testing.T) {
	if proof.InChild(t) {
		signals := make(chan os.Signal, 100)
		signal.Notify(signals) // all of them
		var other atomic.Bool
		go other.Store(true)
		for n := 0; !other.Load(); { // runs until it is preempted
			preemptGrow(&n)
		}
		urgent := 0
		for waiting := true; waiting; {
			select {
			case got := <-signals:
				urgent += factOf(got == syscall.SIGURG)
			case <-time.After(5 * time.Millisecond):
				waiting = false
			}
		}
		fmt.Printf("urgent=%d\n", urgent)
		os.Exit(0)
	}
	assert.Positive(t, runChildFacts(t, "GOMAXPROCS=1")["urgent"])
	assert.Zero(t, runChildFacts(t, "GOMAXPROCS=1", "GODEBUG=asyncpreemptoff=1")["urgent"])
}

// A signal for preemption interrupts a system call like any other signal. The
// handlers of the runtime are installed with SA_RESTART, so the kernel continues most
// calls, such as read, by itself; a few, such as nanosleep and epoll_wait, return
// EINTR nevertheless. Packages os, net and time repeat such calls. Your own
// calls through package syscall need a loop that does, and so does C code.
//
//claim:ask Why do system calls return EINTR in Go programs that use no signals?
//claim:needs goos=linux
//claim:source https://go.dev/doc/go1.14#runtime
func TestPreemptEINTR(t *testing.T) {
	thread := make(chan int)
	ended := make(chan error)
	blocked := func(call func() error) (tid int) {
		go func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			thread <- syscall.Gettid()
			ended <- call()
		}()
		return <-thread
	}
	tid := blocked(func() error {
		return syscall.Nanosleep(&syscall.Timespec{Sec: 20}, nil)
	})
	var err error
	for waiting := true; waiting; runtime.Gosched() {
		require.NoError(t, syscall.Tgkill(os.Getpid(), tid, syscall.SIGURG))
		select {
		case err = <-ended:
			waiting = false
		default:
		}
	}
	assert.Equal(t, syscall.EINTR, err)

	r, w := blockingPipe(t)
	sleeping := threadsInState("syscall")
	tid = blocked(func() error {
		_, err := syscall.Read(r, make([]byte, 1))
		return err
	})
	threadsWaitUntil(t, func() bool { return threadsInState("syscall") > sleeping })
	for range 100 {
		require.NoError(t, syscall.Tgkill(os.Getpid(), tid, syscall.SIGURG))
	}
	syscall.Write(w, []byte{1})
	assert.NoError(t, <-ended)
	syscall.Close(r)
	syscall.Close(w)
}
