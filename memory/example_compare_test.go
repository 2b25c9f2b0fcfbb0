package memory_test

import (
	"fmt"
	"reflect"

	"github.com/go-deep-dive/godeep/memory"
)

// A Document has a slice and a map in it, so == does not compile.
func ExampleDocument() {
	a, b := memory.Document{ID: 1}, memory.Document{ID: 1}
	fmt.Println("comparable:", reflect.TypeOf(a).Comparable())
	fmt.Println("equal:", a.Equal(b))
	// Output:
	// comparable: false
	// equal: true
}

// A struct with a slice needs a method.
func ExampleDocument_Equal() {
	a := memory.Document{ID: 1, Words: []string{"go"}}
	b := memory.Document{ID: 1, Words: []string{"go"}, Counts: map[string]int{}}
	fmt.Println("Equal:", a.Equal(b))
	fmt.Println("DeepEqual:", reflect.DeepEqual(a, b)) // nil and empty differ
	// Output:
	// Equal: true
	// DeepEqual: false
}

// Two interface values with slices in them compile and panic.
func Example_comparePanic() {
	defer func() { fmt.Println("recovered:", recover()) }()
	var a, b any = []int{1}, []int{1}
	fmt.Println(a == b)
	// Output:
	// recovered: runtime error: comparing uncomparable type []int
}
