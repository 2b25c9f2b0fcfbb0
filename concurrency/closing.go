package concurrency

import "sync"

// Close says that no more values come. It is a statement of the sending side,
// made once, after the last send. Here are the ways to keep that rule when
// several goroutines send, when the receiver is the one that wants to stop, and
// when nobody knows who comes last.

// gather runs all senders at once and returns the channel of their values. What
// closes it is none of them, but a goroutine that waits until all have returned.
func gather[T any](senders ...func(c chan<- T)) <-chan T {
	c := make(chan T)
	var running sync.WaitGroup
	for _, send := range senders {
		running.Go(func() { send(c) })
	}
	go func() {
		running.Wait()
		close(c)
	}()
	return c
}

// stopSignal is a channel that any number of goroutines may close, any number of
// times. Nobody sends on it.
type stopSignal struct {
	once sync.Once
	done chan struct{}
}

func newStopSignal() *stopSignal { return &stopSignal{done: make(chan struct{})} }

func (s *stopSignal) stop() { s.once.Do(func() { close(s.done) }) }

// sendUntil sends 0, 1, 2 and so on until done is closed, and returns how many
// it has sent.
func sendUntil(done <-chan struct{}, c chan<- int) (sent int) {
	for {
		select {
		case c <- sent:
			sent++
		case <-done:
			return sent
		}
	}
}

// openQueue is a channel that any goroutine may send to and any may close, at
// any time. A send after the close reports false.
type openQueue[T any] struct {
	values  chan T
	stop    *stopSignal
	senders sync.RWMutex // held for reading during a send
	once    sync.Once
}

func newOpenQueue[T any](capacity int) *openQueue[T] {
	return &openQueue[T]{values: make(chan T, capacity), stop: newStopSignal()}
}

func (q *openQueue[T]) send(v T) bool {
	q.senders.RLock()
	defer q.senders.RUnlock()
	select {
	case <-q.stop.done: // values may be closed: the select below could choose the send and panic
		return false
	default:
	}
	select {
	case q.values <- v:
		return true
	case <-q.stop.done:
		return false
	}
}

// close first sends waiting senders home and then closes the values, when no
// sender is left and no new one gets to the send.
func (q *openQueue[T]) close() {
	q.stop.stop()
	q.senders.Lock()
	defer q.senders.Unlock()
	q.once.Do(func() { close(q.values) })
}

// pulse wakes all its waiters again and again. A channel can be closed once
// only, so each pulse replaces it.
type pulse struct {
	mu   sync.Mutex
	next chan struct{}
}

func newPulse() *pulse { return &pulse{next: make(chan struct{})} }

func (p *pulse) wait() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.next
}

func (p *pulse) broadcast() {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.next)
	p.next = make(chan struct{})
}

// lineSource sends its lines and closes the channel. How it ended is in err,
// which may be read after the close only.
type lineSource struct {
	lines chan string
	err   error
}

func newLineSource(read func(emit func(string)) error) *lineSource {
	s := &lineSource{lines: make(chan string)}
	go func() {
		defer close(s.lines)
		s.err = read(func(line string) { s.lines <- line })
	}()
	return s
}
