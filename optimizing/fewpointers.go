package optimizing

import (
	"math"
	"unsafe"
)

// The collector follows pointers, so data that live long cost it as much as they
// have pointers. Numbers can do the work of pointers: an index into a slice, an
// offset into a text, an identifier instead of a string.

// Texts is a list of strings in one block of memory: two objects for the garbage
// collector, whatever the number of strings. A string costs its bytes and four
// more. It cannot be changed and is safe for concurrent use. The zero value is
// empty.
type Texts struct {
	all  string
	ends []uint32
}

// NewTexts copies the strings. It panics if they have 4 GiB or more together.
func NewTexts(list []string) *Texts {
	size := 0
	for _, s := range list {
		size += len(s)
	}
	if uint64(size) > math.MaxUint32 {
		panic("optimizing: too many bytes for Texts")
	}
	all := make([]byte, 0, size)
	ends := make([]uint32, len(list))
	for i, s := range list {
		all = append(all, s...)
		ends[i] = uint32(len(all))
	}
	return &Texts{unsafe.String(unsafe.SliceData(all), len(all)), ends} // nobody else has all
}

// Len returns the number of strings.
func (t *Texts) Len() int { return len(t.ends) }

// At returns string i without an allocation. It panics if there is none. The
// result keeps the memory of all strings alive; use strings.Clone if it outlives
// t.
func (t *Texts) At(i int) string {
	from := uint32(0)
	if i > 0 {
		from = t.ends[i-1]
	}
	return t.all[from:t.ends[i]]
}

// fewpointersTree is a binary search tree as it is in the textbook.
type fewpointersTree struct {
	left, right *fewpointersTree
	key         int32
}

func (t *fewpointersTree) insert(key int32) *fewpointersTree {
	if t == nil {
		return &fewpointersTree{key: key}
	}
	if key < t.key {
		t.left = t.left.insert(key)
	} else if key > t.key {
		t.right = t.right.insert(key)
	}
	return t
}

func (t *fewpointersTree) has(key int32) bool {
	for t != nil {
		switch {
		case key < t.key:
			t = t.left
		case key > t.key:
			t = t.right
		default:
			return true
		}
	}
	return false
}

// fewpointersFlat is the same tree in one slice; a child is an index, and 0 is
// none, so that element 0 is not used.
type fewpointersFlat []struct{ left, right, key int32 }

func newFewpointersFlat(capacity int) fewpointersFlat {
	return make(fewpointersFlat, 1, capacity+1)
}

func (t *fewpointersFlat) insert(key int32) {
	at := &(*t)[0].left // the root
	for *at != 0 {
		node := &(*t)[*at]
		switch {
		case key < node.key:
			at = &node.left
		case key > node.key:
			at = &node.right
		default:
			return
		}
	}
	*at = int32(len(*t)) // before append, which may move the nodes
	*t = append(*t, struct{ left, right, key int32 }{key: key})
}

func (t fewpointersFlat) has(key int32) bool {
	for at := t[0].left; at != 0; {
		switch node := &t[at]; {
		case key < node.key:
			at = node.left
		case key > node.key:
			at = node.right
		default:
			return true
		}
	}
	return false
}

// fewpointersSlots gives out numbers for values and reuses them. A handle has the
// number and the generation, so that an old one is recognized.
type fewpointersSlots struct {
	values      []string
	generations []uint32
	free        []uint32
}

type fewpointersHandle struct{ slot, generation uint32 }

func (s *fewpointersSlots) add(value string) fewpointersHandle {
	if n := len(s.free); n > 0 {
		slot := s.free[n-1]
		s.free = s.free[:n-1]
		s.values[slot] = value
		return fewpointersHandle{slot, s.generations[slot]}
	}
	s.values = append(s.values, value)
	s.generations = append(s.generations, 0)
	return fewpointersHandle{slot: uint32(len(s.values) - 1)}
}

func (s *fewpointersSlots) get(h fewpointersHandle) (string, bool) {
	if s.generations[h.slot] != h.generation {
		return "", false
	}
	return s.values[h.slot], true
}

func (s *fewpointersSlots) remove(h fewpointersHandle) {
	if s.generations[h.slot] == h.generation {
		s.values[h.slot] = ""
		s.generations[h.slot]++
		s.free = append(s.free, h.slot)
	}
}

//go:noinline
func fewpointersCountStrings(countries []string) int {
	counts := make(map[string]int)
	for _, country := range countries {
		counts[country]++
	}
	largest := 0
	for _, count := range counts {
		largest = max(largest, count)
	}
	return largest
}

// fewpointersCountIDs gets the number of each country, below limit, not its name.
//
//go:noinline
func fewpointersCountIDs(countries []uint16, limit int) int {
	counts := make([]int, limit)
	for _, country := range countries {
		counts[country]++
	}
	largest := 0
	for _, count := range counts {
		largest = max(largest, count)
	}
	return largest
}
