package memory_test

import (
	"fmt"

	"github.com/go-deep-dive/godeep/memory"
)

func ExampleNewRows() {
	grid := memory.NewRows[int](2, 3)
	grid[1][2] = 7
	grid[0] = append(grid[0], 9) // moves row 0, row 1 is safe
	fmt.Println(grid)
	// Output:
	// [[0 0 0 9] [0 0 7]]
}

// Assigning an array or storing it in an interface copies all its elements, so
// the copy and the original change independently; assigning a slice copies three
// words, and both see the same elements. Elements of an array that are pointers
// or slices are copied as such: what they point to is shared.
//
//claim:ask What is copied when you assign an array, and what when you assign a slice?
//claim:source https://go.dev/ref/spec#Array_types
//claim:source https://go.dev/doc/effective_go#arrays
func Example_arrayAssign() {
	array := [3]int{1, 2, 3}
	slice := []int{1, 2, 3}
	array2, slice2, boxed := array, slice, any(array)
	array2[0], slice2[0] = 9, 9
	fmt.Println("array:", array, array2, boxed)
	fmt.Println("slice:", slice, slice2)

	rows := [2][]int{{1}, {2}}
	rows2 := rows
	rows2[0][0] = 9
	fmt.Println("array of slices:", rows, rows2)
	// Output:
	// array: [1 2 3] [9 2 3] [1 2 3]
	// slice: [9 2 3] [9 2 3]
	// array of slices: [[9] [2]] [[9] [2]]
}
