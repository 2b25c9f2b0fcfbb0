package memory_test

import "fmt"

type temperature struct{ degrees int }

// An interface value holds a copy of the struct that was assigned to it, so a
// later change of the variable does not reach it. A type assertion copies the
// value once more. There is no way to change the copy inside: assign a new
// value, or put a pointer into the interface in the first place.
//
//claim:ask I put a struct into an interface and change the struct: what does the interface hold?
//claim:source https://go.dev/ref/spec#Interface_types
func Example_boxHoldsCopy() {
	t := temperature{20}
	var byValue, byPointer any = t, &t
	t.degrees = 30
	fmt.Println("value:  ", byValue.(temperature).degrees)
	fmt.Println("pointer:", byPointer.(*temperature).degrees)

	out := byValue.(temperature)
	out.degrees = 40
	fmt.Println("value:  ", byValue.(temperature).degrees)
	// Output:
	// value:   20
	// pointer: 30
	// value:   20
}

// A slice passed to a parameter args ...any is one argument, unless it is a
// []any followed by three dots: then its elements are the arguments. A
// []string cannot be passed with dots, because its elements are not interface
// values and would have to be boxed one by one. Without arguments args is nil,
// and a literal nil is one argument.
//
//claim:ask How many arguments does f(args ...any) see for a []string, a []any and nil?
//claim:source https://go.dev/ref/spec#Passing_arguments_to_..._parameters
func Example_variadicArguments() {
	count := func(args ...any) int { return len(args) }
	words, values := []string{"a", "b"}, []any{"a", "b"}
	fmt.Println("[]string:", count(words))
	fmt.Println("[]any:", count(values))
	fmt.Println("[]any with dots:", count(values...))
	fmt.Println("nil:", count(nil))
	fmt.Println("nothing:", count())
	// Output:
	// []string: 1
	// []any: 1
	// []any with dots: 2
	// nil: 1
	// nothing: 0
}
