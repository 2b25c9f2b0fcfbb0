package schedgc_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"time"
)

// A deadline in the past wakes a goroutine that waits for data, and the
// connection can be used again afterwards.
func Example_interruptRead() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer listener.Close()
	client, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		panic(err)
	}
	defer client.Close()

	ended := make(chan error)
	go func() {
		_, err := client.Read(make([]byte, 1))
		ended <- err
	}()
	client.SetReadDeadline(time.Unix(1, 0))
	fmt.Println("deadline exceeded:", errors.Is(<-ended, os.ErrDeadlineExceeded))

	client.SetReadDeadline(time.Time{})
	_, err = client.Write([]byte("still open"))
	fmt.Println("write:", err)
	// Output:
	// deadline exceeded: true
	// write: <nil>
}
