package interfaces

import (
	"fmt"
	"reflect"
	"strings"
)

// Unimplemented tells what v lacks to implement the interface I: for each method that
// is missing a line with the reason, as the compiler would give it. It returns nil if
// v implements I. Use it where a value arrives as any, such as a plugin or a
// registration by reflection, and "does not implement" is not help enough.
//
// Reflection does not see unexported methods of v; if only those are missing, the
// line says so. Unimplemented panics if I is not an interface type. It is safe for
// concurrent use and too slow for hot paths.
func Unimplemented[I any](v any) []string {
	want := reflect.TypeFor[I]()
	if want.Kind() != reflect.Interface {
		panic("interfaces: " + want.String() + " is not an interface type")
	}
	have := reflect.TypeOf(v)
	if have == nil {
		return []string{"nil has no methods"}
	}
	if have.Implements(want) {
		return nil
	}
	var reasons, hidden []string
	for method := range want.Methods() {
		if !method.IsExported() {
			hidden = append(hidden, method.Name+": unexported method of "+method.PkgPath)
			continue
		}
		got, ok := have.MethodByName(method.Name)
		if !ok {
			reason := "missing"
			if _, ok := reflect.PointerTo(have).MethodByName(method.Name); ok {
				reason = "has pointer receiver"
			}
			reasons = append(reasons, method.Name+": "+reason)
		} else if signature := satisfyWithoutReceiver(got.Type); signature != method.Type {
			reasons = append(reasons, fmt.Sprintf("%s: have %s, want %s", method.Name, signature, method.Type))
		}
	}
	if reasons == nil {
		return hidden
	}
	return reasons
}

// satisfyWithoutReceiver returns the type of a method as an interface declares it.
func satisfyWithoutReceiver(method reflect.Type) reflect.Type {
	in := make([]reflect.Type, 0, method.NumIn())
	for i := 1; i < method.NumIn(); i++ {
		in = append(in, method.In(i))
	}
	out := make([]reflect.Type, 0, method.NumOut())
	for result := range method.Outs() {
		out = append(out, result)
	}
	return reflect.FuncOf(in, out, method.IsVariadic())
}

// satisfyGreeter is implemented by satisfyPlain and by *satisfyPlain, and neither
// says so.
type satisfyGreeter interface{ Greet(name string) string }

type satisfyPlain struct{ word string }

func (p satisfyPlain) Greet(name string) string { return strings.TrimSpace(p.word + " " + name) }

// The assertion that the compiler checks. It leaves nothing in the program.
var (
	_ satisfyGreeter = satisfyPlain{}
	_ satisfyGreeter = (*satisfyPlain)(nil)
)
