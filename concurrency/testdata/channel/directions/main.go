// The compiler rejects every marked line.
package main

func main() {
	both := make(chan int)
	var receive <-chan int = both
	var send chan<- int = both

	close(receive)   // want: cannot close receive-only channel
	receive <- 1     // want: cannot send to receive-only channel
	<-send           // want: cannot receive from send-only channel
	for range send { // want: cannot range over send
	}
	both = receive                                     // want: cannot use receive
	both = (chan int)(send)                            // want: cannot convert send
	send = receive                                     // want: cannot use receive
	var nested chan<- chan<- int = make(chan chan int) // want: cannot use make
	_ = nested
}
