package schedgc

import "reflect"

// What a collection costs follows the live objects that are found through pointers.
// The functions of this file build the same data in shapes that are cheap and
// expensive to mark.

// HasPointers reports whether the collector has to look into values of type t: whether
// t contains a pointer, as do strings, slices, maps, channels, functions and
// interfaces, and structs and arrays with one of them in it. An array of length zero
// has none. The contents of a slice without pointers are marked and never scanned,
// however long it is. It panics if t is nil.
func HasPointers(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Array:
		return t.Len() > 0 && HasPointers(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if HasPointers(t.Field(i).Type) {
				return true
			}
		}
		return false
	case reflect.Chan, reflect.Func, reflect.Interface, reflect.Map, reflect.Pointer,
		reflect.Slice, reflect.String, reflect.UnsafePointer:
		return true
	}
	return false
}

// markNode is a node of a binary tree that refers to its children by pointers.
type markNode struct {
	left, right *markNode
	key         int
}

// markTree returns a perfect tree of depth levels with its keys in order.
func markTree(depth, first int) *markNode {
	if depth == 0 {
		return nil
	}
	half := 1<<(depth-1) - 1
	return &markNode{left: markTree(depth-1, first), right: markTree(depth-1, first+half+1), key: first + half}
}

func (n *markNode) has(key int) bool {
	for n != nil && n.key != key {
		if key < n.key {
			n = n.left
		} else {
			n = n.right
		}
	}
	return n != nil
}

// markSlot is a node of the same tree in a slice: the children are indexes, and 0
// says that there is none. It has no pointers.
type markSlot struct {
	left, right int32
	key         int
}

// markSlots returns markTree(depth, 0) as a slice. The root is at index 1.
func markSlots(depth int) []markSlot {
	slots := make([]markSlot, 1, 1<<depth)
	var build func(depth, first int) int32
	build = func(depth, first int) int32 {
		if depth == 0 {
			return 0
		}
		half := 1<<(depth-1) - 1
		at := int32(len(slots))
		slots = append(slots, markSlot{key: first + half})
		left := build(depth-1, first)
		right := build(depth-1, first+half+1)
		slots[at].left, slots[at].right = left, right
		return at
	}
	build(depth, 0)
	return slots
}

func markSlotsHave(slots []markSlot, key int) bool {
	at := int32(1)
	for at != 0 && slots[at].key != key {
		if key < slots[at].key {
			at = slots[at].left
		} else {
			at = slots[at].right
		}
	}
	return at != 0
}

// markTexts holds many strings in one string and the offset at which each one ends.
type markTexts struct {
	all  string
	ends []uint32
}

func (m *markTexts) at(i int) string {
	start := uint32(0)
	if i > 0 {
		start = m.ends[i-1]
	}
	return m.all[start:m.ends[i]] // shares the memory
}
