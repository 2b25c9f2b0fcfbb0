// A buffered send does not wait for the receiver, so it does not order what the
// receiver did before: the race detector reports the read.
package main

import "fmt"

func main() {
	c, done := make(chan struct{}, 1), make(chan struct{})
	var ready bool
	go func() {
		ready = true
		<-c
		close(done)
	}()
	c <- struct{}{}
	fmt.Println("seen too early:", !ready)
	<-done
}
