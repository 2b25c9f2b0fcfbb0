package concurrency

import (
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
)

// A go statement starts a call and gives nothing back: no handle, no id, no
// result and no way to stop it. Whoever needs one of these builds it, usually
// from a channel. Here is what the proofs about goroutines run.

// taskOutcome is how a task ended. At most one of the fields is set.
type taskOutcome[T any] struct {
	value T
	err   error
}

// taskPanic is the panic of a task as an error, with the stack where it
// happened: a panic that is raised again elsewhere would show another one.
type taskPanic struct {
	value any
	stack []byte
}

func (p *taskPanic) Error() string { return fmt.Sprintf("task panicked: %v", p.value) }

var errTaskGoexit = errors.New("task called runtime.Goexit")

// startTask runs f in a goroutine and delivers its outcome, whatever it is. The
// channel has room for it, so nobody has to receive.
func startTask[T any](f func() (T, error)) <-chan taskOutcome[T] {
	done := make(chan taskOutcome[T], 1)
	go func() {
		out := taskOutcome[T]{err: errTaskGoexit}
		defer func() {
			if r := recover(); r != nil {
				out.err = &taskPanic{r, debug.Stack()}
			}
			done <- out
		}()
		value, err := f()
		out = taskOutcome[T]{value, err}
	}()
	return done
}

// doneInGoroutine is the smallest useful goroutine: it says that it has run.
//
//go:noinline
func doneInGoroutine() { goroutineCostGroup.Done() }

//go:noinline
func doneWithArgument(wg *sync.WaitGroup) { wg.Done() }

var goroutineCostGroup sync.WaitGroup

// sumInLoop, sumPerNumber and sumInParts add the same numbers.
func sumInLoop(numbers []int64) (sum int64) {
	for _, n := range numbers {
		sum += n
	}
	return sum
}

// sumPerNumber starts a goroutine for each addition.
func sumPerNumber(numbers []int64) (sum int64) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, n := range numbers {
		wg.Go(func() {
			mu.Lock()
			sum += n
			mu.Unlock()
		})
	}
	wg.Wait()
	return sum
}

// sumInParts starts a goroutine for each of a few parts.
func sumInParts(numbers []int64, parts int) (sum int64) {
	sums := make([]int64, parts)
	var wg sync.WaitGroup
	for i := range parts {
		wg.Go(func() {
			sums[i] = sumInLoop(numbers[i*len(numbers)/parts : (i+1)*len(numbers)/parts])
		})
	}
	wg.Wait()
	return sumInLoop(sums)
}
