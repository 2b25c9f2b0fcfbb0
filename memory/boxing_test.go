package memory

import (
	"errors"
	"io/fs"
	"math"
	"sync"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"

	"github.com/go-deep-dive/godeep/internal/proof"
)

var keptBox any

// boxAllocs counts the allocations of one call of f, whose result is kept.
func boxAllocs(t *testing.T, want float64, f func() any) {
	t.Helper()
	proof.WantAllocs(t, want, func() { keptBox = f() })
}

// An integer whose bits are below 256 is boxed without an allocation: the box
// is an entry of a table that the runtime keeps ready. So bool, int8 and uint8
// never allocate. A larger value of a wider type is one allocation, and so is
// every negative one, because its upper bits are set. A float64 goes by its
// bits as well: 0.0 is free, -0.0 and 1.5 are not.
//
//claim:ask Which integers can be stored in an interface without an allocation?
//claim:expect allocs/op of=255 == 0
//claim:expect allocs/op of=256 == 1
//claim:expect B/op of=256 == 8
//claim:expect ns/op of=256 > 2x of=255
//claim:source runtime/iface.go
//claim:source https://go.dev/doc/go1.15#runtime
func BenchmarkBoxInteger(b *testing.B) {
	b.Run("of=255", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			boxInt64(255)
		}
	})
	b.Run("of=256", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			boxInt64(256)
		}
	})
}

func TestBoxInteger(t *testing.T) {
	assert.Equal(t, any(int64(255)), boxInt64(255))
	assert.Equal(t, any(int64(256)), boxInt64(256))
	for _, c := range []struct {
		name string
		want float64
		box  func() any
	}{
		{"bool", 0, func() any { return boxBool(true) }},
		{"int8 -1", 0, func() any { return boxInt8(-1) }},
		{"int16 255", 0, func() any { return boxInt16(255) }},
		{"int16 256", 1, func() any { return boxInt16(256) }},
		{"int16 -1", 1, func() any { return boxInt16(-1) }},
		{"int32 255", 0, func() any { return boxInt32(255) }},
		{"int32 256", 1, func() any { return boxInt32(256) }},
		{"int64 0", 0, func() any { return boxInt64(0) }},
		{"int64 255", 0, func() any { return boxInt64(255) }},
		{"int64 256", 1, func() any { return boxInt64(256) }},
		{"int64 -1", 1, func() any { return boxInt64(-1) }},
		{"float64 0", 0, func() any { return boxFloat64(0) }},
		{"float64 -0", 1, func() any { return boxFloat64(math.Copysign(0, -1)) }},
		{"float64 1.5", 1, func() any { return boxFloat64(1.5) }},
		{"struct of 255", 0, func() any { return boxCelsius(boxedCelsius{255}) }},
		{"struct of 256", 1, func() any { return boxCelsius(boxedCelsius{256}) }},
	} {
		t.Run(c.name, func(t *testing.T) { boxAllocs(t, c.want, c.box) })
	}
}

// A value that is a pointer is stored in the interface value itself and is
// never an allocation. Maps, channels and functions are pointers to the
// runtime, and so is a struct or an array with one such value as its only
// field or element. This is why a pointer in an interface is cheap to make,
// and why the method that is called through it sees the original.
//
//claim:ask Which types does an interface store without a copy?
//claim:source cmd/compile/internal/types/type.go
func TestBoxPointer(t *testing.T) {
	p, m, c := &gridPoint{}, map[string]int{}, make(chan int)
	f := func() { p.x++ }

	_, data := boxWords(boxPointer(p))
	assert.Equal(t, unsafe.Pointer(p), data, "the second word is the pointer")
	_, data = boxWords(boxHandle(boxedHandle{p}))
	assert.Equal(t, unsafe.Pointer(p), data)
	_, data = boxWords(boxStruct(*p))
	assert.NotEqual(t, unsafe.Pointer(p), data, "the second word points to a copy")

	boxAllocs(t, 0, func() any { return boxPointer(p) })
	boxAllocs(t, 0, func() any { return boxMap(m) })
	boxAllocs(t, 0, func() any { return boxChannel(c) })
	boxAllocs(t, 0, func() any { return boxFunc(f) })
	boxAllocs(t, 0, func() any { return boxHandle(boxedHandle{p}) })
	boxAllocs(t, 0, func() any { return boxPointerArray([1]*gridPoint{p}) })
}

// Boxing a string or a slice allocates a copy of its header, two or three
// words, but not of what it points to: the box shares the bytes. The empty
// string and the nil slice are free; a slice that is empty and not nil is not.
//
//claim:ask Does storing a string or a slice in an interface copy its contents?
//claim:source runtime/iface.go
func TestBoxStringSlice(t *testing.T) {
	text, bytes := string(make([]byte, 1<<10)), make([]byte, 1<<10)
	boxedText, boxedBytes := boxString(text).(string), boxSlice(bytes).([]byte)
	assert.Same(t, unsafe.StringData(text), unsafe.StringData(boxedText))
	assert.Same(t, &bytes[0], &boxedBytes[0])

	boxAllocs(t, 1, func() any { return boxString(text) })
	boxAllocs(t, 1, func() any { return boxString(text[:1]) })
	boxAllocs(t, 0, func() any { return boxString(text[:0]) })
	boxAllocs(t, 1, func() any { return boxSlice(bytes) })
	boxAllocs(t, 1, func() any { return boxSlice(bytes[:0]) })
	boxAllocs(t, 0, func() any { return boxSlice(nil) })

	const calls, word = 1000, uint64(unsafe.Sizeof(uintptr(0)))
	perCall := func(f func()) uint64 {
		return proof.AllocatedBytes(func() {
			for range calls {
				f()
			}
		}) / calls
	}
	assert.Equal(t, 2*word, perCall(func() { keptBox = boxString(text) }))
	assert.Equal(t, (3*word+7)&^7, perCall(func() { keptBox = boxSlice(bytes) }), "three words, in multiples of 8")
}

// Boxing a struct variable allocates a copy of the struct, even if all its
// fields are zero: the runtime looks at the value only for types that are one
// number, string or slice. A struct without size needs no memory. A struct
// that the compiler knows completely is in read-only data and free since
// Go 1.25 (see BoxConstant).
//
//claim:ask Does storing a struct in an interface allocate?
//claim:source cmd/compile/internal/walk/convert.go
func TestBoxStruct(t *testing.T) {
	boxAllocs(t, 1, func() any { return boxStruct(gridPoint{3, 4}) })
	boxAllocs(t, 1, func() any { return boxStruct(gridPoint{}) })
	boxAllocs(t, 1, func() any { return boxHalfConstant(4) })
	boxAllocs(t, 0, func() any { return boxNothing(boxedNothing{}) })
}

// Boxing a constant allocates nothing: the value lies in read-only data, and
// all boxes of it point there. Since Go 1.25 this includes struct and array
// literals whose parts are all constants, and local variables that are
// assigned such a value once. One part that is not constant makes it an
// allocation again. The compiler's report says "escapes to heap" for constants
// too: it means that the value outlives the call, and not that memory is
// allocated.
//
//claim:ask Does any(1000000) or any(T{1, 2}) allocate?
//claim:source https://github.com/golang/go/issues/71359
//claim:source cmd/compile/internal/walk/convert.go
func TestBoxConstant(t *testing.T) {
	_, first := boxWords(boxConstantStruct())
	_, second := boxWords(boxConstantStruct())
	assert.Equal(t, first, second, "both boxes point to one value")
	assert.Equal(t, boxStruct(gridPoint{3, 4}), boxConstantStruct())
	t.Run("section", func(t *testing.T) {
		assert.Equal(t, ".rodata", elfSection(t, first))
	})

	for _, box := range []func() any{boxConstantInt, boxConstantString, boxConstantStruct, boxConstantVariable} {
		boxAllocs(t, 0, box)
	}
	boxAllocs(t, 1, func() any { return boxHalfConstant(4) })
}

// A box that nobody keeps is on the stack. Passing a value to a function that
// takes an interface is therefore free if that function is known and only
// looks at the value. The limit is 1024 bytes: a bigger value is boxed on the
// heap in any case, and the compiler's report does not mention it.
//
//claim:ask Does passing a value to a parameter of type any always allocate?
//claim:source cmd/compile/internal/walk/convert.go
func TestBoxLocally(t *testing.T) {
	assert.True(t, boxLocally(1000))
	proof.WantAllocs(t, 0, func() { boxLocally(1000) })
	proof.WantAllocs(t, 0, func() { box1024Locally(&boxed1024{}) })
	proof.WantAllocs(t, 1, func() { box1025Locally(new(boxed1025)) })
}

// A call with n arguments for a parameter args ...any makes a slice of n
// interface values and boxes every argument. If the callee keeps nothing, the
// slice and the boxes are on the stack and the call is free. If it keeps the
// slice, the slice is one allocation and each box may be one more. Without
// arguments the slice is nil, and with args... the caller's slice is passed as
// it is: both are free.
//
//claim:ask What does calling a function with a parameter ...any allocate?
//claim:source https://go.dev/ref/spec#Passing_arguments_to_..._parameters
func TestVariadicAny(t *testing.T) {
	args := []any{1, 2}
	assert.Equal(t, 3, keepThree(1000, 1000, 1000))
	assert.Equal(t, 0, keepNone())
	assert.Nil(t, keptArgs)
	assert.Equal(t, 2, keepSlice(args))
	assert.Same(t, &args[0], &keptArgs[0])

	proof.WantAllocs(t, 0, func() { countThree(1000, 1000, 1000) })
	proof.WantAllocs(t, 1+3, func() { keepThree(1000, 1000, 1000) })
	proof.WantAllocs(t, 1, func() { keepThree(1, 2, 3) })
	proof.WantAllocs(t, 0, func() { keepNone() })
	proof.WantAllocs(t, 0, func() { keepSlice(args) })
}

// Converting an interface value to another interface type does not box it
// again: the second word, the pointer to the value, is taken over. A type
// assertion to the concrete type copies the value out and allocates nothing.
// Only the way into an interface can allocate.
//
//claim:ask Does converting one interface type to another, or a type assertion, allocate?
//claim:source https://go.dev/ref/spec#Type_assertions
func TestBoxAgain(t *testing.T) {
	err := failWithValue(404)
	_, before := boxWords(err)
	_, after := boxWords(boxAgain(err))
	assert.Equal(t, before, after)

	box := boxStruct(gridPoint{3, 4})
	assert.Equal(t, gridPoint{3, 4}, unboxStruct(box))
	boxAllocs(t, 0, func() any { return boxAgain(err) })
	proof.WantAllocs(t, 0, func() { unboxStruct(box) })
}

// Returning a struct as an error boxes it: one allocation, exactly as many as
// returning the address of a struct. What is free is an error that exists
// already, such as a variable of package level, and, since Go 1.25, a struct
// value whose fields are all constants. A successful call returns nil and
// pays for none of it.
//
//claim:ask Is it cheaper to return an error as a struct value than as a pointer?
//claim:source cmd/compile/internal/walk/convert.go
func TestBoxError(t *testing.T) {
	assert.Equal(t, boxedErrorValue{404, 7}, failWithValue(404))
	assert.Equal(t, &boxedErrorPointer{404, 7}, failWithPointer(404))
	boxAllocs(t, 1, func() any { return failWithValue(404) })
	boxAllocs(t, 1, func() any { return failWithPointer(404) })
	boxAllocs(t, 0, func() any { return failWithConstant() })
	boxAllocs(t, 0, func() any { return fs.ErrNotExist })
	boxAllocs(t, 1, func() any { return errors.New("made in each call") })
}

// Putting a slice into a sync.Pool allocates each time, because Put takes an
// any and the slice header has to be boxed. Put a pointer to the slice, or to
// a struct that holds it, and nothing is allocated. The linter staticcheck
// reports the mistake as SA6002.
//
//claim:ask Why does pool.Put(buf) allocate for a []byte?
//claim:source https://pkg.go.dev/sync#Pool
func TestPoolPutSlice(t *testing.T) {
	buf := make([]byte, 1<<10)
	var slices, pointers sync.Pool
	proof.WantAllocs(t, 1, func() {
		slices.Put(buf) //lint:ignore SA6002 this is what the test shows
		buf = slices.Get().([]byte)
	})
	p := &buf
	proof.WantAllocs(t, 0, func() {
		pointers.Put(p)
		p = pointers.Get().(*[]byte)
	})
}

// A lookup in a map with keys of type any boxes its key on the stack and
// allocates nothing. An assignment boxes the key for the map to keep, which is
// one allocation, even if the map has that key already and keeps the old box.
// Small integers are free, as in every box (see BoxInteger).
//
//claim:ask Does looking up an int in a map[any]V allocate?
//claim:source cmd/compile/internal/walk/convert.go
func TestBoxMapKey(t *testing.T) {
	m := map[any]bool{int64(255): true, int64(1000): true}
	assert.True(t, boxedKeyLookup(m, 1000))
	proof.WantAllocs(t, 0, func() { boxedKeyLookup(m, 1000) })
	proof.WantAllocs(t, 1, func() { boxedKeyStore(m, 1000) })
	proof.WantAllocs(t, 0, func() { boxedKeyStore(m, 255) })
}

// A container of any boxes every value that goes in; a generic container of
// the same code stores the values themselves. For numbers that means one
// allocation per value against none. It makes no difference for pointers,
// which are not boxed. The generic container holds values of one type only,
// which is what most containers of any hold as well.
//
//claim:ask What does a generic container save over one of type []any?
//claim:expect allocs/op of=any == 100
//claim:expect allocs/op of=generic == 0
//claim:expect ns/op of=any > 2.5x of=generic
//claim:source https://go.dev/blog/when-generics
func BenchmarkBoxedContainer(b *testing.B) {
	b.Run("of=any", func(b *testing.B) {
		s := boxedStack{make([]any, 0, 100)}
		b.ReportAllocs()
		for b.Loop() {
			sumBoxed(&s)
		}
	})
	b.Run("of=generic", func(b *testing.B) {
		s := genericStack[int64]{make([]int64, 0, 100)}
		b.ReportAllocs()
		for b.Loop() {
			sumGeneric(&s)
		}
	})
}

// sumBoxed pushes 100 numbers, pops them and returns their sum.
func sumBoxed(s *boxedStack) (sum int64) {
	for n := range int64(100) {
		s.push(1000 + n)
	}
	for range 100 {
		sum += s.pop().(int64)
	}
	return sum
}

// sumGeneric does the same with a generic stack.
func sumGeneric(s *genericStack[int64]) (sum int64) {
	for n := range int64(100) {
		s.push(1000 + n)
	}
	for range 100 {
		sum += s.pop()
	}
	return sum
}

func TestBoxedContainer(t *testing.T) {
	boxed, generic := boxedStack{make([]any, 0, 100)}, genericStack[int64]{make([]int64, 0, 100)}
	pointers, p := boxedStack{make([]any, 0, 100)}, &gridPoint{}
	assert.Equal(t, int64(100*1000+4950), sumBoxed(&boxed))
	assert.Equal(t, sumBoxed(&boxed), sumGeneric(&generic))
	proof.WantAllocs(t, 0, func() {
		pointers.push(p)
		p = pointers.pop().(*gridPoint)
	})
}
