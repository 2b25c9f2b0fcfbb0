package schedgc

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// blockingPipe returns the two ends of a pipe in blocking mode, which the
// network poller does not know.
func blockingPipe(t *testing.T) (r, w int) {
	t.Helper()
	var p [2]int
	require.NoError(t, syscall.Pipe(p[:]))
	return p[0], p[1]
}

// syscallReaders starts n goroutines that block in read, waits until all do, and
// returns the function that lets them go.
func syscallReaders(t *testing.T, n int) (release func()) {
	t.Helper()
	r, w := blockingPipe(t)
	var readers sync.WaitGroup
	for range n {
		readers.Go(func() { syscall.Read(r, make([]byte, 1)) })
	}
	threadsWaitUntil(t, func() bool { return threadsInState("syscall") >= n })
	return func() {
		syscall.Write(w, make([]byte, n))
		readers.Wait()
		syscall.Close(r)
		syscall.Close(w)
	}
}

// The goroutine keeps its thread, and the P goes to another one. Only this
// thread can be in the kernel for the goroutine, but the P does not wait: the
// system monitor takes it away and hands it to another thread, an idle one or a
// new one, which goes on with other goroutines. So 30 goroutines in a blocking
// read need 30 threads, with GOMAXPROCS=1 as well, and the program still runs.
// A read from a network connection or a pipe of package os is different: it
// parks the goroutine in the network poller, and 30 of those need no thread of
// their own.
//
//claim:ask What happens to the P when its goroutine blocks in a system call, and how is a read from the network different?
//claim:needs goos=linux
//claim:source runtime/proc.go
func TestSyscallHandoff(t *testing.T) {
	if proof.InChild(t) {
		const n = 30
		fmt.Printf("procs=%d\nstart=%d\n", runtime.GOMAXPROCS(0), ThreadCount())
		var readers sync.WaitGroup
		var writers []*os.File
		for range n {
			r, w, err := os.Pipe()
			require.NoError(t, err)
			writers = append(writers, w)
			readers.Go(func() { r.Read(make([]byte, 1)) })
		}
		threadsWaitUntil(t, func() bool { return threadsInState("IO wait") == n })
		fmt.Printf("poller=%d\n", ThreadCount())
		for _, w := range writers {
			w.Close()
		}
		readers.Wait()

		release := syscallReaders(t, n)
		fmt.Printf("syscall=%d\n", ThreadCount()) // by a goroutine that has a P
		release()
		os.Exit(0)
	}
	facts := runChildFacts(t, "GOMAXPROCS=1")
	assert.Equal(t, 1, facts["procs"])
	assert.Less(t, facts["poller"], facts["start"]+15)
	assert.GreaterOrEqual(t, facts["syscall"], 30+1)
}

// Hardly any. Entering a system call costs no handoff: the goroutine leaves the P
// with a mark that it may be taken. The monitor takes it when it sees the same
// call at two looks, which are at least 20 microseconds apart, and only if there
// is other work, or after 10 milliseconds. Most calls are over before that, and
// the goroutine goes on with its P as if nothing had happened. So 50 goroutines
// with 1000 short writes each share a few threads.
//
//claim:ask Does every system call cost a thread or a handoff of the P?
//claim:needs goos=linux
//claim:source runtime/proc.go
func TestSyscallShort(t *testing.T) {
	if proof.InChild(t) {
		null, err := syscall.Open("/dev/null", syscall.O_WRONLY, 0)
		require.NoError(t, err)
		var writers sync.WaitGroup
		var wrote atomic.Int64
		for range 50 {
			writers.Go(func() {
				for range 1000 {
					n, _ := syscall.Write(null, []byte{1})
					wrote.Add(int64(n))
				}
			})
		}
		writers.Wait()
		fmt.Printf("wrote=%d\nthreads=%d\n", wrote.Load(), ThreadCount())
		os.Exit(0)
	}
	facts := runChildFacts(t, "GOMAXPROCS=2")
	assert.Equal(t, 50_000, facts["wrote"])
	assert.Less(t, facts["threads"], 25, "not one for each goroutine")
}

// Syscall tells the scheduler before and after, so that the P can be handed to
// another thread; RawSyscall does not, and the P waits in the kernel. With
// GOMAXPROCS=1 a RawSyscall that blocks stops the whole program, also the
// goroutine that would have ended the call. Preemption does not help, because
// the thread is not in Go code. Use RawSyscall only for calls that cannot block.
//
//claim:ask What is the difference between syscall.Syscall and syscall.RawSyscall?
//claim:needs goos=linux
//claim:source syscall/syscall_linux.go
func TestSyscallRaw(t *testing.T) {
	if proof.InChild(t) {
		r, w := blockingPipe(t)
		go syscall.Write(w, []byte{1})
		fmt.Println("started")
		read := syscall.Syscall
		if os.Getenv("READ") == "raw" {
			read = syscall.RawSyscall
		}
		var b byte
		n, _, _ := read(syscall.SYS_READ, uintptr(r), uintptr(unsafe.Pointer(&b)), 1)
		require.EqualValues(t, 1, n)
		fmt.Println("ended")
		os.Exit(0)
	}
	childEnds(t, "GOMAXPROCS=1", "READ=normal")
	childHangs(t, "GOMAXPROCS=1", "READ=raw")
}

// The goroutine needs a P again before it may run Go code. It tries the P it had,
// then any idle one; if there is none, it becomes runnable in the global queue and
// its thread parks. Here the only P is busy with a loop that cannot be
// preempted: the read has returned, and its goroutine still does not run before
// the loop ends. With a second P it goes on at once. So the time that you measure
// around a system call contains the wait for a P.
//
//claim:ask A system call returns and all Ps are busy. What happens to the goroutine?
//claim:needs goos=linux
//claim:source runtime/proc.go
func TestSyscallReturn(t *testing.T) {
	if proof.InChild(t) {
		debug.SetGCPercent(-1) // it would wait for the loop below
		r, w := blockingPipe(t)
		var returned atomic.Bool
		go func() {
			syscall.Read(r, make([]byte, 1))
			returned.Store(true)
		}()
		threadsWaitUntil(t, func() bool { return threadsInState("syscall") == 1 })
		fmt.Println("started")
		b := byte(1) // written without a chance for others to take the P
		syscall.RawSyscall(syscall.SYS_WRITE, uintptr(w), uintptr(unsafe.Pointer(&b)), 1)
		turns, most := 0, 30_000_000
		if runtime.GOMAXPROCS(0) > 1 {
			most = math.MaxInt
		}
		for !returned.Load() && turns < most {
			turns++
		}
		during := returned.Load()
		threadsWaitUntil(t, returned.Load)
		fmt.Printf("during=%t\nended\n", during)
		if during != (runtime.GOMAXPROCS(0) > 1) {
			os.Exit(1)
		}
		os.Exit(0)
	}
	if proof.RaceEnabled {
		t.Skip("the race detector makes calls of the atomic loads, which are preemption points")
	}
	childEnds(t, "GOMAXPROCS=1", "GODEBUG=asyncpreemptoff=1")
	childEnds(t, "GOMAXPROCS=2", "GODEBUG=asyncpreemptoff=1")
}

// Yes. There is nothing to wait for in the poller: for the kernel a file on disk
// is always ready, and the read blocks the thread if the data has to be fetched.
// The same holds for open, stat, fsync and the rest: here 20 goroutines that open
// a named pipe wait in open, each with a thread. So limit how many goroutines work
// on files at a time. A deadline on a regular file fails with
// os.ErrNoDeadline, which is how you see that a file is not in the poller.
//
//claim:ask Does file I/O block a thread, unlike network I/O?
//claim:needs goos=linux
//claim:source https://pkg.go.dev/os#File.SetDeadline
func TestSyscallFiles(t *testing.T) {
	if proof.InChild(t) {
		dir := os.Getenv("DIR")
		regular, err := os.Create(filepath.Join(dir, "regular"))
		require.NoError(t, err)
		fmt.Printf("noDeadline=%d\n", factOf(regular.SetReadDeadline(deadlinePast) == os.ErrNoDeadline))

		const n = 20
		var opened sync.WaitGroup
		for i := range n {
			name := filepath.Join(dir, strconv.Itoa(i))
			require.NoError(t, syscall.Mkfifo(name, 0o600))
			opened.Go(func() { os.Open(name) })
		}
		threadsWaitUntil(t, func() bool { return threadsInState("syscall") == n })
		fmt.Printf("threads=%d\n", ThreadCount())
		for i := range n {
			os.OpenFile(filepath.Join(dir, strconv.Itoa(i)), os.O_WRONLY, 0)
		}
		opened.Wait()
		os.Exit(0)
	}
	facts := runChildFacts(t, "DIR="+t.TempDir())
	assert.Equal(t, 1, facts["noDeadline"])
	assert.Greater(t, facts["threads"], 20)
}

// Put a semaphore of your own around the calls: a channel with room for as many as
// may block at a time. Neither GOMAXPROCS nor the runtime limits blocked threads
// before it gives up at 10000. With a limit of 4, 64 blocking calls need a few
// threads; without it they would need 64.
//
//claim:ask How do you keep blocking calls from creating hundreds of threads?
//claim:needs goos=linux
//claim:source https://pkg.go.dev/runtime/debug#SetMaxThreads
func TestSyscallLimit(t *testing.T) {
	if proof.InChild(t) {
		const n = 64
		limit := make(threadsLimit, 4)
		var calls sync.WaitGroup
		for range n {
			calls.Go(func() {
				limit.do(func() { syscall.Nanosleep(&syscall.Timespec{Nsec: 500_000}, nil) })
			})
		}
		calls.Wait()
		fmt.Printf("limited=%d\n", ThreadCount())
		release := syscallReaders(t, n)
		fmt.Printf("unlimited=%d\n", ThreadCount())
		release()
		os.Exit(0)
	}
	facts := runChildFacts(t)
	assert.Less(t, facts["limited"], 25)
	assert.Greater(t, facts["unlimited"], 64)
}

// Yes: waiting for a process is a system call that blocks until the process ends,
// so each goroutine in cmd.Wait or cmd.Run holds a thread. For a supervisor of
// a thousand processes that is a thousand threads. The pipes to the processes are
// another matter: they go through the poller.
//
//claim:ask Does cmd.Wait or cmd.Run block a thread?
//claim:needs goos=linux
//claim:source os/exec_unix.go
func TestSyscallProcessWait(t *testing.T) {
	sleep, err := exec.LookPath("sleep")
	if err != nil {
		t.Skip("needs the program sleep: ", err)
	}
	if proof.InChild(t) {
		const n = 10
		var waiting sync.WaitGroup
		var running []*exec.Cmd
		for range n {
			cmd := exec.Command(sleep, "20")
			require.NoError(t, cmd.Start())
			running = append(running, cmd)
			waiting.Go(func() { cmd.Wait() })
		}
		before := ThreadCount()
		threadsWaitUntil(t, func() bool { return threadsInState("syscall") == n })
		fmt.Printf("before=%d\nthreads=%d\n", before, ThreadCount())
		for _, cmd := range running {
			cmd.Process.Kill()
		}
		waiting.Wait()
		os.Exit(0)
	}
	assert.Greater(t, runChildFacts(t)["threads"], 10)
}
