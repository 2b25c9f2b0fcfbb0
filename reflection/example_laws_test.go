package reflection_test

import (
	"fmt"
	"reflect"
)

// The way into reflection and back: an any, a Value, an any again. The type
// assertion at the end is where static typing starts again.
func Example_lawsRoundTrip() {
	var x any = 42
	v := reflect.ValueOf(x)
	fmt.Println("type:", v.Type(), "kind:", v.Kind(), "settable:", v.CanSet())
	back := v.Interface()
	n := back.(int)
	fmt.Println("number:", n+1)

	variable := reflect.ValueOf(&n).Elem()
	variable.SetInt(7)
	fmt.Println("set through a pointer:", n)
	// Output:
	// type: int kind: int settable: false
	// number: 43
	// set through a pointer: 7
}
