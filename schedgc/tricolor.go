package schedgc

import "strings"

// Tricolor is a model of a heap that is marked while the program runs. It has
// three objects, A, B and C, each with one pointer called next, and one
// goroutine whose stack has two variables, x and y. A global variable always
// refers to A. The methods are the single steps of the program and of the
// collector, so that any order of the two can be played by hand.
//
// As in Go, variables on the stack are read and written without a barrier. What
// the model leaves out is allocation; Go marks new objects black at once.
//
// Names are runes: 'A' to 'C' for objects, 'x' and 'y' for variables, and 0 for
// nil. A name that does not exist panics. A Tricolor is comparable, and a copy is
// a snapshot. It is not safe for concurrent use.
type Tricolor struct {
	barrier      TricolorBarrier
	marking      bool
	stackScanned bool
	vars         [2]tricolorRef
	next         [3]tricolorRef
	color        [3]tricolorColor
}

// TricolorBarrier is what a [Tricolor] does when a pointer in the heap is
// overwritten during marking.
type TricolorBarrier uint8

// The barriers, by what they shade when a pointer in the heap is overwritten.
const (
	NoBarrier              TricolorBarrier = iota
	InsertionBarrier                       // Dijkstra: shades the new pointer
	InsertionBarrierRescan                 // the same, and the stack is scanned again at the end: Go up to 1.7
	DeletionBarrier                        // Yuasa: shades the old pointer
	HybridBarrier                          // shades both: Go since 1.8
)

type (
	tricolorRef   uint8 // 0 is nil, 1 is A
	tricolorColor uint8
)

const (
	tricolorWhite tricolorColor = iota // not seen yet
	tricolorGrey                       // seen, its pointer is not followed yet
	tricolorBlack                      // seen and followed
)

// NewTricolor returns a heap in which all pointers but the global one are nil.
func NewTricolor(barrier TricolorBarrier) Tricolor { return Tricolor{barrier: barrier} }

// Set assigns an object, or with 0 nil, to a variable: x = B.
func (t *Tricolor) Set(variable, object rune) { *t.variable(variable) = tricolorObject(object) }

// Load reads the pointer of an object into a variable: x = A.next.
func (t *Tricolor) Load(variable, object rune) {
	*t.variable(variable) = t.next[tricolorObject(object)-1]
}

// Store writes a variable, or with 0 nil, to the pointer of an object, with the
// write barrier: A.next = x.
func (t *Tricolor) Store(object, variable rune) {
	var value tricolorRef
	if variable != 0 {
		value = *t.variable(variable)
	}
	slot := &t.next[tricolorObject(object)-1]
	if t.marking {
		switch t.barrier {
		case InsertionBarrier, InsertionBarrierRescan:
			t.shade(value)
		case DeletionBarrier:
			t.shade(*slot)
		case HybridBarrier:
			t.shade(*slot)
			t.shade(value)
		}
	}
	*slot = value
}

// Start begins marking: it shades A, to which the global variable refers, and
// turns the barrier on. All other objects are white.
func (t *Tricolor) Start() {
	t.marking = true
	t.shade(1)
}

// ScanStack shades what the variables refer to. It happens once; from then on
// the stack counts as black.
func (t *Tricolor) ScanStack() {
	t.stackScanned = true
	t.shade(t.vars[0])
	t.shade(t.vars[1])
}

// Scan follows the pointer of a grey object, which is black then. It does
// nothing to an object of another colour.
func (t *Tricolor) Scan(object rune) {
	ref := tricolorObject(object)
	if ref == 0 || t.color[ref-1] != tricolorGrey {
		return
	}
	t.color[ref-1] = tricolorBlack
	t.shade(t.next[ref-1])
}

// Finish does what is left of marking, without the program in between, and
// returns the objects that a sweep would free although the program can reach
// them: "" if the collector works.
func (t *Tricolor) Finish() (lost string) {
	if !t.stackScanned || t.barrier == InsertionBarrierRescan {
		t.ScanStack()
	}
	for !t.done() {
		for object := 'A'; object <= 'C'; object++ {
			t.Scan(object)
		}
	}
	return t.lost()
}

// String returns the colours of the objects.
func (t Tricolor) String() string {
	var s strings.Builder
	for i, c := range t.color {
		if i > 0 {
			s.WriteString(", ")
		}
		s.WriteByte("ABC"[i])
		s.WriteString([...]string{" white", " grey", " black"}[c])
	}
	return s.String()
}

func (t *Tricolor) shade(ref tricolorRef) {
	if ref != 0 && t.color[ref-1] == tricolorWhite {
		t.color[ref-1] = tricolorGrey
	}
}

// done reports whether the collector has nothing left to look at.
func (t *Tricolor) done() bool {
	for _, c := range t.color {
		if c == tricolorGrey {
			return false
		}
	}
	return t.stackScanned
}

func (t *Tricolor) lost() string {
	var s strings.Builder
	for i, reachable := range t.follow(1, t.vars[0], t.vars[1]) {
		if reachable && t.color[i] == tricolorWhite {
			s.WriteByte("ABC"[i])
		}
	}
	return s.String()
}

// follow returns which objects can be reached from the given ones.
func (t *Tricolor) follow(from ...tricolorRef) (reached [3]bool) {
	for _, ref := range from {
		for ref != 0 && !reached[ref-1] {
			reached[ref-1] = true
			ref = t.next[ref-1]
		}
	}
	return reached
}

func (t *Tricolor) variable(name rune) *tricolorRef { return &t.vars[name-'x'] }

func tricolorObject(name rune) tricolorRef {
	if name == 0 {
		return 0
	}
	_ = [3]struct{}{}[name-'A'] // panics
	return tricolorRef(name - 'A' + 1)
}
