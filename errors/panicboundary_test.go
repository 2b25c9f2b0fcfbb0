package errors

import (
	"errors"
	"io"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/go-deep-dive/godeep/internal/proof"
)

var errPanicboundary = errors.New("no such job")

// Call the foreign function under a deferred recover, put the panic value and
// debug.Stack into an error, and set a named result; [Guard] does this. The
// stack must be taken in the deferred function, where the frames of the panic
// still are. Unwrap gives the panic value if it is an error, so errors.As still
// finds a runtime.Error in it. An ordinary error passes unchanged. Recover only
// at such a boundary, and report what comes out: the code behind it has a bug.
//
//claim:ask How do I convert a panic to an error at a boundary, with the stack of the panic?
//claim:source https://go.dev/ref/spec#Handling_panics
//claim:source https://pkg.go.dev/runtime/debug#Stack
func TestPanicBoundaryGuard(t *testing.T) {
	require.NoError(t, Guard(func() error { return nil }))
	require.Equal(t, io.EOF, Guard(func() error { return io.EOF }), "as it is")

	err := Guard(func() error { recoverrulesFail(); return nil })
	var panicked *PanicError
	require.ErrorAs(t, err, &panicked)
	require.Equal(t, "p", panicked.Value)
	require.EqualError(t, err, "panic: p")
	require.NoError(t, panicked.Unwrap())
	_, below, found := strings.Cut(string(panicked.Stack), "\npanic(")
	require.True(t, found)
	require.Contains(t, below, "errors.recoverrulesFail(")

	var null *runtimeerrPair
	err = Guard(func() error { null.a++; return nil })
	var fault runtime.Error
	require.ErrorAs(t, err, &fault)
	require.ErrorIs(t, Guard(func() error { panic(errPanicboundary) }), errPanicboundary)
	require.ErrorAs(t, Guard(nil), &fault)
}

// Goexit goes on, the panic(nil) of old programs is still an error, and the
// panic of another goroutine still ends the program. Guard cannot return after
// runtime.Goexit, because nothing can stop it. With GODEBUG=panicnil=1 recover
// returns nil for a panic that it has stopped; a flag that the body sets last
// tells that from a return. Without the flag Guard would return nil, a success
// that was none.
//
//claim:ask Which ends of a function does a helper based on recover miss?
//claim:source https://pkg.go.dev/runtime#Goexit
//claim:source https://pkg.go.dev/runtime#PanicNilError
func TestPanicBoundaryEnds(t *testing.T) {
	after := false
	goexitWait(func() {
		_ = Guard(func() error { runtime.Goexit(); return nil })
		after = true
	})
	require.False(t, after)

	var nilError *runtime.PanicNilError
	require.ErrorAs(t, Guard(func() error { panic(nil) }), &nilError)
	t.Setenv("GODEBUG", "panicnil=1")
	err := Guard(func() error { panic(nil) })
	var panicked *PanicError
	require.ErrorAs(t, err, &panicked)
	require.Nil(t, panicked.Value)
	require.EqualError(t, err, "panic: <nil>")
}

// Inside one package, yes, if it never leaves it: a recursive parser can panic
// with a type that is not exported, and its only exported function recovers
// that type, returns the error in it, and raises everything else again. The
// callers see an ordinary error, a bug of the parser stays a panic. It saves an
// if err != nil in each of many small functions. The price is a control flow
// that the signatures do not show.
//
//claim:ask Is it all right to use panic and recover inside a package, as a parser does?
//claim:source https://go.dev/doc/effective_go#recover
//claim:source https://go.dev/wiki/PanicAndRecover
func TestPanicBoundaryParser(t *testing.T) {
	sum, err := panicboundarySum("(1(2 3)(4))")
	require.NoError(t, err)
	require.Equal(t, 10, sum)
	for text, want := range map[string]string{
		"":      "offset 0: unexpected end",
		"x":     "offset 1: want (",
		"(1(2":  "offset 4: unexpected end",
		"(1 a)": `offset 4: unexpected 'a'`,
	} {
		sum, err := panicboundarySum(text)
		require.EqualError(t, err, want, text)
		require.Zero(t, sum)
	}
	bug := panicvalueOf(func() {
		var p *panicboundaryParser
		_, _ = panicboundaryParse(p.group)
	})
	require.Implements(t, (*runtime.Error)(nil), bug, "passes the boundary")
}

// No. After a panic nobody knows which invariants hold, and a recover in each
// function hides the bug, loses the results and makes wrong data look right:
// here the second half of a pair of changes is missing, and every later reader
// sees that. Recover where the damage is thrown away together with the work,
// such as one request or one job with its own data, and let the program crash
// if shared state may be broken. A change that is prepared in a copy and stored
// at the end survives a panic.
//
//claim:ask Should a server recover from every panic, to be robust?
//claim:source https://go.dev/wiki/CodeReviewComments#dont-panic
func TestPanicBoundaryShared(t *testing.T) {
	type index struct {
		names []string
		byKey map[string]int
	}
	shared := index{byKey: map[string]int{}}
	add := func(key string, check func()) {
		shared.names = append(shared.names, key)
		check()
		shared.byKey[key] = len(shared.names) - 1
	}
	require.Error(t, Guard(func() error { add("a", func() { panic("bug") }); return nil }))
	require.NoError(t, Guard(func() error { add("b", func() {}); return nil }))
	require.Len(t, shared.names, 2)
	require.Len(t, shared.byKey, 1, "the two halves differ for ever")

	// A copy that is published only at the end is thrown away by the panic.
	current := index{byKey: map[string]int{}}
	replace := func(key string, check func()) {
		next := index{names: append(current.names[:len(current.names):len(current.names)], key), byKey: map[string]int{}}
		check()
		for i, name := range next.names {
			next.byKey[name] = i
		}
		current = next
	}
	require.Error(t, Guard(func() error { replace("a", func() { panic("bug") }); return nil }))
	require.Empty(t, current.names)
}

// Each goroutine needs its own: start it with a function whose first statement
// defers a recover, or run the work through [Guard], and send the error to
// whoever waits. Nobody outside can do it, neither main nor the starter. With
// WaitGroup.Go and a slice of errors, one per goroutine, the caller gets every
// failure, and a panic is one of them.
//
//claim:ask What is the pattern to start goroutines whose panics come back as errors?
//claim:source https://pkg.go.dev/sync#WaitGroup.Go
func TestPanicBoundaryGoroutines(t *testing.T) {
	all := func(jobs ...func() error) error {
		failures := make([]error, len(jobs))
		var wg sync.WaitGroup
		for i, job := range jobs {
			wg.Go(func() { failures[i] = Guard(job) })
		}
		wg.Wait()
		return errors.Join(failures...)
	}
	err := all(
		func() error { return nil },
		func() error { panic("job 2") },
		func() error { return errPanicboundary },
	)
	require.EqualError(t, err, "panic: job 2\nno such job")
	require.ErrorIs(t, err, errPanicboundary)
	require.NoError(t, all())
}

// A test that panics ends the whole test binary: the other tests of the package
// do not run. To expect a panic, recover it in a helper on the goroutine of the
// test, or use require.Panics, PanicsWithValue or PanicsWithError. Check the
// value, or any other mistake, such as a nil dereference on the way, passes as
// the expected panic. A panic in another goroutine, a fatal error and os.Exit
// need a process of their own.
//
//claim:ask How do I test that a function panics?
//claim:source https://pkg.go.dev/testing
func TestPanicBoundaryTesting(t *testing.T) {
	divide := func(a, b int, weights []int) int {
		if b == 0 {
			panic("divide: b is 0")
		}
		return a / b * weights[0]
	}
	require.PanicsWithValue(t, "divide: b is 0", func() { divide(1, 0, nil) })
	require.Panics(t, func() { divide(1, 1, nil) }, "the wrong panic, and Panics is content")
	require.PanicsWithError(t, "runtime error: index out of range [0] with length 0", func() { divide(1, 1, nil) })
	require.NotPanics(t, func() { divide(1, 1, []int{1}) })

	if proof.InChild(t) {
		go panic("in another goroutine")
		<-make(chan bool)
	}
	proof.OnceUnderRace(t)
	out, err := proof.Child(t)
	require.Error(t, err)
	require.Contains(t, out, "panic: in another goroutine")
}

func TestPanicBoundaryDeep(t *testing.T) {
	for _, depth := range []int{0, 3, 100} {
		require.Equal(t, errPanicboundary, panicboundaryDeepError(depth, errPanicboundary))
		require.Equal(t, errPanicboundary, panicboundaryDeepRecover(depth, errPanicboundary))
		require.ErrorIs(t, panicboundaryDeepGuard(depth, errPanicboundary), errPanicboundary)
	}
}

// A panic that is recovered 256 calls further up takes more than 8 times as
// long as one 4 calls up, because the runtime walks up frame by frame and
// decodes each from tables, to look for deferred calls. An error goes back
// through the same frames with one comparison each: more than 5 times as fast
// at 256 calls. Taking debug.Stack in the deferred function costs more than 10
// times the panic itself, so Guard is for the rare case and not for control
// flow.
//
//claim:ask How does the cost of panic and recover depend on the depth, and what does a stack trace add?
//claim:expect ns/op of=panic,depth=256 > 8x of=panic,depth=4
//claim:expect ns/op of=panic,depth=256 > 5x of=error,depth=256
//claim:expect ns/op of=guard,depth=4 > 10x of=panic,depth=4
//claim:source runtime/panic.go
func BenchmarkPanicBoundaryDepth(b *testing.B) {
	run := func(name string, depth int, f func(int, error) error) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = f(depth, errPanicboundary)
			}
		})
	}
	run("of=error/depth=256", 256, panicboundaryDeepError)
	run("of=panic/depth=4", 4, panicboundaryDeepRecover)
	run("of=panic/depth=256", 256, panicboundaryDeepRecover)
	run("of=guard/depth=4", 4, panicboundaryDeepGuard)
}
