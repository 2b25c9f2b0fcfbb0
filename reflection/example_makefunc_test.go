package reflection_test

import (
	"fmt"
	"reflect"
	"strconv"

	"github.com/go-deep-dive/godeep/reflection"
)

// One hook for functions of two signatures.
func ExampleAround() {
	trace := func(args []reflect.Value, next func([]reflect.Value) []reflect.Value) []reflect.Value {
		results := next(args)
		fmt.Println("call:", args[0], "->", results[0])
		return results
	}
	atoi := reflection.Around(strconv.Atoi, trace)
	quote := reflection.Around(strconv.Quote, trace)
	n, err := atoi("42")
	fmt.Println(n+1, err)
	quote("a")
	// Output:
	// call: 42 -> 42
	// 43 <nil>
	// call: a -> "a"
}

// A cache for any function of comparable arguments.
func Example_makeFuncMemoize() {
	runs := 0
	square := func(n int) int { runs++; return n * n }
	known := map[any][]reflect.Value{}
	cached := reflection.Around(square, func(args []reflect.Value, next func([]reflect.Value) []reflect.Value) []reflect.Value {
		key := args[0].Interface()
		if known[key] == nil {
			known[key] = next(args)
		}
		return known[key]
	})
	fmt.Println(cached(4), cached(4), cached(5), "runs:", runs)
	// Output: 16 16 25 runs: 2
}
