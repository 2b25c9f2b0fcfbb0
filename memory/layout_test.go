package memory

import (
	"context"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"os/exec"
	"reflect"
	"runtime"
	"strings"
	"structs"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// only64bit skips a test whose sizes are those of 64-bit systems.
func only64bit(t *testing.T) {
	t.Helper()
	if unsafe.Sizeof(uintptr(0)) != 8 {
		t.Skip("the sizes are those of 64-bit systems")
	}
}

// A value of a basic type has a fixed size: a string is two words, a slice
// three, an interface two, and a pointer, map, channel or func one, whatever
// they lead to. int, uint and uintptr are one word; the sized types have the
// size in their name, on every system. Sizeof counts these words and not what
// they point to.
//
//claim:ask How large are an int, a string, a slice, a map and an interface value?
//claim:source https://go.dev/ref/spec#Size_and_alignment_guarantees
func TestKindSizes(t *testing.T) {
	const word = unsafe.Sizeof(uintptr(0))
	for _, c := range []struct {
		value any
		size  uintptr
	}{
		{false, 1}, {int8(0), 1}, {int16(0), 2}, {int32(0), 4}, {'x', 4}, {int64(0), 8}, {float32(0), 4}, {float64(0), 8},
		{complex64(0), 8}, {complex128(0), 16}, {struct{}{}, 0}, {[3]int16{}, 6}, {[0]int{}, 0},
		{0, word}, {uint(0), word}, {uintptr(0), word},
		{"some text", 2 * word}, {[]byte("some text"), 3 * word},
		{new(int), word}, {map[int]int{}, word}, {make(chan int), word}, {func() {}, word}, {unsafe.Pointer(nil), word},
		{struct{ x any }{}, 2 * word}, {struct{ err error }{}, 2 * word},
	} {
		assert.Equal(t, c.size, reflect.TypeOf(c.value).Size(), "%T", c.value)
	}
}

// The order of the fields decides the size of a struct, because Go keeps the
// order that is written: it takes 40 bytes for two words and three bools in
// the bad order and 24 in the good one. Each field starts at a multiple of its
// alignment, so a bool before a word leaves a gap of seven bytes. Sort fields by
// alignment, the largest first, and only the end has a gap. You may read to sort
// by size: that is the same for numbers, but not for arrays and structs, which
// can be large and need no alignment. It pays where there are many such structs; a
// single one should be written in the order that reads best.
//
//claim:ask How does the order of fields change the size of a struct?
//claim:source https://go.dev/ref/spec#Size_and_alignment_guarantees
func TestFieldOrder(t *testing.T) {
	only64bit(t)
	var bad BadOrder
	require.EqualValues(t, 40, unsafe.Sizeof(bad))
	require.EqualValues(t, 0, unsafe.Offsetof(bad.Active))
	require.EqualValues(t, 8, unsafe.Offsetof(bad.ID))
	require.EqualValues(t, 16, unsafe.Offsetof(bad.Level))
	require.EqualValues(t, 24, unsafe.Offsetof(bad.Score))
	require.EqualValues(t, 32, unsafe.Offsetof(bad.Flag))

	var good GoodOrder
	require.EqualValues(t, 24, unsafe.Sizeof(good))
	require.EqualValues(t, 16, unsafe.Offsetof(good.Active))
	require.EqualValues(t, 17, unsafe.Offsetof(good.Level))
	require.EqualValues(t, 18, unsafe.Offsetof(good.Flag))

	type bySize struct {
		_ [12]byte
		_ int64
		_ bool
	}
	type byAlignment struct {
		_ int64
		_ [12]byte
		_ bool
	}
	require.EqualValues(t, 32, unsafe.Sizeof(bySize{}), "a gap of 4 bytes before the number, and 7 at the end")
	require.EqualValues(t, 24, unsafe.Sizeof(byAlignment{}))
}

// Neither the compiler nor go vet reports them, but a program can look itself: the
// size that package reflect gives for a struct minus the sizes of its fields is
// what the gaps take. [Padding] does that, also for nested structs. In the best
// order only the gap at the end is left, less than one alignment, if no field has
// gaps of its own. The analyzer fieldalignment of golang.org/x/tools looks for such
// structs, but it is not part of go vet.
//
//claim:ask How do I find the structs that waste memory on padding?
//claim:source https://pkg.go.dev/golang.org/x/tools/go/analysis/passes/fieldalignment
//claim:source https://pkg.go.dev/reflect#StructField
func TestFindPadding(t *testing.T) {
	only64bit(t)
	require.EqualValues(t, 21, Padding(reflect.TypeFor[BadOrder]()))
	require.EqualValues(t, 5, Padding(reflect.TypeFor[GoodOrder]()))
	require.EqualValues(t, 210, Padding(reflect.TypeFor[[10]BadOrder]()))
	require.EqualValues(t, 14, Padding(reflect.TypeFor[nested]()), "7 in the inner struct, 7 at the end")
	require.EqualValues(t, 6, Padding(reflect.TypeFor[flat]()))
	require.Zero(t, Padding(reflect.TypeFor[*BadOrder]()))

	if testing.Short() {
		return
	}
	report, err := vetPadding()
	require.NoError(t, err, "%s", report)
	require.Empty(t, report)
	help, err := vetHelp()
	require.NoError(t, err, "%s", help)
	require.Contains(t, help, "copylocks")
	require.NotContains(t, help, "fieldalignment")
}

// vetPadding is what go vet reports for a program with a struct that has a gap.
var vetPadding = sync.OnceValues(func() (string, error) {
	return runGo("vet", "./testdata/layout/atomic386")
})

// vetHelp is the list of the analyzers in go vet.
var vetHelp = sync.OnceValues(func() (string, error) {
	return runGo("tool", "vet", "help")
})

func runGo(args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, "go", args...).CombinedOutput()
	return string(out), err
}

// The order of fields changes the size of the data and not the work: reading a
// field is one load with a fixed offset, in either order. You may read that the
// compact order makes loops faster. For data that is in the cache neither loop
// takes twice as long as the other. Whether the size shows for more data than the
// caches hold depends on the processor, so no claim is made about that; the memory
// is saved everywhere.
//
//claim:ask Is a loop over structs faster if their fields are in a better order?
//claim:expect ns/op of=bad < 2x of=good
//claim:expect ns/op of=good < 2x of=bad
//claim:source https://pkg.go.dev/golang.org/x/tools/go/analysis/passes/fieldalignment
func BenchmarkFieldOrderTime(b *testing.B) {
	bad, good := fieldOrderData()
	b.Run("of=bad", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sumBadOrder(bad)
		}
	})
	b.Run("of=good", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sumGoodOrder(good)
		}
	})
}

// fieldOrderData returns the same data in both orders, at most 16,000 bytes.
func fieldOrderData() ([]BadOrder, []GoodOrder) {
	bad, good := make([]BadOrder, 400), make([]GoodOrder, 400)
	for i := range bad {
		bad[i].ID, good[i].ID = int64(i), int64(i)
	}
	return bad, good
}

func TestFieldOrderTime(t *testing.T) {
	bad, good := fieldOrderData()
	require.EqualValues(t, 399*400/2, sumBadOrder(bad))
	require.EqualValues(t, 399*400/2, sumGoodOrder(good))
}

// Every type has in its descriptor the length up to its last pointer; no pointer
// lies behind it, so a collector may stop there; whether that saves work depends on
// the collector. Fields with pointers first make this length short where it does
// not cost size. A string counts as a pointer and a length: at the end of a struct
// its length is not part of it. This is what the linter fieldalignment means by
// pointer bytes. A type without pointers has zero of them (see PointerFree for what
// that saves).
//
//claim:ask What does "struct with 40 pointer bytes could be 8" mean?
//claim:source internal/abi/type.go
//claim:source https://pkg.go.dev/golang.org/x/tools/go/analysis/passes/fieldalignment
func TestPointerBytes(t *testing.T) {
	const word = unsafe.Sizeof(uintptr(0))
	type pointerLast struct {
		_ [4]uintptr
		_ *int
	}
	type pointerFirst struct {
		_ *int
		_ [4]uintptr
	}
	require.Equal(t, unsafe.Sizeof(pointerLast{}), unsafe.Sizeof(pointerFirst{}))
	require.Equal(t, 5*word, pointerBytes(pointerLast{}))
	require.Equal(t, word, pointerBytes(pointerFirst{}))
	require.Equal(t, word, pointerBytes("text"), "the length behind it is no pointer")
	require.Zero(t, pointerBytes([4]int{}))
}

// pointerBytes returns the number of leading bytes of v that can hold pointers. An
// interface value starts with a pointer to the descriptor of its type, and
// a descriptor starts with two words: the size of the type and this number.
func pointerBytes(v any) uintptr {
	descriptor := *(**struct{ size, pointers uintptr })(unsafe.Pointer(&v))
	return descriptor.pointers
}

// The alignment of a struct is the largest alignment of its fields, and its
// size is rounded up to a multiple of that, so that the elements of an array are
// aligned too. A byte next to an int64 makes 16 bytes, next to an int32 8, next to
// an int16 4. An array has the alignment of its element. The size of a field
// says nothing about its alignment: an array of eight bytes is aligned to one.
//
//claim:ask What are alignment and padding, and why is there padding at the end of a struct?
//claim:source https://go.dev/ref/spec#Size_and_alignment_guarantees
func TestAlignment(t *testing.T) {
	only64bit(t)
	require.EqualValues(t, 16, unsafe.Sizeof(struct {
		n int64
		b byte
	}{}))
	require.EqualValues(t, 8, unsafe.Sizeof(struct {
		n int32
		b byte
	}{}))
	require.EqualValues(t, 4, unsafe.Sizeof(struct {
		n int16
		b byte
	}{}))
	require.EqualValues(t, 9, unsafe.Sizeof(struct {
		n [8]byte
		b byte
	}{}))
	require.EqualValues(t, 8, unsafe.Alignof(struct {
		n int64
		b byte
	}{}))
	require.EqualValues(t, 2, unsafe.Alignof([5]int16{}))
	require.EqualValues(t, 8, unsafe.Alignof(""))

	var elements [2]struct {
		n int64
		b byte
	}
	distance := uintptr(unsafe.Pointer(&elements[1])) - uintptr(unsafe.Pointer(&elements[0]))
	require.Equal(t, unsafe.Sizeof(elements[0]), distance)
}

// The gap at the end of an inner struct is lost: a field after it cannot move
// into the gap. The inner struct is a variable of its own type and has the full
// size of that type, because a pointer may lead to it and assign it as a whole. So
// the nested form takes 24 bytes for what fits in 16 when it is flat. Embedding
// is nesting and changes nothing.
//
//claim:ask Can a struct use the padding of a struct that it embeds?
//claim:source https://go.dev/ref/spec#Size_and_alignment_guarantees
func TestNestedPadding(t *testing.T) {
	only64bit(t)
	require.EqualValues(t, 24, unsafe.Sizeof(nested{}))
	require.EqualValues(t, 16, unsafe.Sizeof(flat{}))
	require.EqualValues(t, 24, unsafe.Sizeof(struct {
		inner
		c bool
	}{}))

	var s struct {
		inner
		c bool
	}
	require.EqualValues(t, 16, unsafe.Offsetof(s.c), "behind the gap of inner")
	s.c = true
	p := &s.inner
	*p = inner{a: 1}
	require.True(t, s.c)
}

// No: words have four bytes on a 32-bit system, and there 64-bit numbers are
// only aligned to four with the gc compiler. So a bool and an int64 take 16 bytes on
// amd64 and arm64 and 12 on 386 and arm, and a string takes 16 and 8. A struct of
// sized types in a good order, without a gap, has the same size everywhere. Do
// not write the memory of a struct to a file or a connection: encode its fields.
//
//claim:ask Does a struct have the same size on every architecture?
//claim:source https://go.dev/ref/spec#Size_and_alignment_guarantees
//claim:source go/types/sizes.go
func TestStructSizeByArch(t *testing.T) {
	const source = `package p
type mixed struct { b bool; n int64 }
type text struct { s string }
type sized struct { n int64; a, b int32 }`
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", source, 0)
	require.NoError(t, err)
	pkg, err := new(types.Config).Check("p", fset, []*ast.File{file}, nil)
	require.NoError(t, err)
	size := func(arch, name string) int64 {
		return types.SizesFor("gc", arch).Sizeof(pkg.Scope().Lookup(name).Type().Underlying())
	}
	for _, arch := range []string{"amd64", "arm64", "386", "arm"} {
		mixed, text := int64(16), int64(16)
		if arch == "386" || arch == "arm" {
			mixed, text = 12, 8
		}
		require.Equal(t, mixed, size(arch, "mixed"), arch)
		require.Equal(t, text, size(arch, "text"), arch)
		require.EqualValues(t, 16, size(arch, "sized"), arch)
		if arch == runtime.GOARCH {
			require.EqualValues(t, unsafe.Sizeof(struct {
				b bool
				n int64
			}{}), size(arch, "mixed"), "the compiler agrees")
		}
	}
}

// A field of size zero costs nothing, except as the last field of a struct that
// has others: there the compiler adds a byte, and rounding makes that a whole word
// behind an int64. Its address would otherwise be the first byte behind the struct,
// and a pointer to it would keep the neighbour in the heap alive. If the struct
// ends in a gap anyway, the byte fits in and the size stays. Put such a field
// first, for example one that only forbids copying or comparing.
//
//claim:ask Why does a struct{} field at the end of a struct make it larger?
//claim:source https://go.dev/issue/9401
func TestTrailingEmptyField(t *testing.T) {
	only64bit(t)
	require.EqualValues(t, 16, unsafe.Sizeof(endsEmpty{}))
	require.Less(t, unsafe.Offsetof(endsEmpty{}.z), unsafe.Sizeof(endsEmpty{}), "its address is inside")
	require.EqualValues(t, 8, unsafe.Sizeof(startsEmpty{}))
	require.EqualValues(t, 16, unsafe.Sizeof(gapEmpty{}), "no larger than without the field")
	require.EqualValues(t, 16, unsafe.Sizeof(inner{}))
	require.EqualValues(t, 16, unsafe.Sizeof(struct {
		n int64
		_ [0]func() // forbids ==
	}{}), "every type of size zero")
	require.EqualValues(t, 0, unsafe.Offsetof(startsEmpty{}.n))
	require.EqualValues(t, 0, unsafe.Sizeof(struct{ a, b struct{} }{}), "nothing but empty fields")
}

// A 64-bit value that is used atomically must lie at a multiple of 8 bytes. On
// 32-bit systems such as 386 and arm an int64 field is only aligned to 4, so
// atomic.AddInt64 panics on a field that lies badly. The types atomic.Int64 and
// atomic.Uint64 (Go 1.19) carry their alignment with them and are right
// everywhere, also behind a 32-bit field. On 64-bit systems both are aligned to 8,
// and the question does not arise.
//
//claim:ask Why should I use atomic.Int64 and not an int64 with atomic.AddInt64?
//claim:source https://pkg.go.dev/sync/atomic#pkg-note-BUG
//claim:source https://go.dev/doc/go1.19#atomic_types
func TestAtomicAlignment(t *testing.T) {
	var c counters
	require.EqualValues(t, 8, unsafe.Alignof(c.large))
	require.EqualValues(t, 8, unsafe.Offsetof(c.large))
	require.EqualValues(t, 8, unsafe.Alignof(c), "the struct carries it on")
	var n int64
	if unsafe.Sizeof(uintptr(0)) == 8 {
		require.EqualValues(t, 8, unsafe.Alignof(n))
	}
	require.Equal(t, unsafe.Sizeof(n), unsafe.Sizeof(atomic.Int64{}), "and costs no memory")

	// The compiler's layout for other processors, by its own rules.
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "x.go", `package x

import "sync/atomic"

type plain struct { a int32; n int64 }
type typed struct { a int32; n atomic.Int64 }
`, 0)
	require.NoError(t, err)
	conf := types.Config{Importer: importer.ForCompiler(fset, "source", nil)}
	pkg, err := conf.Check("x", fset, []*ast.File{file}, nil)
	require.NoError(t, err)
	offset := func(goarch, name string) int64 {
		s := pkg.Scope().Lookup(name).Type().Underlying().(*types.Struct)
		return types.SizesFor("gc", goarch).Offsetsof([]*types.Var{s.Field(0), s.Field(1)})[1]
	}
	for _, goarch := range []string{"386", "arm", "mips"} {
		require.EqualValues(t, 4, offset(goarch, "plain"), goarch)
		require.EqualValues(t, 8, offset(goarch, "typed"), goarch)
	}
	for _, goarch := range []string{"amd64", "arm64", "riscv64"} {
		require.EqualValues(t, 8, offset(goarch, "plain"), goarch)
	}
}

// atomic386 is the output of testdata/layout/atomic386, a program for 386.
var atomic386 = sync.OnceValues(func() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute) // the standard library may have to be built
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "run", "./testdata/layout/atomic386")
	cmd.Env = append(os.Environ(), "GOARCH=386", "CGO_ENABLED=0")
	out, err := cmd.CombinedOutput()
	return string(out), err
})

// This is the other half of TestAtomicAlignment: what happens on such a system.
func TestAtomicAlignment386(t *testing.T) {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	if runtime.GOOS != "linux" || runtime.GOARCH != "amd64" {
		t.Skip("needs a system that runs programs for 386")
	}
	out, err := atomic386()
	if strings.Contains(out, "exec format error") {
		t.Skip("this kernel does not run programs for 386")
	}
	require.NoError(t, err, "%s", out)
	require.Equal(t, "atomic.Int64: 1\natomic.AddInt64: panic: unaligned 64-bit atomic operation\n", out)
}

// Yes: every field is a variable of its own, and so is every element of an array
// or slice, even if two of them share a word. Writing one never loses a write to
// the other, and the race detector does not complain. Bits of one number are not
// variables: two goroutines that set different bits of it need a mutex, or the
// methods Or and And of atomic.Uint32 (Go 1.23). Correct is not the same as fast:
// see FalseSharing.
//
//claim:ask May two goroutines write different fields of one struct at the same time?
//claim:source https://go.dev/ref/spec#Variables
//claim:source https://go.dev/ref/mem#model
func TestNeighbourFields(t *testing.T) {
	const n = 1000
	var s struct {
		left, right uint8
		flags       atomic.Uint32
	}
	var elements [2]uint8
	require.EqualValues(t, 1, unsafe.Offsetof(s.right), "in one word")

	var both sync.WaitGroup
	both.Go(func() {
		for range n {
			s.left++
			elements[0]++
			s.flags.And(^uint32(1))
			s.flags.Or(1)
		}
	})
	both.Go(func() {
		for range n {
			s.right++
			elements[1]++
			s.flags.And(^uint32(2))
			s.flags.Or(2)
		}
	})
	both.Wait()
	require.EqualValues(t, n%256, s.left)
	require.EqualValues(t, n%256, s.right)
	require.Equal(t, [2]uint8{n % 256, n % 256}, elements)
	require.EqualValues(t, 3, s.flags.Load())
}

// A bool takes a byte, so eight of them take eight bytes; as bits of one uint8
// they take one. Bits cannot be addressed and need three small operations: or
// sets one, and-not clears it, and tests it. Use bools until there are many such
// structs, or the set of flags is passed around as a whole.
//
//claim:ask How much memory do eight bool fields take, and how do bit flags work?
//claim:source https://go.dev/ref/spec#Arithmetic_operators
func TestBitFlags(t *testing.T) {
	require.EqualValues(t, 8, unsafe.Sizeof(boolFlags{}))
	require.EqualValues(t, 1, unsafe.Sizeof(bitFlags(0)))
	f := flagA.with(flagC)
	require.True(t, f.has(flagA) && f.has(flagC))
	require.False(t, f.has(flagB))
	require.False(t, f.minus(flagA).has(flagA))
	require.Equal(t, flagC, f.minus(flagA))
}

// Comparing two structs with == ignores the gaps between the fields, whatever
// bytes are in them: only fields are compared, and fields named _ are not. The
// hash of a struct as a map key ignores them in the same way. Comparing the bytes,
// as bytes.Equal on memory taken with package unsafe would, does not.
//
//claim:ask Does == on structs compare the padding?
//claim:source https://go.dev/ref/spec#Comparison_operators
func TestPaddingIsNotCompared(t *testing.T) {
	only64bit(t)
	a, b := inner{a: 1, b: true}, inner{a: 1, b: true}
	raw := func(p *inner) []byte { return unsafe.Slice((*byte)(unsafe.Pointer(p)), unsafe.Sizeof(*p)) }
	raw(&b)[15] = 0xff // in the gap at the end
	require.NotEqual(t, raw(&a), raw(&b))
	require.True(t, a == b)
	m := map[inner]string{a: "found"}
	require.Equal(t, "found", m[b])

	type blank struct {
		n int
		_ int
	}
	x, y := blank{n: 1}, blank{n: 1}
	*(*int)(unsafe.Add(unsafe.Pointer(&y), unsafe.Sizeof(0))) = 7
	require.True(t, x == y)
}

// A struct of a C library or a device must be laid out as the other side expects.
// The gc compiler keeps fields in order, but the language does not promise it;
// a field of type structs.HostLayout (Go 1.23) does, for the struct it stands
// in and not for structs nested in that. It takes no memory at the start of the
// struct. What the language promises is less: the sizes of the numeric types, and
// that a struct is aligned at least like each of its fields.
//
//claim:ask Is the memory layout of a Go struct guaranteed?
//claim:source https://pkg.go.dev/structs#HostLayout
func TestHostLayout(t *testing.T) {
	type header struct {
		_      structs.HostLayout
		kind   uint8
		length uint32
	}
	var h header
	require.EqualValues(t, 0, unsafe.Offsetof(h.kind))
	require.EqualValues(t, 4, unsafe.Offsetof(h.length))
	require.EqualValues(t, 8, unsafe.Sizeof(h))

	var end uintptr
	for f := range reflect.TypeFor[BadOrder]().Fields() {
		require.GreaterOrEqual(t, f.Offset, end, "%s is behind the field before it", f.Name)
		require.GreaterOrEqual(t, reflect.TypeFor[BadOrder]().Align(), f.Type.Align(), f.Name)
		end = f.Offset + f.Type.Size()
	}
}

// A channel of struct{} carries the event and nothing else: its buffer takes no
// memory, however large the capacity, and the channel only counts. A chan bool has a
// byte for each element. That saving is small in most programs; what matters more
// is what the reader sees: there is no value that could mean something.
//
//claim:ask Why do people use chan struct{} for signals?
//claim:source runtime/chan.go
func TestEmptyStructChannel(t *testing.T) {
	var signals chan struct{}
	var bools chan bool
	empty := proof.AllocatedBytes(func() { signals = make(chan struct{}, 1<<16) })
	full := proof.AllocatedBytes(func() { bools = make(chan bool, 1<<16) })
	require.Less(t, empty, uint64(1024))
	require.GreaterOrEqual(t, full, uint64(1<<16))
	require.Equal(t, cap(signals), cap(bools))
	signals <- struct{}{}
	require.Len(t, signals, 1, "the events are counted all the same")
}

// A better order of fields saves heap memory only if the struct gets into a
// smaller size class. A struct of 48 bytes that shrinks to 32 saves 16 bytes for
// each object. One that shrinks from 48 to 40 saves nothing, because there is no
// class between 32 and 48. In a slice every byte counts, because the elements lie
// side by side and only the array as a whole is rounded up.
//
//claim:ask Does reordering the fields of a struct always save memory?
//claim:needs goarch=amd64
//claim:expect B/op of=48to32,order=bad == 48
//claim:expect B/op of=48to32,order=good == 32
//claim:expect B/op of=48to40,order=bad == 48
//claim:expect B/op of=48to40,order=good == 48
//claim:expect B/op of=slice,order=bad == 4864
//claim:expect B/op of=slice,order=good == 4096
//claim:source runtime/msize.go
func BenchmarkStructSizeClass(b *testing.B) {
	run := func(of, order string, f func()) {
		b.Run("of="+of+"/order="+order, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f()
			}
		})
	}
	run("48to32", "bad", func() { newPadded48() })
	run("48to32", "good", func() { newPadded32() })
	run("48to40", "bad", func() { newPadded48More() })
	run("48to40", "good", func() { newPadded40() })
	run("slice", "bad", func() { padded48MoreSink = make([]padded48More, 100) })
	run("slice", "good", func() { padded40Sink = make([]padded40, 100) })
}

var (
	padded48MoreSink []padded48More
	padded40Sink     []padded40
)

func TestStructSizeClass(t *testing.T) {
	only64bit(t)
	require.EqualValues(t, 48, unsafe.Sizeof(*newPadded48()))
	require.EqualValues(t, 32, unsafe.Sizeof(*newPadded32()))
	require.EqualValues(t, 48, unsafe.Sizeof(*newPadded48More()))
	require.EqualValues(t, 40, unsafe.Sizeof(*newPadded40()))
}
