package optimizing

import (
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Let the records that are waiting share one sync (group commit). While one sync is
// running, the next records gather, and the next sync covers them all: 100 concurrent
// Appends on a disk that needs 5 ms for a sync are done after at most two syncs, 10 ms,
// instead of 100 syncs, 500 ms. No timer is needed, and a single record on an idle log
// waits for nobody. Each caller still returns only when its record is durable. One
// caller that appends in a loop gains nothing, since it waits for each sync itself.
//
//claim:ask Each record must be on the disk before the answer is sent, and fsync is slow. What helps?
//claim:source https://pkg.go.dev/os#File.Sync
func TestBatchingGroupCommit(t *testing.T) {
	run := func(callers, each int) (syncs int, took time.Duration) {
		synctest.Test(t, func(t *testing.T) {
			var written []string
			log := newGroupLog(
				func(text string) error { written = append(written, text); return nil },
				func() error { syncs++; time.Sleep(5 * time.Millisecond); return nil })
			start := time.Now()
			var group sync.WaitGroup
			for range callers {
				group.Go(func() {
					for range each {
						assert.NoError(t, log.Append("record"))
					}
				})
			}
			group.Wait()
			took = time.Since(start)
			log.Close()
			assert.Len(t, written, callers*each)
		})
		return syncs, took
	}
	syncs, took := run(100, 1)
	assert.LessOrEqual(t, syncs, 2)
	assert.LessOrEqual(t, took, 10*time.Millisecond)
	syncs, took = run(1, 100)
	assert.Equal(t, 100, syncs)
	assert.Equal(t, 500*time.Millisecond, took)

	full := errors.New("disk full")
	log := newGroupLog(func(string) error { return nil }, func() error { return full })
	assert.ErrorIs(t, log.Append("x"), full)
	log.Close()
}

// The waiting time is the number of round trips: 100 calls of 1 ms one after the other
// are 100 ms, one call for all 100 is 1 ms, and 10 calls at a time are 10 ms without
// any change on the other side. That is the N+1 problem of a loop with a query for each
// row of another query. A profile of the CPU shows nothing of it, because the time
// passes in waiting. A batch needs an answer for partial failure and a limit of its
// size; concurrent calls need a limit of their number.
//
//claim:ask A request makes 100 small calls to a service. How do you make it faster?
//claim:source https://pkg.go.dev/sync#WaitGroup.Go
func TestBatchingRoundTrips(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		roundTrip := func([]int) { time.Sleep(time.Millisecond) }
		ids := make([]int, 100)
		took := func(f func()) time.Duration {
			start := time.Now()
			f()
			return time.Since(start)
		}
		assert.Equal(t, 100*time.Millisecond, took(func() {
			for i := range ids {
				roundTrip(ids[i : i+1])
			}
		}))
		assert.Equal(t, time.Millisecond, took(func() { roundTrip(ids) }))
		assert.Equal(t, 10*time.Millisecond, took(func() {
			var group sync.WaitGroup
			limit := make(chan struct{}, 10)
			for i := range ids {
				limit <- struct{}{}
				group.Go(func() { roundTrip(ids[i : i+1]); <-limit })
			}
			group.Wait()
		}))
	})
}

// Smaller than one thinks: the fixed cost of 1000 items is paid 1000 times without
// batches, 100 times with 10 in a batch, 10 times with 100 and once with 1000. The
// first step saves 900 of the 1000, the last step 9. Each step costs ten times the
// memory, the time until the first item is done, and the work that is repeated after a
// failure. So choose the smallest batch for which the fixed cost is small against the
// cost of its items. Databases and queues have limits of their own for one statement.
//
//claim:ask How large should a batch be?
//claim:source https://pkg.go.dev/slices#Chunk
func TestBatchingSize(t *testing.T) {
	items := make([]int, 1000)
	calls := func(size int) (n int) {
		for range slices.Chunk(items, size) {
			n++
		}
		return n
	}
	assert.Equal(t, 1000, calls(1))
	assert.Equal(t, 100, calls(10))
	assert.Equal(t, 10, calls(100))
	assert.Equal(t, 1, calls(1000))
	assert.Equal(t, 900, calls(1)-calls(10))
	assert.Equal(t, 9, calls(100)-calls(1000))
}

// With slices.Chunk (since Go 1.23). The pieces have n elements and the last one what
// remains; no elements give no piece, and n < 1 panics. Nothing is copied: the pieces
// share the array, so writing to one writes to the items. Their capacity ends with
// their length, so that an append to one does not overwrite the beginning of the next,
// as it would with items[i:j] in a loop of your own.
//
//claim:ask How do you divide a slice into batches?
//claim:source https://pkg.go.dev/slices#Chunk
func TestBatchingChunk(t *testing.T) {
	items := []int{1, 2, 3, 4, 5, 6, 7}
	batches := slices.Collect(slices.Chunk(items, 3))
	assert.Equal(t, [][]int{{1, 2, 3}, {4, 5, 6}, {7}}, batches)
	_ = append(batches[0], 99)
	assert.Equal(t, 4, items[3])
	batches[0][0] = 10
	assert.Equal(t, 10, items[0])
	_ = append(items[0:3], 99)
	assert.Equal(t, 99, items[3], "a slice of your own reaches into the next batch")
	assert.Empty(t, slices.Collect(slices.Chunk(items[:0], 3)))
	assert.Panics(t, func() { _ = slices.Chunk(items, 0) })
}

// The receiver gets a slice that is still in use: after batch = batch[:0] the next
// items are written over those that it has not read yet. Hand over the slice and make
// a new one, or wait until the receiver is done before you reuse it. Reuse is right
// when the batch is consumed by a plain call that keeps nothing. With an unbuffered
// channel it is still wrong, because the receiver has the slice, not the items.
//
//claim:ask The batches that I send over a channel contain items of later batches. Why?
//claim:source https://go.dev/ref/spec#Slice_types
func TestBatchingReuse(t *testing.T) {
	collect := func(reuse bool) (got [][]int) {
		batches := make(chan []int, 10)
		batch := make([]int, 0, 2)
		for i := range 4 {
			if batch = append(batch, i); len(batch) == 2 {
				batches <- batch
				if reuse {
					batch = batch[:0]
				} else {
					batch = make([]int, 0, 2)
				}
			}
		}
		close(batches)
		for batch := range batches {
			got = append(got, batch)
		}
		return got
	}
	assert.Equal(t, [][]int{{2, 3}, {2, 3}}, collect(true))
	assert.Equal(t, [][]int{{0, 1}, {2, 3}}, collect(false))
}

// net.Buffers writes several slices without joining them: on a TCP or Unix connection
// its WriteTo is one writev, where the system has it. On every other Writer it is one
// Write for each slice. A tls.Conn or a wrapper that counts bytes is such a Writer, so
// there a header and a body become two calls; copy them together or use a bufio.Writer.
// WriteTo consumes the Buffers: afterwards it is empty, and its elements are cleared.
//
//claim:ask What does net.Buffers bring, and when does it bring nothing?
//claim:source https://pkg.go.dev/net#Buffers
func TestBatchingBuffers(t *testing.T) {
	counter := &CallCounter{W: io.Discard}
	pieces := [][]byte{[]byte("header"), []byte("body"), []byte("end")}
	buffers := net.Buffers(pieces)
	n, err := buffers.WriteTo(counter)
	require.NoError(t, err)
	assert.Equal(t, int64(13), n)
	assert.Equal(t, 3, counter.Writes)
	assert.Empty(t, buffers)
	assert.Nil(t, pieces[0])

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Skip("no network:", err)
	}
	defer listener.Close()
	out, err := net.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	in, err := listener.Accept()
	require.NoError(t, err)
	defer in.Close()
	buffers = net.Buffers{[]byte("header"), []byte("body")}
	_, err = buffers.WriteTo(out)
	require.NoError(t, err)
	require.NoError(t, out.Close())
	var all strings.Builder
	_, err = io.Copy(&all, in)
	require.NoError(t, err)
	assert.Equal(t, "headerbody", all.String())
}
