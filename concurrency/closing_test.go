package concurrency

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

// The sending side closes, once, after the last send; the receiver never does.
// With one sender, that is the sender, with a deferred close. With several, none
// of them can know that it is the last: count them in a sync.WaitGroup and let
// one more goroutine wait for it and then close. So no send can come after the
// close, and the range of the receiver gets every value and ends.
//
//claim:ask Who should close a channel when several goroutines send to it?
//claim:source https://pkg.go.dev/sync#WaitGroup
func TestCloseBySenders(t *testing.T) {
	send := func(first int) func(chan<- int) {
		return func(c chan<- int) {
			for i := range 10 {
				c <- first + i
			}
		}
	}
	got := slices.Sorted(func(yield func(int) bool) {
		for v := range gather(send(0), send(10), send(20)) {
			yield(v)
		}
	})
	require.Len(t, slices.Compact(got), 30)
	_, open := <-gather[int]()
	require.False(t, open, "no senders: closed at once")
}

// A sender that is not finished panics with "send on closed channel", in its own
// goroutine, and ends the program. The close came too early: between the start
// of the senders and the close there must be a wait for all of them, such as
// that of a sync.WaitGroup.
//
//claim:ask The main goroutine starts workers that send results, and then closes the channel. What happens?
//claim:source https://go.dev/ref/spec#Close
func TestCloseTooEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		results := make(chan int, 3)
		finish := make(chan struct{})
		var workers sync.WaitGroup
		var texts [3]string
		for i := range 3 {
			workers.Go(func() {
				<-finish // the work takes longer than main
				texts[i] = chanPanic(func() { results <- i })
			})
		}
		close(results)
		close(finish)
		workers.Wait()
		require.Equal(t, [3]string{"send on closed channel", "send on closed channel", "send on closed channel"}, texts)
	})
}

// All wait for ever. The workers wait to send, since nobody receives yet; main
// waits for the workers before it receives. The runtime reports the deadlock in
// sync.WaitGroup.Wait. Cures: let another goroutine wait and close, while main
// receives; or give the channel room for all results. A fixed buffer cures only
// as long as the number of results is known.
//
//claim:ask Workers send to an unbuffered channel; main calls wg.Wait(), close(c), then ranges over c. What is wrong?
//claim:source https://pkg.go.dev/sync#WaitGroup.Wait
func TestCloseWaitFirst(t *testing.T) {
	room := make(chan int, 3)
	var workers sync.WaitGroup
	for i := range 3 {
		workers.Go(func() { room <- i })
	}
	workers.Wait()
	close(room)
	sum := 0
	for v := range room {
		sum += v
	}
	require.Equal(t, 3, sum)
	chanDeadlock(t, "waitfirst", "sync.WaitGroup.Wait")
}

// Wrap the close of the channel in a sync.Once. Then any number of goroutines
// may stop the others, as often as they like, where a second plain close panics.
// The function returned by context.WithCancel is such a close and may be called
// again too. Once protects from the second close, and not from a send after the
// first: so use it for a signal that nobody sends on.
//
//claim:ask How do several goroutines close one channel without a panic?
//claim:source https://pkg.go.dev/sync#Once
//claim:source https://pkg.go.dev/context#CancelFunc
func TestCloseOnce(t *testing.T) {
	signal := newStopSignal()
	var stoppers sync.WaitGroup
	for range 10 {
		stoppers.Go(signal.stop)
	}
	stoppers.Wait()
	<-signal.done
	require.Equal(t, "close of closed channel", chanPanic(func() { close(signal.done) }))
	require.Equal(t, "send on closed channel", chanPanic(func() { signal.done <- struct{}{} }))

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	cancel()
	<-ctx.Done()
}

// The receiver closes another channel, of which it is the sender: a done
// channel, or it cancels a context. The senders select between their send and
// done, and return. The channel of values need not be closed by anybody; if
// somebody ranges over it, it is closed after all senders have returned. If the
// receiver closed the channel of values itself, the next send would panic.
//
//claim:ask The receiver has had enough. How does it stop the senders?
//claim:source https://go.dev/blog/pipelines
func TestCloseByReceiver(t *testing.T) {
	values, signal := make(chan int), newStopSignal()
	var senders sync.WaitGroup
	var sent [3]int
	for i := range sent {
		senders.Go(func() { sent[i] = sendUntil(signal.done, values) })
	}
	for range 10 {
		<-values
	}
	signal.stop()
	senders.Wait() // all return
	require.Equal(t, 10, sent[0]+sent[1]+sent[2], "nothing was sent that was not received")
}

// There is no function that tells whether a channel is closed, and it would not
// help: the answer could be old before you use it. A receive tells by ok ==
// false, but if the channel is open it takes a value away, or waits. The length
// tells nothing. Only for a signal that nobody sends on, a receive with default
// is a proper test, because closed is a state that never changes again.
//
//claim:ask How do you check whether a channel is closed?
//claim:source https://go.dev/ref/spec#Receive_operator
func TestCloseCheck(t *testing.T) {
	isClosed := func(c <-chan int) bool {
		select {
		case _, ok := <-c:
			return !ok
		default:
			return false
		}
	}
	c := make(chan int, 2)
	require.False(t, isClosed(c))
	c <- 1
	c <- 2
	close(c)
	require.False(t, isClosed(c), "wrong: it is closed, and a value is lost")
	require.Equal(t, 2, <-c)
	require.True(t, isClosed(c))
	require.Equal(t, len(make(chan int, 2)), len(c))

	signal := newStopSignal()
	stopped := func() bool {
		select {
		case <-signal.done:
			return true
		default:
			return false
		}
	}
	require.False(t, stopped())
	signal.stop()
	require.True(t, stopped())
	require.True(t, stopped())
}

// No, because the program survives and the bug stays: nothing orders the send
// and the close, so it is chance whether the value is sent, and the race
// detector reports the two as a data race, even though both lock the channel.
// Keep the rule that nobody closes before the last send instead.
//
//claim:ask Can I send with a deferred recover, in case the channel was closed meanwhile?
//claim:source https://go.dev/doc/articles/race_detector#Unsynchronized_send_and_close_operations
func TestCloseRecover(t *testing.T) {
	out, err := chanRace(t, "./testdata/closing/race")
	require.Error(t, err)
	require.Contains(t, out, "WARNING: DATA RACE")
	require.Contains(t, out, "main.trySend()")
	require.Contains(t, out, "runtime.closechan()")
	require.Contains(t, out, "the program ended")
}

// Do not close the channel under the senders: tell them first. Senders hold a
// read lock during the send and look at a done channel, and the closing
// goroutine closes done, takes the write lock, which waits for the senders that
// are inside, and then closes the values. Every accepted value is still
// delivered; a later send reports false and does not panic. It costs a lock per
// send, so prefer a design where the senders are known.
//
//claim:ask Any goroutine may send and any may close at any time. How is that made safe?
//claim:source https://pkg.go.dev/sync#RWMutex
func TestCloseAnytime(t *testing.T) {
	q := newOpenQueue[int](4)
	var accepted, refused [8]int
	var senders sync.WaitGroup
	for i := range accepted {
		senders.Go(func() {
			for n := range 50 {
				if q.send(n) {
					accepted[i]++
				} else {
					refused[i]++
				}
				if i == 0 && n == 20 {
					go q.close()
				}
				runtime.Gosched()
			}
		})
	}
	received := 0
	for range q.values {
		received++
	}
	senders.Wait()
	q.close() // again
	sum := func(counts [8]int) (total int) {
		for _, n := range counts {
			total += n
		}
		return total
	}
	require.Equal(t, received, sum(accepted))
	require.Equal(t, 400, sum(accepted)+sum(refused))
	require.False(t, q.send(1))
}

// No, a closed channel stays closed. To wake all waiters again and again, give
// every round a new channel: under a lock close the old one and store the next.
// A waiter must take the channel before it looks at the state it waits for, or
// it misses the pulse in between. sync.Cond with Broadcast does the same, but
// its Wait cannot be part of a select.
//
//claim:ask Can a closed channel be opened again, for instance to signal repeatedly?
//claim:source https://pkg.go.dev/sync#Cond
func TestCloseRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPulse()
		var rounds [3]int
		for i := range rounds {
			go func() {
				for range 4 {
					<-p.wait()
					rounds[i]++
				}
			}()
		}
		for n := range 4 {
			synctest.Wait()
			require.Equal(t, [3]int{n, n, n}, rounds)
			p.broadcast()
		}
		synctest.Wait()
		require.Equal(t, [3]int{4, 4, 4}, rounds)
	})
}

// A channel has no place for an error: its end looks the same after success and
// after failure. Either make every element a struct of value and error, or store
// the error in a variable before the close and let the consumer read it after
// its range has ended; the close orders the two. bufio.Scanner with its Err
// method has that shape.
//
//claim:ask How does a producer report an error when it closes its channel?
//claim:source https://go.dev/ref/mem#chan
func TestCloseError(t *testing.T) {
	broken := errors.New("broken line")
	source := newLineSource(func(emit func(string)) error {
		emit("one")
		emit("two")
		return broken
	})
	var lines []string
	for line := range source.lines {
		lines = append(lines, line)
	}
	require.Equal(t, []string{"one", "two"}, lines)
	require.ErrorIs(t, source.err, broken)
}

// The deferred close runs on every way out: return, early return, runtime.Goexit
// and panic. Without it one forgotten path leaves the receiver in its range for
// ever. Register it first if there are more deferred calls: they run in reverse
// order, so what must be done before the receiver goes on, such as storing an
// error, comes before the close.
//
//claim:ask Why do producers begin with defer close(c)?
//claim:source https://go.dev/ref/spec#Defer_statements
func TestCloseDeferred(t *testing.T) {
	for _, leave := range []func(){
		func() {},
		runtime.Goexit,
		func() { panic("producer") },
	} {
		c := make(chan int)
		note := ""
		go func() {
			defer close(c)
			defer func() { note = fmt.Sprint("ended, panic: ", recover()) }()
			c <- 1
			leave()
		}()
		count := 0
		for range c {
			count++
		}
		require.Equal(t, 1, count)
		require.Contains(t, note, "ended", "written before the close")
	}
}
