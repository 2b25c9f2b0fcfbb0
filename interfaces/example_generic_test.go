package interfaces_test

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/go-deep-dive/godeep/interfaces"
)

func ExampleSet() {
	s := interfaces.Set[string]{"a": {}, "b": {}}
	delete(s, "a")
	fmt.Println(len(s), slices.Sorted(maps.Keys(s)))
	// Output: 1 [b]
}

func ExampleSetOf() {
	s := interfaces.SetOf(3, 1, 3)
	fmt.Println(slices.Sorted(maps.Keys(s)))
	// Output: [1 3]
}

func ExampleSet_Add() {
	s := interfaces.SetOf[string]()
	s.Add("x", "y", "x")
	fmt.Println(len(s))
	// Output: 2
}

func ExampleSet_Has() {
	var none interfaces.Set[int]
	fmt.Println(interfaces.SetOf(1, 2).Has(2), none.Has(2))
	// Output: true false
}

func ExampleStack() {
	var s interfaces.Stack[string]
	s.Push("first")
	s.Push("second")
	for s.Len() > 0 {
		v, _ := s.Pop()
		fmt.Println(v)
	}
	// Output:
	// second
	// first
}

func ExampleStack_Push() {
	var s interfaces.Stack[int]
	s.Push(1)
	s.Push(2)
	fmt.Println(s.Len())
	// Output: 2
}

func ExampleStack_Pop() {
	var s interfaces.Stack[int]
	v, ok := s.Pop()
	fmt.Println(v, ok)
	// Output: 0 false
}

func ExampleStack_Len() {
	var s interfaces.Stack[int]
	fmt.Println(s.Len())
	// Output: 0
}

// The comparison is a function, so the same keys can have any order.
func ExampleTree() {
	byLength := func(a, b string) int {
		return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
	}
	t := interfaces.NewTree[string, int](byLength)
	for i, word := range []string{"pear", "fig", "apple", "date"} {
		t.Put(word, i)
	}
	for word, i := range t.All() {
		fmt.Println(word, i)
	}
	// Output:
	// fig 1
	// date 3
	// pear 0
	// apple 2
}

func ExampleNewTree() {
	t := interfaces.NewTree[string, bool](strings.Compare)
	fmt.Println(t.Len())
	// Output: 0
}

func ExampleTree_Put() {
	t := interfaces.NewTree[int, string](cmp.Compare)
	t.Put(7, "old")
	t.Put(7, "new")
	fmt.Println(t.Get(7))
	// Output: new true
}

func ExampleTree_Get() {
	t := interfaces.NewTree[int, string](cmp.Compare)
	v, ok := t.Get(7)
	fmt.Printf("%q %t\n", v, ok)
	// Output: "" false
}

func ExampleTree_Delete() {
	t := interfaces.NewTree[int, string](cmp.Compare)
	t.Put(7, "seven")
	fmt.Println(t.Delete(7), t.Delete(7))
	// Output: true false
}

func ExampleTree_Len() {
	t := interfaces.NewTree[int, string](cmp.Compare)
	t.Put(1, "a")
	t.Put(2, "b")
	fmt.Println(t.Len())
	// Output: 2
}

func ExampleTree_All() {
	t := interfaces.NewTree[int, string](cmp.Compare)
	for _, k := range []int{3, 1, 2} {
		t.Put(k, strings.Repeat("x", k))
	}
	for k, v := range t.All() {
		if k > 2 {
			break
		}
		fmt.Println(k, v)
	}
	// Output:
	// 1 x
	// 2 xx
}

// Filter, map and reduce over iterators: each value passes all steps before the next
// one is made, and no slice is built between them.
func Example_genericIterators() {
	squares := genericMapped(genericFiltered(slices.Values([]int{1, 2, 3, 4}),
		func(n int) bool { return n%2 == 0 }),
		func(n int) string { return fmt.Sprint(n * n) })
	fmt.Println(genericReduced(squares, "", func(all, s string) string { return all + s + ";" }))
	// Output: 4;16;
}

func genericFiltered[T any](seq iter.Seq[T], keep func(T) bool) iter.Seq[T] {
	return func(yield func(T) bool) {
		for v := range seq {
			if keep(v) && !yield(v) {
				return
			}
		}
	}
}

func genericMapped[T, U any](seq iter.Seq[T], f func(T) U) iter.Seq[U] {
	return func(yield func(U) bool) {
		for v := range seq {
			if !yield(f(v)) {
				return
			}
		}
	}
}

func genericReduced[T, A any](seq iter.Seq[T], start A, f func(A, T) A) A {
	for v := range seq {
		start = f(start, v)
	}
	return start
}
