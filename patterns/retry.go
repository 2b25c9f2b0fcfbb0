package patterns

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// A RetryPolicy says how [Retry] repeats a call. The zero value makes up to three
// attempts with the delays of RetryBackoff(100*time.Millisecond, 10*time.Second).
// A policy may be used by many goroutines at the same time.
type RetryPolicy struct {
	// Attempts is the largest number of calls, with the first one. If it is not
	// positive, it is 3.
	Attempts int

	// Delay returns how long to wait before the nth retry, counted from 1. It
	// must be safe for concurrent use.
	Delay func(n int) time.Duration

	// Retryable reports whether to retry after an error. If it is nil, every
	// error is worth a retry, unless it is marked by [RetryPermanent].
	Retryable func(error) bool

	// Budget limits retries for all calls that share it. Nil means no limit.
	Budget *RetryBudget

	// OnRetry is called before the wait for the nth retry, for example to log.
	OnRetry func(n int, err error, delay time.Duration)
}

// ErrRetryBudget is wrapped by the error of [Retry] if the budget is used up.
var ErrRetryBudget = errors.New("retry budget is used up")

// Retry calls f until it succeeds, the attempts are used up, or there is a reason
// to stop, and returns the results of the last call. It bridges short faults of
// services, and does it such that a service in trouble is not flooded.
//
// It may be called concurrently, and f runs in the goroutine of the caller. Retry
// only what may happen twice: a call that has failed may have had its effect.
//
// # Guarantees
//
//   - The delays grow exponentially up to a cap, and are spread at random from
//     zero on (full jitter), unless the policy has other ones.
//   - It stops at once if the error is permanent, if ctx is done, if the delay
//     would go beyond the deadline of ctx, or if the budget is used up.
//   - If all attempts have failed, the error wraps the last one. If ctx is the
//     reason to stop, it wraps the cause too, or context.DeadlineExceeded; if the
//     budget is, [ErrRetryBudget]. An error that is not retryable is returned as
//     it is, with its mark, so that a Retry further out stops as well.
//   - If ctx is done at first, f is not called, and the error is the cause.
//   - A panic of f goes on at once.
//
// # Cost
//
// If the first attempt succeeds: a check of the context, and an atomic operation
// on the budget. No allocation. A wait takes a timer; a delay of zero none. There
// is no goroutine.
//
// # When not to use it
//
// Where a layer below retries already: attempts multiply. For calls that are not
// idempotent. If the other side is down for minutes, add a circuit breaker around
// f, and let its error be permanent. Use github.com/cenkalti/backoff for its
// tickers, and github.com/failsafe-go/failsafe-go to combine policies.
func Retry[T any](ctx context.Context, policy RetryPolicy, f func(context.Context) (T, error)) (result T, err error) {
	if ctx.Err() != nil {
		return result, context.Cause(ctx)
	}
	policy.Budget.deposit()
	for attempt := 1; ; attempt++ {
		result, err = f(ctx)
		if err == nil {
			return result, nil
		}
		if err = policy.wait(ctx, attempt, err); err != nil {
			return result, err
		}
	}
}

// wait returns nil when the next attempt is due, and otherwise what Retry returns.
func (p *RetryPolicy) wait(ctx context.Context, attempt int, err error) error {
	mark, marked := errors.AsType[*retryMark](err)
	if marked && mark.permanent || p.Retryable != nil && !p.Retryable(err) {
		return err
	}
	stop := func(reason error) error {
		return fmt.Errorf("retry: %w after %d attempts, the last one: %w", reason, attempt, err)
	}
	switch limit := p.Attempts; {
	case limit <= 0 && attempt >= 3, limit > 0 && attempt >= limit:
		return fmt.Errorf("retry: %d attempts failed, the last one: %w", attempt, err)
	case ctx.Err() != nil:
		return stop(context.Cause(ctx))
	}

	var delay time.Duration
	if p.Delay != nil {
		delay = max(p.Delay(attempt), 0)
	} else {
		delay = retryDelay(100*time.Millisecond, 10*time.Second, attempt)
	}
	if marked {
		// What the other side asks for, and the jitter on top of it: it has asked
		// others for the same.
		delay += min(max(mark.after, 0), math.MaxInt64-delay)
	}
	if deadline, ok := ctx.Deadline(); ok && delay > time.Until(deadline) {
		return stop(context.DeadlineExceeded)
	}
	if !p.Budget.withdraw() {
		return stop(ErrRetryBudget)
	}
	if p.OnRetry != nil {
		p.OnRetry(attempt, err, delay)
	}
	if delay == 0 {
		return nil
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return stop(context.Cause(ctx))
	}
}

// RetryBackoff returns delays for a [RetryPolicy]: before the nth retry, a random
// time from zero up to base, doubled n-1 times but not beyond longest.
func RetryBackoff(base, longest time.Duration) func(n int) time.Duration {
	return func(n int) time.Duration { return retryDelay(base, longest, n) }
}

func retryDelay(base, longest time.Duration, n int) time.Duration {
	if base <= 0 || longest <= 0 {
		return 0
	}
	bound := longest
	if doublings := max(n-1, 0); doublings < 63 && base <= longest>>doublings {
		bound = base << doublings
	}
	return rand.N(bound)
}

// RetryPermanent marks an error that no retry can help against, such as bad
// input. The mark leaves the text as it is, and unwraps to err. Nil stays nil.
func RetryPermanent(err error) error {
	if err == nil {
		return nil
	}
	return &retryMark{err: err, permanent: true}
}

// RetryAfter marks an error with the time that the other side wants to be left
// alone, such as the header Retry-After says. [Retry] waits that long and adds its
// own delay. Only the deadline of the context limits it. Nil stays nil.
func RetryAfter(err error, after time.Duration) error {
	if err == nil {
		return nil
	}
	return &retryMark{err: err, after: after}
}

type retryMark struct {
	err       error
	after     time.Duration
	permanent bool
}

func (m *retryMark) Error() string { return m.err.Error() }
func (m *retryMark) Unwrap() error { return m.err }

// A RetryBudget limits retries to a share of all calls. If many calls fail, their
// retries would multiply the load on a service that is overloaded already; with
// a budget of 0.1 they add a tenth to it. Share one for all calls to a service. All
// methods may be called concurrently.
type RetryBudget struct {
	most, deposits int64 // in units of a millionth of a retry
	tokens         atomic.Int64
}

const retryUnit = 1_000_000

// NewRetryBudget returns a budget for n calls of at most reserve + share*n
// retries, whatever n is. The reserve serves programs that make few calls. Values
// below zero mean zero, and a share above 1 means 1.
func NewRetryBudget(share float64, reserve int) *RetryBudget {
	b := &RetryBudget{most: min(max(int64(reserve), 0), 1e12) * retryUnit}
	if share > 0 {
		b.deposits = int64(min(share, 1) * retryUnit)
	}
	b.tokens.Store(b.most)
	b.most = max(b.most, retryUnit)
	return b
}

// deposit adds the share of a call.
func (b *RetryBudget) deposit() {
	if b == nil || b.deposits == 0 {
		return
	}
	for {
		old := b.tokens.Load()
		if old == b.most || b.tokens.CompareAndSwap(old, min(old+b.deposits, b.most)) {
			return
		}
	}
}

// withdraw takes a retry, if there is one.
func (b *RetryBudget) withdraw() bool {
	if b == nil {
		return true
	}
	for {
		old := b.tokens.Load()
		if old < retryUnit {
			return false
		}
		if b.tokens.CompareAndSwap(old, old-retryUnit) {
			return true
		}
	}
}
