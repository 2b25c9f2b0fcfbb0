package interfaces_test

import (
	"fmt"
	"strings"
)

// The static type of a variable is the one it is declared with and never
// changes. The dynamic type is that of the value that an interface variable
// holds at the moment; each assignment may change it. fmt prints the dynamic
// type with %T, and a nil interface has none. Only variables of interface type
// have two types: for all others they are the same.
//
//claim:ask What are the static and the dynamic type of a variable?
//claim:source https://go.dev/ref/spec#Variables
func Example_dynamicType() {
	var s fmt.Stringer // the static type, for ever
	fmt.Printf("%T\n", s)
	s = new(strings.Builder)
	fmt.Printf("%T\n", s)
	s = weekday(1)
	fmt.Printf("%T %v\n", s, s)

	var v any = s
	fmt.Printf("%T\n", v)
	// Output:
	// <nil>
	// *strings.Builder
	// interfaces_test.weekday Monday
	// interfaces_test.weekday
}

type weekday int

func (d weekday) String() string { return []string{"Sunday", "Monday"}[d] }

type account struct{ balance int }

// An assertion returns a copy, and what is changed is that copy. To change what
// the interface holds, store the changed value again; with a pointer in the
// interface this is not needed.
//
//claim:ask How do I change a struct that is stored in an any?
//claim:source https://go.dev/ref/spec#Type_assertions
func Example_dynamicStoreBack() {
	accounts := map[string]any{"a": account{1}, "b": &account{1}}

	copied := accounts["a"].(account)
	copied.balance = 2
	fmt.Println("changed the copy:", accounts["a"].(account).balance)
	accounts["a"] = copied
	fmt.Println("stored it again: ", accounts["a"].(account).balance)

	accounts["b"].(*account).balance = 2
	fmt.Println("by the pointer:  ", accounts["b"].(*account).balance)
	// Output:
	// changed the copy: 1
	// stored it again:  2
	// by the pointer:   2
}

// An interface value is passed by value, as everything is: the function gets a
// copy of its two words. Assigning to the parameter changes the copy only. What
// a pointer in it points to is shared, and so a change through the pointer is
// seen by the caller.
//
//claim:ask Is an interface passed by reference?
//claim:source https://go.dev/doc/faq#pass_by_value
func Example_dynamicPassed() {
	replace := func(v any) any {
		fmt.Printf("replaces %T\n", v)
		v = account{9}
		return v
	}
	change := func(v any) { v.(*account).balance = 9 }

	var byValue, byPointer any = account{1}, &account{1}
	replace(byValue)
	replace(byPointer)
	fmt.Println("after assigning: ", byValue.(account).balance, byPointer.(*account).balance)
	change(byPointer)
	fmt.Println("after the change:", byPointer.(*account).balance)
	// Output:
	// replaces interfaces_test.account
	// replaces *interfaces_test.account
	// after assigning:  1 1
	// after the change: 9
}
