package patterns

import (
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"weak"
)

// An entry counts as absent from the moment its time is over, whether it is
// still in memory or not: Get compares the age itself and does not rely on a
// cleaner having been there. A use does not lengthen the life of an entry. If
// it did, a popular entry would never be loaded again, however old its data is;
// that kind of expiry is for sessions. Put starts a new life.
//
//claim:ask Can a TTL cache return an entry that has expired, and does reading an entry keep it alive?
//claim:source https://pkg.go.dev/testing/synctest
func TestTTLExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c TTL[string, int]
		check := func(key string, want bool) {
			t.Helper()
			if _, ok := c.Get(key); ok != want {
				t.Errorf("Get(%s) = %t, want %t", key, ok, want)
			}
		}
		check("a", false)
		c.Put("a", 1, time.Second)
		c.Put("b", 2, 2*time.Second)
		time.Sleep(time.Second - 1)
		check("a", true) // and again 1 ns later, when it is too old
		time.Sleep(time.Nanosecond)
		if n := c.Len(); n != 2 {
			t.Errorf("%d entries in memory", n)
		}
		check("a", false)
		check("b", true)
		if n := c.Len(); n != 1 {
			t.Errorf("%d entries in memory, want 1: Get removes what it finds expired", n)
		}
		c.Put("b", 3, time.Second)
		time.Sleep(time.Second - 1)
		check("b", true)
		time.Sleep(time.Nanosecond)
		for key := range c.All() {
			t.Errorf("All yields %s", key)
		}
		if v, ok := c.Remove("b"); ok || v != 0 || c.Len() != 0 {
			t.Errorf("Remove = %d, %t, Len %d", v, ok, c.Len())
		}
	})
}

// Let the writers clean up: here each Put looks at two entries, in turn, and
// removes the expired ones. In half as many Puts as there are entries every
// entry is looked at once, so what has expired cannot pile up, and no call has
// to clean everything. Here a thousand of 5,000 different keys are alive at any
// time, and never more than 2,100 are in memory. Removing only what is asked
// for again would keep all 5,000. A cache with no writers keeps its entries;
// then a ticker that you own can call RemoveExpired.
//
//claim:ask How does a cache remove expired entries without a cleaning goroutine?
//claim:source https://pkg.go.dev/testing/synctest
func TestTTLMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c TTL[int, int]
		most := 0
		for i := range 5000 {
			c.Put(i, i, time.Second)
			most = max(most, c.Len())
			time.Sleep(time.Millisecond)
		}
		if most > 2100 {
			t.Errorf("up to %d entries in memory, 1000 alive", most)
		}
		live := 0
		for range c.All() {
			live++
		}
		before := c.Len()
		if n := c.RemoveExpired(); live != 999 || c.Len() != live || n != before-live {
			t.Errorf("%d live, %d left, %d removed of %d", live, c.Len(), n, before)
		}
		time.Sleep(time.Hour)
		if c.RemoveExpired(); c.Len() != 0 || len(c.index) != 0 {
			t.Errorf("%d entries after an hour", c.Len())
		}
	})
}

// A timer for each entry has a trap: the timer of an old value fires and
// deletes the new one, unless every Put stops the old timer, and even then the
// timer may have fired already and be waiting for the lock. Storing the time of
// expiry beside the value has no such race: nothing happens at that time, and
// the entry is judged when it is read.
//
//claim:ask What is wrong with time.AfterFunc(ttl, func() { delete(key) }) for each entry of a cache?
//claim:source https://pkg.go.dev/time#Timer.Stop
func TestTTLTimerPerEntry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var timers ttlTimers
		var c TTL[string, int]
		timers.put("k", 1, time.Second)
		c.Put("k", 1, time.Second)
		time.Sleep(time.Second / 2)
		timers.put("k", 2, time.Hour)
		c.Put("k", 2, time.Hour)
		time.Sleep(time.Second / 2)
		synctest.Wait()
		timers.mu.Lock()
		defer timers.mu.Unlock()
		if _, ok := timers.entries["k"]; ok {
			t.Error("the old timer has not deleted the new entry")
		}
		if v, ok := c.Get("k"); v != 2 || !ok {
			t.Errorf("Get = %d, %t", v, ok)
		}
	})
}

// ttlTimers has a timer for each value, and the bug.
type ttlTimers struct {
	mu      sync.Mutex
	entries map[string]int
}

func (c *ttlTimers) put(key string, value int, ttl time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries == nil {
		c.entries = make(map[string]int)
	}
	c.entries[key] = value
	time.AfterFunc(ttl, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.entries, key)
	})
}

// Entries that were stored together expire together, and are all loaded again
// at that moment, again and again. Spread the lives at random: with up to a
// fifth added to a minute, 1,000 entries that would expire in one second are
// spread over 12, and none of those seconds has more than 150. It does not help
// a single hot entry: for that, merge the loads or renew it before it expires.
//
//claim:ask Why add jitter to the TTL of cache entries?
//claim:source https://pkg.go.dev/math/rand/v2#N
func TestTTLJitter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(1, 2))
		mostInASecond := func(ttl func() time.Duration) int {
			var c TTL[int, int]
			for i := range 1000 {
				c.Put(i, i, ttl())
			}
			most := 0
			for range 80 {
				time.Sleep(time.Second)
				most = max(most, c.RemoveExpired())
			}
			if c.Len() != 0 {
				t.Errorf("%d are left", c.Len())
			}
			return most
		}
		if n := mostInASecond(func() time.Duration { return time.Minute }); n != 1000 {
			t.Errorf("without jitter %d expire in one second", n)
		}
		spread := func() time.Duration {
			return time.Minute + time.Duration(random.Int64N(int64(12*time.Second)))
		}
		if n := mostInASecond(spread); n > 150 {
			t.Errorf("with jitter %d expire in one second", n)
		}
	})
}

func TestTTLEdges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c TTL[float64, int]
		c.Put(1, 1, math.MaxInt64)
		time.Sleep(time.Hour)
		c.Put(2, 2, math.MaxInt64) // must not overflow
		c.Put(math.NaN(), 3, time.Hour)
		c.Put(4, 4, 0)
		c.Put(5, 5, -1)
		for key, want := range map[float64]int{1: 1, 2: 2, 4: 0, 5: 0} {
			if v, ok := c.Get(key); v != want || ok != (want != 0) {
				t.Errorf("Get(%v) = %d, %t", key, v, ok)
			}
		}
		if n := c.Len(); n != 2 {
			t.Errorf("%d entries", n)
		}
		if c.Put(1, 1, 0); c.Len() != 1 {
			t.Error("Put without time left did not remove the key")
		}
		if v, ok := c.Remove(2); v != 2 || !ok {
			t.Errorf("Remove = %d, %t", v, ok)
		}
		if _, ok := c.Remove(2); ok {
			t.Error("removed twice")
		}
	})
}

// Random operations, compared with a map and the time at which each key
// expires.
func TestTTLMatchesModel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type entry struct {
			value   int
			expires time.Time
		}
		var c TTL[int, int]
		model := make(map[int]entry)
		random := rand.New(rand.NewPCG(3, 4))
		for i := range 3000 {
			key := random.IntN(40)
			want, wantOK := model[key]
			wantOK = wantOK && time.Now().Before(want.expires)
			if !wantOK {
				want.value = 0
			}
			switch random.IntN(4) {
			case 0:
				if v, ok := c.Get(key); v != want.value || ok != wantOK {
					t.Fatalf("operation %d: Get(%d) = %d, %t, want %d, %t", i, key, v, ok, want.value, wantOK)
				}
			case 1:
				if v, ok := c.Remove(key); v != want.value || ok != wantOK {
					t.Fatalf("operation %d: Remove(%d) = %d, %t, want %d, %t", i, key, v, ok, want.value, wantOK)
				}
				delete(model, key)
			default:
				ttl := time.Duration(random.IntN(30)) * time.Second
				c.Put(key, i, ttl)
				model[key] = entry{i, time.Now().Add(ttl)}
			}
			time.Sleep(time.Duration(random.IntN(2)) * time.Second)
			if len(c.index) != len(c.entries) {
				t.Fatalf("operation %d: %d keys for %d entries", i, len(c.index), len(c.entries))
			}
		}
	})
}

// A key without a hash panics, and must not leave the cache locked. A removed
// value must not stay alive.
func TestTTLFault(t *testing.T) {
	var c TTL[any, *[4096]byte]
	for _, use := range []func(){
		func() { c.Put([]int{1}, nil, time.Hour) },
		func() { c.Get([]int{1}) },
		func() { c.Remove([]int{1}) },
	} {
		func() {
			defer func() {
				if _, ok := recover().(runtime.Error); !ok {
					t.Error("no panic")
				}
			}()
			c.Put("key", nil, time.Hour)
			use()
		}()
	}
	put := func(key string) weak.Pointer[[4096]byte] {
		p := new([4096]byte)
		c.Put(key, p, time.Hour)
		return weak.Make(p)
	}
	removed, kept := put("removed"), put("kept")
	c.Remove("removed")
	runtime.GC()
	if removed.Value() != nil || kept.Value() == nil {
		t.Errorf("removed alive: %t, kept alive: %t", removed.Value() != nil, kept.Value() != nil)
	}
	runtime.KeepAlive(&c)
}

func TestTTLConcurrent(t *testing.T) {
	var c TTL[int, int]
	var workers sync.WaitGroup
	for w := range 4 {
		workers.Go(func() {
			for i := range 1000 {
				key := i % 50
				switch i % 7 {
				case 0:
					c.Remove(key)
				case 1:
					c.RemoveExpired()
				case 2:
					for k, v := range c.All() {
						if v != k {
							t.Errorf("key %d has the value %d", k, v)
						}
					}
				default:
					c.Put(key, key, time.Duration(w*i)*time.Microsecond)
					if v, ok := c.Get(key); ok && v != key {
						t.Errorf("key %d has the value %d", key, v)
					}
				}
			}
		})
	}
	workers.Wait()
}

// ttlStopping has a timer for each entry and stops it on the next Put, which
// leaves the race with a timer that has fired.
type ttlStopping struct {
	mu      sync.Mutex
	entries map[int]ttlTimed
}

type ttlTimed struct {
	value int
	timer *time.Timer
}

func (c *ttlStopping) put(key, value int, ttl time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if old, ok := c.entries[key]; ok {
		old.timer.Stop()
	}
	c.entries[key] = ttlTimed{value, time.AfterFunc(ttl, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.entries, key)
	})}
}

func TestTTLAlternative(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := ttlStopping{entries: make(map[int]ttlTimed)}
		c.put(1, 1, time.Second)
		c.put(1, 2, time.Hour)
		for _, want := range []map[int]int{{1: 2}, {}} {
			time.Sleep(time.Hour - 1) // just before, and long after the second timer
			synctest.Wait()
			c.mu.Lock()
			if len(c.entries) != len(want) || c.entries[1].value != want[1] {
				t.Errorf("entries %v, want %v", c.entries, want)
			}
			c.mu.Unlock()
		}
	})
}

// Replacing an entry costs a map lookup and a look at the clock, and allocates
// nothing. A timer for each entry takes more than 2 times as long and at least
// two allocations, because every Put stops one timer and starts another. A read
// costs about what a write costs here; it looks at the clock too.
//
//claim:ask What does a timer for each cache entry cost?
//claim:expect allocs/op of=ttl == 0
//claim:expect allocs/op of=timer >= 2
//claim:expect ns/op of=timer > 2x of=ttl
//claim:expect ns/op of=get < 2x of=ttl
//claim:source https://pkg.go.dev/time#AfterFunc
func BenchmarkTTLPut(b *testing.B) {
	const n = 1024
	run := func(name string, put func(key, value int, ttl time.Duration), use func(key int)) {
		b.Run(name, func(b *testing.B) {
			for i := range n {
				put(i, i, time.Hour)
			}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				use(i)
				i = (i + 7) % n
			}
		})
	}
	var c TTL[int, int]
	run("of=ttl", c.Put, func(key int) { c.Put(key, key, time.Hour) })
	run("of=get", c.Put, func(key int) { c.Get(key) })
	timers := ttlStopping{entries: make(map[int]ttlTimed)}
	defer func() {
		for _, e := range timers.entries {
			e.timer.Stop()
		}
	}()
	run("of=timer", timers.put, func(key int) { timers.put(key, key, time.Hour) })
}
