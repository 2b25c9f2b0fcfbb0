package patterns

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// loadResult is what one caller of Get got, and how long it waited.
type loadResult struct {
	value  int
	err    error
	waited time.Duration
}

// loadTogether calls get in n goroutines.
func loadTogether(n int, get func(i int) (int, error)) []loadResult {
	results := make([]loadResult, n)
	var callers sync.WaitGroup
	for i := range results {
		callers.Go(func() {
			start := time.Now()
			value, err := get(i)
			results[i] = loadResult{value, err, time.Since(start)}
		})
	}
	callers.Wait()
	return results
}

// A loadSource is a slow database: the n-th load returns n after a second.
type loadSource struct {
	loads atomic.Int64
	fail  atomic.Pointer[error] // returned instead
}

func (s *loadSource) load(ctx context.Context, _ string) (int, error) {
	n := s.loads.Add(1)
	select {
	case <-time.After(time.Second):
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
	if err := s.fail.Load(); err != nil {
		return 0, *err
	}
	return int(n), nil
}

// A loadNaive is the cache that one writes first: look, load, store.
type loadNaive struct {
	mu     sync.Mutex
	values map[string]int
	load   func(context.Context, string) (int, error)
}

func (c *loadNaive) get(ctx context.Context, key string) (int, error) {
	c.mu.Lock()
	value, ok := c.values[key]
	c.mu.Unlock()
	if ok {
		return value, nil
	}
	value, err := c.load(ctx, key)
	if err == nil {
		c.mu.Lock()
		c.values[key] = value
		c.mu.Unlock()
	}
	return value, err
}

// The lock around each access to the map makes the cache free of data races,
// but not of the stampede: between the look and the store everybody else misses
// too. Here 100 requests for a missing key run the loader 100 times. The cache
// must remember who is loading, so that the others wait for that load: then it
// runs once.
//
//claim:ask A cache looks up a map under a mutex, loads on a miss and stores the result. What is wrong with it?
//claim:source https://pkg.go.dev/golang.org/x/sync/singleflight
func TestLoadCacheStampede(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var source loadSource
		naive := loadNaive{values: make(map[string]int), load: source.load}
		loadTogether(100, func(int) (int, error) { return naive.get(t.Context(), "k") })
		if n := source.loads.Swap(0); n != 100 {
			t.Errorf("naive: %d loads, want 100", n)
		}

		c := NewLoadCache(source.load, LoadCacheConfig{TTL: time.Minute})
		defer c.Close()
		for range 2 { // the second time from the cache
			for _, r := range loadTogether(100, func(int) (int, error) { return c.Get(t.Context(), "k") }) {
				if r.value != 1 || r.err != nil {
					t.Errorf("got %+v", r)
				}
			}
		}
		if n := source.loads.Load(); n != 1 {
			t.Errorf("merged: %d loads, want 1", n)
		}
		if time.Sleep(time.Minute); c.Len() != 1 {
			t.Errorf("%d entries", c.Len())
		}
		if v, err := c.Get(t.Context(), "k"); v != 2 || err != nil {
			t.Errorf("after the TTL: %d, %v", v, err)
		}
	})
}

// Holding the mutex during the load stops the stampede and everything else:
// loads of different keys wait for each other, and so do hits. Here ten keys
// take 10 seconds to load under one lock, and 1 second when only callers of the
// same key wait. The lock may guard the table, never the load.
//
//claim:ask Why not simply hold the cache's mutex while loading?
//claim:source https://pkg.go.dev/sync#Mutex
func TestLoadCacheOtherKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var source loadSource
		locked := make(chan bool, 1) // a mutex that the clock of the test understands
		slowest := func(get func(key string) (int, error)) (most time.Duration) {
			for _, r := range loadTogether(10, func(i int) (int, error) { return get(fmt.Sprint(i)) }) {
				most = max(most, r.waited)
			}
			return most
		}
		if d := slowest(func(key string) (int, error) {
			locked <- true
			defer func() { <-locked }()
			return source.load(t.Context(), key)
		}); d != 10*time.Second {
			t.Errorf("under the lock: %v", d)
		}
		c := NewLoadCache(source.load, LoadCacheConfig{TTL: time.Minute})
		defer c.Close()
		if d := slowest(func(key string) (int, error) { return c.Get(t.Context(), key) }); d != time.Second {
			t.Errorf("merged by key: %v", d)
		}
	})
}

// Return the old value for a while and load the new one in the background: that
// is stale-while-revalidate. The request that finds an old value starts the
// load, and no request waits for it. Without it, everybody who comes after the
// expiry waits for a load; merging only makes it one load. It is right where an
// answer may be somewhat old; a limit for that is needed, here Stale. A key
// that nobody asked for in that time is loaded while the caller waits, as at
// the first time.
//
//claim:ask How do you avoid that requests wait each time a cache entry expires?
//claim:source https://www.rfc-editor.org/rfc/rfc5861
func TestLoadCacheStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		waits := func(config LoadCacheConfig) (n int, loads int64) {
			var source loadSource
			c := NewLoadCache(source.load, config)
			defer c.Close()
			c.Get(t.Context(), "k")
			for range 100 { // ten requests a second apart, ten times
				for _, r := range loadTogether(10, func(int) (int, error) { return c.Get(t.Context(), "k") }) {
					if r.waited > 0 {
						n++
					}
					if r.err != nil {
						t.Error(r.err)
					}
				}
				time.Sleep(time.Second)
			}
			return n, source.loads.Load()
		}
		if n, loads := waits(LoadCacheConfig{TTL: 10 * time.Second}); n != 90 || loads != 10 {
			t.Errorf("without stale values %d requests waited for %d loads, want 90 for 10", n, loads)
		}
		if n, loads := waits(LoadCacheConfig{TTL: 10 * time.Second, Stale: time.Minute}); n != 0 || loads != 10 {
			t.Errorf("with stale values %d requests waited for %d loads, want none for 10", n, loads)
		}
	})
}

// The age of what Get returns has an upper bound, whatever fails.
func TestLoadCacheAges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var source loadSource
		c := NewLoadCache(source.load, LoadCacheConfig{TTL: 10 * time.Second, Stale: 5 * time.Second})
		defer c.Close()
		get := func(want int, wait time.Duration) {
			t.Helper()
			start := time.Now()
			if v, err := c.Get(t.Context(), "k"); v != want || err != nil || time.Since(start) != wait {
				t.Errorf("Get = %d, %v after %v, want %d after %v", v, err, time.Since(start), want, wait)
			}
		}
		get(1, time.Second)
		time.Sleep(10*time.Second - 1)
		get(1, 0) // fresh
		time.Sleep(time.Nanosecond)
		get(1, 0) // old, and starts the reload
		time.Sleep(time.Second - 1)
		get(1, 0) // which is not over
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		get(2, 0)
		time.Sleep(15 * time.Second)
		get(3, time.Second) // too old
		if n := source.loads.Load(); n != 3 {
			t.Errorf("%d loads", n)
		}
	})
}

// If the source is down, the cache should protect it, too. An error that is not
// remembered makes every request a load: merged, but one after the other
// without a pause. Remember an error for a short time, a second or so, much
// shorter than a value: that is negative caching. It answers "not found" as
// well. A value that may still be used is better than an error: a failed reload
// keeps it.
//
//claim:ask Should a cache remember errors?
//claim:source https://www.rfc-editor.org/rfc/rfc2308
func TestLoadCacheErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := errors.New("database is down")
		loads := func(errorTTL time.Duration) int64 {
			var source loadSource
			source.fail.Store(&down)
			c := NewLoadCache(source.load, LoadCacheConfig{TTL: time.Hour, ErrorTTL: errorTTL})
			defer c.Close()
			for start := time.Now(); time.Since(start) < time.Minute; time.Sleep(10 * time.Millisecond) {
				if _, err := c.Get(t.Context(), "k"); err != down {
					t.Fatal(err)
				}
			}
			return source.loads.Load()
		}
		// A load takes a second, then a hundredth passes, or five seconds.
		if n := loads(0); n != 60 {
			t.Errorf("errors forgotten: %d loads in a minute, want 60", n)
		}
		if n := loads(5 * time.Second); n != 10 {
			t.Errorf("errors remembered for 5 s: %d loads in a minute, want 10", n)
		}
	})
}

// Nobody notices a source that is down for less than the time that old values
// may be used. Reloads fail and are tried again after ErrorTTL; the old value
// is returned. When its time is over, callers get the error.
//
//claim:ask What should a cache return while the service behind it is down?
//claim:source https://www.rfc-editor.org/rfc/rfc5861
func TestLoadCacheFaultReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var source loadSource
		down := errors.New("database is down")
		c := NewLoadCache(source.load, LoadCacheConfig{TTL: 10 * time.Second, Stale: time.Minute, ErrorTTL: 5 * time.Second})
		defer c.Close()
		c.Get(t.Context(), "k")
		source.fail.Store(&down)
		old := 0
		for {
			v, err := c.Get(t.Context(), "k")
			if err != nil {
				if v != 0 || err != down {
					t.Errorf("got %d, %v", v, err)
				}
				break
			}
			if v != 1 {
				t.Fatalf("got %d", v)
			}
			old++
			time.Sleep(time.Second)
		}
		// 10 s fresh and 60 s old. Each reload takes 1 s, then 5 s pass.
		if n := source.loads.Load(); old != 70 || n < 10 || n > 13 {
			t.Errorf("%d seconds of old values, %d loads", old, n)
		}
		source.fail.Store(nil)
		time.Sleep(5 * time.Second)
		if v, err := c.Get(t.Context(), "k"); v == 0 || err != nil {
			t.Errorf("after the repair: %d, %v", v, err)
		}
	})
}

// Deleting the key after a write is not enough, because a load that read the
// old value before the write can store it after the delete. Then the cache
// holds the old value for a whole TTL. The load must find out that its key was
// removed meanwhile and not store. Its own callers still get the old value;
// they asked before the write.
//
//claim:ask You write to the database and delete the key from the cache. How can the cache still hold the old value?
//claim:source https://pkg.go.dev/golang.org/x/sync/singleflight#Group.Forget
func TestLoadCacheRemoveDuringLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var stored atomic.Int64
		load := func(context.Context, string) (int, error) {
			v := stored.Load()
			time.Sleep(time.Second)
			return int(v), nil
		}
		naive := loadNaive{values: make(map[string]int), load: load}
		c := NewLoadCache(load, LoadCacheConfig{TTL: time.Hour})
		defer c.Close()
		after := func(get func() (int, error), remove func()) int {
			stored.Store(1)
			var early sync.WaitGroup
			early.Go(func() {
				if v, _ := get(); v != 1 {
					t.Errorf("the early reader got %d", v)
				}
			})
			time.Sleep(time.Second / 2)
			stored.Store(2)
			remove()
			early.Wait()
			v, _ := get()
			return v
		}
		if v := after(func() (int, error) { return naive.get(t.Context(), "k") }, func() {
			naive.mu.Lock()
			defer naive.mu.Unlock()
			delete(naive.values, "k")
		}); v != 1 {
			t.Errorf("naive: %d, want the old value", v)
		}
		if v := after(func() (int, error) { return c.Get(t.Context(), "k") }, func() { c.Remove("k") }); v != 2 {
			t.Errorf("got %d, want the new value", v)
		}
	})
}

// One caller leaves, the others get the value. When all have left, the load
// ends.
func TestLoadCacheFaultCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type traceID struct{}
		var cause error
		c := NewLoadCache(func(ctx context.Context, key string) (int, error) {
			select {
			case <-time.After(10 * time.Second):
				return ctx.Value(traceID{}).(int), nil
			case <-ctx.Done():
				cause = context.Cause(ctx)
				return 0, cause
			}
		}, LoadCacheConfig{TTL: time.Hour, ErrorTTL: time.Hour})
		defer c.Close()
		get := func(i int) (int, error) {
			time.Sleep(time.Duration(i)) // caller 0 is the first
			ctx, cancel := context.WithTimeout(context.WithValue(t.Context(), traceID{}, 100+i), time.Duration(1+i)*5*time.Second)
			defer cancel()
			return c.Get(ctx, "k")
		}
		for i, r := range loadTogether(4, get) {
			if i == 0 && r.err != context.DeadlineExceeded || i > 0 && r.value != 100 {
				t.Errorf("caller %d: %+v", i, r)
			}
		}
		c.Remove("k")
		for _, r := range loadTogether(3, func(int) (int, error) { return get(0) }) {
			if r.err != context.DeadlineExceeded {
				t.Errorf("got %+v", r)
			}
		}
		synctest.Wait()
		if cause != context.DeadlineExceeded || c.Len() != 0 {
			t.Errorf("the load ended with %v, %d entries", cause, c.Len())
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := c.Get(ctx, "k"); err != context.Canceled || c.Len() != 0 {
			t.Errorf("cancelled before: %v, %d entries", err, c.Len())
		}
	})
}

// A panic reaches those who wait; that of a reload reaches the next caller. A
// loader that ends its goroutine gives an error.
func TestLoadCacheFaultPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("index is broken")
		var loads atomic.Int64
		c := NewLoadCache(func(context.Context, string) (int, error) {
			n := loads.Add(1)
			time.Sleep(time.Second)
			switch n {
			case 1, 3:
				panic(broken)
			case 4, 6:
				runtime.Goexit()
			}
			return int(n), nil
		}, LoadCacheConfig{TTL: time.Minute, Stale: time.Minute})
		defer c.Close()
		panicked := func() (err error) {
			defer func() { err, _ = recover().(error) }()
			c.Get(t.Context(), "k")
			return nil
		}
		for _, r := range loadTogether(5, func(int) (int, error) { return 0, panicked() }) {
			if !errors.Is(r.err, broken) || !strings.Contains(fmt.Sprint(r.err), "loadcache_test.go") {
				t.Errorf("got %+v", r)
			}
		}
		if v, err := c.Get(t.Context(), "k"); v != 2 || err != nil {
			t.Errorf("got %d, %v", v, err)
		}
		time.Sleep(time.Minute)
		c.Get(t.Context(), "k") // starts the reload that panics
		time.Sleep(2 * time.Second)
		if err := panicked(); !errors.Is(err, broken) {
			t.Errorf("after the reload: %v", err)
		}
		if err := panicked(); err != nil { // starts the reload that exits
			t.Errorf("panicked again: %v", err)
		}
		time.Sleep(2 * time.Second)
		if v, err := c.Get(t.Context(), "k"); v != 2 || err != nil { // starts the fifth load
			t.Errorf("got %d, %v", v, err)
		}
		time.Sleep(2 * time.Second)
		c.Remove("k")
		if _, err := c.Get(t.Context(), "k"); err == nil || !strings.Contains(err.Error(), "Goexit") {
			t.Errorf("got %v", err)
		}
	})
}

// Background work needs an owner. A cache that reloads in the background has
// goroutines that no caller waits for, so it needs a Close that cancels them
// and waits until they are gone. After it, nothing of the cache uses the
// database any more, and that can be closed, too.
//
//claim:ask A cache refreshes entries in the background. What must its Close do?
//claim:source https://pkg.go.dev/sync#WaitGroup.Go
func TestLoadCacheClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var source loadSource
		var ended atomic.Int64
		c := NewLoadCache(func(ctx context.Context, key string) (int, error) {
			defer ended.Add(1)
			return source.load(ctx, key)
		}, LoadCacheConfig{TTL: time.Minute, Stale: time.Hour})
		c.Get(t.Context(), "old")
		time.Sleep(time.Minute)
		c.Get(t.Context(), "old") // a reload nobody waits for
		var waiting sync.WaitGroup
		waiting.Go(func() {
			if _, err := c.Get(t.Context(), "new"); err != ErrLoadCacheClosed {
				t.Errorf("a waiting caller got %v", err)
			}
		})
		time.Sleep(time.Second / 2)
		start := time.Now()
		c.Close()
		if n := ended.Load(); n != 3 || time.Since(start) != 0 {
			t.Errorf("%d loads had ended, after %v", n, time.Since(start))
		}
		waiting.Wait()
		c.Close()
		if _, err := c.Get(t.Context(), "old"); err != ErrLoadCacheClosed {
			t.Errorf("after Close: %v", err)
		}
	})
}

// Keys that nobody asks for any more leave, as loads of others end.
func TestLoadCacheMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := NewLoadCache(func(_ context.Context, key int) (int, error) { return key, nil }, LoadCacheConfig{TTL: 100 * time.Millisecond})
		defer c.Close()
		most := 0
		for i := range 1000 {
			if v, err := c.Get(t.Context(), i); v != i || err != nil {
				t.Errorf("Get(%d) = %d, %v", i, v, err)
			}
			most = max(most, c.Len())
			time.Sleep(time.Millisecond)
		}
		if most > 210 || len(c.order) != len(c.entries) {
			t.Errorf("up to %d entries, 100 of them fresh", most)
		}
		none := NewLoadCache(func(_ context.Context, key int) (int, error) { return key, nil }, LoadCacheConfig{})
		defer none.Close()
		if v, err := none.Get(t.Context(), 1); v != 1 || err != nil || none.Len() != 0 {
			t.Errorf("without a TTL: %d, %v, %d entries", v, err, none.Len())
		}
	})
}

func TestLoadCacheConcurrent(t *testing.T) {
	c := NewLoadCache(func(ctx context.Context, key int) (int, error) {
		runtime.Gosched()
		return key, ctx.Err()
	}, LoadCacheConfig{TTL: 10 * time.Microsecond, Stale: 10 * time.Microsecond})
	defer c.Close()
	loadTogether(4, func(w int) (int, error) {
		for i := range 500 {
			key := (i + w) % 20
			ctx, cancel := context.WithCancel(t.Context())
			if i%5 == 0 {
				go cancel()
			}
			if v, err := c.Get(ctx, key); err == nil && v != key || err != nil && ctx.Err() == nil {
				t.Errorf("Get(%d) = %d, %v", key, v, err)
			}
			if i%7 == 0 {
				c.Remove(key)
			}
			cancel()
		}
		return 0, nil
	})
}

// A hit costs a lookup under a mutex and one look at the clock, and allocates
// nothing: less than 10 times the naive map under a mutex, which has no expiry.
// What it saves is in the loads, not in the hits. A load costs a goroutine, so
// a loader that takes less than a microsecond needs no cache.
//
//claim:ask What does a loading cache add to the cost of a hit?
//claim:expect allocs/op of=loadcache == 0
//claim:expect ns/op of=loadcache < 10x of=naive
//claim:source https://pkg.go.dev/time#Since
func BenchmarkLoadCacheHit(b *testing.B) {
	ctx := context.Background()
	load := func(context.Context, string) (int, error) { return 42, nil }
	run := func(name string, get func(context.Context, string) (int, error)) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if v, err := get(ctx, "key"); v != 42 || err != nil {
					b.Fatal(v, err)
				}
			}
		})
	}
	c := NewLoadCache(load, LoadCacheConfig{TTL: time.Hour})
	defer c.Close()
	run("of=loadcache", c.Get)
	run("of=naive", (&loadNaive{values: make(map[string]int), load: load}).get)
}
