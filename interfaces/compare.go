package interfaces

import "reflect"

// == on two interface values compares the first words and, if they are equal,
// calls the function for == that the type descriptor has. A type without one,
// such as a slice, makes it panic.

// TryEqual reports whether a == b, and whether the two can be compared at all.
// It does not panic: if one of the values is of a type without ==, such as a
// slice, or contains an interface value that is, the result is false, false.
// Where == panics or not depending on the order of the fields, TryEqual gives
// the same answer always. It allocates only for structs and arrays, and may be
// called by several goroutines at once.
func TryEqual(a, b any) (equal, comparable bool) {
	if !compareAllowed(a) || !compareAllowed(b) {
		return false, false
	}
	return a == b, true
}

// compareAllowed reports whether v == v does not panic. Only structs and arrays can hide a
// value without == in an interface, so only they need a look inside.
func compareAllowed(v any) bool {
	if v == nil {
		return true
	}
	switch t := reflect.TypeOf(v); t.Kind() {
	case reflect.Struct, reflect.Array:
		return reflect.ValueOf(v).Comparable()
	default:
		return t.Comparable()
	}
}

// compareToken cannot be compared with ==: the compiler refuses it, because a
// func has no ==. The array has no elements and takes no memory as long as it
// is not the last field.
type compareToken struct {
	_     [0]func()
	value int
}

type compareLoose struct{ value int }

// compareRecord is expensive to compare.
type compareRecord struct{ name, city string }

//go:noinline
func compareInts(list []int, want int) (found int) {
	for _, v := range list {
		if v == want {
			found++
		}
	}
	return found
}

//go:noinline
func compareBoxed(list []any, want any) (found int) {
	for _, v := range list {
		if v == want {
			found++
		}
	}
	return found
}

// compareAsserted asks for the type once and then compares numbers.
//
//go:noinline
func compareAsserted(list []any, want int) (found int) {
	for _, v := range list {
		if n, ok := v.(int); ok && n == want {
			found++
		}
	}
	return found
}

//go:noinline
func compareLookups[K comparable](m map[K]int, keys []K) (sum int) {
	for _, key := range keys {
		sum += m[key]
	}
	return sum
}
