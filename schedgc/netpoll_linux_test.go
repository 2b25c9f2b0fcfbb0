package schedgc

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// Fd hands out a descriptor in blocking mode, since most code outside Go expects
// that. From then on a Read of the file blocks a thread instead of parking in the
// poller, and a deadline does not end it: SetReadDeadline returns no error, and the
// Read waits for data all the same. Use SyscallConn and its Control method to
// work with the descriptor and leave the mode as it is.
//
//claim:ask I only called f.Fd() for an ioctl. Why do deadlines on this pipe no longer work?
//claim:needs goos=linux
//claim:source https://pkg.go.dev/os#File.Fd
func TestNetpollFd(t *testing.T) {
	if proof.InChild(t) {
		r, w, err := os.Pipe()
		require.NoError(t, err)
		// read reports in which state a goroutine waits in Read, and what Read
		// returns if its deadline passes.
		read := func() (state string, err error) {
			ended := make(chan error)
			r.SetReadDeadline(time.Time{})
			go func() {
				_, err := r.Read(make([]byte, 1))
				ended <- err
			}()
			threadsWaitUntil(t, func() bool {
				for _, state = range []string{"IO wait", "syscall"} {
					if threadsInState(state) == 1 {
						return true
					}
				}
				return false
			})
			require.NoError(t, r.SetReadDeadline(deadlinePast))
			if state == "syscall" { // nothing else ends it
				w.Write([]byte{1})
			}
			return state, <-ended
		}
		raw, err := r.SyscallConn()
		require.NoError(t, err)
		raw.Control(func(fd uintptr) {})
		state, err := read()
		fmt.Println("control:", state, errors.Is(err, os.ErrDeadlineExceeded))
		r.Fd()
		state, err = read()
		fmt.Println("fd:", state, err)
		os.Exit(0)
	}
	out, err := proof.Child(t)
	require.NoError(t, err, out)
	assert.Contains(t, out, "control: IO wait true\n")
	assert.Contains(t, out, "fd: syscall <nil>\n")
}

// Usually not: os.Stdin is made from a descriptor that the process was given, and
// os.NewFile uses the poller only if the descriptor is in non-blocking
// mode already. So a Read of os.Stdin holds a thread, SetReadDeadline fails with
// os.ErrNoDeadline, and nothing ends the Read. For a pipe or terminal of your own
// the cure is syscall.SetNonblock before os.NewFile.
//
//claim:ask Can you set a deadline on os.Stdin, or end a Read of it?
//claim:needs goos=linux
//claim:source https://pkg.go.dev/os#NewFile
func TestNetpollNewFile(t *testing.T) {
	r, w := blockingPipe(t)
	t.Cleanup(func() { syscall.Close(w) })
	inherited := os.NewFile(uintptr(r), "like stdin")
	assert.ErrorIs(t, inherited.SetReadDeadline(deadlinePast), os.ErrNoDeadline)

	second, err := syscall.Dup(r)
	require.NoError(t, err)
	require.NoError(t, syscall.SetNonblock(second, true))
	pollable := os.NewFile(uintptr(second), "pollable")
	require.NoError(t, pollable.SetReadDeadline(deadlinePast))
	_, err = pollable.Read(make([]byte, 1))
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
	require.NoError(t, pollable.Close())
	require.NoError(t, inherited.Close())
	runtime.KeepAlive(inherited)
}

// netpollWaiting returns how many threads of the process are in epoll_wait, and
// false if the kernel does not say.
func netpollWaiting() (n int, ok bool) {
	files, _ := filepath.Glob("/proc/self/task/*/syscall")
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil && !errors.Is(err, os.ErrNotExist) && !errors.Is(err, syscall.ESRCH) {
			return 0, false
		}
		number, _, _ := strings.Cut(string(text), " ")
		n += factOf(number == strconv.Itoa(syscall.SYS_EPOLL_PWAIT))
	}
	return n, len(files) > 0
}

// No. You may read of a poller thread with an event loop, but whichever thread
// has nothing else to do waits in epoll, at most one at a time; it then runs the
// goroutine that became ready. If it is woken for other work, it leaves the poller.
// While the only P computes, no thread waits in epoll although a
// connection is open; with a second, idle P one thread does.
//
//claim:ask Does the network poller have a thread of its own?
//claim:needs goos=linux
//claim:source runtime/proc.go
//claim:source runtime/netpoll_epoll.go
func TestNetpollNoThread(t *testing.T) {
	if _, ok := netpollWaiting(); !ok {
		t.Skip("needs /proc/self/task/*/syscall")
	}
	if proof.InChild(t) {
		_, server := netpollPair(t, netpollListen(t))
		go server.Read(make([]byte, 1))
		threadsWaitUntil(t, func() bool { return threadsInState("IO wait") >= 1 })
		most, none := 0, 0
		for range 500 {
			waiting, _ := netpollWaiting()
			most = max(most, waiting)
			none += factOf(waiting == 0)
			if runtime.GOMAXPROCS(0) == 1 && none > 0 || runtime.GOMAXPROCS(0) > 1 && most > 0 {
				break
			}
		}
		fmt.Printf("most=%d\nnone=%d\n", most, factOf(none > 0))
		os.Exit(0)
	}
	busy, idle := runChildFacts(t, "GOMAXPROCS=1"), runChildFacts(t, "GOMAXPROCS=2")
	assert.Equal(t, 1, busy["none"])
	assert.LessOrEqual(t, busy["most"], 1)
	assert.Equal(t, 1, idle["most"])
}
