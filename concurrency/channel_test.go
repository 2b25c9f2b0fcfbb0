package concurrency

import (
	"context"
	"fmt"
	"reflect"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-deep-dive/godeep/internal/proof"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// chanPanic returns the text of the run-time panic of f, or "" if there is none.
func chanPanic(f func()) (text string) {
	defer func() {
		if r := recover(); r != nil {
			text = r.(runtime.Error).Error()
		}
	}()
	f()
	return ""
}

// chanRace runs a program under the race detector, and skips where there is
// none.
func chanRace(t *testing.T, dir string) (output string, err error) {
	t.Helper()
	t.Setenv("GORACE", "atexit_sleep_ms=0")
	output, err = proof.Go(t, "run", "-race", dir)
	for _, missing := range []string{"-race requires cgo", "-race is not supported", "build constraints exclude", "C compiler"} {
		if strings.Contains(output, missing) {
			t.Skip("no race detector here: ", output)
		}
	}
	return output, err
}

// chanDeadlock runs a program that must die because all its goroutines wait, and
// its main goroutine in the given state. It is no child of the test: in a
// program that uses cgo, as a test binary may, the runtime does not detect
// deadlocks.
func chanDeadlock(t *testing.T, name, state string) {
	t.Helper()
	out, err := proof.Go(t, "run", "./testdata/channel/deadlock", name)
	require.Error(t, err)
	require.Contains(t, out, "fatal error: all goroutines are asleep - deadlock!")
	require.Contains(t, out, "goroutine 1 ["+state+"]")
}

// A channel is a typed queue between goroutines that also makes them wait for
// each other. Unbuffered means no place in the queue: a send completes only when
// a receiver takes the value, so both are known to be at that point at once (a
// rendezvous). With capacity n, the first n sends complete alone, and send n+1
// waits until a receive makes room. A receive waits in both cases until there is
// a value. So a buffer decouples for a while, but does not make a slow receiver
// faster.
//
//claim:ask What is a channel, and how does a buffered one differ from an unbuffered one?
//claim:source https://go.dev/ref/spec#Channel_types
func TestChannelBuffered(t *testing.T) {
	sentAlone := func(capacity int) (sent int) {
		synctest.Test(t, func(t *testing.T) {
			c := make(chan int, capacity)
			var done atomic.Int32
			go func() {
				for i := range 5 {
					c <- i
					done.Add(1)
				}
			}()
			synctest.Wait() // until it is blocked in a send
			sent = int(done.Load())
			for range 5 {
				<-c
			}
		})
		return sent
	}
	assert.Equal(t, 0, sentAlone(0), "a rendezvous needs two")
	assert.Equal(t, 1, sentAlone(1))
	assert.Equal(t, 3, sentAlone(3))
	assert.Equal(t, 5, sentAlone(5))

	for capacity := range 3 {
		synctest.Test(t, func(t *testing.T) {
			c := make(chan int, capacity)
			received := false
			go func() { <-c; received = true }()
			synctest.Wait()
			require.False(t, received, "a receive waits for a value, capacity %d", capacity)
			c <- 1
			synctest.Wait()
			require.True(t, received)
		})
	}
}

// Four rules of the memory model order what goroutines see. What happens before
// a send is seen after the receive of that value. What happens before a close is
// seen after a receive that returns because of the close. What happens before a
// receive from an unbuffered channel is seen after the send completes. With
// capacity C, what happens before receive k is seen after send k+C: this makes a
// buffered channel a semaphore. The third rule does not hold for a buffered
// channel: there a send tells nothing about what the receiver has done, and the
// race detector reports it.
//
//claim:ask Which happens-before guarantees do channel operations give?
//claim:source https://go.dev/ref/mem#chan
func TestChannelHappensBefore(t *testing.T) {
	// Each variable here is plain: under the race detector a missing order fails the test.
	var x int
	buffered := make(chan int, 1)
	go func() { x = 1; buffered <- 0 }()
	<-buffered
	require.Equal(t, 1, x, "send before receive")

	closed := make(chan int)
	go func() { x = 2; close(closed) }()
	<-closed
	require.Equal(t, 2, x, "close before receive")

	unbuffered := make(chan int)
	go func() { x = 3; <-unbuffered }()
	unbuffered <- 0
	require.Equal(t, 3, x, "receive before the end of the send")

	limit := make(chan struct{}, 1)
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() {
			for range 100 {
				limit <- struct{}{} // send k+1
				x++
				<-limit // receive k
			}
		})
	}
	workers.Wait()
	require.Equal(t, 403, x, "receive k before send k+C")

	out, err := chanRace(t, "./testdata/channel/buffered")
	require.Error(t, err)
	require.Contains(t, out, "WARNING: DATA RACE")
}

// A nil channel blocks, a full one blocks senders, an empty one blocks
// receivers, and a closed one panics except when receiving:
//
//	         nil     open, empty  open, full  closed
//	send     blocks  proceeds     blocks      panics
//	receive  blocks  blocks       a value     values left, then zero and false
//	close    panics  closes       closes      panics
//
// An unbuffered channel without a partner is empty and full at once: it blocks
// both. A channel that is neither empty nor full blocks nobody.
//
//claim:ask What do send, receive and close do on a nil, empty, full and closed channel?
//claim:source https://go.dev/ref/spec#Send_statements
//claim:source https://go.dev/ref/spec#Receive_operator
//claim:source https://go.dev/ref/spec#Close
func TestChannelTable(t *testing.T) {
	with := func(capacity, values int, shut bool) func() chan int {
		return func() chan int {
			c := make(chan int, capacity)
			for range values {
				c <- 7
			}
			if shut {
				close(c)
			}
			return c
		}
	}
	// A select with default tells blocking from proceeding.
	send := func(c chan int) (did string) {
		defer func() {
			if r := recover(); r != nil {
				did = fmt.Sprint("panics: ", r)
			}
		}()
		select {
		case c <- 1:
			return "proceeds"
		default:
			return "blocks"
		}
	}
	receive := func(c chan int) string {
		select {
		case v, ok := <-c:
			return fmt.Sprint(v, " ", ok)
		default:
			return "blocks"
		}
	}
	shut := func(c chan int) string {
		if text := chanPanic(func() { close(c) }); text != "" {
			return "panics: " + text
		}
		return "proceeds"
	}
	for _, row := range []struct {
		state                string
		channel              func() chan int
		send, receive, close string
	}{
		{"nil         ", func() chan int { return nil }, "blocks", "blocks", "panics: close of nil channel"},
		{"open, empty ", with(1, 0, false), "proceeds", "blocks", "proceeds"},
		{"open, partly", with(2, 1, false), "proceeds", "7 true", "proceeds"},
		{"open, full  ", with(1, 1, false), "blocks", "7 true", "proceeds"},
		{"unbuffered  ", with(0, 0, false), "blocks", "blocks", "proceeds"},
		{"closed, left", with(2, 1, true), "panics: send on closed channel", "7 true", "panics: close of closed channel"},
		{"closed,empty", with(2, 0, true), "panics: send on closed channel", "0 false", "panics: close of closed channel"},
	} {
		assert.Equal(t, row.send, send(row.channel()), "send, %s", row.state)
		assert.Equal(t, row.receive, receive(row.channel()), "receive, %s", row.state)
		assert.Equal(t, row.close, shut(row.channel()), "close, %s", row.state)
	}
}

// A send or receive on a nil channel blocks for ever: there is no queue and no
// list of waiting goroutines that another goroutine could reach. If no other
// goroutine can run, the program dies of "all goroutines are asleep", and the
// state of the goroutine names the nil channel. The zero value of a channel
// variable is nil, so a forgotten make shows like this. It is useful in a
// select, where a case on a nil channel is switched off.
//
//claim:ask What happens when you receive from or send to a nil channel?
//claim:source https://go.dev/ref/spec#Channel_types
//claim:source runtime/chan.go
func TestChannelNil(t *testing.T) {
	chanDeadlock(t, "nil", "chan receive (nil chan)")
}

// Nothing: c <- 1 on an unbuffered channel needs a receiver at that moment, the
// receive behind it is never reached, and the program dies of a deadlock. With
// make(chan int, 1) it prints 1. The runtime reports the deadlock because no
// goroutine is left that can run.
//
//claim:ask What does this print: c := make(chan int); c <- 1; fmt.Println(<-c)?
//claim:source https://go.dev/ref/spec#Send_statements
func TestChannelSelfSend(t *testing.T) {
	alone := make(chan int, 1)
	alone <- 1
	require.Equal(t, 1, <-alone)
	chanDeadlock(t, "self", "chan send")
}

// Three run-time panics exist: "send on closed channel", "close of closed
// channel" and "close of nil channel". All are errors of type runtime.Error and
// can be recovered. A sender that already waits when the channel is closed
// panics as well, in its own goroutine. A send in a select panics if it is the
// case that is chosen, and default does not protect from it. A receive never
// panics.
//
//claim:ask Which channel operations panic, and with which message?
//claim:source https://go.dev/ref/spec#Close
//claim:source runtime/chan.go
func TestChannelPanics(t *testing.T) {
	c := make(chan int, 1)
	close(c)
	assert.Equal(t, "send on closed channel", chanPanic(func() { c <- 1 }))
	assert.Equal(t, "close of closed channel", chanPanic(func() { close(c) }))
	assert.Equal(t, "close of nil channel", chanPanic(func() { close(chan int(nil)) }))
	assert.Equal(t, "send on closed channel", chanPanic(func() {
		select {
		case c <- 1:
		default:
		}
	}))

	synctest.Test(t, func(t *testing.T) {
		c := make(chan int)
		var text string
		go func() { text = chanPanic(func() { c <- 1 }) }()
		synctest.Wait()
		require.Empty(t, text, "waits")
		close(c)
		synctest.Wait()
		require.Equal(t, "send on closed channel", text)
	})
}

// The values that were sent before the close come first, in order and with ok ==
// true. Then every receive returns at once with the zero value and ok == false,
// any number of times and in any number of goroutines. So a zero alone does not
// tell a value from the end: use v, ok := <-c or range. You may read that a
// closed channel returns zero values; that holds only once its buffer is empty.
//
//claim:ask What does a receive from a closed channel return?
//claim:source https://go.dev/ref/spec#Receive_operator
func TestChannelReceiveClosed(t *testing.T) {
	c := make(chan int, 3)
	c <- 0
	c <- 8
	close(c)
	require.Equal(t, 2, len(c), "close leaves the buffer alone")
	var got []string
	for range 4 {
		v, ok := <-c
		got = append(got, fmt.Sprint(v, " ", ok))
	}
	require.Equal(t, []string{"0 true", "8 true", "0 false", "0 false"}, got)
}

// For range receives until the channel is closed and empty, so values sent
// before the close are not lost. The channel expression is evaluated once: to
// assign to the variable inside the loop changes nothing. A break leaves the
// rest in the channel and tells the sender nothing: if it waits to send, it goes
// on waiting. If nobody closes the channel, the loop waits for ever.
//
//claim:ask When does for range over a channel end?
//claim:source https://go.dev/ref/spec#For_range
func TestChannelRange(t *testing.T) {
	c := make(chan int, 4)
	for v := range 4 {
		c <- v
	}
	close(c)
	var got []int
	all := c
	for v := range c {
		got = append(got, v)
		c = nil // the loop keeps its channel
		if v == 2 {
			break
		}
	}
	require.Equal(t, []int{0, 1, 2}, got)
	require.Equal(t, 1, len(all), "the break leaves a value")

	synctest.Test(t, func(t *testing.T) {
		c, ended := make(chan int), false
		go func() {
			sendCount(c, 2)
			ended = true
		}()
		for range c {
			break
		}
		synctest.Wait()
		require.False(t, ended, "the break does not free the sender")
		<-c
		synctest.Wait()
		require.True(t, ended)
	})
	chanDeadlock(t, "range", "chan receive")
}

// The length is the number of values in the buffer, the capacity its size; both
// are 0 for a nil and for an unbuffered channel, however many senders wait. Both
// can be read at any time without a race, but the length is old when you have
// it. If two goroutines see one free place, both send, and the second waits: so
// if len(c) < cap(c) { c <- v } can block. Likewise len(c) > 0 promises no
// receive. A select with default asks and acts in one step.
//
//claim:ask What do len and cap of a channel tell, and can len be checked before a send?
//claim:source https://go.dev/ref/spec#Length_and_capacity
func TestChannelLen(t *testing.T) {
	var none chan int
	require.Equal(t, [2]int{0, 0}, [2]int{len(none), cap(none)})
	synctest.Test(t, func(t *testing.T) {
		unbuffered := make(chan int)
		go func() { unbuffered <- 1 }()
		synctest.Wait()
		require.Equal(t, [2]int{0, 0}, [2]int{len(unbuffered), cap(unbuffered)}, "a waiting sender does not count")
		<-unbuffered

		c := make(chan int, 1)
		checked, sent := make(chan struct{}), 0
		for range 2 {
			go func() {
				room := len(c) < cap(c)
				<-checked // the other one looks as well
				if room {
					c <- 1
					sent++
				}
			}()
		}
		synctest.Wait()
		close(checked)
		synctest.Wait()
		require.Equal(t, 1, sent, "both saw room, one is stuck")
		<-c
		synctest.Wait()
		require.Equal(t, 2, sent)
	})
}

// A chan T is assignable to chan<- T (send only) and to <-chan T (receive only),
// as an argument too; nothing converts back or between the two. The compiler
// rejects a receive, a range on a send-only channel, and a send or a close on a
// receive-only one. A send-only channel can be closed, since only the sender
// knows the end. The direction belongs to the variable and not to the channel,
// which stays the same one. Element types do not convert: a chan chan T is no
// chan<- chan<- T.
//
//claim:ask What are directional channel types, and which conversions do they allow?
//claim:source https://go.dev/ref/spec#Channel_types
//claim:source https://go.dev/ref/spec#Close
func TestChannelDirections(t *testing.T) {
	c := make(chan int, 1)
	var send chan<- int = c
	var receive <-chan int = c
	send <- 7
	require.Equal(t, 7, <-receive)
	require.True(t, c == receive, "the same channel")
	close(send)
	_, ok := <-receive
	require.False(t, ok)

	out, err := proof.Go(t, "build", "./testdata/channel/directions")
	require.Error(t, err)
	for _, message := range []string{
		"cannot close receive-only channel",
		"cannot send to receive-only channel",
		"cannot receive from send-only channel",
		"cannot range over send",
		"cannot use receive (variable of type <-chan int) as chan int value",
		"cannot convert send (variable of type chan<- int) to type chan int",
		"cannot use receive (variable of type <-chan int) as chan<- int value",
		"cannot use make(chan chan int) (value of type chan chan int) as chan<- chan<- int value",
	} {
		assert.Contains(t, out, message)
	}
}

// The arrow belongs to the leftmost chan possible, so chan<- chan int is a
// send-only channel of channels: chan<- (chan int). For a channel of
// receive-only channels write chan (<-chan int).
//
//claim:ask How is the type chan<- chan int read?
//claim:source https://go.dev/ref/spec#Channel_types
func TestChannelArrow(t *testing.T) {
	type outer = chan<- chan int
	direction := func(v any) [2]reflect.ChanDir {
		typ := reflect.TypeOf(v)
		return [2]reflect.ChanDir{typ.ChanDir(), typ.Elem().ChanDir()}
	}
	require.Equal(t, [2]reflect.ChanDir{reflect.SendDir, reflect.BothDir}, direction(outer(nil)))
	require.Equal(t, [2]reflect.ChanDir{reflect.BothDir, reflect.RecvDir}, direction(chan (<-chan int)(nil)))
	require.Equal(t, "chan (<-chan int)", fmt.Sprintf("%T", chan (<-chan int)(nil)))
}

// A channel variable is a reference: copies of it, as arguments or fields, mean
// the same channel, and a pointer to a channel is almost never needed. Two are
// equal if they come from the same make, or are both nil; a channel compares
// with its directional forms too. So it can be the key of a map, such as a set
// of subscribers. Two channels made alike are different, even with element type
// struct{}.
//
//claim:ask Are channels reference types, and can they be compared or be map keys?
//claim:source https://go.dev/ref/spec#Comparison_operators
func TestChannelReference(t *testing.T) {
	a, b := make(chan struct{}, 1), make(chan struct{}, 1)
	alias := a
	func(c chan<- struct{}) { c <- struct{}{} }(a)
	require.Equal(t, 1, len(alias))

	var readOnly <-chan struct{} = a
	require.True(t, a == alias)
	require.True(t, a == readOnly)
	require.False(t, a == b)
	require.True(t, chan int(nil) == nil)

	subscribers := map[chan struct{}]string{a: "a", b: "b"}
	require.Equal(t, "a", subscribers[alias])
	delete(subscribers, alias)
	require.Equal(t, map[chan struct{}]string{b: "b"}, subscribers)
}

// Values come out in the order in which they went in, and goroutines that wait
// are served in the order in which they began to wait: senders and receivers
// alike. So values of one sender never overtake each other. There is no order
// among senders that are not synchronised, and who is served first need not run
// first: with several receivers, the results are in no order.
//
//claim:ask In which order are buffered values and blocked goroutines served?
//claim:source https://go.dev/ref/spec#Channel_types
//claim:source runtime/chan.go
func TestChannelFIFO(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := make(chan int, 2)
		for i := range 5 {
			go func() { c <- i }()
			synctest.Wait() // two in the buffer, three wait
		}
		require.Equal(t, []int{0, 1, 2, 3, 4}, []int{<-c, <-c, <-c, <-c, <-c})

		var got [3]int
		for i := range got {
			go func() { got[i] = <-c }()
			synctest.Wait()
		}
		for v := range got {
			c <- v + 10
		}
		synctest.Wait()
		require.Equal(t, [3]int{10, 11, 12}, got)
	})
}

// Each value goes to exactly one receiver: a channel distributes and does not
// broadcast. Two goroutines that receive from one channel share its values
// between them. To tell all, close the channel, or keep a channel for each
// receiver.
//
//claim:ask Two goroutines receive from one channel. Who gets a value?
//claim:source https://go.dev/ref/spec#Receive_operator
func TestChannelOneReceiver(t *testing.T) {
	c := make(chan int)
	var got [2][]int
	var receivers sync.WaitGroup
	for i := range got {
		receivers.Go(func() {
			for v := range c {
				got[i] = append(got[i], v)
			}
		})
	}
	sendCount(c, 100)
	receivers.Wait()
	all := slices.Concat(got[0], got[1])
	require.Len(t, all, 100)
	slices.Sort(all)
	require.Len(t, slices.Compact(all), 100, "each exactly once")
}

// A send copies the value, as an assignment does: what the sender does to its
// variable after the send does not reach the receiver. A pointer, slice or map
// is copied as such, so both sides then share what it refers to. Without a lock
// that is safe only by a rule: who sends it gives it up (transfer of ownership),
// and the send makes earlier writes visible to the receiver. The compiler does
// not check the rule.
//
//claim:ask Does a channel copy values? May the sender still use what it has sent?
//claim:source https://go.dev/ref/spec#Send_statements
//claim:source https://go.dev/ref/mem#chan
func TestChannelCopies(t *testing.T) {
	arrays, shared := make(chan [2]int, 1), make(chan []int, 1)
	array, slice := [2]int{1, 2}, []int{1, 2}
	arrays <- array
	shared <- slice
	array[0], slice[0] = 9, 9 // the second one breaks the rule
	require.Equal(t, [2]int{1, 2}, <-arrays)
	require.Equal(t, []int{9, 2}, <-shared)
}

// The channel expression and then the value are evaluated first, and only then
// the send waits. So in c <- f() the function runs even if nobody ever receives,
// and nothing of c is held while it runs.
//
//claim:ask In c <- f(), does f run before or after there is a receiver?
//claim:source https://go.dev/ref/spec#Send_statements
func TestChannelSendEvaluates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var trace []string
		c := make(chan int)
		channel := func() chan int { trace = append(trace, "channel"); return c }
		value := func() int { trace = append(trace, "value"); return 1 }
		go func() {
			channel() <- value()
			trace = append(trace, "sent")
		}()
		synctest.Wait()
		require.Equal(t, []string{"channel", "value"}, trace)
		<-c
		synctest.Wait()
		require.Equal(t, []string{"channel", "value", "sent"}, trace)
	})
}

// Use chan struct{} when only the event counts: the type says that no value is
// to be read, and its buffer takes no memory. A send wakes one receiver, a close
// wakes all that wait and all that come later. That is why done channels, such
// as that of a context, are closed and never sent to. The price: a close cannot
// be repeated.
//
//claim:ask Why chan struct{} for signals, and how do you signal all goroutines at once?
//claim:source https://pkg.go.dev/context#Context
func TestChannelSignal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		signal := make(chan struct{})
		var woken atomic.Int32
		for range 10 {
			go func() { <-signal; woken.Add(1) }()
		}
		signal <- struct{}{}
		synctest.Wait()
		require.EqualValues(t, 1, woken.Load())
		close(signal)
		synctest.Wait()
		require.EqualValues(t, 10, woken.Load())
		<-signal // too late, and still answered
	})
}

// A channel with one place is a mutex: the send locks, the receive unlocks, and
// the place orders the critical sections. It can do what sync.Mutex cannot: wait
// with a context or a timeout. Unlike a mutex it is slower, its zero value
// blocks for ever, and a surplus unlock waits instead of failing; like a mutex
// it may be unlocked by another goroutine. Capacity n makes a semaphore for n
// holders.
//
//claim:ask Can a channel replace a mutex or a semaphore?
//claim:source https://go.dev/ref/mem#chan
func TestChannelMutex(t *testing.T) {
	m := newChanMutex()
	m.lock()
	require.False(t, m.tryLock())
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, m.lockContext(cancelled), context.Canceled)
	var other sync.WaitGroup
	other.Go(m.unlock)
	other.Wait()
	require.NoError(t, m.lockContext(t.Context()))
	m.unlock()

	select {
	case <-m:
		require.Fail(t, "unlocked twice")
	default: // a plain unlock would wait here
	}
	require.False(t, chanMutex(nil).tryLock())

	synctest.Test(t, func(t *testing.T) {
		places := make(chan struct{}, 3)
		var holders atomic.Int32
		for range 10 {
			go func() {
				places <- struct{}{}
				holders.Add(1)
				time.Sleep(time.Second)
				holders.Add(-1)
				<-places
			}()
		}
		time.Sleep(time.Second / 2)
		var seen []int32
		for range 5 {
			seen = append(seen, holders.Load())
			time.Sleep(time.Second)
		}
		require.Equal(t, []int32{3, 3, 3, 1, 0}, seen)
	})
}

// Start the work in a goroutine that sends its result to a channel with one
// place, and receive when the result is needed. The place matters: without it
// the goroutine waits for ever if nobody receives. Such a future can be read
// once; a second receive blocks. For many readers store the result in a variable
// and close a channel: every reader that has seen the close may read the
// variable.
//
//claim:ask How do you write a future or promise with a channel?
//claim:source https://go.dev/ref/mem#chan
func TestChannelFuture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answer := func() int { return 42 }
		once := chanFuture(answer)
		require.Equal(t, 42, <-once)
		select {
		case <-once:
			require.Fail(t, "a second value")
		default:
		}
		chanFuture(answer) // nobody receives: the bubble reports it if the goroutine stays

		often := newChanPromise(answer)
		for range 3 {
			require.Equal(t, 42, often.wait())
		}
	})
}

// Send a request that contains the channel for its reply. One goroutine owns the
// state and serves the requests in turn, so it needs no lock, and replies cannot
// be mixed up between callers. The owner must not be slowed down by a caller
// that left: give the reply channel one place.
//
//claim:ask What is a channel of channels good for?
//claim:source https://go.dev/doc/effective_go#chan_of_chan
func TestChannelReply(t *testing.T) {
	requests := make(chan chanRequest)
	var owner, callers sync.WaitGroup
	owner.Go(func() { runChanCounter(requests) })
	var mu sync.Mutex
	var totals []int
	for range 10 {
		callers.Go(func() {
			reply := make(chan int, 1)
			requests <- chanRequest{1, reply}
			total := <-reply
			mu.Lock()
			defer mu.Unlock()
			totals = append(totals, total)
		})
	}
	callers.Wait()
	requests <- chanRequest{1, make(chan int, 1)} // this caller leaves without its reply
	close(requests)
	owner.Wait()
	slices.Sort(totals)
	require.Equal(t, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, totals)
}

// No, a goroutine that waits for a channel is parked: it leaves its thread to
// others and is made ready again by the goroutine at the other end. So 1,000
// goroutines that wait take less than 50 threads more.
//
//claim:ask Does a goroutine that waits on a channel block an OS thread?
//claim:source runtime/proc.go
func TestChannelThreads(t *testing.T) {
	threads := pprof.Lookup("threadcreate")
	before := threads.Count()
	release := make(chan struct{})
	var started, waiting sync.WaitGroup
	started.Add(1000)
	for range 1000 {
		waiting.Go(func() {
			started.Done()
			<-release
		})
	}
	started.Wait()
	require.Less(t, threads.Count()-before, 50)
	close(release)
	waiting.Wait()
}

func TestSumThrough(t *testing.T) {
	for _, capacity := range []int{0, 1, 16, 256} {
		require.Equal(t, 4950, sumThrough(100, capacity))
	}
	require.Equal(t, 4950, sumThroughBatches(100, 64))
	require.Equal(t, 4950, sumThroughBatches(100, 1))
}
