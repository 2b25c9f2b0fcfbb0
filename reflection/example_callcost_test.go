package reflection_test

import (
	"fmt"
	"reflect"
)

// A function that was found by reflection is an ordinary one after an assertion
// to its type; Call is needed only if the type is not known.
func Example_callAssert() {
	functions := map[string]reflect.Value{
		"double": reflect.ValueOf(func(n int) int { return 2 * n }),
		"join":   reflect.ValueOf(func(a, b string) string { return a + b }),
	}
	if double, ok := functions["double"].Interface().(func(int) int); ok {
		fmt.Println("direct:", double(21))
	}
	out := functions["join"].Call([]reflect.Value{reflect.ValueOf("go"), reflect.ValueOf("pher")})
	fmt.Println("reflective:", out[0])
	// Output:
	// direct: 42
	// reflective: gopher
}
