package memory

import "unsafe"

// Converting a value to an interface type is called boxing. An interface value
// is two words: the type and a pointer. If the value is itself a pointer, it
// is the second word; otherwise the second word points to a copy of the value,
// and the question is where that copy comes from.
//
// The functions below box their parameter for a caller who keeps it. For the
// compiler they all escape; whether memory is allocated is decided by the type
// and, for small values, by the value.

// boxWords returns the two words of an interface value.
func boxWords(v any) (typ, data unsafe.Pointer) {
	w := *(*[2]unsafe.Pointer)(unsafe.Pointer(&v))
	return w[0], w[1]
}

//go:noinline
func boxBool(v bool) any { return v } //claim:heap

//go:noinline
func boxInt8(v int8) any { return v } //claim:heap

//go:noinline
func boxInt16(v int16) any { return v } //claim:heap

//go:noinline
func boxInt32(v int32) any { return v } //claim:heap

//go:noinline
func boxInt64(v int64) any { return v } //claim:heap

//go:noinline
func boxFloat64(v float64) any { return v } //claim:heap

//go:noinline
func boxString(v string) any { return v } //claim:heap

//go:noinline
func boxSlice(v []byte) any { return v } //claim:heap

// Pointers, and what is a pointer inside, are the second word themselves.

// boxedHandle has the size and the shape of a pointer.
type boxedHandle struct{ at *gridPoint }

//go:noinline
func boxPointer(v *gridPoint) any { return v } //claim:stack

//go:noinline
func boxMap(v map[string]int) any { return v } //claim:stack

//go:noinline
func boxChannel(v chan int) any { return v } //claim:stack

//go:noinline
func boxFunc(v func()) any { return v } //claim:stack

//go:noinline
func boxHandle(v boxedHandle) any { return v } //claim:stack

//go:noinline
func boxPointerArray(v [1]*gridPoint) any { return v } //claim:stack

// Structs.

type (
	boxedCelsius struct{ degrees int64 } // one field: treated like the field
	boxedNothing struct{}
)

//go:noinline
func boxStruct(v gridPoint) any { return v } //claim:heap

//go:noinline
func boxCelsius(v boxedCelsius) any { return v } //claim:heap

//go:noinline
func boxNothing(v boxedNothing) any { return v } //claim:heap

// Constants, and what is made of them, are in read-only data.

//go:noinline
func boxConstantInt() any { return 1_000_000 } //claim:heap

//go:noinline
func boxConstantString() any { return "text" } //claim:heap

//go:noinline
func boxConstantStruct() any { return gridPoint{3, 4} } //claim:heap

//go:noinline
func boxConstantVariable() any {
	p := gridPoint{3, 4}
	return p //claim:heap
}

//go:noinline
func boxHalfConstant(y int64) any { return gridPoint{3, y} } //claim:heap

// An interface value holds a box already.

//go:noinline
func boxAgain(v error) any { return v } //claim:stack

//go:noinline
func unboxStruct(v any) gridPoint { return v.(gridPoint) } //claim:stack

// A box that nobody keeps is on the stack, up to 1024 bytes.

type (
	boxed1024 [1024]byte
	boxed1025 [1025]byte
)

//go:noinline
func isInt64(v any) bool {
	_, ok := v.(int64)
	return ok
}

//go:noinline
func boxLocally(v int64) bool {
	return isInt64(v) //claim:stack
}

//go:noinline
func box1024Locally(v *boxed1024) bool {
	return isInt64(*v) //claim:stack
}

//go:noinline
func box1025Locally(v *boxed1025) bool {
	return isInt64(*v) // allocates, and is not reported
}

// A map keeps the boxes of its keys.

//go:noinline
func boxedKeyLookup(m map[any]bool, key int64) bool {
	return m[key] //claim:stack
}

//go:noinline
func boxedKeyStore(m map[any]bool, key int64) {
	m[key] = true //claim:heap
}

// A variadic parameter is a slice that the caller makes.

var keptArgs []any

//go:noinline
func countArgs(args ...any) int { return len(args) }

//go:noinline
func keepArgs(args ...any) int {
	keptArgs = args
	return len(args)
}

//go:noinline
func countThree(a, b, c int64) int {
	return countArgs(a, b, c) //claim:stack
}

//go:noinline
func keepThree(a, b, c int64) int {
	return keepArgs(a, b, c) //claim:heap
}

//go:noinline
func keepNone() int {
	return keepArgs() //claim:stack
}

//go:noinline
func keepSlice(args []any) int {
	return keepArgs(args...) //claim:stack
}

// Error values are boxes, too.

type (
	boxedErrorValue   struct{ code, line int64 }
	boxedErrorPointer struct{ code, line int64 }
)

func (e boxedErrorValue) Error() string { return "value" }

func (e *boxedErrorPointer) Error() string { return "pointer" }

//go:noinline
func failWithValue(code int64) error {
	return boxedErrorValue{code, 7} //claim:heap
}

//go:noinline
func failWithPointer(code int64) error {
	return &boxedErrorPointer{code, 7} //claim:heap
}

//go:noinline
func failWithConstant() error {
	return boxedErrorValue{404, 7} //claim:heap
}

// boxedStack and genericStack hold what is pushed, as any and as itself.

type boxedStack struct{ items []any }

func (s *boxedStack) push(v any) { s.items = append(s.items, v) }

func (s *boxedStack) pop() any {
	last := len(s.items) - 1
	v := s.items[last]
	s.items = s.items[:last]
	return v
}

type genericStack[T any] struct{ items []T }

func (s *genericStack[T]) push(v T) { s.items = append(s.items, v) }

func (s *genericStack[T]) pop() T {
	last := len(s.items) - 1
	v := s.items[last]
	s.items = s.items[:last]
	return v
}
