package concurrency_test

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
)

// Room for one result: the goroutine ends although nobody receives.
func Example_leakRoom() {
	work := func(reply chan<- string, ended chan<- bool) {
		defer close(ended)
		reply <- "late"
	}
	reply, ended := make(chan string, 1), make(chan bool)
	go work(reply, ended)
	<-ended
	fmt.Println("ended, replies not taken:", len(reply))
	// Output:
	// ended, replies not taken: 1
}

// A range over a function needs no goroutine, so break cannot leak one.
func Example_leakIterator() {
	before := runtime.NumGoroutine()
	squares := func(yield func(int) bool) {
		defer fmt.Println("cleaned up")
		for i := 1; yield(i * i); i++ {
		}
	}
	for n := range squares {
		if n > 9 {
			break
		}
		fmt.Println(n)
	}
	fmt.Println("new goroutines:", runtime.NumGoroutine()-before)
	// Output:
	// 1
	// 4
	// 9
	// cleaned up
	// new goroutines: 0
}

// Closing the read end lets the writer of an io.Pipe end.
func Example_leakPipe() {
	r, w := io.Pipe()
	ended := make(chan error)
	go func() {
		_, err := io.Copy(w, strings.NewReader("a long report"))
		ended <- err
	}()
	io.ReadFull(r, make([]byte, 6)) // the reader has seen enough
	r.CloseWithError(errors.New("reader has left"))
	fmt.Println("writer:", <-ended)
	// Output:
	// writer: reader has left
}
