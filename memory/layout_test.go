package memory

import (
	"reflect"
	"structs"
	"sync/atomic"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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
// size, the largest first, and only the end has a gap. It pays where there are
// many such structs; a single one should be written in the order that reads best.
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
// into the gap, because the inner struct may be assigned as a whole, gap
// included. Two nested structs take 24 bytes for what fits in 16 when it is
// flat. Embedding is nesting and changes nothing.
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
}

// A field of size zero costs nothing, except as the last field of a struct that
// has others: there it costs the alignment of the struct. Its address would
// otherwise be the first byte behind the struct, and a pointer to it would keep
// the neighbour in the heap alive. Put such a field first, for example one that
// only forbids copying or comparing.
//
//claim:ask Why does a struct{} field at the end of a struct make it larger?
//claim:source https://go.dev/issue/9401
func TestTrailingEmptyField(t *testing.T) {
	only64bit(t)
	require.EqualValues(t, 16, unsafe.Sizeof(endsEmpty{}))
	require.EqualValues(t, 8, unsafe.Sizeof(startsEmpty{}))
	require.EqualValues(t, 0, unsafe.Offsetof(startsEmpty{}.n))
	require.EqualValues(t, 0, unsafe.Sizeof(struct{ a, b struct{} }{}), "nothing but empty fields")
}

// A 64-bit value that is used atomically must lie at a multiple of 8 bytes. On
// 32-bit systems an int64 field is only aligned to 4, so the functions
// atomic.AddInt64 and others panic on a field that lies badly. The types
// atomic.Int64 and atomic.Uint64 (Go 1.19) carry their alignment with them and
// are right everywhere, also behind a 32-bit field. On 64-bit systems the
// question does not arise.
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
// in. It takes no memory at the start of the struct.
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
}

// Sending struct{} through a channel sends nothing but the event: elements of
// size zero are not copied, and the buffer of the channel takes no memory,
// however large its capacity. A chan bool has a byte for each element. The
// difference that matters is what the reader sees: there is no value that could
// mean something.
//
//claim:ask Why do people use chan struct{} for signals?
//claim:source runtime/chan.go
func TestEmptyStructChannel(t *testing.T) {
	var signals chan struct{}
	var bools chan bool
	empty := allocatedBytes(func() { signals = make(chan struct{}, 1<<16) })
	full := allocatedBytes(func() { bools = make(chan bool, 1<<16) })
	require.Less(t, empty, uint64(1024))
	require.GreaterOrEqual(t, full, uint64(1<<16))
	require.Equal(t, cap(signals), cap(bools))
	signals <- struct{}{}
	require.Len(t, signals, 1, "the events are counted all the same")
}

// A better order of fields saves heap memory only if the struct gets into a
// smaller size class: 48 bytes become 32 here. A struct of 33 bytes takes as much
// as one of 48. In a slice every byte counts, because the elements lie side by
// side and only the array as a whole is rounded up.
//
//claim:ask Does reordering the fields of a struct always save memory?
//claim:needs goarch=amd64
//claim:expect B/op of=badorder == 48
//claim:expect B/op of=goodorder == 32
//claim:expect B/op of=size33 == 48
//claim:expect B/op of=size48 == 48
//claim:expect B/op of=goodslice < 0.7x of=badslice
//claim:source runtime/sizeclasses.go
func BenchmarkStructSizeClass(b *testing.B) {
	run := func(of string, f func()) {
		b.Run("of="+of, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				f()
			}
		})
	}
	run("badorder", func() { newPadded48() })
	run("goodorder", func() { newPadded32() })
	run("size33", func() { newShrunk33() })
	run("size48", func() { newShrunk48() })
	run("badslice", func() { badOrderSink = make([]BadOrder, 100) })
	run("goodslice", func() { goodOrderSink = make([]GoodOrder, 100) })
}

var (
	badOrderSink  []BadOrder
	goodOrderSink []GoodOrder
)

func TestStructSizeClass(t *testing.T) {
	only64bit(t)
	require.EqualValues(t, 48, unsafe.Sizeof(*newPadded48()))
	require.EqualValues(t, 32, unsafe.Sizeof(*newPadded32()))
	require.EqualValues(t, 33, unsafe.Sizeof(*newShrunk33()))
	require.EqualValues(t, 48, unsafe.Sizeof(*newShrunk48()))
}
