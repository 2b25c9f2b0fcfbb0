package schedgc

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// A locked goroutine runs on one thread only, and this thread runs no other one.
// It is needed where state belongs to the thread and not to the process: OpenGL and
// user interfaces, C libraries with thread-local variables, and on Linux
// namespaces, credentials and signal masks. Without it a goroutine may be on another
// thread after every call. The usual shape is one locked goroutine that takes
// functions from a channel.
//
//claim:ask What does runtime.LockOSThread guarantee, and who needs it?
//claim:needs goos=linux
//claim:source https://pkg.go.dev/runtime#LockOSThread
func TestLockThreadSame(t *testing.T) {
	worker := newLockthreadWorker()
	defer worker.stop()
	var own int
	worker.do(func() { own = syscall.Gettid() })
	var others sync.WaitGroup
	for range 20 {
		others.Go(func() {
			for range 20 {
				assert.NotEqual(t, own, syscall.Gettid(), "another goroutine on the thread")
				runtime.Gosched()
			}
		})
	}
	for range 100 {
		worker.do(func() {
			runtime.Gosched()
			assert.Equal(t, own, syscall.Gettid())
		})
	}
	others.Wait()
}

// The thread of such a goroutine ends too, and no other one gets it. That is a way to
// get rid of a thread whose state cannot be restored, for example after it has
// entered another namespace: lock, change, work, and return without unlock. Here
// the thread with its own working directory is gone, and all others still have
// the old one. Before Go 1.10 the thread went back to the pool as it was. The main
// thread of a process is an exception: it cannot end.
//
//claim:ask What happens if a goroutine exits without UnlockOSThread?
//claim:needs goos=linux
//claim:source https://pkg.go.dev/runtime#LockOSThread
//claim:source https://go.dev/doc/go1.10#runtime
func TestLockThreadExit(t *testing.T) {
	cwd := func() string {
		b := make([]byte, 4096)
		n, err := syscall.Getcwd(b)
		require.NoError(t, err)
		return string(b[:n-1])
	}
	before := cwd()
	type thread struct {
		id  int
		dir string
		err error
	}
	changed := make(chan thread)
	var release func()
	change := func() {
		runtime.LockOSThread()
		if syscall.Gettid() == os.Getpid() { // the main thread cannot end: keep it and take another one
			held := make(chan bool)
			release = func() { held <- true }
			changed <- thread{}
			<-held
			runtime.UnlockOSThread()
			return
		}
		err := syscall.Unshare(syscall.CLONE_FS) // a working directory of its own
		if err == nil {
			err = syscall.Chdir("/")
		}
		changed <- thread{syscall.Gettid(), cwd(), err}
	}
	go change()
	it := <-changed
	if it.id == 0 {
		go change()
		it = <-changed
		release()
	}
	if it.err != nil {
		t.Skip("needs unshare: ", it.err)
	}
	assert.Equal(t, "/", it.dir)
	assert.Equal(t, before, cwd())
	threadsWaitUntil(t, func() bool {
		_, err := os.Stat(fmt.Sprintf("/proc/self/task/%d", it.id))
		return errors.Is(err, os.ErrNotExist)
	})
}

// Call runtime.LockOSThread in an init function. All init functions run on the first
// thread of the process, and main then stays there; on macOS user
// interfaces demand that thread. Locking at the start of main is too late, since main may
// have moved. Main then serves calls from a channel, and the rest of the
// program runs in other goroutines.
//
//claim:ask How do you make main run on the main thread?
//claim:needs goos=linux
//claim:source https://pkg.go.dev/runtime#LockOSThread
func TestLockThreadMain(t *testing.T) {
	out, err := proof.Go(t, "run", "./testdata/lockthread/main")
	require.NoError(t, err, out)
	assert.Equal(t, "init on the main thread: true\nmain left the main thread: false\n", out)
}
