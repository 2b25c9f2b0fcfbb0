package reflection

import (
	"go/types"
	"os/exec"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"unsafe"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// Value.Pointer and Value.UnsafeAddr return a uintptr, so that a program can
// have the address without importing unsafe, and a uintptr keeps nothing alive.
// The conversion to a pointer has to stand in the same expression as the call;
// kept in a variable first, it is a number, and go vet reports "possible misuse
// of unsafe.Pointer" in both places of the example. Since Go 1.18
// Value.UnsafePointer returns a pointer, with which this mistake is impossible;
// UnsafeAddr has v.Addr().UnsafePointer() beside it.
//
//claim:ask Why do Value.Pointer and UnsafeAddr return a uintptr, and what is wrong with keeping it?
//claim:source https://pkg.go.dev/unsafe#Pointer
//claim:source https://pkg.go.dev/reflect#Value.UnsafePointer
func TestUnsafeRulesAddress(t *testing.T) {
	x := new(int)
	v := reflect.ValueOf(x)
	assert.Equal(t, unsafe.Pointer(x), v.UnsafePointer())
	assert.Equal(t, uintptr(unsafe.Pointer(x)), v.Elem().UnsafeAddr())
	assert.Equal(t, unsafe.Pointer(x), v.Elem().Addr().UnsafePointer())
	assert.Panics(t, func() { reflect.ValueOf(7).UnsafeAddr() }, "not addressable")

	proof.OnceUnderRace(t)
	report, err := proof.Go(t, "vet", "-unsafeptr", "./testdata/unsaferules/vet")
	require.Error(t, err)
	assert.Equal(t, 2, strings.Count(report, "possible misuse of unsafe.Pointer"), report)
	assert.Contains(t, report, "main.go:15:")
	assert.Contains(t, report, "main.go:17:")
}

// checkptr, a check that the compiler adds with -gcflags=-d=checkptr and always with
// -race. It stops the program if a conversion makes a pointer to more memory than was
// allocated there, or if arithmetic leaves the allocation. It does not know what the
// memory was meant to be: the offset of a wrong field in the same struct passes, and so
// does reflect.NewAt with a type that is too large, because no pointer is converted
// where the check was compiled in. So a test run with -race finds the coarse mistakes of
// code with offsets, and only on the paths that the test takes.
//
//claim:ask Which mistakes with unsafe offsets does checkptr find, and which does it miss?
//claim:source https://go.dev/doc/go1.14#compiler
//claim:source runtime/checkptr.go
func TestUnsafeRulesCheckptr(t *testing.T) {
	proof.OnceUnderRace(t)
	program, out, err := proof.Build(t, "build", "-gcflags=-d=checkptr", "./testdata/unsaferules/checkptr")
	require.NoError(t, err, "%s", out)
	for mistake, want := range map[string]string{
		"beyond": "fatal error: checkptr: pointer arithmetic result points to invalid allocation",
		"larger": "fatal error: checkptr: converted pointer straddles multiple allocations",
	} {
		out, err := exec.CommandContext(t.Context(), program, mistake).CombinedOutput()
		assert.Error(t, err, mistake)
		assert.Contains(t, string(out), want, mistake)
	}
	for mistake, printed := range map[string]string{"field": "2\n", "newat": "512\n"} {
		out, err := exec.CommandContext(t.Context(), program, mistake).CombinedOutput()
		assert.NoError(t, err, "%s: %s", mistake, out)
		assert.Equal(t, printed, string(out), "not found")
	}
}

// It does: the Value of NewAt holds an ordinary pointer, so the collector sees
// it, and the object stays as long as the Value. NewAt copies and checks
// nothing. It says "there is a T at this address", and whoever calls it has to
// be right about type, size and alignment, and about the life of memory that is
// not from Go. With a wrong type you read the bytes of something else, or let
// the collector see pointers that are none.
//
//claim:ask Does a Value made by reflect.NewAt keep the memory alive?
//claim:source https://pkg.go.dev/reflect#NewAt
func TestUnsafeRulesNewAt(t *testing.T) {
	type object [64]byte
	view := func() (reflect.Value, weak.Pointer[object]) {
		o := new(object)
		o[63] = 9
		return reflect.NewAt(reflect.TypeFor[object](), unsafe.Pointer(o)), weak.Make(o)
	}
	v, watch := view()
	runtime.GC()
	require.NotNil(t, watch.Value())
	assert.Equal(t, uint64(9), v.Elem().Index(63).Uint())
	runtime.KeepAlive(v)
	v = reflect.Value{}
	runtime.GC()
	assert.Nil(t, watch.Value())

	n := int32(-1)
	assert.Equal(t, uint64(0xffffffff), reflect.NewAt(reflect.TypeFor[uint32](), unsafe.Pointer(&n)).Elem().Uint(), "nothing is checked")
}

// Only if the fields agree in order and types, which the language checks for
// you: structs with identical underlying types apart from tags are converted by
// T(x), and pointers to them by (*T)(p), without unsafe. With unsafe nobody
// notices that a field was added or moved. If you must, compare at the start of
// the program what reflect knows of both: number, offset and type of the
// fields, and the size. Layout is no promise of the language: offsets differ
// between 32 and 64 bits.
//
//claim:ask When can a pointer to one struct type be converted to a pointer to another?
//claim:source https://go.dev/ref/spec#Conversions
//claim:source https://pkg.go.dev/unsafe#Pointer
func TestUnsafeRulesLayout(t *testing.T) {
	type mine struct {
		ID   int64 `json:"id"`
		Name string
	}
	type same struct {
		ID   int64
		Name string
	}
	type reordered struct {
		Name string
		ID   int64
	}
	type smaller struct {
		ID int64
	}
	m := &mine{7, "Ada"}
	assert.Equal(t, int64(7), (*same)(m).ID, "no unsafe needed")
	assert.Same(t, m, (*mine)((*same)(m)))

	of := reflect.TypeFor[mine]()
	assert.True(t, unsafeSameLayout(of, reflect.TypeFor[same]()))
	assert.False(t, unsafeSameLayout(of, reflect.TypeFor[reordered]()))
	assert.False(t, unsafeSameLayout(of, reflect.TypeFor[smaller]()))
	assert.Contains(t, tagTypeError(t, "package p\ntype a struct{ X int; Y string }\ntype b struct{ Y string; X int }\nvar p *a\nvar q = (*b)(p)"), "cannot convert p")
	assert.Equal(t, int64(7), (*smaller)(unsafe.Pointer(m)).ID, "a common beginning, by luck")

	fields := []*types.Var{
		types.NewField(0, nil, "a", types.Typ[types.Int32], false), types.NewField(0, nil, "b", types.Typ[types.Int64], false),
	}
	assert.Equal(t, []int64{0, 4}, types.SizesFor("gc", "386").Offsetsof(fields))
	assert.Equal(t, []int64{0, 8}, types.SizesFor("gc", "amd64").Offsetsof(fields))

	name, _ := of.FieldByName("Name")
	assert.Equal(t, unsafe.Offsetof(m.Name), name.Offset, "reflect and the compiler agree")
	assert.Equal(t, int(unsafe.Alignof(m.Name)), name.Type.FieldAlign())
}

func unsafeSameLayout(a, b reflect.Type) bool {
	if a.Size() != b.Size() || a.NumField() != b.NumField() {
		return false
	}
	for i := range a.NumField() {
		if x, y := a.Field(i), b.Field(i); x.Offset != y.Offset || x.Type != y.Type {
			return false
		}
	}
	return true
}

// The offset is a number and says nothing about the type it belongs to. With a
// pointer to another type the same offset reads another field without an error,
// so a library that works with offsets has to compare the reflect.Type of each
// value with that of the plan first. An offset also reaches only what lies in
// the struct itself: a promoted field behind an embedded pointer needs one more
// load, and its Offset counts from the inner struct.
//
//claim:ask Fast libraries keep field offsets and read with unsafe. What has to be checked?
//claim:source https://pkg.go.dev/reflect#StructField
func TestUnsafeRulesOffset(t *testing.T) {
	type inner struct{ A, B int }
	type outer struct {
		Pad int
		inner
		*strings.Reader
	}
	type other struct{ X, Y, Secret int }
	b, _ := reflect.TypeFor[outer]().FieldByName("B")
	require.Equal(t, []int{1, 1}, b.Index)
	assert.Equal(t, unsafe.Sizeof(0), b.Offset, "from the start of inner")
	at := reflect.TypeFor[outer]().Field(1).Offset + b.Offset

	o := &outer{inner: inner{A: 1, B: 2}}
	assert.Equal(t, 2, *(*int)(unsafe.Add(unsafe.Pointer(o), at)))
	wrong := &other{X: 1, Y: 2, Secret: 3}
	assert.Equal(t, 3, *(*int)(unsafe.Add(unsafe.Pointer(wrong), at)), "no error")
	assert.NotEqual(t, reflect.TypeOf(o), reflect.TypeOf(wrong), "the check that is needed")
}
