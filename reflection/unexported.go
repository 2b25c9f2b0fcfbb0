package reflection

import (
	"reflect"
	"unsafe"
)

// Expose returns a Value for the same variable as v without the mark that v was
// reached through an unexported field, so that it can be set, called and
// converted to an interface. It is meant for debuggers and tests.
//
// The variable must be addressable: take the field of ValueOf(&x).Elem(). If v
// is not, Expose panics; a copy of the struct in a new variable helps for
// reading. It also panics for the zero Value.
//
// It goes around the compiler: the package that owns the field does not know that somebody
// reads or writes it, relies on invariants and locks, and may rename the field at any time.
func Expose(v reflect.Value) reflect.Value {
	if !v.CanAddr() {
		panic("reflection.Expose: value is not addressable")
	}
	// The conversion must be in the same expression as UnsafeAddr: a uintptr
	// keeps nothing alive and does not follow a variable that moves.
	return reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem()
}
