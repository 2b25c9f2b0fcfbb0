package schedgc

// Since Go 1.26 the collector marks small objects with the algorithm Green Tea. A
// classic marker takes one grey object after the other and follows its pointers,
// wherever they lead. Green Tea takes one span after the other, that is a page of
// 8 KiB with objects of one size, and scans all objects of the span that have
// been found since its last visit. TeaHeap is a toy of both.

// TeaHeap is a toy heap: objects with numbers from 0, which refer to each other
// and lie side by side in spans of equal length. It marks from roots in the
// classic way and in that of Green Tea, and counts how often the marker moves to
// another span, which is what costs cache misses in a real heap. It is not safe
// for concurrent use.
type TeaHeap struct {
	perSpan int
	refs    [][]int
}

// TeaMark is the result of one marking of a [TeaHeap].
type TeaMark struct {
	Marked []bool // by object
	Moves  int    // how often the marker went to a span other than that of the previous object
}

// NewTeaHeap returns a heap of so many objects without references, perSpan of them
// in a span. It panics if perSpan is not positive.
func NewTeaHeap(objects, perSpan int) *TeaHeap {
	if perSpan <= 0 {
		panic("schedgc: a span needs room for an object")
	}
	return &TeaHeap{perSpan: perSpan, refs: make([][]int, objects)}
}

// Link adds a reference from one object to another. It panics if there is no such
// object.
func (h *TeaHeap) Link(from, to int) {
	_ = h.refs[to]
	h.refs[from] = append(h.refs[from], to)
}

// MarkObjects marks all objects that the roots reach. It takes them one by one from
// a stack, as the collector did up to Go 1.25. Its time is linear in the number of
// references.
func (h *TeaHeap) MarkObjects(roots ...int) TeaMark {
	mark := TeaMark{Marked: make([]bool, len(h.refs))}
	var grey []int
	shade := func(object int) {
		if !mark.Marked[object] {
			mark.Marked[object] = true
			grey = append(grey, object)
		}
	}
	for _, root := range roots {
		shade(root)
	}
	for at := -1; len(grey) > 0; {
		object := grey[len(grey)-1]
		grey = grey[:len(grey)-1]
		if span := object / h.perSpan; span != at {
			mark.Moves++
			at = span
		}
		for _, next := range h.refs[object] {
			shade(next)
		}
	}
	return mark
}

// MarkSpans marks all objects that the roots reach, span by span from a queue, as
// Green Tea does. Its time is linear in the number of references and in the number
// of objects for each visit of a span.
func (h *TeaHeap) MarkSpans(roots ...int) TeaMark {
	return h.markSpans(roots, func(grey []int) (span int, rest []int) {
		return grey[0], grey[1:] // first in, first out
	})
}

// markSpans is MarkSpans with a choice of the span that is visited next.
func (h *TeaHeap) markSpans(roots []int, take func(grey []int) (span int, rest []int)) TeaMark {
	mark := TeaMark{Marked: make([]bool, len(h.refs))}
	scanned := make([]bool, len(h.refs)) // the second set of bits
	queued := make([]bool, len(h.refs)/h.perSpan+1)
	var grey []int
	shade := func(object int) {
		if mark.Marked[object] {
			return
		}
		mark.Marked[object] = true
		if span := object / h.perSpan; !queued[span] {
			queued[span] = true
			grey = append(grey, span)
		}
	}
	for _, root := range roots {
		shade(root)
	}
	for at := -1; len(grey) > 0; {
		var span int
		span, grey = take(grey)
		if span != at {
			mark.Moves++
			at = span
		}
		queued[span] = false
		first := span * h.perSpan
		for object := first; object < min(first+h.perSpan, len(h.refs)); object++ {
			if !mark.Marked[object] || scanned[object] {
				continue
			}
			scanned[object] = true
			for _, next := range h.refs[object] {
				shade(next)
			}
		}
	}
	return mark
}
