package reflection_test

import (
	"fmt"
	"reflect"
)

type methodsUser struct{ name string }

func (u methodsUser) Name() string         { return u.name }
func (u *methodsUser) Rename(name string)  { u.name = name }
func (u methodsUser) Greet(n int) []string { return make([]string, n) }

// The methods of the pointer include those of the value, in the order of their names.
func Example_rmethods() {
	for _, t := range []reflect.Type{reflect.TypeFor[methodsUser](), reflect.TypeFor[*methodsUser]()} {
		fmt.Println(t, t.NumMethod())
		for m := range t.Methods() {
			fmt.Println("  ", m.Name, m.Type)
		}
	}
	// Output:
	// reflection_test.methodsUser 2
	//    Greet func(reflection_test.methodsUser, int) []string
	//    Name func(reflection_test.methodsUser) string
	// *reflection_test.methodsUser 3
	//    Greet func(*reflection_test.methodsUser, int) []string
	//    Name func(*reflection_test.methodsUser) string
	//    Rename func(*reflection_test.methodsUser, string)
}

// A method is found by its name and asserted to a plain func type; from there
// on the compiler checks the calls.
func Example_rmethodsByName() {
	u := &methodsUser{name: "Ada"}
	rename, ok := reflect.ValueOf(u).MethodByName("Rename").Interface().(func(string))
	fmt.Println("found:", ok)
	rename("Bob")
	fmt.Println(u.Name())
	fmt.Println("missing:", reflect.ValueOf(u).MethodByName("Delete").IsValid())
	// Output:
	// found: true
	// Bob
	// missing: false
}
