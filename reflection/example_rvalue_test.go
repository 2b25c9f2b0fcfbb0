package reflection_test

import (
	"fmt"
	"reflect"
)

// Three questions that look alike. Only IsValid may be asked of every Value.
func Example_rvalueNilness() {
	var p *int
	for _, v := range []any{nil, p, new(int), 0, []int{}} {
		r := reflect.ValueOf(v)
		fmt.Printf("%-8T valid: %t", v, r.IsValid())
		if r.IsValid() {
			fmt.Printf(", zero: %t", r.IsZero())
		}
		if k := r.Kind(); k == reflect.Pointer || k == reflect.Slice {
			fmt.Printf(", nil: %t", r.IsNil())
		}
		fmt.Println()
	}
	// Output:
	// <nil>    valid: false
	// *int     valid: true, zero: true, nil: true
	// *int     valid: true, zero: false, nil: false
	// int      valid: true, zero: true
	// []int    valid: true, zero: false, nil: false
}

// Equal compares what two Values hold; == compares where they point.
func Example_rvalueEqual() {
	a, b := 1000, 1000
	va, vb := reflect.ValueOf(&a).Elem(), reflect.ValueOf(&b).Elem()
	fmt.Println("==:", va == vb, "Equal:", va.Equal(vb))
	// Output:
	// ==: false Equal: true
}
