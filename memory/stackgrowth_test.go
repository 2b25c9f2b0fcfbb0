package memory

import (
	"fmt"
	"math/bits"
	"os/exec"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"testing"
	"testing/synctest"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

// onNewStack runs f in a goroutine of its own, which starts with a small stack,
// and returns what f returns.
func onNewStack[T any](f func() T) T {
	runtime.GC() // resets the size of new stacks, see TestAdaptiveStack
	c := make(chan T)
	go func() { c <- f() }()
	return <-c
}

// The address of a local variable changes when the stack moves. A function
// that finds the stack full gets a bigger one: the runtime copies what is in
// use, adjusts every pointer into the old stack, and goes on. The program does
// not notice, because pointers to the variable stay valid. A uintptr is a
// number and is not adjusted, so one that was taken before the move is not the
// address any more. Never keep one, and never turn it back into a pointer. For
// the same reason a pointer to a stack is allowed only in that stack, and a
// variable that something in the heap points to has to be in the heap itself.
//
//claim:ask Can the address of a local variable change, and what if I have kept it in a uintptr?
//claim:source runtime/stack.go
//claim:source https://pkg.go.dev/unsafe#Pointer
func TestStackMoves(t *testing.T) {
	m := onNewStack(func() stackMove { return moveStack(1 << 10) })
	assert.NotEqual(t, m.before, m.after, "the variable has another address")
	assert.Equal(t, m.below, m.after, "the pointer was adjusted during the call")
	assert.Equal(t, int64(42), m.value, "the pointer was used after the move")
	assert.True(t, m.same)
}

// A stack grows by doubling: when a call does not fit, the runtime allocates
// one of twice the size and moves everything there. So a stack that gets a
// thousand times as deep is moved about ten times, and a byte is copied about
// once on average. Stacks are contiguous. You may read that they are linked
// segments: they were until Go 1.2.
//
//claim:ask How does the stack of a goroutine grow?
//claim:source runtime/stack.go
//claim:source https://go.dev/doc/go1.3#stacks
func TestStackDoubles(t *testing.T) {
	used := onNewStack(func() []uintptr {
		var top int64
		return stackMoves(&top, stackAddress(&top), 1<<20, nil)
	})
	require.Greater(t, len(used), 3)
	assert.LessOrEqual(t, len(used), 10)
	// What was in use at a move is the size of the old stack, less a reserve
	// of a few KiB at most.
	size := func(used uintptr) int { return 1 << bits.Len(uint(used)) }
	for i, u := range used[1:] {
		if u > 16<<10 {
			assert.Equal(t, 2*size(used[i]), size(u), "%d bytes in use, before %d", u, used[i])
		}
	}
}

// A stack shrinks in the garbage collector: each collection halves it if less
// than a quarter is in use. So after one deep call a goroutine keeps a big
// stack for some collections, and a stack that is in use is left alone. To
// shrink is to move: the address of a local variable can change while its
// goroutine does nothing.
//
//claim:ask Does a goroutine give its stack back after a deep call?
//claim:source runtime/stack.go
func TestStackShrinks(t *testing.T) {
	movedByGC := func(p *int64) bool {
		before := stackAddress(p)
		runtime.GC()
		return stackAddress(p) != before
	}
	type result struct {
		deep    bool // moved while more than a quarter was in use
		shallow int  // moves in six collections after that
	}
	r := onNewStack(func() (r result) {
		var local int64
		goDown(1<<10, func() { r.deep = movedByGC(&local) })
		for range 6 {
			if movedByGC(&local) {
				r.shallow++
			}
		}
		return r
	})
	assert.Equal(t, result{deep: false, shallow: 6}, r)
}

// The stack of a goroutine that waits for a channel can move as well, and the
// value still arrives in the right place: the runtime keeps a record of who
// waits where, and adjusts its pointer to the waiting goroutine's variable.
// That is the one case in which one goroutine writes to the stack of another.
//
//claim:ask What happens if a stack moves while its goroutine waits to receive a value?
//claim:source runtime/stack.go
//claim:source runtime/chan.go
func TestBlockedStackMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		values, moves := make(chan int64), make(chan stackMove)
		go func() { moves <- receiveOnStack(values) }()
		synctest.Wait() // the goroutine waits for a value
		runtime.GC()    // and its stack shrinks
		values <- 42
		m := <-moves
		assert.NotEqual(t, m.before, m.after)
		assert.Equal(t, int64(42), m.value)
	})
}

// Go has no tail calls: a function that calls itself as the last thing it does
// uses one frame per call, like any other recursion. Because stacks grow, a
// depth of a hundred thousand calls is no problem in itself; without a bound on
// the depth, write a loop.
//
//claim:ask Does Go optimise tail recursion?
//claim:source https://github.com/golang/go/issues/22624
func TestNoTailCalls(t *testing.T) {
	var top int64
	thousand, twoThousand := tailCalls(&top, 1000), tailCalls(&top, 2000)
	assert.GreaterOrEqual(t, twoThousand-thousand, 1000*2*unsafe.Sizeof(top))
	assert.InEpsilon(t, 2, float64(twoThousand)/float64(thousand), 0.1)
	assert.Equal(t, int64(5_000_050_000), deepSum(100_000))
}

// startingStackSize returns the size of the stack of a new goroutine.
func startingStackSize() uint64 {
	s := []metrics.Sample{{Name: "/gc/stack/starting-size:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

// firstStackSize returns the smallest size of a stack.
func firstStackSize() uint64 {
	if runtime.GOOS == "windows" {
		return 8 << 10
	}
	return 2 << 10
}

// A goroutine that waits costs 2 KiB of stack and less than 1 KiB for its
// descriptor, if it has never needed more. The stack is not an allocation in
// the sense of the heap statistics: it appears in StackInuse and not in
// HeapAlloc. On Windows the first stack has 8 KiB. It can be bigger in a
// program whose goroutines use deep stacks (see AdaptiveStack).
//
//claim:ask How much memory does a goroutine need?
//claim:source runtime/stack.go
//claim:source https://pkg.go.dev/runtime#MemStats
func TestGoroutineMemory(t *testing.T) {
	if proof.RaceEnabled {
		t.Skip("the race detector adds memory of its own")
	}
	if !proof.InChild(t) {
		out, err := proof.Child(t) // a program whose stacks are all small
		require.NoError(t, err, "%s", out)
		return
	}
	const n = 4096
	var before, after runtime.MemStats
	var started, wg sync.WaitGroup
	stop := make(chan struct{})
	runtime.ReadMemStats(&before)
	started.Add(n)
	for range n {
		wg.Go(func() {
			started.Done()
			<-stop
		})
	}
	started.Wait()
	runtime.ReadMemStats(&after)
	close(stop)
	wg.Wait()

	stack := (after.StackInuse - before.StackInuse) / n
	assert.Equal(t, firstStackSize(), startingStackSize())
	assert.InEpsilon(t, firstStackSize(), stack, 0.1)
	assert.Less(t, (after.HeapAlloc-before.HeapAlloc)/n, uint64(1<<10))
}

// A new goroutine starts with a stack as big as the average that the last
// garbage collection found in use, rounded up to a power of two, since
// Go 1.19. So if all handlers of a server need 20 KiB, new ones start with
// 32 KiB and do not have to grow. If one goroutine of a hundred is that deep,
// the average stays low and new ones start with 2 KiB, or 8 KiB on Windows.
// GODEBUG=adaptivestackstart=0 brings the fixed size back.
//
//claim:ask Does every goroutine start with a stack of 2 KiB?
//claim:source https://go.dev/doc/go1.19#runtime
//claim:source runtime/stack.go
func TestAdaptiveStack(t *testing.T) {
	if proof.RaceEnabled {
		t.Skip("the race detector makes frames bigger")
	}
	if proof.InChild(t) {
		fmt.Println("one deep:", startingSizeAfter(1, 99))
		fmt.Println("all deep:", startingSizeAfter(100, 0))
		fmt.Println("none left:", startingSizeAfter(0, 0))
		return
	}
	first := firstStackSize()
	for _, c := range []struct {
		setting string
		all     uint64
	}{
		{"adaptivestackstart=1", 32 << 10},
		{"adaptivestackstart=0", first},
	} {
		out, err := proof.Child(t, "GODEBUG="+c.setting)
		require.NoError(t, err, "%s", out)
		want := fmt.Sprintf("one deep: %d\nall deep: %d\nnone left: %d\n", first, c.all, first)
		assert.Contains(t, out, want, c.setting)
	}
}

// startingSizeAfter returns the size of new stacks after a collection during
// which some goroutines used 20 KiB of stack and others next to nothing.
func startingSizeAfter(deep, shallow int) uint64 {
	var started, wg sync.WaitGroup
	stop := make(chan struct{})
	wait := func() {
		started.Done()
		<-stop
	}
	started.Add(deep + shallow)
	for range deep {
		wg.Go(func() { goDown(20, wait) })
	}
	for range shallow {
		wg.Go(wait)
	}
	started.Wait()
	runtime.GC()
	close(stop)
	wg.Wait()
	return startingStackSize()
}

// Endless recursion ends the program: a stack may grow to 1 GB on 64-bit
// systems and to 250 MB on 32-bit ones, and then the runtime reports "stack
// overflow" as a fatal error. It is no panic: no recover stops it, and no
// deferred function is run. So limit the depth of a recursion yourself where
// input decides about it. debug.SetMaxStack sets the limit of the runtime.
//
//claim:ask What happens on stack overflow, and can recover catch it?
//claim:source https://pkg.go.dev/runtime/debug#SetMaxStack
//claim:source runtime/stack.go
func TestStackOverflow(t *testing.T) {
	if proof.InChild(t) {
		debug.SetMaxStack(1 << 20)
		defer fmt.Println("deferred")
		defer func() { fmt.Println("recovered", recover()) }()
		var top int64
		fmt.Println(tailCalls(&top, 1<<30))
		return
	}
	limit := debug.SetMaxStack(1 << 20)
	debug.SetMaxStack(limit)
	if bits.UintSize == 64 {
		assert.Equal(t, 1_000_000_000, limit)
	} else {
		assert.Equal(t, 250_000_000, limit)
	}
	out, err := proof.Child(t)
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	assert.Equal(t, 2, exit.ExitCode())
	assert.Contains(t, out, "runtime: goroutine stack exceeds 1048576-byte limit\n")
	assert.Contains(t, out, "fatal error: stack overflow\n")
	assert.NotContains(t, out, "recovered")
	assert.NotContains(t, out, "deferred")
}

// The first deep call of a new goroutine takes more than 4 times as long as the
// same call in one that has been that deep before, because the stack has to
// grow on the way. More than half of the time goes into moving it: at each
// move the runtime visits every frame, looks up where it has pointers and
// adjusts them. A call that fits into the first stack shows no such
// difference. This speaks for worker goroutines where the work needs deep
// stacks, although a worker that waits for long loses its stack to the garbage
// collector (see StackShrinks).
//
//claim:ask Why can a new goroutine per request be slower than a pool of workers?
//claim:expect ns/op of=fresh,n=1000 > 4x of=warm,n=1000
//claim:expect ns/op of=fresh,n=10 < 3x of=warm,n=10
//claim:profile cpu of=fresh,n=1000 runtime\.copystack >= 50%
//claim:source runtime/stack.go
func BenchmarkFreshStack(b *testing.B) {
	for _, n := range []int64{10, 1000} {
		b.Run(fmt.Sprintf("of=fresh/n=%d", n), func(b *testing.B) {
			sums := make(chan int64)
			for b.Loop() {
				go func() { sums <- deepSum(n) }()
				<-sums
			}
		})
		b.Run(fmt.Sprintf("of=warm/n=%d", n), func(b *testing.B) {
			depths, sums := make(chan int64), make(chan int64)
			go func() {
				for n := range depths {
					sums <- deepSum(n)
				}
			}()
			for b.Loop() {
				depths <- n
				<-sums
			}
			close(depths)
		})
	}
}

func TestFreshStack(t *testing.T) {
	assert.Equal(t, int64(500_500), onNewStack(func() int64 { return deepSum(1000) }))
}
