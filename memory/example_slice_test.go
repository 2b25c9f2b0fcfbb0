package memory_test

import (
	"fmt"
	"slices"

	"github.com/go-deep-dive/godeep/memory"
)

func ExampleOverlap() {
	a := make([]int, 2, 8)
	b := append(a, 1)       // fits: same array
	c := append(a[:2:2], 1) // does not fit: new array
	fmt.Println("b:", memory.Overlap(a, b))
	fmt.Println("c:", memory.Overlap(a, c))
	// Output:
	// b: true
	// c: false
}

func ExampleAppended() {
	base := make([]string, 1, 8)
	base[0] = "GET"
	list := memory.Appended(base, "list")
	item := memory.Appended(base, "item")
	fmt.Println(list, item)
	// Output:
	// [GET list] [GET item]
}

// The caller never sees the appended element, and sees the assignment only if
// there was spare capacity. The function has its own copy of the slice header,
// so the new length never comes back. If the append fits, the element is
// written to the shared array, just behind the caller's length: re-slicing to
// s[:4] shows it. If it does not fit, the function goes on with a new array,
// and nothing it writes there reaches the caller.
//
//claim:ask A function appends to its slice parameter and then sets element 0: what does the caller print?
//claim:source https://go.dev/ref/spec#Appending_and_copying_slices
func Example_helperAppend() {
	helper := func(s []int) {
		s = append(s, 100)
		s[0] = -1
	}

	full := []int{1, 2, 3}
	helper(full)
	fmt.Println("full: ", full)

	spare := make([]int, 3, 4)
	copy(spare, []int{1, 2, 3})
	helper(spare)
	fmt.Println("spare:", spare)
	fmt.Println("hidden element:", spare[:4])
	// Output:
	// full:  [1 2 3]
	// spare: [-1 2 3]
	// hidden element: [-1 2 3 100]
}

// Return the new slice and let the caller assign it, as append itself does, or
// take a pointer to the slice. Both work because the caller's own header is
// replaced, pointer, length and capacity. A pointer is right where the slice
// is a field or the method has a fixed signature; elsewhere the returned slice
// is the usual form.
//
//claim:ask How can a function append to a slice so that its caller sees the new elements?
//claim:source https://go.dev/ref/spec#Appending_and_copying_slices
func Example_appendForCaller() {
	returned := func(s []int) []int { return append(s, 100) }
	pointer := func(s *[]int) { *s = append(*s, 100) }

	a := []int{1, 2, 3}
	a = returned(a)
	fmt.Println("returned:", a)

	b := []int{1, 2, 3}
	pointer(&b)
	fmt.Println("pointer: ", b)
	// Output:
	// returned: [1 2 3 100]
	// pointer:  [1 2 3 100]
}

// Appending to b overwrites a[3]: the capacity of a sub-slice reaches to the end
// of the array of a, so append finds room there and writes to it. Only when that room is used up does append move b to an array of its
// own; from then on writes through b no longer change a.
//
//claim:ask b := a[1:3], then append to b: what happens to a?
//claim:source https://go.dev/ref/spec#Slice_expressions
func Example_subsliceAppend() {
	a := []int{0, 1, 2, 3}
	b := a[1:3]
	fmt.Println("b:", b, "len", len(b), "cap", cap(b))

	b = append(b, 99)
	fmt.Println("a:", a)

	b = append(b, 100) // no room left: b moves
	b[0] = -1
	fmt.Println("a:", a, "b:", b)
	// Output:
	// b: [1 2] len 2 cap 3
	// a: [0 1 2 99]
	// a: [0 1 2 99] b: [-1 2 99 100]
}

// If s has spare capacity, x holds the 2 of the second append. Both appends
// write to the same place, just behind the length of s, and both results share
// that array. Without spare capacity each append makes its own
// array and the results are independent, which is why the bug often hides
// until a slice happens to have room.
//
//claim:ask x := append(s, 1); y := append(s, 2): what is in x?
//claim:source https://go.dev/ref/spec#Appending_and_copying_slices
func Example_twoAppends() {
	spare := make([]int, 1, 2)
	x := append(spare, 1)
	y := append(spare, 2)
	fmt.Println("spare:", x, y)

	full := make([]int, 1)
	x = append(full, 1)
	y = append(full, 2)
	fmt.Println("full: ", x, y)
	// Output:
	// spare: [0 2] [0 2]
	// full:  [0 1] [0 2]
}

// A third index limits the capacity: a[i:j:k] has capacity k-i, so with k = j
// the next append must make a new array and cannot write into a. It protects
// against append only: the elements themselves stay shared, and a write to
// b[0] still changes a. slices.Clip(b) is the same as b[:len(b):len(b)].
//
//claim:ask What is the third index in a[i:j:k] good for?
//claim:source https://go.dev/ref/spec#Slice_expressions
func Example_fullSlice() {
	a := []int{0, 1, 2, 3}
	b := a[1:3:3]
	fmt.Println("capacity:", cap(a[1:3]), cap(b), cap(slices.Clip(a[1:3])))

	b[0] = -1         // shared
	b = append(b, 99) // not shared
	fmt.Println("a:", a, "b:", b)
	// Output:
	// capacity: 3 2 2
	// a: [0 -1 2 3] b: [-1 2 99]
}

// It prints [0 0 0 1 2]: make([]int, 3) sets the length, so append adds behind
// three zeros. Write make([]int, 0, 3) to reserve room for appending, or keep
// the length and assign by index.
//
//claim:ask s := make([]int, 3); s = append(s, 1, 2): what does it print?
//claim:source https://go.dev/ref/spec#Making_slices_maps_and_channels
func Example_makeThenAppend() {
	wrong := make([]int, 3)
	wrong = append(wrong, 1, 2)
	fmt.Println("length 3:  ", wrong)

	right := make([]int, 0, 3)
	right = append(right, 1, 2)
	fmt.Println("capacity 3:", right)

	indexed := make([]int, 3)
	for i := range indexed {
		indexed[i] = i + 1
	}
	fmt.Println("by index:  ", indexed)
	// Output:
	// length 3:   [0 0 0 1 2]
	// capacity 3: [1 2]
	// by index:   [1 2 3]
}

// A pointer to an element keeps pointing into the old array after append had
// to move the slice, so writes through it no longer reach the slice. While the
// append fits, the pointer is still good, which makes the bug depend on
// capacity. Keep the index instead of the pointer, or store pointers as the
// elements.
//
//claim:ask p := &s[0]; s = append(s, x); *p = 9: does s see the 9?
//claim:source https://go.dev/ref/spec#Appending_and_copying_slices
func Example_stalePointer() {
	full := []int{1, 2}
	p := &full[0]
	full = append(full, 3)
	*p = 9
	fmt.Println("moved: ", full)

	spare := make([]int, 2, 3)
	p = &spare[0]
	spare = append(spare, 3)
	*p = 9
	fmt.Println("fitted:", spare)
	// Output:
	// moved:  [1 2 3]
	// fitted: [9 0 3]
}

// The literal has length 7 and holds 7 0 0 0 0 1 2: an element may name its
// index, the next ones count on from there, and the gaps hold zero values. The
// length is the largest index plus one. The same works in array literals, where [...] takes that length.
//
//claim:ask What are the length and the contents of []int{5: 1, 2, 0: 7}?
//claim:source https://go.dev/ref/spec#Composite_literals
func Example_indexedLiteral() {
	s := []int{5: 1, 2, 0: 7}
	a := [...]string{2: "two"}
	fmt.Println(len(s), s)
	fmt.Printf("%T %q\n", a, a)
	// Output:
	// 7 [7 0 0 0 0 1 2]
	// [3]string ["" "" "two"]
}

// All rows change together if they were filled with one and the same slice,
// because each of them then points to the same cells. slices.Repeat does that
// too: it copies the row headers, not the cells. make([][]int, n) makes n nil
// rows and no cells, so every row has to be made before it is written to.
//
//claim:ask Why does writing to one row of my grid change all the rows?
//claim:source https://go.dev/ref/spec#Slice_types
func Example_sharedRows() {
	row := make([]int, 2)
	shared := [][]int{row, row}
	shared[0][0] = 1
	fmt.Println("shared:  ", shared)

	repeated := slices.Repeat([][]int{{0, 0}}, 2)
	repeated[0][0] = 1
	fmt.Println("repeated:", repeated)

	own := make([][]int, 2)
	fmt.Println("nil row: ", own[0] == nil)
	for i := range own {
		own[i] = make([]int, 2)
	}
	own[0][0] = 1
	fmt.Println("own:     ", own)
	// Output:
	// shared:   [[1 0] [1 0]]
	// repeated: [[1 0] [1 0]]
	// nil row:  true
	// own:      [[1 0] [0 0]]
}
