package reflection_test

import (
	"fmt"
	"io"
	"reflect"
	"strings"
)

// Implements wants the Type of an interface, which no value can provide.
func Example_typefor() {
	reader := reflect.TypeFor[io.Reader]()
	for _, v := range []any{strings.NewReader(""), "text"} {
		fmt.Println(reflect.TypeOf(v), reflect.TypeOf(v).Implements(reader))
	}
	// Output:
	// *strings.Reader true
	// string false
}

// TypeAssert leaves reflection without the way through an any.
func Example_typeforAssert() {
	numbers := []int{10, 20}
	v := reflect.ValueOf(numbers).Index(1)
	n, ok := reflect.TypeAssert[int](v)
	fmt.Println(n, ok)
	s, ok := reflect.TypeAssert[string](v)
	fmt.Printf("%q %t\n", s, ok)
	// Output:
	// 20 true
	// "" false
}
