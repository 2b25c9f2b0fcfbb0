package reflection

import (
	"fmt"
	"reflect"
)

// WhyNot explains why a value of type t cannot be stored in a variable of the
// interface type iface, as the compiler would: a method is missing, has another
// signature or is one of the pointer type only. It returns "" if t implements
// iface.
//
// If only unexported methods are missing, it does not say which.
//
// It panics if t is nil or iface is not an interface type. It looks at each
// method once and is meant for messages, not for hot paths. It is safe for
// concurrent use.
func WhyNot(t, iface reflect.Type) string {
	if t.Implements(iface) {
		return ""
	}
	for want := range iface.Methods() {
		if want.PkgPath != "" {
			continue // not to be found by name
		}
		got, ok := t.MethodByName(want.Name)
		if !ok {
			if t.Kind() != reflect.Interface && t.Kind() != reflect.Pointer {
				if _, ok = reflect.PointerTo(t).MethodByName(want.Name); ok {
					return fmt.Sprintf("%v lacks %s, which has a pointer receiver", t, want.Name)
				}
			}
			return fmt.Sprintf("%v lacks %s", t, want.Name)
		}
		if signature := implementsSignature(t, got); signature != want.Type {
			return fmt.Sprintf("%v has %s%s, want %s%s", t, want.Name, signature.String()[len("func"):], want.Name, want.Type.String()[len("func"):])
		}
	}
	return fmt.Sprintf("%v lacks an unexported method of %v", t, iface)
}

// implementsSignature returns the type of a method of t without the receiver.
func implementsSignature(t reflect.Type, m reflect.Method) reflect.Type {
	if t.Kind() == reflect.Interface {
		return m.Type
	}
	var ins, outs []reflect.Type
	for in := range m.Type.Ins() {
		ins = append(ins, in)
	}
	for out := range m.Type.Outs() {
		outs = append(outs, out)
	}
	return reflect.FuncOf(ins[1:], outs, m.Type.IsVariadic())
}
