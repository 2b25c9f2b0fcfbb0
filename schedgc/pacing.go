package schedgc

import (
	"math"
	"runtime"
)

// The pacer decides when a collection starts and how large the heap may be when it
// ends. Its main input is the live heap that the last collection found, its main
// setting GOGC. Here is its formula, and what the proofs allocate.

// minHeapGoal is the smallest heap goal with GOGC=100, in bytes.
const minHeapGoal = 4 << 20

// HeapGoal returns the size in bytes that the heap may reach before the next collection
// is finished. Live, stacks and globals are bytes found by the last collection: live
// objects of the heap, scanned stacks, and global variables that may hold pointers. A
// negative gogc means off: the goal is [math.MaxUint64]. The sum does not know the
// memory limit, which can lower the goal, and not the distance of 1 MiB that the
// sweeper keeps from the live heap, which can raise it. It is safe for concurrent use
// and takes constant time.
func HeapGoal(live, stacks, globals uint64, gogc int) uint64 {
	if gogc < 0 {
		return math.MaxUint64
	}
	goal := live + (live+stacks+globals)*uint64(gogc)/100
	return max(goal, minHeapGoal*uint64(gogc)/100)
}

// pacingTree is a heap that takes time to mark: 2^(depth+1)-1 objects.
type pacingTree struct{ left, right *pacingTree }

func newPacingTree(depth int) *pacingTree {
	if depth == 0 {
		return new(pacingTree)
	}
	return &pacingTree{newPacingTree(depth - 1), newPacingTree(depth - 1)}
}

// size returns the number of objects in the tree.
func (t *pacingTree) size() int {
	if t == nil {
		return 0
	}
	return 1 + t.left.size() + t.right.size()
}

// pacingGarbage makes n bytes of garbage in blocks of 16 KiB, without pointers. With
// one P it has to let the collector run, or each cycle would see much garbage that was
// allocated while it waited.
func pacingGarbage(n int) {
	for range n / pacingBlock {
		pacingSink = make([]byte, pacingBlock)
		runtime.Gosched()
	}
}

const pacingBlock = 16 << 10

var pacingSink []byte

// pacingTouched returns n bytes of memory in which each page has been written.
func pacingTouched(n int) []byte {
	b := make([]byte, n)
	for i := 0; i < n; i += 4096 {
		b[i] = 1
	}
	return b
}
