package reflection

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
)

// A Change is one difference found by [Diff].
type Change struct {
	// Path leads to the difference: Orders[2].Labels["a"], or (root).
	Path string
	// Before and After describe the two values: by their method String if they have one,
	// else bools, numbers and strings in full, and everything else by type and length.
	// What exists on one side only is "absent" on the other.
	Before, After string
}

// String returns the change on one line: "Orders[2].Price: 3 -> 4".
func (c Change) String() string {
	return fmt.Sprintf("%s: %s -> %s", c.Path, c.Before, c.After)
}

// Diff returns the differences between a and b, sorted by path, or nil if they are
// equal. Like [reflect.DeepEqual] it follows pointers, slices, maps, arrays, structs with
// their unexported fields, and interfaces, and ends for values that contain themselves.
// Unlike it,
//
//   - a type with a method Equal(T) bool decides itself what is equal, as [time.Time]
//     does; the method is not called for unexported fields and nil pointers,
//   - NaN is equal to NaN.
//
// A nil slice differs from an empty one, and a function equals nothing but a nil function
// of its type: it differs even from itself, like for DeepEqual. The elements of slices are
// compared by index: an element inserted at the beginning changes all of them. A key that
// is not equal to itself, such as NaN, is found in no map.
//
// The time is proportional to the size of the data, plus the sorting of what was found.
func Diff[T any](a, b T) []Change {
	d := differ{seen: make(map[[2]memory]bool)}
	// The elements of pointers to a and b have the type T even if that is an interface.
	d.compare(reflect.ValueOf(&a).Elem(), reflect.ValueOf(&b).Elem())
	slices.SortStableFunc(d.found, func(a, b Change) int { return strings.Compare(a.Path, b.Path) })
	return d.found
}

type differ struct {
	seen  map[[2]memory]bool
	at    trail
	found []Change
}

func (d *differ) add(before, after string) {
	d.found = append(d.found, Change{Path: d.at.String(), Before: before, After: after})
}

// in compares two parts that the step s leads to.
func (d *differ) in(s trailStep, a, b reflect.Value) {
	d.at.push(s)
	d.compare(a, b)
	d.at.pop()
}

// compare compares two values of the same type.
func (d *differ) compare(a, b reflect.Value) {
	if equal, ok := callEqual(a, b); ok {
		if !equal {
			d.add(brief(a), brief(b))
		}
		return
	}
	switch a.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface, reflect.Func:
		if a.IsNil() || b.IsNil() {
			if a.IsNil() != b.IsNil() {
				d.add(brief(a), brief(b))
			}
			return
		}
	}
	switch a.Kind() {
	case reflect.Struct:
		for i, field := range structOf(a.Type()).fields {
			d.in(trailStep{field: field.Name}, a.Field(i), b.Field(i))
		}
	case reflect.Array:
		d.elements(a, b)
	case reflect.Interface:
		if a.Elem().Type() != b.Elem().Type() {
			d.add(typed(a.Elem()), typed(b.Elem()))
			return
		}
		d.compare(a.Elem(), b.Elem())
	case reflect.Pointer, reflect.Slice, reflect.Map:
		pair := [2]memory{memoryOf(a), memoryOf(b)}
		if d.seen[pair] {
			return // compared already, or being compared further up
		}
		d.seen[pair] = true
		switch a.Kind() {
		case reflect.Pointer:
			d.compare(a.Elem(), b.Elem())
		case reflect.Slice:
			d.elements(a, b)
		case reflect.Map:
			d.entries(a, b)
		}
	default:
		if !sameScalar(a, b) {
			d.add(brief(a), brief(b))
		}
	}
}

func (d *differ) elements(a, b reflect.Value) {
	common := min(a.Len(), b.Len())
	for i := range common {
		d.in(trailStep{index: i}, a.Index(i), b.Index(i))
	}
	for i := common; i < a.Len(); i++ {
		d.onOneSide(trailStep{index: i}, brief(a.Index(i)), absent)
	}
	for i := common; i < b.Len(); i++ {
		d.onOneSide(trailStep{index: i}, absent, brief(b.Index(i)))
	}
}

func (d *differ) entries(a, b reflect.Value) {
	for entries := a.MapRange(); entries.Next(); {
		at := trailStep{key: entries.Key()}
		if other := b.MapIndex(entries.Key()); other.IsValid() {
			d.in(at, entries.Value(), other)
		} else {
			d.onOneSide(at, brief(entries.Value()), absent)
		}
	}
	for entries := b.MapRange(); entries.Next(); {
		if !a.MapIndex(entries.Key()).IsValid() {
			d.onOneSide(trailStep{key: entries.Key()}, absent, brief(entries.Value()))
		}
	}
}

const absent = "absent"

func (d *differ) onOneSide(s trailStep, before, after string) {
	d.at.push(s)
	d.add(before, after)
	d.at.pop()
}

// callEqual calls a.Equal(b) if there is such a method and reflection may call it.
func callEqual(a, b reflect.Value) (equal, ok bool) {
	if a.NumMethod() == 0 || !a.CanInterface() || a.Kind() == reflect.Interface || a.Kind() == reflect.Pointer && (a.IsNil() || b.IsNil()) {
		return false, false
	}
	method := a.MethodByName("Equal")
	if !method.IsValid() {
		return false, false
	}
	t := method.Type()
	if t.NumIn() != 1 || t.In(0) != a.Type() || t.IsVariadic() || t.NumOut() != 1 || t.Out(0).Kind() != reflect.Bool {
		return false, false
	}
	return method.Call([]reflect.Value{b})[0].Bool(), true
}

func sameScalar(a, b reflect.Value) bool {
	switch a.Kind() {
	case reflect.Func:
		return false // nil functions are gone already
	case reflect.Float32, reflect.Float64:
		return sameFloat(a.Float(), b.Float())
	case reflect.Complex64, reflect.Complex128:
		x, y := a.Complex(), b.Complex()
		return sameFloat(real(x), real(y)) && sameFloat(imag(x), imag(y))
	default:
		return a.Equal(b)
	}
}

func sameFloat(x, y float64) bool { return x == y || math.IsNaN(x) && math.IsNaN(y) }

// typed describes v together with its type, because int 1 and int64 1 look the same.
func typed(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Pointer, reflect.Func, reflect.Chan, reflect.UnsafePointer, reflect.Array, reflect.Struct, reflect.Slice, reflect.Map:
		return v.Type().String()
	default:
		return fmt.Sprintf("%v(%s)", v.Type(), brief(v))
	}
}
