package reflection

import (
	"reflect"
	"strconv"
	"strings"
)

// TypeName returns a name for t that tells types of different packages apart:
// where [reflect.Type.String] says template.Template for two packages, it says
// text/template.Template and html/template.Template. Pointers, slices, arrays,
// maps and channels are spelled out around the names of their parts; struct,
// func and interface literals are given as String gives them. Two types that
// are declared in functions of one package may still share a name: where
// identity counts, use the [reflect.Type] itself, which can be compared and be
// a map key.
//
// The name of a nil Type is "nil". TypeName is safe for concurrent use.
func TypeName(t reflect.Type) string {
	if t == nil {
		return "nil"
	}
	if t.Name() != "" {
		if t.PkgPath() == "" {
			return t.Name() // int, error
		}
		return t.PkgPath() + "." + t.Name()
	}
	switch t.Kind() {
	case reflect.Pointer:
		return "*" + TypeName(t.Elem())
	case reflect.Slice:
		return "[]" + TypeName(t.Elem())
	case reflect.Array:
		return "[" + strconv.Itoa(t.Len()) + "]" + TypeName(t.Elem())
	case reflect.Map:
		return "map[" + TypeName(t.Key()) + "]" + TypeName(t.Elem())
	case reflect.Chan:
		elem := TypeName(t.Elem())
		if strings.HasPrefix(elem, "<-") {
			elem = "(" + elem + ")" // chan (<-chan T) is not chan<- (chan T)
		}
		return t.ChanDir().String() + " " + elem
	}
	return t.String()
}
