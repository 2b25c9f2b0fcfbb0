// The sender recovers from the panic of a send on a closed channel. The program
// ends well, but close and send are not ordered: the race detector reports them.
package main

import "fmt"

func trySend(c chan<- int, v int) (sent bool) {
	defer func() { sent = recover() == nil }()
	c <- v
	return true
}

func main() {
	c, done := make(chan int, 1), make(chan bool)
	go func() { done <- trySend(c, 1) }()
	close(c)
	<-done
	fmt.Println("the program ended")
}
