package schedgc

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// It executes a system call that the network poller does not know, and holds a
// thread for as long as that takes. Here it is a plain read from a pipe.
// Waiting for a socket, or reading a pipe through os.File, is IO wait instead
// and holds no thread. Many goroutines in syscall mean many threads.
//
//claim:ask What does the state "syscall" of a goroutine mean, in contrast to "IO wait"?
//claim:needs goos=linux
//claim:source runtime/runtime2.go
func TestGmpSyscall(t *testing.T) {
	var ends [2]int
	require.NoError(t, syscall.Pipe(ends[:]))
	id, ended := make(chan int), make(chan error)
	go func() {
		id <- gmpID()
		_, err := syscall.Read(ends[0], make([]byte, 1))
		ended <- err
	}()
	gmpReaches(t, "syscall", <-id)
	syscall.Write(ends[1], []byte{1})
	require.NoError(t, <-ended)
	syscall.Close(ends[0])
	syscall.Close(ends[1])
}
