package concurrency

import (
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"unsafe"
	"weak"

	"github.com/go-deep-dive/godeep/internal/proof"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	layoutInts     chan int
	layoutPointers chan *int
	layoutEmpty    chan struct{}
)

// A channel is a struct on the heap: a ring buffer with a send and a receive
// index, a queue of waiting senders, one of waiting receivers, and a lock around
// all of it. An unbuffered channel is one allocation. With a buffer it is still
// one if the elements have no pointers, because the buffer follows the struct,
// and two if they have pointers, because then the collector must know their
// places. The buffer is complete from the start and never grows or shrinks. For
// struct{} elements it takes no memory, whatever the capacity.
//
//claim:ask What is inside a channel, and what does make(chan T, n) allocate?
//claim:source runtime/chan.go
func TestChannelLayout(t *testing.T) {
	one := func(f func()) uint64 { return proof.AllocatedBytes(f) }
	unbuffered := one(func() { layoutInts = make(chan int) })
	word := uint64(unsafe.Sizeof(0))
	if !proof.RaceEnabled {
		assert.Equal(t, unbuffered, one(func() { layoutEmpty = make(chan struct{}, 1<<30) }))
		buffered := one(func() { layoutInts = make(chan int, 1000) })
		assert.GreaterOrEqual(t, buffered, 1000*word)
		assert.Less(t, buffered, 1500*word)
	}
	proof.WantAllocs(t, 1, func() { layoutInts = make(chan int) })
	proof.WantAllocs(t, 1, func() { layoutInts = make(chan int, 100) })
	proof.WantAllocs(t, 1, func() { layoutPointers = make(chan *int) })
	proof.WantAllocs(t, 2, func() { layoutPointers = make(chan *int, 100) })
	proof.WantAllocs(t, 1, func() { layoutEmpty = make(chan struct{}, 100) })
}

// Channel operations do not allocate: a send copies into the buffer or straight
// to the variable of a waiting receiver. A goroutine that has to wait needs an
// entry in a queue (a sudog), but these are kept for reuse, so a steady exchange
// of values allocates nothing. What the value points to may be on the heap for
// another reason: a pointer that is sent always escapes.
//
//claim:ask Do channel operations allocate?
//claim:source runtime/chan.go
func TestChannelAllocs(t *testing.T) {
	buffered := make(chan [64]int, 1)
	proof.WantAllocs(t, 0, func() {
		buffered <- [64]int{1}
		<-buffered
	})

	requests, replies := make(chan int), make(chan int)
	var server sync.WaitGroup
	server.Go(func() {
		for v := range requests {
			replies <- v
		}
	})
	proof.WantAllocs(t, 0, func() { // each round makes both sides wait
		requests <- 1
		<-replies
	})
	close(requests)
	server.Wait()

	pointers := make(chan *int, 1)
	proof.WantAllocs(t, 1, func() {
		n := 1
		pointers <- &n
		<-pointers
	})
}

// If a receiver waits, the sender copies its value directly into the variable of
// the receiver, which is usually on the stack of another goroutine. The buffer
// is not touched, also in a buffered channel: its length stays 0. If senders
// wait, the buffer is full; a receive takes its oldest value and puts that of
// the first waiting sender into the free place, so the length stays at the
// capacity and the order is kept.
//
//claim:ask How does a value get from the sender to a receiver that is already waiting?
//claim:source runtime/chan.go
func TestChannelHandoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := make(chan int, 2)
		received := 0
		go func() { received = <-c }()
		synctest.Wait()
		c <- 1
		require.Equal(t, 0, len(c), "passed by the buffer")
		synctest.Wait()
		require.Equal(t, 1, received)

		for v := range 3 {
			go func() { c <- v }()
			synctest.Wait()
		}
		require.Equal(t, 0, <-c)
		require.Equal(t, 2, len(c), "the waiting value has moved up")
		require.Equal(t, []int{1, 2}, []int{<-c, <-c})
	})
}

// An element may take up to 65,535 bytes: the compiler rejects an element type
// of 64 KiB or more, because the channel stores the size in 16 bits. Each value
// is copied in and out, so large elements are better sent as pointers long
// before that limit. The capacity is limited by memory only; a negative or too
// large one panics at run time.
//
//claim:ask Is there a limit for the size of a channel element or the capacity?
//claim:source runtime/chan.go
func TestChannelElementLimit(t *testing.T) {
	large := make(chan [1<<16 - 1]byte, 1)
	large <- [1<<16 - 1]byte{65534: 7}
	require.EqualValues(t, 7, (<-large)[65534])

	for _, n := range []int{-1, int(^uint(0) >> 1)} {
		require.Equal(t, "makechan: size out of range", chanPanic(func() { layoutInts = make(chan int, n) }))
	}
	out, err := proof.Go(t, "build", "./testdata/channel/toolarge")
	require.Error(t, err)
	require.Contains(t, out, "channel element type too large (>64kB)")
}

// No, an open channel that nobody refers to is collected like any other memory,
// together with the values in its buffer. Close is no release of a resource, as
// it is for a file, but a message: no more values come. It is needed only if
// somebody waits for that message, as range does. A goroutine that waits on the
// channel keeps it alive, so what leaks is the goroutine. A received value is
// cleared from the buffer and not kept.
//
//claim:ask Do I have to close every channel?
//claim:source https://go.dev/ref/spec#Close
func TestChannelNeedNotClose(t *testing.T) {
	var left, taken weak.Pointer[[128]int]
	c := func() chan *[128]int {
		c := make(chan *[128]int, 2)
		first, second := new([128]int), new([128]int)
		taken, left = weak.Make(first), weak.Make(second)
		c <- first
		c <- second
		<-c
		return c
	}()
	runtime.GC()
	require.Nil(t, taken.Value(), "its place is cleared")
	require.NotNil(t, left.Value(), "in the buffer")
	runtime.KeepAlive(c)
	runtime.GC()
	require.Nil(t, left.Value(), "gone with the open channel")
}
