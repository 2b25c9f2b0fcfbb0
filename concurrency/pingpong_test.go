package concurrency

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

// Give each goroutine a channel of its own, and pass a token: receive it, print,
// send it to the other. Only who has the token prints, so the order is exact,
// and the channels make each step visible to the next without a lock. With one
// place per channel the last send does not wait. A ring of n channels does it
// for n goroutines.
//
//claim:ask How do two goroutines print 1, 2, 3, 4 alternately?
//claim:source https://go.dev/ref/mem#chan
func TestPingPongChannels(t *testing.T) {
	turns := func(workers, n int) string {
		var out strings.Builder // not safe for concurrent use: the token orders the writes
		takeTurns(workers, n, func(worker, i int) { fmt.Fprintf(&out, "%c%d ", 'A'+worker, i+1) })
		return out.String()
	}
	require.Equal(t, "A1 B2 A3 B4 A5 B6 ", turns(2, 6))
	require.Equal(t, "A1 B2 C3 A4 B5 C6 A7 ", turns(3, 7))
}

// Keep the number of the next step under a mutex, and wait in a loop until it is
// yours. After a step wake the others with Broadcast, since each of them waits
// for another number: Signal may wake one whose turn it is not, which goes back
// to sleep, and then all sleep. With two goroutines Signal is enough, as only
// one can be waiting. A loop that asks for the turn without waiting would also
// be right, but burns a processor.
//
//claim:ask How do goroutines take turns with a sync.Cond instead of channels?
//claim:source https://pkg.go.dev/sync#Cond
func TestPingPongCond(t *testing.T) {
	for workers := range 4 {
		for _, n := range []int{0, 1, 2, 9} {
			var channels, cond []string
			note := func(order *[]string) func(int, int) {
				return func(worker, i int) { *order = append(*order, fmt.Sprint(worker, " ", i)) }
			}
			takeTurns(workers+1, n, note(&channels))
			takeTurnsCond(workers+1, n, note(&cond))
			require.Equal(t, channels, cond)
			require.Len(t, cond, n)
		}
	}
}

// Yes, if it is unbuffered: one side sends, then receives, the other receives,
// then sends. The send ends only when the other has taken the token, so a
// goroutine cannot take back its own. With a buffer of one it can: it sends,
// goes on, and receives the value it has just sent, so it takes two turns in a
// row.
//
//claim:ask Is one channel enough for two goroutines to alternate, and may it be buffered?
//claim:source https://go.dev/ref/spec#Channel_types
func TestPingPongOneChannel(t *testing.T) {
	c := make(chan string)
	var order []string
	var other sync.WaitGroup
	other.Go(func() {
		for range 3 {
			token := <-c
			order = append(order, token, "pong")
			c <- "ping"
		}
	})
	for range 3 {
		c <- "from main"
		token := <-c
		order = append(order, token)
	}
	other.Wait()
	require.Equal(t, slices.Repeat([]string{"from main", "pong", "ping"}, 3), order)

	buffered := make(chan string, 1)
	buffered <- "mine"
	require.Equal(t, "mine", <-buffered, "its own token")
}

// The last send has no receiver. Both goroutines pass the token n times, but the
// one that ends first does not receive again, so the other waits in its last
// send for ever: a leak, or a deadlock if main waits for it. Do not pass the
// token after the last step, or give the channel one place.
//
//claim:ask Ping and pong print everything in the right order, and then the program hangs. Why?
//claim:source https://go.dev/ref/spec#Send_statements
func TestPingPongLastSend(t *testing.T) {
	stuck := func(room int) (stuck bool) {
		synctest.Test(t, func(t *testing.T) {
			ping, pong := make(chan int, room), make(chan int, room)
			steps, ended := 0, new(atomic.Int32)
			run := func(mine, theirs chan int) {
				for range 3 {
					n := <-mine
					steps++
					theirs <- n + 1
				}
				ended.Add(1)
			}
			go run(ping, pong)
			go run(pong, ping)
			ping <- 0
			synctest.Wait()
			require.Equal(t, 6, steps, "all is printed")
			stuck = ended.Load() != 2
			<-ping
		})
		return stuck
	}
	require.True(t, stuck(0))
	require.False(t, stuck(1))
}

// A producer can be ahead by one value more than the capacity: the buffer is
// full, and one value is in the send that waits. This is backpressure: a bounded
// channel makes a fast producer as slow as its consumer, and limits the memory
// between them. A larger buffer evens out bursts and does not change the rate of
// a consumer that is slower all the time.
//
//claim:ask How far can a producer run ahead of its consumer?
//claim:source https://go.dev/ref/spec#Channel_types
func TestPingPongAhead(t *testing.T) {
	for _, capacity := range []int{0, 1, 5} {
		synctest.Test(t, func(t *testing.T) {
			c := make(chan int, capacity)
			produced := 0
			go func() {
				defer close(c)
				for range 20 {
					produced++
					c <- produced
				}
			}()
			synctest.Wait()
			require.Equal(t, capacity+1, produced)
			consumed := 0
			for v := range c {
				consumed++
				require.Equal(t, consumed, v)
				synctest.Wait() // the producer runs as far as it can
				require.Equal(t, min(20, consumed+capacity+1), produced)
			}
			require.Equal(t, 20, consumed)
		})
	}
}

// Producers and consumers share a mutex, a slice and two conditions: not full
// for producers and not empty for consumers. Each waits in a loop, because when
// it wakes another one may have been faster. Signal is enough, since every
// change lets one goroutine go on and each condition has waiters of one kind. A
// buffered channel is all of this and can be closed and selected on, so the
// exercise is for understanding.
//
//claim:ask How do you write producer and consumer with a mutex and condition variables?
//claim:source https://pkg.go.dev/sync#Cond
func TestPingPongQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newBoundedQueue[int](3)
		var all sync.WaitGroup
		put := 0
		all.Go(func() {
			for v := range 10 {
				q.put(v)
				put++
			}
		})
		synctest.Wait()
		require.Equal(t, 3, put, "full")
		for v := range 10 {
			require.Equal(t, v, q.take())
		}
		all.Wait()

		var consumers sync.WaitGroup
		var taken [4]int
		for i := range taken {
			consumers.Go(func() {
				for range 25 {
					taken[i] += q.take()
				}
			})
			all.Go(func() {
				for range 25 {
					q.put(1)
				}
			})
		}
		consumers.Wait()
		all.Wait()
		require.Equal(t, [4]int{25, 25, 25, 25}, taken)
	})
}
