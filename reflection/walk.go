package reflection

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// structType is what the walks ask about a struct type. It is worked out once per type
// and not for every value.
type structType struct {
	fields []reflect.StructField
	plain  bool // an assignment copies everything there is
}

var structTypes sync.Map // from reflect.Type to *structType

func structOf(t reflect.Type) *structType {
	if known, ok := structTypes.Load(t); ok {
		return known.(*structType)
	}
	s := &structType{fields: slices.Collect(t.Fields())}
	s.plain = t == copyTimeType || !slices.ContainsFunc(s.fields, func(f reflect.StructField) bool {
		return !copiedByAssignment(f.Type)
	})
	known, _ := structTypes.LoadOrStore(t, s)
	return known.(*structType)
}

// trail is the way from the root of a value to the part that is visited. It becomes a
// text only when somebody has to read it, so that a walk without findings makes none.
type trail []trailStep

// A trailStep leads to a field, to the value of a key, or to an element.
type trailStep struct {
	field string
	key   reflect.Value
	index int
}

func (t *trail) push(s trailStep) { *t = append(*t, s) }
func (t *trail) pop()             { *t = (*t)[:len(*t)-1] }

// String returns a text such as Orders[2].Labels["a"], or (root).
func (t trail) String() string {
	if len(t) == 0 {
		return "(root)"
	}
	var b strings.Builder
	for _, s := range t {
		switch {
		case s.field != "":
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(s.field)
		case s.key.IsValid():
			fmt.Fprintf(&b, "[%s]", brief(s.key))
		default:
			fmt.Fprintf(&b, "[%d]", s.index)
		}
	}
	return b.String()
}

// brief describes v by its String method, or else on one line. It follows no pointer and
// prints no elements, so that it ends for values which contain themselves.
func brief(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Invalid:
		return "nil"
	case reflect.Pointer, reflect.Func, reflect.Chan, reflect.UnsafePointer, reflect.Slice, reflect.Map, reflect.Interface:
		if v.IsNil() {
			return "nil"
		}
	}
	if v.CanInterface() {
		if s, ok := v.Interface().(fmt.Stringer); ok {
			return fmt.Sprint(s) // and not s.String(), which may panic
		}
	}
	switch v.Kind() {
	case reflect.String:
		return strconv.Quote(v.String())
	case reflect.Interface:
		return brief(v.Elem())
	case reflect.Slice, reflect.Map:
		return fmt.Sprintf("%v of length %d", v.Type(), v.Len())
	case reflect.Pointer, reflect.Func, reflect.Chan, reflect.UnsafePointer, reflect.Array, reflect.Struct:
		return v.Type().String()
	default: // a bool or a number: fmt prints what is inside of a reflect.Value
		return fmt.Sprint(v)
	}
}
