package concurrency_test

import (
	"fmt"
	"reflect"
)

// Everything to the right of the arrows is evaluated, whatever happens then.
func Example_selectEvaluation() {
	price := func() int {
		fmt.Println("price was computed")
		return 7
	}
	nobody := make(chan int)
	select {
	case nobody <- price():
		fmt.Println("sent")
	default:
		fmt.Println("not sent")
	}
	// Output:
	// price was computed
	// not sent
}

// A closed channel is switched off by nil, so that the other one goes on alone.
func Example_selectNil() {
	a, b := make(chan int), make(chan int)
	send := func(c chan int, values ...int) {
		for _, v := range values {
			c <- v
		}
		close(c)
	}
	go send(a, 1, 2, 3)
	go send(b, 10, 20)
	sum := 0
	for a != nil || b != nil {
		select {
		case v, ok := <-a:
			if !ok {
				fmt.Println("a is closed")
				a = nil
			}
			sum += v
		case v, ok := <-b:
			if !ok {
				fmt.Println("b is closed")
				b = nil
			}
			sum += v
		}
	}
	fmt.Println("sum:", sum)
	// Unordered output:
	// a is closed
	// b is closed
	// sum: 36
}

// Break leaves the select, break with a label the loop.
func Example_selectBreak() {
	closed := make(chan int)
	close(closed)
	rounds := 0
loop:
	for {
		rounds++
		select {
		case _, open := <-closed:
			if rounds == 5 {
				break loop
			}
			if !open {
				break
			}
			fmt.Println("never printed")
		case <-(chan int)(nil):
		}
	}
	fmt.Println("rounds:", rounds)
	// Output:
	// rounds: 5
}

// A number of channels that is not known before.
func Example_selectReflect() {
	channels := []chan string{make(chan string, 1), make(chan string, 1), make(chan string, 1)}
	channels[2] <- "hello"
	var cases []reflect.SelectCase
	for _, c := range channels {
		cases = append(cases, reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(c)})
	}
	i, value, open := reflect.Select(cases)
	fmt.Println(i, value, open)
	// Output:
	// 2 hello true
}
