package schedgc

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// tricolorChain returns the heap of most of the tests: A, B and C in a list.
func tricolorChain(barrier TricolorBarrier) Tricolor {
	t := NewTricolor(barrier)
	t.Set('x', 'C')
	t.Set('y', 'B')
	t.Store('B', 'x')
	t.Store('A', 'y')
	t.Set('x', 0)
	t.Set('y', 0)
	return t
}

// A white object has not been seen, a grey one has been seen and its pointers not
// yet followed, a black one is finished. Marking shades the roots grey and then
// takes grey objects one after the other: it shades what they point to and makes
// them black. When no grey object is left, the white ones are garbage. A colour in
// Go is a mark bit plus membership in a work queue: nothing is stored as a colour.
// Since Go 1.26 the queues hold blocks of memory of small objects instead of single
// ones, but what is white, grey or black stays the same.
//
//claim:ask What do white, grey and black mean in tri-colour marking?
//claim:source runtime/mgc.go
//claim:source https://go.dev/doc/go1.26#new-garbage-collector
func TestTricolorColors(t *testing.T) {
	heap := tricolorChain(NoBarrier)
	heap.Store('B', 0) // C is garbage
	require.Equal(t, "A white, B white, C white", heap.String())
	heap.Start()
	require.Equal(t, "A grey, B white, C white", heap.String())
	heap.Scan('A')
	require.Equal(t, "A black, B grey, C white", heap.String())
	heap.Scan('C')
	require.Equal(t, "A black, B grey, C white", heap.String(), "only grey objects are scanned")
	require.Empty(t, heap.Finish())
	require.Equal(t, "A black, B black, C white", heap.String(), "C can be freed")
}

// The collector loses an object when two things happen while it marks: the program
// stores the pointer to a white object in a black one, and every path to the white
// object that goes through a grey one is cut. The black object is not looked at
// again, so a live object stays white and would be freed. One of the two alone is
// harmless. A write barrier prevents one of the two. A collector that stops the
// world for the whole of marking needs no barrier.
//
//claim:ask How can a concurrent collector free an object that is still in use, if there is no write barrier?
//claim:source runtime/mbarrier.go
func TestTricolorLostObject(t *testing.T) {
	const heapHolder, stackHolder, noHolder = "A", "x", "none"
	play := func(barrier TricolorBarrier, holder string, cut bool) string {
		heap := tricolorChain(barrier)
		heap.Start()
		heap.ScanStack()
		heap.Scan('A') // A and the stack are black, B is grey, C white
		heap.Load('y', 'A')
		if holder != noHolder {
			heap.Load('x', 'B')
		}
		if holder == heapHolder {
			heap.Store('A', 'x')
			heap.Set('x', 0)
		}
		if cut {
			heap.Store('B', 0)
		}
		return heap.Finish()
	}
	require.Equal(t, "C", play(NoBarrier, heapHolder, true))
	require.Equal(t, "C", play(NoBarrier, stackHolder, true), "a black stack is a holder too")
	require.Empty(t, play(NoBarrier, heapHolder, false))
	require.Empty(t, play(NoBarrier, noHolder, true))
	for _, barrier := range []TricolorBarrier{InsertionBarrier, DeletionBarrier, HybridBarrier} {
		require.Empty(t, play(barrier, heapHolder, true), barrier)
	}
}

// The insertion barrier of Dijkstra shades the pointer that is written. It guards
// the heap only: writes to variables on the stack have no barrier, since that would
// slow down all code. So a stack that was scanned can get a white pointer by a plain
// load, after which the copy in the heap is deleted. Up to Go 1.7 all stacks were
// therefore scanned again in the second pause, which took long with many goroutines.
// Go 1.8 changed the barrier, and with it the rescan ended.
//
//claim:ask Why did Go have to scan all stacks a second time with the world stopped, up to 1.7?
//claim:source https://go.googlesource.com/proposal/+/master/design/17503-eliminate-rescan.md
//claim:source https://go.dev/doc/go1.8#gc
func TestTricolorInsertionBarrier(t *testing.T) {
	play := func(barrier TricolorBarrier) string {
		heap := tricolorChain(barrier)
		heap.Start()
		heap.ScanStack()
		heap.Load('y', 'A')
		heap.Load('x', 'B') // the stack is black and gets C, which is white
		heap.Store('B', 0)
		return heap.Finish()
	}
	require.Equal(t, "C", play(InsertionBarrier))
	require.Empty(t, play(InsertionBarrierRescan))
	require.Empty(t, play(DeletionBarrier))
	require.Empty(t, play(HybridBarrier))
}

// The deletion barrier of Yuasa shades the pointer that is overwritten, so whatever
// was reachable at the start of marking survives. It needs all stacks scanned at the
// same moment, with the world stopped. If a stack is scanned later, the program can
// move a pointer from it to a black object: nothing is overwritten, so nothing is
// shaded. Go scans one stack after the other while the program runs, so it needs the
// insertion half as well.
//
//claim:ask Why is a deletion barrier alone not enough for Go?
//claim:source runtime/mbarrier.go
func TestTricolorDeletionBarrier(t *testing.T) {
	play := func(barrier TricolorBarrier, snapshot bool) string {
		heap := NewTricolor(barrier)
		heap.Set('x', 'C') // only the stack refers to C
		heap.Start()
		if snapshot {
			heap.ScanStack()
		}
		heap.Scan('A')
		heap.Store('A', 'x') // from the stack to a black object
		heap.Set('x', 0)
		return heap.Finish()
	}
	require.Equal(t, "C", play(DeletionBarrier, false))
	require.Empty(t, play(DeletionBarrier, true))
	require.Empty(t, play(HybridBarrier, false))
}

// tricolorStates are the states that a program and a collector can get into
// together, and what was found in them.
type tricolorStates struct {
	all, finished int
	lost          int // finished states in which a live object would be freed
	strongBroken  int // states in which a black object points to a white one
	weakBroken    int // those where no grey object leads to it either
}

// exploreTricolor tries every order of every step. The program uses only what it
// can reach. With snapshot the stack is scanned at the start.
func exploreTricolor(barrier TricolorBarrier, snapshot bool) (found tricolorStates) {
	start := NewTricolor(barrier)
	start.vars = [2]tricolorRef{2, 3}
	seen := map[Tricolor]bool{start: true}
	todo := []Tricolor{start}
	for len(todo) > 0 {
		state := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		found.judge(state)
		try := func(step func(*Tricolor)) {
			next := state
			step(&next)
			if !seen[next] {
				seen[next] = true
				todo = append(todo, next)
			}
		}
		for _, ref := range []tricolorRef{1, state.vars[0], state.vars[1]} {
			if ref == 0 {
				continue
			}
			object := 'A' + rune(ref-1)
			for variable := 'x'; variable <= 'y'; variable++ {
				try(func(t *Tricolor) { t.Load(variable, object) })
				try(func(t *Tricolor) { t.Store(object, variable) })
				try(func(t *Tricolor) { t.Set(variable, 0) })
			}
			try(func(t *Tricolor) { t.Store(object, 0) })
		}
		switch {
		case !state.marking && snapshot:
			try(func(t *Tricolor) { t.Start(); t.ScanStack() })
		case !state.marking:
			try((*Tricolor).Start)
		default:
			if !state.stackScanned {
				try((*Tricolor).ScanStack)
			}
			for object := 'A'; object <= 'C'; object++ {
				try(func(t *Tricolor) { t.Scan(object) })
			}
		}
	}
	return found
}

func (found *tricolorStates) judge(state Tricolor) {
	found.all++
	if state.done() {
		found.finished++
		final := state
		if final.Finish() != "" {
			found.lost++
		}
	}
	var grey []tricolorRef
	for i, c := range state.color {
		if c == tricolorGrey {
			grey = append(grey, tricolorRef(i+1))
		}
	}
	protected := state.follow(grey...)
	var strong, weak bool
	for i, c := range state.color {
		if to := state.next[i]; c == tricolorBlack && to != 0 && state.color[to-1] == tricolorWhite {
			strong = true
			weak = weak || !protected[to-1]
		}
	}
	if strong {
		found.strongBroken++
	}
	if weak {
		found.weakBroken++
	}
}

// The exploration takes a moment, so that the tests share it.
var (
	tricolorNone      = sync.OnceValue(func() tricolorStates { return exploreTricolor(NoBarrier, false) })
	tricolorInsertion = sync.OnceValue(func() tricolorStates { return exploreTricolor(InsertionBarrier, false) })
	tricolorRescan    = sync.OnceValue(func() tricolorStates { return exploreTricolor(InsertionBarrierRescan, false) })
	tricolorDeletion  = sync.OnceValue(func() tricolorStates { return exploreTricolor(DeletionBarrier, false) })
	tricolorSnapshot  = sync.OnceValue(func() tricolorStates { return exploreTricolor(DeletionBarrier, true) })
	tricolorHybrid    = sync.OnceValue(func() tricolorStates { return exploreTricolor(HybridBarrier, false) })
)

// The hybrid barrier of Go, since 1.8, shades both the pointer that is overwritten
// and the one that is written. The first half keeps a stack that was scanned from
// hiding what it loads; the second guards against what a stack that was not yet
// scanned puts into the heap. So every stack is scanned once, while the program
// runs. In a model with three objects and two variables every order of steps was
// tried: no state with the hybrid barrier loses an object, while no barrier and each
// half alone lose some.
//
//claim:ask What is the hybrid write barrier of Go, and why are both halves needed?
//claim:source runtime/mbarrier.go
//claim:source https://go.googlesource.com/proposal/+/master/design/17503-eliminate-rescan.md
func TestTricolorHybridBarrier(t *testing.T) {
	hybrid := tricolorHybrid()
	require.Greater(t, hybrid.finished, 100)
	require.Zero(t, hybrid.lost)
	require.Positive(t, tricolorNone().lost)
	require.Positive(t, tricolorInsertion().lost)
	require.Positive(t, tricolorDeletion().lost)
	require.Zero(t, tricolorRescan().lost)
	require.Zero(t, tricolorSnapshot().lost)
}

// The strong invariant says that no black object points to a white one. The weak one
// permits it, if a grey object still leads to the white object over white ones, so
// that the collector will find it. A write barrier of insertion keeps the strong
// invariant in the heap, a deletion barrier with a snapshot of the stacks the weak
// one only. Either is enough if it also covers the stacks. The invariant may be
// broken for garbage: what matters is that no reachable object is lost.
//
//claim:ask What are the strong and the weak tri-colour invariant, and which barrier keeps which?
//claim:source https://go.googlesource.com/proposal/+/master/design/17503-eliminate-rescan.md
func TestTricolorInvariants(t *testing.T) {
	insertion := tricolorInsertion()
	require.Zero(t, insertion.strongBroken)
	require.Positive(t, insertion.lost, "the stack breaks it")

	snapshot := tricolorSnapshot()
	require.Positive(t, snapshot.strongBroken)
	require.Zero(t, snapshot.weakBroken)
	require.Zero(t, snapshot.lost)

	hybrid := tricolorHybrid()
	require.Zero(t, hybrid.weakBroken)
	require.Zero(t, hybrid.lost)

	none := tricolorNone()
	require.Positive(t, none.weakBroken)
}

// What becomes garbage after it was marked stays until the next cycle; it is called
// floating garbage. A deletion or hybrid barrier keeps a bit more than an insertion
// barrier: cutting the last pointer to an object shades it. So a cycle frees what
// was garbage when it started, and not all that is garbage when it ends. Floating
// garbage costs memory for a cycle, never correctness.
//
//claim:ask Is an object that becomes garbage during a GC cycle freed by that cycle?
//claim:source runtime/mbarrier.go
func TestTricolorFloatingGarbage(t *testing.T) {
	cutB := func(barrier TricolorBarrier, scanned bool) string {
		heap := tricolorChain(barrier)
		heap.Start()
		if scanned {
			heap.Scan('A')
		}
		heap.Store('A', 0) // B and C are garbage now
		require.Empty(t, heap.Finish())
		return heap.String()
	}
	const kept, freed = "A black, B black, C black", "A black, B white, C white"
	require.Equal(t, freed, cutB(InsertionBarrier, false))
	require.Equal(t, kept, cutB(InsertionBarrier, true), "B was grey already")
	require.Equal(t, kept, cutB(HybridBarrier, false), "the barrier itself shades B")

	before := tricolorChain(HybridBarrier)
	before.Store('A', 0)
	before.Start()
	require.Empty(t, before.Finish())
	require.Equal(t, freed, before.String(), "garbage before the cycle started")
}

func TestTricolorNames(t *testing.T) {
	heap := NewTricolor(NoBarrier)
	require.Panics(t, func() { heap.Set('z', 'A') })
	require.Panics(t, func() { heap.Set('x', 'D') })
	require.Panics(t, func() { heap.Load('x', 0) })
}
