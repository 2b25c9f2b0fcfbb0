package concurrency

import (
	"context"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"github.com/go-deep-dive/godeep/internal/proof"
	"github.com/stretchr/testify/require"
)

// atomicBarrier lets n goroutines continue when all of them have arrived. It
// makes the worst interleaving happen every time.
type atomicBarrier struct{ arrived sync.WaitGroup }

func newAtomicBarrier(n int) *atomicBarrier {
	b := new(atomicBarrier)
	b.arrived.Add(n)
	return b
}

func (b *atomicBarrier) wait() {
	b.arrived.Done()
	b.arrived.Wait()
}

// Package sync/atomic makes a read, a write or a read-modify-write of one word
// happen as a whole, and orders it with the other operations of the program. x++
// is a load, an addition and a store: if two goroutines both load 0, both store
// 1, and one increment is lost. Add(1) cannot be interrupted there. The
// operations also publish: what was written before a Store is visible to a
// goroutine that has loaded the stored value. They do not make a group of
// operations, or a second variable, part of the same step; see AtomicPair.
//
//claim:ask What does sync/atomic give you that x++ does not?
//claim:source https://pkg.go.dev/sync/atomic#pkg-overview
//claim:source https://go.dev/ref/mem#atomic
func TestAtomicGuarantees(t *testing.T) {
	var plain int
	a, b := plain, plain // both goroutines load,
	for _, loaded := range []int{a, b} {
		plain = loaded + 1 // then both store
	}
	require.Equal(t, 1, plain, "two increments by hand")

	const workers, each = 8, 1000
	var n atomic.Int64
	var data [workers]int
	var ready [workers]atomic.Bool
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			data[w] = w + 1
			ready[w].Store(true)
			for range each {
				n.Add(1)
			}
		})
	}
	all.Go(func() {
		for w := range workers {
			if ready[w].Load() && data[w] != w+1 {
				t.Errorf("data[%d] = %d after its flag", w, data[w])
			}
		}
	})
	all.Wait()
	require.EqualValues(t, workers*each, n.Load())
}

// The types cannot be used wrongly in three ways in which the functions can. n++
// or n = 0 on an atomic.Int64 does not compile, while an int64 that is passed to
// atomic.AddInt64 here can be read without it there. The 64-bit types are
// aligned to 8 bytes also on 32-bit systems, where an int64 field may not be and
// the function then panics. And go vet reports a copy. The types came with Go
// 1.19; their zero values are ready, and an Int64 takes 8 bytes as an int64
// does. You may read that you need another module for this.
//
//claim:ask How does atomic.Int64 differ from atomic.AddInt64 on an int64?
//claim:source https://go.dev/doc/go1.19#atomic_types
//claim:source https://pkg.go.dev/sync/atomic#pkg-note-BUG
func TestAtomicTypes(t *testing.T) {
	fset := token.NewFileSet()
	sources := importer.ForCompiler(fset, "source", nil)
	atomicPackage, err := sources.Import("sync/atomic")
	require.NoError(t, err)
	compile := func(body string) (*types.Package, []string) {
		file, err := parser.ParseFile(fset, "p.go", `package p
import "sync/atomic"
type plain struct { flag int32; n int64 }
type typed struct { flag int32; n atomic.Int64 }
func f(p *plain, t *typed) { atomic.AddInt64(&p.n, 1); t.n.Add(1); `+body+` }`, 0)
		require.NoError(t, err)
		var problems []string
		conf := types.Config{
			Importer: atomicImporter{atomicPackage},
			Error:    func(err error) { problems = append(problems, err.(types.Error).Msg) },
		}
		p, _ := conf.Check("p", fset, []*ast.File{file}, nil)
		return p, problems
	}
	_, problems := compile("p.n++; p.n = 0")
	require.Empty(t, problems, "a plain access of an atomic variable")
	for _, body := range []string{"t.n++", "t.n = 0", "_ = t.n + 1", "if t.n == 0 {}"} {
		_, problems = compile(body)
		require.NotEmpty(t, problems, body)
	}

	p, _ := compile("")
	offset := func(goarch, name string) int64 {
		s := p.Scope().Lookup(name).Type().Underlying().(*types.Struct)
		return types.SizesFor("gc", goarch).Offsetsof([]*types.Var{s.Field(0), s.Field(1)})[1]
	}
	for _, goarch := range []string{"386", "arm", "mips"} {
		require.EqualValues(t, 4, offset(goarch, "plain"), "%s: not a multiple of 8", goarch)
		require.EqualValues(t, 8, offset(goarch, "typed"), goarch)
	}
	require.EqualValues(t, 8, unsafe.Sizeof(atomic.Int64{}))
	require.EqualValues(t, 4, unsafe.Sizeof(atomic.Bool{}), "a bool is kept in a uint32")
}

// atomicImporter imports one package.
type atomicImporter struct{ p *types.Package }

func (i atomicImporter) Import(string) (*types.Package, error) { return i.p, nil }

// The copy is a variable of its own that starts with the value at that moment:
// what the one counts the other does not see. It compiles, but go vet
// (copylocks) reports assignments, value receivers, range variables and
// arguments of the atomic types, which are marked for it as a mutex is. So a
// struct with an atomic field is passed by pointer. Vet sees no copy made by
// append; see AtomicSliceGrows.
//
//claim:ask What happens when I copy a struct that holds an atomic.Int64?
//claim:source https://pkg.go.dev/sync/atomic#Int64
//claim:source https://pkg.go.dev/golang.org/x/tools/go/analysis/passes/copylock
func TestAtomicCopy(t *testing.T) {
	out, err := proof.Go(t, "run", "./testdata/atomic/copied")
	require.NoError(t, err, out)
	require.Equal(t, "value receiver: 0\npointer receiver: 1\nassigned: 2\n", out)

	out, err = proof.Go(t, "vet", "./testdata/atomic/copied")
	require.Error(t, err)
	require.Contains(t, out, "incByValue passes lock by value")
	require.Contains(t, out, "assignment copies lock value to assigned")
	require.Contains(t, out, "range var ranged copies lock")
	require.Contains(t, out, "call of use copies lock value")
	require.Contains(t, out, "contains sync/atomic.Int64 contains sync/atomic.noCopy")
}

// No. When append has to move the elements, it copies them to a new array. A
// goroutine that has kept the address of an element goes on counting in the old
// array, and nobody reads that. If it counts during the copy, this is also a
// data race. Make the slice at its final length before it is shared, or let it
// hold pointers: []*atomic.Int64.
//
//claim:ask Is it safe to append to a slice of atomic.Int64?
//claim:source https://go.dev/ref/spec#Appending_and_copying_slices
func TestAtomicSliceGrows(t *testing.T) {
	counters := make([]atomic.Int64, 1)
	kept := &counters[0]
	counters = append(counters, make([]atomic.Int64, 100)...)
	kept.Add(1)
	require.Zero(t, counters[0].Load(), "counted in the old array")

	pointers := []*atomic.Int64{new(atomic.Int64)}
	keptPointer := pointers[0]
	pointers = append(pointers, make([]*atomic.Int64, 100)...)
	keptPointer.Add(1)
	require.EqualValues(t, 1, pointers[0].Load())
}

// They are not enough as soon as two variables belong together. With one atomic
// for the low and one for the high end of a range, a reader between the two
// stores gets the new low with the old high: a range that nobody ever set, here
// with low above high. No order of the stores helps. Put both into one immutable
// struct behind an atomic.Pointer, pack them into one word, or use a mutex.
//
//claim:ask When are atomics not enough?
//claim:source https://go.dev/ref/mem#atomic
func TestAtomicPair(t *testing.T) {
	var split splitRange
	split.set(1, 2, func() {})
	split.set(5, 6, func() {
		low, high := split.get()
		require.Equal(t, []int64{5, 2}, []int64{low, high}, "never set")
	})

	var whole wholeRange
	whole.set(1, 2, func() {})
	whole.set(5, 6, func() {
		low, high := whole.get()
		require.Equal(t, []int64{1, 2}, []int64{low, high}, "the old pair")
	})
	low, high := whole.get()
	require.Equal(t, []int64{5, 6}, []int64{low, high})
}

// Keep the configuration in a struct that nobody changes after it was stored,
// and replace the pointer to it: an atomic.Pointer. A reader calls Load once and
// uses that snapshot to the end of its work; it neither waits nor sees half a
// change, and the garbage collector frees the old one after its last reader.
// Calling Load twice can give two configurations. A writer copies, maps
// included, changes the copy and stores it. Until the first Store, Load returns
// nil.
//
//claim:ask How do you replace a configuration while many goroutines read it?
//claim:source https://pkg.go.dev/sync/atomic#Pointer
//claim:source https://pkg.go.dev/sync/atomic#example-Value-Config
func TestAtomicConfigSwap(t *testing.T) {
	var h configHolder
	require.Nil(t, h.get(), "the zero value")
	h.now.Store(&liveConfig{timeout: time.Second, limits: map[string]int{"a": 1}})

	snapshot := h.get()
	h.update(func(c *liveConfig) {
		c.timeout = time.Minute
		c.limits["a"] = 60
		require.Same(t, snapshot, h.get(), "invisible until it is complete")
	})
	require.Equal(t, &liveConfig{time.Second, map[string]int{"a": 1}}, snapshot, "a reader in the middle of its work")
	require.Equal(t, &liveConfig{time.Minute, map[string]int{"a": 60}}, h.get())

	var readers, writer sync.WaitGroup
	var stop atomic.Bool
	for range 3 {
		readers.Go(func() {
			for !stop.Load() {
				if c := h.get(); time.Duration(c.limits["a"])*time.Second != c.timeout {
					t.Errorf("half a change: %v", c)
					return
				}
			}
		})
	}
	writer.Go(func() {
		for range 100 {
			h.update(func(c *liveConfig) {
				c.timeout += time.Second
				c.limits["a"]++
			})
		}
	})
	writer.Wait()
	stop.Store(true)
	readers.Wait()
}

// Yes: load, change a copy and store are three steps. If two writers load the
// same old value, the second store drops the change of the first, although every
// access is atomic and the race detector has nothing to report. Let the writers
// take a mutex, which readers need not, or store with CompareAndSwap and start
// again if it fails.
//
//claim:ask Two goroutines update an atomic.Pointer config by copy and Store. Can an update get lost?
//claim:source https://pkg.go.dev/sync/atomic#Pointer.CompareAndSwap
func TestAtomicCopyOnWriteLost(t *testing.T) {
	start := func() *configHolder {
		h := new(configHolder)
		h.now.Store(&liveConfig{limits: map[string]int{}})
		return h
	}
	set := func(key string) func(*liveConfig) {
		return func(c *liveConfig) { c.limits[key] = 1 }
	}
	h := start()
	h.updateLosing(func() { h.updateLosing(func() {}, set("first")) }, set("second"))
	require.Equal(t, map[string]int{"second": 1}, h.get().limits)

	h = start()
	var both sync.WaitGroup
	both.Go(func() { h.update(set("first")) })
	both.Go(func() { h.update(set("second")) })
	both.Wait()
	require.Equal(t, map[string]int{"first": 1, "second": 1}, h.get().limits)

	h = start()
	attempts := 0
	for done := false; !done; {
		old := h.now.Load()
		next := &liveConfig{limits: maps.Clone(old.limits)}
		next.limits["second"] = 1
		if attempts++; attempts == 1 {
			h.update(set("first"))
		}
		done = h.now.CompareAndSwap(old, next)
	}
	require.Equal(t, 2, attempts)
	require.Equal(t, map[string]int{"first": 1, "second": 1}, h.get().limits)
}

// It panics when nil is stored, and when a value of another concrete type is
// stored than the first time. An atomic.Value of errors so works until the first
// error of a second type. CompareAndSwap also panics if the old value cannot be
// compared, such as a slice. Load of an empty Value gives a nil interface, and a
// conversion without ", ok" then panics. An atomic.Pointer[T], since Go 1.19,
// has none of these traps, as the compiler checks the type: prefer it, with a
// pointer to a struct around an interface if need be.
//
//claim:ask When does atomic.Value panic, and why is atomic.Pointer preferred?
//claim:source https://pkg.go.dev/sync/atomic#Value
func TestAtomicValuePanics(t *testing.T) {
	var v atomic.Value
	require.Nil(t, v.Load())
	require.PanicsWithValue(t, "sync/atomic: store of nil value into Value", func() { v.Store(nil) })
	v.Store(fmt.Errorf("one type"))
	require.PanicsWithValue(t, "sync/atomic: store of inconsistently typed value into Value", func() {
		v.Store(context.Canceled)
		v.Store(context.DeadlineExceeded)
	})
	require.PanicsWithValue(t, "sync/atomic: swap of nil value into Value", func() { v.Swap(nil) })

	var list atomic.Value
	list.Store([]int{1})
	require.Panics(t, func() { list.CompareAndSwap(list.Load(), []int{2}) }, "a slice cannot be compared")

	var p atomic.Pointer[error]
	require.Nil(t, p.Load())
	for _, err := range []error{context.Canceled, context.DeadlineExceeded, nil} {
		p.Store(&err)
		require.Equal(t, err, *p.Load())
	}
	p.Store(nil)
	require.Nil(t, p.Load())
}

// Add returns the new value; Swap, And and Or return the old one; CompareAndSwap
// tells whether it has stored. And and Or exist since Go 1.23, for the unsigned
// and signed integers and Uintptr, not for Bool; the old value tells who has set
// a flag first. There is no Xor, Max, Min or Mul: write them as a CompareAndSwap
// loop.
//
//claim:ask What do Add, Swap, CompareAndSwap, And and Or of sync/atomic return?
//claim:source https://pkg.go.dev/sync/atomic#Uint32
//claim:source https://go.dev/issue/61395
func TestAtomicResults(t *testing.T) {
	var n atomic.Int64
	require.EqualValues(t, 3, n.Add(3), "new")
	require.EqualValues(t, 3, n.Swap(8), "old")
	require.False(t, n.CompareAndSwap(3, 9))
	require.True(t, n.CompareAndSwap(8, 9))
	require.EqualValues(t, 9, n.Load())

	var flags atomic.Uint32
	const closing, failed = 1, 2
	require.Zero(t, flags.Or(closing)&closing, "old: this call was the first")
	require.NotZero(t, flags.Or(closing|failed)&closing, "and this one not")
	require.EqualValues(t, closing|failed, flags.And(^uint32(failed)), "old")
	require.EqualValues(t, closing, flags.Load())
}

// Subtract by adding the two's complement: Add(^uint32(0)) adds the largest
// uint32, which is -1 modulo 2^32; in general Add(-n) for a variable n, or
// Add(^uint32(c-1)) for a constant c, because the compiler refuses a negative
// unsigned constant. There is no Sub. At 0 it wraps round to the largest value
// without an error, so a counter that must not fall below 0 is better an
// atomic.Int64, whose Add(-1) can be checked.
//
//claim:ask How do you decrement an atomic.Uint32?
//claim:source https://pkg.go.dev/sync/atomic#AddUint32
func TestAtomicDecrement(t *testing.T) {
	var n atomic.Uint32
	n.Store(10)
	require.EqualValues(t, 9, n.Add(^uint32(0)))
	require.EqualValues(t, 6, n.Add(^uint32(3-1)))
	by := uint32(6)
	require.Zero(t, n.Add(-by))
	require.EqualValues(t, uint32(math.MaxUint32), n.Add(^uint32(0)), "wrapped round")

	var signed atomic.Int64
	require.Negative(t, signed.Add(-1))
}

// No. The condition and the addition are two steps: ten goroutines that all see
// 0 sold of 1 ticket all sell it. Every access is atomic, so there is no data
// race and the race detector is silent, but the check is out of date when it is
// acted on. Make it one step: a CompareAndSwap loop as in CASBounded, or Add
// first and give back what exceeds the limit, which others may see for a moment,
// or a mutex around both.
//
//claim:ask Is "if n.Load() < max { n.Add(1) }" safe?
//claim:source https://go.dev/ref/mem#atomic
func TestAtomicCheckThenAct(t *testing.T) {
	const buyers, tickets = 10, 1
	var sold, addFirst atomic.Int64
	var all sync.WaitGroup
	everyoneHasChecked := newAtomicBarrier(buyers)
	var won atomic.Int64
	for range buyers {
		all.Go(func() {
			free := sold.Load() < tickets
			everyoneHasChecked.wait()
			if free {
				sold.Add(1)
			}

			if addFirst.Add(1) <= tickets {
				won.Add(1)
			} else {
				addFirst.Add(-1)
			}
		})
	}
	all.Wait()
	require.EqualValues(t, buyers, sold.Load(), "of one ticket")
	require.EqualValues(t, 1, won.Load())
	require.EqualValues(t, 1, addFirst.Load())
}

// Both goroutines read 0 and store 1: n.Store(n.Load()+1) is an atomic load and
// an atomic store, but not an atomic increment. So "all accesses are atomic"
// does not mean that the result is right. It takes a read-modify-write: Add,
// Swap, And, Or or CompareAndSwap. The race detector cannot find this mistake.
//
//claim:ask Every access of the counter is atomic, and still it is too low. What is wrong?
//claim:source https://pkg.go.dev/sync/atomic#Int64.Add
func TestAtomicLoadStore(t *testing.T) {
	const workers = 10
	var split, whole atomic.Int64
	everyoneHasLoaded := newAtomicBarrier(workers)
	var all sync.WaitGroup
	for range workers {
		all.Go(func() {
			old := split.Load()
			everyoneHasLoaded.wait()
			split.Store(old + 1)
			whole.Add(1)
		})
	}
	all.Wait()
	require.EqualValues(t, 1, split.Load())
	require.EqualValues(t, workers, whole.Load())
}

// Because another goroutine can add between the two calls: both add, then both
// load 2. The result of Add is the value that this call has produced, and no
// other call gets the same. So an ID generator is return n.Add(1), one
// operation.
//
//claim:ask Why does "n.Add(1); return n.Load()" hand out the same ID twice?
//claim:source https://pkg.go.dev/sync/atomic#Int64.Add
func TestAtomicUniqueID(t *testing.T) {
	const workers = 10
	var two, one atomic.Int64
	var fromLoad, fromAdd [workers]int64
	everyoneHasAdded := newAtomicBarrier(workers)
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			two.Add(1)
			everyoneHasAdded.wait()
			fromLoad[w] = two.Load()
			fromAdd[w] = one.Add(1)
		})
	}
	all.Wait()
	distinct := func(ids [workers]int64) int {
		set := make(map[int64]bool)
		for _, id := range ids {
			set[id] = true
		}
		return len(set)
	}
	require.Equal(t, 1, distinct(fromLoad))
	require.Equal(t, workers, distinct(fromAdd))
}

// Only if the losers need not wait. CompareAndSwap(false, true), or Swap(true)
// == false, lets exactly one goroutine in, but the others go on at once, while
// the winner is still at work, and use what is not initialised yet. sync.Once
// lets them wait until the function has returned. A flag is right for what may
// happen at most once, such as closing a channel or logging a warning.
//
//claim:ask Can CompareAndSwap(false, true) replace sync.Once?
//claim:source sync/once.go
func TestAtomicFlagIsNotOnce(t *testing.T) {
	const workers = 5
	var flag atomic.Bool
	var once sync.Once
	var flagReady, onceReady bool
	var flagRuns, early, onceRuns, earlyOnce atomic.Int64
	var losers, all sync.WaitGroup
	losers.Add(workers - 1)
	for range workers {
		all.Go(func() {
			if flag.CompareAndSwap(false, true) {
				flagRuns.Add(1)
				losers.Wait() // the initialisation takes longer than the losers
				flagReady = true
			} else {
				if !flagReady {
					early.Add(1)
				}
				losers.Done()
			}

			once.Do(func() {
				onceRuns.Add(1)
				runtime.Gosched()
				onceReady = true
			})
			if !onceReady {
				earlyOnce.Add(1)
			}
		})
	}
	all.Wait()
	require.EqualValues(t, 1, flagRuns.Load())
	require.EqualValues(t, workers-1, early.Load(), "went on before the winner was done")
	require.EqualValues(t, 1, onceRuns.Load())
	require.Zero(t, earlyOnce.Load())
}

// There are atomic types for bool, 32- and 64-bit integers, uintptr and pointers
// only. A float64 is kept as its bits in an atomic.Uint64, see math.Float64bits;
// adding to it takes a loop, see CASFloat. A time.Duration is an int64, so it
// fits into an atomic.Int64 and Add works. A string, a slice or a time.Time is
// larger than a word: store a pointer to it in an atomic.Pointer. Bool has Load,
// Store, Swap and CompareAndSwap, but nothing that toggles.
//
//claim:ask There is no atomic.Float64. How do you share a float64, a duration or a string?
//claim:source https://pkg.go.dev/sync/atomic#pkg-index
func TestAtomicOtherTypes(t *testing.T) {
	var f atomicFloat
	require.Zero(t, f.load())
	f.store(-1.5)
	require.Equal(t, -1.5, f.load())
	f.store(math.Inf(1))
	require.True(t, math.IsInf(f.load(), 1))

	var d atomicDuration
	d.add(90 * time.Second)
	d.add(-30 * time.Second)
	require.Equal(t, time.Minute, d.load())

	var s atomic.Pointer[string]
	s.Store(new("text"))
	require.Equal(t, "text", *s.Load())

	var toggled atomic.Bool
	toggle := func() {
		for old := toggled.Load(); !toggled.CompareAndSwap(old, !old); old = toggled.Load() {
		}
	}
	toggle()
	require.True(t, toggled.Load())
	toggle()
	require.False(t, toggled.Load())
}

// A mutex guards state that stays where it is: the fields that must change
// together, for a short time. A channel moves something: the ownership of a
// value, so that the receiver needs no lock, or the news that something has
// happened. Waiting for a channel can be part of a select, with a timeout or a
// context; a call of Lock cannot be given up, only tried with TryLock. For a
// counter or a map a mutex is shorter and, as CounterKinds shows, cheaper. You
// may read that channels are always to be preferred in Go.
//
//claim:ask What does a mutex say that a channel does not, and the other way round?
//claim:source https://go.dev/wiki/MutexOrChannel
func TestMutexOrChannel(t *testing.T) {
	type account struct {
		mu        sync.Mutex
		left, out int
	}
	a := account{left: 100}
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			a.mu.Lock()
			defer a.mu.Unlock()
			a.left -= 5
			a.out += 5
		})
	}
	all.Wait()
	require.Equal(t, []int{50, 50}, []int{a.left, a.out})

	jobs := make(chan *[]int)
	finished := make(chan *[]int)
	go func() {
		for job := range jobs {
			*job = append(*job, 2) // no lock: the sender has given it away
			finished <- job
		}
		close(finished)
	}()
	jobs <- &[]int{1}
	require.Equal(t, []int{1, 2}, *<-finished)
	close(jobs)
	<-finished

	synctest.Test(t, func(t *testing.T) {
		held := make(chan struct{}, 1) // a lock one can stop waiting for
		held <- struct{}{}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		select {
		case held <- struct{}{}:
			t.Error("acquired twice")
		case <-ctx.Done():
		}
		require.Equal(t, time.Second, time.Since(start))

		var mu sync.Mutex
		mu.Lock()
		require.False(t, mu.TryLock())
		mu.Unlock()
	})
}

func TestCounterKinds(t *testing.T) {
	for _, workers := range []int{1, 4} {
		for _, count := range []func(workers, n int) int{
			countWithMutex, countWithRWMutex, countWithAtomic, countWithChannel, countLocally,
		} {
			require.Equal(t, 400, count(workers, 400))
		}
	}
}

// From cheap to expensive: not sharing, atomic, mutex, channel. With one
// goroutine, so with nobody to wait for, counting 1000 events through a channel
// takes more than 4 times as long as under a Mutex, because for each event two
// goroutines must meet. The mutex takes more than 1.3 times as long as an
// atomic: it needs two atomic operations instead of one. An RWMutex is no cure,
// as every event is a write: more than 1.5 times an atomic. With four goroutines
// the channel stays behind the mutex. The cheapest is a local variable in each
// goroutine that is added at the end: more than 3 times faster than one shared
// atomic.
//
//claim:ask What does a shared counter cost with an atomic, a Mutex, an RWMutex or a channel?
//claim:expect ns/op of=channel,workers=1 > 4x of=mutex,workers=1
//claim:expect ns/op of=mutex,workers=1 > 1.3x of=atomic,workers=1
//claim:expect ns/op of=rwmutex,workers=1 > 1.5x of=atomic,workers=1
//claim:expect ns/op of=channel,workers=4 > 2x of=mutex,workers=4
//claim:expect ns/op of=atomic,workers=4 > 3x of=local,workers=4
//claim:source sync/rwmutex.go
func BenchmarkCounterKinds(b *testing.B) {
	for _, kind := range []struct {
		name  string
		count func(workers, n int) int
	}{
		{"mutex", countWithMutex}, {"rwmutex", countWithRWMutex}, {"atomic", countWithAtomic},
		{"channel", countWithChannel}, {"local", countLocally},
	} {
		for _, workers := range []int{1, 4} {
			b.Run(fmt.Sprintf("of=%s/workers=%d", kind.name, workers), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					kind.count(workers, 1000)
				}
			})
		}
	}
}

var atomicPrices [256]atomic.Int64

func loadAll() (sum int64) {
	for i := range atomicPrices {
		sum += atomicPrices[i].Load()
	}
	return sum
}

func loadAllLocked(mu *sync.RWMutex) (sum int64) {
	for i := range atomicPrices {
		mu.RLock()
		sum += atomicPrices[i].Load()
		mu.RUnlock()
	}
	return sum
}

func addAll() (sum int64) {
	for i := range atomicPrices {
		sum += atomicPrices[i].Add(1)
	}
	return sum
}

func storeAll() int64 {
	for i := range atomicPrices {
		atomicPrices[i].Store(1)
	}
	return 0
}

// A load is nearly free, a write is not. On amd64 a Load compiles to an ordinary
// read; Add, Store, Swap and CompareAndSwap need an instruction that owns the
// cache line and waits for earlier writes, so 256 additions take more than 3
// times as long as 256 loads, without anybody else there. All of them are
// inlined to instructions, without a call. An RLock and RUnlock around the load
// is two such additions: more than 5 times a load. That a load is cheap ends
// when another core keeps writing to the line.
//
//claim:ask What does an atomic Load cost in comparison with an Add or a lock?
//claim:expect ns/op of=add > 3x of=load
//claim:expect ns/op of=rlock > 5x of=load
//claim:expect ns/op of=store > 2x of=load if goarch=amd64
//claim:source cmd/compile/internal/ssagen/intrinsics.go
func BenchmarkAtomicLoadCost(b *testing.B) {
	var mu sync.RWMutex
	for _, kind := range []struct {
		name string
		f    func() int64
	}{
		{"load", loadAll}, {"add", addAll}, {"store", storeAll},
		{"rlock", func() int64 { return loadAllLocked(&mu) }},
	} {
		b.Run("of="+kind.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				kind.f()
			}
		})
	}
}

func TestAtomicLoadCost(t *testing.T) {
	storeAll()
	require.EqualValues(t, 256, loadAll())
	require.EqualValues(t, 2*256, addAll())
	require.EqualValues(t, 2*256, loadAllLocked(new(sync.RWMutex)))

	var n atomic.Int64
	require.EqualValues(t, 1, atomicIncrement(&n))
	require.EqualValues(t, 1, atomicRead(&n))
	require.False(t, atomicReplaceOnce(&n))
}
