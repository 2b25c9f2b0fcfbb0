package optimizing

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"

	"github.com/go-deep-dive/godeep/internal/proof"
)

func fewpointersStrings(n int) (list []string) {
	for i := range n {
		list = append(list, fmt.Sprint("user-", i))
	}
	return list
}

// fewpointersSeparate gives each string memory of its own, as strings that are
// read one by one have.
func fewpointersSeparate(n int) (list []string) {
	name := []byte("user-000000")
	for i := range n {
		for at, rest := len(name)-1, i; at >= 5; at, rest = at-1, rest/10 {
			name[at] = byte('0' + rest%10)
		}
		list = append(list, string(name))
	}
	return list
}

// Put them into one block with offsets. A slice of 20,000 strings is as many
// objects for the collector to find and mark, each time; a block and its offsets
// are two, and have no pointers (PointerSliceGC shows what that means for the
// time). Memory goes down too, to less than half for names of ten bytes: four
// bytes for each string in place of a header of two words and the rounding to a
// size class. It suits lists that are built once. A part of the block keeps all of
// it, so clone what leaves it. Texts is such a type.
//
//claim:ask How do I keep a million short strings without burdening the garbage collector?
//claim:source https://go.dev/doc/gc-guide#Implementation-specific_optimizations
func TestFewPointersObjects(t *testing.T) {
	if proof.RaceEnabled {
		t.Skip("the race detector adds memory of its own")
	}
	const n = 20_000
	var list []string
	var texts *Texts
	live := func(build func()) (objects, size int64) {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&before)
		build()
		runtime.GC()
		runtime.GC()
		runtime.ReadMemStats(&after)
		return int64(after.HeapObjects) - int64(before.HeapObjects), int64(after.HeapAlloc) - int64(before.HeapAlloc)
	}
	objects, size := live(func() { list = fewpointersSeparate(n) })
	assert.Greater(t, objects, int64(n))
	fewObjects, smallSize := live(func() { texts = NewTexts(list) })
	assert.Less(t, fewObjects, int64(100))
	if unsafe.Sizeof(uintptr(0)) == 8 {
		assert.Less(t, smallSize, size/2)
	}
	assert.Equal(t, len(list), texts.Len())
	runtime.KeepAlive(list)
}

func TestFewPointersTexts(t *testing.T) {
	list := append(fewpointersStrings(100), "", "a", "")
	texts := NewTexts(list)
	assert.Equal(t, len(list), texts.Len())
	for i, want := range list {
		assert.Equal(t, want, texts.At(i))
	}
	assert.Panics(t, func() { texts.At(len(list)) })
	assert.Panics(t, func() { texts.At(-1) })
	assert.Zero(t, NewTexts(nil).Len())
	assert.Zero(t, new(Texts).Len())
	assert.Equal(t, "user-000042", fewpointersSeparate(50)[42])
	proof.WantAllocs(t, 0, func() { _ = texts.At(5) })
	proof.WantAllocs(t, 3, func() { fewpointersKept = NewTexts(list) })
}

var fewpointersKept *Texts

// With indexes in place of pointers, and the nodes in one slice. The tree of 1000
// keys then is one allocation and not 1000, an index of 4 bytes replaces a pointer
// of 8, and for the collector it is one object without pointers. The size is known
// before, or the slice grows as usual. Give up a node by putting its index into a
// free list. What you lose: the compiler no longer checks that an index belongs to
// this tree, a pointer to a node is only valid until the next append, and single
// nodes are never given back.
//
//claim:ask How do you write a tree or graph that is cheap to allocate and to collect?
//claim:expect allocs/op of=pointers == 1000
//claim:expect allocs/op of=indexes == 1
//claim:expect B/op of=pointers > 1.5x of=indexes
//claim:source https://go.dev/doc/gc-guide#Implementation-specific_optimizations
func BenchmarkFewPointersTree(b *testing.B) {
	keys := fewpointersKeys(1000)
	layoutRun(b, "of=pointers", func() { fewpointersBuildTree(keys) })
	layoutRun(b, "of=indexes", func() { fewpointersBuildFlat(keys) })
}

func fewpointersKeys(n int) (keys []int32) {
	for _, key := range rand.New(rand.NewPCG(2, 3)).Perm(n) {
		keys = append(keys, int32(key))
	}
	return keys
}

//go:noinline
func fewpointersBuildTree(keys []int32) (tree *fewpointersTree) {
	for _, key := range keys {
		tree = tree.insert(key)
	}
	return tree
}

//go:noinline
func fewpointersBuildFlat(keys []int32) fewpointersFlat {
	tree := newFewpointersFlat(len(keys))
	for _, key := range keys {
		tree.insert(key)
	}
	return tree
}

func TestFewPointersTree(t *testing.T) {
	keys := fewpointersKeys(200)
	keys = append(keys, keys[:20]...)
	tree, flat := fewpointersBuildTree(keys), fewpointersBuildFlat(keys)
	for key := int32(-2); key < 203; key++ {
		assert.Equal(t, key >= 0 && key < 200, tree.has(key))
		assert.Equal(t, key >= 0 && key < 200, flat.has(key))
	}
	assert.Len(t, flat, 201)
	grown := newFewpointersFlat(0)
	for _, key := range keys {
		grown.insert(key)
	}
	assert.Equal(t, flat, grown)
}

// Give each of the different strings a number once, and keep the numbers: a
// dictionary. Two bytes replace a header of 16 and the text, equality is a
// comparison of integers, and counting by country becomes an index into an array,
// more than 3 times as fast as a map of strings. The table of names is only needed
// to print. It pays if the values are few and used often, such as countries,
// states, routes; for texts that are all different it is one indirection more.
//
//claim:ask A column has a few hundred different strings in millions of rows. How do I store it?
//claim:expect ns/op of=strings > 3x of=numbers
//claim:source https://go.dev/blog/unique
func BenchmarkFewPointersDictionary(b *testing.B) {
	names, numbers := fewpointersColumn(4000)
	layoutRun(b, "of=strings", func() { fewpointersCountStrings(names) })
	layoutRun(b, "of=numbers", func() { fewpointersCountIDs(numbers, 200) })
}

func fewpointersColumn(n int) (names []string, numbers []uint16) {
	all := fewpointersStrings(200)
	random := rand.New(rand.NewPCG(4, 4))
	for range n {
		number := random.IntN(len(all))
		names, numbers = append(names, strings.Clone(all[number])), append(numbers, uint16(number))
	}
	return names, numbers
}

func TestFewPointersDictionary(t *testing.T) {
	names, numbers := fewpointersColumn(500)
	assert.Equal(t, fewpointersCountStrings(names), fewpointersCountIDs(numbers, 200))
}

// An index that is kept after its element was removed finds whatever has moved
// into the place, without a panic and without a word from the race detector or the
// collector: use after free is back. Give each place a generation that is raised
// when it is freed, and let a handle have both; an old handle is then recognized.
// A pointer has no such problem, because the collector keeps what it points to. So
// keep indexes inside of one type, and return values or handles to others.
//
//claim:ask What is the danger of using indexes in place of pointers?
//claim:source https://go.dev/doc/gc-guide#Implementation-specific_optimizations
func TestFewPointersStale(t *testing.T) {
	var slots fewpointersSlots
	ada := slots.add("Ada")
	slots.remove(ada)
	bob := slots.add("Bob")
	assert.Equal(t, ada.slot, bob.slot)
	assert.Equal(t, "Bob", slots.values[ada.slot], "the bare index of Ada finds Bob")

	_, ok := slots.get(ada)
	assert.False(t, ok, "the generation tells")
	name, ok := slots.get(bob)
	assert.True(t, ok)
	assert.Equal(t, "Bob", name)
	slots.remove(ada) // of no effect
	_, ok = slots.get(bob)
	assert.True(t, ok)
	assert.NotEqual(t, bob, slots.add("Cleo"))
}

// No: a time.Time has a pointer to its location, so each element is scanned, and
// takes 24 bytes on a 64-bit system. The Unix time in an int64 takes 8 and is not
// looked at. Convert with UnixNano or UnixMicro when a value goes into the large
// slice, and with time.Unix when it comes out; the location and the monotonic
// clock reading are lost. The same goes for netip.Addr, which has a pointer to its
// zone, and for each struct with a string in it. For few elements keep the clear
// type.
//
//claim:ask For the garbage collector, is a []time.Time like a []int64?
//claim:source https://pkg.go.dev/time#Time
func TestFewPointersTime(t *testing.T) {
	assert.True(t, fewpointersIn(reflect.TypeFor[time.Time]()))
	assert.True(t, fewpointersIn(reflect.TypeFor[netip.Addr]()))
	assert.False(t, fewpointersIn(reflect.TypeFor[int64]()))
	assert.False(t, fewpointersIn(reflect.TypeFor[struct {
		at   int64
		addr [16]byte
	}]()))
	if reflect.TypeFor[uintptr]().Size() == 8 {
		assert.EqualValues(t, 24, reflect.TypeFor[time.Time]().Size())
	}
	when := time.Date(2026, 3, 1, 12, 0, 0, 123456789, time.UTC)
	assert.True(t, when.Equal(time.Unix(0, when.UnixNano())))
}

func fewpointersIn(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Array:
		return t.Len() > 0 && fewpointersIn(t.Elem())
	case reflect.Struct:
		for field := range t.Fields() {
			if fewpointersIn(field.Type) {
				return true
			}
		}
		return false
	}
	return t.Kind() > reflect.Complex128
}
