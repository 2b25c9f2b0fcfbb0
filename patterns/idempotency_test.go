package patterns

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// An idempotencyBank counts payments. Each takes a second.
type idempotencyBank struct {
	payments atomic.Int64
	down     atomic.Bool
}

var errIdempotencyDown = errors.New("bank is down")

func (b *idempotencyBank) pay(ctx context.Context) (string, error) {
	select {
	case <-time.After(time.Second):
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	if b.down.Load() {
		return "", errIdempotencyDown
	}
	return fmt.Sprint("receipt ", b.payments.Add(1)), nil
}

// idempotencyTogether calls do in n goroutines.
func idempotencyTogether(n int, do func(i int)) {
	var clients sync.WaitGroup
	for i := range n {
		clients.Go(func() { do(i) })
	}
	clients.Wait()
}

// The client sends a key of its own with the request and sends the same key
// when it tries again. The server executes a key once, lets requests with the
// same key wait during that time, and answers later ones with the stored
// result. Here ten requests at once and ten later make one payment and get one
// receipt. After the TTL the key counts as new, so the TTL must be longer than
// any client tries, often a day.
//
//claim:ask How do you make a payment request safe to send again?
//claim:source https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
func TestIdempotencyOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var bank idempotencyBank
		s := NewIdempotency[int, string](24 * time.Hour)
		var own atomic.Int64
		send := func(int) {
			receipt, replayed, err := s.Do(t.Context(), "order 1", 100, bank.pay)
			if receipt != "receipt 1" || err != nil {
				t.Errorf("got %q, %v", receipt, err)
			}
			if !replayed {
				own.Add(1)
			}
		}
		idempotencyTogether(10, send)
		time.Sleep(23 * time.Hour)
		idempotencyTogether(10, send)
		if n := bank.payments.Load(); n != 1 || own.Load() != 1 {
			t.Errorf("%d payments, %d callers were the first", n, own.Load())
		}
		time.Sleep(time.Hour)
		if receipt, replayed, err := s.Do(t.Context(), "order 1", 100, bank.pay); receipt != "receipt 2" || replayed || err != nil {
			t.Errorf("after the TTL: %q, %t, %v", receipt, replayed, err)
		}
	})
}

// A set of seen keys is not enough. If the key is added after the execution,
// two requests at once both execute. If it is added before, an execution that
// fails is never repeated, and the second request has no result to return. The
// key needs three states: unknown, running, done with its result; and a failure
// takes it back to unknown.
//
//claim:ask Why is a set of processed request IDs not enough to process a request exactly once?
//claim:source https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
func TestIdempotencySeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// The set, with the mark after or before.
		payments := func(before bool, pay func(context.Context) (string, error)) (failed int64) {
			var mu sync.Mutex
			var failures atomic.Int64
			seen := make(map[string]bool)
			idempotencyTogether(2, func(i int) {
				time.Sleep(time.Duration(i) * time.Second / 2)
				mu.Lock()
				was := seen["order 1"]
				seen["order 1"] = was || before
				mu.Unlock()
				if was {
					return
				}
				if _, err := pay(t.Context()); err != nil {
					failures.Add(1)
					return
				}
				mu.Lock()
				seen["order 1"] = true
				mu.Unlock()
			})
			return failures.Load()
		}
		var bank idempotencyBank
		payments(false, bank.pay)
		if n := bank.payments.Load(); n != 2 {
			t.Errorf("marked after: %d payments, want the double one", n)
		}
		bank.payments.Store(0)
		bank.down.Store(true)
		failed := payments(true, bank.pay)
		if n := bank.payments.Load(); n != 0 || failed != 1 {
			t.Errorf("marked before: %d payments, %d failed, want the lost one", n, failed)
		}

		s := NewIdempotency[int, string](time.Hour)
		idempotencyTogether(2, func(i int) {
			time.Sleep(time.Duration(i) * time.Second / 2)
			_, _, err := s.Do(t.Context(), "order 1", 100, bank.pay)
			if i == 0 && err != errIdempotencyDown || i == 1 && err != nil {
				t.Errorf("client %d: %v", i, err)
			}
			bank.down.Store(false) // after the first has failed
		})
		if n := bank.payments.Load(); n != 1 {
			t.Errorf("%d payments, want 1", n)
		}
	})
}

// A known key with a different body must be refused. It is a bug of the client,
// and both other answers are wrong: to execute, because the key may be a retry,
// and to return the stored result, because it is that of another payment. So
// the key is stored with the request or a hash of it, and compared, also while
// the first one is running.
//
//claim:ask What should a server do with a known idempotency key and a different body?
//claim:source https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
func TestIdempotencyMismatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var bank idempotencyBank
		s := NewIdempotency[int, string](time.Hour)
		idempotencyTogether(2, func(i int) {
			time.Sleep(time.Duration(i) * time.Second / 2)
			start := time.Now()
			_, _, err := s.Do(t.Context(), "order 1", 100+i, bank.pay)
			if i == 1 && (err != ErrIdempotencyMismatch || time.Since(start) != 0) {
				t.Errorf("during the execution: %v after %v", err, time.Since(start))
			}
		})
		if _, _, err := s.Do(t.Context(), "order 1", 101, bank.pay); err != ErrIdempotencyMismatch {
			t.Errorf("after the execution: %v", err)
		}
		if _, replayed, err := s.Do(t.Context(), "order 1", 100, bank.pay); !replayed || err != nil {
			t.Errorf("the same request: %t, %v", replayed, err)
		}
		if n := bank.payments.Load(); n != 1 {
			t.Errorf("%d payments", n)
		}
	})
}

// A waiting retry must take over the execution. A client that hangs up cancels
// its request; if the execution obeys that, it fails with the cancellation of
// the first client, which is no answer for the second. So waiting callers do
// not get that error, but one of them executes, and the others wait for it.
// Here three clients get one payment. If the operation must not be interrupted
// at all, detach it from the request with context.WithoutCancel.
//
//claim:ask The client hangs up during the execution and a retry is already waiting. What should the retry get?
//claim:source https://pkg.go.dev/net/http#Request.Context
func TestIdempotencyFaultTakeOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var bank idempotencyBank
		s := NewIdempotency[int, string](time.Hour)
		idempotencyTogether(4, func(i int) {
			time.Sleep(time.Duration(i) * time.Second / 10)
			ctx, hangUp := context.WithTimeout(t.Context(), 10*time.Second)
			if i == 0 {
				ctx, hangUp = context.WithTimeout(t.Context(), time.Second/2)
			}
			defer hangUp()
			receipt, replayed, err := s.Do(ctx, "order 1", 100, bank.pay)
			if i == 0 && err != context.DeadlineExceeded || i > 0 && (receipt != "receipt 1" || err != nil) {
				t.Errorf("client %d got %q, %t, %v", i, receipt, replayed, err)
			}
		})
		if n := bank.payments.Load(); n != 1 {
			t.Errorf("%d payments", n)
		}

		// A waiting client that hangs up disturbs nobody.
		idempotencyTogether(2, func(i int) {
			ctx, hangUp := context.WithTimeout(t.Context(), time.Duration(2-i)*time.Second*3/4)
			defer hangUp()
			time.Sleep(time.Duration(i))
			_, _, err := s.Do(ctx, "order 2", 100, bank.pay)
			if i == 0 && err != nil || i == 1 && err != context.DeadlineExceeded {
				t.Errorf("client %d: %v", i, err)
			}
		})
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, _, err := s.Do(ctx, "order 3", 100, bank.pay); err != context.Canceled {
			t.Errorf("cancelled before: %v", err)
		}
		if n := s.Len(); n != 2 {
			t.Errorf("%d keys", n)
		}
	})
}

// A panic and a Goexit are failures: the caller has its panic, and the key is
// free.
func TestIdempotencyFaultPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewIdempotency[int, string](time.Hour)
		var executions atomic.Int64
		pay := func(context.Context) (string, error) {
			n := executions.Add(1)
			time.Sleep(time.Second)
			switch n {
			case 1:
				panic("broken")
			case 2:
				runtime.Goexit()
			}
			return "receipt", nil
		}
		var panics, receipts atomic.Int64
		idempotencyTogether(5, func(int) {
			defer func() {
				if p := recover(); p == "broken" {
					panics.Add(1)
				} else if p != nil {
					t.Errorf("recovered %v", p)
				}
			}()
			if receipt, _, err := s.Do(t.Context(), "order 1", 100, pay); receipt == "receipt" && err == nil {
				receipts.Add(1)
			}
		})
		if executions.Load() != 3 || panics.Load() != 1 || receipts.Load() != 3 {
			t.Errorf("%d executions, %d panics, %d receipts", executions.Load(), panics.Load(), receipts.Load())
		}
	})
}

// A request of an interface type that cannot be compared panics, and leaves
// nothing locked.
func TestIdempotencyFaultRequest(t *testing.T) {
	s := NewIdempotency[any, int](time.Hour)
	pay := func(context.Context) (int, error) { return 1, nil }
	s.Do(t.Context(), "k", []int{1}, pay)
	func() {
		defer func() {
			if _, ok := recover().(runtime.Error); !ok {
				t.Error("no panic")
			}
		}()
		s.Do(t.Context(), "k", []int{1}, pay)
	}()
	if _, _, err := s.Do(t.Context(), "k", 5, pay); err != ErrIdempotencyMismatch {
		t.Errorf("got %v", err)
	}
}

// An idempotency store keeps refusals, not failures. "Card refused" is the
// outcome: a retry with the same key must get it again, so it belongs into the
// result. "Bank not reachable" says nothing about the payment: it is an error,
// which is not stored, and the retry executes.
//
//claim:ask Should an idempotency store keep errors, too?
//claim:source https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
func TestIdempotencyErrors(t *testing.T) {
	type outcome struct{ refused bool }
	s := NewIdempotency[int, outcome](time.Hour)
	executions := 0
	pay := func(context.Context) (outcome, error) {
		if executions++; executions <= 2 {
			return outcome{}, errIdempotencyDown
		}
		return outcome{refused: true}, nil
	}
	for i := range 5 {
		result, replayed, err := s.Do(t.Context(), "order 1", 100, pay)
		if i < 2 && err != errIdempotencyDown || i >= 2 && (!result.refused || replayed != (i > 2) || err != nil) {
			t.Errorf("try %d: %+v, %t, %v", i, result, replayed, err)
		}
	}
	if executions != 3 {
		t.Errorf("%d executions", executions)
	}
}

// Expired keys leave as others are executed, running ones never.
func TestIdempotencyMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewIdempotency[int, int](100 * time.Millisecond)
		var slow sync.WaitGroup
		slow.Go(func() {
			s.Do(t.Context(), "slow", 1, func(context.Context) (int, error) {
				time.Sleep(time.Hour)
				return 1, nil
			})
		})
		most := 0
		for i := range 1000 {
			s.Do(t.Context(), fmt.Sprint(i), 1, func(context.Context) (int, error) { return i, nil })
			most = max(most, s.Len())
			time.Sleep(time.Millisecond)
		}
		if most > 210 || len(s.order) != len(s.entries) || s.entries["slow"] == nil {
			t.Errorf("up to %d keys, 100 of them alive", most)
		}
		slow.Wait()

		for _, ttl := range []time.Duration{0, math.MaxInt64} {
			s := NewIdempotency[int, int](ttl)
			executions := 0
			for range 3 {
				s.Do(t.Context(), "k", 1, func(context.Context) (int, error) { executions++; return 1, nil })
				time.Sleep(time.Hour)
			}
			if want := map[bool]int{true: 1, false: 3}[ttl > 0]; executions != want {
				t.Errorf("TTL %v: %d executions, want %d", ttl, executions, want)
			}
		}
	})
}

func TestIdempotencyConcurrent(t *testing.T) {
	s := NewIdempotency[int, int](time.Hour)
	var executions [50]atomic.Int64
	idempotencyTogether(4, func(int) {
		for i := range 500 {
			key := i % len(executions)
			v, _, err := s.Do(t.Context(), fmt.Sprint(key), key, func(context.Context) (int, error) {
				executions[key].Add(1)
				runtime.Gosched()
				return key, nil
			})
			if v != key || err != nil {
				t.Errorf("key %d: %d, %v", key, v, err)
			}
		}
	})
	for key := range executions {
		if n := executions[key].Load(); n != 1 {
			t.Errorf("key %d was executed %d times", key, n)
		}
	}
}

// Answering from the store takes one lookup under a mutex and no allocation.
// Hashing a body of 4 KiB to compare it takes longer than that, more than 2
// times here; compare the fields that matter, if they are few and comparable.
//
//claim:ask What does it cost to answer a repeated request from the idempotency store?
//claim:expect allocs/op of=fields == 0
//claim:expect allocs/op of=hash == 0
//claim:expect ns/op of=hash > 2x of=fields
//claim:source https://pkg.go.dev/crypto/sha256#Sum256
func BenchmarkIdempotencyReplay(b *testing.B) {
	type payment struct {
		account string
		amount  int
	}
	ctx := context.Background()
	fields := NewIdempotency[payment, int](time.Hour)
	pay := func(context.Context) (int, error) { return 42, nil }
	b.Run("of=fields", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if v, _, err := fields.Do(ctx, "order", payment{"account", 100}, pay); v != 42 || err != nil {
				b.Fatal(v, err)
			}
		}
	})
	hashes := NewIdempotency[[sha256.Size]byte, int](time.Hour)
	body := make([]byte, 4096)
	b.Run("of=hash", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if v, _, err := hashes.Do(ctx, "order", sha256.Sum256(body), pay); v != 42 || err != nil {
				b.Fatal(v, err)
			}
		}
	})
}
