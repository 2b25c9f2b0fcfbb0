package patterns

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// A Pipeline owns the goroutines of stages that are connected by channels:
// sources, workers, filters, batches and sinks. It is the answer to the two
// usual defects of a pipeline: a stage that waits for ever because nobody
// receives, and an error or panic that nobody sees. Create it with
// [NewPipeline], add stages with the functions named Pipeline…, receive from the
// last channel, and call [Pipeline.Wait] or [Pipeline.Stop].
//
// Stages may be added by several goroutines at once, and by stages, but not
// once Wait or Stop has returned. Wait and Stop may be called more than once, but
// not by a stage, which would wait for itself.
//
// # Guarantees
//
//   - Every stage closes the channel it returns when it ends, for whatever
//     reason. A range over the last channel always ends.
//   - The first error, panic or cancellation ends all stages. Wait and Stop
//     return that error, or panic in the caller with an error that prints the
//     panic and its stack, and unwraps to the value of the panic if that is an
//     error. A stage that calls runtime.Goexit has failed with an error.
//   - If Wait returns nil and Stop was not called, every value has gone through
//     all stages.
//   - When Wait or Stop returns, no goroutine of the pipeline remains.
//   - The channels have no buffer: a slow stage slows the source down, and a
//     stage holds one value for each of its workers.
//
// # Cost
//
// A goroutine for each worker of each stage, and for each value and stage a
// handover between goroutines, which is many times the cost of a function call.
// It allocates nothing for a value, except the slices of [PipelineBatch].
//
// # When not to use it
//
// If stages do not wait for anything, compose iterators or call the functions in
// one loop. If only one stage is slow, [ForEachSeq] or [MapOrdered] is enough. For
// a few goroutines and one error, use errgroup. Cancellation cannot interrupt a
// function that ignores its context; the pipeline then waits for it.
type Pipeline struct {
	ctx      context.Context
	cancel   context.CancelCauseFunc
	stages   sync.WaitGroup
	failed   atomic.Bool // the cause of ctx ended a stage early
	panicked atomic.Pointer[pipelinePanic]
}

// errPipelineStopped is the cause of a cancellation by Stop: no failure.
var errPipelineStopped = errors.New("pipeline was stopped")

// NewPipeline returns a pipeline without stages. Cancelling ctx stops it. The
// caller must call [Pipeline.Wait] or [Pipeline.Stop].
func NewPipeline(ctx context.Context) *Pipeline {
	p := new(Pipeline)
	p.ctx, p.cancel = context.WithCancelCause(ctx)
	return p
}

// Wait waits until all stages have ended, and returns the error or cause of
// cancellation that ended one of them early. If a stage panicked, it panics.
// Channels that nobody else receives from must be drained before; to give up
// early, call [Pipeline.Stop].
func (p *Pipeline) Wait() error {
	p.stages.Wait()
	cause := context.Cause(p.ctx)
	p.cancel(errPipelineStopped)
	if panicked := p.panicked.Load(); panicked != nil {
		panic(panicked)
	}
	if p.failed.Load() && cause != errPipelineStopped {
		return cause
	}
	return nil
}

// Stop cancels all stages and waits for them like [Pipeline.Wait]. It returns
// what failed before the call; errors that the cancellation itself brings about are
// not reported, panics are. After Wait it changes nothing, so it can be deferred.
func (p *Pipeline) Stop() error {
	p.cancel(errPipelineStopped)
	return p.Wait()
}

// Go adds a stage of any kind, such as a source that can fail or a sink. It runs
// until it returns; the channels it sends to must be closed by it. Its context is
// that of the pipeline, and each send needs a select with ctx.Done.
func (p *Pipeline) Go(stage func(ctx context.Context) error) {
	pipelineStart(p, 1, func() {}, stage)
}

// pipelineStart runs n goroutines of one stage and calls done after the last.
func pipelineStart(p *Pipeline, n int, done func(), stage func(ctx context.Context) error) {
	running := new(atomic.Int64)
	running.Store(int64(n))
	for range n {
		p.stages.Go(func() {
			// Deferred first, so done runs after the failure is recorded.
			defer func() {
				if running.Add(-1) == 0 {
					done()
				}
			}()
			returned := false
			defer func() {
				if value := recover(); value != nil {
					panicked := &pipelinePanic{value, debug.Stack()}
					p.panicked.CompareAndSwap(nil, panicked)
					p.fail(panicked)
				} else if !returned {
					p.fail(errors.New("pipeline stage called runtime.Goexit"))
				}
			}()
			if err := stage(p.ctx); err != nil {
				p.fail(err)
			}
			returned = true
		})
	}
}

// fail ends the pipeline. Of several reasons the first one is kept as the cause
// of the context.
func (p *Pipeline) fail(err error) {
	p.cancel(err)
	p.failed.Store(true)
}

// pipelineSend sends v unless the pipeline ends.
func pipelineSend[T any](ctx context.Context, out chan<- T, v T) error {
	select {
	case out <- v:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// pipelineEach calls f for every value of in. It returns nil if in was closed.
func pipelineEach[T any](ctx context.Context, in <-chan T, f func(T) error) error {
	for {
		select {
		case v, open := <-in:
			if !open {
				return nil
			}
			if err := f(v); err != nil {
				return err
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// PipelineOrDone ranges over in until it is closed or ctx is cancelled. It is
// for the loops of [Pipeline.Go], and starts no goroutine. A value that is ready at
// the time of the cancellation may or may not be yielded.
func PipelineOrDone[T any](ctx context.Context, in <-chan T) iter.Seq[T] {
	return func(yield func(T) bool) {
		for {
			select {
			case v, open := <-in:
				if !open || !yield(v) {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
}

// PipelineGenerate sends the values of seq. The iterator runs in a goroutine of
// the pipeline, is advanced when the last value has been received, and is left when
// the pipeline ends.
func PipelineGenerate[T any](p *Pipeline, seq iter.Seq[T]) <-chan T {
	out := make(chan T)
	pipelineStart(p, 1, func() { close(out) }, func(ctx context.Context) error {
		for v := range seq {
			if err := pipelineSend(ctx, out, v); err != nil {
				return err
			}
		}
		return nil
	})
	return out
}

// PipelineMap sends f(v) for every value of in. It calls f in workers goroutines,
// or GOMAXPROCS if workers is not positive; with more than one, results come in
// the order in which they are ready. An error ends the pipeline.
func PipelineMap[T, R any](p *Pipeline, workers int, in <-chan T, f func(ctx context.Context, v T) (R, error)) <-chan R {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	out := make(chan R)
	pipelineStart(p, workers, func() { close(out) }, func(ctx context.Context) error {
		return pipelineEach(ctx, in, func(v T) error {
			result, err := f(ctx, v)
			if err != nil {
				return err
			}
			return pipelineSend(ctx, out, result)
		})
	})
	return out
}

// PipelineFilter sends the values of in for which keep returns true, in order.
func PipelineFilter[T any](p *Pipeline, in <-chan T, keep func(T) bool) <-chan T {
	out := make(chan T)
	pipelineStart(p, 1, func() { close(out) }, func(ctx context.Context) error {
		return pipelineEach(ctx, in, func(v T) error {
			if !keep(v) {
				return nil
			}
			return pipelineSend(ctx, out, v)
		})
	})
	return out
}

// PipelineBatch sends the values of in as slices of size values, at least 1. If
// maxWait is positive, a smaller batch is sent when its first value has waited so
// long; the end of in sends what is left. The receiver owns the slices. While the
// receiver is busy, in is not read.
func PipelineBatch[T any](p *Pipeline, in <-chan T, size int, maxWait time.Duration) <-chan []T {
	size = max(size, 1)
	out := make(chan []T)
	pipelineStart(p, 1, func() { close(out) }, func(ctx context.Context) error {
		var batch []T
		var room int             // what the last batch needed
		var due <-chan time.Time // nil while the batch is empty
		send := func() error {
			full := batch
			batch, room, due = nil, len(full), nil
			return pipelineSend(ctx, out, full)
		}
		for {
			var err error
			select {
			case v, open := <-in:
				if !open && batch == nil {
					return nil
				}
				if !open {
					return send()
				}
				if batch == nil {
					batch = make([]T, 0, room)
					if maxWait > 0 {
						due = time.After(maxWait)
					}
				}
				if batch = append(batch, v); len(batch) == size {
					err = send()
				}
			case <-due:
				err = send()
			case <-ctx.Done():
				err = context.Cause(ctx)
			}
			if err != nil {
				return err
			}
		}
	})
	return out
}

// PipelineMerge sends the values of all inputs as they come. Values of one input
// keep their order.
func PipelineMerge[T any](p *Pipeline, inputs ...<-chan T) <-chan T {
	out := make(chan T)
	if len(inputs) == 0 {
		close(out)
	}
	var next atomic.Int64
	pipelineStart(p, len(inputs), func() { close(out) }, func(ctx context.Context) error {
		return pipelineEach(ctx, inputs[next.Add(1)-1], func(v T) error { return pipelineSend(ctx, out, v) })
	})
	return out
}

// PipelineTee sends every value of in to both channels, and takes the next one
// when both have been received: the slower receiver sets the pace, and both must
// receive. The values are not copied.
func PipelineTee[T any](p *Pipeline, in <-chan T) (_, _ <-chan T) {
	one, other := make(chan T), make(chan T)
	pipelineStart(p, 1, func() { close(one); close(other) }, func(ctx context.Context) error {
		return pipelineEach(ctx, in, func(v T) error {
			select {
			case one <- v:
				return pipelineSend(ctx, other, v)
			case other <- v:
				return pipelineSend(ctx, one, v)
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		})
	})
	return one, other
}

// PipelineBridge sends the values of the first channel it receives until that is
// closed, then those of the next one: a channel of channels becomes one channel.
func PipelineBridge[T any](p *Pipeline, channels <-chan (<-chan T)) <-chan T {
	out := make(chan T)
	pipelineStart(p, 1, func() { close(out) }, func(ctx context.Context) error {
		return pipelineEach(ctx, channels, func(in <-chan T) error {
			return pipelineEach(ctx, in, func(v T) error { return pipelineSend(ctx, out, v) })
		})
	})
	return out
}

// A pipelinePanic carries the panic of a stage to the caller of Wait.
type pipelinePanic struct {
	value any
	stack []byte
}

func (p *pipelinePanic) Error() string {
	return fmt.Sprintf("pipeline stage panicked: %v\n\n%s", p.value, p.stack)
}

func (p *pipelinePanic) Unwrap() error {
	err, _ := p.value.(error)
	return err
}
