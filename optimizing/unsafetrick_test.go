package optimizing

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unsafe"
	"weak"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// The copy and its allocation, so it depends on the size: for 4 KB the conversion
// with a copy takes more than 10 times as long and makes one allocation, the unsafe
// one none. The price is a promise that the compiler cannot check: nobody changes
// the bytes as long as the string lives. Use it where a profile names the
// conversion, the bytes are yours, and nobody writes to them any more.
// strings.Builder does exactly this inside, and is the safe way if you build the
// text yourself.
//
//claim:ask What does a conversion of []byte to string with package unsafe save?
//claim:expect allocs/op of=copy == 1
//claim:expect allocs/op of=unsafe == 0
//claim:expect ns/op of=copy > 10x of=unsafe
//claim:source https://pkg.go.dev/unsafe#String
//claim:source strings/builder.go
func BenchmarkUnsafeTrickString(b *testing.B) {
	text := bytes.Repeat([]byte("0123456789abcdef"), 256)
	b.Run("of=copy", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			unsafeTrickText = string(text)
		}
	})
	b.Run("of=unsafe", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			unsafeTrickText = unsafeTrickString(text)
		}
	})
}

var unsafeTrickText string

func TestUnsafeTrickString(t *testing.T) {
	for _, text := range []string{"", "a", strings.Repeat("text", 1000)} {
		require.Equal(t, text, unsafeTrickString([]byte(text)))
	}
}

// All counts are wrong, without an error. Each line is read into the same buffer, so
// every key in the map shares the bytes of that buffer, and in the end all keys read
// as the last line, whatever line they were inserted for. The right form costs one
// copy for each new key and nothing for one that is known: look up with
// m[string(b)], for which the compiler makes no string, and insert a real copy, as
// string(b) in an assignment does.
//
//claim:ask I read lines into one buffer and count them in a map[string]int, with unsafe.String for the key. What comes out?
//claim:source https://pkg.go.dev/unsafe#String
func TestUnsafeTrickMapKey(t *testing.T) {
	lines := slices.Repeat([]string{"athens", "berlin", "lisbon", "london"}, 10)
	count := func(key func([]byte) string) map[string]int {
		counts := make(map[string]int)
		buffer := make([]byte, 0, 64)
		for _, line := range lines {
			buffer = append(buffer[:0], line...)
			counts[key(buffer)]++
		}
		return counts
	}
	require.Equal(t, map[string]int{"athens": 10, "berlin": 10, "lisbon": 10, "london": 10},
		count(func(b []byte) string { return string(b) }))

	total := 0
	for key, n := range count(unsafeTrickString) {
		require.Equal(t, "london", key)
		total += n
	}
	require.Equal(t, 40, total)
}

// No. In a lookup, m[string(b)], the compiler uses the bytes in place and makes no
// string, so both ways do not allocate, and the unsafe one is not 2 times as fast.
// The same holds for a comparison of string(b), for a switch over it and for a range
// over []byte(s). You may read that these need unsafe; look at allocs/op first. Only
// the direct form is free, or a variable that is used for nothing else.
//
//claim:ask Does unsafe.String make a map lookup by []byte faster?
//claim:expect allocs/op of=safe == 0
//claim:expect allocs/op of=unsafe == 0
//claim:expect ns/op of=safe < 2x of=unsafe
//claim:source https://go.dev/issue/3512
func BenchmarkUnsafeTrickLookup(b *testing.B) {
	counts := map[string]int{"a key of some length": 1, "another key": 2}
	key := []byte("a key of some length")
	b.Run("of=safe", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			unsafeTrickLookupSafe(counts, key)
		}
	})
	b.Run("of=unsafe", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			unsafeTrickLookup(counts, key)
		}
	})
}

func TestUnsafeTrickLookup(t *testing.T) {
	counts := map[string]int{"two": 2}
	text := strings.Repeat("long ", 100)
	b := []byte(text)
	require.Equal(t, 2, unsafeTrickLookup(counts, []byte("two")))
	require.Equal(t, 2, unsafeTrickLookupSafe(counts, []byte("two")))
	n := 0
	proof.WantAllocs(t, 0, func() {
		if string(b) == text {
			n++
		}
		switch string(b) {
		case "one", "two":
			n++
		}
		for range []byte(text) {
			n++
		}
	})
}

// Hardly. The compiler turns binary.LittleEndian.Uint32 into one load where the
// machine has that byte order, so the loop over the bytes takes less than 3 times as
// long as the one over the cast slice, and works for every byte order and alignment.
// What is really slow is binary.Read, which goes through reflection for structs:
// more than 5 times as long as the plain loop. A cast of bytes to a struct depends
// on padding, on the byte order and on alignment, and lets the file decide what your
// variables contain.
//
//claim:ask Is it worth casting a []byte to a slice of structs with package unsafe?
//claim:expect ns/op of=binary < 3x of=cast
//claim:expect ns/op of=reflection > 5x of=binary
//claim:source https://pkg.go.dev/encoding/binary
func BenchmarkUnsafeTrickCast(b *testing.B) {
	file := unsafeTrickFile(500)
	b.Run("of=cast", func(b *testing.B) {
		if !unsafeTrickLittleEndian() {
			b.Skip("the file is little-endian, this machine is not")
		}
		for b.Loop() {
			unsafeTrickSumCast(file)
		}
	})
	b.Run("of=binary", func(b *testing.B) {
		for b.Loop() {
			unsafeTrickSumBinary(file)
		}
	})
	b.Run("of=reflection", func(b *testing.B) {
		records := make([]unsafeTrickRecord, len(file)/8)
		for b.Loop() {
			if err := binary.Read(bytes.NewReader(file), binary.LittleEndian, records); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func unsafeTrickLittleEndian() bool {
	return binary.NativeEndian.Uint16([]byte{1, 0}) == 1
}

func unsafeTrickFile(records int) []byte {
	file := make([]byte, 0, records*8)
	for i := range uint32(records) {
		file = binary.LittleEndian.AppendUint32(file, i)
		file = binary.LittleEndian.AppendUint32(file, bits.Reverse32(i))
	}
	return file
}

func TestUnsafeTrickCast(t *testing.T) {
	file := unsafeTrickFile(100)
	records := make([]unsafeTrickRecord, 100)
	require.NoError(t, binary.Read(bytes.NewReader(file), binary.LittleEndian, records))
	var want uint64
	for _, record := range records {
		want += uint64(record.ID) ^ uint64(record.Amount)
	}
	require.Equal(t, want, unsafeTrickSumBinary(file))
	if unsafeTrickLittleEndian() {
		require.Equal(t, records, unsafeTrickCast(file))
		require.Equal(t, want, unsafeTrickSumCast(file))
	}
	var padded struct {
		Kind byte
		ID   uint32
	}
	require.Equal(t, uintptr(8), unsafe.Sizeof(padded), "and five bytes in the file")
	require.Equal(t, 5, binary.Size(padded))
}

// Not much to gain, and an error becomes silent. A loop over a slice with range has
// no bounds checks in any case: the compiler has proven them away, and it is less
// than 2 times as slow as pointer arithmetic. With a length that is one too large,
// indexing panics at the right place, while the pointer version adds whatever lies
// behind: here the neighbour in the same array. Neither go vet nor checkptr sees
// that. Help the compiler to remove the checks instead; how is shown in this package
// under bounds checks.
//
//claim:ask Is pointer arithmetic faster than indexing, because it has no bounds checks?
//claim:expect ns/op of=index < 2x of=pointer
//claim:source https://pkg.go.dev/unsafe#Add
func BenchmarkUnsafeTrickBounds(b *testing.B) {
	values := make([]uint64, 1000)
	b.Run("of=index", func(b *testing.B) {
		for b.Loop() {
			unsafeTrickSumIndex(values)
		}
	})
	b.Run("of=pointer", func(b *testing.B) {
		for b.Loop() {
			unsafeTrickSumPointer(&values[0], len(values))
		}
	})
}

func TestUnsafeTrickBounds(t *testing.T) {
	all := [...]uint64{1, 2, 3, 1000}
	values := all[:3:3]
	require.EqualValues(t, 6, unsafeTrickSumIndex(values))
	require.EqualValues(t, 6, unsafeTrickSumPointer(&values[0], 3))
	require.EqualValues(t, 1006, unsafeTrickSumPointer(&values[0], 4), "no panic")
	require.Panics(t, func() {
		total := uint64(0)
		for i := range 4 {
			total += values[i]
		}
	})
}

// The whole buffer. A string of five bytes that shares the bytes of a read buffer of
// 1 MB keeps all of it alive, because the collector knows only whole objects. A copy
// of the five bytes lets the buffer go. So a zero-copy parser whose results live
// long, in a cache for example, can need far more memory than one that copies. The
// same holds for slices of strings and of bytes, without any unsafe.
//
//claim:ask A parser returns strings that share its input buffer. What stays in memory?
//claim:source https://go.dev/doc/gc-guide
func TestUnsafeTrickHolds(t *testing.T) {
	word, buffer := unsafeTrickWord(unsafeTrickString)
	runtime.GC()
	require.True(t, unsafeTrickAlive(buffer))
	require.Equal(t, "hello", word)
	runtime.KeepAlive(word)

	word, buffer = unsafeTrickWord(func(b []byte) string { return string(b) })
	runtime.GC()
	require.False(t, unsafeTrickAlive(buffer))
	require.Equal(t, "hello", word)
}

//go:noinline
func unsafeTrickWord(convert func([]byte) string) (string, weak.Pointer[[1 << 20]byte]) {
	buffer := new([1 << 20]byte)
	copy(buffer[1000:], "hello")
	return convert(buffer[1000:1005]), weak.Make(buffer)
}

//go:noinline
func unsafeTrickAlive(buffer weak.Pointer[[1 << 20]byte]) bool { return buffer.Value() != nil }
