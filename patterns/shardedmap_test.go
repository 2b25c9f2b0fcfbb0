package patterns

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"unsafe"
	"weak"
)

// A shardedMutex is the map that a ShardedMap competes with.
type shardedMutex[K comparable, V any] struct {
	mu sync.Mutex
	m  map[K]V
}

func (m *shardedMutex[K, V]) load(key K) (V, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, ok := m.m[key]
	return v, ok
}

func (m *shardedMutex[K, V]) store(key K, value V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.m[key] = value
}

// A reader needs no lock if writers never change what it may be looking at:
// they make a new node and hang it in with one atomic store of a pointer. The
// reader sees the chain before or after that, both are whole. Here a Load in
// the middle of a Compute, whose lock is held, returns the old value at once; a
// plain mutex would let it wait for ever. The price is an allocation for each
// write.
//
//claim:ask How can a concurrent map have readers that never lock?
//claim:source https://go.dev/ref/mem#atomic
func TestShardedMapReadersDoNotWait(t *testing.T) {
	var m ShardedMap[string, int]
	m.Store("k", 1)
	m.Compute("k", func(old int, ok bool) (int, bool) {
		if v, ok := m.Load("k"); v != 1 || !ok {
			t.Errorf("Load during Compute = %d, %t", v, ok)
		}
		if v, loaded := m.LoadOrStore("k", 5); v != 1 || !loaded {
			t.Errorf("LoadOrStore during Compute = %d, %t", v, loaded)
		}
		for k, v := range m.All() {
			if k != "k" || v != 1 {
				t.Errorf("All during Compute yields %s, %d", k, v)
			}
		}
		locked := 0
		for i := range m.shards {
			if m.shards[i].mu.TryLock() {
				m.shards[i].mu.Unlock()
			} else {
				locked++
			}
		}
		if locked != 1 {
			t.Errorf("%d shards are locked", locked)
		}
		return old + 1, true
	})
	if v, _ := m.Load("k"); v != 2 {
		t.Errorf("after Compute: %d", v)
	}
}

// A concurrent map makes each call atomic, not two calls: between a Load and
// the Store of the value plus one, another goroutine can store, and its update
// is lost. The race detector does not see that, as there is no data race. Do
// both in one step: Compute here, LoadOrStore for the first value, or
// CompareAndSwap in a loop on a sync.Map. Four goroutines that add one a
// thousand times by Compute give 4,000.
//
//claim:ask Is a concurrent map enough to count words from several goroutines?
//claim:source https://pkg.go.dev/sync#Map.CompareAndSwap
func TestShardedMapLostUpdate(t *testing.T) {
	var m ShardedMap[string, int]
	m.Store("word", 10)
	mine, _ := m.Load("word")
	func() { // another goroutine, in the middle
		other, _ := m.Load("word")
		m.Store("word", other+1)
	}()
	m.Store("word", mine+1)
	if n, _ := m.Load("word"); n != 11 {
		t.Errorf("two increments of 10 by Load and Store give %d, want the lost update 11", n)
	}

	m.Delete("word")
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() {
			for range 1000 {
				m.Compute("word", func(n int, _ bool) (int, bool) { return n + 1, true })
			}
		})
	}
	workers.Wait()
	if n, _ := m.Load("word"); n != 4000 {
		t.Errorf("4000 increments by Compute give %d", n)
	}
}

// Choose the shard by a hash with a random seed, such as maphash.Comparable,
// which takes every type that can be a map key. Taking the key modulo the
// number of shards is simpler, until keys have a pattern: 10,000 numbers that
// are multiples of 64 all go to one of 64 shards, and everybody waits for its
// lock again. Hashed, no shard has more than twice its share. A seed that is
// not secret would let an attacker choose keys for one shard.
//
//claim:ask How do you choose the shard of a key?
//claim:source https://pkg.go.dev/hash/maphash#Comparable
func TestShardedMapSpread(t *testing.T) {
	const n = 10_000
	var m ShardedMap[int, bool]
	var modulo [64]int
	for i := range n {
		key := 64 * i
		m.Store(key, true)
		modulo[key%len(modulo)]++
	}
	if modulo[0] != n {
		t.Errorf("modulo 64: %d in one shard", modulo[0])
	}
	for i := range m.shards {
		if c := m.shards[i].count; c > 2*n/64 {
			t.Errorf("shard %d has %d of %d", i, c, n)
		}
	}
	if m.Len() != n {
		t.Errorf("Len = %d", m.Len())
	}
}

// A loop over a concurrent map may miss or show changes that are made during
// it, but no key comes twice, and a key that is there all the time comes once.
// Here the loop deletes, adds and replaces as it goes, and the table grows
// under it. For a consistent view of all entries, copy a plain map under its
// lock, or publish whole maps with an atomic pointer.
//
//claim:ask What does a loop over a concurrent map see if the map changes meanwhile?
//claim:source https://pkg.go.dev/sync#Map.Range
func TestShardedMapAll(t *testing.T) {
	var m ShardedMap[int, int]
	for key := range 500 {
		m.Store(key, key)
	}
	seen := make(map[int]int)
	for key := range m.All() {
		seen[key]++
		m.Store(1000+len(seen), 0) // grows
		m.Store((key+1)%500, 1)    // replaces
		if key%5 == 0 {
			m.Delete(key) // and puts it back
			m.Store(key, 2)
		}
	}
	for key := range 500 {
		if seen[key] != 1 {
			t.Errorf("key %d was seen %d times", key, seen[key])
		}
	}
	for key, n := range seen {
		if n > 1 {
			t.Errorf("key %d was seen %d times", key, n)
		}
	}
	for range m.All() {
		break
	}
}

// Random operations, compared with a plain map.
func TestShardedMapMatchesModel(t *testing.T) {
	var m ShardedMap[int, int]
	model := make(map[int]int)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 20_000 {
		key := random.IntN(1000)
		want, wantOK := model[key]
		var got int
		var ok bool
		switch random.IntN(6) {
		case 0:
			got, ok = m.Load(key)
		case 1:
			got, ok = m.Delete(key)
			delete(model, key)
		case 2:
			got, ok = m.LoadOrStore(key, i)
			if !wantOK {
				want, model[key] = i, i
			}
		case 3:
			got, ok = m.Compute(key, func(old int, ok bool) (int, bool) {
				if old != want || ok != wantOK {
					t.Fatalf("operation %d: Compute sees %d, %t, want %d, %t", i, old, ok, want, wantOK)
				}
				return i, i%2 == 0
			})
			want, wantOK = i, i%2 == 0
			if wantOK {
				model[key] = i
			} else {
				delete(model, key)
			}
		default:
			m.Store(key, i)
			model[key] = i
			continue
		}
		if got != want || ok != wantOK {
			t.Fatalf("operation %d on key %d = %d, %t, want %d, %t", i, key, got, ok, want, wantOK)
		}
	}
	if all := maps.Collect(m.All()); !maps.Equal(all, model) || m.Len() != len(model) {
		t.Errorf("Len %d, want %d, or other entries", m.Len(), len(model))
	}
}

func TestShardedMapEmpty(t *testing.T) {
	var m ShardedMap[string, int]
	if n := unsafe.Sizeof(m); n > 4096 {
		t.Errorf("%d bytes", n)
	}
	if v, ok := m.Load("k"); v != 0 || ok {
		t.Errorf("Load = %d, %t", v, ok)
	}
	if v, ok := m.Delete("k"); v != 0 || ok {
		t.Errorf("Delete = %d, %t", v, ok)
	}
	m.Compute("k", func(int, bool) (int, bool) { return 1, false })
	if n := m.Len(); n != 0 {
		t.Errorf("Len = %d", n)
	}
	for k := range m.All() {
		t.Errorf("All yields %s", k)
	}
}

// If the function of Compute panics, nothing has changed and nothing is locked.
// A key without a hash panics before anything is locked.
func TestShardedMapFault(t *testing.T) {
	var m ShardedMap[any, int]
	m.Store("k", 1)
	for _, use := range []func(){
		func() { m.Compute("k", func(int, bool) (int, bool) { panic("broken") }) },
		func() { m.Compute("new", func(int, bool) (int, bool) { panic("broken") }) },
		func() { m.Store([]int{1}, 1) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			use()
		}()
	}
	if all := maps.Collect(m.All()); len(all) != 1 || all["k"] != 1 || m.Len() != 1 {
		t.Errorf("got %v", all)
	}
	m.Store("k", 2)
	m.Store("new", 2)

	type page [4096]byte
	var pages ShardedMap[int, *page]
	put := func(key int) weak.Pointer[page] {
		p := new(page)
		pages.Store(key, p)
		return weak.Make(p)
	}
	deleted, replaced, kept := put(1), put(2), put(3)
	pages.Delete(1)
	pages.Store(2, nil)
	runtime.GC()
	if deleted.Value() != nil || replaced.Value() != nil || kept.Value() == nil {
		t.Errorf("alive: deleted %t, replaced %t, kept %t", deleted.Value() != nil, replaced.Value() != nil, kept.Value() != nil)
	}
	runtime.KeepAlive(&pages)
}

// Readers, writers and a growing table: a reader finds every key that stays,
// and the values of one key never go back.
func TestShardedMapConcurrent(t *testing.T) {
	var m ShardedMap[int, int]
	for key := range 50 {
		m.Store(key, 0)
	}
	var done atomic.Bool
	var readers, writers sync.WaitGroup
	for range 2 {
		writers.Go(func() {
			for i := range 1000 {
				m.Compute(i%50, func(old int, _ bool) (int, bool) { return old + 1, true })
				m.LoadOrStore(100+i, i)
				m.Delete(100 + i/2)
			}
		})
		readers.Go(func() {
			last := make([]int, 50)
			for !done.Load() {
				for key := range last {
					v, ok := m.Load(key)
					if !ok || v < last[key] {
						t.Errorf("key %d: %d, %t after %d", key, v, ok, last[key])
					}
					last[key] = v
				}
				found := 0
				for key := range m.All() {
					if key < 50 {
						found++
					}
				}
				if found != 50 {
					t.Errorf("All has found %d of 50 keys", found)
				}
			}
		})
	}
	writers.Wait()
	done.Store(true)
	readers.Wait()
	for key := range 50 {
		if v, _ := m.Load(key); v != 40 {
			t.Errorf("key %d was incremented %d times, want 40", key, v)
		}
	}
}

const shardedKeys = 1024

func shardedStrings() (keys []string) {
	for i := range shardedKeys {
		keys = append(keys, "key-"+strconv.Itoa(i))
	}
	return keys
}

// Even without any contention, reading without a lock is faster than a mutex
// around a map, because locking and unlocking are two atomic read-modify-write
// operations and the reader has none. A write costs one allocation, here 1,024
// for as many keys, where the plain map has none: if you mostly write, and from
// few goroutines, stay with the mutex.
//
//claim:ask What do reads and writes of a map without read locks cost, compared with a mutex and a map?
//claim:expect ns/op of=sharded,op=load < 1x of=mutex,op=load
//claim:expect allocs/op of=sharded,op=load == 0
//claim:expect allocs/op of=sharded,op=store == 1024
//claim:expect allocs/op of=mutex,op=store == 0
//claim:source https://pkg.go.dev/sync/atomic#Pointer
func BenchmarkShardedMapOps(b *testing.B) {
	keys := shardedStrings()
	run := func(name string, use func(i int, key string)) {
		b.Run(name, func(b *testing.B) {
			for i, key := range keys {
				use(i, key)
			}
			b.ReportAllocs()
			for b.Loop() {
				for i, key := range keys {
					use(i, key)
				}
			}
		})
	}
	var m ShardedMap[string, int]
	plain := shardedMutex[string, int]{m: make(map[string]int)}
	for i, key := range keys {
		m.Store(key, i)
		plain.store(key, i)
	}
	run("of=sharded/op=load", func(i int, key string) {
		if v, ok := m.Load(key); v != i || !ok {
			b.Error("wrong value")
		}
	})
	run("of=mutex/op=load", func(i int, key string) {
		if v, ok := plain.load(key); v != i || !ok {
			b.Error("wrong value")
		}
	})
	run("of=sharded/op=store", func(i int, key string) { m.Store(key, i) })
	run("of=mutex/op=store", func(i int, key string) { plain.store(key, i) })
}

func TestShardedMapOps(t *testing.T) {
	var m ShardedMap[string, int]
	plain := shardedMutex[string, int]{m: make(map[string]int)}
	for i, key := range shardedStrings() {
		m.Store(key, i)
		plain.store(key, i)
	}
	for _, key := range shardedStrings() {
		v, ok := m.Load(key)
		if w, found := plain.load(key); v != w || !ok || !found {
			t.Error(fmt.Sprint(key, ": ", v, " and ", w))
		}
	}
}

// With several cores the mutex becomes a queue: each Lock moves the same cache
// line from core to core, and goroutines wait. Readers without a lock write
// nothing, so they do not disturb each other: on four cores or more they are
// more than 3 times faster. An RWMutex does not help short reads: RLock writes
// to its counter, which is such a cache line, too.
//
//claim:ask Does a sharded map help a read-mostly workload on many cores?
//claim:needs cpus>=4
//claim:expect ns/op of=mutex > 3x of=sharded
//claim:expect ns/op of=rwmutex > 3x of=sharded
//claim:source https://go.dev/issue/17973
func BenchmarkShardedMapParallel(b *testing.B) {
	keys := shardedStrings()
	var m ShardedMap[string, int]
	plain := shardedMutex[string, int]{m: make(map[string]int)}
	for i, key := range keys {
		m.Store(key, i)
		plain.store(key, i)
	}
	var rw sync.RWMutex
	run := func(name string, load func(key string) int) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				i := 0
				for pb.Next() {
					if load(keys[i]) != i {
						b.Error("wrong value")
					}
					i = (i + 7) % shardedKeys
				}
			})
		})
	}
	run("of=sharded", func(key string) int { v, _ := m.Load(key); return v })
	run("of=mutex", func(key string) int { v, _ := plain.load(key); return v })
	run("of=rwmutex", func(key string) int {
		rw.RLock()
		defer rw.RUnlock()
		return plain.m[key]
	})
}
