package memory

import (
	"maps"
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

var (
	mapIntSink  map[int]int
	mapFoundInt int
)

// A map is passed by value, but the value is one pointer to the table.
// Assigning a map or passing it to a function copies the pointer, so both names
// mean the same table: a function can add and delete entries for its caller,
// and so can a method with a value receiver on a map type. Assigning a new map
// to the parameter changes only the copy of the pointer: a function that makes
// the map has to return it.
//
//claim:ask Is a map passed by reference?
//claim:source https://go.dev/ref/spec#Map_types
//claim:source internal/runtime/maps/map.go
func TestMapIsPointer(t *testing.T) {
	m := map[string]int{"a": 1}
	require.Equal(t, unsafe.Sizeof(uintptr(0)), unsafe.Sizeof(m))

	add := func(m map[string]int) { m["b"] = 2 }
	add(m)
	require.Equal(t, map[string]int{"a": 1, "b": 2}, m)

	replace := func(m map[string]int) { m = maps.Clone(m); m["lost"] = 1 }
	replace(m)
	require.Equal(t, map[string]int{"a": 1, "b": 2}, m)

	same := m
	clear(same)
	require.Empty(t, m)

	tally := mapTally{}
	tally.add("a")
	tally.add("a")
	require.Equal(t, mapTally{"a": 2}, tally)
}

// mapTally has a method that changes it through a value receiver.
type mapTally map[string]int

func (t mapTally) add(word string) { t[word]++ }

// The number of entries is stored in the map, in its first word, so len takes
// constant time and walks over nothing. On a nil map it is zero. A map has no
// cap: how much room is left is not visible.
//
//claim:ask What does len of a map cost?
//claim:source internal/runtime/maps/map.go
func TestMapLen(t *testing.T) {
	stored := func(m map[int]int) int { return int(mapHeaderOf(m).used) }
	m := map[int]int{}
	for i := range 1000 {
		require.Equal(t, i, stored(m))
		require.Len(t, m, i)
		m[i] = i
	}
	delete(m, 0)
	require.Equal(t, 999, stored(m))
	require.Contains(t, bodyTypeErrors(t, "m := map[int]int{}; _ = cap(m)")[0], "invalid argument")
}

// Everything but a write works on a nil map: reading gives the zero value, len
// gives zero, range does nothing, and delete and clear have no effect.
// Assigning to an element panics, because there is no table to put it in and
// the caller's variable could not be changed to point to a new one. append has
// no such problem with a nil slice: it returns the new slice. So a nil map is a
// fine empty map for reading; make one before the first write.
//
//claim:ask What happens when you read, delete from, range over or write to a nil map?
//claim:source https://go.dev/ref/spec#Map_types
func TestNilMap(t *testing.T) {
	var m map[string]int
	require.True(t, m == nil)
	require.Equal(t, 0, m["a"])
	value, ok := m["a"]
	require.Equal(t, 0, value)
	require.False(t, ok)
	require.Equal(t, 0, len(m))
	delete(m, "a")
	clear(m)
	for range m {
		t.Fatal("a nil map has no entries")
	}
	require.Nil(t, maps.Clone(m))
	require.True(t, maps.Equal(m, map[string]int{}))

	write := func(m map[string]int) { m["a"] = 1 }
	require.PanicsWithError(t, "assignment to entry in nil map", func() { write(m) })
	require.NotPanics(t, func() { write(map[string]int{}) })
	require.Equal(t, []int{1}, append([]int(nil), 1))
}

// An element of a map is not addressable: &m[k] and m[k].field = x are compile
// errors, and so is calling a method with a pointer receiver. The table moves
// its entries when it grows, so a pointer into it would go stale. Assigning the
// whole element is fine, and that includes m[k]++, m[k] += x and m[k] =
// append(m[k], x). To change a field, copy the element out, change it and store
// it back, or keep pointers in the map. Elements that are slices or pointers
// can be changed through, because that does not change the element itself.
//
//claim:ask Why can I not assign to a field of a struct that is stored in a map, and what do I do instead?
//claim:source https://go.dev/ref/spec#Address_operators
//claim:source https://go.dev/ref/spec#Assignment_statements
func TestMapElementAddress(t *testing.T) {
	const point = "type point struct{ x, y int }\nfunc (p *point) move() { p.x++ }"
	for body, want := range map[string]string{
		`m := map[string]point{}; m["a"].x = 1`:                                       `cannot assign to struct field m["a"].x in map`,
		`m := map[string]point{}; m["a"].move()`:                                      `cannot call pointer method move on point`,
		`m := map[string]point{}; _ = &m["a"]`:                                        `cannot take address of m["a"]`,
		`m := map[string]point{}; _ = &m["a"].x`:                                      `cannot take address of m["a"].x`,
		`m := map[string][2]int{}; m["a"][0] = 1`:                                     `cannot assign to m["a"][0]`,
		`m := map[string][2]int{}; _ = m["a"][:]`:                                     `cannot slice unaddressable value`,
		`m := map[int]int{}; for m[0] = range 3 {}`:                                   ``,
		`m := map[string]int{}; m["a"]++; m["a"] |= 4`:                                ``,
		`m := map[string][]int{}; m["a"] = append(m["a"], 1); m["a"][0] = 2`:          ``,
		`m := map[string]*point{"a": {}}; m["a"].x = 1; m["a"].move(); _ = &m["a"].x`: ``,
		`m := map[string]point{}; p := m["a"]; p.x = 1; m["a"] = p`:                   ``,
	} {
		found := strings.Join(bodyTypeErrors(t, body, point), "\n")
		if want == "" {
			require.Empty(t, found, body)
			continue
		}
		require.Contains(t, found, want, body)
	}
	element := reflect.ValueOf(map[int]int{1: 2}).MapIndex(reflect.ValueOf(1))
	require.False(t, element.CanAddr())

	m := map[string]endpoint{"a": {"host", 1}}
	copied := m["a"]
	copied.port = 2
	require.Equal(t, 1, m["a"].port, "the copy has changed, the element has not")
	m["a"] = copied
	require.Equal(t, 2, m["a"].port)
}

// A lookup of a key that is absent gives the zero value of the element type, so
// only the second result tells absent from zero: v, ok := m[k]. That the zero
// value comes back is useful: m[k]++ counts and m[k] = append(m[k], v) groups
// without a test, and m[k] on a map of bool is a membership test. Deleting an
// absent key does nothing.
//
//claim:ask How do you tell a key that is absent from one whose value is zero?
//claim:source https://go.dev/ref/spec#Index_expressions
func TestMapCommaOK(t *testing.T) {
	m := map[string]int{"zero": 0}
	require.Equal(t, m["zero"], m["absent"])
	_, ok := m["zero"]
	require.True(t, ok)
	_, ok = m["absent"]
	require.False(t, ok)
	require.Len(t, m, 1, "a lookup adds nothing")
	delete(m, "absent")
	require.Len(t, m, 1)

	counts, groups := map[byte]int{}, map[int][]string{}
	for _, word := range []string{"go", "gopher", "map"} {
		counts[word[0]]++
		groups[len(word)] = append(groups[len(word)], word)
	}
	require.Equal(t, map[byte]int{'g': 2, 'm': 1}, counts)
	require.Equal(t, map[int][]string{2: {"go"}, 3: {"map"}, 6: {"gopher"}}, groups)
}

// Two maps cannot be compared with ==; a map can only be compared with nil.
// maps.Equal is true if both have the same keys and equal values; it makes no
// difference between nil and empty. reflect.DeepEqual also looks inside values
// that are not comparable, and it does tell nil from empty. With a NaN value
// neither finds a map equal to a copy of it.
//
//claim:ask How do you compare two maps?
//claim:source https://go.dev/ref/spec#Comparison_operators
//claim:source https://pkg.go.dev/maps#Equal
func TestMapEqual(t *testing.T) {
	require.Contains(t, bodyTypeErrors(t, "a := map[int]int{}; b := a; _ = a == b")[0], "map can only be compared to nil")

	a, b := map[string]int{"x": 1, "y": 2}, map[string]int{"y": 2, "x": 1}
	require.True(t, maps.Equal(a, b))
	b["y"] = 3
	require.False(t, maps.Equal(a, b))
	require.False(t, maps.Equal(map[int]int{1: 0}, map[int]int{2: 0}), "an absent key is not a zero")

	var none map[string]int
	require.True(t, maps.Equal(none, map[string]int{}))
	require.False(t, reflect.DeepEqual(none, map[string]int{}))

	nan := map[string]float64{"x": math.NaN()}
	require.False(t, maps.Equal(nan, maps.Clone(nan)))
	require.False(t, reflect.DeepEqual(nan, maps.Clone(nan)))

	lists := map[string][]int{"x": {1}}
	require.True(t, maps.EqualFunc(lists, map[string][]int{"x": {1}}, slices.Equal))
	require.True(t, reflect.DeepEqual(lists, map[string][]int{"x": {1}}))
}

// maps.Clone copies the entries by assignment, so the copy is shallow: adding
// or replacing an entry of the clone leaves the original alone, but what the
// values point to (slices, maps, pointers) is shared. Plain assignment copies
// nothing at all. maps.Copy adds all entries of one map to another.
//
//claim:ask How do you copy a map, and what is still shared afterwards?
//claim:source https://pkg.go.dev/maps#Clone
func TestMapClone(t *testing.T) {
	original := map[string][]int{"a": {1, 2}}
	assigned, cloned := original, maps.Clone(original)
	original["b"] = nil
	require.Contains(t, assigned, "b")
	require.NotContains(t, cloned, "b")

	cloned["a"][0] = 99
	require.Equal(t, 99, original["a"][0], "the slice is shared")
	cloned["a"] = []int{7}
	require.Equal(t, []int{99, 2}, original["a"])

	into := map[string][]int{"a": nil, "c": nil}
	maps.Copy(into, original)
	require.Equal(t, map[string][]int{"a": {99, 2}, "b": nil, "c": nil}, into)
}

// A set is a map[T]struct{} or a map[T]bool. With bool the test reads best,
// because an absent key is false: if seen[x]. With struct{} there is no second
// way to say no, and the test needs the two-result form. You may read that
// struct{} saves memory; since Go 1.24 it does not, because each slot is padded
// to the size it has with bool.
//
//claim:ask How do you make a set in Go, with struct{} or with bool?
//claim:source https://go.dev/ref/spec#Index_expressions
func TestMapAsSet(t *testing.T) {
	words := strings.Fields("a b a c b a")
	seen := map[string]bool{}
	unique := words[:0:0]
	for _, word := range words {
		if !seen[word] {
			seen[word] = true
			unique = append(unique, word)
		}
	}
	require.Equal(t, []string{"a", "b", "c"}, unique)

	set := map[string]struct{}{}
	for _, word := range words {
		set[word] = struct{}{}
	}
	_, found := set["a"]
	require.True(t, found)
	_, found = set["z"]
	require.False(t, found)
	require.Equal(t, unique, slices.Sorted(maps.Keys(set)))
}

// Reading a map from many goroutines is safe as long as nobody writes: a
// lookup, len and range change nothing in it. Fill it before the goroutines
// start, and no lock is needed. One writer, and every reader needs a lock.
//
//claim:ask Is it safe to read a map from several goroutines at once?
//claim:source https://go.dev/doc/faq#atomic_maps
func TestMapConcurrentRead(t *testing.T) {
	m := map[int]int{}
	for i := range 100 {
		m[i] = i
	}
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			sum := 0
			for key := range m {
				sum += m[key]
			}
			if sum != 4950 || len(m) != 100 {
				t.Errorf("sum = %d, want 4950", sum)
			}
		})
	}
	readers.Wait()
}

// Two goroutines that write to one map at once may kill the program: "fatal
// error: concurrent map writes", or "concurrent map read and map write". It is
// not a panic: recover does not catch it, because the table may be damaged. The
// check is a flag in the map that is cheap and may miss a collision, so a
// program that does not crash is not proven right; the race detector reports
// unsynchronised accesses that the flag misses. Guard the map with a mutex, or
// use sync.Map where it fits.
//
//claim:ask What happens if two goroutines write to one map, and can you recover from it?
//claim:needs cpus>=2
//claim:source https://go.dev/doc/go1.6#runtime
//claim:source internal/runtime/maps/map.go
func TestMapConcurrentWrite(t *testing.T) {
	if proof.InChild(t) {
		m := map[int]int{}
		write := func() {
			defer func() { println("recovered:", recover() != nil) }()
			stop := time.Now().Add(5 * time.Second)
			for time.Now().Before(stop) {
				for i := range 1000 {
					m[i]++
				}
				if proof.RaceEnabled {
					break // enough for the detector
				}
			}
		}
		var writers sync.WaitGroup
		for range 4 {
			writers.Go(write)
		}
		writers.Wait()
		return
	}
	if runtime.NumCPU() < 2 {
		t.Skip("on one CPU the writers rarely meet")
	}
	out, err := proof.Child(t, "GOMAXPROCS=4")
	require.Error(t, err)
	if proof.RaceEnabled { // its report may come before the flag is noticed, or instead
		require.Regexp(t, "WARNING: DATA RACE|fatal error: concurrent map", out)
		return
	}
	require.Contains(t, out, "fatal error: concurrent map")
	require.NotContains(t, out, "recovered:")
}
