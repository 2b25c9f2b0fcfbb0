package interfaces_test

import "fmt"

type tree struct {
	left, right *tree
	value       int
}

// Contains needs no check at its three calls, because it accepts a nil receiver.
func (t *tree) Contains(v int) bool {
	switch {
	case t == nil:
		return false
	case v < t.value:
		return t.left.Contains(v)
	case v > t.value:
		return t.right.Contains(v)
	}
	return true
}

func Example_nilReceiver() {
	var t *tree
	fmt.Println("empty:", t.Contains(1))
	t = &tree{value: 2, left: &tree{value: 1}}
	fmt.Println("has 1:", t.Contains(1))
	fmt.Println("has 3:", t.Contains(3))
	// Output:
	// empty: false
	// has 1: true
	// has 3: false
}
