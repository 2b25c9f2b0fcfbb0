package errors

import (
	"errors"
	"fmt"
	"slices"
	"sync"
)

// Collector collects the errors of calls that run at the same time. The zero
// Collector keeps all of them and is ready to use, by any number of goroutines.
// It must not be copied after the first call.
//
// Unlike an errgroup, it keeps every error and stops nothing.
type Collector struct {
	// Limit is the number of errors that are kept, so that a thousand failures do not make
	// a text of a thousand lines. 0 keeps all. It must not be changed after the first call.
	Limit int

	mu    sync.Mutex
	kept  []collected // sorted by index
	total int
}

type collected struct {
	index int
	err   error
}

// Add adds the error of item number i; a nil error is ignored. The number gives
// the order in the result, so that it does not depend on which goroutine was
// faster; if there are more than Limit errors, those with the lowest numbers
// are kept. Add takes time proportional to the number of errors that are kept.
func (c *Collector) Add(i int, err error) {
	if err == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.total++
	at, _ := slices.BinarySearchFunc(c.kept, i, func(e collected, i int) int {
		if e.index <= i { // behind those with the same index
			return -1
		}
		return 1
	})
	if c.Limit > 0 && len(c.kept) == c.Limit {
		if at == c.Limit {
			return
		}
		c.kept = c.kept[:c.Limit-1]
	}
	c.kept = slices.Insert(c.kept, at, collected{i, err})
}

// Err returns nil if no error was added, the error itself if there was one, and
// otherwise the errors joined in the order of their numbers, followed by an
// error that counts those that were not kept. It may be called at any time, but
// only after all goroutines have ended does it tell the whole story.
func (c *Collector) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.total == 0 {
		return nil
	}
	if c.total == 1 {
		return c.kept[0].err
	}
	var all []error
	for _, e := range c.kept {
		all = append(all, e.err)
	}
	if more := c.total - len(c.kept); more > 0 {
		all = append(all, fmt.Errorf("and %d more", more))
	}
	return errors.Join(all...)
}
