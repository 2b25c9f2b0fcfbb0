package schedgc

import (
	"fmt"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// netpollPair returns the two ends of a loopback connection.
func netpollPair(t *testing.T, listener net.Listener) (client, server net.Conn) {
	t.Helper()
	client, err := net.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	server, err = listener.Accept()
	require.NoError(t, err)
	t.Cleanup(func() { client.Close(); server.Close() })
	return client, server
}

func netpollListen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Skip("needs a loopback network: ", err)
	}
	t.Cleanup(func() { listener.Close() })
	return listener
}

// All sockets are in non-blocking mode. Read tries the system call; if there is no
// data yet, the goroutine parks and its descriptor is watched by the network
// poller: epoll, kqueue or I/O completion ports. A thread that looks for work
// asks the poller which descriptors are ready and makes their goroutines
// runnable. So the code reads as if it blocked, and 500 goroutines that
// wait for 500 sockets need no thread of their own; a goroutine is what each costs.
//
//claim:ask Why can thousands of goroutines wait for sockets with a few threads?
//claim:source runtime/netpoll.go
func TestNetpollConnections(t *testing.T) {
	if proof.InChild(t) {
		const conns = 250
		listener := netpollListen(t)
		start := ThreadCount()
		var readers sync.WaitGroup
		var clients []net.Conn
		for range conns {
			client, err := net.Dial("tcp", listener.Addr().String())
			if err != nil {
				fmt.Println("few=1") // the limit on open files, for example
				os.Exit(0)
			}
			server, err := listener.Accept()
			if err != nil {
				fmt.Println("few=1")
				os.Exit(0)
			}
			clients = append(clients, client)
			readers.Go(func() {
				server.Read(make([]byte, 1)) // the end of the connection
				server.Close()
			})
			readers.Go(func() { client.Read(make([]byte, 1)) })
		}
		threadsWaitUntil(t, func() bool { return threadsInState("IO wait") >= 2*conns })
		fmt.Printf("waiting=%d\nmore=%d\n", 2*conns, ThreadCount()-start)
		for _, client := range clients {
			client.(*net.TCPConn).CloseWrite()
		}
		readers.Wait()
		os.Exit(0)
	}
	facts := runChildFacts(t)
	if facts["few"] == 1 {
		t.Skip("needs 500 open files")
	}
	assert.Equal(t, 500, facts["waiting"])
	assert.Less(t, facts["more"], 20)
}

// The reader still gets its turn. If no thread has asked the poller for 10 milliseconds,
// the system monitor does, which needs no P, and makes the goroutine runnable;
// then preemption of the busy goroutines frees a P. So under load an arrived
// request waits for some time slices, and for more of them the more runnable
// goroutines there are. Without preemption (asyncpreemptoff=1) it waits for ever here.
//
//claim:ask All Ps are busy computing and data arrives on a connection. When is it read?
//claim:source runtime/proc.go
func TestNetpollBusy(t *testing.T) {
	if proof.InChild(t) {
		client, server := netpollPair(t, netpollListen(t))
		for range 2 {
			go preemptSpin()
		}
		go func() {
			b := make([]byte, 1)
			server.Read(b)
			server.Write(b)
		}()
		fmt.Println("started")
		b := []byte{42}
		_, err := client.Write(b)
		require.NoError(t, err)
		_, err = client.Read(b)
		require.NoError(t, err)
		fmt.Println("ended")
		os.Exit(0)
	}
	childEnds(t, "GOMAXPROCS=1")
	childHangs(t, "GOMAXPROCS=1", "GODEBUG=asyncpreemptoff=1")
}

// A deadline is a point in time, not a duration for each call: it is a timer in the
// runtime that wakes the waiting goroutine with os.ErrDeadlineExceeded. Once it
// has passed, every further Read fails at once, even if there is data. The
// connection is not closed: with a new deadline, or the zero time for none, it
// works again. So set it before each operation that is to be limited.
//
//claim:ask How do deadlines on a connection work, and what is the state after one has passed?
//claim:source https://pkg.go.dev/net#Conn
func TestNetpollDeadline(t *testing.T) {
	client, server := netpollPair(t, netpollListen(t))
	b := make([]byte, 1)
	client.SetReadDeadline(time.Now().Add(time.Millisecond))
	_, err := client.Read(b)
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	var timeout net.Error
	require.ErrorAs(t, err, &timeout)
	assert.True(t, timeout.Timeout())

	_, err = server.Write([]byte{42})
	require.NoError(t, err)
	_, err = client.Read(b)
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded, "although there is data, or soon will be")
	client.SetReadDeadline(time.Time{})
	_, err = client.Read(b)
	require.NoError(t, err)
	assert.EqualValues(t, 42, b[0])
}

// Close the connection, and the Read returns net.ErrClosed; or, to keep it,
// set a deadline in the past, and the Read returns os.ErrDeadlineExceeded. Both
// work from another goroutine and at once, since they only wake a goroutine that is
// parked in the poller. That is how a context can end network I/O, for example
// with context.AfterFunc. A read that blocks a thread cannot be ended so.
//
//claim:ask How do you interrupt a goroutine that is blocked in conn.Read?
//claim:source https://pkg.go.dev/net#Conn
func TestNetpollInterrupt(t *testing.T) {
	client, _ := netpollPair(t, netpollListen(t))
	ended := make(chan error)
	read := func() {
		waiting := threadsInState("IO wait")
		go func() {
			_, err := client.Read(make([]byte, 1))
			ended <- err
		}()
		threadsWaitUntil(t, func() bool { return threadsInState("IO wait") > waiting })
	}
	read()
	client.SetReadDeadline(deadlinePast)
	assert.ErrorIs(t, <-ended, os.ErrDeadlineExceeded)
	client.SetReadDeadline(time.Time{})
	read()
	client.Close()
	assert.ErrorIs(t, <-ended, net.ErrClosed)
}

// Yes, and they take turns: a lock in the connection lets one read at a time, and
// one write. Of 10 goroutines in Read one waits for data in the poller, the
// others wait for it. Which of them gets which bytes is open, so it is seldom
// useful for a stream; for packets it is. A Write is not held up by a Read, and
// a Write of many bytes is not mixed with another one.
//
//claim:ask Can several goroutines use one net.Conn at the same time?
//claim:source https://pkg.go.dev/net#Conn
//claim:source internal/poll/fd_mutex.go
func TestNetpollOneReader(t *testing.T) {
	client, server := netpollPair(t, netpollListen(t))
	polling, locked := threadsInState("IO wait"), threadsInState("semacquire")
	const n = 10
	var readers sync.WaitGroup
	var mu sync.Mutex
	sum := 0
	for range n {
		readers.Go(func() {
			b := make([]byte, 1)
			_, err := client.Read(b)
			assert.NoError(t, err)
			mu.Lock()
			sum += int(b[0])
			mu.Unlock()
		})
	}
	threadsWaitUntil(t, func() bool { return threadsInState("semacquire") == locked+n-1 })
	assert.Equal(t, polling+1, threadsInState("IO wait"))
	_, err := client.Write([]byte{1}) // not held up
	require.NoError(t, err)
	_, err = server.Write([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
	require.NoError(t, err)
	readers.Wait()
	assert.Equal(t, 55, sum)
}

// No. Write returns when the kernel has taken the bytes, so small writes succeed
// although nobody reads. When the buffers of both sides are full, the goroutine
// parks in the poller like a reader, and the slow peer holds it up: without a
// deadline for ever. After a deadline in the middle, Write returns how many
// bytes were taken, together with the error.
//
//claim:ask Does conn.Write wait until the other side has read?
//claim:source https://pkg.go.dev/net#Conn
func TestNetpollWrite(t *testing.T) {
	client, _ := netpollPair(t, netpollListen(t))
	n, err := client.Write(make([]byte, 100))
	require.NoError(t, err)
	assert.Equal(t, 100, n)
	client.SetWriteDeadline(time.Now().Add(10 * time.Millisecond))
	chunk := make([]byte, 1<<20)
	for range 1000 {
		if n, err = client.Write(chunk); err != nil {
			break
		}
	}
	if err == nil {
		t.Skip("the system buffers a gigabyte")
	}
	assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
	assert.Less(t, n, len(chunk))
}
