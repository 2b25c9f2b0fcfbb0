package patterns

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
)

// ErrPoolClosed is returned by [Pool.Submit] once [Pool.Wait] has returned.
var ErrPoolClosed = errors.New("pool is closed")

// A Pool runs tasks on a limited number of goroutines: submit many, then wait
// for all. It is the answer to "start a goroutine for each item" when items
// are many and each of them uses memory, a connection or a core. Create it
// with [NewPool].
//
// All methods may be called by several goroutines at once.
//
// # Guarantees
//
//   - At most the given number of tasks run at a time, started in the order
//     of their submission. No task waits while a worker is free.
//   - When the queue is full, Submit blocks until half of it is free, so a fast
//     producer cannot fill the memory. It returns as soon as the pool stops.
//   - The first error, panic or cancellation stops the pool: the context of
//     the running tasks is cancelled, and queued tasks are not started. Wait
//     then returns that error, or panics with that panic, in the caller. A
//     panic is never hidden by an error. If Wait returns nil, every task that
//     Submit accepted has run and returned nil.
//   - Once Wait returns, no task runs, and no goroutine of the pool remains.
//
// # Cost
//
// Submit takes constant time and allocates nothing but what the caller's
// closure needs. Goroutines exist only while there is work: the first tasks
// start them, and they end when the queue stays empty. The queue has room for
// 16 tasks a worker, at least 64.
//
// # When not to use it
//
// For a slice or an iterator that is at hand, [ForEach] and [Map] need no
// closure for each item. For a few long tasks, errgroup.Group with SetLimit
// is enough. A task must not submit to its own pool: with a full queue all
// workers would wait for each other. A server that runs independent jobs
// should handle their errors inside the task, because an error stops the pool.
type Pool struct {
	ctx     context.Context
	cancel  context.CancelCauseFunc
	limit   int
	unwatch func() bool // stops watching the context of the owner

	mu        sync.Mutex
	queue     []func(context.Context) error // a ring of tasks, len is its capacity
	head      int                           // index of the oldest task
	size      int                           // number of tasks in queue
	workers   int                           // goroutines that run tasks
	lingering int                           // those of them that wait a moment for a task
	blocked   int                           // callers of Submit that wait for room
	room      sync.Cond                     // signalled when half of the queue is free
	idle      sync.Cond                     // signalled when the last worker ends
	closed    bool
	err       error // the first error, nil while the pool runs
	panicked  bool  // err is a *poolPanic
}

// NewPool returns a pool of at most workers goroutines, or GOMAXPROCS if
// workers is not positive. Tasks get a context derived from ctx. It is
// cancelled by the first error or panic, and when Wait returns. Cancelling ctx
// stops the pool. The caller must call [Pool.Wait].
func NewPool(ctx context.Context, workers int) *Pool {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	p := &Pool{limit: workers, queue: make([]func(context.Context) error, max(64, 16*workers))}
	p.room.L = &p.mu
	p.idle.L = &p.mu
	p.ctx, p.cancel = context.WithCancelCause(ctx)
	cancelled := func() { p.stop(context.Cause(ctx), false) }
	if ctx.Err() != nil {
		cancelled() // AfterFunc would do it a moment later
	}
	p.unwatch = context.AfterFunc(ctx, cancelled)
	return p
}

// Submit queues task, and waits for room if the queue is full. It returns nil
// if the task was queued, the reason if the pool has stopped, and
// [ErrPoolClosed] after Wait.
func (p *Pool) Submit(task func(context.Context) error) error {
	if task == nil {
		panic("patterns: Submit of a nil task")
	}
	p.mu.Lock()
	for p.size == len(p.queue) && p.err == nil {
		p.blocked++
		p.room.Wait()
		p.blocked--
	}
	if p.closed || p.err != nil || p.ctx.Err() != nil {
		defer p.mu.Unlock()
		switch {
		case p.closed:
			return ErrPoolClosed
		case p.err != nil:
			return p.err
		}
		return context.Cause(p.ctx)
	}
	tail := p.head + p.size
	if tail >= len(p.queue) {
		tail -= len(p.queue)
	}
	p.queue[tail] = task
	p.size++
	start := p.workers < p.limit && p.size > p.lingering
	if start {
		p.workers++
	}
	p.mu.Unlock()
	if start {
		go p.work()
	}
	return nil
}

// Wait waits until all submitted tasks have ended, closes the pool, and
// returns the first error or the cause of the cancellation that stopped it. If
// a task panicked, Wait panics with an error that prints the task's panic and
// stack, and unwraps to the value of the panic if that is an error.
func (p *Pool) Wait() error {
	p.mu.Lock()
	for p.workers > 0 {
		p.idle.Wait()
	}
	p.closed = true
	err, panicked := p.err, p.panicked
	p.mu.Unlock()
	p.unwatch()
	p.cancel(err)
	if panicked {
		panic(err)
	}
	return err
}

// work runs tasks until none is left. A task that panics or exits its
// goroutine ends the worker and stops the pool.
func (p *Pool) work() {
	returned := false
	defer func() {
		if value := recover(); value != nil {
			p.stop(&poolPanic{value, debug.Stack()}, true)
		} else if !returned {
			p.stop(errors.New("pool task called runtime.Goexit"), false)
		}
		p.mu.Lock()
		p.workers--
		if p.workers == 0 {
			p.idle.Broadcast()
		}
		p.mu.Unlock()
	}()
	for task := p.next(); task != nil; task = p.next() {
		if err := task(p.ctx); err != nil {
			p.stop(err, false)
		}
	}
	returned = true
}

// next removes the oldest task from the queue, or returns nil to end the
// worker. Taking several at once would be cheaper, but then a task could wait
// behind a slow one while other workers are free.
func (p *Pool) next() func(context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	// Starting a goroutine costs more than yielding to the producer a few
	// times, so a worker does not end the moment it finds the queue empty.
	for try := 0; p.size == 0 && p.err == nil && try < 16; try++ {
		p.lingering++
		p.mu.Unlock()
		runtime.Gosched()
		p.mu.Lock()
		p.lingering--
	}
	if p.size > 0 && p.ctx.Err() != nil {
		p.stopLocked(context.Cause(p.ctx), false) // AfterFunc may come later
	}
	if p.size == 0 {
		return nil
	}
	task := p.queue[p.head]
	p.queue[p.head] = nil
	if p.head++; p.head == len(p.queue) {
		p.head = 0
	}
	p.size--
	// Waking a caller costs more than a short task: let it fill half a queue.
	if p.blocked > 0 && p.size <= len(p.queue)/2 {
		p.room.Broadcast()
	}
	return task
}

// stop records why the pool stops, drops what is queued and wakes the callers
// that wait for room. The first reason counts, but a panic is never hidden by
// an error.
func (p *Pool) stop(err error, panicked bool) {
	p.mu.Lock()
	p.stopLocked(err, panicked)
	p.mu.Unlock()
	p.cancel(err)
}

func (p *Pool) stopLocked(err error, panicked bool) {
	if p.err == nil || panicked && !p.panicked {
		p.err, p.panicked = err, panicked
	}
	clear(p.queue)
	p.size = 0
	p.room.Broadcast()
}

// A poolPanic carries the panic of a task to the caller of Wait.
type poolPanic struct {
	value any
	stack []byte
}

func (p *poolPanic) Error() string {
	return fmt.Sprintf("pool task panicked: %v\n\n%s", p.value, p.stack)
}

func (p *poolPanic) Unwrap() error {
	err, _ := p.value.(error)
	return err
}
