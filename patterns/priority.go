package patterns

import (
	"context"
	"iter"
)

// Prioritize returns an iterator over the values of two channels that takes a
// value from low only if high has none. A select cannot do that, because it
// chooses at random among the cases that are ready. The priority is strict: as
// long as high has values, low gets nothing. [PrioritizeWeighted] avoids that.
//
// The iteration ends when both channels are closed and empty, or when ctx is
// done, which the caller sees by ctx.Err. A nil channel counts as closed.
//
// # Guarantees
//
//   - If a value of high is ready when the loop asks for the next value, it
//     comes before every value of low. Nothing is promised about values that
//     become ready while the loop waits: the first one ends the wait.
//   - The values of one channel keep their order.
//   - If ctx is done when the loop asks for the next value, none is taken.
//   - A value is taken only when the loop asks for it, so break loses none, and
//     another loop over the same iterator goes on with the rest.
//   - All code runs in the goroutine of the loop: a panic of its body is an
//     ordinary one. Several goroutines may loop over the iterator, and share
//     the values.
//
// # Cost
//
// No goroutine, no allocation for each value. A value of high costs one attempt
// to receive, a value of low a failed attempt and a select with three cases.
//
// # When not to use it
//
// If there are more than two levels or priorities are numbers: keep a heap
// (container/heap) behind a mutex. If work of high must not wait for work of
// low that has begun: give each channel workers of its own. If only the end
// matters, such as a quit channel: check ctx.Err before the select.
func Prioritize[T any](ctx context.Context, high, low <-chan T) iter.Seq[T] {
	return PrioritizeWeighted(ctx, 0, high, low)
}

// PrioritizeWeighted is [Prioritize] without starvation: a value of low that is
// ready waits for at most weight values of high. So low gets one value in
// weight+1 if both channels always have values, and high gets all that low
// leaves. A weight that is not positive means strict priority.
func PrioritizeWeighted[T any](ctx context.Context, weight int, high, low <-chan T) iter.Seq[T] {
	return func(yield func(T) bool) {
		high, low := high, low
		inRow := 0 // values of high since the last one of low
		for (high != nil || low != nil) && ctx.Err() == nil {
			fromLow := weight > 0 && inRow >= weight
			preferred := high
			if fromLow {
				preferred = low
			}
			var value T
			var ok bool
			select {
			case value, ok = <-preferred:
			default:
				// Wait for both, whichever was preferred.
				select {
				case value, ok = <-high:
					fromLow = false
				case value, ok = <-low:
					fromLow = true
				case <-ctx.Done():
					return
				}
			}
			switch {
			case !ok && fromLow:
				low = nil // a nil channel is never ready
			case !ok:
				high = nil
			case !yield(value):
				return
			case fromLow:
				inRow = 0
			case inRow < weight:
				inRow++
			}
		}
	}
}
