package schedgc_test

import (
	"fmt"

	"github.com/go-deep-dive/godeep/schedgc"
)

// The program hides C from the collector: it moves the only pointer to it from
// B, which was not scanned yet, to A, which was.
func ExampleTricolor() {
	for _, barrier := range []schedgc.TricolorBarrier{schedgc.NoBarrier, schedgc.HybridBarrier} {
		heap := schedgc.NewTricolor(barrier)
		heap.Set('x', 'B')
		heap.Set('y', 'C')
		heap.Store('A', 'x')
		heap.Store('B', 'y') // A -> B -> C
		heap.Set('y', 0)

		heap.Start()
		heap.ScanStack()
		heap.Scan('A')
		heap.Load('y', 'B')
		heap.Store('A', 'y')
		heap.Store('B', 0)
		fmt.Printf("lost: %q, %v\n", heap.Finish(), heap)
	}
	// Output:
	// lost: "C", A black, B black, C white
	// lost: "", A black, B black, C black
}

// Every barrier, on a program that loads a pointer to a stack that was scanned.
func ExampleTricolorBarrier() {
	names := []string{"none", "insertion", "insertion with rescan", "deletion", "hybrid"}
	for barrier, name := range names {
		heap := schedgc.NewTricolor(schedgc.TricolorBarrier(barrier))
		heap.Set('x', 'B')
		heap.Store('A', 'x') // A -> B
		heap.Set('x', 0)

		heap.Start()
		heap.ScanStack()
		heap.Load('x', 'A')
		heap.Store('A', 0)
		fmt.Printf("%s: lost %q\n", name, heap.Finish())
	}
	// Output:
	// none: lost "B"
	// insertion: lost "B"
	// insertion with rescan: lost ""
	// deletion: lost ""
	// hybrid: lost ""
}

func ExampleNewTricolor() {
	heap := schedgc.NewTricolor(schedgc.HybridBarrier)
	fmt.Println(heap)
	// Output:
	// A white, B white, C white
}

func ExampleTricolor_Set() {
	heap := schedgc.NewTricolor(schedgc.HybridBarrier)
	heap.Set('x', 'B') // x = B
	heap.Start()
	fmt.Println("before the stack is scanned:", heap)
	heap.ScanStack()
	fmt.Println("after:", heap)
	// Output:
	// before the stack is scanned: A grey, B white, C white
	// after: A grey, B grey, C white
}

// A load has no barrier: what is read stays white.
func ExampleTricolor_Load() {
	heap := schedgc.NewTricolor(schedgc.HybridBarrier)
	heap.Set('x', 'B')
	heap.Store('A', 'x')
	heap.Start()
	heap.Load('y', 'A') // y = A.next
	fmt.Println(heap)
	// Output:
	// A grey, B white, C white
}

// The hybrid barrier shades the pointer that is overwritten and the new one.
func ExampleTricolor_Store() {
	heap := schedgc.NewTricolor(schedgc.HybridBarrier)
	heap.Set('x', 'B')
	heap.Set('y', 'C')
	heap.Store('A', 'x') // A.next = x, before marking: no barrier
	heap.Start()
	heap.Store('A', 'y')
	fmt.Println(heap)
	// Output:
	// A grey, B grey, C grey
}

func ExampleTricolor_Start() {
	heap := schedgc.NewTricolor(schedgc.NoBarrier)
	heap.Start()
	fmt.Println(heap)
	// Output:
	// A grey, B white, C white
}

func ExampleTricolor_ScanStack() {
	heap := schedgc.NewTricolor(schedgc.NoBarrier)
	heap.Set('y', 'C')
	heap.Start()
	heap.ScanStack()
	fmt.Println(heap)
	// Output:
	// A grey, B white, C grey
}

func ExampleTricolor_Scan() {
	heap := schedgc.NewTricolor(schedgc.NoBarrier)
	heap.Set('x', 'C')
	heap.Store('A', 'x') // A -> C
	heap.Start()
	heap.Scan('A')
	fmt.Println(heap)
	// Output:
	// A black, B white, C grey
}

func ExampleTricolor_Finish() {
	heap := schedgc.NewTricolor(schedgc.NoBarrier)
	heap.Start()
	fmt.Printf("lost: %q, %v\n", heap.Finish(), heap)
	// Output:
	// lost: "", A black, B white, C white
}

func ExampleTricolor_String() {
	heap := schedgc.NewTricolor(schedgc.NoBarrier)
	heap.Start()
	fmt.Println(heap.String())
	// Output:
	// A grey, B white, C white
}
