package schedgc_test

import (
	"fmt"

	"github.com/go-deep-dive/godeep/schedgc"
)

// Two spans of four objects; each root leads into the other span.
func ExampleNewTeaHeap() {
	heap := schedgc.NewTeaHeap(8, 4)
	for i := range 4 {
		heap.Link(i, 7-i)
	}
	mark := heap.MarkSpans(0, 1, 2, 3)
	fmt.Println("object 7 is marked:", mark.Marked[7])
	fmt.Println("moves:", mark.Moves)
	// Output:
	// object 7 is marked: true
	// moves: 2
}

func ExampleTeaHeap() {
	heap := schedgc.NewTeaHeap(8, 4)
	for i := range 4 {
		heap.Link(i, 7-i)
	}
	roots := []int{0, 1, 2, 3}
	fmt.Println("object by object, moves:", heap.MarkObjects(roots...).Moves)
	fmt.Println("span by span, moves:", heap.MarkSpans(roots...).Moves)
	// Output:
	// object by object, moves: 8
	// span by span, moves: 2
}

func ExampleTeaHeap_Link() {
	heap := schedgc.NewTeaHeap(3, 3)
	heap.Link(0, 2)
	fmt.Println(heap.MarkSpans(0).Marked)
	// Output: [true false true]
}

// A reference back into a span that was visited already needs one more visit.
func ExampleTeaHeap_MarkSpans() {
	heap := schedgc.NewTeaHeap(4, 2)
	heap.Link(0, 2)
	heap.Link(2, 1)
	fmt.Println("moves:", heap.MarkSpans(0).Moves)
	// Output: moves: 3
}

func ExampleTeaHeap_MarkObjects() {
	heap := schedgc.NewTeaHeap(3, 1)
	heap.Link(0, 1)
	mark := heap.MarkObjects(0)
	fmt.Println("garbage:", !mark.Marked[2])
	// Output: garbage: true
}

// Moves tells how often the marker needs memory that is probably not in the cache.
func ExampleTeaMark() {
	heap := schedgc.NewTeaHeap(100, 100)
	for i := range 99 {
		heap.Link(i, i+1)
	}
	fmt.Println("all in one span, moves:", heap.MarkSpans(0).Moves)
	// Output: all in one span, moves: 1
}
