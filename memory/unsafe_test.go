package memory

import (
	"bytes"
	"encoding/binary"
	"math"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"testing"
	"unsafe"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// unsafe.Pointer can point to anything, and four conversions are its own: any
// pointer to it, it to any pointer, it to uintptr, uintptr to it. The first two
// reinterpret memory: that is valid if the new type is not larger, has the same
// pointers in the same places and is aligned. Arithmetic must happen in one
// expression, or with unsafe.Add, and stay inside the object. The address that
// reflect gives as a uintptr must become a pointer in the same expression. Other
// uses may work today and corrupt memory tomorrow. unsafe.Slice and unsafe.String
// check their length: a negative one panics, and so does a length for nil.
//
//claim:ask Which uses of unsafe.Pointer are valid?
//claim:source https://pkg.go.dev/unsafe#Pointer
func TestUnsafePatterns(t *testing.T) {
	// Reinterpreting one type as another of the same size.
	require.Equal(t, math.Float64bits(1.5), floatBits(1.5))
	require.Equal(t, math.Float64bits(math.Inf(-1)), floatBits(math.Inf(-1)))

	// Arithmetic in one expression, and with unsafe.Add.
	numbers := [3]int32{10, 20, 30}
	second := (*int32)(unsafe.Pointer(uintptr(unsafe.Pointer(&numbers[0])) + unsafe.Sizeof(numbers[0])))
	require.Same(t, &numbers[1], second)
	third := (*int32)(unsafe.Add(unsafe.Pointer(&numbers[0]), 2*unsafe.Sizeof(numbers[0])))
	require.Same(t, &numbers[2], third)

	// A pointer and a length become a slice, and a slice gives its pointer back.
	s := unsafe.Slice(&numbers[0], 2)
	require.Equal(t, []int32{10, 20}, s)
	require.Equal(t, 2, cap(s))
	require.Same(t, &numbers[0], unsafe.SliceData(s))
	require.Nil(t, unsafe.Slice((*int)(nil), 0))
	if !proof.RaceEnabled { // with it, as with -d=checkptr, these are fatal errors and not panics
		length, none := -1, (*int)(nil)
		require.PanicsWithError(t, "runtime error: unsafe.Slice: len out of range", func() { _ = unsafe.Slice(&numbers[0], length) })
		require.PanicsWithError(t, "runtime error: unsafe.Slice: ptr is nil and len is not zero", func() { _ = unsafe.Slice(none, -length) })
	}
	text := "text"
	require.Equal(t, "ext", unsafe.String((*byte)(unsafe.Add(unsafe.Pointer(unsafe.StringData(text)), 1)), 3))

	// What reflect gives as a number.
	fromReflect := (*int32)(unsafe.Pointer(reflect.ValueOf(&numbers[1]).Pointer()))
	require.Same(t, &numbers[1], fromReflect)
	fromField := (*int32)(unsafe.Pointer(reflect.ValueOf(&numbers).Elem().Index(2).UnsafeAddr()))
	require.Same(t, &numbers[2], fromField)

	// The address as a number, to print or compare it, and not to go back.
	require.Zero(t, uintptr(unsafe.Pointer(&numbers[0]))%unsafe.Alignof(numbers[0]))
}

// Sizeof, Alignof and Offsetof are safe: they look at types and are constants, so
// they can be the length of an array. Sizeof counts the value and not what it
// points to: three words for a slice of any length, two for a string, and two for
// an interface whatever it holds. The operand is not evaluated: a function in it is
// not called, and a nil pointer in it is not followed. Only for a type parameter
// is the result not a constant.
//
//claim:ask What does unsafe.Sizeof of a slice or a string return?
//claim:source https://go.dev/ref/spec#Package_unsafe
func TestUnsafeSizeof(t *testing.T) {
	const word = unsafe.Sizeof(uintptr(0))
	var array [unsafe.Sizeof(int64(0))]byte
	require.Len(t, array, 8)
	require.Equal(t, 3*word, unsafe.Sizeof(make([]int, 1000)))
	require.Equal(t, 2*word, unsafe.Sizeof("a long text that does not count"))
	require.Equal(t, 2*word, unsafe.Sizeof(any([100]int{})))
	require.Equal(t, uintptr(800), unsafe.Sizeof([100]int64{}))
	called, missing := false, (*pair)(nil)
	require.Equal(t, uintptr(16), unsafe.Sizeof(func() pair { called = true; return pair{} }()))
	require.False(t, called)
	require.Equal(t, uintptr(16), unsafe.Sizeof(*missing))
	require.NotEmpty(t, typeError(t, "import \"unsafe\"\nfunc f[T any](x T) { var a [unsafe.Sizeof(x)]byte; _ = a }"))
}

// A private field can be read and written through its offset: privacy is checked
// by the compiler and not at run time. Nobody promises the offset, so such code
// breaks when the other package changes its struct, without an error. reflect
// reads such a field safely and refuses to set it. It also tells the offset of a
// field by its name, and reflect.NewAt makes a value that can be set from the address of
// the field, so no copy of the struct type is needed.
//
//claim:ask Can you access the private field of a struct of another package?
//claim:source https://pkg.go.dev/unsafe#Offsetof
//claim:source https://pkg.go.dev/reflect#Value.CanSet
func TestPrivateField(t *testing.T) {
	h := &hidden{public: 1, private: "secret"}
	require.Equal(t, "secret", *privateField(h))
	*privateField(h) = "changed"
	require.Equal(t, "changed", h.private)

	field := reflect.ValueOf(h).Elem().FieldByName("private")
	require.Equal(t, "changed", field.String())
	require.False(t, field.CanSet())

	buf := bytes.NewBufferString("secret") // of another package
	_, _ = buf.ReadByte()
	off, ok := reflect.TypeFor[bytes.Buffer]().FieldByName("off")
	require.True(t, ok)
	require.Equal(t, 1, *(*int)(unsafe.Add(unsafe.Pointer(buf), off.Offset)))
	field = reflect.ValueOf(buf).Elem().FieldByName("off")
	require.Panics(t, func() { field.SetInt(0) })
	reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem().SetInt(0)
	require.Equal(t, "secret", buf.String(), "the byte that was read is back")
}

// No: math.Float64bits gives the bits and math.Float64frombits takes them back.
// Inside they are that conversion with unsafe, and calls of them are inlined. The
// bits show what == hides: 0 and -0 are equal and have different bits, a NaN is not
// equal to itself and has the same bits.
//
//claim:ask Do you need unsafe to see the bits of a float?
//claim:source math/unsafe.go
func TestFloatBits(t *testing.T) {
	for _, f := range []float64{0, 1.5, -1, math.Inf(1), math.NaN()} {
		require.Equal(t, floatBits(f), floatBitsSafely(f))
		require.Equal(t, floatBits(f), floatBits(math.Float64frombits(math.Float64bits(f))))
	}
	require.Equal(t, uint64(0x3ff8000000000000), math.Float64bits(1.5))
	zero, negative, nan := 0.0, math.Copysign(0, -1), math.NaN()
	require.True(t, zero == negative && math.Float64bits(zero) != math.Float64bits(negative))
	nans := []float64{nan, nan}
	require.False(t, nans[0] == nans[1])
	require.Equal(t, math.Float64bits(nans[0]), math.Float64bits(nans[1]))
}

// reflect.SliceHeader and reflect.StringHeader are deprecated since Go 1.21: their
// Data field is a uintptr, so a header of your own keeps no array alive. go vet
// reports one that is built by hand. Use unsafe.Slice and unsafe.SliceData
// (Go 1.17 and 1.20), unsafe.String and unsafe.StringData (Go 1.20), which work with pointers.
//
//claim:ask What replaces reflect.SliceHeader, and why is it deprecated?
//claim:source https://pkg.go.dev/reflect#SliceHeader
//claim:source https://go.dev/issue/56906
func TestSliceHeaderDeprecated(t *testing.T) {
	header := `import "reflect"
		var h reflect.SliceHeader
		var `
	require.Empty(t, typeError(t, header+"data uintptr = h.Data"))
	require.Contains(t, typeError(t, header+"data *int = h.Data"), "cannot use h.Data (variable of type uintptr)")

	if testing.Short() {
		t.Skip("runs the go command")
	}
	out, err := exec.CommandContext(t.Context(), "go", "vet", "-unsafeptr", "./testdata/unsafe/header").CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "possible misuse of reflect.SliceHeader")

	numbers := []int{1, 2, 3}
	require.Same(t, &numbers[0], unsafe.SliceData(numbers))
	require.Equal(t, numbers[:2], unsafe.Slice(unsafe.SliceData(numbers), 2))
}

// A uintptr is a number. It does not keep an object alive, and it is not changed
// when the stack that holds a variable moves. So an object whose address exists
// only as a uintptr is collected, and converting the number back gives a pointer
// to whatever is there then. Keep an unsafe.Pointer, which is a pointer for the
// collector, and convert only inside an expression. StackMoves shows the other
// half.
//
//claim:ask Why is uintptr not a pointer?
//claim:source https://pkg.go.dev/unsafe#Pointer
func TestUintptrIsNoPointer(t *testing.T) {
	type object [64]byte
	hold := func() (uintptr, unsafe.Pointer, weak.Pointer[object], weak.Pointer[object]) {
		a, b := new(object), new(object)
		return uintptr(unsafe.Pointer(a)), unsafe.Pointer(b), weak.Make(a), weak.Make(b)
	}
	number, pointer, byNumber, byPointer := hold()
	runtime.GC()
	require.Nil(t, byNumber.Value(), "its address %#x is still there", number)
	require.NotNil(t, byPointer.Value())
	runtime.KeepAlive(pointer)
}

// go vet finds conversions of a uintptr to a pointer that were not arithmetic in
// the same expression. Building with -d=checkptr, which -race includes, checks at
// run time that a converted pointer does not reach past its object, that
// arithmetic stays inside of it, and that a type with pointers is aligned; it
// stops the program otherwise. It knows the bounds of objects in the heap only, and
// does not look at a conversion to an array of bytes. An ordinary build checks
// nothing.
//
//claim:ask Which tools find misuse of package unsafe?
//claim:source https://pkg.go.dev/cmd/vet
//claim:source https://go.dev/doc/go1.14#compiler
func TestUnsafeTools(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	out, err := exec.CommandContext(t.Context(), "go", "vet", "-unsafeptr", "./testdata/unsafe/misuse").CombinedOutput()
	require.Error(t, err)
	assert.Contains(t, string(out), "possible misuse of unsafe.Pointer")

	const program = "./testdata/unsafe/outofbounds"
	checked, plain := filepath.Join(t.TempDir(), "checked.exe"), filepath.Join(t.TempDir(), "plain.exe")
	for binary, flag := range map[string]string{checked: "-d=checkptr", plain: "-d=checkptr=0"} {
		out, err = exec.CommandContext(t.Context(), "go", "build", "-o", binary, "-gcflags="+flag, program).CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	for mistake, message := range map[string]string{
		"large":      "fatal error: checkptr: converted pointer straddles multiple allocations",
		"arithmetic": "fatal error: checkptr: pointer arithmetic result points to invalid allocation",
		"end":        "fatal error: checkptr: pointer arithmetic result points to invalid allocation",
		"slice":      "fatal error: checkptr: unsafe.Slice result straddles multiple allocations",
		"misaligned": "fatal error: checkptr: misaligned pointer conversion",
	} {
		out, err = exec.CommandContext(t.Context(), checked, mistake).CombinedOutput()
		require.Error(t, err, mistake)
		assert.Contains(t, string(out), message, mistake)
		out, err = exec.CommandContext(t.Context(), plain, mistake).CombinedOutput()
		require.NoError(t, err, "%s: %s", mistake, out)
		assert.Equal(t, "went on\n", string(out), mistake)
	}
	for _, unseen := range []string{"bytes", "stack"} {
		out, err = exec.CommandContext(t.Context(), checked, unseen).CombinedOutput()
		require.NoError(t, err, "%s: %s", unseen, out)
	}
}

// The directive //go:linkname binds a declaration to a function of another package,
// also to an unexported one; it needs an import of unsafe. Since Go 1.23 the linker
// refuses names of the standard library that are not marked for it there; some that
// were in wide use are, such as runtime.nanotime. The flag -checklinkname=0 of the
// linker turns this off. Nobody promises that the function still exists in the next
// release.
//
//claim:ask Can you call an unexported function of package runtime?
//claim:source https://go.dev/doc/go1.23#linker
//claim:source https://pkg.go.dev/cmd/compile#hdr-Linkname_Directive
func TestLinkname(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	const program = "./testdata/unsafe/linkname"
	binary := filepath.Join(t.TempDir(), "linkname.exe")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, program).CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "invalid reference to runtime.divRoundUp")

	out, err = exec.CommandContext(t.Context(), "go", "build", "-o", binary, "-ldflags=-checklinkname=0", program).CombinedOutput()
	require.NoError(t, err, "%s", out)
	out, err = exec.CommandContext(t.Context(), binary).CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Equal(t, "3\n", string(out), "10/4, rounded up")

	out, err = exec.CommandContext(t.Context(), "go", "run", "-tags=marked", program).CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Equal(t, "true\n", string(out))
}

// Reading a number through a pointer to its bytes gives them in the order of the
// machine, which is the little end first on amd64 and arm64. Files and networks
// have a fixed order, so decode them with encoding/binary, which is right on every
// machine. binary.NativeEndian is the machine's order.
//
//claim:ask How do you find out the byte order of the machine, and do you need to?
//claim:source https://pkg.go.dev/encoding/binary#NativeEndian
func TestByteOrder(t *testing.T) {
	numbers := []uint32{0x01020304, 5}
	raw := AsBytes(numbers)
	require.Len(t, raw, 8)
	require.Equal(t, uint32(0x01020304), binary.NativeEndian.Uint32(raw))
	if isLittleEndian() {
		require.Equal(t, uint32(0x01020304), binary.LittleEndian.Uint32(raw))
	} else {
		require.Equal(t, uint32(0x01020304), binary.BigEndian.Uint32(raw))
	}
	raw[4] = raw[4] ^ 0xff
	require.NotEqual(t, uint32(5), numbers[1], "the bytes are the numbers")
	require.Nil(t, AsBytes([]int16{}))
}
