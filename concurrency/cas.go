package concurrency

import (
	"math"
	"runtime"
	"sync"
	"sync/atomic"
)

// CompareAndSwap(old, new) stores new if the variable still holds old, and tells
// whether it has. All other lock-free code is a loop around it: load, compute,
// try to replace, start again if somebody was faster. Here are such loops, and
// data structures that show where they go wrong.

// casMax raises n to v if v is larger. It returns the number of attempts.
func casMax(n *atomic.Int64, v int64, beforeSwap func()) (attempts int) {
	for {
		attempts++
		old := n.Load()
		if v <= old {
			return attempts
		}
		beforeSwap()
		if n.CompareAndSwap(old, v) {
			return attempts
		}
	}
}

// casTake takes one of the tickets that are left, and reports whether there was
// one.
func casTake(left *atomic.Int64) bool {
	for {
		old := left.Load()
		if old == 0 {
			return false
		}
		if left.CompareAndSwap(old, old-1) {
			return true
		}
	}
}

// add adds v and returns the sum. It compares bits, not numbers: NaN differs
// from itself, so a comparison of numbers would never succeed.
func (f *atomicFloat) add(v float64) float64 {
	for {
		old := f.bits.Load()
		sum := math.Float64frombits(old) + v
		if f.bits.CompareAndSwap(old, math.Float64bits(sum)) {
			return sum
		}
	}
}

// casPair is two uint32 in one word, so that both change in one step.
type casPair struct{ word atomic.Uint64 }

func (p *casPair) load() (a, b uint32) {
	w := p.word.Load()
	return uint32(w >> 32), uint32(w)
}

func (p *casPair) replace(oldA, oldB, newA, newB uint32) bool {
	return p.word.CompareAndSwap(uint64(oldA)<<32|uint64(oldB), uint64(newA)<<32|uint64(newB))
}

// casStack is a lock-free stack, known as the Treiber stack. It is safe for
// concurrent use as long as every push makes a new node.
type casStack[T any] struct{ head atomic.Pointer[casNode[T]] }

type casNode[T any] struct {
	value T
	next  *casNode[T]
}

func (s *casStack[T]) push(v T) { s.pushNode(&casNode[T]{value: v}) }

func (s *casStack[T]) pushNode(n *casNode[T]) {
	for {
		n.next = s.head.Load()
		if s.head.CompareAndSwap(n.next, n) {
			return
		}
	}
}

func (s *casStack[T]) pop() (v T, ok bool) {
	n := s.popNode(func() {})
	if n == nil {
		return v, false
	}
	return n.value, true
}

// popNode calls beforeSwap when it has decided what to replace by what: there
// another goroutine can come between.
func (s *casStack[T]) popNode(beforeSwap func()) *casNode[T] {
	for {
		n := s.head.Load()
		if n == nil {
			return nil
		}
		next := n.next
		beforeSwap()
		if s.head.CompareAndSwap(n, next) {
			return n
		}
	}
}

// lockedStack is its rival.
type lockedStack[T any] struct {
	mu    sync.Mutex
	items []T
}

func (s *lockedStack[T]) push(v T) {
	s.mu.Lock()
	s.items = append(s.items, v)
	s.mu.Unlock()
}

func (s *lockedStack[T]) pop() (v T, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.items) == 0 {
		return v, false
	}
	last := len(s.items) - 1
	v = s.items[last]
	s.items = s.items[:last]
	return v, true
}

// slotList is a free list of the slots of a fixed array, the usual base of pools
// without allocation. A slot is named by its index, and its index comes back:
// that is ABA. With tagged set, the head also counts the changes. The head holds
// the index plus 1 in the low half, 0 for none, and the count in the high half.
type slotList struct {
	head   atomic.Uint64
	next   [4]atomic.Uint32
	tagged bool
}

func (l *slotList) replaceHead(old uint64, slot uint32) bool {
	head := uint64(slot)
	if l.tagged {
		head |= (old>>32 + 1) << 32
	}
	return l.head.CompareAndSwap(old, head)
}

func (l *slotList) put(slot uint32) {
	for {
		old := l.head.Load()
		l.next[slot-1].Store(uint32(old))
		if l.replaceHead(old, slot) {
			return
		}
	}
}

func (l *slotList) get(beforeSwap func()) (slot uint32, attempts int) {
	for {
		attempts++
		old := l.head.Load()
		if uint32(old) == 0 {
			return 0, attempts
		}
		next := l.next[uint32(old)-1].Load()
		beforeSwap()
		if l.replaceHead(old, next) {
			return uint32(old), attempts
		}
	}
}

// spinLock is a lock that waits by trying. It shows what sync.Mutex does better.
type spinLock struct {
	held  atomic.Bool
	tries atomic.Int64 // in vain
}

func (l *spinLock) lock() {
	for !l.held.CompareAndSwap(false, true) {
		l.tries.Add(1)
		runtime.Gosched() // without it the holder may have to wait for preemption
	}
}

func (l *spinLock) unlock() { l.held.Store(false) }
