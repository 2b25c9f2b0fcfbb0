package interfaces_test

import (
	"fmt"
	"strings"
)

// An assertion to an interface is how optional methods are used: ask for the
// method, and have an answer for values without it.
func Example_assertionOptional() {
	describe := func(v any) string {
		if s, ok := v.(fmt.Stringer); ok {
			return "says " + s.String()
		}
		return fmt.Sprintf("is a %T", v)
	}
	var b strings.Builder
	b.WriteString("hello")
	fmt.Println("builder:", describe(&b))
	fmt.Println("number: ", describe(7))
	// Output:
	// builder: says hello
	// number:  is a int
}

// The panic of a failed assertion is an ordinary runtime error.
func Example_assertionPanic() {
	defer func() { fmt.Println("recovered:", recover()) }()
	var v any = "8080"
	fmt.Println(v.(int))
	// Output: recovered: interface conversion: interface {} is string, not int
}
