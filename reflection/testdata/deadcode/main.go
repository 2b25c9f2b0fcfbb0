// Command deadcode tells which methods of a type the linker has kept. The build tags
// named and dynamic add a look at methods by reflection.
package main

import (
	"bytes"
	"os"
	"reflect"
)

type order struct{ id int }

//go:noinline
func (o order) Called() int { return o.id }

//go:noinline
func (o order) Interface() int { return o.id }

//go:noinline
func (o order) Named() int { return o.id }

//go:noinline
func (o order) Unused() int { return o.id }

//go:noinline
func (o order) hidden() int { return o.id }

// value is a variable, so that the compiler cannot tell what is in it.
var value any = order{1}

type user interface{ Interface() int }

// look is set by the files with build tags.
var look = func(v reflect.Value) int { return v.NumMethod() }

func main() {
	println("called", order{1}.Called())
	if u, ok := value.(user); ok {
		println("interface", u.Interface())
	}
	println("look", look(reflect.ValueOf(value)))

	path, err := os.Executable()
	if err != nil {
		panic(err)
	}
	program, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	// The table of functions, which tracebacks use, has the names of all that are kept. The
	// name is put together here, so that it is not found in this function.
	for _, method := range []string{"Interface", "Named", "Unused", "hidden"} {
		name := append([]byte("main."), "order."...)
		println(method, bytes.Contains(program, append(name, method...)))
	}
}
