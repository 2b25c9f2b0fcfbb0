package concurrency

import (
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"weak"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// It prints one only: a Once counts calls of Do, not functions. After Do(f) a Do(g)
// does nothing. Every thing that is to happen once needs a Once of its own, usually
// a field next to what it makes. A Once cannot be reset; a new one has to replace the
// object that holds it.
//
//claim:ask What does once.Do(printOne); once.Do(printTwo) print?
//claim:source https://pkg.go.dev/sync#Once.Do
func TestOnceDo(t *testing.T) {
	var once sync.Once
	var printed []string
	once.Do(func() { printed = append(printed, "one") })
	once.Do(func() { printed = append(printed, "two") })
	once.Do(func() { printed = append(printed, "one") })
	require.Equal(t, []string{"one"}, printed)
}

// Do returns only when the first call of the function has ended, to every caller,
// also to those that came while it was running. So what the function wrote is there
// and visible, without a lock. A flag that is set by compare-and-swap does not give
// that: the second goroutine sees that the flag is taken and goes on with a value
// that is not made yet.
//
//claim:ask A second goroutine calls once.Do while the first is still inside. Does it wait?
//claim:source https://pkg.go.dev/sync#Once.Do
//claim:source sync/once.go
func TestOnceWaits(t *testing.T) {
	var once sync.Once
	var wg sync.WaitGroup
	entered, release := make(chan struct{}), make(chan struct{})
	value := 0
	slow := func() {
		close(entered)
		<-release
		value = 7
	}
	wg.Go(func() { once.Do(slow) })
	<-entered
	second := 0
	wg.Go(func() {
		once.Do(slow)
		second = value
	})
	waitBlockedIn(t, "sync.Mutex.Lock", 1)
	close(release)
	wg.Wait()
	require.Equal(t, 7, second)

	var taken atomic.Bool
	made := false
	require.True(t, taken.CompareAndSwap(false, true)) // the first one begins
	if !taken.CompareAndSwap(false, true) {            // the second one comes
		require.False(t, made, "and would use what is not there")
	}
}

// Do takes it as done. The panic goes to the first caller; every later Do returns at
// once without running anything, so that the others go on with a value that was
// never made. The functions of OnceFunc, OnceValue and OnceValues (since Go 1.21) are
// safer: they panic with the same value on every call.
//
//claim:ask What happens to a sync.Once if its function panics?
//claim:source https://pkg.go.dev/sync#Once.Do
//claim:source https://pkg.go.dev/sync#OnceFunc
func TestOncePanic(t *testing.T) {
	var once sync.Once
	runs := 0
	fail := func() { runs++; panic("boom") }
	require.PanicsWithValue(t, "boom", func() { once.Do(fail) })
	require.NotPanics(t, func() { once.Do(fail) })
	require.Equal(t, 1, runs)

	f := sync.OnceFunc(fail)
	value := sync.OnceValue(func() int { fail(); return 1 })
	for range 3 {
		require.PanicsWithValue(t, "boom", f)
		require.PanicsWithValue(t, "boom", func() { value() })
	}
	require.Equal(t, 3, runs, "one more for each")
}

// The error is kept for ever. OnceValues runs its function once, and if a database
// was not reachable at that moment, every later call gets the same error. If the next
// call is to try again, write it: a mutex and a flag that is set only after a success.
// Callers then wait for each other while one tries, which is wanted here.
//
//claim:ask Lazy initialisation can fail. Can sync.Once try again after an error?
//claim:source https://pkg.go.dev/sync#OnceValues
func TestOnceError(t *testing.T) {
	attempts := 0
	connect := func() (string, error) {
		attempts++
		if attempts == 1 {
			return "", errors.New("not reachable")
		}
		return "connected", nil
	}
	once := sync.OnceValues(connect)
	for range 3 {
		_, err := once()
		require.EqualError(t, err, "not reachable")
	}
	require.Equal(t, 1, attempts)

	attempts = 0
	var retry retryOnce[string]
	_, err := retry.get(connect)
	require.Error(t, err)
	for range 3 {
		value, err := retry.get(connect)
		require.NoError(t, err)
		require.Equal(t, "connected", value)
	}
	require.Equal(t, 2, attempts)
}

// It waits for itself for ever. Do holds a mutex while the function runs, and the
// inner Do of the same Once waits for that mutex. It happens when the function that
// makes a singleton calls something that asks for the singleton. Different Onces may
// be nested, as long as they do not wait for each other in a circle.
//
//claim:ask What happens if once.Do is called inside the function of the same Once?
//claim:source https://pkg.go.dev/sync#Once.Do
func TestOnceRecursive(t *testing.T) {
	out, err := proof.Go(t, "run", "./testdata/once/recursive")
	require.Error(t, err)
	require.Contains(t, out, "fatal error: all goroutines are asleep - deadlock!")
	require.Contains(t, out, "sync.(*Once).doSlow")

	var outer, inner sync.Once
	n := 0
	outer.Do(func() { inner.Do(func() { n++ }) })
	require.Equal(t, 1, n)
}

// Use a sync.Once, or OnceValue as a package variable: the first caller makes the
// value, callers at the same time wait, all get the same pointer. A package variable
// with an initialiser is simpler still, if making it is cheap and cannot fail; it is
// made before main starts. In all three forms no lock is needed to read.
//
//claim:ask How do you write a lazy singleton that is safe for concurrent use?
//claim:source https://pkg.go.dev/sync#OnceValue
func TestOnceSingleton(t *testing.T) {
	var made atomic.Int32
	value := sync.OnceValue(func() *onceConfig { return &onceConfig{made: int(made.Add(1))} })
	require.Zero(t, made.Load(), "not before the first call")
	var once onceSingleton
	var got [8]*onceConfig
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() {
			if i%2 == 0 {
				got[i] = once.get()
			} else {
				got[i] = value()
			}
		})
	}
	wg.Wait()
	for i := range got {
		require.Same(t, got[i%2], got[i])
		require.Equal(t, 1, got[i].made)
	}
}

// The first check reads the pointer without a lock while another goroutine writes
// it: a data race, although it looks at nothing but nil. A goroutine may see the
// pointer and not yet what it points to, because nothing orders the two for it. Let
// the first check load an atomic.Pointer that is stored last, or use sync.Once, which
// is just that: an atomic flag in front of a mutex.
//
//claim:ask What is wrong with double-checked locking in Go?
//claim:source https://go.dev/ref/mem#badsync
func TestOnceDoubleChecked(t *testing.T) {
	require.Contains(t, raceReport(t, "./testdata/once/doublechecked"), "WARNING: DATA RACE")

	var s onceChecked
	var got [8]*onceConfig
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() { got[i] = s.get() })
	}
	wg.Wait()
	for _, c := range got {
		require.Same(t, got[0], c)
		require.Equal(t, 1, c.made)
	}
}

var (
	onceInitOrder   []string
	onceInitEager   = func() int { onceInitOrder = append(onceInitOrder, "variable"); return 1 }()
	onceInitLazy    = sync.OnceValue(func() int { onceInitOrder = append(onceInitOrder, "lazy"); return 2 })
	onceInitStarted []string
)

func init() {
	onceInitOrder = append(onceInitOrder, "init")
	onceInitStarted = onceInitOrder
}

// init and the initialisers of package variables run in one goroutine before main,
// each exactly once, whether the program needs the value or not: in every test and in
// every small tool that imports the package. They cannot return an error and cannot be
// skipped. A Once or OnceValue runs at the first use, in whichever goroutine comes
// first, and can be given another result in a test. First come the variables, in the
// order of their dependencies, then init.
//
//claim:ask init() or sync.Once: what is the difference?
//claim:source https://go.dev/ref/spec#Package_initialization
func TestOnceInit(t *testing.T) {
	require.Equal(t, []string{"variable", "init"}, onceInitStarted)
	require.Equal(t, 1, onceInitEager)
	require.Equal(t, 2, onceInitLazy())
	require.Equal(t, 2, onceInitLazy())
	require.Equal(t, []string{"variable", "init", "lazy"}, onceInitOrder)
}

// Not after it has run: the functions that OnceFunc, OnceValue and OnceValues return
// drop their f, so that the collector can free what f had captured. The result of
// OnceValue stays as long as the function. With sync.Once itself it depends on where
// you keep the function.
//
//claim:ask Does sync.OnceValue keep the memory that its function has captured?
//claim:source sync/oncefunc.go
func TestOnceReleases(t *testing.T) {
	input := new([1 << 10]int)
	input[0] = 7
	watch := weak.Make(input)
	first := sync.OnceValue(func() int { return input[0] })
	runtime.GC()
	require.NotNil(t, watch.Value(), "still needed")
	require.Equal(t, 7, first())
	for deadline := time.Now().Add(10 * time.Second); watch.Value() != nil; runtime.GC() {
		require.True(t, time.Now().Before(deadline))
	}
	require.Equal(t, 7, first())
}

// onceCostValue is a variable of the package, as in most programs.
var onceCostValue = sync.OnceValue(func() int { return 7 })

func TestOnceCost(t *testing.T) {
	var once sync.Once
	var mu sync.Mutex
	var made bool
	var n, m int
	for range 2 {
		require.Equal(t, 7, onceReadDone(&once, &n))
		require.Equal(t, 7, onceReadLocked(&mu, &made, &m))
	}
	require.Equal(t, 7, onceCostValue())
	ran := 0
	onceDone(new(sync.Once), func() { ran++ })
	require.Equal(t, 1, ran)
}

// Next to nothing: one atomic load and a comparison, which the compiler puts into
// the caller, since Do is small enough to be inlined. Reading a value behind a Once
// that is done is more than 3 times as fast as behind a mutex, allocates nothing, and
// writes to no memory, so readers on several processors do not disturb each other.
// The function of OnceValue does the same and adds an indirect call.
//
//claim:ask What does a sync.Once cost after it has run?
//claim:expect ns/op of=mutex > 3x of=once
//claim:expect ns/op of=mutex > 1.5x of=oncevalue
//claim:expect allocs/op of=once == 0
//claim:source sync/once.go
func BenchmarkOnceCost(b *testing.B) {
	n := 0
	b.Run("of=once", func(b *testing.B) {
		var once sync.Once
		b.ReportAllocs()
		for b.Loop() {
			for range 10 {
				onceReadDone(&once, &n)
			}
		}
	})
	b.Run("of=oncevalue", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for range 10 {
				n = onceCostValue()
			}
		}
	})
	b.Run("of=mutex", func(b *testing.B) {
		var mu sync.Mutex
		made := false
		b.ReportAllocs()
		for b.Loop() {
			for range 10 {
				onceReadLocked(&mu, &made, &n)
			}
		}
	})
}
