package schedgc

import (
	"sync/atomic"
	"unsafe"
)

// A cycle of the collector finds out what the program can still reach, starting
// from globals, stacks and a few tables of the runtime, and frees the rest. The
// functions here build heaps that the tests watch being collected.

// gcCycleNode is an element of a list that takes 64 bytes.
type gcCycleNode struct {
	next *gcCycleNode
	_    [64 - unsafe.Sizeof(uintptr(0))]byte
}

// gcCycleList returns a list of the given number of nodes.
func gcCycleList(nodes int) (head *gcCycleNode) {
	for range nodes {
		head = &gcCycleNode{next: head}
	}
	return head
}

// gcCycleLists returns the given number of short lists, so that the collector
// has more than one place to work on.
func gcCycleLists(lists int) []*gcCycleNode {
	all := make([]*gcCycleNode, lists)
	for i := range all {
		all[i] = gcCycleList(16)
	}
	return all
}

// gcCycleSpin has no call in its loop, so that the only way to stop it is to
// interrupt it at any instruction.
func gcCycleSpin(number uintptr, spinning, end *atomic.Bool) uintptr {
	spinning.Store(true)
	for !end.Load() {
	}
	return number
}
