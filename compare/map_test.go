package compare

import (
	"strconv"
	"sync"
	"testing"

	"github.com/puzpuzpuz/xsync/v4"

	"github.com/go-deep-dive/godeep/patterns"
)

// mapKeys is the number of keys in every map of this comparison.
const mapKeys = 1024

// A concurrentMap is what the candidates have in common.
type concurrentMap interface {
	Load(key string) (int, bool)
	Store(key string, value int)
}

// mapSync adds the types that sync.Map lacks.
type mapSync struct{ m sync.Map }

func (m *mapSync) Load(key string) (int, bool) {
	v, ok := m.m.Load(key)
	if !ok {
		return 0, false
	}
	return v.(int), true
}

func (m *mapSync) Store(key string, value int) { m.m.Store(key, value) }

type mapMutex struct {
	mu sync.Mutex
	m  map[string]int
}

func (m *mapMutex) Load(key string) (int, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.m[key]
	return v, ok
}

func (m *mapMutex) Store(key string, value int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.m[key] = value
}

var concurrentMaps = []struct {
	name string
	make func() concurrentMap
}{
	{"godeep", func() concurrentMap { return new(patterns.ShardedMap[string, int]) }},
	{"xsync", func() concurrentMap { return xsync.NewMap[string, int]() }},
	{"syncmap", func() concurrentMap { return new(mapSync) }},
	{"mutex", func() concurrentMap { return &mapMutex{m: make(map[string]int)} }},
}

func mapStrings() (keys []string) {
	for i := range mapKeys {
		keys = append(keys, "key-"+strconv.Itoa(i))
	}
	return keys
}

func TestMapCandidatesAgree(t *testing.T) {
	keys := mapStrings()
	for _, candidate := range concurrentMaps {
		m := candidate.make()
		for i, key := range keys[1:] {
			m.Store(key, 0)
			m.Store(key, i+1)
		}
		for i, key := range keys {
			if v, ok := m.Load(key); v != i || ok != (i > 0) {
				t.Errorf("%s: Load(%s) = %d, %t", candidate.name, key, v, ok)
			}
		}
	}
}

func benchmarkMap(b *testing.B, work func(m concurrentMap, key string)) {
	keys := mapStrings()
	for _, candidate := range concurrentMaps {
		b.Run("of="+candidate.name, func(b *testing.B) {
			m := candidate.make()
			for i, key := range keys {
				m.Store(key, i)
			}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				work(m, keys[i])
				i = (i + 7) % mapKeys
			}
		})
	}
}

// All but the mutex read without a lock, so this is the cost of hashing and
// finding: godeep walks a short chain, sync.Map a tree of atomic pointers with
// a check of types, and takes longer. Xsync packs five entries and a byte of
// each hash into a cache line, and is faster by less than 2 times. It gives up a
// promise for that: its layout rests on unsafe pointers, which neither the
// compiler nor the race detector checks, and integer keys have a hash of their
// own instead of the keyed one of the runtime.
//
//claim:ask Which concurrent map is the fastest to read: sync.Map, xsync.Map or a sharded one?
//claim:expect ns/op of=godeep <= 1x of=syncmap
//claim:expect ns/op of=godeep < 2x of=xsync
//claim:expect allocs/op of=godeep == 0
//claim:source https://pkg.go.dev/github.com/puzpuzpuz/xsync/v4#Map
func BenchmarkMapLoad(b *testing.B) {
	benchmarkMap(b, func(m concurrentMap, key string) { m.Load(key) })
}

// Maps whose readers take no lock must not change an entry in place, so each
// Store allocates: once in godeep and xsync, more often in sync.Map, which also
// puts key and value into interfaces and is slower. A map under a mutex
// allocates nothing and is the fastest, as long as one goroutine writes. Xsync
// is ahead by less than 2 times.
//
//claim:ask What does a write to a concurrent map cost?
//claim:expect ns/op of=godeep <= 1x of=syncmap
//claim:expect ns/op of=godeep < 2x of=xsync
//claim:expect ns/op of=mutex < 1x of=godeep
//claim:expect allocs/op of=godeep == 1
//claim:expect allocs/op of=xsync == 1
//claim:expect allocs/op of=syncmap > 1x of=godeep
//claim:source https://pkg.go.dev/sync#Map
func BenchmarkMapStore(b *testing.B) {
	benchmarkMap(b, func(m concurrentMap, key string) { m.Store(key, 1000) })
}

// Nine reads and one write, from every core. The maps without read locks do not
// wait for each other, where the mutex is a queue: on four cores or more it
// takes more than 2 times as long.
//
//claim:ask What does a mutex around a map cost when many cores use it?
//claim:needs cpus>=4
//claim:expect ns/op of=mutex > 2x of=godeep
//claim:source https://pkg.go.dev/testing#B.RunParallel
func BenchmarkMapParallel(b *testing.B) {
	keys := mapStrings()
	for _, candidate := range concurrentMaps {
		b.Run("of="+candidate.name, func(b *testing.B) {
			m := candidate.make()
			for i, key := range keys {
				m.Store(key, i)
			}
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				i := 0
				for pb.Next() {
					if i = (i + 7) % mapKeys; i%10 == 0 {
						m.Store(keys[i], 1000)
					} else {
						m.Load(keys[i])
					}
				}
			})
		})
	}
}
