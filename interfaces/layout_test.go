package interfaces

import (
	"fmt"
	"io"
	"reflect"
	"runtime"
	"sync/atomic"
	"testing"
	"unsafe"
	"weak"

	"github.com/stretchr/testify/require"
)

// layoutTypeOf returns the descriptor that a reflect.Type stands for.
func layoutTypeOf(t reflect.Type) unsafe.Pointer {
	return layoutOf(t).data // a *reflect.rtype, which starts with the descriptor
}

// An interface value is two words: what it holds, and where that is. In an any
// the first word points to the type descriptor of the dynamic type, the same
// one that reflect.TypeOf returns, so equal types mean equal words. The second
// word points to the value; for a pointer it is the pointer itself. A nil
// interface is two zero words. This is how the gc toolchain does it, and not a
// promise of the language.
//
//claim:ask What is an interface value in memory?
//claim:source internal/abi/iface.go
//claim:source https://go.dev/doc/faq#nil_error
func TestLayoutWords(t *testing.T) {
	number, station := 1234, &layoutStation{id: 7}
	words := layoutOf(number)
	require.Equal(t, layoutTypeOf(reflect.TypeFor[int]()), words.typ)
	require.Equal(t, number, *(*int)(words.data), "data points to the value")
	require.Equal(t, words.typ, layoutOf(99).typ, "the same type, the same word")
	require.NotEqual(t, words.typ, layoutOf(int64(99)).typ)

	words = layoutOf(station)
	require.Equal(t, layoutTypeOf(reflect.TypeFor[*layoutStation]()), words.typ)
	require.Equal(t, unsafe.Pointer(station), words.data, "data is the pointer")

	require.Zero(t, layoutOf(nil))
}

// An interface value has the size of two pointers: 16 bytes on a 64-bit system.
// It does not depend on how many methods the interface type has or on what is
// stored, because methods are in the itab and the value is behind the second
// word. So an element of a []any takes 16 bytes for an int8 and for an array of
// a megabyte, and the memory of the value comes on top.
//
//claim:ask How large is an interface value, and does it depend on its methods or on what it holds?
//claim:source internal/abi/iface.go
func TestLayoutSize(t *testing.T) {
	const word = unsafe.Sizeof(uintptr(0))
	var (
		empty any
		one   fmt.Stringer
		three layoutPlace
		many  reflect.Type
	)
	require.Equal(t, 2*word, unsafe.Sizeof(empty))
	require.Equal(t, 2*word, unsafe.Sizeof(one))
	require.Equal(t, 2*word, unsafe.Sizeof(three))
	require.Equal(t, 2*word, unsafe.Sizeof(many))
	require.Greater(t, reflect.TypeFor[reflect.Type]().NumMethod(), 30)

	mixed := []any{int8(1), &[1 << 20]byte{}}
	stride := uintptr(unsafe.Pointer(&mixed[1])) - uintptr(unsafe.Pointer(&mixed[0]))
	require.Equal(t, 2*word, stride)
}

// The first word of an interface value with methods is an itab: a table for one pair of
// interface type and dynamic type. It holds the descriptors of both, a copy of the type's
// hash, and one code pointer for each method of the interface, sorted by name and not as
// declared. A method call loads the code pointer at a fixed offset and calls it with the
// second word as receiver. Methods that the interface does not name are not in the table.
//
//claim:ask What is an itab, and how does a call through an interface find the method?
//claim:source internal/abi/iface.go
//claim:source runtime/iface.go
func TestLayoutItab(t *testing.T) {
	station := &layoutStation{id: 512, name: "north"}
	var place layoutPlace = station
	words := layoutOfMethods(&place)
	require.Equal(t, unsafe.Pointer(station), words.data)
	require.Equal(t, layoutTypeOf(reflect.TypeFor[layoutPlace]()), words.tab.inter)
	require.Equal(t, layoutTypeOf(reflect.TypeFor[*layoutStation]()), words.tab.typ)

	const prefix = "github.com/go-deep-dive/godeep/interfaces.(*layoutStation)."
	for i, name := range []string{"Area", "Name", "Zone"} {
		require.Equal(t, prefix+name, runtime.FuncForPC(words.tab.methods(3)[i]).Name())
	}
	require.Equal(t, []any{100, "north", 5}, []any{place.Area(), place.Name(), place.Zone()})

	var zoned interface{ Zone() int } = station
	require.Equal(t, prefix+"Zone", runtime.FuncForPC(layoutOfMethods(&zoned).tab.methods(1)[0]).Name())
}

// The second word of an interface value is the value itself for types that are
// one pointer: pointers, maps, channels, funcs, unsafe.Pointer, and structs or
// arrays whose only content is one of these. For all other types it points to a
// copy, also for those that fit into a word, such as int or uintptr: the
// collector treats the second word as a pointer, so it must be one. Go up to
// 1.3 did store small numbers in the word.
//
//claim:ask Which values are stored directly in an interface, without a pointer to a copy?
//claim:source cmd/compile/internal/types/type.go
//claim:source https://go.dev/doc/go1.4#runtime
func TestLayoutDirect(t *testing.T) {
	station := &layoutStation{}
	var (
		table   = map[string]int{"a": 1}
		channel = make(chan int)
		call    = func() int { return station.id }
		handle  = layoutHandle{station}
		single  = [1]*layoutStation{station}
		nested  = struct{ in [1]layoutHandle }{[1]layoutHandle{{station}}}
		raw     = unsafe.Pointer(station)
		number  = uintptr(raw)
		pair    = [2]*layoutStation{station, nil}
		text    = "text"
	)
	for _, c := range []struct {
		name   string
		value  any
		word   unsafe.Pointer // the first word of the variable
		direct bool
	}{
		{"pointer", station, *(*unsafe.Pointer)(unsafe.Pointer(&station)), true},
		{"map", table, *(*unsafe.Pointer)(unsafe.Pointer(&table)), true},
		{"channel", channel, *(*unsafe.Pointer)(unsafe.Pointer(&channel)), true},
		{"func", call, *(*unsafe.Pointer)(unsafe.Pointer(&call)), true},
		{"struct of a pointer", handle, *(*unsafe.Pointer)(unsafe.Pointer(&handle)), true},
		{"array of a pointer", single, *(*unsafe.Pointer)(unsafe.Pointer(&single)), true},
		{"nested", nested, *(*unsafe.Pointer)(unsafe.Pointer(&nested)), true},
		{"unsafe.Pointer", raw, raw, true},
		{"uintptr", number, raw, false},
		{"two pointers", pair, *(*unsafe.Pointer)(unsafe.Pointer(&pair)), false},
		{"string", text, *(*unsafe.Pointer)(unsafe.Pointer(&text)), false},
	} {
		require.Equal(t, c.direct, layoutOf(c.value).data == c.word, c.name)
	}
}

// Every type has one descriptor in the program, so comparing two types means
// comparing two addresses. It does not matter whether the type is written in
// the source, in whatever package, or is composed by reflect at run time:
// reflect looks for an existing descriptor first. This is why a type assertion
// to a concrete type is one comparison, and why reflect.Type values may be
// compared with == and be map keys. Types with one underlying type but two
// names have two descriptors.
//
//claim:ask How does Go check at run time whether two types are identical?
//claim:source runtime/iface.go
//claim:source https://pkg.go.dev/reflect#Type
func TestLayoutTypeWord(t *testing.T) {
	for value, built := range map[any]reflect.Type{
		[2]bool{}:            reflect.ArrayOf(2, reflect.TypeFor[bool]()),
		new([]string):        reflect.PointerTo(reflect.SliceOf(reflect.TypeFor[string]())),
		new(map[string]bool): reflect.PointerTo(reflect.MapOf(reflect.TypeFor[string](), reflect.TypeFor[bool]())),
		struct{ A int }{}:    reflect.StructOf([]reflect.StructField{{Name: "A", Type: reflect.TypeFor[int]()}}),
	} {
		require.Equal(t, layoutOf(value).typ, layoutTypeOf(built), built.String())
		require.True(t, reflect.TypeOf(value) == built)
	}
	type first struct{ A int }
	type second struct{ A int }
	require.NotEqual(t, layoutOf(first{}).typ, layoutOf(second{}).typ)
	var reader, other io.Reader
	require.Equal(t, layoutTypeOf(reflect.TypeOf(&reader)), layoutOf(&other).typ)
}

// Assigning an interface value to another variable copies the two words and not
// the value behind them: both variables share one copy of it, and no memory is
// allocated. The sharing cannot be noticed, because nothing can change a value
// inside an interface; an assignment to one of the variables replaces its
// words. So passing a large struct on and on in an interface costs one copy, at
// the first conversion.
//
//claim:ask Does b := a copy the value if a is an interface that holds a large struct?
//claim:source https://go.dev/ref/spec#Interface_types
func TestLayoutCopyShares(t *testing.T) {
	var a any = layoutStation{id: 1}
	b := a
	require.Equal(t, layoutOf(a).data, layoutOf(b).data, "one copy of the struct")

	changed := b.(layoutStation)
	changed.id = 2
	b = changed
	require.NotEqual(t, layoutOf(a).data, layoutOf(b).data)
	require.Equal(t, 1, a.(layoutStation).id)

	converted := any(changed)
	require.NotEqual(t, layoutOf(b).data, layoutOf(converted).data, "each conversion makes a copy")
}

// An interface value is written and read as two words, so a data race can tear
// it: the reader gets the type of one value with the data of another. A method
// then reads memory with the wrong layout, in the worst case beyond the end of
// the object. So a race on an interface variable, error included, breaks memory
// safety and does not just yield an old value. The same holds for strings and
// slices. Two values of one dynamic type cannot be torn in this way, and an
// interface value guarded by a lock or atomic.Value is safe.
//
//claim:ask Why is a data race on an interface variable worse than one on an int?
//claim:source https://go.dev/ref/mem#restrictions
func TestLayoutTear(t *testing.T) {
	memory := [2]layoutShort{{balance: 10}, {balance: 666}}
	short, long := &memory[0], &layoutLong{limit: 1, balance: 20}
	require.Equal(t, 10, layoutTear(short, short).Balance())
	require.Equal(t, 20, layoutTear(long, long).Balance())

	torn := layoutTear(long, short)
	require.Equal(t, "*interfaces.layoutLong", fmt.Sprintf("%T", torn), "nobody has stored this pair")
	require.Equal(t, 666, torn.Balance(), "read behind the end of the short account")
	require.Equal(t, 1, layoutTear(short, long).Balance(), "the limit instead of the balance")

	same := layoutTear(&memory[0], &memory[1])
	require.Equal(t, 666, same.Balance(), "one type: the words fit, whichever they are")
}

// atomic.Value cannot write the two words of an interface at once, so it writes
// the type word only in the first Store and only the data word in the later
// ones. That is why a Store of another dynamic type panics, and why two error
// types cannot share one atomic.Value. Store a struct with the interface as its
// field: then the type word is always that of the struct. atomic.Pointer[T] is
// the same idea with the type fixed at compile time.
//
//claim:ask Why does atomic.Value accept only one dynamic type?
//claim:source sync/atomic/value.go
//claim:source https://pkg.go.dev/sync/atomic#Value.Store
func TestLayoutAtomicValue(t *testing.T) {
	var v atomic.Value
	words := func() layoutEmpty { return *(*layoutEmpty)(unsafe.Pointer(&v)) }
	v.Store(&layoutShort{1})
	before := words()
	v.Store(&layoutShort{2})
	require.Equal(t, before.typ, words().typ)
	require.NotEqual(t, before.data, words().data)
	require.PanicsWithValue(t, "sync/atomic: store of inconsistently typed value into Value", func() {
		v.Store(&layoutLong{})
	})

	type holder struct{ account layoutAccount }
	var held atomic.Value
	held.Store(holder{&layoutShort{1}})
	held.Store(holder{&layoutLong{2, 3}})
	require.Equal(t, 3, held.Load().(holder).account.Balance())
}

// The second word is a pointer like any other to the garbage collector, so an
// interface value keeps its dynamic value alive with all that it refers to,
// even if the interface type has one small method. An interface variable that
// lives long, in a registry or a global, so holds the whole object. Assign nil
// to it, or store only what the method needs. A copy of a struct in an
// interface does not hold the variable that it was copied from.
//
//claim:ask Does an interface with one small method keep the whole object behind it alive?
//claim:source https://go.dev/doc/gc-guide#Tracing_Garbage_Collection
func TestLayoutKeepsAlive(t *testing.T) {
	var watch weak.Pointer[layoutStation]
	held := func() interface{ Zone() int } {
		station := &layoutStation{id: 300}
		watch = weak.Make(station)
		return station
	}()
	runtime.GC()
	require.NotNil(t, watch.Value())
	require.Equal(t, 3, held.Zone())
	runtime.GC()
	require.Nil(t, watch.Value(), "not used after the call")

	copied := func() any {
		station := &layoutStation{id: 300}
		watch = weak.Make(station)
		return *station
	}()
	runtime.GC()
	require.Nil(t, watch.Value())
	require.Equal(t, 300, copied.(layoutStation).id)
}

// A value without size, such as struct{}{}, still needs a second word, and all such values
// share one address in the runtime, so storing them allocates nothing. The word is not nil.
// All that such a value carries is its type, which makes a private type struct{} a good
// context key or marker: two keys are equal if their types are, whatever the address.
//
//claim:ask What does an interface hold for an empty struct, and what is it good for?
//claim:source runtime/malloc.go
func TestLayoutZeroSize(t *testing.T) {
	type keyA struct{}
	type keyB struct{}
	var none [0]int
	boxed := []any{keyA{}, keyB{}, none}
	for _, v := range boxed {
		require.NotNil(t, layoutOf(v).data)
		require.Equal(t, layoutOf(boxed[0]).data, layoutOf(v).data)
	}
	require.NotEqual(t, layoutOf(keyA{}).typ, layoutOf(keyB{}).typ)
	require.True(t, any(keyA{}) == any(keyA{}))
	require.False(t, any(keyA{}) == any(keyB{}))
	require.Equal(t, 1, map[any]int{keyA{}: 1, keyB{}: 2}[keyA{}])
}
