package reflection

import (
	"reflect"
	"sync"
)

// Here are the two ways to receive from a number of channels that is known at
// run time only: a select statement has as many cases as were written.

// rselectCases returns a receive case for every channel.
func rselectCases(channels []chan int) []reflect.SelectCase {
	cases := make([]reflect.SelectCase, len(channels))
	for i, c := range channels {
		cases[i] = reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(c)}
	}
	return cases
}

// rselectAll calls f for every value until all channels are closed.
func rselectAll(channels []chan int, f func(int)) {
	cases := rselectCases(channels)
	for open := len(cases); open > 0; {
		i, v, ok := reflect.Select(cases)
		if !ok {
			cases[i].Chan = reflect.Value{} // a closed channel would be chosen again and again
			open--
			continue
		}
		f(int(v.Int()))
	}
}

// rselectMerge returns a channel that carries the values of all channels and is
// closed after them. It has a goroutine for each.
func rselectMerge(channels []chan int) <-chan int {
	merged := make(chan int)
	var senders sync.WaitGroup
	for _, c := range channels {
		senders.Go(func() {
			for v := range c {
				merged <- v
			}
		})
	}
	go func() {
		senders.Wait()
		close(merged)
	}()
	return merged
}
