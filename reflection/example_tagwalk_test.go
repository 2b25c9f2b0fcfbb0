package reflection_test

import (
	"fmt"
	"reflect"
)

// The path of a promoted field has one index for each struct around it.
func Example_tagwalkPath() {
	type base struct{ ID int }
	type user struct {
		Name string
		base
	}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[user]()) {
		fmt.Println(field.Name, field.Index, field.Anonymous)
	}
	// Output:
	// Name [0] false
	// base [1] true
	// ID [1 0] false
}
