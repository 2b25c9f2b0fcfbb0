package reflection_test

import (
	"fmt"
	"reflect"
)

// The same array as a copy and as a variable.
func Example_settable() {
	a := [2]int{1, 2}
	copied := reflect.ValueOf(a)
	variable := reflect.ValueOf(&a).Elem()
	fmt.Println("copy:", copied.Index(0).CanSet(), "variable:", variable.Index(0).CanSet())
	variable.Index(0).SetInt(10)
	fmt.Println(a, copied)
	// Output:
	// copy: false variable: true
	// [10 2] [1 2]
}
