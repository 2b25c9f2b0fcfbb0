package patterns

import (
	"context"
	"time"
)

// Every calls f each interval until ctx is done or f returns an error. The
// first call comes after one interval. It is the loop around time.Ticker with
// nothing forgotten: it ends, the ticker is stopped, and calls never overlap.
//
// # Guarantees
//
//   - One call at a time. If f takes longer than the interval, one tick waits
//     for it and starts the next call at once. Further ticks are dropped, so
//     there is neither overlap nor a burst afterwards.
//   - Calls that are shorter than the interval start at its multiples: the time
//     that f takes does not shift them.
//   - The result is the error of f, or the cause of ctx. A cancellation that
//     comes together with a tick wins.
//   - f runs in the goroutine of the caller: a panic passes through, and
//     nothing is left when Every returns.
//
// # Cost
//
// One ticker. No goroutine, and no allocation for each call.
//
// # When not to use it
//
// If missed calls must be made up for, keep a count of what is due. For times
// of day ("every night at two"), use a cron library, because this knows
// durations only. If many processes run the same job, add a random delay before
// Every, or all of them hit the database at once.
func Every(ctx context.Context, interval time.Duration, f func(ctx context.Context) error) error {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			if ctx.Err() != nil { // select takes either if both are ready
				return context.Cause(ctx)
			}
			if err := f(ctx); err != nil {
				return err
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
