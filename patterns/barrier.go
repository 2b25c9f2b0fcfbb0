package patterns

import (
	"context"
	"errors"
	"sync"
)

// ErrBarrierBroken is returned to the parties that wait at a [Barrier] when
// another one has given up.
var ErrBarrierBroken = errors.New("barrier is broken: a party gave up")

// A Barrier makes a fixed number of goroutines wait for each other, as often as
// they like: none begins step k+1 before all have ended step k. Create it with
// [NewBarrier].
//
// # Guarantees
//
//   - Wait returns nil to all parties of a round or to none of them.
//   - What each party did before its call of Wait happens before Wait returns
//     nil to any of them.
//   - If the context of a waiting party ends, that party gets the cause, and all
//     others of the round get [ErrBarrierBroken] instead of waiting for ever.
//     The barrier stays broken: the parties cannot agree on the step any more.
//   - No goroutine is started.
//
// # Cost
//
// One lock for each call, and one channel for each round.
//
// # When not to use it
//
// To wait for goroutines once, use sync.WaitGroup or ForEach for each step: then
// the number of goroutines can change from step to step. A party that ends
// without a call of [Barrier.Break] leaves the others waiting.
type Barrier struct {
	parties int

	mu      sync.Mutex
	waiting int
	round   chan struct{} // closed when the round is complete or broken
	broken  bool
}

// NewBarrier returns a barrier for the given number of goroutines. It panics
// if that is less than one.
func NewBarrier(parties int) *Barrier {
	if parties < 1 {
		panic("patterns: NewBarrier needs at least one party")
	}
	return &Barrier{parties: parties, round: make(chan struct{})}
}

// Wait waits until all parties have called it.
func (b *Barrier) Wait(ctx context.Context) error {
	b.mu.Lock()
	if b.broken {
		b.mu.Unlock()
		return ErrBarrierBroken
	}
	round := b.round
	if b.waiting++; b.waiting == b.parties {
		b.waiting, b.round = 0, make(chan struct{})
		close(round)
		b.mu.Unlock()
		return nil
	}
	b.mu.Unlock()

	select {
	case <-round:
	case <-ctx.Done():
	}

	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.round != round:
		return nil // complete, even if ctx has ended as well
	case b.broken:
		return ErrBarrierBroken
	}
	b.breakLocked()
	return context.Cause(ctx)
}

// Break frees all waiting parties with [ErrBarrierBroken], now and later. A
// party that cannot go on calls it, best in a deferred function.
func (b *Barrier) Break() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.breakLocked()
}

func (b *Barrier) breakLocked() {
	if !b.broken {
		b.broken = true
		close(b.round)
	}
}
