package concurrency

import (
	"iter"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// A larger buffer makes a handoff cheaper, because a side that runs can do many
// operations before it has to wait: between two goroutines on one processor, a
// capacity of 256 moves values more than 2 times as fast as an unbuffered
// channel. Most of the gain comes early: 256 is less than 2 times as fast as 16.
// What is saved is switching goroutines, not the lock and the copy, so a buffer
// gains nothing if one side is slow: then it is full or empty all the time.
//
//claim:ask How much faster is a buffered channel, and how large should the buffer be?
//claim:vary GOMAXPROCS 1
//claim:expect ns/op cap=0 > 2x cap=256
//claim:expect ns/op cap=16 < 2x cap=256
//claim:source runtime/chan.go
func BenchmarkChannelCapacity(b *testing.B) {
	run := func(name string, capacity int) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sumThrough(1024, capacity)
			}
		})
	}
	run("cap=0", 0)
	run("cap=1", 1)
	run("cap=16", 16)
	run("cap=256", 256)
}

// Send slices instead of single values: with 64 numbers per send, a thousand
// numbers pass an unbuffered channel more than 5 times as fast, because the
// lock, the copy and the switch of goroutines are paid once per slice. The price
// is a slice per batch and the delay until it is full. A batch must not be
// reused after it was sent.
//
//claim:ask The channel is the bottleneck. How do you make it faster?
//claim:vary GOMAXPROCS 1
//claim:expect ns/op batch=1 > 5x batch=64
//claim:source https://go.dev/ref/mem#chan
func BenchmarkChannelBatch(b *testing.B) {
	run := func(name string, size int) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sumThroughBatches(1024, size)
			}
		})
	}
	run("batch=1", 1)
	run("batch=64", 64)
}

// A value is copied into the channel and out of it, so its size counts: a 16 KiB
// array costs more than 5 times as much as a pointer to one. For small structs
// the lock dominates and the size does not matter. A pointer is shared after the
// send, and what it points to is on the heap; here it is allocated once.
//
//claim:ask Should a channel carry large structs or pointers to them?
//claim:expect ns/op of=array > 5x of=pointer
//claim:expect ns/op of=small < 2x of=pointer
//claim:expect allocs/op of=array == 0
//claim:expect allocs/op of=small == 0
//claim:expect allocs/op of=pointer == 0
//claim:source runtime/chan.go
func BenchmarkChannelElement(b *testing.B) {
	type block [16 << 10]byte
	b.Run("of=array", func(b *testing.B) {
		c, v := make(chan block, 1), block{}
		b.ReportAllocs()
		for b.Loop() {
			c <- v
			v = <-c
		}
	})
	b.Run("of=small", func(b *testing.B) {
		c, v := make(chan [4]int, 1), [4]int{}
		b.ReportAllocs()
		for b.Loop() {
			c <- v
			v = <-c
		}
	})
	b.Run("of=pointer", func(b *testing.B) {
		c, v := make(chan *block, 1), new(block)
		b.ReportAllocs()
		for b.Loop() {
			c <- v
			v = <-c
		}
	})
}

// addMutex, addChanMutex and addOwner count to n in three ways.
func addMutex(n int) (total int) {
	var mu sync.Mutex
	for range n {
		mu.Lock()
		total++
		mu.Unlock()
	}
	return total
}

func addChanMutex(n int) (total int) {
	mu := newChanMutex()
	for range n {
		mu.lock()
		total++
		mu.unlock()
	}
	return total
}

func addOwner(n int) (total int) {
	requests, reply := make(chan chanRequest), make(chan int)
	go runChanCounter(requests)
	for range n {
		requests <- chanRequest{1, reply}
		total = <-reply
	}
	close(requests)
	return total
}

func TestAddWays(t *testing.T) {
	for _, add := range []func(int) int{addMutex, addChanMutex, addOwner} {
		require.Equal(t, 100, add(100))
	}
}

// For a short access to shared state use a mutex. Without contention a channel
// used as a mutex costs more than 1.5 times as much, since each channel
// operation takes a lock itself; a goroutine that owns the state and is asked
// through channels costs more than 5 times as much, since every request switches
// goroutines twice. Use a channel to hand over values and their ownership, to
// spread work, to signal, or if waiting must end with a context. The cost
// matters only if the work per operation is as short as here.
//
//claim:ask When do you use a mutex and when a channel, and how do their costs compare?
//claim:vary GOMAXPROCS 1
//claim:expect ns/op of=chanmutex > 1.5x of=mutex
//claim:expect ns/op of=owner > 5x of=mutex
//claim:source https://go.dev/wiki/MutexOrChannel
func BenchmarkChannelOrMutex(b *testing.B) {
	run := func(name string, add func(int) int) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				add(256)
			}
		})
	}
	run("of=mutex", addMutex)
	run("of=chanmutex", addChanMutex)
	run("of=owner", addOwner)
}

// upTo yields the numbers from 0 to n-1.
//
//go:noinline
func upTo(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func sumSeq(n int) (sum int) {
	for v := range upTo(n) {
		sum += v
	}
	return sum
}

func sumPull(n int) (sum int) {
	next, stop := iter.Pull(upTo(n))
	defer stop()
	for {
		v, ok := next()
		if !ok {
			return sum
		}
		sum += v
	}
}

func sumChan(n int) int { return sumThrough(n, 0) }

func TestGenerators(t *testing.T) {
	for _, sum := range []func(int) int{sumSeq, sumPull, sumChan} {
		require.Equal(t, 4950, sum(100))
	}
	require.Equal(t, []int{0, 1, 2}, slices.Collect(upTo(3)))
}

// No, a function iterator (iter.Seq) is a plain call for each value, and more
// than 20 times as fast as a goroutine that sends the values through an
// unbuffered channel. iter.Pull gives values on request as a channel does; it
// switches to a coroutine and back without lock or scheduler, and is faster than
// the channel too. A consumer that stops early ends an iterator, but leaves a
// sender waiting for ever. A channel pays if producer and consumer shall really
// run at the same time.
//
//claim:ask Is a channel a good generator to loop over?
//claim:vary GOMAXPROCS 1
//claim:expect ns/op of=channel > 20x of=seq
//claim:expect ns/op of=channel > of=pull
//claim:source https://pkg.go.dev/iter#hdr-Pulling_Values
func BenchmarkChannelGenerator(b *testing.B) {
	run := func(name string, sum func(int) int) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				sum(1024)
			}
		})
	}
	run("of=seq", sumSeq)
	run("of=pull", sumPull)
	run("of=channel", sumChan)
}
