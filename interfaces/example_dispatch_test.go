package interfaces_test

import "fmt"

// A table of functions is dispatch by value: the key may come from a file or a
// user. A missing key gives a nil function, so ask with ok before calling.
func Example_dispatchTable() {
	operations := map[string]func(a, b int) int{
		"add": func(a, b int) int { return a + b },
		"mul": func(a, b int) int { return a * b },
	}
	for _, name := range []string{"add", "mul", "pow"} {
		if op, ok := operations[name]; ok {
			fmt.Println(name, op(6, 7))
		} else {
			fmt.Println(name, "is unknown")
		}
	}
	// Output:
	// add 13
	// mul 42
	// pow is unknown
}
