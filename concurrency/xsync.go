package concurrency

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"
	"golang.org/x/sync/singleflight"
)

// golang.org/x/sync has what package sync does not: goroutines that return
// errors, a semaphore with weights and a context, and one call for many
// callers.

// xsyncFetchAll fetches all names with at most limit goroutines and stops at
// the first error. The results are in the order of the names.
func xsyncFetchAll(ctx context.Context, names []string, limit int, fetch func(context.Context, string) (int, error)) ([]int, error) {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(limit)
	results := make([]int, len(names))
	for i, name := range names {
		group.Go(func() (err error) {
			results[i], err = fetch(ctx, name)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return results, nil
}

// xsyncCache loads each missing key once, however many callers ask for it.
type xsyncCache struct {
	calls  singleflight.Group
	mu     sync.Mutex
	values map[string]int
	load   func(context.Context, string) (int, error)
}

func (c *xsyncCache) peek(key string) (v int, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	v, ok = c.values[key]
	return v, ok
}

// get waits for the value as long as ctx allows. The load itself has the values
// of the first caller's context, and not its end.
func (c *xsyncCache) get(ctx context.Context, key string) (int, error) {
	if v, ok := c.peek(key); ok {
		return v, nil
	}
	result := c.calls.DoChan(key, func() (any, error) {
		v, err := c.load(context.WithoutCancel(ctx), key)
		if err != nil {
			return nil, err
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.values[key] = v
		return v, nil
	})
	select {
	case r := <-result:
		if r.Err != nil {
			return 0, r.Err
		}
		return r.Val.(int), nil
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
}

// xsyncSlots counts what runs at once, by a channel with room for as many.
type xsyncSlots chan struct{}

func (s xsyncSlots) acquire() { s <- struct{}{} }
func (s xsyncSlots) release() { <-s }

// xsyncReaders is a lock for many readers or one writer, made of a semaphore.
type xsyncReaders struct{ places *semaphore.Weighted }

const xsyncMaxReaders = 10

func newXsyncReaders() xsyncReaders {
	return xsyncReaders{semaphore.NewWeighted(xsyncMaxReaders)}
}

func (l xsyncReaders) read(ctx context.Context) error { return l.places.Acquire(ctx, 1) }
func (l xsyncReaders) readDone()                      { l.places.Release(1) }

func (l xsyncReaders) write(ctx context.Context) error {
	return l.places.Acquire(ctx, xsyncMaxReaders)
}
func (l xsyncReaders) writeDone() { l.places.Release(xsyncMaxReaders) }
