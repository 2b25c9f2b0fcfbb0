package patterns

import (
	"container/list"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"weak"
)

// An lruModel is an LRU as one would define it: a list from the oldest to the
// newest. It is slow and plainly right.
type lruModel struct {
	capacity int
	entries  []lruPair
	evicted  []lruPair
}

type lruPair struct{ key, value int }

func (m *lruModel) find(key int) int {
	return slices.IndexFunc(m.entries, func(p lruPair) bool { return p.key == key })
}

func (m *lruModel) get(key int) (int, bool) {
	i := m.find(key)
	if i < 0 {
		return 0, false
	}
	p := m.entries[i]
	m.entries = append(slices.Delete(m.entries, i, i+1), p)
	return p.value, true
}

func (m *lruModel) put(key, value int) (int, bool) {
	old, replaced := m.remove(key)
	m.entries = append(m.entries, lruPair{key, value})
	if len(m.entries) > m.capacity {
		m.evicted = append(m.evicted, m.entries[0])
		m.entries = slices.Delete(m.entries, 0, 1)
	}
	return old, replaced
}

func (m *lruModel) remove(key int) (int, bool) {
	i := m.find(key)
	if i < 0 {
		return 0, false
	}
	value := m.entries[i].value
	m.entries = slices.Delete(m.entries, i, i+1)
	return value, true
}

func lruPairs(l *LRU[int, int]) (all []lruPair) {
	for k, v := range l.All() {
		all = append(all, lruPair{k, v})
	}
	return all
}

// lruAgainstModel does the same operations to an LRU and to the model, two
// bytes for each, and compares everything that can be seen from outside.
func lruAgainstModel(t *testing.T, capacity int, operations []byte) {
	t.Helper()
	var evicted []lruPair
	l := NewLRU(capacity, func(k, v int) { evicted = append(evicted, lruPair{k, v}) })
	m := lruModel{capacity: max(0, capacity)}
	for i := 0; i+1 < len(operations); i += 2 {
		op, key := operations[i]%4, int(operations[i+1]%32)
		var got, want int
		var gotOK, wantOK bool
		switch op {
		case 0:
			got, gotOK = l.Get(key)
			want, wantOK = m.get(key)
		case 1:
			got, gotOK = l.Put(key, i)
			want, wantOK = m.put(key, i)
		case 2:
			got, gotOK = l.Remove(key)
			want, wantOK = m.remove(key)
		case 3:
			got, gotOK = l.Peek(key)
			if at := m.find(key); at >= 0 {
				want, wantOK = m.entries[at].value, true
			}
		}
		if got != want || gotOK != wantOK {
			t.Fatalf("operation %d (%d on key %d) = %d, %t, want %d, %t", i/2, op, key, got, gotOK, want, wantOK)
		}
		if all := lruPairs(l); !slices.Equal(all, m.entries) || l.Len() != len(all) {
			t.Fatalf("after operation %d: %v, Len %d, want %v", i/2, all, l.Len(), m.entries)
		}
	}
	if !slices.Equal(evicted, m.evicted) {
		t.Fatalf("evicted %v, want %v", evicted, m.evicted)
	}
}

// A map from the key to the entry finds it, and a doubly linked list of the
// entries in the order of their use moves it to the front and finds the oldest:
// each in constant time. The links may be indexes into one slice instead of
// pointers, then an entry is no allocation of its own. Here random operations
// on several capacities are compared with a plain list that is searched.
//
//claim:ask How do you implement an LRU cache whose Get and Put take constant time?
//claim:source https://pkg.go.dev/container/list
func TestLRUMatchesModel(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, capacity := range []int{-1, 0, 1, 2, 7, 31, 100} {
		operations := make([]byte, 2000)
		for i := range operations {
			operations[i] = byte(random.Uint32())
		}
		lruAgainstModel(t, capacity, operations)
	}
}

func FuzzLRU(f *testing.F) {
	f.Add(uint8(1), []byte{1, 1, 1, 2, 0, 1})
	f.Add(uint8(3), []byte{1, 1, 1, 2, 1, 3, 0, 1, 1, 4, 2, 3, 1, 5, 3, 1})
	f.Fuzz(func(t *testing.T, capacity uint8, operations []byte) {
		lruAgainstModel(t, int(capacity%16), operations)
	})
}

// Get of an LRU cache is a write: it moves the entry to the newest end. With
// the read lock of an RWMutex two of them would change the list at once, a data
// race. So an LRU needs a plain mutex, even if it is only read. Only a lookup
// that leaves the order alone, here Peek, could share a lock. Caches for many
// cores avoid the write: they record uses in buffers and sort them in later,
// approximately.
//
//claim:ask Can Get of an LRU cache use RWMutex.RLock?
//claim:source https://pkg.go.dev/sync#RWMutex
func TestLRUGetWrites(t *testing.T) {
	l := NewLRU[int, int](3, nil)
	for key := range 3 {
		l.Put(key, key)
	}
	l.Peek(0)
	if all := lruPairs(l); all[0].key != 0 {
		t.Errorf("after Peek(0): %v", all)
	}
	l.Get(0)
	if all := lruPairs(l); all[0].key != 1 || all[2].key != 0 {
		t.Errorf("after Get(0): %v", all)
	}
	l.Put(3, 3)
	if _, ok := l.Peek(1); ok {
		t.Error("1 was the oldest and is still there")
	}
}

// LRU fails when the program walks over more keys than the cache holds: each
// key is evicted just before it is asked for again. Walking round and round 101
// keys with room for 100 never hits; with 100 keys only the first round misses.
// One scan over cold keys also throws out all the hot ones. Look up with Peek
// and do not Put in a scan, or use a policy that counts uses, such as
// W-TinyLFU.
//
//claim:ask When is LRU a bad policy?
//claim:source https://pkg.go.dev/github.com/maypok86/otter/v2
func TestLRUScan(t *testing.T) {
	hits := func(capacity, keys, rounds int) (n int) {
		l := NewLRU[int, int](capacity, nil)
		for i := range keys * rounds {
			if _, ok := l.Get(i % keys); ok {
				n++
			} else {
				l.Put(i%keys, i)
			}
		}
		return n
	}
	if n := hits(100, 101, 10); n != 0 {
		t.Errorf("101 keys: %d hits, want 0", n)
	}
	if n := hits(100, 100, 10); n != 900 {
		t.Errorf("100 keys: %d hits, want 900", n)
	}

	l := NewLRU[int, int](100, nil)
	for i := range 1000 {
		l.Get(i % 10) // hot
		l.Put(i%10, i)
	}
	for cold := range 100 {
		l.Put(1000+cold, cold)
	}
	if _, ok := l.Get(1); ok {
		t.Error("a hot key survived the scan")
	}
}

// An eviction callback should run outside the lock. Inside, a callback that
// uses the cache deadlocks, a slow one stops every other caller, and a panic
// leaves the mutex locked for ever if it is not unlocked by defer. The price:
// two callbacks may run at once and out of order, and when it runs for a key,
// another caller may have put that key again.
//
//claim:ask Should the eviction callback of a cache run under its lock?
//claim:source https://pkg.go.dev/sync#Mutex
func TestLRUFaultCallback(t *testing.T) {
	var l *LRU[int, int]
	var seen []int
	l = NewLRU(2, func(key, value int) {
		if l.Len() != 2 {
			t.Errorf("%d entries in the callback", l.Len())
		}
		if value < 0 {
			panic("broken callback")
		}
		if seen = append(seen, key); len(seen) == 1 {
			l.Put(100, 100) // evicts another one
		}
	})
	l.Put(1, 1)
	l.Put(2, -2)
	func() {
		defer func() {
			if p := recover(); p != "broken callback" {
				t.Errorf("recovered %v", p)
			}
		}()
		l.Put(3, 3) // evicts 1, whose callback evicts 2, whose callback panics
	}()
	if all := lruPairs(l); !slices.Equal(all, []lruPair{{3, 3}, {100, 100}}) {
		t.Errorf("after the panic: %v", all)
	}
	if !slices.Equal(seen, []int{1}) {
		t.Errorf("callbacks for %v", seen)
	}
}

// A key of an interface type can hold a slice, which has no hash. The panic
// must not leave the cache locked.
func TestLRUFaultKey(t *testing.T) {
	l := NewLRU[any, int](2, nil)
	l.Put("a", 1)
	for _, use := range []func(){
		func() { l.Get([]int{1}) },
		func() { l.Put([]int{1}, 1) },
		func() { l.Remove([]int{1}) },
	} {
		func() {
			defer func() {
				if _, ok := recover().(runtime.Error); !ok {
					t.Error("no panic")
				}
			}()
			use()
		}()
	}
	if v, ok := l.Get("a"); v != 1 || !ok || l.Len() != 1 {
		t.Errorf("got %d, %t, Len %d", v, ok, l.Len())
	}
}

// NaN cannot be found again in a map, nor deleted: an LRU that stored it would
// lose track of a map entry with every eviction.
func TestLRUNaN(t *testing.T) {
	evicted := 0
	l := NewLRU(2, func(float64, int) { evicted++ })
	for i := range 10 {
		l.Put(math.NaN(), i)
	}
	if l.Len() != 0 || evicted != 10 {
		t.Errorf("Len %d, evicted %d", l.Len(), evicted)
	}
}

// A cache in a slice or a ring must clear the slot of a removed entry, or its
// value stays alive until the slot is used again, perhaps for ever. Here four
// large values go in and leave by Remove, by eviction, by replacement and not
// at all: the collector frees three.
//
//claim:ask What keeps a value alive after it was removed from a cache?
//claim:source https://pkg.go.dev/weak#Pointer
func TestLRUReleases(t *testing.T) {
	type page [4096]byte
	l := NewLRU[string, *page](3, nil)
	put := func(key string) weak.Pointer[page] {
		p := new(page)
		l.Put(key, p)
		return weak.Make(p)
	}
	evicted, replaced, removed, kept := put("a"), put("b"), put("c"), put("d")
	l.Put("b", new(page))
	l.Remove("c")
	runtime.GC()
	for name, p := range map[string]weak.Pointer[page]{"evicted": evicted, "replaced": replaced, "removed": removed} {
		if p.Value() != nil {
			t.Errorf("the %s value is still alive", name)
		}
	}
	if kept.Value() == nil {
		t.Error("the value in the cache was collected")
	}
	runtime.KeepAlive(l)
}

func TestLRUConcurrent(t *testing.T) {
	var evicted sync.Map
	l := NewLRU(50, func(k, v int) { evicted.Store(v, k) })
	var workers sync.WaitGroup
	for w := range 4 {
		workers.Go(func() {
			for i := range 500 {
				key := (i*7 + w) % 100
				if v, ok := l.Get(key); ok && v%100 != key {
					t.Errorf("key %d has the value %d", key, v)
				}
				l.Put(key, (w*500+i)*100+key)
				if i%10 == 0 {
					l.Remove(key)
				}
				if i%100 == 0 {
					for k, v := range l.All() {
						if v%100 != k {
							t.Errorf("key %d has the value %d", k, v)
						}
					}
				}
			}
		})
	}
	workers.Wait()
	for v := range evicted.Range {
		if k, _ := evicted.Load(v); v.(int)%100 != k.(int) {
			t.Errorf("key %v was evicted with the value %v", k, v)
		}
	}
	if n := l.Len(); n > 50 {
		t.Errorf("%d entries", n)
	}
}

// An lruList is the LRU that one finds in many books: a map of elements of a
// container/list.
type lruList struct {
	mu    sync.Mutex
	max   int
	index map[int]*list.Element
	order list.List
}

func (l *lruList) put(key, value int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e, ok := l.index[key]; ok {
		e.Value = lruPair{key, value}
		l.order.MoveToFront(e)
		return
	}
	if len(l.index) == l.max {
		delete(l.index, l.order.Remove(l.order.Back()).(lruPair).key)
	}
	l.index[key] = l.order.PushFront(lruPair{key, value})
}

// An lruClock stores the time of the last use, and searches for the oldest.
type lruClock struct {
	mu    sync.Mutex
	max   int
	now   int
	items map[int]*lruStamped
}

type lruStamped struct{ value, used int }

func (l *lruClock) put(key, value int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, ok := l.items[key]; !ok && len(l.items) == l.max {
		oldest := 0
		least := math.MaxInt
		for k, item := range l.items {
			if item.used < least {
				oldest, least = k, item.used
			}
		}
		delete(l.items, oldest)
	}
	l.now++
	l.items[key] = &lruStamped{value, l.now}
}

func newLRUPuts(n int) (lru *LRU[int, int], elements *lruList, clock *lruClock) {
	return NewLRU[int, int](n, nil), &lruList{max: n, index: make(map[int]*list.Element)}, &lruClock{max: n, items: make(map[int]*lruStamped)}
}

func TestLRUAlternatives(t *testing.T) {
	l, elements, clock := newLRUPuts(20)
	for i := range 300 {
		key := i * i % 37
		l.Put(key, i)
		elements.put(key, i)
		clock.put(key, i)
	}
	for key := range 37 {
		want, ok := l.Peek(key)
		e, inList := elements.index[key]
		if inList != ok || ok && e.Value.(lruPair).value != want {
			t.Errorf("key %d: container/list %t, want %t", key, inList, ok)
		}
		item, inClock := clock.items[key]
		if inClock != ok || ok && item.value != want {
			t.Errorf("key %d: clock %t, want %t", key, inClock, ok)
		}
	}
}

// Linking the entries by indexes in one slice makes an eviction free of
// allocations: the new entry takes the slot of the old one. With container/list
// every entry costs two allocations, the element and the value in its
// interface. Stamping entries with the time of their use and searching for the
// oldest is linear: with 1,024 entries more than 20 times slower.
//
//claim:ask Why not build an LRU cache on container/list, or on timestamps?
//claim:expect allocs/op of=lru == 0
//claim:expect allocs/op of=list == 2
//claim:expect ns/op of=clock > 20x of=lru
//claim:expect ns/op of=lru < 1x of=list
//claim:source https://pkg.go.dev/container/list
func BenchmarkLRUEvict(b *testing.B) {
	const n = 1024
	run := func(name string, put func(key, value int)) {
		b.Run(name, func(b *testing.B) {
			for i := range n {
				put(i, i)
			}
			b.ReportAllocs()
			i := n
			for b.Loop() {
				put(i, i)
				i++
			}
		})
	}
	l, elements, clock := newLRUPuts(n)
	run("of=lru", func(key, value int) { l.Put(key, value) })
	run("of=list", elements.put)
	run("of=clock", clock.put)
}

// A hit costs no allocation, and neither does replacing the value of a key that
// is there. The time is that of one map lookup, a mutex that nobody contends
// for, and six links: less than 10 times the lookup in a plain map.
//
//claim:ask What does a hit in an LRU cache cost compared with a map?
//claim:expect allocs/op of=get == 0
//claim:expect allocs/op of=replace == 0
//claim:expect ns/op of=get < 10x of=map
//claim:source https://pkg.go.dev/sync#Mutex
func BenchmarkLRUHit(b *testing.B) {
	const n = 1024
	l := NewLRU[int, int](n, nil)
	plain := make(map[int]int)
	for i := range n {
		l.Put(i, i)
		plain[i] = i
	}
	run := func(name string, use func(key int) int) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				if got := use(i); got != i {
					b.Fatal(got)
				}
				i = (i + 7) % n
			}
		})
	}
	run("of=get", func(key int) int { v, _ := l.Get(key); return v })
	run("of=replace", func(key int) int { v, _ := l.Put(key, key); return v })
	run("of=map", func(key int) int { return plain[key] })
}

// The slice of an LRU grows with its use, so a large capacity costs nothing
// until it is needed.
func TestLRUGrowsWithUse(t *testing.T) {
	l := NewLRU[int, [100]byte](math.MaxInt, nil)
	for i := range 10 {
		l.Put(i, [100]byte{})
	}
	if c := cap(l.entries); c > 32 {
		t.Error(fmt.Sprint("room for ", c, " entries, 10 in use"))
	}
	for i := range 10 {
		l.Remove(i)
		l.Put(10+i, [100]byte{})
	}
	if n := len(l.entries); n != 11 {
		t.Errorf("%d slots for 10 entries", n)
	}
}
