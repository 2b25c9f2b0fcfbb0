package optimizing_test

import (
	"fmt"
	"slices"

	"github.com/go-deep-dive/godeep/optimizing"
)

func ExampleDeque() {
	var last optimizing.Deque[string] // the last three lines
	for _, line := range []string{"one", "two", "three", "four", "five"} {
		if last.Len() == 3 {
			last.PopFront()
		}
		last.PushBack(line)
	}
	fmt.Println(slices.Collect(last.All()))
	// Output: [three four five]
}

func ExampleDeque_Len() {
	var d optimizing.Deque[int]
	d.PushBack(1)
	d.PushFront(2)
	fmt.Println(d.Len())
	// Output: 2
}

func ExampleDeque_At() {
	var d optimizing.Deque[int]
	d.PushBack(10)
	d.PushBack(20)
	fmt.Println("first:", d.At(0), "last:", d.At(d.Len()-1))
	// Output: first: 10 last: 20
}

func ExampleDeque_PushBack() {
	var queue optimizing.Deque[string]
	queue.PushBack("first come")
	queue.PushBack("next")
	v, _ := queue.PopFront()
	fmt.Println(v)
	// Output: first come
}

func ExampleDeque_PushFront() {
	var queue optimizing.Deque[string]
	queue.PushBack("waits")
	queue.PushFront("urgent")
	v, _ := queue.PopFront()
	fmt.Println(v)
	// Output: urgent
}

func ExampleDeque_PopFront() {
	var d optimizing.Deque[int]
	d.PushBack(7)
	fmt.Println(d.PopFront())
	fmt.Println(d.PopFront())
	// Output:
	// 7 true
	// 0 false
}

// As a stack.
func ExampleDeque_PopBack() {
	var stack optimizing.Deque[int]
	for i := range 3 {
		stack.PushBack(i)
	}
	v, ok := stack.PopBack()
	fmt.Println(v, ok, stack.Len())
	// Output: 2 true 2
}

func ExampleDeque_All() {
	var d optimizing.Deque[int]
	for i := range 4 {
		d.PushFront(i)
	}
	for v := range d.All() {
		if v == 0 {
			break
		}
		fmt.Print(v, " ")
	}
	fmt.Println()
	// Output: 3 2 1
}
