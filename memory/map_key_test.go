package memory

import (
	"fmt"
	"maps"
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// The map keeps the new key, where equal keys can differ: assigning with an
// equal string replaces the stored string by the new one, so the map may
// suddenly hold a large text of which the new key is a substring. An update by
// m[k]++ does the same, and assigning to -0.0 replaces a key 0.0. To be safe,
// clone strings that are cut from something large.
//
//claim:ask If I assign to a map with an equal key, does the map keep the old key or the new one?
//claim:source internal/runtime/maps/runtime_faststr.go
func TestMapKeyReplaced(t *testing.T) {
	text := strings.Repeat("x", 1000) + "host"
	m := map[string]int{strings.Clone("host"): 1}
	keyData := func() *byte {
		for key := range m {
			return unsafe.StringData(key)
		}
		return nil
	}
	before := keyData()
	m["host"] = 2
	after := keyData()
	require.NotSame(t, before, after)
	m[text[1000:]]++
	require.Same(t, unsafe.StringData(text[1000:]), keyData())
	require.Equal(t, map[string]int{"host": 3}, m)

	zeros := map[float64]int{0: 1}
	zeros[math.Copysign(0, -1)] = 2
	for key := range zeros {
		require.True(t, math.Signbit(key))
	}
	require.Len(t, zeros, 1)
}

// A key type must be comparable with ==: numbers, strings, pointers, channels,
// interfaces, and arrays and structs of those. Slices, maps and functions are
// not, and using one as a key type is a compile error. Use an array for a fixed
// number of elements, a struct for several parts, a string for bytes. Pointers
// compare by address and not by what they point to. A literal that repeats a
// constant key does not compile either.
//
//claim:ask Which types can be keys of a map?
//claim:source https://go.dev/ref/spec#Map_types
func TestMapKeyTypes(t *testing.T) {
	for body, want := range map[string]string{
		`_ = map[[]byte]int{}`:                       "invalid map key type []byte",
		`_ = map[map[int]int]int{}`:                  "invalid map key type map[int]int",
		`_ = map[func()]int{}`:                       "invalid map key type func()",
		`_ = map[struct{ parts []string }]int{}`:     "invalid map key type struct",
		`_ = map[[2][]int]int{}`:                     "invalid map key type [2][]int",
		`_ = map[string]int{"a": 1, "a": 2}`:         `duplicate key "a" in map literal`,
		`_ = map[[2]int]int{}`:                       "",
		`_ = map[struct{ a string; b int }]int{}`:    "",
		`_ = map[any]int{}; _ = map[error]int{}`:     "",
		`_ = map[*int]int{}; _ = map[chan int]int{}`: "",
	} {
		found := strings.Join(bodyTypeErrors(t, body), "\n")
		if want == "" {
			require.Empty(t, found, body)
			continue
		}
		require.Contains(t, found, want, body)
	}

	byEndpoint := map[endpoint]int{{"a", 80}: 1}
	require.Equal(t, 1, byEndpoint[endpoint{"a", 80}])
	byPointer := map[*endpoint]int{{"a", 80}: 1}
	require.Equal(t, 0, byPointer[&endpoint{"a", 80}], "another address is another key")
}

// A map with an interface key type compiles, and the check moves to run time: a
// key whose dynamic type is not comparable panics, in a write, a read, and a
// delete, even on an empty map. Keys are equal only if their dynamic types are
// too: 1, int64(1) and "1" are three keys. The same panic waits in struct and
// array keys that have interface fields.
//
//claim:ask What happens if a slice is used as a key in a map[any]int?
//claim:source https://go.dev/ref/spec#Comparison_operators
//claim:source https://go.dev/issue/23734
func TestMapInterfaceKey(t *testing.T) {
	m := map[any]int{1: 10, int64(1): 20, "1": 30}
	require.Equal(t, []int{3, 10, 20, 30, 0}, []int{len(m), m[1], m[int64(1)], m["1"], m[int32(1)]})

	unhashable := func(f func()) {
		t.Helper()
		defer func() {
			t.Helper()
			err, isRuntimeError := recover().(runtime.Error)
			require.True(t, isRuntimeError, "no panic")
			require.Contains(t, err.Error(), "hash of unhashable type")
			require.Contains(t, err.Error(), "[]int")
		}()
		f()
	}
	slice := any([]int{1})
	unhashable(func() { m[slice] = 1 })
	unhashable(func() { mapFoundInt = m[slice] })
	unhashable(func() { delete(m, slice) })
	var none map[any]int
	unhashable(func() { mapFoundInt = none[slice] })

	pairs := map[[2]any]int{{1, "a"}: 1}
	require.Equal(t, 1, pairs[[2]any{1, "a"}])
	unhashable(func() { mapFoundInt = pairs[[2]any{1, slice}] })
}

// Every NaN is a key of its own, because NaN does not equal itself: each
// assignment adds an entry that no lookup finds and no delete removes. Only
// range shows them, and only clear (since Go 1.21) removes them; a loop that
// deletes each key leaves them behind. Positive and negative zero are equal,
// and so are one key. Avoid float keys if NaN can come in.
//
//claim:ask What is special about NaN as a map key?
//claim:source https://go.dev/ref/spec#Clear
//claim:source https://go.dev/doc/go1.21#language
func TestMapNaN(t *testing.T) {
	m := map[float64]string{}
	m[math.NaN()] = "first"
	m[math.NaN()] = "second"
	m[0] = "zero"
	m[math.Copysign(0, -1)] = "negative zero"
	require.Len(t, m, 3)
	require.Equal(t, "negative zero", m[0])

	_, found := m[math.NaN()]
	require.False(t, found)
	delete(m, math.NaN())
	require.Len(t, m, 3)
	for key := range m {
		delete(m, key)
	}
	require.Len(t, m, 2, "both NaN are still there")
	require.ElementsMatch(t, []string{"first", "second"}, slices.Collect(maps.Values(m)))
	clear(m)
	require.Empty(t, m)
}

// Storing the address of a local variable as a key moves the variable to the
// heap, even if the map itself is local: the hash of a pointer key is the hash
// of the address, and stacks move. Looking the address up does not, as nothing
// is kept.
//
//claim:ask Does using &x as a map key move x to the heap?
//claim:source internal/runtime/maps/map.go
func TestMapPointerKey(t *testing.T) {
	visited := map[*int]bool{}
	require.False(t, wasVisited(visited))
	require.True(t, visitOnce(visited))
	require.True(t, visitOnce(visited))
	require.Len(t, visited, 2, "two calls, two variables")

	t.Run("lookup", func(t *testing.T) { proof.WantAllocs(t, 0, func() { wasVisited(visited) }) })
	t.Run("store in a local map", func(t *testing.T) {
		proof.WantAllocs(t, 1, func() {
			local := map[*int]bool{}
			visitOnce(local)
		})
	})
	t.Run("store", func(t *testing.T) {
		proof.WantAllocs(t, 1, func() {
			clear(visited)
			visitOnce(visited)
		})
	})
}

// endpointMaps returns 100 endpoints and maps from them to their port, with the
// key as a struct and as a text.
func endpointMaps() (all []endpoint, byStruct map[endpoint]int, byText map[string]int) {
	byStruct, byText = map[endpoint]int{}, map[string]int{}
	for i := range 100 {
		e := endpoint{"host-" + strconv.Itoa(i) + ".example.com", 1000 + i}
		all = append(all, e)
		byStruct[e] = e.port
		byText[fmt.Sprintf("%s:%d", e.host, e.port)] = e.port
	}
	return all, byStruct, byText
}

//go:noinline
func sumByStruct(m map[endpoint]int, all []endpoint) (sum int) {
	for _, e := range all {
		sum += m[e]
	}
	return sum
}

//go:noinline
func sumByConcat(m map[string]int, all []endpoint) (sum int) {
	for _, e := range all {
		sum += m[e.host+":"+strconv.Itoa(e.port)]
	}
	return sum
}

//go:noinline
func sumBySprintf(m map[string]int, all []endpoint) (sum int) {
	for _, e := range all {
		sum += m[fmt.Sprintf("%s:%d", e.host, e.port)]
	}
	return sum
}

func TestMapStructKey(t *testing.T) {
	all, byStruct, byText := endpointMaps()
	const want = 100*1000 + 4950
	require.Equal(t, want, sumByStruct(byStruct, all))
	require.Equal(t, want, sumByConcat(byText, all))
	require.Equal(t, want, sumBySprintf(byText, all))

	join := func(a, b string) string { return a + ":" + b }
	require.Equal(t, join("a:b", "c"), join("a", "b:c"), "a joined key can be ambiguous")
	type pair struct{ a, b string }
	require.NotEqual(t, pair{"a:b", "c"}, pair{"a", "b:c"})
}

// To key a map by two values make the key a struct of them: the lookup hashes
// the fields in place and allocates nothing, and the parts cannot be confused.
// A key made with fmt.Sprintf is formatted and allocated for each lookup, and
// two different pairs can give the same text. Building the text with + is
// cheaper than Sprintf and dearer than the struct.
//
//claim:ask How do you key a map by two values?
//claim:expect allocs/op of=struct == 0
//claim:expect allocs/op of=concat == 100
//claim:expect allocs/op of=sprintf == 300
//claim:expect ns/op of=sprintf > 3x of=struct
//claim:expect ns/op of=sprintf > 1.5x of=concat
//claim:expect ns/op of=concat > 1x of=struct
//claim:source https://go.dev/blog/maps
func BenchmarkMapStructKey(b *testing.B) {
	all, byStruct, byText := endpointMaps()
	b.Run("of=struct", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sumByStruct(byStruct, all)
		}
	})
	b.Run("of=concat", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sumByConcat(byText, all)
		}
	})
	b.Run("of=sprintf", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			sumBySprintf(byText, all)
		}
	})
}
