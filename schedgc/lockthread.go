package schedgc

import "runtime"

// lockthreadWorker runs functions on one thread of its own, one after the other.
// This is the usual shape for C libraries and system calls with state in the
// thread: all others hand their calls to it.
type lockthreadWorker struct {
	calls chan func()
	ended chan struct{}
}

func newLockthreadWorker() *lockthreadWorker {
	w := &lockthreadWorker{calls: make(chan func()), ended: make(chan struct{})}
	go func() {
		defer close(w.ended)
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		for call := range w.calls {
			call()
		}
	}()
	return w
}

// do runs f on the thread and waits for its end.
func (w *lockthreadWorker) do(f func()) {
	done := make(chan struct{})
	w.calls <- func() {
		defer close(done)
		f()
	}
	<-done
}

// stop ends the goroutine, and gives the thread back.
func (w *lockthreadWorker) stop() {
	close(w.calls)
	<-w.ended
}

// lockthreadPingPong sends a token to and fro between two goroutines.
func lockthreadPingPong(rounds int, locked bool) (last int) {
	ping, pong := make(chan int), make(chan int)
	go func() {
		if locked {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
		}
		for token := range ping {
			pong <- token + 1
		}
		close(pong)
	}()
	for range rounds {
		ping <- last
		last = <-pong
	}
	close(ping)
	<-pong
	return last
}
