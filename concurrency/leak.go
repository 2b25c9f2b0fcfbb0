package concurrency

import (
	"context"
	"errors"
	"sync"
	"time"
)

// A goroutine leaks when nothing will ever wake it. Each function here leaks or
// not depending on what it is called with, so the proofs show both.

// lookupUntil returns what slow returns, or the error of ctx if that ends first.
// The search goes on in its goroutine: if reply has no room, it waits for ever
// for a receiver that has gone.
func lookupUntil(ctx context.Context, reply chan string, slow func() string) (string, error) {
	go func() { reply <- slow() }()
	select {
	case s := <-reply:
		return s, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// firstFailure runs all tasks and returns at the first error. The others still
// have to send theirs.
func firstFailure(errs chan error, tasks ...func() error) error {
	for _, task := range tasks {
		go func() { errs <- task() }()
	}
	for range tasks {
		if err := <-errs; err != nil {
			return err
		}
	}
	return nil
}

// countUp sends 0, 1, 2 and so on until stop is closed.
func countUp(stop <-chan struct{}) <-chan int {
	c := make(chan int)
	go func() {
		defer close(c)
		for i := 0; ; i++ {
			select {
			case c <- i:
			case <-stop:
				return
			}
		}
	}()
	return c
}

// startLeakWorkers starts n workers that run the jobs until the channel is
// closed.
func startLeakWorkers(n int, jobs <-chan func()) {
	for range n {
		go leakWorker(jobs)
	}
}

func leakWorker(jobs <-chan func()) {
	for job := range jobs {
		job()
	}
}

// hitCounter forgets to unlock on one of its paths.
type hitCounter struct {
	mu   sync.Mutex
	hits map[string]int
}

var errNoPage = errors.New("no page")

func (h *hitCounter) hitLeaking(page string) error {
	h.mu.Lock()
	if page == "" {
		return errNoPage
	}
	h.hits[page]++
	h.mu.Unlock()
	return nil
}

func (h *hitCounter) hit(page string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if page == "" {
		return errNoPage
	}
	h.hits[page]++
	return nil
}

// startPolling calls poll at each interval until stop is called. Stop returns when
// the goroutine has ended, and may be called more than once, but not by poll.
func startPolling(interval time.Duration, poll func()) (stop func()) {
	ask, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(interval)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				poll()
			case <-ask:
				return
			}
		}
	}()
	return sync.OnceFunc(func() {
		close(ask)
		<-ended
	})
}
