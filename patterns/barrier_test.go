package patterns

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// Count the arrivals under a lock, and let all but the last wait on a channel
// that the last one closes. Here nobody enters a round before everybody has
// left the one before, in a thousand rounds.
//
//claim:ask How do you implement a barrier, so that no goroutine goes on before all have arrived?
//claim:source https://go.dev/ref/mem#chan
func TestBarrierRounds(t *testing.T) {
	const parties, rounds = 4, 1000
	barrier := NewBarrier(parties)
	var arrived [rounds]atomic.Int64
	var wg sync.WaitGroup
	for range parties {
		wg.Go(func() {
			for round := range rounds {
				arrived[round].Add(1)
				if err := barrier.Wait(t.Context()); err != nil {
					t.Error(err)
					return
				}
				if got := arrived[round].Load(); got != parties {
					t.Errorf("passed round %d after %d arrivals", round, got)
				}
			}
		})
	}
	wg.Wait()
}

// If one party never comes, all others wait for ever. So a barrier must be
// breakable: here one party gives up after a second, and the others get an
// error at once, as do all that come later.
//
//claim:ask What happens to the others at a barrier if one goroutine never arrives?
//claim:source https://pkg.go.dev/context
func TestBarrierFaultPartyGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		barrier := NewBarrier(4) // one of them never comes
		impatient, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		errs := make(chan error, 3)
		start := time.Now()
		for _, ctx := range []context.Context{t.Context(), t.Context(), impatient} {
			go func() { errs <- barrier.Wait(ctx) }()
		}
		var broken, deadline int
		for range 3 {
			switch err := <-errs; err {
			case ErrBarrierBroken:
				broken++
			case context.DeadlineExceeded:
				deadline++
			default:
				t.Errorf("error %v", err)
			}
		}
		if broken != 2 || deadline != 1 || time.Since(start) != time.Second {
			t.Errorf("%d broken, %d by deadline, after %v", broken, deadline, time.Since(start))
		}
		if err := barrier.Wait(t.Context()); err != ErrBarrierBroken {
			t.Errorf("later: %v", err)
		}
	})
}

func TestBarrierFaultPanickingParty(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		barrier := NewBarrier(2)
		go func() {
			defer func() { _ = recover() }()
			defer barrier.Break()
			panic("broken")
		}()
		if err := barrier.Wait(t.Context()); err != ErrBarrierBroken {
			t.Errorf("error %v", err)
		}
		barrier.Break() // once more is harmless
	})
}

func TestBarrierFaultCancelledBefore(t *testing.T) {
	cause := errors.New("shutting down")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	if err := NewBarrier(2).Wait(ctx); err != cause {
		t.Errorf("error %v", err)
	}
	// The last party completes the round whatever its context says.
	if err := NewBarrier(1).Wait(ctx); err != nil {
		t.Errorf("alone: %v", err)
	}
}

func TestBarrierFaultNoParties(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	NewBarrier(0)
}

// A round of a barrier allocates one channel, whatever the number of parties.
//
//claim:ask What does a round of a barrier cost?
//claim:expect allocs/op == 1
//claim:source runtime/chan.go
func BenchmarkBarrier(b *testing.B) {
	barrier := NewBarrier(1)
	b.ReportAllocs()
	for b.Loop() {
		if err := barrier.Wait(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
