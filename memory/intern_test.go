package memory

import (
	"bytes"
	"runtime"
	"runtime/metrics"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unique"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

var (
	internedSink  []string
	internHandles []unique.Handle[string]
)

// releaseHandles drops the handles of a test and waits until the table of
// package unique has let go of their entries, which it does in cleanups.
func releaseHandles() {
	internHandles = nil
	runtime.GC()
	counts := []metrics.Sample{{Name: "/gc/cleanups/queued:cleanups"}, {Name: "/gc/cleanups/executed:cleanups"}}
	for metrics.Read(counts); counts[1].Value.Uint64() < counts[0].Value.Uint64(); metrics.Read(counts) {
		runtime.Gosched()
	}
}

//go:noinline
func internLiteral() string { return "a literal in one place" }

// Go does not intern strings made at run time: two equal texts from two
// conversions are two copies. Only constants are shared: the linker keeps equal
// literals once in the binary. That is an optimisation and not a promise, so no
// program should depend on it; == compares the text in any case.
//
//claim:ask Does Go intern strings, so that equal strings share memory?
//claim:source https://go.dev/ref/spec#Comparison_operators
func TestStringsNotInterned(t *testing.T) {
	data := []byte("a text made at run time")
	a, b := string(data), string(data)
	require.Equal(t, a, b)
	require.NotSame(t, unsafe.StringData(a), unsafe.StringData(b))

	require.Same(t, unsafe.StringData("a literal in one place"), unsafe.StringData(internLiteral()))
}

// A map from string to string makes equal texts share memory, and the lookup
// m[string(b)] costs no allocation for a text that is already there. So a
// decoder that reads many rows with few distinct names keeps few strings. There
// are two traps. The map holds what it has seen for ever. And if the texts are
// substrings of a large input and not copies, it holds the whole input; clone
// before you store.
//
//claim:ask How do you keep one copy of strings that repeat, and what is the trap?
//claim:source https://pkg.go.dev/strings#Clone
func TestInterner(t *testing.T) {
	var in Interner
	name := []byte("content-type")
	first, second := in.Intern(name), in.Intern(bytes.Clone(name))
	require.Equal(t, "content-type", first)
	require.Same(t, unsafe.StringData(first), unsafe.StringData(second))
	name[0] = 'X'
	require.Equal(t, "content-type", first)
	require.Equal(t, "Xontent-type", in.Intern(name))

	const size = 1 << 20
	held := func(keep func(string) string) int64 {
		base := proof.LiveHeap()
		document := strings.Repeat("x", size) + "host"
		seen := map[string]string{}
		key := keep(document[size:])
		seen[key] = key
		document = ""
		grown := int64(proof.LiveHeap()) - int64(base)
		require.Equal(t, "host", seen["host"])
		return grown
	}
	require.Greater(t, held(func(s string) string { return s }), int64(size*9/10))
	require.Less(t, held(strings.Clone), int64(size/10))

	long := bytes.Repeat([]byte("x"), 100)
	proof.WantAllocs(t, 0, func() { in.Intern(long) })
}

// unique.Make returns a handle, and two handles are equal exactly if their
// values are. A handle is one pointer to the one copy of the value, so
// comparing handles compares pointers, whatever the size of the value, and the
// strings that Value returns share their bytes. It works for every comparable
// type and from many goroutines. Make copies the text of a new string, so a
// handle of a substring does not keep the large text. Package unique exists
// since Go 1.23.
//
//claim:ask What does unique.Make do?
//claim:source https://pkg.go.dev/unique
//claim:source unique/handle.go
func TestUniqueHandle(t *testing.T) {
	data := []byte("example.com")
	a, b := unique.Make(string(data)), unique.Make(string(data))
	require.True(t, a == b)
	require.False(t, a == unique.Make("example.org"))
	require.Equal(t, unsafe.Sizeof(uintptr(0)), unsafe.Sizeof(a))
	require.Equal(t, "example.com", a.Value())
	require.Same(t, unsafe.StringData(a.Value()), unsafe.StringData(b.Value()))

	type address struct {
		host string
		port int
	}
	one, same := unique.Make(address{"h", 1}), unique.Make(address{"h", 1})
	require.True(t, one == same)
	require.False(t, one == unique.Make(address{"h", 2}))

	made := make([]unique.Handle[string], 4)
	var makers sync.WaitGroup
	for i := range made {
		makers.Go(func() { made[i] = unique.Make(strings.Repeat("at once", 3)) })
	}
	makers.Wait()
	for _, h := range made {
		require.True(t, h == made[0])
	}

	const size = 1 << 20
	base := proof.LiveHeap()
	sub := unique.Make(strings.Repeat("x", size)[:11])
	require.Less(t, int64(proof.LiveHeap())-int64(base), int64(size/10), "only the eleven bytes are kept")
	require.Equal(t, strings.Repeat("x", 11), sub.Value())
}

// Interning keeps one copy of each text that repeats: a thousand copies of ten
// texts of one kilobyte live on as ten texts. A handle for a text that is
// already known makes no allocation. The saving is the repetition only. For
// short texts that are all different the table takes more memory than the
// texts, and every Make hashes the text, so do not intern everything.
//
//claim:ask How much memory does interning save?
//claim:source https://go.dev/blog/unique
func TestUniqueMemory(t *testing.T) {
	const copies, size = 1000, 1 << 10
	data := make([]byte, size)
	read := func(i int) string { // a text as it comes from the network
		copy(data, strconv.Itoa(i%10)+" interned")
		return string(data)
	}

	base := proof.LiveHeap()
	internedSink = make([]string, copies)
	for i := range internedSink {
		internedSink[i] = read(i)
	}
	plain := int64(proof.LiveHeap()) - int64(base)
	require.Greater(t, plain, int64(copies*size*9/10))
	internedSink = nil

	base = proof.LiveHeap()
	internHandles = make([]unique.Handle[string], copies)
	for i := range internHandles {
		internHandles[i] = unique.Make(read(i))
	}
	interned := int64(proof.LiveHeap()) - int64(base)
	require.Equal(t, read(7), internHandles[17].Value())
	require.Less(t, interned, plain/10)
	releaseHandles()

	base = proof.LiveHeap()
	internedSink = make([]string, copies)
	for i := range internedSink {
		internedSink[i] = "distinct " + strconv.Itoa(i)
	}
	plain = int64(proof.LiveHeap()) - int64(base)
	internHandles = make([]unique.Handle[string], copies)
	base = proof.LiveHeap()
	for i := range internHandles {
		internHandles[i] = unique.Make(internedSink[i])
	}
	interned = int64(proof.LiveHeap()) - int64(base)
	require.Greater(t, interned, plain, "the table costs more than these texts")
	internedSink = nil
	releaseHandles()

	known := unique.Make(read(1))
	proof.WantAllocs(t, 0, func() { unique.Make(known.Value()) })
}

// Interned values are released: when the last handle of a value is gone, the
// collector frees the value. That is the advantage over a map of your own,
// which holds everything it has ever seen. What must stay alive is the handle:
// a string from Value stays valid without it, but is no longer the one that the
// next Make returns.
//
//claim:ask Are interned values ever released?
//claim:source unique/canonmap.go
//claim:source https://go.dev/issue/62483
func TestUniqueReleased(t *testing.T) {
	const n, size = 500, 1 << 10
	text := func(i int) string { return strings.Repeat("released ", size/9) + strconv.Itoa(i) }

	base := proof.LiveHeap()
	seen := map[string]struct{}{}
	for i := range n {
		seen[text(i)] = struct{}{}
	}
	require.Greater(t, int64(proof.LiveHeap())-int64(base), int64(n*size*9/10), "a map holds its keys")
	require.Len(t, seen, n)

	base = proof.LiveHeap()
	internHandles = make([]unique.Handle[string], n)
	for i := range n {
		internHandles[i] = unique.Make(text(i))
	}
	require.Greater(t, int64(proof.LiveHeap())-int64(base), int64(n*size*9/10))

	last := internHandles[n-1].Value()
	releaseHandles()
	require.Less(t, int64(proof.LiveHeap())-int64(base), int64(n*size/5), "the handles are gone, so are the texts")

	require.Equal(t, text(n-1), last, "a string that somebody holds stays valid")
	again := unique.Make(text(n - 1))
	require.NotSame(t, unsafe.StringData(last), unsafe.StringData(again.Value()))
	runtime.KeepAlive(again)
}

// internPairs returns pairs of equal strings of the given size with separate
// bytes, and the handles of the same strings.
func internPairs(n, size int) (texts [][2]string, handles [][2]unique.Handle[string]) {
	_, texts, _ = stringPairs(n, size)
	for _, p := range texts {
		handles = append(handles, [2]unique.Handle[string]{unique.Make(p[0]), unique.Make(p[1])})
	}
	return texts, handles
}

//go:noinline
func countEqualHandles(pairs [][2]unique.Handle[string]) (n int) {
	for _, p := range pairs {
		if p[0] == p[1] {
			n++
		}
	}
	return n
}

func TestUniqueCompare(t *testing.T) {
	texts, handles := internPairs(5, 100)
	require.Equal(t, 5, countEqualStrings(texts))
	require.Equal(t, 5, countEqualHandles(handles))
}

// Comparing two handles is one pointer comparison; comparing equal strings in
// two places reads them to the end, so the longer the text the larger the gain.
// It pays if a value is made once and compared often. Making a handle for a
// text that is already known hashes the text and compares it with the one in
// the table, so making handles just to compare them once is slower than
// comparing the strings.
//
//claim:ask When is comparing unique handles faster than comparing strings?
//claim:expect ns/op of=string > 20x of=handle
//claim:expect ns/op of=make > 20x of=handle
//claim:expect ns/op of=make > 1.5x of=string
//claim:expect allocs/op of=make == 0
//claim:source https://go.dev/blog/unique
func BenchmarkUniqueCompare(b *testing.B) {
	texts, handles := internPairs(16, 4096)
	b.Run("of=string", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			countEqualStrings(texts)
		}
	})
	b.Run("of=handle", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			countEqualHandles(handles)
		}
	})
	b.Run("of=make", func(b *testing.B) {
		b.ReportAllocs()
		n := 0
		for b.Loop() {
			for _, p := range texts {
				if unique.Make(p[0]) == unique.Make(p[1]) {
					n++
				}
			}
		}
		runtime.KeepAlive(handles)
	})
}
