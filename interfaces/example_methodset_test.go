package interfaces_test

import "fmt"

type quota struct{ left int }

func (q *quota) Take(n int) { q.left -= n }

// A call takes the address of the variable by itself, an assignment to an interface
// does not: there the address must be written.
func Example_methodSet() {
	q := quota{left: 10}
	q.Take(1) // (&q).Take(1)

	var taker interface{ Take(int) } = &q // q alone does not compile
	taker.Take(2)
	fmt.Println("left:", q.left)

	_, ok := any(q).(interface{ Take(int) })
	fmt.Println("quota has Take:", ok)
	_, ok = any(&q).(interface{ Take(int) })
	fmt.Println("*quota has Take:", ok)
	// Output:
	// left: 7
	// quota has Take: false
	// *quota has Take: true
}

// The element of a map has no address, so store pointers, or write the changed copy
// back.
func Example_methodSetMapElement() {
	byValue := map[string]quota{"a": {left: 10}}
	q := byValue["a"] // byValue["a"].Take(1) does not compile
	q.Take(1)
	fmt.Println("not written back:", byValue["a"].left)
	byValue["a"] = q
	fmt.Println("written back:", byValue["a"].left)

	byPointer := map[string]*quota{"a": {left: 10}}
	byPointer["a"].Take(1)
	fmt.Println("pointer:", byPointer["a"].left)
	// Output:
	// not written back: 10
	// written back: 9
	// pointer: 9
}
