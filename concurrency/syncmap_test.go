package concurrency

import (
	"reflect"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each of its methods is one atomic step on one key: LoadOrStore keeps the value that
// is there, Swap returns the old one, LoadAndDelete removes and returns,
// CompareAndSwap and CompareAndDelete (since Go 1.20) act only if the value is still the
// expected one. Clear, since Go 1.23, removes everything. The zero value is empty and
// ready, and must not be copied after the first use. There is no method for two keys at
// once, and no length.
//
//claim:ask Which operations does sync.Map have?
//claim:source https://pkg.go.dev/sync#Map
func TestSyncMapMethods(t *testing.T) {
	var m sync.Map
	type result struct {
		value any
		ok    bool
	}
	got := func(value any, ok bool) result { return result{value, ok} }
	require.Equal(t, result{nil, false}, got(m.Load("a")))
	require.Equal(t, result{1, false}, got(m.LoadOrStore("a", 1)))
	require.Equal(t, result{1, true}, got(m.LoadOrStore("a", 2)), "what was there")
	require.Equal(t, result{1, true}, got(m.Swap("a", 3)))
	require.False(t, m.CompareAndSwap("a", 1, 4))
	require.True(t, m.CompareAndSwap("a", 3, 4))
	require.False(t, m.CompareAndDelete("a", 3))
	require.Equal(t, result{4, true}, got(m.LoadAndDelete("a")))
	require.Equal(t, result{nil, false}, got(m.LoadAndDelete("a")))
	m.Store("b", 1)
	m.Store("c", 1)
	m.Delete("b")
	m.Delete("b")
	m.Clear()
	m.Range(func(key, value any) bool { require.Fail(t, "not empty"); return false })
}

// No. Range visits no key twice, but it shows no state that the whole map ever had: a
// key that is deleted before Range comes to it is not visited, one that is stored
// meanwhile may be or not. The function may change the map and even delete the current
// key, because Range holds no lock. So a count made with Range is old when it is done,
// and that is why there is no Len: it takes time in proportion to the entries.
//
//claim:ask Is sync.Map.Range a snapshot, and how do I get the length?
//claim:source https://pkg.go.dev/sync#Map.Range
func TestSyncMapRange(t *testing.T) {
	var m sync.Map
	for i := range 100 {
		m.Store(i, i)
	}
	visited := 0
	m.Range(func(key, _ any) bool {
		visited++
		if visited == 1 {
			for i := range 100 {
				if i != key {
					m.Delete(i) // before Range comes to them
				}
			}
			m.Store(key, "changed")
		}
		return true
	})
	require.Equal(t, 1, visited, "of 100 that were there at the start")

	m.Clear()
	for i := range 100 {
		m.Store(i, i)
	}
	seen := make(map[any]bool)
	m.Range(func(key, _ any) bool {
		require.False(t, seen[key])
		seen[key] = true
		m.Delete(key)
		return len(seen) < 60
	})
	require.Len(t, seen, 60, "false ends it")
	left := 0
	m.Range(func(any, any) bool { left++; return true })
	require.Equal(t, 40, left)
}

// No, each call is atomic and the two together are not: between Load and Store another
// goroutine can store, and its value is lost. Use LoadOrStore to add what is missing, and
// CompareAndSwap in a loop, or a pointer to an atomic number as the value, to change what
// is there. Two keys cannot be changed together at all: for that take a map and a mutex.
//
//claim:ask Is v, _ := m.Load(k); m.Store(k, v+1) on a sync.Map safe?
//claim:source https://pkg.go.dev/sync#Map.CompareAndSwap
func TestSyncMapCheckThenAct(t *testing.T) {
	var m sync.Map
	m.Store("n", 0)
	first, _ := m.Load("n")
	second, _ := m.Load("n") // another goroutine, in between
	m.Store("n", first.(int)+1)
	m.Store("n", second.(int)+1)
	n, _ := m.Load("n")
	require.Equal(t, 1, n, "two increments")

	m.Store("n", 0)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for {
				old, _ := m.Load("n")
				if m.CompareAndSwap("n", old, old.(int)+1) {
					break
				}
			}
			counter, _ := m.LoadOrStore("atomic", new(atomic.Int64))
			counter.(*atomic.Int64).Add(1)
		})
	}
	wg.Wait()
	n, _ = m.Load("n")
	require.Equal(t, 8, n)
	counter, _ := m.Load("atomic")
	require.EqualValues(t, 8, counter.(*atomic.Int64).Load())
}

// Yes: its argument is made before the call, by everybody who sees no value yet, and all
// but one are thrown away. If making it is slow or must happen once, store a function
// from sync.OnceValue instead of the value: making the function is cheap, one of them
// wins, and all callers get the result of that one. Callers of one key then wait for each
// other, and callers of other keys do not.
//
//claim:ask Can LoadOrStore make an expensive value twice?
//claim:source https://pkg.go.dev/sync#Map.LoadOrStore
func TestSyncMapLoadOrStore(t *testing.T) {
	var eager sync.Map
	made := 0
	expensive := func() int { made++; return made }
	eager.LoadOrStore("a", expensive())
	v, loaded := eager.LoadOrStore("a", expensive())
	require.True(t, loaded)
	require.Equal(t, 1, v)
	require.Equal(t, 2, made, "for nothing")

	var calls atomic.Int32
	lazy := onceMap[string, int32]{make: func(string) int32 { return calls.Add(1) }}
	var got [8]int32
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() { got[i] = lazy.get("a") })
	}
	wg.Wait()
	require.Equal(t, [8]int32{1, 1, 1, 1, 1, 1, 1, 1}, got)
	require.EqualValues(t, 1, calls.Load())
}

// Only the map, not what its values point to. Two goroutines that load the same
// pointer and change the object race as they would without a map. Store values that are
// not changed any more and replace them as a whole, or give the object a lock or atomic
// fields of its own. You may read that a sync.Map is a kind of mutex: it is not, it
// excludes nobody.
//
//claim:ask Does a sync.Map protect the values that are stored in it?
//claim:source https://pkg.go.dev/sync#Map
//claim:source https://go.dev/ref/mem#restrictions
func TestSyncMapValue(t *testing.T) {
	report := raceReport(t, "./testdata/syncmap/value")
	require.Contains(t, report, "WARNING: DATA RACE")
}

// It panics, as a map with keys of type any does: the compiler accepts every type for
// any. A slice, a map or a function as a key panics in Load and Store alike.
// CompareAndSwap and CompareAndDelete panic if the old value cannot be compared. Keys of
// different types are different, int 1 and int64 1 for example, so a lookup with the
// wrong type just finds nothing. A small generic wrapper makes both impossible.
//
//claim:ask What happens if a sync.Map key is a slice, or has another type than the one stored?
//claim:source https://pkg.go.dev/sync#Map.CompareAndSwap
//claim:source https://go.dev/ref/spec#Comparison_operators
func TestSyncMapTypes(t *testing.T) {
	var m sync.Map
	require.Panics(t, func() { m.Store([]int{1}, 1) })
	require.Panics(t, func() { m.Load([]int{1}) })
	m.Store("a", []int{1})
	require.Panics(t, func() { m.CompareAndSwap("a", []int{1}, 2) })

	m.Store(1, "int")
	_, ok := m.Load(int64(1))
	require.False(t, ok)

	var typed typedMap[int64, string]
	typed.store(1, "one")
	v, ok := typed.load(1) // becomes an int64
	require.True(t, ok)
	require.Equal(t, "one", v)
	v, ok = typed.load(2)
	require.False(t, ok)
	require.Empty(t, v)
	v, ok = typed.loadOrStore(1, "other")
	require.True(t, ok)
	require.Equal(t, "one", v)
	typed.store(3, "three")
	all := make(map[int64]string)
	for k, v := range typed.all {
		all[k] = v
	}
	require.Equal(t, map[int64]string{1: "one", 3: "three"}, all)
}

// Since Go 1.24 it is a hash trie: a tree of nodes, each with 16 atomic pointers that
// a reader follows without a lock, and a mutex of its own for writers. Before, it was two
// maps, one read-only and one behind a mutex that every new key needed. You may read that a
// sync.Map is only for keys that are written once and read many times, or for goroutines
// with separate keys; that was the rule for the old form, and the documentation still
// names these two cases.
//
//claim:ask How does sync.Map work inside, and is it only for read-mostly use?
//claim:source https://go.dev/doc/go1.24#syncpkgsync
//claim:source internal/sync/hashtriemap.go
func TestSyncMapTrie(t *testing.T) {
	field := func(typ reflect.Type, name string) reflect.Type {
		f, ok := typ.FieldByName(name)
		require.True(t, ok, "%v has no field %s", typ, name)
		return f.Type
	}
	trie := field(reflect.TypeFor[sync.Map](), "m")
	require.Equal(t, "sync.HashTrieMap[interface {},interface {}]", trie.String())
	// An atomic.Pointer names its target in a field of no size.
	root := field(trie, "root").Field(0).Type.Elem().Elem()
	require.Equal(t, "sync.Mutex", field(root, "mu").String())
	children := field(root, "children")
	require.Equal(t, 16, children.Len())
	require.Contains(t, children.Elem().String(), "atomic.Pointer[")
}

func TestSyncMapCost(t *testing.T) {
	maps := []intMap{new(typedMap[int, int]), &mutexIntMap{m: make(map[int]int)}, &rwmutexIntMap{m: make(map[int]int)}}
	for _, m := range maps {
		require.Zero(t, useIntMap(m, 100))
		require.Equal(t, 104950+100, useIntMap(m, 0))
		require.Equal(t, 10945+10, useIntMap(m, 90))
	}
}

// For one goroutine a sync.Map reads about as fast as a map with a lock, within a
// factor of two, and writes more than twice as slowly. Each store of a number costs 3
// allocations, for the boxed key, the boxed value and a new entry, where a map that has
// the key makes none; numbers below 256 are boxed for free. What it offers is that calls
// do not wait for each other, not even during a Range, and methods such as LoadOrStore.
// A map with a Mutex is typed, cheaper to write, and can change several keys at once:
// begin with that.
//
//claim:ask sync.Map or a map with a mutex?
//claim:expect ns/op of=syncmap,stores=100 > 2x of=mutex,stores=100
//claim:expect ns/op of=syncmap,stores=0 < 2x of=mutex,stores=0
//claim:expect ns/op of=syncmap,stores=0 < 2x of=rwmutex,stores=0
//claim:expect allocs/op of=mutex == 0
//claim:expect allocs/op of=syncmap,stores=0 == 0
//claim:expect allocs/op of=syncmap,stores=100 == 300
//claim:source https://pkg.go.dev/sync#Map
func BenchmarkSyncMapCost(b *testing.B) {
	run := func(name string, m intMap, stores int) {
		b.Run(name, func(b *testing.B) {
			useIntMap(m, 100)
			b.ReportAllocs()
			for b.Loop() {
				useIntMap(m, stores)
			}
		})
	}
	run("of=syncmap/stores=0", new(typedMap[int, int]), 0)
	run("of=mutex/stores=0", &mutexIntMap{m: make(map[int]int)}, 0)
	run("of=rwmutex/stores=0", &rwmutexIntMap{m: make(map[int]int)}, 0)
	run("of=syncmap/stores=100", new(typedMap[int, int]), 100)
	run("of=mutex/stores=100", &mutexIntMap{m: make(map[int]int)}, 100)
}
