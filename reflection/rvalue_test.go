package reflection

import (
	"fmt"
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// rvalueWords are the three words of a reflect.Value: a type descriptor, the
// data or a pointer to it, and bits.
type rvalueWords struct {
	typ, ptr unsafe.Pointer
	flag     uintptr
}

// A reflect.Value is three words: the type descriptor, a pointer and flags. The
// pointer is the value itself for pointers, maps, channels and funcs, and the
// address of the value for all else. The lowest five bits of the flags are the
// Kind; one bit says that the value is addressable, two that it came from an
// unexported field. So copying a Value copies no data. The fields are not
// exported and may change; the size is a fact to know when Values are stored in
// bulk.
//
//claim:ask What is inside a reflect.Value, and how large is it?
//claim:source reflect/value.go
func TestRValueLayout(t *testing.T) {
	require.Equal(t, 3*unsafe.Sizeof(uintptr(0)), unsafe.Sizeof(reflect.Value{}))
	words := func(v reflect.Value) rvalueWords { return *(*rvalueWords)(unsafe.Pointer(&v)) }
	const kindBits, addressable, readOnly = 1<<5 - 1, 1 << 8, 3 << 5

	n := 1000
	pointer, variable := words(reflect.ValueOf(&n)), words(reflect.ValueOf(&n).Elem())
	require.Equal(t, unsafe.Pointer(&n), pointer.ptr, "the pointer itself")
	require.Equal(t, unsafe.Pointer(&n), variable.ptr, "the address of the variable")
	require.NotEqual(t, unsafe.Pointer(&n), words(reflect.ValueOf(n)).ptr, "the address of a copy")
	require.EqualValues(t, reflect.Pointer, pointer.flag&kindBits)
	require.EqualValues(t, reflect.Int, variable.flag&kindBits)
	require.Zero(t, pointer.flag&addressable)
	require.NotZero(t, variable.flag&addressable)
	require.Zero(t, variable.flag&readOnly)
	var private struct{ n int }
	require.NotZero(t, words(reflect.ValueOf(&private).Elem().Field(0)).flag&readOnly)

	var boxed any = n
	require.Equal(t, (*rtypeWords)(unsafe.Pointer(&boxed)).typ, words(reflect.ValueOf(n)).typ, "as in the any")
	require.Zero(t, words(reflect.Value{}))
}

// == on two Values compares their words, not what they hold: two Values of
// equal numbers differ because they point to different copies. The compiler
// accepts it, so it is a trap, also as a map key. Use Equal (Go 1.20), which
// panics for slices, maps and funcs, asks for the same type, and goes into
// interfaces; Value.Comparable tells before if it would panic. Two invalid
// Values are equal. For anything deep there is reflect.DeepEqual on the
// Interface of both.
//
//claim:ask How do you compare two reflect.Values, and why not with ==?
//claim:source https://pkg.go.dev/reflect#Value.Equal
func TestRValueEqual(t *testing.T) {
	a, b := 1000, 1000
	va, vb := reflect.ValueOf(&a).Elem(), reflect.ValueOf(&b).Elem()
	//lint:ignore SA4000 the subject
	require.True(t, va == va)
	require.False(t, va == vb, "two variables")
	require.Len(t, map[reflect.Value]bool{va: true, vb: true}, 2)
	require.True(t, va.Equal(vb))
	require.False(t, va == reflect.ValueOf(a), "one number, as variable and as copy")
	require.True(t, va.Equal(reflect.ValueOf(a)))

	require.False(t, reflect.ValueOf(1).Equal(reflect.ValueOf(int8(1))), "the types differ")
	require.True(t, reflect.Value{}.Equal(reflect.Value{}))
	require.False(t, reflect.ValueOf(math.NaN()).Equal(reflect.ValueOf(math.NaN())))
	list := reflect.ValueOf([]int{1})
	require.Equal(t, "reflect.Value.Equal: values of type []int are not comparable", lawsPanic(func() { list.Equal(list) }))
	require.False(t, list.Comparable())

	holder := reflect.ValueOf(struct{ any }{[]int{}})
	require.True(t, holder.Type().Comparable(), "the type compiles with ==")
	require.False(t, holder.Comparable(), "and this value panics")
}

// The zero Value represents no value at all, and IsValid is false for it. It
// comes from ValueOf(nil), Elem of a nil pointer or interface, FieldByName and
// MethodByName of an unknown name and MapIndex of a missing key. Kind is
// Invalid and String prints <invalid Value>, but nearly all other methods
// panic, CanInterface included. Zero(t) is something else: a valid Value that
// holds the zero of a type.
//
//claim:ask What is the zero reflect.Value, and where does it come from?
//claim:source https://pkg.go.dev/reflect#Value.IsValid
func TestRValueZeroValue(t *testing.T) {
	var nilPointer *int
	var nilError error
	for name, v := range map[string]reflect.Value{
		"ValueOf(nil)":  reflect.ValueOf(nil),
		"nil error":     reflect.ValueOf(nilError),
		"nil pointer":   reflect.ValueOf(nilPointer).Elem(),
		"nil interface": reflect.ValueOf(&nilError).Elem().Elem(),
		"Indirect":      reflect.Indirect(reflect.ValueOf(nilPointer)),
		"field":         reflect.ValueOf(struct{}{}).FieldByName("X"),
		"method":        reflect.ValueOf(struct{}{}).MethodByName("X"),
		"map":           reflect.ValueOf(map[int]int{}).MapIndex(reflect.ValueOf(1)),
	} {
		require.False(t, v.IsValid(), name)
		require.Equal(t, reflect.Value{}, v, name)
		require.Equal(t, reflect.Invalid, v.Kind())
		require.Equal(t, "<invalid Value>", v.String())
		require.False(t, v.CanSet() || v.CanAddr() || v.CanInt())
		for method, call := range map[string]func(){
			"Type": func() { v.Type() }, "Interface": func() { v.Interface() }, "IsNil": func() { v.IsNil() },
			"IsZero": func() { v.IsZero() }, "CanInterface": func() { v.CanInterface() }, "Elem": func() { v.Elem() },
		} {
			require.Equal(t, &reflect.ValueError{Method: "reflect.Value." + method}, lawsPanic(call))
		}
	}
	require.True(t, reflect.ValueOf(nilPointer).IsValid(), "a nil pointer has a type")
	require.True(t, reflect.Zero(reflect.TypeFor[error]()).IsValid(), "the zero of a type is a value")
}

// IsNil is defined for pointer, map, slice, func, chan, interface and
// unsafe.Pointer, and panics for every other kind. IsZero is defined for all
// kinds, and for those seven it means nil. Both panic for the zero Value, so
// the order is IsValid, Kind, IsNil. A nil pointer in an any is such a case:
// valid, not the nil interface, and IsNil.
//
//claim:ask For which values do IsNil, IsZero and IsValid panic?
//claim:source https://pkg.go.dev/reflect#Value.IsNil
func TestRValueIsNil(t *testing.T) {
	nilable := []reflect.Kind{
		reflect.Pointer, reflect.Map, reflect.Slice, reflect.Func, reflect.Chan, reflect.Interface, reflect.UnsafePointer,
	}
	for _, typ := range []reflect.Type{
		reflect.TypeFor[*int](), reflect.TypeFor[map[int]int](), reflect.TypeFor[[]int](), reflect.TypeFor[func()](), reflect.TypeFor[chan int](),
		reflect.TypeFor[error](), reflect.TypeFor[unsafe.Pointer](), reflect.TypeFor[int](), reflect.TypeFor[string](), reflect.TypeFor[bool](),
		reflect.TypeFor[[1]*int](), reflect.TypeFor[struct{}](), reflect.TypeFor[float64](), reflect.TypeFor[uintptr](),
	} {
		zero := reflect.Zero(typ)
		require.True(t, zero.IsValid())
		require.True(t, zero.IsZero(), typ)
		if slices.Contains(nilable, typ.Kind()) {
			require.True(t, zero.IsNil(), typ)
			continue
		}
		require.Equal(t, &reflect.ValueError{Method: "reflect.Value.IsNil", Kind: typ.Kind()}, lawsPanic(func() { zero.IsNil() }))
	}
	var p *int
	values := []any{p}
	require.False(t, values[0] == nil, "an any with a type in it")
	require.True(t, reflect.ValueOf(values[0]).IsValid())
	require.True(t, reflect.ValueOf(values[0]).IsNil())
}

// IsZero asks if the value is the zero value of its type: all fields and
// elements zero, and nil for slices and maps, so an empty slice that is not nil
// is not zero. Since Go 1.22 negative zero is zero, too. A method IsZero of the
// type is not called: for a time.Time in another location the two disagree. An
// array of length 0 and a struct without fields are always zero.
//
//claim:ask What exactly does Value.IsZero report for -0.0, empty slices and time.Time?
//claim:source https://go.dev/doc/go1.22#reflect
func TestRValueIsZero(t *testing.T) {
	isZero := func(v any) bool { return reflect.ValueOf(v).IsZero() }
	negative := math.Copysign(0, -1)
	require.True(t, isZero(negative))
	require.True(t, isZero([1]float64{negative}))
	require.True(t, isZero(struct{ F float64 }{negative}))
	require.False(t, isZero(math.NaN()))
	require.False(t, isZero([]int{}))
	require.True(t, isZero([]int(nil)))
	require.True(t, isZero([0]int{}) && isZero(struct{}{}))
	require.False(t, isZero(new(int)), "a pointer to a zero")

	moment := time.Time{}.In(time.FixedZone("here", 3600))
	require.True(t, moment.IsZero(), "the method compares instants")
	require.False(t, isZero(moment), "reflection compares fields")
}

// Elem takes one step: from a pointer to the variable it points to, or from an
// interface to what it holds. All other kinds panic. Indirect takes the step
// for pointers only and returns anything else unchanged, so it never panics. A
// value behind several pointers or interfaces needs a loop that ends at nil; a
// pointer can point to itself through an interface, so code for any input also
// counts the steps or remembers addresses.
//
//claim:ask What is the difference between Elem and reflect.Indirect, and how do you get through **T?
//claim:source https://pkg.go.dev/reflect#Indirect
func TestRValueElem(t *testing.T) {
	n := 7
	p := &n
	pp := &p
	var boxed any = pp
	v := reflect.ValueOf(&boxed)
	steps := 0
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		v = v.Elem()
		steps++
	}
	require.Equal(t, 4, steps, "*any, any, **int, *int")
	v.SetInt(8)
	require.Equal(t, 8, n)

	require.Equal(t, &reflect.ValueError{Method: "reflect.Value.Elem", Kind: reflect.Int}, lawsPanic(func() { v.Elem() }))
	require.EqualValues(t, 8, reflect.Indirect(v).Int(), "no pointer: unchanged")
	require.Equal(t, reflect.Pointer, reflect.Indirect(reflect.ValueOf(pp)).Kind(), "one step only")
	require.Equal(t, reflect.Interface, reflect.Indirect(reflect.ValueOf(&boxed)).Kind(), "not into the interface")

	var self any
	self = &self
	v = reflect.ValueOf(self)
	for range 1000 {
		v = v.Elem()
	}
	require.Contains(t, []reflect.Kind{reflect.Pointer, reflect.Interface}, v.Kind(), "there is no end")
}

// Append returns a new slice Value and stores nothing, like the built-in: Set
// the result. Copy, Index and Slice work on any slice, SetLen and SetCap need
// an addressable one, since they change the header. An array can be sliced only
// if it is addressable, for the slice shares it. Grow (Go 1.20) and Clear (Go
// 1.21) exist as well. Append checks that every element is assignable.
//
//claim:ask How do you append to, cut and slice a slice or an array by reflection?
//claim:source https://pkg.go.dev/reflect#Append
func TestRValueSlices(t *testing.T) {
	list := make([]int, 0, 4)
	v := reflect.ValueOf(&list).Elem()
	longer := reflect.Append(v, reflect.ValueOf(1), reflect.ValueOf(2))
	require.Empty(t, list)
	require.Equal(t, 2, longer.Len())
	v.Set(longer)
	require.Equal(t, []int{1, 2}, list)
	v.Set(reflect.AppendSlice(v, reflect.ValueOf([]int{3, 4})))
	require.Equal(t, "reflect.Set: value of type string is not assignable to type int", lawsPanic(func() { reflect.Append(v, reflect.ValueOf("5")) }))

	v.SetLen(3)
	require.Equal(t, []int{1, 2, 3}, list)
	require.Equal(t, "reflect: slice length out of range in SetLen", lawsPanic(func() { v.SetLen(5) }))
	require.Equal(t, "reflect: reflect.Value.SetLen using unaddressable value", lawsPanic(func() { reflect.ValueOf(list).SetLen(1) }))
	require.Equal(t, 1, v.Slice3(0, 1, 1).Cap())
	require.Equal(t, 2, reflect.Copy(v, reflect.ValueOf([]int{8, 9})))
	require.Equal(t, []int{8, 9, 3}, list)
	v.Grow(100)
	require.GreaterOrEqual(t, cap(list), 103)

	array := [3]int{1, 2, 3}
	require.Equal(t, "reflect.Value.Slice: slice of unaddressable array", lawsPanic(func() { reflect.ValueOf(array).Slice(0, 2) }))
	reflect.ValueOf(&array).Elem().Slice(0, 2).Index(0).SetInt(9)
	require.Equal(t, 9, array[0])
	require.Equal(t, "he", reflect.ValueOf("hello").Slice(0, 2).String(), "strings, too")

	swap := reflect.Swapper(list)
	swap(0, 2)
	require.Equal(t, []int{3, 9, 8}, list)
}

// SetMapIndex sets an entry, and with the zero Value it deletes one; to store a
// zero, pass Zero(t). The map needs no pointer to it, except when it is nil:
// then MakeMap and Set come first. MapIndex of a missing key is the zero Value.
// Key and element must be assignable, no conversion happens.
//
//claim:ask How do you read, set and delete map entries by reflection?
//claim:source https://pkg.go.dev/reflect#Value.SetMapIndex
func TestRValueMaps(t *testing.T) {
	ages := map[string]int{"Ada": 36}
	v := reflect.ValueOf(ages)
	v.SetMapIndex(reflect.ValueOf("Bob"), reflect.ValueOf(20))
	v.SetMapIndex(reflect.ValueOf("Ada"), reflect.Value{})
	require.Equal(t, map[string]int{"Bob": 20}, ages)
	v.SetMapIndex(reflect.ValueOf("Bob"), reflect.Zero(v.Type().Elem()))
	require.Equal(t, map[string]int{"Bob": 0}, ages)

	require.False(t, v.MapIndex(reflect.ValueOf("Ada")).IsValid())
	require.Equal(t, "reflect.Value.MapIndex: value of type int is not assignable to type string",
		lawsPanic(func() { v.MapIndex(reflect.ValueOf(1)) }))

	var none map[string]int
	nilMap := reflect.ValueOf(&none).Elem()
	require.ErrorContains(t, lawsPanic(func() { nilMap.SetMapIndex(reflect.ValueOf("a"), reflect.ValueOf(1)) }).(error), "assignment to entry in nil map")
	nilMap.Set(reflect.MakeMap(nilMap.Type()))
	nilMap.SetMapIndex(reflect.ValueOf("a"), reflect.ValueOf(1))
	require.Equal(t, map[string]int{"a": 1}, none)
}

// MapRange makes no list of keys, but Key and Value of the iterator allocate a
// copy each. With SetIterKey and SetIterValue (Go 1.18) two variables are
// filled again and again, and the walk makes no allocation at all;
// MapIter.Reset lets one iterator serve many maps. MapKeys with MapIndex costs
// the list, and a copy for every key and element.
//
//claim:ask How do you range over a map by reflection without allocating for every entry?
//claim:source https://pkg.go.dev/reflect#Value.SetIterKey
func TestRValueMapRange(t *testing.T) {
	v := reflect.ValueOf(map[string]int{"a": 1, "b": 2, "c": 3})
	other := reflect.ValueOf(map[string]int{"d": 4})
	sum := 0
	proof.WantAllocs(t, 2*3+1, func() {
		for _, key := range v.MapKeys() {
			sum += int(v.MapIndex(key).Int())
		}
	})
	proof.WantAllocs(t, 2*3, func() {
		for entries := v.MapRange(); entries.Next(); {
			sum += len(entries.Key().String()) * int(entries.Value().Int())
		}
	})
	key, elem := reflect.New(reflect.TypeFor[string]()).Elem(), reflect.New(reflect.TypeFor[int]()).Elem()
	var entries reflect.MapIter
	proof.WantAllocs(t, 0, func() {
		for _, m := range [...]reflect.Value{v, other} {
			for entries.Reset(m); entries.Next(); {
				key.SetIterKey(&entries)
				elem.SetIterValue(&entries)
				sum += len(key.String()) * int(elem.Int())
			}
		}
	})
	require.Positive(t, sum)
}

func TestRValueMapRangeSums(t *testing.T) {
	sum := 0
	for entries := reflect.ValueOf(map[string]int{"a": 1, "b": 2}).MapRange(); entries.Next(); {
		sum += int(entries.Value().Int())
	}
	require.Equal(t, 3, sum)
	require.Equal(t, "MapIter.Key called before Next", lawsPanic(func() { reflect.ValueOf(map[int]int{}).MapRange().Key() }))
}

// Send, Recv and Close block and panic as the statements do; TrySend and
// TryRecv never wait. After TryRecv an invalid Value means that nothing was
// there, and a valid zero with ok false means closed. The direction is part of
// the type, and what the compiler refuses panics here: sending on a
// receive-only channel, closing one. ChanOf makes a channel type of any
// direction, MakeChan only a channel of both.
//
//claim:ask How do you send, receive and close channels by reflection, and how do you see that one is closed?
//claim:source https://pkg.go.dev/reflect#Value.TryRecv
func TestRValueChans(t *testing.T) {
	c := make(chan int, 1)
	v := reflect.ValueOf(c)
	require.True(t, v.TrySend(reflect.ValueOf(5)))
	require.False(t, v.TrySend(reflect.ValueOf(6)), "full")
	require.Equal(t, [2]int{1, 1}, [2]int{v.Len(), v.Cap()})
	got, ok := v.Recv()
	require.True(t, ok)
	require.EqualValues(t, 5, got.Int())

	got, ok = v.TryRecv()
	require.False(t, ok || got.IsValid(), "nothing there")
	v.Close()
	got, ok = v.TryRecv()
	require.False(t, ok)
	require.True(t, got.IsValid(), "closed: a zero")

	var in <-chan int = c
	require.Equal(t, "reflect: send on recv-only channel", lawsPanic(func() { reflect.ValueOf(in).Send(got) }))
	require.Equal(t, "reflect: close of receive-only channel", lawsPanic(func() { reflect.ValueOf(in).Close() }))
	require.Equal(t, "reflect: recv on send-only channel", lawsPanic(func() { reflect.ValueOf((chan<- int)(c)).Recv() }))
	require.Equal(t, "reflect.MakeChan: unidirectional channel type", lawsPanic(func() { reflect.MakeChan(reflect.TypeOf(in), 0) }))
	require.Equal(t, reflect.TypeOf(in), reflect.ChanOf(reflect.RecvDir, reflect.TypeFor[int]()))
}

// fmt treats a reflect.Value that is an operand itself specially: it prints
// what the Value holds. A Value inside a slice, a struct or a map is an
// ordinary value with a String method, and that method returns <int Value> for
// all kinds but string. So print the elements one by one, or collect their
// Interface.
//
//claim:ask Why does fmt print <int Value> for a []reflect.Value and 5 for a reflect.Value?
//claim:source https://pkg.go.dev/fmt#hdr-Printing
func TestRValuePrint(t *testing.T) {
	five, text := reflect.ValueOf(5), reflect.ValueOf("x")
	require.Equal(t, "5 x", fmt.Sprintf("%v %v", five, text))
	require.Equal(t, "     5", fmt.Sprintf("%6v", five))
	require.Equal(t, "[<int Value> x]", fmt.Sprint([]reflect.Value{five, text}))
	require.Equal(t, "{<int Value>}", fmt.Sprint(struct{ V reflect.Value }{five}))
	require.Equal(t, "[5 x]", fmt.Sprint([]any{five.Interface(), text.Interface()}))
	require.Equal(t, "reflect.Value", fmt.Sprintf("%T", five), "the verb T is not special")
}

func rvalueNamed() {}

// Pointer of a func Value is the address of its code, and runtime.FuncForPC
// turns it into a name with the import path: a/b.F for functions, a/b.T.M-fm
// for method values, func1 and so on for literals. It identifies code and not
// the closure: two closures of one function literal share code. So it is fit
// for logs and not as an identity, and Value.Comparable is false for functions.
//
//claim:ask How do you get the name of a function, and can you compare functions by their pointer?
//claim:source https://pkg.go.dev/reflect#Value.Pointer
func TestRValueFuncName(t *testing.T) {
	name := func(f any) string { return runtime.FuncForPC(reflect.ValueOf(f).Pointer()).Name() }
	require.Equal(t, "github.com/go-deep-dive/godeep/reflection.rvalueNamed", name(rvalueNamed))
	require.Equal(t, "strings.ToUpper", name(strings.ToUpper))
	require.Equal(t, "strings.(*Builder).Len-fm", name(new(strings.Builder).Len))

	adders := make([]func(int) int, 2)
	for i := range adders {
		adders[i] = func(n int) int { return n + i }
	}
	require.NotEqual(t, adders[0](1), adders[1](1))
	require.Equal(t, reflect.ValueOf(adders[0]).Pointer(), reflect.ValueOf(adders[1]).Pointer(), "one code")
	require.Zero(t, reflect.ValueOf((func())(nil)).Pointer())
	require.False(t, reflect.ValueOf(rvalueNamed).Comparable())
}

// Interface of an addressable Value copies the value into a new allocation,
// because the any must not change with the variable. It allocates even for
// small numbers, for which plain Go boxing does not. It is free for a Value
// that came from ValueOf, whose copy already exists, and for pointers, maps,
// chans and funcs. Int, String and the other getters never allocate;
// Addr().Interface() gives the pointer without a copy, and reflect.TypeAssert
// (Go 1.25) reads the value without one.
//
//claim:ask When does Value.Interface allocate, and how do you avoid it?
//claim:source reflect/value.go
//claim:source https://pkg.go.dev/reflect#TypeAssert
func TestRValueInterface(t *testing.T) {
	n := 5
	variable, copied := reflect.ValueOf(&n).Elem(), reflect.ValueOf(n)
	before := variable.Interface()
	proof.WantAllocs(t, 1, func() { rvalueSink = variable.Interface() })
	proof.WantAllocs(t, 0, func() { rvalueSink = n })
	proof.WantAllocs(t, 0, func() { rvalueSink = copied.Interface() })
	proof.WantAllocs(t, 0, func() { rvalueSink = variable.Addr().Interface() })
	proof.WantAllocs(t, 0, func() { n = int(variable.Int()) + 1 })
	proof.WantAllocs(t, 0, func() { n, _ = reflect.TypeAssert[int](variable) })
	require.NotEqual(t, 5, n)
	require.Equal(t, 5, before, "a copy from before")
	m := map[int]int{}
	proof.WantAllocs(t, 0, func() { rvalueSink = reflect.ValueOf(&m).Elem().Interface() })
}

var rvalueSink any
