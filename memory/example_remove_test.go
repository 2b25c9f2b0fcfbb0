package memory_test

import (
	"fmt"
	"slices"

	"github.com/go-deep-dive/godeep/memory"
)

func ExampleSwapDelete() {
	s := []string{"a", "b", "c", "d"}
	s = memory.SwapDelete(s, 1)
	fmt.Println(s)
	// Output:
	// [a d c]
}

// There are three ways to remove s[i]: slices.Delete keeps the order and moves
// everything behind i, moving the last element into the gap is constant time
// and changes the order, and append(s[:i], s[i+1:]...) is what Delete does,
// without clearing the tail. All of them work in the array of s, so the old
// variable is of no use afterwards. To leave s as it is, delete from a clone.
//
//claim:ask How do you remove an element from the middle of a slice?
//claim:source https://pkg.go.dev/slices#Delete
func Example_removeElement() {
	letters := []string{"a", "b", "c", "d"}

	s := slices.Clone(letters)
	fmt.Printf("Delete: %q, array %q\n", slices.Delete(s, 1, 2), s)

	s = slices.Clone(letters)
	fmt.Printf("append: %q, array %q\n", append(s[:1], s[2:]...), s)

	s = slices.Clone(letters)
	s[1] = s[len(s)-1]
	fmt.Printf("swap:   %q, array %q\n", s[:len(s)-1], s)
	// Output:
	// Delete: ["a" "c" "d"], array ["a" "c" "d" ""]
	// append: ["a" "c" "d"], array ["a" "c" "d" "d"]
	// swap:   ["a" "d" "c"], array ["a" "d" "c" "d"]
}

// Sort it and call slices.Compact, which removes equal neighbours only, or, to
// keep the order of first appearance, remember in a map what was seen. Without
// the sorting, Compact leaves duplicates that are not neighbours.
//
//claim:ask How do you remove the duplicates from a slice?
//claim:source https://pkg.go.dev/slices#Compact
func Example_removeDuplicates() {
	s := []int{3, 1, 3, 3, 1, 2}
	fmt.Println("neighbours:", slices.Compact(slices.Clone(s)))

	sorted := slices.Clone(s)
	slices.Sort(sorted)
	fmt.Println("sorted:    ", slices.Compact(sorted))

	seen := make(map[int]bool)
	fmt.Println("in order:  ", slices.DeleteFunc(s, func(v int) bool {
		again := seen[v]
		seen[v] = true
		return again
	}))
	// Output:
	// neighbours: [3 1 3 1 2]
	// sorted:     [1 2 3]
	// in order:   [3 1 2]
}
