package interfaces_test

import (
	"fmt"

	"github.com/go-deep-dive/godeep/interfaces"
)

func ExampleTryEqual() {
	show := func(label string, a, b any) {
		equal, comparable := interfaces.TryEqual(a, b)
		fmt.Printf("%s: equal %t, comparable %t\n", label, equal, comparable)
	}
	show("numbers", 1, 1)
	show("two types", 1, int64(1))
	show("slices", []int{1}, []int{1})
	show("slices inside", [1]any{[]int{1}}, [1]any{[]int{1}})
	// Output:
	// numbers: equal true, comparable true
	// two types: equal false, comparable true
	// slices: equal false, comparable false
	// slices inside: equal false, comparable false
}

type celsius int

// The keys 1 and int64(1) are two, because the dynamic type is part of an
// interface value. A named type is a third one.
func Example_compareKeys() {
	names := map[any]string{1: "int", int64(1): "int64", celsius(1): "celsius"}
	fmt.Println("keys:", len(names))
	fmt.Println("1:", names[1])
	fmt.Println("celsius(1):", names[celsius(1)])
	fmt.Printf("int32(1): %q\n", names[int32(1)])
	// Output:
	// keys: 3
	// 1: int
	// celsius(1): celsius
	// int32(1): ""
}
