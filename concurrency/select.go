package concurrency

import (
	"context"
	"reflect"
)

// A select waits for several channel operations and does one of them. Here are
// the shapes in which it is used, and functions with a fixed number of cases to
// measure.

// trySend sends if that is possible at once.
func trySend[T any](c chan<- T, v T) bool {
	select {
	case c <- v:
		return true
	default:
		return false
	}
}

// tryReceive receives if that is possible at once. For a closed channel it
// returns the zero value and true, as a closed channel is always ready.
func tryReceive[T any](c <-chan T) (v T, ok bool) {
	select {
	case v = <-c:
		return v, true
	default:
		return v, false
	}
}

// mergeTwo sends the values of both channels until both are closed. A closed
// channel is always ready, so its variable is set to nil, which is never.
func mergeTwo[T any](a, b <-chan T) <-chan T {
	merged := make(chan T)
	go func() {
		defer close(merged)
		for a != nil || b != nil {
			select {
			case v, ok := <-a:
				if !ok {
					a = nil
					continue
				}
				merged <- v
			case v, ok := <-b:
				if !ok {
					b = nil
					continue
				}
				merged <- v
			}
		}
	}()
	return merged
}

// endless copies values from in to out and never makes the sender wait: what is
// not yet received is in a slice. It closes out when in is closed and all is
// sent.
func endless[T any](in <-chan T, out chan<- T) {
	defer close(out)
	var queue []T
	for in != nil || len(queue) > 0 {
		var (
			ready chan<- T // nil while there is nothing to send
			first T
		)
		if len(queue) > 0 {
			ready, first = out, queue[0]
		}
		select {
		case v, ok := <-in:
			if !ok {
				in = nil
				continue
			}
			queue = append(queue, v)
		case ready <- first:
			queue = queue[1:]
		}
	}
}

// preferHigh receives from high if that is possible at once, and else from
// whichever is ready first.
func preferHigh[T any](high, low <-chan T) T {
	select {
	case v := <-high:
		return v
	default:
	}
	select {
	case v := <-high:
		return v
	case v := <-low:
		return v
	}
}

// offerLatest puts v into a channel with one place and drops what was there.
// Only one goroutine may call it for a channel.
func offerLatest[T any](c chan T, v T) {
	select {
	case <-c:
	default:
	}
	c <- v // there is room: nobody else sends
}

// doubleLeaking watches the context only while it waits for a value.
func doubleLeaking(ctx context.Context, in <-chan int, out chan<- int) {
	for {
		select {
		case v := <-in:
			out <- 2 * v
		case <-ctx.Done():
			return
		}
	}
}

// double watches the context wherever it waits.
func double(ctx context.Context, in <-chan int, out chan<- int) {
	for {
		select {
		case v := <-in:
			select {
			case out <- 2 * v:
			case <-ctx.Done():
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// receiveAny receives from whichever channel is ready and returns its index.
func receiveAny(channels []chan int) (index, v int) {
	cases := make([]reflect.SelectCase, len(channels))
	for i, c := range channels {
		cases[i] = reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(c)}
	}
	index, value, _ := reflect.Select(cases)
	return index, int(value.Int())
}

//go:noinline
func receivePlain(c []chan int) int { return <-c[0] }

//go:noinline
func receive1(c []chan int) int {
	//lint:ignore S1000 the single case is the subject
	select {
	case v := <-c[0]:
		return v
	}
}

//go:noinline
func receive2(c []chan int) int {
	select {
	case v := <-c[0]:
		return v
	case v := <-c[1]:
		return v
	}
}

//go:noinline
func receive4(c []chan int) int {
	select {
	case v := <-c[0]:
		return v
	case v := <-c[1]:
		return v
	case v := <-c[2]:
		return v
	case v := <-c[3]:
		return v
	}
}

//go:noinline
func receive8(c []chan int) int {
	select {
	case v := <-c[0]:
		return v
	case v := <-c[1]:
		return v
	case v := <-c[2]:
		return v
	case v := <-c[3]:
		return v
	case v := <-c[4]:
		return v
	case v := <-c[5]:
		return v
	case v := <-c[6]:
		return v
	case v := <-c[7]:
		return v
	}
}

// receiveOr returns -1 if the first channel has no value.
//
//go:noinline
func receiveOr(c []chan int) int {
	select {
	case v := <-c[0]:
		return v
	default:
		return -1
	}
}
