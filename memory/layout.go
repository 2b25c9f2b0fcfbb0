package memory

import "sync/atomic"

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

// GoodOrder has the fields of [BadOrder], the largest first.
type GoodOrder struct {
	ID     int64
	Score  float64
	Active bool
	Level  bool
	Flag   bool
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

// endsEmpty has a field of size zero at its end, startsEmpty at its start.
type endsEmpty struct {
	_ int64
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

// shrunk33 is smaller than shrunk48, but not in the heap.
type shrunk33 [33]byte

type shrunk48 [48]byte

//go:noinline
func newPadded48() *padded48 {
	return &padded48{} //claim:heap
}

//go:noinline
func newPadded32() *padded32 {
	return &padded32{} //claim:heap
}

//go:noinline
func newShrunk33() *shrunk33 {
	return &shrunk33{} //claim:heap
}

//go:noinline
func newShrunk48() *shrunk48 {
	return &shrunk48{} //claim:heap
}
