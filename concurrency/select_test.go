package concurrency

import (
	"context"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/go-deep-dive/godeep/internal/proof"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// closedChan returns a closed channel, which is always ready to receive from.
func closedChan() chan int {
	c := make(chan int)
	close(c)
	return c
}

// Select picks one of the ready cases at random, each with the same probability;
// the order in the source means nothing. So no channel starves, and no case has
// priority. If one channel is in two cases it is chosen twice as often. The
// bounds here are ten standard deviations and more from the mean.
//
//claim:ask Several cases of a select are ready. Which one runs?
//claim:source https://go.dev/ref/spec#Select_statements
//claim:source runtime/select.go
func TestSelectRandom(t *testing.T) {
	const rounds = 10_000
	a, b := closedChan(), closedChan()
	var equal, double int
	for range rounds {
		select {
		case <-a:
			equal++
		case <-b:
		}
		select {
		case <-a:
			double++
		case <-b:
		case <-a:
			double++
		}
	}
	require.InDelta(t, rounds/2, equal, rounds/20)
	require.InDelta(t, rounds*2/3, double, rounds/20)
}

// A select does exactly one of its operations, or only the default. While it
// waits, the goroutine is in the queue of every channel; the first partner that
// comes wins, and the others find it gone. So no value is lost on the channels
// that were not chosen, and a value that was not sent is still yours.
//
//claim:ask Can a select receive from two channels at once, or lose a value of the other?
//claim:source https://go.dev/ref/spec#Select_statements
func TestSelectOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b, c := make(chan int, 1), make(chan int, 1), make(chan int)
		chosen := 0
		go func() {
			select {
			case <-a:
			case <-b:
			case c <- 1:
			}
			chosen++
		}()
		synctest.Wait()
		a <- 1
		b <- 2
		synctest.Wait()
		require.Equal(t, 1, chosen)
		require.Equal(t, [2]int{0, 1}, [2]int{len(a), len(b)}, "the first came first")
		_, sent := tryReceive(c)
		require.False(t, sent, "the send is withdrawn")
	})
}

// On entering a select, all channel and send expressions are evaluated once, in
// source order, whether their case is chosen or not, and even if default is. So
// f in case c <- f() always runs, and case <-time.After(d) makes a timer each
// time. Only the left side of a receive is evaluated late, after its case was
// chosen. To change a channel variable does not influence a select that already
// waits.
//
//claim:ask select { case c <- f(): default: }. Does f run if nobody receives from c?
//claim:source https://go.dev/ref/spec#Select_statements
func TestSelectEvaluation(t *testing.T) {
	var trace []string
	channel := func(name string, c chan int) chan int {
		trace = append(trace, name)
		return c
	}
	value := func(name string) int {
		trace = append(trace, name)
		return 0
	}
	var got [1]int
	select {
	case channel("send", nil) <- value("value"):
	case got[value("index not chosen")] = <-channel("receive", nil):
	case got[value("index chosen")] = <-channel("closed", closedChan()):
	}
	require.Equal(t, []string{"send", "value", "receive", "closed", "index chosen"}, trace)

	trace = nil
	select {
	default:
	case channel("send", nil) <- value("value"):
	}
	require.Equal(t, []string{"send", "value"}, trace)

	synctest.Test(t, func(t *testing.T) {
		first, second := make(chan int), make(chan int)
		c, none := first, make(chan int)
		got := 0
		go func() {
			select {
			case got = <-c:
			case <-none:
			}
		}()
		synctest.Wait()
		c = second
		require.False(t, trySend(c, 2))
		require.True(t, trySend(first, 1), "waits on the channel it began with")
		synctest.Wait()
		require.Equal(t, 1, got)
	})
}

// In case out <- <-in the inner receive is not what the select waits for: it is
// evaluated on entering the select, before any choice, and blocks there: neither
// default nor a timeout helps. A value it gets is lost if another case is
// chosen. Receive in a case of its own and then send.
//
//claim:ask What is wrong with select { case out <- <-in: case <-done: return }?
//claim:source https://go.dev/ref/spec#Select_statements
func TestSelectNestedReceive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, out, done := make(chan int), make(chan int), make(chan struct{})
		close(done)
		returned := false
		go func() {
			select {
			case out <- <-in:
			case <-done:
				returned = true
			}
		}()
		synctest.Wait()
		require.False(t, returned, "done is closed, and it still waits for in")
		in <- 1
		synctest.Wait()
		require.True(t, returned, "and nobody has the value")
		_, ok := tryReceive(out)
		require.False(t, ok)
	})
}

// With a default, a select never waits: if no case is ready at that moment, the
// default runs. That gives a try-send and a try-receive. On an unbuffered
// channel they succeed only if the partner is waiting already. A try-send can
// drop a value on purpose when a consumer is slow. Default does not mean empty:
// with v := <-c a closed channel is ready too, so ask for ok.
//
//claim:ask How do you send or receive without blocking?
//claim:source https://go.dev/ref/spec#Select_statements
func TestSelectDefault(t *testing.T) {
	c := make(chan int, 1)
	assert.True(t, trySend(c, 1))
	assert.False(t, trySend(c, 2), "full: dropped")
	v, ok := tryReceive(c)
	assert.Equal(t, 1, v)
	assert.True(t, ok)
	_, ok = tryReceive(c)
	assert.False(t, ok, "empty")
	_, ok = tryReceive(closedChan())
	assert.True(t, ok, "closed is ready")

	synctest.Test(t, func(t *testing.T) {
		c, got := make(chan int), 0
		require.False(t, trySend(c, 1), "no partner")
		go func() { got = <-c }()
		synctest.Wait()
		require.True(t, trySend(c, 2))
		synctest.Wait()
		require.Equal(t, 2, got)
	})
}

// An empty select waits for ever, without using a processor, and nothing can
// wake it. A program whose work is in other goroutines may end its main function
// like this. If no goroutine is left that can run, the runtime reports a
// deadlock with the state select (no cases).
//
//claim:ask What does select {} do?
//claim:source https://go.dev/ref/spec#Select_statements
func TestSelectEmpty(t *testing.T) {
	chanDeadlock(t, "select", "select (no cases)")
}

// A case on a nil channel is never ready, so setting a channel variable to nil
// switches the case off and leaves the others alone. The classic use is a merge
// of two inputs: when one is closed, its variable becomes nil, because a closed
// channel would be ready all the time. When all are nil and there is no default,
// the select waits for ever, so the loop must end before that.
//
//claim:ask What is a nil channel good for in a select?
//claim:source https://go.dev/ref/spec#Select_statements
func TestSelectNil(t *testing.T) {
	odd, even := make(chan int), make(chan int)
	go func() {
		odd <- 1
		close(odd)
	}()
	go func() {
		for v := range 50 {
			even <- 2 * v
		}
		close(even)
	}()
	var got []int
	for v := range mergeTwo(odd, even) {
		got = append(got, v)
	}
	require.Len(t, got, 51)
	require.Contains(t, got, 1)

	var none chan int
	for range 1000 {
		select {
		case <-none:
			require.Fail(t, "received from nil")
		case none <- 1:
			require.Fail(t, "sent to nil")
		case <-even: // closed, and always ready
		}
	}
}

// No, the capacity given to make is fixed. A goroutine between two channels can
// keep a slice and select between receiving the next value and sending the
// oldest; the send case uses a nil channel while there is nothing to send. Then
// no sender waits, and the memory is the only limit: if the consumer is slower
// for long, the queue grows without end. A bounded buffer is usually what you
// want, as it slows the producer down.
//
//claim:ask Can a channel have an unlimited buffer?
//claim:source https://go.dev/ref/spec#Making_slices_maps_and_channels
func TestSelectEndless(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, out := make(chan int), make(chan int)
		go endless(in, out)
		sendCount(in, 1000) // nobody receives yet
		next := 0
		for v := range out {
			require.Equal(t, next, v)
			next++
		}
		require.Equal(t, 1000, next)
	})
}

// Ask the important channel alone first, with a default, and only then wait for
// both. A single select has no priorities. With a steady stream on the preferred
// channel the other one starves, which a plain select prevents by its random
// choice. The priority is not strict: while the second select waits, or if both
// become ready between the two, the other can win.
//
//claim:ask How do you give one channel priority in a select, and what is the danger?
//claim:source https://go.dev/ref/spec#Select_statements
func TestSelectPriority(t *testing.T) {
	const high, low = 1, 2
	highs, lows := make(chan int, 3), make(chan int, 3)
	for range 3 {
		lows <- low
		highs <- high
	}
	var order []int
	for range 6 {
		order = append(order, preferHigh(highs, lows))
	}
	require.Equal(t, []int{high, high, high, low, low, low}, order)

	lows <- low
	for range 1000 {
		highs <- high // a steady stream
		require.Equal(t, high, preferHigh(highs, lows))
	}
	require.Equal(t, 1, len(lows), "starved")

	for tries := 0; len(lows) > 0; tries++ {
		require.Less(t, tries, 100, "one chance in two each time")
		trySend(highs, high)
		select {
		case <-highs:
		case <-lows:
		}
	}
}

// No, not at once: if the done channel and the data channel are both ready, the
// choice is random, so after the close of done a worker takes one more value
// with probability one half. If nothing may be handled after done, check it
// alone first in each round, or once more after the receive.
//
//claim:ask A worker selects on jobs and done. Does it stop as soon as done is closed?
//claim:source https://go.dev/ref/spec#Select_statements
func TestSelectDone(t *testing.T) {
	const rounds = 10_000
	done, jobs := closedChan(), closedChan() // both always ready
	late := func(check bool) (handled int) {
		for range rounds {
			if check {
				if _, stopped := tryReceive(done); stopped {
					continue
				}
			}
			select {
			case <-done:
			case <-jobs:
				handled++
			}
		}
		return handled
	}
	require.InDelta(t, rounds/2, late(false), rounds/20)
	require.Zero(t, late(true))
}

// A break leaves the select and not the loop, so the loop goes on. To leave the
// loop use a label on the for, or return, or a condition of the loop. Continue
// is not caught by the select: it starts the next round of the loop.
//
//claim:ask What does break do in a select inside a for loop?
//claim:source https://go.dev/ref/spec#Break_statements
func TestSelectBreak(t *testing.T) {
	var none chan int
	c := closedChan()
	plain, labelled, continued := 0, 0, 0
	for range 10 {
		select {
		case <-none:
		case _, open := <-c:
			if !open {
				break
			}
			require.Fail(t, "not reached")
		}
		plain++
	}
loop:
	for range 10 {
		select {
		case <-none:
		case <-c:
			labelled++
			break loop
		}
	}
	for range 10 {
		select {
		case <-none:
		case <-c:
			continue
		}
		continued++
	}
	require.Equal(t, [3]int{10, 1, 0}, [3]int{plain, labelled, continued})
}

// The loop never waits: it runs the default again and again and keeps a
// processor busy until a value comes. The test counts more than 10,000 rounds
// for one value, where a blocking receive needs one. If there is nothing to do
// without a value, leave out the default. If there is work, do it in the
// default. If it is a poll, wait for a ticker in a case.
//
//claim:ask for { select { case v := <-c: handle(v); default: } }. What is wrong?
//claim:source https://go.dev/ref/spec#Select_statements
func TestSelectBusyLoop(t *testing.T) {
	c, rounds := make(chan int, 1), 0
	for received := false; !received; rounds++ {
		if rounds == 10_000 {
			c <- 1 // whoever sends, takes that long
		}
		select {
		case <-c:
			received = true
		default:
		}
	}
	require.Equal(t, 10_001, rounds)

	var none chan int
	go func() { c <- 2 }()
	rounds = 0
	for received := false; !received; rounds++ {
		select {
		case <-c:
			received = true
		case <-none:
		}
	}
	require.Equal(t, 1, rounds)
}

// A receive from a closed channel is always ready. In a loop that does not look
// at ok, its case runs again and again with zero values, and the loop burns a
// processor. With a second channel that is busy too, half of the rounds go to
// the closed one. Return on ok == false, or set the variable to nil if other
// cases go on.
//
//claim:ask One channel of a select in a loop is closed. What happens?
//claim:source https://go.dev/ref/spec#Receive_operator
func TestSelectClosed(t *testing.T) {
	closed, busy := closedChan(), make(chan int, 1)
	zeros, values := 0, 0
	for zeros+values < 10_000 {
		trySend(busy, 7)
		select {
		case v := <-closed: // ok is not asked for
			require.Zero(t, v)
			zeros++
		case v := <-busy:
			require.Equal(t, 7, v)
			values++
		}
	}
	require.InDelta(t, 5000, zeros, 500)

	zeros, values = 0, 0
	for open := closed; values < 100; {
		trySend(busy, 7)
		select {
		case _, ok := <-open:
			if !ok {
				open = nil
			}
			zeros++
		case <-busy:
			values++
		}
	}
	require.LessOrEqual(t, zeros, 1)
}

// A goroutine cannot meet itself: a select that both sends to and receives from
// one unbuffered channel waits for another goroutine. If two goroutines run that
// select, exactly one sends and the other receives. With a buffered channel the
// goroutine takes turns with itself: it sends if there is room and receives if
// there is a value.
//
//claim:ask What does select { case c <- 1: case <-c: } do?
//claim:source https://go.dev/ref/spec#Select_statements
func TestSelectSelf(t *testing.T) {
	exchange := func(c chan int) string {
		select {
		case c <- 1:
			return "sent"
		case <-c:
			return "received"
		}
	}
	synctest.Test(t, func(t *testing.T) {
		c := make(chan int)
		var did [2]string
		go func() { did[0] = exchange(c) }()
		synctest.Wait()
		require.Empty(t, did[0], "alone")
		go func() { did[1] = exchange(c) }()
		synctest.Wait()
		require.ElementsMatch(t, []string{"sent", "received"}, did[:])
	})
	buffered := make(chan int, 1)
	for range 3 {
		require.Equal(t, "sent", exchange(buffered))
		require.Equal(t, "received", exchange(buffered))
	}
}

// Use a channel with one place, and take the old value out before the new one is
// sent. The producer never waits, and the consumer always finds the newest
// value, or waits for one. It is for a single producer, which relies on the
// place that it has just made free.
//
//claim:ask The consumer is slow and only the newest value counts. How do you send it?
//claim:source https://go.dev/ref/spec#Select_statements
func TestSelectLatest(t *testing.T) {
	c := make(chan int, 1)
	for v := range 100 {
		offerLatest(c, v)
	}
	require.Equal(t, 99, <-c)
	_, ok := tryReceive(c)
	require.False(t, ok, "the others are gone")
	offerLatest(c, 100)
	require.Equal(t, 100, <-c)
}

// A stage that is cancelled while it waits to send never returns: it looks at
// the context only in the select of the receive. Every channel operation that
// can wait needs its own select with ctx.Done(), the send as well as the
// receive. A send to a channel that has room for all values does not wait and
// needs none.
//
//claim:ask Why does this stage leak: for { select { case v := <-in: out <- f(v); case <-ctx.Done(): return } }?
//claim:source https://go.dev/blog/pipelines
func TestSelectSendContext(t *testing.T) {
	type stage func(ctx context.Context, in <-chan int, out chan<- int)
	endsAfterCancel := func(run stage) (ended bool) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			in, out := make(chan int), make(chan int)
			returned := false
			go func() {
				run(ctx, in, out)
				returned = true
			}()
			in <- 1
			synctest.Wait() // it waits to send, and nobody receives
			cancel()
			synctest.Wait()
			ended = returned
			tryReceive(out) // lets it go
			synctest.Wait()
		})
		return ended
	}
	require.False(t, endsAfterCancel(doubleLeaking))
	require.True(t, endsAfterCancel(double))
}

// The compiler turns a select with one case and no default into the plain
// operation: a goroutine that waits there is shown as [chan receive] and not as
// [select], and nothing is chosen. With one case and a default it becomes a
// non-blocking call. Only from two cases on the general algorithm runs: it
// shuffles the cases, locks all their channels, and queues the goroutine in
// each.
//
//claim:ask Is a select with a single case slower than a plain receive?
//claim:source cmd/compile/internal/walk/select.go
func TestSelectSingle(t *testing.T) {
	state := func(receive func([]chan int) int, name string) (state string) {
		synctest.Test(t, func(t *testing.T) {
			c := []chan int{make(chan int), make(chan int)}
			go receive(c)
			synctest.Wait()
			stacks := make([]byte, 1<<20)
			stacks = stacks[:runtime.Stack(stacks, true)]
			for goroutine := range strings.SplitSeq(string(stacks), "\n\n") {
				if strings.Contains(goroutine, "."+name+"(") {
					state = goroutine
				}
			}
			c[0] <- 1
		})
		return state
	}
	require.Contains(t, state(receivePlain, "receivePlain"), "[chan receive")
	require.Contains(t, state(receive1, "receive1"), "[chan receive")
	require.Contains(t, state(receive2, "receive2"), "[select")
}

// The cases of a select are channel operations and not values, all of them are
// looked at, and the choice among the ready ones is random, where a switch takes
// the first that matches. Without a default a select waits; a switch goes on.
// The default may stand anywhere in both. There is no fallthrough in a select,
// and at most one default.
//
//claim:ask How does select differ from switch?
//claim:source https://go.dev/ref/spec#Select_statements
func TestSelectSwitch(t *testing.T) {
	first := ""
	select {
	default:
		first = "default"
	case <-closedChan():
		first = "ready"
	}
	require.Equal(t, "ready", first, "default is taken only if nothing is ready")

	out, err := proof.Go(t, "build", "./testdata/select/syntax")
	require.Error(t, err)
	require.Contains(t, out, "fallthrough statement out of place")
	require.Contains(t, out, "multiple defaults")
	require.Contains(t, out, "main.go:9:")
}

// Use reflect.Select, which takes a slice of cases; a select statement has as
// many cases as were written. It follows the same rules: it chooses at random, a
// nil channel is never ready, and a SelectDefault case makes it non-blocking. It
// allocates and is slower, see SelectCost, and takes at most 65,536 cases. The
// usual alternative is a goroutine for each channel that forwards to a common
// one.
//
//claim:ask How do you select over a number of channels that is known only at run time?
//claim:source https://pkg.go.dev/reflect#Select
func TestSelectReflect(t *testing.T) {
	channels := make([]chan int, 10)
	for i := range channels {
		channels[i] = make(chan int, 1)
	}
	channels[7] <- 70
	index, v := receiveAny(channels)
	require.Equal(t, [2]int{7, 70}, [2]int{index, v})

	for i := range channels {
		channels[i] <- i
	}
	var order []int
	for range channels {
		i, v := receiveAny(append([]chan int{nil}, channels...))
		require.Equal(t, i-1, v)
		order = append(order, v)
	}
	slices.Sort(order)
	require.Equal(t, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, order)

	chosen, _, ok := reflect.Select([]reflect.SelectCase{
		{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(channels[0])},
		{Dir: reflect.SelectDefault},
	})
	require.Equal(t, 1, chosen)
	require.False(t, ok)
	require.PanicsWithValue(t, "reflect.Select: too many cases (max 65536)", func() {
		reflect.Select(make([]reflect.SelectCase, 65537))
	})
}

func TestSelectReceives(t *testing.T) {
	for _, receive := range []func([]chan int) int{
		receivePlain, receive1, receive2, receive4, receive8, receiveOr,
		func(c []chan int) int { _, v := receiveAny(c); return v },
	} {
		c := readyFirst(8)
		c[0] <- 5
		close(c[0])
		require.Equal(t, 5, receive(c))
		require.Equal(t, 0, receive(c))
	}
	require.Equal(t, -1, receiveOr(readyFirst(1)))
}

// readyFirst returns n open channels with one place.
func readyFirst(n int) []chan int {
	c := make([]chan int, n)
	for i := range c {
		c[i] = make(chan int, 1)
	}
	return c
}

// A select with one case costs what the plain operation costs. From two cases on
// it costs more with each, because the cases are shuffled and every channel is
// locked: here 8 cases take more than 2 times as long as 2. A default whose
// channel is not ready is the cheapest of all: it is decided by a look without
// the lock. No select statement allocates. The same 8 cases through
// reflect.Select take more than 1.5 times as long and allocate. It matters in
// loops that move millions of values only.
//
//claim:ask What does a select cost, depending on the number of cases?
//claim:expect ns/op of=select,cases=1 < 2x of=plain,cases=1
//claim:expect ns/op of=select,cases=8 > 2x of=select,cases=2
//claim:expect ns/op of=select,cases=2 > 3x of=default,cases=1
//claim:expect allocs/op of=select == 0
//claim:expect ns/op of=reflect,cases=8 > 1.5x of=select,cases=8
//claim:expect allocs/op of=reflect,cases=8 > 16
//claim:source runtime/select.go
//claim:source cmd/compile/internal/walk/select.go
func BenchmarkSelectCost(b *testing.B) {
	run := func(name string, c []chan int, receive func([]chan int) int) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for range 16 {
					receive(c)
				}
			}
		})
	}
	ready := readyFirst(8)
	close(ready[0])
	run("of=plain/cases=1", ready, receivePlain)
	run("of=select/cases=1", ready, receive1)
	run("of=select/cases=2", ready, receive2)
	run("of=select/cases=4", ready, receive4)
	run("of=select/cases=8", ready, receive8)
	run("of=default/cases=1", readyFirst(1), receiveOr)
	run("of=reflect/cases=8", ready, func(c []chan int) int {
		_, v := receiveAny(c)
		return v
	})
}
