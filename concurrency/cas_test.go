package concurrency

import (
	"math"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-deep-dive/godeep/internal/proof"
	"github.com/stretchr/testify/require"
)

// CompareAndSwap(old, new) is one atomic step: if the variable holds old, it
// stores new and returns true, else it changes nothing and returns false. A CAS
// loop loads the value, computes a new one from it and tries to replace it;
// false means that another goroutine has changed the value since, so it starts
// again from the Load. A maximum that nobody has raised meanwhile takes one
// attempt, and one more for each change that came between. The computation may
// run more than once, so it must have no side effects.
//
//claim:ask What is compare-and-swap, and how do you write a CAS loop?
//claim:source https://pkg.go.dev/sync/atomic#pkg-overview
func TestCASLoop(t *testing.T) {
	var n atomic.Int64
	nobody := func() {}
	require.Equal(t, 1, casMax(&n, 5, nobody))
	require.Equal(t, 1, casMax(&n, 3, nobody), "already larger")
	require.EqualValues(t, 5, n.Load())

	others := []int64{6, 7}
	require.Equal(t, 3, casMax(&n, 10, func() {
		if len(others) > 0 {
			n.Store(others[0])
			others = others[1:]
		}
	}))
	require.EqualValues(t, 10, n.Load())

	var all sync.WaitGroup
	for w := range 8 {
		all.Go(func() {
			for i := range 200 {
				casMax(&n, int64(i*8+w), nobody)
			}
		})
	}
	all.Wait()
	require.EqualValues(t, 199*8+7, n.Load())
}

// Inside the loop, each time. If the Load stands before the loop, one change by
// another goroutine makes every later attempt fail: the loop compares with a
// value that is gone and never ends, unless the value happens to come back. The
// old and the new value must come from the same Load, too: computing the new one
// from a second Load loses the update in between without any failure.
//
//claim:ask Does the Load of a CAS loop belong before the loop or inside it?
//claim:source https://pkg.go.dev/sync/atomic#Int64.CompareAndSwap
func TestCASReload(t *testing.T) {
	var n atomic.Int64
	stale := n.Load()
	n.Add(1) // another goroutine
	failures := 0
	for range 1000 {
		if n.CompareAndSwap(stale, stale+1) {
			break
		}
		failures++
	}
	require.Equal(t, 1000, failures)
	n.Add(-1)
	require.True(t, n.CompareAndSwap(stale, stale+1), "the value came back")

	n.Store(10)
	next := n.Load() + 1
	n.Add(1)        // another goroutine
	old := n.Load() // a second load
	require.True(t, n.CompareAndSwap(old, next))
	require.EqualValues(t, 11, n.Load(), "two increments of 10")
}

// Load what is left, give up at 0, and replace it by one less with
// CompareAndSwap, so that the check and the change are one step. Of 100
// goroutines exactly 30 get one of 30 tickets. The same loop serves every rule
// that Add does not know: saturate, stay below a limit, never become negative.
// The alternative is Add(-1) and, if the result is negative, Add(1), but then
// others can see the negative number.
//
//claim:ask How do goroutines take from a limited stock without a lock and without overselling?
//claim:source https://pkg.go.dev/sync/atomic#Int64.CompareAndSwap
func TestCASBounded(t *testing.T) {
	var left, got atomic.Int64
	left.Store(30)
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			if casTake(&left) {
				got.Add(1)
			}
		})
	}
	all.Wait()
	require.EqualValues(t, 30, got.Load())
	require.Zero(t, left.Load())
}

// Keep its bits in an atomic.Uint64 and loop: load the bits, convert, add,
// convert back, CompareAndSwap. Compare the bits and not the numbers: NaN is not
// equal to itself, so a comparison of numbers would never succeed once the sum
// is NaN, while equal bits always do. Floating-point addition depends on the
// order, so the last digits of such a sum can differ from run to run; sums of
// small whole numbers are exact.
//
//claim:ask How do several goroutines add to one float64 without a lock?
//claim:source https://pkg.go.dev/math#Float64bits
func TestCASFloat(t *testing.T) {
	var sum atomicFloat
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 100 {
				sum.add(0.5)
			}
		})
	}
	all.Wait()
	require.Equal(t, 400.0, sum.load())

	require.True(t, math.IsNaN(sum.add(math.NaN())))
	require.True(t, math.IsNaN(sum.add(1)), "ends, although NaN != NaN")

	x, y, z := 0.1, 0.2, 0.3
	require.NotEqual(t, (x+y)+z, x+(y+z), "depends on the order")
}

// No. In Go it returns false only if the variable did not hold the old value; it
// is the strong form that other languages offer beside a weak one, which may
// fail for no reason. So a single CompareAndSwap that nobody disturbs always
// succeeds, and only a computation from a loaded value needs a loop. False does
// not say what the value was: there is no form that returns it, load it again.
//
//claim:ask Can CompareAndSwap fail although the variable holds the expected value?
//claim:source https://pkg.go.dev/sync/atomic#pkg-overview
func TestCASStrong(t *testing.T) {
	var n atomic.Int64
	var small atomic.Uint32
	for i := range 10_000 {
		if !n.CompareAndSwap(int64(i), int64(i+1)) || !small.CompareAndSwap(uint32(i), uint32(i+1)) {
			t.Fatal("failed without a reason")
		}
	}
	require.False(t, n.CompareAndSwap(0, 1))
}

// For an atomic.Pointer it is the address: a pointer to an equal struct does not
// match. For an atomic.Value it is ==, so two equal structs match, two pointers
// match by address, and a type that cannot be compared panics. So a snapshot
// must be compared with the pointer that was loaded, not with a copy of what it
// points to.
//
//claim:ask What does CompareAndSwap compare: the pointer or what it points to?
//claim:source https://pkg.go.dev/sync/atomic#Value.CompareAndSwap
func TestCASIdentity(t *testing.T) {
	type limits struct{ low, high int }
	var p atomic.Pointer[limits]
	stored := &limits{1, 2}
	p.Store(stored)
	require.False(t, p.CompareAndSwap(&limits{1, 2}, nil), "equal, at another address")
	require.True(t, p.CompareAndSwap(stored, nil))

	var v atomic.Value
	v.Store(limits{1, 2})
	require.True(t, v.CompareAndSwap(limits{1, 2}, limits{3, 4}))
}

// Not directly: there is no operation on two words, and two CompareAndSwap calls
// are not one. Two values of 32 bits fit into an atomic.Uint64: shift and mask,
// and both change in one step or neither does. Anything larger goes into an
// immutable struct behind an atomic.Pointer, at the price of an allocation for
// each change, or under a mutex, which usually is the simplest.
//
//claim:ask How do you change two values in one atomic step?
//claim:source https://pkg.go.dev/sync/atomic#Uint64
func TestCASPair(t *testing.T) {
	const moves = 100
	var p casPair // a + b == moves
	require.True(t, p.replace(0, 0, moves, 0))
	require.False(t, p.replace(moves, 1, 0, 0), "one half differs")

	var all sync.WaitGroup
	for range moves / 10 {
		all.Go(func() {
			for range 10 {
				for {
					a, b := p.load()
					if a+b != moves {
						t.Errorf("half a change: %d, %d", a, b)
					}
					if p.replace(a, b, a-1, b+1) {
						break
					}
				}
			}
		})
	}
	all.Wait()
	a, b := p.load()
	require.Equal(t, []uint32{0, moves}, []uint32{a, b})

	if proof.RaceEnabled {
		return
	}
	var pointer atomic.Pointer[[2]int64]
	require.Equal(t, 1.0, testing.AllocsPerRun(10, func() { pointer.Store(&[2]int64{1, 2}) }))
}

// The head is an atomic.Pointer. Push makes a node that points to the current
// head and replaces the head by it with CompareAndSwap; Pop replaces the head by
// its next node; both start again if the head has changed. Every value that was
// pushed by any goroutine is popped exactly once. The node is immutable once it
// is published, so reading next is no race. A queue is harder, as two pointers
// must change. Len or "pop two together" would need more than one step, which is
// where a mutex is better.
//
//claim:ask How does a lock-free stack work?
//claim:source https://pkg.go.dev/sync/atomic#Pointer
func TestCASStack(t *testing.T) {
	var s casStack[int]
	const workers, each = 4, 250
	var seen [workers * each]atomic.Int32
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			for i := range each {
				s.push(w*each + i)
				if v, ok := s.pop(); ok {
					seen[v].Add(1)
				} else {
					t.Error("empty, although every pop follows a push")
				}
			}
		})
	}
	all.Wait()
	for i := range seen {
		require.EqualValues(t, 1, seen[i].Load(), i)
	}
	_, ok := s.pop()
	require.False(t, ok)

	s.push(1)
	s.push(2)
	v, _ := s.pop()
	require.Equal(t, 2, v, "last in, first out")
	s.pop()
}

// CompareAndSwap notices that a value is different, not that it was changed and
// changed back: A, B, A. A free list of slots shows it. Goroutine one wants to
// replace the head, slot 1, by its successor, slot 2, and is interrupted.
// Goroutine two takes slot 1 and slot 2 and gives back slot 1. The head is slot
// 1 again, so the CompareAndSwap of one succeeds and makes slot 2 the head,
// which is in use: it is handed out twice. The proof replays this order by hand;
// with real goroutines it is rare.
//
//claim:ask What is the ABA problem?
//claim:source https://pkg.go.dev/sync/atomic#pkg-overview
func TestABAProblem(t *testing.T) {
	var free slotList
	for _, slot := range []uint32{3, 2, 1} {
		free.put(slot)
	}
	inUse := make(map[uint32]bool)
	slot, attempts := free.get(func() { // goroutine two
		one, _ := free.get(func() {})
		two, _ := free.get(func() {})
		require.Equal(t, []uint32{1, 2}, []uint32{one, two})
		inUse[two] = true
		free.put(one)
	})
	require.EqualValues(t, 1, slot)
	require.Equal(t, 1, attempts, "the CompareAndSwap noticed nothing")
	again, _ := free.get(func() {})
	require.True(t, inUse[again], "handed out a second time")
}

// Count the changes: put a counter next to the value in the same word, and add 1
// with every CompareAndSwap. The value may come back, the pair does not, and the
// attempt fails as it should. With 32 bits the counter comes round after 2^32
// changes during one interruption, which is accepted in practice. In Go there is
// a second cure: a new immutable object for each change, compared by pointer, as
// long as objects are not reused.
//
//claim:ask How do you prevent the ABA problem?
//claim:source https://pkg.go.dev/sync/atomic#Uint64
func TestABACounter(t *testing.T) {
	free := slotList{tagged: true}
	for _, slot := range []uint32{3, 2, 1} {
		free.put(slot)
	}
	disturbed := false
	slot, attempts := free.get(func() {
		if disturbed {
			return
		}
		disturbed = true
		one, _ := free.get(func() {})
		free.get(func() {}) // slot 2 is in use from now on
		free.put(one)
	})
	require.EqualValues(t, 1, slot)
	require.Equal(t, 2, attempts, "the first one failed")
	next, _ := free.get(func() {})
	require.EqualValues(t, 3, next, "and not 2")
}

// Only if nodes are reused. The goroutine that was interrupted still holds a
// pointer to the old head, so the garbage collector cannot give that address to
// a new node: as long as every push allocates, an equal pointer means the same
// node, which was never put back, and the CompareAndSwap fails as it should. As
// soon as a popped node is pushed again, from a free list or a sync.Pool, the
// same address comes back with another next node, and the stack loses or repeats
// nodes. You may read that garbage collection makes Go immune.
//
//claim:ask Does the ABA problem exist in Go, with garbage collection?
//claim:source https://pkg.go.dev/sync#Pool
func TestABAWithGC(t *testing.T) {
	// The stack is 1, 2, 3. While a goroutine pops 1, another pops 1 and 2 and
	// pushes 1 back: as a new node, or the same one.
	run := func(pushBack func(s *casStack[int], popped *casNode[int])) (rest []int) {
		var s casStack[int]
		for _, v := range []int{3, 2, 1} {
			s.push(v)
		}
		disturbed := false
		s.popNode(func() {
			if disturbed {
				return
			}
			disturbed = true
			one := s.popNode(func() {})
			s.pop()
			runtime.GC()
			pushBack(&s, one)
		})
		for v, ok := s.pop(); ok; v, ok = s.pop() {
			rest = append(rest, v)
		}
		return rest
	}
	require.Equal(t, []int{3}, run(func(s *casStack[int], popped *casNode[int]) { s.push(popped.value) }))
	require.Equal(t, []int{2, 3}, run(func(s *casStack[int], popped *casNode[int]) { s.pushNode(popped) }),
		"2 was popped before, and comes a second time")
}

// Because waiting burns a processor, and the runtime does not know that it is
// waiting. A goroutine that waits for a spin lock stays runnable and tries a
// thousand times and more while the holder, which may not even be on a
// processor, gets nothing done. One that waits for a sync.Mutex tries a few
// times and is then parked, and a traceback says so. Go code cannot keep a
// goroutine on a processor, so the waiter never knows that the holder is
// running. Use a Mutex: as long as nobody else wants it, its Lock is one
// CompareAndSwap too.
//
//claim:ask Why not write a spin lock with CompareAndSwap?
//claim:source sync/mutex.go
//claim:source internal/sync/mutex.go
func TestSpinLock(t *testing.T) {
	var spin spinLock
	spin.lock()
	var waiter sync.WaitGroup
	waiter.Go(func() {
		spin.lock()
		spin.unlock()
	})
	for spin.tries.Load() < 1000 {
		runtime.Gosched()
	}
	spin.unlock()
	waiter.Wait()
	require.GreaterOrEqual(t, spin.tries.Load(), int64(1000), "attempts in vain")

	var mu sync.Mutex
	mu.Lock()
	waiter.Go(func() { waitForMutex(&mu) })
	stack := make([]byte, 1<<20)
	for deadline := time.Now().Add(10 * time.Second); ; runtime.Gosched() {
		all := string(stack[:runtime.Stack(stack, true)])
		if strings.Contains(all, "[sync.Mutex.Lock]") && strings.Contains(all, "concurrency.waitForMutex") {
			break
		}
		require.True(t, time.Now().Before(deadline), all)
	}
	mu.Unlock()
	waiter.Wait()
}

//go:noinline
func waitForMutex(mu *sync.Mutex) {
	mu.Lock()
	defer mu.Unlock()
}

// In lock step, n goroutines need n(n+1)/2 attempts for n successes: they all
// load the same value, one wins, the others start again. That is quadratic work
// for a linear result, and every failure has moved the cache line. Add has no
// such loop: n calls, n attempts. So prefer Add, Or and Swap where they fit, and
// a mutex, which lets the waiters sleep, where the computation is long. Without
// contention a CAS loop needs one attempt.
//
//claim:ask How many attempts does a CAS loop take when n goroutines meet?
//claim:source https://pkg.go.dev/sync/atomic#Int64.Add
func TestCASAttempts(t *testing.T) {
	for _, n := range []int{1, 2, 10, 100} {
		var counter atomic.Int64
		loaded := make([]int64, n)
		attempts := 0
		for waiting := n; waiting > 0; {
			for i := range waiting { // all load
				loaded[i] = counter.Load()
			}
			lost := 0
			for i := range waiting { // all try
				attempts++
				if !counter.CompareAndSwap(loaded[i], loaded[i]+1) {
					lost++
				}
			}
			require.Equal(t, waiting-1, lost, "one wins")
			waiting = lost
		}
		require.EqualValues(t, n, counter.Load())
		require.Equal(t, n*(n+1)/2, attempts)
	}
}

// They promise progress to fewer and fewer. Wait-free: every goroutine finishes
// in a bounded number of its own steps, as an atomic Load does. Lock-free: some
// goroutine always finishes, but one may lose every time, as in a CAS loop.
// Obstruction-free: a goroutine finishes if the others stop; two can disturb
// each other for ever. Under a lock none of these holds: if the holder stops,
// nobody gets on. The words are about progress, not about speed.
//
//claim:ask What do wait-free, lock-free and obstruction-free mean?
//claim:source https://pkg.go.dev/sync/atomic#pkg-overview
func TestProgressGuarantees(t *testing.T) {
	// Lock-free: the loop fails as often as the others succeed in between.
	var n atomic.Int64
	others := 0
	attempts := casMax(&n, 1_000_000, func() {
		if others < 50 {
			others++
			n.Add(1)
		}
	})
	require.Equal(t, 51, attempts)
	require.Equal(t, 50, others, "each failure was the progress of another")

	// Obstruction-free: who finds its own mark in both places has won. Marks may
	// be overwritten at any time, so nobody waits for one that has stopped.
	var places [2]atomic.Int64
	mark := func(id int64) {
		places[0].Store(id)
		places[1].Store(id)
	}
	won := func(id int64) bool { return places[0].Load() == id && places[1].Load() == id }
	mark(1)
	mark(2) // 1 has stopped
	require.True(t, won(2), "alone: done")
	for range 100 { // in turn: no progress for either
		mark(1)
		mark(2)
		require.False(t, won(1))
		mark(1)
		require.False(t, won(2))
	}

	// Lock: the holder has stopped.
	var spin spinLock
	spin.lock()
	for range 100 {
		require.False(t, spin.held.CompareAndSwap(false, true))
	}
}

func TestLockFreeCost(t *testing.T) {
	var free casStack[int]
	var locked lockedStack[int]
	for i := range 10 {
		free.push(i)
		locked.push(i)
	}
	for range 11 {
		a, aOK := free.pop()
		b, bOK := locked.pop()
		require.Equal(t, a, b)
		require.Equal(t, aOK, bOK)
	}
}

// Not by itself. With one goroutine, a lock-free stack is not twice as fast as a
// slice under a mutex, nor three times as slow. But it needs an allocation for
// each value, whose node must not be reused because of the ABA problem; the
// slice needs none. What lock-free code gives is progress while another
// goroutine is interrupted in the middle of an operation. Where many cores meet
// it can be faster or slower, see CASContended: measure your case before you
// give up the mutex.
//
//claim:ask Is a lock-free data structure faster than one with a mutex?
//claim:expect allocs/op of=lockfree == 100
//claim:expect allocs/op of=mutex == 0
//claim:expect ns/op of=lockfree < 3x of=mutex
//claim:expect ns/op of=mutex < 2x of=lockfree
//claim:source https://pkg.go.dev/sync/atomic#pkg-overview
func BenchmarkLockFreeCost(b *testing.B) {
	b.Run("of=lockfree", func(b *testing.B) {
		var s casStack[int]
		b.ReportAllocs()
		for b.Loop() {
			for i := range 100 {
				s.push(i)
			}
			for range 100 {
				s.pop()
			}
		}
	})
	b.Run("of=mutex", func(b *testing.B) {
		s := lockedStack[int]{items: make([]int, 0, 100)}
		b.ReportAllocs()
		for b.Loop() {
			for i := range 100 {
				s.push(i)
			}
			for range 100 {
				s.pop()
			}
		}
	})
}

// casSpend stands for the computation in a CAS loop.
func casSpend(v int64) int64 {
	for range 64 {
		v = v*1664525 + 1013904223
	}
	return v
}

// A CAS loop with some work in it throws the work away when it fails. With four
// goroutines on four cores it needs more than 1.2 attempts a step, while under a
// mutex the computation runs exactly once. On one core goroutines hardly ever
// meet between Load and CompareAndSwap, and the loop looks perfect.
//
//claim:ask What happens to a CAS loop under contention?
//claim:needs cpus>=4
//claim:expect attempts/op of=cas > 1.2
//claim:expect attempts/op of=mutex == 1
//claim:source https://pkg.go.dev/sync/atomic#Int64.CompareAndSwap
func BenchmarkCASContended(b *testing.B) {
	const workers, each = 4, 500
	run := func(step func(n *atomic.Int64) (attempts int64)) func(b *testing.B) {
		return func(b *testing.B) {
			var n, attempts atomic.Int64
			ops := 0
			for b.Loop() {
				ops++
				var all sync.WaitGroup
				for range workers {
					all.Go(func() {
						mine := int64(0)
						for range each {
							mine += step(&n)
						}
						attempts.Add(mine)
					})
				}
				all.Wait()
			}
			b.ReportMetric(float64(attempts.Load())/float64(ops*workers*each), "attempts/op")
		}
	}
	b.Run("of=cas", run(func(n *atomic.Int64) (attempts int64) {
		for {
			attempts++
			old := n.Load()
			if n.CompareAndSwap(old, casSpend(old)) {
				return attempts
			}
		}
	}))
	var mu sync.Mutex
	b.Run("of=mutex", run(func(n *atomic.Int64) int64 {
		mu.Lock()
		defer mu.Unlock()
		n.Store(casSpend(n.Load()))
		return 1
	}))
}

func TestCASContended(t *testing.T) {
	require.Equal(t, casSpend(1), casSpend(1))
	require.NotEqual(t, casSpend(1), casSpend(2), "depends on the value")
}
