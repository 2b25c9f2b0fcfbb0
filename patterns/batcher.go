package patterns

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"
)

// ErrBatcherClosed is returned by [Batcher.Do] after [Batcher.Close].
var ErrBatcherClosed = errors.New("batcher is closed")

// A Batcher turns single calls that come at about the same time into one call for
// all of them: one query for a hundred keys, one write for many rows. Callers use Do
// as if it were the single call. Create it with [NewBatcher].
//
// All methods may be called by several goroutines at once.
//
// # Guarantees
//
//   - A batch starts when it has size calls, when its first call has waited for
//     delay, or when the batcher is closed. Batches may run side by side.
//   - Each caller of Do gets its own result and error.
//   - A caller whose context is cancelled leaves at once. Its call is taken out of a
//     batch that has not started. A running batch goes on for the others, and is
//     cancelled when all have left.
//   - If the function panics, Do panics in all callers that wait for this batch, with
//     an error that prints the panic and its stack and unwraps to the value of the
//     panic if that is an error; if none is left, Close does. If the function calls
//     runtime.Goexit, the callers get an error.
//   - When Close returns, every call has its result and no batch runs.
//
// # Cost
//
// An allocation for each call, and for each batch a goroutine, a timer and a context.
// No goroutine runs while there is nothing to do. A call that stays alone waits for
// the whole delay.
//
// # When not to use it
//
// If the caller has many keys at hand, make one call with all of them. If callers ask for
// the same key, share one call as singleflight does. If no caller needs an answer, a
// channel and [PipelineBatch] are enough.
type Batcher[T, R any] struct {
	ctx   context.Context
	size  int
	delay time.Duration
	f     func(ctx context.Context, calls []*BatchCall[T, R])

	running  sync.WaitGroup // batches that have been taken out of next
	mu       sync.Mutex
	next     *batcherBatch[T, R] // collects calls, or nil
	closed   bool
	panicked *batcherPanic // the first one that no caller was there for
}

// A BatchCall is one call in a batch. The function of the batcher reads Arg and sets
// Result or Err.
type BatchCall[T, R any] struct {
	Arg    T
	Result R
	Err    error
}

// NewBatcher returns a batcher that calls f with up to size calls, or any number if
// size is not positive. The context of f is derived from ctx; f must not keep the
// calls. The caller must call [Batcher.Close].
func NewBatcher[T, R any](ctx context.Context, size int, delay time.Duration, f func(ctx context.Context, calls []*BatchCall[T, R])) *Batcher[T, R] {
	return &Batcher[T, R]{ctx: ctx, size: size, delay: delay, f: f}
}

// Do adds a call to the next batch and waits for its result. It returns the cause if
// ctx is cancelled before, and [ErrBatcherClosed] after Close.
func (b *Batcher[T, R]) Do(ctx context.Context, arg T) (R, error) {
	if ctx.Err() != nil {
		return *new(R), context.Cause(ctx)
	}
	call := &BatchCall[T, R]{Arg: arg}
	batch := b.add(call)
	if batch == nil {
		return *new(R), ErrBatcherClosed
	}
	select {
	case <-batch.done:
	case <-ctx.Done():
		if b.leave(batch, call) {
			return *new(R), context.Cause(ctx)
		}
		<-batch.done
	}
	if batch.panicked != nil {
		panic(batch.panicked)
	}
	if batch.err != nil {
		return *new(R), batch.err
	}
	return call.Result, call.Err
}

// Close starts the batch that is being collected, and waits until all batches have
// ended. It must not be called by the function of the batcher.
func (b *Batcher[T, R]) Close() {
	b.mu.Lock()
	b.closed = true
	if batch := b.next; batch != nil {
		b.take(batch)
		go b.run(batch) // not here, where a Goexit would end the caller
	}
	b.mu.Unlock()
	b.running.Wait()
	b.mu.Lock()
	panicked := b.panicked
	b.panicked = nil
	b.mu.Unlock()
	if panicked != nil {
		panic(panicked)
	}
}

type batcherBatch[T, R any] struct {
	ctx    context.Context
	cancel context.CancelFunc
	timer  *time.Timer
	done   chan struct{} // closed after the last write to the fields below

	calls    []*BatchCall[T, R]
	waiting  int // callers that have not left
	ended    bool
	err      error
	panicked *batcherPanic
}

// add returns the batch that has got the call, or nil.
func (b *Batcher[T, R]) add(call *BatchCall[T, R]) *batcherBatch[T, R] {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil
	}
	batch := b.next
	if batch == nil {
		batch = &batcherBatch[T, R]{done: make(chan struct{})}
		batch.ctx, batch.cancel = context.WithCancel(b.ctx)
		batch.timer = time.AfterFunc(b.delay, func() { b.due(batch) })
		b.next = batch
	}
	batch.calls = append(batch.calls, call)
	batch.waiting++
	if len(batch.calls) == b.size {
		b.take(batch)
		go b.run(batch)
	}
	return batch
}

// take makes sure that batch runs once. The caller holds the lock, and runs it.
func (b *Batcher[T, R]) take(batch *batcherBatch[T, R]) {
	batch.timer.Stop()
	b.next = nil
	b.running.Add(1)
}

func (b *Batcher[T, R]) due(batch *batcherBatch[T, R]) {
	b.mu.Lock()
	mine := b.next == batch
	if mine {
		b.take(batch)
	}
	b.mu.Unlock()
	if mine {
		b.run(batch)
	}
}

// leave reports whether the caller may go. If the batch has just ended it may not,
// so that a panic never loses its last witness.
func (b *Batcher[T, R]) leave(batch *batcherBatch[T, R], call *BatchCall[T, R]) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if batch.ended {
		return false
	}
	batch.waiting--
	collecting := b.next == batch
	if collecting {
		i := slices.Index(batch.calls, call)
		batch.calls = slices.Delete(batch.calls, i, i+1)
	}
	if batch.waiting == 0 {
		batch.cancel()
		if collecting {
			batch.timer.Stop()
			b.next = nil
		}
	}
	return true
}

func (b *Batcher[T, R]) run(batch *batcherBatch[T, R]) {
	defer b.running.Done()
	returned := false
	defer func() {
		value := recover()
		b.mu.Lock()
		if value != nil {
			batch.panicked = &batcherPanic{value, debug.Stack()}
			if batch.waiting == 0 && b.panicked == nil {
				b.panicked = batch.panicked
			}
		} else if !returned {
			batch.err = errors.New("batcher function called runtime.Goexit")
		}
		batch.ended = true
		b.mu.Unlock()
		batch.cancel()
		close(batch.done)
	}()
	b.f(batch.ctx, batch.calls)
	returned = true
}

// A batcherPanic carries the panic of the function to the callers.
type batcherPanic struct {
	value any
	stack []byte
}

func (p *batcherPanic) Error() string {
	return fmt.Sprintf("batcher function panicked: %v\n\n%s", p.value, p.stack)
}

func (p *batcherPanic) Unwrap() error {
	err, _ := p.value.(error)
	return err
}
