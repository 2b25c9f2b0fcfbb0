package interfaces_test

import "fmt"

// steps is what a subclass would override.
type steps interface {
	Prepare() string
	Serve() string
}

// defaultSteps has defaults. tea keeps one of them and hides the other.
type defaultSteps struct{}

func (defaultSteps) Prepare() string { return "boil water" }
func (defaultSteps) Serve() string   { return "in a cup" }

type tea struct{ defaultSteps }

func (tea) Serve() string { return "in a glass" }

// run is the fixed part, the template method. It gets the steps as a parameter.
func run(s steps) string { return s.Prepare() + ", serve " + s.Serve() }

func Example_oopTemplateMethod() {
	fmt.Println("default:", run(defaultSteps{}))
	fmt.Println("tea:", run(tea{}))
	// Output:
	// default: boil water, serve in a cup
	// tea: boil water, serve in a glass
}
