package reflection_test

import (
	"fmt"
	"reflect"
	"time"
)

// Conversion, as the language has it: no parsing, no check of the range.
func Example_rconvert() {
	convert := func(v any, t reflect.Type) {
		if r := reflect.ValueOf(v); r.CanConvert(t) {
			fmt.Printf("%v -> %v: %v\n", r.Type(), t, r.Convert(t))
			return
		}
		fmt.Printf("%T -> %v: not possible\n", v, t)
	}
	convert(int64(1500000000), reflect.TypeFor[time.Duration]())
	convert(300, reflect.TypeFor[uint8]())
	convert(65, reflect.TypeFor[string]())
	convert("65", reflect.TypeFor[int]())
	// Output:
	// int64 -> time.Duration: 1.5s
	// int -> uint8: 44
	// int -> string: A
	// string -> int: not possible
}
