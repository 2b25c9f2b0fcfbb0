package patterns

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
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
// 256 tasks, or 16 a worker if that is more, in 16 bytes each.
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
	unwatch func() bool // stops watching the context of the owner
	limit   int

	// The queue is a ring. Submit adds tasks at its tail under the lock, and
	// workers take them from its head without it. The padding keeps what one
	// side writes for each task out of the cache lines that the other side
	// reads for each task.
	slots []poolSlot

	_    [64]byte
	head atomic.Uint64 // position of the oldest task
	_    [64]byte

	lingering atomic.Int64  // workers that wait a moment for a task
	wakeAt    atomic.Uint64 // head at which callers of Submit that wait for room are woken
	_         [64]byte

	mu       sync.Mutex
	tail     uint64    // position of the next task
	room     sync.Cond // signalled when half of the queue is free
	workers  int       // goroutines that run tasks
	idle     sync.Cond // signalled when the last worker ends
	closed   bool
	err      error // the first error, nil while the pool runs
	panicked bool  // err is a *poolPanic
}

// poolNever is a position that is never reached.
const poolNever = math.MaxUint64

// A poolSlot holds the task of one position, then that of the position one
// round of the ring later, and so on.
type poolSlot struct {
	turn atomic.Uint64 // position to be written, or position+1 to be read
	task func(context.Context) error
}

// NewPool returns a pool of at most workers goroutines, or GOMAXPROCS if
// workers is not positive. Tasks get a context derived from ctx. It is
// cancelled by the first error or panic, and when Wait returns. Cancelling ctx
// stops the pool. The caller must call [Pool.Wait].
func NewPool(ctx context.Context, workers int) *Pool {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	size := 256
	for size < 16*workers {
		size *= 2 // a power of two, so that a mask makes an index of a position
	}
	p := &Pool{limit: workers, slots: make([]poolSlot, size)}
	for i := range p.slots {
		p.slots[i].turn.Store(uint64(i))
	}
	p.wakeAt.Store(poolNever)
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
	slot := p.slot(p.tail)
	for slot.turn.Load() != p.tail && p.err == nil {
		// Waking costs more than a short task: let half of the queue go first.
		p.wakeAt.Store(p.tail - uint64(len(p.slots)/2))
		if slot.turn.Load() != p.tail { // otherwise a worker may not have seen wakeAt
			p.room.Wait()
			slot = p.slot(p.tail)
		}
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
	slot.task = task
	p.tail++
	slot.turn.Store(p.tail)
	start := p.workers < p.limit && int64(p.tail-p.head.Load()) > p.lingering.Load()
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

func (p *Pool) slot(position uint64) *poolSlot {
	return &p.slots[position&uint64(len(p.slots)-1)]
}

// work runs tasks until none is left. A task that panics or exits its
// goroutine ends the worker and stops the pool.
func (p *Pool) work() {
	left := false
	defer func() {
		if left {
			return
		}
		if value := recover(); value != nil {
			p.stop(&poolPanic{value, debug.Stack()}, true)
		} else {
			p.stop(errors.New("pool task called runtime.Goexit"), false)
		}
		p.leave()
	}()
	for {
		if p.ctx.Err() != nil {
			p.stop(context.Cause(p.ctx), false)
			left = p.leave()
			return
		}
		task := p.take()
		if task == nil {
			if left = p.linger(); left {
				return
			}
			continue
		}
		if p.head.Load() >= p.wakeAt.Load() {
			p.mu.Lock()
			p.wakeAt.Store(poolNever)
			p.room.Broadcast()
			p.mu.Unlock()
		}
		if err := task(p.ctx); err != nil {
			p.stop(err, false)
		}
	}
}

// take removes the oldest task from the queue, or returns nil. Taking several
// at once would be cheaper, but then a task could wait behind a slow one while
// other workers are free.
func (p *Pool) take() func(context.Context) error {
	for {
		head := p.head.Load()
		slot := p.slot(head)
		if slot.turn.Load() != head+1 {
			if p.head.Load() == head {
				return nil
			}
		} else if p.head.CompareAndSwap(head, head+1) {
			task := slot.task
			slot.task = nil
			slot.turn.Store(head + uint64(len(p.slots)))
			return task
		}
	}
}

// linger waits a moment for a task, because starting a goroutine costs more
// than yielding to others a few times. It does not look after each yield: then
// it would find one task at a time, and what both sides touch would move between
// processors for each of them. It reports whether the worker has left the pool.
func (p *Pool) linger() (left bool) {
	p.lingering.Add(1)
	for range 4 {
		for range 8 {
			runtime.Gosched()
		}
		if head := p.head.Load(); p.slot(head).turn.Load() != head {
			break
		}
	}
	// Under the lock, or the next Submit could count on a worker that is about
	// to leave.
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lingering.Add(-1)
	return p.tail == p.head.Load() && p.leaveLocked()
}

func (p *Pool) leave() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.leaveLocked()
}

func (p *Pool) leaveLocked() bool {
	if p.workers--; p.workers == 0 {
		p.idle.Broadcast()
	}
	return true
}

// stop records why the pool stops, and wakes the callers that wait for room.
// The first reason counts, but a panic is never hidden by an error.
func (p *Pool) stop(err error, panicked bool) {
	p.mu.Lock()
	if p.err == nil || panicked && !p.panicked {
		p.err, p.panicked = err, panicked
	}
	p.room.Broadcast()
	p.mu.Unlock()
	p.cancel(err)
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
