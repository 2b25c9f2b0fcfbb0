package patterns

import (
	"errors"
	"fmt"
	"maps"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"weak"
)

// A snapshotConfig is valid if the replica is the primary's.
type snapshotConfig struct {
	version          int
	primary, replica string
	limits           map[string]int
}

func newSnapshotConfig(version int) snapshotConfig {
	return snapshotConfig{
		version: version,
		primary: fmt.Sprint("db", version),
		replica: fmt.Sprint("db", version, "-replica"),
		limits:  map[string]int{"requests": version},
	}
}

func (c *snapshotConfig) valid() bool {
	return c.replica == c.primary+"-replica" && c.limits["requests"] == c.version
}

// Publish a new version with one store of an atomic pointer, and never change a
// version that is published. A reader loads the pointer once and has a whole
// version, old or new, without a lock: that is read, copy, update. Here three
// readers check every version during 300 reloads, under the race detector if it
// is on. Assigning the fields of one shared struct would be a data race, and
// readers could see half of a reload.
//
//claim:ask How do you reload a configuration while requests read it, without a lock for readers?
//claim:source https://pkg.go.dev/sync/atomic#Pointer
func TestSnapshotReload(t *testing.T) {
	var config Snapshot[snapshotConfig]
	config.Store(newSnapshotConfig(0))
	var done atomic.Bool
	var readers, writers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			last := 0
			for !done.Load() {
				c := config.Load()
				if !c.valid() || c.version < last {
					t.Errorf("after version %d: %+v", last, *c)
				}
				last = c.version
				runtime.Gosched()
			}
		})
	}
	for range 2 {
		writers.Go(func() {
			for range 150 {
				config.Update(func(next *snapshotConfig) error {
					*next = newSnapshotConfig(next.version + 1)
					return nil
				})
			}
		})
	}
	writers.Wait()
	done.Store(true)
	readers.Wait()
	if v := config.Load().version; v != 300 {
		t.Errorf("300 updates lead to version %d", v)
	}
}

// Load once for each request and pass the version on. Each load may return
// another version, so a request that loads again for every field can take the
// primary of one and the replica of the next, although each load is atomic.
// Here a reload between two loads gives such a mixture.
//
//claim:ask Each access to the configuration is atomic. How can a request still see an inconsistent one?
//claim:source https://pkg.go.dev/sync/atomic#Pointer
func TestSnapshotLoadOnce(t *testing.T) {
	var config Snapshot[snapshotConfig]
	config.Store(newSnapshotConfig(1))
	reload := func() { config.Store(newSnapshotConfig(2)) }

	once := config.Load()
	mixed := snapshotConfig{primary: config.Load().primary}
	reload()
	mixed.replica = config.Load().replica
	if mixed.primary != "db1" || mixed.replica != "db2-replica" {
		t.Errorf("loaded twice: %+v", mixed)
	}
	if !once.valid() || once.version != 1 {
		t.Errorf("loaded once: %+v", *once)
	}
	if !config.Load().valid() || config.Load().version != 2 {
		t.Errorf("after the reload: %+v", *config.Load())
	}
}

// Copying a struct copies its maps, slices and pointers, not what they refer
// to. A writer that copies the struct and then writes to its map changes the
// published version under the eyes of its readers; with goroutines that is a
// data race, for a map even a crash. Clone what you change: maps.Clone and
// slices.Clone. Both are shallow, too.
//
//claim:ask What is the usual mistake with copy-on-write?
//claim:source https://pkg.go.dev/maps#Clone
func TestSnapshotShallowCopy(t *testing.T) {
	for _, clone := range []bool{false, true} {
		var config Snapshot[snapshotConfig]
		config.Store(newSnapshotConfig(1))
		reader := config.Load()
		config.Update(func(next *snapshotConfig) error {
			if clone {
				next.limits = maps.Clone(next.limits)
			}
			next.version = 2
			next.limits["requests"] = 2
			return nil
		})
		if reader.valid() != clone {
			t.Errorf("clone %t: the version of a reader is %+v", clone, *reader)
		}
		if now := config.Load(); now.limits["requests"] != 2 || reader.version != 1 {
			t.Errorf("clone %t: %+v", clone, *now)
		}
	}
}

// An atomic pointer is not enough for several writers: two writers load the
// same version, and the second store wipes out the first change. Writers need a
// mutex around all three steps, which readers never touch, or CompareAndSwap in
// a loop.
//
//claim:ask Is an atomic pointer enough if there are several writers?
//claim:source https://pkg.go.dev/sync/atomic#Pointer.CompareAndSwap
func TestSnapshotWriters(t *testing.T) {
	var pointer atomic.Pointer[[2]int]
	pointer.Store(new([2]int))
	first, second := *pointer.Load(), *pointer.Load() // two writers
	first[0]++
	second[1]++
	pointer.Store(&first)
	pointer.Store(&second)
	if got := *pointer.Load(); got != [2]int{0, 1} {
		t.Errorf("Load and Store: %v, want the lost update", got)
	}

	var s Snapshot[[2]int]
	var writers sync.WaitGroup
	for w := range 2 {
		writers.Go(func() {
			for range 500 {
				s.Update(func(next *[2]int) error {
					next[w]++
					return nil
				})
			}
		})
	}
	writers.Wait()
	if got := *s.Load(); got != [2]int{500, 500} {
		t.Errorf("Update: %v", got)
	}
}

// A bad new version must not be published, nor block the next one.
func TestSnapshotFault(t *testing.T) {
	var config Snapshot[snapshotConfig]
	if c := config.Load(); c.version != 0 || c.limits != nil {
		t.Errorf("zero value: %+v", *c)
	}
	config.Store(newSnapshotConfig(1))
	invalid := errors.New("no primary")
	if err := config.Update(func(next *snapshotConfig) error {
		next.primary = ""
		return invalid
	}); err != invalid {
		t.Errorf("Update = %v", err)
	}
	func() {
		defer func() {
			if p := recover(); p != "broken" {
				t.Errorf("recovered %v", p)
			}
		}()
		config.Update(func(next *snapshotConfig) error {
			next.primary = ""
			panic("broken")
		})
	}()
	if c := config.Load(); !c.valid() || c.version != 1 {
		t.Errorf("after the failures: %+v", *c)
	}
	config.Store(newSnapshotConfig(2))
	if c := config.Load(); c.version != 2 {
		t.Errorf("after Store: %+v", *c)
	}
}

// The garbage collector frees an old version when the last reader has let go of
// it. Finding out when no reader uses an old version any more is the hard part
// of this pattern in a language without one. In turn, a reader that keeps a
// version for long, such as a connection that stores it, keeps all of it in
// memory.
//
//claim:ask When is the old version of a copy-on-write configuration freed?
//claim:source https://pkg.go.dev/weak#Pointer
func TestSnapshotOldVersions(t *testing.T) {
	var s Snapshot[[4096]byte]
	s.Store([4096]byte{1})
	reader := s.Load()
	old := weak.Make(reader)
	s.Store([4096]byte{2})
	runtime.GC()
	if old.Value() == nil {
		t.Error("freed while a reader had it")
	}
	runtime.KeepAlive(reader)
	runtime.GC()
	if old.Value() != nil {
		t.Error("not freed although no reader has it")
	}
	runtime.KeepAlive(&s)
}

// Prefer atomic.Pointer[T], in Go since 1.19. An atomic.Value takes any type,
// so the compiler finds no mistake: it panics on nil and if the type differs
// from that of the first Store, and each Load needs a type assertion. What it
// can do in addition is hold values of an interface, if all have one type.
//
//claim:ask atomic.Value or atomic.Pointer?
//claim:source https://pkg.go.dev/sync/atomic#Value
func TestSnapshotAtomicValue(t *testing.T) {
	panics := func(f func()) (p any) {
		defer func() { p = recover() }()
		f()
		return nil
	}
	var v atomic.Value
	if v.Load() != nil {
		t.Error("not empty")
	}
	if p := panics(func() { v.Store(nil) }); p == nil {
		t.Error("stores nil")
	}
	v.Store(snapshotConfig{version: 1})
	if p := panics(func() { v.Store(&snapshotConfig{version: 2}) }); p == nil {
		t.Error("stores another type")
	}
	if p := panics(func() { _ = v.Load().(*snapshotConfig) }); p == nil {
		t.Error("returns another type")
	}
	if c := v.Load().(snapshotConfig); c.version != 1 {
		t.Errorf("got %+v", c)
	}
	var p atomic.Pointer[snapshotConfig]
	p.Store(&snapshotConfig{version: 1})
	p.Store(nil)
	if p.Load() != nil {
		t.Error("an atomic.Pointer holds nil")
	}
}

// Loading a pointer is an ordinary read for the processor, while RLock and
// RUnlock each change a counter: reading a field under an RWMutex takes more
// than 3 times as long, on one core and without any writer. On several cores
// the difference grows, because all readers fight for that counter. An
// atomic.Value costs less than 3 times the pointer.
//
//claim:ask What does an RWMutex cost for reads, compared with an atomic pointer?
//claim:expect ns/op of=rwmutex > 3x of=snapshot
//claim:expect ns/op of=value < 3x of=snapshot
//claim:expect allocs/op of=snapshot == 0
//claim:source https://pkg.go.dev/sync#RWMutex
func BenchmarkSnapshotRead(b *testing.B) {
	run := func(name string, read func() int) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for range 100 {
					if read() != 1 {
						b.Fatal("wrong version")
					}
				}
			}
		})
	}
	config := newSnapshotConfig(1)
	var s Snapshot[snapshotConfig]
	s.Store(config)
	run("of=snapshot", func() int { return s.Load().version })
	var mu sync.RWMutex
	run("of=rwmutex", func() int {
		mu.RLock()
		defer mu.RUnlock()
		return config.version
	})
	var v atomic.Value
	v.Store(&config)
	run("of=value", func() int { return v.Load().(*snapshotConfig).version })
}

// With four cores or more, readers under an RWMutex take more than 10 times as
// long as readers of an atomic pointer, though they hold no lock against each
// other: every RLock and RUnlock changes the same counter, and its cache line
// travels from core to core. Readers of the pointer share the line and write
// nothing.
//
//claim:ask Do readers under an RWMutex scale with the number of cores?
//claim:needs cpus>=4
//claim:expect ns/op of=rwmutex > 10x of=snapshot
//claim:source https://go.dev/issue/17973
func BenchmarkSnapshotParallel(b *testing.B) {
	run := func(name string, read func() int) {
		b.Run(name, func(b *testing.B) {
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					for range 100 {
						if read() != 1 {
							b.Error("wrong version")
						}
					}
				}
			})
		})
	}
	config := newSnapshotConfig(1)
	var s Snapshot[snapshotConfig]
	s.Store(config)
	run("of=snapshot", func() int { return s.Load().version })
	var mu sync.RWMutex
	run("of=rwmutex", func() int {
		mu.RLock()
		defer mu.RUnlock()
		return config.version
	})
}

// A write copies, so changing one key of a map in a snapshot takes time in
// proportion to the size of the map, while a mutex takes the same time for
// every size: with 10,000 keys the copy takes more than 100 times as long.
// Copy-on-write pays if reads are far more frequent than writes, and the value
// is small.
//
//claim:ask What does copy-on-write cost the writer?
//claim:expect ns/op of=snapshot grows n^1
//claim:expect ns/op of=snapshot,n=10000 > 100x of=mutex,n=10000
//claim:source https://pkg.go.dev/maps#Clone
func BenchmarkSnapshotWrite(b *testing.B) {
	for _, n := range []int{100, 1000, 10_000} {
		limits := make(map[int]int, n)
		for i := range n {
			limits[i] = i
		}
		b.Run(fmt.Sprint("of=snapshot/n=", n), func(b *testing.B) {
			b.ReportAllocs()
			var s Snapshot[map[int]int]
			s.Store(limits)
			for b.Loop() {
				s.Update(func(next *map[int]int) error {
					*next = maps.Clone(*next)
					(*next)[7]++
					return nil
				})
			}
		})
		b.Run(fmt.Sprint("of=mutex/n=", n), func(b *testing.B) {
			b.ReportAllocs()
			var mu sync.Mutex
			for b.Loop() {
				mu.Lock()
				limits[7]++
				mu.Unlock()
			}
		})
	}
}
