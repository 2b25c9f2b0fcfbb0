package interfaces_test

import "fmt"

type greeter interface{ Greet(name string) string }

type polite struct{}

func (polite) Greet(name string) string { return "hello, " + name }

// loud changes the result of what it wraps.
type loud struct{ greeter }

func (l loud) Greet(name string) string { return l.greeter.Greet(name) + "!" }

// named changes the argument.
type named struct{ greeter }

func (n named) Greet(name string) string { return n.greeter.Greet("<" + name + ">") }

func Example_decoratorLayers() {
	fmt.Println(loud{polite{}}.Greet("Ada"))
	fmt.Println(named{loud{loud{polite{}}}}.Greet("Ada"))
	// Output:
	// hello, Ada!
	// hello, <Ada>!!
}
