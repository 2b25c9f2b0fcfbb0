package memory

import (
	"reflect"
	"sync/atomic"
)

// A struct is its fields, in the order they are written, with gaps: each field
// starts at a multiple of its alignment, and the size of the struct is a
// multiple of its largest alignment. The types here hold the same data in
// several orders.

// BadOrder has its fields in an order that wastes memory: a small field before
// each large one. See [GoodOrder].
type BadOrder struct {
	Active bool
	ID     int64
	Level  bool
	Score  float64
	Flag   bool
}

// GoodOrder has the fields of [BadOrder], sorted by alignment.
type GoodOrder struct {
	ID     int64
	Score  float64
	Active bool
	Level  bool
	Flag   bool
}

//go:noinline
func sumBadOrder(list []BadOrder) (sum int64) {
	for i := range list {
		sum += list[i].ID
	}
	return sum
}

//go:noinline
func sumGoodOrder(list []GoodOrder) (sum int64) {
	for i := range list {
		sum += list[i].ID
	}
	return sum
}

// Padding returns how many of the bytes of a value of type t are gaps between and
// behind fields, those of nested structs and of array elements included. It does
// not follow pointers, slices, maps and interfaces. It takes time in proportion
// to the number of fields and is safe for concurrent use.
func Padding(t reflect.Type) uintptr {
	switch t.Kind() {
	case reflect.Struct:
		gaps := t.Size()
		for f := range t.Fields() {
			gaps -= f.Type.Size() - Padding(f.Type)
		}
		return gaps
	case reflect.Array:
		return uintptr(t.Len()) * Padding(t.Elem())
	}
	return 0
}

// inner ends in a gap, which a struct that has it as a field cannot use.
type inner struct {
	a int64
	b bool
}

type nested struct {
	_ inner
	_ bool
}

type flat struct {
	_    int64
	_, _ bool
}

// endsEmpty has a field of size zero at its end, startsEmpty at its start, and
// gapEmpty in the gap that it has anyway.
type endsEmpty struct {
	_ int64
	z struct{}
}

type gapEmpty struct {
	_ int64
	_ bool
	_ struct{}
}

type startsEmpty struct {
	_ struct{}
	n int64
}

// counters has a 64-bit counter behind a 32-bit one. The type atomic.Int64 is
// aligned to 8 bytes on every system, a plain int64 only to 4 on some.
type counters struct {
	_     int32
	large atomic.Int64
}

// boolFlags and bitFlags hold eight yes-or-no values.
type boolFlags struct{ _, _, _, _, _, _, _, _ bool }

type bitFlags uint8

const (
	flagA bitFlags = 1 << iota
	flagB
	flagC
)

func (f bitFlags) has(bit bitFlags) bool       { return f&bit != 0 }
func (f bitFlags) with(bit bitFlags) bitFlags  { return f | bit }
func (f bitFlags) minus(bit bitFlags) bitFlags { return f &^ bit }

// padded48 and padded32 have the same fields in another order.
type padded48 struct {
	_ bool
	_ int64
	_ bool
	_ int64
	_ bool
	_ int64
}

type padded32 struct {
	_, _, _ int64
	_, _, _ bool
}

// padded48More and padded40 have the same fields in another order, and both
// take 48 bytes in the heap.
type padded48More struct {
	_          bool
	_, _, _, _ int64
	_          bool
}

type padded40 struct {
	_, _, _, _ int64
	_, _       bool
}

//go:noinline
func newPadded48() *padded48 {
	return &padded48{} //claim:heap
}

//go:noinline
func newPadded32() *padded32 {
	return &padded32{} //claim:heap
}

//go:noinline
func newPadded48More() *padded48More {
	return &padded48More{} //claim:heap
}

//go:noinline
func newPadded40() *padded40 {
	return &padded40{} //claim:heap
}
