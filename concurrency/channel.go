package concurrency

import "context"

// A channel is a queue with a fixed number of places, a lock, and two lists of
// goroutines that wait: to send and to receive. Here are the small uses of it
// that the tests and benchmarks of channels look at.

// chanMutex is a mutex made of a channel with one place. Its zero value cannot
// be used.
type chanMutex chan struct{}

func newChanMutex() chanMutex { return make(chanMutex, 1) }

func (m chanMutex) lock()   { m <- struct{}{} }
func (m chanMutex) unlock() { <-m }

func (m chanMutex) tryLock() bool {
	select {
	case m <- struct{}{}:
		return true
	default:
		return false
	}
}

// lockContext is what [sync.Mutex] does not have: a way out of waiting.
func (m chanMutex) lockContext(ctx context.Context) error {
	select {
	case m <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// chanFuture starts f and returns a channel with room for its result, so that
// the goroutine ends even if nobody receives.
func chanFuture[T any](f func() T) <-chan T {
	result := make(chan T, 1)
	go func() { result <- f() }()
	return result
}

// chanPromise is a result that any number of goroutines can wait for. The close
// of ready publishes value, which is never written again.
type chanPromise[T any] struct {
	ready chan struct{}
	value T
}

func newChanPromise[T any](f func() T) *chanPromise[T] {
	p := &chanPromise[T]{ready: make(chan struct{})}
	go func() {
		defer close(p.ready)
		p.value = f()
	}()
	return p
}

func (p *chanPromise[T]) wait() T {
	<-p.ready
	return p.value
}

// chanRequest carries the channel that its reply is wanted on.
type chanRequest struct {
	n     int
	reply chan<- int
}

// runChanCounter owns a number: nobody else can reach it, so it needs no lock.
// It adds up what the requests bring and returns when they are closed.
func runChanCounter(requests <-chan chanRequest) {
	total := 0
	for r := range requests {
		total += r.n
		r.reply <- total
	}
}

// sendCount sends the numbers from 0 to n-1 and closes the channel.
func sendCount(c chan<- int, n int) {
	for i := range n {
		c <- i
	}
	close(c)
}

// sumThrough adds up the numbers from 0 to n-1, which another goroutine sends
// through a channel with the given capacity.
func sumThrough(n, capacity int) (sum int) {
	c := make(chan int, capacity)
	go sendCount(c, n)
	for v := range c {
		sum += v
	}
	return sum
}

// sumThroughBatches does the same with a slice of up to size numbers at a time.
func sumThroughBatches(n, size int) (sum int) {
	c := make(chan []int)
	go func() {
		for first := 0; first < n; first += size {
			batch := make([]int, 0, size)
			for i := first; i < min(first+size, n); i++ {
				batch = append(batch, i)
			}
			c <- batch // and never touched again
		}
		close(c)
	}()
	for batch := range c {
		for _, v := range batch {
			sum += v
		}
	}
	return sum
}
